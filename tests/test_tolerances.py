"""Tolerances of the tests: helpers/relative.py is in the place of pytest.approx."""

from __future__ import annotations

import pytest

SMALL, ZERO = 1e-17, 0.0


def test_a_small_number_differs_from_other_small_numbers() -> None:
    assert pytest.approx(2e-17) != SMALL
    assert pytest.approx(2e-17, rel=1e-3) != SMALL
    assert pytest.approx([1.0, 2e-17], rel=1e-3) != [1.0, SMALL]
    assert pytest.approx(1.0009e-17, rel=1e-3) == SMALL


def test_an_absolute_tolerance_is_the_one_that_is_given() -> None:
    assert pytest.approx(ZERO) == ZERO
    assert pytest.approx(ZERO) != 1e-13
    assert pytest.approx(ZERO, abs=1e-12) == 1e-13

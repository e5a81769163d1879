"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest

from darklat.physics.numerals import plain, size


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0, 3, "0"), (1.0, 4, "1"), (0.01234, 3, "0.0123"), (1.23e-17, 3, "1.23e-17"),
        (999.6, 3, "1000"), (1234.0, 3, "1230"), (180.0, 2, "180"), (-45678.0, 4, "-45680"),
        (9.994e6, 3, "9990000"), (1.25e7, 3, "1.25e7"), (3e300, 2, "3e300"),
        (math.inf, 3, "inf"), (math.nan, 3, "nan"),
    ],
)  # fmt: skip
def test_no_exponent_that_people_count_in(value: float, digits: int, text: str) -> None:
    assert plain(value, digits) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (512, "512 bytes"), (1000, "0.977 KiB"), (3 * 2**20, "3 MiB"),
     (999 * 2**30, "999 GiB"), (1200 * 2**30, "1.17 TiB"), (2**60, "1020 PiB")],
)  # fmt: skip
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text

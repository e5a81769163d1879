"""Histories of the plasma: their limits, the interpolation of tables, and tables that are wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darklat.physics import proca

ROWS = np.geomspace(1e-3, 20, 200)


def test_constant() -> None:
    history, a = proca.constant(omega_p=3.0, nu=0.2), np.array([[0.1, 1.0], [2.0, 3.0]])
    np.testing.assert_array_equal(history.omega_p(a), np.full((2, 2), 3.0))
    np.testing.assert_array_equal(history.nu(a), np.full((2, 2), 0.2))


def test_screening_has_the_stages_of_figure_16() -> None:
    history = proca.screening()
    omega_p = lambda a: float(history.omega_p(np.array(a)))  # noqa: E731
    assert omega_p(2e-3) == 0  # exp(-5^8/2) underflows
    # After the cascade omega_p follows H = a^-2; the other term is (400/3417)^2 of it here.
    assert omega_p(0.02) * 0.02**2 == pytest.approx(1, abs=0.05)
    # At a_plasma both terms are 400^2.
    assert omega_p(0.05) == pytest.approx(400 * math.sqrt(2), rel=1e-5)
    # Late, a^(-2/3); H^2 is a share (20)^(-8/3) at a = 1.
    assert omega_p(8.0) / omega_p(1.0) == pytest.approx(8 ** (-2 / 3), rel=1e-3)
    a = np.array([0.02, 1.0])
    np.testing.assert_allclose(history.nu(a), 0.3 * history.omega_p(a), rtol=1e-15)


def test_freeze_out_is_thermal_then_diluted() -> None:
    history = proca.freeze_out(a_fo=2.0, omega_fo=50.0, remaining=1e-4, nu_over_omega_p=0.1)
    a = np.array([0.02, 0.04])
    # Thermal omega_p ~ 1/a; x^2 = 4e-4 is the first correction.
    np.testing.assert_allclose(history.omega_p(a), 50 * 2 / a, rtol=4e-4)
    np.testing.assert_allclose(history.nu(a), 0.1 * 50 * 2 / a, rtol=4e-4)
    a = np.array([20.0, 80.0])
    # exp(-100) of the thermal part is left: omega_p^2 = remaining omega_fo^2 (a_fo/a)^3, no collisions.
    np.testing.assert_allclose(history.omega_p(a), 0.5 * (2 / a) ** 1.5, rtol=1e-12)
    assert np.all(history.nu(a) < 1e-20)
    assert np.all(np.diff(history.omega_p(np.geomspace(1e-3, 100, 500))) < 0)


def test_a_mode_through_freeze_out() -> None:
    history = proca.freeze_out(a_fo=0.5, omega_fo=60.0, remaining=1e-2)
    modes = proca.evolve_modes(0.3, [0.1, 0.5, 20.0], omega_p=history.omega_p, nu=history.nu)
    assert abs(modes.A[0, 0] - 1) < 1e-2 and abs(modes.A[0, 2]) < 0.1


def test_a_table_of_power_laws_is_exact() -> None:
    history = proca.from_table(
        [1e-3, 0.1, 50.0], 7 * np.array([1e-3, 0.1, 50.0]) ** -1.5, [3.0, 3.0, 3.0],
        a_start=1e-3, a_end=50.0,
    )  # fmt: skip
    a = np.geomspace(1e-3, 50, 77)
    np.testing.assert_allclose(history.omega_p(a), 7 * a**-1.5, rtol=1e-13)
    np.testing.assert_allclose(history.nu(a), 3.0, rtol=1e-13)


def test_a_table_repeats_the_history_it_was_made_of() -> None:
    smooth = proca.freeze_out(a_fo=0.5, omega_fo=20.0, remaining=1e-2)
    # With omega_p^2 alone: nu underflows, which no logarithm takes.
    table = proca.from_table(ROWS, smooth.omega_p(ROWS), a_start=1e-3, a_end=10.0)
    a = np.geomspace(0.002, 10, 50)
    # 200 rows are 5% apart: a cubic's error is (0.05)^4 f''''/384, and limited slopes cost an order
    # at the two bends.
    np.testing.assert_allclose(table.omega_p(a), smooth.omega_p(a), rtol=2e-4)
    assert np.all(table.nu(a) == 0)
    A = [proca.evolve_modes(0.4, a, omega_p=w).A[0] for w in (smooth.omega_p, table.omega_p)]
    np.testing.assert_allclose(A[0], A[1], rtol=0, atol=2e-3)


def test_a_table_never_overshoots() -> None:
    rows, values = [0.01, 0.1, 0.11, 1.0], [1.0, 1.0, 100.0, 100.0]
    history = proca.from_table(rows, values, a_start=0.01, a_end=1.0)
    found = history.omega_p(np.geomspace(0.01, 1, 1001))
    # Rounding of exp(log(100)).
    assert found.min() > 1 - 1e-13 and found.max() < 100 * (1 + 1e-13)


def test_the_rows_of_a_table_are_knots() -> None:
    history = proca.from_table(ROWS, 1 + ROWS, a_start=1e-3, a_end=20.0)
    np.testing.assert_array_equal(history.omega_p.knots, ROWS)


GOOD = {"a": [0.001, 1.0, 10.0], "omega_p": [3.0, 2.0, 1.0], "nu": [0.1, 0.1, 0.1]}
BAD = [
    ({"a": [0.001, 10.0, 1.0]}, "row 3 has 1 after 10"),
    ({"a": [0.001, 1.0, 1.0]}, "must increase strictly, but row 3"),
    ({"a": [0.0, 1.0, 10.0]}, "column a must be positive and below 1e.150, but row 1 has 0"),
    ({"omega_p": [3.0, -2.0, 1.0]}, "column omega_p must be positive and below 1e.150, but row 2"),
    ({"omega_p": [3.0, 2.0, math.nan]}, "column omega_p .* row 3"),
    ({"omega_p": [3.0, 2.0]}, "omega_p has 2 rows and column a 3"),
    ({"nu": [0.1, 0.0, 0.1]}, "column nu .* row 2 has 0.0; nu may also be zero in every row"),
    ({"nu": [0.1]}, "nu has 1 rows"),
    ({"a": [0.01, 1.0, 10.0]}, "too short: it covers a = 0.01 to 10, and 0.001 to 10 is needed"),
    ({"a": [0.001, 1.0, 9.0]}, "too short"),
    ({"a": [[0.001, 1.0, 10.0]]}, "column a must be a list"),
    ({"a": [1.0], "omega_p": [1.0], "nu": [1.0]}, "two or more rows"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_bad_tables_are_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        proca.from_table(**{**GOOD, **change}, a_start=0.001, a_end=10.0)


def test_a_table_is_not_extended() -> None:
    history = proca.from_table(**GOOD, a_start=0.001, a_end=10.0)
    with pytest.raises(ValueError, match=r"table of omega_p is too short: .* not 11"):
        history.omega_p(np.array([1.0, 11.0]))
    with pytest.raises(ValueError, match="too short"):
        proca.evolve_modes(1.0, [1.0, 11.0], omega_p=history.omega_p)


def test_bad_parameters_are_refused() -> None:
    for make, message in [
        (lambda: proca.constant(omega_p=-1.0), "omega_p must be finite and not below 0"),
        (lambda: proca.constant(omega_p=1.0, nu=math.inf), "nu must be finite"),
        (lambda: proca.screening(a_cascade=0.0), "a_cascade must be positive"),
        (lambda: proca.screening(nu_over_omega_p=-0.1), "nu_over_omega_p"),
        (lambda: proca.freeze_out(a_fo=-1.0, omega_fo=1.0), "a_fo must be positive"),
        (lambda: proca.freeze_out(a_fo=1.0, omega_fo=1.0, remaining=2.0), "remaining"),
    ]:
        with pytest.raises(ValueError, match=message):
            make()

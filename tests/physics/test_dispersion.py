"""Waves in the cold plasma with collisions: Eqs. C.3, C.4 and Table 1 of Arvanitaki et al. (2021)."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest

from darklat.physics.waves.dispersion import (
    FAST,
    FAST_PARTNER,
    RELAXATION,
    SLOW,
    SLOW_PARTNER,
    WAVE,
    WAVE_PARTNER,
    dispersion,
    transverse_dispersion,
)
from darklat.physics.waves.warm_limits import (
    Wave,
    damping_of_light_like_wave,
    exact_wave,
    long_waves,
    slow_overdamped,
)

RNG = np.random.default_rng(20)


def orders(errors: list[float], steps: list[float]) -> np.ndarray:
    return np.diff(np.log(errors)) / np.diff(np.log(steps))


def longitudinal_terms(omega, k, *, omega_p, mass, nu):
    """The terms of Eq. C.4 times omega (omega + 2i nu), whose sum is zero."""
    w, k = omega, np.asarray(k)[..., None]
    terms = [w**4, 2j * nu * w**3, -(k**2 + mass**2 + omega_p**2) * w**2]
    return np.stack(
        np.broadcast_arrays(*terms, -2j * nu * (k**2 + mass**2) * w, omega_p**2 * k**2 + 0 * w)
    )


def relative(terms) -> float:
    """Largest |sum| over the sum of magnitudes."""
    size = np.abs(terms).sum(axis=0)
    return float(np.max(np.abs(terms.sum(axis=0)) / np.where(size > 0, size, 1.0)))


def draws(n: int) -> list[tuple[np.ndarray, dict[str, float]]]:
    """Parameters over six decades; k around them, unsorted, with zero."""
    found = []
    for _ in range(n):
        omega_p, mass, nu = 10 ** RNG.uniform(-3, 3, 3)
        k = np.append(RNG.permutation(10 ** RNG.uniform(-4, 4, 12)), 0.0)
        found.append((k, {"omega_p": float(omega_p), "mass": float(mass), "nu": float(nu)}))
    return found


PARAMETERS = draws(25)


@pytest.fixture(scope="module")
def longitudinal() -> list[np.ndarray]:
    return [dispersion(k, **values) for k, values in PARAMETERS]


def test_longitudinal_roots_satisfy_the_equation_to_rounding(longitudinal) -> None:
    # Backward error of a polynomial with five terms after Newton: a few 1e-16; 20 for margin.
    for (k, values), roots in zip(PARAMETERS, longitudinal, strict=True):
        assert roots.shape == (13, 4)
        assert relative(longitudinal_terms(roots, k, **values)) < 2e-14


def test_transverse_roots_satisfy_the_equation_to_rounding() -> None:
    for k, values in PARAMETERS:
        w, q = transverse_dispersion(k, **values), k[:, None]
        mu2, nu = q**2 + values["mass"] ** 2, values["nu"]
        terms = [w**3, 2j * nu * w**2, -(mu2 + values["omega_p"] ** 2) * w, -2j * nu * mu2 + 0 * w]
        assert relative(np.stack(terms)) < 2e-14


def test_no_root_twice_and_none_grows(longitudinal) -> None:
    # Vieta, with magnitudes over many decades: sum -2i nu and product omega_p^2 k^2, to rounding of
    # the largest root and of each root.
    for (k, values), roots in zip(PARAMETERS, longitudinal, strict=True):
        largest = np.abs(roots).max(axis=1)
        assert np.all(np.abs(roots.sum(axis=1) + 2j * values["nu"]) < 1e-13 * largest)
        product = values["omega_p"] ** 2 * k**2
        np.testing.assert_allclose(np.prod(roots, axis=1), product, rtol=1e-6, atol=1e-300)
        assert np.all(roots.imag <= 1e-13 * largest[:, None])


def test_without_collisions_closed_forms_and_small_k() -> None:
    k = np.array([0.0, 1e-8, 0.3, 1.0, 50.0])
    roots = dispersion(k, omega_p=1.0, mass=0.3)
    assert np.all(roots.imag == 0)
    assert np.all(roots[:, SLOW] == -roots[:, SLOW_PARTNER])
    assert np.all(roots[:, FAST] == -roots[:, FAST_PARTNER])
    assert relative(longitudinal_terms(roots, k, omega_p=1.0, mass=0.3, nu=0.0)) < 2e-15
    # The slow root at small k keeps its digits: omega_p k/W (1 + O(k^2)).
    assert roots[1, SLOW].real == pytest.approx(1e-8 / math.hypot(1, 0.3), rel=4e-16)


def test_near_degeneracy_of_the_branches_does_not_cancel() -> None:
    # At k = omega_p the branches are m apart: omega^2 = (2 + m^2 -+ m sqrt(4 + m^2))/2 for omega_p = 1.
    m = 1e-6
    slow, fast = dispersion(1.0, omega_p=1.0, mass=m).real[:2]
    assert fast - slow == pytest.approx(m, rel=1e-9)  # eps/m = 2e-10


def test_branches_stay_below_and_above_omega_p_and_the_light_cone() -> None:
    k = np.geomspace(1e-3, 1e3, 200)
    for mass in (0.3, 1.5):
        slow, fast = dispersion(k, omega_p=1.0, mass=mass).real.T[:2]
        assert np.all(slow < np.minimum(k, 1.0)) and np.all(fast > np.maximum(k, 1.0))
    # Fig. 13: asymptotes; corrections -m^2/(2k^2) and m^2/(2k^2), read at k = 1000 for m = 1.5.
    assert slow[-1] - 1 == pytest.approx(-(1.5**2) / 2e6, rel=1e-4)
    assert fast[-1] / 1e3 - 1 == pytest.approx(1.5**2 / 2e6, rel=1e-4)


# ---- Continuity, and that a column does not depend on what else is asked for ----


@pytest.mark.parametrize("nu", [0.02, 0.7, 1.2, 3.0, 30.0])
@pytest.mark.parametrize("mass", [0.05, 0.3, 2.0])
def test_columns_are_continuous(mass: float, nu: float) -> None:
    # A step of h moves a root by about h at most, and by sqrt(h) where two meet: 601 points over
    # ten e-folds are h = 0.017, sqrt(h) = 0.13. A swap of two roots would show as their distance.
    k = np.geomspace(1e-3, 30, 601)
    for columns in (dispersion, transverse_dispersion):
        roots = columns(k, omega_p=1.0, mass=mass, nu=nu)
        scale = np.maximum(np.abs(roots[1:]), np.abs(roots[:-1]))
        assert np.max(np.abs(np.diff(roots, axis=0)) / scale) < 0.3


def test_a_column_depends_on_its_own_k_only() -> None:
    for values in ({"mass": 0.3, "nu": 0.9}, {"mass": 0.05, "nu": 3.0}):
        k = np.array([0.01, 0.2, 1.3, 8.0])
        together = dispersion(k, omega_p=1.0, **values)
        for q, row in zip(k, together, strict=True):
            # The same roots by another path: the polishing stops within rounding.
            np.testing.assert_allclose(dispersion(q, omega_p=1.0, **values), row, rtol=1e-12)
    order = [2, 0, 3, 1]
    np.testing.assert_array_equal(dispersion(k[order], omega_p=1.0, **values), together[order])


def test_at_rest_both_polarisations_agree() -> None:
    for _, values in PARAMETERS:
        along, across = dispersion(0.0, **values), transverse_dispersion(0.0, **values)
        assert along[SLOW] == 0
        for one, other in ((SLOW_PARTNER, RELAXATION), (FAST, WAVE), (FAST_PARTNER, WAVE_PARTNER)):
            assert along[one] == across[other]


def test_weak_collisions_tend_to_none() -> None:
    k = np.array([0.1, 1.0, 3.0])
    free = dispersion(k, omega_p=1.0, mass=0.3)
    errors = [
        float(np.max(np.abs(dispersion(k, omega_p=1.0, mass=0.3, nu=nu).real - free.real)))
        for nu in (1e-2, 1e-3)
    ]
    # First order in nu is imaginary: the real parts move by nu^2.
    assert orders(errors, [1e-2, 1e-3]) == pytest.approx([2.0], abs=0.05)
    free_t = transverse_dispersion(k, omega_p=1.0, mass=0.3, nu=1e-9)
    np.testing.assert_allclose(free_t[:, WAVE].real, np.sqrt(k**2 + 1.09), rtol=1e-15)


def test_massless_photon() -> None:
    k = np.array([0.0, 0.5, 2.0])
    for nu in (0.3, 3.0):
        roots = dispersion(k, omega_p=1.0, mass=0.0, nu=nu)
        np.testing.assert_array_equal(roots[:, SLOW], k)  # pure gauge
        w = roots[:, [FAST, FAST_PARTNER]]
        np.testing.assert_allclose(w * (w + 2j * nu), 1.0, rtol=1e-14)
    # The limit m -> 0 of the general roots; the gauge mode moves by m^2.
    general = dispersion(0.5, omega_p=1.0, mass=1e-7, nu=0.3)
    massless = dispersion(0.5, omega_p=1.0, mass=0.0, nu=0.3)
    for root in massless:
        assert np.min(np.abs(general - root)) < 1e-12


def test_vacuum_is_the_limit_without_plasma() -> None:
    roots = dispersion([0.0, 0.4], omega_p=0.0, mass=0.3)
    np.testing.assert_allclose(roots[:, FAST], np.hypot(0.3, [0.0, 0.4]), rtol=1e-15)
    np.testing.assert_array_equal(roots[:, SLOW], 0)


# ---- Table 1 ----


def errors_of_table(quantity: str, which: int, scales: list[float]) -> list[float]:
    found = []
    for q in scales:
        column = (SLOW, FAST)[which]
        omega = complex(dispersion(q, omega_p=2.0, mass=0.7)[column])
        exact = exact_wave(omega, q, omega_p=2.0, mass=0.7)
        table = long_waves(q, omega_p=2.0, mass=0.7)[which]
        found.append(abs(getattr(table, quantity) / getattr(exact, quantity) - 1))
    return found


@pytest.mark.parametrize("which", [0, 1], ids=["slow", "fast"])
@pytest.mark.parametrize(
    "quantity",
    [field.name for field in fields(Wave)],
)
def test_table_1_is_the_leading_order_in_k(quantity: str, which: int) -> None:
    scales = [0.04, 0.02, 0.01]
    errors = errors_of_table(quantity, which, scales)
    # Corrections are even in k. They are above 1e-6 here, and rounding below 1e-11.
    np.testing.assert_allclose(orders(errors, scales), 2.0, atol=0.02)


def test_slip_signs_of_the_slow_currents_of_table_1() -> None:
    """Slip: the slow J is +m^2 A and J_0 is -(W/omega_p) m^2 A: the table has both signs reversed."""
    omega = complex(dispersion(1e-3, omega_p=2.0, mass=0.7)[SLOW])
    wave = exact_wave(omega, 1e-3, omega_p=2.0, mass=0.7)
    W = math.hypot(2.0, 0.7)
    assert wave.current == pytest.approx(+0.49, rel=1e-6)
    assert wave.charge == pytest.approx(-0.49 * W / 2.0, rel=1e-6)
    # The fluid's equation of motion, -i omega J = -omega_p^2 F_03, has the same J: not only C.1.
    assert wave.current == pytest.approx(4.0 * wave.electric / (1j * omega), rel=1e-9)
    # The fast column is right as printed.
    omega = complex(dispersion(1e-3, omega_p=2.0, mass=0.7)[FAST])
    fast = exact_wave(omega, 1e-3, omega_p=2.0, mass=0.7)
    assert fast.current == pytest.approx(-4.0, rel=1e-6)
    assert fast.charge == pytest.approx(1e-3 / W * 4.0, rel=1e-6)


def test_slip_the_mass_term_of_table_1() -> None:
    """Slip: rho_A is m^2 (|A|^2 + |A_0|^2)/2. Standing waves conserve energy only with A_0.

    A_3, J_3 go as cos(omega t) when A_0, E go as sin: the energies at the two phases are equal.
    """
    for k in (1e-3, 0.5, 3.0):
        for column in (SLOW, FAST):
            omega = complex(dispersion(k, omega_p=2.0, mass=0.7)[column])
            wave = exact_wave(omega, k, omega_p=2.0, mass=0.7)
            cosine = 1 + wave.kinetic_energy
            sine = wave.electric_energy + wave.scalar_energy
            # Exact; omega^2 - k^2 loses up to 1e-6 of its digits at k = 1e-3 (fast) and 3.
            assert cosine == pytest.approx(sine, rel=1e-9)
    slow = long_waves(1e-3, omega_p=2.0, mass=0.7)[0]
    # Without A_0 only the electric energy, k^2 small, would balance 1 + m^2/omega_p^2.
    assert slow.scalar_energy == pytest.approx(1 + slow.kinetic_energy, rel=1e-14)
    assert slow.electric_energy < 1e-7
    # With m^2 |A|^2 in place of the half, the ratio E^2/2/rho_A would be half the table's.
    assert slow.electric_energy == pytest.approx((1e-3 / 2) ** 2 * 0.49 / (4 + 0.49), rel=1e-14)


def test_damping_rates_of_table_1() -> None:
    # Corrections of order nu^2 k^-2 for the slow wave, k^2 and nu^2 for the fast one.
    k, errors_slow, errors_fast = 0.05, [], []
    for nu in (1e-3, 5e-4):
        roots = dispersion(k, omega_p=1.0, mass=0.3, nu=nu)
        slow, fast = long_waves(k, omega_p=1.0, mass=0.3, nu=nu)
        errors_slow.append(abs(slow.frequency.imag / roots[SLOW].imag - 1))
        errors_fast.append(abs(fast.frequency.imag / roots[FAST].imag - 1))
    assert max(errors_slow) < 0.01 and max(errors_fast) < 0.01  # k^2/W^2 = 2e-3 times order 1


def test_slip_condition_of_the_slow_column_of_table_1() -> None:
    """Slip: the slow column needs nu << k omega_p W/m^2, not nu < omega_p.

    At nu = omega_p/50 with k far below m^2/W it is overdamped, and the roots are the pair
    -2i nu m^2/W^2 and -i omega_p^2 k^2/(2 nu m^2).
    """
    values = {"omega_p": 1.0, "mass": 0.3, "nu": 0.02}
    edge = values["nu"] * 0.09 / math.hypot(1.0, 0.3)  # k at which nu = k omega_p W/m^2
    scales = [edge / 20, edge / 40, edge / 80]
    errors = []
    for k in scales:
        roots = dispersion(k, **values)
        slower, faster = slow_overdamped(k, **values)
        assert roots[SLOW].real == roots[SLOW_PARTNER].real == 0
        errors.append(abs(roots[SLOW] / slower - 1))
        # The other is correct to order (nu/omega_p)^2 and (k/edge)^2.
        assert roots[SLOW_PARTNER] == pytest.approx(faster, rel=0.01)
        assert roots[SLOW].imag / long_waves(k, **values)[0].frequency.imag < 0.01
    np.testing.assert_allclose(orders(errors, scales), 2.0, atol=0.05)
    # It oscillates beyond nu = k omega_p W/m^2, up to nu^2.
    assert dispersion(0.99 * edge, **values)[SLOW].real == 0
    assert dispersion(1.01 * edge, **values)[SLOW].real > 0


def test_strong_collisions_of_long_waves() -> None:
    """App. C.1: for nu >> omega_p a vacuum-like pair, -2i nu and -i omega_p^2 k^2/(2 nu m^2)."""
    k, errors = 1e-3, []
    for nu in (50.0, 100.0):
        roots = dispersion(k, omega_p=1.0, mass=0.3, nu=nu)
        slower, _ = slow_overdamped(k, omega_p=1.0, mass=0.3, nu=nu)
        # Relative corrections: (k/m)^2 = 1e-5 and (m/nu)^2.
        assert roots[SLOW] == pytest.approx(slower, rel=3e-5)
        assert roots[FAST].real == pytest.approx(math.hypot(0.3, k), rel=1e-3)
        errors.append(abs(roots[SLOW_PARTNER] / (-2j * nu) - 1))
    # -2i nu (1 - omega_p^2/(4 nu^2))
    np.testing.assert_allclose(orders(errors, [50.0, 100.0]), -2.0, atol=0.01)


def test_damping_of_the_slow_wave_above_m_has_a_maximum() -> None:
    """App. C.1, omega_p >> k >> m: largest damping (m^2/4k) omega_p^2/(omega_p^2 - k^2)."""
    k, mass = 0.2, 1e-3
    best = 0.5 / k - k / 2
    for nu in (0.1 * best, best, 10 * best):
        root = dispersion(k, omega_p=1.0, mass=mass, nu=nu)[SLOW]
        value = damping_of_light_like_wave(k, omega_p=1.0, mass=mass, nu=nu)
        # First order in m^2/k^2 = 2.5e-5.
        assert root.imag == pytest.approx(value, rel=1e-4)
    peak = damping_of_light_like_wave(k, omega_p=1.0, mass=mass, nu=best)
    assert peak == pytest.approx(-(mass**2) / (4 * k) / (1 - k**2), rel=1e-14)
    others = [
        damping_of_light_like_wave(k, omega_p=1.0, mass=mass, nu=best * f) for f in (0.9, 1.1)
    ]
    assert peak < min(others)


def test_heavy_photon() -> None:
    """App. C.1, m >> omega_p >> k: fast damping -omega_p^2 nu/(m^2 + 4 nu^2) for any nu."""
    for nu in (0.01, 0.5, 20.0):
        root = dispersion(1e-5, omega_p=1e-3, mass=1.0, nu=nu)[FAST]
        # First order in omega_p^2/m^2 = 1e-6.
        assert root.imag == pytest.approx(-1e-6 * nu / (1 + 4 * nu**2), rel=1e-5)
    slow = dispersion(1e-5, omega_p=1e-3, mass=1.0)[SLOW].real
    assert slow == pytest.approx(1e-8, rel=1e-6)  # omega_p k/m, corrections omega_p^2/2m^2


@pytest.mark.parametrize("solve", [dispersion, transverse_dispersion])
def test_bad_input_is_refused(solve) -> None:
    with pytest.raises(ValueError, match="not negative"):
        solve([-1.0], omega_p=1.0, mass=1.0)
    with pytest.raises(ValueError, match="finite"):
        solve([np.inf], omega_p=1.0, mass=1.0)
    with pytest.raises(ValueError, match="mass must be"):
        solve(1.0, omega_p=1.0, mass=-1.0)
    with pytest.raises(ValueError, match="omega_p must be"):
        solve(1.0, omega_p=math.nan, mass=1.0)
    with pytest.raises(ValueError, match="without a plasma"):
        solve(1.0, omega_p=0.0, mass=1.0, nu=0.1)
    with pytest.raises(ValueError, match="both zero"):
        solve(1.0, omega_p=0.0, mass=0.0)


def test_bad_input_of_the_closed_forms_is_refused() -> None:
    with pytest.raises(ValueError, match="k must be"):
        long_waves(0.0, omega_p=1.0, mass=1.0)
    with pytest.raises(ValueError, match="nu must be"):
        long_waves(1.0, omega_p=1.0, mass=1.0, nu=-1.0)
    with pytest.raises(ValueError, match="overdamped"):
        slow_overdamped(1.0, omega_p=1.0, mass=1.0, nu=0.0)
    with pytest.raises(ValueError, match="other than zero"):
        exact_wave(0.0, 1.0, omega_p=1.0, mass=1.0)

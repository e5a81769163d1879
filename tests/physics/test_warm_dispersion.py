"""Waves in warm plasmas: App. D of Arvanitaki et al. (2021), its limits and its slips."""

from __future__ import annotations

import cmath
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from darklat.physics.waves.dispersion import FAST, SLOW, dispersion, transverse_dispersion
from darklat.physics.waves.permittivity import (
    Juttner,
    Maxwellian,
    SingleVelocity,
    mass_ratio,
    one_speed,
    plasma_dispersion,
    typical_velocity,
)
from darklat.physics.waves.warm_dispersion import (
    fast_branch,
    landau_rate,
    slow_branch,
    transverse_branch,
)
from darklat.physics.waves.warm_limits import (
    acoustic_landau_rate,
    crossing,
    light_cone_distance,
    plasma_landau_rate,
    relativistic_landau_rate,
    warm_fast_square,
    warm_slow_square,
)


def orders(errors: list[float], steps: list[float]) -> np.ndarray:
    return np.diff(np.log(errors)) / np.diff(np.log(steps))


def quad_complex(f, low: float, high: float) -> complex:
    """To about 1e-10, the accuracy asked for."""

    def part(real: bool) -> float:
        def g(u: float) -> float:
            return complex(f(u)).real if real else complex(f(u)).imag

        return quad(g, low, high, limit=400, epsabs=1e-12, epsrel=1e-11, points=[0.0])[0]

    return complex(part(True), part(False))


# ---- Permittivities ----


def test_plasma_dispersion_function() -> None:
    # Z = pi^(-1/2) int exp(-x^2)/(x - zeta) dx above the axis.
    zeta = 0.7 + 0.4j
    direct = quad_complex(lambda x: math.exp(-(x**2)) / (x - zeta), -8, 8) / math.sqrt(math.pi)
    assert complex(plasma_dispersion(zeta)) == pytest.approx(direct, abs=1e-10)
    # Z' = -2 (1 + zeta Z), also below it; a central difference of 1e-5 is good to 1e-9.
    low = 0.7 - 0.4j
    slope = (plasma_dispersion(low + 1e-5) - plasma_dispersion(low - 1e-5)) / 2e-5
    assert complex(slope) == pytest.approx(
        -2 * (1 + low * complex(plasma_dispersion(low))), abs=1e-8
    )


@pytest.mark.parametrize("a", [0.1, 1.0, 30.0])
def test_response_of_the_relativistic_plasma(a: float) -> None:
    plasma = Juttner(1.0, a)

    def F(u: float) -> float:
        return float(plasma.distribution(math.atanh(u)).real) if abs(u) < 1 else 0.0

    assert quad(F, -1, 1, limit=400)[0] == pytest.approx(1.0, abs=1e-8)
    for zeta in (0.5 + 0.3j, 0.97 + 0.05j):
        direct = quad_complex(lambda u, z=zeta: F(u) * u / (u - z), -1, 1)
        assert plasma.response(cmath.atanh(zeta)) == pytest.approx(direct, abs=1e-8)
    # Outside the light cone, by another formula, against the limit of the general one.
    eta = math.atanh(1 / 1.3)
    near = plasma.response(complex(eta, math.pi / 2 - 1e-9))
    assert plasma.response(complex(eta, math.pi / 2)) == pytest.approx(near.real, rel=1e-8)
    assert plasma.response(complex(eta, math.pi / 2)).imag == 0


def test_a_cold_plasma_keeps_its_digits() -> None:
    """gamma - 1 in fractions, where a double of cosh(y) - 1 has lost six digits."""
    a, y = 1e6, Fraction(1, 512)
    excess = sum(y ** (2 * n) / math.factorial(2 * n) for n in range(1, 8))
    gamma, exponent = float(1 + excess), float(Fraction(10**6) * excess)
    weight = gamma**2 + 2 * gamma / a + 2 / a**2
    at_rest = 1 + 2 / a + 2 / a**2
    plasma = Juttner(1.0, a)
    ratio = plasma.distribution(float(y)) / plasma.distribution(0.0)
    assert float(ratio) == pytest.approx(math.exp(-exponent) * weight / at_rest, rel=1e-14, abs=0)
    # Below the light cone Im G = pi zeta F(zeta), which is exp(-1e5) here. The integral is 1e-6, a
    # sum of terms of either sign and of 1e-3, the thermal velocity.
    assert abs(plasma.response(0.5 + 0j).imag) < 1e-17


def test_the_distribution_is_that_of_the_momenta() -> None:
    """F(u) from Eq. D.11 against the integral over momenta of exp(-E/T) at fixed p_z/E."""
    a, u = 1.3, 0.4
    low = a / math.sqrt(1 - u**2)
    # E >= m gamma(u); pi p^2 dp (dx/du) with p = sqrt(E^2 - a^2): (1/2) E^2 dE, in units of T.
    above = quad(lambda e: e**2 * math.exp(-e) / 2, low, np.inf)[0]
    whole = quad(lambda p: p**2 * math.exp(-math.hypot(p, a)), 0, np.inf)[0]
    value = float(Juttner(1.0, a).distribution(math.atanh(u)).real)
    assert value == pytest.approx(above / whole, rel=1e-8)  # quad's


@pytest.mark.parametrize("plasma", [Maxwellian(1.0, 0.1), Juttner(1.0, 3.0)])
def test_continuation_below_the_axis_is_analytic(plasma) -> None:
    # Cauchy: the mean over a circle across the real axis is the value in the middle. 40 points on a
    # circle of radius .1 at distance .5 and more from singularities: 5^-40.
    centre = 0.3 + 0.02j
    circle = [centre + 0.1 * cmath.exp(2j * math.pi * n / 40) for n in range(40)]
    mean = sum(plasma.response(eta) for eta in circle) / 40
    # Maxwellian: exp(-z^2) varies by e^4 on it, so rounding is what counts in both.
    assert mean == pytest.approx(plasma.response(centre), abs=1e-12)


def test_static_and_fast_limits_of_permittivities() -> None:
    M = Maxwellian(2.0, 0.1)
    assert M.longitudinal(1e-9, 0.7) == pytest.approx(1 + (M.debye / 0.7) ** 2, rel=1e-7)
    errors = [abs(M.longitudinal(w, 1.0) - (1 - 4 / w**2)) for w in (4.0, 8.0)]
    # Next term 3 k^2 T/m omega_p^2/omega^4, then 15 (T/m)^2/omega^6: 1e-2 of the order at 4.
    np.testing.assert_allclose(orders(errors, [4.0, 8.0]), -4.0, atol=0.01)
    assert M.transverse(8.0, 1.0) == pytest.approx(1 - 4 / 64, rel=1e-3)


def test_one_speed_and_its_series() -> None:
    # Both forms at their border z = 5; the direct one cancels there by z^2.
    below, above = one_speed(np.array([4 - 1e-12, 4 + 1e-12]))
    assert below == pytest.approx(above, rel=1e-11)
    assert float(one_speed(1e8)) == pytest.approx(-1 / 3e16, rel=1e-7)


def test_plasma_frequencies_of_all_kinds_agree() -> None:
    # eps_L -> 1 - omega_p^2/omega^2 - <v^4>/<v^2> (3/5) omega_p^2 k^2/omega^4.
    for plasma in (Juttner(1.0, 2.0), Juttner(1.0, 0.01)):
        v = plasma.typical_velocity
        for k, tolerance in ((0.1, 2e-2), (0.02, 1e-3)):  # next term k^2
            eta = complex(math.atanh(k / 1.5), math.pi / 2)
            eps = 1 + (plasma.debye / k) ** 2 * plasma.response(eta).real
            rest = eps - 1 + 1 / 1.5**2
            assert rest == pytest.approx(-0.6 * v**2 * k**2 / 1.5**4, rel=tolerance)


# ---- v_* ----


def test_typical_velocity() -> None:
    # Eq. D.10 by quadrature (1e-8, quad's).
    a = 1.7

    def moment(weight) -> float:
        def f(p: float) -> float:
            v = p / math.hypot(p, a)
            return math.exp(-math.hypot(p, a)) * p * weight(v)

        return quad(f, 0, np.inf)[0]

    ratio = moment(lambda v: 5 / 3 * v**3 - v**5) / moment(lambda v: v - v**3 / 3)
    assert typical_velocity(a) == pytest.approx(math.sqrt(ratio), rel=1e-8)
    assert mass_ratio(typical_velocity(a)) == pytest.approx(a, rel=1e-10)
    # Cold: sqrt(5/a), corrections 1/a.
    assert typical_velocity(1e5) == pytest.approx(math.sqrt(5e-5), rel=1e-4)


def test_slip_v_star_of_hot_plasmas() -> None:
    """Slip not on lists of errata: v_* = 1 - a^2/4, not 1 - 11 a^2/16.

    <v^2> = 1 - a^2 <T^2/E^2> and <T^2/E^2> = 1/2 for massless particles, so v_*^2 = <v^4>/<v^2> is
    1 - a^2/2. The next term is a^3.
    """
    coefficients = [(1 - typical_velocity(a)) / a**2 for a in (1e-2, 1e-3, 1e-4)]
    errors = [abs(c - 0.25) for c in coefficients]
    assert errors[2] < 1e-4
    np.testing.assert_allclose(orders(errors, [1e-2, 1e-3, 1e-4]), 1.0, atol=0.15)  # a ln a


# ---- Roots ----


@pytest.mark.parametrize("plasma", [Maxwellian(1.0, 0.1), Juttner(1.0, 50.0), Juttner(1.0, 1.0)])
def test_slow_roots_satisfy_the_equation(plasma) -> None:
    mass, k = 0.3, np.array([0.01, 0.4, 1.0, 2.0]) * plasma.debye / 2
    for q, omega in zip(k, slow_branch(k, plasma=plasma, mass=mass), strict=True):
        eta = cmath.atanh(omega / q)
        terms = [q**2, plasma.debye**2 * plasma.response(eta), (mass * cmath.cosh(eta)) ** 2]
        # Newton stops at 1e-13 in eta; near the cone cosh^2 has 100 times that.
        assert abs(sum(terms)) < 1e-11 * sum(abs(t) for t in terms)
        residual = (omega**2 - q**2) * plasma.longitudinal(omega, q) - mass**2
        assert abs(residual) < 1e-10 * plasma.debye**2


def test_fast_and_transverse_roots_satisfy_the_equation() -> None:
    plasma, mass = Juttner(1.0, 1.0), 0.3
    for k in (0.01, 1.0, 20.0):
        omega = float(fast_branch(k, plasma=plasma, mass=mass))
        eps = plasma.longitudinal(omega, k)
        assert eps.imag == 0
        # omega^2 - k^2 of the rounded omega: 1e-16 k^2 over m^2.
        assert (omega**2 - k**2) * eps == pytest.approx(mass**2, rel=1e-11 * (1 + k**2))
        omega = float(transverse_branch(k, plasma=plasma, mass=mass))
        pull = -(plasma.debye**2) / 2 * plasma.across(math.atanh(k / omega))
        assert omega**2 == pytest.approx(k**2 + mass**2 + pull, rel=1e-13)


def test_a_row_does_not_depend_on_the_others() -> None:
    plasma, k = Juttner(1.0, 5.0), np.array([2.0, 0.1, 0.9])
    together = slow_branch(k, plasma=plasma, mass=0.3)
    alone = [complex(slow_branch(q, plasma=plasma, mass=0.3)) for q in k]
    np.testing.assert_allclose(together, alone, rtol=1e-11)  # Newton's 1e-13, times 100 as above


def test_single_velocity_branches() -> None:
    plasma, k = SingleVelocity(1.0, 0.7), np.array([0.05, 0.5, 1.0, 1.5, 3.0])
    slow = slow_branch(k, plasma=plasma, mass=0.3).real
    fast = fast_branch(k, plasma=plasma, mass=0.3)
    for omega in (slow, fast):
        for q, w in zip(k, omega, strict=True):
            # The logarithm near omega = v k amplifies rounding: by 1e4 for k = 3.
            assert (w**2 - q**2) * plasma.longitudinal(w, q) == pytest.approx(0.09, rel=1e-9)
    assert np.all((slow > 0.7 * k) & (slow < k)) and np.all(fast > k)
    assert slow_branch(100.0, plasma=plasma, mass=0.3).real == 0.7 * 100.0


# ---- Cold limit ----


def test_cold_limit_of_both_branches() -> None:
    """T -> 0 is Eq. C.4, with corrections of first order in T; Maxwellian and exact."""
    k, mass, temperatures = np.array([0.1, 1.0, 2.0]), 0.3, [1e-3, 2.5e-4]
    cold = dispersion(k, omega_p=1.0, mass=mass).real
    for plasma in (
        lambda T: Maxwellian(1.0, math.sqrt(T)),
        lambda T: Juttner(1.0, 1 / T),
    ):
        errors = []
        for T in temperatures:
            omega = slow_branch(k, plasma=plasma(T), mass=mass)
            # Landau's rate is below exp(-30); the rest is rounding, as slow_branch says.
            assert np.all(np.abs(omega.imag) < 1e-13 * omega.real)
            errors.append(np.abs(omega.real - cold[:, SLOW]))
        rate = np.log(errors[0] / errors[1]) / math.log(4)
        np.testing.assert_allclose(rate, 1.0, atol=0.02)  # next order k^2 T = 4e-3
    errors = []
    for T in temperatures:
        fast = fast_branch(k, plasma=Juttner(1.0, 1 / T), mass=mass)
        errors.append(np.abs(fast - cold[:, FAST]))
    np.testing.assert_allclose(np.log(errors[0] / errors[1]) / math.log(4), 1.0, atol=0.02)
    across = transverse_branch(k, plasma=Juttner(1.0, 1e6), mass=mass)
    cold_t = transverse_dispersion(k, omega_p=1.0, mass=mass).real[:, 0]
    np.testing.assert_allclose(across, cold_t, rtol=1e-6)


def test_d8a_and_d8c_at_small_k() -> None:
    v, mass = 0.02, 0.7
    debye = 1 / v
    slow = slow_branch(1e-4, plasma=Maxwellian(1.0, v), mass=mass).real ** 2
    form = float(warm_slow_square(1e-4, omega_p=1.0, mass=mass, debye=debye))
    cold = float(warm_slow_square(1e-4, omega_p=1.0, mass=mass, debye=1e12))
    # The thermal term itself to second order in T, v^2 = 4e-4 times about 10.
    assert slow - cold == pytest.approx(form - cold, rel=5e-3)
    plasma = Juttner(1.0, 1e4)
    errors = []
    for k in (0.02, 0.01):
        omega2 = float(fast_branch(k, plasma=plasma, mass=mass)) ** 2
        spread = plasma.typical_velocity**2 / 5
        form = float(warm_fast_square(k, omega_p=1.0, mass=mass, spread=spread))
        errors.append(abs(omega2 - form))
    np.testing.assert_allclose(orders(errors, [0.02, 0.01]), 4.0, atol=0.01)


def test_d9a_at_large_k() -> None:
    # omega^2 = 1 - m^2/(k^2 - 1) + 3 k^2/k_D^2 for m, omega_p << k << k_D; corrections (k/k_D)^4.
    k, mass, plasma = 8.0, 0.5, Maxwellian(1.0, 2e-3)
    omega2 = slow_branch(k, plasma=plasma, mass=mass).real ** 2
    x = (k / plasma.debye) ** 2
    assert omega2 - 1 == pytest.approx(-(mass**2) / k**2 + 3 * x, rel=0.02)  # 1/k^2 = 1/64


# ---- Landau damping ----


def test_slip_landau_term_of_d7_and_rate_d8d() -> None:
    """Slip: Eq. D.7's exponent is m_psi omega^2/(2 k^2 T), and its last term has omega/omega_p.

    As printed, with omega^3/omega_p^3 outside the bracket, it leads to D.8d's k^3/W^8, wrong by
    omega^2/omega_p^2 = k^2/W^2. The imaginary part of eps_L says which, and the complex root.
    """
    plasma = Maxwellian(1.0, 0.3)
    k, omega = 0.8, 0.75
    power = math.sqrt(math.pi / 2) * (plasma.debye / k) ** 3 * omega
    exponent = omega**2 / (2 * k**2 * 0.3**2)
    imaginary = complex(plasma.longitudinal(omega, k)).imag
    assert imaginary == pytest.approx(power * math.exp(-exponent), rel=1e-13)
    # The rate of the root at two k is proportional to k, not to k^3.
    mass, v, small = 0.8, 0.14, np.array([0.02, 0.04])
    rates = slow_branch(small, plasma=Maxwellian(1.0, v), mass=mass).imag
    assert rates[1] / rates[0] == pytest.approx(2.0, rel=0.02)
    form = acoustic_landau_rate(small, omega_p=1.0, mass=mass, debye=1 / v)
    printed = form * small**2 / (1 + mass**2) * math.exp(1.5 * mass**2 / (1 + mass**2))
    np.testing.assert_allclose(rates / form, 1.0, atol=0.25)  # 10 T/m_psi, measured below
    assert np.all(rates / printed > 300)


def test_acoustic_landau_rate_converges() -> None:
    mass, errors, speeds = 0.8, [], [0.16, 0.14, 0.12]
    for v in speeds:
        rate = slow_branch(1e-3, plasma=Maxwellian(1.0, v), mass=mass).imag
        form = float(acoustic_landau_rate(1e-3, omega_p=1.0, mass=mass, debye=1 / v))
        errors.append(abs(rate / form - 1))
    # Corrections of order T/m_psi = v^2 in the exponent's expansion.
    assert errors[-1] < 0.2
    np.testing.assert_allclose(orders(errors, speeds), 2.0, atol=0.5)


def test_slip_rate_d9b_lacks_the_thermal_shift() -> None:
    """Slip: with D.9a in the exponent the rate has exp(-3/2), as the textbook's has; D.9b has not."""
    mass, v = 0.05, 1e-3
    ratios, shares = [], [0.24, 0.21, 0.19]
    for share in shares:
        k = share / v
        rate = slow_branch(k, plasma=Maxwellian(1.0, v), mass=mass).imag
        ratios.append(rate / float(plasma_landau_rate(k, omega_p=1.0, mass=mass, debye=1 / v)))
    errors = [abs(r - 1) for r in ratios]
    # Corrections (k/k_D)^2 with a factor of about six; without exp(-3/2) the ratio would be .22.
    assert errors[-1] < 0.3 and errors[0] > errors[1] > errors[2]
    assert abs(ratios[-1] - 1) < abs(ratios[-1] * math.exp(1.5) - 1)


def test_small_damping_is_minus_im_over_slope() -> None:
    """Complex roots against -Im eps/(d Re/d omega) at the real part, the rate to first order."""
    plasma, mass = Juttner(1.0, 10.0), 0.3
    for k in (0.3, 0.9):
        omega = complex(slow_branch(k, plasma=plasma, mass=mass))

        def condition(w: float, q: float = k) -> complex:
            eta = complex(math.atanh(w / q))
            eps = 1 + (plasma.debye / q) ** 2 * plasma.response(eta)
            return eps + mass**2 / (q**2 - w**2)

        w = omega.real
        slope = (condition(w * (1 + 1e-6)) - condition(w * (1 - 1e-6))).real / (2e-6 * w)
        # Second order in the rate over the distance to the next structure: 1e-3 at k = .9.
        assert omega.imag == pytest.approx(-condition(w).imag / slope, rel=1e-2)


def test_d12b_of_the_one_speed_model() -> None:
    """Eq. D.12b, term by term as printed (its alpha by D.10), against `landau_rate`."""
    plasma, mass, k = Juttner(1.0, 5.0), 0.3, 0.9
    v, a = plasma.typical_velocity, 5.0
    omega = float(slow_branch(k, plasma=SingleVelocity(1.0, v), mass=mass).real)
    # alpha m_psi^2 from omega_p^2 = (4 alpha/pi) int f p (v - v^3/3), quad to 1e-8.
    integral = quad(
        lambda p: math.exp(-math.hypot(p, a)) * p * (u := p / math.hypot(p, a)) * (1 - u * u / 3),
        0,
        np.inf,
    )[0]
    alpha_m2 = math.pi / 4 / integral * a**2
    root = math.sqrt(k**2 - omega**2)
    tail = math.exp(-a * k / root) * ((2 + a**2) * k**2 - 2 * omega**2 + 2 * a * k * root)
    driven = math.pi * omega * v**2 / k * 2 * alpha_m2 / (3 * math.pi) * tail / (a * root) ** 2
    logarithm = math.log((omega - v * k) / (omega + v * k)) / (2 * k * v)
    per_rate = 2 * mass**2 * omega / (k**2 - omega**2) ** 2
    per_rate += 3 / (k * v) ** 2 * (logarithm + omega / (omega**2 - (k * v) ** 2))
    rate = -3 / (k * v) ** 2 * driven / per_rate
    assert float(landau_rate(k, omega, plasma=plasma, mass=mass)) == pytest.approx(rate, rel=1e-7)
    exact = complex(slow_branch(k, plasma=plasma, mass=mass)).imag
    assert exact / rate == pytest.approx(1.0, abs=0.7)  # a model: right in order of magnitude
    assert float(landau_rate(0.0, 0.0, plasma=plasma, mass=mass)) == 0


# ---- Relativistic limits ----


def test_massless_particles_and_the_three_fifths() -> None:
    """omega^2 = W^2 + k^2 (m^2 + (3/5) omega_p^2)/W^2: 3/5 for m -> 0, as in hot QED."""
    for plasma in (SingleVelocity(1.0, 1.0), Juttner(1.0, 1e-5)):
        for mass in (1e-3, 0.7):
            errors, steps = [], [0.1, 0.05]
            for k in steps:
                omega2 = float(fast_branch(k, plasma=plasma, mass=mass)) ** 2
                form = float(warm_fast_square(k, omega_p=1.0, mass=mass, spread=0.2))
                errors.append(abs(omega2 - form))
            np.testing.assert_allclose(orders(errors, steps), 4.0, atol=0.02)
            assert errors[-1] < 1e-2 * 0.6 * 0.05**2
    # The closed form of massless particles at any k, m -> 0 (Weldon 1982).
    k = 0.8

    def miss(w: float) -> float:
        return 1 + 3 / k**2 * (1 - w / (2 * k) * math.log((w + k) / (w - k)))

    expected = brentq(miss, 1.0, 2.0, xtol=1e-14)
    # m^2 = 1e-8 moves omega^2 by about m^2.
    assert float(fast_branch(k, plasma=SingleVelocity(1.0, 1.0), mass=1e-4)) == pytest.approx(
        expected, rel=1e-7
    )
    # Transverse: omega^2 = omega_p^2 + (6/5) k^2 and k^2 + (3/2) omega_p^2.
    hot = Juttner(1.0, 1e-5)
    small = float(transverse_branch(0.02, plasma=hot, mass=1e-6)) ** 2
    assert (small - 1) / 0.02**2 == pytest.approx(1.2, rel=1e-3)
    large = float(transverse_branch(300.0, plasma=hot, mass=1e-6)) ** 2 - 300.0**2
    assert large == pytest.approx(1.5, rel=1e-3)  # ln(k)/k^2


def test_slip_crossing_of_the_light_cone_d13() -> None:
    """Slip: the bracket of D.13 is under a square root. k_cross from D.12a at omega = k, m = 0."""
    for v in (0.1, 0.7, 0.999):

        def miss(k: float, v: float = v) -> float:
            # eps_L of one speed on the light cone.
            return 1 + 3 / (k * v) ** 2 * float(one_speed(1 / v - 1))

        root = brentq(miss, 0.1, 100.0, xtol=1e-14)
        assert crossing(v, omega_p=1.0) == pytest.approx(root, rel=1e-11)
        without = root**2 * math.sqrt(2 / 3) * v**1.5  # the bracket without the root
        assert abs(without / root - 1) > 0.1
    limit = crossing(1 - 1e-12, omega_p=1.0) / math.sqrt(1.5 * math.log(1e12))
    assert limit == pytest.approx(1.0, abs=0.03)  # (ln 2 - 2)/(2 ln 1e12) = -.024


def test_slip_distance_to_the_light_cone_d14() -> None:
    """Slip: D.14 lacks 1/3 at leading logarithm."""
    # The linearisation needs delta << 1 - v: m^2 = 1e-12.
    v, mass, k = 1 - 1e-4, 1e-6, 1e-4
    omega = slow_branch(k, plasma=SingleVelocity(1.0, 0.9), mass=1e-4).real
    assert 1 - omega / k == pytest.approx(
        light_cone_distance(0.9, omega_p=1.0, mass=1e-4), rel=1e-6
    )  # delta/(1 - v) = 1e-8 and rounding 1e-16/delta
    leading = mass**2 * v**3 / (3 * -math.log(1 - v))
    exact = light_cone_distance(v, omega_p=1.0, mass=mass)
    # Corrections (2 - ln 2)/ln(1/(1 - v)) = .14: the leading logarithm is low by that, not by 3.
    assert leading / exact == pytest.approx(1 - 1.307 / math.log(1e4), abs=0.01)


def test_slip_dimension_of_d15() -> None:
    """Slip not on lists of errata: D.15 has omega_p for omega_p^2. From D.12b with small delta."""
    hot, mass, k = Juttner(1.0, 0.01), 1e-4, 1e-3
    v = hot.typical_velocity
    omega = float(slow_branch(k, plasma=SingleVelocity(1.0, v), mass=mass).real)
    delta = light_cone_distance(v, omega_p=1.0, mass=mass)
    rate = float(landau_rate(k, omega, plasma=hot, mass=mass))
    form = relativistic_landau_rate(k, delta=delta, mass_ratio=0.01, omega_p=1.0, mass=mass)
    # delta/(1 - v) = 1e-9/2e-5; omega/k is rounded to 1e-16/delta = 1e-7, which gamma^2 shares; and
    # alpha m_psi^2 = (3 pi/8) a^2 omega_p^2 to order a.
    assert float(form) == pytest.approx(rate, rel=0.02)
    # In other units the rate scales as they do; with omega_p alone it would not.
    other = relativistic_landau_rate(
        7 * k, delta=delta, mass_ratio=0.01, omega_p=7.0, mass=7 * mass
    )
    assert float(other) == pytest.approx(7 * float(form), rel=1e-14)


def test_relativistic_particles_damp_long_waves() -> None:
    """The rate is a constant share of the frequency for k -> 0, and not exponentially small."""
    for a, share in ((0.1, 3.4e-3), (1.0, 6.8e-4)):
        omega = slow_branch(np.array([1e-3, 1e-2]), plasma=Juttner(1.0, a), mass=0.3)
        # Two digits as quoted; the share changes with k^2.
        np.testing.assert_allclose(-omega.imag / omega.real, share, rtol=0.01)


# ---- Input ----


def test_bad_input_is_refused() -> None:
    warm = Maxwellian(1.0, 0.1)
    with pytest.raises(ValueError, match="use Juttner"):
        Maxwellian(1.0, 0.5)
    with pytest.raises(ValueError, match="omega_p"):
        Maxwellian(0.0, 0.1)
    with pytest.raises(ValueError, match="SingleVelocity"):
        Juttner(1.0, 0.0)
    with pytest.raises(ValueError, match="velocity must be"):
        SingleVelocity(1.0, 1.5)
    with pytest.raises(ValueError, match="not negative"):
        slow_branch(-1.0, plasma=warm, mass=0.3)
    with pytest.raises(ValueError, match="mass > 0"):
        slow_branch(1.0, plasma=warm, mass=0.0)
    with pytest.raises(ValueError, match="light cone"):
        fast_branch(1.0, plasma=warm, mass=0.3)
    with pytest.raises(ValueError, match="massless particles"):
        slow_branch(1.0, plasma=SingleVelocity(1.0, 1.0), mass=0.3)
    with pytest.raises(ValueError, match="k > 0"):
        warm.longitudinal(1.0, 0.0)
    with pytest.raises(ValueError, match="singular"):
        Juttner(1.0, 1.0).longitudinal(1.0, 1.0)
    with pytest.raises(ValueError, match="above v k"):
        SingleVelocity(1.0, 0.5).longitudinal(0.4, 1.0)
    with pytest.raises(ValueError, match="v_\\* k < omega < k"):
        landau_rate(1.0, 1.2, plasma=Juttner(1.0, 1.0), mass=0.3)
    with pytest.raises(ValueError, match="v_\\* must be between"):
        mass_ratio(1.0)
    for form in (crossing, light_cone_distance):
        with pytest.raises(ValueError, match="v_\\*"):
            form(1.0, omega_p=1.0, **({"mass": 1.0} if form is light_cone_distance else {}))


def test_modes_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="no acoustic wave"):
        slow_branch(1.0, plasma=Maxwellian(0.01, 0.3), mass=1.0)
    with pytest.raises(ValueError, match="ask for smaller k"):
        slow_branch(1e4, plasma=Juttner(1.0, 1.0), mass=0.3)
    with pytest.raises(ValueError, match="Im eta"):
        Juttner(1.0, 1.0).response(complex(0.1, -2.0))

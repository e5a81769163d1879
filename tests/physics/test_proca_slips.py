"""Slips in Arvanitaki et al., Dark QED from Inflation, each shown by a number.

Every test computes what the equation should give without it, and that the printed form does not.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.special import spherical_jn

from darklat.physics import proca


def test_A7_lacks_minus_one_third() -> None:
    k, a = np.array([0.5, 5.0]), np.array([2e-3, 4e-3])
    modes = proca.evolve_modes(k, a, omega_p=0.0)
    speed = (modes.E - k[:, None] * modes.P / a**2) / a  # dA/dt = A'/a
    # A.7: dA/dt = k^2/(a^2 H) A with a^2 H = 1. Corrections: (k a)^2 = 4e-4.
    np.testing.assert_allclose(speed / (k[:, None] ** 2 * modes.A), -1 / 3, rtol=4e-4)


def test_A9_lacks_a_ninth_outside_and_a_half_inside() -> None:
    k = 300.0
    a = np.array([2e-3, *np.linspace(0.2, 0.2 + 2 * math.pi / k, 65)[:-1]])
    # A = 1 as a -> 0 to (k a_start)^2/6 = 1.5e-8.
    modes = proca.evolve_modes(k, a, omega_p=0.0, a_start=1e-6)
    # P_E over (m H_I/2 pi)^2 for A_init = k H_I/(2 pi m).
    power, x = (k * modes.E[0] / a**2) ** 2, k * a
    # The mass turns the phase by a^3/(6k) = 5e-6 and changes the amplitude by (a/k)^2 = 5e-7.
    np.testing.assert_allclose(power, spherical_jn(1, x) ** 2, rtol=1e-7, atol=2e-5 / x[-1] ** 2)
    outside, inside = power[0] / x[0] ** 2, np.mean(power[1:] * x[1:] ** 2)
    # j_1^2 = x^2/9 (1 - x^2/5), x = 0.6; and 1/(2 x^2) on the mean over a period, to 1/x^2.
    assert outside == pytest.approx(1 / 9 * (1 - 0.36 / 5), rel=3e-3)
    assert inside == pytest.approx(1 / 2, rel=1e-2)


def test_A11_is_a_quarter() -> None:
    total, _ = quad(lambda x: spherical_jn(1, x) ** 2 / x, 0, 200, limit=400)
    # The tail above x = 200 is 1/(4 x^2) = 6e-6. With A.9's limits the integral is 1.
    assert total == pytest.approx(0.25, abs=1e-5)


def test_2_4_is_twice_the_energy() -> None:
    k, a = 300.0, np.linspace(0.2, 0.25, 10)
    energies = proca.mode_energies(proca.evolve_modes(k, a, omega_p=0.0))
    at_start = float(proca.relativistic_mode(k, 1e-3)[0])
    # rho_k = (k H_I/2 pi m)^2 times the energy of A_init = 1, and (H H_I/2 pi)^2 with H = a^-2.
    ratio = k**2 * energies.total[0] * at_start**2 * a**4
    # sin(x)/x and its slope leave 1/x^2 and an oscillating 1/x; x >= 60.
    np.testing.assert_allclose(ratio, 0.5, rtol=1 / 60)


def test_E_below_C2_has_a_stray_i() -> None:
    omega, k, A = 3.0, 2.0, 0.7
    A0 = k * A / omega  # Lorenz condition of a plane wave
    stray, without = 1j * (-omega * A + 1j * k * A0), 1j * (-omega * A + k * A0)
    # C.5, which is right: a wave with its own E satisfies Maxwell's equation with it.
    C5 = -1j / omega * (omega**2 - k**2) * A
    assert without == pytest.approx(C5, rel=1e-15)
    assert abs(stray - C5) > abs(C5)
    # E is out of phase with A, which the stray i would put partly in phase: in a vacuum with k = 40.
    x = np.linspace(1.0, 1.0 + 4 * math.pi / 40, 200, endpoint=False)
    modes = proca.evolve_modes(40.0, x, omega_p=0.0)
    cosine = np.mean(modes.A * modes.E) / math.sqrt(np.mean(modes.A**2) * np.mean(modes.E**2))
    # Damping over a period is 1/(k a) = 0.025. With the stray i: k^2/hypot(omega^2, k^2) = 0.7.
    assert abs(cosine) < 0.05


def test_C7_has_the_wrong_sign_of_J0() -> None:
    """The bracket of C.7 is F_03 = dA_3/dt - d_3 A_0, with A_0 from the Lorenz condition alone."""
    k, x = 1.3, np.polynomial.legendre.leggauss(200)
    a = np.concatenate([[0.1], 0.1 + 1.45 * (1 + x[0]), [3.0]])
    modes = proca.evolve_modes(k, a, omega_p=lambda a: 5 * a**-0.7, nu=0.5)
    A, j0 = modes.A[0], modes.J0[0]
    speed = (modes.E[0] - k * modes.P[0] / a**2) / a
    bracket = {sign: (a**2 * speed + sign * k * a**2 * j0) / (k**2 + a**2) for sign in (1, -1)}
    # J_0 = i j0: C.9 has + k a^2 j0, C.7 has the opposite. Lorenz: P' = a^2 k A.
    P_end = modes.P[0, 0] + np.sum(1.45 * x[1] * (a**2 * k * A)[1:-1])
    F_end = speed[-1] + k * P_end / a[-1] ** 3
    assert bracket[1][-1] == pytest.approx(F_end, rel=1e-7)
    assert abs(bracket[-1][-1] - F_end) > 0.1 * abs(F_end)
    np.testing.assert_allclose(bracket[1], modes.E[0] / a, rtol=0, atol=1e-9)


def test_slow_mode_has_J_equal_plus_m2_A() -> None:
    """Table 1 has J = -m^2 A for the slow mode; E.6's text has the plus sign."""
    a = np.linspace(20.0, 21.0, 400)
    modes = proca.evolve_modes(0.1, a, omega_p=10.0)
    # The fast part is (m/W)^2 of A and averages away in both.
    assert np.mean(modes.J3) / np.mean(modes.A) == pytest.approx(1, abs=1e-2)


def test_E13_has_a_plus_before_the_sine() -> None:
    k, a_init = 0.5, 1.0
    a = np.linspace(a_init, 12.0, 200)

    def rates(x: float, y: np.ndarray) -> list[float]:
        # E.12 with omega_p >> m in conformal time: J'' + 2 J'/x + k^2 J = 0.
        return [y[1], -2 * y[1] / x - k**2 * y[0]]

    exact = solve_ivp(rates, (a[0], a[-1]), [1.0, 0.0], "DOP853", a, rtol=1e-11, atol=1e-13).y[0]
    plus = proca.reentry_current(k, a, a_init=a_init)
    np.testing.assert_allclose(plus, exact, rtol=0, atol=1e-9)
    y = k * (a - a_init)
    minus = (np.cos(y) - np.sin(y) / (k * a_init)) / a
    assert np.abs(minus - exact).max() > 0.9
    # The full mode, with omega_p = 100: the current that rests at a_init << 1/k.
    a = np.linspace(1.0, 10.0, 40)
    modes = proca.evolve_modes(0.3, a, omega_p=100.0)
    late = proca.reentry_current(0.3, a, a_init=0.01)
    # (m/W)^2 = 1e-4 in A, and its square root, the fast part, in J.
    np.testing.assert_allclose(modes.A[0], late, rtol=0, atol=3e-4)


def test_E16_has_the_coefficient_three_to_the_four_fifths() -> None:
    tau_np = 50.0
    tau = np.linspace(tau_np, 40 * tau_np, 20_000)

    def rates(x: float, y: np.ndarray) -> list[float]:
        return [y[1], (tau_np / x) ** 1.5 - y[0] - y[1] / (2 * x)]  # E.14

    A = solve_ivp(rates, (tau[0], tau[-1]), [1.0, 0.0], "DOP853", tau, rtol=1e-8, atol=1e-10).y[0]
    # E.15's free part: 3/2 tau_np^-3/4 tau^-1/4, with corrections of 1/tau_np.
    free = (A - (tau_np / tau) ** 1.5) * tau**0.25
    amplitude = math.sqrt(2 * np.mean(free[tau > 20 * tau_np] ** 2))
    assert amplitude == pytest.approx(1.5 * tau_np**-0.75, rel=1e-2)
    # The two parts are equal where the paper's first form says; H = m/(2 tau) turns it into H_matter.
    crossing = (2 / 3) ** 0.8 * tau_np**1.8
    assert (tau_np / crossing) ** 1.5 == pytest.approx(amplitude * crossing**-0.25, rel=1e-2)
    H_np = 1 / (2 * tau_np)
    assert proca.hubble_matter(H_np) == pytest.approx(1 / (2 * crossing), rel=1e-12)
    printed = 2**2.2 / 3**0.8 * H_np**1.8
    assert printed / float(proca.hubble_matter(H_np)) == pytest.approx(0.79, abs=0.01)

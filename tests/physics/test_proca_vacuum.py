"""Dark photons from inflation without charges: the closed form of the spectrum, and today."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import gamma

from darklat.physics import proca
from darklat.physics.units import CRITICAL_DENSITY_PER_H2_EV4


def late_spectrum(k: np.ndarray, a: float) -> np.ndarray:
    """F from modes evolved to a, by their adiabatic invariant.

    E = a e obeys e'' + Q e = 0 with Q = a^2 + k^2 - 2/a^2, and e^2 W + (e' + e W'/2W)^2/W is
    constant for W^2 = Q - W''/2W + (3/4)(W'/W)^2, solved once from W = sqrt Q. F is k^2/2 of it.
    """
    # A = 1 as a -> 0 to (k a_start)^2/6 = 4e-11.
    modes = proca.evolve_modes(k, [a], omega_p=0.0, a_start=1e-6)
    e = modes.E[:, 0] / a
    speed = -a * modes.A[:, 0] - e / a
    Q, dQ, ddQ = a**2 + k**2 - 2 / a**2, 2 * a + 4 / a**3, 2 - 12 / a**4
    W = np.sqrt(Q)
    dW = dQ / (2 * W)
    ddW = ddQ / (2 * W) - dW**2 / W
    W = np.sqrt(Q - ddW / (2 * W) + 0.75 * (dW / W) ** 2)
    return k**2 / 2 * (e**2 * W + (speed + e * dW / (2 * W)) ** 2 / W)


def test_spectrum_against_evolved_modes() -> None:
    k = np.array([0.03, 0.3, 1.0, 1.386, 2.0, 5.0, 15.0])
    # The invariant is good to some a^-6 of its oscillating part: 1.6e-8 at a = 20. Measured 1e-10.
    np.testing.assert_allclose(late_spectrum(k, 20.0), proca.vacuum_spectrum(k), rtol=2e-8)


def test_spectrum_has_the_slopes_two_and_minus_one() -> None:
    low, high = np.array([1e-4, 1e-3]), np.array([50.0, 99.0, 101.0, 1e3, 1e6])
    # Corrections are of order k^2 below and 5/(4 k^4) above, which is kept.
    np.testing.assert_allclose(
        proca.vacuum_spectrum(low) / low**2, gamma(0.75) ** 2 / math.pi, rtol=1e-5
    )
    assert gamma(0.75) ** 2 / math.pi == pytest.approx(0.47799, abs=6e-6)
    series = (1 - 1.25 / high**4) / (2 * high)
    # Two exponents of 2000 to 8000 cancel in the closed form: 1e-12.
    np.testing.assert_allclose(proca.vacuum_spectrum(high), series, rtol=4e-12)


def test_peak_and_integral() -> None:
    k, height = proca.vacuum_peak()
    assert height == pytest.approx(0.26468, abs=5e-6)
    assert k == pytest.approx(1.386, abs=5e-4)
    assert proca.vacuum_integral() == pytest.approx(0.5908, abs=5e-5)
    log_k = np.linspace(math.log(1e-7), math.log(1e9), 200_001)
    trapezoids = np.trapezoid(proca.vacuum_spectrum(np.exp(log_k)), log_k)
    # What lies above 1e9 is 5e-10.
    assert proca.vacuum_integral() == pytest.approx(float(trapezoids), abs=1e-9)


def test_mass_of_all_dark_matter_is_equation_5_5() -> None:
    inputs = {"omega_h2": 0.26 * 0.674**2, "hubble_inflation_GeV": 1e14}
    # H = m at 65 GeV, between the g_* of everything and that without the top quark. The paper has
    # one digit, 6e-6.
    hot = proca.vacuum_mass_eV(**inputs)
    cold = proca.vacuum_mass_eV(**inputs, g_star=86.25, g_star_s=86.25)
    assert cold == pytest.approx(5.88e-6, rel=2e-3)
    assert hot == pytest.approx(6.54e-6, rel=2e-3)
    assert proca.vacuum_relic_density(mass_eV=hot, hubble_inflation_GeV=1e14) == pytest.approx(
        inputs["omega_h2"], rel=1e-12
    )
    # m ~ H_I^-4.
    weaker = proca.vacuum_mass_eV(omega_h2=inputs["omega_h2"], hubble_inflation_GeV=1e13)
    assert weaker / hot == pytest.approx(1e4, rel=1e-12)


def test_relic_density_is_the_peak_redshifted() -> None:
    # rho_0 by hand: H = m at a_*, g_* = g_*s = 3.91 so that T ~ 1/a.
    mass, H_I = 1e-15, 1e12
    found = proca.vacuum_relic_density(
        mass_eV=mass, hubble_inflation_GeV=H_I, g_star=3.91, g_star_s=3.91
    )
    T = (90 * (2.435323e27 * mass) ** 2 / (math.pi**2 * 3.91)) ** 0.25
    rho = 0.5908 * (H_I * 1e9 * mass / (2 * math.pi)) ** 2 * (2.348653e-4 / T) ** 3
    assert found == pytest.approx(rho / CRITICAL_DENSITY_PER_H2_EV4, rel=1e-4)


def test_bad_input_is_refused() -> None:
    for k in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="wave numbers"):
            proca.vacuum_spectrum(k)
    with pytest.raises(ValueError, match="mass_eV must be positive"):
        proca.vacuum_relic_density(mass_eV=0.0, hubble_inflation_GeV=1e13)
    with pytest.raises(ValueError, match="g_star_s must be positive"):
        proca.vacuum_relic_density(mass_eV=1.0, hubble_inflation_GeV=1e13, g_star_s=-1.0)
    with pytest.raises(ValueError, match="omega_h2"):
        proca.vacuum_mass_eV(omega_h2=0.0, hubble_inflation_GeV=1e13)

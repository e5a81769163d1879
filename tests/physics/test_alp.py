"""The homogeneous ALP: closed forms against integration, series, densities, potentials."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import gamma

from darklat.physics import alp
from darklat.physics.background import Background, Radiation, Static
from darklat.physics.potential import cosine, of, quadratic

RADIATION, STATIC = Radiation(), Static()


@pytest.mark.parametrize("background", [RADIATION, STATIC])
def test_closed_form_against_integration(background: Background) -> None:
    tau = np.concatenate([[0.0, 1e-3, 1e-2], np.linspace(0.05, 30, 3000)])
    common = {"mass": 3.0, "theta_initial": 0.7, "potential": "quadratic", "tau": tau}
    exact = alp.homogeneous(background, **common)
    numeric = alp.integrated(background, **common)
    # 1e-10 is rtol 1e-12 accumulated over some hundred oscillations; theta' is larger by m tau.
    np.testing.assert_allclose(numeric[0], exact[0], rtol=0, atol=1e-10)
    np.testing.assert_allclose(numeric[1], exact[1], rtol=0, atol=1e-10 * 3.0 * 30)


@pytest.mark.parametrize("name", ["quadratic", "cosine"])
def test_series_at_small_times(name: str) -> None:
    mass, theta0 = 3.0, 1.0
    tau = np.array([0.0, 1e-3, 3e-3, 0.01, 0.03, 0.1])
    theta, theta_prime = alp.homogeneous(
        RADIATION, mass=mass, theta_initial=theta0, potential=name, tau=tau
    )
    slope = of(name).dV(theta0, mass)
    # The next term of either series is at most m^4 tau^8/1440; 4e-16 is rounding of theta near 1,
    # and integrating adds some 1e-14 of the tolerance.
    left_out = mass**4 * tau**8 / 1440
    assert np.all(np.abs(theta - (theta0 - slope * tau**4 / 20)) <= left_out + 1e-13)
    assert np.all(np.abs(theta_prime + slope * tau**3 / 5) <= 8 * mass**4 * tau**7 / 1440 + 1e-12)
    assert theta[0] == theta0
    assert theta_prime[0] == 0.0


def test_bessel_branches_meet() -> None:
    # z = m tau^2/2 = 1e-5 separates series and Bessel; both sides agree to rounding and spacing.
    tau = math.sqrt(2e-5 / 3.0) * np.array([1 - 1e-9, 1 + 1e-9])
    theta, slope = alp.homogeneous(
        RADIATION, mass=3.0, theta_initial=1.0, potential="quadratic", tau=tau
    )
    assert abs(theta[1] - theta[0]) < 1e-15
    assert slope[1] == pytest.approx(slope[0], rel=1e-8)


def test_static_cosine_conserves_energy_and_has_the_pendulum_period() -> None:
    from scipy.special import ellipk

    mass, theta0 = 2.0, 2.5
    period = 4 * ellipk(math.sin(theta0 / 2) ** 2) / mass
    tau = np.linspace(0, 5 * period, 501)
    common = {"mass": mass, "theta_initial": theta0, "potential": "cosine", "tau": tau}
    rho = alp.density(STATIC, **common)
    np.testing.assert_allclose(rho, cosine.V(theta0, mass), rtol=1e-10)
    theta, _ = alp.homogeneous(STATIC, **common)
    np.testing.assert_allclose(theta[100:], theta[:-100], atol=1e-9)


def test_density_of_a_start_at_rest_tends_to_its_asymptote() -> None:
    # The amplitude of J_{1/4} at large z gives a^3 rho -> (4 Gamma(5/4)^2/pi) sqrt(m) theta^2.
    asymptote = 4 * gamma(1.25) ** 2 / math.pi * math.sqrt(3.0)
    tau = np.array([1e3, 2e3, 4e3])
    rho = alp.density(RADIATION, mass=3.0, theta_initial=1.0, potential="quadratic", tau=tau)
    # rho oscillates around it by a share of order H/m = 1/(3 tau^2), under 4e-7 here.
    np.testing.assert_allclose(rho * tau**3, asymptote, rtol=4e-7)
    assert asymptote == pytest.approx(1.812, abs=5e-4)


def test_density_does_not_depend_on_the_other_times_asked_for() -> None:
    common = {"mass": 3.0, "theta_initial": 2.0, "potential": "cosine"}
    many = alp.density(RADIATION, **common, tau=np.linspace(0.5, 15.7, 40))
    one = alp.density(RADIATION, **common, tau=15.7)
    assert one.shape == ()
    assert one == many[-1]


def test_density_includes_a_in_the_kinetic_term() -> None:
    common = {"mass": 3.0, "theta_initial": 1.0, "potential": "quadratic", "tau": 3.0}
    theta, theta_prime = alp.homogeneous(RADIATION, **common)
    expected = theta_prime**2 / 18 + 4.5 * theta**2
    assert alp.density(RADIATION, **common) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("potential", [quadratic, cosine])
def test_slope_is_the_derivative(potential) -> None:
    theta, h = np.linspace(-3, 3, 25), 1e-5
    slope = (potential.V(theta + h, 3.0) - potential.V(theta - h, 3.0)) / (2 * h)
    # Truncation h^2/6 V''' is 2e-10, rounding 1e-16 V/h is 4e-10.
    np.testing.assert_allclose(potential.dV(theta, 3.0), slope, atol=2e-9)


def test_cosine_is_quadratic_when_small() -> None:
    # Without cancellation even at 1e-9, where 1 - cos(theta) is zero in float64.
    assert cosine.V(1e-9, 3.0) == pytest.approx(quadratic.V(1e-9, 3.0), rel=1e-15)


def test_bad_input_is_refused() -> None:
    common = {"mass": 3.0, "theta_initial": 1.0}
    with pytest.raises(ValueError, match="neither quadratic nor cosine, nor a formula"):
        alp.homogeneous(RADIATION, **common, potential="quartic", tau=1.0)
    with pytest.raises(ValueError, match="tau = 0"):
        alp.homogeneous(RADIATION, **common, potential="quadratic", tau=-1.0)
    with pytest.raises(ValueError, match="finite"):
        alp.density(RADIATION, **common, potential="cosine", tau=np.array([1.0, np.nan]))

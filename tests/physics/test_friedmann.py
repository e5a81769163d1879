"""A universe that expands by its own content, against an independent program and closed forms."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from darklat.errors import BadValueError
from darklat.physics import alp
from darklat.physics.background import PowerLaw
from darklat.physics.friedmann import Alp, Fluid, Friedmann

AXION = Alp(3.0, 1.0, "quadratic")
QUADRATIC = {"mass": 3.0, "theta_initial": 1.0, "potential": "quadratic"}

# f/M_Pl, tau, a, a', theta, theta', Omega_phi: DOP853 at rtol 3e-14, good to 2e-12.
REFERENCE = [
    (0.1, 1.0, 1.0011210964, 1.0043386541, 0.6030519556, -1.3876642467, 0.00862116),
    (0.1, 4.0, 4.0242092144, 1.0124775464, -0.0477090603, 0.7737007755, 0.02449568),
    (0.1, 8.0, 8.0968781859, 1.0243026053, 0.0062108535, -0.6538194080, 0.04688908),
    (0.3, 1.0, 1.0101645268, 1.0395450737, 0.6025821003, -1.3908804692, 0.07463440),
    (0.3, 4.0, 4.2223351505, 1.1106114451, 0.0078308678, 0.9290616171, 0.18927100),
    (0.3, 8.0, 8.8900663574, 1.2232134432, 0.0049100772, -0.6336026847, 0.33166299),
]


@pytest.mark.parametrize(("f", "tau", "a", "speed", "theta", "slope", "share"), REFERENCE)
def test_radiation_and_an_alp(
    f: float, tau: float, a: float, speed: float, theta: float, slope: float, share: float
) -> None:
    history = Friedmann(1 / f, alp=AXION)
    found = history.scale_factor(tau)
    assert found == pytest.approx(a, abs=1e-10)  # the digits given
    assert found * history.conformal_hubble(tau) == pytest.approx(speed, abs=2e-10)
    values = alp.homogeneous(history, **QUADRATIC, tau=tau)
    np.testing.assert_allclose(values, (theta, slope), rtol=0, atol=2e-10)
    rho = float(alp.density(history, **QUADRATIC, tau=tau))
    total = 3 * (found * history.conformal_hubble(tau) / f) ** 2
    assert found**4 * rho / total == pytest.approx(share, abs=1e-8)
    assert history.tau_of(found) == pytest.approx(tau, rel=1e-12)
    assert history.alp_share(tau) == pytest.approx(share, abs=1e-8)


@pytest.mark.parametrize("w", [1.0, 1 / 3, 0.0, -0.2])
def test_a_fluid_alone_is_a_power_law(w: float) -> None:
    history, power = Friedmann(1.0, (Fluid(w, 1.0),), radiation=0.0), PowerLaw(w)
    tau = np.geomspace(1e-3, 30, 40)
    np.testing.assert_allclose(history.scale_factor(tau), power.scale_factor(tau), rtol=1e-10)
    np.testing.assert_allclose(
        history.conformal_hubble(tau), power.conformal_hubble(tau), rtol=1e-10
    )


def test_matter_beside_radiation() -> None:
    """a'^2 = 1 + share a gives a = tau + share tau^2/4."""
    history, tau = Friedmann(1.0, (Fluid(0.0, 0.3),)), np.geomspace(1e-4, 20, 30)
    np.testing.assert_allclose(history.scale_factor(tau), tau + 0.3 * tau**2 / 4, rtol=1e-10)
    for fluid in (Fluid(0.0, 0.3), Fluid(1.0, 0.2), Fluid(-1.0, 0.1)):
        slope = (fluid.energy(2.001) - fluid.energy(1.999)) / 0.002
        assert fluid.slope(2.0) == pytest.approx(slope, rel=1e-5)


def test_an_alp_without_weight_leaves_radiation() -> None:
    history, tau = Friedmann(1e9, alp=AXION), np.geomspace(1e-5, 8, 30)
    np.testing.assert_allclose(history.scale_factor(tau), tau, rtol=1e-12)
    theta, slope = alp.homogeneous(history, **QUADRATIC, tau=tau)
    z = 1.5 * tau**2
    late = z > 1e-5
    from scipy.special import jv

    exact = math.gamma(1.25) * (2 / z) ** 0.25 * jv(0.25, z)
    np.testing.assert_allclose(theta[late], exact[late], rtol=0, atol=1e-10)
    assert slope[0] == pytest.approx(-9 * 1e-15 / 5, rel=1e-6)


def test_the_alp_of_another_history_is_refused() -> None:
    with pytest.raises(ValueError, match="of this ALP"):
        alp.homogeneous(
            Friedmann(10.0, alp=AXION), mass=2.0, theta_initial=1.0, potential="quadratic", tau=1.0
        )


def test_dark_energy_comes_to_infinity_in_a_finite_time() -> None:
    """a'^2 = 1 + s a^4: a is infinite at int da/a' = Gamma(1/4)^2/(4 sqrt(pi) s^(1/4))."""
    share = 5.0
    history = Friedmann(1e6, (Fluid(-1.0, share),), AXION)
    last = math.gamma(0.25) ** 2 / (4 * math.sqrt(math.pi)) * share**-0.25
    for a in (0.3, 3.0, 300.0):
        tau = history.tau_of(a)
        assert history.scale_factor(tau) == pytest.approx(a, rel=1e-9)
        assert tau < last
    assert history.tau_of(1e6) == pytest.approx(last - 1e-6 / math.sqrt(share), rel=1e-8)
    with pytest.raises(
        BadValueError, match=re.escape(f"grows without bound at tau = {last:.6g}, before 1.3")
    ):
        history.scale_factor(1.3)

"""Expansion histories against numbers of an independent program (NumPy, SciPy, mpmath)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darklat.physics import alp, run_relics
from darklat.physics.background import (
    Background,
    PowerLaw,
    Radiation,
    RadiationMatter,
    Static,
    radiation_hubble,
)
from darklat.physics.thermal.cosmology import Cosmology, equality

QUADRATIC = {"mass": 3.0, "theta_initial": 1.0, "potential": "quadratic"}
POWERS = [PowerLaw(w) for w in (1.0, 1 / 3, 0.2, 0.0, -0.2)]
SINGULAR: list[Background] = [
    Radiation(), *POWERS, RadiationMatter(1e3), RadiationMatter(10.0), RadiationMatter(0.1)
]  # fmt: skip

# w, a, tau, theta, theta', a^3 rho: closed form in mpmath against DOP853, to 2e-12.
POWER_LAW = [
    (1.0, 1.0, 0.5, 0.765197686558, -1.320151757235, 3.50627407888),
    (1.0, 4.0, 8.0, 0.09259001221605, -0.4534985922528, 2.88032013065),
    (1 / 3, 0.5, 0.5, 0.9720939359155, -0.2215033374558, 0.543809656013),
    (1 / 3, 1.0, 1.0, 0.6031099185635, -1.38726946598, 2.59909536803),
    (1 / 3, 8.0, 8.0, 0.02356107266549, -0.3693825262293, 1.82477983316),
    (0.0, 1.0, 2.0, 0.4546487134128, -1.30619332494, 1.78324503779),
    (0.0, 8.0, 5.656854249492, 0.02112148727365, 0.144639836579, 1.1115368149),
]
LIMITS = {1.0: 2.86478897565, 1 / 3: 1.81181108917, 0.0: 1.125}  # of a^3 rho

# a_eq; then a, tau, theta, theta': DOP853 at rtol 1e-12, good to 1e-10.
MATTER = [
    (1e3, 1.0, 1.000249875078, 0.603019238829, -1.387269755469),
    (1e3, 8.0, 7.988054716113, 0.026182069595, -0.245708559866),
    (10.0, 1.0, 1.023823036597, 0.594603381187, -1.387040832194),
    (10.0, 8.0, 7.166317595538, 0.013344973999, 0.578874699192),
]


@pytest.mark.parametrize(("w", "a", "tau", "theta", "theta_prime", "rho"), POWER_LAW)
def test_alp_in_a_power_law(
    w: float, a: float, tau: float, theta: float, theta_prime: float, rho: float
) -> None:
    background = PowerLaw(w)
    time = background.tau_of(a)
    assert time == pytest.approx(tau, rel=1e-12)
    for solution in (alp.homogeneous, alp.integrated):
        found = solution(background, **QUADRATIC, tau=time)
        # rtol 1e-12 of the integration, over some radians
        np.testing.assert_allclose(found, (theta, theta_prime), rtol=0, atol=2e-11)
    density = alp.density(background, **QUADRATIC, tau=time)
    assert a**3 * float(density) == pytest.approx(rho, rel=1e-11)


@pytest.mark.parametrize("w", LIMITS)
def test_density_of_a_power_law_tends_to_its_limit(w: float) -> None:
    p = PowerLaw(w).exponent
    nu = (2 * p - 1) / (2 * p + 2)
    limit = 9 / math.pi * math.gamma(1 + nu) ** 2 * 4**nu * ((p + 1) / (3 * p)) ** (2 * nu + 1)
    assert limit == pytest.approx(LIMITS[w], rel=1e-11)
    # around it rho oscillates by a share of order H/m, and z = m t = 2e4 here
    tau = PowerLaw(w).tau_of((2e4 * (p + 1) / 3 / p) ** (p / (p + 1)))
    a = PowerLaw(w).scale_factor(tau)
    rho = a**3 * alp.density(PowerLaw(w), **QUADRATIC, tau=tau)
    assert float(rho) == pytest.approx(limit, rel=3 * p / (p + 1) / 2e4)


@pytest.mark.parametrize(("a_eq", "a", "tau", "theta", "theta_prime"), MATTER)
def test_alp_from_radiation_to_matter(
    a_eq: float, a: float, tau: float, theta: float, theta_prime: float
) -> None:
    background = RadiationMatter(a_eq)
    time = background.tau_of(a)
    assert time == pytest.approx(tau, rel=1e-12)
    found = alp.homogeneous(background, **QUADRATIC, tau=time)
    np.testing.assert_allclose(found, (theta, theta_prime), rtol=0, atol=2e-10)


@pytest.mark.parametrize(("a_eq", "rho"), [(1e3, 1.8122072), (10.0, 1.7637942)])
def test_late_density_with_matter(a_eq: float, rho: float) -> None:
    background = RadiationMatter(a_eq)
    found = 30**3 * alp.density(background, **QUADRATIC, tau=background.tau_of(30.0))
    assert float(found) == pytest.approx(rho, rel=3e-8)  # the digits given


@pytest.mark.parametrize("background", SINGULAR)
def test_a_history_is_consistent(background: Background) -> None:
    """Inverse, slope, normalisation, and the sums over time against quadrature."""
    tau = np.geomspace(1e-6, 50, 400)
    a = background.scale_factor(tau)
    np.testing.assert_allclose(background.tau_of(a), tau, rtol=4e-15)
    h = 1e-5  # of ln tau: differences are good to h^2 and to rounding over h
    slope = np.log(background.scale_factor(tau * (1 + h)) / background.scale_factor(tau / (1 + h)))
    np.testing.assert_allclose(
        background.conformal_hubble(tau) * tau, slope / 2 / np.log1p(h), rtol=1e-9
    )
    assert background.conformal_hubble(background.tau_of(1.0)) == pytest.approx(1, rel=1e-14)
    assert background.integral_of_square(3.0) == pytest.approx(
        Background.integral_of_square(background, 3.0), rel=1e-9
    )
    start = background.tau_where(1e-4)
    assert background.scale_factor(start) * start == pytest.approx(1e-4, rel=1e-12)
    for duration in (1e-3, 10.0):
        later = background.later(0.7, duration)
        times = np.linspace(0.7, later, 20001)
        spent = np.trapezoid(background.scale_factor(times), times)
        assert spent == pytest.approx(duration, rel=1e-2)


def test_a_large_equality_is_radiation_and_a_small_one_matter() -> None:
    tau = np.geomspace(0.1, 10, 20)
    late = RadiationMatter(1e9).scale_factor(tau)
    np.testing.assert_allclose(late, tau, rtol=6e-9)  # (tau/4 + 1/2)/a_eq
    # there sqrt(a_eq/a) of the other, 6e-4 at a = 0.0025
    early = RadiationMatter(1e-9)
    np.testing.assert_allclose(early.scale_factor(tau), PowerLaw(0.0).scale_factor(tau), rtol=2e-3)
    assert radiation_hubble(1.0) == pytest.approx(math.sqrt(0.5), rel=1e-15)


@pytest.mark.parametrize(
    ("mass_eV", "a_eq"),
    [(1e-17, 1.438e5), (1e-19, 1.438e4), (1e-21, 1.438e3), (1e-22, 454.0), (1e-24, 45.2), (1e-27, 1.24)],
)  # fmt: skip
def test_equality_of_our_universe(mass_eV: float, a_eq: float) -> None:
    """With Omega_m h^2 = 0.143; the last digits given are rounded."""
    cosmology = Cosmology(omega_c_h2=0.143 - 0.02237)
    assert cosmology.omega_matter / cosmology.omega_radiation == pytest.approx(3418.9, rel=2e-5)
    assert equality(mass_eV / 3, cosmology=cosmology) == pytest.approx(a_eq, rel=3e-3)
    with pytest.raises(ValueError, match="positive"):
        equality(0.0)


def test_the_largest_slope_is_found_in_every_background() -> None:
    for background in POWERS:
        tau = np.linspace(1e-3, background.later(1e-3, 20 / 3), 20000)
        slope = np.abs(alp.homogeneous(background, **QUADRATIC, tau=tau)[1]).max()
        found = alp.largest_slope(background, **QUADRATIC, span=(1e-3, 1e3))
        assert found == pytest.approx(slope, rel=1e-3)  # of two samples
    with pytest.raises(ValueError, match="conformal times"):
        Static().tau_of(1.0)


def test_today_follows_from_the_radiation_alone() -> None:
    """T_osc is that of an ALP that is lighter by the share of H which is radiation's."""
    model = {"mass_eV": 1e-22, "oscillation_condition": 3.0}
    share = radiation_hubble(454.0)
    lighter = run_relics.a_osc_over_a0(mass_eV=share * 1e-22, oscillation_condition=3.0)
    assert run_relics.a_osc_over_a0(**model, radiation_hubble=share) == lighter
    # a ~ H^(-1/2) of radiation
    assert lighter == pytest.approx(run_relics.a_osc_over_a0(**model) / share**0.5, rel=1e-10)
    length = run_relics.length_today_kpc(1.0, **model, radiation_hubble=share)
    assert length == pytest.approx(
        run_relics.length_today_kpc(1.0, **model) * share**0.5, rel=1e-10
    )

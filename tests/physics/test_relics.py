"""Dark photons from a thermal axion: the reference numbers, and what is refused."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from darklat.physics import boltzmann, relics

POINT = {"mass_phi_gev": 0.01, "mass_dark_gev": 1e-4}


def test_the_reference_point() -> None:
    found = relics.freeze_in(**POINT, coupling_per_gev=1e-10)
    assert found.yield_ == pytest.approx(1.178605e-7, abs=5e-14)
    assert found.omega_h2 == pytest.approx(boltzmann.omega_h2(found.yield_, mass=1e-4), rel=1e-15)
    coupling = relics.coupling_for_dark_matter(**POINT)
    # The reference takes 1.05371e-5 GeV/cm^3 as the critical density, 4e-5 more than ours.
    assert coupling == pytest.approx(6.09155e-10, rel=3e-5)
    density = boltzmann.today.CRITICAL_GEV4 / (1.973269804e-14) ** 3  # GeV/cm^3
    assert coupling * math.sqrt(1.05371e-5 / density) == pytest.approx(6.09155e-10, abs=5e-16)


@pytest.mark.parametrize("statistics", ["bose", "boltzmann"])
@pytest.mark.parametrize("mass", [1e-3, 0.3])
def test_the_coupling_gives_the_density(mass: float, statistics: boltzmann.Statistics) -> None:
    point = {"mass_phi_gev": mass, "mass_dark_gev": mass / 30}
    coupling = relics.coupling_for_dark_matter(**point, statistics=statistics)
    found = relics.freeze_in(**point, coupling_per_gev=coupling, statistics=statistics)
    # Inverse decays take a part Y/Y_eq of the yield squared, up to 1e-8 here.
    assert found.omega_h2 == pytest.approx(0.12, rel=1e-6)


def test_statistics_matter_by_some_per_cent() -> None:
    bose, classical = (
        relics.yield_per_width(0.01, each)
        for each in ("bose", "boltzmann")  # type: ignore[arg-type]
    )
    # zeta(5) by int x^3 sum K_1(n x)/n, with constant g_*; g_*(T) changes it in the third digit.
    assert bose / classical == pytest.approx(1.0369, rel=3e-3)


def test_a_coupling_that_thermalises_is_a_warning_with_the_bound() -> None:
    with pytest.warns(relics.Thermalised, match=r"Gamma/H is 1\.\d+ .* below 9\.43e-09/GeV"):
        found = relics.freeze_in(**POINT, coupling_per_gev=1.1e-8)
    assert 1 < found.thermalisation < 2
    # III.17 is cautious: phi is rare at m_phi/10, and inverse decays take 1e-4.
    assert 5e-5 < found.lost < 2e-4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        relics.freeze_in(**POINT, coupling_per_gev=9e-9)


@pytest.mark.filterwarnings("ignore::darklat.physics.relics.Thermalised")
def test_a_large_coupling_ends_in_equilibrium() -> None:
    found = relics.freeze_in(**POINT, coupling_per_gev=1e-6)
    assert found.lost > 0.98
    at = found.history
    shares = np.interp([1.0, 5.0], at.x, at.Y / at.Y_eq)
    np.testing.assert_allclose(shares, 1, atol=0.03)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="the decay is closed"):
        relics.freeze_in(mass_phi_gev=0.01, mass_dark_gev=0.005, coupling_per_gev=1e-10)
    with pytest.raises(ValueError, match="must be positive"):
        relics.freeze_in(**POINT, coupling_per_gev=-1.0)
    with pytest.raises(ValueError, match="where the fits of g_"):
        relics.coupling_for_dark_matter(mass_phi_gev=1e14, mass_dark_gev=1.0)
    with pytest.raises(ValueError, match=r"matter dominates; .* needs 4\.8e-08 GeV or more"):
        relics.freeze_in(mass_phi_gev=4e-8, mass_dark_gev=1e-9, coupling_per_gev=1e-10)

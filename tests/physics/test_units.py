"""Constants against their definitions from other constants; program units; the background."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darklat.physics import units
from darklat.physics.background import Radiation, Static


def test_gauss_from_si_energy_density() -> None:
    # B^2/(2 mu_0) for 1e-4 T in J/m^3, to eV^4; the constant is quoted to seven digits.
    mu0, joule_per_eV = 1.25663706212e-6, 1.602176634e-19
    density = 1e-8 / (2 * mu0) / joule_per_eV * units.HBAR_C_EV_M**3
    assert math.sqrt(2 * density) == pytest.approx(units.GAUSS_IN_EV2, rel=5e-7)


def test_derived_cosmology_constants() -> None:
    # PDG 2022: 1.22089e19 GeV/sqrt(8 pi); critical density 1.05371e-5 h^2 GeV/cm^3.
    assert pytest.approx(1.22089e28 / math.sqrt(8 * math.pi), rel=1e-5) == (
        units.REDUCED_PLANCK_MASS_EV
    )
    gev_per_cm3 = units.CRITICAL_DENSITY_PER_H2_EV4 / 1e9 / (units.HBAR_C_EV_M * 100) ** 3
    assert gev_per_cm3 == pytest.approx(1.05371e-5, rel=5e-5)
    # Photons and neutrinos at T_nu/T = (4/11)^(1/3); the constants carry three digits.
    assert pytest.approx(2 + 21 / 4 * (4 / 11) ** (4 / 3), abs=5e-3) == units.G_STAR
    assert pytest.approx(2 + 21 / 4 * (4 / 11), abs=5e-3) == units.G_STAR_S


def test_vacuum_amplitude_of_the_benchmark() -> None:
    of_alp = units.units_of_alp(mass_eV=1e-17, f_GeV=1e16, oscillation_condition=3.0)
    assert of_alp.vacuum_amplitude == pytest.approx(1e-17 / 3e25, rel=1e-15)
    # potentials in 1/tau_*: hbar = 1
    assert units.units_without_alp(hubble_eV=2e-18).vacuum_amplitude == pytest.approx(1, rel=1e-15)


def test_radiation_background_solves_friedmann() -> None:
    background = Radiation()
    tau = np.array([0.5, 1.0, 7.0])
    a, hub = background.scale_factor(tau), background.conformal_hubble(tau)
    # H^2 = (hub/a)^2 ~ a^-4, and a = 1, H = 1 at tau = 1.
    np.testing.assert_allclose((hub / a) ** 2, a**-4.0, rtol=4e-16)
    assert a[1] == hub[1] == 1.0
    assert background.tau_of(8.0) == 8.0
    step = 1e-6
    slope = (background.scale_factor(2 + step) - background.scale_factor(2 - step)) / (2 * step)
    # Central difference of a linear function: rounding of 2 over the step only.
    assert slope / background.scale_factor(2.0) == pytest.approx(
        background.conformal_hubble(2.0), rel=1e-9
    )


def test_static_background() -> None:
    background = Static()
    tau = np.array([0.0, 1.0, 5.0])
    np.testing.assert_array_equal(background.scale_factor(tau), np.ones(3))
    np.testing.assert_array_equal(background.conformal_hubble(tau), np.zeros(3))
    assert background.scale_factor(3.0) == 1.0
    with pytest.raises(ValueError, match="tau_end"):
        background.tau_of(2.0)

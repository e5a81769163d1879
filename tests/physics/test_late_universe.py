"""H(z), x_e(z) and the photon's mass after recombination, against the Boltzmann code CAMB.

CAMB is given the same parameters, massless neutrinos, and RECFAST's coefficients of Planck's
analyses: its own defaults have been other ones since version 2.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import constants

from darklat.physics import thermal
from darklat.physics.thermal import recombination
from darklat.physics.thermal.cosmology import ADDAZI, STANDARD, Cosmology

REDSHIFTS = np.geomspace(10, 1400, 120)
# Without reionisation, by an independent program with T_0 = 2.7255 K; the digits given.
X_E = {10: 1.98840e-4, 20: 2.11934e-4, 100: 2.72732e-4, 500: 6.84449e-4, 1000: 4.87733e-2}


def camb_results(cosmology: Cosmology, *, reionisation: bool) -> Any:
    import camb

    p = camb.CAMBparams()
    p.set_cosmology(
        H0=cosmology.hubble_km_s_mpc, ombh2=cosmology.omega_b_h2, omch2=cosmology.omega_c_h2,
        YHe=cosmology.helium_mass_fraction, nnu=cosmology.neutrino_species, mnu=0,
        num_massive_neutrinos=0, TCMB=cosmology.cmb_kelvin, omk=0,
        zrei=cosmology.reionisation_redshift,
    )  # fmt: skip
    p.Reion.Reionization = reionisation
    planck = camb.recombination.recfast_approx_model_params["planck"]
    for name, value in planck.items():
        setattr(p.Recomb, name, value)
    return camb.get_background(p)


def camb_x_e(results: Any, z: np.ndarray) -> np.ndarray:
    return results.get_background_redshift_evolution(z, ["x_e"], format="array")[:, 0]


@pytest.mark.parametrize("cosmology", [STANDARD, ADDAZI], ids=["2.7255 K", "2.725 K"])
def test_recombination_is_that_of_recfast(cosmology: Cosmology) -> None:
    ours = thermal.ionisation_fraction(REDSHIFTS, reionisation=False, cosmology=cosmology)
    theirs = camb_x_e(camb_results(cosmology, reionisation=False), REDSHIFTS)
    # 4e-4: CAMB interpolates in a table that is coarse below z = 15; 1e-4 elsewhere
    np.testing.assert_allclose(ours, theirs, rtol=4e-4)
    np.testing.assert_allclose(ours[REDSHIFTS > 15], theirs[REDSHIFTS > 15], rtol=1e-4)


def test_reionisation_is_that_of_camb() -> None:
    z = np.concatenate([np.linspace(0, 10, 101), REDSHIFTS])
    results = camb_results(STANDARD, reionisation=True)
    # CAMB's table of x_e is linear in steps of its own near the tanh, hence 3e-4 there
    np.testing.assert_allclose(thermal.ionisation_fraction(z), camb_x_e(results, z), atol=3e-4)
    # Its tanh starts from the x_e of one redshift, ours from the residual x_e of each: 2.5e-6
    np.testing.assert_allclose(
        thermal.ionisation_fraction(REDSHIFTS), camb_x_e(results, REDSHIFTS), rtol=4e-4, atol=3e-6
    )
    f_he = STANDARD.helium_per_hydrogen
    assert thermal.ionisation_fraction(0.0) == pytest.approx(1 + 2 * f_he, rel=1e-6)
    assert thermal.ionisation_fraction(4.8) == pytest.approx(1 + f_he, rel=2e-3)


def test_where_the_tanh_starts_is_all_that_differs_from_camb() -> None:
    # CAMB starts eight widths before the middle, from the x_e there; 4e-4 as without reionisation
    middle, width = STANDARD.reionisation_redshift, 0.5
    begins = middle + 8 * width
    started = begins > REDSHIFTS
    residual, at_start = (
        thermal.ionisation_fraction(z, reionisation=False) for z in (REDSHIFTS, begins)
    )
    with_reionisation = thermal.ionisation_fraction(REDSHIFTS)
    left = 1 - (with_reionisation - residual) / (1 + STANDARD.helium_per_hydrogen - residual)
    theirs = np.where(started, with_reionisation + (at_start - residual) * left, residual)
    found = camb_x_e(camb_results(STANDARD, reionisation=True), REDSHIFTS)
    assert 0 < started.sum() < 10
    np.testing.assert_allclose(theirs, found, rtol=4e-4)


def test_the_temperature_of_the_gas_is_that_of_camb() -> None:
    z = np.geomspace(10, 1400, 60)
    results = camb_results(STANDARD, reionisation=False)
    theirs = results.get_background_redshift_evolution(z, ["T_b"], format="array")[:, 0]
    found = thermal.matter_temperature_kelvin(z)
    # CAMB interpolates in its table.
    np.testing.assert_allclose(found, theirs, rtol=1e-3)
    cmb = STANDARD.cmb_kelvin
    assert thermal.matter_temperature_kelvin(2000.0) == pytest.approx(2001 * cmb, rel=1e-12)
    # Adiabatic in the end, and continuous where the gas leaves the radiation's temperature.
    cold = thermal.matter_temperature_kelvin([10.0, 20.0])
    assert math.log(cold[1] / cold[0]) / math.log(21 / 11) == pytest.approx(2, abs=0.03)
    joint = thermal.matter_temperature_kelvin(np.linspace(1300, 2500, 400))
    assert np.max(np.abs(joint / (cmb * (1 + np.linspace(1300, 2500, 400))) - 1)) < 1e-4


def test_helium_before_recombination() -> None:
    z = np.array([1500.0, 1800, 2000, 2400, 3000, 6000, 8000])
    theirs = camb_x_e(camb_results(STANDARD, reionisation=False), z)
    # 2e-4: CAMB switches from equilibrium to rates where helium is 1% neutral
    np.testing.assert_allclose(
        thermal.ionisation_fraction(z, reionisation=False), theirs, rtol=2e-4
    )
    # Both helium ions in equilibrium where their equations hand over
    handed = recombination.history(STANDARD).x_e(np.array([2999.0, 3001.0]))
    assert handed[0] == pytest.approx(handed[1], rel=1e-4)


@pytest.mark.parametrize("z", X_E)
def test_reference_numbers_of_x_e(z: float) -> None:
    ours = float(thermal.ionisation_fraction(z, reionisation=False))
    assert ours == pytest.approx(X_E[z], rel=5e-6)  # half a unit of the last digit is 2.6e-6


def test_expansion_is_that_of_camb() -> None:
    z = np.concatenate([[0.0], np.geomspace(0.01, 1e4, 60)])
    for cosmology in (STANDARD, ADDAZI):
        results = camb_results(cosmology, reionisation=True)
        km_s_mpc = results.hubble_parameter(z)
        ours = thermal.hubble_per_second(z, cosmology=cosmology) * 3.0856775814913673e19
        # CAMB has G = 6.6738e-11, which makes radiation 7.5e-5 smaller, half of it in H
        np.testing.assert_allclose(ours, km_s_mpc, rtol=4e-5)
    assert thermal.hubble_per_second(0.0) == pytest.approx(67.36 / 3.0856775814913673e19, rel=1e-9)


def test_photon_mass_and_its_slope() -> None:
    z = np.array([0.0, 3.0, 9.1475, 20.0, 300.0, 1050.0])
    mass = thermal.plasma_mass_ev(z)
    # The plasma frequency in SI units: e^2 n_e/(epsilon_0 m_e)
    stiffness = constants.e**2 / (constants.epsilon_0 * constants.m_e)
    frequency = np.sqrt(stiffness * thermal.electrons_per_m3(z))
    np.testing.assert_allclose(mass, constants.hbar * frequency / constants.e, rtol=1e-8)
    ratio = thermal.plasma_mass_ev(z, electrons="n_b") / mass
    np.testing.assert_allclose(ratio**2, STANDARD.baryons_per_m3 / STANDARD.hydrogen_per_m3)
    step = 1e-4 * (1 + z)
    after, before = (np.log(thermal.plasma_mass_ev(np.maximum(z + s, 0))) for s in (step, -step))
    width = step + np.minimum(step, z)
    slope = thermal.plasma_mass_slope(z)
    # at z = 0 the difference is one-sided
    np.testing.assert_allclose(slope, 2 * (after - before) / width, rtol=2e-4)
    assert thermal.plasma_mass_slope(0.0) == pytest.approx(3.0, rel=1e-6)


def test_bad_input() -> None:
    for bad in (-0.1, math.nan, 10_001.0):
        with pytest.raises(ValueError, match="redshifts must be finite, not negative and at most"):
            thermal.ionisation_fraction([1.0, bad])
    with pytest.raises(ValueError, match="redshifts must be finite, not negative"):
        thermal.hubble_per_second(-1.0)
    with pytest.raises(ValueError, match="'n_e' is unknown; use one of n_H, n_b"):
        thermal.plasma_mass_ev(1.0, electrons="n_e")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="helium_mass_fraction must be below one"):
        Cosmology(helium_mass_fraction=1.0)
    with pytest.raises(ValueError, match=r"omega_b_h2 must be positive and finite, not -0\.02"):
        Cosmology(omega_b_h2=-0.02)
    assert thermal.ionisation_fraction(np.ones((2, 3))).shape == (2, 3)

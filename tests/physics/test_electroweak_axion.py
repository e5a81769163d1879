"""The axion of electroweak baryogenesis: closed forms of the paper against direct numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darklat.physics import boltzmann, relics
from darklat.physics.electroweak_axion import (
    constraints,
    dark_photons,
    invisible,
    kappas,
    potential,
    rates,
    vacuum,
)

REFERENCE = {"r": 1.0, "epsilon": 0.5, "beta": 0.5}


def test_the_reference_point() -> None:
    found = kappas(**REFERENCE)
    assert found.kappa1 == pytest.approx(1.649254, abs=5e-7)
    assert found.kappa2 == pytest.approx(0.323425, abs=5e-7)
    assert found.kappa_mix == pytest.approx(0.038457, abs=5e-7)
    assert found.nucleation_temperature_gev == pytest.approx(141.5216, abs=5e-5)


@pytest.mark.parametrize("r", [0.3, 1.0])
@pytest.mark.parametrize("epsilon", [0.2, 0.9])
@pytest.mark.parametrize("beta", [0.1, 0.6])
def test_the_minimum_has_the_closed_forms(r: float, epsilon: float, beta: float) -> None:
    """For f_phi >> v; corrections are of order (v/f_phi)^2, here 6e-6."""
    closed, f = kappas(r=r, epsilon=epsilon, beta=beta), 1e5
    found = vacuum(r=r, epsilon=epsilon, beta=beta, f_gev=f)
    assert found.higgs_gev == pytest.approx(246.0, rel=1e-12)
    m_h = potential.HIGGS_MASS_GEV
    assert found.mass_phi_gev == pytest.approx(closed.kappa1 * m_h**2 / f, rel=1e-4)
    assert found.sin_mixing == pytest.approx(closed.kappa2 * m_h / f, rel=1e-4)
    assert found.mass_higgs_gev == pytest.approx(m_h, rel=1e-4)
    mix = (found.sin_mixing * m_h / found.mass_phi_gev) ** 2
    assert mix == pytest.approx(closed.kappa_mix, rel=2e-4)


def test_the_corrections_fall_as_the_square_of_the_decay_constant() -> None:
    closed = kappas(**REFERENCE)
    errors = [
        vacuum(**REFERENCE, f_gev=f).sin_mixing * f / (125 * closed.kappa2) - 1
        for f in (1e4, 1e5, 1e6)
    ]
    np.testing.assert_allclose(np.divide(errors[:-1], errors[1:]), 100, rtol=0.01)
    far = vacuum(**REFERENCE, f_gev=1e12)  # no digits are lost
    assert far.mass_phi_gev == pytest.approx(closed.kappa1 * 125**2 / 1e12, rel=1e-12)
    assert far.sin_mixing == pytest.approx(closed.kappa2 * 125 / 1e12, rel=1e-9)


def test_the_printed_root_of_the_footnote_does_not_fit_its_own_kappas() -> None:
    """epsilon as printed is sqrt(lambda) = 0.36 times ours."""
    printed = kappas(r=1.0, epsilon=math.sqrt(potential.QUARTIC) * 0.5, beta=0.5)
    found = vacuum(**REFERENCE, f_gev=1e6)
    assert abs(printed.kappa1 * 125**2 / 1e6 / found.mass_phi_gev - 1) > 0.3


def test_what_has_no_vacuum_is_refused() -> None:
    with pytest.raises(ValueError, match="epsilon between 0 and 1"):
        kappas(r=1.0, epsilon=1.0, beta=0.5)
    with pytest.raises(ValueError, match="the axion's mass is negative"):
        kappas(r=8.0, epsilon=0.5, beta=1.5)
    frozen = kappas(r=1.0, epsilon=0.2, beta=1.4)
    assert frozen.kappa1 > 0 and frozen.nucleation_temperature_gev is None
    with pytest.raises(ValueError, match="survives to T = 0"):
        frozen.require_transition()
    with pytest.raises(ValueError, match="the phase h = 0 is deeper"):
        vacuum(r=3.0, epsilon=0.5, beta=1.2, f_gev=1e5)
    with pytest.raises(ValueError, match="f_phi must be positive"):
        vacuum(**REFERENCE, f_gev=0.0)


# ---- Bounds and couplings ----


def test_the_electron_moment_is_allowed_above_10_tev() -> None:
    """II.11 at kappa_2 = 1 meets the ACME II bound, 1.1e-29 e cm, close to 10 TeV."""

    def moment(f: float) -> float:
        return constraints.electron_edm_e_cm(sin_mixing=125 / f, f_gev=f, mass_phi_gev=125**2 / f)

    assert moment(2e4) < 4.1e-30 and moment(1e4) < 1.1e-29 < moment(5e3)
    # By hand, with hbar c in GeV cm.
    by_hand = 4 * math.pi / 137.036 / (32 * math.pi**4) * 0.511e-3 / 246 * 0.0125 / 1e4
    by_hand *= math.log(80) * 1.97327e-14
    assert moment(1e4) == pytest.approx(by_hand, rel=1e-4)


def test_couplings_to_photons() -> None:
    g = constraints.photon_coupling(f_gev=1e6)
    assert g == pytest.approx(1.1614e-9, rel=1e-4)
    kappa = constraints.kappa_photon(kappa1=1.0)
    assert constraints.mass_of_photon_coupling(g, kappa_photon=kappa) == pytest.approx(125**2 / 1e6)
    # II.17: the band of Fig. 2 is that of c/kappa_1 from 0.1 to 10.
    low, high = constraints.KAPPA_PHOTON_BAND
    assert constraints.kappa_photon(kappa1=10.0) == pytest.approx(low, rel=0.2)
    assert constraints.kappa_photon(kappa1=0.1) == pytest.approx(high, rel=0.2)
    assert constraints.mass_window_gev(kappa1=1.0) == pytest.approx((1.5625e-3, 0.15625))
    assert constraints.muon_bound(0.25) == pytest.approx(1.6e-3)


# ---- Rates ----

SM, TEN, HUNDRED = boltzmann.standard_model(), *map(boltzmann.constant_bath, (10.0, 100.0))


def test_inverse_decays_over_the_hubble_rate() -> None:
    found = rates.inverse_decay_over_hubble(f_gev=1e6, kappa1=1.0, kappa2=1.0)
    assert found == pytest.approx(1.546, abs=5e-4)  # II.24: 1
    # II.24's scaling.
    other = rates.inverse_decay_over_hubble(f_gev=3e5, kappa1=2.0, kappa2=0.3, g_star=40.0)
    assert other == pytest.approx(found * 0.09 / 2 / 0.3 / 2, rel=1e-12)


def test_temperatures_of_decoupling() -> None:
    for f in (1e5, 1e6, 1e7):
        T = rates.primakoff_temperature(f_gev=f, bath=SM)
        assert T is not None
        assert rates.primakoff(T, f_gev=f) == pytest.approx(float(SM.hubble(T)), rel=1e-9)
        # II.21 rounds to a power of ten.
        assert 1 < T / rates.paper_primakoff_temperature(f_gev=f) < 4
        cold = rates.compton_temperature(f_gev=f, kappa2=1.0, bath=SM)
        assert cold is not None and cold < T
    # II.25: Compton scattering stops above m_phi for larger f_phi, below m_phi for smaller ones.
    window = rates.thermal_window_gev(kappa1=1.0, kappa2=1.0)
    assert window == (1e5, 1e6)
    assert rates.compton_temperature(f_gev=1e13, kappa2=1.0, bath=SM) is None
    assert rates.weak_scattering(1e3, f_gev=1e6) > float(SM.hubble(1e3))


# ---- Dark photons ----


def test_numbers_of_dark_photons() -> None:
    T = dark_photons.decoupling_temperature(coupling=1e-8, bath=HUNDRED)
    assert pytest.approx(5.142e4, rel=1e-4) == T  # III.3: 5e4
    ratio = dark_photons.decay_over_hubble(mass_phi=0.01, coupling=1e-8, bath=TEN)
    assert ratio == pytest.approx(1.1566e-2, abs=5e-7)  # III.4: 1e-2
    invisible_coupling = dark_photons.paper_invisible_coupling(kappa1=1.0, kappa2=1.0)
    assert invisible_coupling == pytest.approx(6.54e-8, abs=5e-11)  # III.7: 1e-7
    assert dark_photons.nucleosynthesis_coupling(0.01) == pytest.approx(3.64e-9, abs=5e-12)
    g_star = float(SM.g_energy(0.01))
    closed = dark_photons.paper_coupling(mass_phi=0.01, mass_dark=1e-4, g_star=g_star)
    assert closed == pytest.approx(1.0552e-10, abs=5e-15)
    exact = relics.coupling_for_dark_matter(mass_phi_gev=0.01, mass_dark_gev=1e-4)
    assert (exact / closed) ** 2 == pytest.approx(33, abs=0.5)
    # III.21: 0.07. The reference has .0806 for three states, which is not 3/2 of its .0539.
    assert dark_photons.delta_neff(states=2) == pytest.approx(0.0539, abs=5e-5)
    assert dark_photons.delta_neff() == pytest.approx(1.5 * dark_photons.delta_neff(states=2))
    assert dark_photons.delta_neff() == pytest.approx(0.0806, rel=5e-3)


def test_iii_18_is_33_times_too_large_for_four_reasons() -> None:
    """The paper's estimate is that of a Yukawa coupling y = g m_phi, with rounded numbers."""
    mass, dark, g = 0.01, 1e-4, 1e-10
    vertex = (g * mass) ** 2 * mass / (8 * math.pi) / (g**2 * mass**3 / (64 * math.pi))
    assert vertex == pytest.approx(8, rel=1e-14)

    def estimate(coupling: float) -> float:
        """Omega/Omega_DM by y = 1e-12 (Omega/Omega_DM)^(1/2) (g_*/100)^(3/4) (m/m')^(1/2)."""
        return (coupling / 1e-12) ** 2 * (100 / 10) ** 1.5 * dark / mass

    rounding = 1 / estimate(g * mass)  # III.18 is 1 there, with g_* = 10
    assert rounding == pytest.approx(math.sqrt(10), rel=1e-12)
    classical = 45 / (4 * math.pi**4 * 10) * 3 * math.pi * (g * mass) ** 2 * mass / (8 * math.pi)
    classical /= float(TEN.hubble(mass))
    share = boltzmann.omega_h2(classical, mass=dark) / boltzmann.OMEGA_DARK_MATTER_H2
    prefactor = estimate(g * mass) / share
    assert prefactor == pytest.approx(1.373, abs=1e-3)
    g_star = float(SM.g_energy(mass))
    real = relics.yield_per_width(mass) * g**2 * mass**3 / (64 * math.pi)
    history = real / (classical / 8 * (g_star / 10) ** -1.5)  # quantum statistics, g_*(T)
    assert history == pytest.approx(1.043, abs=1e-3)
    whole = vertex * rounding * prefactor / history / (1 - 4 * (dark / mass) ** 2) ** 1.5
    exact = relics.freeze_in(mass_phi_gev=mass, mass_dark_gev=dark, coupling_per_gev=g).omega_h2
    paper = dark_photons.paper_omega_h2(mass_phi=mass, mass_dark=dark, coupling=g, g_star=g_star)
    assert paper / exact == pytest.approx(whole, rel=1e-6)


def test_decays_to_the_standard_model() -> None:
    f, kappa2 = 125**2 / 0.01, 0.1
    visible = dark_photons.electron_width(mass_phi=0.01, sin_mixing=kappa2 * 125 / f)
    photons = dark_photons.photon_width(
        mass_phi=0.01, coupling=constraints.photon_coupling(f_gev=f)
    )
    # III.6 says 1e-5/kappa_2^2 and III.10 1e-11, at 10 MeV.
    assert photons / visible * kappa2**2 == pytest.approx(2.54e-4, rel=1e-3)
    assert dark_photons.nucleosynthesis_mixing(0.01) == pytest.approx(3.895e-11, rel=1e-3, abs=0)
    assert dark_photons.electron_width(mass_phi=1e-3, sin_mixing=1.0) == 0
    assert dark_photons.least_branching_ratio(
        mass_phi=0.01, kappa1=1.0, kappa2=0.1
    ) == pytest.approx(5.3e-5, rel=0.01)  # III.8: 1e-4
    assert dark_photons.paper_least_branching_ratio(mass_phi=0.01, kappa2=0.1) == 1e-4
    assert dark_photons.paper_photons_over_electrons(mass_phi=0.01, kappa2=1.0) == 1e-5


def test_bounds_of_dark_matter() -> None:
    bound = dark_photons.thermalisation_coupling(mass_phi=0.01, mass_dark=0.0)
    assert bound == pytest.approx(dark_photons.paper_thermalisation_coupling(0.01), rel=0.07)
    T = dark_photons.decoupling_temperature(coupling=1e-9, bath=SM)
    assert pytest.approx(dark_photons.paper_reheating_bound(1e-9), rel=0.15) == T
    assert dark_photons.paper_decoupling_temperature(1e-8) == 5e4
    assert dark_photons.paper_decay_over_hubble(mass_phi=0.01, coupling=1e-8) == 1e-2


# ---- Freeze-out ----


def test_constants_of_freeze_out() -> None:
    assert invisible.closed_coefficient() == pytest.approx(0.331, abs=5e-4)  # III.12: 1
    assert invisible.closed_constant(10.75) == pytest.approx(10.03, abs=5e-3)  # III.13: 11
    epsilon = invisible.largest_coupling_to_fermions(mass_dark=0.01)
    assert epsilon == pytest.approx(1.4e-10, abs=5e-12)  # III.15: 1e-9
    again = invisible.largest_coupling_to_fermions(mass_dark=0.04)
    assert again == pytest.approx(2 * epsilon, rel=1e-12)


def test_the_closed_freeze_out_solves_its_equation() -> None:
    T = invisible.closed_freeze_out(mass_phi=0.03, mass_dark=0.01, coupling=1e-6)
    classical = [(m * T / (2 * math.pi)) ** 1.5 * math.exp(-m / T) for m in (0.03, 0.01)]
    rate = classical[0] / (3 * classical[1]) * 1e-12 * 0.03**3 / (64 * math.pi)
    assert rate == pytest.approx(float(boltzmann.constant_bath(10.75).hubble(T)), rel=1e-9)
    neff = invisible.closed_delta_neff(mass_dark=0.01, freeze_out_gev=T, decay_gev=1e-3)
    energy = 0.01 * 3 * classical[1] * (1e-3 / T) ** 3
    assert neff == pytest.approx(energy / (7 / 4 * math.pi**2 / 30 * 1e-12), rel=1e-9)


def test_radiation_counts_as_neutrinos() -> None:
    T = 3e-3  # neutrinos have the temperature of photons; the fit of g_s is 0.35 % below 10.75
    neutrino = boltzmann.Species(0.0, 2, "fermi")
    found = invisible.delta_neff_of(float(neutrino.energy(T)), T, SM)
    assert found == pytest.approx((10.75 / float(SM.g_entropy(T))) ** (4 / 3), rel=1e-4)
    assert found == pytest.approx(1, rel=6e-3)


def test_freeze_out_numerically() -> None:
    found = invisible.freeze_out(mass_phi=0.03, mass_dark=0.01, coupling=1e-6)
    early = np.interp(3.0, found.history.x, found.history.Y / found.history.Y_eq)
    assert early == pytest.approx(1, abs=0.01)
    T = invisible.decay_temperature(mass_dark=0.01, coupling_to_fermions=6e-11, bath=SM)
    width = invisible.fermion_width(mass_dark=0.01, coupling_to_fermions=6e-11)
    assert float(SM.hubble(T)) == pytest.approx(width, rel=1e-9)
    with pytest.raises(ValueError, match="does not bring dark photons into equilibrium"):
        invisible.freeze_out(mass_phi=0.03, mass_dark=0.01, coupling=1e-8)
    with pytest.raises(ValueError, match="no solution"):
        invisible.closed_freeze_out(mass_phi=0.03, mass_dark=0.01, coupling=1e-9)

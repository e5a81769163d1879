"""Freeze-in of the dark sector through a kinetic mixing epsilon, by the estimates of App. F.

A. Arvanitaki et al., "Dark QED from Inflation", App. F. The relic densities of `freeze_out` assume
that the Standard Model feeds the dark sector less than inflation does: epsilon e_D below
`largest_coupling`. Masses are in GeV. Yields are n/s of the Standard Model.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import zeta

from darklat.physics import boltzmann
from darklat.physics.boltzmann.pairs import check_open
from darklat.physics.dark_qed.bath import PLANCK_MASS_GEV, check_positive
from darklat.physics.thermal import g_energy, g_entropy
from darklat.physics.thermal.radiation import T_EQUALITY_EV
from darklat.physics.units import ELECTRON_MASS_EV, EV_PER_GEV, FINE_STRUCTURE, G_STAR, G_STAR_S

ELECTRON_GEV = ELECTRON_MASS_EV / EV_PER_GEV

OMEGA_H2_PER_MEV = 2.82e5
"""Omega h^2 over (m/MeV) Y of Eq. F.2. With the entropy of today it is 2.74e5."""

_PLASMON = 4.1e18


def photon_yield_plasmons(*, mass_photon_gev: float, epsilon: float) -> float:
    """Y of A' from resonant plasmons, Eq. F.1 as printed: 4.1e18 epsilon^2 MeV/m_A'.

    Raises ValueError unless m_A' is below 2 m_e.
    """
    check_positive(m_A=mass_photon_gev, epsilon=epsilon)
    if mass_photon_gev >= 2 * ELECTRON_GEV:
        raise ValueError(
            f"Eq. F.1 is for m_A' below 2 m_e = {2 * ELECTRON_GEV:.3g} GeV, not "
            f"{mass_photon_gev:.3g} GeV: there A' comes from pairs of leptons (Eq. F.4)"
        )
    return _PLASMON * epsilon**2 * 1e-3 / mass_photon_gev


def photon_yield_transverse(*, mass_photon_gev: float, epsilon: float) -> float:
    """Y of A' from transverse plasmons that resonate at m_t(T) = m_A', m_t^2 = (2 pi alpha/3) T^2.

    In the narrow resonance each plasmon converts with pi epsilon^2 m^2/(2 H omega), so n is (pi/12)
    epsilon^2 m^2 T^2/H: 2.4e17 epsilon^2 MeV/m_A' near 1 MeV, a 17th of Eq. F.1. There T_r =
    8.1 m_A'; the paper's 3 m_A'/(2 alpha pi) lacks a square root. Raises as
    `photon_yield_plasmons`.
    """
    photon_yield_plasmons(mass_photon_gev=mass_photon_gev, epsilon=epsilon)  # its refusals
    T = mass_photon_gev / math.sqrt(2 * math.pi * FINE_STRUCTURE / 3)
    plasma = boltzmann.standard_model()
    number = math.pi / 12 * (epsilon * mass_photon_gev * T) ** 2 / float(plasma.hubble(T))
    return number / float(plasma.entropy(T))


def width_to_leptons_gev(
    *, mass_photon_gev: float, epsilon: float, mass_lepton_gev: float = ELECTRON_GEV
) -> float:
    """Gamma of A' -> l+ l-, Eq. F.3, in GeV. Raises ValueError where the decay is closed."""
    check_positive(m_A=mass_photon_gev, epsilon=epsilon, m_l=mass_lepton_gev)
    check_open(mass_photon_gev, mass_lepton_gev)
    ratio = (mass_lepton_gev / mass_photon_gev) ** 2
    coupling = epsilon**2 * FINE_STRUCTURE / 3
    return coupling * mass_photon_gev * (1 + 2 * ratio) * math.sqrt(1 - 4 * ratio)


def photon_yield_pairs(*, mass_photon_gev: float, epsilon: float) -> float:
    """Y of A' from e+ e- pairs, Eq. F.4: 9/(4 pi) m_A'^3 Gamma/(H s) at T = m_A'.

    `photon_yield_pairs_exact` integrates over T. Raises ValueError as `width_to_leptons_gev`.
    """
    width = width_to_leptons_gev(mass_photon_gev=mass_photon_gev, epsilon=epsilon)
    plasma = boltzmann.standard_model()
    T = mass_photon_gev
    return 9 / (4 * math.pi) * T**3 * width / float(plasma.hubble(T) * plasma.entropy(T))


def photon_yield_pairs_exact(*, mass_photon_gev: float, epsilon: float) -> float:
    """The same by integration with Bose statistics and g_*(T): inverse decays of 3 states of A'.

    n_eq Gamma <m/E>/(s H) per e-fold of T, e+ e- having one temperature with photons. Raises
    ValueError as `width_to_leptons_gev`.
    """
    width = width_to_leptons_gev(mass_photon_gev=mass_photon_gev, epsilon=epsilon)
    plasma = boltzmann.standard_model()
    photon = boltzmann.Species(mass_photon_gev, 3, "bose")
    log_x = np.linspace(math.log(1e-3), math.log(60.0), 2001)
    T = mass_photon_gev / np.exp(log_x)
    rate = plasma.e_folds(T) * width * photon.decaying(T) / (plasma.hubble(T) * plasma.entropy(T))
    step = float(log_x[1] - log_x[0])
    return float(step * (np.sum(rate) - (rate[0] + rate[-1]) / 2))


def photon_omega_h2(yield_: float, *, mass_photon_gev: float) -> float:
    """Omega h^2 of A' by Eq. F.2 as printed; `boltzmann.omega_h2` has the entropy of today."""
    return OMEGA_H2_PER_MEV * mass_photon_gev * 1e3 * yield_


def largest_coupling(*, mass_fermion_gev: float) -> float:
    """epsilon e_D at which psi from e+ e- pairs is all dark matter, light A', Eq. F.7: 8e-12.

    8.5e-12 at 1 GeV with T = .8 eV at matter-radiation equality. g_* is taken at T = m_psi. The
    estimate is for m_psi > m_e; ValueError below.
    """
    return _largest(mass_fermion_gev)


def largest_coupling_heavy_photon(*, mass_fermion_gev: float, mass_photon_gev: float) -> float:
    """The same for a heavy A', Eq. F.9: F.7 with g_* at T = m_A', times (m_A'/(2 m_psi))^(1/2).

    Raises ValueError unless m_A' > 2 m_psi and m_A' > m_e.
    """
    check_positive(m_psi=mass_fermion_gev, m_A=mass_photon_gev)
    if mass_photon_gev <= 2 * mass_fermion_gev:
        raise ValueError(
            f"Eq. F.9 is for m_A' > 2 m_psi = {2 * mass_fermion_gev:.3g} GeV, not "
            f"{mass_photon_gev:.3g} GeV"
        )
    return _largest(mass_photon_gev) * math.sqrt(mass_photon_gev / (2 * mass_fermion_gev))


def _largest(T_gev: float) -> float:
    """F.7 with g_* at a temperature: 4 pi^(17/4)/(9 5^(3/4) zeta(3) e) g_*^(1/4) g_s^(1/2) ...

    It equates n_e^2 2 T <sigma v>, which the plasma injects, with its energy at equality.
    """
    check_positive(m=T_gev)
    if T_gev < ELECTRON_GEV:
        raise ValueError(
            f"electrons make dark fermions above m_e = {ELECTRON_GEV:.3g} GeV alone, not at "
            f"{T_gev:.3g} GeV: there plasmons decay, which App. F leaves out"
        )
    charge = math.sqrt(4 * math.pi * FINE_STRUCTURE)
    constant = 4 * math.pi**4.25 / (9 * 5**0.75 * float(zeta(3)) * charge)
    plasma = float(g_energy(T_gev)) ** 0.25 * float(g_entropy(T_gev)) ** 0.5
    equality = math.sqrt(G_STAR / G_STAR_S * T_EQUALITY_EV / EV_PER_GEV / PLANCK_MASS_GEV)
    return constant * plasma * equality

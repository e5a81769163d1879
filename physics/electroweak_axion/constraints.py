"""Couplings of the axion to photons and electrons, and the paper's bounds in closed form.

K. S. Jeong, J. H. Kang, S. Nakagawa, Eqs. II.10-II.19. Masses are in GeV, couplings in 1/GeV.
"""

from __future__ import annotations

import math

from darklat.physics.electroweak_axion.particles import (
    ELECTRON_GEV,
    HIGGS_MASS_GEV,
    HIGGS_VEV_GEV,
    MUON_GEV,
)
from darklat.physics.units import EV_PER_GEV, FINE_STRUCTURE, HBAR_C_EV_M

MESON_WINDOW = (1e-9, 3e-7)
"""sin^2(theta_mix) between which II.12 allows it, for m_phi in `MESON_MASSES_GEV`."""

MESON_MASSES_GEV = (1e-3, 2 * MUON_GEV)

MUON_MASSES_GEV = (0.3, 5.0)
"""m_phi to which II.13 applies."""

SUPERNOVA_COUPLING = 0.8e-8
"""g_phi_gamma from which supernovae exclude it (II.16), for m_phi below `SUPERNOVA_MASS_GEV`."""

SUPERNOVA_MASS_GEV = 0.2

NUCLEOSYNTHESIS_COUPLING = 3e-9
"""g_phi_gamma below which nucleosynthesis suffers from an axion that decays to photons alone, for
m_phi above `NUCLEOSYNTHESIS_MASS_GEV` (below II.16)."""

NUCLEOSYNTHESIS_MASS_GEV = 1e-3

BEAM_DUMP_COUPLING = 2e-7
"""g_phi_gamma above which beam dumps exclude some masses (below II.16)."""

EDM_BOUNDS_E_CM = {"ACME II": 1.1e-29, "JILA": 4.1e-30}
"""Dipole moments of the electron that experiments exclude (the paper's references 48, 49)."""

DECAY_CONSTANTS_GEV = (1e5, 1e7)
"""f_phi of successful baryogenesis (II.18)."""

KAPPA_MIX_BAND = (1e-3, 1.0)
"""kappa_mix of Fig. 1."""

KAPPA_PHOTON_BAND = (1e-4, 1e-2)
"""kappa_phi_gamma of Fig. 2."""


def photon_coupling(*, f_gev: float, anomaly: float = 1.0) -> float:
    """g_phi_gamma = c_gamma alpha/(2 pi f_phi) in 1/GeV (II.10)."""
    return anomaly * FINE_STRUCTURE / (2 * math.pi * f_gev)


def kappa_photon(*, kappa1: float, anomaly: float = 1.0) -> float:
    """kappa_phi_gamma = c_gamma alpha/(2 pi kappa_1), g_phi_gamma = this m_phi/m_h^2 (II.17)."""
    return anomaly * FINE_STRUCTURE / (2 * math.pi * kappa1)


def mass_of_photon_coupling(coupling: float, *, kappa_photon: float) -> float:
    """m_phi = g_phi_gamma m_h^2/kappa_phi_gamma (II.15: 10 MeV per 1e-9/GeV, within the band)."""
    return coupling * HIGGS_MASS_GEV**2 / kappa_photon


def electron_edm_e_cm(*, sin_mixing: float, f_gev: float, mass_phi_gev: float) -> float:
    """Electric dipole moment of the electron in e cm (II.11).

    d_e = e^3/(32 pi^4) (m_e/v) (sin(theta_mix)/f_phi) ln(m_h/m_phi).
    """
    loop = 4 * math.pi * FINE_STRUCTURE / (32 * math.pi**4)
    logarithm = math.log(HIGGS_MASS_GEV / mass_phi_gev)
    moment = loop * ELECTRON_GEV / HIGGS_VEV_GEV * sin_mixing / f_gev * logarithm
    return moment * HBAR_C_EV_M / EV_PER_GEV * 100


def muon_bound(branching_ratio: float) -> float:
    """The largest sin(theta_mix) for a Br(phi -> mu mu), m_phi from 300 MeV to 5 GeV (II.13)."""
    return 0.8e-3 / math.sqrt(branching_ratio)


def mass_window_gev(*, kappa1: float) -> tuple[float, float]:
    """m_phi = kappa_1 m_h^2/f_phi at both ends of II.18: II.19."""
    low, high = DECAY_CONSTANTS_GEV
    return kappa1 * HIGGS_MASS_GEV**2 / high, kappa1 * HIGGS_MASS_GEV**2 / low

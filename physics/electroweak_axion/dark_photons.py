"""Dark photons that couple to the axion: rates, decoupling, branching ratios, lifetimes.

K. S. Jeong, J. H. Kang, S. Nakagawa, Eqs. III.1-III.10, III.16-III.21. `paper_*` are the printed
closed forms. The functions beside them have all factors:

- III.6 is the ratio of g_phi_gamma^2 m^3/(64 pi) and sin^2(theta_mix) (m_e/v)^2 m/(8 pi), which is
  2.5e-4/kappa_2^2 at 10 MeV, not 1e-5/kappa_2^2.
- III.7 asks for equal amplitudes up to a factor: equal widths are at sqrt(2) m_h/v = 0.72 times it.
- III.18 gives too small a coupling, see docs/physics/dark-relics.md.

Masses and temperatures are in GeV, couplings in 1/GeV.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from darklat.physics import boltzmann, relics
from darklat.physics.boltzmann import Bath
from darklat.physics.electroweak_axion import equality
from darklat.physics.electroweak_axion.particles import (
    ELECTRON_GEV,
    HIGGS_MASS_GEV,
    HIGGS_VEV_GEV,
)
from darklat.physics.units import EV_PER_GEV, HBAR_EV_S

Array = npt.NDArray[np.float64]

RADIATION_STATES = 3.0
"""States of a dark photon in III.19; without a mass there are two."""

HOT_G_STAR = 106.75
"""g_* of the Standard Model's particles without interactions, all relativistic."""

TODAY_G_ENTROPY = 3.931
"""g_s today, with neutrinos that are heated a little (see `thermal.degrees`)."""

PAPER_DELTA_NEFF = 0.07
"""III.21."""

DELTA_NEFF_BOUND = 0.3
"""Of Planck, as the paper quotes it (below III.21)."""

BBN_MASSES_GEV = (3e-3, 0.2)
"""m_phi of III.5."""

STRUCTURE_MASS_GEV = 1e-5
"""Lighter frozen-in dark matter washes out structures: 10 keV (Fig. 3)."""


# ---- Scattering and decay ----


def scattering(T: float, *, coupling: float, rate_constant: float = 1.0) -> float:
    """Gamma of phi phi -> gamma' gamma', c' g^4 T^5 above m_phi, in GeV (III.2)."""
    return rate_constant * coupling**4 * T**5


def paper_decoupling_temperature(coupling: float) -> float:
    """T_dec = 5e4 GeV (g/1e-8 GeV^-1)^(-4/3) (III.3)."""
    return 5e4 * (coupling / 1e-8) ** (-4 / 3)


def decoupling_temperature(
    *, coupling: float, bath: Bath, rate_constant: float = 1.0
) -> float | None:
    """T in GeV above which phi phi -> gamma' gamma' is faster than H; None beyond 1e15 GeV."""
    return equality.temperature(
        lambda T: scattering(T, coupling=coupling, rate_constant=rate_constant), bath
    )


def coupling_that_decouples(T: npt.ArrayLike, *, bath: Bath, rate_constant: float = 1.0) -> Array:
    """The coupling whose scattering stops at T, elementwise: the inverse of the above."""
    temperature = np.asarray(T, dtype=np.float64)
    return np.asarray((bath.hubble(temperature) / (rate_constant * temperature**5)) ** 0.25)


def paper_reheating_bound(coupling: float) -> float:
    """The reheating temperature below which dark matter is not overproduced (III.16)."""
    return 1e6 * (coupling / 1e-9) ** (-4 / 3)


def decay_over_hubble(*, mass_phi: float, coupling: float, bath: Bath) -> float:
    """Gamma/H of phi -> gamma' gamma' at T = m_phi, for a light dark photon (III.4)."""
    width = relics.decay_width(mass_phi_gev=mass_phi, mass_dark_gev=0.0, coupling_per_gev=coupling)
    return width / float(bath.hubble(mass_phi))


def paper_decay_over_hubble(*, mass_phi: float, coupling: float) -> float:
    """1e-2 (g/1e-8)^2 (m_phi/10 MeV) (III.4)."""
    return 1e-2 * (coupling / 1e-8) ** 2 * (mass_phi / 0.01)


# ---- Decays to the Standard Model (Sec. III A) ----


def electron_width(*, mass_phi: float, sin_mixing: float) -> float:
    """Gamma of phi -> e+ e- through the mixing with the Higgs boson, GeV; 0 where it is closed."""
    speed = max(0.0, 1 - (2 * ELECTRON_GEV / mass_phi) ** 2)
    vertex = sin_mixing * ELECTRON_GEV / HIGGS_VEV_GEV
    return vertex**2 * mass_phi / (8 * math.pi) * speed**1.5


def photon_width(*, mass_phi: float, coupling: float) -> float:
    """Gamma of phi -> gamma gamma, g_phi_gamma^2 m_phi^3/(64 pi), GeV."""
    return coupling**2 * mass_phi**3 / (64 * math.pi)


def paper_photons_over_electrons(*, mass_phi: float, kappa2: float) -> float:
    """1e-5/kappa_2^2 (m_phi/10 MeV)^2 (III.6)."""
    return 1e-5 / kappa2**2 * (mass_phi / 0.01) ** 2


def paper_invisible_coupling(*, kappa1: float, kappa2: float) -> float:
    """2 kappa_2 m_e/(m_phi f_phi) = 6.54e-8 kappa_2/kappa_1 (III.7, which rounds it to 1e-7)."""
    return 2 * kappa2 * ELECTRON_GEV / (kappa1 * HIGGS_MASS_GEV**2)


def invisible_coupling(*, mass_phi: float, sin_mixing: float) -> float:
    """The coupling to light dark photons at which they are as frequent as e+ e-."""
    visible = electron_width(mass_phi=mass_phi, sin_mixing=sin_mixing)
    return math.sqrt(64 * math.pi * visible / mass_phi**3)


def least_branching_ratio(*, mass_phi: float, kappa1: float, kappa2: float) -> float:
    """Br(phi -> e+ e-) at the perturbative limit g = 1/f_phi."""
    f = kappa1 * HIGGS_MASS_GEV**2 / mass_phi
    visible = electron_width(mass_phi=mass_phi, sin_mixing=kappa2 * HIGGS_MASS_GEV / f)
    dark = photon_width(mass_phi=mass_phi, coupling=1 / f)
    return visible / (visible + dark)


def paper_least_branching_ratio(*, mass_phi: float, kappa2: float) -> float:
    """1e-4 (kappa_2/0.1)^2 (m_phi/10 MeV)^-2 (III.8)."""
    return 1e-4 * (kappa2 / 0.1) ** 2 / (mass_phi / 0.01) ** 2


def longest_lifetime_s(mass_phi: float) -> float:
    """1e2 s/(m_phi/MeV): the lifetime that nucleosynthesis allows (above III.9)."""
    return 1e2 / (mass_phi * 1e3)


PAPER_NUCLEOSYNTHESIS_MIXING = 1e-11
"""sin^2(theta_mix) of III.10."""


def paper_nucleosynthesis_coupling(mass_phi: float) -> float:
    """4e-9 (m_phi/10 MeV)^-1 (III.9)."""
    return 4e-9 / (mass_phi / 0.01)


def nucleosynthesis_coupling(mass_phi: float) -> float:
    """The coupling to dark photons above which phi decays early enough (III.9)."""
    width = HBAR_EV_S / EV_PER_GEV / longest_lifetime_s(mass_phi)
    return math.sqrt(64 * math.pi * width / mass_phi**3)


def nucleosynthesis_mixing(mass_phi: float) -> float:
    """sin^2(theta_mix) above which phi -> e+ e- is early enough (III.10)."""
    width = HBAR_EV_S / EV_PER_GEV / longest_lifetime_s(mass_phi)
    return width / electron_width(mass_phi=mass_phi, sin_mixing=1.0)


# ---- Dark matter (Sec. III B) ----


def paper_thermalisation_coupling(mass_phi: float) -> float:
    """1e-8 (m_phi/10 MeV)^(-1/2), below which decays do not thermalise dark photons (III.17)."""
    return 1e-8 / math.sqrt(mass_phi / 0.01)


def thermalisation_coupling(*, mass_phi: float, mass_dark: float) -> float:
    """The coupling with Gamma = H at T = m_phi/10. Raises ValueError for a closed decay."""
    width = relics.decay_width(mass_phi_gev=mass_phi, mass_dark_gev=mass_dark, coupling_per_gev=1.0)
    return 1 / math.sqrt(relics.thermalisation(width, mass_phi))


def paper_omega_h2(*, mass_phi: float, mass_dark: float, coupling: float, g_star: float) -> float:
    """III.18: Omega_DM (m'/100 keV) (g/1e-10)^2 (g_*/10)^(-3/2) (m_phi/10 MeV)."""
    shape = mass_dark / 1e-4 * (coupling / 1e-10) ** 2 * (g_star / 10) ** -1.5 * mass_phi / 0.01
    return boltzmann.OMEGA_DARK_MATTER_H2 * shape


def paper_coupling(*, mass_phi: float, mass_dark: float, g_star: float) -> float:
    """The coupling with which III.18 gives all of the dark matter."""
    unit = paper_omega_h2(mass_phi=mass_phi, mass_dark=mass_dark, coupling=1.0, g_star=g_star)
    return math.sqrt(boltzmann.OMEGA_DARK_MATTER_H2 / unit)


# ---- Dark radiation (Sec. III C) ----


def temperature_ratio(*, g_entropy_then: float, g_entropy_now: float = TODAY_G_ENTROPY) -> float:
    """T'/T after decoupling, (g_s(T)/g_s(T_dec))^(1/3) (III.20)."""
    return float((g_entropy_now / g_entropy_then) ** (1 / 3))


def delta_neff(*, states: float = RADIATION_STATES, g_entropy_then: float = HOT_G_STAR) -> float:
    """Dark photons that were thermal, as a number of neutrino species (III.19; III.21 has 0.07)."""
    ratio = temperature_ratio(g_entropy_then=g_entropy_then)
    return boltzmann.delta_neff(states=states, temperature_ratio=ratio)

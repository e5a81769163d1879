"""Rates that keep the axion in the plasma, and the temperatures at which they stop.

K. S. Jeong, J. H. Kang, S. Nakagawa, Sec. II C. All rates are estimates: c_1, c_2 and c_3 are of
order one. Masses and temperatures are in GeV, rates in GeV.
"""

from __future__ import annotations

import math

import numpy as np

from darklat.physics import boltzmann
from darklat.physics.boltzmann import Bath, Species
from darklat.physics.electroweak_axion import equality
from darklat.physics.electroweak_axion.particles import (
    ELECTRON_GEV,
    FERMIONS_GEV,
    HIGGS_MASS_GEV,
    T_CRITICAL_SM_GEV,
)
from darklat.physics.units import FINE_STRUCTURE

INVERSE_DECAY_G_STAR = 10.0
"""g_* to which II.24 refers."""


def weak_scattering(T: float, *, f_gev: float) -> float:
    """alpha^2 T^3/f_phi^2: f f' <-> W phi before the electroweak transition."""
    return FINE_STRUCTURE**2 * T**3 / f_gev**2


def primakoff(T: float, *, f_gev: float, c1: float = 1.0) -> float:
    """Gamma_P = c_1 alpha^3 T^3/f_phi^2 above m_phi (II.20)."""
    return c1 * FINE_STRUCTURE**3 * T**3 / f_gev**2


def compton(T: float, *, f_gev: float, kappa2: float, c2: float = 1.0) -> float:
    """Gamma_C = sum_f c_2 kappa_2^2 alpha (m_f/f_phi)^2 T (II.22), c_2 kappa_2^2 alpha n_f/f_phi^2
    below m_f. Of both the smaller one counts, so that a fermion fades out as its number does."""
    total = 0.0
    for mass in FERMIONS_GEV:
        number = float(Species(mass, 4, "fermi").number(T))
        total += min(mass**2 * T, number)
    return c2 * kappa2**2 * FINE_STRUCTURE * total / f_gev**2


def inverse_decay(
    T: float, *, f_gev: float, kappa2: float, mass_phi_gev: float, c3: float = 1.0
) -> float:
    """Gamma_D = c_3 kappa_2^2/(8 pi) (m_e/f_phi)^2 m_phi^2/T, of e+ e- -> phi above m_phi (II.23).

    m_phi^2/T stands for m_phi <m_phi/E>, and is m_phi below m_phi: an axion at rest decays, and is
    made again, at its width.
    """
    width = c3 * kappa2**2 / (8 * math.pi) * (ELECTRON_GEV / f_gev) ** 2 * mass_phi_gev
    return width * min(1.0, mass_phi_gev / T)


def paper_primakoff_temperature(*, f_gev: float) -> float:
    """T_P = 1 GeV (f_phi/1e6 GeV)^2 (II.21)."""
    return (f_gev / 1e6) ** 2


def primakoff_temperature(*, f_gev: float, bath: Bath, c1: float = 1.0) -> float | None:
    """T in GeV where Gamma_P = H; None where it is beyond the tables of g_*."""
    return equality.temperature(lambda T: primakoff(T, f_gev=f_gev, c1=c1), bath)


def compton_temperature(*, f_gev: float, kappa2: float, bath: Bath) -> float | None:
    """The lowest T in GeV at which Gamma_C = H: scattering stops there. None where it never was
    faster after the electroweak transition."""
    grid = np.geomspace(T_CRITICAL_SM_GEV, equality.COLDEST_GEV, 400)
    rates = np.array([compton(float(T), f_gev=f_gev, kappa2=kappa2) for T in grid])
    faster = grid[rates > bath.hubble(grid)]
    if faster.size == 0:
        return None
    return equality.temperature(
        lambda T: compton(T, f_gev=f_gev, kappa2=kappa2), bath, hottest=float(faster[-1])
    )


def inverse_decay_over_hubble(
    *, f_gev: float, kappa1: float, kappa2: float, g_star: float = INVERSE_DECAY_G_STAR
) -> float:
    """Gamma_D/H at T = m_phi: 1.546 times II.24, which has the scaling alone."""
    mass = kappa1 * HIGGS_MASS_GEV**2 / f_gev
    rate = inverse_decay(mass, f_gev=f_gev, kappa2=kappa2, mass_phi_gev=mass)
    return rate / float(boltzmann.constant_bath(g_star).hubble(mass))


def paper_inverse_decay_over_hubble(
    *, f_gev: float, kappa1: float, kappa2: float, g_star: float = INVERSE_DECAY_G_STAR
) -> float:
    """kappa_2^2/kappa_1 (g_*/10)^(-1/2) (1e6 GeV/f_phi) (II.24)."""
    return kappa2**2 / kappa1 / math.sqrt(g_star / INVERSE_DECAY_G_STAR) * 1e6 / f_gev


def thermal_window_gev(*, kappa1: float, kappa2: float) -> tuple[float, float]:
    """f_phi for which the axion stays thermal until it is non-relativistic (II.25)."""
    return 1e5, kappa2**2 / kappa1 * 1e6

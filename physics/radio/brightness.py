"""Brightness temperatures at radio frequencies: of photons from ALPs, of galaxies, and as observed.

ALPs of density gamma rho_gamma per ln omega become photons with the probability P. Below a THz
their brightness temperature today is (Addazi et al. 2024, Eq. 5, units of hbar = c = k_B = 1)

    T_b(omega_0) = (pi^4 gamma/15) T_0^4/omega_0^3 P,   omega_0 = 2 pi f.

It follows from rho_gamma = (pi^2/15) T_0^4 and the density omega^3 T_b/pi^2 per ln omega of
radiation with brightness temperature T_b. The paper calls gamma the ratio of all energy of the ALPs
to that of the photons, for a spectrum that is flat over about one unit of ln omega.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from darklat.physics.thermal.cosmology import ADDAZI
from darklat.physics.units import BOLTZMANN_EV_PER_K, HBAR_EV_S

Array = npt.NDArray[np.float64]

CMB_K = ADDAZI.cmb_kelvin
"""T_0 = 2.725 K of the paper, of ARCADE 2's fit and of FIRAS. The later 2.7255 K of `units.T0_K`
makes T_b larger by 0.07%."""

ENERGY_OVER_PHOTONS = 0.06
"""The paper's gamma: 0.23 Delta N_eff with Delta N_eff of about 0.3."""

EDGES_HZ = 78e6
"""Where the paper compares with the observed excess: the middle of the trough of EDGES."""


def kelvin_per_probability(
    frequency_hz: npt.ArrayLike, *, energy_over_photons: float = ENERGY_OVER_PHOTONS
) -> Array:
    """T_b/P in kelvin at frequencies of today, elementwise."""
    temperature = BOLTZMANN_EV_PER_K * CMB_K
    omega = 2 * math.pi * HBAR_EV_S * np.asarray(frequency_hz, dtype=np.float64)
    return math.pi**4 * energy_over_photons / 15 * (temperature / omega) ** 3 * CMB_K


def brightness_kelvin(
    frequency_hz: npt.ArrayLike,
    probability: npt.ArrayLike,
    *,
    energy_over_photons: float = ENERGY_OVER_PHOTONS,
) -> Array:
    """T_b today in kelvin of ALPs that became photons with `probability` (Eq. 5), broadcast."""
    per_probability = kelvin_per_probability(frequency_hz, energy_over_photons=energy_over_photons)
    return per_probability * np.asarray(probability, dtype=np.float64)


def arcade_excess_kelvin(frequency_hz: npt.ArrayLike) -> Array:
    """The observed excess in kelvin over T_0: 24.1 K (f/310 MHz)^-2.599 (ARCADE 2, Fixsen et al.,
    ApJ 734, 5 (2011))."""
    return 24.1 * (np.asarray(frequency_hz, dtype=np.float64) / 310e6) ** -2.599


def extragalactic_kelvin(frequency_hz: npt.ArrayLike) -> Array:
    """The emission of known galaxies in kelvin: 0.23 K (f/GHz)^-2.7 (Gervasi et al., ApJ 682, 223
    (2008), as the paper takes it)."""
    return 0.23 * (np.asarray(frequency_hz, dtype=np.float64) / 1e9) ** -2.7


def share_of_excess(excess_kelvin: npt.ArrayLike, frequency_hz: float = EDGES_HZ) -> Array:
    """r: a brightness temperature over the excess that ARCADE 2's fit has there, elementwise."""
    return np.asarray(excess_kelvin, dtype=np.float64) / arcade_excess_kelvin(frequency_hz)

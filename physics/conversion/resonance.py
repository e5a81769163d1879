"""Where an ALP and a photon in the plasma have one mass, and how fast they oscillate elsewhere.

With omega_0 the energy today, a comoving wave number tells their phases apart (Addazi et al. 2024)

    D = Delta/(1+z) = S(z)/omega_0,   S = (m_a^2 - m_gamma^2)/(2 (1+z)^2),   l_osc = 2/|D|.

S, hence every resonance, is independent of the frequency.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from darklat.physics.thermal.cosmology import ADDAZI
from darklat.physics.thermal.ionisation import Electrons, plasma_mass_ev
from darklat.physics.units import HBAR_EV_S, KPC_PER_INVERSE_EV

Array = npt.NDArray[np.float64]

MPC_PER_INVERSE_EV = KPC_PER_INVERSE_EV / 1e3

Z_MAX = 1100.0
"""Conversions begin here, at last scattering, as in the paper. A photon from before would not reach
us."""

LOWEST_HZ = 1e3
"""A frequency below is refused: it was most likely given in GHz or MHz."""

GRID = np.expm1(np.linspace(0.0, math.log1p(Z_MAX), 8001))
"""Redshifts between which a resonance is looked for; the photon's mass is monotonic in between."""
GRID[-1] = Z_MAX  # not a rounding above it


def resonances(mass_ev: float, *, electrons: Electrons = "n_H") -> Array:
    """All redshifts up to `Z_MAX` where m_gamma = m_a, rising. Empty if there is none.

    Raises ValueError for a mass that is not positive and finite, and for unknown electrons.
    """
    from scipy.optimize import brentq  # slow to import

    mass = float(checked_mass(mass_ev))

    def difference(z: float) -> float:
        photon = float(plasma_mass_ev(z, electrons=electrons, cosmology=ADDAZI))
        return math.log(photon / mass)

    excess = np.log(plasma_mass_ev(GRID, electrons=electrons, cosmology=ADDAZI) / mass)
    crossings = np.flatnonzero((excess[:-1] < 0) != (excess[1:] < 0))
    return np.array([brentq(difference, GRID[i], GRID[i + 1], xtol=1e-13) for i in crossings])


def mass_range_ev(electrons: Electrons = "n_H") -> tuple[float, float]:
    """The smallest and the largest mass with a resonance."""
    masses = plasma_mass_ev(GRID, electrons=electrons, cosmology=ADDAZI)
    return float(np.min(masses)), float(np.max(masses))


def detuning_ev2(z: npt.ArrayLike, *, mass_ev: float, electrons: Electrons = "n_H") -> Array:
    """S(z) in eV^2, elementwise: omega_0 D."""
    growth = 1 + np.asarray(z, dtype=np.float64)
    photon = plasma_mass_ev(z, electrons=electrons, cosmology=ADDAZI)
    return np.asarray((mass_ev - photon) * (mass_ev + photon) / (2 * growth**2))


def oscillation_per_mpc(
    z: npt.ArrayLike, *, frequency_hz: npt.ArrayLike, mass_ev: float, electrons: Electrons = "n_H"
) -> Array:
    """D in 1/Mpc, comoving: positive where the ALP is the heavier one. Broadcast."""
    omega = omega_ev(frequency_hz)
    detuning = detuning_ev2(z, mass_ev=mass_ev, electrons=electrons)
    return detuning / omega / MPC_PER_INVERSE_EV


def oscillation_length_mpc(
    z: npt.ArrayLike, *, frequency_hz: npt.ArrayLike, mass_ev: float, electrons: Electrons = "n_H"
) -> Array:
    """l_osc = 2/|D| in Mpc, comoving, and infinite at a resonance. Broadcast."""
    D = oscillation_per_mpc(z, frequency_hz=frequency_hz, mass_ev=mass_ev, electrons=electrons)
    with np.errstate(divide="ignore"):
        return np.asarray(2 / np.abs(D))


def omega_ev(frequency_hz: npt.ArrayLike) -> Array:
    """omega_0 in eV. Raises ValueError for frequencies that are not finite or below `LOWEST_HZ`."""
    frequency = np.asarray(frequency_hz, dtype=np.float64)
    if not np.all(np.isfinite(frequency) & (frequency > 0)):
        raise ValueError("frequencies must be positive and finite, in Hz")
    if np.any(frequency < LOWEST_HZ):
        raise ValueError(
            f"a frequency of {np.min(frequency):g} Hz is below {LOWEST_HZ:g} Hz, and was probably "
            "meant in another unit: give it in Hz, 78 MHz as 78e6"
        )
    return 2 * math.pi * HBAR_EV_S * frequency


def checked_mass(mass_ev: npt.ArrayLike) -> Array:
    """Masses as an array. Raises ValueError unless all are positive and finite."""
    mass = np.asarray(mass_ev, dtype=np.float64)
    if not np.all(np.isfinite(mass) & (mass > 0)):
        raise ValueError("the mass of the ALP must be positive and finite, in eV")
    return mass

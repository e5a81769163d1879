"""The plasma that drives the expansion: entropy, energy and Hubble rate over its temperature.

    s = (2 pi^2/45) g_s T^3,   rho = (pi^2/30) g_* T^4,   3 M_Pl^2 H^2 = rho + rho of a dark sector

Entropy is conserved: d ln T = -d ln a/(1 + (1/3) d ln g_s/d ln T). Everything is in powers of GeV.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from darklat.physics.thermal import degrees
from darklat.physics.units import EV_PER_GEV, REDUCED_PLANCK_MASS_EV

Array = npt.NDArray[np.float64]

PLANCK_GEV = REDUCED_PLANCK_MASS_EV / EV_PER_GEV
"""Reduced Planck mass M_Pl, 2.435e18 GeV."""


@dataclass(frozen=True)
class Bath:
    """A plasma with these degrees of freedom, all functions of T in GeV, elementwise.

    slope is d ln g_s/d ln T.
    """

    g_energy: Callable[[npt.ArrayLike], Array]
    g_entropy: Callable[[npt.ArrayLike], Array]
    slope: Callable[[npt.ArrayLike], Array]
    kinks: tuple[float, ...] = ()
    """Temperatures in GeV, at which the functions are less smooth than elsewhere."""

    def entropy(self, T: npt.ArrayLike) -> Array:
        """s in GeV^3. Raises ValueError for a temperature that the functions do not cover."""
        return 2 * math.pi**2 / 45 * self.g_entropy(T) * np.asarray(T, dtype=np.float64) ** 3

    def energy(self, T: npt.ArrayLike) -> Array:
        """rho in GeV^4. Raises as `entropy`."""
        return math.pi**2 / 30 * self.g_energy(T) * np.asarray(T, dtype=np.float64) ** 4

    def hubble(self, T: npt.ArrayLike, dark: npt.ArrayLike = 0.0) -> Array:
        """H in GeV; dark is the energy density of everything else, GeV^4. Raises as `entropy`."""
        density = self.energy(T) + np.asarray(dark, dtype=np.float64)
        return np.asarray(np.sqrt(density / 3) / PLANCK_GEV)

    def e_folds(self, T: npt.ArrayLike) -> Array:
        """d ln a/d ln x with x ~ 1/T. Raises as `entropy`."""
        return 1 + self.slope(T) / 3


def standard_model() -> Bath:
    """The plasma of the Standard Model with the fits of `thermal.degrees`, up to 1e16 GeV."""
    return Bath(
        degrees.g_energy, degrees.g_entropy, degrees.entropy_slope, kinks=degrees.T_JOINT_GEV
    )


def constant(g_energy: float, g_entropy: float | None = None) -> Bath:
    """A plasma whose degrees of freedom do not change; g_entropy is g_energy unless given."""
    entropy = g_energy if g_entropy is None else g_entropy

    def always(value: float) -> Callable[[npt.ArrayLike], Array]:
        return lambda T: np.full_like(np.asarray(T, dtype=np.float64), value)

    return Bath(always(g_energy), always(entropy), always(0.0))

"""A sector of particles with a temperature of its own.

It does not exchange energy with the plasma of the Standard Model. Each sector conserves its own
entropy, so that s_hidden(T_hidden)/s(T) is constant and gives xi = T_hidden/T at any time. The
ratio xi rises when hidden particles become non-relativistic, and falls when others do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline

from darklat.physics.boltzmann.bath import Bath
from darklat.physics.boltzmann.statistics import LIGHTEST, Species

Array = npt.NDArray[np.float64]

_PER_DECADE = 200
"""Points of the table of s_hidden: its cubic spline then has an error below 1e-9."""

_COLDEST = 200.0
"""The table ends where T_hidden is the largest mass over this number."""


@dataclass(frozen=True)
class HiddenSector:
    """Species in equilibrium among themselves, and the constant ratio s_hidden/s.

    Raises ValueError without species and for a ratio that is not positive.
    """

    species: tuple[Species, ...]
    bath: Bath
    entropy_ratio: float

    def __post_init__(self) -> None:
        if not self.species:
            raise ValueError("a hidden sector needs a species")
        if not (self.entropy_ratio > 0 and math.isfinite(self.entropy_ratio)):
            raise ValueError(f"the entropy ratio must be positive, not {self.entropy_ratio}")

    def entropy(self, T_hidden: npt.ArrayLike) -> Array:
        """s_hidden in GeV^3."""
        return np.asarray(sum(each.entropy(T_hidden) for each in self.species))

    def energy(self, T_hidden: npt.ArrayLike) -> Array:
        """rho_hidden in GeV^4."""
        return np.asarray(sum(each.energy(T_hidden) for each in self.species))

    def temperature(self, T: npt.ArrayLike) -> Array:
        """T_hidden in GeV where the plasma has T, elementwise.

        Raises ValueError where it is outside of the table, at most 1/200 of the largest mass with
        massive species alone.
        """
        log_s = np.log(self.entropy_ratio * self.bath.entropy(T))
        spline, first, last = self._inverse
        known = np.clip(log_s, first, last)
        hotter = (log_s - last) / 3  # massless species alone: s ~ T^3
        colder = (log_s - first) / 3
        if np.any(log_s < first) and all(each.mass > 0 for each in self.species):
            raise ValueError(
                "the hidden sector is colder than 1/200 of its largest mass and holds no massless "
                "species: its temperature has no meaning there"
            )
        return np.asarray(np.exp(spline(known) + np.maximum(hotter, 0) + np.minimum(colder, 0)))

    def xi(self, T: npt.ArrayLike) -> Array:
        """T_hidden/T, elementwise. Raises as `temperature`."""
        return self.temperature(T) / np.asarray(T, dtype=np.float64)

    @cached_property
    def _inverse(self) -> tuple[CubicSpline, float, float]:
        """ln T_hidden as a function of ln s_hidden, and the ends of the table."""
        masses = [each.mass for each in self.species if each.mass > 0] or [1.0]
        coldest, hottest = min(masses) / _COLDEST, max(masses) / math.sqrt(LIGHTEST)
        decades = math.log10(hottest / coldest)
        T = np.geomspace(coldest, hottest, math.ceil(_PER_DECADE * decades) + 1)
        log_s = np.log(self.entropy(T))
        return CubicSpline(log_s, np.log(T)), float(log_s[0]), float(log_s[-1])


def from_ratio(species: Sequence[Species], *, xi: float, T: float, bath: Bath) -> HiddenSector:
    """The sector that has T_hidden = xi T where the plasma has the temperature T in GeV.

    Raises ValueError for values that are not positive.
    """
    if not (xi > 0 and T > 0):
        raise ValueError(f"xi and T must be positive, not {xi} and {T}")
    own = sum(float(each.entropy(xi * T)) for each in species)
    return HiddenSector(tuple(species), bath, own / float(bath.entropy(T)))

"""Densities of a thermal species with Bose-Einstein, Fermi-Dirac or Maxwell-Boltzmann statistics.

With p = m sinh(t) and x = m/T every density without chemical potential is

    g m^n/(2 pi^2) int_0^inf dt sinh^i(t) cosh^j(t)/(exp(x cosh(t)) - eta),   eta = 1, -1, 0

(E. W. Kolb and M. S. Turner, The Early Universe (1990), Eqs. 3.51-3.53). All poles of the integrand
have Im t = pi/2, and it falls doubly exponentially. So the trapezoidal rule gives all digits with
some fifty points, from x = 1e-8 to 1e5.

Masses and temperatures are in GeV, number densities in GeV^3, energies in GeV^4. Temperatures may
be arrays, and results have their shape.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import zeta

Array = npt.NDArray[np.float64]

Statistics = Literal["bose", "fermi", "boltzmann"]

_SIGNS: dict[str, float] = {"bose": 1.0, "fermi": -1.0, "boltzmann": 0.0}

LIGHTEST = 1e-8
"""m/T below which a species is massless: the corrections are of order (m/T)^2."""

_FALLEN = 45.0  # exp(-45) is less than rounding


@dataclass(frozen=True)
class Species:
    """A particle in equilibrium: mass in GeV, number of its states, statistics.

    Antiparticles are states of their own: a Dirac fermion has four. Raises ValueError for a
    negative mass, a number of states that is not positive and unknown statistics.
    """

    mass: float
    states: float
    statistics: Statistics

    def __post_init__(self) -> None:
        if not (self.mass >= 0 and math.isfinite(self.mass)):
            raise ValueError(f"a mass must not be negative, not {self.mass} GeV")
        if not self.states > 0:
            raise ValueError(f"the number of states must be positive, not {self.states}")
        if self.statistics not in _SIGNS:
            raise ValueError(
                f"statistics must be bose, fermi or boltzmann, not {self.statistics!r}"
            )

    def number(self, T: npt.ArrayLike) -> Array:
        """n in GeV^3."""
        return self._density(T, 3, 2, 1, _massless_number(self.statistics))

    def energy(self, T: npt.ArrayLike) -> Array:
        """rho in GeV^4."""
        return self._density(T, 4, 2, 2, _massless_energy(self.statistics))

    def pressure(self, T: npt.ArrayLike) -> Array:
        """p in GeV^4."""
        return self._density(T, 4, 4, 0, _massless_energy(self.statistics)) / 3

    def entropy(self, T: npt.ArrayLike) -> Array:
        """s = (rho + p)/T in GeV^3."""
        return (self.energy(T) + self.pressure(T)) / np.asarray(T, dtype=np.float64)

    def decaying(self, T: npt.ArrayLike) -> Array:
        """n <m/E> in GeV^3: a width times this is the rate of decays per volume. A moving particle
        decays more slowly by m/E. Zero for a massless species."""
        return self._density(T, 3, 2, 0, 0.0)

    def _density(self, T: npt.ArrayLike, power: int, i: int, j: int, massless: float) -> Array:
        temperature = _positive(T)
        x = self.mass / temperature
        light = x < LIGHTEST
        heavy = self.mass**power * moment(np.maximum(x, LIGHTEST), i, j, self.statistics)
        value = np.where(light, massless * temperature**power, heavy)
        return np.asarray(self.states / (2 * math.pi**2) * value)


def moment(x: npt.ArrayLike, i: int, j: int, statistics: Statistics) -> Array:
    """int_0^inf dt sinh^i(t) cosh^j(t)/(exp(x cosh(t)) - eta) for x of at least `LIGHTEST`."""
    x = np.asarray(x, dtype=np.float64)
    step = 0.25 / np.sqrt(1 + x / 8)
    reach = np.arccosh(1 + _FALLEN / x)
    points = np.arange(0, math.ceil(float(np.max(reach / step))) + 1)
    t = step[..., None] * points
    sinh, cosh = np.sinh(t), np.cosh(t)
    with np.errstate(under="ignore"):
        falling = np.exp(-x[..., None] * cosh)
        occupied = _occupied(falling, x[..., None] * cosh, statistics)
        terms = sinh**i * cosh**j * occupied
    return np.asarray(step * (np.sum(terms, axis=-1) - terms[..., 0] / 2))


def occupation(energy_over_T: npt.ArrayLike, statistics: Statistics) -> Array:
    """f = 1/(exp(E/T) - eta)."""
    y = np.asarray(energy_over_T, dtype=np.float64)
    return _occupied(np.exp(-y), y, statistics)


def _occupied(falling: Array, y: Array, statistics: Statistics) -> Array:
    if statistics == "bose":
        return np.asarray(falling / -np.expm1(-y))
    return np.asarray(falling / (1 - _SIGNS[statistics] * falling))


def _massless_number(statistics: Statistics) -> float:
    """int p^2 f dp over T^3."""
    return {"bose": 1.0, "fermi": 0.75, "boltzmann": 1 / zeta(3)}[statistics] * 2 * float(zeta(3))


def _massless_energy(statistics: Statistics) -> float:
    """int p^3 f dp over T^4."""
    return {"bose": 1.0, "fermi": 0.875, "boltzmann": 90 / math.pi**4}[statistics] * math.pi**4 / 15


def _positive(T: npt.ArrayLike) -> Array:
    temperature = np.asarray(T, dtype=np.float64)
    if not np.all(temperature > 0):
        raise ValueError("temperatures must be positive")
    return temperature

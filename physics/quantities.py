"""Values that know their unit and their meaning, as they travel from the engine to files.

Units are written as in a model with an ALP: tau_osc, a_osc, f (`physics.units.UnitNames` has the
names of a model without one).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Column:
    """The unit and the description of a column or a spectrum."""

    units: str
    description: str


@dataclass(frozen=True)
class Described:
    """Values of any shape, their unit and their meaning."""

    values: np.ndarray
    units: str
    description: str


@dataclass(frozen=True)
class Placed(Described):
    """Values [n, n, n] on a lattice, index order x, y, z. They lie at `offset` (x, y, z, in lattice
    spacings) from their sites: (0, 0, 0) on the sites, half a spacing along an axis on its links.
    They are in multiples of `scale`, a power of two, of their unit."""

    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: float = 1.0


@dataclass(frozen=True)
class State:
    """A run between two steps: numbers exact to the bit, and arrays by path."""

    step: int
    numbers: Mapping[str, float]
    arrays: Mapping[str, Described]

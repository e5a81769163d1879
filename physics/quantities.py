"""Values that know their unit and their meaning, as they travel from the engine to files.

Units are written as in a model with an ALP: tau_osc, a_osc, f (`physics.units.UnitNames` has the
names of a model without one).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Column:
    """The unit and the description of a column or a spectrum."""

    units: str
    description: str


class Sharing(Protocol):
    """How ranks share an array, of which each has some planes. All ranks call the same methods in
    the same order."""

    def shape(self, own: np.ndarray) -> tuple[int, ...]:
        """Of the whole array, from the own planes."""
        ...

    def largest(self, own: float) -> float:
        """The largest of the numbers of all ranks."""
        ...

    def blocks(self, own: np.ndarray) -> Iterator[np.ndarray]:
        """On rank 0 the whole array in the order of its bytes, one block of planes in memory at a
        time; elsewhere nothing."""
        ...

    @property
    def reversed(self) -> Sharing:
        """The same with all axes of an array [n, n, n] in reverse order."""
        ...


@dataclass(frozen=True)
class Described:
    """Values of any shape, their unit and their meaning. sharing: how ranks share them, where
    `values` are but the own planes of this one."""

    values: np.ndarray
    units: str
    description: str
    sharing: Sharing | None = field(default=None, kw_only=True)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the values of all ranks."""
        return self.sharing.shape(self.values) if self.sharing else self.values.shape

    @property
    def largest(self) -> float:
        """The largest magnitude of the values of all ranks."""
        own = float(np.max(np.abs(self.values)))
        return self.sharing.largest(own) if self.sharing else own


@dataclass(frozen=True)
class Placed(Described):
    """Values [n, n, n] on a lattice, index order x, y, z. They lie at `offset` (x, y, z, in lattice
    spacings) from their sites: (0, 0, 0) on the sites, half a spacing along an axis on its links.
    They are in multiples of `scale`, a power of two, of their unit."""

    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: float = 1.0

    def reversed(self) -> Placed:
        """With the index order z, y, x."""
        if self.sharing:
            return replace(self, sharing=self.sharing.reversed)
        return replace(self, values=self.values.T)


@dataclass(frozen=True)
class State:
    """A run between two steps: numbers exact to the bit, and arrays by path."""

    step: int
    numbers: Mapping[str, float]
    arrays: Mapping[str, Described]

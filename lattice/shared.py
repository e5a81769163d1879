"""Arrays of which every rank has some planes: sums of them, and how writers of files get them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from darklat.kernels.ranks import Ranks, slabs


@dataclass(frozen=True)
class SharedPlanes:
    """How `ranks` share arrays [..., n, n, n] along x: own planes are [..., planes, n, n]. It is a
    `physics.quantities.Sharing`. turned: the whole array has its axes in reverse order."""

    ranks: Ranks
    turned: bool = False

    @property
    def reversed(self) -> SharedPlanes:
        """The same with all axes of an array [n, n, n] in reverse order."""
        return replace(self, turned=not self.turned)

    def shape(self, own: np.ndarray) -> tuple[int, ...]:
        """Of the whole array, from the own planes."""
        return (*own.shape[:-3], *3 * own.shape[-1:])

    def largest(self, own: float) -> float:
        """The largest of the numbers of all ranks."""
        return self.ranks.largest([own])[0]

    def blocks(self, own: np.ndarray) -> Iterator[np.ndarray]:
        """On rank 0 the whole array in the order of its bytes, one block of planes in memory at a
        time; elsewhere nothing. Every rank has to exhaust it."""
        if self.turned:
            yield from self.ranks.in_order(self._along_z(own))
            return
        for at in np.ndindex(own.shape[:-3]):
            yield from self.ranks.in_order(own[at])

    def _along_z(self, own: np.ndarray) -> np.ndarray:
        """Own planes along z, [planes, n, n] in the order z, y, x, of those along x."""
        planes = slabs(own.shape[-1], self.ranks.size)
        mine = planes[self.ranks.rank].planes
        parts = [np.ascontiguousarray(own[:, :, of.here].T) for of in planes]
        found = [np.empty((mine, own.shape[1], of.planes), dtype=own.dtype) for of in planes]
        self.ranks.transpose(parts, found)
        return np.concatenate(found, axis=2)


def added(own: np.ndarray, ranks: Ranks) -> np.ndarray:
    """Sums over all planes in their order, from numbers of the own ones [own, ...]."""
    return np.cumsum(ranks.all_planes(own), axis=0)[-1]


def mean(field: Any, ranks: Ranks) -> float:
    """Of a field [own planes, n, n]. Each plane has its own mean first, because a mean over several
    would depend on their number."""
    of_planes = np.array([float(plane.mean(dtype=np.float64)) for plane in field])
    return float(added(of_planes, ranks)) / field.shape[-1]

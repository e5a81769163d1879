"""Kernels over the lattice in order, and the sums over the lattice that they leave on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from darklat.kernels.backends import Backend, Launch


class Pass:
    """One kernel over the lattice with its arguments; calling it sets the scalars of the next run.

    sums: how many quantities it sums over the lattice; `means` has them after a run, over n^3.
    """

    def __init__(self, kernel: str, *, sums: int = 0, **arguments: Any) -> None:
        self.kernel, self.sums, self.arguments = kernel, sums, arguments
        self.means = np.zeros(sums)
        self.launch: Launch

    @property
    def axis(self) -> int | None:
        """The axis that it acts along, where its kernel has one."""
        return self.arguments.get("axis")

    def __call__(self, **scalars: float) -> None:
        """These values for the kernel's scalars from now on."""
        self.launch(**scalars)


class Passes:
    """Passes bound to a backend, to be run together as often as one likes."""

    def __init__(self, backend: Backend, passes: Sequence[Pass]) -> None:
        self._backend, self._passes, self._n = backend, passes, backend.layout.n
        total = sum(p.sums for p in passes)
        partial, length = backend.partial(total), backend.partials_per_plane()
        self._planes = backend.array(np.zeros(total * self._n))
        size = {"n": self._n, "stride": backend.layout.stride}
        first = 0
        for p in passes:
            last = first + p.sums * self._n * length
            room = {"partial": partial[first:last]} if p.sums else {}
            p.launch = backend.bind(p.kernel, **size, **p.arguments, **room)
            first = last
        self._fold: Any = backend.bind(
            "fold", items=total * self._n, length=length, partial=partial, out=self._planes
        )
        self._summing = total > 0

    def run(self, count: int | None = None, *, follows: bool = False) -> None:
        """Runs them in order, or the first `count`, and fills `means` of each that ran; follows:
        directly after a run of the first ones, with nothing written to the fields since."""
        launches: list[Any] = [p.launch for p in self._passes[:count]]
        run = [*launches, self._fold] if self._summing else launches
        self._backend.run(run, follows=follows)
        if not self._summing:
            return
        sums = add_planes(self._backend.to_host(self._planes), self._n)
        first = 0
        for p in self._passes[:count]:
            p.means = sums[first : first + p.sums] / self._n**3
            first += p.sums


def add_planes(planes: np.ndarray, n: int) -> np.ndarray:
    """Sums over the lattice [quantities] from sums per plane [quantities n]: planes in order, so
    the same on every machine."""
    return np.cumsum(planes.reshape(-1, n), axis=1)[:, -1]

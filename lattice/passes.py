"""Kernels over the lattice in order, and the sums over the lattice that they leave on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from darklat.kernels import registry
from darklat.kernels.backends import Backend, Launch
from darklat.kernels.layout import Variant


class _Means:
    """Means over the lattice of the sums of several passes that ran together; `row` has those of
    the last run."""

    def __init__(self, number: int) -> None:
        self.row = [0.0] * number


class Pass:
    """One kernel over the lattice with its arguments; calling it sets the scalars of the next run.

    Bound to a backend (`Passes`) it has `launch` and the number `sums` of its sums over the
    lattice. replaced: the passes whose work it does (`fusion`), which set their scalars and have
    their means as if they ran.
    """

    def __init__(self, kernel: str, *, replaced: Sequence[Pass] = (), **arguments: Any) -> None:
        self.kernel, self.replaced, self.arguments = kernel, replaced, arguments
        self.launch: Launch
        self.sums: int
        self._means: _Means
        self._first: int  # of its sums among those of all passes
        self._names = registry.KERNELS[kernel].sums.lattice

    @property
    def means(self) -> dict[str, float]:
        """Means over the lattice of the sums of the last run, by name; zeros before."""
        row, first = self._means.row, self._first
        return {name: row[first + i] for i, name in enumerate(self._names)}

    @property
    def field_means(self) -> list[dict[str, float]]:
        """The same of each field, where the kernel sums over the lattice field by field."""
        own = self._means.row[self._first : self._first + self.sums]
        return registry.KERNELS[self.kernel].sums.of_fields(own)

    @property
    def axis(self) -> int | None:
        """The axis that it acts along, where its kernel has one."""
        return self.arguments.get("axis")

    def __call__(self, **scalars: float) -> None:
        """These values for the kernel's scalars from now on."""
        self.launch(**scalars)

    def bind(self, backend: Backend, partial: Any) -> None:
        """To its kernel on a backend, with room for the parts of its sums."""
        room = {"partial": partial} if self.sums else {}
        bound: Any = backend.bind(self.kernel, **self.arguments, **room)
        self.launch = bound
        for part in self.replaced:
            part.launch = bound.of_part(registry.KERNELS[part.kernel])

    def count_sums(self, variant: Variant) -> None:
        """Sets `sums`."""
        for p in (self, *self.replaced):
            p.sums = registry.KERNELS[p.kernel].sums.number(variant)

    def take_from(self, means: _Means, first: int) -> None:
        """Its means stand there from now on; those of the replaced passes one after the other."""
        self._means, self._first = means, first
        for part in self.replaced:
            part.take_from(means, first)
            first += part.sums


class Passes:
    """Passes bound to a backend, to be run together as often as one likes."""

    def __init__(self, backend: Backend, passes: Sequence[Pass]) -> None:
        self._backend, self._passes, self._n = backend, passes, backend.layout.n
        for p in passes:
            p.count_sums(backend.layout.variant)
        total = sum(p.sums for p in passes)
        partial, length = backend.partial(total), backend.partials_per_plane()
        in_memory = backend.layout.planes
        self._planes = backend.array(np.zeros(total * in_memory))
        self._means = _Means(total)
        first = 0
        for p in passes:
            last = first + p.sums
            p.bind(backend, partial[first * in_memory * length : last * in_memory * length])
            p.take_from(self._means, first)
            first = last
        self._fold: Any = backend.bind(
            "fold", items=total * in_memory, length=length, partial=partial, out=self._planes
        )
        self._summing = total > 0
        self._rows: dict[int | None, list[Any]] = {}  # of launches
        self._begun: list[Callable[[], np.ndarray] | None] = []

    def run(self, count: int | None = None, *, follows: bool = False) -> None:
        """Runs them in order, or the first `count`, and sets the means of each that ran. follows:
        directly after a run of the first ones, with nothing written to the fields since."""
        self.begin(count, follows=follows)
        for _ in self.ended():
            pass

    def begin(self, count: int | None = None, *, follows: bool = False) -> None:
        """The same without waiting for the device. `ended` sets the means."""
        if count not in self._rows:
            launches: list[Any] = [p.launch for p in self._passes[:count]]
            self._rows[count] = [*launches, self._fold] if self._summing else launches
        self._backend.run(self._rows[count], follows=follows)
        self._begun.append(self._backend.fetch(self._planes) if self._summing else None)

    def ended(self) -> Iterator[None]:
        """Sets the means of the passes to those of every run that has begun since the last call,
        one after the other. A pass that did not run keeps its own."""
        begun, self._begun = self._begun, []
        fetched = [arrived() for arrived in begun if arrived]
        rows: list[list[float]] = [[] for _ in begun]
        if fetched:
            means = add_planes(self._backend, np.concatenate(fetched)) / self._n**3
            rows = means.reshape(len(begun), -1).tolist()
        for row in rows:
            self._means.row = row
            yield


def add_planes(backend: Backend, planes: np.ndarray) -> np.ndarray:
    """Sums over the lattice [quantities] from sums of every plane in memory [quantities planes]:
    planes in order, so the same on every machine and on any number of ranks."""
    layout = backend.layout
    own = planes.reshape(-1, layout.planes)[:, layout.halo : layout.halo + layout.slab.planes]
    return np.cumsum(backend.ranks.all_planes(own.T), axis=0)[-1]

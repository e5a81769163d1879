"""Kernels over the lattice in order, and the sums over the lattice that they leave on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from darklat.kernels import registry
from darklat.kernels.backends import Backend, Launch
from darklat.kernels.layout import Variant


class Pass:
    """One kernel over the lattice with its arguments; calling it sets the scalars of the next run.

    Bound to a backend (`Passes`) it has `launch`, the number `sums` of its sums over the lattice,
    and `values`. These are the means [sums] after a run, in the order of the kernel's declaration.
    replaced: the passes whose work it does (`fusion`), which set their scalars and have their
    values as if they ran.
    """

    def __init__(self, kernel: str, *, replaced: Sequence[Pass] = (), **arguments: Any) -> None:
        self.kernel, self.replaced, self.arguments = kernel, replaced, arguments
        self.launch: Launch
        self.sums: int
        self.values: np.ndarray

    @property
    def means(self) -> dict[str, float]:
        """Means over the lattice of the sums of the last run, by name; zeros before."""
        return registry.KERNELS[self.kernel].sums.of_lattice(self.values)

    @property
    def field_means(self) -> list[dict[str, float]]:
        """The same of each field, where the kernel sums over the lattice field by field."""
        return registry.KERNELS[self.kernel].sums.of_fields(self.values)

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
        """Sets `sums`, and `values` to zeros."""
        for p in (self, *self.replaced):
            p.sums = registry.KERNELS[p.kernel].sums.number(variant)
            p.values = np.zeros(p.sums)

    def take(self, values: np.ndarray) -> None:
        """Means [sums] of a run; those of the replaced passes come one after the other."""
        self.values = values
        first = 0
        for part in self.replaced:
            if part.sums:
                part.values = values[first : first + part.sums]
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
        first = 0
        for p in passes:
            last = first + p.sums * in_memory * length
            p.bind(backend, partial[first:last])
            first = last
        self._fold: Any = backend.bind(
            "fold", items=total * in_memory, length=length, partial=partial, out=self._planes
        )
        self._summing = total > 0
        self._begun: list[tuple[int | None, Callable[[], np.ndarray] | None]] = []

    def run(self, count: int | None = None, *, follows: bool = False) -> None:
        """Runs them in order, or the first `count`, and fills `values` of each that ran. follows:
        directly after a run of the first ones, with nothing written to the fields since."""
        self.begin(count, follows=follows)
        for _ in self.ended():
            pass

    def begin(self, count: int | None = None, *, follows: bool = False) -> None:
        """The same without waiting for the device. `ended` fills `values`."""
        launches: list[Any] = [p.launch for p in self._passes[:count]]
        run = [*launches, self._fold] if self._summing else launches
        self._backend.run(run, follows=follows)
        self._begun.append((count, self._backend.fetch(self._planes) if self._summing else None))

    def ended(self) -> Iterator[None]:
        """Fills `values` with those of every run that has begun since the last call, one after the
        other."""
        begun, self._begun = self._begun, []
        for count, fetched in begun:
            means = add_planes(self._backend, fetched()) / self._n**3 if fetched else np.zeros(0)
            first = 0
            for p in self._passes[:count]:
                if p.sums:
                    p.take(means[first : first + p.sums])
                    first += p.sums
            yield


def add_planes(backend: Backend, planes: np.ndarray) -> np.ndarray:
    """Sums over the lattice [quantities] from sums of every plane in memory [quantities planes]:
    planes in order, so the same on every machine and on any number of ranks."""
    layout = backend.layout
    own = planes.reshape(-1, layout.planes)[:, layout.halo : layout.halo + layout.slab.planes]
    return np.cumsum(backend.ranks.all_planes(own.T), axis=0)[-1]

"""The CPU backend: the kernels compiled by the host's C++ compiler at first use (compile.py)."""

from __future__ import annotations

import ctypes
import platform
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import chain, groupby
from typing import Any

import numpy as np
import scipy.fft

from darklat.kernels import check, registry
from darklat.kernels.backends import memory
from darklat.kernels.backends.compile import cpu_model, load
from darklat.kernels.backends.sweep_order import Side, Use, in_need_of_ghosts, offsets
from darklat.kernels.backends.threads import threads
from darklat.kernels.declare import FieldArgument, Kernel, ScalarArgument
from darklat.kernels.layout import VECTOR_BYTES, Layout, Variant

_C_TYPES = {"int": ctypes.c_int, "long": ctypes.c_longlong}
_REAL_TYPES = {4: ctypes.c_float, 8: ctypes.c_double}
_SKEW, _PAGE = 136 * 8, 4096


class CpuLaunch:
    """A kernel bound to its arguments; calling it sets some of its real numbers."""

    def __init__(self, kernel: Kernel, function: Any, values: list[Any], layout: Layout) -> None:
        self.kernel, self.function = kernel, function
        types = _C_TYPES | {"real": _REAL_TYPES[layout.itemsize]}
        self.address = ctypes.cast(function, ctypes.c_void_p)
        self._arrays = [v for v in values if isinstance(v, np.ndarray)]  # kept alive
        self._slots: dict[str, Any] = {
            a.name: types[a.type](v)
            if isinstance(a, ScalarArgument)
            else ctypes.c_void_p(v.ctypes.data)
            for a, v in zip(kernel.arguments, values, strict=True)
        }
        self._reals = {a.name: self._slots[a.name] for a in kernel.scalars if a.type == "real"}
        slots = self._slots.values()
        self.addresses = (ctypes.c_void_p * len(slots))(*[ctypes.addressof(s) for s in slots])

    def __call__(self, **scalars: float) -> CpuLaunch:
        """The same launch with these real numbers from now on.

        Raises TypeError for any other argument: lengths of arrays were checked against integers.
        """
        if wrong := scalars.keys() - self._reals:
            raise TypeError(f"kernel {self.kernel.name}: {sorted(wrong)} cannot be set again")
        for name, value in scalars.items():
            self._reals[name].value = value
        return self

    def written(self, layout: Layout) -> list[int]:
        """Addresses of the blocks of fields that it writes."""
        return [block for a, block in self._blocks(layout) if a.access != "in"]

    def neighbours(self, layout: Layout) -> dict[int, dict[Side, int]]:
        """How far along which axes and to which sides it reads neighbours, of every block of fields
        that it works on, by their addresses."""
        found = defaultdict[int, dict[Side, int]](dict)
        for a, block in self._blocks(layout):
            for side, reach in a.neighbours(self._axis, layout.variant.order).items():
                found[block][side] = max(reach, found[block].get(side, 0))
            found[block]  # is there without neighbours, too
        return found

    @property
    def _axis(self) -> int | None:
        return self._slots["axis"].value if "axis" in self._slots else None

    def _blocks(self, layout: Layout) -> list[tuple[FieldArgument, int]]:
        return [
            (a, self._slots[a.name].value + layout.itemsize * block)
            for a in self.kernel.fields
            for block in a.blocks(layout, self._axis)
        ]

    @property
    def items(self) -> int:
        """Number of items of a kernel that runs over items: its first argument."""
        return int(self._slots[self.kernel.arguments[0].name].value)


class _Entry(ctypes.Structure):
    """struct Entry of sweep.cpp."""

    _fields_ = (
        ("kernel", ctypes.c_void_p),
        ("arguments", ctypes.c_void_p),
        ("written", ctypes.c_void_p),
        ("components", ctypes.c_int),
        ("behind", ctypes.c_int * 2),
        ("ahead", ctypes.c_int * 2),
    )


class _Sweep:
    """Launches as sweep.cpp wants them, and the blocks of fields that they read along rows."""

    def __init__(self, launches: list[CpuLaunch], layout: Layout) -> None:
        self._launches = launches  # kept alive, as are the tables
        uses = [Use(set(each.written(layout)), each.neighbours(layout)) for each in launches]
        self._renewed = [_addresses(blocks) for blocks in in_need_of_ghosts(uses)]
        rows = zip(launches, self._renewed, offsets(uses), strict=True)
        self.table = (_Entry * len(launches))(
            *[
                _Entry(
                    each.address.value, ctypes.addressof(each.addresses),
                    ctypes.addressof(renewed), len(renewed), *distances,
                )
                for each, renewed, distances in rows
            ]
        )  # fmt: skip
        along_rows = chain.from_iterable(filter(use.along_rows, use.neighbours) for use in uses)
        self.read = _addresses(list(dict.fromkeys(along_rows)))
        self.touched = len(set(chain.from_iterable(use.neighbours for use in uses)))


def _addresses(blocks: list[int]) -> Any:
    return (ctypes.c_void_p * len(blocks))(*blocks)


class CpuBackend:
    """Arrays and kernels on the host.

    n: sites per axis. Raises MachineError when the kernels cannot be compiled.
    """

    name = "cpu"
    xp = np

    def __init__(self, *, n: int, variant: Variant) -> None:
        self.layout = Layout(n, variant, variant.ghosts)
        self._library = load(registry.source(variant, target="cpu"))
        self._prepared: dict[tuple[int, ...], _Sweep] = {}
        self._for_items = self._library.for_items
        self._for_items.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
        self._allocated = 0
        self._team = threads()

    def describe(self) -> str:
        """The device in words."""
        names = [
            s.split(":", 1)[1].strip()
            for s in cpu_model().splitlines()
            if s.startswith("model name")
        ]
        return f"{names[0] if names else platform.machine()}, {self._team} threads"

    def working(self) -> AbstractContextManager[None]:
        """Nothing to choose or to report on a CPU."""
        return nullcontext()

    def field(self, kind: str) -> np.ndarray:
        """A new field of zeros, of a kind of `declare.FieldArgument`.

        Successive arrays start at different cache sets, and their first rows aligned, with room for
        ghosts before and behind.
        """
        layout = self.layout
        size = layout.elements(kind) * layout.itemsize
        raw = np.zeros(size + 3 * _PAGE, dtype=np.uint8)
        before = VECTOR_BYTES * -(-layout.variant.reach * layout.itemsize // VECTOR_BYTES)
        start = -raw.ctypes.data % _PAGE + self._allocated * _SKEW % _PAGE + before
        self._allocated += 1
        flat = raw[start : start + size].view(layout.dtype)
        strides = layout.strides(kind, layout.itemsize)
        return np.lib.stride_tricks.as_strided(flat, layout.shape(kind), strides)

    def bind(self, name: str, **values: Any) -> CpuLaunch:
        """A kernel of the registry with its arguments but n and stride, for `run`; its real
        numbers can be set again later.

        Raises TypeError when an argument does not fit its declaration.
        """
        kernel = registry.KERNELS[name]
        ordered = check.ordered(
            kernel, values, self.layout, parts_of_plane=self.partials_per_plane(),
            array_type=np.ndarray,
        )  # fmt: skip
        return CpuLaunch(kernel, self._library[f"{name}_rows"], ordered, self.layout)

    def run(self, launches: Sequence[CpuLaunch], *, follows: bool = False) -> None:
        """Runs kernels as if one after the other. Kernels over sites run in one sweep where this
        saves traffic to memory.

        follows: these kernels ran last, perhaps with others behind them, and nothing has written to
        their fields since. The ghosts are then right.
        """
        for over_sites, group in groupby(launches, key=lambda each: each.kernel.launch == "sites"):
            if over_sites:
                self._sweep(list(group), follows)
            else:
                for launch in group:
                    self._for_items(launch.function, launch.addresses, launch.items, self._team)

    def launch(self, name: str, **values: Any) -> None:
        """Runs a kernel of the registry once; raises TypeError when an argument does not fit its
        declaration."""
        self.run([self.bind(name, **values)])

    def _sweep(self, launches: list[CpuLaunch], follows: bool) -> None:
        key = tuple(id(launch) for launch in launches)
        if key not in self._prepared:
            self._prepared[key] = _Sweep(launches, self.layout)
        ready = self._prepared[key]
        self._library.sweep(
            len(launches), ready.table, ready.touched, len(ready.read), ready.read, int(follows),
            self.layout.n, self._team,
        )  # fmt: skip

    def partial(self, quantities: int) -> np.ndarray:
        """Room for the partial sums of a kernel with that many sums."""
        return np.zeros(quantities * self.layout.n * self.partials_per_plane())

    def partials_per_plane(self) -> int:
        """Parts in which a kernel leaves the sum over one plane: its rows."""
        return self.layout.n

    def array(self, values: np.ndarray) -> np.ndarray:
        """A contiguous array on the device with these values."""
        return np.ascontiguousarray(values)

    def to_host(self, array: np.ndarray) -> np.ndarray:
        """A contiguous copy on the host."""
        return np.array(array, order="C")

    def rfftn(self, field: np.ndarray) -> np.ndarray:
        """Transform of one [n, n, n] block over the half space in float64, contiguous [n, n,
        n/2 + 1]."""
        return np.ascontiguousarray(
            scipy.fft.rfftn(field.astype(np.float64, copy=False), workers=self._team)
        )

    def memory_available(self) -> int:
        """Bytes that could be allocated now. The machine limits them, and so do the control groups
        of this process (a container, a Slurm job)."""
        return memory.available()

    def memory_used(self) -> int:
        """Bytes that the process has in memory."""
        return memory.used()

    def seconds(self, action: Callable[[], Any]) -> float:
        """Time that `action` takes."""
        begun = time.perf_counter()
        action()
        return time.perf_counter() - begun

    def synchronize(self) -> None:
        """Nothing to wait for on a CPU."""

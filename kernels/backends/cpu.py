"""The CPU backend: the kernels compiled by the host's C++ compiler at first use (compile.py)."""

from __future__ import annotations

import ctypes
import platform
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import groupby
from typing import Any

import numpy as np

from darklat.kernels import check, registry
from darklat.kernels.backends import fourier, memory
from darklat.kernels.backends.compile import cpu_model, load
from darklat.kernels.backends.cpu_sweep import CpuSweep
from darklat.kernels.backends.exchanges import halo_of
from darklat.kernels.backends.sweep_order import Use, use_of
from darklat.kernels.backends.threads import threads
from darklat.kernels.declare import FieldArgument, Kernel, ScalarArgument
from darklat.kernels.layout import VECTOR_BYTES, Layout, Variant
from darklat.kernels.ranks import ALONE, Ranks

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
        below = layout.itemsize * layout.halo * layout.plane  # bytes before a field's own planes
        self._slots: dict[str, Any] = {
            a.name: types[a.type](v)
            if isinstance(a, ScalarArgument)
            else ctypes.c_void_p(v.ctypes.data - below * isinstance(a, FieldArgument))
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

    def use(self, layout: Layout) -> Use:
        """The blocks of fields that it works on, by their addresses in memory: those that it
        writes, and how far along which axes and to which sides it reads neighbours of each."""
        addresses = {a.name: self._slots[a.name].value for a in self.kernel.fields}
        axis = self._slots["axis"].value if "axis" in self._slots else None
        return use_of(self.kernel, addresses, axis, layout)

    @property
    def items(self) -> int:
        """Number of items of a kernel that runs over items: its first argument."""
        return int(self._slots[self.kernel.arguments[0].name].value)


class CpuBackend:
    """Arrays and kernels on the host.

    n: sites per axis. ranks: the processes that share them. halo: planes of its neighbours that
    each of them has, by default `halo_of`; 0 for one process, which needs none. Raises MachineError
    when the kernels cannot be compiled, and for slabs that are thinner than a kernel reads.
    """

    name = "cpu"
    xp = np
    fused: tuple[Kernel, ...] = ()  # a sweep needs none
    waits = True

    def __init__(
        self, *, n: int, variant: Variant, ranks: Ranks = ALONE, halo: int | None = None
    ) -> None:
        self.ranks = ranks
        if halo is None:
            halo = halo_of(n, variant, ranks.size) if ranks.size > 1 else 0
        self.layout = Layout(n, variant, variant.ghosts, ranks.slab(n), halo)
        self._library = load(registry.source(variant, target="cpu"))
        self._prepared: dict[tuple[int, ...], CpuSweep] = {}
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
        ghosts before and behind. It has the planes of this rank; those of its neighbours lie
        around them.
        """
        layout = self.layout
        size = layout.elements(kind) * layout.itemsize
        raw = np.zeros(size + 3 * _PAGE, dtype=np.uint8)
        before = VECTOR_BYTES * -(-layout.variant.reach * layout.itemsize // VECTOR_BYTES)
        start = -raw.ctypes.data % _PAGE + self._allocated * _SKEW % _PAGE + before
        self._allocated += 1
        flat = raw[start : start + size].view(layout.dtype)[layout.halo * layout.plane :]
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
            self._prepared[key] = CpuSweep(launches, self.layout)
        self._prepared[key].run(self._library, self.ranks, follows=follows, team=self._team)

    def partial(self, quantities: int) -> np.ndarray:
        """Room for the partial sums of a kernel with that many sums."""
        return np.zeros(quantities * self.layout.planes * self.partials_per_plane())

    def partials_per_plane(self) -> int:
        """Parts in which a kernel leaves the sum over one plane: its rows."""
        return self.layout.n

    def array(self, values: np.ndarray) -> np.ndarray:
        """A contiguous array on the device with these values."""
        return np.ascontiguousarray(values)

    def fetch(self, array: np.ndarray) -> Callable[[], np.ndarray]:
        """A copy of an array as it is now."""
        copy = array.copy()
        return lambda: copy

    def to_host(self, array: np.ndarray) -> np.ndarray:
        """A contiguous copy on the host."""
        return np.array(array, order="C")

    def rfftn(self, field: np.ndarray) -> np.ndarray:
        """Transform of one block of sites over the half space in float64, [n, n, own k_z]."""
        return fourier.forward(field.astype(np.float64, copy=False), self.ranks)

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

"""The CUDA backend: the same kernels compiled by NVRTC through cupy."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy as np

from darklat.errors import MachineError
from darklat.kernels import blocks, check, registry
from darklat.kernels.backends import gpu_fourier, nccl
from darklat.kernels.backends.exchanges import halo_of
from darklat.kernels.backends.gpu_errors import reported, unusable
from darklat.kernels.backends.gpu_launches import (
    Arrival,
    Arrivals,
    Exchanges,
    GpuLaunch,
    GpuRow,
)
from darklat.kernels.declare import FieldArgument, Kernel
from darklat.kernels.layout import Layout, Variant
from darklat.kernels.ranks import ALONE, Ranks

OPTIONS = ("-std=c++17",)
FUSED = "DARKLAT_FUSED"  # 0 in the environment: kernels one by one, to compare with


class _Working(threading.local):
    """The backends whose `working` a thread is in, the innermost last."""

    def __init__(self) -> None:
        self.backends: list[GpuBackend] = []


_working = _Working()
_INSIDE: AbstractContextManager[None] = nullcontext()


def count() -> int:
    """Number of CUDA devices. Raises MachineError where none can be used."""
    if reason := unusable():
        raise MachineError(f"no GPU to run on: {reason} Or run with the backend cpu.")
    import cupy

    return int(cupy.cuda.runtime.getDeviceCount())


class GpuBackend:
    """Arrays and kernels on CUDA device number `device`; see `CpuBackend` for the rest.

    fused: whether kernels that do the work of several take their places (declarations/fused.py);
    by default where $DARKLAT_FUSED is not 0, and one process has the whole lattice. ranks, halo: as
    of `CpuBackend`. The ranks of a machine have the devices from number `device` on, one each.

    Raises MachineError when there is no usable device, and from every method when the device or a
    library fails. CUDA knows a current device and stream per thread, so that every method chooses
    its own. All work is on one stream, and the host waits for it only where it wants numbers.
    """

    name = "cuda"
    waits = False

    def __init__(
        self,
        *,
        n: int,
        variant: Variant,
        device: int = 0,
        fused: bool | None = None,
        ranks: Ranks = ALONE,
        halo: int | None = None,
    ) -> None:
        if not 0 <= device < (there := count()):
            raise MachineError(f"device {device}: this machine has devices 0 to {there - 1}.")
        import cupy

        self.xp, self.ranks = cupy, ranks
        if halo is None:
            halo = halo_of(n, variant, ranks.size, backend=self.name) if ranks.size > 1 else 0
        self.layout = Layout(n, variant, own=ranks.slab(n), halo=halo)
        wanted = os.environ.get(FUSED, "1") != "0" if fused is None else fused
        self._fused = wanted and halo == 0  # fused kernels know no planes of neighbours
        if ranks.size > 1:
            nccl.module()
            device = nccl.device_of(ranks, cupy, device)
        self._device = cupy.cuda.Device(device)
        self._communicator: nccl.Communicator | None = None
        self._stream = self._new_stream()
        self._rows: dict[tuple[int, ...], GpuRow] = {}
        self._places: dict[tuple[Any, ...], Arrivals] = {}
        with self.working():
            source = registry.source(variant, fused=self._fused)
            self._module = cupy.RawModule(code=source, options=OPTIONS)
            self._functions = {
                name: [
                    self._module.get_function(entry)
                    for entry in registry.entry_names(registry.KERNELS[name])
                ]
                for name in registry.names(variant, fused=self._fused)
            }

    def _new_stream(self) -> Any:
        with reported(self._device.id), self._device:
            return self.xp.cuda.Stream(non_blocking=True)

    def working(self) -> AbstractContextManager[None]:
        """Inside, this thread works on the device and its stream, and errors of cupy, of the
        libraries under it and of the device become MachineErrors."""
        backends = _working.backends
        return _INSIDE if backends and backends[-1] is self else self._enter()

    @contextmanager
    def _enter(self) -> Iterator[None]:
        with reported(self._device.id), self._device, self._stream:
            _working.backends.append(self)
            try:
                yield
            finally:
                _working.backends.pop()

    @property
    def fused(self) -> Sequence[Kernel]:
        """Kernels that take the places of others."""
        kernels = (registry.KERNELS[name] for name in self._functions)
        return [kernel for kernel in kernels if kernel.replaces]

    def describe(self) -> str:
        """The device in words."""
        with self.working():
            properties = self.xp.cuda.runtime.getDeviceProperties(self._device.id)
        return f"{properties['name'].decode()}, device {self._device.id}"

    def versions(self) -> str:
        """Of cupy, of NVRTC, and of the CUDA that the driver knows; and the architecture."""
        with self.working():
            nvrtc = ".".join(map(str, self.xp.cuda.nvrtc.getVersion()))
            driver = self.xp.cuda.runtime.driverGetVersion()
            architecture = self._device.compute_capability
        return (
            f"cupy {self.xp.__version__}, NVRTC {nvrtc}, driver for CUDA {driver // 1000}."
            f"{driver % 1000 // 10}, sm_{architecture}"
        )

    def identity(self) -> str:
        """A digest that is the same where kernels give the same bits: it covers the GPU's name and
        architecture, cupy, NVRTC, the driver, options and source."""
        name = self.describe().rpartition(", device")[0]
        source = registry.source(self.layout.variant, fused=self._fused)
        parts = [name, self.versions(), *OPTIONS, source]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]

    def place(self) -> str:
        """The device's address on the bus of its machine, whatever number it has here."""
        with self.working():
            return str(self.xp.cuda.runtime.deviceGetPCIBusId(self._device.id))

    def field(self, kind: str) -> Any:
        """A new field of zeros, of a kind of `declare.FieldArgument`."""
        layout = self.layout
        with self.working():
            flat = self.xp.zeros(layout.elements(kind), dtype=layout.dtype)
            own = flat[layout.halo * layout.plane :]
        strides = layout.strides(kind, layout.itemsize)
        return self.xp.lib.stride_tricks.as_strided(own, layout.shape(kind), strides)

    def _in_memory(self, field: Any, kind: str) -> Any:
        """A field with the planes of neighbours around it."""
        layout = self.layout
        if layout.halo == 0:
            return field
        below = layout.halo * layout.plane * layout.itemsize
        shape = (*layout.shape(kind)[:-3], layout.planes, layout.n, layout.n)
        strides = layout.strides(kind, layout.itemsize)
        return self.xp.ndarray(shape, layout.dtype, memptr=field.data - below, strides=strides)

    def bind(self, name: str, **values: Any) -> GpuLaunch:
        """A kernel of the registry with its arguments but n and stride, for `run`; its real
        numbers can be set again later.

        Raises TypeError when an argument does not fit its declaration.
        """
        kernel = registry.KERNELS[name]
        ordered = check.ordered(
            kernel, values, self.layout, parts_of_plane=self.partials_per_plane(),
            array_type=self.xp.ndarray,
        )  # fmt: skip
        values = {
            a.name: self._in_memory(value, a.kind) if isinstance(a, FieldArgument) else value
            for a, value in zip(kernel.arguments, ordered, strict=True)
        }
        return GpuLaunch(kernel, self._functions[name], values, self.layout)

    def run(self, launches: Sequence[GpuLaunch], *, follows: bool = False) -> None:
        """Runs kernels one after the other, without waiting for them (gpu_launches.py); `follows`
        is for backends with ghosts (cpu.py)."""
        key = tuple(map(id, launches))
        with self.working():
            if key not in self._rows:
                self._rows[key] = self._row(launches)
            self._rows[key].run()

    def _row(self, launches: Sequence[GpuLaunch]) -> GpuRow:
        exchanges = None
        if self.layout.halo:
            exchanges = Exchanges(launches, self.layout, self._ready())
        return GpuRow(list(launches), self.xp, self._stream, exchanges)

    def _ready(self) -> nccl.Communicator:
        """The communicator of the ranks. It is made at its first use, where all ranks are, and not
        in a backend's beginning, where one of a machine compiles and the others wait."""
        if self._communicator is None:
            self._communicator = nccl.Communicator(self.ranks, self._stream)
        return self._communicator

    def launch(self, name: str, **values: Any) -> None:
        """Runs a kernel of the registry once; raises TypeError when an argument does not fit its
        declaration."""
        bound = self.bind(name, **values)
        with self.working():
            self._row([bound]).run()

    def partial(self, quantities: int) -> Any:
        """Room for the partial sums of a kernel with that many sums."""
        with self.working():
            return self.xp.zeros(quantities * self.layout.planes * self.partials_per_plane())

    def partials_per_plane(self) -> int:
        """Parts in which a kernel leaves the sum over one plane: its blocks."""
        return blocks.parts_of_plane(self.layout.n)

    def array(self, values: np.ndarray) -> Any:
        """A contiguous array on the device with these values."""
        with self.working():
            return self.xp.ascontiguousarray(self.xp.asarray(values))

    def fetch(self, array: Any) -> Callable[[], np.ndarray]:
        """Begins to copy a contiguous array to the host as it is now; calling the result waits for
        the copy and returns it."""
        with self.working():
            arrival = self._arrivals(array).begin(array)

        def arrived() -> np.ndarray:
            with self.working():
                return arrival.end().copy()

        return arrived

    def _arrivals(self, array: Any) -> Arrivals:
        """Page-locked places for arrays like this one."""
        key = (array.shape, array.dtype)
        if key not in self._places:
            self._places[key] = Arrivals(self.xp, self._stream)
        return self._places[key]

    def to_host(self, array: Any) -> np.ndarray:
        """A contiguous copy on the host. The blocks [n, n, n] of a field come one by one, because
        a whole field with padding would first be copied on the device. One comes into page-locked
        memory while the one before is copied from there."""
        out = np.empty(array.shape, dtype=array.dtype)
        places = [...] if array.ndim <= 3 else list(np.ndindex(array.shape[:-3]))
        with self.working():
            before: tuple[Any, Arrival] | None = None
            for at in places:
                block = self.xp.ascontiguousarray(array[at])
                begun = self._arrivals(block).begin(block)
                if before is not None:
                    out[before[0]] = before[1].end()
                before = at, begun
            if before is not None:
                out[before[0]] = before[1].end()
        return out

    def rfftn(self, field: Any) -> Any:
        """Transform of one block of sites over the half space in float64 (gpu_fourier.py):
        contiguous [n, n, own k_z]."""
        with self.working():
            values = self.xp.ascontiguousarray(field, dtype=np.float64)
            transpose = self._ready().transpose if self.ranks.size > 1 else ALONE.transpose
            return gpu_fourier.forward(self.xp, values, self.ranks, transpose)

    def memory_available(self) -> int:
        """Bytes that could be allocated now: free on the device, or kept by cupy's pool although no
        array has them any more."""
        with self.working():
            return int(self._device.mem_info[0] + self.xp.get_default_memory_pool().free_bytes())

    def memory_used(self) -> int:
        """Bytes in use of cupy's pool of device memory."""
        with self.working():
            return int(self.xp.get_default_memory_pool().used_bytes())

    def seconds(self, action: Callable[[], Any]) -> float:
        """Time between two events on the device, before and after the work of `action`."""
        with self.working():
            begun, ended = self.xp.cuda.Event(), self.xp.cuda.Event()
            begun.record()
            action()
            ended.record()
            ended.synchronize()
            return float(self.xp.cuda.get_elapsed_time(begun, ended)) / 1000  # it is in ms

    def synchronize(self) -> None:
        """Waits for the device."""
        with self.working():
            self._stream.synchronize()

"""The CUDA backend: the same kernels compiled by NVRTC through cupy."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from darklat.errors import MachineError
from darklat.kernels import check, registry
from darklat.kernels.backends.gpu_errors import reported, unusable
from darklat.kernels.declare import Kernel
from darklat.kernels.layout import THREADS_OF_BLOCK, Layout, Variant
from darklat.kernels.ranks import ALONE, Ranks

OPTIONS = ("-std=c++17",)


def count() -> int:
    """Number of CUDA devices. Raises MachineError where none can be used."""
    if reason := unusable():
        raise MachineError(f"no GPU to run on: {reason} Or run with the backend cpu.")
    import cupy

    return int(cupy.cuda.runtime.getDeviceCount())


class GpuLaunch:
    """A kernel bound to its arguments; calling it sets some of its real numbers."""

    def __init__(
        self,
        kernel: Kernel,
        function: Any,
        grid: tuple[int, ...],
        values: list[Any],
        layout: Layout,
    ) -> None:
        self.kernel, self.function, self.grid = kernel, function, grid
        self._real = layout.dtype.type
        types: dict[str, Any] = {"int": np.int32, "long": np.int64, "real": self._real}
        self.values = dict(zip((a.name for a in kernel.arguments), values, strict=True))
        self.values |= {a.name: types[a.type](self.values[a.name]) for a in kernel.scalars}
        self._reals = {a.name for a in kernel.scalars if a.type == "real"}

    def __call__(self, **scalars: float) -> GpuLaunch:
        """The same launch with these real numbers from now on.

        Raises TypeError for any other argument: lengths of arrays were checked against integers.
        """
        if wrong := scalars.keys() - self._reals:
            raise TypeError(f"kernel {self.kernel.name}: {sorted(wrong)} cannot be set again")
        for name, value in scalars.items():
            self.values[name] = self._real(value)
        return self


class GpuBackend:
    """Arrays and kernels on CUDA device number `device`; see `CpuBackend` for the rest.

    Raises MachineError when there is no usable device, and from every method when the device or a
    library fails. CUDA knows a current device per thread, so that every method chooses its own.
    """

    name = "cuda"
    ranks: Ranks = ALONE  # the kernels know no planes of neighbours

    def __init__(self, *, n: int, variant: Variant, device: int = 0) -> None:
        if not 0 <= device < (there := count()):
            raise MachineError(f"device {device}: this machine has devices 0 to {there - 1}.")
        import cupy

        self.xp = cupy
        self.layout = Layout(n, variant)
        self._device = cupy.cuda.Device(device)
        with self.working():
            self._module = cupy.RawModule(code=registry.source(variant), options=OPTIONS)
            self._functions = {
                name: self._module.get_function(name) for name in registry.names(variant)
            }

    @contextmanager
    def working(self) -> Iterator[None]:
        """Inside, this thread works on the device, and errors of cupy, of the libraries under it
        and of the device become MachineErrors."""
        with reported(self._device.id), self._device:
            yield

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
        source = registry.source(self.layout.variant)
        parts = [name, self.versions(), *OPTIONS, source]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]

    def field(self, kind: str) -> Any:
        """A new field of zeros, of a kind of `declare.FieldArgument`."""
        with self.working():
            flat = self.xp.zeros(self.layout.elements(kind), dtype=self.layout.dtype)
        strides = self.layout.strides(kind, self.layout.itemsize)
        return self.xp.lib.stride_tricks.as_strided(flat, self.layout.shape(kind), strides)

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
        n = self.layout.n
        grid = (
            (n * -(-n // THREADS_OF_BLOCK), n) if kernel.launch == "sites" else (int(ordered[0]),)
        )
        return GpuLaunch(kernel, self._functions[name], grid, ordered, self.layout)

    def run(self, launches: Sequence[GpuLaunch], *, follows: bool = False) -> None:
        """Runs kernels one after the other; `follows` is for backends with ghosts (cpu.py)."""
        with self.working():
            for launch in launches:
                launch.function(launch.grid, (THREADS_OF_BLOCK,), tuple(launch.values.values()))

    def launch(self, name: str, **values: Any) -> None:
        """Runs a kernel of the registry once; raises TypeError when an argument does not fit its
        declaration."""
        self.run([self.bind(name, **values)])

    def partial(self, quantities: int) -> Any:
        """Room for the partial sums of a kernel with that many sums."""
        with self.working():
            return self.xp.zeros(quantities * self.layout.n * self.partials_per_plane())

    def partials_per_plane(self) -> int:
        """Parts in which a kernel leaves the sum over one plane: its blocks."""
        return self.layout.n * -(-self.layout.n // THREADS_OF_BLOCK)

    def array(self, values: np.ndarray) -> Any:
        """A contiguous array on the device with these values."""
        with self.working():
            return self.xp.ascontiguousarray(self.xp.asarray(values))

    def to_host(self, array: Any) -> np.ndarray:
        """A contiguous copy on the host. The blocks [n, n, n] of a field come one by one, because
        a whole field with padding would first be copied on the device."""
        out = np.empty(array.shape, dtype=array.dtype)
        blocks = np.ndindex(array.shape[:-3]) if array.ndim > 3 else [...]
        with self.working():
            for at in blocks:
                self.xp.ascontiguousarray(array[at]).get(out=out[at])
        return out

    def rfftn(self, field: Any) -> Any:
        """Transform of one [n, n, n] block over the half space in float64 (cuFFT): contiguous
        [n, n, n/2 + 1]."""
        with self.working():
            values = self.xp.ascontiguousarray(field, dtype=np.float64)
            return self.xp.ascontiguousarray(self.xp.fft.rfftn(values))

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
            self._device.synchronize()

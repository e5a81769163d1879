"""The CUDA backend: the same kernels compiled by NVRTC through cupy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from darklat.errors import MachineError
from darklat.kernels import check, registry
from darklat.kernels.declare import Kernel
from darklat.kernels.layout import THREADS_OF_BLOCK, Layout, Variant

OPTIONS = ("-std=c++17",)


def probe() -> str | None:
    """None when a CUDA device can be used, else the reason why not and the remedy."""
    try:
        import cupy
    except ImportError as error:
        return f"cupy cannot be imported ({error}). Install it with: pip install 'darklat[gpu]'."
    try:
        if cupy.cuda.is_available() and cupy.cuda.runtime.getDeviceCount():
            return None
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return f"CUDA answers: {error}. Check the driver with nvidia-smi."
    return "cupy sees no CUDA device. Check the driver with nvidia-smi, and CUDA_VISIBLE_DEVICES."


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

    Raises MachineError when there is no usable device.
    """

    name = "cuda"

    def __init__(self, *, n: int, variant: Variant, device: int = 0) -> None:
        if reason := probe():
            raise MachineError(f"no GPU to run on: {reason} Or run with the backend cpu.")
        import cupy

        count = cupy.cuda.runtime.getDeviceCount()
        if not 0 <= device < count:
            raise MachineError(f"device {device}: this machine has devices 0 to {count - 1}.")
        self.xp = cupy
        self.layout = Layout(n, variant)
        code = registry.source(variant)
        try:
            self._device = cupy.cuda.Device(device)
            self._device.use()
            self._module = cupy.RawModule(code=code, options=OPTIONS)
            self._functions = {
                name: self._module.get_function(name) for name in registry.names(variant)
            }
        except (cupy.cuda.runtime.CUDARuntimeError, cupy.cuda.compiler.CompileException) as error:
            raise MachineError(
                f"GPU {device} cannot be used: {error}. Check it with nvidia-smi, and that "
                "cupy fits the driver (pip install 'darklat[gpu]'); or run with the backend cpu."
            ) from error

    def describe(self) -> str:
        """The device in words."""
        properties = self.xp.cuda.runtime.getDeviceProperties(self._device.id)
        return f"{properties['name'].decode()}, device {self._device.id}"

    def field(self, kind: str) -> Any:
        """A new field of zeros, of a kind of `declare.FieldArgument`."""
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
        for launch in launches:
            launch.function(launch.grid, (THREADS_OF_BLOCK,), tuple(launch.values.values()))

    def launch(self, name: str, **values: Any) -> None:
        """Runs a kernel of the registry once; raises TypeError when an argument does not fit its
        declaration."""
        self.run([self.bind(name, **values)])

    def partial(self, quantities: int) -> Any:
        """Room for the partial sums of a kernel with that many sums."""
        return self.xp.zeros(quantities * self.layout.n * self.partials_per_plane())

    def partials_per_plane(self) -> int:
        """Parts in which a kernel leaves the sum over one plane: its blocks."""
        return self.layout.n * -(-self.layout.n // THREADS_OF_BLOCK)

    def array(self, values: np.ndarray) -> Any:
        """A contiguous array on the device with these values."""
        return self.xp.ascontiguousarray(self.xp.asarray(values))

    def to_host(self, array: Any) -> np.ndarray:
        """A contiguous copy on the host."""
        return self.xp.asnumpy(self.xp.ascontiguousarray(array))

    def rfftn(self, field: Any) -> Any:
        """Transform of one [n, n, n] block over the half space in float64 (cuFFT): contiguous
        [n, n, n/2 + 1]."""
        return self.xp.ascontiguousarray(
            self.xp.fft.rfftn(self.xp.ascontiguousarray(field, dtype=np.float64))
        )

    def memory_available(self) -> int:
        """Bytes free on the device."""
        return int(self._device.mem_info[0])

    def memory_used(self) -> int:
        """Bytes in use of cupy's pool of device memory."""
        return int(self.xp.get_default_memory_pool().used_bytes())

    def seconds(self, action: Callable[[], Any]) -> float:
        """Time between two events on the device, before and after the work of `action`."""
        begun, ended = self.xp.cuda.Event(), self.xp.cuda.Event()
        begun.record()
        action()
        ended.record()
        ended.synchronize()
        return float(self.xp.cuda.get_elapsed_time(begun, ended)) / 1000  # it is in ms

    def synchronize(self) -> None:
        """Waits for the device."""
        self._device.synchronize()

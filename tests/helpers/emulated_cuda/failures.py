"""The errors of cupy and of the libraries under it, and the failures that a test asks for.

Modules, names and texts are those of cupy 14.2 on a machine without a driver, without NVRTC and
without cuFFT.
"""

from __future__ import annotations

from dataclasses import dataclass


class CUDARuntimeError(RuntimeError):
    """An answer of the CUDA runtime."""

    __module__ = "cupy_backends.cuda.api.runtime"


class CUDADriverError(RuntimeError):
    """An answer of the driver."""

    __module__ = "cupy_backends.cuda.api.driver"


class NVRTCError(RuntimeError):
    """An answer of NVRTC."""

    __module__ = "cupy_backends.cuda.libs.nvrtc"


class NcclError(RuntimeError):
    """An answer of NCCL."""

    __module__ = "cupy_backends.cuda.libs.nccl"


class CuFFTError(RuntimeError):
    """An answer of cuFFT."""

    __module__ = "cupy.cuda.cufft"


class DynamicLibNotFoundError(RuntimeError):
    """A library of the CUDA toolkit that is not installed."""

    __module__ = "cuda.pathfinder._dynamic_libs.load_dl_common"


class CompileException(Exception):  # noqa: N818 - cupy's name
    """A source that does not compile."""

    __module__ = "cupy.cuda.compiler"


class OutOfMemoryError(MemoryError):
    """No memory on the device."""

    __module__ = "cupy.cuda.memory"

    def __init__(self, size: int, used: int) -> None:
        super().__init__(
            f"Out of memory allocating {size:,} bytes (allocated so far: {used:,} bytes)."
        )


INSUFFICIENT_DRIVER = CUDARuntimeError(
    "cudaErrorInsufficientDriver: CUDA driver version is insufficient for CUDA runtime version"
)
NO_DEVICE = CUDARuntimeError("cudaErrorNoDevice: no CUDA-capable device is detected")
ILLEGAL_ADDRESS = CUDARuntimeError(
    "cudaErrorIllegalAddress: an illegal memory access was encountered"
)
ECC = CUDARuntimeError("cudaErrorECCUncorrectable: uncorrectable ECC error encountered")
NO_NVRTC = DynamicLibNotFoundError(
    'Failure finding "libnvrtc.so.13 or libnvrtc.so.12": No such file: libnvrtc.so.13 or '
    "libnvrtc.so.12, No such file: libnvrtc.so.13 or libnvrtc.so.12"
)
OLD_NVRTC = NVRTCError("NVRTC_ERROR_INVALID_OPTION (5)")
OLD_DRIVER = CUDADriverError(
    "CUDA_ERROR_UNSUPPORTED_PTX_VERSION: the provided PTX was compiled with an unsupported "
    "toolchain."
)
NO_CUFFT = ImportError("libcufft.so.11: cannot open shared object file: No such file or directory")
CUFFT_FAILS = CuFFTError("CUFFT_INTERNAL_ERROR")


@dataclass
class Failures:
    """Errors by the call that raises them; None for none.

    device: of the next call that waits for the device, and of every call after it: such an error
    stays. It comes once `after` more kernels have been launched.
    """

    count: Exception | None = None
    compile: Exception | None = None
    load: Exception | None = None
    transform: Exception | None = None
    device: Exception | None = None
    after: int = 0
    stays: bool = False

    def launched(self) -> None:
        """Counts a launch."""
        self.after = max(0, self.after - 1)

    def at_a_call(self, *, waits: bool) -> None:
        """Raises the error of the device, where it is due."""
        if self.device is not None and (self.stays or (waits and self.after == 0)):
            self.stays = True
            raise self.device

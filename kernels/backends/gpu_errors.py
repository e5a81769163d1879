"""What can be wrong with cupy, the driver, the CUDA toolkit or a device, each in one sentence with
its remedy.

The libraries under cupy raise errors of many classes, and most are plain RuntimeErrors. They are
told from others by the package that they come from.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from darklat.errors import MachineError

PACKAGES = ("cupy", "cupy_backends", "cuda")  # that raise them; cuda.pathfinder looks for libraries
INSTALL = "Install it with: pip install 'darklat[gpu]'."
REMEDIES = {
    "cudaErrorInsufficientDriver": "Update the driver (nvidia-smi names it), or install a cupy for "
    "an older CUDA (cupy-cuda12x for CUDA 12).",
    "cudaErrorNoDevice": "Check the driver with nvidia-smi, and CUDA_VISIBLE_DEVICES.",
    "cudaErrorMemoryAllocation": "Use fewer sites, lattice.precision float32 or another --device, "
    "or wait until nobody else uses the device (nvidia-smi).",
    "UNSUPPORTED_PTX_VERSION": "The driver is older than the toolkit that cupy uses: update the "
    "driver, or install a cupy and toolkit for an older CUDA.",
}
"""By a word of the error."""
OF_A_DEVICE = (
    "nvidia-smi and the system's log (dmesg, lines with Xid) say more; `darklat resume` goes on "
    "from the last checkpoint of a run, also with another --device or with --backend cpu."
)


def unusable() -> str | None:
    """None when there is a CUDA device, else the reason why not and the remedy."""
    try:
        import cupy
    except ImportError as error:
        return f"cupy cannot be imported ({_last_line(error)}). {INSTALL}"
    try:
        found = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:  # is_available would hide the reason
        return f"CUDA answers: {_first_line(error)}. {_remedy(error, 'cudaErrorNoDevice')}"
    return None if found else f"cupy sees no CUDA device. {REMEDIES['cudaErrorNoDevice']}"


@contextmanager
def reported(device: int) -> Iterator[None]:
    """Inside, errors of cupy and of what lies under it become MachineErrors, about that device."""
    try:
        yield
    except Exception as error:
        if (sentence := _sentence(error, device)) is None:
            raise
        raise MachineError(sentence) from error


def _sentence(error: Exception, device: int) -> str | None:
    """What has happened and what to do; None for an error from elsewhere."""
    kind = type(error)
    if isinstance(error, ImportError):
        return _of_a_missing_library(error)
    if kind.__module__.partition(".")[0] not in PACKAGES:
        return None
    if kind.__name__ == "DynamicLibNotFoundError":
        return f"a library of the CUDA toolkit is missing ({_first_line(error)}). {INSTALL}"
    if kind.__name__ in ("CompileException", "NVRTCError"):
        return (
            f"NVRTC cannot compile the kernels for GPU {device}: {_first_line(error)}. Check that "
            f"cupy, its toolkit and the driver fit each other (pip install 'darklat[gpu]')."
        )
    if isinstance(error, MemoryError):
        remedy = REMEDIES["cudaErrorMemoryAllocation"]
        return f"GPU {device} has too little memory: {_first_line(error)}. {remedy}"
    return f"GPU {device} fails: {_first_line(error)}. {_remedy(error)}"


def _of_a_missing_library(error: ImportError) -> str | None:
    """cupy imports a library, such as cuFFT, when it is first needed."""
    text = str(error)
    if not text.startswith("lib"):
        return None
    return f"a library of the CUDA toolkit cannot be loaded ({_first_line(error)}). {INSTALL}"


def _remedy(error: Exception, otherwise: str = "") -> str:
    found = (remedy for word, remedy in REMEDIES.items() if word in str(error))
    return next(found, REMEDIES.get(otherwise, OF_A_DEVICE))


def _lines(error: Exception) -> list[str]:
    """Without rules, which are lines of one sign."""
    lines = (line.strip().rstrip(".") for line in str(error).splitlines())
    return [line for line in lines if len(set(line)) > 1] or [type(error).__name__]


def _first_line(error: Exception) -> str:
    """The first that speaks of an error, or the first."""
    lines = _lines(error)
    return next((line for line in lines if "error" in line.lower()), lines[0])


def _last_line(error: Exception) -> str:
    """cupy's long text about a failed import ends with the system's own error."""
    return _lines(error)[-1]

"""Compiles the kernels for a GPU that this machine need not have, with the NVRTC library
(pip: nvidia-cuda-nvrtc)."""

from __future__ import annotations

import ctypes
import importlib.util
from pathlib import Path

from darklat.errors import MachineError


def library() -> Path:
    """The NVRTC library of the installed wheel. Raises MachineError when there is none."""
    spec = importlib.util.find_spec("nvidia")
    for root in spec.submodule_search_locations if spec and spec.submodule_search_locations else []:
        found = sorted(
            p
            for p in Path(root).rglob("libnvrtc.so*")
            if "builtins" not in p.name and "alt" not in p.name
        )
        if found:
            return found[0]
    raise MachineError("NVRTC is not installed: pip install nvidia-cuda-nvrtc")


def compile_cubin(source: str, *, architecture: str = "sm_90") -> bytes:
    """Machine code of `source` for `architecture`.

    Raises MachineError with the compiler's log when it fails.
    """
    return compile_verbose(source, architecture=architecture)[0]


def compile_verbose(source: str, *, architecture: str = "sm_90") -> tuple[bytes, str]:
    """`compile_cubin`, and the log in which the assembler states each kernel's registers, stack and
    spills."""
    nvrtc = ctypes.CDLL(str(library()))
    program = ctypes.c_void_p()
    if nvrtc.nvrtcCreateProgram(
        ctypes.byref(program), source.encode(), b"kernels.cu", 0, None, None
    ):
        raise MachineError("NVRTC did not accept the source text")
    options = [
        f"-arch={architecture}".encode(), b"-std=c++17", b"--ptxas-options=-v",
        b"--device-as-default-execution-space",  # as cupy compiles
    ]  # fmt: skip
    failed = nvrtc.nvrtcCompileProgram(
        program, len(options), (ctypes.c_char_p * len(options))(*options)
    )
    log = _text(nvrtc, program, "ProgramLog").rstrip(b"\0").decode()
    if failed:
        raise MachineError(f"NVRTC failed for {architecture}:\n{log}")
    return _text(nvrtc, program, "CUBIN"), log


def _text(nvrtc: ctypes.CDLL, program: ctypes.c_void_p, what: str) -> bytes:
    size = ctypes.c_size_t()
    nvrtc[f"nvrtcGet{what}Size"](program, ctypes.byref(size))
    buffer = ctypes.create_string_buffer(size.value)
    nvrtc[f"nvrtcGet{what}"](program, buffer)
    return buffer.raw

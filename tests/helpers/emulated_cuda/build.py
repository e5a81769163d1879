"""Compiles a source for NVRTC with the host's compiler, and the runtime that launches its kernels.

Libraries are kept beside the package's compiled kernels under a digest of compiler, flags and
sources, so that a variant is compiled once.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from darklat.kernels.backends.compile import cache_folder, compiler

HERE = Path(__file__).parent
FLAGS = ("-std=c++17", "-fPIC", "-w", "-U_FORTIFY_SOURCE")
# Baseline instructions and no contraction: the same bits on every machine. The sanitizer puts a
# call before every access; runtime.cpp has these calls, and no sanitizer is linked.
OF_KERNELS = (
    "-O1", "-fpeel-loops", "-funroll-loops", "-ffp-contract=off", "-fvisibility=hidden",
    "-fsanitize=thread",
)  # fmt: skip
OF_RUNTIME = ("-O2",)
NAME = re.compile(r"\b__global__\s+void\s+(?:__launch_bounds__\([^)]*\)\s*)?(\w+)")


class CompilerError(Exception):
    """The host's compiler refuses the source; the text is its own."""


def kernels(source: str) -> ctypes.CDLL:
    """The library of a source for NVRTC: functions emulated_call_NAME and emulated_letters_NAME of
    every kernel (kernels.h). Raises CompilerError."""
    runtime()  # whose symbols it needs
    lines = [line for line in source.splitlines() if not line.lstrip().startswith("#define")]
    names = dict.fromkeys(NAME.findall("\n".join(lines)))
    parts = [
        (HERE / "shim.h").read_text(),
        "#line 1\n" + source + "\n",
        "#define EMULATED_KERNELS " + " ".join(f"KERNEL_ENTRY({name})" for name in names) + "\n",
        (HERE / "kernels.h").read_text(),
    ]
    return ctypes.PyDLL(str(_library("".join(parts), OF_KERNELS)))


@cache
def runtime() -> ctypes.PyDLL:
    """The library of runtime.cpp. Python's lock is held in it: it runs one launch at a time."""
    path = _library((HERE / "runtime.cpp").read_text(), OF_RUNTIME)
    return ctypes.PyDLL(str(path), mode=ctypes.RTLD_GLOBAL)


def _library(source: str, flags: tuple[str, ...]) -> Path:
    cxx = compiler()
    parts = [*cxx, _version(tuple(cxx)), *FLAGS, *flags, source]
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
    library = cache_folder() / f"emulated-{digest}.so"
    if library.exists():
        return library
    library.parent.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(library.with_suffix(".lock")):  # tests run in several processes
        if not library.exists():
            _compile(source, flags, library)
    return library


def _compile(source: str, flags: tuple[str, ...], library: Path) -> None:
    with tempfile.TemporaryDirectory(dir=library.parent, prefix="emulated-") as folder:
        Path(folder, "source.cpp").write_text(source)
        for command in (
            [*compiler(), *FLAGS, *flags, "-c", "source.cpp"],
            [*compiler(), "-shared", "-o", "library.so", "source.o"],
        ):
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode:
                raise CompilerError(done.stderr)
        os.replace(Path(folder, "library.so"), library)


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    path.unlink(missing_ok=True)


@cache
def _version(cxx: tuple[str, ...]) -> str:
    command = [*cxx, "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout

"""The host's C++ compiler, and the content-addressed cache of all that it has compiled."""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import platform
import shlex
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from darklat.errors import LACKING, MachineError
from darklat.kernels.backends.threads import load_library

log = logging.getLogger("darklat")

FLAGS = (
    "-O3",
    "-march=native",
    "-fopenmp",
    "-std=c++17",
    "-fPIC",
    "-shared",
    "-fvisibility=hidden",
)
GCC_FLAGS = ("-fno-split-loops",)  # finds nothing to split, in nearly half of the compile time
_DIGITS = 32  # of the digests in names


def cache_folder() -> Path:
    """Where compiled kernels are kept: $DARKLAT_CACHE, else $XDG_CACHE_HOME/darklat, else
    ~/.cache/darklat. A user without a home has a folder beside temporary files.

    Raises MachineError where that one belongs to somebody else.
    """
    if chosen := os.environ.get("DARKLAT_CACHE"):
        return Path(chosen)
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "darklat"
    try:
        return Path.home() / ".cache" / "darklat"
    except RuntimeError:  # neither $HOME nor an entry in the list of users, as in a container
        return _private(Path(tempfile.gettempdir()) / f"darklat-{os.getuid()}")


def _private(folder: Path) -> Path:
    """A folder that nobody else can write to: its libraries are run."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise MachineError(_unwritable(folder, error)) from error
    if found.st_uid != os.getuid() or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o022:
        raise MachineError(
            f"there is no home directory, and others can write to {folder}. "
            "Set $DARKLAT_CACHE to a folder of your own."
        )
    return folder


def _unwritable(folder: Path, error: OSError) -> str:
    return (
        f"cannot write compiled kernels to {folder}: {error}. "
        "Set $DARKLAT_CACHE to a writable folder."
    )


def compiler() -> list[str]:
    """The C++ compiler's command: $CXX (which may have arguments), else g++, else c++.

    Raises MachineError when there is none.
    """
    wanted = os.environ.get("CXX")
    for name, *arguments in (
        [shlex.split(wanted)] if wanted and wanted.strip() else [["g++"], ["c++"]]
    ):
        if path := shutil.which(name):
            return [path, *arguments]
    raise MachineError(
        f"no C++ compiler found ({'$CXX = ' + wanted if wanted else 'looked for g++ and c++'}). "
        "Install g++ (Debian, Ubuntu: apt install g++; conda: conda install gxx; clusters: "
        "module load gcc) or set $CXX to one with OpenMP."
    )


@cache
def cpu_model() -> str:
    """The processor's name and features, because code for this processor may not run on another."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return "\n".join(
        sorted({s for s in lines if s.startswith(("model name", "flags", "Features", "CPU part"))})
    )


def load(source: str) -> ctypes.CDLL:
    """The shared library for `source`, see `build`.

    Raises MachineError, also where the system does not run code from the cache.
    """
    library = build(source)
    try:
        return load_library(library)
    except OSError as error:
        raise MachineError(
            f"compiled kernels cannot be loaded: {error}. If {library.parent} is on a file system "
            "that is mounted noexec, set $DARKLAT_CACHE to a folder on another one."
        ) from error


def identity(source: str) -> str:
    """A digest of processor, compiler, flags and source: the same where a build gives the same
    machine code. Raises MachineError when there is no compiler."""
    cxx = compiler()
    parts = [cpu_model(), *cxx, _version(tuple(cxx)), *_flags(cxx), source]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:_DIGITS]


def build(source: str) -> Path:
    """Path of the shared library for `source`, compiled unless the cache has it.

    A library's name ends with the digest of its bytes. One that is damaged, which could crash the
    process, is compiled again. It is built in a folder of its own and renamed into place, so that
    processes that build it at once cannot see each other's halves. Raises MachineError when there
    is no working compiler or the cache cannot be written.
    """
    name, folder = f"kernels-{identity(source)}", cache_folder()
    for library in sorted(folder.glob(f"{name}-*.so")):
        if _is_whole(library):
            return library
        log.warning("warning: %s is damaged: the kernels are compiled again", library)
        with suppress(OSError):  # where it cannot be removed no other can be written, which is said
            library.unlink()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix="build-") as inside:
            built = Path(inside) / "kernels.so"
            _compile(compiler(), source, built)
            _flush(built)
            library = folder / f"{name}-{_digest(built)}.so"
            os.replace(built, library)
    except OSError as error:
        raise MachineError(_unwritable(folder, error)) from error
    if not _is_whole(library):
        raise MachineError(
            f"{library} has just been compiled and is damaged. Check the disk, or set "
            "$DARKLAT_CACHE to a folder on another one."
        )
    return library


def _is_whole(library: Path) -> bool:
    """Whether a library has the bytes that its name promises."""
    try:
        return library.stem.rpartition("-")[2] == _digest(library)
    except OSError:
        return False


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:_DIGITS]


def _flush(path: Path) -> None:
    """fsync, where the file system has it."""
    with open(path, "r+b") as file:
        try:
            os.fsync(file.fileno())
        except OSError as error:
            if error.errno not in LACKING:
                raise


@cache
def _version(cxx: tuple[str, ...]) -> str:
    return completed([*cxx, "--version"]).stdout


def _flags(cxx: list[str]) -> list[str]:
    is_gcc = "Free Software Foundation" in _version(tuple(cxx))
    return [*FLAGS, *(GCC_FLAGS if is_gcc else ())]


def _compile(cxx: list[str], source: str, library: Path) -> None:
    (library.parent / "kernels.cpp").write_text(source, "utf-8")
    command = [*cxx, *_flags(cxx), "-o", library.name, "kernels.cpp"]
    done = completed(command, cwd=library.parent)
    if done.returncode:
        remedy = (
            "This compiler has no OpenMP: install g++ or libomp, or point $CXX at another compiler."
        )
        if not any(word in done.stderr.lower() for word in ("openmp", "omp.h", "gomp", "-lomp")):
            remedy = "`darklat doctor` tests the compiler alone; $CXX chooses another."
        raise MachineError(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}\n{remedy}")


def completed(command: list[str], *, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The outcome of a compiler or another program, whose words are English in every locale."""
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, errors="replace", check=False,
        env=os.environ | {"LC_ALL": "C"},
    )  # fmt: skip

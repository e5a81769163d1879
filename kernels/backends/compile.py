"""The host's C++ compiler, and the content-addressed cache of all that it has compiled."""

from __future__ import annotations

import hashlib
import os
import platform
import shlex
import shutil
import stat
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from darklat.errors import MachineError

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


def build(source: str) -> Path:
    """Path of the shared library for `source`, compiled unless the cache has it.

    The cache key is the digest of processor, compiler, flags and source. The library is built in a
    folder of its own and renamed into place. Processes that build it at once cannot see each
    other's halves. Raises MachineError when there is no working compiler or the cache cannot be
    written.
    """
    cxx = compiler()
    version = _version(tuple(cxx))
    flags = [*FLAGS, *(GCC_FLAGS if "Free Software Foundation" in version else ())]
    digest = hashlib.sha256(
        "\0".join([cpu_model(), *cxx, version, *flags, source]).encode()
    ).hexdigest()
    library = cache_folder() / f"kernels-{digest[:32]}.so"
    if library.exists():
        return library
    try:
        library.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=library.parent, prefix="build-") as folder:
            _compile(cxx, flags, source, Path(folder))
            os.replace(Path(folder) / "kernels.so", library)
    except OSError as error:
        raise MachineError(_unwritable(library.parent, error)) from error
    return library


@cache
def _version(cxx: tuple[str, ...]) -> str:
    return completed([*cxx, "--version"]).stdout


def _compile(cxx: list[str], flags: list[str], source: str, folder: Path) -> None:
    (folder / "kernels.cpp").write_text(source, "utf-8")
    command = [*cxx, *flags, "-o", "kernels.so", "kernels.cpp"]
    done = completed(command, cwd=folder)
    if done.returncode:
        remedy = (
            "This compiler has no OpenMP: install g++ or libomp, or point $CXX at another compiler."
        )
        if not any(word in done.stderr.lower() for word in ("openmp", "omp.h", "gomp", "-lomp")):
            remedy = "`darklat doctor` tests the compiler alone; $CXX chooses another."
        raise MachineError(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}\n{remedy}")


def completed(command: list[str], *, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The outcome of a compiler or another program; its words are in any encoding."""
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, errors="replace", check=False
    )

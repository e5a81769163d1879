"""`darklat doctor`: the tools that this machine has, the missing ones, and how to get them."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import scipy.fft

from darklat.errors import MachineError
from darklat.kernels import registry
from darklat.kernels.backends import Backend, nccl, nvrtc
from darklat.kernels.backends.compile import cache_folder, compiler, completed
from darklat.kernels.backends.cpu import CpuBackend
from darklat.kernels.backends.gpu import GpuBackend, count
from darklat.kernels.backends.gpu_errors import unusable
from darklat.kernels.backends.threads import busy, threads
from darklat.kernels.layout import Variant
from darklat.kernels.ranks.launcher import HOW_TO_INSTALL
from darklat.physics.numerals import size

SITES = 8  # per axis, of the fields that are tried
LARGEST_ERROR = 1e-14  # of a transform in float64: some roundings, of 1e-16 each
OPENMP_TEST = """
#include <omp.h>
#include <stdio.h>
int main() { int n = 0;
#pragma omp parallel reduction(+:n)
    n += 1;
    printf("%d", n); }
"""


@dataclass(frozen=True)
class Finding:
    """One line of the report: `ok` None means absent but not needed."""

    what: str
    ok: bool | None
    detail: str


def examine() -> list[Finding]:
    """Everything darklat relies on, in the order in which it is needed."""
    checks: list[tuple[str, bool, Callable[[], str]]] = [
        ("python and libraries", True, _libraries),
        ("C++ compiler", True, _compiler),
        ("OpenMP", True, _openmp),
        ("kernel cache", True, _cache),
        ("kernels on the CPU", True, _kernels),
        ("MPI for many processes", False, _mpi),
        ("GPU", False, _gpu),
        ("NCCL for many GPUs", False, _nccl),
        ("kernels for a GPU without one (NVRTC)", False, _nvrtc),
    ]
    return [_finding(*check) for check in checks]


def report(findings: list[Finding]) -> str:
    """The findings for reading."""
    mark = {True: "ok     ", False: "MISSING", None: "absent "}
    return "\n".join(f"{mark[f.ok]}  {f.what}: {f.detail}" for f in findings)


def _finding(what: str, needed: bool, check: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, check())
    except (MachineError, OSError) as error:
        return Finding(what, False if needed else None, str(error))


def _libraries() -> str:
    names = ("darklat", "numpy", "scipy", "h5py", "pydantic", "matplotlib")
    return f"Python {platform.python_version()}, " + ", ".join(f"{n} {version(n)}" for n in names)


def _compiler() -> str:
    cxx = compiler()
    done = completed([*cxx, "--version"])
    return f"{' '.join(cxx)}: {done.stdout.splitlines()[0] if done.stdout else 'no version'}"


def _openmp() -> str:
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder) / "test.cpp", Path(folder) / "test"
        source.write_text(OPENMP_TEST, "utf-8")
        built = completed([*compiler(), "-fopenmp", str(source), "-o", str(program)])
        if built.returncode:
            raise MachineError(
                f"the compiler has no OpenMP ({built.stderr.strip().splitlines()[-1:]}). "
                "Install g++ (apt install g++; conda install gxx) or libomp, or set $CXX."
            )
        if not completed([str(program)]).stdout.isdigit():
            raise MachineError(f"a program with OpenMP does not run: {program}")
    found = f"{threads()} threads (OMP_NUM_THREADS = {os.environ.get('OMP_NUM_THREADS', 'unset')})"
    return "; ".join(filter(None, [found, busy()]))


def _cache() -> str:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise MachineError(
            f"{folder} cannot be written: {error}. Set $DARKLAT_CACHE to a writable folder."
        ) from error
    return f"{folder}, {len(list(folder.glob('kernels-*.so')))} libraries"


def _kernels() -> str:
    backend = CpuBackend(n=SITES, variant=Variant(1))
    _copy(backend, "remove the kernel cache and try again")
    return f"compiled and run; {size(backend.memory_available())} of memory available"


def _mpi() -> str:
    """In a process of its own, because whoever imports MPI is a part of it from then on."""
    done = completed([sys.executable, "-m", "mpi4py", "--mpi-lib-version"])
    if done.returncode:
        raise MachineError(
            "mpi4py or its MPI library cannot be loaded. For runs on many processes: "
            f"{HOW_TO_INSTALL}"
        )
    library = done.stdout.split(",")[0].split("\n")[0].strip()
    launcher = shutil.which("mpirun")
    if launcher is None:
        raise MachineError(f"{library}, but there is no mpirun: {HOW_TO_INSTALL}")
    said = completed([launcher, "--version"]).stdout.splitlines()
    return f"{library}; {launcher}: {said[0] if said else 'no version'}"


def _gpu() -> str:
    if reason := unusable():
        raise MachineError(reason)
    return "; ".join(_one_gpu(number) for number in range(count()))


def _nccl() -> str:
    if unusable():
        raise MachineError("there is no GPU to speak for")
    return nccl.version()


def _one_gpu(number: int) -> str:
    """A kernel and a transform on that device, compared with the host."""
    backend = GpuBackend(n=SITES, variant=Variant(1), device=number)
    remedy = "check the device with nvidia-smi, and cupy with the tests of its own documentation"
    _copy(backend, remedy)
    values = np.random.default_rng(1).normal(size=3 * (SITES,))
    found, exact = backend.to_host(backend.rfftn(backend.array(values))), scipy.fft.rfftn(values)
    error = float(np.max(np.abs(found - exact)) / np.max(np.abs(exact)))
    if not error < LARGEST_ERROR:  # nor NaN
        raise MachineError(f"a transform on GPU {number} is wrong by {error:.1g}; {remedy}")
    return (
        f"{backend.describe()} ({backend.versions()}), "
        f"{size(backend.memory_available())} free; a kernel copied {SITES}^3 sites, and a "
        f"transform of them agrees with SciPy to {error:.1g}"
    )


def _copy(backend: Backend, remedy: str) -> None:
    """Raises MachineError where a kernel does not copy a field."""
    X, E = backend.field("link"), backend.field("link")
    with backend.working():
        X[...] = backend.array(np.arange(X.size, dtype=np.float64).reshape(X.shape))
    backend.launch("copy", X=X, E=E)
    if not np.array_equal(backend.to_host(X), backend.to_host(E)):
        raise MachineError(f"a kernel gives wrong results on {backend.describe()}; {remedy}")


def _nvrtc() -> str:
    size = len(nvrtc.compile_cubin(registry.source(Variant(1))))
    return f"compiled for sm_90, {size} bytes"

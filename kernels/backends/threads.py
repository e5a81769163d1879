"""How many threads the host's work is shared among, and how they wait for one another."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

SPINS = 1000
"""Turns of the loop in which a thread waits for the others before it sleeps; microseconds. By
itself libgomp makes 300 000. Where other processes want the same cores, a thread then spins in the
time in which the one that it waits for could have run."""


def threads() -> int:
    """Threads that OpenMP will use: $OMP_NUM_THREADS, or one for each processor that this process
    may run on."""
    chosen = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    if chosen.isdigit() and int(chosen):
        return int(chosen)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def load_library(path: Path) -> ctypes.CDLL:
    """Loads compiled kernels, and OpenMP's run time with them, with a short wait at its barriers.

    libgomp reads its settings when it is loaded. The environment is left as it was. A user's own
    $OMP_WAIT_POLICY or $GOMP_SPINCOUNT count.
    """
    if {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"} & os.environ.keys():
        return ctypes.CDLL(str(path))
    os.environ["GOMP_SPINCOUNT"] = str(SPINS)
    try:
        return ctypes.CDLL(str(path))
    finally:
        os.environ.pop("GOMP_SPINCOUNT", None)

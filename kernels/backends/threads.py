"""How many threads the host's work is shared among, and how they wait for one another."""

from __future__ import annotations

import ctypes
import math
import os
from pathlib import Path

from darklat.kernels.backends import control_groups

SPINS = 1000
"""Turns of the loop in which a thread waits for the others before it sleeps; microseconds. By
itself libgomp makes 300 000. Where other processes want the same cores, a thread then spins in the
time in which the one that it waits for could have run."""


def threads() -> int:
    """Threads for the work of the host: $OMP_NUM_THREADS, or one for each processor that this
    process may run on, as far as the quota of its control groups fills them."""
    chosen = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    if chosen.isdigit() and int(chosen):
        return int(chosen)
    allowed = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        allowed = len(os.sched_getaffinity(0))
    quota = control_groups.processors()
    return max(1, min(allowed, math.ceil(quota))) if quota < allowed else allowed


def busy() -> str | None:
    """A sentence where other processes leave too few processors for the threads; None elsewhere.

    By the mean load of the last minute, over all of the machine.
    """
    try:
        load = os.getloadavg()[0]
    except OSError:  # the system does not say
        return None
    processors, wanted = os.cpu_count() or 1, threads()
    if processors - load >= wanted - 1:
        return None
    return (
        f"busy: in the last minute {load:.1f} processes wanted its {processors} "
        f"processors, and {wanted} threads will wait for them and for one another. Fewer may be "
        "faster (OMP_NUM_THREADS=1)"
    )


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

"""How many threads the host's work is shared among."""

from __future__ import annotations

import os


def threads() -> int:
    """Threads that OpenMP will use: $OMP_NUM_THREADS, or one for each processor that this process
    may run on."""
    chosen = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    if chosen.isdigit() and int(chosen):
        return int(chosen)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

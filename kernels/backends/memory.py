"""Memory that this process has, and that it may still take."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from darklat.kernels.backends import control_groups

_NAMES = ("memory.max", "memory.current", "inactive_file")
_NAMES_OF_VERSION_1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def used() -> int:
    """Bytes in memory now; the most so far where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text("utf-8").split()[1]) * os.sysconf(
            "SC_PAGE_SIZE"
        )
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else 1024 * most  # KiB but on macOS


def available(root: Path = Path("/")) -> int:
    """Free bytes of the machine, and no more than the control groups of this process (version 1 or
    2) have left. `root` is where proc and sys are found."""
    found = [_of_machine(root), *_of_groups(root)]
    return max(0, min(found))


def _of_machine(root: Path) -> int:
    try:
        for line in (root / "proc/meminfo").read_text("utf-8").splitlines():
            if line.startswith("MemAvailable:"):
                return 1024 * int(line.split()[1])
    except OSError:
        pass
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _of_groups(root: Path) -> Iterator[int]:
    """The bytes left below the limit of every group from this process's to the top."""
    for folder, unified in control_groups.folders("memory", root):
        left = _left(folder, *(_NAMES if unified else _NAMES_OF_VERSION_1))
        if left is not None:
            yield left


def _left(folder: Path, limit: str, usage: str, reclaimable: str) -> int | None:
    """Limit less usage, without the pages of files that the kernel gives back when asked."""
    try:
        most = (folder / limit).read_text("utf-8").strip()
        if not most.isdigit():  # max: no limit
            return None
        used = int((folder / usage).read_text("utf-8"))
        statistics = (folder / "memory.stat").read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return None
    counts = dict(line.split() for line in statistics)
    return int(most) - used + int(counts.get(reclaimable, 0))

"""The control groups of this process: those of a container or of a Slurm job, with their limits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path, PurePosixPath


def folders(controller: str, root: Path) -> Iterator[tuple[Path, bool]]:
    """The folder of every group of a controller from this process's to the top, and whether it is
    of version 2. `root` is where proc and sys are found. Not every folder needs to be visible."""
    try:
        lines = (root / "proc/self/cgroup").read_text("utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        unified = controllers == ""
        if not unified and controller not in controllers.split(","):
            continue
        mount = root / "sys/fs/cgroup" / ("" if unified else controller)
        group = PurePosixPath(path)
        for each in (group, *group.parents):  # in a container the upper ones may not be visible
            yield mount / str(each).lstrip("/"), unified


def processors(root: Path = Path("/")) -> float:
    """The processor time that this process may take, in processors: the least quota of its groups,
    infinite without one."""
    return min((_quota(*each) for each in folders("cpu", root)), default=math.inf)


def _quota(folder: Path, unified: bool) -> float:
    try:
        if unified:
            quota, period = (folder / "cpu.max").read_text("utf-8").split()
        else:
            names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
            quota, period = ((folder / name).read_text("utf-8") for name in names)
        return float(quota) / float(period) if float(quota) > 0 else math.inf
    except (OSError, ValueError, ZeroDivisionError):  # "max", or no such file: no limit
        return math.inf

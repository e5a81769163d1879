"""The folder of a sweep: which of its runs can be compared, and the scan over them."""

from __future__ import annotations

import json
from pathlib import Path

from darklat.analysis.scan_results import scan
from darklat.errors import InputError

INDEX = "sweep.json"


def is_sweep(folder: Path) -> bool:
    """Whether the folder is that of a sweep, which has the list of its runs in it."""
    return (folder / INDEX).is_file()


def runs(folder: Path) -> tuple[list[Path], list[Path]]:
    """The run folders of a sweep, in its order: those with a series, and the others.

    Raises InputError when the list cannot be read.
    """
    try:
        names = [run["folder"] for run in json.loads((folder / INDEX).read_text("utf-8"))["runs"]]
        found = [folder / name for name in names]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{folder / INDEX} is not the list of a sweep ({error}); `darklat run` or `darklat "
            "submit` of the sweep's configuration writes it again"
        ) from error
    begun = [run for run in found if (run / "series.h5").is_file()]
    return begun, [run for run in found if run not in begun]


def scan_sweep(folder: Path, *, out: Path | None = None, against: str | None = None) -> str:
    """Compare the runs of a sweep that have a series, finished or not, and return the table.

    Writes into `out`, by default the folder `scan` in that of the sweep; see `scan`. Raises
    InputError where fewer than two have one.
    """
    begun, others = runs(folder)
    if len(begun) < 2:
        raise InputError(
            f"{folder}: {len(begun)} of {len(begun) + len(others)} runs have a series, and a scan "
            f"needs two; `darklat status {folder}` says how they are getting on"
        )
    text = scan(begun, out=folder / "scan" if out is None else out, against=against)
    if others:
        text += f"Left out, because they have not begun: {', '.join(run.name for run in others)}\n"
    return text

"""The folder of a sweep or a ladder: which of its runs can be compared, and the comparison."""

from __future__ import annotations

from pathlib import Path

from darklat.errors import InputError
from darklat.storage import sweep_folder


def runs(folder: Path) -> tuple[list[Path], list[Path]]:
    """The run folders of a sweep, in its order: the folders with a series, and the others.

    Raises InputError when the list cannot be read.
    """
    found = sweep_folder.read(folder)
    begun = [run for run in found if (run / "series.h5").is_file()]
    return begun, [run for run in found if run not in begun]


def compare(folder: Path, *, out: Path | None = None, against: str | None = None) -> str:
    """`converge` of a ladder, and `scan_sweep` of a sweep, or where a key is on the axis. Raises
    InputError as these."""
    if against is None and sweep_folder.read_ladder(folder) is not None:
        from darklat.analysis.convergence_results import converge

        return converge(folder, out=out)
    return scan_sweep(folder, out=out, against=against)


def scan_sweep(folder: Path, *, out: Path | None = None, against: str | None = None) -> str:
    """Compare the runs of a sweep that have a series, finished or not, and return the table.

    Writes into `out`, by default the folder `scan` in the sweep's folder; see `scan`. Raises
    InputError where fewer than two have one.
    """
    from darklat.analysis.scan_results import scan  # and matplotlib, which `runs` does not need

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

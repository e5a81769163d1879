"""The text of `darklat status`: a few lines on a run, a table on a sweep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from darklat.driver.jobs import chosen
from darklat.driver.jobs.scheduler import Queued
from darklat.driver.run_status import RunStatus, examine, is_run
from darklat.errors import InputError
from darklat.schema.time_span import duration
from darklat.storage import job_file, sweep_folder


def status(folders: Sequence[Path]) -> str:
    """The text on runs and sweeps, finished or not, with one question to the queue for all.

    Raises InputError when one of the folders is neither.
    """
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"{folder}: no such folder; give one that `darklat run` wrote")
        if not sweep_folder.is_sweep(folder) and not is_run(folder):
            raise InputError(
                f"{folder} is not the folder of a run or a sweep: it has neither config.yaml nor "
                f"{sweep_folder.INDEX}"
            )
    members = {
        folder: sweep_folder.read(folder) if sweep_folder.is_sweep(folder) else (folder,)
        for folder in folders
    }
    every = [run for runs in members.values() for run in runs]
    jobs = [found.job for run in every if (found := job_file.recorded(run))]
    queue = chosen().queue(jobs)
    return "\n\n".join(
        _sweep(folder, runs, queue)
        if sweep_folder.is_sweep(folder)
        else _run(examine(folder, queue))
        for folder, runs in members.items()
    )


def _run(found: RunStatus) -> str:
    rows = [("progress", _progress(found))]
    if found.left is not None:
        rows.append(("time left", f"about {duration(found.left)}, by its record"))
    if found.newest:
        new = found.newest
        size = f"{new.size / 2**20:.3g} MiB"
        rows.append(("checkpoint", f"{new.name}, {duration(new.age)} old, {size}; {new.finding}"))
    else:
        rows.append(("checkpoint", "none yet"))
    rows += [("note", line) for line in found.edits]
    if found.job:
        rows.append(("job", found.job))
    if found.state in ("stopped", "failed", "killed"):
        rows.append(("go on with", f"darklat resume {found.folder}"))
    reason = f" ({found.reason})" if found.reason else ""
    return "\n".join(
        [f"{found.folder}: {found.state}{reason}", *(f"  {name:11}{text}" for name, text in rows)]
    )


def _progress(found: RunStatus) -> str:
    parts = []
    if found.fraction is not None:
        parts.append(f"{100 * found.fraction:.1f}%")
    if found.reached is not None:
        end = f" of {found.end:.4g}" if found.end is not None else ""
        unit = found.unit(f"{found.clock}_osc")
        parts.append(f"{found.clock}/{unit} = {found.reached:.4g}{end}")
    if found.step is not None:
        parts.append(f"step {found.step}" + (f" of {found.steps}" if found.steps else ""))
    return ", ".join(parts) or "nothing yet"


def _sweep(folder: Path, runs: Sequence[Path], queue: dict[str, Queued] | str) -> str:
    """A table with a row per run. Checkpoints are not read: there may be a thousand."""
    header = ("run", "state", "done", "a or tau", "checkpoint", "job", "")
    rows = [header]
    counts: Counter[str] = Counter()
    for run in runs:
        if not is_run(run):
            counts["not begun"] += 1
            rows.append((run.name, "not begun", "", "", "", "", ""))
            continue
        found = examine(run, queue, verify=False)
        counts[found.state] += 1
        reason = "" if found.state == "running" else found.reason
        reason = "; ".join(part for part in (reason, *found.edits) if part)
        rows.append(
            (
                run.name,
                found.state,
                "" if found.fraction is None else f"{100 * found.fraction:.1f}%",
                "" if found.reached is None else f"{found.reached:.4g}",
                "" if found.newest is None else f"{duration(found.newest.age)} old",
                found.job,
                reason if len(reason) <= 60 else f"{reason[:57]}...",
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    lines = [
        "  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    total = ", ".join(f"{number} {state}" for state, number in counts.most_common())
    return "\n".join([f"{folder}: {len(runs)} runs: {total}", *lines])

"""The text of `darklat status`: a few lines on a run, a table on a sweep or on a folder of runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from darklat.driver.jobs import chosen
from darklat.driver.jobs.scheduler import Queued
from darklat.driver.progress import percent
from darklat.driver.run_status import RunStatus, examine, is_run
from darklat.errors import InputError
from darklat.physics.numerals import plain, size
from darklat.schema.time_span import duration
from darklat.storage import job_file, sweep_folder


def status(folders: Sequence[Path]) -> str:
    """The text on runs and sweeps, finished or not, and on folders of these, with one question to
    the queue for all.

    Several that are named together, as by `status runs/*`, may have others among them, which are
    noted. Raises InputError when none of them is one of these.
    """
    members: dict[Path, tuple[Path, ...]] = {}
    others: list[InputError] = []
    for folder in folders:
        try:
            members[folder] = _members(folder)
        except InputError as error:
            others.append(error)
    if others and not members:
        raise others[0]
    jobs = [
        found.job
        for runs in members.values()
        for run in runs
        for each in (sweep_folder.read(run) if sweep_folder.is_sweep(run) else (run,))
        if (found := job_file.recorded(each))
    ]
    queue = chosen().queue(jobs)
    parts = [
        _run(examine(folder, queue)) if runs == (folder,) else _table(folder, runs, queue)
        for folder, runs in members.items()
    ]
    return "\n\n".join([*parts, *(f"note: {error}" for error in others)])


def _members(folder: Path) -> tuple[Path, ...]:
    """The runs of a sweep, a run itself, or the runs and sweeps that lie in a folder."""
    if not folder.is_dir():
        what = "a file" if folder.exists() else "no such folder"
        raise InputError(f"{folder}: {what}; give a folder that `darklat run` wrote")
    if sweep_folder.is_sweep(folder):
        return sweep_folder.read(folder)
    if is_run(folder):
        return (folder,)
    inside = sorted(path for path in folder.iterdir() if path.is_dir())
    found = tuple(path for path in inside if sweep_folder.is_sweep(path) or is_run(path))
    if not found:
        raise InputError(
            f"{folder} is not the folder of a run or a sweep: it has neither config.yaml nor "
            f"{sweep_folder.INDEX}, and no folder in it has"
        )
    return found


def _run(found: RunStatus) -> str:
    rows = [("progress", _progress(found))]
    if found.left is not None:
        rows.append(("time left", f"about {duration(found.left)}, by its record"))
    if found.newest:
        new = found.newest
        about = f"{duration(new.age)} old, {size(new.size)}; {new.finding}"
        rows.append(("checkpoint", f"{new.name}, {about}"))
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
    parts, now = [], found.reached
    if now.linear_until is not None:
        parts.append(f"linear phase until {plain(now.linear_until, 4)}")
    elif now.fraction is not None:
        parts.append(f"{percent(now.fraction, 1)}%")
    if now.time is not None:
        end = f" of {plain(now.end, 4)}" if now.end is not None else ""
        unit = found.unit(f"{found.clock}_osc")
        parts.append(f"{found.clock}/{unit} = {plain(now.time, 4)}{end}")
    if now.step is not None:
        parts.append(f"step {now.step}" + (f" of {now.steps}" if now.steps else ""))
    return ", ".join(parts) or "nothing yet"


def _table(folder: Path, runs: Sequence[Path], queue: dict[str, Queued] | str) -> str:
    """A row per run, and one for a whole sweep. Checkpoints are not read: there may be a
    thousand."""
    rows = [("run", "state", "done", "a or tau", "checkpoint", "job", "")]
    counts: Counter[str] = Counter()
    for run in runs:
        if sweep_folder.is_sweep(run):
            counts["sweep"] += 1
            rows.append((run.name, _of_a_sweep(run, queue), "", "", "", "", ""))
        else:
            found = examine(run, queue, verify=False) if is_run(run) else None
            counts["not begun" if found is None else found.state] += 1
            rows.append(_row(run, found))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    sweeps = counts.pop("sweep", 0)
    total = _listed(counts) + (f"; sweeps: {sweeps}" if sweeps else "")
    return "\n".join([f"{folder}: {counts.total()} runs: {total}", *lines])


_Row = tuple[str, str, str, str, str, str, str]


def _row(run: Path, found: RunStatus | None) -> _Row:
    if found is None:
        return run.name, "not begun", "", "", "", "", ""
    now = found.reached
    reason = "" if found.state == "running" else found.reason
    reason = "; ".join(part for part in (reason, *found.edits) if part)
    return (
        run.name,
        found.state,
        "" if now.fraction is None else f"{percent(now.fraction, 1)}%",
        "" if now.time is None else plain(now.time, 4),
        "" if found.newest is None else f"{duration(found.newest.age)} old",
        found.job,
        reason if len(reason) <= 60 else f"{reason[:57]}...",
    )


def _of_a_sweep(folder: Path, queue: dict[str, Queued] | str) -> str:
    """How many of its runs are in which state."""
    runs = sweep_folder.read(folder)
    states = (
        examine(run, queue, verify=False).state if is_run(run) else "not begun" for run in runs
    )
    return f"sweep of {len(runs)} runs: {_listed(Counter(states))}"


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {state}" for state, number in counts.most_common())

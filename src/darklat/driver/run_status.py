"""How a run is getting on, from its folder and the queue alone.

Everything here may be read while the run writes it: files are replaced whole.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from darklat.driver.jobs.scheduler import Queued
from darklat.errors import InputError
from darklat.physics.units import UnitNames
from darklat.schema import Config
from darklat.schema.time_span import duration
from darklat.storage import (
    checkpoint,
    events,
    hdf5,
    inputs,
    job_file,
    lock,
    run_folder,
    stored_config,
)
from darklat.storage.events import (
    Changed,
    Event,
    Failed,
    Finished,
    Linear,
    Progressed,
    Refined,
    Resumed,
    Saved,
    Snapshot,
    Started,
    Stopped,
)

VERIFIED_BYTES = 2**30  # larger checkpoints are not read: that takes seconds
_RECORD_BYTES = 2**16  # the last hundreds of events
_STEPPED = Refined | Resumed | Changed | Progressed | Saved | Snapshot | Stopped | Finished
_COURSE = Started | Resumed | Changed | Linear | Progressed | Saved | Snapshot | Finished


@dataclass(frozen=True)
class Newest:
    """The newest checkpoint: its step, its age (s), its size, and whether it verifies."""

    name: str
    age: float
    size: int
    finding: str


@dataclass(frozen=True)
class Reach:
    """How far a run has come: a step, its time and the end all belong to one moment."""

    step: int | None
    steps: int | None
    """Of the whole run."""
    time: float | None
    """a, or tau in a static background."""
    start: float | None
    end: float | None
    linear_until: float | None = None
    """In the linear phase, which has no steps: its end."""

    @property
    def fraction(self) -> float | None:
        """The share of the steps that are done, as in the log; without a record that of the
        time."""
        if self.step is not None and self.steps:
            return self.step / self.steps
        if self.time is None or self.start is None or self.end is None:
            return None
        return min(1.0, max(0.0, (self.time - self.start) / (self.end - self.start)))


@dataclass(frozen=True)
class RunStatus:
    """The status of one run for `darklat status`; None where it is not known."""

    folder: Path
    state: str
    """waiting, running, finished, stopped, failed, killed or broken."""
    reason: str
    """Why it stopped or failed, where it runs; empty where there is nothing to say."""
    reached: Reach
    clock: str
    """a, or tau in a static background."""
    unit: UnitNames
    """The names of its units."""
    left: float | None
    """Seconds, of a running one, by its own record."""
    newest: Newest | None
    edits: tuple[str, ...]
    """The differences between config.yaml and the configuration of the run, in sentences."""
    job: str
    """Number and state of the job; empty without one."""


def is_run(folder: Path) -> bool:
    """Whether the folder belongs to a run that has begun or waits in the queue."""
    waiting = folder / run_folder.JOB / run_folder.CONFIG
    return run_folder.has_begun(folder) or waiting.is_file()


def examine(folder: Path, queue: dict[str, Queued] | str, *, verify: bool = True) -> RunStatus:
    """The status of the run in a folder; without `verify` its checkpoint is not read.

    queue: the answer of the scheduler about its job. Raises InputError when the folder is no run.
    """
    if not is_run(folder):
        raise InputError(
            f"{folder} is not the folder of a run: there is no {run_folder.CONFIG} in it"
        )
    begun = run_folder.has_begun(folder)
    config, broken = _config(folder, begun)
    record = events.read(folder, last_bytes=_RECORD_BYTES)
    state, reason = _state(folder, begun, record, queue)
    if broken and state != "running":
        state, reason = "broken", broken
    newest = _newest(folder, verify)
    return RunStatus(
        folder=folder,
        state=state,
        reason=reason,
        reached=_reach(folder, config, record or (), newest),
        clock="a" if config is None else config.clock,
        unit=UnitNames(alp=config is None or config.model.alp is not None),
        left=_left(record or ()) if state == "running" else None,
        newest=newest,
        edits=_edits(folder, config) if begun else (),
        job=_job(folder, queue),
    )


def _config(folder: Path, begun: bool) -> tuple[Config | None, str]:
    """The configuration of the run, or the reason why there is none."""
    try:
        if begun:
            return stored_config.of_run(folder), ""
        return stored_config.read(folder / run_folder.JOB / run_folder.CONFIG), ""
    except InputError as error:
        return None, f"its configuration cannot be read: {str(error).splitlines()[0]}"


def _span(folder: Path, config: Config | None) -> tuple[str, float | None, float | None]:
    if config is None:
        return "a", None, None
    clock, end = config.clock, None
    if config.time.a_end is not None or clock == "tau":
        end = config.time.a_end if clock == "a" else config.time.tau_end
    else:
        assert config.time.tau_end is not None  # the schema's business
        with suppress(InputError):  # of a table that is not there
            background = inputs.expansion(config, folder)
            end = float(background.scale_factor(config.time.tau_end))
    return clock, config.initial.a_start if clock == "a" else 0.0, end


def _edits(folder: Path, config: Config | None) -> tuple[str, ...]:
    if config is None:
        return ()
    return stored_config.edits(folder, config, source=stored_config.SERIES)


def _reach(
    folder: Path, config: Config | None, record: Sequence[Event], newest: Newest | None
) -> Reach:
    """The newest moment of the record, or without one that of the series and the checkpoint."""
    clock, start, end = _span(folder, config)
    totals = [e.steps for e in record if isinstance(e, Started | Refined | Resumed | Progressed)]
    steps = totals[-1] if totals else None
    last = next((e for e in reversed(record) if isinstance(e, _STEPPED | Linear)), None)
    if last is None or (clock == "tau" and not steps):
        return Reach(_step_of(newest), steps, _last_time(folder, clock), start, end)
    if isinstance(last, Linear):
        return Reach(0, steps, last.a, start, end, linear_until=last.until)
    if clock == "a":
        return Reach(last.step, steps, last.a, start, end)
    assert steps and end is not None  # all steps are equal where nothing expands
    return Reach(last.step, steps, end * last.step / steps, start, end)


def _last_time(folder: Path, clock: str) -> float | None:
    """The last a or tau of the series."""
    try:
        with hdf5.opened(folder / stored_config.SERIES) as file:
            return float(file[clock][-1])
    except (OSError, RuntimeError, KeyError, ValueError, IndexError, TypeError):
        return None


def _step_of(newest: Newest | None) -> int | None:
    match = newest and re.fullmatch(r"step-(\d+)\.h5", newest.name)
    return int(match[1]) if match else None


def _left(record: Sequence[Event]) -> float | None:
    """Seconds to the end by the last progress of the process that works on the run."""
    for event in reversed(record):
        if isinstance(event, Progressed):
            return max(0.0, event.seconds_left - event.age)
        if isinstance(event, Started | Resumed):
            break
    return None


def _state(
    folder: Path,
    begun: bool,
    record: Sequence[Event] | None,
    queue: dict[str, Queued] | str,
) -> tuple[str, str]:
    """The state and the reason."""
    submitted = job_file.recorded(folder)
    queued = queue.get(submitted.job) if submitted and isinstance(queue, dict) else None
    if run_folder.is_finished(folder):
        return "finished", _failed_checks(folder)
    holder = lock.holder(folder)
    if holder and holder.host == socket.gethostname():
        if lock.is_alive(holder.pid):
            return "running", str(holder)
    elif holder and (queued is None or queued.state == "running"):
        age = f"last event {duration(record[-1].age)} ago" if record else "no event in its record"
        return "running", f"{holder}; {age}"
    if queued and queued.state != "over":
        return ("running", "") if queued.state == "running" else ("waiting", "in the queue")
    if not begun:
        return "waiting", "its job is not in the queue" if submitted else "not submitted"
    if record is None:
        return "stopped", f"why is not known: there is no {events.NAME}"
    for event in reversed(record):
        if isinstance(event, Stopped):
            return "stopped", event.reason
        if isinstance(event, Failed):
            return "failed", event.reason
        if isinstance(event, Refined):
            return "stopped", "refined, and not resumed yet"
        if isinstance(event, _COURSE):
            break
    return "killed", "its process ended without a word"


def _failed_checks(folder: Path) -> str:
    """The checks that a finished run fails, by its summary, as far as it can be read."""
    try:
        checks = json.loads((folder / run_folder.SUMMARY).read_text("utf-8"))["checks"]
        failed = [name for name, found in checks.items() if found["verdict"] == "fail"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""
    return f"a check fails: {', '.join(failed)}" if failed else ""


def _newest(folder: Path, verify: bool) -> Newest | None:
    found = sorted((folder / "checkpoints").glob(checkpoint.PATTERN))
    for path in reversed(found):
        try:
            size, age = path.stat().st_size, time.time() - path.stat().st_mtime
            return Newest(path.name, max(0.0, age), size, _finding(path, size, verify))
        except FileNotFoundError:  # replaced by a newer one meanwhile
            continue
    return None


def _finding(path: Path, size: int, verify: bool) -> str:
    if not verify:
        return ""
    if size > VERIFIED_BYTES:
        return f"not verified: larger than {VERIFIED_BYTES >> 30} GiB; a resume will"
    try:
        checkpoint.verify_seal(path)
    except checkpoint.BadCheckpoint as error:
        return f"DOES NOT VERIFY: {error}"
    return "the hash of the whole file verifies"


def _job(folder: Path, queue: dict[str, Queued] | str) -> str:
    submitted = job_file.recorded(folder)
    if submitted is None:
        return ""
    if isinstance(queue, str):
        return f"{submitted.job}, state unknown: {queue}"
    queued = queue.get(submitted.job)
    return f"{submitted.job} {queued or 'is not in the queue any more'}"

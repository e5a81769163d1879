"""How a run is getting on, from its folder and the queue alone.

Everything here may be read while the run writes it: files are replaced whole.
"""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import h5py

from darklat.driver.jobs import slurm
from darklat.errors import ConfigError, InputError
from darklat.physics.units import UnitNames
from darklat.schema import Config, loads
from darklat.storage import checkpoint, lock, run_folder

VERIFIED_BYTES = 2**30  # larger checkpoints are not read: that takes seconds
_LOG_BYTES = 2**16
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (.*)")
_STEP = re.compile(r"step (\d+)/(\d+)  .* (\d+):(\d\d):(\d\d) left")
_STOPPED = re.compile(r"stopped at step \d+ \((.*)\); continue with")


@dataclass(frozen=True)
class Newest:
    """The newest checkpoint: its step, its age (s), its size, and whether it verifies."""

    name: str
    age: float
    size: int
    finding: str


@dataclass(frozen=True)
class RunStatus:
    """What `darklat status` says of one run; None where it is not known."""

    folder: Path
    state: str
    """waiting, running, finished, stopped, failed, killed or broken."""
    reason: str
    """Why it stopped or failed, where it runs; empty where there is nothing to say."""
    step: int | None
    steps: int | None
    clock: str
    """a, or tau in a static background."""
    unit: UnitNames
    """What its units are called."""
    reached: float | None
    end: float | None
    start: float | None
    left: float | None
    """Seconds, of a running one, by its own log."""
    newest: Newest | None
    job: str
    """Number and state of the job; empty without one."""

    @property
    def fraction(self) -> float | None:
        """How much of the conformal time is done, from 0 to 1."""
        if self.state == "finished":
            return 1.0
        if self.reached is None or self.start is None or self.end is None:
            return None
        return min(1.0, max(0.0, (self.reached - self.start) / (self.end - self.start)))


def is_run(folder: Path) -> bool:
    """Whether the folder is that of a run that has begun or waits in the queue."""
    begun, waiting = folder / run_folder.CONFIG, folder / run_folder.JOB / run_folder.CONFIG
    return begun.is_file() or waiting.is_file()


def examine(
    folder: Path, queue: dict[str, slurm.Queued] | str, *, verify: bool = True
) -> RunStatus:
    """The status of the run in a folder; without `verify` its checkpoint is not read.

    `queue` is what `slurm.queue` says about its job. Raises InputError when the folder is no run.
    """
    if not is_run(folder):
        raise InputError(
            f"{folder} is not the folder of a run or a sweep: there is no {run_folder.CONFIG} in it"
        )
    begun = (folder / run_folder.CONFIG).is_file()
    config, broken = _config(folder if begun else folder / run_folder.JOB)
    said = _log_lines(folder)
    last = _last_progress(said)
    state, reason = _state(folder, begun, said, queue)
    if broken and state != "running":
        state, reason = "broken", broken
    clock, start, end = _span(config)
    newest = _newest(folder, verify)
    step = _step(folder, last, newest)
    left = last.left - last.age if state == "running" and last else None
    return RunStatus(
        folder=folder,
        state=state,
        reason=reason,
        step=step,
        steps=last.steps if last else None,
        clock=clock,
        unit=UnitNames(alp=config is None or config.model.alp is not None),
        reached=_reached(folder, clock),
        start=start,
        end=end,
        left=None if left is None else max(0.0, left),
        newest=newest,
        job=_job(folder, queue),
    )


@dataclass(frozen=True)
class _Progress:
    """A line of progress in the log: its age (s), the steps, and the seconds left."""

    age: float
    step: int
    steps: int
    left: float


def _config(folder: Path) -> tuple[Config | None, str]:
    path = folder / run_folder.CONFIG
    try:
        return loads(path.read_text("utf-8"), source=str(path), base=None), ""
    except (OSError, ValueError, ConfigError) as error:
        return None, f"its configuration cannot be read: {str(error).splitlines()[0]}"


def _span(config: Config | None) -> tuple[str, float | None, float | None]:
    if config is None:
        return "a", None, None
    clock = "a" if config.background.kind == "radiation" else "tau"
    background = config.expansion
    if config.time.a_end is not None or clock == "tau":
        end = config.time.a_end if clock == "a" else config.time.tau_end
    else:
        assert config.time.tau_end is not None  # the schema's business
        end = float(background.scale_factor(config.time.tau_end))
    return clock, config.initial.a_start if clock == "a" else 0.0, end


def _reached(folder: Path, clock: str) -> float | None:
    """The last a or tau of the series."""
    try:
        with h5py.File(folder / "series.h5") as file:
            return float(file[clock][-1])
    except (OSError, RuntimeError, KeyError, ValueError, IndexError, TypeError):
        return None


def _log_lines(folder: Path) -> list[tuple[float, str]]:
    """The end of the log: the age of each line (s) and what it says."""
    try:
        with open(folder / "run.log", "rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _LOG_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    now = datetime.now()
    stamped = (_STAMP.fullmatch(line) for line in text.splitlines())
    return [
        ((now - datetime.fromisoformat(match[1])).total_seconds(), match[2])
        for match in stamped
        if match
    ]


def _last_progress(said: list[tuple[float, str]]) -> _Progress | None:
    for age, line in reversed(said):
        if match := _STEP.match(line):
            step, steps, hours, minutes, seconds = map(int, match.groups())
            return _Progress(age, step, steps, 3600 * hours + 60 * minutes + seconds)
    return None


def _step(folder: Path, last: _Progress | None, newest: Newest | None) -> int | None:
    """The newest step that the log or a checkpoint speaks of."""
    steps = [last.step] if last else []
    if newest and (match := re.fullmatch(r"step-(\d+)\.h5", newest.name)):
        steps.append(int(match[1]))
    return max(steps, default=None)


def _state(
    folder: Path,
    begun: bool,
    said: list[tuple[float, str]],
    queue: dict[str, slurm.Queued] | str,
) -> tuple[str, str]:
    """The state and the reason."""
    submitted = slurm.recorded(folder)
    queued = queue.get(submitted.job) if submitted and isinstance(queue, dict) else None
    if (folder / "summary.json").is_file():
        return "finished", ""
    holder = lock.holder(folder)
    if holder and holder.host == socket.gethostname():
        if lock.is_alive(holder.pid):
            return "running", str(holder)
    elif holder and (queued is None or queued.state == "RUNNING"):
        age = f"last line of its log {duration(said[-1][0])} ago" if said else "nothing in its log"
        return "running", f"{holder}; {age}"
    if queued and not queued.over:
        return ("running", "") if queued.state == "RUNNING" else ("waiting", "in the queue")
    if not begun:
        return "waiting", "its job is not in the queue" if submitted else "not submitted"
    for _, line in reversed(said):
        if match := _STOPPED.match(line):
            return "stopped", match[1]
        if line.startswith(run_folder.FAILED):
            return "failed", line.removeprefix(run_folder.FAILED)
        if _STEP.match(line) or line.startswith("resuming from"):
            break
    return "killed", "its process ended without a word"


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


def _job(folder: Path, queue: dict[str, slurm.Queued] | str) -> str:
    submitted = slurm.recorded(folder)
    if submitted is None:
        return ""
    if isinstance(queue, str):
        return f"{submitted.job}, state unknown: {queue}"
    queued = queue.get(submitted.job)
    return f"{submitted.job} {queued or 'is not in the queue any more'}"


def duration(seconds: float) -> str:
    """A span of time for a person: 42 s, 12 min, 3 h 20 min, 2 d 4 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"

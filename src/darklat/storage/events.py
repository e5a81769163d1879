"""events.jsonl: the course of a run, one JSON object per line, for programs to read.

run.log says the same to people. Lines are only ever appended, by every process that works on the
run.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import pydantic

from darklat.errors import MachineError

NAME = "events.jsonl"
log = logging.getLogger("darklat")


def _now() -> datetime:
    return datetime.now().astimezone()


@dataclass(frozen=True, kw_only=True)
class _Event:
    time: datetime = field(default_factory=_now)

    @property
    def age(self) -> float:
        """Seconds since then."""
        return (_now() - self.time).total_seconds()


@dataclass(frozen=True, kw_only=True)
class Started(_Event):
    """A process begins the run at its beginning."""

    event: Literal["started"] = "started"
    steps: int


@dataclass(frozen=True, kw_only=True)
class Resumed(_Event):
    """A process goes on from a checkpoint."""

    event: Literal["resumed"] = "resumed"
    checkpoint: str
    step: int
    steps: int
    a: float


@dataclass(frozen=True, kw_only=True)
class Changed(_Event):
    """From this step on the configuration is another one. `keys` has the value of every dotted key
    before and after, None where it has none. `same_steps`: see `storage.changes.Change`."""

    event: Literal["changed"] = "changed"
    step: int
    a: float
    keys: dict[str, tuple[Any, Any]]
    same_steps: bool


@dataclass(frozen=True, kw_only=True)
class Refined(_Event):
    """The run begins with the state of a checkpoint of another run, on a finer lattice or one of
    another order. `added` is the energy that this adds, over the energy before."""

    event: Literal["refined"] = "refined"
    source: str
    step: int
    steps: int
    a: float
    sites_before: int
    sites: int
    order_before: int
    order: int
    added: float


@dataclass(frozen=True, kw_only=True)
class Rejected(_Event):
    """A checkpoint does not verify."""

    event: Literal["rejected"] = "rejected"
    checkpoint: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Warned(_Event):
    """A warning."""

    event: Literal["warning"] = "warning"
    text: str


@dataclass(frozen=True, kw_only=True)
class Linear(_Event):
    """The linear phase has come to a scale factor; `until` is the scale factor of the hand-over."""

    event: Literal["linear"] = "linear"
    a: float
    until: float


@dataclass(frozen=True, kw_only=True)
class Progressed(_Event):
    """The run has come to a step. The seconds are the time to the end at the speed so far."""

    event: Literal["progress"] = "progress"
    step: int
    steps: int
    a: float
    seconds_left: float
    site_steps_per_second: float


@dataclass(frozen=True, kw_only=True)
class Saved(_Event):
    """A checkpoint is complete and verifies."""

    event: Literal["checkpoint"] = "checkpoint"
    checkpoint: str
    step: int
    a: float


@dataclass(frozen=True, kw_only=True)
class Snapshot(_Event):
    """A snapshot is complete."""

    event: Literal["snapshot"] = "snapshot"
    snapshot: str
    step: int
    a: float


@dataclass(frozen=True, kw_only=True)
class Stopped(_Event):
    """The process stopped in order before the end, for a reason."""

    event: Literal["stopped"] = "stopped"
    step: int
    a: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class Failed(_Event):
    """An error ended the process; `error` is its class, NumericalError for a failed check."""

    event: Literal["failed"] = "failed"
    error: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Finished(_Event):
    """The run has reached its end."""

    event: Literal["finished"] = "finished"
    step: int
    a: float


Event = (
    Started | Resumed | Changed | Refined | Rejected | Warned | Linear | Progressed | Saved
    | Snapshot | Stopped | Failed | Finished
)  # fmt: skip
_KINDS = frozenset(kind.event for kind in get_args(Event))
_LINE: pydantic.TypeAdapter[Event] = pydantic.TypeAdapter(
    Annotated[Event, pydantic.Field(discriminator="event")]
)


def read(folder: Path, *, last_bytes: int | None = None) -> tuple[Event, ...] | None:
    """The events of the run in `folder`, oldest first, or only the events in the file's last bytes.

    None where there is no record that can be read. Lines that are no event are left out: a torn
    one, where a process was killed while it wrote, or one of another version.
    """
    try:
        with open(folder / NAME, "rb") as file:
            if last_bytes is not None:
                file.seek(max(0, file.seek(0, os.SEEK_END) - last_bytes))
            lines = file.read().splitlines()
    except OSError:
        return None
    found = []
    for line in lines:
        with suppress(pydantic.ValidationError):
            found.append(_LINE.validate_json(line))
    return tuple(found)


def unknown(folder: Path) -> tuple[str, ...]:
    """The kinds of events in the record that this darklat does not know, because a newer one has
    worked on the run."""
    try:
        lines = (folder / NAME).read_bytes().splitlines()
    except OSError:
        return ()
    found: dict[str, None] = {}
    for line in lines:
        with suppress(ValueError, TypeError, KeyError):
            found[str(json.loads(line)["event"])] = None
    return tuple(kind for kind in found if kind not in _KINDS)


class Recorder:
    """Appends events to the record of a run folder, while inside. A warning that is logged is an
    event too, and so is the error that ends the inside.

    Raises MachineError, from whatever writes or logs, when the file cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        with _writing(self._path):
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            self._descriptor = os.open(self._path, flags, 0o644)
            size = os.fstat(self._descriptor).st_size
            if size and os.pread(self._descriptor, 1, size - 1) != b"\n":  # torn by a kill
                os.write(self._descriptor, b"\n")
        self._warnings = _Warnings(self.write)

    def __enter__(self) -> Recorder:
        log.addHandler(self._warnings)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        log.removeHandler(self._warnings)
        if kind is not None:
            with suppress(MachineError):  # the first error is the one to report
                self.write(Failed(error=kind.__name__, reason=str(error) or "interrupted"))
        with suppress(OSError):
            os.close(self._descriptor)

    def write(self, event: Event) -> None:
        """Appends one line."""
        line = _LINE.dump_json(event) + b"\n"
        with _writing(self._path):
            while line:
                line = line[os.write(self._descriptor, line) :]


class Unrecorded(Recorder):
    """The record of a process that does not write it: nothing is written."""

    def __init__(self) -> None:
        pass

    def __enter__(self) -> Unrecorded:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def write(self, event: Event) -> None:
        """Nothing."""


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MachineError(
            f"cannot write {path}: {error}. Free some space or check permissions, "
            f"then `darklat resume {path.parent}` continues from the last checkpoint."
        ) from error


class _Warnings(logging.Handler):
    """Makes an event of every record of exactly the level of warnings."""

    def __init__(self, write: Callable[[Event], None]) -> None:
        super().__init__(logging.WARNING)
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno == logging.WARNING:
            self._write(Warned(text=record.getMessage().removeprefix("warning: ")))

"""The run folder: taken by one process at a time, with a log."""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from darklat.errors import InputError, MachineError
from darklat.storage import checkpoint, durable, events, hdf5, inputs, lock, run_log

CONFIG, LOG, SUMMARY = "config.yaml", run_log.NAME, "summary.json"
JOB = "job"  # the folder of the files of `darklat submit`
_REPLACED = "|".join(map(re.escape, (CONFIG, "series.h5", "spectra.h5", SUMMARY)))
_TEMPORARY = re.compile(rf"\.({_REPLACED})\.\d+\.tmp")
_NOTHING = re.compile("(?!)")
log = logging.getLogger("darklat")


def default(name: str) -> Path:
    """The folder of a run of that name when none is given: always below runs/."""
    return Path("runs") / (re.sub(r"[^A-Za-z0-9_.+-]+", "_", name).lstrip(".") or "run")


def write_config(folder: Path, resolved: str) -> None:
    """Writes config.yaml, the text of the resolved configuration. Raises MachineError when the disk
    refuses."""
    hdf5.replace(folder / CONFIG, lambda temporary: temporary.write_text(resolved, "utf-8"))


def take_back_summary(folder: Path) -> None:
    """Removes summary.json, so that the run counts as unfinished. Raises MachineError when the disk
    refuses."""
    path = folder / SUMMARY
    try:
        path.unlink(missing_ok=True)
        hdf5.sync(folder)
    except OSError as error:
        raise MachineError(f"cannot remove {path}: {error}. Check permissions.") from error


def has_begun(folder: Path) -> bool:
    """Whether a resume finds a run in the folder: its configuration, or a checkpoint, which has the
    configuration too."""
    return (folder / CONFIG).is_file() or has_checkpoints(folder)


def has_checkpoints(folder: Path) -> bool:
    """Whether there is any checkpoint, good or damaged."""
    return any((folder / "checkpoints").glob(checkpoint.PATTERN))


def is_finished(folder: Path) -> bool:
    """Whether the run in the folder has reached its end: its summary is written last."""
    return (folder / SUMMARY).is_file()


def refuse_occupied(folder: Path) -> None:
    """Two kinds of files are allowed: files that `darklat submit` prepares, and files of a run that
    was killed before it had written its configuration. Raises InputError when a folder holds
    anything else."""
    try:
        occupied = folder.exists() and (
            not folder.is_dir() or any(not _is_debris(path) for path in folder.iterdir())
        )
    except OSError as error:
        raise InputError(
            f"{folder} cannot be used: {error}; choose another folder (--out)"
        ) from error
    if occupied:
        raise InputError(
            f"{folder} exists already and is not overwritten. Choose another folder (--out), "
            f"continue it with `darklat resume {folder}`, or remove it."
        )


def _is_debris(path: Path) -> bool:
    if path.is_dir() and path.name in hdf5.FOLDERS:
        copy = inputs.COPY if path.name == inputs.FOLDER else _NOTHING
        names = [below.name for below in path.iterdir()]
        return all(name.endswith(".tmp") or copy.fullmatch(name) for name in names)
    return (
        path.name in (lock.NAME, LOG, events.NAME, JOB)
        or _TEMPORARY.fullmatch(path.name) is not None
    )


@dataclass(frozen=True)
class Taken:
    """A run folder whose lock this process holds."""

    folder: Path
    notes: list[str]
    """Lines for the log."""
    made: tuple[Path, ...]
    """The folders that had to be made, innermost first."""
    before: frozenset[str]
    """The names that were in the folder before."""

    def discard(self) -> None:
        """Removes the files that this process has put into a new run folder, and the folders that
        it has made. The input was refused, so that there is no run.

        Raises MachineError when the disk refuses. The remaining folder may then be taken for a new
        run.
        """
        try:
            for name in (CONFIG, LOG, events.NAME, *hdf5.FOLDERS, lock.NAME):
                path = self.folder / name
                if name in self.before or not path.exists():
                    continue
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
        except OSError as error:
            raise MachineError(f"cannot empty {self.folder}: {error}. Remove it.") from error
        for folder in self.made:
            with suppress(OSError):  # somebody else has put something there
                folder.rmdir()


@contextmanager
def taken(folder: Path, *, new: bool) -> Iterator[Taken]:
    """Holds the lock of a folder, without the temporary files of killed processes. A new folder is
    made.

    Raises InputError when another process has the folder or it cannot be made, MachineError when
    the disk refuses.
    """
    made = tuple(path for path in (folder, *folder.parents) if not path.exists())
    if new:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"{folder} cannot be made: {error}; choose another folder (--out)"
            ) from error
    try:
        before = frozenset(os.listdir(folder))
    except OSError as error:
        raise InputError(
            f"{folder} cannot be used: {error}; choose another folder (--out)"
        ) from error
    with lock.held(folder) as notes:
        if new:
            refuse_occupied(folder)
        try:
            for name in hdf5.FOLDERS[:2]:
                (folder / name).mkdir(exist_ok=True)
            notes += durable.notes(folder)
            notes += [f"removed {path}, left by a killed process" for path in _sweep(folder)]
        except OSError as error:
            raise MachineError(f"cannot write {folder}: {error}. Check permissions.") from error
        yield Taken(folder, notes, made, before)


def _sweep(folder: Path) -> list[Path]:
    """Removes half-written files. The temporary files of an analysis, which needs no lock, have
    other names or folders."""
    found = [path for path in folder.glob(".*.tmp") if _TEMPORARY.fullmatch(path.name)]
    for name in hdf5.FOLDERS:
        found += (folder / name).glob(".*.tmp")
    for path in found:
        path.unlink()
    return found


class LogFile:
    """Everything logged goes to run.log too, while inside.

    Raises MachineError, from whatever logs, when the file cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / LOG
        try:
            self._handler = _Handler(path, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise MachineError(f"cannot write {path}: {error}. Check permissions.") from error
        self._handler.setFormatter(
            logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S")
        )

    def __enter__(self) -> None:
        self._level = log.level
        log.setLevel(logging.DEBUG)
        log.addHandler(self._handler)

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is not None:
            with suppress(MachineError):  # the first error is the one to report
                log.error("FAILED: %s", str(error) or "interrupted")
        log.removeHandler(self._handler)
        log.setLevel(self._level)
        with suppress(OSError):
            self._handler.close()


class _Handler(logging.FileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """`emit` calls this inside its `except`: a log that cannot be written stops the run."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
            return
        raise MachineError(
            f"cannot write {self.baseFilename}: {error}. Free some space or check permissions, "
            f"then `darklat resume {Path(self.baseFilename).parent}` continues from the last "
            "checkpoint."
        ) from error

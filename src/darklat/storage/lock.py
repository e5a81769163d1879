"""One process at a time in a run folder."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from darklat.errors import LACKING, InputError, MachineError

NAME = "run.lock"
WITHOUT_LOCKS = LACKING | {errno.ENOLCK}


@dataclass(frozen=True)
class Holder:
    """The process that holds a lock, or held it when it was killed."""

    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}"


@contextmanager
def held(folder: Path) -> Iterator[list[str]]:
    """Holds the lock of a run folder while inside; gives lines for the log, of a stale lock.

    The lock is flock on run.lock, which the kernel releases when the process ends in whatever way.
    The file names the holder, and is emptied in the end. If the lock can be had and the file is not
    empty, a process was killed. On NFS the server keeps flock for all hosts (Linux 2.6.12 and
    newer). Where a file system keeps it for each host alone, processes on two hosts are not kept
    apart. Raises InputError when another process holds it, MachineError when the file cannot be
    written.
    """
    path = folder / NAME
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise MachineError(f"cannot write {path}: {error}. Check permissions.") from error
    try:
        notes = _take(descriptor, folder)
        try:
            _record(descriptor)
        except OSError as error:
            raise MachineError(f"cannot write {path}: {error}. Free some space.") from error
        try:
            yield notes
        finally:
            with suppress(OSError):  # a lock that cannot be emptied is noted as stale later
                os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def holder(folder: Path) -> Holder | None:
    """The process that holds the lock of a run folder, or held it when it was killed. The lock is
    left alone."""
    try:
        descriptor = os.open(folder / NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return _holder(descriptor)
    finally:
        os.close(descriptor)


def _take(descriptor: int, folder: Path) -> list[str]:
    notes = []
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _in_use(folder, _holder(descriptor)) from None
    except OSError as error:
        if error.errno not in WITHOUT_LOCKS:
            raise MachineError(f"cannot lock {folder / NAME}: {error}.") from error
        notes.append(
            f"the file system of {folder} has no locks ({error.strerror}): darklat cannot notice "
            "a process on another host in this folder"
        )
        before = _holder(descriptor)
        if before and before.host == socket.gethostname() and is_alive(before.pid):
            raise _in_use(folder, before) from None
    if not _is_at(descriptor, folder / NAME):  # its holder has just removed the folder
        raise _in_use(folder, None)
    if before := _holder(descriptor):
        notes.append(f"stale lock of {before}: it ended without a word; its lock is taken over")
    return notes


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the open file still is the one at `path`."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def _in_use(folder: Path, holder: Holder | None) -> InputError:
    return InputError(
        f"{folder} is in use by {holder or 'another process'}. Wait for it, stop it, or choose "
        "another folder (--out)."
    )


def _holder(descriptor: int) -> Holder | None:
    text = os.pread(descriptor, 4096, 0)
    try:
        return Holder(**json.loads(text))
    except (ValueError, TypeError):
        return None if not text else Holder(0, "an unknown host", "an unknown time")


def _record(descriptor: int) -> None:
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    text = json.dumps(asdict(Holder(os.getpid(), socket.gethostname(), now)))
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode() + b"\n", 0)


def is_alive(pid: int) -> bool:
    """Whether there is a process of that number on this host."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

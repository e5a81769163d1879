"""One process at a time in a run folder."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from darklat.driver import commands
from darklat.errors import InputError
from darklat.schema import dump
from darklat.storage import lock, run_folder
from models import config

HOLD = """
import sys, time
from pathlib import Path
from darklat.storage import lock
with lock.held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    """A process that holds the lock of a folder until it is ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """The folder of a run that has been stopped."""
    path = tmp_path / "config.yaml"
    path.write_text(dump(config("lattice.sites=8", "time.a_end=0.8")))
    folder, _ = commands.run(path, overrides=[], out=tmp_path / "run", backend="cpu", stop_after=8)
    return folder


def test_two_processes_are_kept_apart_and_a_crash_leaves_a_stale_lock(stopped: Path) -> None:
    assert (stopped / lock.NAME).read_bytes() == b""  # released
    process = holder(stopped)
    try:
        message = f"is in use by process {process.pid} on {socket.gethostname()}, since 2"
        with pytest.raises(InputError, match=message):
            commands.resume(stopped, backend="cpu")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    commands.resume(stopped, backend="cpu", stop_after=16)
    text = (stopped / "run.log").read_text()
    assert f"warning: stale lock of process {process.pid} on {socket.gethostname()}" in text
    assert (stopped / lock.NAME).read_bytes() == b""


def test_a_new_run_is_refused_where_another_is_about_to_begin(tmp_path: Path) -> None:
    """Another process holds the lock of a folder that is still empty."""
    (tmp_path / "run").mkdir()
    path = tmp_path / "config.yaml"
    path.write_text(dump(config("lattice.sites=8", "time.a_end=0.6")))
    process = holder(tmp_path / "run")
    try:
        with pytest.raises(InputError, match="is in use by process"):
            commands.run(path, overrides=[], out=tmp_path / "run", backend="cpu")
    finally:
        process.kill()
        process.wait()
    assert [each.name for each in (tmp_path / "run").iterdir()] == [lock.NAME]
    _, finished = commands.run(path, overrides=[], out=tmp_path / "run", backend="cpu")
    assert finished


def test_where_there_are_no_locks_a_living_process_on_this_host_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    process = holder(tmp_path)
    monkeypatch.setattr(fcntl, "flock", flock)
    try:
        with pytest.raises(InputError, match="is in use by process"), lock.held(tmp_path):
            pass
    finally:
        process.kill()
        process.wait()
    with lock.held(tmp_path) as notes:
        assert "has no locks" in notes[0] and "stale lock of process" in notes[1]


@pytest.mark.parametrize("left", [b"\xff", b"{", b"[]", b'{"pid": 1}'])
def test_a_lock_that_says_nonsense_is_stale(tmp_path: Path, left: bytes) -> None:
    (tmp_path / lock.NAME).write_bytes(left)
    with lock.held(tmp_path) as notes:
        assert "stale lock" in notes[0]


def test_a_lock_that_its_holder_removes_meanwhile_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused run removes its folder: whoever has just opened the lock must not go on in it."""
    flock = lock.fcntl.flock

    def taken_too_late(descriptor: int, how: int) -> None:
        (tmp_path / lock.NAME).unlink()
        flock(descriptor, how)

    monkeypatch.setattr(lock.fcntl, "flock", taken_too_late)
    with pytest.raises(InputError, match="is in use by another process"), lock.held(tmp_path):
        pass


def test_temporary_files_of_killed_processes_are_removed_and_others_are_not(stopped: Path) -> None:
    ours = [
        stopped / ".series.h5.123.tmp", stopped / "checkpoints" / ".step-000000016.h5.9.tmp",
    ]  # fmt: skip
    others = [stopped / ".analysis.json.123.tmp", stopped / ".mine.tmp", stopped / "notes.txt"]
    for path in [*ours, *others]:
        path.write_bytes(b"half")
    commands.resume(stopped, backend="cpu", stop_after=16)
    assert not any(path.exists() for path in ours)
    assert all(path.exists() for path in others)


def test_only_what_a_killed_run_leaves_is_taken_for_nothing(tmp_path: Path) -> None:
    for name in ("checkpoints", "snapshots", "inputs"):
        (tmp_path / name).mkdir()
    for name in (
        lock.NAME,
        "run.log",
        "events.jsonl",
        ".config.yaml.12.tmp",
        "inputs/X-plasma-file.txt",
        "inputs/.x.1.tmp",
    ):
        (tmp_path / name).write_text("")
    run_folder.refuse_occupied(tmp_path)
    for name in ("config.yaml", "inputs/mine.txt", "checkpoints/step-000000000.h5", ".hidden"):
        (tmp_path / name).write_text("")
        with pytest.raises(InputError, match="exists already"):
            run_folder.refuse_occupied(tmp_path)
        os.unlink(tmp_path / name)

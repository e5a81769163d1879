"""File systems without locks, and without fsync of folders: a run, its reading and its resume go on, with one note each."""

from __future__ import annotations

import ast
import errno
import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from lacking import library

from darklat.errors import BadValueError, MachineError
from darklat.schema import dump
from darklat.storage import durable, hdf5, named_datasets, run_folder
from darklat.storage.read_run import load_run
from models import config

ROOT = Path(__file__).parents[2]
RUNS = """
import json, os, sys
from pathlib import Path
from darklat.driver import commands, status
from darklat.storage import named_datasets, snapshots
from darklat.storage.read_run import load_run
path = Path(sys.argv[1])
for variable, answer in json.loads(sys.argv[2]):
    os.environ[variable] = str(answer)
    out = path.parent / f"{variable}-{answer}"
    commands.run(path, overrides=[], out=out, backend="cpu", stop_after=8)
    status.status([out])
    commands.resume(out, backend="cpu")
    assert load_run(out).summary and len(snapshots.read(out / "snapshots")) == 1
    with named_datasets.opened(out / "series.h5", key="initial.file") as file:
        assert len(file["tau"]) == len(load_run(out).series["tau"])
    del os.environ[variable]
"""
WITHOUT_LOCKS = [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL]
WITHOUT_FOLDERS = [errno.EINVAL, errno.EBADF]


@pytest.fixture(scope="module")
def lacking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of runs, by variable and errno, each stopped and resumed."""
    folder = tmp_path_factory.mktemp("lacking")
    path = folder / "c.yaml"
    short = config("lattice.sites=8", "time.a_end=0.8", "output.snapshots=[0.7]")
    path.write_text(dump(short), encoding="utf-8")
    cases = [("LACKING_FLOCK", each) for each in WITHOUT_LOCKS]
    cases += [("LACKING_FOLDER_FSYNC", each) for each in WITHOUT_FOLDERS]
    done = subprocess.run(
        [sys.executable, "-c", RUNS, str(path), json.dumps(cases)],
        env=os.environ | {"LD_PRELOAD": str(library(folder))},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("answer", WITHOUT_LOCKS, ids=errno.errorcode.get)
def test_a_file_system_without_locks_is_one_note_of_each_process(
    lacking: Path, answer: int
) -> None:
    log = (lacking / f"LACKING_FLOCK-{answer}" / "run.log").read_text("utf-8")
    assert log.count("the file system") == log.count("has no locks") == 2  # the run and the resume


@pytest.mark.parametrize("answer", WITHOUT_FOLDERS, ids=errno.errorcode.get)
def test_a_file_system_that_cannot_flush_folders_is_one_note_of_each_process(
    lacking: Path, answer: int
) -> None:
    log = (lacking / f"LACKING_FOLDER_FSYNC-{answer}" / "run.log").read_text("utf-8")
    assert log.count("the file system") == log.count("cannot flush a folder") == 2


@pytest.mark.parametrize("refusal", [errno.EIO, errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("of_folders", [False, True])
def test_a_disk_that_refuses_to_flush_is_an_error(
    refusal: int, of_folders: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(descriptor: int) -> None:
        if of_folders == os.path.isdir(f"/proc/self/fd/{descriptor}"):
            raise OSError(refusal, os.strerror(refusal))

    monkeypatch.setattr(durable.os, "fsync", fsync)
    with pytest.raises(MachineError, match=os.strerror(refusal)):
        hdf5.replace(tmp_path / "series.h5", lambda path: path.write_bytes(b"x"))
    if of_folders:
        new = run_folder.taken(tmp_path / "run", new=True)
        with pytest.raises(MachineError, match=os.strerror(refusal)), new:
            pass


def test_a_named_file_that_is_being_written_is_refused(tmp_path: Path) -> None:
    """Our own files have their names only when they are complete; those of others need the lock."""
    path = tmp_path / "start.h5"
    with h5py.File(path, "w") as file:
        file["theta"] = np.zeros(3)
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)  # as libhdf5 does while it writes
        opened = named_datasets.opened(path, key="initial.file")
        with pytest.raises(BadValueError, match="unable to lock file"), opened:
            pass


def test_a_run_is_read_while_this_process_has_its_files_open(lacking: Path) -> None:
    """libhdf5 opens a file twice only with the same flags, and a notebook opens it with its lock."""
    folder = lacking / f"LACKING_FOLDER_FSYNC-{errno.EINVAL}"
    for how in (None, False):
        with h5py.File(folder / "series.h5", locking=how) as file:
            assert np.array_equal(load_run(folder).series["tau"], file["tau"])


def calls_of_h5py() -> dict[str, set[str]]:
    """The keywords of every h5py.File(...) of the package, by file."""
    found: dict[str, set[str]] = {}
    folders = ("src", "analysis", "lattice", "kernels", "physics")
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "h5py.File":
                words: Any = [ast.unparse(each) for each in (*node.args, *node.keywords)]
                found.setdefault(path.name, set()).add(", ".join(words))
    return found


def test_every_reader_is_one_that_needs_no_locks() -> None:
    """`hdf5.opened` for files of runs, `named_datasets.opened` for files of others; the one writer
    gives HDF5 a file that is open already."""
    assert calls_of_h5py() == {
        "hdf5.py": {
            "sink, 'w', userblock_size=user_block",
            *("path, 'r', locking=False", "path, 'r'"),
        },
        "named_datasets.py": {"path, 'r'", "path, 'r', locking=False"},
    }

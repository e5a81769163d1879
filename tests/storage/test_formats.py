"""Files of a newer darklat are refused, with its version."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import pytest

import darklat as dl
from darklat.errors import InputError
from darklat.schema.comparison import in_words
from darklat.storage import events, formats, job_file, snapshots, sweep_folder
from darklat.storage.changes import Change
from darklat.storage.read_run import load_run
from models import config
from synthetic_run import make_run

NEWER = {"format_version": formats.VERSION + 1, "darklat_version": "7.0"}
SAYS = r"has format 2, written by darklat 7.0; this darklat reads formats up to 1. Install that"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_run(tmp_path / "run", rows=40)


@pytest.mark.parametrize("name", ["series.h5", "spectra.h5"])
def test_hdf5(folder: Path, name: str) -> None:
    with h5py.File(folder / name, "a") as file:
        file.attrs.update(NEWER)
    with pytest.raises(InputError, match=f"{name} {SAYS}"):
        dl.open_run(folder)


def test_a_snapshot(folder: Path) -> None:
    with h5py.File(folder / "step-000000001.h5", "w") as file:
        file.attrs.update(NEWER | {"format_version": 3, "tau": 1.0, "a": 1.0})
    says = SAYS.replace("format 2", "format 3").replace("up to 1", "up to 2")
    with pytest.raises(InputError, match=f"^[^:]*step-000000001.h5 {says}"):
        snapshots.read(folder)


def test_json(folder: Path) -> None:
    (folder / "job").mkdir()
    for name, data in {
        "summary.json": {"format_version": 2, "version": "7.0"},
        "sweep.json": NEWER | {"runs": []},
        "job/job.json": NEWER | {"job": "12", "since": ""},
    }.items():
        (folder / name).write_text(json.dumps(data))
    for read in (load_run, sweep_folder.read, job_file.recorded):
        with pytest.raises(InputError, match=rf"\.json {SAYS}"):
            read(folder)


def test_a_format_that_is_no_number_is_damage(folder: Path) -> None:
    (folder / "summary.json").write_text('{"format_version": "two"}')
    with pytest.raises(InputError, match=r"summary.json: format_version is 'two', which is no num"):
        load_run(folder)


def test_events_of_a_newer_darklat_are_named(folder: Path) -> None:
    lines = '{"time":"2026-01-01T00:00:00Z","event":"started","steps":4}\n{"event":"dreamt"}\n{"eve'
    (folder / events.NAME).write_text(lines)
    record = events.read(folder)
    assert record is not None and len(record) == 1
    assert events.unknown(folder) == ("dreamt",)


def test_the_files_of_today_have_the_version(tmp_path: Path) -> None:
    (tmp_path / "job").mkdir()
    job_file.record(tmp_path, job_file.Submitted("12_3", "2026-01-01T00:00:00+00:00"))
    assert json.loads((tmp_path / "job/job.json").read_text())["format_version"] == formats.VERSION
    assert job_file.recorded(tmp_path) == job_file.Submitted("12_3", "2026-01-01T00:00:00+00:00")


def test_values_in_messages_are_those_of_a_file() -> None:
    """They were Python's True, and a change of the seventh digit was "from 1 to 1"."""
    keys = {"output.maps": (False, True), "time.a_end": (1.0, 1.0000001), "checks": (None, [1.0])}
    change = Change(step=1, tau=1.0, a=1.0, keys=keys, same_steps=True)
    assert str(change) == (
        "output.maps from false to true; time.a_end from 1 to 1.0000001; checks from no value to "
        "[1]"
    )
    one, other = (config(f"output.maps={word}") for word in ("true", "false"))
    assert in_words(one, other, of_one="here", of_other="there") == [
        "output.maps is true here and false there"
    ]

"""The record of a run's course: what is written is read, whatever a kill leaves of the last line."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from darklat.driver import commands
from darklat.errors import MachineError, NumericalError
from darklat.storage import events
from run_folders import CONFIG

TINY = CONFIG.replace("sites: 16", "sites: 8").replace("a_end: 1.5", "a_end: 0.8")
STARTED, STOPPED = events.Started(steps=9), events.Stopped(step=4, a=0.7, reason="a\nreason ⏎")


def written(folder: Path, *wanted: events.Event) -> bytes:
    with events.Recorder(folder) as record:
        for event in wanted:
            record.write(event)
    return (folder / events.NAME).read_bytes()


def test_what_is_written_is_read_one_object_per_line(tmp_path: Path) -> None:
    data = written(tmp_path, STARTED, STOPPED)
    lines = [json.loads(line) for line in data.splitlines()]
    assert [line["event"] for line in lines] == ["started", "stopped"]
    assert list(lines[0]) == ["time", "event", "steps"]
    assert events.read(tmp_path) == (STARTED, STOPPED)


def test_wherever_the_last_line_is_torn_the_others_are_read(tmp_path: Path) -> None:
    data = written(tmp_path, STARTED, STOPPED)
    first = data.index(b"\n") + 1
    for length in range(first, len(data) - 1):
        (tmp_path / events.NAME).write_bytes(data[:length])
        assert events.read(tmp_path) == (STARTED,)
        written(tmp_path, STARTED)  # the next process begins a line of its own
        assert events.read(tmp_path) == (STARTED, STARTED)


def test_lines_of_another_version_are_left_out(tmp_path: Path) -> None:
    data = written(tmp_path, STARTED)
    more = b'{"time":"2026-01-01T00:00:00Z","event":"moon","a":1}\n[]\n\xff\n' + data.replace(
        b'"steps":9', b'"steps":9,"new":1'
    )
    with (tmp_path / events.NAME).open("ab") as file:
        file.write(more)
    assert events.read(tmp_path) == (STARTED, STARTED)


def test_the_end_of_a_long_record_alone(tmp_path: Path) -> None:
    written(tmp_path, *[STARTED] * 50, STOPPED)
    found = events.read(tmp_path, last_bytes=250)
    assert found is not None and 1 < len(found) < 5 and found[-1] == STOPPED


def test_no_record_is_none(tmp_path: Path) -> None:
    assert events.read(tmp_path) is None


def test_warnings_that_are_logged_are_events_and_other_lines_are_not(tmp_path: Path) -> None:
    log = logging.getLogger("darklat")
    with events.Recorder(tmp_path):
        log.warning("warning: %s is near its limit", "gauss/X")
        log.info("and so on")
        log.error("REJECTED")
    log.warning("after the end")
    (found,) = events.read(tmp_path) or ()
    assert isinstance(found, events.Warned) and found.text == "gauss/X is near its limit"


def test_an_error_is_the_last_event(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), events.Recorder(tmp_path):
        raise KeyboardInterrupt
    (found,) = events.read(tmp_path) or ()
    assert isinstance(found, events.Failed)
    assert (found.error, found.reason) == ("KeyboardInterrupt", "interrupted")


def test_a_disk_that_refuses_is_said_to(tmp_path: Path) -> None:
    (tmp_path / events.NAME).mkdir()
    with pytest.raises(MachineError, match=r"cannot write .*events.jsonl: .*directory"):
        events.Recorder(tmp_path)
    (tmp_path / events.NAME).rmdir()
    with pytest.raises(MachineError, match="cannot write"), events.Recorder(tmp_path) as record:
        os.close(record._descriptor)
        record.write(STARTED)


def kinds(folder: Path) -> list[str]:
    return [event.event for event in events.read(folder) or ()]


def test_the_course_of_a_run(tmp_path: Path) -> None:
    path, out = tmp_path / "c.yaml", tmp_path / "run"
    path.write_text(TINY)
    commands.run(path, overrides=[], out=out, backend="cpu", stop_after=8)
    commands.resume(out, backend="cpu")
    assert [kind for kind in kinds(out) if kind != "warning"] == [
        "started", "checkpoint", "checkpoint", "stopped",
        "resumed", "snapshot", "progress", "checkpoint", "finished",
    ]  # fmt: skip
    last = (events.read(out) or ())[-1]
    assert isinstance(last, events.Finished) and last.a == pytest.approx(0.8)


def test_a_failed_check_is_the_end_of_the_record(tmp_path: Path) -> None:
    path, out = tmp_path / "c.yaml", tmp_path / "run"
    path.write_text(TINY)
    with pytest.raises(NumericalError):
        commands.run(path, overrides=["checks.energy_balance_max=1e-12"], out=out, backend="cpu")
    last = (events.read(out) or ())[-1]
    assert isinstance(last, events.Failed) and last.error == "NumericalError"
    assert "energy balance" in last.reason


def test_the_documentation_has_every_event_with_its_keys() -> None:
    text = (Path(__file__).parents[2] / "runs" / "README.md").read_text()
    section = text.partition("## events.jsonl")[2].partition("\n## ")[0]
    rows = dict(
        line.strip("| ").split(" | ")[:2] for line in section.splitlines() if line.startswith("| `")
    )
    stated = {
        kind.strip("`"): set(keys.replace("`", "").split(", ")) for kind, keys in rows.items()
    }
    real = {
        next(f.default for f in fields(kind) if f.name == "event"): {
            f.name for f in fields(kind) if f.name not in ("time", "event")
        }
        for kind in get_args(events.Event)
    }
    assert stated == real

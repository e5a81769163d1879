"""`darklat status`, on run folders in every state, with a queue that answers what a test says."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from darklat.driver import commands, progress
from darklat.driver.jobs.slurm import queued
from darklat.driver.run_status import examine
from darklat.driver.status import status
from darklat.errors import InputError, NumericalError
from darklat.schema.time_span import duration
from darklat.storage import events, job_file, lock
from run_folders import CONFIG

TINY = CONFIG.replace("sites: 16", "sites: 8").replace("a_end: 1.5", "a_end: 1.0")


def run(tmp_path: Path, *overrides: str, stop_after: int | None = None) -> Path:
    path = tmp_path / "c.yaml"
    path.write_text(TINY)
    out = tmp_path / "run"
    commands.run(path, overrides=list(overrides), out=out, backend="cpu", stop_after=stop_after)
    return out


def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def hold(folder: Path, *, pid: int, host: str = socket.gethostname()) -> None:
    """What a killed process leaves in the lock."""
    text = json.dumps({"pid": pid, "host": host, "since": "2026-01-01T00:00:00+00:00"})
    (folder / lock.NAME).write_text(text + "\n")


def test_a_finished_run(tmp_path: Path) -> None:
    text = status([run(tmp_path)])
    assert text.startswith(
        f"{tmp_path}/run: finished\n  progress   100.0%, a/a_osc = 1 of 1, step "
    )
    assert "old, " in text and "the hash of the whole file verifies" in text
    assert "time left" not in text and "go on with" not in text


def test_a_finished_run_that_fails_a_check_says_which(tmp_path: Path) -> None:
    folder = run(tmp_path)
    path = folder / "summary.json"
    summary = json.loads(path.read_text())
    assert examine(folder, {}).reason == ""
    summary["checks"]["energy at the cutoff"]["verdict"] = "fail"
    path.write_text(json.dumps(summary))
    assert f"{folder}: finished (a check fails: energy at the cutoff)" in status([folder])


def test_a_stopped_run_says_how_far_it_came_and_how_to_go_on(tmp_path: Path) -> None:
    folder = run(tmp_path, stop_after=16)
    found = examine(folder, {})
    assert (found.state, found.reached.step) == ("stopped", 16)
    assert found.reached.start == 0.5 and found.reached.end == 1.0 and found.newest is not None
    assert found.reached.fraction == 0.4  # 16 of 40 steps of 0.2 * 0.5/8
    assert f"go on with darklat resume {folder}" in status([folder])


def test_a_failed_run_says_why(tmp_path: Path) -> None:
    with pytest.raises(NumericalError):
        run(tmp_path, "checks.energy_balance_max=1e-12")
    found = examine(tmp_path / "run", {})
    assert found.state == "failed"
    assert found.reason.startswith("the error of the energy balance is")


def without(folder: Path, kind: str) -> None:
    """Takes the events of a kind from the record, as if the process had been killed before."""
    path = folder / events.NAME
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if json.loads(line)["event"] != kind))


def test_a_killed_run(tmp_path: Path) -> None:
    folder = run(tmp_path, stop_after=16)
    without(folder, "stopped")
    hold(folder, pid=dead_process())
    assert examine(folder, {}).state == "killed"
    hold(folder, pid=dead_process(), host="elsewhere")
    assert "on elsewhere, since 2026-01-01T00:00:00+00:00; last event " in examine(folder, {}).reason  # fmt: skip


def test_a_run_that_was_killed_after_a_stop(tmp_path: Path) -> None:
    folder = run(tmp_path, stop_after=16)
    with events.Recorder(folder) as record:
        record.write(events.Resumed(checkpoint="step-000000016.h5", step=16, steps=40, a=0.7))
        assert examine(folder, {}).state == "killed"
        with (folder / events.NAME).open("a") as file:
            file.write('{"time":"2026-01-01T00:00:00Z","event":"stopped","st')  # torn
    assert examine(folder, {}).state == "killed"


def test_what_the_log_says_is_not_read(tmp_path: Path) -> None:
    folder = run(tmp_path, stop_after=16)
    with (folder / "run.log").open("a") as log:
        log.write("2026-01-01 00:00:00 FAILED: so it seems\n")
    assert examine(folder, {}).state == "stopped"


def test_a_folder_of_an_older_darklat_has_no_record(tmp_path: Path) -> None:
    folder = run(tmp_path, stop_after=16)
    (folder / events.NAME).unlink()
    found = examine(folder, {})
    assert (found.state, found.reason) == ("stopped", "why is not known: there is no events.jsonl")
    assert (found.reached.step, found.reached.steps, found.left) == (16, None, None)
    assert "events.jsonl)\n  progress   40.0%" in status([folder])


def test_a_running_run_and_its_time_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = run(tmp_path, stop_after=16)
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.0)
    with lock.held(folder), events.Recorder(folder) as record:
        shown = progress.Progress(done=16, total=80, sites=512, record=record)
        monkeypatch.setattr(shown, "_begun", shown._begun - 1234)
        shown.update(32, None, a=0.75)
        found = examine(folder, {})
        assert (found.state, found.reached.step, found.reached.steps) == ("running", 32, 80)
        assert found.left == pytest.approx(3702, abs=60)  # 16 steps took 1234 s, 48 are left
        text = status([folder])
        assert "time left  about 62 min, by its record" in text
        # The series ends at a = 0.7, where 16 steps were done.
        assert "progress   40.0%, a/a_osc = 0.75 of 1, step 32 of 80\n" in text


def test_the_job_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = run(tmp_path, stop_after=16)
    (folder / "job").mkdir()
    job_file.record(folder, job_file.Submitted("123_4", "2026-01-01T00:00:00+00:00"))
    running = {"123_4": queued("RUNNING", "1:00", "9:00", "node7")}
    found = examine(folder, running)
    assert found.state == "running"
    assert found.job == "123_4 RUNNING on node7 for 1:00, 9:00 left"
    pending = examine(folder, {"123_4": queued("PENDING", "0:00", "9:00", "(Resources)")})
    assert (pending.state, pending.job) == ("waiting", "123_4 PENDING (Resources)")
    assert examine(folder, {}).job == "123_4 is not in the queue any more"
    assert examine(folder, {}).state == "stopped"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "job        123_4, state unknown: there is no squeue here" in status([folder])


def test_a_run_that_waits_in_the_queue(tmp_path: Path) -> None:
    folder = run(tmp_path)
    waiting = tmp_path / "waiting"
    (waiting / "job").mkdir(parents=True)
    (folder / "config.yaml").rename(waiting / "job" / "config.yaml")
    assert examine(waiting, {}).state == "waiting"
    assert "waiting: waiting (not submitted)\n  progress   nothing yet" in status([waiting])


def test_damage_is_said_and_stops_nothing(tmp_path: Path) -> None:
    folder = run(tmp_path)
    newest = sorted((folder / "checkpoints").glob("*.h5"))[-1]
    data = bytearray(newest.read_bytes())
    data[-1000] ^= 1
    newest.write_bytes(data)
    (folder / "series.h5").write_bytes(b"")
    (folder / events.NAME).write_bytes(b"\xff\x00 no record at all\n[]\n{}\n")
    assert "DOES NOT VERIFY: it is damaged" in status([folder])
    (folder / "config.yaml").write_text("name: [")
    found = examine(folder, {})
    assert found.state == "broken" and found.reason.startswith("its configuration cannot be read:")
    assert "broken (its configuration" in status([folder])


def test_a_folder_of_runs_and_sweeps(tmp_path: Path) -> None:
    folder = run(tmp_path, stop_after=16)
    runs = tmp_path / "runs"
    for name in ("a", "b", "sweep/x=1"):
        shutil.copytree(folder, runs / name)
    (runs / "b" / "summary.json").write_text("{}")
    (runs / "notes").mkdir()
    index = {"runs": [{"folder": "x=1"}, {"folder": "x=2"}]}
    (runs / "sweep" / "sweep.json").write_text(json.dumps(index))
    head, _, a, b, sweep = status([runs]).splitlines()
    assert head == f"{runs}: 2 runs: 1 stopped, 1 finished; sweeps: 1"
    assert a.split()[:4] == ["a", "stopped", "40.0%", "0.7"] and b.split()[:2] == ["b", "finished"]
    assert sweep.split("  ")[1:3] == ["sweep", "sweep of 2 runs: 1 stopped, 1 not begun"]


def test_in_a_static_background_time_and_step_are_those_of_one_moment(tmp_path: Path) -> None:
    static = (
        "background.kind=static",
        "time.a_end=null",
        "time.tau_end=0.5",
        "output.snapshots=[]",
    )
    folder = run(tmp_path, *static, "initial.a_start=null", stop_after=16)
    (folder / "series.h5").unlink()
    assert "progress   40.0%, tau/tau_osc = 0.2 of 0.5, step 16 of 40\n" in status([folder])


def test_the_linear_phase_has_no_percentage_of_steps(tmp_path: Path) -> None:
    folder = run(tmp_path, stop_after=16)
    with events.Recorder(folder) as record:
        record.write(events.Started(steps=40))
        record.write(events.Linear(a=0.6, until=0.8))
    assert "progress   linear phase until 0.8, a/a_osc = 0.6 of 1, step 0 of 40\n" in status(
        [folder]
    )


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        status([tmp_path / "nowhere"])
    with pytest.raises(InputError, match=r"nor sweep.json, and no folder in it has"):
        status([tmp_path])
    done = subprocess.run(
        [sys.executable, "-m", "darklat", "status", str(tmp_path)], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 2 and "Traceback" not in done.stderr


def test_others_among_several_hide_no_run(tmp_path: Path) -> None:
    """`status runs/*` names a README.md, a folder of a scan and the like, too."""
    folder, readme, scan = run(tmp_path), tmp_path / "README.md", tmp_path / "scan"
    readme.write_text("Runs")
    scan.mkdir()
    text = status([readme, folder, scan])
    assert text.startswith(f"{folder}: finished")
    assert f"note: {readme}: a file; give a folder" in text and f"note: {scan} is not" in text
    with pytest.raises(InputError, match="a file"):
        status([readme])


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.33, "0.3 s"),
        (1e-5, "0.1 s"),
        (99, "99 s"),
        (120, "2 min"),
        (5999, "1 h 40 min"),
        (86400 * 3 + 7200, "3 d 2 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text

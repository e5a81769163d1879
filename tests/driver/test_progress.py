"""The bar and the lines of progress: they end at 100%, on a terminal, in a notebook and without."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import types
from pathlib import Path

import pytest

from darklat.driver import commands, progress
from darklat.driver.progress import Progress, percent
from darklat.schema import dump
from darklat.storage.events import Progressed, Recorder, read
from models import config

SMALL = ("lattice.sites=8", "time.a_end=1")  # 40 steps, every fourth closed
ONE_THREAD = os.environ | {"OMP_NUM_THREADS": "1"}


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(dump(config(*SMALL)))
    return path


WITHOUT_ANALYSIS = """
import sys
from darklat import cli
cli._conclude = lambda folder, finished, ranks: 0
sys.exit(cli.main(sys.argv[1:]))
"""


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-P", "-c", WITHOUT_ANALYSIS, *map(str, words), "--backend", "cpu"]


def on_a_terminal(*words: str | Path, rows: int = 25, columns: int = 120) -> str:
    """What the command shows on a terminal of its own."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(
        command(*words), stdout=subprocess.DEVNULL, stderr=theirs, env=ONE_THREAD
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:  # EIO: the other end is closed
        pass
    finally:
        os.close(ours)
    assert process.wait() == 0, shown.decode()
    return shown.decode()


def without_one(*words: str | Path) -> str:
    """What the command says on stderr, a pipe."""
    done = subprocess.run(
        command(*words), capture_output=True, text=True, check=True, env=ONE_THREAD
    )
    return done.stderr


def last_bar(shown: str) -> tuple[int, int, int]:
    """The percentage, the steps done and all steps of the bar as it was left."""
    found = re.findall(r"(\d+)%\|[^|]*\| (\d+)/(\d+) \[", shown)
    return tuple(map(int, found[-1]))  # type: ignore[return-value]


def last_line(said: str) -> str:
    return [line for line in said.splitlines() if line.startswith("step ")][-1]


def stopped(config_path: Path, out: Path, at: int = 16) -> Path:
    commands.run(config_path, overrides=[], out=out, backend="cpu", stop_after=at)
    return out


def test_the_bar_of_a_run_ends_at_100_percent(config_path: Path, tmp_path: Path) -> None:
    shown = on_a_terminal("run", config_path, "--out", tmp_path / "run")
    assert last_bar(shown) == (100, 40, 40)
    assert "step 40/40  100.0%" in (tmp_path / "run" / "run.log").read_text()
    assert "step 40/40  100.0%" not in shown  # the bar says it


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 80)])
def test_a_terminal_of_unknown_size_has_a_bar(
    rows: int, columns: int, config_path: Path, tmp_path: Path
) -> None:
    shown = on_a_terminal("run", config_path, "--out", tmp_path / "run", rows=rows, columns=columns)
    assert last_bar(shown) == (100, 40, 40)


def test_the_bar_of_a_resumed_run_begins_where_it_stopped(
    config_path: Path, tmp_path: Path
) -> None:
    shown = on_a_terminal("resume", stopped(config_path, tmp_path / "run"))
    assert re.search(r"40%\|[^|]*\| 16/40 \[", shown)
    assert last_bar(shown) == (100, 40, 40)


LINEAR = ("initial.linear_until=0.9", "output.spectra_interval=0.1")


def test_the_linear_phase_has_a_bar_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "linear.yaml"
    path.write_text(dump(config(*SMALL, *LINEAR)))
    shown = on_a_terminal("run", path, "--out", tmp_path / "run")
    shares = [int(share) for share in re.findall(r"linear phase +(\d+)%\|", shown)]
    assert shares == sorted(shares) and {0, 25, 50, 75, 100} <= set(shares)
    assert "a/a_osc 0.7 of 0.9" in shown
    assert last_bar(shown) == (100, 8, 8)


def test_without_a_terminal_the_last_line_is_at_100_percent(
    config_path: Path, tmp_path: Path
) -> None:
    said = without_one("run", config_path, "--out", tmp_path / "run")
    assert last_line(said).startswith("step 40/40  100.0%  a/a_osc 1  r ") and "%|" not in said
    assert last_line(said).endswith(" site-steps/s")


def test_without_a_terminal_the_linear_phase_says_when_it_begins_and_ends(tmp_path: Path) -> None:
    path = tmp_path / "linear.yaml"
    path.write_text(dump(config(*SMALL, *LINEAR)))
    lines = without_one("run", path, "--out", tmp_path / "run").splitlines()
    found = [line for line in lines if line.startswith("linear phase")]
    assert found == [
        f"linear phase, mode by mode: a/a_osc {a} of 0.9, {share}%"
        for a, share in (("0.5", "0.0"), ("0.9", "100.0"))
    ]
    assert lines.index(found[0]) < lines.index("checkpoint step-000000000.h5")


def test_a_resumed_and_a_finished_run_end_there_too(config_path: Path, tmp_path: Path) -> None:
    folder = stopped(config_path, tmp_path / "run")
    assert last_line(without_one("resume", folder)).startswith("step 40/40  100.0%  a/a_osc 1  ")
    assert last_line(without_one("resume", folder)) == "step 40/40  100.0%"  # nothing is left


def test_the_time_left_is_that_of_the_steps_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Steps are reported eight at a time; 8 in 10 s leave 15 minutes for 720."""
    now = iter((0.0, 10.0, 10.0))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(now))
    with Recorder(tmp_path) as record, caplog.at_level("INFO", logger="darklat"):
        shown = Progress(done=72, total=800, sites=1000, record=record)
        shown.update(80, {"a": 0.5, "energy_balance": 0.0}, a=0.5)
    assert "step 80/800  10.0%  a/a_osc 0.5  Gauss " in caplog.text
    (event,) = read(tmp_path) or ()
    assert isinstance(event, Progressed)
    assert (event.step, event.steps, event.a, event.seconds_left) == (80, 800, 0.5, 900.0)
    assert "800 site-steps/s  15 min left" in caplog.text


def test_a_row_of_before_is_shown_with_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The time in a line is that of its step, also between two rows of the series."""
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.0)
    with Recorder(tmp_path) as record, caplog.at_level("INFO", logger="darklat"):
        shown = Progress(done=0, total=24, sites=8**6, record=record)
        shown.update(8, None, a=0.5)
        shown.update(16, {"a": 0.75, "energy_balance": 0.0}, a=0.75)
        shown.update(24, None, a=12345.6)
    lines = [line.partition("step ")[2] for line in caplog.messages]
    assert lines[0].startswith("8/24  33.3%  a/a_osc 0.5  ") and "energy" not in lines[0]
    assert lines[1].startswith("16/24  66.6%  a/a_osc 0.75  Gauss ")
    assert lines[2].startswith("24/24  100.0%  a/a_osc 12350  at 0.75: Gauss ")
    assert not any("e+" in line.partition("energy")[2].partition("site")[2] for line in lines)


def test_a_notebook_has_a_bar_without_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not sys.stderr.isatty()
    shell = types.SimpleNamespace(config={"IPKernelApp": {}})
    kernel = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", kernel)
    with Recorder(tmp_path) as record:
        shown = Progress(done=0, total=16, sites=1, record=record)
        shown.update(8, {"a": 0.5, "energy_balance": 0.0}, a=0.5)
        shown.update(16, {"a": 0.6, "energy_balance": 0.0}, a=0.6)
        shown.close()
    assert last_bar(capsys.readouterr().err) == (100, 16, 16)


def test_percentages_are_rounded_down() -> None:
    assert (percent(9999, 10000), percent(10000, 10000)) == ("99.9", "100.0")
    assert percent(0.7 - 0.5, 0.5) == "40.0"  # 0.2 as a double is a little less

"""Stops in time: the forms of a wall time, Slurm's limit, and the margin for the last checkpoint."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from darklat import cli
from darklat.driver import commands, walltime
from darklat.driver.jobs import slurm
from darklat.driver.stopping import stop_on_signals
from darklat.driver.walltime import Budget
from darklat.errors import InputError
from darklat.schema import dump, time_span
from darklat.storage import checkpoint
from models import config
from run_folders import everything

SMALL = ("lattice.sites=8", "time.a_end=1")  # 40 steps, every fourth closed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90", 5400), ("1.5", 90), ("2:30", 150), ("01:02:03", 3723), ("36:00:00", 129600), ("1-00", 86400),
        ("1-02:03", 93780), ("2-03:04:05", 183845), (" 5 ", 300),
    ],
)  # fmt: skip
def test_spans_as_slurm_writes_them(text: str, expected: float) -> None:
    assert time_span.seconds(text) == expected


@pytest.mark.parametrize(
    "text", ["", "0", "0:00:00", "-5", "soon", "1:2:3:4", "1h", "1e3", "٣", "inf", "1-", "9" * 12]
)
def test_what_is_no_span_is_refused_with_the_forms(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match=r"is no span of time: write minutes, .*12:00:00"):
        time_span.seconds(text)
    with pytest.raises(SystemExit) as caught:
        cli.main(["run", "x.yaml", f"--walltime={text}"])
    assert caught.value.code == 2
    assert "hours:minutes:seconds" in capsys.readouterr().err


def squeue(folder: Path, text: str) -> str:
    """A PATH with a squeue that prints a text."""
    program = folder / "squeue"
    program.write_text(f'#!/bin/sh\n[ "$3" = 17 ] || exit 9\n{text}\n')
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_slurm_s_end_is_taken_from_the_environment() -> None:
    end = {"SLURM_JOB_END_TIME": str(int(time.time()) + 3600), "SLURM_JOB_ID": "17"}
    left = slurm.seconds_left(end)
    assert left is not None and 3590 < left <= 3600
    assert slurm.seconds_left({}) is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("echo 1-00:00:30", 86430), ("echo 59:30", 3570), ("echo UNLIMITED", None), ("echo NOT_SET", None)],
)  # fmt: skip
def test_slurm_s_end_is_taken_from_squeue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, expected: float | None
) -> None:
    monkeypatch.setenv("PATH", squeue(tmp_path, answer))
    assert slurm.seconds_left({"SLURM_JOB_ID": "17"}) == expected


@pytest.mark.parametrize(
    "answer", ["echo slurm_load_jobs error >&2; exit 1", "echo INVALID", "echo"]
)
def test_a_slurm_that_does_not_answer_is_said_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, answer: str
) -> None:
    monkeypatch.setenv("PATH", squeue(tmp_path, answer))
    assert slurm.seconds_left({"SLURM_JOB_ID": "17"}) is None
    assert "squeue does not say when job 17 ends" in caplog.text and "--walltime" in caplog.text


def test_the_earlier_limit_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    monkeypatch.delenv("SLURM_JOB_END_TIME", raising=False)
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    assert not walltime.budget(None, since=now).over
    assert walltime.budget(60, since=now).end == now + 60
    monkeypatch.setenv("SLURM_JOB_END_TIME", str(int(time.time()) + 1000))
    assert walltime.budget(60, since=now).origin == "the walltime of 60 s"
    assert walltime.budget(9999, since=now).origin == "Slurm's time limit"


def ticking(start: float = 0.0) -> Iterator[float]:
    """A clock that moves by a second whenever it is looked at."""
    while True:
        start += 1
        yield start


def budget(seconds: float) -> Budget:
    clock = ticking()
    return Budget(seconds, "--walltime of a test", now=lambda: next(clock))


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(dump(config(*SMALL)))
    return path


def test_a_run_stops_before_its_time_is_over_and_resumes_to_the_same_bytes(
    config_path: Path, tmp_path: Path
) -> None:
    whole, _ = commands.run(config_path, overrides=[], out=tmp_path / "whole", backend="cpu")
    limit = budget(20.0)
    folder, finished = commands.run(
        config_path, overrides=[], out=tmp_path / "parts", backend="cpu", budget=limit
    )
    assert not finished and limit.left > 0
    log = (folder / "run.log").read_text()
    assert "stopped at step" in log and "--walltime of a test" in log and "before its end" in log
    assert 0 < checkpoint.newest(folder / "checkpoints")[0].state.step < 40
    _, finished = commands.resume(folder, backend="cpu")
    assert finished and everything(folder) == everything(whole)


def test_too_little_time_for_any_step_is_an_error_and_no_endless_requeue(
    config_path: Path, tmp_path: Path
) -> None:
    with pytest.raises(
        InputError, match=r"a test leaves \d s for the run, and to stop in time takes"
    ):
        commands.run(
            config_path, overrides=[], out=tmp_path / "run", backend="cpu", budget=budget(6.0)
        )
    assert checkpoint.newest(tmp_path / "run" / "checkpoints")[0].state.step == 0


def test_the_margin_is_twice_the_slowest_of_everything_and_some_to_spare() -> None:
    limit = Budget(100.0, "a test", now=lambda: 40.0)
    for what, span in (("steps", 3.0), ("steps", 9.0), ("checkpoint", 15.0), ("steps", 1.0)):
        limit.spent(what, span)
    assert limit.margin == 2 * (9 + 15) + walltime.SPARE_SECONDS
    assert not limit.over
    limit.spent("series", 4.0)
    assert limit.over


SIGNALLED = """
import os, signal, sys
from pathlib import Path
from darklat import cli
from darklat.lattice.evolution import Evolution
step, numbers = Evolution.step, [getattr(signal, name) for name in sys.argv[3:]]
def stepping(self):
    step(self)
    if self.done == 9:
        for number in numbers:
            os.kill(os.getpid(), number)
Evolution.step = stepping
sys.exit(cli.main(["run", sys.argv[1], "--out", sys.argv[2], "--backend", "cpu"]))
"""


@pytest.mark.parametrize(
    ("signals", "code", "step"),
    [(["SIGINT"], 85, 12), (["SIGTERM", "SIGUSR2"], 85, 12), (["SIGINT", "SIGINT"], 130, 0), (["SIGTERM", "SIGINT"], 130, 0)],
)  # fmt: skip
def test_a_signal_finishes_the_step_and_a_second_sigint_stops_at_once(
    config_path: Path, tmp_path: Path, signals: list[str], code: int, step: int
) -> None:
    """The signals come in step 9; step 12 is the next that is closed."""
    out = tmp_path / "run"
    done = subprocess.run(
        [sys.executable, "-c", SIGNALLED, str(config_path), str(out), *signals],
        capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    found, rejected = checkpoint.newest(out / "checkpoints")
    assert found.state.step == step and not rejected
    if code == 85:
        assert f"{signals[-1]}: stopping with a checkpoint; SIGINT now stops at once" in done.stderr
        assert f"stopped at step 12 ({signals[-1]}); continue with: darklat resume" in done.stderr
    else:
        assert done.stderr.endswith("darklat: interrupted\n")
    assert commands.resume(out, backend="cpu")[1]


AT_THE_START = """
import os, signal, sys
from darklat import cli
from darklat.driver import commands
make = commands.make_backend
def signalled(*arguments, **named):
    os.kill(os.getpid(), signal.SIGUSR2)
    return make(*arguments, **named)
commands.make_backend = signalled
sys.exit(cli.main(["run", sys.argv[1], "--out", sys.argv[2], "--backend", "cpu"]))
"""


def test_a_job_s_signal_while_a_run_starts_is_kept(config_path: Path, tmp_path: Path) -> None:
    """By itself it would end the process without a checkpoint, and the job with another code."""
    out = tmp_path / "run"
    done = subprocess.run(
        [sys.executable, "-c", AT_THE_START, str(config_path), str(out)],
        capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 85, done.stderr
    assert "(SIGUSR2); continue with: darklat resume" in done.stderr
    assert checkpoint.newest(out / "checkpoints")[0].state.step == 0


def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stop_on_signals():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before

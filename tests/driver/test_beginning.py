"""A linear phase at the beginning of a run: where it can be stopped, and what is left then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from darklat.driver import commands, validation
from darklat.driver.run_status import examine
from darklat.driver.status import status
from darklat.driver.walltime import Budget
from darklat.errors import ConfigError, InputError, NumericalError
from darklat.lattice import plan
from darklat.schema import dump, load_located
from darklat.storage import events, lock, run_folder
from models import config
from run_folders import everything

LINEAR = (
    "lattice.sites=8", "initial.linear_until=1.0", "time.a_end=1.3", "output.spectra_interval=0.1",
)  # fmt: skip

KILLED = """
import os, sys
from darklat import cli
from darklat.lattice.linear_phase import phase
advance, times = phase.advance, [0]
def advancing(*arguments, **keywords):
    advance(*arguments, **keywords)
    times[0] += 1
    if times[0] == 3:
        os.kill(os.getpid(), int(sys.argv[1]))
phase.advance = advancing
sys.exit(cli.main(["run", *sys.argv[2:], "--backend", "cpu"]))
"""


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(dump(config(*LINEAR)))
    return path


def run(config_path: Path, out: Path, *overrides: str, **keywords: object) -> bool:
    folder, finished = commands.run(
        config_path,
        overrides=list(overrides),
        out=out,
        backend="cpu",
        **keywords,  # type: ignore[arg-type]
    )
    assert folder == out
    return finished


def signalled(
    number: signal.Signals, config_path: Path, out: Path
) -> subprocess.CompletedProcess[str]:
    """A run that gets the signal in the third piece of its linear phase."""
    return subprocess.run(
        [sys.executable, "-P", "-c", KILLED, str(int(number)), str(config_path), "--out", str(out)],
        capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def kinds(folder: Path) -> list[str]:
    found = [event.event for event in events.read(folder) or ()]
    return [kind for kind in found if kind != "warning"]


def test_a_run_that_is_killed_in_it_begins_again_and_ends_in_the_same_bytes(
    config_path: Path, tmp_path: Path
) -> None:
    assert run(config_path, tmp_path / "whole")
    out = tmp_path / "run"
    assert signalled(signal.SIGKILL, config_path, out).returncode == -signal.SIGKILL
    assert "linear phase, mode by mode: a/a_osc 0.5 of 1, 0.0%" in (out / "run.log").read_text()
    assert (out / run_folder.CONFIG).is_file() and not list((out / "checkpoints").iterdir())
    assert kinds(out) == ["started", "linear"]
    assert examine(out, {}).state == "killed"
    with lock.held(out):  # nobody has it
        pass
    assert commands.resume(out, backend="cpu")[1]
    assert everything(out) == everything(tmp_path / "whole")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR2])
def test_a_signal_stops_it_in_order(
    config_path: Path, tmp_path: Path, number: signal.Signals
) -> None:
    out = tmp_path / "run"
    done = signalled(number, config_path, out)
    assert done.returncode == 85, done.stderr
    assert f"stopped in the linear phase at a/a_osc = 0.8 ({number.name})" in done.stderr
    assert kinds(out) == ["started", "linear", "stopped"]
    assert (out / lock.NAME).read_bytes() == b""
    said = status([out])
    assert f"stopped ({number.name} in the linear phase)" in said
    assert "a/a_osc = 0.8 of 1.3, step 0 of" in said and f"darklat resume {out}" in said
    assert commands.resume(out, backend="cpu")[1]


def test_wall_time_that_ends_in_it_is_an_error_and_the_run_can_go_on(
    config_path: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    over = Budget(1.0, "--walltime of a test", now=lambda: 0.0)
    with pytest.raises(InputError, match="a test ends in the linear phase, of which nothing"):
        run(config_path, out, budget=over)
    assert kinds(out) == ["started", "linear", "failed"]
    assert examine(out, {}).state == "failed"
    assert commands.resume(out, backend="cpu")[1]


@pytest.mark.parametrize("made", [False, True])
def test_a_hand_over_that_is_too_late_is_refused_and_leaves_nothing(
    config_path: Path, tmp_path: Path, made: bool
) -> None:
    """The refusal comes after the whole linear phase."""
    out = tmp_path / "deep" / "run"
    if made:  # as `darklat submit` prepares it
        (out / "job").mkdir(parents=True)
        (out / "job" / "config.yaml").write_text("mine")
    with pytest.raises(ConfigError, match=r"5:1:22: initial.linear_until: at a = 5 "):
        run(
            config_path, out, "initial.linear_until=5", "time.a_end=6", "model.couplings.XX=400",
            "output.spectra_interval=10",
        )  # fmt: skip
    if made:
        assert [path.name for path in out.rglob("*")] == ["job", "config.yaml"]
    else:
        assert not (tmp_path / "deep").exists()
    assert run(config_path, out)  # and the folder may be had again


def test_a_killed_run_whose_hand_over_is_too_late_is_refused_by_resume_and_stays(
    config_path: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    late = ("initial.linear_until=5", "time.a_end=6", "model.couplings.XX=400")
    config_path.write_text(dump(config(*LINEAR, *late)))
    signalled(signal.SIGKILL, config_path, out)
    with pytest.raises(InputError, match=r"config.yaml: initial.linear_until: at a = .* remove "):
        commands.resume(out, backend="cpu")
    assert (out / run_folder.CONFIG).is_file() and examine(out, {}).state == "failed"


def test_a_refusal_says_nothing_of_a_failure_on_the_terminal(
    config_path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ConfigError):
        run(config_path, tmp_path / "run", "initial.kind=file", f"initial.file={config_path}",
            "initial.linear_until=null")  # fmt: skip
    assert "FAILED" not in caplog.text


def test_a_check_that_fails_in_it_leaves_the_row(config_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(NumericalError):
        run(config_path, out, "checks.gauss_max=1e-30")
    assert (out / "series.h5").is_file() and examine(out, {}).state == "failed"


def test_what_others_put_into_the_folder_meanwhile_stays(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with run_folder.taken(out, new=True) as taken:
        (out / run_folder.CONFIG).write_text("name: x\n")
        (out / "notes.txt").write_text("mine")
        taken.discard()
    assert [path.name for path in out.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    "overrides", [LINEAR, ("lattice.sites=8", "model.fields.X.mass_eV=1e-17", "time.a_end=0.6")]
)
def test_a_run_reckons_its_steps_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overrides: tuple[str, ...]
) -> None:
    path, made, clock = tmp_path / "c.yaml", [], plan.clock
    path.write_text(dump(config(*overrides)))

    def counted(model: object) -> object:
        made.append(clock(model))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(plan, "clock", counted)
    run(path, tmp_path / "run", stop_after=0)
    assert len(made) == 1
    commands.resume(tmp_path / "run", backend="cpu", stop_after=0)
    assert len(made) == 1  # the checkpoint has it
    validation.validate(*load_located(path), backend="cpu")
    assert len(made) == 2

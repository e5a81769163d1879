"""`darklat resume --set`: what a run that has begun may change, and what then stays as it was."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

import darklat as dl
from darklat import cli
from darklat.driver import commands
from darklat.driver.status import status
from darklat.errors import ConfigError, InputError, MachineError
from darklat.lattice import plan
from darklat.lattice.clock import Clock
from darklat.lattice.evolution import Evolution
from darklat.storage import checkpoint, events, run_folder
from run_folders import contents, everything

# Ten steps of 0.05 to a = 1. From a = 3.33 on a m dt limits the step.
MINI = """
name: mini
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16}
  fields: {X: {role: dark}}
  couplings: {XX: 30}
lattice: {sites: 8, box: 1.0, order: 2}
time: {a_end: 1, courant: 0.4}
output: {series_interval: 0.1, spectra_interval: 0.25, snapshots: [0.7]}
"""
LATER, LIMITED = "time.a_end=1.5", "time.a_end=4"


def run(config: Path, out: Path, *overrides: str, stop_after: int | None = None) -> Path:
    commands.run(config, overrides=list(overrides), out=out, backend="cpu", stop_after=stop_after)
    return out


def resume(folder: Path, *overrides: str, stop_after: int | None = None) -> bool:
    return commands.resume(folder, overrides=overrides, backend="cpu", stop_after=stop_after)[1]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "mini.yaml"
    path.write_text(MINI)
    return path


@pytest.fixture(scope="module")
def finished(config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has come to a = 1."""
    return run(config, tmp_path_factory.mktemp("runs") / "finished")


@pytest.fixture(scope="module")
def from_the_start(config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that had the later end from the start."""
    return run(config, tmp_path_factory.mktemp("runs") / "later", LATER)


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    """A copy of the run that has come to a = 1."""
    return shutil.copytree(finished, tmp_path / "run")


# ---- What changes, and what is the same. ----


def test_an_extended_run_is_that_with_the_later_end_from_the_start(
    folder: Path, from_the_start: Path
) -> None:
    assert resume(folder, LATER)
    assert everything(folder) == everything(from_the_start)
    assert (folder / "config.yaml").read_bytes() == (from_the_start / "config.yaml").read_bytes()
    made, wanted = (json.loads((f / "summary.json").read_text()) for f in (folder, from_the_start))
    assert made["r"] == wanted["r"] and made["energy_balance_max"] == wanted["energy_balance_max"]
    with h5py.File(folder / "series.h5") as file:
        assert json.loads(file.attrs["changes"]) == [
            {"step": 10, "tau": 1.0, "a": 1.0, "keys": {"time.a_end": [1.0, 1.5]},
             "same_steps": True}
        ]  # fmt: skip
        assert "a_end: 1.5" in file.attrs["config"]


@pytest.mark.parametrize("stops", [(5, 7), (3, 12)])
def test_a_stopped_run_is_extended_and_goes_on_as_usual(
    config: Path, from_the_start: Path, tmp_path: Path, stops: tuple[int, int]
) -> None:
    folder = run(config, tmp_path / "run", stop_after=stops[0])
    assert not resume(folder, LATER, stop_after=stops[1])
    assert resume(folder)
    assert everything(folder) == everything(from_the_start)


def test_where_the_step_changes_the_past_keeps_its_times(folder: Path, tmp_path: Path) -> None:
    with h5py.File(folder / "series.h5") as file:
        before = {name: file[name][...] for name in ("tau", "r", "rho/X")}
    parts = shutil.copytree(folder, tmp_path / "parts")
    assert resume(folder, LIMITED)
    with h5py.File(folder / "series.h5") as file:
        for name, values in before.items():
            assert np.array_equal(file[name][: len(values)], values)
        assert file["a"][-1] == 4.0
        assert not json.loads(file.attrs["changes"])[0]["same_steps"]
    assert not resume(parts, LIMITED, stop_after=30)
    assert resume(parts)
    assert everything(parts) == everything(folder)


def test_outputs_and_snapshots_from_here_on(folder: Path) -> None:
    keys = ["output.series_interval=0.05", "output.snapshots=[0.7, 1.2]", LATER]
    assert resume(folder, *keys)
    with h5py.File(folder / "series.h5") as file:
        steps = np.diff(file["a"][...])
        assert np.allclose(steps[:5], 0.1) and np.allclose(steps[5:], 0.05)
        (change,) = json.loads(file.attrs["changes"])
    assert set(change["keys"]) == {"output.series_interval", "output.snapshots", "time.a_end"}
    assert not change["same_steps"]  # odd steps were not closed
    assert {path.stem for path in (folder / "snapshots").glob("*.h5")} == {
        "step-000000004",
        "step-000000014",
    }


def test_the_end_can_come_sooner(config: Path, from_the_start: Path, tmp_path: Path) -> None:
    folder = run(config, tmp_path / "run", LATER, stop_after=8)
    assert resume(folder, "time.a_end=1")
    with h5py.File(folder / "series.h5") as file:
        assert file["a"][-1] == 1.0
    assert "100.0%, a/a_osc = 1 of 1, step 10 of 10" in status([folder])


def test_a_run_without_a_checkpoint_begins_with_the_new_keys(
    config: Path, from_the_start: Path, tmp_path: Path
) -> None:
    folder = run(config, tmp_path / "run", stop_after=1)
    shutil.rmtree(folder / "checkpoints")
    assert resume(folder, LATER)
    assert contents(folder) == contents(from_the_start)


def test_the_files_say_what_changed(folder: Path) -> None:
    assert not resume(folder, LATER, "checks.gauss_max=1e-9", stop_after=12)
    said = (folder / "run.log").read_text()
    assert (
        "changed at step 10, tau = 1, a = 1: time.a_end from 1 to 1.5; checks.gauss_max from 1e-10 "
        "to 1e-09\n"
    ) in said
    assert "are those of a run with this configuration from the start" in said
    record = events.read(folder)
    assert record is not None
    (changed,) = (event for event in record if isinstance(event, events.Changed))
    assert changed.step == 10 and changed.keys["time.a_end"] == (1.0, 1.5)
    text = status([folder])
    assert text.startswith(f"{folder}: stopped (as asked)")
    assert "a/a_osc = 1.1 of 1.5, step 12 of 20" in text
    assert not (folder / "summary.json").exists()


def test_what_is_set_to_its_old_value_changes_nothing(folder: Path) -> None:
    before = contents(folder)
    assert resume(folder, "lattice.sites=8", "time.a_end=1.0")
    assert contents(folder) == before


def test_python(folder: Path, from_the_start: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = dl.resume(folder, {"time.a_end": 1.5})
    assert run.finished and run.config.time.a_end == 1.5
    assert everything(folder) == everything(from_the_start)
    assert [str(change) for change in run.changes] == ["time.a_end from 1 to 1.5"]
    assert dl.open_run(from_the_start).changes == ()
    monkeypatch.setattr("darklat.analysis.report._figures", lambda *_: "")  # they take seconds
    assert "Its configuration changed at a = 1, step 10: time.a_end from 1 to 1.5." in (
        run.report().read_text("utf-8")
    )


# ---- What is refused. ----


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ("name=other", "name: cannot be changed in a run that has begun: it is the name of the run"),
        ("model.couplings.XX=31", "model.couplings.XX: cannot be changed in a run that has begun"),
        ("lattice.sites=16", "lattice.sites: cannot be changed in a run that has begun: the fields"),
        ("lattice.precision=float32", "lattice.precision: cannot be changed"),
        ("initial.seed=2", "initial.seed: cannot be changed in a run that has begun: the run has"),
        ("time.courant=0.2", "time.courant: cannot be changed in a run that has begun: its steps"),
        ("time.scheme=rk4", "time.scheme: cannot be changed"),
        ("time.a_end=1", ""),
        ("time.a_end=0.9", "time.a_end: must be greater than 1, to which the run has come, found 0.9"),
        ("output.snapshots=[0.7, 0.8]", "output.snapshots: the run has come to a = 1, and a snapshot"),
        ("output.snapshots=[]", ""),
        ("output.series_intervall=1", "unknown key; did you mean series_interval?"),
    ],
)  # fmt: skip
def test_the_rest_is_refused_with_the_reason(folder: Path, override: str, reason: str) -> None:
    before = contents(folder)
    if not reason:
        assert resume(folder, override)
        return
    with pytest.raises(ConfigError) as caught:
        resume(folder, override)
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"--set {override}:1:")
    assert reason in str(problem)
    assert contents(folder) == before
    assert "FAILED" not in (folder / "run.log").read_text()


def test_every_refused_key_is_named_at_once(folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        resume(folder, LATER, "lattice.box=2", "initial.seed=7")
    assert len(caught.value.problems) == 2
    assert "a resume can change time.a_end, time.tau_end, output and checks" in str(caught.value)


def test_a_check_that_the_fields_fail_changes_nothing(folder: Path) -> None:
    before = contents(folder)
    with pytest.raises(ConfigError, match=r"energy_balance_max: the run would stop at once: the"):
        resume(folder, LATER, "checks.energy_balance_max=1e-9")
    assert contents(folder) == before


def test_a_table_that_ends_before_the_new_end_is_a_fault_of_it(
    config: Path, tmp_path: Path
) -> None:
    (tmp_path / "table.txt").write_text("0.4 3\n1.1 2\n")
    plasma = f"{{mass_eV: 1e-18, plasma: {{kind: table, file: {tmp_path}/table.txt}}}}"
    folder = run(config, tmp_path / "run", f"model.fields.X={plasma}", stop_after=4)
    with pytest.raises(ConfigError, match=r"^--set time.a_end=1.5:1:12: time.a_end: model.*short"):
        resume(folder, LATER)
    assert status([folder]).startswith(f"{folder}: stopped")
    assert resume(folder, "time.a_end=1.1")


@pytest.mark.parametrize("name", ["loop.save", "run_folder.write_config"])
def test_wherever_a_change_is_cut_short_a_resume_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The checkpoint is the moment of the change."""

    def refuse(*_: object) -> None:
        raise MachineError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(f"darklat.driver.changes.{name}", refuse)
        with pytest.raises(MachineError):
            resume(folder, LATER)
    assert not run_folder.is_finished(folder)
    assert resume(folder)
    with h5py.File(folder / "series.h5") as file:
        assert file["a"][-1] == (1.0 if name == "loop.save" else 1.5)


def test_a_change_that_is_lost_with_its_checkpoints_is_said(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert resume(folder, LATER)
    for path in sorted((folder / "checkpoints").glob("*.h5"))[1:]:
        path.write_bytes(path.read_bytes()[:-1])
    caplog.clear()
    assert resume(folder)
    assert (
        "step-000000000.h5 is from before a change of the configuration at step 10: time.a_end "
        "from 1 to 1.5. It is lost; give it again with --set"
    ) in caplog.text


def test_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["resume", str(folder), "--set", "lattice.sites=16"]) == 2
    assert (
        "--set lattice.sites=16:1:15: lattice.sites: cannot be changed" in capsys.readouterr().err
    )


def test_a_run_of_other_keys_names_the_command_that_changes_them(
    folder: Path, config: Path
) -> None:
    later = dl.load(config, [LATER, "output.snapshots=[0.7, 1.2]"])
    with pytest.raises(InputError) as caught:
        dl.run(later, out=folder)
    command = f"`darklat resume {folder} --set time.a_end=1.5 --set 'output.snapshots=[0.7, 1.2]'`"
    assert command in str(caught.value)
    with pytest.raises(InputError, match=r"Choose another folder \(--out\), or remove that one"):
        dl.run(dl.load(config, [LATER, "lattice.sites=10"]), out=folder)
    assert resume(folder, LATER, "output.snapshots=[0.7, 1.2]")
    assert dl.run(later, out=folder).finished


# ---- A folder without config.yaml. ----


def test_a_missing_config_is_written_again(config: Path, finished: Path, tmp_path: Path) -> None:
    folder = run(config, tmp_path / "run", stop_after=5)
    (folder / "config.yaml").unlink()
    assert status([folder]).startswith(f"{folder}: stopped")
    assert dl.run(dl.load(config), out=folder).finished
    assert contents(folder) == contents(finished)


# ---- Clocks. ----


def test_a_clock_goes_on_from_the_past_of_another(config: Path) -> None:
    past = plan.clock(dl.load(config))
    for override in (LATER, LIMITED, "time.a_end=0.8"):
        now = plan.continued(past, 4, dl.load(config, [override]))
        assert [now.tau(i) for i in range(5)] == [past.tau(i) for i in range(5)]
        times = [now.tau(i) for i in range(now.steps + 1)]
        assert np.all(np.diff(times) > 0) and np.max(np.diff(times)) < 0.05 + 1e-12
        assert times[-1] == pytest.approx(float(override.partition("=")[2]), rel=1e-15)
        assert Clock.of_table(now.table()) == now
    assert plan.continued(past, 4, dl.load(config, [LATER])) == plan.clock(dl.load(config, [LATER]))


def test_a_checkpoint_without_a_clock_is_read(
    config: Path, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: Callable[[Evolution], object] = Evolution.state

    def of_format_3(evolution: Evolution) -> object:
        state = whole(evolution)
        del state.arrays["clock"]  # type: ignore[attr-defined]
        return state

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "FORMAT", 3)
        patch.setattr(Evolution, "state", of_format_3)
        folder = run(config, tmp_path / "run", stop_after=5)
    assert resume(folder)
    assert everything(folder) == everything(finished)

"""`darklat refine`: a run folder that goes on from a checkpoint on a finer lattice."""

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
from darklat.driver.refining import refine_run
from darklat.driver.status import status
from darklat.errors import ConfigError, InputError, MachineError
from darklat.storage import checkpoint, events, hdf5, run_folder
from run_folders import contents

MINI = """
name: mini
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16}
  fields: {X: {role: dark}}
  couplings: {XX: 30}
lattice: {sites: 8, box: 1.0, order: 2}
time: {a_end: 1.2, courant: 0.4}
output: {series_interval: 0.1, spectra_interval: 0.25, series_also: {efolds_of_growth: 0.5}}
"""
FLUID = """
name: fluid
model:
  fields:
    X: {mass_eV: 1e-18, plasma: {kind: table, file: table.txt, profile: profile.h5}}
    Y: {mass_eV: 1e-18, plasma: {kind: pairs, charge: 0.5, fermion_mass_eV: 2, nu: 0.1}}
units: {hubble_eV: 1e-18}
lattice: {sites: 8, box: 20, order: 2}
initial: {kind: inflation, hubble_GeV: 1e13, a_start: 0.5}
time: {a_end: 3, courant: 0.05}
checks: {energy_balance_max: 0.5}
"""
STOP = 8


def resume(folder: Path, *overrides: str, stop_after: int | None = None) -> bool:
    return commands.resume(folder, overrides=overrides, backend="cpu", stop_after=stop_after)[1]


def refined(source: Path, out: Path, sites: int = 16, *overrides: str) -> Path:
    return refine_run(source, sites=sites, overrides=overrides, out=out, backend="cpu")[0]


def begun(text: str, folder: Path) -> Path:
    """A run that has come to step STOP."""
    config = folder / "config.yaml"
    config.write_text(text)
    commands.run(config, overrides=[], out=folder / "run", backend="cpu", stop_after=STOP)
    return folder / "run"


@pytest.fixture(scope="module")
def coarse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return begun(MINI, tmp_path_factory.mktemp("coarse"))


@pytest.fixture(scope="module")
def fresh(coarse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The refined run before its first step."""
    return refined(coarse, tmp_path_factory.mktemp("fine") / "run")


@pytest.fixture(scope="module")
def finished(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shutil.copytree(fresh, tmp_path_factory.mktemp("finished") / "run")
    assert resume(folder)
    return folder


# ---- The run goes on ----


def test_it_is_killed_and_resumed_to_the_same_bytes(
    fresh: Path, finished: Path, tmp_path: Path
) -> None:
    parts = shutil.copytree(fresh, tmp_path / "parts")
    assert not resume(parts, stop_after=12)
    assert not resume(parts, stop_after=16)
    newest = sorted((parts / "checkpoints").glob("*.h5"))[-1]
    newest.unlink()  # as a kill before it leaves the series of later
    assert resume(parts)
    assert contents(parts) == contents(finished)


def test_the_checkpoint_alone_is_enough_and_two_refinements_have_the_same_bytes(
    coarse: Path, fresh: Path, finished: Path, tmp_path: Path
) -> None:
    again = refined(coarse / "checkpoints" / f"step-{STOP:09d}.h5", tmp_path / "again")
    for name in ("series.h5", "spectra.h5", "config.yaml", f"checkpoints/step-{STOP:09d}.h5"):
        assert (again / name).read_bytes() == (fresh / name).read_bytes()
    for name in ("series.h5", "spectra.h5", "config.yaml", "events.jsonl"):
        (again / name).unlink()  # as a kill behind the checkpoint
    assert resume(again)
    assert contents(again) == contents(finished)


def test_the_series_goes_on_and_spectra_begin_anew(coarse: Path, finished: Path) -> None:
    before, after = dl.open_run(coarse), dl.open_run(finished)
    rows = len(before.series["a"])
    for name in ("tau", "r", "rho/X"):
        assert np.array_equal(after.series[name][:rows], before.series[name])
    assert after.a == pytest.approx(1.2) and np.all(np.diff(after.series["a"]) > 0)
    assert after.spectra["B_X_plus"].a[0] == pytest.approx(before.a)
    assert len(after.spectra["B_X_plus"].k) > len(before.spectra["B_X_plus"].k)
    assert np.max(np.abs(after.series["energy_balance"])) < 0.01
    (change,) = after.changes
    assert change.step == STOP and not change.same_steps
    assert dict(change.keys) == {"name": ("mini", "mini-16"), "lattice.sites": (8, 16)}


def test_the_record_says_where_the_state_comes_from(coarse: Path, fresh: Path) -> None:
    source = coarse / "checkpoints" / f"step-{STOP:09d}.h5"
    *_, last = events.read(fresh) or ()
    assert isinstance(last, events.Refined)
    assert last.source == str(source) and last.step == STOP
    assert (last.sites_before, last.sites) == (8, 16)
    log = (fresh / "run.log").read_text()
    assert f"refined    {source} at step 8" in log and "8^3 -> 16^3 sites" in log
    said = status([fresh])
    assert "stopped (refined, and not resumed yet)" in said and f"step {STOP} of" in said


def test_the_energy_that_is_stated_is_that_of_the_states(coarse: Path, fresh: Path) -> None:
    numbers = []
    for folder in (coarse, fresh):
        path = sorted((folder / "checkpoints").glob("*.h5"))[-1]
        numbers.append(checkpoint.read(path).state.numbers)
    *_, last = events.read(fresh) or ()
    assert isinstance(last, events.Refined)
    added = numbers[0]["spent"] - numbers[1]["spent"]
    row = dl.open_run(coarse).series
    energy = row["a"][-1] ** 4 * (row["rho/theta"][-1] + row["rho/X"][-1])
    assert last.added == pytest.approx(added / energy, rel=1e-9, abs=1e-15)
    assert numbers[0]["energy_start"] == numbers[1]["energy_start"]


def test_it_is_refined_again_and_to_a_later_end(fresh: Path, tmp_path: Path) -> None:
    folder = refined(fresh, tmp_path / "run", 18, "time.a_end=1.3", "time.courant=0.2")
    run = dl.open_run(folder)
    assert run.config.name == "mini-18" and run.config.time.a_end == 1.3
    assert [change.step for change in run.changes] == [STOP, STOP]
    assert not resume(folder, stop_after=12)
    assert resume(folder, "time.a_end=0.95")


def test_the_command_prints_the_report_and_analysis_reads_the_folder(
    coarse: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    without_pictures: None,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["refine", str(coarse), "--sites", "16", "--backend", "cpu"]) == 0
    said = capsys.readouterr().out
    for part in ("8^3 -> 16^3 sites", "rho/theta", "rho/X", "gauss/X", "all", "at cutoff",
                 "go on with: darklat resume runs/mini-16"):  # fmt: skip
        assert part in said
    assert cli.main(["analyze", "runs/mini-16"]) == 0
    assert cli.main(["report", "runs/mini-16"]) == 0
    assert "lattice.sites from 8 to 16" in Path("runs/mini-16/report.html").read_text()


def test_another_order_on_the_same_sites(coarse: Path, tmp_path: Path) -> None:
    folder, said = refine_run(coarse, order=4, out=tmp_path / "run", backend="cpu")
    assert "8^3 -> 8^3 sites" in said and "order 2 -> 4" in said
    run = dl.open_run(folder)
    assert run.config.name == "mini-order4" and run.config.lattice.order == 4
    parts = shutil.copytree(folder, tmp_path / "parts")
    assert not resume(parts, stop_after=12)
    assert resume(parts) and resume(folder)
    assert contents(parts) == contents(folder)
    assert np.all(dl.open_run(folder).series["gauss/X"] < 1e-14)


def test_python_refines_as_the_command_does(coarse: Path, fresh: Path, tmp_path: Path) -> None:
    run = dl.refine(dl.open_run(coarse), sites=16, out=tmp_path / "run", backend="cpu")
    for name in ("series.h5", "spectra.h5", "config.yaml", f"checkpoints/step-{STOP:09d}.h5"):
        assert (run.folder / name).read_bytes() == (fresh / name).read_bytes()
    assert not run.finished and run.config.lattice.sites == 16
    path, keys = coarse / "checkpoints" / f"step-{STOP:09d}.h5", {"time.courant": 0.2}
    other = dl.refine(path, order=6, overrides=keys, out=str(tmp_path / "other"), backend="cpu")
    assert (other.config.lattice.order, other.config.time.courant) == (6, 0.2)
    with pytest.raises(ConfigError, match=r"lattice\.sites: must be greater than 8, found 8"):
        dl.refine(coarse, sites=8, out=tmp_path / "same")
    with pytest.raises(ConfigError, match=r"lattice\.box: cannot be changed"):
        dl.refine(run, sites=18, overrides={"lattice.box": 2}, out=tmp_path / "same")
    assert not (tmp_path / "same").exists()


# ---- A plasma's files ----


@pytest.fixture(scope="module")
def fluid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a table, a profile, and a plasma of pairs."""
    folder = tmp_path_factory.mktemp("fluid")
    (folder / "table.txt").write_text("0.1 1\n10 1\n")
    with h5py.File(folder / "profile.h5", "w") as file:
        file["omega_p_squared"] = 1 + np.random.default_rng(1).random((8, 8, 8))
    return begun(FLUID, folder)


def test_a_plasma_has_its_table_and_its_refined_profile(fluid: Path, tmp_path: Path) -> None:
    folder = refined(fluid, tmp_path / "fine")
    for name in ("table.txt", "profile.h5"):
        (fluid.parent / name).rename(tmp_path / name)  # the copies count
    try:
        with h5py.File(folder / "inputs" / "X-plasma-profile.h5") as file:
            profile = file["omega_p_squared"][...]
        assert profile.shape == (16, 16, 16) and profile.mean() == pytest.approx(1)
        parts = shutil.copytree(folder, tmp_path / "parts")
        assert not resume(folder, stop_after=24)
        assert not resume(parts, stop_after=16) and not resume(parts, stop_after=24)
        name = "checkpoints/step-000000024.h5"
        assert hdf5_bytes(parts / name) == hdf5_bytes(folder / name)
        series = dl.open_run(folder).series
        for law in ("gauss/X", "gauss/Y", "lorenz/X", "lorenz/Y"):
            assert np.all(series[law] < 1e-14)
    finally:
        for name in ("table.txt", "profile.h5"):
            (tmp_path / name).rename(fluid.parent / name)


def hdf5_bytes(path: Path) -> bytes:
    return path.read_bytes()[checkpoint.SEAL_BYTES :]


def test_a_changed_copy_of_a_table_is_refused(fluid: Path, tmp_path: Path) -> None:
    run = shutil.copytree(fluid, tmp_path / "run")
    (run / "inputs" / "X-plasma-file.txt").write_text("0.1 2\n10 2\n")
    with pytest.raises(InputError, match=r"X-plasma-file.txt has changed since the checkpoint"):
        refined(run, tmp_path / "fine")
    assert not (tmp_path / "fine").exists()


# ---- Refusals ----


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--sites", "8"], "--set lattice.sites=8:1:15: lattice.sites: must be greater than 8"),
        (["--sites", "17"], "lattice.sites: must be an even integer from 8 to 1600, found 17"),
        (["--sites", "many"], "found the text 'many'"),
        (["--sites", "1600"], "lattice.sites: to refine to 1600^3 sites takes "),
        ([], "lattice.sites: must be greater than 8, found 8: the checkpoint is of that lattice"),
        (["--order", "2"], "must be greater than 8, found 8: the checkpoint is of that lattice"),
        (["--order", "3"], "--set lattice.order=3:1:15: lattice.order: must be an even integer"),
        (["--sites", "16", "--set", "lattice.box=2"], "1:13: lattice.box: cannot be changed"),
        (["--sites", "16", "--set", "model.couplings.XX=2"], "model.couplings.XX: cannot be"),
        (["--sites", "16", "--set", "time.courant=1.2"], "time.courant: 1.2 is unstable"),
        (["--sites", "16", "--set", "time.a_end=0.7"], "must be greater than 0.9"),
        (["--sites", "16", "--set", "bad"], "not of the form key=value"),
    ],
)
def test_nonsense_is_refused_where_it_stands(
    coarse: Path,
    tmp_path: Path,
    options: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    words = ["refine", str(coarse), "--out", str(out), "--backend", "cpu", *options]
    assert cli.main(words) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (damaged, "its bytes do not match the hash in its seal"),
        (lambda path: path.write_text("name: mini"), "is no checkpoint: give a file of"),
        (lambda path: path.unlink(), "cannot be read"),
    ],
)
def test_a_file_that_is_no_good_checkpoint_is_refused(
    coarse: Path, tmp_path: Path, spoil: Callable[[Path], object], said: str
) -> None:
    run = shutil.copytree(coarse, tmp_path / "run")
    path = sorted((run / "checkpoints").glob("*.h5"))[-1]
    spoil(path)
    with pytest.raises(InputError, match=said):
        refined(path, tmp_path / "fine")
    assert not (tmp_path / "fine").exists()


def test_the_end_of_a_run_needs_a_later_one(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"time.a_end: the checkpoint is at this end"):
        refined(finished, tmp_path / "fine", 18)
    refined(finished, tmp_path / "fine", 18, "time.a_end=1.3")


def test_a_folder_is_not_overwritten_and_a_full_disk_leaves_no_run(
    coarse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "precious").write_text("x")
    with pytest.raises(InputError, match="exists already"):
        refined(coarse, tmp_path / "mine")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk, pytest.raises(MachineError, match="No space left"):
        disk.setattr(hdf5, "create", full)
        refined(coarse, tmp_path / "full")
    assert not run_folder.has_begun(tmp_path / "full")
    assert resume(refined(coarse, tmp_path / "full"))


def test_the_configuration_does_not_seek_a_hand_over_again(tmp_path: Path) -> None:
    text = MINI + "initial: {linear_until: auto}\n"
    for old, new in (("a_end: 1.2", "a_end: 8"), ("XX: 30", "XX: 150"), ("1.0}", "0.4}")):
        text = text.replace(old, new)
    run = begun(text, tmp_path)
    folder = refined(run, tmp_path / "fine")
    with h5py.File(folder / "series.h5") as file:
        (change,) = json.loads(file.attrs["changes"])
        first = file["tau"][0]
    before, after = change["keys"]["initial.linear_until"]
    assert before == "auto" and first < after < dl.open_run(run).a
    assert not resume(folder, "time.a_end=8.5", stop_after=STOP + 4)

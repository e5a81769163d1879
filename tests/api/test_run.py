"""Runs in a folder from Python: begun, resumed, opened, and everything that a Run gives."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from matplotlib.figure import Figure

import darklat as dl
from darklat.analysis.numbers import analyse
from darklat.driver import commands
from darklat.errors import ConfigError, InputError
from darklat.storage.read_run import load_run
from run_folders import CONFIG, everything

SHORT = {"lattice.sites": 8, "lattice.box": 0.25, "time.a_end": 0.8}


def config_of(**more: object) -> dl.Config:
    return dl.loads(CONFIG, SHORT | more)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> dl.Run:
    return dl.run(config_of(), out=tmp_path_factory.mktemp("runs") / "whole", backend="cpu")


def stopped(folder: Path) -> Path:
    """An unfinished run of the same configuration."""
    path = folder.parent / "short.yaml"
    path.write_text(CONFIG)
    overrides = [f"{key}={value}" for key, value in SHORT.items()]
    _, ended = commands.run(path, overrides=overrides, out=folder, backend="cpu", stop_after=20)
    assert not ended
    return folder


def test_a_finished_run_is_only_opened(finished: dl.Run) -> None:
    before = {path: path.stat().st_mtime_ns for path in finished.folder.rglob("*")}
    again = dl.run(config_of(), out=str(finished.folder), backend="cpu")
    assert before == {path: path.stat().st_mtime_ns for path in finished.folder.rglob("*")}
    assert again.finished and again.summary == finished.summary and again.config == config_of()


@pytest.mark.parametrize("how", ["run", "resume"])
def test_an_unfinished_run_goes_on_to_the_same_bytes(
    how: str, finished: dl.Run, tmp_path: Path
) -> None:
    folder = stopped(tmp_path / "run")
    assert not dl.open_run(folder).finished
    if how == "run":
        run = dl.run(config_of(), out=folder, backend="cpu")
    else:
        run = dl.resume(folder, backend="cpu")
    assert run.finished and everything(folder) == everything(finished.folder)


def test_another_configuration_is_refused(finished: dl.Run) -> None:
    other = config_of(**{"model.couplings.XX": 80, "output.snapshots": []})
    with pytest.raises(InputError) as caught:
        dl.run(other, out=finished.folder)
    assert "model.couplings.XX is 100 there and 80 here" in str(caught.value)
    assert "output.snapshots is [0.7] there and [] here" in str(caught.value)
    assert "lattice.sites" not in str(caught.value)


@pytest.mark.parametrize("ended", [True, False])
def test_a_table_that_has_been_edited_since_is_refused(ended: bool, tmp_path: Path) -> None:
    table, folder = tmp_path / "plasma.txt", tmp_path / "run"
    table.write_text("0.1 1.0\n9.0 0.1\n")
    massive = {"mass_eV": 1e-18, "plasma": {"kind": "table", "file": str(table)}}
    config = config_of(**{"model.fields.X": massive})
    dl.run(config, out=folder, backend="cpu")
    if not ended:
        (folder / "summary.json").unlink()
    table.write_text("0.1 2.0\n9.0 0.1\n")
    with pytest.raises(InputError, match=r"model\.fields\.X\.plasma\.file: .* has changed since"):
        dl.run(config, out=folder, backend="cpu")
    table.unlink()
    with pytest.raises(InputError, match=r"plasma\.txt, which the run needs, cannot be read"):
        dl.run(config, out=folder, backend="cpu")


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"not overwritten\. Choose another folder \(--out\)"):
        dl.run(config_of(), out=tmp_path)
    with pytest.raises(InputError, match="not a run folder"):
        dl.open_run(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_configuration_that_cannot_be_run_is_refused_at_its_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r":\d+:\d+: time\.courant: 2 is unstable"):
        dl.run(config_of(**{"time.courant": 2}), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("how", ["run", "resume"])
def test_warnings_reach_a_script_that_has_set_up_no_logging(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log, folder = logging.getLogger("darklat"), tmp_path / "run"
    if how == "resume":
        stopped(folder)
    folder.mkdir(exist_ok=True)
    (folder / ".series.h5.1.tmp").touch()
    monkeypatch.setattr(log, "handlers", [])
    monkeypatch.setattr(log, "propagate", False)  # pytest has handlers of the root
    monkeypatch.setattr(log, "level", logging.NOTSET)
    if how == "resume":
        dl.resume(folder, backend="cpu")
    else:
        dl.run(config_of(), out=folder, backend="cpu")
    line = f"warning: removed {folder / '.series.h5.1.tmp'}, left by a killed process\n"
    said = capsys.readouterr().err
    assert said.startswith(f"{line}warning: spectrum of B_X: k = 32.1") and said.count("\n") == 2
    assert log.level == logging.NOTSET and log.handlers == []


def test_it_runs_in_a_thread(finished: dl.Run, tmp_path: Path) -> None:
    found: list[dl.Run] = []
    folder = tmp_path / "run"
    thread = threading.Thread(
        target=lambda: found.append(dl.run(config_of(), out=folder, backend="cpu"))
    )
    thread.start()
    thread.join()
    assert found[0].finished and everything(folder) == everything(finished.folder)


def test_an_interrupt_leaves_a_checkpoint_and_is_raised(tmp_path: Path) -> None:
    config = config_of(**{"time.a_end": 500})
    before = signal.getsignal(signal.SIGINT)

    def interrupt() -> None:
        while not list((tmp_path / "run").glob("checkpoints/step-*.h5")):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt, match="the run has stopped"):
        dl.run(config, out=tmp_path / "run", backend="cpu")
    thread.join()
    assert signal.getsignal(signal.SIGINT) is before
    assert not dl.open_run(tmp_path / "run").finished


@pytest.mark.parametrize("walltime", [0, -5, float("nan"), float("inf"), "60", True])
def test_a_walltime_that_cannot_be_is_refused(walltime: object, tmp_path: Path) -> None:
    for begin in (lambda **more: dl.run(config_of(), out=tmp_path / "run", **more),
                  lambda **more: dl.resume(tmp_path / "run", **more)):  # fmt: skip
        with pytest.raises(InputError, match=r"^walltime: must be a positive number of seconds"):
            begin(walltime=walltime)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"backend": "gpu"}, "there is no backend 'gpu'; choose auto, cpu, cuda"),
        ({"device": -1}, "device: must be an integer of at least 0, found -1"),
        ({"device": 0.5}, "device: must be an integer of at least 0, found 0.5"),
    ],
)
def test_a_backend_that_there_is_not_is_refused(
    arguments: dict, expected: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=expected):
        dl.run(config_of(), out=tmp_path / "run", **arguments)
    with pytest.raises(InputError, match=expected):
        dl.Simulation(config_of(), **arguments)
    assert not (tmp_path / "run").exists()


def test_a_name_in_place_of_a_configuration_is_refused() -> None:
    for begin in (dl.run, dl.Simulation):
        with pytest.raises(InputError, match=r"give a Config: dl\.load\('first_light'\)"):
            begin("first_light")
        with pytest.raises(InputError, match="not dict"):
            begin({"name": "first_light"})


def test_the_end_of_the_walltime_gives_the_unfinished_run(tmp_path: Path) -> None:
    config = config_of(**{"time.a_end": 500})
    run = dl.run(config, out=tmp_path / "run", backend="cpu", walltime=9)
    assert not run.finished and run.a > 0.5
    assert "of 500, checks: " in repr(run)


def test_its_line_says_name_reach_and_verdict(finished: dl.Run) -> None:
    """It is too short and its box too small for the peak of B_X."""
    assert repr(finished) == "<Run short: a = 0.8 of 0.8, checks: warn>"
    assert finished.verdict == "warn" and finished.a == pytest.approx(0.8)


def test_its_summary_and_its_analysis_judge_alike(finished: dl.Run) -> None:
    found, summary = analyse(load_run(finished.folder)), finished.summary
    assert summary is not None
    assert summary["untrusted"] == found.untrusted
    judged = {v.check: (v.status, v.number, v.limit) for v in found.verdicts}
    for check, one in summary["checks"].items():
        assert judged[check] == (one["verdict"], one["value"], one["limit"])
    assert summary["fields"]["X"] == asdict(found.end.fields["X"])
    assert (summary["dark_field"], summary["photon"]) == ("X", None)


def test_spectra_are_found_by_time(finished: dl.Run) -> None:
    spectrum = finished.spectra["B_X_plus"]
    now = spectrum.at(a=0.69)
    i = int(np.argmin(abs(spectrum.a - 0.69)))
    assert now.a == spectrum.a[i] == spectrum.at(tau=0.69).a
    np.testing.assert_array_equal(now.power, spectrum.power[i])
    with h5py.File(finished.folder / "spectra.h5") as file:
        assert now.mean_square == pytest.approx(
            float(np.sum(file["B_X_plus/power"][i] * file["B_X_plus/dlnk"][...])), rel=1e-14
        )
    assert repr(now).startswith("<B_X_plus at a = 0.7")
    for wrong in ({}, {"a": 0.7, "tau": 0.7}):
        with pytest.raises(InputError, match="B_X_plus: give a or tau"):
            spectrum.at(**wrong)
    with pytest.raises(InputError, match=r"nothing was recorded at a = 2; .* a = 0\.5 and 0\.8"):
        spectrum.at(a=2)


def test_in_a_static_background_moments_are_found_by_tau(finished: dl.Run) -> None:
    still = replace(finished.spectra["B_X_plus"], a=np.ones_like(finished.spectra["B_X_plus"].a))
    with pytest.raises(InputError, match="B_X_plus: a = 1 throughout; give tau"):
        still.at(a=1)
    assert still.at(tau=0.69).tau == finished.spectra["B_X_plus"].at(tau=0.69).tau


def test_snapshots_are_found_by_time(finished: dl.Run) -> None:
    snapshot = finished.snapshot(a=0.7)
    assert snapshot.a == pytest.approx(0.7, abs=0.01) and len(finished.snapshots) == 1
    assert snapshot["theta"].shape == (8, 8, 8) and set(snapshot) >= {"theta", "E_X_x", "X_X_z"}
    (row,) = np.flatnonzero(np.isclose(finished.series["a"], snapshot.a))
    assert snapshot["theta"].mean() == pytest.approx(finished.series["theta_mean"][row])
    with pytest.raises(KeyError, match="the snapshot has"):
        snapshot["phi"]
    with pytest.raises(InputError, match="nothing was recorded at a = 3"):
        finished.snapshot(a=3)


def test_a_run_without_snapshots_says_so(finished: dl.Run, tmp_path: Path) -> None:
    shutil.copytree(finished.folder, tmp_path / "run", ignore=shutil.ignore_patterns("snapshots"))
    with pytest.raises(InputError, match="has no snapshots"):
        dl.open_run(tmp_path / "run").snapshot(a=0.7)


def test_figures_are_drawn_for_a_notebook(finished: dl.Run) -> None:
    figures = finished.figures
    for draw in (figures.series, figures.spectra, figures.checks, figures.energies):
        figure = draw()
        assert isinstance(figure, Figure)
    assert figure._repr_png_().startswith(b"\x89PNG")
    with pytest.raises(InputError, match="has no data for this figure"):
        figures.photon_spectra()
    assert "series" in repr(figures) and "_drawn" not in repr(figures)


@pytest.mark.usefixtures("without_pictures")
def test_the_report_is_where_it_says(finished: dl.Run, tmp_path: Path) -> None:
    assert finished.report(out=tmp_path / "r.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_xarray_has_names_and_units(finished: dl.Run) -> None:
    xarray = pytest.importorskip("xarray")
    tree = finished.to_xarray()
    assert isinstance(tree, xarray.DataTree)
    for name, column in finished.series.items():
        variable = tree[f"series/{name}"]
        assert variable.dims == ("tau",) and variable.attrs["units"]
        np.testing.assert_array_equal(variable.values, column)
    assert tree["series/rho/X"].attrs == {
        "units": "f^2/tau_osc^2", "long_name": "mean energy density of X",
    }  # fmt: skip
    power = tree["spectra/B_X_plus"]
    assert power.dims == ("tau", "k") and power.coords["a"].dims == ("tau",)
    np.testing.assert_array_equal(power.values, finished.spectra["B_X_plus"].power)
    at = power.sel(tau=0.69, method="nearest")
    np.testing.assert_array_equal(at.values, finished.spectra["B_X_plus"].at(tau=0.69).power)
    mean_square = (power * power.dlnk).sum("k") + tree["spectra/B_X_plus_zero"]
    assert float(mean_square[-1]) == pytest.approx(
        finished.spectra["B_X_plus"].at(a=0.8).mean_square
    )


def test_without_xarray_the_error_says_how_to_get_it(finished: dl.Run) -> None:
    script = (
        "import sys; sys.modules['xarray'] = None; import darklat\n"
        f"run = darklat.open_run({str(finished.folder)!r})\n"
        "try: run.to_xarray()\n"
        "except darklat.errors.InputError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "pip install 'darklat[xarray]'" in done.stdout

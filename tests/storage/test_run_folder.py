"""Run folders: what is in them, that a stopped run goes on to the same bytes, and that damage is noticed."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat.driver import commands
from darklat.storage import checkpoint, hdf5
from run_folders import CONFIG, contents, everything, run_on_threads


@pytest.fixture(scope="module")
def config_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "short.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture(scope="module")
def whole(config_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run without interruption."""
    folder, finished = commands.run(
        config_path, overrides=[], out=tmp_path_factory.mktemp("runs") / "whole", backend="cpu"
    )
    assert finished
    return folder


def test_a_run_folder_has_what_the_documentation_says(whole: Path) -> None:
    names = {p.name for p in whole.iterdir()}
    assert {
        "config.yaml",
        "series.h5",
        "spectra.h5",
        "checkpoints",
        "snapshots",
        "run.log",
        "summary.json",
    } <= names
    with h5py.File(whole / "series.h5") as file:
        lengths = {d.shape for _, d in hdf5.datasets(file)}
        assert len(lengths) == 1 and len(next(iter(lengths))) == 1
        assert {
            "tau",
            "a",
            "r",
            "epsilon",
            "energy_balance",
            "theta_mean",
            "theta_rms",
            "power_at_cutoff",
        } <= set(file)
        assert {"rho/theta", "rho/X", "gauss/X"} <= {name for name, _ in hdf5.datasets(file)}
        assert "b" not in file  # no photon
        for _, dataset in hdf5.datasets(file):
            assert dataset.attrs["units"] and dataset.attrs["description"]
        for key in (
            "darklat_version",
            "config",
            "host",
            "device",
            "library_versions",
            "format_version",
        ):
            assert key in file.attrs
        assert file["a"][0] == 0.5 and file["a"][-1] == pytest.approx(1.5, rel=1e-14)
    with h5py.File(whole / "spectra.h5") as file:
        assert set(file) == {"theta", "B_X_plus", "B_X_minus", "E_X_plus", "E_X_minus", "E_X_long"}
        for group in file.values():
            assert group["power"].shape == (group["tau"].size, group["k"].size)
            assert group["zero"].shape == group["tau"].shape
    summary = json.loads((whole / "summary.json").read_text())
    assert {
        "r", "epsilon", "a_saturation", "k_peak", "coherence_length_kpc", "B_X_today_gauss", "omega_phi_h2", "delta_neff",
        "gauss_max", "energy_balance_max", "wall_seconds", "site_steps_per_second", "rhs_per_second", "backend", "version",
    } <= set(summary)  # fmt: skip
    assert summary["r"] == pytest.approx(1.0, abs=1e-3)  # nothing has been produced yet
    assert list((whole / "checkpoints").glob(".*")) == []  # no temporary files left


def test_snapshots_open_through_their_xdmf_file(whole: Path) -> None:
    (sidecar,) = (whole / "snapshots").glob("step-*.xdmf")
    grid = ET.parse(sidecar).getroot().find("Domain/Grid")
    assert grid is not None
    names = []
    for attribute in grid.findall("Attribute"):
        item = attribute.find("DataItem")
        assert item is not None and item.text is not None
        file, _, dataset = item.text.strip().partition(":/")
        with h5py.File(sidecar.parent / file) as data:
            assert item.get("Dimensions") == " ".join(map(str, data[dataset].shape))
            names.append(dataset)
    assert names == ["theta", "theta_prime", *(f"{f}_X_{axis}" for f in "EX" for axis in "xyz")]
    time = grid.find("Time")
    assert (
        time is not None and abs(float(time.get("Value", "nan")) - 0.7) < 0.003
    )  # the nearest step


@pytest.mark.parametrize("stops", [(37,), (1, 2, 90)])
def test_a_stopped_run_resumes_to_the_same_bytes(
    whole: Path, config_path: Path, tmp_path: Path, stops: tuple[int, ...]
) -> None:
    folder, finished = commands.run(
        config_path, overrides=[], out=tmp_path / "parts", backend="cpu", stop_after=stops[0]
    )
    assert not finished
    for stop in (*stops[1:], None):
        _, finished = commands.resume(folder, backend="cpu", stop_after=stop)
    assert finished
    assert everything(folder) == everything(whole)
    assert contents(folder) == contents(whole)


def test_a_run_whose_step_changes_resumes_to_the_same_bytes(
    config_path: Path, tmp_path: Path
) -> None:
    # dx = 1: a m dt limits the step from a = 0.83 on
    overrides = ["lattice.box=16", "output.snapshots=[1.2]", "output.series_interval=0.3"]
    whole, _ = commands.run(config_path, overrides=overrides, out=tmp_path / "w", backend="cpu")
    with h5py.File(whole / "series.h5") as file:
        assert len(set(np.round(np.diff(file["a"][...]), 9))) > 1
    parts, finished = commands.run(
        config_path, overrides=overrides, out=tmp_path / "p", backend="cpu", stop_after=3
    )
    assert not finished
    commands.resume(parts, backend="cpu")
    assert everything(parts) == everything(whole)


@pytest.mark.parametrize("scheme", ["strang", "rk46nl"])
def test_bytes_do_not_depend_on_the_number_of_threads(
    config_path: Path, tmp_path: Path, scheme: str
) -> None:
    overrides = [f"time.scheme={scheme}", "time.a_end=0.8"]
    for threads in (1, 2):
        run_on_threads(threads, config_path, tmp_path / str(threads), *overrides)
    assert everything(tmp_path / "1") == everything(tmp_path / "2")


def stopped(config_path: Path, folder: Path, *steps: int) -> Path:
    commands.run(config_path, overrides=[], out=folder, backend="cpu", stop_after=steps[0])
    for step in steps[1:]:
        commands.resume(folder, backend="cpu", stop_after=step)
    return folder


def test_resume_takes_the_newest_checkpoint_that_verifies_and_says_which_it_rejects(
    whole: Path, config_path: Path, tmp_path: Path
) -> None:
    folder = stopped(config_path, tmp_path / "run", 16, 32)
    newest = checkpoint.path_of(folder / "checkpoints", 32)
    damaged = bytearray(newest.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    newest.write_bytes(damaged)
    _, finished = commands.resume(folder, backend="cpu")
    assert finished
    log = (folder / "run.log").read_text()
    assert "REJECTED checkpoint step-000000032.h5" in log
    assert "resuming from step-000000016.h5, step 16" in log
    assert everything(folder) == everything(whole)


def test_old_checkpoints_are_removed(config_path: Path, tmp_path: Path) -> None:
    folder = stopped(config_path, tmp_path / "run", 8, 16, 24, 32, 40)
    kept = sorted(p.name for p in (folder / "checkpoints").glob("*.h5"))
    assert kept == [f"step-{s:09d}.h5" for s in (24, 32, 40)]


def test_a_run_from_a_file_continues_another_run_s_physics(
    config_path: Path, tmp_path: Path
) -> None:
    """theta, theta', X and E of a step, written by hand as `kind: file` takes them, start the same evolution."""
    folder = stopped(config_path, tmp_path / "run", 32)
    state = checkpoint.read(checkpoint.path_of(folder / "checkpoints", 32)).state
    from models import simulation

    sim = simulation(text=CONFIG)
    sim.restore(state)
    sim.lattice.update_electric()
    start = tmp_path / "start.h5"
    with h5py.File(start, "w") as file:
        file["theta"] = sim.lattice.theta
        file["theta_prime"] = sim.lattice.pi / sim.a**2
        file["X/X"] = np.array(sim.lattice.X[0])
        file["E/X"] = np.array(sim.lattice.E[0])
    out, finished = commands.run(
        config_path,
        overrides=[
            "initial.kind=file", f"initial.file={start}", f"initial.a_start={sim.a!r}", "output.snapshots=[]",
        ],
        out=tmp_path / "from_file",
        backend="cpu",
    )  # fmt: skip
    assert finished
    with h5py.File(out / "series.h5") as a, h5py.File(folder / "series.h5") as _:
        assert a["a"][0] == sim.a
        rho = a["rho/X"][-1]
    commands.resume(folder, backend="cpu")
    with h5py.File(folder / "series.h5") as file:
        # The remaining span is cut into as many equal steps up to rounding; growth by 1e10 amplifies it a little.
        assert rho == pytest.approx(file["rho/X"][-1], rel=1e-6)


def test_an_initial_file_that_does_not_fit_is_refused_and_leaves_nothing(
    config_path: Path, tmp_path: Path
) -> None:
    start = tmp_path / "start.h5"
    with h5py.File(start, "w") as file:
        file["theta"] = np.zeros((8, 8, 8))
    with pytest.raises(commands.ConfigError, match=r"initial.file: .*theta has shape \(8, 8, 8\)"):
        commands.run(
            config_path,
            overrides=["initial.kind=file", f"initial.file={start}"],
            out=tmp_path / "x",
            backend="cpu",
        )
    assert not (tmp_path / "x").exists()


def test_moving_a_run_folder_does_not_hurt_it(config_path: Path, tmp_path: Path) -> None:
    folder = stopped(config_path, tmp_path / "run", 8)
    shutil.move(folder, tmp_path / "elsewhere")
    _, finished = commands.resume(tmp_path / "elsewhere", backend="cpu", stop_after=5)
    assert not finished

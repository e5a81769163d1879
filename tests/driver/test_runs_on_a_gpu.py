"""Runs on a GPU, emulated or real: resumed to the same bits, and by the CPU to rounding."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

import darklat as dl
from darklat.driver import commands
from run_folders import CONFIG, everything

SHORT = {"lattice.sites": 8, "lattice.box": 0.25, "time.a_end": 0.75, "time.courant": 0.5}


def config_in(folder: Path) -> Path:
    path = folder / "short.yaml"
    path.write_text(CONFIG)
    return path


def begun(folder: Path, choice: str, stop_after: int | None = None) -> Path:
    """The folder of a run, which ends before its end where a step is given."""
    folder.mkdir()
    overrides = [f"{key}={value}" for key, value in SHORT.items()]
    out, _ = commands.run(
        config_in(folder), overrides=overrides, out=folder / "run", backend=choice,
        stop_after=stop_after,
    )  # fmt: skip
    return out


@pytest.fixture(scope="module")
def whole(gpu_choice: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return begun(tmp_path_factory.mktemp("runs") / "whole", gpu_choice)


def test_a_resumed_run_has_the_same_bytes(whole: Path, gpu_choice: str, tmp_path: Path) -> None:
    folder = begun(tmp_path / "parts", gpu_choice, stop_after=6)
    assert commands.resume(folder, backend=gpu_choice) == (folder, True)
    assert everything(folder) == everything(whole)
    assert "bits of the result will differ" not in (folder / "run.log").read_text()


@pytest.mark.parametrize("first", ["cpu", "gpu"])
def test_a_run_changes_its_backend(
    first: str, whole: Path, gpu_choice: str, tmp_path: Path
) -> None:
    order = ("cpu", gpu_choice) if first == "cpu" else (gpu_choice, "cpu")
    folder = begun(tmp_path / "parts", order[0], stop_after=6)
    commands.resume(folder, backend=order[1])
    assert "bits of the result will differ, by rounding" in (folder / "run.log").read_text()
    with h5py.File(folder / "series.h5") as mixed, h5py.File(whole / "series.h5") as pure:
        for name in ("r", "epsilon", "rho/theta", "rho/X", "theta_mean"):
            # sixteen steps: some thousand roundings, which the growth of modes hardly amplifies
            np.testing.assert_allclose(mixed[name][()], pure[name][()], rtol=1e-11)


def test_a_simulation_in_memory_is_the_run_of_the_command(whole: Path, gpu_choice: str) -> None:
    simulation = dl.Simulation(dl.loads(CONFIG, SHORT), backend=gpu_choice)
    simulation.run()
    run = dl.open_run(whole)
    for name, column in simulation.series.items():
        assert column.tobytes() == run.series[name].tobytes()
    for name, spectrum in simulation.spectra.items():
        np.testing.assert_array_equal(spectrum.power, run.spectra[name].power)
    now = simulation.spectra_now()["B_X_plus"]
    assert now.power.shape == simulation.spectra["B_X_plus"].power[-1].shape
    assert simulation.row_now()["tau"] == simulation.tau
    assert simulation.X("X").shape == simulation.E("X").shape == (3, 8, 8, 8)

"""Runs that end at a scale factor which their fields move: `time.a_end` in a background of kind
friedmann."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

import darklat as dl
from darklat import cli
from darklat.driver import commands, run_status
from darklat.errors import ConfigError
from darklat.lattice import plan
from darklat.physics.friedmann import Alp, Fluid, Friedmann
from run_folders import contents

# f is 0.5 M_Pl: a fifth of the energy at the end.
RUN = """
name: heavy
model:
  alp: {mass_eV: 1e-17, f_GeV: 1.2e18}
  fields: {X: {role: dark}}
  couplings: {XX: 30}
background: {kind: friedmann}
lattice: {sites: 8, box: 1.0, order: 2}
time: {a_end: 1.2, courant: 0.2}
output: {series_interval: 0.1, spectra_interval: 0.25, snapshots: [0.8, 1.2], gravitational_waves: {}}
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "heavy.yaml"
    path.write_text(RUN)
    return path


@pytest.fixture(scope="module")
def whole(config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "whole"
    commands.run(config, overrides=[], out=folder, backend="cpu")
    return folder


def scale_factors(folder: Path) -> np.ndarray:
    with h5py.File(folder / "series.h5") as file:
        return file["a"][...]


def test_radiation_and_fluids_alone_come_to_an_end_last() -> None:
    fluids = (Fluid(0.0, 0.3),)
    heavy, alone = Friedmann(2.0, fluids, Alp(3.0, 1.0, "quadratic")), Friedmann(2.0, fluids)
    exact = [float(history.tau_of(4.0)) for history in (heavy, alone)]
    latest = [history.latest(4.0, since=0.5) for history in (heavy, alone)]
    assert exact[0] < latest[0] < 1.1 * exact[0]
    assert latest[1] == pytest.approx(exact[1], rel=1e-12)


def test_a_run_ends_at_the_first_step_at_its_end(whole: Path, config: Path) -> None:
    planned = plan.clock(dl.load(config))
    state, a = run_status.examine(whole, {}, verify=False), scale_factors(whole)
    assert state.state == "finished"
    assert state.reached.step == state.reached.steps < planned.steps
    step = planned.dt(planned.steps)
    assert 1.2 <= a[-1] < 1.2 + 1.5 * step  # a' is 1.2
    assert a[-2] < 1.2
    log = (whole / "run.log").read_text()
    assert f"step {state.reached.step}/{state.reached.step}  100.0%" in log
    *_, last = sorted((whole / "snapshots").glob("step-*.h5"))
    assert last.stem == f"step-{state.reached.step:09d}"


def test_a_run_that_stopped_ends_at_the_same_step(
    whole: Path, config: Path, tmp_path: Path
) -> None:
    commands.run(config, overrides=[], out=tmp_path / "run", backend="cpu", stop_after=9)
    commands.resume(tmp_path / "run", backend="cpu")
    assert contents(tmp_path / "run") == contents(whole)


def test_the_end_moves_on_and_not_back(whole: Path, tmp_path: Path) -> None:
    """From the scale factor of the run, which the history without gauge fields does not have."""
    folder = shutil.copytree(whole, tmp_path / "run")
    reached = scale_factors(folder)[-1]
    with pytest.raises(ConfigError, match=re.escape(f"greater than {reached:.10g}")):
        commands.resume(folder, overrides=["time.a_end=1.21"], backend="cpu")
    commands.resume(folder, overrides=["time.a_end=1.4"], backend="cpu")
    a = scale_factors(folder)
    np.testing.assert_array_equal(a[: len(scale_factors(whole))], scale_factors(whole))
    assert 1.4 <= a[-1] < 1.5
    assert run_status.examine(folder, {}, verify=False).state == "finished"


def test_the_largest_number_of_steps_is_said(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["validate", str(config), "--backend", "cpu"]) == 0
    assert (
        f"steps      at most {plan.clock(dl.load(config)).steps} of dt" in capsys.readouterr().out
    )


def test_a_simulation_in_memory_runs_until_its_own_a(config: Path) -> None:
    simulation = dl.Simulation(dl.load(config), backend="cpu")
    simulation.run(until_a=0.9)
    assert 0.9 <= simulation.a < 1.1
    simulation.run()
    assert simulation.finished and 1.2 <= simulation.a < 1.25

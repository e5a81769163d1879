"""Runs with the photon in its plasma: what is written, what is kept, and to which bytes it resumes."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat.driver import commands
from darklat.lattice.evolution import Evolution
from models import simulation
from run_folders import everything, run_on_threads

CONFIG = """
name: photon
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16}
  fields:
    A: {role: photon, conductivity: {kind: thomson, electrons_per_photon: 6e-10}}
    X: {role: dark}
  couplings: {XX: 100, AX: 1}
lattice: {sites: 16, box: 0.5, order: 2}
time: {a_end: 1.2}
output: {series_interval: 0.1, spectra_interval: 0.3}
"""


@pytest.fixture(scope="module")
def config_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photon") / "photon.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture(scope="module")
def whole(config_path: Path) -> Path:
    folder, finished = commands.run(
        config_path, overrides=[], out=config_path.parent / "whole", backend="cpu"
    )
    assert finished
    return folder


def test_the_photon_is_in_every_output(whole: Path) -> None:
    with h5py.File(whole / "series.h5") as file:
        assert {"b", "rho/A", "rho/X", "gauss/A", "gauss/X"} <= set(everything_in(file))
        assert np.all(file["b"][:] > 0)
        expected = np.sqrt(file["rho/A"][:] / file["rho/X"][:])  # g_AX = 1
        np.testing.assert_allclose(file["b"][:], expected, rtol=1e-15)
    with h5py.File(whole / "spectra.h5") as file:
        assert {"B_A_plus", "B_A_minus", "E_A_plus", "E_A_minus", "E_A_long"} <= set(file)
    summary = json.loads((whole / "summary.json").read_text())
    assert summary["b"] > 0 and summary["B_today_gauss"] > 0
    assert -1 <= summary["helicity_B_A"] <= 1


def everything_in(file: h5py.File) -> list[str]:
    names: list[str] = []
    file.visit(names.append)
    return names


@pytest.mark.parametrize("stops", [(41,), (1, 2, 70)])
def test_it_resumes_to_the_same_bytes(
    whole: Path, config_path: Path, tmp_path: Path, stops: tuple[int, ...]
) -> None:
    folder, _ = commands.run(
        config_path, overrides=[], out=tmp_path / "parts", backend="cpu", stop_after=stops[0]
    )
    for stop in (*stops[1:], None):
        _, finished = commands.resume(folder, backend="cpu", stop_after=stop)
    assert finished
    assert everything(folder) == everything(whole)


def test_its_bytes_do_not_depend_on_the_number_of_threads(
    whole: Path, config_path: Path, tmp_path: Path
) -> None:
    for threads in (1, 2):
        run_on_threads(threads, config_path, tmp_path / str(threads))
        assert everything(tmp_path / str(threads)) == everything(whole)


def run_to_the_end(*overrides: str) -> Evolution:
    sim = simulation("time.a_end=6", *overrides, text=CONFIG)
    sim.start()
    while sim.done < sim.clock.steps:
        sim.step()
        sim.record()
    return sim


def test_through_back_reaction() -> None:
    """Gauss's law of both fields. The photon's vacuum is as strong as X's and seeds it too, with g_AX;
    where that is weak, b, a linear response, is the same for any g_AX, half as large with twice the
    electrons, and X is what it is alone."""
    weak, weaker, twice, alone = (
        run_to_the_end(*overrides)
        for overrides in (
            ("model.couplings.AX=1e-8",),
            ("model.couplings.AX=1e-9",),
            (
                "model.couplings.AX=1e-9",
                "model.fields.A.conductivity.electrons_per_photon=1.2e-9",
            ),
            ("model.couplings.AX=0",),
        )
    )
    assert weak.series["epsilon"][-1] > 1  # it has reacted back
    for field in "AX":
        assert np.max(weak.series[f"gauss/{field}"]) < 1e-13
    late = weak.series["tau"] > 5  # before, B_A is its frozen vacuum, which knows nothing of g_AX
    # relative changes of X are of order g_AX g_XX
    for other, share in ((weaker, 1.0), (twice, 0.5)):
        ratio = other.series["b"][late] / weak.series["b"][late]
        np.testing.assert_allclose(ratio, share, rtol=1e-5)
    np.testing.assert_allclose(alone.series["rho/X"], weak.series["rho/X"], rtol=1e-5)
    assert "b" not in alone.series.columns


def test_the_free_photon_is_stepped_with_the_other_fields() -> None:
    sim = simulation("model.fields.A.conductivity=null", "time.a_end=0.6", text=CONFIG)
    assert sim.lattice.conductor is None and sim.letters == ("A", "X")
    assert simulation(text=CONFIG).letters == ("X", "A")  # the conducting one last

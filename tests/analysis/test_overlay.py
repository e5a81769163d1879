"""Several runs in one figure, and averages over their seeds."""

from __future__ import annotations

import csv
from pathlib import Path

import h5py
import numpy as np
import pytest

import darklat as dl
from darklat.analysis import overlay, symbols
from darklat.analysis.scan import load_scan
from darklat.analysis.scan_results import figure_scan, scan
from darklat.physics.units import UnitNames
from synthetic_run import CONFIG, PHOTON, ROWS, columns, make_photon_run, make_run, replace_series

EPSILONS = {100: (3.0, 4.0, 8.0), 50: (1.0, 3.0)}
"""Last epsilon of the seeds 1, 2, 3 by coupling."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """epsilon and spectra scale with the last epsilon of each."""
    folder = tmp_path_factory.mktemp("seeds")
    found = []
    epsilon = columns(np.linspace(0.5, 30, ROWS))["epsilon"]
    for coupling, values in EPSILONS.items():
        for seed, value in enumerate(values, start=1):
            config = CONFIG.replace("XX: 100.0", f"XX: {coupling}") + f"initial: {{seed: {seed}}}\n"
            run = make_run(folder / f"{coupling}-{seed}", config=config)
            replace_series(run, epsilon=epsilon * value / 4)
            with h5py.File(run / "spectra.h5", "a") as file:
                for sign in ("plus", "minus"):
                    file[f"B_X_{sign}/power"][...] *= value
            found.append(run)
    return found


def test_mean_scatter_and_error_over_seeds(runs: list[Path]) -> None:
    found = dl.scan(runs).over_seeds("epsilon")
    np.testing.assert_array_equal(found["model.couplings.XX"], [50, 100])
    np.testing.assert_array_equal(found["seeds"], [2, 3])
    np.testing.assert_allclose(found["mean"], [2, 5])
    # sqrt(((3-5)^2 + (4-5)^2 + (8-5)^2)/2) = sqrt 7, and sqrt(((1-2)^2 + (3-2)^2)/1) = sqrt 2
    np.testing.assert_allclose(found["scatter"], [np.sqrt(2), np.sqrt(7)])
    np.testing.assert_allclose(found["error"], [1, np.sqrt(7 / 3)])
    with pytest.raises(KeyError, match="the observables are r, epsilon"):
        dl.scan(runs).over_seeds("a, last")


def test_curves_and_spectra_are_means_in_their_scatter(runs: list[Path]) -> None:
    found = overlay.load_overlay(runs)
    labels = [curves.label for curves in found.curves]
    assert labels == ["$g_{XX} = 100$ (3 seeds)", "$g_{XX} = 50$ (2 seeds)"]
    epsilon = columns(np.linspace(0.5, 30, ROWS))["epsilon"]
    band = found.curves[0].series["epsilon"]
    np.testing.assert_allclose(band.mean, 5 * epsilon / 4)
    np.testing.assert_allclose(band.scatter, np.sqrt(7) * epsilon / 4)
    spectrum = found.curves[1].spectrum
    assert spectrum is not None
    np.testing.assert_allclose(spectrum.scatter, spectrum.mean * np.sqrt(2) / 2, atol=1e-30)
    for figure in (dl.scan(runs).curves(), dl.scan(runs).spectra()):
        for panel in figure.axes:
            assert len(panel.lines) == 2 and len(panel.collections) == 2


def test_against_the_seed_mean_scatter_and_error_are_drawn(runs: list[Path]) -> None:
    panel = figure_scan(load_scan(runs[:3])).axes[1]
    assert panel.lines[1].get_ydata()[0] == pytest.approx(5)
    halves = [span.get_height() / 2 for span in panel.patches]
    assert halves == pytest.approx([np.sqrt(7), np.sqrt(7 / 3)])
    label = panel.figure.axes[-1].get_xlabel()
    assert "seed" in label


def test_files_and_table_of_seeds(runs: list[Path], tmp_path: Path) -> None:
    text = scan(runs, out=tmp_path)
    assert "XX = 100, 3 seeds at a = 30: mean +- scatter (error of the mean)" in text
    assert "epsilon = 5 +- 2.6 (1.5)" in text
    with (tmp_path / "seeds.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["epsilon scatter"]) for row in rows] == pytest.approx([2**0.5, 7**0.5])
    with (tmp_path / "curves.csv").open(newline="") as file:
        last = list(csv.DictReader(file))[-1]
    assert (last["curve"], float(last["a"])) == ("2.0", 30)
    assert float(last["epsilon mean"]) == pytest.approx(2)


@pytest.mark.usefixtures("without_pictures")
def test_unrelated_runs_are_drawn_together(tmp_path: Path) -> None:
    """They differ in many keys, and one has no photon; twice the same is no sample of seeds."""
    one = make_run(tmp_path / "one", config=CONFIG.replace("XX: 100.0", "XX: 50.0"), rows=400)
    other = make_photon_run(
        tmp_path / "other", config=PHOTON.replace("name: synthetic", "name: photon")
    )
    found = overlay.load_overlay([one, other])
    assert [curves.label for curves in found.curves] == ["synthetic", "photon"]
    assert found.columns == ("r", "epsilon", "b")
    same = make_run(tmp_path / "same", config=CONFIG.replace("XX: 100.0", "XX: 50.0"))
    text = scan([one, same], out=tmp_path / "out")
    assert "2 runs, without a table: the runs do not differ in any parameter" in text
    assert (tmp_path / "out" / "curves.png").is_file()
    assert not (tmp_path / "out" / "scan.png").exists()
    lines = overlay.figure_curves(overlay.load_overlay([one, same])).axes[0].lines
    assert [line.get_label() for line in lines] == ["one", "same"]
    assert len(lines[0].get_xdata()) == 400


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("model.alp.mass_eV", r"$m\ \ [\mathrm{eV}]$"),
        ("model.couplings.AX", "$g_{AX}$"),
        ("model.fields.Y.mass_eV", r"$m_{Y}\ \ [\mathrm{eV}]$"),
        ("model.fields.X.plasma.omega_p", r"$\omega_{p,X}\ \ [1/\tau_\mathrm{osc}]$"),
        ("lattice.box", r"$L\ \ [\tau_\mathrm{osc}]$"),
        ("time.scheme", r"$\mathrm{time.scheme}$"),
        ("checks.gauss_max", r"$\mathrm{checks.gauss\_max}$"),
    ],
)
def test_axes_have_symbols_and_units(key: str, label: str) -> None:
    assert symbols.of_key(key, UnitNames()).axis == label


def test_columns_have_symbols_and_units() -> None:
    def axis(name: str, *, alp: bool = True) -> str:
        return symbols.of_column(name, UnitNames(alp=alp), dark="Y").axis

    assert axis("epsilon") == r"$\epsilon_{Y}$"
    assert axis("rho/X_plasma", alp=False) == r"$\rho_{X,\,\mathrm{plasma}}\ \ [1/\tau_*^4]$"

"""Gravitational waves of a run in its table, its figures and its report, and beside sensitivity
curves."""

from __future__ import annotations

import csv
from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat import cli
from darklat.analysis.analyze import analyze
from darklat.analysis.numbers import analyse
from darklat.analysis.report import report
from darklat.analysis.wave_detection import largest_ratio
from darklat.analysis.wave_figure import figure_waves
from darklat.storage.read_run import load_run
from darklat.storage.sensitivity_curves import SensitivityCurve

FILE = Path(__file__).parents[1] / "data" / "gw_source_16.h5"
CONFIG = f"""
name: waves
model:
  alp: {{mass_eV: 1e-17, f_GeV: 1e16}}
  fields: {{X: {{role: dark}}}}
  couplings: {{XX: 2}}
lattice: {{sites: 16, box: 1, order: 2}}
initial: {{kind: file, file: {FILE}, a_start: 2}}
time: {{a_end: 2.2}}
output: {{spectra_interval: 0.1, gravitational_waves: {{}}}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("waves")
    (place / "waves.yaml").write_text(CONFIG)
    assert (
        cli.main(
            ["run", str(place / "waves.yaml"), "--out", str(place / "run"), "--backend", "cpu"]
        )
        == 0
    )
    return place / "run"


def test_the_numbers_of_the_waves(folder: Path) -> None:
    run = load_run(folder)
    waves = analyse(run).waves
    assert waves is not None
    assert waves.omega == pytest.approx(run.series["omega_gw"][-1], rel=1e-12, abs=0)
    with h5py.File(folder / "spectra.h5") as file:
        plus, minus = (file[f"gw_{sign}/power"][-1] for sign in ("plus", "minus"))
        k = file["gw_plus/k"][...]
        assert file["gw_source_plus/power"].attrs["units"] == "f^4/tau_osc^4"
    assert waves.peak == pytest.approx(np.max(plus + minus), abs=0)
    # F of 1e-17 eV, and Hz per unit of k tau_osc, of an independent program
    assert waves.omega_h2 == pytest.approx(4.0685e-5 * waves.omega, rel=2e-5, abs=0)
    assert waves.frequency_Hz is not None and waves.k_peak is not None
    assert waves.frequency_Hz == pytest.approx(1.6284e-12 * waves.k_peak, rel=2e-5, abs=0)
    assert abs(np.log(waves.k_peak / k[np.argmax(plus + minus)])) < 0.3
    assert waves.helicity is not None and 0 < abs(waves.helicity) < 1


def test_table_figure_and_report(folder: Path, tmp_path: Path, without_pictures: None) -> None:
    table = analyze(folder, out=tmp_path)
    waves = analyse(load_run(folder)).waves
    assert waves is not None
    for label, value in (
        ("Omega_GW, last", waves.omega),
        ("Omega_GW h^2 today", waves.omega_h2),
        ("frequency of the peak today [Hz]", waves.frequency_Hz),
    ):
        line = next(line for line in table.splitlines() if line.startswith(label))
        assert line.removeprefix(label).split()[0] == f"{value:.3g}"
    with open(tmp_path / "figures" / "gravitational_waves.csv", newline="") as file:
        rows = np.array(list(csv.reader(file))[1:], dtype=float)
    last = rows[rows[:, 0] == rows[-1, 0]]
    with h5py.File(folder / "spectra.h5") as file:
        dlnk = file["gw_plus/dlnk"][...]
    total = (last[:, 2] + last[:, 3]) @ dlnk
    assert total == pytest.approx(waves.omega_h2, rel=1e-6, abs=0)
    assert (tmp_path / "figures" / "gravitational_waves.pdf").is_file()
    report(folder, out=tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text()
    assert "Gravitational waves today" in text and "frequency of the peak today" in text


def test_a_run_without_waves_has_none_of_this(folder: Path) -> None:
    run = load_run(folder)
    for name in [name for name in run.spectra if name.startswith("gw_")]:
        del run.spectra[name]
    assert analyse(run).waves is None
    assert figure_waves(run) is None


def test_sensitivity_curves(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], without_pictures: None
) -> None:
    waves = analyse(load_run(folder)).waves
    assert waves is not None and waves.peak_h2 is not None
    (tmp_path / "flat.txt").write_text(f"1e-14 {10 * waves.peak_h2}\n1 {10 * waves.peak_h2}\n")
    (tmp_path / "high.txt").write_text("# frequency [mHz]  Omega h^2 [1]\n1 1e-12\n10 1e-12\n")
    path = tmp_path / "detectors.yaml"
    path.write_text("analysis: gravitational_waves\ncurves: {flat: flat.txt, high: high.txt}\n")
    assert cli.main(["analyze", str(folder), "--with", str(path), "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "flat: at most 0.1 of its Omega h^2" in said
    assert "high: no frequency in common" in said
    assert (tmp_path / "figures" / "gravitational_waves_detection.png").is_file()
    assert "flat.txt" in (tmp_path / "gravitational_waves_detection.yaml").read_text()
    (tmp_path / "high.txt").write_text("1 1e-12\n-1 1e-12\n")
    assert cli.main(["analyze", str(folder), "--with", str(path), "--out", str(tmp_path)]) == 2
    assert "high.txt:2:1" in capsys.readouterr().err


def test_the_largest_ratio_of_waves_and_curve() -> None:
    """A power law f^2 between two points, against waves that are flat: largest at the lower end."""
    curve = SensitivityCurve("x", np.array([1e-8, 1e-10]), np.array([1e-8, 1e-12]))
    f = np.array([1e-11, 1e-9, 3e-9, 1e-7])
    ratio, at = largest_ratio(f, np.full(4, 1e-11), curve)
    assert (ratio, at) == (pytest.approx(0.1, rel=1e-12), 1e-9)
    assert largest_ratio(f[:1], np.ones(1), curve) == (0.0, 0.0)

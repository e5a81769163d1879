"""The analysis of a run folder whose every number is known in closed form.

The folder is synthetic: a = tau from 0.5 to 30, rho_free = 4.5 a^-3 (what Eq. 20 of Choi, Kim,
Sekiguchi, PRL 121, 031102 (2018) assumes), r = 0.03 (30/a)^(1/2), epsilon = 4 min(1, (a/5)^2), and
a power of B_X per ln k that is a parabola in ln k. It ends in the paper's r = 0.03, epsilon = 4.
"""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import yaml

from darklat.analysis.analyze import analyze
from darklat.analysis.errors import AnalysisError, DiskError
from darklat.analysis.figures import (
    figure_checks,
    figure_energies,
    figure_photon_spectra,
    figure_series,
    figure_spectra,
)
from darklat.analysis.load import load_run
from darklat.analysis.numbers import analyse
from darklat.analysis.tables import format_table
from darklat.lattice.config import dump, loads
from darklat.physics import relics

SITES, BOX = 32, 2.0
K_PEAK, WIDTH, POWER = 20.0, 1.0, 3e-4
FREE = 4.5  # a^3 rho_phi without gauge fields, f^2/tau_osc^2
ROWS = 1181  # a in steps of 0.025

# 1e-17 without a point is text to a YAML 1.1 reader, and must become a number all the same.
CONFIG = """\
name: synthetic
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16, potential: quadratic, theta_initial: 1.0}
  fields: {X: {role: dark}}
  couplings: {XX: 100.0}
background: {kind: radiation, oscillation_condition: 3.0}
lattice: {sites: 32, box: 2.0, precision: float64}
"""


def columns(a: np.ndarray) -> dict[str, np.ndarray]:
    r, epsilon = 0.03 * np.sqrt(30 / a), 4 * np.minimum(1, (a / 5) ** 2)
    free = FREE / a**3
    return {
        "tau": a,
        "a": a,
        "r": r,
        "epsilon": epsilon,
        "rho/theta": r * free,
        "rho/X": epsilon * free / a,
        "gauss/X": 1e-15 * a,
        "energy_balance": -1e-3 * a / 30,
        "theta_mean": 0 * a,
        "theta_rms": a**-1.5,
        "power_at_cutoff": 2e-3 * a / 30,
    }


def spectrum(a: np.ndarray, share: float) -> dict[str, np.ndarray]:
    k = np.arange(1, 17) * 2 * math.pi / BOX
    parabola = np.maximum(0, 1 - (np.log(k / K_PEAK) / WIDTH) ** 2)
    dx = BOX / SITES
    return {
        "k": k,
        "khat": 2 / dx * np.sin(k * dx / 2),
        "modes": 4 * math.pi * np.arange(1, 17.0) ** 2,
        "dlnk": np.log((np.arange(1, 17) + 0.5) / (np.arange(1, 17) - 0.5)),
        "tau": a,
        "a": a,
        "power": share * POWER * np.outer((a / a.max(initial=0.5)) ** 8, parabola),
        "zero": 0 * a,
    }


def write(path: Path, datasets: dict[str, np.ndarray]) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["darklat_version"] = "0"
        for name, values in datasets.items():
            file[name] = values


def make_run(folder: Path, *, config: str = CONFIG, rows: int = ROWS) -> Path:
    folder.mkdir()
    a = np.linspace(0.5, 30, ROWS)[:rows]
    (folder / "config.yaml").write_text(config)
    write(folder / "series.h5", columns(a))
    spectra = {
        f"{quantity}_X_{sign}/{name}": values
        for quantity in "EB"
        for sign, share in (("plus", 0.75), ("minus", 0.25))
        for name, values in spectrum(a[:: max(1, rows // 40)], share).items()
    }
    write(folder / "spectra.h5", spectra)
    return folder


def replace_series(folder: Path, **changes: np.ndarray | None) -> None:
    """Change or (None) leave out columns; a double underscore stands for the slash."""
    with h5py.File(folder / "series.h5") as file:
        old: dict[str, np.ndarray] = {}
        for name in columns(np.ones(1)):
            old[name] = file[name][...]
    new: dict[str, Any] = old | {name.replace("__", "/"): x for name, x in changes.items()}
    write(folder / "series.h5", {name: x for name, x in new.items() if x is not None})


B_END, G_AX = 7e-18, 2.0  # the paper's b, and a coupling
PHOTON = CONFIG.replace(
    "fields: {X: {role: dark}}",
    "fields: {A: {role: photon, conductivity: {kind: thomson, electrons_per_photon: 6e-10}},"
    " X: {role: dark}}",
).replace("{XX: 100.0}", "{AX: 2.0, XX: 100.0}")


def make_photon_run(
    folder: Path, *, config: str = PHOTON, b_end: float = B_END, rows: int = ROWS
) -> Path:
    """`make_run` with a photon: b = b_end min(1, (a/5)^2) and B_A nine parts + to one part -."""
    make_run(folder, config=config, rows=rows)
    a = np.linspace(0.5, 30, ROWS)[:rows]
    b = b_end * np.minimum(1, (a / 5) ** 2)
    rho = (G_AX * b) ** 2 * columns(a)["rho/X"]
    replace_series(folder, b=b, rho__A=rho, gauss__A=2e-15 * a)
    spectra = {
        f"{quantity}_A_{sign}/{name}": values
        for quantity in "EB"
        for sign, share in (("plus", 9e-35), ("minus", 1e-35))
        for name, values in spectrum(a[:: max(1, rows // 40)], share).items()
    }
    with h5py.File(folder / "spectra.h5", "a") as file:
        for name, values in spectra.items():
            file[name] = values
    return folder


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = make_run(tmp_path_factory.mktemp("analysis") / "run")
    return folder, analyze(folder)


# ---- Numbers ----


def test_end_of_run_and_milestones(tmp_path: Path) -> None:
    result = analyse(load_run(make_run(tmp_path / "run")))
    assert result.end.r == pytest.approx(0.03, rel=1e-14)
    assert result.end.epsilon == 4
    assert [at.a for at in result.at] == [8, 16, 30]
    for at in result.at:  # rows fall on these a up to rounding
        assert at.r == pytest.approx(0.03 * math.sqrt(30 / at.a), rel=1e-12)
        assert at.epsilon == pytest.approx(4, rel=1e-14)
    # The first row with (a/5)^2 >= 0.9, that is a >= 4.7434.
    assert result.end.a_saturation == pytest.approx(4.75, rel=1e-12)
    assert result.gauss_max == {"X": pytest.approx(3e-14)}
    assert result.energy_balance_max == pytest.approx(1e-3)  # its sign is negative
    assert result.power_at_cutoff == pytest.approx(2e-3)


def test_scales_of_the_last_spectrum(tmp_path: Path) -> None:
    result = analyse(load_run(make_run(tmp_path / "run")))
    # The bin next to the vertex and its neighbours are on the parabola, so the vertex is exact.
    assert result.end.k_peak == pytest.approx(K_PEAK, rel=1e-12)
    last = spectrum(np.array([30.0]), 1.0)
    weight = last["power"][0] * last["dlnk"]
    expected = 2 * math.pi * np.sum(weight / last["k"]) / np.sum(weight)
    assert result.end.integral_scale == pytest.approx(expected, rel=1e-12)
    unit = relics.length_today_kpc(1.0, mass_eV=1e-17, oscillation_condition=3.0)
    assert result.end.coherence_length_kpc == pytest.approx(2 * math.pi / K_PEAK * unit, rel=1e-12)
    assert result.end.integral_scale_kpc == pytest.approx(expected * unit, rel=1e-12)


def test_numbers_of_today(tmp_path: Path) -> None:
    result = analyse(load_run(make_run(tmp_path / "run")))
    # First principles with the paper's r, epsilon and Omega_phi h^2 = 0.12: 83 nG and 5.8e-3.
    assert result.B_X_dark_matter_gauss == pytest.approx(83e-9, abs=0.5e-9)
    assert result.delta_neff_dark_matter == pytest.approx(5.8e-3, abs=0.05e-3)
    # 4.5 is the density that Eq. 20 takes, with a coefficient of one digit, 0.5.
    assert result.end.omega_phi_h2 == pytest.approx(0.5 * 0.03, rel=0.1)
    # Densities scale with Omega_phi h^2 at given r and epsilon.
    scale = result.end.omega_phi_h2 / 0.12
    assert result.end.delta_neff == pytest.approx(result.delta_neff_dark_matter * scale, rel=1e-12)
    expected_field = result.B_X_dark_matter_gauss * math.sqrt(scale)
    assert result.end.B_X_today_gauss == pytest.approx(expected_field, rel=1e-12)


def test_closed_forms_take_the_numbers_of_the_run(tmp_path: Path) -> None:
    result = analyse(load_run(make_run(tmp_path / "run")))
    forms, paper = result.closed_forms, result.paper
    assert forms is not None and paper is not None
    omega = result.end.omega_phi_h2
    assert forms.omega_phi_h2 == pytest.approx(0.015)  # (20)
    assert forms.B_X_today_gauss == pytest.approx(21e-9 * math.sqrt(4 / 0.03 * omega))  # (21)
    assert forms.delta_neff == pytest.approx(3.6e-4 * 4 / 0.03 * omega)  # (22)
    assert forms.k_star == pytest.approx(300 / math.sqrt(4.75))  # (24), a_X of this run
    assert forms.correlation_length_kpc == pytest.approx(0.3)  # (25)
    assert forms.delta_neff_benchmark == pytest.approx(6e-3)  # (26)
    # The paper's: 84 nG, 5.8e-3, and 0.044 kpc from (24) with a_X = 5.
    assert paper.B_X_dark_matter_gauss == pytest.approx(84e-9, abs=0.5e-9)
    assert paper.delta_neff_dark_matter == pytest.approx(5.8e-3, abs=0.05e-3)
    assert paper.coherence_length_kpc == pytest.approx(0.044, abs=0.0005)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("XX: 100.0", "XX: 60.0"),
        ("potential: quadratic", "potential: cosine"),
        ("theta_initial: 1.0", "theta_initial: 0.5"),
    ],
)
def test_paper_column_only_for_its_benchmark(tmp_path: Path, old: str, new: str) -> None:
    assert CONFIG.count(old) == 1
    run = load_run(make_run(tmp_path / "run", config=CONFIG.replace(old, new)))
    result = analyse(run)
    assert result.paper is None
    assert result.closed_forms is not None
    # (20) is for theta = 1 and a quadratic potential.
    assert (result.closed_forms.omega_phi_h2 is None) == ("XX" not in old)
    assert "paper" not in format_table(result)
    assert not any(text.get_text() for panel in figure_series(run).axes for text in panel.texts)


def test_table_shows_the_numbers_within_100_columns(analysed: tuple[Path, str]) -> None:
    _, table = analysed
    assert max(map(len, table.splitlines())) <= 100
    cells = {line[:50].strip(): line[50:].split() for line in table.splitlines()}
    assert cells["r, last"] == ["0.03", "0.03"]  # the run, the paper
    assert cells["r at a = 8"] == ["0.0581"]  # 0.03 (30/8)^(1/2)
    assert cells["epsilon, last"] == ["4", "4"]
    assert cells["a/a_osc where epsilon saturates"] == ["4.75", "5"]
    assert cells["k of the peak of B_X per ln k [1/tau_osc]; (24)"] == ["20", "138", "134"]
    assert cells["B_X today, rms [nG], if Omega_phi h^2 = 0.12; (21)"][1:] == ["84", "84"]
    assert cells["Delta N_eff if Omega_phi h^2 = 0.12; (26)"] == ["-", "0.006", "0.006"]
    assert cells["Gauss's law of X, largest"] == ["3e-14"]
    assert cells["|energy balance|, largest"] == ["0.001"]


# ---- Runs that stopped early, and other models ----


def test_run_that_was_killed_while_epsilon_grew(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", rows=121)  # to a = 3.5
    result = analyse(load_run(folder))
    assert result.a_end == pytest.approx(3.5)
    assert result.at == ()
    # (a/3.5)^2 >= 0.9 from a = 3.3204 on: the next row is 3.325.
    assert result.end.a_saturation == pytest.approx(3.325)
    assert any("has not saturated" in note for note in result.notes)
    assert any("summary.json" in note for note in result.notes)


def test_saturated_and_ended_run_has_no_notes(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    (folder / "summary.json").write_text('{"r": 0.03}')
    run = load_run(folder)
    assert run.summary == {"r": 0.03}
    assert analyse(run).notes == ()


def test_first_row_only(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", rows=1)
    (folder / "spectra.h5").unlink()
    table = analyze(folder)
    assert "There is no spectra.h5 yet." in table
    assert not (folder / "figures" / "spectra.png").exists()
    numbers = json.loads((folder / "analysis.json").read_text())
    assert numbers["end"]["r"] == pytest.approx(0.03 * math.sqrt(60))
    assert numbers["end"]["k_peak"] is None


def test_run_that_went_wrong_reports_the_last_good_row(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    broken = columns(np.linspace(0.5, 30, ROWS))["epsilon"]
    broken[501:] = np.nan  # a = 13.025 and on
    broken[700:] = np.inf
    replace_series(folder, epsilon=broken)
    table = analyze(folder)
    numbers = json.loads((folder / "analysis.json").read_text())
    assert numbers["a_end"] == pytest.approx(13.0)
    assert numbers["end"]["epsilon"] == 4
    assert [at["a"] for at in numbers["at"]] == [8]
    assert "From row 502 of series.h5 (tau = 13.03) on values are not finite" in table


def test_values_that_are_never_finite(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    replace_series(folder, epsilon=np.full(ROWS, np.nan), power_at_cutoff=np.full(ROWS, np.nan))
    result = analyse(load_run(folder))
    assert result.end.epsilon is None and result.end.a_saturation is None
    assert result.end.r == pytest.approx(0.03)
    assert any("row 1 of series.h5" in note for note in result.notes)


def test_columns_of_unequal_length_are_cut_to_the_shortest(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    replace_series(folder, epsilon=columns(np.linspace(0.5, 30, ROWS))["epsilon"][:-1])
    run = load_run(folder)
    assert {len(column) for column in run.series.values()} == {ROWS - 1}
    assert any("incomplete" in note for note in run.notes)


def test_static_background(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", config=CONFIG.replace("radiation", "static"))
    replace_series(folder, a=np.ones(ROWS))
    run = load_run(folder)
    result = analyse(run)
    assert result.end.k_peak == pytest.approx(K_PEAK, rel=1e-12)
    assert result.end.omega_phi_h2 is None and result.end.a_saturation is None
    assert result.closed_forms is None and result.paper is None and result.at == ()
    assert "today" not in format_table(result)
    assert "tau" in figure_series(run).axes[-1].get_xlabel()


def test_b_is_tabulated_and_drawn_when_the_model_has_a_photon(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    replace_series(folder, b=np.linspace(0.5, 30, ROWS) * 1e-18)
    run = load_run(folder)
    result = analyse(run)
    assert result.end.b == pytest.approx(3e-17)
    assert [at.b for at in result.at] == pytest.approx([8e-18, 1.6e-17, 3e-17])
    assert [panel.get_ylabel() for panel in figure_series(run).axes][-1] == "$b$"


# ---- The photon ----


def test_numbers_of_the_photon_beside_the_closed_forms(tmp_path: Path) -> None:
    result = analyse(load_run(make_photon_run(tmp_path / "run")))
    end, forms, paper = result.end, result.closed_forms, result.paper
    assert forms is not None and paper is not None
    assert (result.photon, result.dark_field) == ("A", "X")
    assert end.b == pytest.approx(B_END, rel=1e-12)
    assert [at.b for at in result.at] == pytest.approx([B_END] * 3)
    assert end.helicity_B_A == pytest.approx(0.8, rel=1e-12)
    # rho_A is all magnetic: B = sqrt(2 rho_A), where B_X = sqrt(rho_X) and rho_A = (b g)^2 rho_X.
    expected = math.sqrt(2) * B_END * G_AX * end.B_X_today_gauss
    assert end.B_today_gauss == pytest.approx(expected, rel=1e-12)
    # (23), f = 1e16 GeV
    eq_23 = 3e-8 * G_AX * end.omega_phi_h2 * math.sqrt(4) / 0.03 * B_END
    assert forms.B_today_gauss == pytest.approx(eq_23, rel=1e-12)
    # (8): 1.7e-24 G for all dark matter and g_AX/f = 1e-16/GeV; the run's has the sqrt 2.
    assert paper.B_dark_matter_gauss == pytest.approx(1.7e-24, abs=0.05e-24)
    ratio = result.B_dark_matter_gauss / paper.B_dark_matter_gauss
    # With the density that (20) takes, 4.5, to the accuracy of its coefficients of one digit.
    assert ratio == pytest.approx(math.sqrt(2), rel=0.1)
    assert paper.b == pytest.approx(7e-18)


def test_lengths_are_those_of_the_photon(tmp_path: Path) -> None:
    folder = make_photon_run(tmp_path / "run")
    with h5py.File(folder / "spectra.h5", "a") as file:
        for sign in ("plus", "minus"):  # B_X peaks elsewhere
            file[f"B_X_{sign}/power"][...] *= np.linspace(0, 1, 16) ** 8
    result = analyse(load_run(folder))
    assert result.end.k_peak == pytest.approx(K_PEAK, rel=1e-12)
    unit = relics.length_today_kpc(1.0, mass_eV=1e-17, oscillation_condition=3.0)
    assert result.end.coherence_length_kpc == pytest.approx(2 * math.pi / K_PEAK * unit, rel=1e-12)


def test_table_of_the_photon(tmp_path: Path) -> None:
    table = analyze(make_photon_run(tmp_path / "run"))
    assert max(map(len, table.splitlines())) <= 100
    cells = {line[:50].strip(): line[50:].split() for line in table.splitlines()}
    assert cells["b, last; (19)"] == ["7e-18", "7e-18"]
    assert cells["helicity of B_A, (+ less -)/(sum)"] == ["0.8"]
    assert cells["B_A today, rms [G], if 0.12, g_AX = f_16; (23)"][1:] == ["1.68e-24", "1.68e-24"]
    assert "k of the peak of B_A per ln k [1/tau_osc]; (24)" in cells
    assert cells["Gauss's law of A, largest"] == ["6e-14"]
    assert "leaves out a sqrt 2" in " ".join(table.split())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: thomson,", "kind: thomson_thermal,"),
        ("electrons_per_photon: 6e-10", "electrons_per_photon: 6e-8"),
        ("XX: 100.0", "XX: 60.0"),
    ],
)
def test_b_of_the_paper_only_for_its_conductivity_and_coupling(
    tmp_path: Path, old: str, new: str
) -> None:
    assert PHOTON.count(old) == 1
    run = load_run(make_photon_run(tmp_path / "run", config=PHOTON.replace(old, new)))
    result = analyse(run)
    assert result.paper is None or result.paper.b is None
    assert not figure_series(run).axes[-1].texts
    assert result.closed_forms is not None and result.closed_forms.B_today_gauss is not None


def test_b_of_the_paper_scales_with_the_mass(tmp_path: Path) -> None:
    config = PHOTON.replace("1e-17", "1e-19")
    result = analyse(load_run(make_photon_run(tmp_path / "run", config=config)))
    assert result.paper is not None and result.paper.b == pytest.approx(7e-21)  # m^(3/2)


def test_photon_that_does_not_couple_has_no_b(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", config=PHOTON.replace("AX: 2.0, ", ""))
    result = analyse(load_run(folder))
    assert result.end.b is None and result.end.B_today_gauss is None
    assert "b, last" not in format_table(result)


def test_figures_of_the_photon(tmp_path: Path) -> None:
    folder = make_photon_run(tmp_path / "run")
    analyze(folder)
    assert (folder / "figures" / "spectra_A.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "figures" / "spectra_A.pdf").read_bytes().startswith(b"%PDF")
    header, table = read_csv(folder / "figures" / "spectra_A.csv")
    assert header[6] == "B_A_plus per ln k [f^2/tau_osc^2]"
    run = load_run(folder)
    assert np.array_equal(table[:, 6], run.spectra["B_A_plus"].power.ravel())
    assert figure_photon_spectra(load_run(make_run(tmp_path / "dark"))) is None
    checks = figure_checks(run)
    assert checks is not None
    assert "Gauss's law, $A$" in {line.get_label() for line in checks.axes[0].lines}
    heights = [panel.lines[1].get_ydata()[0] for panel in figure_series(run).axes]
    assert heights == [0.03, 4.0, 7e-18]


def test_b_is_drawn_where_it_ends_not_where_the_vacuum_has_it(tmp_path: Path) -> None:
    folder = make_photon_run(tmp_path / "run")
    a = np.linspace(0.5, 30, ROWS)
    with h5py.File(folder / "series.h5", "a") as file:
        file["b"][...] = np.maximum(B_END, 0.5 * 10.0 ** (-8 * (a - 0.5)))
    bottom, top = figure_series(load_run(folder)).axes[-1].get_ylim()
    assert B_END / 100 < bottom < B_END < top < 100 * B_END


def test_density_of_the_photon_is_drawn_times_a_power_of_ten(tmp_path: Path) -> None:
    run = load_run(make_photon_run(tmp_path / "run"))
    panel = figure_energies(run).axes[0]
    (photon,) = (line for line in panel.lines if r"\rho_{A}" in line.get_label())
    power = int(photon.get_label().partition("10^{")[2].partition("}")[0])
    expected = run.series["a"][-1] ** 4 * run.series["rho/A"][-1] * 10.0**power
    assert photon.get_ydata()[-1] == pytest.approx(expected)
    bottom, top = panel.get_ylim()
    assert bottom < expected < top


# ---- Files and figures ----


def test_files_written(analysed: tuple[Path, str]) -> None:
    folder, _ = analysed
    for name in ("series", "spectra", "checks", "energies"):
        png = (folder / "figures" / f"{name}.png").read_bytes()
        assert png.startswith(b"\x89PNG")
        pdf = (folder / "figures" / f"{name}.pdf").read_bytes()
        assert pdf.startswith(b"%PDF") and b"/FontFile2" in pdf and b"/Type3" not in pdf
    numbers = json.loads((folder / "analysis.json").read_text())
    assert numbers["end"]["epsilon"] == 4
    assert numbers["paper"]["delta_neff_benchmark"] == pytest.approx(6e-3)


def read_csv(path: Path) -> tuple[list[str], np.ndarray]:
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    return header, np.array(rows, dtype=float)


def test_data_beside_the_figures_is_exact(analysed: tuple[Path, str]) -> None:
    folder, _ = analysed
    run = load_run(folder)
    header, table = read_csv(folder / "figures" / "series.csv")
    assert header == ["tau [tau_osc]", "a [a_osc]", "r [1]", "epsilon [1]"]
    for i, name in enumerate(("tau", "a", "r", "epsilon")):
        assert np.array_equal(table[:, i], run.series[name])
    header, table = read_csv(folder / "figures" / "checks.csv")
    assert header[2:] == ["gauss/X [1]", "energy_balance [1]", "power_at_cutoff [1]"]
    assert np.array_equal(table[:, 3], run.series["energy_balance"])
    header, table = read_csv(folder / "figures" / "spectra.csv")
    assert header[2] == "k [1/tau_osc]" and header[6] == "B_X_plus per ln k [f^2/tau_osc^2]"
    plus = run.spectra["B_X_plus"]
    assert np.array_equal(table[:, 6].reshape(plus.power.shape), plus.power)
    assert np.array_equal(table[:, 1], np.repeat(plus.a, len(plus.k)))
    assert np.array_equal(table[: len(plus.k), 2], plus.k)


def test_series_figure_marks_the_asymptotes_of_the_benchmark(tmp_path: Path) -> None:
    figure = figure_series(load_run(make_run(tmp_path / "run")))
    heights = [[line.get_ydata()[0] for line in panel.lines[1:]] for panel in figure.axes]
    assert heights == [[0.03], [4.0]]
    for panel, (height,) in zip(figure.axes, heights, strict=True):
        assert panel.get_yscale() == "log"
        bottom, top = panel.get_ylim()
        assert bottom < height < top


def test_spectra_figure_marks_the_cutoff_and_frames_the_last_spectrum(tmp_path: Path) -> None:
    figure = figure_spectra(load_run(make_run(tmp_path / "run")))
    assert figure is not None
    plus, minus, _colour_bar = figure.axes
    # khat = 2/dx sin(k dx/2) is 3/4 of 2/dx here; linear between bins 0.1 wide in k dx/2.
    expected = 2 / (BOX / SITES) * math.asin(0.75)
    for panel in (plus, minus):
        assert panel.lines[-1].get_xdata()[0] == pytest.approx(expected, rel=5e-3)
    bottom, top = plus.get_ylim()
    peak = 0.75 * POWER
    assert bottom < 0.25 * POWER and peak < top < 10 * peak
    assert top / bottom < 1e17
    assert minus.get_ylim() == (bottom, top)


def test_figures_for_a_vacuum_that_has_not_grown(tmp_path: Path) -> None:
    """Zeros and single times have no place on log axes and must not stop the analysis."""
    folder = make_run(tmp_path / "run")
    replace_series(folder, epsilon=np.zeros(ROWS), rho__X=np.zeros(ROWS), energy_balance=None)
    spectra = {
        f"B_X_{sign}/{name}": values
        for sign in ("plus", "minus")
        for name, values in spectrum(np.array([0.5]), 0.0).items()
    }
    write(folder / "spectra.h5", spectra)
    analyze(folder)
    result = analyse(load_run(folder))
    assert result.end.k_peak is None and result.end.delta_neff == 0
    assert result.energy_balance_max is None
    assert (folder / "figures" / "spectra.pdf").is_file()


def test_checks_figure_shows_magnitudes(tmp_path: Path) -> None:
    figure = figure_checks(load_run(make_run(tmp_path / "run")))
    assert figure is not None
    lines = {line.get_label(): line.get_ydata() for line in figure.axes[0].lines}
    assert lines["|energy balance|"][-1] == pytest.approx(1e-3)
    assert lines["Gauss's law, $X$"][-1] == pytest.approx(3e-14)


def test_name_with_markup_is_printed_as_it_is(tmp_path: Path) -> None:
    config = CONFIG.replace("name: synthetic", 'name: "50$ {run_a} \\\\frac"')
    folder = make_run(tmp_path / "run", config=config)
    figure = figure_checks(load_run(folder))
    assert figure is not None
    figure.savefig(tmp_path / "name.png")  # raises where mathtext cannot be parsed
    assert (tmp_path / "name.png").stat().st_size > 0


# ---- Loading and errors ----


def test_resolved_configuration_of_the_engine_is_read(tmp_path: Path) -> None:
    text = yaml.safe_dump(yaml.safe_load(CONFIG) | {"time": {"a_end": 30}})
    text = text.replace("1e-17", "1.0e-17").replace("1e16", "1.0e+16").replace("'", "")
    dumped = dump(loads(text, source="test", base=None))
    run = load_run(make_run(tmp_path / "run", config=dumped))
    assert run.config["model"]["alp"]["mass_eV"] == 1e-17
    assert run.config["model"]["alp"]["f_GeV"] == 1e16
    assert run.is_benchmark and run.dark_field == "X"
    assert run.config["model"]["alp"] == load_run(make_run(tmp_path / "b")).config["model"]["alp"]


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match="no such folder"):
        analyze(tmp_path / "nowhere")


def test_not_a_run_folder(tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match=r"config\.yaml is missing"):
        analyze(tmp_path)


def test_no_series_yet(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    (folder / "series.h5").unlink()
    with pytest.raises(AnalysisError, match="has not written its first row"):
        analyze(folder)


def test_no_rows_yet(tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match="has no rows yet"):
        analyze(make_run(tmp_path / "run", rows=0))


@pytest.mark.parametrize("name", ["series.h5", "spectra.h5"])
def test_file_of_another_program(tmp_path: Path, name: str) -> None:
    folder = make_run(tmp_path / "run")
    with h5py.File(folder / name, "a") as file:
        del file.attrs["darklat_version"]
    with pytest.raises(AnalysisError, match=f"{name} was not written by darklat"):
        analyze(folder)


def test_truncated_file(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    path = folder / "series.h5"
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(AnalysisError, match=r"cannot be read.*darklat resume"):
        analyze(folder)


NO_CONFIG = [
    "model: [",
    "name: x\n",
    "just text",
    CONFIG.replace("1e16", "f"),
    CONFIG + "checks: strict\n",
    CONFIG.replace("role: dark", "role: photon, conductivity: high"),
]


@pytest.mark.parametrize("text", NO_CONFIG)
def test_configuration_that_is_none(tmp_path: Path, text: str) -> None:
    with pytest.raises(AnalysisError, match="not a resolved configuration"):
        load_run(make_run(tmp_path / "run", config=text))


def test_missing_column(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    replace_series(folder, r=None)
    with pytest.raises(AnalysisError, match="no dataset r,"):
        load_run(folder)


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    (folder / "figures").write_text("in the way")
    with pytest.raises(DiskError, match=r"could not be written.*free space"):
        analyze(folder)


def test_analysis_imports_neither_the_engine_nor_pyplot() -> None:
    code = (
        "import sys, darklat.analysis.analyze\n"
        "print([m for m in sys.modules if m.startswith(('darklat.lattice', 'darklat.kernels'))"
        " or m == 'matplotlib.pyplot'])"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"

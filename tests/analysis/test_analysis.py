"""The numbers and tables of the run of synthetic_run, whole and cut short, and with a photon."""

from __future__ import annotations

import json
import math
from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat.analysis.analyze import analyze
from darklat.analysis.figures import figure_series
from darklat.analysis.numbers import analyse
from darklat.analysis.table_text import format_table
from darklat.physics import run_relics
from darklat.storage.read_run import load_run
from synthetic_run import (
    B_END,
    CONFIG,
    G_AX,
    K_PEAK,
    PHOTON,
    ROWS,
    STATIC,
    columns,
    make_photon_run,
    make_run,
    replace_series,
    spectrum,
)

pytestmark = pytest.mark.usefixtures("without_pictures")

# ---- Numbers ----


def test_end_of_run_and_milestones(tmp_path: Path) -> None:
    result = analyse(load_run(make_run(tmp_path / "run")))
    assert result.end.r == pytest.approx(0.03, rel=1e-14)
    assert result.end.epsilon == 4
    assert [at.a for at in result.at] == [8, 16, 30]
    for at in result.at:  # rows fall on these a up to rounding
        assert at.r == pytest.approx(0.03 * math.sqrt(30 / at.a), rel=1e-12)
        assert at.epsilon["X"] == pytest.approx(4, rel=1e-14)
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
    unit = run_relics.length_today_kpc(1.0, mass_eV=1e-17, oscillation_condition=3.0)
    assert result.end.coherence_length_kpc == pytest.approx(2 * math.pi / K_PEAK * unit, rel=1e-12)
    assert result.end.integral_scale_kpc == pytest.approx(expected * unit, rel=1e-12)


def test_numbers_of_today(tmp_path: Path) -> None:
    result = analyse(load_run(make_run(tmp_path / "run")))
    # First principles with the paper's r, epsilon and Omega_phi h^2 = 0.12: 83 nG and 5.8e-3.
    assert result.dark_matter["X"].B_gauss == pytest.approx(83e-9, abs=0.5e-9)
    assert result.delta_neff_dark_matter == pytest.approx(5.8e-3, abs=0.05e-3)
    # 4.5 is the density that Eq. 20 takes, with a coefficient of one digit, 0.5.
    assert result.end.omega_phi_h2 == pytest.approx(0.5 * 0.03, rel=0.1)
    # Densities scale with Omega_phi h^2 at given r and epsilon.
    scale = result.end.omega_phi_h2 / 0.12
    assert result.end.delta_neff == pytest.approx(result.delta_neff_dark_matter * scale, rel=1e-12)
    expected_field = result.dark_matter["X"].B_gauss * math.sqrt(scale)
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


def test_table_shows_the_numbers_within_100_columns(tmp_path: Path) -> None:
    table = analyze(make_run(tmp_path / "run"))
    assert max(map(len, table.splitlines())) <= 100
    cells = {line[:54].strip(): line[54:].split() for line in table.splitlines()}
    assert cells["r, last"] == ["0.03", "0.03"]  # the run, the paper
    assert cells["r at a = 8"] == ["0.0581"]  # 0.03 (30/8)^(1/2)
    assert cells["epsilon of X, last"] == ["4", "4"]
    assert cells["a/a_osc where epsilon of X saturates"] == ["4.75", "5"]
    assert cells["k of the peak of B_X per ln k [1/tau_osc]; (24)"] == ["10", "138", "134"]
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
    folder = make_run(tmp_path / "run", config=STATIC)
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
    assert (end.photon, end.dark_field) == ("A", "X")
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


def test_numbers_of_today_say_what_they_assume(tmp_path: Path) -> None:
    """The same densities at 1e-8 eV: m^2 from the unit, and a_osc/a_0 = 5.243e-14 for 2.020e-9."""
    light = analyse(load_run(make_run(tmp_path / "light")))
    heavy = make_run(tmp_path / "heavy", config=CONFIG.replace("1e-17", "1e-8"))
    result = analyse(load_run(heavy))
    assert result.epoch is not None
    assert result.epoch.T_osc_eV == pytest.approx(1.68427e9, rel=1e-5)
    gain = result.end.omega_phi_h2 / light.end.omega_phi_h2
    assert gain == pytest.approx(1e18 * (5.243147e-14 / 2.020350e-9) ** 3, rel=1e-6)
    table = " ".join(format_table(result).split())
    assert "at T = 1.684 GeV with g_* = 74.674, g_*s = 73.952" in table
    assert "a_osc/a_0 = 5.243e-14. The run has a = tau" in table
    assert "matter" not in table
    late = make_run(tmp_path / "late", config=CONFIG.replace("1e-17", "1e-26"))
    assert "below 0.8 eV, where matter is denser" in " ".join(
        format_table(analyse(load_run(late))).split()
    )
    static = analyse(load_run(make_run(tmp_path / "static", config=STATIC)))
    assert static.epoch is None


def test_lengths_are_those_of_the_photon(tmp_path: Path) -> None:
    folder = make_photon_run(tmp_path / "run")
    with h5py.File(folder / "spectra.h5", "a") as file:
        for sign in ("plus", "minus"):  # B_X peaks elsewhere
            file[f"B_X_{sign}/power"][...] *= np.linspace(0, 1, 16) ** 8
    result = analyse(load_run(folder))
    assert result.end.k_peak == pytest.approx(K_PEAK, rel=1e-12)
    unit = run_relics.length_today_kpc(1.0, mass_eV=1e-17, oscillation_condition=3.0)
    assert result.end.coherence_length_kpc == pytest.approx(2 * math.pi / K_PEAK * unit, rel=1e-12)


def test_table_of_the_photon(tmp_path: Path) -> None:
    table = analyze(make_photon_run(tmp_path / "run"))
    assert max(map(len, table.splitlines())) <= 100
    cells = {line[:54].strip(): line[54:].split() for line in table.splitlines()}
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

"""Which numbers are shown as good: an unresolved run says so beside every number that it touches,
every dark field has its rows, and a closed form stands only where its assumptions hold.

The runs are those of synthetic_run, whose numbers are known in closed form.
"""

from __future__ import annotations

import json
import logging
import math
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat.analysis import tables
from darklat.analysis.adapted_units import GAUSS, LENGTHS, adapted
from darklat.analysis.analyze import analyze
from darklat.analysis.closed_forms import unmet
from darklat.analysis.figure_data import write_series
from darklat.analysis.numbers import analyse
from darklat.analysis.report import report
from darklat.analysis.scan import exponent, load_scan
from darklat.analysis.scan_results import figure_scan, scan
from darklat.analysis.table_text import format_table
from darklat.lattice.guards import Guards
from darklat.lattice.sectors.gauge import gauss_reading
from darklat.physics import scales
from darklat.schema import loads
from darklat.storage import events
from darklat.storage.read_run import load_run
from synthetic_run import (
    CONFIG,
    PHOTON,
    ROWS,
    STATIC,
    TWO_DARK,
    Y_SHARE,
    columns,
    make_photon_run,
    make_run,
    make_two_dark_run,
    replace_series,
)

pytestmark = pytest.mark.usefixtures("without_pictures")
RISE = columns(np.linspace(0.5, 30, ROWS))["a"] / 30
LENGTH_KEYS = {"k_peak", "integral_scale", "coherence_length_kpc", "integral_scale_kpc"}


def cells(table: str) -> dict[str, list[str]]:
    return {line[:54].strip(): line[54:].split() for line in table.splitlines()}


def tilt(folder: Path, letter: str, power: float) -> None:
    """Gives the last spectrum of B of a field the power k^power."""
    with h5py.File(folder / "spectra.h5", "a") as file:
        for sign in ("plus", "minus"):
            group = file[f"B_{letter}_{sign}"]
            group["power"][-1] = 1e-6 * group["k"][...] ** power


# ---- Resolution ----


def test_a_resolved_run_has_no_marks(tmp_path: Path) -> None:
    result = analyse(load_run(make_run(tmp_path / "run")))
    assert result.untrusted == {}
    text = format_table(result)
    assert "!" not in text and "not resolved" not in text


def test_a_peak_beyond_the_cutoff_is_marked_with_its_lengths(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    tilt(folder, "X", 4)  # the vacuum's: the most of it beyond the cutoff
    table = analyze(folder)
    found = json.loads((folder / "analysis.json").read_text())
    of_X = {f"fields.X.{name}" for name in (*LENGTH_KEYS, "epsilon", "B_today_gauss")}
    assert set(found["untrusted"]) >= LENGTH_KEYS | of_X | {"B_X_today_gauss", "delta_neff"}
    assert "r" not in found["untrusted"] and "omega_phi_h2" not in found["untrusted"]
    assert found["untrusted"]["k_peak"] == "spectrum of B_X" and found["verdict"] == "warn"
    rows = cells(table)
    assert rows["coherence length of B_X today, 2 pi/k_peak [pc]; (24)"][1] == "!"
    assert rows["Delta N_eff; (22)"][1] == "!" and rows["r, last"][1:] == ["0.03"]
    assert "! not resolved, or not to be trusted: spectrum of B_X." in table
    assert "spectrum of B_X: k = 50.3, limit k < 27.2 (warn)" in table  # the last bin, 16 pi
    warned = "spectrum of B_X: k = 50.3, as the run warned at its end"
    with events.Recorder(folder) as record:
        record.write(events.Warned(text=warned))
    report(folder)
    page = (folder / "report.html").read_text()
    assert page.count('class="number fail"') == table.count(" !")
    assert warned not in page  # the table of the checks has it


def test_a_peak_in_the_first_bin_needs_a_larger_box(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    tilt(folder, "X", -2)
    result = analyse(load_run(folder))
    assert set(result.untrusted) == LENGTH_KEYS | {f"fields.X.{name}" for name in LENGTH_KEYS}
    assert "it needs a larger box" in " ".join(format_table(result).split())


def test_a_field_that_is_not_resolved_touches_its_own_numbers_only(tmp_path: Path) -> None:
    folder = make_photon_run(tmp_path / "run")
    tilt(folder, "A", 4)
    result = analyse(load_run(folder))
    assert {"b", "B_today_gauss", "helicity_B_A", "k_peak"} <= set(result.untrusted)
    assert not any(key.startswith("fields.X") for key in result.untrusted)
    assert not {"epsilon", "delta_neff", "B_X_today_gauss"} & set(result.untrusted)


def test_energy_at_the_cutoff_touches_every_number(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    replace_series(folder, power_at_cutoff=0.7 * RISE)
    result = analyse(load_run(folder))
    lines = format_table(result).splitlines()
    assert lines[1].startswith("A check fails: the numbers marked ! are not to be trusted")
    assert lines[2].startswith("energy at the cutoff: 0.7, limit 0.5 (fail)")
    begin = next(i for i, line in enumerate(lines) if line.startswith("---")) + 1
    rows = lines[begin : lines.index("", begin)]
    unmarked = [row for row in rows if " !" not in row]
    assert unmarked == [row for row in rows if row[54:].split()[0] == "-"]  # no number, no mark


CHECKS = {
    "gauss/X": scales.of_residual(1e-10),
    "energy_balance": scales.of_residual(0.05),
    "power_at_cutoff": scales.of_cutoff(1.0),
}
NAMES = {
    "gauss/X": "Gauss's law of X",
    "energy_balance": "energy balance",
    "power_at_cutoff": "energy at the cutoff",
}


@pytest.mark.parametrize("column", CHECKS)
def test_the_running_checks_and_the_verdicts_have_one_scale(
    tmp_path: Path, column: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder, scale = make_run(tmp_path / "run"), CHECKS[column]
    run = load_run(folder)
    good = {"a": 1.0, "gauss/X": 0.0, "energy_balance": 0.0, "power_at_cutoff": 0.0}
    for value, status, messages in (
        (0.99 * scale.warn, "pass", 0),
        (1.01 * scale.warn, "warn", 1),
        (0.99 * scale.fail, "warn", 1),
    ):
        replace_series(folder, **{column.replace("/", "__"): value * RISE})
        found = {v.check: v.status for v in analyse(load_run(folder)).verdicts}
        assert found[NAMES[column]] == status
        row, guards = good | {column: value}, Guards(run.config)
        caplog.clear()
        with caplog.at_level(logging.WARNING, "darklat"):
            for _ in range(2):
                reading = gauss_reading(row, run.config.checks, "X")
                guards.examine(row, [reading], courant=0.2, when="now")
        assert len(caplog.messages) == messages


def test_a_density_is_marked_as_the_numbers_that_follow_from_it(tmp_path: Path) -> None:
    """Without an ALP the table has densities, which stood there unmarked."""
    result = analyse(load_run(make_run(tmp_path / "run")))
    for key, trusted in (("fields.X.omega_h2", False), ("fields.Y.omega_h2", True)):
        rows = tables.observables(replace(result, alp=False, untrusted={key: "some check"}))
        marked = {row.label.split(",")[0]: row.trusted for row in rows}
        assert marked == {"rho/theta": True, "rho/X": trusted}


def test_a_scan_says_which_runs_fail(tmp_path: Path) -> None:
    first = make_run(tmp_path / "1")
    second = make_run(tmp_path / "2", config=CONFIG.replace("XX: 100.0", "XX: 60.0"))
    replace_series(second, power_at_cutoff=0.7 * RISE)
    text = scan([first, second], out=tmp_path / "out")
    assert text.count("FAILS") == 1 and "2 (unfinished) (FAILS: energy at the cutoff)" in text


# ---- Every dark field ----


def test_every_dark_field_has_its_rows(tmp_path: Path) -> None:
    result = analyse(load_run(make_two_dark_run(tmp_path / "run")))
    X, Y = result.end.fields["X"], result.end.fields["Y"]
    assert X.epsilon == 4 and Y.epsilon == pytest.approx(4 * Y_SHARE, rel=1e-14)
    assert Y.delta_neff == pytest.approx(Y_SHARE * X.delta_neff, rel=1e-14)
    assert result.end.delta_neff == pytest.approx((1 + Y_SHARE) * X.delta_neff, rel=1e-14)
    of = result.dark_matter
    assert result.delta_neff_dark_matter == of["X"].delta_neff + of["Y"].delta_neff
    assert of["Y"].B_gauss == pytest.approx(math.sqrt(Y_SHARE) * of["X"].B_gauss, rel=1e-14)
    table = format_table(result)
    rows = cells(table)
    assert rows["epsilon of X, last"] == ["4"] and rows["epsilon of Y, last"] == ["2"]
    assert rows["epsilon of Y at a = 16"] == ["2"]
    assert rows["a/a_osc where epsilon of Y saturates"] == ["4.75"]
    assert rows["k of the peak of B_Y per ln k [1/tau_osc]"] == ["10"]
    field = f"{of['Y'].B_gauss / 1e-9:.3g}"
    assert rows["B_Y today, rms [nG], if Omega_phi h^2 = 0.12"] == [field]
    for label in ("coherence length of B_Y today, 2 pi/k_peak [pc]", "Delta N_eff of Y"):
        assert label in rows
    assert "Delta N_eff of all dark fields" in rows and "Delta N_eff" not in rows
    assert "a^3 rho_phi, a^4 rho_X and a^4 rho_Y" in table


def test_the_data_of_the_series_has_every_epsilon(tmp_path: Path) -> None:
    run = load_run(make_two_dark_run(tmp_path / "run"))
    write_series(run, tmp_path / "series.csv")
    head, *rows = (tmp_path / "series.csv").read_text().splitlines()
    assert head.endswith("r [1],epsilon [1],epsilon_Y [1]")
    assert float(rows[-1].split(",")[-1]) == pytest.approx(4 * Y_SHARE)


def test_a_scan_has_the_epsilon_of_every_dark_field(tmp_path: Path) -> None:
    first = make_two_dark_run(tmp_path / "1")
    second = make_two_dark_run(tmp_path / "2", config=TWO_DARK.replace("YY: 80.0", "YY: 60.0"))
    found = load_scan([first, second])
    assert found.observables == ("r", "epsilon", "epsilon_Y")
    assert [p.end["epsilon_Y"] for p in found.points] == pytest.approx([4 * Y_SHARE] * 2)


def test_a_massive_dark_field_does_not_hide_the_photon(tmp_path: Path) -> None:
    config = PHOTON.replace("X: {role: dark}", "X: {role: dark, mass_eV: 1e-18}")
    rows = cells(format_table(analyse(load_run(make_photon_run(tmp_path / "run", config=config)))))
    assert "Omega_X h^2, as if it were all matter by now" in rows
    assert "B_A today, rms [G]" in rows
    assert not any(label.startswith(("Delta N_eff", "B_X today")) for label in rows)


# ---- Closed forms ----

BROKEN = {
    "cosine": (CONFIG.replace("quadratic", "cosine"), "the potential is not quadratic"),
    "two fields": (TWO_DARK, "there are 2 dark fields"),
    "static": (STATIC, "the background is of kind static"),
    "massive": (CONFIG.replace("role: dark", "role: dark, mass_eV: 1e-18"), "X has a mass"),
    "heavy": (CONFIG.replace("1e-17", "1e-8"), "before the annihilation of e+ e-"),
    "condition": (CONFIG.replace("condition: 3.0", "condition: 1.0"), "is 1, not 3"),
    "uncoupled": (CONFIG.replace("XX: 100.0", ""), "the coupling XX is zero"),
    "conducting": (
        CONFIG.replace("role: dark", "role: dark, conductivity: {kind: constant, value: 10}"),
        "X conducts",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_closed_form_stands_only_where_its_assumptions_hold(tmp_path: Path, kind: str) -> None:
    config, reason = BROKEN[kind]
    assert unmet(loads(CONFIG, source="good", base=None)) == ()
    folder = tmp_path / "run"
    (make_two_dark_run if kind == "two fields" else make_run)(folder, config=config)
    if kind == "static":
        replace_series(folder, a=np.ones(ROWS))
    result = analyse(load_run(folder))
    table = format_table(result)
    assert result.closed_forms is None and result.paper is None
    assert any(reason in found for found in result.unmet)
    assert "closed form (a)" not in table and "(24)" not in table and "(20)" not in table
    assert "their assumptions are not met" in table and reason in " ".join(table.split())


def test_an_equation_is_left_out_with_its_reason(tmp_path: Path) -> None:
    config = CONFIG.replace("theta_initial: 1.0", "theta_initial: 0.5")
    folder = make_run(tmp_path / "run", config=config, rows=121)  # epsilon still grows at a = 3.5
    result = analyse(load_run(folder))
    forms = result.closed_forms
    assert forms is not None and forms.B_X_today_gauss is not None
    assert (forms.omega_phi_h2, forms.k_star, forms.correlation_length_kpc) == (None, None, None)
    text = " ".join(format_table(result).split())
    assert "(20): theta is not 1 at the start; (24): epsilon has not saturated; (25), (26)" in text


def test_unrelated_runs_have_no_power_law(tmp_path: Path) -> None:
    first = make_run(tmp_path / "1")
    config = CONFIG.replace("1e-17", "1e-19").replace("XX: 100.0", "XX: 60.0")
    second = make_run(tmp_path / "2", config=config)
    found = load_scan([first, second])
    assert found.parameter == "model.alp.mass_eV" and exponent(found, "r") is None
    assert all(line.get_linestyle() != "--" for line in figure_scan(found).axes[0].lines)
    text = scan([first, second], out=tmp_path / "out")
    assert "mass_eV^" not in text and "there is no power law" in text


def test_runs_that_differ_in_the_seed_besides_are_of_one_family(tmp_path: Path) -> None:
    first = make_run(tmp_path / "1", config=CONFIG + "initial: {seed: 1}\n")
    config = CONFIG.replace("1e-17", "1e-18") + "initial: {seed: 2}\n"
    text = scan([first, make_run(tmp_path / "2", config=config)], out=tmp_path / "out")
    assert "r ~ mass_eV^-0.00 at a = 30, from two values" in text.replace("^0.00", "^-0.00")


def test_a_scan_over_the_mass_of_another_model_has_no_lines_of_the_paper(tmp_path: Path) -> None:
    config = CONFIG.replace("quadratic", "cosine")
    first = make_run(tmp_path / "1", config=config)
    second = make_run(tmp_path / "2", config=config.replace("1e-17", "1e-18"))
    assert not figure_scan(load_scan([first, second])).axes[0].get_legend_handles_labels()[1][1:]
    text = " ".join(scan([first, second], out=tmp_path / "out").split())
    assert "Eq. 18:" not in text and "the potential is not quadratic" in text


# ---- Units ----


@pytest.mark.parametrize(
    ("value", "units", "name"),
    [
        (44e-3, LENGTHS, "pc"),
        (3e-7, LENGTHS, "kpc"),  # far below a parsec: a power of ten
        (2.0, LENGTHS, "kpc"),
        (2e4, LENGTHS, "Mpc"),
        (83e-9, GAUSS, "nG"),
        (5e-11, GAUSS, "nG"),
        (2e-5, GAUSS, "uG"),
        (3.0, GAUSS, "G"),
        (1.7e-24, GAUSS, "G"),
        (None, GAUSS, "G"),
        (0.0, LENGTHS, "kpc"),
    ],
)
def test_units_suit_the_number(value: float | None, units: tuple, name: str) -> None:
    assert adapted(value, units).name == name


def test_a_number_and_its_closed_form_have_one_unit(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", config=CONFIG.replace("1e-17", "1e-21"))
    result = analyse(load_run(folder))
    row = cells(format_table(result))["coherence length of B_X today, 2 pi/k_peak [kpc]; (24)"]
    forms = (result.end.coherence_length_kpc, result.closed_forms.coherence_length_kpc)
    assert [float(text) for text in row[:2]] == pytest.approx(forms, rel=5e-3)

"""Figures and data files of the run of synthetic_run, and run folders that cannot be read."""

from __future__ import annotations

import csv
import io
import json
import math
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat.analysis.analyze import analyze
from darklat.analysis.closed_forms import is_benchmark
from darklat.analysis.drawing import new_figure
from darklat.analysis.figures import (
    figure_checks,
    figure_energies,
    figure_series,
)
from darklat.analysis.numbers import analyse
from darklat.analysis.spectra_figures import figure_photon_spectra, figure_spectra
from darklat.api.run import open_run
from darklat.errors import InputError, MachineError
from darklat.schema import dump, loads
from darklat.storage.read_run import load_run
from synthetic_run import (
    B_END,
    BOX,
    CONFIG,
    POWER,
    ROWS,
    SITES,
    make_photon_run,
    make_run,
    replace_series,
    spectrum,
    write,
)
from unrendered import unrendered


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = make_run(tmp_path_factory.mktemp("analysis") / "run")
    return folder, analyze(folder)


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


@pytest.mark.usefixtures("without_pictures")
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


def test_a_text_that_cannot_be_printed_fails_in_a_figure_that_is_not_rendered() -> None:
    figure = new_figure(height=1)
    figure.suptitle("a run\n$\\nonsense$")
    with unrendered(), pytest.raises(ValueError, match="nonsense"):
        figure.savefig(io.BytesIO())


def test_figures_of_the_photon(tmp_path: Path) -> None:
    folder = make_photon_run(tmp_path / "run")
    with unrendered():
        analyze(folder)
    run = load_run(folder)
    for made in (figure_photon_spectra(run), figure_series(run)):
        assert made is not None
        made.savefig(folder / "made.png")  # raises where it cannot be rendered
    assert {"spectra_A.png", "spectra_A.pdf"} < {p.name for p in (folder / "figures").iterdir()}
    header, table = read_csv(folder / "figures" / "spectra_A.csv")
    assert header[6] == "B_A_plus per ln k [f^2/tau_osc^2]"
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


def test_density_of_the_photon_is_on_the_axis(tmp_path: Path) -> None:
    run = load_run(make_photon_run(tmp_path / "run"))
    panel = figure_energies(run).axes[-1]
    (photon,) = (line for line in panel.lines if r"\rho_{A}" in str(line.get_label()))
    expected = run.series["a"] ** 4 * run.series["rho/A"]
    np.testing.assert_allclose(photon.get_ydata(), expected)
    bottom, top = panel.get_ylim()
    assert bottom < expected.min() and expected.max() < top


# ---- Loading and errors ----


def test_resolved_configuration_of_the_engine_is_read(tmp_path: Path) -> None:
    config = loads(CONFIG, source="test", base=None)
    run = load_run(make_run(tmp_path / "run", config=dump(config)))
    assert run.config == config
    assert run.config.model.alp is not None and run.config.model.alp.mass_eV == 1e-17
    assert is_benchmark(run.config)


def test_limits_and_defaults_that_depend_on_other_keys_are_the_engine_s(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", config=CONFIG.replace("float64", "float32"))
    replace_series(folder, gauss__X=np.full(ROWS, 1e-5))
    run = load_run(folder)
    gauss = next(v for v in analyse(run).verdicts if v.check == "Gauss's law of X")
    assert (gauss.status, gauss.limit) == ("pass", "0.001")


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        analyze(tmp_path / "nowhere")


def test_not_a_run_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"config\.yaml is missing"):
        analyze(tmp_path)


def test_no_series_yet(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    (folder / "series.h5").unlink()
    with pytest.raises(InputError, match="has not written its first row"):
        analyze(folder)


def test_no_rows_yet(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no rows yet"):
        analyze(make_run(tmp_path / "run", rows=0))


@pytest.mark.parametrize("name", ["series.h5", "spectra.h5"])
@pytest.mark.parametrize("attribute", ["darklat_version", "config"])
def test_file_of_another_program(tmp_path: Path, name: str, attribute: str) -> None:
    folder = make_run(tmp_path / "run")
    with h5py.File(folder / name, "a") as file:
        del file.attrs[attribute]
    with pytest.raises(InputError, match=f"{name} was not written by darklat"):
        analyze(folder)


def test_truncated_file(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    path = folder / "series.h5"
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(InputError, match=r"cannot be read.*darklat resume"):
        analyze(folder)


NO_CONFIG = {
    "model: [": "1:9: not valid YAML",
    "name: x\n": "1:1: model: missing",
    "just text": "1:1: a configuration is a mapping of keys to values",
    CONFIG.replace("1e16", "f"): "3:32: model.alp.f_GeV: must be a number greater than 0, found",
    CONFIG + "checks: strict\n": "9:9: checks: must be a mapping",
    CONFIG + "speed: 3\n": "9:1: speed: unknown key",
    CONFIG.replace("XX", "XY"): "5:15: model.couplings.XY: no field Y is declared",
    CONFIG + "sweep: {initial.seed: [1, 2]}\n": "9:1: sweep: one run is wanted here",
}


@pytest.mark.parametrize("text", NO_CONFIG)
def test_configuration_that_is_none(tmp_path: Path, text: str) -> None:
    folder = make_run(tmp_path / "run", config=text)
    with pytest.raises(InputError, match="is not one of this version of darklat") as caught:
        load_run(folder)
    assert f"\n{folder / 'series.h5'}, attribute config:{NO_CONFIG[text]}" in str(caught.value)


EDITED = {
    "mass_eV: 1e-17": (
        "mass_eV: 1e-15",
        "model.alp.mass_eV is 1e-15 in config.yaml and 1e-17 in series.h5, which counts.",
    ),
    "name: synthetic": (
        "name: \xff",
        "config.yaml:1:7: byte 0xff is not UTF-8: save the file as UTF-8 text); the configuration "
        "in series.h5 counts.",
    ),
    CONFIG: ("model: [", "config.yaml:1:9: not valid YAML"),
}


@pytest.mark.parametrize("old", EDITED)
def test_the_configuration_of_the_series_counts_not_an_edited_one(tmp_path: Path, old: str) -> None:
    folder = make_run(tmp_path / "run")
    before = load_run(folder)
    new, said = EDITED[old]
    (folder / "config.yaml").write_bytes(CONFIG.replace(old, new).encode("latin-1"))
    run = load_run(folder)
    assert run.config == before.config
    assert analyse(run).end == analyse(before).end
    (line,) = run.edits
    assert said in line and line in run.notes
    assert line in open_run(folder).notes


def test_a_run_without_config_yaml_is_analysed(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    (folder / "config.yaml").unlink()
    assert load_run(folder).edits == (
        "config.yaml is missing; the configuration in series.h5 counts.",
    )


def test_missing_column(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    replace_series(folder, r=None)
    with pytest.raises(InputError, match="no dataset r,"):
        load_run(folder)


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    (folder / "figures").write_text("in the way")
    with pytest.raises(MachineError, match=r"could not be written.*free space"):
        analyze(folder)


def test_analysis_imports_neither_the_engine_nor_pyplot() -> None:
    code = (
        "import sys, darklat.analysis.analyze, darklat.analysis.figures\n"
        "print([m for m in sys.modules if m.startswith(('darklat.lattice', 'darklat.kernels'))"
        " or m == 'matplotlib.pyplot'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

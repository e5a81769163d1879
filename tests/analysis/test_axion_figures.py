"""The figures of the axion of electroweak baryogenesis: numbers, curves from files, refusals."""

from __future__ import annotations

import csv
import io
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat import cli
from darklat.analysis.papers import axion_data, axion_figure, figure
from darklat.physics import boltzmann, relics
from darklat.physics.electroweak_axion import dark_photons, kappas
from darklat.schema import figure as figure_config
from darklat.schema.figure_axion import AxionEwbg1, AxionEwbg2, AxionEwbg3

CONFIGS = Path(__file__).parents[2] / "configs" / "figures"


def darklat(*arguments: object) -> tuple[int, str, str]:
    """The command in this process: exit code, standard output and error."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.main([str(argument) for argument in arguments])
    return code, out.getvalue(), err.getvalue()


def read(path: Path) -> dict[str, np.ndarray]:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return dict(zip(header, np.array(rows, dtype=float).T, strict=True))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_shipped_configs_are_the_defaults_and_have_every_key(number: int) -> None:
    config, origin = figure_config.load(CONFIGS / f"axion_ewbg_fig{number}.yaml")
    assert config == figure_config.MODELS[f"axion_ewbg_{number}"]()
    assert set(origin.root.content) == set(type(config).model_fields)


@pytest.fixture(scope="module")
def mixing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fig. 1 with curves from files, drawn by the command."""
    folder = tmp_path_factory.mktemp("mixing")
    (folder / "below.txt").write_text("# a curve\n1e-3 1e-12\n\n0.1, 1e-10\n")
    (folder / "box.txt").write_text(
        "# mass [MeV]  value [1]\n500 1e-5\n900 1e-5\n900 1e-3\n500 1e-3\n"
    )
    (folder / "mixing.yaml").write_text(
        "figure: axion_ewbg_1\npoints: 41\nexclusions:\n"
        "  NA62 (v. 2): {file: below.txt, fill: below}\n  $B$: {file: box.txt, fill: inside}\n"
    )
    code, out, err = darklat("figure", folder / "mixing.yaml", "--out", folder / "out")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == len(list((folder / "out").iterdir()))
    return folder / "out"


def test_the_band_and_the_model_of_figure_1(mixing: Path) -> None:
    assert (mixing / "figure_1.pdf").read_bytes().startswith(b"%PDF")
    table, model = read(mixing / "figure_1.csv"), read(mixing / "figure_1_model.csv")
    mass = table["m_phi [GeV]"]
    np.testing.assert_allclose(table["sin2 kappa_mix max [1]"], (mass / 125) ** 2, rtol=1e-14)
    np.testing.assert_allclose(
        table["sin2 kappa_mix min [1]"], 1e-3 * (mass / 125) ** 2, rtol=1e-14
    )
    closed = kappas(r=1.0, epsilon=0.5, beta=0.5)
    far = model["f_phi [GeV]"] > 1e5  # corrections of order (v/f)^2
    np.testing.assert_allclose(
        model["sin2 [1]"][far], closed.kappa_mix * (model["m_phi [GeV]"][far] / 125) ** 2, rtol=2e-5
    )
    inside = (mass >= 1e-3) & (mass <= 2 * 0.10566)
    largest = table["sin2 largest II.12 [1]"]
    assert np.all(largest[inside] == 3e-7) and np.all(np.isnan(largest[~inside]))
    assert np.nanmax(table["sin2 largest II.13 [1]"]) == pytest.approx(0.64e-6, rel=1e-12)
    with h5py.File(mixing / "figure_1.h5") as file:
        assert file.attrs["kappa_mix"] == closed.kappa_mix
        assert file.attrs["T_n_GeV"] == pytest.approx(141.5216, abs=1e-4)


def test_curves_from_files_keep_their_numbers(mixing: Path) -> None:
    curves = read(mixing / "figure_1_exclusions.csv")
    np.testing.assert_array_equal(curves["curve [1]"], [1, 1, 2, 2, 2, 2])
    np.testing.assert_allclose(curves["m_phi [GeV]"], [1e-3, 0.1, 0.5, 0.9, 0.9, 0.5], rtol=1e-15)
    np.testing.assert_array_equal(curves["sin2 [1]"], [1e-12, 1e-10, 1e-5, 1e-5, 1e-3, 1e-3])


def test_figure_2() -> None:
    picture = axion_figure.figure_2(AxionEwbg2(points=21, anomaly=2.0))
    table, model = picture.tables["figure_2"], picture.tables["figure_2_model"]
    np.testing.assert_allclose(
        table["g kappa max [1/GeV]"], 1e-2 * table["m_phi [GeV]"] / 125**2, rtol=1e-14
    )
    np.testing.assert_allclose(
        model["g [1/GeV]"] * model["f_phi [GeV]"], 2 / 137.036 / (2 * np.pi), rtol=1e-6
    )
    heavy = table["m_phi [GeV]"] > 0.2
    assert np.all(np.isnan(table["g largest II.16 [1/GeV]"][heavy]))
    assert np.all(table["g largest II.16 [1/GeV]"][~heavy] == 0.8e-8)


# ---- Fig. 3 ----


def test_figure_3_in_time() -> None:
    config = AxionEwbg3()
    begun = time.process_time()
    picture = axion_figure.figure_3(config)
    assert time.process_time() - begun < 30  # 50 x 50 points for each of three masses
    table, grid = picture.tables["figure_3"], picture.tables["figure_3_map"]
    assert grid["g [1/GeV]"].shape == (3 * 50 * 50,) and table["g [1/GeV]"].shape == (3 * 50,)
    for i in (0, 60, 140):
        coupling = relics.coupling_for_dark_matter(
            mass_phi_gev=float(table["m_phi [GeV]"][i]),
            mass_dark_gev=float(table["m_dark [GeV]"][i]),
        )
        assert table["g [1/GeV]"][i] == pytest.approx(coupling, rel=1e-12)
    # The numerical contour lies above III.18's by a factor that kinematics alone changes.
    light = table["m_dark [GeV]"] < 0.01 * table["m_phi [GeV]"]
    ratio = (table["g [1/GeV]"] / table["g III.18 [1/GeV]"])[light] ** 2
    assert ratio.min() > 15 and ratio.max() < 45
    closed = 2 * grid["m_dark [GeV]"] >= grid["m_phi [GeV]"]
    assert np.all(grid["Omega h^2 [1]"][closed] == 0) and np.all(grid["Omega h^2 [1]"][~closed] > 0)


def test_the_map_is_the_freeze_in_of_its_points() -> None:
    mass, coupling = np.array([1e-5, 1e-3]), np.array([1e-11, 1e-10])
    grid = axion_data.omega_map(0.01, mass_dark=mass, coupling=coupling, statistics="fermi")
    found = relics.freeze_in(
        mass_phi_gev=0.01, mass_dark_gev=1e-3, coupling_per_gev=1e-10, statistics="fermi"
    )
    assert grid.omega_h2[1, 1] == pytest.approx(found.omega_h2, rel=1e-7)
    assert grid.thermalisation[1, 1] == pytest.approx(found.thermalisation, rel=1e-12)


def test_reheating_temperatures_are_those_of_decoupling() -> None:
    couplings = np.array([1e-12, 1e-9, 1e-7])
    bath = boltzmann.standard_model()
    for g, T in zip(couplings, axion_data.reheating(couplings), strict=True):
        exact = dark_photons.decoupling_temperature(coupling=float(g), bath=bath)
        assert exact == pytest.approx(T, rel=1e-5)


# ---- Refusals and warnings ----

CURVE = "figure: axion_ewbg_2\nexclusions:\n  A: {file: a.txt}\n"
REFUSED = {
    ("figure: axion_ewbg_1\nexclusions: {A: {file: none.txt}}", ""): ("f.yaml:2:24: exclusions.A.file: there is no file 'none.txt'",),
    ("figure: axion_ewbg_1\nexclusions: {A: {fill: below}}", ""): ("exclusions.A.file: missing; write for example file: na62.txt",),
    ("figure: axion_ewbg_1\nexclusions: {A: {file: null}}", ""): ("f.yaml:2:24: exclusions.A.file: must be the path of a file, found nothing",),
    ("figure: axion_ewbg_1\nexclusions: {A: {file: a.txt, fill: abov}}", "1 1\n"): ("fill: must be above, below, inside or none", "did you mean above?"),
    ("figure: axion_ewbg_1\nexclusions: [a.txt]", ""): ("f.yaml:2:13: exclusions: must be a mapping from names to files",),
    (CURVE, "1 1e-9\n2 x\n"): ("a.txt:2:3: value must be a number, found 'x'",),
    (CURVE, "1 1e-9\n2\n"): ("a.txt:2:2: 1 numbers, needed are 2; value is missing",),
    (CURVE, "1 1e-9\n2 1e-9 3\n"): ("a.txt:2:8: 3 numbers, needed are 2",),
    (CURVE, "1 1e-9\n-2 1e-9\n"): ("a.txt:2:1: mass must be positive, found -2",),
    (CURVE, "1 1e-9\n"): ("a.txt:1:1: a curve has 2 rows or more",),
    (CURVE, "# mass [TeV]  value [1/GeV]\n1 1\n1 1\n"): ("a.txt:1:9: the unit of mass must be GeV, MeV, keV or eV, found 'TeV'",),
    ("figure: axion_ewbg_1\nmass_min_GeV: 20", ""): ("f.yaml:1:1: mass_max_GeV: must be greater than mass_min_GeV, which is 20, found 10",),
    ("figure: axion_ewbg_1\nepsilon: 1", ""): ("f.yaml:2:10: epsilon: must be a number greater than 0 and below 1",),
    ("figure: axion_ewbg_1\nepsilon: 0.2\nr: 1\nbeta: 1.4", ""): ("f.yaml:3:4: r: ", "the symmetric phase survives to T = 0"),
    ("figure: axion_ewbg_3\nmasses_phi_GeV: [1e-6]", ""): ("f.yaml:2:17: masses_phi_GeV: an axion of 1e-06 GeV decays to no dark photon heavier than 5e-07 GeV",),
    ("figure: axion_ewbg_3\nmasses_phi_GeV: [1e7]", ""): ("f.yaml:2:18: masses_phi_GeV[0]: must be a number from 1e-07 to 1e+06",),
}  # fmt: skip


@pytest.mark.parametrize(
    "case", REFUSED, ids=lambda case: (case[0] + case[1])[-40:].replace("\n", " ")
)
def test_bad_input_says_where_and_writes_nothing(tmp_path: Path, case: tuple[str, str]) -> None:
    text, curve = case
    (tmp_path / "a.txt").write_text(curve)
    (tmp_path / "f.yaml").write_text(text)
    code, out, err = darklat("figure", tmp_path / "f.yaml", "--out", tmp_path / "out")
    assert (code, out) == (2, ""), err
    for part in REFUSED[case]:
        assert part in err
    assert not (tmp_path / "out").exists()


def test_a_contour_that_thermalises_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    axion_figure.figure_3(
        AxionEwbg3(masses_phi_GeV=(0.01,), mass_min_GeV=1e-8, points=8, map_points=8)
    )
    assert "for 0.01 GeV the contour may thermalise dark photons" in caplog.text


def test_every_figure_has_a_function() -> None:
    assert set(figure.FIGURES) == set(figure_config.MODELS)
    assert figure.FIGURES["axion_ewbg_1"](AxionEwbg1(points=8)).name == "figure_1"

"""Figures for a journal: one look per field, sizes, axes that hold the curves, marks."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import h5py
import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from scipy.special import gamma, jv

from darklat.analysis import drawing, field_style, marks
from darklat.analysis.figures import figure_checks, figure_energies, figure_series
from darklat.analysis.spectra_figures import (
    figure_growth,
    figure_photon_spectra,
    figure_spectra,
)
from darklat.physics.spectra import vacuum_power_B
from darklat.schema import loads
from darklat.storage.read_run import RunFiles, load_run
from synthetic_run import (
    CONFIG,
    G_AX,
    K_PEAK,
    ROWS,
    WIDTH,
    make_photon_run,
    make_run,
    replace_series,
)

DECADES = 78.0
"""Growth of the powers of a run from the vacuum."""


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> RunFiles:
    """A run with a photon whose energies and spectra grow by `DECADES` until a = 5."""
    folder = make_photon_run(tmp_path_factory.mktemp("figures") / "run")
    a = np.linspace(0.5, 30, ROWS)
    growth = 10.0 ** (DECADES * np.minimum(0, (a - 5) / 4.5))
    series = load_run(folder).series
    replace_series(
        folder,
        epsilon=4 * growth,
        rho__X=series["rho/X"][-1] * (30 / a) ** 4 * growth,
        rho__A=(G_AX * series["b"]) ** 2 * series["rho/X"] * growth,
        gauss__A=series["gauss/A"],
        b=series["b"] + (a < 3) / a,
    )
    with h5py.File(folder / "spectra.h5", "a") as file:
        for name in ("B_X_plus", "B_X_minus"):
            times, k = file[f"{name}/a"][...], file[f"{name}/k"][...]
            vacuum = vacuum_power_B(file[f"{name}/khat"][...], amplitude=3.333e-43)
            shape = 1e-4 * np.exp(-0.5 * (np.log(k / K_PEAK) / WIDTH) ** 2)
            late = shape * (1 + 0.02 * times[:, None])
            share = 10.0 ** (DECADES * np.minimum(0, (times - 5) / 4.5))
            file[f"{name}/power"][...] = late * share[:, None] + vacuum
    return load_run(folder)


DRAWN: list[Callable[..., Figure | None]] = [
    figure_series,
    figure_growth,
    figure_spectra,
    figure_photon_spectra,
    figure_checks,
    figure_energies,
]


@pytest.fixture(scope="module")
def figures(grown: RunFiles) -> dict[str, Figure]:
    found = {}
    with matplotlib.rc_context(drawing.STYLE):
        for draw in DRAWN:
            figure = draw(grown)
            assert figure is not None
            figure.draw_without_rendering()
            found[draw.__name__] = figure
    return found


def looks(figure: Figure) -> dict[str, tuple[object, object]]:
    """Label to colour and dashes of its lines."""
    lines = [line for panel in figure.axes for line in panel.lines]
    return {str(x.get_label()): (x.get_color(), x._unscaled_dash_pattern) for x in lines}


def test_a_field_looks_the_same_in_all_figures(figures: dict[str, Figure]) -> None:
    series = [panel.lines[0] for panel in figures["figure_series"].axes]
    of = {
        name: (line.get_color(), line._unscaled_dash_pattern)
        for name, line in zip(("theta", "X", "A"), series, strict=True)
    }
    energies, checks = looks(figures["figure_energies"]), looks(figures["figure_checks"])
    assert of["theta"] == energies[r"$\rho_{\phi}$"]
    assert of["X"] == energies[r"$\rho_{X}$"] == checks["Gauss's law, $X$"]
    assert of["A"] == energies[r"$\rho_{A}$"] == checks["Gauss's law, $A$"]


def test_no_two_fields_look_the_same() -> None:
    config = loads(CONFIG, source="test", base=None)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    styles = [field_style.style_of(config, name) for name in ("theta", *letters)]
    styles.append(field_style.PHOTON)
    assert len({(style.colour, style.dashes) for style in styles}) == 28
    neighbours = [field_style.style_of(config, letter).dashes for letter in "XYZABC"]
    assert len(set(neighbours)) == 6  # so that a figure can be read in grey


def test_figures_have_the_width_of_a_column_and_legible_text(figures: dict[str, Figure]) -> None:
    for name, figure in figures.items():
        assert figure.get_figwidth() == drawing.WIDTH == 3.4
        for text in figure.findobj(Text):
            if text.get_visible() and text.get_text() and "mathdefault" not in text.get_text():
                assert text.get_fontsize() >= drawing.FONT, (name, text)


def test_axes_hold_the_curves(grown: RunFiles, figures: dict[str, Figure]) -> None:
    end = marks.cutoff(grown, grown.spectra["B_X_plus"].k, grown.spectra["B_X_plus"].khat)
    for name, figure in figures.items():
        for panel in figure.axes:
            (left, right), (bottom, top) = panel.get_xlim(), panel.get_ylim()
            for line in panel.lines:
                x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata(), float)
                if len(x) < 3:
                    continue
                shown = np.isfinite(y) & (x >= left) & (x <= right)
                if name in ("figure_spectra", "figure_photon_spectra"):
                    shown &= (x <= end) & (y > y[np.isfinite(y)].max() / 1e5)
                assert np.any(shown)
                assert np.all((y[shown] >= bottom) & (y[shown] <= top)), (name, line.get_label())


def test_the_later_a_spectrum_the_darker_and_late_ones_differ(figures: dict[str, Figure]) -> None:
    for name in ("figure_spectra", "figure_growth"):
        curves = [line for line in figures[name].axes[0].lines if len(line.get_xdata()) > 3]
        if name == "figure_growth":
            curves.pop()  # the vacuum
        lightness = [np.dot(to_rgb(line.get_color()), (0.30, 0.59, 0.11)) for line in curves]
        assert 4 <= len(curves) <= 9
        # A step of a thirtieth of black to white can be seen; most are larger.
        assert np.all(np.diff(lightness) < -1 / 30)


def test_spectra_begin_when_the_field_has_grown(figures: dict[str, Figure]) -> None:
    first = next(line for line in figures["figure_spectra"].axes[0].lines)
    bottom, top = figures["figure_spectra"].axes[0].get_ylim()
    assert np.nanmax(first.get_ydata()) > 1e-5
    assert top / bottom < 1e8


def test_growth_begins_at_the_vacuum_which_is_marked(
    grown: RunFiles, figures: dict[str, Figure]
) -> None:
    panel = figures["figure_growth"].axes[0]
    spectrum = grown.spectra["B_X_plus"]
    expected = (1e-17 / 3 / 1e25) ** 2 * spectrum.khat**4 / (4 * math.pi**2)
    np.testing.assert_allclose(panel.lines[-1].get_ydata(), expected, rtol=1e-3)
    np.testing.assert_array_equal(panel.lines[0].get_ydata(), spectrum.power[0])
    assert "vacuum" in [text.get_text() for text in panel.texts]


def test_band_saturation_and_cutoff_are_marked_and_labelled(
    grown: RunFiles, figures: dict[str, Figure]
) -> None:
    tau = np.linspace(0.5, 3, 200_000)
    z = 1.5 * tau**2
    slope = gamma(1.25) * (2 / z) ** 0.25 * jv(1.25, z) * 3 * tau
    assert marks.band_edge(grown) == pytest.approx(100 * np.max(slope), rel=1e-3)
    saturated = 5 + 4.5 * math.log10(0.9) / DECADES
    assert marks.saturation(grown) == pytest.approx(saturated, abs=0.025)  # a row
    texts = {
        name: {text.get_text() for panel in figure.axes for text in panel.texts}
        for name, figure in figures.items()
    }
    for name in ("figure_spectra", "figure_growth", "figure_photon_spectra"):
        assert {"unstable band", "cutoff"} <= texts[name]
    for name in ("figure_series", "figure_checks", "figure_energies"):
        assert "saturation" in texts[name]
    assert "vacuum of $X$" in texts["figure_energies"]


def test_what_has_not_grown_has_no_saturation_and_no_figure_of_growth(tmp_path: Path) -> None:
    folder = make_photon_run(tmp_path / "run")
    with h5py.File(folder / "spectra.h5", "a") as file:
        for name in ("B_X_plus", "B_X_minus"):
            file[f"{name}/power"][...] = file[f"{name}/power"][-1]
    run = load_run(folder)
    assert marks.saturation(run) is None  # epsilon grows by a hundred
    assert figure_growth(run) is None


def test_epsilon_of_every_dark_field_is_in_one_panel(tmp_path: Path) -> None:
    config = CONFIG.replace("{X: {role: dark}}", "{X: {role: dark}, Y: {role: dark}}")
    folder = make_run(tmp_path / "run", config=config)
    replace_series(folder, rho__Y=load_run(folder).series["rho/X"] / 2)
    panel = figure_series(load_run(folder)).axes[1]
    X, Y = panel.lines[:2]
    assert [line.get_label() for line in (X, Y)] == ["$X$", "$Y$"]
    np.testing.assert_allclose(Y.get_ydata(), X.get_ydata() / 2)
    assert (Y.get_color(), Y._unscaled_dash_pattern) != (X.get_color(), X._unscaled_dash_pattern)


def test_fonts_are_packed_without_a_remark(caplog: pytest.LogCaptureFixture) -> None:
    """A prime comes from a font whose date fontTools takes for a mistake."""
    with drawing.styled():
        figure = drawing.new_figure(height=1.0)
        figure.text(0.5, 0.5, r"$m_{\gamma'}$")
        pictures = drawing.rendered(figure)
    assert pictures["pdf"].startswith(b"%PDF")
    assert not caplog.records

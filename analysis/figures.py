"""Figures of a run, in the manner of Choi, Kim, Sekiguchi, PRL 121, 031102 (2018).

`compact` figures have no title: for the report, which describes the run elsewhere.
"""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darklat.analysis import drawing, figure_data, marks, symbols
from darklat.analysis.closed_forms import PAPER, b_of_paper, is_benchmark
from darklat.analysis.field_style import LineStyle, style_of
from darklat.analysis.numbers import epsilon
from darklat.analysis.spectra_figures import (
    figure_growth,
    figure_helicities,
    figure_longitudinal_spectra,
    figure_spectra,
)
from darklat.analysis.wave_figure import figure_waves
from darklat.physics.friedmann import CONSTRAINT
from darklat.storage.read_run import Array, RunFiles

_ROUNDING = 1e-18
"""The least residual that is drawn."""

_SHOWN = 1e5
"""Largest over least epsilon in the figure of the series."""

_MOST_B = 30
"""Largest b in the figure of the series, over its last."""

Draw = Callable[[RunFiles], Figure | None]


def write_figures(run: RunFiles, folder: Path) -> list[Path]:
    """Draw every figure that the run has data for into `folder`: PNG, PDF and the data as CSV.

    Returns the paths of the figures. One that cannot be drawn is a warning. Raises OSError where
    the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kinds: dict[str, tuple[Draw, Callable[[RunFiles, Path], None]]] = {
        "series": (figure_series, figure_data.write_series),
        "growth": (figure_growth, figure_data.write_spectra),
        "spectra": (figure_spectra, figure_data.write_spectra),
        **{f"spectra_{letter}": _of_field(letter) for letter in other_fields(run)},
        "spectra_long": (figure_longitudinal_spectra, figure_data.write_longitudinal_spectra),
        "gravitational_waves": (figure_waves, figure_data.write_waves),
        "checks": (figure_checks, figure_data.write_checks),
        "energies": (figure_energies, figure_data.write_energies),
    }
    written = []
    for name, (draw, write_data) in kinds.items():
        pictures: dict[str, bytes] = {}
        with drawing.noted(name):
            figure = draw(run)
            if figure is None:
                continue
            pictures = drawing.rendered(figure)
        written += drawing.write(pictures, folder, name)
        write_data(run, folder / f"{name}.csv")
    return written


def other_fields(run: RunFiles) -> tuple[str, ...]:
    """The letters of all fields but the first dark one, which have figures of their own."""
    return tuple(letter for letter in run.config.letters if letter != run.config.dark)


def _of_field(letter: str) -> tuple[Draw, Callable[[RunFiles, Path], None]]:
    return (
        partial(figure_helicities, letter=letter, compact=False),
        partial(figure_data.write_helicities, letter=letter),
    )


def figure_series(run: RunFiles, *, compact: bool = False) -> Figure:
    """r, epsilon and b (where present) against a/a_osc, one panel each, as in their Fig. 1. Without
    an ALP: the density of every field and plasma.

    The axis begins where epsilon comes within five decades of its largest value: the growth from
    the vacuum spans tens of decades, and `figure_energies` has all of it.
    """
    config = run.config
    if config.model.alp is None:
        of = {name: name.removeprefix("rho/") for name in run.densities}
    else:
        of = {"r": "theta", "epsilon": config.dark or "X", "b": config.photon or "A"}
    names = [name for name in of if name in run.series]
    asymptotes: dict[str, float | None] = {name: PAPER[name] for name in ("r", "epsilon")}
    asymptotes["b"] = b_of_paper(config)
    figure = drawing.new_figure(height=(0.5 if compact else 0.95) + 1.15 * len(names))
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    x, label = drawing.time_axis(run)
    first = _begin(run)
    saturated = marks.saturation(run)
    for panel, name in zip(panels, names, strict=True):
        shown = drawing.positive(run.series[name][first:])
        if name == "b":  # of order one in the vacuum, and tens of decades below in the end
            shown = np.where(shown <= _MOST_B * shown[-1], shown, np.nan)
        panel.plot(x[first:], shown, **style_of(config, of[name]).keywords())
        panel.set_ylabel(symbols.of_column(name, config.unit_names, dark=config.dark).axis)
        if name == "epsilon":
            shown = np.concatenate([shown, *_further_epsilons(panel, run, first)])
        panel.set_yscale("log")
        value = asymptotes.get(name)
        if is_benchmark(config) and value is not None:
            drawing.asymptote(panel, value, last=float(run.series[name][-1]))
            shown = np.append(shown, value)
        drawing.hold(panel, shown)
        drawing.limit_time(panel, x[first:])
        marks.mark_saturation(panel, saturated, label=name == "epsilon")
    panels[-1].set_xlabel(label)
    figure.align_ylabels(panels)
    drawing.set_title(figure, run, compact=compact)
    return figure


def figure_checks(run: RunFiles, *, compact: bool = False) -> Figure | None:
    """Gauss's law of every field and the Lorenz condition of massive ones, |energy balance| and the
    power at the cutoff, log scale."""
    laws = {"gauss/": ("Gauss's law", 1.2), "lorenz/": ("Lorenz condition", 0.7)}
    curves = {}
    for start, (law, width) in laws.items():
        for name in (name for name in run.series if name.startswith(start)):
            field = name.removeprefix(start)
            style = replace(style_of(run.config, field), width=width)
            curves[name] = _Curve(f"{law}, ${field}$", run.series[name], style)
    others = {
        "energy_balance": ("|energy balance|", LineStyle("0.45", width=1.6)),
        CONSTRAINT: ("|Friedmann constraint|", LineStyle("0.45", (0, (4, 2)), width=1.2)),
        "power_at_cutoff": ("energy at the cutoff", LineStyle("0.6", (0, (2, 2)), width=1.6)),
    }
    for name, (label, style) in others.items():
        if name in run.series:
            curves[name] = _Curve(label, run.series[name], style)
    if not curves:
        return None
    figure = drawing.new_figure(height=2.9 if compact else 3.4)
    panel = figure.subplots()
    x, xlabel = drawing.time_axis(run)
    # Below rounding, 1e-16, a share says nothing; in the vacuum that at the cutoff is 1e-80.
    shown = {name: drawing.from_floor(np.abs(c.values), _ROUNDING) for name, c in curves.items()}
    for name, curve in curves.items():
        panel.plot(x, shown[name], label=curve.label, **curve.style.keywords())
    panel.set_yscale("log")
    drawing.hold(panel, *shown.values())
    panel.set_xlabel(xlabel)
    panel.set_ylabel("residual or share, relative")
    drawing.limit_time(panel, x)
    marks.mark_saturation(panel, marks.saturation(run), label=True, height=0.35)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    drawing.set_title(figure, run, compact=compact)
    return figure


def figure_energies(run: RunFiles, *, compact: bool = False) -> Figure:
    """a^4 rho of every field, which is constant for radiation and grows as a for matter.

    Where they span more decades than can be read, there are two panels: above the part that
    `figure_series` shows, and below everything from the vacuum on.
    """
    x, xlabel = drawing.time_axis(run)
    scale = run.series["a"] ** 4
    curves = {
        name: _Curve(
            f"${symbols.of_density(name)}$",
            drawing.positive(scale * run.series[name]),
            style_of(run.config, name.removeprefix("rho/")),
        )
        for name in sorted(run.densities, key=lambda name: name != "rho/theta")
    }
    spread = np.concatenate([curve.values for curve in curves.values()])
    wide = not np.all(np.isnan(spread)) and np.nanmax(spread) > 1e12 * np.nanmin(spread)
    figure = drawing.new_figure(height=(0.8 if compact else 1.25) + (3.3 if wide else 2.0))
    panels = figure.subplots(2 if wide else 1, 1, squeeze=False)[:, 0]
    names = run.config.unit_names
    for panel, first in zip(panels, (_begin(run), 0) if wide else (0,), strict=True):
        closer = len(panels) == 2 and panel is panels[0]
        floor = (drawing.largest(spread) or 0.0) / 1e6 if closer else 0.0
        shown = [drawing.from_floor(curve.values[first:], floor) for curve in curves.values()]
        for values, curve in zip(shown, curves.values(), strict=True):
            if not np.all(np.isnan(values)) or not closer:
                label = None if closer else curve.label
                panel.plot(x[first:], values, label=label, **curve.style.keywords())
        panel.set_yscale("log")
        drawing.hold(panel, *shown)
        drawing.limit_time(panel, x[first:])
        marks.mark_saturation(panel, marks.saturation(run), label=closer or not wide)
        panel.set_ylabel(rf"$(a/{names.a_tex})^4\,\rho\ \ [{names.square_tex}]$")
    _mark_vacuum(panels[-1], run, curves, x)
    panels[-1].set_xlabel(xlabel)
    figure.align_ylabels(panels)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    drawing.set_title(figure, run, compact=compact)
    return figure


# ---- Parts ----


def _further_epsilons(panel: Axes, run: RunFiles, first: int) -> list[Array]:
    """Draws epsilon of all dark fields but the first, with a legend of all; returns the curves."""
    x, found = drawing.time_axis(run)[0][first:], []
    for letter in run.config.every_dark[1:]:
        column = epsilon(run.config, run.series, letter)
        if column is not None:
            found.append(drawing.from_floor(column[first:], np.max(run.series["epsilon"]) / _SHOWN))
            panel.plot(x, found[-1], label=f"${letter}$", **style_of(run.config, letter).keywords())
    if found:
        panel.lines[0].set_label(f"${run.config.dark}$")
        panel.legend(loc="lower right", frameon=False)
        panel.set_ylabel(r"$\epsilon$")
    return found


@dataclass(frozen=True)
class _Curve:
    label: str
    values: Array
    style: LineStyle


def _begin(run: RunFiles) -> int:
    """The row from which on epsilon is within five decades of its largest value; the first row
    where it has grown by less, and without an ALP."""
    epsilon = run.series.get("epsilon")
    top = None if epsilon is None else drawing.largest(epsilon)
    if epsilon is None or top is None:
        return 0
    return max(0, int(np.argmax(drawing.positive(epsilon) >= top / _SHOWN)) - 1)


def _mark_vacuum(panel: Axes, run: RunFiles, curves: dict[str, _Curve], x: Array) -> None:
    """The energy with which the first dark field begins, that of its vacuum."""
    curve = curves.get(f"rho/{run.config.dark}")
    if curve is None or run.config.initial.kind != "vacuum" or not curve.values[0] > 0:
        return
    level = float(curve.values[0])
    panel.axhline(level, color=drawing.GREY, lw=0.8, ls=":")
    bottom, top = panel.get_ylim()
    above = np.log(level / bottom) < 0.2 * np.log(top / bottom)
    note = panel.annotate(
        f"vacuum of ${run.config.dark}$",
        (0.98, level),
        xycoords=("axes fraction", "data"),
        xytext=(0, 2 if above else -2),
        textcoords="offset points",
        ha="right",
        va="bottom" if above else "top",
        color=drawing.GREY,
    )
    note.set_in_layout(False)

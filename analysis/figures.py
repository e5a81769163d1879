"""Figures of a run, in the manner of Choi, Kim, Sekiguchi, PRL 121, 031102 (2018).

`compact` figures are narrow and without a title: for the report, which describes the run elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from darklat.analysis import drawing, figure_data
from darklat.analysis.closed_forms import PAPER, b_of_paper, is_benchmark
from darklat.storage.read_run import Array, RunFiles

MOST_CURVES = 60

Draw = Callable[[RunFiles], Figure | None]


def write_figures(run: RunFiles, folder: Path) -> list[Path]:
    """Draw every figure that the run has data for into `folder`: PNG, PDF and the data as CSV.

    Returns the paths of the figures. One that cannot be drawn is a warning. Raises OSError where
    the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kinds: dict[str, tuple[Draw, Callable[[RunFiles, Path], None]]] = {
        "series": (figure_series, figure_data.write_series),
        "spectra": (figure_spectra, figure_data.write_spectra),
        f"spectra_{run.config.photon}": (figure_photon_spectra, figure_data.write_photon_spectra),
        "spectra_long": (figure_longitudinal_spectra, figure_data.write_longitudinal_spectra),
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


def figure_series(run: RunFiles, *, compact: bool = False) -> Figure:
    """r, epsilon and b (where present) against a/a_osc, one panel each, as in their Fig. 1. Without
    an ALP: the density of every field and plasma."""
    labels = {"r": "$r$", "epsilon": r"$\epsilon$", "b": "$b$"}
    if run.config.model.alp is None:
        square = run.config.unit_names.square_tex
        labels = {name: rf"${_symbol(name)}\ \ [{square}]$" for name in run.densities}
    names = [name for name in labels if name in run.series]
    asymptotes: dict[str, float | None] = {name: PAPER[name] for name in ("r", "epsilon")}
    asymptotes["b"] = b_of_paper(run.config)
    figure = _figure(height=1.2 + 1.9 * len(names), compact=compact)
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    x, label = drawing.time_axis(run)
    for panel, name in zip(panels, names, strict=True):
        panel.plot(x, drawing.positive(run.series[name]), color=drawing.COLOURS[0], lw=1.4)
        panel.set_yscale("log")
        shown = run.series[name]
        panel.set_ylabel(labels[name])
        value = asymptotes.get(name)
        if is_benchmark(run.config) and value is not None:
            drawing.asymptote(panel, value, last=float(run.series[name][-1]))
            shown = np.append(shown, value)
        if name == "b":
            _limit_to_end(panel, run.series[name], value)
            continue
        # The growth from the vacuum spans tens of decades; only its end is compared.
        drawing.limit(panel, shown, floor=(drawing.largest(shown) or 0.0) / 1e5)
    panels[-1].set_xlabel(label)
    drawing.limit_time(panels[-1], x)
    drawing.set_title(figure, run, compact=compact)
    return figure


def figure_spectra(run: RunFiles, *, compact: bool = False) -> Figure | None:
    """Power of B of the first dark field per ln k against k; None without data.

    A panel per helicity, the time as colour. The cutoff is where `power_at_cutoff` begins: |khat|
    above 3/4 of its largest value on an axis.
    """
    return _helicities(run, run.config.dark, compact=compact)


def figure_photon_spectra(run: RunFiles, *, compact: bool = False) -> Figure | None:
    """The same of B of the photon, as in their Fig. 2; None without data."""
    return _helicities(run, run.config.photon, compact=compact)


def figure_longitudinal_spectra(run: RunFiles, *, compact: bool = False) -> Figure | None:
    """Power per ln k of the longitudinal potential of the first dark field, if it is massive; None
    without data."""
    X, unit = run.config.dark, run.config.unit_names.X_squared_tex
    label = rf"$\mathrm{{d}}\langle {X}_L^2\rangle/\mathrm{{d}}\ln k\ \ [{unit}]$"
    return _spectra(run, {f"X_{X}_long": "longitudinal"}, label, compact=compact)


def figure_checks(run: RunFiles, *, compact: bool = False) -> Figure | None:
    """Gauss's law of every field and the Lorenz condition of massive ones, |energy balance| and the
    power at the cutoff, log scale."""
    curves = {
        f"{law}, ${name.removeprefix(start)}$": run.series[name]
        for start, law in (("gauss/", "Gauss's law"), ("lorenz/", "Lorenz condition"))
        for name in run.series
        if name.startswith(start)
    }
    others = {
        "energy_balance": "|energy balance|",
        "power_at_cutoff": "share of energy at the cutoff",
    }
    curves |= {label: run.series[name] for name, label in others.items() if name in run.series}
    if not curves:
        return None
    curves = {label: np.abs(values) for label, values in curves.items()}
    # Below rounding, 1e-16, a share says nothing; in the vacuum that at the cutoff is 1e-80.
    return _one_panel(run, curves, "relative residual, share", floor=1e-18, compact=compact)


def figure_energies(run: RunFiles, *, compact: bool = False) -> Figure:
    """a^4 rho of every field, which is constant for radiation and grows as a for matter.

    The photon's, some 35 decades below, is drawn times the power of ten that its label says.
    """
    scale = run.series["a"] ** 4
    scaled = {name: scale * run.series[name] for name in run.densities}
    top = drawing.largest(np.concatenate(list(scaled.values()))) or 0.0
    curves = {}
    for name, values in scaled.items():
        own = drawing.largest(values)
        factor = ""
        if name == f"rho/{run.config.photon}" and own is not None and own < top / 1e6:
            decades = math.floor(math.log10(top / own)) - 2
            values = values * 10.0**decades
            factor = rf"10^{{{decades}}}\,"
        curves[f"${factor}{_symbol(name)}$"] = values
    names = run.config.unit_names
    label = rf"$(a/{names.a_tex})^4\,\rho\ \ [{names.square_tex}]$"
    return _one_panel(run, curves, label, floor=top / 1e8, compact=compact)


# ---- Parts ----


def _figure(*, height: float, compact: bool) -> Figure:
    return drawing.new_figure(height=height, width=drawing.NARROW if compact else 6.4)


def _limit_to_end(panel: Axes, values: Array, paper: float | None) -> None:
    """Three decades around the last value (and the paper's), as in their Fig. 1, or less.

    b is of order one in the vacuum, where neither field has grown, and ends tens of decades below.
    """
    shown = drawing.positive(values)
    shown = shown[~np.isnan(shown)]
    if shown.size == 0:
        return
    ends = [float(shown[-1])] if paper is None else [float(shown[-1]), paper]
    bottom = max(min(ends) / 30, min(float(shown.min()), *ends) / 2)
    panel.set_ylim(bottom, min(max(ends) * 30, max(float(shown.max()), *ends) * 3))


def _symbol(name: str) -> str:
    """rho of a column of the series as LaTeX."""
    field, _, plasma = name.removeprefix("rho/").partition("_")
    symbol = field.replace("theta", r"\phi")
    return rf"\rho_{{{symbol}}}" if not plasma else rf"\rho_{{{symbol},\,\mathrm{{{plasma}}}}}"


def _helicities(run: RunFiles, letter: str | None, *, compact: bool) -> Figure | None:
    unit = run.config.unit_names.square_tex
    label = rf"$\mathrm{{d}}\langle B_{letter}^2\rangle/\mathrm{{d}}\ln k\ \ [{unit}]$"
    titles = {f"B_{letter}_plus": "helicity $+$", f"B_{letter}_minus": "helicity $-$"}
    return _spectra(run, titles, label, compact=compact)


def _spectra(run: RunFiles, titles: dict[str, str], ylabel: str, *, compact: bool) -> Figure | None:
    """A panel for each of the spectra of these names; None where one is missing."""
    if any(name not in run.spectra for name in titles):
        return None
    spectra, count = [run.spectra[name] for name in titles], len(titles)
    if compact:
        figure = drawing.new_figure(width=drawing.NARROW, height=3.1 * count)
        panels = figure.subplots(count, 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    else:
        figure = drawing.new_figure(width=4.3 * count if count > 1 else 6.4, height=4.3)
        panels = figure.subplots(1, count, sharex=True, sharey=True, squeeze=False)[0]
    times = min(len(spectrum.tau) for spectrum in spectra)
    first = spectra[0]
    clock = (first.a if run.config.radiation else first.tau)[:times]
    norm = drawing.colour_scale(clock)
    colours = colormaps["viridis"]
    chosen = np.unique(
        np.linspace(0, len(clock) - 1, min(len(clock), MOST_CURVES)).round().astype(int)
    )
    for panel, spectrum, title in zip(panels, spectra, titles.values(), strict=True):
        for i in chosen:
            curve = drawing.positive(spectrum.power[i])
            panel.loglog(spectrum.k, curve, color=colours(norm(clock[i])), lw=1.0)
        panel.set_title(title)
        _mark_cutoff(panel, run, spectrum.k, spectrum.khat)
    # Only the end of the growth from the vacuum fits on the same axis as the later spectra.
    top = drawing.largest(np.concatenate([spectrum.power.ravel() for spectrum in spectra]))
    if top is not None:
        panels[0].set_ylim(top / 1e16, 3 * top)
    panels[0].set_xlim(0.85 * first.k[0], 1.15 * first.k[-1])
    drawing.plain_ticks(panels[0].xaxis, float(first.k[0]), float(first.k[-1]))
    for panel in panels if compact else panels[:1]:
        panel.set_ylabel(ylabel)
    for panel in panels[1:] if compact else panels:
        panel.set_xlabel(rf"$k\,{run.config.unit_names.tau_tex}$")
    bar = figure.colorbar(ScalarMappable(norm, colours), ax=list(panels), pad=0.02, aspect=25)
    bar.set_label(drawing.clock_label(run))
    if isinstance(norm, LogNorm):
        drawing.plain_ticks(bar.ax.yaxis, float(clock[0]), float(clock[-1]))
        bar.ax.minorticks_off()
    drawing.set_title(figure, run, compact=compact)
    return figure


def _one_panel(
    run: RunFiles, curves: dict[str, Array], ylabel: str, *, floor: float, compact: bool
) -> Figure:
    figure = _figure(height=4.2, compact=compact)
    panel = figure.subplots()
    x, xlabel = drawing.time_axis(run)
    for (name, values), colour in zip(curves.items(), drawing.cycle(len(curves)), strict=True):
        panel.plot(x, drawing.positive(values), color=colour, lw=1.2, label=name)
    panel.set_yscale("log")
    drawing.limit(panel, np.concatenate(list(curves.values())), floor=floor)
    panel.set_xlabel(xlabel)
    panel.set_ylabel(ylabel)
    drawing.limit_time(panel, x)
    figure.legend(loc="outside lower center", ncols=2 if compact else 3, frameon=False)
    drawing.set_title(figure, run, compact=compact)
    return figure


def _mark_cutoff(panel: Axes, run: RunFiles, k: Array, khat: Array) -> None:
    lattice = run.config.lattice
    cutoff = 1.5 * lattice.sites / lattice.box  # 3/4 of 2/dx
    # The axis is k; the lattice's khat is a few percent smaller there.
    where = float(np.interp(cutoff, khat, k))
    panel.axvline(where, color="0.35", lw=0.9, ls="--")
    panel.annotate(
        r"$|\hat{k}| = 1.5/\Delta x$",
        (where, 0.03),
        xycoords=("data", "axes fraction"),
        xytext=(-3, 0),
        textcoords="offset points",
        rotation=90,
        ha="right",
        va="bottom",
        fontsize=9,
        color="0.35",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.5},
    )

"""Figures of a run, in the manner of Choi, Kim, Sekiguchi, PRL 121, 031102 (2018).

`compact` figures are narrow and without a title: for the report, which says elsewhere what was run.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from darklat.analysis import drawing, figure_data
from darklat.analysis.closed_forms import PAPER, b_of_paper
from darklat.analysis.load import Array, Run
from darklat.analysis.spectra import both_helicities

MOST_CURVES = 60


def write_figures(run: Run, folder: Path) -> list[Path]:
    """Draw every figure that the run has data for into `folder`: PNG, PDF and the data as CSV.

    Returns the paths of the figures. Raises OSError where the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kinds: dict[str, tuple[Callable[[Run], Figure | None], Callable[[Run, Path], None]]] = {
        "series": (figure_series, figure_data.write_series),
        "spectra": (figure_spectra, figure_data.write_spectra),
        f"spectra_{run.photon}": (figure_photon_spectra, figure_data.write_photon_spectra),
        "checks": (figure_checks, figure_data.write_checks),
        "energies": (figure_energies, figure_data.write_energies),
    }
    written = []
    for name, (draw, write_data) in kinds.items():
        with matplotlib.rc_context(drawing.STYLE):
            figure = draw(run)
            if figure is None:
                continue
            for suffix in ("png", "pdf"):
                written.append(folder / f"{name}.{suffix}")
                figure.savefig(written[-1], dpi=drawing.PNG_DPI)
        write_data(run, folder / f"{name}.csv")
    return written


def figure_series(run: Run, *, compact: bool = False) -> Figure:
    """r, epsilon and b (where present) against a/a_osc, one panel each, as in their Fig. 1."""
    labels = {"r": "$r$", "epsilon": r"$\epsilon$", "b": "$b$"}
    names = [name for name in labels if name in run.series]
    asymptotes: dict[str, float | None] = {name: PAPER[name] for name in ("r", "epsilon")}
    asymptotes["b"] = b_of_paper(run)
    figure = _figure(height=1.2 + 1.9 * len(names), compact=compact)
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    x, label = drawing.time_axis(run)
    for panel, name in zip(panels, names, strict=True):
        panel.plot(x, drawing.positive(run.series[name]), color=drawing.COLOURS[0], lw=1.4)
        panel.set_yscale("log")
        shown = run.series[name]
        panel.set_ylabel(labels[name])
        value = asymptotes[name]
        if run.is_benchmark and value is not None:
            drawing.asymptote(panel, value, last=float(run.series[name][-1]))
            shown = np.append(shown, value)
        if name == "b":
            _limit_to_end(panel, run.series[name], value)
            continue
        # The growth from the vacuum spans tens of decades; what is compared is its end.
        drawing.limit(panel, shown, floor=(drawing.largest(shown) or 0.0) / 1e5)
    panels[-1].set_xlabel(label)
    drawing.limit_time(panels[-1], x)
    drawing.set_title(figure, run, compact=compact)
    return figure


def figure_spectra(run: Run, *, compact: bool = False) -> Figure | None:
    """Power of B of the first dark field per ln k against k; None without data.

    A panel per helicity, the time as colour. The cutoff is where `power_at_cutoff` begins: |khat|
    above 3/4 of its largest value on an axis.
    """
    return _spectra(run, run.dark_field, compact=compact)


def figure_photon_spectra(run: Run, *, compact: bool = False) -> Figure | None:
    """The same of B of the photon, as in their Fig. 2; None without data."""
    return _spectra(run, run.photon, compact=compact)


def figure_checks(run: Run, *, compact: bool = False) -> Figure | None:
    """Gauss's law of every field, |energy balance| and the power at the cutoff, log scale."""
    curves = {
        f"Gauss's law, ${name.removeprefix('gauss/')}$": run.series[name]
        for name in run.series
        if name.startswith("gauss/")
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


def figure_energies(run: Run, *, compact: bool = False) -> Figure:
    """a^4 rho of every field, which is constant for radiation and grows as a for matter.

    The photon's, some 35 decades below, is drawn times the power of ten that its label says.
    """
    names = [name for name in run.series if name.startswith("rho/")]
    scale = run.series["a"] ** 4
    scaled = {name: scale * run.series[name] for name in names}
    top = drawing.largest(np.concatenate(list(scaled.values()))) or 0.0
    curves = {}
    for name, values in scaled.items():
        symbol = name.removeprefix("rho/").replace("theta", r"\phi")
        own = drawing.largest(values)
        factor = ""
        if symbol == run.photon and own is not None and own < top / 1e6:
            decades = math.floor(math.log10(top / own)) - 2
            values = values * 10.0**decades
            factor = rf"10^{{{decades}}}\,"
        curves[rf"${factor}\rho_{{{symbol}}}$"] = values
    label = r"$(a/a_\mathrm{osc})^4\,\rho\ \ [f^2/\tau_\mathrm{osc}^2]$"
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


def _spectra(run: Run, letter: str | None, *, compact: bool) -> Figure | None:
    total = None if letter is None else both_helicities(run, f"B_{letter}")
    if total is None:
        return None
    if compact:
        figure = drawing.new_figure(width=drawing.NARROW, height=6.2)
        panels = figure.subplots(2, 1, sharex=True, sharey=True)
    else:
        figure = drawing.new_figure(width=8.6, height=4.3)
        panels = figure.subplots(1, 2, sharex=True, sharey=True)
    clock, clock_label = (
        (total.a, r"$a/a_\mathrm{osc}$") if run.radiation else (total.tau, drawing.TAU_LABEL)
    )
    norm = drawing.colour_scale(clock)
    colours = colormaps["viridis"]
    chosen = np.unique(
        np.linspace(0, len(clock) - 1, min(len(clock), MOST_CURVES)).round().astype(int)
    )
    ylabel = (
        rf"$\mathrm{{d}}\langle B_{letter}^2\rangle/\mathrm{{d}}\ln k"
        r"\ \ [f^2/\tau_\mathrm{osc}^2]$"
    )
    spectra = [run.spectra[f"B_{letter}_{sign}"] for sign in ("plus", "minus")]
    for panel, spectrum, helicity in zip(panels, spectra, ("+", "-"), strict=True):
        for i in chosen:
            curve = drawing.positive(spectrum.power[i])
            panel.loglog(spectrum.k, curve, color=colours(norm(clock[i])), lw=1.0)
        panel.set_title(f"helicity ${helicity}$")
        _mark_cutoff(panel, run, spectrum.k, spectrum.khat)
    # Of the growth from the vacuum only the end fits on the same axis as what comes of it.
    top = drawing.largest(np.concatenate([spectrum.power.ravel() for spectrum in spectra]))
    if top is not None:
        panels[0].set_ylim(top / 1e16, 3 * top)
    panels[0].set_xlim(0.85 * total.k[0], 1.15 * total.k[-1])
    drawing.plain_ticks(panels[0].xaxis, float(total.k[0]), float(total.k[-1]))
    for panel in panels if compact else panels[:1]:
        panel.set_ylabel(ylabel)
    for panel in panels[1:] if compact else panels:
        panel.set_xlabel(r"$k\,\tau_\mathrm{osc}$")
    bar = figure.colorbar(ScalarMappable(norm, colours), ax=list(panels), pad=0.02, aspect=25)
    bar.set_label(clock_label)
    if isinstance(norm, LogNorm):
        drawing.plain_ticks(bar.ax.yaxis, float(clock[0]), float(clock[-1]))
        bar.ax.minorticks_off()
    drawing.set_title(figure, run, compact=compact)
    return figure


def _one_panel(
    run: Run, curves: dict[str, Array], ylabel: str, *, floor: float, compact: bool
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


def _mark_cutoff(panel: Axes, run: Run, k: Array, khat: Array) -> None:
    lattice = run.config["lattice"]
    cutoff = 1.5 * lattice["sites"] / lattice["box"]  # 3/4 of 2/dx
    # The axis is k; khat is that of the lattice, a few percent smaller there.
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

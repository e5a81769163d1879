"""Figures of a run, in the manner of Choi, Kim, Sekiguchi, PRL 121, 031102 (2018).

Drawn on Figure objects of their own: no display and no global state of matplotlib's are used.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from darklat.analysis import figure_data
from darklat.analysis.load import Run
from darklat.analysis.tables import PAPER, magnetic_spectrum

Array = npt.NDArray[np.float64]

MOST_CURVES = 60
PNG_DPI = 150
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
_STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.labelsize": 11,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "mathtext.fontset": "dejavusans",
    "pdf.fonttype": 42,  # TrueType: text stays text, which journals ask for
}


def write_figures(run: Run, folder: Path) -> list[Path]:
    """Draw every figure that the run has data for into `folder`: PNG, PDF and the data as CSV.

    Returns the paths of the figures. Raises OSError where the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kinds: dict[str, tuple[Callable[[Run], Figure | None], Callable[[Run, Path], None]]] = {
        "series": (figure_series, figure_data.write_series),
        "spectra": (figure_spectra, figure_data.write_spectra),
        "checks": (figure_checks, figure_data.write_checks),
        "energies": (figure_energies, figure_data.write_energies),
    }
    written = []
    for name, (draw, write_data) in kinds.items():
        with matplotlib.rc_context(_STYLE):
            figure = draw(run)
            if figure is None:
                continue
            for suffix in ("png", "pdf"):
                written.append(folder / f"{name}.{suffix}")
                figure.savefig(written[-1], dpi=PNG_DPI)
        write_data(run, folder / f"{name}.csv")
    return written


def figure_series(run: Run) -> Figure:
    """r, epsilon and b (where present) against a/a_osc, one panel each, as in their Fig. 1."""
    labels = {"r": "$r$", "epsilon": r"$\epsilon$", "b": "$b$"}
    names = [name for name in labels if name in run.series]
    figure = _figure(height=1.2 + 1.9 * len(names))
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    for panel, name in zip(panels, names, strict=True):
        x, label = _time(run)
        panel.plot(x, _positive(run.series[name]), color=_COLOURS[0], lw=1.4)
        panel.set_yscale("log")
        shown = run.series[name]
        panel.set_ylabel(labels[name])
        if run.is_benchmark and name in PAPER:
            _asymptote(panel, PAPER[name])
            shown = np.append(shown, PAPER[name])
        # The growth from the vacuum spans tens of decades; what is compared is its end.
        _limit(panel, shown, floor=(_largest(shown) or 0.0) / 1e5)
    panels[-1].set_xlabel(label)
    _limit_time(panels[-1], x)
    figure.suptitle(_title(run), fontsize=10)
    return figure


def figure_spectra(run: Run) -> Figure | None:
    """Power of B_X per ln k against k, a panel per helicity, the time as colour; None without data.

    The cutoff is where `power_at_cutoff` begins: |khat| above 3/4 of its largest value on an axis.
    """
    total = magnetic_spectrum(run)
    if total is None:
        return None
    X = run.dark_field
    figure = _figure(width=8.6, height=4.3)
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    clock, clock_label = (
        (total.a, r"$a/a_\mathrm{osc}$") if run.radiation else (total.tau, _TAU_LABEL)
    )
    norm = _colour_scale(clock)
    colours = colormaps["viridis"]
    chosen = np.unique(
        np.linspace(0, len(clock) - 1, min(len(clock), MOST_CURVES)).round().astype(int)
    )
    for panel, sign, helicity in zip(panels, ("plus", "minus"), ("+", "-"), strict=True):
        spectrum = run.spectra[f"B_{X}_{sign}"]
        for i in chosen:
            curve = _positive(spectrum.power[i])
            panel.loglog(spectrum.k, curve, color=colours(norm(clock[i])), lw=1.0)
        panel.set_title(f"helicity ${helicity}$")
        panel.set_xlabel(r"$k\,\tau_\mathrm{osc}$")
        _mark_cutoff(panel, run, spectrum.k, spectrum.khat)
    # Of the growth from the vacuum only the end fits on the same axis as what comes of it.
    powers = [run.spectra[f"B_{X}_{sign}"].power.ravel() for sign in ("plus", "minus")]
    largest = _largest(np.concatenate(powers))
    if largest is not None:
        panels[0].set_ylim(largest / 1e16, 3 * largest)
    panels[0].set_xlim(0.85 * total.k[0], 1.15 * total.k[-1])
    panels[0].set_ylabel(
        rf"$\mathrm{{d}}\langle B_{X}^2\rangle/\mathrm{{d}}\ln k\ \ [f^2/\tau_\mathrm{{osc}}^2]$"
    )
    bar = figure.colorbar(ScalarMappable(norm, colours), ax=list(panels), pad=0.02, aspect=25)
    bar.set_label(clock_label)
    _plain_ticks(bar.ax, norm)
    figure.suptitle(_title(run), fontsize=10)
    return figure


def figure_checks(run: Run) -> Figure | None:
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
    return _one_panel(run, curves, "relative residual, share", floor=1e-18)


def figure_energies(run: Run) -> Figure:
    """a^4 rho of every field, which is constant for radiation and grows as a for matter."""
    names = [name for name in run.series if name.startswith("rho/")]
    scale = run.series["a"] ** 4
    symbols = {name: name.removeprefix("rho/").replace("theta", r"\phi") for name in names}
    curves = {rf"$\rho_{{{symbols[name]}}}$": scale * run.series[name] for name in names}
    label = r"$(a/a_\mathrm{osc})^4\,\rho\ \ [f^2/\tau_\mathrm{osc}^2]$"
    largest = _largest(np.concatenate(list(curves.values())))
    return _one_panel(run, curves, label, floor=(largest or 0.0) / 1e8)


# ---- Parts ----

_TAU_LABEL = r"$\tau/\tau_\mathrm{osc}$"


def _figure(*, height: float, width: float = 6.4) -> Figure:
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _one_panel(run: Run, curves: dict[str, Array], ylabel: str, *, floor: float) -> Figure:
    figure = _figure(height=4.2)
    panel = figure.subplots()
    x, xlabel = _time(run)
    for (name, values), colour in zip(curves.items(), _cycle(len(curves)), strict=True):
        panel.plot(x, _positive(values), color=colour, lw=1.2, label=name)
    panel.set_yscale("log")
    _limit(panel, np.concatenate(list(curves.values())), floor=floor)
    panel.set_xlabel(xlabel)
    panel.set_ylabel(ylabel)
    _limit_time(panel, x)
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    figure.suptitle(_title(run), fontsize=10)
    return figure


def _cycle(n: int) -> list[str]:
    return [_COLOURS[i % len(_COLOURS)] for i in range(n)]


def _time(run: Run) -> tuple[Array, str]:
    if run.radiation:
        return run.series["a"], r"scale factor $a/a_\mathrm{osc}$"
    return run.series["tau"], rf"conformal time {_TAU_LABEL}"


def _limit_time(panel: Axes, x: Array) -> None:
    """From the first row to the last, with some room where there is only the first."""
    panel.set_xlim(x[0], x[-1] if x[-1] > x[0] else x[0] + 1)


def _positive(values: Array) -> Array:
    """Zeros and worse as gaps: they have no place on a log axis."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def _largest(values: Array) -> float | None:
    positive = _positive(values)
    return None if np.all(np.isnan(positive)) else float(np.nanmax(positive))


def _limit(panel: Axes, values: Array, *, floor: float) -> None:
    """A log axis from a little above the largest value to the smallest, or to the floor."""
    positive = _positive(values)
    if np.any(positive > floor):
        panel.set_ylim(max(floor, float(np.nanmin(positive)) / 2), 3 * float(np.nanmax(positive)))


def _asymptote(panel: Axes, value: float) -> None:
    panel.axhline(value, color="0.35", lw=0.9, ls=":")
    panel.annotate(
        f"Choi et al. 2018: {value:g}",
        (0.99, value),
        xycoords=("axes fraction", "data"),
        xytext=(0, -3),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=9,
        color="0.35",
    )


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


def _colour_scale(clock: Array) -> Normalize:
    first, last = float(clock[0]), float(clock[-1])
    if first > 0 and last > 3 * first:
        return LogNorm(first, last)
    return Normalize(first, last if last > first else first + 1)


def _plain_ticks(axis: Axes, norm: Normalize) -> None:
    """1, 2, 5 and their multiples by tens as plain numbers: a range of a is rarely two decades."""
    if not isinstance(norm, LogNorm) or norm.vmin is None or norm.vmax is None:
        return
    steps = [m * 10.0**e for e in range(-12, 13) for m in (1, 2, 5)]
    ticks = [t for t in steps if norm.vmin <= t <= norm.vmax]
    axis.set_yticks(ticks, [f"{t:g}" for t in ticks])
    axis.set_yticks([], minor=True)


def _title(run: Run) -> str:
    model, lattice = run.config["model"], run.config["lattice"]
    couplings = ", ".join(
        rf"$g_{{{pair}}} = {value:g}$" for pair, value in model["couplings"].items() if value
    )
    name = str(run.config["name"]).replace("$", r"\$")
    if len(name) > 60:
        name = name[:57] + "..."
    parts = [
        couplings or "no couplings",
        rf"$m = {_latex(model['alp']['mass_eV'])}$ eV",
        rf"$f = {_latex(model['alp']['f_GeV'])}$ GeV",
        rf"{lattice['sites']}$^3$ sites",
        rf"$L = {lattice['box']:g}\,\tau_\mathrm{{osc}}$",
    ]
    return f"{name}\n" + ", ".join(parts)


def _latex(value: float) -> str:
    mantissa, _, exponent = f"{value:.3g}".partition("e")
    if not exponent:
        return mantissa
    power = rf"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa}\times {power}"

"""The common parts of all figures: the style, axes with room, numbers as LaTeX.

Drawn on Figure objects of their own: no display and no global state of matplotlib's are used.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from darklat.storage.read_run import Array, RunFiles

log = logging.getLogger("darklat")

PNG_DPI = 150
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.labelsize": 11,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "mathtext.fontset": "dejavusans",
    "pdf.fonttype": 42,  # TrueType: text stays text, which journals ask for
}

NARROW = 4.6
"""Width in inches of a figure for a column or a telephone, where 10 points stay legible."""


class Drawing(Figure):
    """A figure that a notebook shows without pyplot."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        with styled():
            self.savefig(buffer, format="png", dpi=PNG_DPI)
        return buffer.getvalue()


def new_figure(*, height: float, width: float = 6.4) -> Figure:
    """An empty figure of that size in inches."""
    figure = Drawing(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


@contextmanager
def styled() -> Iterator[None]:
    """Inside, figures have the style of darklat, whatever a user's matplotlibrc or code has set."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


@contextmanager
def noted(name: str) -> Iterator[None]:
    """Inside, drawing in the style of darklat; a figure that fails is a warning. The numbers beside
    it are worth more."""
    try:
        with styled():
            yield
    except Exception as error:
        log.warning("warning: figure %s is not drawn: %s: %s", name, type(error).__name__, error)


def rendered(figure: Figure) -> dict[str, bytes]:
    """A figure as PNG and PDF: the contents of the files, by suffix."""
    found = {}
    for suffix in ("png", "pdf"):
        buffer = io.BytesIO()
        figure.savefig(buffer, format=suffix, dpi=PNG_DPI)
        found[suffix] = buffer.getvalue()
        figure.set_layout_engine("none")  # the PDF's is the PNG's: to find one takes a third of all
    return found


def write(pictures: Mapping[str, bytes], folder: Path, name: str) -> list[Path]:
    """Write a rendered figure under a name; return the paths. Raises OSError."""
    written = []
    for suffix, content in pictures.items():
        written.append(folder / f"{name}.{suffix}")
        written[-1].write_bytes(content)
    return written


def cycle(n: int) -> list[str]:
    """n colours that the colour-blind can tell apart, up to six."""
    return [COLOURS[i % len(COLOURS)] for i in range(n)]


def time_axis(run: RunFiles) -> tuple[Array, str]:
    """The column that the series is drawn against, and its label."""
    if run.config.expansion.expands:
        return run.series["a"], f"scale factor {clock_label(run)}"
    return run.series["tau"], f"conformal time {clock_label(run)}"


def clock_label(run: RunFiles) -> str:
    """a (radiation era) or tau, over its unit."""
    names = run.config.unit_names
    return rf"$a/{names.a_tex}$" if run.config.expansion.expands else rf"$\tau/{names.tau_tex}$"


def limit_time(panel: Axes, x: Array) -> None:
    """From the first row to the last, with some room where there is only the first."""
    panel.set_xlim(x[0], x[-1] if x[-1] > x[0] else x[0] + 1)


def positive(values: Array) -> Array:
    """Zeros and worse as gaps: they have no place on a log axis."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def largest(values: Array) -> float | None:
    """The largest positive value, or None."""
    shown = positive(values)
    return None if np.all(np.isnan(shown)) else float(np.nanmax(shown))


def limit(panel: Axes, values: Array, *, floor: float) -> None:
    """A log axis from a little above the largest value to the smallest, or to the floor."""
    shown = positive(values)
    if np.any(shown > floor):
        panel.set_ylim(max(floor, float(np.nanmin(shown)) / 2), 3 * float(np.nanmax(shown)))


def asymptote(panel: Axes, value: float, *, last: float) -> None:
    """A dotted line at the value of the paper, its label on the side where the curve is not."""
    above = last < value
    panel.axhline(value, color="0.35", lw=0.9, ls=":")
    note = panel.annotate(
        f"Choi et al. 2018: {value:.3g}",
        (0.99, value),
        xycoords=("axes fraction", "data"),
        xytext=(0, 2 if above else -3),
        textcoords="offset points",
        ha="right",
        va="bottom" if above else "top",
        fontsize=9,
        color="0.35",
    )
    note.set_in_layout(False)  # a note out of the limits must not push the panel away


def colour_scale(clock: Array) -> Normalize:
    """Times as colours, on a log scale where they span more than a factor of three."""
    first, last = float(clock[0]), float(clock[-1])
    if first > 0 and last > 3 * first:
        return LogNorm(first, last)
    return Normalize(first, last if last > first else first + 1)


def plain_ticks(axis: Axis, first: float, last: float) -> None:
    """1, 2, 5 and their multiples by tens as plain numbers, on a log axis of up to three decades.
    There powers of ten are too few, and matplotlib's labels between them collide."""
    if not 0 < first < last <= 1000 * first:
        return
    steps = [m * 10.0**e for e in range(-12, 13) for m in (1, 2, 5)]
    ticks = [t for t in steps if first <= t <= last]
    axis.set_ticks(ticks, labels=[f"{t:g}" for t in ticks])
    axis.set_minor_formatter(NullFormatter())


def set_title(figure: Figure, run: RunFiles, *, compact: bool) -> None:
    """The name of the run and its parameters; nothing where the text around a figure has them."""
    if compact:
        return
    config, model = run.config, run.config.model
    couplings = ", ".join(
        rf"$g_{{{pair}}} = {value:g}$" for pair, value in model.couplings.items() if value
    )
    if model.alp is None:
        masses = {x: field.mass_eV for x, field in model.fields.items()}
        parts = [rf"$m_{x} = {latex(mass)}$ eV" for x, mass in masses.items() if mass]
    else:
        parts = [
            couplings or "no couplings",
            rf"$m = {latex(model.alp.mass_eV)}$ eV",
            rf"$f = {latex(model.alp.f_GeV)}$ GeV",
        ]
    parts += [
        rf"{config.lattice.sites}$^3$ sites",
        rf"$L = {config.lattice.box:g}\,{config.unit_names.tau_tex}$",
    ]
    figure.suptitle(f"{plain(config.name)}\n" + ", ".join(parts), fontsize=10)


def plain(name: str) -> str:
    """A name as matplotlib prints it as it is, at most 60 characters."""
    shortened = name if len(name) <= 60 else name[:57] + "..."
    return shortened.replace("$", r"\$")


def latex(value: float) -> str:
    """A number to three digits, powers of ten as such."""
    mantissa, _, exponent = f"{value:.3g}".partition("e")
    if not exponent:
        return mantissa
    power = rf"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa}\times {power}"

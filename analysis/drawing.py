"""The common parts of all figures: the style, axes with room, numbers as LaTeX.

Drawn on Figure objects of their own: no display and no global state of matplotlib's are used.
"""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

import io
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatterSciNotation, LogLocator, NullFormatter

from darklat.storage.read_run import Array, RunFiles

log = logging.getLogger("darklat")

PNG_DPI = 300
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
"""Of Okabe and Ito, which the colour-blind can tell apart."""

GREY = "0.35"
"""Of marks and notes."""

WIDTH = 3.4
"""Width in inches of a column of a journal, in which figures are drawn and printed one to one."""

WIDE = 7.0
"""The same of two columns."""

FONT = 8
"""In points, in all figures: capitals of two millimetres, the least that journals accept."""

STYLE: dict[Any, Any] = {
    "font.size": FONT,
    "axes.titlesize": FONT,
    "axes.labelsize": FONT,
    "xtick.labelsize": FONT,
    "ytick.labelsize": FONT,
    "legend.fontsize": FONT,
    "figure.titlesize": FONT,
    "axes.linewidth": 0.6,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "legend.handlelength": 3.2,  # a whole period of the longest dashes
    "lines.dash_capstyle": "butt",
    "mathtext.fontset": "dejavusans",
    "pdf.fonttype": 42,  # TrueType: text stays text, which journals ask for
}

EARLY_TO_LATE = ListedColormap(colormaps["viridis_r"](np.linspace(0.12, 1, 256)))
"""Times as colours. The later is the darker, also in grey."""


_ROOM = 0.24
"""Of a log axis, above and below its curves: a line of text fits in."""


_FEW_TICKS, _PLAIN = 30, (1e-3, 1e3)
"""Up to which ratio an axis has plain numbers, and between which values."""


class Drawing(Figure):
    """A figure that a notebook shows without pyplot."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        with styled():
            self.savefig(buffer, format="png", dpi=PNG_DPI)
        return buffer.getvalue()


def new_figure(*, height: float, width: float = WIDTH) -> Figure:
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
        with _fonts_quiet():
            figure.savefig(buffer, format=suffix, dpi=PNG_DPI)
        found[suffix] = buffer.getvalue()
        figure.set_layout_engine("none")  # the PDF's is the PNG's: to find one takes a third of all
    return found


@contextmanager
def _fonts_quiet() -> Iterator[None]:
    """Inside, fontTools, which packs fonts into a PDF, does not remark on the date of a font."""
    fonts = logging.getLogger("fontTools")
    before = fonts.level
    fonts.setLevel(logging.ERROR)
    try:
        yield
    finally:
        fonts.setLevel(before)


def write(pictures: Mapping[str, bytes], folder: Path, name: str) -> list[Path]:
    """Write a rendered figure under a name; return the paths. Raises OSError."""
    written = []
    for suffix, content in pictures.items():
        written.append(folder / f"{name}.{suffix}")
        written[-1].write_bytes(content)
    return written


def picture(make: Callable[[], Figure | None], folder: Path, name: str) -> list[str]:
    """Draws a figure, where there is one, and writes it under a name; returns the names of the
    files. A figure that fails is a warning. Raises OSError."""
    pictures: dict[str, bytes] = {}
    with noted(name):
        figure = make()
        pictures = rendered(figure) if figure is not None else {}
    return [path.name for path in write(pictures, folder, name)]


def time_axis(run: RunFiles) -> tuple[Array, str]:
    """The column that the series is drawn against, and its label."""
    if run.config.expands:
        return run.series["a"], clock_label(run)
    return run.series["tau"], clock_label(run)


def clock_label(run: RunFiles) -> str:
    """a (radiation era) or tau, over its unit."""
    names = run.config.unit_names
    return rf"$a/{names.a_tex}$" if run.config.expands else rf"$\tau/{names.tau_tex}$"


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


def from_floor(values: Array, floor: float) -> Array:
    """Values below the floor as gaps, so that a curve ends inside of its axes."""
    shown = positive(values)
    return np.where(shown >= floor, shown, np.nan)


def hold(panel: Axes, *values: Array) -> None:
    """A log axis with all positive values on it, and some room."""
    shown = positive(np.concatenate([np.ravel(part) for part in values]))
    if not np.all(np.isnan(shown)):
        bottom, top = float(np.nanmin(shown)), float(np.nanmax(shown))
        room = max(3.0, (top / bottom) ** _ROOM)
        panel.set_ylim(bottom / room, top * room)
        if top <= _FEW_TICKS * bottom and _PLAIN[0] < bottom < top * room < _PLAIN[1]:
            plain_ticks(panel.yaxis, bottom / room, top * room)


def asymptote(panel: Axes, value: float, *, last: float) -> None:
    """A dotted line at the value of the paper, its label on the side where the curve is not."""
    above = last < value
    panel.axhline(value, color=GREY, lw=0.8, ls=":")
    note = panel.annotate(
        f"Choi et al. 2018: ${latex(value)}$",
        (0.99, value),
        xycoords=("axes fraction", "data"),
        xytext=(0, 2 if above else -3),
        textcoords="offset points",
        ha="right",
        va="bottom" if above else "top",
        color=GREY,
    )
    note.set_in_layout(False)  # a note out of the limits must not push the panel away


def colour_scale(clock: Array) -> Normalize:
    """Times as colours, on a log scale where they span more than a factor of three."""
    first, last = float(clock[0]), float(clock[-1])
    if first > 0 and last > 3 * first:
        return LogNorm(first, last)
    return Normalize(first if last > first else last - 1, last)


def plain_ticks(axis: Axis, first: float, last: float) -> None:
    """1, 2, 5 and their multiples by tens as plain numbers, on a log axis of up to three decades,
    and more where these are fewer than three. There powers of ten are too few, and matplotlib's
    labels between them collide."""
    if not 0 < first < last <= 1000 * first:
        return
    for digits in ((1, 2, 5), (1, 1.5, 2, 3, 4, 6, 8)):
        steps = [m * 10.0**e for e in range(-12, 13) for m in digits]
        ticks = [t for t in steps if first <= t <= last]
        if len(ticks) > 2:
            break
    axis.set_ticks(ticks, labels=[f"{t:g}" for t in ticks])
    axis.set_minor_formatter(NullFormatter())


def few_ticks(axis: Axis) -> None:
    """1 and 3 times the powers of ten as labels of a log axis of some decades, which for less than
    two would otherwise be all multiples, over one another."""
    axis.set_major_locator(LogLocator(subs=(1, 3)))
    axis.set_major_formatter(LogFormatterSciNotation(labelOnlyBase=False))
    axis.set_minor_formatter(NullFormatter())


def set_title(figure: Figure, run: RunFiles, *, compact: bool) -> None:
    """The name of the run and its parameters; nothing where the text around a figure has them."""
    if compact:
        return
    config, model = run.config, run.config.model
    if model.alp is None:
        masses = {x: field.mass_eV for x, field in model.fields.items()}
        parts = [rf"$m_{x} = {latex(mass)}$ eV" for x, mass in masses.items() if mass]
    else:
        couplings = [rf"$g_{{{pair}}} = {g:g}$" for pair, g in model.couplings.items() if g]
        parts = [
            *(couplings or ["no couplings"]),
            rf"$m = {latex(model.alp.mass_eV)}$ eV",
            rf"$f = {latex(model.alp.f_GeV)}$ GeV",
        ]
    parts += [
        rf"{config.lattice.sites}$^3$ sites",
        rf"$L = {config.lattice.box:g}\,{config.unit_names.tau_tex}$",
    ]
    figure.suptitle("\n".join([plain(config.name), *wrapped(parts)]))


def wrapped(parts: list[str], *, width: int = 52) -> list[str]:
    """Parts with commas between them, in lines of about `width` printed characters."""
    lines, used = [parts[0]], printed(parts[0])
    for part in parts[1:]:
        if used + printed(part) > width:
            lines[-1] += ","
            lines.append(part)
            used = 0
        else:
            lines[-1] += f", {part}"
        used += printed(part)
    return lines


def printed(text: str) -> int:
    """About how many characters wide a text with mathtext is printed."""
    return len(re.sub(r"\\[a-z]+|[${}_^]", "", text))


def plain(name: str) -> str:
    """A name as matplotlib prints it as it is, at most 48 characters."""
    shortened = name if len(name) <= 48 else name[:45] + "..."
    return shortened.replace("$", r"\$")


def latex(value: float) -> str:
    """A number to three digits, powers of ten as such."""
    mantissa, _, exponent = f"{value:.3g}".partition("e")
    if not exponent:
        return mantissa
    power = rf"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa}\times {power}"

"""Figures of the spectra of a run: their growth from the vacuum, and their course afterwards."""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from darklat.analysis import drawing, marks
from darklat.storage.read_run import Array, RunFiles, SpectrumData

Bins = npt.NDArray[np.bool_]

_MOST_CURVES = 9
"""As many as can be told apart by their colour."""

_DEVELOPED = 0.3
"""Share of the largest power from which on a spectrum is one of the developed ones."""

_GROWN = 1e6
"""Growth of the power from which on it has a figure of its own."""

_DECADES = (2.0, 6.0)
"""Below the largest power, on the axis of the developed spectra: at least, and at most."""


@dataclass(frozen=True)
class _Shown:
    """The spectra of a figure, and the rows that are drawn."""

    spectra: dict[str, SpectrumData]
    """By the label of their axis."""
    clock: Array
    rows: Array

    @property
    def any(self) -> SpectrumData:
        """One of the spectra; all have the same bins."""
        return next(iter(self.spectra.values()))

    def values(self, within: Bins) -> Array:
        """The positive powers of the rows in some of the bins."""
        shown = np.stack([s.power[self.rows][:, within] for s in self.spectra.values()])
        return drawing.positive(shown)


def figure_spectra(run: RunFiles, *, compact: bool = False) -> Figure | None:
    """Power of B of the first dark field per ln k against k; None without data.

    A panel per helicity, the time as colour, from the time on at which the field has grown. The
    cutoff is where `power_at_cutoff` begins: |khat| above 3/4 of its largest value on an axis.
    """
    return figure_helicities(run, run.config.dark, compact=compact)


def figure_photon_spectra(run: RunFiles, *, compact: bool = False) -> Figure | None:
    """The same of B of the photon, as in Fig. 2 of Choi et al. (2018); None without data."""
    return figure_helicities(run, run.config.photon, compact=compact)


def figure_helicities(run: RunFiles, letter: str | None, *, compact: bool) -> Figure | None:
    """`figure_spectra` of any field."""
    return _developed(run, _helicities(run, letter), compact=compact)


def figure_longitudinal_spectra(run: RunFiles, *, compact: bool = False) -> Figure | None:
    """Power per ln k of the longitudinal potential of the first dark field, if it is massive; None
    without data."""
    X, unit = run.config.dark, run.config.unit_names.X_squared_tex
    name = f"X_{X}_long"
    found = {_label(f"{X}_L", unit): run.spectra[name]} if name in run.spectra else None
    return _developed(run, found, compact=compact)


def figure_growth(run: RunFiles, *, compact: bool = False) -> Figure | None:
    """Power of B of the first dark field per ln k from the vacuum up to its largest, with the time
    as colour; None where it has not grown from a vacuum, or without data."""
    X = run.config.dark
    found = _helicities(run, X)
    if found is None or run.config.initial.kind != "vacuum":
        return None
    power = _power(found)
    if not power[0] > 0 or not np.max(power) > _GROWN * power[0]:
        return None
    end = int(np.argmax(power >= _DEVELOPED * np.max(power)))
    growth = np.log(np.maximum.accumulate(power[: end + 1]))
    rows = _spread(growth)
    shown = _Shown(found, _clock(run, found), rows)
    # Growth goes by time and not by its logarithm.
    norm = Normalize(shown.clock[0], shown.clock[rows[-1]])
    figure, panels = _panels(run, shown, norm, compact=compact)
    _frame(panels, run, shown)
    for i, (panel, spectrum) in enumerate(zip(panels, found.values(), strict=True)):
        marks.mark_vacuum(panel, run, spectrum, label=i == 0)
    drawing.hold(panels[0], shown.values(_inside(run, shown)))
    drawing.set_title(figure, run, compact=compact)
    return figure


def _developed(
    run: RunFiles, found: dict[str, SpectrumData] | None, *, compact: bool
) -> Figure | None:
    if found is None:
        return None
    power, clock = _power(found), _clock(run, found)
    first = int(np.argmax(power >= _DEVELOPED * np.max(power))) if np.any(power > 0) else 0
    late = clock[first:]
    decades = late[0] > 0 and late[-1] > 3 * late[0]
    shown = _Shown(found, clock, first + _spread(np.log(late) if decades else late))
    norm = drawing.colour_scale(clock[shown.rows])
    figure, panels = _panels(run, shown, norm, compact=compact)
    _frame(panels, run, shown)
    _limit_power(panels[0], run, shown)
    drawing.set_title(figure, run, compact=compact)
    return figure


def _limit_power(panel: Axes, run: RunFiles, shown: _Shown) -> None:
    """From the largest power down to the least below the cutoff, within `_DECADES`."""
    values, inside = shown.values(_shells(run, shown)), shown.values(_inside(run, shown))
    if np.all(np.isnan(inside)):
        return
    least, top = float(np.nanmin(inside)), float(np.nanmax(values))
    fewest, most = _DECADES
    bottom = max(least, top / 10**most)
    drawing.hold(panel, np.array([min(bottom, top / 10**fewest), top]))


# ---- Parts ----


def _helicities(run: RunFiles, letter: str | None) -> dict[str, SpectrumData] | None:
    unit = run.config.unit_names.square_tex
    names = {
        _label(rf"B_{{{letter},{sign}}}", unit): f"B_{letter}_{name}"
        for sign, name in (("+", "plus"), ("-", "minus"))
    }
    if any(name not in run.spectra for name in names.values()):
        return None
    return {label: run.spectra[name] for label, name in names.items()}


def _label(field: str, unit: str) -> str:
    return rf"$\mathrm{{d}}\langle {field}^2\rangle/\mathrm{{d}}\ln k\ \ [{unit}]$"


def _power(found: dict[str, SpectrumData]) -> Array:
    """The mean square of all of them at the times that all have; zero where it is not finite."""
    times = min(len(spectrum.tau) for spectrum in found.values())
    total = sum(s.power[:times] @ s.dlnk for s in found.values())
    return np.where(np.isfinite(total), total, 0.0)


def _clock(run: RunFiles, found: dict[str, SpectrumData]) -> Array:
    first = next(iter(found.values()))
    times = min(len(spectrum.tau) for spectrum in found.values())
    return (first.a if run.config.expands else first.tau)[:times]


def _spread(values: Array) -> Array:
    """Indices of at most `_MOST_CURVES` of these ascending values, evenly spread over their range,
    the first and the last among them."""
    wanted = np.linspace(values[0], values[-1], min(len(values), _MOST_CURVES))
    return np.unique([int(np.argmin(np.abs(values - value))) for value in wanted])


def _inside(run: RunFiles, shown: _Shown) -> Bins:
    """Whether the bins are below the cutoff, or all where none is."""
    spectrum = shown.any
    below = spectrum.k <= marks.cutoff(run, spectrum.k, spectrum.khat)
    return np.asarray(below if np.any(below) else below | True)


def _shells(run: RunFiles, shown: _Shown) -> Bins:
    """Whether the bins are complete shells, up to the Nyquist frequency of an axis."""
    return np.asarray(shown.any.k <= 1.01 * np.pi / run.config.dx)


def _panels(
    run: RunFiles, shown: _Shown, norm: Normalize, *, compact: bool
) -> tuple[Figure, list[Axes]]:
    """A panel for each of the spectra with its curves, and the bar of the times above them."""
    count = len(shown.spectra)
    figure = drawing.new_figure(height=1.75 * count + (0.9 if compact else 1.35))
    panels = figure.subplots(count, 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    times = shown.clock[shown.rows]
    for panel, (label, spectrum) in zip(panels, shown.spectra.items(), strict=True):
        for row, time in zip(shown.rows, times, strict=True):
            curve = drawing.positive(spectrum.power[row])
            colour = drawing.EARLY_TO_LATE(norm(time))
            # The last one stands out.
            width = 1.8 if row == shown.rows[-1] else 1.0
            panel.loglog(spectrum.k, curve, color=colour, lw=width)
        panel.set_ylabel(label)
    panels[-1].set_xlabel(rf"$k\,{run.config.unit_names.tau_tex}$")
    bar = figure.colorbar(
        ScalarMappable(norm, drawing.EARLY_TO_LATE), ax=list(panels), location="top",
        pad=0.02, aspect=30,
    )  # fmt: skip
    label = drawing.clock_label(run)
    if isinstance(norm, LogNorm):
        drawing.plain_ticks(bar.ax.xaxis, float(times[0]), float(times[-1]))
        bar.ax.minorticks_off()
    saturated = marks.saturation(run)
    if saturated is not None and times[0] < saturated < times[-1]:
        bar.ax.axvline(saturated, color="white", lw=2.4)
        bar.ax.axvline(saturated, color="black", lw=1.0)
        label += f" (line: saturation, {saturated:.3g})"
    bar.set_label(label)
    return figure, list(panels)


def _frame(panels: list[Axes], run: RunFiles, shown: _Shown) -> None:
    """The axis of k up to the Nyquist frequency, beyond which shells are incomplete; the band and
    the cutoff on it."""
    spectrum, lattice = shown.any, run.config.lattice
    nyquist = np.pi * lattice.sites / lattice.box
    last = min(float(spectrum.k[-1]), nyquist)
    panels[0].set_xlim(0.9 * float(spectrum.k[0]), 1.05 * last)
    drawing.plain_ticks(panels[0].xaxis, float(spectrum.k[0]), last)
    edge, end = marks.band_edge(run), marks.cutoff(run, spectrum.k, spectrum.khat)
    for i, panel in enumerate(panels):
        marks.mark_band(panel, edge, label=i == 0)
        marks.mark_cutoff(panel, end, label=i == len(panels) - 1)

"""Several runs in one figure: their curves against time, and their last spectra.

Runs that differ in their seeds alone are one curve, the mean, in a band of one standard deviation.
"""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darklat.analysis import drawing, seeds, symbols
from darklat.analysis.field_style import Dashes
from darklat.analysis.scan import clock_of, differences, observables, series_of
from darklat.analysis.spectra import both_helicities
from darklat.physics.units import UnitNames
from darklat.storage import text_files
from darklat.storage.read_run import Array, RunFiles, load_run

_DASHES: tuple[Dashes, ...] = (
    "-", (0, (5, 1)), (0, (1, 1)), (0, (5, 1, 1, 1)), (0, (2, 1)), (0, (8, 1, 2, 1, 2, 1)),
    (0, (3, 2)),
)  # fmt: skip
"""One more than there are colours: 42 curves differ in one of the two."""

_MOST_KEYS = 2
"""Differences that a legend can hold."""

_SHOWN = 1e5
"""Largest over least value in a panel: the growth from the vacuum spans tens of decades."""


_MOST_B = 30
"""Largest b that is drawn, over its last."""

_LOWEST = 100
"""Mean over the lower end of a band whose scatter exceeds it, on a log axis."""

_GROWING = "epsilon"


@dataclass(frozen=True)
class Band:
    """A mean with its scatter (nan for one run) at the places x."""

    x: Array
    mean: Array
    scatter: Array


@dataclass(frozen=True)
class Curves:
    """A run, or the mean over its seeds."""

    label: str
    folders: tuple[Path, ...]
    series: dict[str, Band]
    """By column, against a or tau."""
    spectrum: Band | None
    """The last one of B of the first dark field, both helicities together, against k."""
    spectrum_at: float
    """a or tau of the last spectrum; nan where there is none."""


@dataclass(frozen=True)
class Overlay:
    """Several runs, ready to be drawn."""

    curves: tuple[Curves, ...]
    units: UnitNames
    clock: str
    dark: str | None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that at least one of them has."""
        return tuple(dict.fromkeys(name for curves in self.curves for name in curves.series))


def load_overlay(folders: list[Path]) -> Overlay:
    """Read the runs. Raises InputError as `load_run`, and for runs without a time in common."""
    runs = [load_run(folder) for folder in folders]
    clock = clock_of(runs)
    differing = differences([run.config for run in runs])
    parameters = [{key: values[i] for key, values in differing.items()} for i in range(len(runs))]
    found = []
    for members in seeds.groups(parameters):
        own = [runs[i] for i in members]
        found.append(
            Curves(
                label=_label(own, parameters[members[0]], runs),
                folders=tuple(run.folder for run in own),
                series=_series(own, clock),
                spectrum=_spectrum(own),
                spectrum_at=_last_time(own[0], clock),
            )
        )
    config = runs[0].config
    return Overlay(tuple(found), config.unit_names, clock, config.dark)


def write(overlay: Overlay, folder: Path) -> list[str]:
    """Draws curves.* and, where there are any, spectra.* (PNG, PDF and CSV) into the folder, and
    returns the names of the files. Raises OSError."""
    written = []
    numbered = list(enumerate(overlay.curves, start=1))
    bands = {name: {n: c.series.get(name) for n, c in numbered} for name in overlay.columns}
    spectra = {"B_squared per ln k": {n: c.spectrum for n, c in numbered}}
    written += drawing.picture(lambda: figure_curves(overlay), folder, "curves")
    text_files.write_csv(folder / "curves.csv", _table(bands, overlay.clock))
    written.append("curves.csv")
    if any(curves.spectrum is not None for curves in overlay.curves):
        written += drawing.picture(lambda: figure_last_spectra(overlay), folder, "spectra")
        text_files.write_csv(folder / "spectra.csv", _table(spectra, "k"))
        written.append("spectra.csv")
    return written


def legend(overlay: Overlay) -> str:
    """The curves by the numbers that they have in the CSV files, with their folders."""
    lines = []
    for number, curves in enumerate(overlay.curves, start=1):
        shown = ", ".join(str(folder) for folder in curves.folders)
        mean = f"mean of {len(curves.folders)} seeds: " if len(curves.folders) > 1 else ""
        lines.append(f"curve {number}: {mean}{shown}")
    return "\n".join(lines)


def figure_curves(overlay: Overlay) -> Figure:
    """A panel per observable against a or tau, with a curve per run or per mean over seeds."""
    names = overlay.columns
    figure = drawing.new_figure(height=0.8 + 1.2 * len(names) + 0.16 * len(overlay.curves))
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    begin = _begin(overlay)
    for panel, name in zip(panels, names, strict=True):
        bands = {n: c.series[name] for n, c in enumerate(overlay.curves) if name in c.series}
        top = max(drawing.largest(band.mean) or 0.0 for band in bands.values())
        shown = {n: _visible(name, band, top) for n, band in bands.items()}
        for number, band in bands.items():
            _draw(panel, replace(band, mean=shown[number]), number, overlay.curves[number].label)
        panel.set_yscale("log")
        drawing.hold(panel, *(shown[n][band.x >= begin] for n, band in bands.items()))
        panel.set_ylabel(symbols.of_column(name, overlay.units, dark=overlay.dark).axis)
    end = max(float(band.x[-1]) for c in overlay.curves for band in c.series.values())
    panels[-1].set_xlim(begin, end if end > begin else begin + 1)
    panels[-1].set_xlabel(f"${_clock_tex(overlay)}$")
    figure.align_ylabels(panels)
    _legend(figure, panels[0])
    return figure


def figure_last_spectra(overlay: Overlay) -> Figure | None:
    """The last power of B of the first dark field per ln k against k; None where no run has one."""
    if all(curves.spectrum is None for curves in overlay.curves):
        return None
    figure = drawing.new_figure(height=2.6 + 0.16 * len(overlay.curves))
    panel = figure.subplots()
    bands = {n: c.spectrum for n, c in enumerate(overlay.curves) if c.spectrum is not None}
    top = max(drawing.largest(band.mean) or 0.0 for band in bands.values())
    for number, band in bands.items():
        curves = overlay.curves[number]
        at = f", ${_clock_tex(overlay)} = {curves.spectrum_at:.3g}$"
        shown = drawing.from_floor(band.mean, top / _SHOWN)
        _draw(panel, replace(band, mean=shown), number, curves.label + at)
    panel.set_xscale("log")
    panel.set_yscale("log")
    drawing.hold(panel, *(drawing.from_floor(b.mean, top / _SHOWN) for b in bands.values()))
    first, last = panel.get_xlim()
    drawing.plain_ticks(panel.xaxis, first, last)
    panel.set_xlabel(rf"$k\,{overlay.units.tau_tex}$")
    field, unit = f"B_{{{overlay.dark}}}", overlay.units.square_tex
    panel.set_ylabel(rf"$\mathrm{{d}}\langle {field}^2\rangle/\mathrm{{d}}\ln k\ \ [{unit}]$")
    _legend(figure, panel)
    return figure


# ---- Parts ----


def _clock_tex(overlay: Overlay) -> str:
    if overlay.clock == "a":
        return f"a/{overlay.units.a_tex}"
    return rf"\tau/{overlay.units.tau_tex}"


def _label(own: list[RunFiles], parameters: dict[str, Any], runs: list[RunFiles]) -> str:
    """The differences where they are few, else the name of the run or of its folder."""
    count = f" ({len(own)} seeds)" if len(own) > 1 else ""
    keys = [key for key in parameters if len(own) == 1 or key != seeds.SEED]
    if keys and len(keys) <= _MOST_KEYS:
        units = own[0].config.unit_names
        shown = (symbols.of_key(key, units).equals(parameters[key]) for key in keys)
        return ", ".join(shown) + count
    if len(own) > 1 and not keys:
        return f"mean of {len(own)} seeds"
    names = [run.config.name for run in runs]
    own_name = own[0].config.name
    name = own_name if len(set(names)) == len(names) else own[0].folder.resolve().name
    return drawing.plain(name) + count


def _series(runs: list[RunFiles], clock: str) -> dict[str, Band]:
    """On the rows of the shortest of them, where all of them are."""
    found = [series_of(run) for run in runs]
    shortest = min(found, key=lambda columns: float(columns[clock][-1]))
    x = shortest[clock]
    bands = {}
    for name in observables(runs[0]):
        if all(name in columns for columns in found):
            rows = [np.interp(x, columns[clock], columns[name]) for columns in found]
            bands[name] = Band(x, *seeds.averages(np.array(rows)))
    return bands


def _spectrum(runs: list[RunFiles]) -> Band | None:
    """Of complete shells, up to the Nyquist frequency of an axis."""
    config = runs[0].config
    found = [both_helicities(run, f"B_{config.dark}") for run in runs]
    powers = [spectrum.power[-1] for spectrum in found if spectrum is not None]
    if len(powers) < len(runs) or found[0] is None:
        return None
    k = found[0].k
    inside = k <= 1.01 * np.pi * config.lattice.sites / config.lattice.box
    mean, scatter = seeds.averages(np.array(powers)[:, inside])
    return Band(k[inside], mean, scatter)


def _last_time(run: RunFiles, clock: str) -> float:
    found = both_helicities(run, f"B_{run.config.dark}")
    if found is None:
        return math.nan
    return float((found.a if clock == "a" else found.tau)[-1])


def _begin(overlay: Overlay) -> float:
    """The earliest time at which an epsilon is within `_SHOWN` of the largest, or the first of
    all."""
    bands = [curves.series[_GROWING] for curves in overlay.curves if _GROWING in curves.series]
    if not bands:
        return min(float(band.x[0]) for c in overlay.curves for band in c.series.values())
    top = max(drawing.largest(band.mean) or 0.0 for band in bands)
    return min(float(band.x[int(np.argmax(band.mean >= top / _SHOWN))]) for band in bands)


def _visible(name: str, band: Band, top: float) -> Array:
    """The mean with gaps where it is out of the panel. b is of order one in the vacuum, and only
    its end counts."""
    if name == "b":
        return np.where(band.mean <= _MOST_B * band.mean[-1], band.mean, np.nan)
    return drawing.from_floor(band.mean, top / _SHOWN)


def _draw(panel: Axes, band: Band, number: int, label: str) -> None:
    colour = ("black", *drawing.COLOURS[:5])[number % 6]
    dashes = _DASHES[number % len(_DASHES)]
    panel.plot(band.x, band.mean, color=colour, ls=dashes, lw=1.2, label=label)
    if np.any(np.isfinite(band.scatter)):
        low = np.maximum(band.mean - band.scatter, band.mean / _LOWEST)
        panel.fill_between(band.x, low, band.mean + band.scatter, color=colour, alpha=0.2, lw=0)


def _legend(figure: Figure, panel: Axes) -> None:
    handles, labels = panel.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=1, frameon=False)


def _table(of: dict[str, dict[int, Band | None]], axis: str) -> dict[str, Array]:
    """Columns with the number of the curve, the axis, and mean and scatter; nan where there is
    none."""
    first = next(iter(of.values()))
    drawn = {n: [band for b in of.values() if (band := b[n]) is not None] for n in first}
    columns: dict[str, list[Array]] = {"curve": [], axis: []}
    for number, bands_of_one in drawn.items():
        if not bands_of_one:
            continue
        x = bands_of_one[0].x
        columns["curve"].append(np.full(len(x), float(number)))
        columns[axis].append(x)
        for name, bands in of.items():
            band = bands[number]
            gap = np.full(len(x), np.nan)
            columns.setdefault(f"{name} mean", []).append(gap if band is None else band.mean)
            columns.setdefault(f"{name} scatter", []).append(gap if band is None else band.scatter)
    return {name: np.concatenate(parts) for name, parts in columns.items()}

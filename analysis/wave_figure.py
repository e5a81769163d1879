"""The figure of gravitational waves today against frequency."""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from darklat.analysis import drawing
from darklat.analysis.waves import spectrum_today
from darklat.storage.read_run import RunFiles
from darklat.storage.sensitivity_curves import SensitivityCurve

_SHOWN = 1e-5
"""Of the largest power: a spectrum is drawn down to there."""

_MOST_EARLIER = 4
"""Earlier times that are drawn beside the last."""

_GREYS = 0.82, 0.5
"""Of the first of them and of the last; the later is the darker."""


def figure_waves(
    run: RunFiles, *, compact: bool = False, curves: Sequence[SensitivityCurve] = ()
) -> Figure | None:
    """Omega_GW h^2 per ln f today: both helicities at the end, their sum at earlier times, and
    sensitivity curves. None without waves, or where there is no today."""
    found = spectrum_today(run)
    if found is None or not np.any(found.plus[-1] > 0):
        return None
    figure = drawing.new_figure(height=2.9 if compact else 3.4)
    panel = figure.subplots()
    f, total = found.frequency_Hz, found.plus + found.minus
    floor = _SHOWN * float(np.max(total))
    rows = [row for row in range(len(total)) if np.max(total[row]) > floor]
    steps = np.linspace(0, len(rows) - 1, min(len(rows), _MOST_EARLIER + 1))
    earlier = [rows[round(step)] for step in steps][:-1]
    for row, grey in zip(earlier, np.linspace(*_GREYS, len(earlier)), strict=True):
        label = rf"$a/{run.config.unit_names.a_tex} = {found.a[row]:.3g}$"
        values = drawing.from_floor(total[row], floor)
        panel.plot(f, values, color=f"{grey:.2f}", lw=0.8, label=label)
    shown = [drawing.from_floor(total[row], floor) for row in rows]
    panel.plot(f, shown[-1], color="black", lw=1.6, label="end of the run")
    for values, colour, label in (
        (found.plus, drawing.COLOURS[0], "helicity $+$"),
        (found.minus, drawing.COLOURS[1], "helicity $-$"),
    ):
        panel.plot(f, drawing.from_floor(values[-1], floor), color=colour, lw=1.0, label=label)
    for curve, colour in zip(curves, _colours(len(curves)), strict=True):
        panel.plot(
            curve.frequency_Hz,
            curve.omega_h2,
            color=colour,
            ls="--",
            label=drawing.plain(curve.label),
        )
        shown.append(drawing.positive(curve.omega_h2))
    panel.set(xscale="log", yscale="log", xlabel=r"$f$ today  [Hz]")
    panel.set_ylabel(r"$\mathrm{d}\,\Omega_\mathrm{GW}h^2/\mathrm{d}\ln f$")
    drawing.few_ticks(panel.xaxis)
    drawing.hold(panel, *shown)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    drawing.set_title(figure, run, compact=compact)
    return figure


def _colours(count: int) -> list[str]:
    later = drawing.COLOURS[2:]
    return [later[i % len(later)] for i in range(count)]

"""The figure of a ladder: every number against spacing, box and step, with its limit."""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darklat.analysis import drawing, symbols
from darklat.analysis.convergence import ConvergedNumber, Convergence
from darklat.analysis.error_budget import ByRung, ErrorBudget
from darklat.schema.ladder import BOX, COURANT

_HEIGHT, _SEED_SIZE, _SIZE = 1.25, 2.5, 4.5
_DECADE = 10.0


def figure_convergence(found: Convergence) -> Figure:
    """A row of panels per number, with a panel for the lattices, the boxes and the steps that the
    ladder has. Colours are times; small points are seeds, large ones their means. Where the spacing
    is zero stands the limit with its error, and a band has the same over the whole panel."""
    names = list(dict.fromkeys(each.name for each in found.numbers))
    arms = [arm for arm in _ARMS if any(len(_rungs(each, arm).h) > 1 for each in found.numbers)]
    arms = arms or list(_ARMS[:1])
    figure = drawing.new_figure(
        height=1.0 + _HEIGHT * len(names), width=drawing.WIDE if len(arms) > 1 else drawing.WIDTH
    )
    panels = figure.subplots(len(names), len(arms), squeeze=False, sharey="row", sharex="col")
    times = sorted({each.at for each in found.numbers})
    for row, name in zip(panels, names, strict=True):
        own = [each for each in found.numbers if each.name == name]
        for panel, arm in zip(row, arms, strict=True):
            for each in own:
                colour = drawing.COLOURS[times.index(each.at) % len(drawing.COLOURS)]
                _draw(panel, each.budget, _rungs(each, arm), colour, limit=arm == "dx")
        symbol = symbols.of_column(name, found.run.config.unit_names, dark=found.dark)
        row[0].set_ylabel(symbol.axis)
        _scale(row[0], own)
    for panel, arm in zip(panels[-1], arms, strict=True):
        panel.set_xlabel(_label(found, arm))
        most = max(float(_rungs(each, arm).h.max()) for each in found.numbers)
        least = min(float(_rungs(each, arm).h.min()) for each in found.numbers) * (arm == "box")
        room = 0.06 * (most - least)
        panel.set_xlim(least - room, most + room)
    clock = drawing.clock_label(found.run).strip("$")
    handles = [
        panels[0][0].plot([], [], "o", ms=_SIZE, color=drawing.COLOURS[i % len(drawing.COLOURS)])[0]
        for i in range(len(times))
    ]
    labels = [rf"${clock} = {drawing.latex(time)}$" for time in times]
    figure.legend(handles, labels, loc="outside lower center", frameon=False, ncols=len(times))
    figure.suptitle(
        f"{drawing.plain(found.name)}: points are seeds and their means, bars the limit"
    )
    figure.align_ylabels(panels[:, 0])
    return figure


_ARMS = ("dx", "box", "step")


def _rungs(each: ConvergedNumber, arm: str) -> ByRung:
    return {"dx": each.lattices, "box": each.boxes, "step": each.steps}[arm]


def _label(found: Convergence, arm: str) -> str:
    units = found.run.config.unit_names
    if arm == "dx":
        return symbols.Symbol(r"\mathrm{d}x", units.tau_tex).axis
    return symbols.of_key(BOX if arm == "box" else COURANT, units).axis


def _draw(panel: Axes, of: ErrorBudget, rungs: ByRung, colour: str, *, limit: bool) -> None:
    for h, seeds in zip(rungs.h, rungs.f, strict=True):
        if len(seeds) > 1:
            panel.plot(
                np.full(len(seeds), h), seeds, "o", ms=_SEED_SIZE, color=colour, alpha=0.35, mew=0
            )
    means = np.exp(np.log(rungs.f).mean(axis=1)) if of.logarithmic else rungs.f.mean(axis=1)
    panel.plot(rungs.h, means, "o-", ms=_SIZE, lw=0.8, color=colour)
    own = [rungs.h[rungs.own]], [means[rungs.own]]
    panel.plot(*own, "o", ms=_SIZE + 3, mfc="none", color=colour, mew=0.8)
    low, high = ends(of)
    if math.isfinite(low) and math.isfinite(high):
        panel.axhspan(low, high, color=colour, alpha=0.12, lw=0, zorder=-1)
        if limit:
            bars = [[of.value - low], [high - of.value]]
            panel.errorbar([0], [of.value], yerr=bars, fmt="s", ms=_SIZE, color=colour, capsize=3)


def ends(of: ErrorBudget) -> tuple[float, float]:
    """One sigma below and above the value."""
    if of.logarithmic:
        return of.value * math.exp(-of.spread), of.value * math.exp(of.spread)
    return of.value - of.spread, of.value + of.spread


def _scale(panel: Axes, own: list[ConvergedNumber]) -> None:
    """A log axis where the numbers span more than a decade."""
    values = np.concatenate(
        [np.ravel(rungs.f) for each in own for rungs in (each.lattices, each.boxes, each.steps)]
        + [np.array(ends(each.budget)) for each in own]
    )
    values = values[np.isfinite(values)]
    if values.min() > 0 and values.max() > _DECADE * values.min():
        panel.set_yscale("log")
        drawing.hold(panel, values)
        return
    room = 0.1 * float(np.ptp(values)) or 0.1 * abs(float(values[0])) or 1.0
    panel.set_ylim(float(values.min()) - room, float(values.max()) + room)

"""The result of a relic as a table, and its history as a figure."""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.figure import Figure

from darklat.analysis import drawing
from darklat.analysis.papers.picture import Picture

HISTORY = "history"
"""Name of the figure and of its table."""

_ROWS = 8  # of the history, in print


@dataclass(frozen=True)
class Line:
    """A number of the result."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class ClosedForm:
    """An approximation of the literature beside the numerical value."""

    name: str
    value: float
    numerical: float

    @property
    def ratio(self) -> float:
        """How many times the numerical value it is."""
        return self.value / self.numerical


@dataclass(frozen=True)
class RelicResult:
    """Everything that `darklat relic` prints and writes about one point."""

    title: str
    regime: str
    lines: tuple[Line, ...]
    closed_forms: tuple[ClosedForm, ...]
    picture: Picture
    warnings: tuple[tuple[str, str], ...] = field(default=())
    """Keys of the configuration, each with a doubt about its value."""


def text(outcome: RelicResult) -> str:
    """The table, to print."""
    name_width = max(len(each.name) for each in outcome.lines)
    value_width = max(len(each.value) for each in outcome.lines)
    rows = [outcome.title, f"  regime: {outcome.regime}"]
    for line in outcome.lines:
        row = f"  {line.name.ljust(name_width)}  {line.value.rjust(value_width)}  {line.note}"
        rows.append(row.rstrip())
    if outcome.closed_forms:
        width = max(len(each.name) for each in outcome.closed_forms)
        rows.append("closed forms, and how far they are from the numerical value:")
        rows += [
            f"  {each.name.ljust(width)}  {each.value:.4g} for {each.numerical:.4g}: "
            f"{deviation(each.ratio)}"
            for each in outcome.closed_forms
        ]
    return "\n".join([*rows, *_history_rows(outcome.picture.tables[HISTORY])])


def _history_rows(columns: Mapping[str, drawing.Array]) -> list[str]:
    """Some rows of the table of the history, evenly spread."""
    length = len(next(iter(columns.values())))
    chosen = np.linspace(0, length - 1, min(_ROWS, length)).round().astype(int)
    texts = [
        [name, *(f"{value:.4g}" for value in values[chosen])] for name, values in columns.items()
    ]
    widths = [max(map(len, column)) for column in texts]
    lines = [
        "  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in zip(*texts, strict=True)
    ]
    return [f"history, {len(chosen)} of {length} rows:", *lines]


def deviation(ratio: float) -> str:
    """A ratio in words: per cent where it is close to one, else a factor."""
    if 0.5 < ratio < 2:
        return f"{100 * (ratio - 1):+.2g} %"
    if ratio >= 2:
        return f"{ratio:.3g} times too large"
    return f"{1 / ratio:.3g} times too small" if ratio > 0 else "zero"


@drawing.styled()
def history_figure(
    x: drawing.Array,
    curves: Sequence[tuple[str, drawing.Array]],
    *,
    x_label: str,
    y_label: str,
    marks: Sequence[tuple[str, float]] = (),
    floor: float = 1e-12,
) -> Figure:
    """Yields over x on log axes: the first curve is the relic's, the others are dashed.

    Curves end at `floor` times the largest value of the first. Marks are vertical lines.
    """
    figure = drawing.new_figure(height=2.9)
    panel = figure.subplots()
    lowest = floor * float(np.max(curves[0][1]))
    dashes = ("-", "--", "-.", ":")
    for i, (label, values) in enumerate(curves):
        shown = drawing.from_floor(values, lowest)
        panel.plot(
            x, shown, color=drawing.COLOURS[i], lw=1.6 if i == 0 else 1.2, ls=dashes[i % 4],
            label=label,
        )  # fmt: skip
    for label, place in marks:
        if x[0] < place < x[-1]:
            panel.axvline(place, color=drawing.GREY, lw=0.9, ls=":", label=label)
    panel.set(xscale="log", yscale="log", xlim=(x[0], x[-1]))
    panel.set_xlabel(x_label)
    panel.set_ylabel(y_label)
    panel.legend(loc="best", frameon=False)
    return figure

"""A ladder of runs, as numbers with errors."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from darklat.analysis.convergence import Convergence, load_convergence
from darklat.analysis.error_budget import number, verdict
from darklat.api.columns import Columns

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from darklat.analysis.error_budget import ErrorBudget


def converge(folder: str | Path, *, at: Sequence[float] | None = None) -> ConvergenceTable:
    """Reads the ladder that `darklat converge` (or `darklat submit`) has run, finished or not.

    at: the times at which the runs are compared, scale factors or in a static background conformal
    times. By default those of the ladder. Nothing is written.

    Raises InputError for a folder that is no ladder, and where no two rungs have come so far.
    """
    return ConvergenceTable(load_convergence(Path(folder), at=tuple(at or ())))


class ConvergenceTable(Columns):
    """A mapping from numbers to arrays with one value per time of `at`: "r", "epsilon", "b",
    "k_peak_X" and "helicity_X" (of the spectrum of B_X), without an ALP the densities. Under
    "b, error" is the error of one sigma. A number that is not known is nan.

    at: the times. clock: "a" or "tau". verdicts: a sentence on every number.
    """

    def __init__(self, found: Convergence) -> None:
        self._found = found
        self.clock = found.clock
        self.at = np.array(sorted({each.at for each in found.numbers}))
        self.verdicts = tuple(
            verdict(each.name, found.clock, each.at, each.budget) for each in found.numbers
        )
        self._columns: dict[str, np.ndarray] = {}
        for name in dict.fromkeys(each.name for each in found.numbers):
            budgets = [self._budget(name, time) for time in self.at]
            pairs = [(math.nan, math.nan) if x is None else (x.value, x.error) for x in budgets]
            self._columns[name], self._columns[f"{name}, error"] = np.array(pairs).T

    def budget(self, name: str, at: float) -> ErrorBudget:
        """The error of a number at one of the times by its origin, and how its limit was found.
        Raises KeyError where there is none."""
        found = self._budget(name, at)
        if found is None:
            raise KeyError(f"{name} at {self.clock} = {at:g}; the times are {self.at.tolist()}")
        return found

    def _budget(self, name: str, at: float) -> ErrorBudget | None:
        numbers = self._found.numbers
        return next((x.budget for x in numbers if (x.name, x.at) == (name, at)), None)

    def figure(self) -> Figure:
        """Every number against spacing, box and step, with its limit."""
        from darklat.analysis import drawing
        from darklat.analysis.convergence_figure import figure_convergence

        with drawing.styled():
            return figure_convergence(self._found)

    def __repr__(self) -> str:
        from darklat.analysis.convergence_results import format_convergence

        return format_convergence(self._found)

    def _repr_html_(self) -> str:
        """The numbers with their errors, for a notebook."""
        rows = "".join(
            f"<tr><td>{html.escape(each.name)}</td><td>{each.at:g}</td>"
            f"<td>{html.escape(number(each.budget))}</td>"
            f"<td>{html.escape(each.budget.dominates)}</td></tr>"
            for each in self._found.numbers
        )
        head = f"<th></th><th>{self.clock}</th><th>limit</th><th>most of the error</th>"
        total = len(self._found.ladder.runs)
        return (
            f"<table><caption>a ladder of {total} runs</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )

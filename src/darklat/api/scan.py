"""Several runs that differ in a parameter, as a table."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from darklat.analysis import sweep
from darklat.analysis.scan import Scan, load_scan
from darklat.api.columns import Columns
from darklat.api.run import Run
from darklat.errors import InputError
from darklat.storage import sweep_folder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from darklat.analysis.overlay import Overlay


def scan(runs: str | Path | Iterable[str | Path | Run], *, against: str | None = None) -> ScanTable:
    """Compares runs that differ in a parameter, as `darklat analyze` of several does.

    runs: the folder of a sweep, or two or more runs or their folders. against: the dotted key of
    the parameter on the axis, for example "initial.seed". By default it is the physical one that
    differs. Nothing is written.

    Raises InputError for fewer than two runs, for runs that do not differ in that key, and for
    runs without a time in common.
    """
    if isinstance(runs, str | Path):
        if not sweep_folder.is_sweep(Path(runs)):
            raise InputError(
                f"{runs} is not the folder of a sweep; give a list of the folders of runs"
            )
        folders = sweep.runs(Path(runs))[0]
    else:
        folders = [each.folder if isinstance(each, Run) else Path(each) for each in runs]
    return ScanTable(load_scan(folders, against=against))


class ScanTable(Columns):
    """Runs in the order of a parameter: a mapping from columns to arrays with one value per run.

    The columns are the dotted keys that differ, and "r", "epsilon" and "b" (without an ALP the
    densities) at the common time; "epsilon_Y" is of a further dark field Y. The values at the end
    of each run are under "r, last" and so on. A number that a run does not have is nan.

    parameter: the dotted key on the axis. clock: "a" or "tau". common: the time at which the runs
    are compared, the smallest of their last times. folders: the runs. failed: the checks that each
    of them fails.
    """

    def __init__(self, found: Scan) -> None:
        self._scan = found
        self.parameter, self.clock, self.common = found.parameter, found.clock, found.common
        self.folders = tuple(point.folder for point in found.points)
        self.failed = tuple(point.failed for point in found.points)
        points, names = found.points, found.observables
        self._columns = {
            key: np.array([point.parameters[key] for point in points])
            for key in (found.parameter, *found.others)
        }
        self._columns[f"{found.clock}, last"] = np.array([point.a_end for point in points])
        self._columns |= {n: np.array([p.common.get(n, np.nan) for p in points]) for n in names}
        self._columns |= {
            f"{n}, last": np.array([p.end.get(n, np.nan) for p in points]) for n in names
        }

    def figure(self) -> Figure:
        """r, epsilon and b against the parameter."""
        from darklat.analysis import drawing
        from darklat.analysis.scan_results import figure_scan

        with drawing.styled():
            return figure_scan(self._scan)

    def curves(self) -> Figure:
        """r, epsilon and b of all runs against time, or the densities without an ALP. Runs that
        differ in their seeds alone are a mean in a band of one standard deviation."""
        from darklat.analysis.overlay import figure_curves

        return self._overlaid(figure_curves)

    def spectra(self) -> Figure:
        """The last spectra of B of the first dark field of all runs, averaged as `curves`.

        Raises InputError where no run has one.
        """
        from darklat.analysis.overlay import figure_last_spectra

        return self._overlaid(figure_last_spectra)

    def _overlaid(self, draw: Callable[[Overlay], Figure | None]) -> Figure:
        from darklat.analysis import drawing
        from darklat.analysis.overlay import load_overlay

        with drawing.styled():
            figure = draw(load_overlay(list(self.folders)))
        if figure is None:
            raise InputError("none of the runs has a spectrum of B yet")
        return figure

    def over_seeds(self, name: str) -> dict[str, np.ndarray]:
        """Mean, scatter and error of the mean of a column at the common time, over the seeds of
        each configuration.

        An array with one value per configuration under "seeds" (their number), "mean", "scatter"
        (standard deviation of one run), "error" (of the mean) and each of the keys that differ. The
        last two are nan for one seed. Raises KeyError for a name that is no observable.
        """
        from darklat.analysis.seed_averages import seed_averages

        if name not in self._scan.observables:
            raise KeyError(f"{name}; the observables are {', '.join(self._scan.observables)}")
        cells = [cell for cell in seed_averages(self._scan) if name in cell.of]
        found = {key: np.array([c.parameters[key] for c in cells]) for key in cells[0].parameters}
        of = [cell.of[name] for cell in cells]
        return found | {
            "seeds": np.array([each.n for each in of]),
            "mean": np.array([each.mean for each in of]),
            "scatter": np.array([each.scatter for each in of]),
            "error": np.array([each.error for each in of]),
        }

    def __repr__(self) -> str:
        from darklat.analysis.scan_results import format_scan

        return format_scan(self._scan)

    def _repr_html_(self) -> str:
        """The table, for a notebook."""
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self)
        body = "".join(
            f"<tr>{''.join(f'<td>{html.escape(_cell(value))}</td>' for value in row)}</tr>"
            for row in zip(*self._columns.values(), strict=True)
        )
        compared = f"{self.clock} = {self.common:.4g}"
        return (
            f"<table><caption>{len(self.folders)} runs, compared at {compared}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value)

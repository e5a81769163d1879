"""Several runs that differ in a parameter: r, epsilon and b against it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from darklat.analysis.numbers import analyse, epsilon, finite_series
from darklat.analysis.verdicts import ended
from darklat.errors import InputError
from darklat.physics.units import UnitNames
from darklat.schema import Config
from darklat.schema.comparison import differing
from darklat.storage.read_run import Array, RunFiles, load_run

OBSERVABLES = ("r", "epsilon", "b")

MASS = "model.alp.mass_eV"
SEED = "initial.seed"

_IGNORED = ("name", "output.", "checks.")
"""Keys for the name, the records and the checks of a run; they do not change its results."""

_FIRST = ("model.", "background.", "initial.a_start", "initial.kind", "lattice.", "time.")
"""Where several parameters differ, which of them is the axis: physics before numerics, and the
seed last."""


class NothingToScanError(InputError):
    """Runs that cannot be compared in a parameter, but whose curves can be drawn together."""


@dataclass(frozen=True)
class Point:
    """A run of a scan."""

    folder: Path
    name: str
    parameters: dict[str, Any]
    """The keys that differ between the runs, by dotted path; None where a run has no such key."""
    a_end: float
    """Its last a (or tau in a static background)."""
    ended: bool
    end: dict[str, float]
    """The `observables` that the run has, at `a_end`."""
    common: dict[str, float]
    """The same at the common a."""
    failed: tuple[str, ...]
    """The checks that it fails."""


@dataclass(frozen=True)
class Scan:
    """Runs in the order of the parameter."""

    parameter: str
    """Dotted path of the axis."""
    others: tuple[str, ...]
    """The other differences."""
    clock: str
    """"a", or "tau" in a static background."""
    common: float
    """The a (or tau) at which all runs are compared: the smallest of the last ones."""
    points: tuple[Point, ...]
    runs: tuple[RunFiles, ...]

    @property
    def numeric(self) -> bool:
        """Whether the parameter is a number in every run."""
        return all(_is_number(point.parameters[self.parameter]) for point in self.points)

    @property
    def one_family(self) -> bool:
        """Whether the runs differ in the parameter alone, and in the seed of their vacuum. Only
        then an observable is a function of the parameter."""
        return set(self.others) <= {SEED}

    @property
    def decades(self) -> bool:
        """Whether it is positive and spans a factor of ten or more: a log axis."""
        if not self.numeric:
            return False
        values = [point.parameters[self.parameter] for point in self.points]
        return bool(min(values) > 0 and max(values) >= 10 * min(values))

    @property
    def observables(self) -> tuple[str, ...]:
        """The columns that at least one run has: r, epsilon, b, or without an ALP the densities."""
        found = dict.fromkeys(name for run in self.runs for name in observables(run))
        ordered = [*OBSERVABLES, *(name for name in found if name not in OBSERVABLES)]
        return tuple(name for name in ordered if any(name in p.end for p in self.points))

    @property
    def unit_names(self) -> UnitNames:
        """The names of the units of its runs."""
        return self.runs[0].config.unit_names


def load_scan(folders: list[Path], *, against: str | None = None) -> Scan:
    """Read the runs and find their differences. `against` chooses the parameter where several do.

    Raises InputError as `refuse_same`, for a folder that is no run, and for runs with and without
    an ALP. Raises NothingToScanError for runs that do not differ, and for runs without a common a.
    """
    refuse_same(folders)
    runs = [load_run(folder) for folder in folders]
    found = differences([run.config for run in runs])
    parameter = _choose(found, against)
    clock = clock_of(runs)
    series = [series_of(run) for run in runs]
    common = _common(folders, series, clock)
    points = []
    for run, columns, values in zip(runs, series, _transposed(found), strict=True):
        present = [
            name for name in observables(run) if name in columns and np.isfinite(columns[name][-1])
        ]
        points.append(
            Point(
                folder=run.folder,
                name=run.config.name,
                parameters=values,
                a_end=float(columns[clock][-1]),
                ended=ended(run),
                end={name: float(columns[name][-1]) for name in present},
                common={
                    name: float(np.interp(common, columns[clock], columns[name]))
                    for name in present
                },
                failed=tuple(v.check for v in analyse(run).verdicts if v.status == "fail"),
            )
        )
    order = sorted(range(len(points)), key=lambda i: _sort_key(points[i].parameters[parameter]))
    return Scan(
        parameter=parameter,
        others=tuple(name for name in found if name != parameter),
        clock=clock,
        common=common,
        points=tuple(points[i] for i in order),
        runs=tuple(replace(runs[i], spectra={}) for i in order),
    )


def refuse_same(folders: list[Path]) -> None:
    """Raises InputError for fewer than two folders, and for one that is given twice."""
    if len(folders) < 2:
        raise InputError("a scan needs the folders of two runs or more")
    resolved = [folder.resolve() for folder in folders]
    for i, folder in enumerate(resolved):
        if folder in resolved[:i]:
            raise InputError(f"{folders[i]} is given twice; a scan needs different runs")


def observables(run: RunFiles) -> tuple[str, ...]:
    """The columns that a scan compares: r, epsilon, b and epsilon of further dark fields, or the
    densities without an ALP."""
    if run.config.model.alp is None:
        return run.densities
    return (*OBSERVABLES, *(f"epsilon_{letter}" for letter in run.config.every_dark[1:]))


def series_of(run: RunFiles) -> dict[str, Array]:
    """The series of a run with the epsilon of further dark fields."""
    series = finite_series(run)[0]
    if run.config.model.alp is not None:
        for letter in run.config.every_dark[1:]:
            column = epsilon(run.config, series, letter)
            if column is not None:
                series[f"epsilon_{letter}"] = column
    return series


def differences(configs: list[Config]) -> dict[str, list[Any]]:
    """The dotted paths of parameters whose values differ, with the value in every configuration."""
    found = differing(configs)
    return {key: values for key, values in found.items() if not key.startswith(_IGNORED)}


def exponent(scan: Scan, name: str) -> float | None:
    """Slope of ln(observable at the common a) against ln(parameter), least squares.

    None where a logarithm does not exist or the parameter has one value among the runs that have
    the observable, and where the runs differ in more than the parameter.
    """
    if not (scan.numeric and scan.one_family):
        return None
    pairs = [
        (p.parameters[scan.parameter], p.common[name]) for p in scan.points if name in p.common
    ]
    if any(not x > 0 or not y > 0 for x, y in pairs) or len({x for x, _ in pairs}) < 2:
        return None
    x, y = np.log(np.array(pairs, dtype=np.float64)).T
    return float(np.polyfit(x, y, 1)[0])


def _choose(differing: dict[str, list[Any]], against: str | None) -> str:
    if not differing:
        raise NothingToScanError(
            "the runs do not differ in any parameter, so there is nothing to draw them against"
        )
    if against is not None:
        if against not in differing:
            raise InputError(
                f"{against}: the runs do not differ in it; they differ in {', '.join(differing)}"
            )
        return against

    def rank(key: str) -> int:
        places = [i for i, start in enumerate(_FIRST) if key.startswith(start)]
        return places[0] if places else len(_FIRST)

    return min(differing, key=rank)


def clock_of(runs: list[RunFiles]) -> str:
    """ "a" or "tau", the time of all runs. Raises InputError where they have none in common."""
    if len({run.config.unit_names for run in runs}) > 1:
        raise InputError(
            "some of the runs have an ALP and others have none, so their units differ; scan them "
            "separately"
        )
    if len({run.config.expands for run in runs}) > 1:
        raise InputError(
            "some of the runs expand and others are static, so they have no time in common; "
            "scan them separately"
        )
    return runs[0].config.clock


def _common(folders: list[Path], series: list[dict[str, Array]], clock: str) -> float:
    first = [float(columns[clock][0]) for columns in series]
    last = [float(columns[clock][-1]) for columns in series]
    common = min(last)
    if not math.isfinite(common) or common < max(first):
        early, late = folders[last.index(min(last))], folders[first.index(max(first))]
        raise NothingToScanError(
            f"the runs have no {clock} in common: {early} ends at {clock} = {common:.4g}, "
            f"before {late} begins at {max(first):.4g}"
        )
    return common


def _transposed(differing: dict[str, list[Any]]) -> list[dict[str, Any]]:
    runs = len(next(iter(differing.values())))
    return [{key: values[i] for key, values in differing.items()} for i in range(runs)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _sort_key(value: Any) -> tuple[int, float, str]:
    """Numbers in their order, then everything else as text."""
    return (0, float(value), "") if _is_number(value) else (1, 0.0, str(value))

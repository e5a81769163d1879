"""The numbers of a ladder: r, epsilon, b, the peak of the spectrum and the helicity at some times,
each with its limit and its error."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from darklat.analysis.error_budget import ByRung, ErrorBudget, budget
from darklat.analysis.numbers import analyse
from darklat.analysis.scan import clock_of, observables, series_of
from darklat.analysis.spectra import both_helicities
from darklat.errors import InputError
from darklat.physics.spectra import peak
from darklat.schema.ladder import BOX, COURANT, SEED, SITES
from darklat.storage import sweep_folder
from darklat.storage.read_run import Array, RunFiles, load_run
from darklat.storage.sweep_folder import LadderFile

_HELICITY = "helicity_"
_END = 1e-9  # of the last time: the rounding of the last step


@dataclass(frozen=True)
class ConvergedNumber:
    """One number at one time, with its error, and its values by rung."""

    name: str
    at: float
    budget: ErrorBudget
    lattices: ByRung
    boxes: ByRung
    steps: ByRung


@dataclass(frozen=True)
class Convergence:
    """The numbers of a ladder. `clock` is "a" or "tau". `left_out`: runs that are not there yet, or
    do not reach the last time. `unfinished`: runs among those used."""

    folder: Path
    name: str
    clock: str
    dark: str | None
    ladder: LadderFile
    numbers: tuple[ConvergedNumber, ...]
    left_out: tuple[str, ...]
    between_rows: dict[str, float]
    """Of r, epsilon and b (without an ALP the densities): the largest share by which values between
    the rows of a series are uncertain; empty where all times are ends."""
    failed: dict[str, int]
    """The checks that fail at the end of runs, and in how many."""
    run: RunFiles
    """Of the configuration itself."""


_Values = dict[tuple[str, float], float]


def load_convergence(folder: Path, *, at: Sequence[float] = ()) -> Convergence:
    """Reads the runs of a ladder, finished or not.

    at: the times, by default those of the ladder. Raises InputError for a folder that is no ladder,
    and where no two of its rungs have come to a time yet.
    """
    ladder = sweep_folder.read_ladder(folder) if sweep_folder.is_sweep(folder) else None
    if ladder is None:
        raise InputError(f"{folder} is not the folder of a ladder; `darklat converge` makes one")
    runs = {path: load_run(path) for path, _ in ladder.runs if (path / "series.h5").is_file()}
    own = [
        runs[path]
        for path, values in ladder.runs
        if path in runs and _same(values, ladder, SITES, BOX, COURANT)
    ]
    if not own:
        raise InputError(
            f"{folder}: no run of the configuration itself has a series yet; `darklat status "
            f"{folder}` says how the runs are getting on"
        )
    clock, times = clock_of(list(runs.values())), tuple(at) or ladder.ladder.at
    values = {path: _numbers(run, clock, times) for path, run in runs.items()}
    names = list(dict.fromkeys(name for run in own for name, _ in values[run.folder]))
    found = [
        number
        for name in names
        for time in times
        if (number := _number(ladder, values, name, time)) is not None
    ]
    if not found:
        last = ", ".join(f"{time:g}" for time in times)
        raise InputError(
            f"{folder}: no two rungs of the ladder have come to {clock} = {last} yet; `darklat "
            f"status {folder}` says how the runs are getting on"
        )
    used = max(times)
    return Convergence(
        folder=folder,
        name=own[0].config.name,
        clock=clock,
        dark=own[0].config.dark,
        ladder=ladder,
        numbers=tuple(found),
        left_out=tuple(
            path.name
            for path, _ in ladder.runs
            if path not in runs or not any(time == used for _, time in values[path])
        ),
        between_rows=_between_rows(list(runs.values()), clock, times),
        failed=dict(
            Counter(
                check.check
                for run in runs.values()
                for check in analyse(run).verdicts
                if check.status == "fail"
            )
        ),
        run=own[0],
    )


def _between_rows(runs: list[RunFiles], clock: str, times: Sequence[float]) -> dict[str, float]:
    """By which share the interpolation through four rows differs from the one through two."""
    found: dict[str, float] = {}
    for run in runs:
        series = series_of(run)
        for name in observables(run):
            for time in times if name in series else ():
                four, two = (at_time(series[clock], series[name], time, rows=n) for n in (4, 2))
                if math.isfinite(four) and four > 0 and four != two:
                    found[name] = max(found.get(name, 0.0), abs(two / four - 1))
    return found


def _same(values: dict[str, object], ladder: LadderFile, *keys: str) -> bool:
    return all(values[key] == ladder.ladder.configuration[key] for key in keys)


def _number(
    ladder: LadderFile, values: dict[Path, _Values], name: str, time: float
) -> ConvergedNumber | None:
    """None where no rung but the configuration's, and no second seed, has come to the time."""
    own = ladder.ladder.configuration
    spacing = own[BOX] / own[SITES]
    lattices: dict[float, dict[int, float]] = {}
    boxes: dict[float, dict[int, float]] = {}
    steps: dict[float, dict[int, float]] = {}
    for path, of in ladder.runs:
        value = values.get(path, {}).get((name, time))
        if value is None:
            continue
        dx = of[BOX] / of[SITES]
        if _same(of, ladder, BOX, COURANT):
            lattices.setdefault(dx, {})[of[SEED]] = value
        if _same(of, ladder, COURANT) and math.isclose(dx, spacing, rel_tol=1e-9):
            boxes.setdefault(of[BOX], {})[of[SEED]] = value
        if _same(of, ladder, SITES, BOX):
            steps.setdefault(of[COURANT], {})[of[SEED]] = value
    if spacing not in lattices:
        return None
    by = [
        _rungs(each, at)
        for each, at in ((lattices, spacing), (boxes, own[BOX]), (steps, own[COURANT]))
    ]
    if all(len(each.h) == 1 for each in by) and by[0].f.shape[1] == 1:
        return None
    return ConvergedNumber(
        name, time, budget(*by, orders=ladder.orders, signed=name.startswith(_HELICITY)), *by
    )


def _rungs(values: dict[float, dict[int, float]], own: float) -> ByRung:
    """The rungs with the seeds that all of them have. A rung that shares none with the
    configuration is left out."""
    seeds = list(values[own])
    kept: list[float] = []
    for h in sorted(values):
        common = [seed for seed in seeds if seed in values[h]]
        if common:
            kept.append(h)
            seeds = common
    f = np.array([[values[h][seed] for seed in seeds] for h in kept], dtype=np.float64)
    return ByRung(np.array(kept, dtype=np.float64), f, kept.index(own))


# ---- The numbers of one run. ----


def _numbers(run: RunFiles, clock: str, times: Sequence[float]) -> _Values:
    """By name and time, where the run has them."""
    series = series_of(run)
    found: _Values = {}
    for time in times:
        for name in observables(run):
            if name in series:
                found[name, time] = at_time(series[clock], series[name], time)
        for letter in run.config.letters[::-1]:
            if (both := both_helicities(run, f"B_{letter}")) is None:
                continue
            clocks = {"a": both.a, "tau": both.tau}[clock]
            plus = run.spectra[f"B_{letter}_plus"].power
            for name, column in (
                (f"k_peak_{letter}", _peaks(both.k, both.power)),
                (f"{_HELICITY}{letter}", _helicities(plus[: len(clocks)], both.power, both.dlnk)),
            ):
                found[name, time] = at_time(clocks, column, time, rows=2)
    return {key: value for key, value in found.items() if math.isfinite(value)}


def at_time(clock: Array, column: Array, time: float, *, rows: int = 4) -> float:
    """A column at a time: a polynomial through so many rows around it, of the logarithm where these
    are positive; at the end the last row. nan outside of the rows."""
    last = float(clock[-1])
    if not float(clock[0]) <= time <= last * (1 + _END):
        return math.nan
    if time >= last * (1 - _END):
        return float(column[-1])
    first = int(np.searchsorted(clock, time)) - rows // 2
    first = max(0, min(first, len(clock) - rows))
    x, y = clock[first : first + rows], column[first : first + rows]
    if np.any(np.diff(x) <= 0):  # rows at one time, as after a change of the configuration
        return float(np.interp(time, clock, column))
    weights = [
        np.prod([(time - x[j]) / (x[i] - x[j]) for j in range(len(x)) if j != i])
        for i in range(len(x))
    ]
    if np.all(y > 0):
        return math.exp(float(np.dot(weights, np.log(y))))
    return float(np.dot(weights, y))


def _peaks(k: Array, power: Array) -> Array:
    """The peak at every time, nan where there is no power."""
    found = [
        peak(k, row) if np.all(np.isfinite(row)) and np.any(row > 0) else math.nan for row in power
    ]
    return np.array(found, dtype=np.float64)


def _helicities(plus: Array, power: Array, dlnk: Array) -> Array:
    """(+ less -) over their sum at every time."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((2 * plus - power) @ dlnk / (power @ dlnk), dtype=np.float64)

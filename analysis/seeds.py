"""Runs that differ in their seeds alone: mean, scatter and error of the mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from darklat.analysis.scan import SEED
from darklat.storage.read_run import Array


@dataclass(frozen=True)
class Average:
    """Over the seeds of one configuration.

    scatter is the standard deviation of one run, with n - 1 in its denominator; error is that of
    the mean, scatter over sqrt n. Both are nan for one seed.
    """

    mean: float
    scatter: float
    n: int

    @property
    def error(self) -> float:
        """Of the mean."""
        return self.scatter / math.sqrt(self.n)


def average(values: Sequence[float]) -> Average:
    """Of at least one value."""
    mean, scatter = averages(np.array(values, dtype=np.float64)[:, None])
    return Average(float(mean[0]), float(scatter[0]), len(values))


def averages(rows: Array) -> tuple[Array, Array]:
    """Mean and scatter over the first axis of [seeds, ...]; the scatter of one seed is nan."""
    scatter = np.std(rows, axis=0, ddof=1) if len(rows) > 1 else np.full(rows.shape[1:], np.nan)
    return np.mean(rows, axis=0), scatter


def groups(parameters: Sequence[dict[str, Any]]) -> list[list[int]]:
    """Indices of runs that have all parameters but the seed in common, in the order of the runs.

    Where two of them have the same seed too, they are no sample of seeds, and each stands alone.
    """
    found: dict[str, list[int]] = {}
    for i, own in enumerate(parameters):
        others = {key: value for key, value in own.items() if key != SEED}
        found.setdefault(repr(sorted(others.items())), []).append(i)
    result: list[list[int]] = []
    for members in found.values():
        seeds = {parameters[i].get(SEED) for i in members}
        result += [members] if len(seeds) == len(members) else [[i] for i in members]
    return result

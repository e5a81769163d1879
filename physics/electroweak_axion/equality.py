"""Temperatures at which a rate equals the Hubble rate."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from darklat.physics.boltzmann import Bath

COLDEST_GEV, HOTTEST_GEV = 1e-6, 1e15

_SCAN = 400  # temperatures at which the sign is looked at
_LEAST = 1e-300  # a rate that underflows has a logarithm


def temperature(
    rate: Callable[[float], float],
    bath: Bath,
    *,
    coldest: float = COLDEST_GEV,
    hottest: float = HOTTEST_GEV,
) -> float | None:
    """The highest T in GeV between both limits with rate(T) = H(T); None where there is none."""

    def log_rate(T: float) -> float:
        return math.log(max(rate(T), _LEAST))

    def excess(log_T: float) -> float:
        T = math.exp(log_T)
        return log_rate(T) - math.log(float(bath.hubble(T)))

    grid = np.linspace(math.log(hottest), math.log(coldest), _SCAN)
    T = np.exp(grid)
    values = np.array([log_rate(float(each)) for each in T]) - np.log(bath.hubble(T))
    (changes,) = np.nonzero(values[:-1] * values[1:] <= 0)
    if changes.size == 0:
        return None
    i = int(changes[0])
    return math.exp(float(brentq(excess, grid[i + 1], grid[i], xtol=1e-13)))

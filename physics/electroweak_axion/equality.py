"""Temperatures at which a rate equals the Hubble rate."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from darklat.physics.boltzmann import Bath

COLDEST_GEV, HOTTEST_GEV = 1e-6, 1e15


def temperature(
    rate: Callable[[float], float],
    bath: Bath,
    *,
    coldest: float = COLDEST_GEV,
    hottest: float = HOTTEST_GEV,
) -> float | None:
    """The highest T in GeV between both limits with rate(T) = H(T); None where there is none."""

    def excess(log_T: float) -> float:
        T = math.exp(log_T)
        return math.log(max(rate(T), 1e-300)) - math.log(float(bath.hubble(T)))

    grid = np.linspace(math.log(hottest), math.log(coldest), 400)
    values = [excess(float(each)) for each in grid]
    for i in range(len(grid) - 1):
        if values[i] * values[i + 1] <= 0:
            return math.exp(float(brentq(excess, grid[i + 1], grid[i], xtol=1e-13)))
    return None

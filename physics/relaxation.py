"""Exact solution of E' = S - sigma E over a time h with constant sigma and S, for the step of a
conducting field. It is in terms of the impulse G = S h, without cancellation for any z = sigma h >=
0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_SERIES_BELOW = 0.1  # there the series' first omitted term is below 1e-16 of the first
_TERMS = 16


@dataclass(frozen=True)
class Relaxation:
    """E(h) = decay E + gain G.

    int sigma E = current_E E + current_G G, with 1 - decay and 1 - gain. int sigma E^2 = heat_EE
    E^2 + heat_EG E G + heat_GG G^2.
    """

    decay: float
    gain: float
    current_E: float
    current_G: float
    heat_EE: float
    heat_EG: float
    heat_GG: float


def relaxation(z: float) -> Relaxation:
    """The coefficients for z = sigma h. Raises ValueError for a negative z."""
    if not z >= 0:
        raise ValueError(f"sigma h must not be negative, it is {z}")
    decay, lost = math.exp(-z), -math.expm1(-z)
    if z < _SERIES_BELOW:
        # gain = (1 - e^-z)/z; the heat of G is (z - 3/2 + 2 e^-z - e^-2z/2)/z^2
        current_G = -sum((-z) ** k / math.factorial(k + 1) for k in range(1, _TERMS))
        heat_GG = sum(
            -((-z) ** (k - 2)) * (2.0 ** (k - 1) - 2) / math.factorial(k) for k in range(3, _TERMS)
        )
        return Relaxation(
            decay, 1 - current_G, lost, current_G, lost * (2 - lost) / 2,
            lost * (lost / z) if z else 0.0, heat_GG,
        )  # fmt: skip
    gain = lost / z
    return Relaxation(
        decay, gain, lost, 1 - gain, lost * (2 - lost) / 2, lost * gain,
        (1 - gain - lost * gain / 2) / z,
    )  # fmt: skip


def longest_stable_step(k: float, sigma: float) -> float:
    """The longest dt with which a wave of A' = E, E' = -k^2 A - sigma E does not grow, when A moves
    for half a step, E relaxes over a whole one with A as it is then, and A moves again.

    The determinant of a step is e^-z, and its trace 1 + e^-z - (1 - e^-z) (k dt)^2/z, z = sigma dt.
    The limit is therefore (k dt)^2 = 2 z coth(z/2): 2/k where sigma is small, 2 sigma/k^2 where it
    is large.
    """
    low, high = 2 / k, 2 / k + 2 * sigma / k**2  # because 1 <= x coth x <= 1 + x
    while high - low > 1e-14 * high:
        dt = (low + high) / 2
        if not low < dt < high:
            break
        x = sigma * dt / 2
        stable = (k * dt) ** 2 <= (4 * x / math.tanh(x) if x > 0 else 4.0)
        low, high = (dt, high) if stable else (low, dt)
    return low

"""Definitions for power spectra: bins, widths, peak, integral scale, and the vacuum.

A spectrum is the power per ln k, P(k). The sum over bins of P dlnk, plus the square of the mean (k
= 0), is the mean square of the field. Wave numbers are in 1/tau_osc, lengths in tau_osc.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from darklat.physics import staggered

Array = npt.NDArray[np.float64]

CUTOFF = 0.75
"""Share of the largest |khat| on an axis from which on the lattice carries waves at a wrong
speed."""


def bin_edges(n_bins: int, k_fundamental: float) -> Array:
    """Edges (n - 1/2) k_f, n = 1 .. n_bins + 1: bin n is centred on n k_f, k_f = 2 pi / box."""
    return np.asarray((np.arange(n_bins + 1) + 0.5) * k_fundamental, dtype=np.float64)


def dlnk(edges: Array) -> Array:
    """Logarithmic widths of the bins between `edges` (one fewer than the edges)."""
    return np.diff(np.log(edges))


def cutoff(dx: float, order: int) -> float:
    """|khat| beyond which modes count as being at the cutoff of a lattice of that spacing and
    order: 3/4 of the largest on an axis, which is 2/dx at order 2."""
    return CUTOFF * staggered.largest_khat(order) / dx


def k_of_khat(k: Array, khat: Array, value: float) -> float:
    """The k of the bins at which their |khat| has a value, linear between bins."""
    return float(np.interp(value, khat, k))


def peak(k: Array, power_per_lnk: Array) -> float:
    """The k of the maximum of the power per ln k. It is the vertex of the parabola in ln k through
    the largest bin and its two neighbours. If that bin is the first or the last, it is the bin's k.

    Raises ValueError where no bin has positive power (there is no peak).
    """
    if not np.any(power_per_lnk > 0):
        raise ValueError("the spectrum has no positive power, hence no peak")
    i = int(np.argmax(power_per_lnk))
    if i == 0 or i == len(k) - 1:
        return float(k[i])
    x = np.log(k[i - 1 : i + 2] / k[i])
    left, right = (power_per_lnk[i] - power_per_lnk[j] for j in (i - 1, i + 1))
    curvature = right * x[0] - left * x[2]
    if curvature == 0:  # three equal values: no curvature, and the middle is as good as any
        return float(k[i])
    return float(k[i] * math.exp(0.5 * (right * x[0] ** 2 - left * x[2] ** 2) / curvature))


def integral_scale_k(k: Array, power: Array, dlnk: Array) -> float:
    """The integral (correlation) scale, a length: 2 pi sum(P dlnk / k) / sum(P dlnk).

    power is per ln k, all three are per bin. Raises ValueError for a spectrum without power.
    """
    total = float(np.sum(power * dlnk))
    if not total > 0:
        raise ValueError("the spectrum has no power, hence no integral scale")
    return 2 * math.pi * float(np.sum(power * dlnk / k)) / total


def vacuum_power_B(k: Array, *, amplitude: float) -> Array:
    """Power of B per ln k and per helicity in the vacuum, amplitude^2 k^4/(4 pi^2).

    E has the same. From <|X_k|^2> = amplitude^2/(2 k) per helicity and unit volume; amplitude is
    `units.vacuum_amplitude`.
    """
    return amplitude**2 * k**4 / (4 * math.pi**2)

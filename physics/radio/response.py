"""The probability of conversion of many magnetic spectra from one table.

Weak conversion is linear in the power of the field. A field with the power B^2(k) per ln k gives

    P(f) = integral of B^2(k) R(f, k) over ln k,

where R(f, k) is P of a monochromatic field of one gauss at k. A spectrum of power laws needs the
integrals of k^s R alone, from one cutoff to another. They are those of a monotone cubic spline,
which does not ring where R has a kink.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator

Array = npt.NDArray[np.float64]

DAMPING_PER_MPC, DAMPING_GAUSS = 100.0, 1e-9
"""k_D B0: the plasma's viscosity at recombination has damped a field of 1e-9 G beyond 100/Mpc
(Kahniashvili et al., PRD 82, 083005 (2010), as the paper rounds it)."""

LARGE_SCALES, SMALL_SCALES = 2.0, -11 / 3
"""Slopes n of P_B ~ k^n of a field from a phase transition: causality above the length of its
eddies, Kolmogorov's cascade below (Eq. 6)."""

FIRST = 1e-3
"""Of the wave number of the peak: where the rise of a peaked spectrum is cut. It has 1e-12 of the
power of a k^5 there."""


def damping_per_mpc(B0_gauss: npt.ArrayLike) -> Array:
    """k_D in 1/Mpc of a field of B0 gauss today, elementwise."""
    return DAMPING_PER_MPC * DAMPING_GAUSS / np.asarray(B0_gauss, dtype=np.float64)


@dataclass(frozen=True)
class Response:
    """R(f, k) in 1/gauss^2, [k, f], at increasing k in 1/Mpc, [k]."""

    k_per_mpc: Array
    per_gauss_squared: Array

    def monochromatic(self, k_per_mpc: npt.ArrayLike) -> Array:
        """R at other k in 1/Mpc, [..., f]. Raises ValueError outside of the table."""
        k = np.asarray(k_per_mpc, dtype=np.float64)
        self._check(k)
        table = PchipInterpolator(np.log(self.k_per_mpc), self.per_gauss_squared)
        return np.asarray(table(np.log(k)))

    def power_law(self, slope: float, first: Array, last: Array) -> Array:
        """The integral of k^slope R over ln k from `first` to `last` (1/Mpc, broadcast), [..., f];
        NaN where `last` is below `first`. Raises ValueError outside of the table."""
        first, last = np.broadcast_arrays(first, last)
        self._check(first)
        self._check(last)
        x = np.log(self.k_per_mpc)
        weighted = self.per_gauss_squared * np.exp(slope * x)[:, None]
        integral = PchipInterpolator(x, weighted).antiderivative()
        found = np.asarray(integral(np.log(last)) - integral(np.log(first)))
        found[last < first] = np.nan
        return found

    def _check(self, k: Array) -> None:
        least, most = self.k_per_mpc[0], self.k_per_mpc[-1]
        slack = 1 + 1e-9  # of a rounded logarithm
        if np.any(k * slack < least) or np.any(k > most * slack):
            raise ValueError(
                f"wave numbers from {np.min(k):.3g} to {np.max(k):.3g}/Mpc are asked for, and the "
                f"table has those from {least:.3g} to {most:.3g}"
            )


def span(B0_gauss: Array, lambda_mpc: Array) -> tuple[float, float]:
    """The wave numbers in 1/Mpc that fields of these strengths and lengths need of a table."""
    peak, damping = 2 * np.pi / lambda_mpc, damping_per_mpc(B0_gauss)
    return float(FIRST * np.min(peak)), float(max(np.max(peak), np.max(damping)))


def monochromatic(response: Response, *, B0_gauss: Array, lambda_mpc: Array) -> Array:
    """P of weak mixing of fields with the one wave number 2 pi/lambda_B and <B^2> = B0^2,
    [B0, lambda, f]."""
    shape = response.monochromatic(2 * np.pi / lambda_mpc)
    return np.asarray(B0_gauss[:, None, None] ** 2 * shape)


def peaked(response: Response, *, B0_gauss: Array, lambda_mpc: Array) -> Array:
    """P of weak mixing of fields from a phase transition, [B0, lambda, f].

    P_B rises as k^2 up to 2 pi/lambda_B, falls as k^(-11/3) from there to the damping scale of B0,
    and has <B^2> = B0^2. NaN where the damping scale is below the peak: such a field is gone.
    """
    peak, damping = 2 * np.pi / lambda_mpc, damping_per_mpc(B0_gauss)[:, None]
    rise, fall = 3 + LARGE_SCALES, 3 + SMALL_SCALES  # of the power per ln k
    first, last = np.full_like(peak, FIRST) * peak, np.maximum(damping, peak)
    norm = (1 - FIRST**rise) / rise + ((last / peak) ** fall - 1) / fall
    below = response.power_law(rise, first, peak) / peak[:, None] ** rise
    above = response.power_law(fall, np.broadcast_to(peak, last.shape), last)
    shape = below + above / peak[:, None] ** fall
    found = B0_gauss[:, None, None] ** 2 * shape / norm[..., None]
    return np.where((damping < peak)[..., None], np.nan, found)


def scale_invariant(response: Response, *, B0_gauss: Array, lambda_mpc: Array) -> Array:
    """P of weak mixing of fields from inflation, [B0, lambda, f]: B0^2 per ln k from 2 pi/lambda_B
    to the damping scale of B0. NaN where the latter is the smaller."""
    first, last = 2 * np.pi / lambda_mpc, damping_per_mpc(B0_gauss)[:, None]
    shape = response.power_law(0.0, first, last)
    return np.asarray(B0_gauss[:, None, None] ** 2 * shape)


FAMILIES: dict[str, Callable[..., Array]] = {
    "peaked": peaked,
    "scale_invariant": scale_invariant,
    "monochromatic": monochromatic,
}
"""The families of fields, by name."""

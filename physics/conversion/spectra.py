"""Spectra of a stochastic magnetic field: comoving, in gauss and 1/Mpc of today.

A field that is frozen into the plasma has B = B_today (1+z)^2 at comoving k. Its two-point function
is (Addazi et al. 2024, Eq. 3)

    <B_i B_j> = (2 pi)^-3 integral d^3k exp(i k.x) (delta_ij - k_i k_j/k^2) P_B(k),

so that <B^2> = (1/pi^2) integral dk k^2 P_B, and the power per ln k is Pi = k^3 P_B/pi^2. All
spectra here are given by Pi. A conversion needs, with D the wave number of the oscillation,

    I(D) = integral_{k > |D|} dk k P_B = pi^2 integral_{k > |D|} dln k Pi/k      (gauss^2 Mpc),

the integrand being multiplied by (2/3)(1 + D^2/k^2) for the exact average over angles. The paper
has 1 + mu^2 = 3/2 for mu = D/k.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

Angular = Literal["exact", "three_halves"]
"""The factor of the angle between k and the line of sight: 1 + D^2/k^2, or the paper's 3/2."""

_NODES_PER_E_FOLD = 16
"""Of quadratures over ln k. P is then right to 1e-4 where a resonance enters or leaves."""


@dataclass(frozen=True)
class Monochromatic:
    """Pi = B0^2 delta(ln k - ln k_B): <B^2> = B0^2. P_B = pi^2 B0^2 delta(k - k_B)/k_B^2.

    Raises ValueError unless both are positive and finite.
    """

    B0_gauss: float
    k_per_mpc: float

    def __post_init__(self) -> None:
        _positive(B0_gauss=self.B0_gauss, k_per_mpc=self.k_per_mpc)

    @property
    def mean_square_gauss2(self) -> float:
        """<B^2>."""
        return self.B0_gauss**2

    def integral_beyond(self, D_per_mpc: npt.ArrayLike, *, angular: Angular = "exact") -> Array:
        """I(D) of the module in gauss^2 Mpc, elementwise."""
        D = np.abs(np.asarray(D_per_mpc, dtype=np.float64))
        factor = angular_factor(D / self.k_per_mpc, angular)
        return np.where(self.k_per_mpc > D, math.pi**2 * self.B0_gauss**2 / self.k_per_mpc, 0) * (
            factor
        )

    def nodes(self) -> tuple[Array, Array]:
        """k in 1/Mpc and weights in gauss^2 Mpc whose sum is I(0) with the paper's 3/2."""
        weight = math.pi**2 * self.B0_gauss**2 / self.k_per_mpc
        return np.array([self.k_per_mpc]), np.array([weight])


class _PowerLaws(ABC):
    """A spectrum of pieces Pi = power (k/k_low)^slope between k_low and k_high."""

    @abstractmethod
    def pieces(self) -> tuple[Array, Array, Array, Array]:
        """k_low, k_high (1/Mpc), Pi at k_low (gauss^2), and the slope, of every piece."""

    @property
    def mean_square_gauss2(self) -> float:
        """<B^2>."""
        low, high, power, slope = self.pieces()
        return float(np.sum(power * _integral(slope, low, low, high)))

    def integral_beyond(self, D_per_mpc: npt.ArrayLike, *, angular: Angular = "exact") -> Array:
        """I(D) of the module in gauss^2 Mpc, elementwise, in closed form."""
        D = np.abs(np.asarray(D_per_mpc, dtype=np.float64))
        low, high, power, slope = self.pieces()
        start = np.clip(D[..., np.newaxis], low, high)
        first = np.sum(power / low * _integral(slope - 1, low, start, high), axis=-1)
        if angular_factor(0.0, angular) == 1:
            return np.asarray(math.pi**2 * first)
        third = np.sum(power / low**3 * _integral(slope - 3, low, start, high), axis=-1)
        return np.asarray(math.pi**2 * (2 / 3) * (first + D**2 * third))

    def nodes(self) -> tuple[Array, Array]:
        """k in 1/Mpc and weights in gauss^2 Mpc, which sum to I(0) with the paper's 3/2."""
        k, weight = [], []
        for low, high, power, slope in zip(*self.pieces(), strict=True):
            width = math.log(high / low)
            x, w = np.polynomial.legendre.leggauss(max(1, math.ceil(_NODES_PER_E_FOLD * width)))
            at = low * np.exp(width * (x + 1) / 2)
            k.append(at)
            weight.append(math.pi**2 * width / 2 * w * power * (at / low) ** slope / at)
        return np.concatenate(k), np.concatenate(weight)


@dataclass(frozen=True)
class ScaleInvariant(_PowerLaws):
    """Pi = B0^2 between two cutoffs: P_B = pi^2 B0^2/k^3, <B^2> = B0^2 ln(k_max/k_min).

    Raises ValueError unless all are positive and finite, and k_min < k_max.
    """

    B0_gauss: float
    k_min_per_mpc: float
    k_max_per_mpc: float

    def __post_init__(self) -> None:
        _positive(**vars(self))
        _ordered(k_min_per_mpc=self.k_min_per_mpc, k_max_per_mpc=self.k_max_per_mpc)

    def pieces(self) -> tuple[Array, Array, Array, Array]:
        """One, of slope zero."""
        return _columns([(self.k_min_per_mpc, self.k_max_per_mpc, self.B0_gauss**2, 0.0)])


@dataclass(frozen=True)
class TwoSlope(_PowerLaws):
    """P_B ~ (k/k_0)^n, n = large_scale_index below k_0 and small_scale_index above (Eq. 6).

    Between k_min and k_max, with <B^2> = B0^2. The defaults are a field of a phase transition, 2,
    with a Kolmogorov spectrum, -11/3. Raises ValueError as `ScaleInvariant`, and unless k_0
    lies between the cutoffs and the indices are finite.
    """

    B0_gauss: float
    k_per_mpc: float
    k_min_per_mpc: float
    k_max_per_mpc: float
    large_scale_index: float = 2.0
    small_scale_index: float = -11 / 3

    def __post_init__(self) -> None:
        _positive(B0_gauss=self.B0_gauss)
        _positive(k_min_per_mpc=self.k_min_per_mpc, k_max_per_mpc=self.k_max_per_mpc)
        _ordered(k_min_per_mpc=self.k_min_per_mpc, k_per_mpc=self.k_per_mpc)
        _ordered(k_per_mpc=self.k_per_mpc, k_max_per_mpc=self.k_max_per_mpc)
        for name in ("large_scale_index", "small_scale_index"):
            if not math.isfinite(vars(self)[name]):
                raise ValueError(f"{name} must be finite, not {vars(self)[name]}")

    def pieces(self) -> tuple[Array, Array, Array, Array]:
        """Two, which meet at k_0."""
        large, small = 3 + self.large_scale_index, 3 + self.small_scale_index
        start = (self.k_min_per_mpc / self.k_per_mpc) ** large
        low, high, power, slope = _columns(
            [
                (self.k_min_per_mpc, self.k_per_mpc, start, large),
                (self.k_per_mpc, self.k_max_per_mpc, 1.0, small),
            ]
        )
        total = np.sum(power * _integral(slope, low, low, high))
        return low, high, power * self.B0_gauss**2 / total, slope


@dataclass(frozen=True, eq=False)
class Tabulated(_PowerLaws):
    """Pi at points, with power laws between them, and no power outside.

    k_per_mpc rises; power_per_lnk_gauss2 is Pi in gauss^2. Between a point without power and its
    neighbour there is none. Raises ValueError for fewer than two points, lengths that differ, k
    that is not positive and rising, negative powers, and a table without two neighbours with power.
    """

    k_per_mpc: Array
    power_per_lnk_gauss2: Array

    def __post_init__(self) -> None:
        k = np.array(self.k_per_mpc, dtype=np.float64)
        power = np.array(self.power_per_lnk_gauss2, dtype=np.float64)
        if k.ndim != 1 or k.shape != power.shape or len(k) < 2:
            raise ValueError(
                "k and power need one dimension, one length and two points or more, not shapes "
                f"{k.shape} and {power.shape}"
            )
        if not np.all(np.isfinite(k) & (k > 0)) or not np.all(np.diff(k) > 0):
            i = int(np.argmin(np.diff(k) > 0)) if np.all(k > 0) else int(np.argmin(k > 0)) - 1
            raise ValueError(
                f"k must be positive and rise from point to point; point {i + 2} is {k[i + 1]:g}. "
                "Sort the table by k"
            )
        if not np.all(np.isfinite(power) & (power >= 0)):
            i = int(np.argmin(np.isfinite(power) & (power >= 0)))
            raise ValueError(
                f"power must be finite and not negative; it is {power[i]:g} at point {i + 1}, "
                f"k = {k[i]:g} per Mpc"
            )
        if not np.any((power[1:] > 0) & (power[:-1] > 0)):
            raise ValueError("the table has no two neighbours with power, hence no field")
        object.__setattr__(self, "k_per_mpc", k)
        object.__setattr__(self, "power_per_lnk_gauss2", power)

    def pieces(self) -> tuple[Array, Array, Array, Array]:
        """One between every two neighbours that both have power."""
        k, power = self.k_per_mpc, self.power_per_lnk_gauss2
        used = (power[1:] > 0) & (power[:-1] > 0)
        low, high, first, last = k[:-1][used], k[1:][used], power[:-1][used], power[1:][used]
        return low, high, first, np.log(last / first) / np.log(high / low)


Spectrum = Monochromatic | ScaleInvariant | TwoSlope | Tabulated


def angular_factor(mu: npt.ArrayLike, angular: Angular) -> Array:
    """(2/3)(1 + mu^2), or one for the paper's 3/2, elementwise. Raises ValueError for another."""
    if angular not in get_args(Angular):
        raise ValueError(
            f"angular {angular!r} is unknown; use one of {', '.join(get_args(Angular))}"
        )
    square = np.asarray(mu, dtype=np.float64) ** 2
    return (2 / 3) * (1 + square) if angular == "exact" else np.ones_like(square)


def _integral(exponent: Array, low: Array, start: Array, high: Array) -> Array:
    """Integral dln k (k/low)^exponent from start to high."""
    width = np.log(high / start)
    power = exponent * width
    small = np.abs(power) < 1e-8  # there expm1(x)/x is one to rounding
    growth = np.where(small, 1.0, np.expm1(power) / np.where(small, 1.0, power))
    return np.asarray((start / low) ** exponent * width * growth)


def _columns(rows: list[tuple[float, float, float, float]]) -> tuple[Array, Array, Array, Array]:
    low, high, power, slope = np.array(rows).T
    return low, high, power, slope


def _positive(**numbers: float) -> None:
    for name, value in numbers.items():
        if not (value > 0 and math.isfinite(value)):
            raise ValueError(f"{name} must be positive and finite, not {value}")


def _ordered(**two: float) -> None:
    (lower, low), (upper, high) = two.items()
    if not low < high:
        raise ValueError(f"{lower} = {low:g} must be below {upper} = {high:g}")

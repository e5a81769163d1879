"""The limit of a sequence on finer and finer lattices, with its error (Richardson).

L. F. Richardson, Phil. Trans. R. Soc. A 210, 307 (1911). A number f(h) = f_0 + c h^p is known at
some spacings h. With three or more of them p is measured. Its limit is compared with the limit of
the two finest under the order that the scheme promises. Where every later local order lies between
the two orders, f_0 lies between the two limits. The value is their middle, the error their whole
distance. With two spacings the two orders are 1 and that of the scheme.

Samples (seeds) are columns. They share their noise from one h to the next, so that the error of
the limit is the scatter of whole sequences: a jackknife over the samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

Array = npt.NDArray[np.float64]

LOWEST = 1.0
"""Order that a scheme has at least, where none can be measured."""

LEAST_ORDER = 0.25
"""A smaller measured order has its limit many steps away, and is no order."""

MOST_ORDERS = 2.0
"""A measured order above so many times the highest of the scheme is none: h is too large."""

SIGMA = 0.8413447460685429
"""Of a normal distribution below one sigma."""

RESOLVED = 2.0
"""A difference is seen where it is larger than so many errors."""

_SEARCHED = (1e-3, 20.0)
"""Orders between which the fit searches."""

_GRID, _ROUNDS = 64, 7  # each round narrows the search by a factor of 32


class LimitKind(StrEnum):
    """How a limit was found."""

    MEASURED = "measured order"
    ASSUMED = "assumed order"
    FLAT = "no dependence seen"
    NOT_MONOTONE = "not monotone"
    NO_ORDER = "no order"
    SINGLE = "not varied"


@dataclass(frozen=True)
class Limit:
    """The limit h -> 0 and its errors, of one sigma.

    systematic: of the extrapolation; the spread of the last values where there is no order.
    statistical: over the samples; nan for one. order: the measured order, nan where there is none.
    with_scheme, with_other: the limits of the order of the scheme and of the measured
    one (of two spacings of LOWEST), nan where they are not made.
    """

    value: float
    systematic: float
    statistical: float
    finding: LimitKind
    order: float = math.nan
    order_error: float = math.nan
    with_other: float = math.nan
    with_scheme: float = math.nan
    finest: float = math.nan
    """The mean at the finest h."""


def t_factor(n: int) -> float:
    """Student's factor of one sigma (68%) for the mean of n samples; nan for one."""
    return float(stdtrit(n - 1, SIGMA)) if n > 1 else math.nan


def error_of_mean(samples: Array) -> float:
    """One sigma of the mean of a few samples, with Student's factor; nan for one."""
    n = len(samples)
    if n < 2:
        return math.nan
    return t_factor(n) * float(np.std(samples, ddof=1)) / math.sqrt(n)


@dataclass(frozen=True)
class Difference:
    """Of two means: its value and its error of one sigma (nan where a side has one sample)."""

    value: float
    error: float

    @property
    def bound(self) -> float:
        """What may be left of a dependence: the difference, or its error where that is larger."""
        return max(abs(self.value), 0.0 if math.isnan(self.error) else self.error)

    @property
    def resolved(self) -> bool:
        """Whether it is larger than its error explains; true without one."""
        return math.isnan(self.error) or abs(self.value) > RESOLVED * self.error


def difference(of: Array, other: Array) -> Difference:
    """mean(of) - mean(other) of independent samples, with Welch's number of degrees of freedom."""
    value = float(np.mean(of) - np.mean(other))
    if len(of) < 2 or len(other) < 2:
        return Difference(value, math.nan)
    parts = [float(np.var(x, ddof=1)) / len(x) for x in (of, other)]
    if sum(parts) == 0:
        return Difference(value, 0.0)
    freedom = sum(parts) ** 2 / sum(
        part**2 / (len(x) - 1) for part, x in zip(parts, (of, other), strict=True)
    )
    return Difference(value, float(stdtrit(freedom, SIGMA)) * math.sqrt(sum(parts)))


def limit(h: Array, f: Array, *, order: float, highest: float | None = None) -> Limit:
    """The limit of f [h, samples] for h -> 0, h in any order and no two equal.

    `order` is the one that the scheme promises, and `highest` that of a part of it, which may show
    first (default: `order`). Sequences that are not monotone, and orders outside of LEAST_ORDER to
    MOST_ORDERS times the highest, have no limit: the value is the finest, and its error the spread
    of the last three values. This must hold with any one sample left out, too.
    Raises ValueError for shapes that do not fit.
    """
    if f.ndim != 2 or len(h) != len(f) or f.shape[1] == 0 or len(set(h.tolist())) != len(h):
        raise ValueError(f"{len(h)} spacings (different ones) and values of shape {f.shape}")
    down = np.argsort(-h)
    h, f = h[down], f[down]
    means = _means(f)
    finest, noise = float(means[-1, 0]), error_of_mean(f[-1])
    plain = Limit(finest, float(np.ptp(means[-3:, 0])), noise, LimitKind.SINGLE, finest=finest)
    if len(h) == 1:
        return replace(plain, systematic=math.nan)
    if _flat(f):
        return replace(plain, finding=LimitKind.FLAT)
    with_scheme = _with_order(h, means, order)
    if len(h) == 2:
        first = _with_order(h, means, LOWEST)
        return _between(plain, with_scheme, first, LimitKind.ASSUMED)
    orders = measured_orders(h, means)
    if np.any(np.isnan(orders)):
        return replace(plain, finding=LimitKind.NOT_MONOTONE)
    plain = replace(plain, order=float(orders[0]), order_error=_jackknife(orders[1:]))
    if np.any(orders < LEAST_ORDER) or np.any(orders > MOST_ORDERS * (highest or order)):
        return replace(plain, finding=LimitKind.NO_ORDER)
    with_measured = _with_fit(h, means, orders)
    found = _between(plain, with_scheme, with_measured, LimitKind.MEASURED)
    if len(h) == 3:  # of three the order needs the coarsest
        return found
    finer = _with_fit(h[1:], means[1:], measured_orders(h[1:], means[1:]))
    change = (float(finer[0]) - float(with_measured[0])) / 2
    return replace(found, systematic=math.hypot(found.systematic, change))


def _between(plain: Limit, with_scheme: Array, other: Array, finding: LimitKind) -> Limit:
    """The middle of two limits, each with its values without one sample behind it."""
    middle = (with_scheme + other) / 2
    return replace(
        plain,
        value=float(middle[0]),
        systematic=abs(float(other[0] - with_scheme[0])),
        statistical=_jackknife(middle[1:]),
        finding=finding,
        with_other=float(other[0]),
        with_scheme=float(with_scheme[0]),
    )


def measured_orders(h: Array, f: Array) -> Array:
    """p of f_0 + c h^p for every column of f [h, columns], h decreasing and three or more: exact
    for three, least squares for more. nan for a column that is not monotone."""
    steps = np.diff(f, axis=0)
    monotone = np.all(steps > 0, axis=0) | np.all(steps < 0, axis=0)
    y = f[:, monotone] / np.ptp(f[:, monotone], axis=0)
    low, high = (np.full(y.shape[1], edge) for edge in np.log(_SEARCHED))
    for _ in range(_ROUNDS):
        grid = np.linspace(low, high, _GRID)  # [grid, columns]
        best = np.argmin(_misfit(h, y, np.exp(grid)), axis=0)
        low, high = (
            np.take_along_axis(grid, np.clip(best + i, 0, _GRID - 1)[None], axis=0)[0]
            for i in (-1, 1)
        )
    found = np.full(f.shape[1], math.nan)
    found[monotone] = np.exp((low + high) / 2)
    return found


def _misfit(h: Array, y: Array, p: Array) -> Array:
    """The sums of squares that f_0 and c leave, [grid, columns], for p of that shape."""
    x = (h / h[0]) ** p[..., None]  # [grid, columns, h]
    x = x - x.mean(axis=-1, keepdims=True)
    z = (y - y.mean(axis=0)).T
    slope = np.sum(x * z, axis=-1) / np.sum(x**2, axis=-1)
    misfit: Array = np.sum((z - x * slope[..., None]) ** 2, axis=-1)
    return misfit


def _with_fit(h: Array, f: Array, p: Array) -> Array:
    """f_0 of every column by least squares over all points."""
    x = (h[:, None] / h[0]) ** p
    away = x - x.mean(axis=0)
    slope = np.sum(away * (f - f.mean(axis=0)), axis=0) / np.sum(away**2, axis=0)
    found: Array = f.mean(axis=0) - slope * x.mean(axis=0)
    return found


def _with_order(h: Array, f: Array, p: float) -> Array:
    """f_0 of every column from the two finest points."""
    found: Array = f[-1] + (f[-1] - f[-2]) / ((h[-2] / h[-1]) ** p - 1)
    return found


def _means(f: Array) -> Array:
    """[h, 1 + samples]: the mean, and the means without one sample each (none of one sample)."""
    mean, n = f.mean(axis=1, keepdims=True), f.shape[1]
    return np.hstack([mean, (n * mean - f) / (n - 1)]) if n > 1 else mean


def _jackknife(without: Array) -> float:
    """One sigma of a number, from its values without one sample each; nan for one sample."""
    n = len(without)
    if n < 2:
        return math.nan
    squares = float(np.sum((without - without.mean()) ** 2))
    return t_factor(n) * math.sqrt((n - 1) / n * squares)


def _flat(f: Array) -> bool:
    """Whether no value differs from the finest by more than the samples explain, pair by pair."""
    if f.shape[1] < 2:
        return bool(np.all(f == f[-1]))
    steps = [f[i] - f[-1] for i in range(len(f) - 1)]
    return all(abs(float(s.mean())) <= RESOLVED * error_of_mean(s) for s in steps)

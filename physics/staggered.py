"""Differences and means on the staggered lattice, of order 2, 4 and 6 in the lattice spacing.

A forward difference or mean takes values at sites to the points half a spacing further, a backward
one takes them back. Both have order/2 taps:

    dx D f(1/2) = sum_j d_j [f(1 + j) - f(-j)]      2 A f(1/2) = sum_j s_j [f(1 + j) + f(-j)]

The s_j interpolate with Lagrange's polynomial, and d_j = s_j/(2 j + 1). A wave of wave number k is
multiplied by i khat and by A, real functions of k dx/2. Fornberg, Math. Comp. 51, 699 (1988), has
the taps; docs/physics/alp-dark-photon.md has the equations that use them. The kernels have the taps
from here (kernels/registry.py).
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

ORDERS = (2, 4, 6)
DEFAULT_ORDER = 6
"""The one with the least work for 1% in r, epsilon and b (docs/validation.md)."""
SOURCE_MEANS = 4
"""Order of the means in the source of gravitational waves, whatever that of the lattice."""


@cache
def sums(order: int) -> tuple[Fraction, ...]:
    """s_j, the taps of twice the mean."""
    odd = [2 * j + 1 for j in range(order // 2)]
    one = Fraction(1)
    return tuple(
        prod((Fraction(o * o, o * o - own * own) for o in odd if o != own), start=one)
        for own in odd
    )


@cache
def differences(order: int) -> tuple[Fraction, ...]:
    """d_j, the taps of dx times the difference."""
    return tuple(s / (2 * j + 1) for j, s in enumerate(sums(order)))


@cache
def laplacian(order: int) -> tuple[Fraction, ...]:
    """l_1, l_2, ... of dx^2 times the backward difference of the forward one along an axis: sum_r
    l_r [f(r) - 2 f(0) + f(-r)]."""
    return _product(differences(order), -1, order)


@cache
def central(order: int) -> tuple[Fraction, ...]:
    """c_1, c_2, ... of twice dx times the backward mean of the forward difference: sum_r c_r [f(r)
    - f(-r)]."""
    return _product(sums(order), 1, order)


def source_taps(order: int, *, of_means: int = SOURCE_MEANS) -> Array:
    """Taps of the source of gravitational waves on a lattice of this order: of a backward mean of
    order `of_means` (2 or 4) the two at distances 1/2 and 3/2; behind them those of f(r) - f(-r), r
    = 1, 2, ..., of dx times that mean of the forward difference."""
    means = [s / 2 for s in sums(of_means)]
    slopes = [c / 2 for c in _product(sums(of_means), 1, order)]
    rest = [Fraction(0)] * (SOURCE_MEANS // 2 - len(means))
    return np.array([*means, *rest, *slopes, *rest], dtype=np.float64)


def _product(left: tuple[Fraction, ...], sign: int, order: int) -> tuple[Fraction, ...]:
    """Taps r > 0 of the forward difference of an order behind the backward sum (sign 1) or
    difference (-1) with the taps `left`."""
    found: dict[int, Fraction] = {}
    right = differences(order)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            for back, x in ((i, a), (-1 - i, sign * a)):
                for forth, y in ((1 + j, b), (-j, -b)):
                    found[back + forth] = found.get(back + forth, Fraction(0)) + x * y
    return tuple(found[r] for r in range(1, len(left) + len(right)))


def half_khat(half: npt.ArrayLike, order: int) -> Array:
    """khat dx/2 of a wave along an axis with k dx/2 = half."""
    angle = np.asarray(half, dtype=np.float64)
    return _sum(float(d) * np.sin((2 * j + 1) * angle) for j, d in enumerate(differences(order)))


def average(half: npt.ArrayLike, order: int) -> Array:
    """A of a wave along an axis with k dx/2 = half."""
    angle = np.asarray(half, dtype=np.float64)
    return _sum(float(s) * np.cos((2 * j + 1) * angle) for j, s in enumerate(sums(order)))


def largest_khat(order: int) -> float:
    """khat dx at k dx = pi, the largest on an axis."""
    return 2 * float(sum(abs(d) for d in differences(order)))


def forward_phases(number: npt.ArrayLike, n: int, order: int) -> npt.NDArray[np.complex128]:
    """The forward difference of waves of these mode numbers on n sites, times dx, over the wave at
    the same site."""
    turn = 2j * np.pi * np.asarray(number)
    return _sum(
        float(d) * (np.exp(turn * (1 + j) / n) - np.exp(-turn * j / n))
        for j, d in enumerate(differences(order))
    )


def forward(values: Any, axis: int, order: int, xp: Any = np) -> Any:
    """dx times the forward difference along an axis of an array; xp: its module."""
    return _sum(
        float(d) * (xp.roll(values, -1 - j, axis) - xp.roll(values, j, axis))
        for j, d in enumerate(differences(order))
    )


def backward(values: Any, axis: int, order: int, xp: Any = np) -> Any:
    """dx times the backward difference along an axis of an array; xp: its module."""
    return _sum(
        float(d) * (xp.roll(values, -j, axis) - xp.roll(values, 1 + j, axis))
        for j, d in enumerate(differences(order))
    )


def _sum(terms: Any) -> Any:
    """Without a zero in front, which would change the sign of -0."""
    first, *rest = terms
    for term in rest:
        first = first + term
    return first

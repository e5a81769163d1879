"""Linear systems of many modes, y' = M(x) y, by Radau IIA collocation with controlled error.

Radau IIA with s stages has order 2s - 1 and is L-stable (E. Hairer and G. Wanner, Solving Ordinary
Differential Equations II (1996), sec. IV.5), so that one method serves stiff and other problems. A
component that has decayed costs nothing however fast it would decay. A component that oscillates is
resolved for as long as its amplitude is above the tolerance. This needs no test for stiffness,
because the error decides it. For a linear system a step is one linear solve.

Every step is made once as a whole and once in two halves. Their difference, relative to the mode's
norm, is held below the tolerance, and the halves are kept. They are 2^(2s-1) times more exact where
the solution is smooth on the scale of the step, and 2^s times where it is stiff.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numpy.polynomial import legendre

Array = npt.NDArray[np.float64]

STAGES = 7
TOLERANCE = 1e-10
"""On the difference of one step and two halves; the kept halves are better by 2^7 at the least."""

# A batch of this many matrices of (7 x 5)^2 doubles is 20 MB.
_BATCH = 2000
_GROWTH, _SHRINK, _SAFETY = 2.0, 0.2, 0.9


@dataclass(frozen=True)
class LinearModes:
    """y' = M(x) y for n modes; the last D - d of D components are integrals of the first d."""

    rates: Callable[[Array], Array]
    """rates(x) for x of shape (m,): M of shape (n, m, D, d)."""
    scales: Callable[[float, float], Array]
    """scales(x0, x1): sizes of the first d components, (n, d), at which errors weigh alike."""


@lru_cache(maxsize=8)
def radau(stages: int) -> tuple[Array, Array]:
    """Nodes c of shape (s,) in (0, 1], the last one 1, and the matrix of Radau IIA, (s, s)."""
    # The nodes are the zeros of P_s - P_(s-1) on [-1, 1].
    difference = np.zeros(stages + 1)
    difference[-2:] = -1.0, 1.0
    nodes = np.sort(legendre.legroots(difference).real)
    nodes[-1] = 1.0
    basis = np.eye(stages)
    values = np.array([legendre.legval(nodes, b) for b in basis]).T
    integrals = np.array([legendre.legval(nodes, legendre.legint(b, lbnd=-1)) / 2 for b in basis]).T
    return (1 + nodes) / 2, np.linalg.solve(values.T, integrals.T).T


def integrate(
    modes: LinearModes,
    y0: Array,
    *,
    start: float,
    outputs: Array,
    stops: Sequence[float] = (),
    tolerance: float = TOLERANCE,
    max_steps: int = 200_000,
) -> Array:
    """y at the increasing points `outputs`, shape (n, len(outputs), D), from y0 (n, D) at `start`.

    All modes share the steps, which end at each of `stops` and do not depend on the outputs. Each
    output is reached by a shorter step from the last point before it. A step at most doubles x, so
    `start` must be positive. Raises RuntimeError if the steps become too small or too many.
    """
    result = np.empty((y0.shape[0], outputs.size, y0.shape[1]))
    end = float(outputs[-1])
    ends = sorted({float(x) for x in stops if start < x < end} | {end})
    x, y, step = start, y0, start
    done = int(np.searchsorted(outputs, start, side="right"))
    result[:, :done] = y0[:, None]
    for _ in range(max_steps):
        if done == outputs.size:
            return result
        stop = next(e for e in ends if e > x)
        h = _fitted(min(step, x), stop - x)
        error, middle, fine = _try_step(modes, y, x=x, h=h)
        factor = float(np.clip(_SAFETY * (tolerance / error) ** (1 / 10), _SHRINK, _GROWTH))
        if error > tolerance:
            step = h * min(factor, _SAFETY)
            if not step > 1e-13 * x:
                raise RuntimeError(f"steps became smaller than rounding at {x:.6g}")
            continue
        x1 = stop if h == stop - x else x + h
        first, done = done, int(np.searchsorted(outputs, x1, side="right"))
        points = outputs[first:done]
        result[:, first:done] = _between(modes, points, (y, middle), x=x, h=h)
        result[:, first:done][:, points == x1] = fine[:, None]
        # A step cut short by a stop says nothing against longer ones.
        step = max(step, h * factor) if h < step else h * factor
        x, y = x1, fine
    raise RuntimeError(f"{max_steps} steps end at {x:.6g}, before {end:.6g}")


def _fitted(h: float, room: float) -> float:
    """h, or a step that ends at the stop without leaving a sliver before it."""
    if h >= room:
        return room
    return room / 2 if h > room / 2 else h


def _try_step(modes: LinearModes, y: Array, *, x: float, h: float) -> tuple[float, Array, Array]:
    """Relative error of a whole step, and y after the first and the second half of it."""
    scales = modes.scales(x, x + h)
    starts, lengths = np.array([x, x, x + h / 2]), np.array([h, h / 2, h / 2])
    P = _propagators(modes, starts, lengths, scales)
    whole, middle = _apply(P[:, 0], y), _apply(P[:, 1], y)
    fine = _apply(P[:, 2], middle)
    d = scales.shape[1]
    norms = np.maximum(*(np.abs(state[:, :d] / scales).max(axis=1) for state in (y, fine)))
    # Zero and values that have decayed to underflow are exact.
    error = np.abs((whole - fine)[:, :d] / scales).max(axis=1) / np.maximum(norms, 1e-300)
    return max(float(error.max()), 1e-30), middle, fine


def _between(
    modes: LinearModes, points: Array, states: tuple[Array, Array], *, x: float, h: float
) -> Array:
    """y at points of the step, each from the step's start or middle, whichever is just before."""
    y, middle = states
    result = np.empty((y.shape[0], points.size, y.shape[1]))
    scales = modes.scales(x, x + h)
    size = max(1, _BATCH // y.shape[0])
    for first in range(0, points.size, size):
        chunk = points[first : first + size]
        late = chunk >= x + h / 2
        starts = np.where(late, x + h / 2, x)
        P = _propagators(modes, starts, chunk - starts, scales)
        before = np.where(late[None, :, None], middle[:, None], y[:, None])
        result[:, first : first + size] = _apply(P, before)
    return result


def _apply(P: Array, y: Array) -> Array:
    d = P.shape[-1]
    after = np.einsum("...ij,...j->...i", P, y[..., :d])
    after[..., d:] += y[..., d:]
    return after


def _propagators(modes: LinearModes, starts: Array, lengths: Array, scales: Array) -> Array:
    """Matrices (n, b, D, d) from y at `starts` to y (and the integrals' growth) `lengths` later."""
    c, a = radau(STAGES)
    s, b = STAGES, starts.size
    x = starts[:, None] + lengths[:, None] * c
    M = modes.rates(x.ravel())
    n, _, D, d = M.shape
    # Scaled components are of one size, so pivoting compares like with like.
    M = M.reshape(n, b, s, D, d) * scales[:, None, None, None, :]
    M[..., :d, :] /= scales[:, None, None, :, None]
    hM = lengths[:, None, None, None] * M
    system = np.einsum("ij,nbjce->nbicje", -a, hM[..., :d, :]).reshape(n, b, s * d, s * d)
    diagonal = np.arange(s * d)
    system[..., diagonal, diagonal] += 1.0
    ones = np.broadcast_to(np.tile(np.eye(d), (s, 1)), (n, b, s * d, d))
    stages = np.linalg.solve(system, ones).reshape(n, b, s, d, d)
    P = np.empty((n, b, D, d))
    P[..., :d, :] = stages[:, :, -1] * scales[:, None, :, None]
    P[..., d:, :] = np.einsum("j,nbjce,nbjef->nbcf", a[-1], hM[..., d:, :], stages)
    return P / scales[:, None, None, :]

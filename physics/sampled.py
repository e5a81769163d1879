"""Expansion histories that are known at some times: splines of ln a over ln tau."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from darklat.physics.background import Background, Values

if TYPE_CHECKING:
    from scipy.interpolate import PPoly

Array = npt.NDArray[np.float64]

LEAST_ROWS = 8
_BISECTIONS = 60  # of an interval of ln tau, to its rounding


class Sampled(Background):
    """ln a as a cubic spline of ln tau; before the first and after the last time a power law."""

    def __init__(self, tau: Array, a: Array, slopes: Array | None = None) -> None:
        """tau, a: [n], positive and increasing, n >= `LEAST_ROWS`. slopes: d ln a/d ln tau [n],
        where they are known; otherwise the spline has continuous second derivatives.

        Raises ValueError where the spline does not increase.
        """
        from scipy.interpolate import CubicHermiteSpline, CubicSpline  # slow to import

        x, y = np.log(tau), np.log(a)
        if slopes is None:
            self._curve: PPoly = CubicSpline(x, y)
        else:
            self._curve = CubicHermiteSpline(x, y, slopes)
        self._slope = self._curve.derivative()
        self._refuse_turns(tau)
        self._x, self._y = x, y
        self._ends = [(float(y[i]), float(self._slope(x[i]))) for i in (0, -1)]
        self._edges = x.tolist()
        self._pieces = self._curve.c.T.tolist()  # floats: many times faster than NumPy for one time

    @property
    def span(self) -> tuple[float, float]:
        """The first and the last conformal time."""
        return math.exp(self._edges[0]), math.exp(self._edges[-1])

    def scale_factor(self, tau: Values) -> Values:
        """a; 0 at tau = 0."""
        if isinstance(tau, float):
            return 0.0 if tau == 0 else math.exp(self._at(math.log(tau))[0])
        times = np.asarray(tau, dtype=np.float64)
        found = np.array([self.scale_factor(time) for time in times.ravel().tolist()])
        return found.reshape(times.shape)[()]

    def conformal_hubble(self, tau: Values) -> Values:
        """a'/a, the slope of the spline over tau."""
        if isinstance(tau, float):
            return self._at(math.log(tau))[1] / tau
        times = np.asarray(tau, dtype=np.float64)
        found = np.array([self.conformal_hubble(time) for time in times.ravel().tolist()])
        return found.reshape(times.shape)[()]

    def tau_of(self, a: Values) -> Values:
        """The time at which the spline has that value."""
        if isinstance(a, float | int):
            return math.exp(self._inverse(math.log(a)))
        values = np.asarray(a, dtype=np.float64)
        found = np.array([self.tau_of(value) for value in values.ravel().tolist()])
        return found.reshape(values.shape)[()]

    def _at(self, x: float) -> tuple[float, float]:
        """ln a and its slope at x = ln tau."""
        edges = self._edges
        if x <= edges[0]:
            value, slope = self._ends[0]
            return value + slope * (x - edges[0]), slope
        if x >= edges[-1]:
            value, slope = self._ends[1]
            return value + slope * (x - edges[-1]), slope
        i = bisect_right(edges, x) - 1
        c3, c2, c1, c0 = self._pieces[i]
        h = x - edges[i]
        return ((c3 * h + c2) * h + c1) * h + c0, (3 * c3 * h + 2 * c2) * h + c1

    def _inverse(self, y: float) -> float:
        for end, (value, slope) in zip((0, -1), self._ends, strict=True):
            beyond = y - value
            if (beyond <= 0) if end == 0 else (beyond >= 0):
                return self._edges[end] + beyond / slope
        i = int(np.searchsorted(self._y, y, side="right")) - 1
        low, high = self._edges[i], self._edges[i + 1]
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            if self._at(middle)[0] < y:
                low = middle
            else:
                high = middle
        return high

    def _refuse_turns(self, tau: Array) -> None:
        """Raises ValueError at the first interval in which the spline does not increase."""
        c3, c2, c1 = self._curve.c[:3]
        h = np.diff(self._curve.x)
        with np.errstate(divide="ignore", invalid="ignore"):
            bottom = np.clip(np.nan_to_num(-c2 / (3 * c3)), 0, h)  # of the slope, a parabola
        slopes = [(3 * c3 * t + 2 * c2) * t + c1 for t in (np.zeros_like(h), bottom, h)]
        falling = np.flatnonzero(np.min(slopes, axis=0) <= 0)
        if falling.size:
            i = int(falling[0])
            raise ValueError(
                f"between tau = {tau[i]:.6g} and {tau[i + 1]:.6g} the spline through the rows "
                "does not increase: take rows that are closer, or less rough"
            )


class Table(Sampled):
    """The rows of a file."""

    kind = "table"

    @property
    def follows_radiation(self) -> bool:
        """Whether radiation is most of what there is at a = 1: a' is one there within a tenth, and
        changes with ln a by less than a fifth of itself."""
        tau = float(self.tau_of(1.0))
        speed, rate = float(self.conformal_hubble(tau)), 1e-3
        above, below = tau * (1 + rate), tau * (1 - rate)
        change = _log_speed(self, above) - _log_speed(self, below)
        growth = math.log(float(self.scale_factor(above)) / float(self.scale_factor(below)))
        return abs(speed - 1) <= 0.1 and abs(change / growth) <= 0.2


def _log_speed(background: Any, tau: float) -> float:
    return math.log(background.conformal_hubble(tau) * background.scale_factor(tau))

"""The times of a run's steps: known before it starts, so that a resumed run has the same.

Checkpoints hold them too: a run whose end is moved keeps the times of the steps that are done.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np


@dataclass(frozen=True)
class Stretch:
    """`steps` equal steps of dt from conformal time `tau`, where `first` steps are done."""

    first: int
    steps: int
    tau: float
    dt: float


@dataclass(frozen=True)
class Clock:
    """Stretches of equal steps that follow each other. Times are computed and not accumulated."""

    stretches: tuple[Stretch, ...]

    @property
    def steps(self) -> int:
        """Of the whole run."""
        return self.stretches[-1].first + self.stretches[-1].steps

    @property
    def tau_start(self) -> float:
        """Conformal time of the first step."""
        return self.stretches[0].tau

    def tau(self, step: int) -> float:
        """Conformal time after that many steps."""
        own = self._after(step)
        return own.tau + (step - own.first) * own.dt

    def dt(self, step: int) -> float:
        """Length of the step that begins when that many are done, at the end of the last one."""
        return self._after(step).dt

    @property
    def lengths(self) -> str:
        """The length of a step, or of the first and the last one, in words."""
        first, last = self.dt(0), self.dt(self.steps)
        return f"{first:.4g}" if first == last else f"{first:.4g} to {last:.4g}"

    def due(self, step: int, interval: float) -> bool:
        """Whether an output with this `interval` of conformal time comes after that many steps. It
        comes in whole steps from the start of a stretch, and at the end of the run."""
        own = self._after(step)
        every = max(1, round(interval / own.dt))
        return (step - own.first) % every == 0 or step == self.steps

    def within(self, step: int, longest: float) -> bool:
        """Whether something comes after that many steps of which two are at most `longest` apart in
        conformal time, or one step: in whole steps from the start of a stretch."""
        own = self._after(step)
        every = max(1, math.floor(longest / own.dt + 1e-9))
        return (step - own.first) % every == 0

    def nearest_step(self, tau: float) -> int:
        """The step whose end is nearest to tau."""
        own = self.stretches[bisect_right([s.tau for s in self.stretches[1:]], tau)]
        return own.first + min(own.steps, max(0, round((tau - own.tau) / own.dt)))

    def same_until(self, step: int, other: Clock) -> bool:
        """Whether the first steps of both have the same times, to the bit."""
        start = self.tau_start == other.tau_start
        return start and self._first_steps(step) == other._first_steps(step)

    def followed_by(self, later: Clock, *, at: int) -> Clock:
        """The first steps of this clock, and from step `at` on those of `later`, which begins at
        that time."""
        shifted = (replace(s, first=s.first + at) for s in later.stretches)
        return Clock((*self._first_steps(at), *shifted))

    def ended(self, step: int) -> Clock:
        """The first steps of this clock alone."""
        return Clock(self._first_steps(step))

    def _first_steps(self, step: int) -> tuple[Stretch, ...]:
        return tuple(
            replace(s, steps=min(s.steps, step - s.first)) for s in self.stretches if s.first < step
        )

    def table(self) -> np.ndarray:
        """The stretches as doubles, in which they are exact [stretches, 4]."""
        return np.array([[s.first, s.steps, s.tau, s.dt] for s in self.stretches])

    @classmethod
    def of_table(cls, rows: np.ndarray) -> Clock:
        """The inverse of `table`."""
        return cls(tuple(Stretch(int(a), int(b), float(t), float(dt)) for a, b, t, dt in rows))

    def _after(self, step: int) -> Stretch:
        return self.stretches[bisect_right([s.first for s in self.stretches[1:]], step)]


def clock(edges: Sequence[float], longest: Callable[[float], float]) -> Clock:
    """Equal steps between neighbouring edges (increasing conformal times), as many as fit them
    exactly without exceeding longest(tau) at the later one."""
    stretches, first = [], 0
    for start, end in pairwise(edges):
        steps = max(1, math.ceil((end - start) / longest(end) - 1e-9))
        stretches.append(Stretch(first, steps, start, (end - start) / steps))
        first += steps
    return Clock(tuple(stretches))

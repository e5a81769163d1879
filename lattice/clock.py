"""The times of a run's steps: known before it starts, so that a resumed run has the same."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise


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

    def due(self, step: int, interval: float) -> bool:
        """Whether an output with this `interval` of conformal time comes after that many steps. It
        comes in whole steps from the start of a stretch, and at the end of the run."""
        own = self._after(step)
        every = max(1, round(interval / own.dt))
        return (step - own.first) % every == 0 or step == self.steps

    def nearest_step(self, tau: float) -> int:
        """The step whose end is nearest to tau."""
        own = self.stretches[bisect_right([s.tau for s in self.stretches[1:]], tau)]
        return own.first + min(own.steps, max(0, round((tau - own.tau) / own.dt)))

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

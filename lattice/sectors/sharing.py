"""How sectors share a step of the splitting (integrators/strang.py)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from darklat.lattice.passes import Pass
from darklat.physics.background import Background

AXES = (0, 1, 2, 2, 1, 0)  # of the component flows of a step
Made = TypeVar("Made")


Flow = tuple[float, float, float]
"""How long a kick or a drift lasts; its conformal time and scale factor."""


@dataclass
class StepTimes:
    """A step from tau on: two leapfrogs over the times `halves`, the second in the reverse order.

    before: the second half of the step before, where that is open and has left its last kick to
    this one; else 0. close: whether this step does its own last kick. kicks: those at the beginning
    and in the middle, and at the end where it does that. drifts: those before and behind the
    component flows of each half.
    """

    tau: float
    halves: tuple[float, float]
    before: float
    close: bool
    background: Background
    kicks: list[Flow] = field(init=False)
    drifts: list[Flow] = field(init=False)

    def __post_init__(self) -> None:
        (first, second), tau, before = self.halves, self.tau, self.before
        a, time = self.background.scale_factor, self.time
        kicks = [((before + first) / 2, tau), ((first + second) / 2, tau + first)]
        if self.close:
            kicks.append((second / 2, tau + self.dt))
        drifts = [(h / 2, time(half, i)) for half, h in enumerate(self.halves) for i in (1, 3)]
        self.kicks = [(h, t, float(a(t))) for h, t in kicks]
        self.drifts = [(h, t, float(a(t))) for h, t in drifts]

    @property
    def dt(self) -> float:
        """Of the whole step."""
        return self.halves[0] + self.halves[1]

    def time(self, half: int, quarters: int) -> float:
        """Conformal time after so many quarters of the first or the second half: the sum of all
        quarters, rounded once."""
        first, second = self.halves
        if first == second:
            return self.tau + (4 * half + quarters) * second / 4
        past = first if half else 0.0
        return self.tau + math.fsum([4 * past, *quarters * [self.halves[half]]]) / 4

    def a(self, half: int, quarters: int) -> float:
        """Scale factor then."""
        return float(self.background.scale_factor(self.time(half, quarters)))


@dataclass
class ComponentFlow:
    """Passes of the flow of one component of E^2/2: before all coordinates move, the sector's own,
    and behind all."""

    before: list[Pass] = field(default_factory=list)
    own: list[Pass] = field(default_factory=list)
    behind: list[Pass] = field(default_factory=list)


@dataclass
class Share:
    """A sector's passes in a step, by where they stand; integrators/strang.py has the order.

    one_way: whether its passes cannot run backwards, so that they belong to whole steps alone.
    """

    outer_begin: list[Pass] = field(default_factory=list)
    kicks: list[list[Pass]] = field(default_factory=lambda: [[], [], []])
    whole_kick: list[Pass] = field(default_factory=list)
    drifts: list[list[Pass]] = field(default_factory=lambda: [[], []])
    flows: list[ComponentFlow] = field(
        default_factory=lambda: each_flow(lambda *_: ComponentFlow())
    )
    relaxation: list[Pass] = field(default_factory=list)
    outer_end: list[Pass] = field(default_factory=list)
    one_way: bool = False

    def set(self, step: StepTimes) -> None:
        """Sets the scalars of the passes for a step."""

    def spent(self, step: StepTimes) -> float:
        """Conformal energy a^4 rho that expansion and heat take in a step that has run."""
        del step
        return 0.0

    def heat(self) -> float:
        """The heat among what it has spent in the last step."""
        return 0.0


def each_flow(make: Callable[[int, int], Made]) -> list[Made]:
    """make(number, axis) for the six component flows of a step."""
    return [make(number, axis) for number, axis in enumerate(AXES)]

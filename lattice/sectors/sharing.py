"""How sectors share a step of the splitting (integrators/strang.py)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from darklat.lattice.passes import Pass
from darklat.physics.background import Background

AXES = (0, 1, 2, 2, 1, 0)  # of the component flows of a step
Made = TypeVar("Made")


class Kick(NamedTuple):
    """How long a kick lasts, in quarters of dt; its conformal time and scale factor."""

    quarters: int
    tau: float
    a: float


@dataclass(frozen=True)
class StepTimes:
    """A step from tau to tau + dt.

    first, last: the kicks at its beginning and its end, in quarters of dt. A step that is not
    closed leaves its last kick (0) to the next one, which begins with both (2).
    """

    tau: float
    dt: float
    first: int
    last: int
    background: Background

    @property
    def kicks(self) -> tuple[Kick, Kick, Kick]:
        """The kicks at the beginning, in the middle and at the end."""
        tau, dt = self.tau, self.dt
        return (
            Kick(self.first, tau, self.a(0)),
            Kick(2, tau + dt / 2, self.a(4)),
            Kick(self.last, tau + dt, self.a(8)),
        )

    def a(self, eighths: int) -> float:
        """Scale factor after so many eighths of the step."""
        return float(self.background.scale_factor(self.tau + eighths * self.dt / 8))


@dataclass
class ComponentFlow:
    """Passes of the flow of one component of E^2/2: before all coordinates move, the sector's own,
    and behind all."""

    before: list[Pass] = field(default_factory=list)
    own: list[Pass] = field(default_factory=list)
    behind: list[Pass] = field(default_factory=list)


@dataclass
class Share:
    """A sector's passes in a step, by where they stand; integrators/strang.py has the order."""

    outer_begin: list[Pass] = field(default_factory=list)
    kicks: list[list[Pass]] = field(default_factory=lambda: [[], [], []])
    whole_kick: list[Pass] = field(default_factory=list)
    drifts: list[list[Pass]] = field(default_factory=lambda: [[], []])
    flows: list[ComponentFlow] = field(
        default_factory=lambda: each_flow(lambda *_: ComponentFlow())
    )
    relaxation: list[Pass] = field(default_factory=list)
    outer_end: list[Pass] = field(default_factory=list)

    def set(self, step: StepTimes) -> None:
        """Sets the scalars of the passes for a step."""

    def spent(self, step: StepTimes) -> float:
        """Conformal energy a^4 rho that expansion and heat take in a step that has run."""
        del step
        return 0.0


def each_flow(make: Callable[[int, int], Made]) -> list[Made]:
    """make(number, axis) for the six component flows of a step."""
    return [make(number, axis) for number, axis in enumerate(AXES)]

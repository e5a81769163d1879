"""What every time integrator offers to the rest of the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from darklat.lattice.lattice import Lattice
from darklat.lattice.passes import Pass


class Stepper(Protocol):
    """A scheme at work on one lattice; `passes` are those of a step that is not closed."""

    passes: list[Pass]

    def step(self, *, tau: float, dt: float, close: bool = True) -> float:
        """From tau to tau + dt; returns the conformal energy a^4 rho that expansion and the heat
        of conduction take on the way.

        Without `close` the scheme may leave what it does last to the next step, which must then
        follow with the same dt before the fields are looked at.
        """
        ...


@dataclass(frozen=True)
class Integrator:
    """A time integrator: what it is, what it costs, and how to put it to work.

    rhs_per_step: evaluations of all forces; largest_courant: dt/dx above which free waves grow;
    largest_courant_conducting: the same where a field conducts, 0 if none may; two_registers:
    whether a second copy of all evolved fields is kept.
    """

    name: str
    order: int
    rhs_per_step: int
    largest_courant: float
    largest_courant_conducting: float
    two_registers: bool
    source: str
    on: Callable[[Lattice], Stepper]

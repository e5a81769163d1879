"""The interface of a time integrator to the rest of the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from darklat.lattice.lattice import Lattice
from darklat.lattice.passes import Pass


class Stepper(Protocol):
    """A scheme at work on one lattice; `passes` are the passes of an open step."""

    passes: list[Pass]

    def step(self, *, tau: float, dt: float, close: bool = True) -> float:
        """From tau to tau + dt; returns the conformal energy a^4 rho that expansion and the heat
        of conduction take on the way. A device that works by itself may leave that of open steps to
        the closed step that follows.

        Without `close` the scheme may leave its last passes to the next step. That step must then
        follow with the same dt before the fields are looked at.
        """
        ...

    def heat(self) -> float:
        """The heat of conduction in that of the last step, which was closed."""
        ...


@dataclass(frozen=True)
class Integrator:
    """A time integrator: its properties, its cost, and the function that makes it for a lattice.

    rhs_per_step: evaluations of all forces. largest_courant: dt/dx above which free waves grow on a
    lattice of order 2, whose fastest have omega = 2 sqrt(3)/dx; plan.py has other lattices.
    splitting: whether it is made of flows, which massive and conducting fields need. two_registers:
    whether a second copy of all evolved fields is kept. longer: how many times as long as one of
    strang a step may be where a m decides it.
    """

    name: str
    order: int
    rhs_per_step: int
    largest_courant: float
    splitting: bool
    two_registers: bool
    source: str
    on: Callable[[Lattice], Stepper]
    longer: float = 1.0

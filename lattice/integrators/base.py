"""What every time integrator offers to the rest of the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from darklat.lattice.lattice import Lattice
from darklat.lattice.passes import Pass
from darklat.physics import observables


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


def expansion_power(
    background: Any,
    tau: float,
    *,
    pi_sq: float = 0.0,
    grad_sq: float = 0.0,
    potential: float = 0.0,
    mass: float = 0.0,
    temporal: float = 0.0,
    plasma: float = 0.0,
) -> float:
    """(3 p - rho) a^3 a' at tau: the rate at which expansion takes conformal energy a^4 rho.

    From means over the lattice of pi^2, |grad theta|^2, V, and of massive fields m^2 X^2, m^2 P^2
    and d ln(a^2 omega_p^2)/d ln a times omega_p^2 v^2; it is linear in them. It is minus the time
    derivative of the Hamiltonian at given fields and momenta.
    """
    a, hub = float(background.scale_factor(tau)), float(background.conformal_hubble(tau))
    trace = observables.trace_alp(pi_sq / a**4, grad_sq, potential, a)
    trace += observables.trace_massive(mass, temporal, plasma, a)
    return float(observables.expansion_power(trace, a, hub))

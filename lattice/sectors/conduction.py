"""The conducting field A in a step of Strang's splitting (strang.py): any conductivity, the same
step.

A's electric field stays what it is during the flows of everything else, which leave the impulse

    G = int S dtau,   S = -curl B_A + sum_b g_Ab (theta' B_b - grad theta x E_b),

of its sources (conduction.cu). After them E' = S - sigma E is solved over the step with
that S and constant sigma, and A itself moves with E over half a step before and half a step after.
The map is its own adjoint, so of order 2 where sigma dt is small; where it is large E = S/sigma of
the step before: order 1, without bound on sigma.
"""

from __future__ import annotations

from itertools import chain

from darklat.lattice.lattice import Conductor, Lattice
from darklat.lattice.passes import Pass
from darklat.physics.relaxation import relaxation


class _OwnFlow:
    """The flow of E_A^2/2. Where A is coupled to itself the motion of one component is a source of
    the others, and the flow is a palindrome of its components with E brought up to date after each.
    """

    def __init__(self, lattice: Lattice) -> None:
        variant = lattice.backend.layout.variant
        self._shares = [(1.0, 1.0, 1.0)]
        if variant.self_coupled:
            x, y, z = (0.5, 0.0, 0.0), (0.0, 0.5, 0.0), (0.0, 0.0, 1.0)
            self._shares = [x, y, z, y, x]
        self._moves = [lattice.conducting_flow() for _ in self._shares]
        follow = [lattice.relax() if variant.self_coupled else () for _ in self._shares]
        pieces = zip(self._moves, follow, strict=True)
        self.passes: list[Pass] = [*chain.from_iterable((*move, *e) for move, e in pieces)]

    def set(self, *, h: float) -> None:
        for move, (x, y, z) in zip(self._moves, self._shares, strict=True):
            for each in (*move[:1], *move[2:]):
                each(hx=x * h, hy=y * h, hz=z * h)


class Conduction:
    """Passes of a step around the flows of everything else: `before`, `kick` in their middle,
    `relax` behind, and `after`, which a step that is not closed leaves to the next."""

    def __init__(self, lattice: Lattice) -> None:
        assert lattice.conductor is not None  # who makes this has seen one
        self._conductor: Conductor = lattice.conductor
        self._background = lattice.background
        self._own = _OwnFlow(lattice), _OwnFlow(lattice)
        self.kick = lattice.conducting_kick()
        self.relax = lattice.relax()
        self.before, self.after = (own.passes for own in self._own)

    def set(self, *, tau: float, dt: float, left: int) -> None:
        """For a step from tau to tau + dt, which begins with `left` halves of A's motion."""
        for own, halves in zip(self._own, (left, 1), strict=True):
            own.set(h=halves * dt / 2)
        self.kick[1](h=dt)
        sigma = float(self._conductor.at(float(self._background.scale_factor(tau + dt / 2))))
        z = relaxation(sigma * dt)
        self.relax[1](
            decay=z.decay, gain=z.gain, current_E=z.current_E, current_G=z.current_G,
            heat_EE=z.heat_EE, heat_EG=z.heat_EG, heat_GG=z.heat_GG,
        )  # fmt: skip

    @property
    def heat(self) -> float:
        """int sigma E^2 over the last step."""
        return float(self.relax[1].means["heat"])

"""The Strang splitting with a conducting field A: any conductivity, the same step.

Its Hamiltonian part is strang.py's. A's electric field has flows of its own in the middle of the
step, and stays what it is in those of the other fields, which leave the impulse G of A's sources,

    int S dtau,   S = -curl B_A + sum_b g_Ab (theta' B_b - grad theta x E_b),

exactly on the lattice (kernels/conduction.cu). At the middle and at the end of the step
E' = S - sigma E is solved with that S and constant sigma. The step is its own adjoint, so of order
2 where sigma dt is small; where it is large E = S/sigma and A' = S/sigma, with S of up to half a
step before: order 1, without bound on sigma. What leaves D = E - g W other than by a curl is the
current, and goes into rho by continuity: div D = rho to rounding.
"""

from __future__ import annotations

from functools import partial
from itertools import chain

from darklat.lattice.integrators.base import expansion_power
from darklat.lattice.integrators.relaxation import relaxation
from darklat.lattice.lattice import Conductor, Lattice
from darklat.lattice.passes import Pass, Passes


class _Half:
    """The flows of one half of a step other than A's own, and the relaxation of A at its end."""

    def __init__(self, lattice: Lattice, *, first: bool) -> None:
        self.kick = lattice.kick(first=first)
        self.drift, self.induction = lattice.drift(), lattice.induction()
        axes = (0, 1, 2) if first else (2, 1, 0)
        self.links = [lattice.link_flow(axis) for axis in axes]
        self.charge, self.relax = lattice.charge(), lattice.relax()
        links = list(chain.from_iterable(self.links))
        # induction reads pi, which the drift leaves alone
        outer: list[Pass] = [self.drift, self.induction]
        order = [self.kick, *outer, *links] if first else [*links, *outer, self.kick]
        self.passes = [*order, self.charge, self.relax]

    def set(self, *, h: float, a_edge: float, a_middle: float, sigma: float) -> None:
        """Over a time h from or to the edge of the step, where the kick is."""
        self.kick(h=h, a=a_edge)
        for flow in (self.drift, self.induction):
            flow(h=h, a=a_middle)
        for link_pass in chain.from_iterable(self.links):
            link_pass(h=h)
        z = relaxation(sigma * h)
        self.charge(of_E=z.current_E, of_D=z.current_G)
        self.relax(
            decay=z.decay, gain=z.gain,
            heat_EE=z.heat_EE, heat_EG=z.heat_EG, heat_GG=z.heat_GG,
        )  # fmt: skip


class StrangConducting:
    """Steps a lattice with a conducting field."""

    def __init__(self, lattice: Lattice) -> None:
        assert lattice.conductor is not None  # who chooses this class has seen one
        self._lattice, self._background = lattice, lattice.background
        self._conductor: Conductor = lattice.conductor
        self._halves = _Half(lattice, first=True), _Half(lattice, first=False)
        # E_I of A depends on A's other components through g_AA alone: without it the flows commute.
        mixes = lattice.couplings[-1, -1] != 0
        self._own = [
            (lattice.conducting_flow(axis), share)
            for axis, share in (
                ((0, 0.5), (1, 0.5), (2, 1.0), (1, 0.5), (0, 0.5))
                if mixes
                else ((0, 1.0), (1, 1.0), (2, 1.0))
            )
        ]
        own = chain.from_iterable(flow for flow, _ in self._own)
        self.passes = Passes(
            lattice.backend, [*self._halves[0].passes, *own, *self._halves[1].passes]
        )

    def step(self, *, tau: float, dt: float) -> float:
        """From tau to tau + dt; returns the work of expansion and the heat of conduction."""
        half = dt / 2
        for flows, edge, middle in (
            # pi, D: time tau; theta, X: to tau + dt/2; E_A: to tau + dt/2
            (self._halves[0], tau, tau + dt / 4),
            # X, theta: to tau + dt; pi, D: time tau + dt; E_A: to tau + dt
            (self._halves[1], tau + dt, tau + 3 * dt / 4),
        ):
            a_middle = float(self._background.scale_factor(middle))
            flows.set(
                h=half,
                a_edge=float(self._background.scale_factor(edge)),
                a_middle=a_middle,
                sigma=float(self._conductor.at(a_middle)),
            )
        # A to tau + dt, with E_A of tau + dt/2; D and pi by the coupling
        for flow, share in self._own:
            for link_pass in flow:
                link_pass(h=share * dt)
        self.passes.run()
        moved = [float(flows.charge.means[0]) for flows in self._halves]
        self._lattice.largest_current = max(self._lattice.largest_current, *moved)
        return self._spent(tau, dt)

    def _spent(self, tau: float, dt: float) -> float:
        """Work of expansion of every flow over its own time, and int sigma E_A^2/a."""
        power = partial(expansion_power, self._background)
        half, total = dt / 2, 0.0
        for flows, edge, middle in (
            (self._halves[0], tau, tau + dt / 4),
            (self._halves[1], tau + dt, tau + 3 * dt / 4),
        ):
            grad_sq, potential, B_sq = flows.kick.means
            total += half * power(edge, grad_sq=grad_sq, potential=potential, squares=B_sq)
            total += half * power(middle, pi_sq=flows.drift.means[0])
            E_sq = sum(link.means[0] for link, _ in flows.links)
            total += half * power(middle, squares=E_sq)
            total += flows.relax.means[0] / float(self._background.scale_factor(middle))
        for (coordinate, _), share in self._own:
            total += share * dt * power(tau + half, squares=coordinate.means[0])
        return total

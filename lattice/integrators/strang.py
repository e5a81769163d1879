"""Strang splitting of the lattice Hamiltonian: order 2, symplectic, time-symmetric, no registers.

    H = sum pi^2/(2 a^2) + [a^2 |grad theta|^2/2 + a^4 V + B^2/2] + E_x^2/2 + E_y^2/2 + E_z^2/2,
    E = D + g W(theta, X)

Every term's flow is exact and explicit, although E depends on momenta and coordinates: E_I does not
change along the flow of its own square (kick.cu, link_flow.cu). A step is two leapfrogs over dt/2,
 the second with the components of E in the reverse order, so that their product is a
palindrome (Strang, SIAM J. Numer. Anal. 5, 506 (1968)): no dissipation, an energy error that stays
bounded and falls as dt^2. Time itself advances with the drifts, which keeps the palindrome in an
expanding background. D only ever changes by discrete curls, which keeps Gauss's law to rounding.

The kick that closes a step and the one that begins the next are one flow, and where nobody looks in
between they are done as one. A massive field's component flows have more terms: proca.py; a
conducting field has flows of its own around all that: conduction.py.
"""

from __future__ import annotations

import math
from functools import partial
from itertools import chain

from darklat.lattice.integrators.base import Integrator, expansion_power
from darklat.lattice.lattice import Lattice
from darklat.lattice.passes import Pass, Passes
from darklat.lattice.sectors.conduction import Conduction
from darklat.lattice.sectors.proca_flow import Proca

AXES = (0, 1, 2, 2, 1, 0)  # of the component flows of a step
LAST = {2: 0, 5: 4}  # of them in each leapfrog, with which theta drifts: eighths of dt before it


class Strang:
    """Steps a lattice."""

    def __init__(self, lattice: Lattice) -> None:
        self._background = lattice.background
        self._kicks = [lattice.kick() for _ in range(3)]  # plaquettes, and their kick
        links = [lattice.link_flow(axis, then_drift=i in LAST) for i, axis in enumerate(AXES)]
        self._drifts = [(lattice.drift(), links[i].torque, LAST[i]) for i in LAST if lattice.alp]
        massless = lattice.backend.layout.variant.massless > 0
        self._coordinates = [link.coordinate for link in links] if massless else []
        # Without an ALP a component of E moves nothing but its own X.
        behind = [each for link in links for each in (link.torque, link.momenta)]
        self._behind = behind if lattice.alp else []
        self._conduction = Conduction(lattice) if lattice.conductor else None
        self._proca = Proca(lattice) if lattice.massive else None
        flows = [[c] for c in self._coordinates] or [list[Pass]() for _ in AXES]
        kicks: list[list[Pass]] = [[*kick] for kick in self._kicks]
        if self._proca:
            flows, kicks = self._proca.join(flows, kicks)
        if lattice.alp:
            flows = [
                [link.magnetic, *flow, link.torque, link.momenta]
                for link, flow in zip(links, flows, strict=True)
            ]
        begin, middle, closing = kicks
        drifts = [drift for drift, _, _ in self._drifts]
        first = [*begin, *drifts[:1], *chain.from_iterable(flows[:3])]
        second = [*drifts[1:], *chain.from_iterable(flows[3:])]
        own = self._conduction
        order = [*first, *middle, *second]
        if own:  # the closing kick commutes with the relaxation
            order = [*own.before, *first, *middle, *own.kick, *second, *own.relax]
            closing = [*closing, *own.after]
        self.passes = order
        self._passes = Passes(lattice.backend, [*order, *closing])
        self._open = False

    def step(self, *, tau: float, dt: float, close: bool = True) -> float:
        """From tau to tau + dt; returns the energy that expansion takes, summed with the flows, and
        the heat of conduction. Not closed, it leaves the last kick, and the last motion of a
        conducting field, to the next step."""
        half, quarter = dt / 2, dt / 4
        left = 2 if self._open else 1  # times what a step begins with

        def a(eighths: int) -> float:
            return float(self._background.scale_factor(tau + eighths * dt / 8))

        begin, middle, end = (kick for _, kick in self._kicks)
        begin(h=left * quarter, a=a(0))  # pi, D at time tau
        middle(h=half, a=a(4))  # at tau + dt/2
        end(h=quarter, a=a(8))  # at tau + dt
        for drift, last, before in self._drifts:  # in each half of the step
            drift(h=quarter, a=a(before + 1))  # theta a quarter of dt before the component flows
            last(drift=quarter, a=a(before + 3))  # and one after them
        for link_pass in (*self._coordinates, *self._behind):
            link_pass(h=half)  # X to tau + dt/2, then to tau + dt; D and pi by the coupling
        if self._proca:
            self._proca.set(tau=tau, dt=dt, left=left)
        if self._conduction:
            self._conduction.set(tau=tau, dt=dt, left=left)
        self._passes.run(None if close else len(self.passes), follows=self._open)
        self._open = not close
        spent = self._spent(tau, dt, (left, 2, int(close)))
        if self._proca:
            spent += self._proca.spent(tau=tau, dt=dt, kicks=(left, 2, int(close)))
        if self._conduction:
            spent += self._conduction.heat
        return spent

    def _spent(self, tau: float, dt: float, kicks: tuple[int, int, int]) -> float:
        """What expansion takes of the ALP in every flow over its own time; of the kicks, in
        quarters. Its terms are constant along their flows, so that this and the Hamiltonian are
        together conserved as well as a Hamiltonian that does not depend on time."""
        power = partial(expansion_power, self._background)
        spent = 0.0
        for own, quarters, time in zip(self._kicks, kicks, (0, 1 / 2, 1), strict=True):
            rate = power(tau + time * dt, grad_sq=own[1].means["trace"])  # and 4 a^2 V
            spent += quarters * dt / 4 * rate
        for drift, last, before in self._drifts:
            spent += dt / 4 * power(tau + (before + 1) * dt / 8, pi_sq=drift.means["pi_sq"])
            spent += dt / 4 * power(tau + (before + 3) * dt / 8, pi_sq=last.means["pi_sq"])
        return spent


INTEGRATOR = Integrator(
    name="strang",
    order=2,
    rhs_per_step=2,
    largest_courant=2 / math.sqrt(3),  # a leapfrog's over dt/2, for free waves of 2 sqrt(3)/dx
    largest_courant_conducting=1 / math.sqrt(3),  # a conducting field's leapfrog is over dt
    two_registers=False,
    source="Strang, SIAM J. Numer. Anal. 5, 506 (1968)",
    on=Strang,
)

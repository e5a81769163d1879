"""Strang splitting of the lattice Hamiltonian: order 2, symplectic, time-symmetric, no registers.

    H = sum pi^2/(2 a^2) + [a^2 |grad theta|^2/2 + a^4 V + B^2/2] + E_x^2/2 + E_y^2/2 + E_z^2/2,
    E = D + g W(theta, X)

Every term's flow is exact and explicit, although E depends on momenta and coordinates: E_I does not
change along the flow of its own square (kernels/kick.cu, link_flow.cu). The palindromic product of
the flows (Strang, SIAM J. Numer. Anal. 5, 506 (1968)) has no dissipation; its energy error stays
bounded and falls as dt^2. Time itself advances with the drifts, so that the product stays
palindromic in an expanding background. D only ever changes by discrete curls, which keeps Gauss's
law to rounding.
"""

from __future__ import annotations

import math
from functools import partial
from itertools import chain

from darklat.lattice.integrators.base import Integrator, expansion_power
from darklat.lattice.integrators.strang_conducting import StrangConducting
from darklat.lattice.lattice import Lattice
from darklat.lattice.passes import Passes


class Strang:
    """Steps a lattice."""

    def __init__(self, lattice: Lattice) -> None:
        self._background = lattice.background
        self._kicks = lattice.kick(first=True), lattice.kick()
        self._drifts = lattice.drift(), lattice.drift()
        self._links = [lattice.link_flow(axis) for axis in (0, 1, 2, 1, 0)]
        links = chain.from_iterable(self._links)
        self.passes = Passes(
            lattice.backend,
            [self._kicks[0], self._drifts[0], *links, self._drifts[1], self._kicks[1]],
        )

    def step(self, *, tau: float, dt: float) -> float:
        """From tau to tau + dt; returns the work of expansion, summed with the flows."""
        scale_factor = self._background.scale_factor
        half, middle, end = dt / 2, tau + dt / 2, tau + dt
        early, late = tau + dt / 4, tau + 3 * dt / 4  # middles of the two half steps
        # pi, D: time tau
        self._kicks[0](h=half, a=float(scale_factor(tau)))
        # theta: to tau + dt/2
        self._drifts[0](h=half, a=float(scale_factor(early)))
        # X to tau + dt, D and pi by the coupling
        for flow, h in zip(self._links, (half, half, dt, half, half), strict=True):
            for link_pass in flow:
                link_pass(h=h)
        # theta: to tau + dt
        self._drifts[1](h=half, a=float(scale_factor(late)))
        # pi, D: time tau + dt
        self._kicks[1](h=half, a=float(scale_factor(end)))
        self.passes.run()
        return self._work(half, (tau, early, middle, late, end))

    def _work(self, half: float, times: tuple[float, float, float, float, float]) -> float:
        """The work of expansion of every flow over its own time."""
        begin, early, middle, late, end = times
        power = partial(expansion_power, self._background)
        work = 0.0
        for kick, time in zip(self._kicks, (begin, end), strict=True):
            grad_sq, potential, B_sq = kick.means
            work += half * power(time, grad_sq=grad_sq, potential=potential, squares=B_sq)
        for drift, time in zip(self._drifts, (early, late), strict=True):
            work += half * power(time, pi_sq=drift.means[0])
        times_of_links = zip((early, early, middle, late, late), (1, 1, 2, 1, 1), strict=True)
        for (link, _), (time, halves) in zip(self._links, times_of_links, strict=True):
            work += halves * half * power(time, squares=link.means[0])
        return work


INTEGRATOR = Integrator(
    name="strang",
    order=2,
    rhs_per_step=2,  # two kicks; five component flows for the three of one right-hand side
    largest_courant=1 / math.sqrt(3),  # the leapfrog's, for free waves of omega = 2 sqrt(3)/dx
    two_registers=False,
    source="Strang, SIAM J. Numer. Anal. 5, 506 (1968)",
    on=lambda lattice: StrangConducting(lattice) if lattice.conductor else Strang(lattice),
)

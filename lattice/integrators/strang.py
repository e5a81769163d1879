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
from collections.abc import Sequence
from typing import Any

import numpy as np

from darklat.lattice.integrators.base import Integrator, expansion_power
from darklat.lattice.lattice import DRIFT_SUMS, KICK_SUMS, LINK_SUMS, Lattice, add_planes


class Strang:
    """Steps a lattice."""

    def __init__(self, lattice: Lattice) -> None:
        self.lattice = lattice
        self._kicks, self._drifts = lattice.planes(2, KICK_SUMS), lattice.planes(2, DRIFT_SUMS)
        self._links = lattice.planes(5, LINK_SUMS)

    def step(self, *, tau: float, dt: float) -> float:
        """From tau to tau + dt; returns the work of expansion, summed with the flows."""
        lattice, scale_factor = self.lattice, self.lattice.background.scale_factor
        half, middle, end = dt / 2, tau + dt / 2, tau + dt
        early, late = tau + dt / 4, tau + 3 * dt / 4  # middles of the two half steps
        # pi, D: time tau
        lattice.kick(h=half, a=float(scale_factor(tau)), planes=self._kicks[0])
        # theta: to tau + dt/2
        lattice.drift(h=half, a=float(scale_factor(early)), planes=self._drifts[0])
        # X to tau + dt, D and pi by the coupling
        for i, (axis, h) in enumerate(((0, half), (1, half), (2, dt), (1, half), (0, half))):
            lattice.link_flow(axis, h=h, planes=self._links[i])
        # theta: to tau + dt
        lattice.drift(h=half, a=float(scale_factor(late)), planes=self._drifts[1])
        # pi, D: time tau + dt
        lattice.kick(h=half, a=float(scale_factor(end)), planes=self._kicks[1])
        work = self._work_of_kicks((tau, end), half) + self._work_of_drifts((early, late), half)
        return work + self._work_of_links((early, early, middle, late, late), half)

    def _means(self, planes: Any, quantities: int) -> np.ndarray:
        host = self.lattice.backend.to_host(planes)
        return (
            np.array([add_planes(p, quantities, self.lattice.n) for p in host]) / self.lattice.n**3
        )

    def _work_of_kicks(self, times: Sequence[float], h: float) -> float:
        means = zip(times, self._means(self._kicks, KICK_SUMS), strict=True)
        return h * sum(
            expansion_power(self.lattice.background, t, grad_sq=m[0], potential=m[1], squares=m[2])
            for t, m in means
        )

    def _work_of_drifts(self, times: Sequence[float], h: float) -> float:
        means = zip(times, self._means(self._drifts, DRIFT_SUMS), strict=True)
        return h * sum(expansion_power(self.lattice.background, t, pi_sq=m[0]) for t, m in means)

    def _work_of_links(self, times: Sequence[float], h: float) -> float:
        means = zip(times, (1, 1, 2, 1, 1), self._means(self._links, LINK_SUMS), strict=True)
        return h * sum(
            w * expansion_power(self.lattice.background, t, squares=m[0]) for t, w, m in means
        )


INTEGRATOR = Integrator(
    name="strang",
    order=2,
    rhs_per_step=2,  # two kicks; five component flows for the three of one right-hand side
    largest_courant=1 / math.sqrt(3),  # the leapfrog's, for free waves of omega = 2 sqrt(3)/dx
    launches={"kick": 2, "drift": 2, "link_coordinate": 5, "link_momenta": 5},
    two_registers=False,
    source="Strang, SIAM J. Numer. Anal. 5, 506 (1968)",
    on=Strang,
)

"""Strang splitting of the lattice Hamiltonian: order 2, symplectic, time-symmetric, no registers.

    H = sum pi^2/(2 a^2) + [a^2 |grad theta|^2/2 + a^4 V + B^2/2] + E_x^2/2 + E_y^2/2 + E_z^2/2,
    E = D + g W(theta, X)

Every term's flow is exact and explicit, although E depends on momenta and coordinates. The reason:
E_I does not change along the flow of its own square (kick.cu, link_flow.cu). A step is two
leapfrogs over dt/2, the second with the components of E in the reverse order. Their product is a
palindrome (Strang, SIAM J. Numer. Anal. 5, 506 (1968)). It has no dissipation, and an energy error
that stays bounded and falls as dt^2. Time itself advances with the drifts, which keeps the
palindrome in an expanding background. D only ever changes by discrete curls, which keeps Gauss's
law to rounding.

Every sector has its share of the flows (sectors/sharing.py).

A step may stay open. The kick that ends one step and the kick that begins the next are merged,
unless something looks at the fields in between. An open step leaves its last kick, and the last
motion of a conducting field, to the next step. The fields of an open step have no common time, so
that only a closed step can be measured, saved or stopped at (schedule.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from darklat.lattice.fusion import fused
from darklat.lattice.integrators.base import Integrator
from darklat.lattice.lattice import Lattice
from darklat.lattice.passes import Pass, Passes
from darklat.lattice.sectors.sharing import Share, StepTimes


class Leapfrogs:
    """Two leapfrogs by the passes of some sectors, as often as one likes; `passes` are those of an
    open pair, `closing` those that close it."""

    def __init__(self, lattice: Lattice, shares: Sequence[Share]) -> None:
        self._background, self._shares = lattice.background, shares
        self.passes, self.closing = fused(
            lattice.backend, list(_open_step(shares)), list(_closing(shares))
        )
        self._passes = Passes(lattice.backend, [*self.passes, *self.closing])
        self._left = 0.0  # the second half of an open pair, which left its end to the next
        self._begun: list[StepTimes] = []  # those whose energy has not been returned
        self._waits = lattice.backend.waits

    def run(self, tau: float, halves: tuple[float, float], *, close: bool, between: bool) -> float:
        """From tau on over these times. Returns the energy that expansion takes, summed with the
        flows, and the heat of conduction. Where the device works by itself, an open pair returns
        nothing, and a closed one all that has not been returned. between: whether other passes have
        run since the last pair."""
        step = StepTimes(tau, halves, self._left, close, self._background)
        for share in self._shares:
            share.set(step)
        follows = self._left != 0 and not between
        self._passes.begin(None if close else len(self.passes), follows=follows)
        self._left = 0.0 if close else halves[1]
        self._begun.append(step)
        if not (close or self._waits):
            return 0.0
        begun, self._begun = self._begun, []
        spent = 0.0
        for ended, _ in zip(begun, self._passes.ended(), strict=True):
            for share in self._shares:
                spent += share.spent(ended)
        return spent

    def heat(self) -> float:
        """The heat of conduction in that of the last run."""
        return sum(share.heat() for share in self._shares)


class Strang:
    """Steps a lattice; `passes` are the passes of an open step."""

    def __init__(self, lattice: Lattice) -> None:
        self._leapfrogs = Leapfrogs(lattice, [sector.share() for sector in lattice.sectors])
        self.passes = self._leapfrogs.passes

    def step(self, *, tau: float, dt: float, close: bool = True) -> float:
        """See `Stepper.step`."""
        return self._leapfrogs.run(tau, (dt / 2, dt / 2), close=close, between=False)

    def heat(self) -> float:
        """See `Stepper.heat`."""
        return self._leapfrogs.heat()


def _open_step(shares: Sequence[Share]) -> Iterator[Pass]:
    """kick dt/4, drift dt/4, flows x y z dt/2, drift dt/4, kick dt/2, and the same back."""
    yield from _all([share.outer_begin for share in shares])
    for half, flows in enumerate((range(3), range(3, 6))):
        yield from _all([share.kicks[half] for share in shares])
        if half == 1:
            yield from _all([share.whole_kick for share in shares])
        yield from _all([share.drifts[half] for share in shares])
        for number in flows:  # theta drifts again with the torque of the last of them
            yield from _all([share.flows[number].before for share in shares])
            yield from _all([share.flows[number].own for share in shares])
            yield from _all([share.flows[number].behind for share in shares])
    yield from _all([share.relaxation for share in shares])


def _closing(shares: Sequence[Share]) -> Iterator[Pass]:
    yield from _all([share.kicks[2] for share in shares])
    yield from _all([share.outer_end for share in shares])


def _all(passes: Sequence[Sequence[Pass]]) -> Iterator[Pass]:
    for own in passes:
        yield from own


INTEGRATOR = Integrator(
    name="strang",
    order=2,
    rhs_per_step=2,
    largest_courant=2 / math.sqrt(3),  # a leapfrog's over dt/2, for free waves of 2 sqrt(3)/dx
    splitting=True,
    two_registers=False,
    source="Strang, SIAM J. Numer. Anal. 5, 506 (1968)",
    on=Strang,
)

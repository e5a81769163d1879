"""Compositions of leapfrogs over fractions of a step, some of them negative: order 4 by the
leapfrogs of strang.py, symplectic and time-symmetric as these are.

The fractions are those of a first-order map and its adjoint in turn. Here they are the leapfrog and
the one with the components of E in the reverse order. Time advances with the drifts, as in
strang.py, so that a(tau) enters at the times of the leapfrogs and the order holds in an expanding
background. Kicks that meet are merged, also of steps that stay open.

A conducting field relaxes by exp(-sigma dt), and no backward leapfrog can undo this. Its passes
frame the step as in strang.py, over the whole of dt. It sees the impulse of its sources from all
leapfrogs. Free fields that do not feel it keep their order 4; the field itself has the order that
it has in strang.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

import numpy as np

from darklat.lattice.integrators.base import Integrator
from darklat.lattice.integrators.strang import Leapfrogs
from darklat.lattice.lattice import Lattice
from darklat.lattice.passes import Passes
from darklat.lattice.sectors.sharing import Share, StepTimes


@dataclass(frozen=True)
class Fractions:
    """The leapfrogs of a step by pairs, in units of the step."""

    pairs: tuple[tuple[float, float], ...]

    @property
    def begins(self) -> tuple[float, ...]:
        """Where each pair begins."""
        return (0.0, *accumulate(first + second for first, second in self.pairs[:-1]))

    def largest_courant(self) -> float:
        """dt/dx above which the fastest free waves, of omega = 2 sqrt(3)/dx, grow."""
        courant = np.arange(0.001, 2.0, 0.001)
        step = np.broadcast_to(np.eye(2), (len(courant), 2, 2))
        for fraction in chain.from_iterable(self.pairs):
            x = 2 * math.sqrt(3) * courant * fraction
            half, kick = 1 - x**2 / 2, -x * (1 - x**2 / 4)
            step = np.moveaxis(np.array([[half, x], [kick, half]]), -1, 0) @ step
        grows = np.abs(np.trace(step, axis1=1, axis2=2)) > 2 + 1e-12
        return float(courant[np.argmax(grows) - 1])


class Composition:
    """Steps a lattice; `passes` are the passes of an open step."""

    def __init__(self, fractions: Fractions, lattice: Lattice) -> None:
        self._fractions, self._background = fractions, lattice.background
        shares = [sector.share() for sector in lattice.sectors]
        self._leapfrogs = Leapfrogs(lattice, [each for each in shares if not each.one_way])
        self._frames = [_Frame(lattice, each) for each in shares if each.one_way]
        self.passes = [
            *chain.from_iterable(frame.begin for frame in self._frames),
            *self._leapfrogs.passes * len(fractions.pairs),
            *chain.from_iterable(frame.relax for frame in self._frames),
        ]
        self._left = 0.0  # the half of an open step, which left its end to the next

    def step(self, *, tau: float, dt: float, close: bool = True) -> float:
        """See `Stepper.step`."""
        whole = StepTimes(tau, (dt / 2, dt / 2), self._left, close, self._background)
        for frame in self._frames:
            frame.enter(whole)
        spent, pairs = 0.0, self._fractions.pairs
        for i, ((first, second), begin) in enumerate(
            zip(pairs, self._fractions.begins, strict=True)
        ):
            spent += self._leapfrogs.run(
                tau + begin * dt,
                (first * dt, second * dt),
                close=close and i == len(pairs) - 1,
                between=i == 0 and bool(self._frames),
            )
        self._left = 0.0 if close else dt / 2
        return spent + sum(frame.leave(whole) for frame in self._frames)

    def heat(self) -> float:
        """See `Stepper.heat`."""
        return sum(frame.heat() for frame in self._frames)


class _Frame:
    """The passes of a one-way sector around the leapfrogs of the others."""

    def __init__(self, lattice: Lattice, share: Share) -> None:
        self._share, self.begin = share, share.outer_begin
        self.relax = [*share.whole_kick, *share.relaxation]
        self._before = Passes(lattice.backend, self.begin)
        self._behind = Passes(lattice.backend, [*self.relax, *share.outer_end])

    def enter(self, step: StepTimes) -> None:
        """Sets the step and runs what comes before the others."""
        self._share.set(step)
        self._before.run()

    def leave(self, step: StepTimes) -> float:
        """Runs what comes behind the others; returns the heat."""
        self._behind.run(None if step.close else len(self.relax))
        return self._share.spent(step)

    def heat(self) -> float:
        """Of the last step."""
        return self._share.heat()


def composition(*, name: str, half: Sequence[float], longer: float, source: str) -> Integrator:
    """The scheme of order 4 whose fractions are those of `half` and the same in reverse; longer:
    see `Integrator`."""
    whole = (*half, *half[::-1])
    fractions = Fractions(tuple(zip(whole[::2], whole[1::2], strict=True)))
    return Integrator(
        name=name,
        order=4,
        rhs_per_step=len(whole),
        largest_courant=fractions.largest_courant(),
        splitting=True,
        two_registers=False,
        source=source,
        on=lambda lattice: Composition(fractions, lattice),
        longer=longer,
    )

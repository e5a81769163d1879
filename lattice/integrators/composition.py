"""PROTOTYPE."""

from __future__ import annotations

import math
from functools import partial

from darklat.lattice.integrators.base import Integrator
from darklat.lattice.integrators.strang import _closing, _open_step
from darklat.lattice.lattice import Lattice
from darklat.lattice.passes import Passes
from darklat.lattice.sectors.conductor import ConductorShare
from darklat.lattice.sectors.sharing import StepTimes


class Composition:
    def __init__(self, fractions, lattice: Lattice) -> None:
        self._fractions = fractions
        self._background = lattice.background
        shares = [sector.share() for sector in lattice.sectors]
        self._free = [s for s in shares if not isinstance(s, ConductorShare)]
        self._cond = [s for s in shares if isinstance(s, ConductorShare)]
        self.passes = list(_open_step(self._free))
        self._inner = Passes(lattice.backend, [*self.passes, *_closing(self._free)])
        self._begin = self._end = None
        if self._cond:
            (c,) = self._cond
            self._begin = Passes(lattice.backend, c.outer_begin)
            self._end = Passes(lattice.backend, [*c.whole_kick, *c.relaxation, *c.outer_end])

    def step(self, *, tau: float, dt: float, close: bool = True) -> float:
        whole = StepTimes(tau, (dt / 2, dt / 2), 0.0, True, self._background)
        for s in self._cond:
            s.set(whole)
        if self._begin:
            self._begin.run()
        spent, before, now = 0.0, 0.0, tau
        halves = [f * dt for f in self._fractions]
        pairs = list(zip(halves[::2], halves[1::2]))
        for i, (a, b) in enumerate(pairs):
            last = i == len(pairs) - 1
            step = StepTimes(now, (a, b), before, last, self._background)
            for share in self._free:
                share.set(step)
            self._inner.run(None if last else len(self.passes), follows=i > 0)
            for share in self._free:
                spent += share.spent(step)
            before, now = b, now + a + b
        if self._end:
            self._end.run()
        for s in self._cond:
            spent += s.spent(whole)
        return spent


def symmetric(*w):
    """Of symmetric steps."""
    out = []
    for x in w:
        out += [x / 2, x / 2]
    return tuple(out)


def palindrome(*alpha):
    return (*alpha, *alpha[::-1])


_w3 = 1 / (2 - 2 ** (1 / 3))
_w5 = 1 / (4 - 4 ** (1 / 3))
_m = (0.28, 0.62546642846767004501)
_r = math.sqrt(19)
_a1, _a2, _a3 = 0.0792036964311957, 0.353172906049774, -0.0420650803577195
_b1, _b2 = 0.209515106613362, -0.143851773179818
_a4, _b3 = 1 - 2 * (_a1 + _a2 + _a3), 0.5 - (_b1 + _b2)


def alphas():
    a = [_a1, _a2, _a3, _a4, _a3, _a2, _a1]
    b = [_b1, _b2, _b3, _b3, _b2, _b1]
    out, rest = [a[0]], None
    for i, x in enumerate(b):
        out.append(x - out[-1])
        out.append(a[i + 1] - out[-1])
    return tuple(out[:12])


FRACTIONS = {
    "yoshida3": symmetric(_w3, 1 - 2 * _w3, _w3),
    "suzuki5": symmetric(_w5, _w5, 1 - 4 * _w5, _w5, _w5),
    "mclachlan5": symmetric(*_m, 1 - 2 * sum(_m), *_m[::-1]),
    "adjoint5": palindrome(
        (14 - _r) / 108, (146 + 5 * _r) / 540, (-23 - 20 * _r) / 270, (-2 + 10 * _r) / 135, 1 / 5
    ),
    "blanes_moan6": alphas(),
}
BUILT = [
    Integrator(
        name=name,
        order=4,
        rhs_per_step=len(f),
        largest_courant=9.0,
        largest_courant_conducting=9.0,
        two_registers=False,
        source="",
        on=partial(Composition, f),
    )
    for name, f in FRACTIONS.items()
]

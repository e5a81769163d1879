"""Massive fields in a step of Strang's splitting (strang.py).

Along the flow of one component of E, that component of X and the fluid's v of every massive field
make a linear system on each link, whatever couples E to theta and to the other components; it is
solved by an implicit time-symmetric step of one link (massive.cu). P moves with X on the
way, and moves X with the kicks. So nothing limits m dt, omega_p dt and nu dt but accuracy, and
Gauss's law and the Lorenz condition hold to rounding.
"""

from __future__ import annotations

from functools import partial

from darklat.lattice.integrators.base import expansion_power
from darklat.lattice.lattice import Lattice
from darklat.lattice.passes import Pass


class Proca:
    """What massive fields add to the passes of a step."""

    def __init__(self, lattice: Lattice) -> None:
        assert lattice.massive is not None  # who makes this has seen one
        self._background = lattice.background
        self._massive = lattice.massive
        self._media = [lattice.massive.medium() for _ in range(2)]
        self._flows = [
            lattice.massive_flow(axis, self._media[i // 3])
            for i, axis in enumerate((0, 1, 2, 2, 1, 0))
        ]
        self._gradients = [lattice.potential_gradient() for _ in range(3)]

    def join(
        self, flows: list[list[Pass]], kicks: list[list[Pass]]
    ) -> tuple[list[list[Pass]], list[list[Pass]]]:
        """The passes of the six component flows, and of the three kicks, with those of the massive
        fields; the gradient of P and the kick commute."""
        return (
            [[*flow, *own] for flow, own in zip(flows, self._flows, strict=True)],
            [[*kick, p] for kick, p in zip(kicks, self._gradients, strict=True)],
        )

    def set(self, *, tau: float, dt: float, left: int) -> None:
        """For a step from tau to tau + dt, which begins with `left` quarters of a kick."""
        for medium, time in zip(self._media, (tau + dt / 4, tau + 3 * dt / 4), strict=True):
            a = float(self._background.scale_factor(time))
            self._massive.fill(medium, h=dt / 2, a=a)
        for flow in self._flows:
            for each in flow:
                each(h=dt / 2)
        times = (tau, tau + dt / 2, tau + dt)
        for gradient, time, quarters in zip(self._gradients, times, (left, 2, 1), strict=True):
            gradient(h=quarters * dt / 4, a=float(self._background.scale_factor(time)))

    def spent(self, *, tau: float, dt: float, kicks: tuple[int, int, int]) -> float:
        """What expansion takes in their flows, and the heat of collisions; `kicks` in quarters."""
        power = partial(expansion_power, self._background)
        total = 0.0
        for i, (coordinate, _) in enumerate(self._flows):
            time = tau + (1 / 4 if i < 3 else 3 / 4) * dt
            means = coordinate.means
            rate = power(time, mass=means["mass"], plasma=means["plasma"])
            total += dt / 2 * rate + means["heat"]
        times = (tau, tau + dt / 2, tau + dt)
        for gradient, time, quarters in zip(self._gradients, times, kicks, strict=True):
            total += quarters * dt / 4 * power(time, **gradient.means)
        return total

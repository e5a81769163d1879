"""The fields on the lattice and the pieces of their equations, bound to one backend.

theta, pi = a^2 theta' on sites; X, D, E on links (component i at n + i/2); a, tau in units of the
moment of oscillation. Equations: docs/physics/alp-dark-photon.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from darklat.kernels.backends import Backend
from darklat.lattice.passes import Pass, Passes
from darklat.physics.background import Background

STAGE_SUMS = 4  # of momenta.cu: pi^2, |grad theta|^2, V, E^2 + B^2
KICK_SUMS, DRIFT_SUMS = 3, 1  # of kick.cu: |grad theta|^2, V, B^2; pi^2
LINK_SUMS = 1  # of link_flow.cu: E_I^2
ALP_SUMS, GAUGE_SUMS = 5, 4  # of averages.cu


class Lattice:
    """State (theta, pi, X, D), the derived E, and the kernels that act on them.

    backend: arrays and kernels; couplings: symmetric g_ab [F, F]; dx: spacing; mass: m tau_osc.
    theta, pi: [n, n, n]; X, D, E: [F, 3, n, n, n].
    """

    def __init__(
        self,
        backend: Backend,
        *,
        couplings: np.ndarray,
        dx: float,
        mass: float,
        background: Background,
    ) -> None:
        self.backend, self.background = backend, background
        self.n, self.dx, self.mass = backend.layout.n, dx, mass
        self.couplings = np.asarray(couplings, dtype=np.float64)
        self.theta, self.pi = backend.field("site"), backend.field("site")
        self.X, self.D, self.E = (backend.field("link") for _ in range(3))
        self._g, self._minus_g = backend.array(self.couplings), backend.array(-self.couplings)
        self._inv_dx = 1 / self.dx
        self._averages = Pass(
            "averages", sums=ALP_SUMS + GAUGE_SUMS * len(couplings),
            mass_squared=self.mass**2, inv_dx=self._inv_dx,
            theta=self.theta, pi=self.pi, X=self.X, D=self.D, E=self.E,
        )  # fmt: skip
        self._measurement = Passes(backend, [self.electric(), self._averages])
        self._electric = Passes(backend, [self.electric()])
        self._displacement = Passes(backend, [self._shifted(self._minus_g, self.E, self.D)])

    def means(self) -> np.ndarray:
        """Means over the lattice of what averages.cu lists, in its order; E is brought up to date
        first."""
        self._measurement.run()
        return self._averages.means

    def update_electric(self) -> None:
        """E = D + g W(theta, X), now."""
        self._electric.run()

    def update_displacement(self) -> None:
        """D = E - g W(theta, X), now: the inverse, for initial states given by E."""
        self._displacement.run()

    def electric(self) -> Pass:
        """E = D + g W(theta, X)."""
        return self._shifted(self._g, self.D, self.E)

    def _shifted(self, g: Any, D: Any, E: Any) -> Pass:
        return Pass("electric", inv_dx=self._inv_dx, g=g, theta=self.theta, X=self.X, D=D, E=E)

    def momenta(self, registers: Any) -> Pass:
        """pi and D, and the register of theta, through one stage; scalars A, B, dt, a."""
        return Pass(
            "momenta", sums=STAGE_SUMS, A=0.0, B=0.0, dt=0.0, a=1.0,
            mass_squared=self.mass**2, inv_dx=self._inv_dx, g=self._g,
            theta=self.theta, X=self.X, E=self.E, pi=self.pi, D=self.D,
            k_theta=registers.theta, k_pi=registers.pi, k_D=registers.D,
        )  # fmt: skip

    def coordinates(self, registers: Any) -> Pass:
        """theta and X through one stage; scalars A, B, dt."""
        return Pass(
            "coordinates", A=0.0, B=0.0, dt=0.0, E=self.E,
            k_theta=registers.theta, k_X=registers.X, theta=self.theta, X=self.X,
        )  # fmt: skip

    def kick(self) -> Pass:
        """The flow of a^2 |grad theta|^2/2 + a^4 V + B^2/2 over a time h: moves pi and D; scalars
        h, a."""
        return Pass(
            "kick", sums=KICK_SUMS, h=0.0, a=1.0, mass_squared=self.mass**2, inv_dx=self._inv_dx,
            theta=self.theta, X=self.X, pi=self.pi, D=self.D,
        )  # fmt: skip

    def drift(self) -> Pass:
        """The flow of pi^2/(2 a^2) over a time h: moves theta; scalars h, a."""
        return Pass("drift", sums=DRIFT_SUMS, h=0.0, a=1.0, pi=self.pi, theta=self.theta)

    def link_flow(self, axis: int) -> tuple[Pass, Pass]:
        """The flow of E_axis^2/2 over a time h: moves X along the axis, D across it, and pi;
        scalar h of both passes, sums with the first."""
        common: dict[str, Any] = {"axis": axis, "h": 0.0, "inv_dx": self._inv_dx, "g": self._g}
        common |= {"theta": self.theta, "X": self.X, "D": self.D, "E": self.E}
        return (
            Pass("link_coordinate", sums=LINK_SUMS, **common),
            Pass("link_momenta", pi=self.pi, **common),
        )

"""The fields on the lattice and the pieces of their equations, bound to one backend.

theta, pi = a^2 theta' on sites; X, D, E on links (component i at n + i/2); a, tau in units of the
moment of oscillation. Equations: docs/physics/alp-dark-photon.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from darklat.kernels.backends import Backend
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
        self._size = {"n": self.n, "stride": backend.layout.stride}
        self._sums = ALP_SUMS + GAUGE_SUMS * len(couplings)
        self._partial = backend.partial(max(self._sums, STAGE_SUMS))
        self._planes = backend.array(np.zeros(max(self._sums, STAGE_SUMS) * self.n))

    def electric(self) -> None:
        """E = D + g W(theta, X)."""
        self.backend.launch(
            "electric", **self._size, inv_dx=1 / self.dx, g=self._g,
            theta=self.theta, X=self.X, D=self.D, E=self.E,
        )  # fmt: skip

    def displacement(self) -> None:
        """D = E - g W(theta, X): the inverse of `electric`, for initial states given by E."""
        self.backend.launch(
            "electric", **self._size, inv_dx=1 / self.dx, g=self._minus_g,
            theta=self.theta, X=self.X, D=self.E, E=self.D,
        )  # fmt: skip

    def momenta(
        self, *, A: float, B: float, dt: float, a: float, registers: Any, planes: Any
    ) -> None:
        """pi and D, and the register of theta, through one stage; its sums per plane go to `planes`
        [4 n]."""
        self.backend.launch(
            "momenta", **self._size, A=A, B=B, dt=dt, a=a, mass_squared=self.mass**2,
            inv_dx=1 / self.dx, g=self._g,
            theta=self.theta, X=self.X, E=self.E, pi=self.pi, D=self.D,
            k_theta=registers.theta, k_pi=registers.pi, k_D=registers.D, partial=self._partial,
        )  # fmt: skip
        self._fold(STAGE_SUMS, planes)

    def coordinates(self, *, A: float, B: float, dt: float, registers: Any) -> None:
        """theta and X through one stage."""
        self.backend.launch(
            "coordinates", **self._size, A=A, B=B, dt=dt, E=self.E,
            k_theta=registers.theta, k_X=registers.X, theta=self.theta, X=self.X,
        )  # fmt: skip

    def sums(self) -> np.ndarray:
        """Sums over the lattice of what averages.cu lists, in its order; E is brought up to date
        first."""
        self.electric()
        self.backend.launch(
            "averages", **self._size, mass_squared=self.mass**2, inv_dx=1 / self.dx,
            theta=self.theta, pi=self.pi, X=self.X, D=self.D, E=self.E, partial=self._partial,
        )  # fmt: skip
        self._fold(self._sums, self._planes)
        return add_planes(self.backend.to_host(self._planes), self._sums, self.n)

    def kick(self, *, h: float, a: float, planes: Any) -> None:
        """The flow of a^2 |grad theta|^2/2 + a^4 V + B^2/2 over a time h: moves pi and D.

        Sums per plane [3 n].
        """
        self.backend.launch(
            "kick", **self._size, h=h, a=a, mass_squared=self.mass**2, inv_dx=1 / self.dx,
            theta=self.theta, X=self.X, pi=self.pi, D=self.D, partial=self._partial,
        )  # fmt: skip
        self._fold(KICK_SUMS, planes)

    def drift(self, *, h: float, a: float, planes: Any) -> None:
        """The flow of pi^2/(2 a^2) over a time h: moves theta. Sums per plane [n]."""
        self.backend.launch(
            "drift", **self._size, h=h, a=a, pi=self.pi, theta=self.theta, partial=self._partial
        )
        self._fold(DRIFT_SUMS, planes)

    def link_flow(self, axis: int, *, h: float, planes: Any) -> None:
        """The flow of E_axis^2/2 over a time h: moves X along the axis, D across it, and pi.

        Sums per plane [n]."""
        common = {**self._size, "axis": axis, "h": h, "inv_dx": 1 / self.dx, "g": self._g}
        self.backend.launch(
            "link_coordinate",
            **common,
            theta=self.theta,
            D=self.D,
            X=self.X,
            E=self.E,
            partial=self._partial,
        )
        self._fold(LINK_SUMS, planes)
        self.backend.launch(
            "link_momenta", **common, theta=self.theta, X=self.X, E=self.E, pi=self.pi, D=self.D
        )

    def planes(self, *quantities: int) -> Any:
        """Room for sums per plane, [*quantities[:-1], quantities[-1] n]."""
        return self.backend.array(np.zeros((*quantities[:-1], quantities[-1] * self.n)))

    def _fold(self, quantities: int, planes: Any) -> None:
        self.backend.launch(
            "fold", items=quantities * self.n, length=self.backend.partials_per_plane(),
            partial=self._partial, out=planes,
        )  # fmt: skip


def add_planes(planes: np.ndarray, quantities: int, n: int) -> np.ndarray:
    """Sums over the lattice [quantities] from sums per plane: planes in order, so the same on every
    machine."""
    return np.cumsum(planes[: quantities * n].reshape(quantities, n), axis=1)[:, -1]

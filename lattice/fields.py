"""The arrays that all sectors share, and where they lie.

theta, pi = a^2 theta' on sites; X, D, E on links (component i at n + i/2). All U(1) fields share
one array each of X, D and E, so that a kernel over the sites does them together. Massless fields
come first, then massive ones; the conducting one is last.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from darklat.kernels.backends import Backend
from darklat.kernels.layout import Variant
from darklat.lattice.passes import Pass
from darklat.physics.background import Background


class Fields:
    """theta, pi [n, n, n]; X, D, E [F, 3, n, n, n]; the couplings g and -g on the device.

    backend: arrays and kernels; couplings: symmetric g_ab [F, F]; dx: spacing; mass: m tau_osc of
    the ALP. Without an ALP theta and pi stay zero.

    During a step E is scratch: it holds B, g B, E and theta E in turn. It holds E only after
    `Lattice.update_electric()`. At orders above 2 `spare` is one more link field of scratch, which
    every pass may leave anything in.
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
        self.n, self.dx, self.inv_dx, self.mass = backend.layout.n, dx, 1 / dx, mass
        self.couplings = np.asarray(couplings, dtype=np.float64)
        self.theta, self.pi = backend.field("site"), backend.field("site")
        self.X, self.D, self.E = (backend.field("link") for _ in range(3))
        self.spare = backend.field("link") if self.order > 2 else None
        g = self.couplings.astype(backend.layout.dtype)
        self.g, self._minus_g = backend.array(g), backend.array(-g)

    @property
    def variant(self) -> Variant:
        """The kernels that the backend has."""
        return self.backend.layout.variant

    @property
    def order(self) -> int:
        """Of the differences and means in dx (physics/staggered.py)."""
        return self.variant.order

    @staticmethod
    def evolved_per_site(variant: Variant) -> int:
        """Numbers of theta, pi, X and D per site."""
        return 2 + 6 * variant.gauge_fields

    @staticmethod
    def scratch_per_site(variant: Variant) -> int:
        """Numbers of E, and of spare, per site."""
        return 3 * variant.gauge_fields * (1 if variant.order == 2 else 2)

    def gauge_values(self, values: np.ndarray) -> Any:
        """Values of a gauge field, in f, as the device's arrays hold them (Layout.field_unit)."""
        return self.backend.array(values / self.backend.layout.field_unit)

    def in_f(self, array: Any) -> np.ndarray:
        """The values of a gauge field on the host, in f and float64: the inverse."""
        return self.backend.layout.field_unit * self.backend.to_host(array).astype(np.float64)

    def on_host(self, array: Any) -> np.ndarray:
        """The values of an array that is not kept in the unit of gauge fields, as float64."""
        return self.backend.to_host(array).astype(np.float64)

    def electric(self) -> list[Pass]:
        """E = D + g W(theta, X) of the fields that do not conduct."""
        return self._shifted(self.g, self.D, self.E)

    def displacement(self) -> list[Pass]:
        """D = E - g W(theta, X): the inverse."""
        return self._shifted(self._minus_g, self.E, self.D)

    def _shifted(self, g: Any, D: Any, E: Any) -> list[Pass]:
        common = {"inv_dx": self.inv_dx, "theta": self.theta, "D": D, "E": E}
        if self.order == 2:
            return [Pass("electric", **common, g=g, X=self.X)]
        found = []
        for axis in range(3):
            found += self.felt_magnetic(axis, g, self.spare)
            found.append(Pass("electric_of_felt", **common, axis=axis, G=self.spare))
        return found

    def felt_magnetic(self, axis: int, g: Any, G: Any) -> list[Pass]:
        """g B4_axis at the sites into a component of the link field G, which is scratch."""
        if self.order == 2:
            return [Pass("felt_magnetic", axis=axis, g=g, X=self.X, G=G)]
        return [
            Pass("felt_means", axis=axis, g=g, X=self.X, U=G),
            Pass("felt_of_means", axis=axis, U=G, G=G),
        ]

    def averages(self) -> Pass:
        """Sums over the lattice of the ALP and of every gauge field (averages.cu)."""
        return Pass(
            "averages", mass_squared=self.mass**2, inv_dx=self.inv_dx,
            theta=self.theta, pi=self.pi, X=self.X, D=self.D, E=self.E,
        )  # fmt: skip

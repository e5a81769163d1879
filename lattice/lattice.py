"""The fields on the lattice and the pieces of their equations, bound to one backend.

theta, pi = a^2 theta' on sites; X, D, E on links (component i at n + i/2); a, tau in units of the
moment of oscillation. Of a conducting field, the last, E evolves and D holds the impulse of its
sources (kernels/conduction.cu). Equations: docs/physics/alp-dark-photon.md.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from darklat.kernels.backends import Backend
from darklat.lattice.passes import Pass, Passes
from darklat.physics.background import Background

STAGE_SUMS = 4  # of momenta.cu: pi^2, |grad theta|^2, V, E^2 + B^2
KICK_SUMS, DRIFT_SUMS = 3, 1  # of kick.cu: |grad theta|^2, V, B^2; pi^2
LINK_SUMS = 1  # of link_flow.cu: E_I^2
ALP_SUMS, GAUGE_SUMS = 5, 4  # of averages.cu


class Conductor(Protocol):
    """What makes the last field conduct."""

    def at(self, a: float) -> float:
        """Conformal conductivity (1/tau_osc) at scale factor a."""
        ...


class Lattice:
    """State (theta, pi, X, D), the derived E, and the kernels that act on them.

    backend: arrays and kernels; couplings: symmetric g_ab [F, F]; dx: spacing; mass: m tau_osc;
    conductor: of the last field, where the backend's layout has a conducting one.
    theta, pi: [n, n, n]; X, D, E: [F, 3, n, n, n]. Of the conducting field, else None:
    E_conducting, the last of E, and its charge rho [n, n, n]; largest_current: the largest mean
    square, so far, of the magnitudes of the terms of dx times the charge that the current moves in
    half a step. rho is rounded to it, and where the field decays it is more than is left of div D.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        couplings: np.ndarray,
        dx: float,
        mass: float,
        background: Background,
        conductor: Conductor | None = None,
    ) -> None:
        if (conductor is not None) != bool(backend.layout.conducting):
            raise TypeError("a conductor belongs to a backend with a conducting field")
        self.conductor = conductor
        self.backend, self.background = backend, background
        self.n, self.dx, self.mass = backend.layout.n, dx, mass
        self.couplings = np.asarray(couplings, dtype=np.float64)
        self.theta, self.pi = backend.field("site"), backend.field("site")
        self.X, self.D, self.E = (backend.field("link") for _ in range(3))
        self.rho: Any = backend.field("site") if conductor else None
        self.E_conducting: Any = self.E[-1] if conductor else None
        self.largest_current = 0.0
        self._g, self._minus_g = backend.array(self.couplings), backend.array(-self.couplings)
        self._inv_dx = 1 / self.dx
        self._averages = Pass(
            "averages", sums=ALP_SUMS + GAUGE_SUMS * len(couplings),
            mass_squared=self.mass**2, inv_dx=self._inv_dx,
            theta=self.theta, pi=self.pi, X=self.X, D=self.D, E=self.E,
        )  # fmt: skip
        # A conducting field has E and is given its D; a free one the other way round.
        derived = [self.electric()]
        if conductor:
            fields: dict[str, Any] = {"theta": self.theta, "X": self.X, "E": self.E, "D": self.D}
            derived.append(Pass("displacement", inv_dx=self._inv_dx, g=self._g, **fields))
        self._electric = Passes(backend, derived)
        self._displacement = Passes(
            backend, [self._shifted(self._minus_g, self.E, self.D), *derived[1:]]
        )
        self._measured = [*derived, self._averages]
        if conductor:
            self._measured.append(
                Pass("charge_residual", sums=2, dx=self.dx, D=self.D, rho=self.rho)
            )
        self._measurement = Passes(backend, self._measured)

    def means(self) -> np.ndarray:
        """Means over the lattice of what averages.cu lists, in its order; E is brought up to date
        first.

        For a conducting field, whose Gauss law is div D = rho, its residual is that, and the
        magnitudes are at least those of the largest current.
        """
        self._measurement.run()
        means = self._averages.means.copy()
        if self.conductor:
            residual, terms = self._measured[-1].means
            means[-2:] = residual, max(terms, self.largest_current)
        return means

    def update_electric(self) -> None:
        """E = D + g W(theta, X), now; between steps, as of a conducting field it is D = E - g W."""
        self._electric.run()

    def update_displacement(self) -> None:
        """D = E - g W(theta, X), now: the inverse, for initial states given by E. A conducting
        field's charge becomes div D."""
        self._displacement.run()
        if self.conductor:
            self.rho[...] = 0.0
            charge = self.charge()
            begin = Passes(self.backend, [charge])
            charge(of_E=0.0, of_D=-1.0)
            begin.run()

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

    def kick(self, *, first: bool = False) -> Pass:
        """The flow of a^2 |grad theta|^2/2 + a^4 V + B^2/2 over a time h: moves pi and D; scalars
        h, a. The first one of a step begins the impulse of a conducting field."""
        return Pass(
            "kick", sums=KICK_SUMS, first=int(first), h=0.0, a=1.0, mass_squared=self.mass**2,
            inv_dx=self._inv_dx, theta=self.theta, X=self.X, pi=self.pi, D=self.D,
        )  # fmt: skip

    def drift(self) -> Pass:
        """The flow of pi^2/(2 a^2) over a time h: moves theta; scalars h, a."""
        return Pass("drift", sums=DRIFT_SUMS, h=0.0, a=1.0, pi=self.pi, theta=self.theta)

    def induction(self) -> Pass:
        """What the drift adds to the impulse of the conducting field; scalars h, a."""
        return Pass(
            "induction", h=0.0, a=1.0, inv_dx=self._inv_dx, g=self._g,
            pi=self.pi, X=self.X, D=self.D,
        )  # fmt: skip

    def link_flow(self, axis: int) -> tuple[Pass, Pass]:
        """The flow of E_axis^2/2 of the free fields over a time h: moves X along the axis, D across
        it, and pi; scalar h of both passes, sums with the first."""
        common: dict[str, Any] = {"axis": axis, "h": 0.0, "inv_dx": self._inv_dx, "g": self._g}
        common |= {"theta": self.theta, "X": self.X, "D": self.D, "E": self.E}
        return (
            Pass("link_coordinate", sums=LINK_SUMS, **common),
            Pass("link_momenta", pi=self.pi, **common),
        )

    def conducting_flow(self, axis: int) -> tuple[Pass, Pass]:
        """The flow of E_axis^2/2 of the conducting field; as `link_flow`."""
        return (
            Pass(
                "conducting_coordinate", sums=LINK_SUMS, axis=axis, h=0.0, E=self.E, X=self.X
            ),
            Pass(
                "conducting_momenta", axis=axis, h=0.0, inv_dx=self._inv_dx, g=self._g,
                theta=self.theta, X=self.X, E=self.E, pi=self.pi, D=self.D,
            ),
        )  # fmt: skip

    def charge(self) -> Pass:
        """rho -= div(of_E E + of_D D) of the conducting field; scalars of_E, of_D; sum for
        `largest_current`."""
        return Pass(
            "charge",
            sums=1,
            of_E=0.0,
            of_D=0.0,
            inv_dx=self._inv_dx,
            E=self.E,
            D=self.D,
            rho=self.rho,
        )

    def relax(self) -> Pass:
        """The conducting field's E after its impulse and conduction; scalars decay, gain, heat_EE,
        heat_EG, heat_GG; the heat is its sum."""
        return Pass(
            "relax", sums=1, decay=1.0, gain=1.0, heat_EE=0.0, heat_EG=0.0, heat_GG=0.0,
            E=self.E, D=self.D,
        )  # fmt: skip

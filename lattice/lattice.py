"""The fields on the lattice and the pieces of their equations, bound to one backend.

theta, pi = a^2 theta' on sites; X, D, E on links (component i at n + i/2); a, tau in units of the
moment of oscillation. Of a conducting field, the last, E evolves and the array of D holds D - E
(kernels/source/conduction.cu). Equations: docs/physics/alp-dark-photon.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, overload

import numpy as np

from darklat.kernels.backends import Backend
from darklat.lattice.passes import Pass, Passes
from darklat.lattice.sectors.massive import (
    Massive,
    MassiveAverages,
    MassiveFields,
    averages_of,
)
from darklat.physics.background import Background


class Conductor(Protocol):
    """What makes the last field conduct."""

    @overload
    def at(self, a: float) -> float: ...
    @overload
    def at(self, a: np.ndarray) -> np.ndarray: ...
    def at(self, a: float | np.ndarray) -> float | np.ndarray:
        """Conformal conductivity (1/tau_osc) at scale factor a, in the shape of a."""
        ...


@dataclass(frozen=True)
class LatticeMeans:
    """Means over the lattice, by the names of kernels/declarations: of the ALP, and of every gauge
    field in turn."""

    alp: dict[str, float]
    gauge: list[dict[str, float]]


@dataclass(frozen=True)
class LinkFlow:
    """The passes of a flow of one component of E (link_flow.cu), in order: g B at the sites;
    E and X; pi and theta E at the sites; D. The scalar h of all but the first is its time;
    `coordinate` is for massless fields."""

    magnetic: Pass
    coordinate: Pass
    torque: Pass
    momenta: Pass


class Lattice:
    """State (theta, pi, X, D), the derived E, and the kernels that act on them.

    backend: arrays and kernels; couplings: symmetric g_ab [F, F]; dx: spacing; mass: m tau_osc;
    alp: whether there is one; without, theta and pi stay zero and nothing is coupled;
    conductor: of the last field, where the backend's layout has a conducting one; massive: of the
    last fields but that, as many as the layout has massive ones, in `massive` from then on, or
    None; profiles: see MassiveFields. theta, pi: [n, n, n]; X, D, E: [F, 3, n, n, n]. Of the
    conducting field, else None, [3, n, n, n]: E_conducting, the last of E; Q_conducting, the time
    integral of its current less D at the start, so that its charge is -div Q and Gauss's law div (D
    + Q) = 0.
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
        massive: Sequence[Massive] = (),
        profiles: Sequence[np.ndarray | None] = (),
        alp: bool = True,
    ) -> None:
        if (conductor is not None) != backend.layout.variant.conducting:
            raise TypeError("a conductor belongs to a backend with a conducting field")
        if len(massive) != backend.layout.variant.massive:
            raise TypeError("massive fields belong to a backend with as many of them")
        self.conductor = conductor
        self.massive = MassiveFields(backend, massive, profiles) if massive else None
        self.backend, self.background = backend, background
        self.n, self.dx, self.mass = backend.layout.n, dx, mass
        self.couplings = np.asarray(couplings, dtype=np.float64)
        if not alp and self.couplings.any():
            raise TypeError("couplings belong to a lattice with an ALP")
        self.alp = alp
        self.theta, self.pi = backend.field("site"), backend.field("site")
        self.X, self.D, self.E = (backend.field("link") for _ in range(3))
        self._Q: Any = backend.field("vector") if conductor else None
        self._room: Any = (
            None  # for what its kernels leave: where E of a free field is at other times
        )
        if conductor:
            self._room = self.E[:1] if len(couplings) > 1 else backend.field("vector")
        self.E_conducting: Any = self.E[-1] if conductor else None
        self.Q_conducting: Any = None if self._Q is None else self._Q[0]
        g = self.couplings.astype(backend.layout.dtype)
        self._g, self._minus_g = backend.array(g), backend.array(-g)
        self._inv_dx = 1 / self.dx
        self._averages = Pass(
            "averages", mass_squared=self.mass**2, inv_dx=self._inv_dx,
            theta=self.theta, pi=self.pi, X=self.X, D=self.D, E=self.E,
        )  # fmt: skip
        self._electric = Passes(backend, [self.electric()])
        begin = [self._shifted(self._minus_g, self.E, self.D)]
        self._measured = [self.electric(), self._averages]
        if conductor:
            begin += [*self.relax(), self.electric()]  # which relax has used the room of
            self._charge = Pass("charge_residual", E=self.E, D=self.D, Q=self._Q)
            self._measured.append(self._charge)
        if self.massive:
            self._of_massive = self.massive.averages_pass(dx=dx, X=self.X, D=self.D)
            self._measured.append(self._of_massive)
        self._displacement = Passes(backend, begin)
        if conductor:
            begin[-2](decay=1.0, gain=0.0)  # E stays and D - E = -g W
        self._measurement = Passes(backend, self._measured)

    def gauge_values(self, values: np.ndarray) -> Any:
        """Values of a gauge field, in f, as the device's arrays hold them (Layout.field_unit)."""
        return self.backend.array(values / self.backend.layout.field_unit)

    def in_f(self, array: Any) -> np.ndarray:
        """The values of a gauge field on the host, in f and float64: the inverse."""
        return self.backend.layout.field_unit * self.backend.to_host(array).astype(np.float64)

    def means(self) -> LatticeMeans:
        """Means over the lattice of the sums of averages.cu; E is brought up to date first.

        For a conducting field, whose Gauss law is div (D + Q) = 0, residual and magnitudes are of
        that.
        """
        self._measurement.run()
        means = LatticeMeans(self._averages.means, self._averages.field_means)
        if self.conductor:
            means.gauge[-1].update(self._charge.means)
        return means

    def masses(self) -> dict[int, float]:
        """Mass of every massive field, by its place among the gauge fields."""
        first = self.backend.layout.variant.massless
        fields = self.massive.fields if self.massive else ()
        return {first + i: field.mass for i, field in enumerate(fields)}

    def massive_averages(self) -> list[MassiveAverages]:
        """Of the massive fields in order, as of the last call of `means`."""
        return averages_of(self._of_massive.field_means) if self.massive else []

    def update_electric(self) -> None:
        """E = D + g W(theta, X) of the free fields, now."""
        self._electric.run()

    def update_displacement(self) -> None:
        """D = E - g W(theta, X), now: the inverse, for initial states given by E. A conducting
        field's charge becomes div D; a massive field has none, and P follows from Gauss's law."""
        self._displacement.run()
        if self.massive:
            variant = self.backend.layout.variant
            self.massive.begin(self.D[variant.massless : variant.free], inv_dx=self._inv_dx)
        if self.conductor:
            self.Q_conducting[...] = -(self.E_conducting + self.D[-1])

    def electric(self) -> Pass:
        """E = D + g W(theta, X)."""
        return self._shifted(self._g, self.D, self.E)

    def _shifted(self, g: Any, D: Any, E: Any) -> Pass:
        return Pass("electric", inv_dx=self._inv_dx, g=g, theta=self.theta, X=self.X, D=D, E=E)

    def momenta(self, registers: Any) -> Pass:
        """pi and D, and the register of theta, through one stage; scalars A, B, dt, a."""
        return Pass(
            "momenta", A=0.0, B=0.0, dt=0.0, a=1.0,
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

    def kick(self) -> tuple[Pass, Pass]:
        """The flow of a^2 |grad theta|^2/2 + a^4 V + B^2/2 of the free fields over a time h: B into
        the array of E; then pi and D, with the sum of |grad theta|^2 + 4 a^2 V, and the scalars
        h, a."""
        return (
            Pass("plaquettes", X=self.X, B=self.E),
            Pass(
                "kick", h=0.0, a=1.0, mass_squared=self.mass**2,
                inv_dx=self._inv_dx, theta=self.theta, B=self.E, pi=self.pi, D=self.D,
            ),
        )  # fmt: skip

    def drift(self) -> Pass:
        """The flow of pi^2/(2 a^2) over a time h: moves theta; scalars h, a."""
        return Pass("drift", h=0.0, a=1.0, pi=self.pi, theta=self.theta)

    def link_flow(self, axis: int, *, then_drift: bool = False) -> LinkFlow:
        """The flow of E_axis^2/2 of the free fields over a time h: moves X along the axis, D across
        it, and pi. With then_drift its torque does what `drift` does behind it, over a time and at
        an a of its own, the scalars drift and a."""
        E, theta, g = self.E, self.theta, self._g
        flow: dict[str, Any] = {"axis": axis, "h": 0.0, "inv_dx": self._inv_dx}
        return LinkFlow(
            Pass("felt_magnetic", axis=axis, g=g, X=self.X, G=E),
            Pass("link_coordinate", **flow, theta=theta, D=self.D, G=E, E=E, X=self.X),
            Pass(
                "link_torque_drift",
                **flow,
                drift=0.0,
                a=1.0,
                G=E,
                E=E,
                F=E,
                pi=self.pi,
                theta=theta,
            )
            if then_drift
            else Pass("link_torque", **flow, theta=theta, G=E, E=E, F=E, pi=self.pi),
            Pass("link_momenta", **flow, g=g, F=E, D=self.D),
        )

    def massive_flow(self, axis: int, medium: Any) -> tuple[Pass, Pass]:
        """The flow of a component of the massive fields' E, X and v over a time h (link_flow has
        the rest) and what it does to P; scalar h of both, numbers in `medium`, sums with the
        first."""
        assert self.massive is not None
        m = self.massive
        common: dict[str, Any] = {"axis": axis, "h": 0.0, "inv_dx": self._inv_dx, "medium": medium}
        return (
            Pass(
                "massive_coordinate", **common, profile=m.profile,
                theta=self.theta, G=self.E, X=self.X, D=self.D, E=self.E, v=m.v, Q=m.Q, R=m.R,
            ),
            Pass("lorenz", **common, X=self.X, E=self.E, P=m.P),
        )  # fmt: skip

    def potential_gradient(self) -> Pass:
        """The flow of m^2 P^2/(2 a^2) over a time h: moves X of the massive fields; scalars h,
        a."""
        assert self.massive is not None
        return Pass(
            "potential_gradient", h=0.0, a=1.0, inv_dx=self._inv_dx,
            medium=self.massive.medium(), P=self.massive.P, X=self.X,
        )  # fmt: skip

    def conducting_kick(self) -> tuple[Pass, Pass]:
        """The flow of B^2/2 of the conducting field over a time h: B, then its D, with the scalar
        h."""
        room = self._room
        return (
            Pass("conducting_plaquettes", X=self.X, B=room),
            Pass("conducting_kick", h=0.0, inv_dx=self._inv_dx, B=room, D=self.D),
        )

    def conducting_flow(self) -> tuple[Pass, ...]:
        """The flow of E^2/2 of the conducting field, each component over a time of its own: moves
        its X; then, where it is felt, g B of its sources at the sites, pi,
        and D of whoever feels it. Scalars hx, hy, hz of the first and the last two."""
        times: dict[str, Any] = {"hx": 0.0, "hy": 0.0, "hz": 0.0}
        variant, room = self.backend.layout.variant, self._room
        coordinate = Pass("conducting_coordinate", **times, E=self.E, X=self.X)
        if not (variant.back_reacting or variant.self_coupled):
            return (coordinate,)
        times |= {"inv_dx": self._inv_dx}
        return (
            coordinate,
            Pass("source_magnetic", g=self._g, X=self.X, M=room),
            Pass(
                "conducting_torque", **times, theta=self.theta, M=room, E=self.E, F=room,
                pi=self.pi,
            ),
            Pass("conducting_momenta", **times, g=self._g, F=room, D=self.D),
        )  # fmt: skip

    def relax(self) -> tuple[Pass, Pass]:
        """The conducting field's E after the impulse of its sources, and conduction: g B of the
        sources at the sites; then E, D and Q, with the scalars of `Relaxation`, at first those of
        no conduction, and the heat as its sum."""
        none = {"current_E": 0.0, "current_G": 0.0, "heat_EE": 0.0, "heat_EG": 0.0, "heat_GG": 0.0}
        return (
            Pass("source_magnetic", g=self._g, X=self.X, M=self._room),
            Pass(
                "relax", decay=1.0, gain=1.0, **none, inv_dx=self._inv_dx,
                theta=self.theta, M=self._room, E=self.E, D=self.D, Q=self._Q,
            ),
        )  # fmt: skip

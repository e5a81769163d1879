"""Massive U(1) fields with their plasma. Beyond X and D they have P = a^2 A_0 on sites and the
fluid's v on links. Q is the time integral of the current, R the time integral of a^2 X. Both are
less a part that makes the constraints hold at the start:

    div (D + Q) + m^2 P = 0   (Gauss)        P = div R   (Lorenz)

In the flow of one component of E, the same components of E, X and v make a linear system on each
link. This holds whatever couples E to theta and to the other components. An implicit time-symmetric
step of one link solves it. P moves with X on the way, and moves X with the kicks. So nothing limits
m dt, omega_p dt and nu dt but accuracy, and both constraints hold to rounding. Equations and
scheme: docs/physics/massive-dark-photon.md; kernels: massive.cu.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

import numpy as np

from darklat.kernels.declarations.massive import Medium
from darklat.kernels.layout import Variant
from darklat.lattice.fields import Fields
from darklat.lattice.guards import Reading
from darklat.lattice.neighbours import with_neighbours
from darklat.lattice.passes import Pass
from darklat.lattice.sectors.base import (
    Densities,
    Evolved,
    Group,
    Moment,
    Sector,
    SeriesColumn,
    Start,
)
from darklat.lattice.sectors.gauge import (
    DENSITY,
    GaugeAverages,
    gauge_averages,
    gauge_columns,
    gauge_spectra,
    gauss_reading,
    relative,
    spectra_columns,
    start_vacuum,
)
from darklat.lattice.sectors.on_sites import gauge_density, link_squares
from darklat.lattice.sectors.sharing import ComponentFlow, Share, StepTimes, each_flow
from darklat.lattice.spectra import Contribution, Spectrum, SpectrumPlan
from darklat.lattice.start.vacuum import Inflation
from darklat.physics import observables, staggered
from darklat.physics.background import Background
from darklat.physics.quantities import Column
from darklat.physics.relaxation import relaxation
from darklat.physics.scales import of_residual
from darklat.schema.run import ChecksKeys

_DELTA = 1e-6  # of ln a, for the growth of a history; less than from the start to the first flow


class Massive(Protocol):
    """A field's mass, and its plasma frequency and collision rate at scale factor a (1/tau_osc)."""

    @property
    def mass(self) -> float:
        """0 for a field that only its plasma makes massive."""
        ...

    def omega_p(self, a: float) -> float:
        """Plasma frequency."""
        ...

    def nu(self, a: float) -> float:
        """Collision rate."""
        ...


@dataclass(frozen=True)
class MassiveAverages:
    """Of one field: means of m^2 X^2, m^2 P^2, and v^2 weighted with the profile of omega_p^2. Also
    its relative Lorenz residual, and the averages of every U(1) field."""

    gauge: GaugeAverages
    m2_X_sq: float
    m2_P_sq: float
    v_sq: float
    lorenz: float


class MassiveSector(Sector):
    """The massive fields of a lattice, the last of the fields that do not conduct.

    media: one `Massive` each, by the field's letter. with_fluid: the letters of the fields whose
    plasma the series lists. profiles: of each, omega_p^2 over its mean on sites [n, n, n], or None.
    P: [fields, n, n, n]; v, Q, R: [fields, 3, n, n, n].
    """

    def __init__(
        self,
        fields: Fields,
        common: Pass,
        media: Mapping[str, Massive],
        *,
        profiles: Sequence[np.ndarray | None] = (),
        with_fluid: Sequence[str] = (),
    ) -> None:
        self._fields, self._common = fields, common
        self.media, self._with_fluid = dict(media), tuple(with_fluid)
        backend = fields.backend
        self.P = backend.field("scalar")
        self.v, self.Q, self.R = (backend.field("massive") for _ in range(3))
        self.profile = backend.field("scalar")
        self.profile[...] = 1.0
        for own, profile in zip(self.profile, profiles, strict=False):
            if profile is not None:
                own[...] = backend.array(profile[backend.layout.slab.here])
        self._averages = Pass(
            "massive_averages", dx=fields.dx, medium=self.medium(), profile=self.profile,
            X=fields.X, D=fields.D, P=self.P, v=self.v, Q=self.Q, R=self.R,
        )  # fmt: skip

    @property
    def places(self) -> dict[str, int]:
        """Place of every field in the arrays of all U(1) fields, by its letter."""
        return {x: self._fields.variant.massless + i for i, x in enumerate(self.media)}

    @staticmethod
    def kept_per_site(variant: Variant) -> int:
        """P, v, Q, R and the profile."""
        return 11 * variant.massive

    @staticmethod
    def saved_per_site(variant: Variant) -> int:
        """P, v, Q, R."""
        return 10 * variant.massive

    def evolved(self) -> dict[str, Evolved]:
        """P, v, Q, R."""
        return {
            "P": Evolved(
                self.P,
                "f/tau_osc",
                "a^2 times the temporal potential of massive fields [field, n, n, n]",
            ),
            "v": Evolved(
                self.v, "f", "velocity of their fluids on the links [field, component, n, n, n]"
            ),
            "Q": Evolved(
                self.Q,
                "f/tau_osc",
                "time integral of their current, less D of the start where there is no mass "
                "[field, component, n, n, n]",
            ),
            "R": Evolved(
                self.R,
                "f tau_osc",
                "time integral of a^2 X, so that P = div R [field, component, n, n, n]",
            ),
        }

    def start(self, start: Start) -> None:
        """X and E from the file, in the vacuum, or as inflation leaves them."""
        for letter, place in self.places.items():
            mass = self.media[letter].mass
            left = _inflation(start, mass)
            start_vacuum(self._fields, place, letter, start, a_mass=start.a * mass, inflation=left)

    def begin(self) -> None:
        """A fluid at rest, and the P or the charge that Gauss's law asks for with D of the start.
        That is m^2 P = -div D without a charge, and rho = div D where there is no mass."""
        xp, f = self._fields.backend.xp, self._fields
        self.v[...] = 0.0
        for i, (place, field) in enumerate(
            zip(self.places.values(), self.media.values(), strict=True)
        ):
            massive, D = field.mass > 0, f.D[place]
            self.Q[i][...] = 0.0 if massive else -D
            self.R[i][...] = -D / field.mass**2 if massive else 0.0
            # once a run, so without a kernel
            self.P[i][...] = f.inv_dx * with_neighbours(
                f.backend, f.order // 2, partial(_divergence, order=f.order, xp=xp), self.R[i]
            )

    def share(self) -> Share:
        """See `MassiveShare`."""
        return MassiveShare(self)

    # ---- Measurement ----

    def measurement(self) -> list[Pass]:
        """The averages of massive fields."""
        return [self._averages]

    def averages(self) -> dict[str, MassiveAverages]:
        """Of every massive field, by its letter."""
        found = {}
        for (letter, place), of in zip(
            self.places.items(), self._averages.field_means, strict=True
        ):
            mass = self.media[letter].mass
            gauge = gauge_averages(self._common, place)
            found[letter] = MassiveAverages(
                replace(gauge, gauss=relative(of, "gauss")),
                m2_X_sq=mass**2 * float(of["X_sq"]),
                m2_P_sq=mass**2 * float(of["P_sq"]),
                v_sq=float(of["v_sq"]),
                lorenz=relative(of, "lorenz"),
            )
        return found

    def densities(self, a: float) -> Densities:
        """Of every massive field, and kinetic ones of their fluids."""
        vectors, fluids = {}, {}
        for letter, own in self.averages().items():
            mass = observables.rho_massive(own.m2_X_sq, own.m2_P_sq, a)
            vectors[letter] = float(own.gauge.rho(a) + mass)
            omega2_v_sq = self.media[letter].omega_p(a) ** 2 * own.v_sq
            fluids[f"{letter}_plasma"] = float(observables.rho_plasma(omega2_v_sq, a))
        return Densities(vectors=vectors, fluids=fluids)

    def columns(self) -> dict[str, SeriesColumn]:
        """rho/<L>, gauss/<L>, lorenz/<L> and, of a plasma, rho/<L>_plasma."""
        columns = gauge_columns(tuple(self.media), gauss_law="div (D + Q) + m^2 P")
        for x in self.media:
            about = f"rms of P - div R of {x} over the rms of its terms"
            columns[f"lorenz/{x}"] = SeriesColumn(Group.LORENZ, "1", about)
        for x in self._with_fluid:
            about = f"mean kinetic energy density of the plasma of {x}"
            columns[f"rho/{x}_plasma"] = SeriesColumn(Group.FLUID, DENSITY, about)
        return columns

    def row(self, now: Moment) -> dict[str, float]:
        """gauss/<L>, lorenz/<L>."""
        row: dict[str, float] = {}
        for letter, own in self.averages().items():
            row |= {f"gauss/{letter}": own.gauge.gauss, f"lorenz/{letter}": own.lorenz}
        return row

    def readings(self, row: Mapping[str, float], limits: ChecksKeys) -> Iterator[Reading]:
        """Gauss's law and the Lorenz condition of every massive field."""
        for letter in self.media:
            yield gauss_reading(row, limits, letter)
            yield lorenz_reading(row, limits, letter)

    def spectra_columns(self) -> dict[str, Column]:
        """The longitudinal part of X, and the spectra of every U(1) field."""
        out = {}
        for x in self.media:
            out[f"X_{x}_long"] = Column("f^2", f"vector potential of {x}, longitudinal part")
            out |= spectra_columns(x)
        return out

    def spectra(
        self, plan: SpectrumPlan, a: float, modes: np.ndarray | None
    ) -> Iterator[Contribution]:
        """Of the mass only m^2 X^2/2a^2 is counted in the energy; P is left out."""
        for letter, place in self.places.items():
            X = plan.link(self._fields.X[place], None if modes is None else modes[0, place])
            zero, mass = plan.link_zero(self._fields.X[place]), self.media[letter].mass
            yield Contribution(
                {f"X_{letter}_long": Spectrum(X.long / plan.bins.dlnk, zero)},
                mass**2 * (X.plus + X.minus + X.long) / (2 * a**2),
                mass**2 * zero / (2 * a**2),
            )
            yield gauge_spectra(plan, self._fields, place, letter, a, modes, of_X=X)

    def density_on_sites(self, a: float) -> dict[str, np.ndarray]:
        """Of every massive field, without its fluid."""
        f, found = self._fields, {}
        for i, (letter, place) in enumerate(self.places.items()):
            m_sq = self.media[letter].mass ** 2
            X_sq, P_sq = link_squares(f, f.in_f(f.X[place])), f.in_f(self.P[i]) ** 2
            mass = observables.rho_massive(m_sq * X_sq, m_sq * P_sq, np.asarray(a))
            found[letter] = gauge_density(f, place, a) + mass
        return found

    # ---- Passes ----

    def medium(self) -> Any:
        """Room for the media of a flow, which `fill` fills; the masses are there already."""
        rows = [Medium(mass_squared=field.mass**2) for field in self.media.values()]
        backend = self._fields.backend
        return backend.array(np.array(rows, dtype=backend.layout.dtype).ravel())

    def fill(self, room: Any, *, h: float, a: float) -> None:
        """The `Medium` of each field for a flow over a time h at scale factor a."""
        rows = [_medium(field, h, a) for field in self.media.values()]
        room[...] = self._fields.backend.array(np.array(rows, dtype=room.dtype).ravel())

    def flow(self, axis: int, medium: Any) -> tuple[Pass, Pass]:
        """The flow over a time h of a component of E, X and v, then of P. Scalar h of both, numbers
        in `medium`, sums with the first."""
        f = self._fields
        common: dict[str, Any] = {"axis": axis, "h": 0.0, "inv_dx": f.inv_dx, "medium": medium}
        return (
            Pass(
                "massive_coordinate", **common, profile=self.profile, theta=f.theta, G=f.E, X=f.X,
                D=f.D, E=f.E, v=self.v, Q=self.Q, R=self.R,
            ),
            Pass("lorenz", **common, X=f.X, E=f.E, P=self.P),
        )  # fmt: skip

    def potential_gradient(self) -> Pass:
        """The flow of m^2 P^2/(2 a^2) over a time h: moves X; scalars h, a."""
        return Pass(
            "potential_gradient", h=0.0, a=1.0, inv_dx=self._fields.inv_dx, medium=self.medium(),
            P=self.P, X=self._fields.X,
        )  # fmt: skip


class MassiveShare(Share):
    """The component flows of massive fields, and the gradient of P; it commutes with the kick."""

    def __init__(self, sector: MassiveSector) -> None:
        self._sector = sector
        self._media = [sector.medium() for _ in range(2)]  # of each half of the step
        self._flows = each_flow(lambda i, axis: sector.flow(axis, self._media[i // 3]))
        self._gradients = [sector.potential_gradient() for _ in range(3)]
        super().__init__(
            kicks=[[gradient] for gradient in self._gradients],
            flows=each_flow(lambda i, _: ComponentFlow(own=[*self._flows[i]])),
        )

    def set(self, step: StepTimes) -> None:
        """Each half of the step has the medium of its middle."""
        for half, medium in enumerate(self._media):
            self._sector.fill(medium, h=step.halves[half], a=step.a(half, 2))
        for i, flow in enumerate(self._flows):
            for each in flow:
                each(h=step.halves[i // 3])
        for gradient, (h, _, a) in zip(self._gradients, step.kicks, strict=False):
            gradient(h=h, a=a)

    def spent(self, step: StepTimes) -> float:
        """The work of expansion in the flows and the kicks, and the heat of collisions."""
        power = partial(expansion_power, step.background)
        total = 0.0
        for i, (coordinate, _) in enumerate(self._flows):
            half, of = i // 3, coordinate.means
            rate = power(step.time(half, 2), mass=of["mass"], plasma=of["plasma"])
            total += step.halves[half] * rate + of["heat"]
        for gradient, (h, tau, _) in zip(self._gradients, step.kicks, strict=False):
            total += h * power(tau, temporal=gradient.means["temporal"])
        return total


def _divergence(R: Any, *, order: int, xp: Any) -> Any:
    """dx times the divergence of a link field [3, planes, n, n]."""
    return sum(staggered.backward(component, axis, order, xp) for axis, component in enumerate(R))


def lorenz_reading(row: Mapping[str, float], limits: ChecksKeys, letter: str) -> Reading:
    """The Lorenz condition of a field."""
    return Reading(
        "gauss_max", f"the residual of the Lorenz condition of field {letter}",
        row[f"lorenz/{letter}"], of_residual(limits.gauss_max), "This is a bug.",
    )  # fmt: skip


def expansion_power(
    background: Background,
    tau: float,
    *,
    mass: float = 0.0,
    temporal: float = 0.0,
    plasma: float = 0.0,
) -> float:
    """(3 p - rho) a^3 a' of massive fields at tau: the rate at which expansion takes their energy.

    From means over the lattice of m^2 X^2, m^2 P^2 and d ln(a^2 omega_p^2)/d ln a times omega_p^2
    v^2; it is linear in them.
    """
    a, hub = float(background.scale_factor(tau)), float(background.conformal_hubble(tau))
    trace = observables.trace_massive(mass, temporal, plasma, a)
    return float(observables.expansion_power(trace, a, hub))


def _medium(field: Massive, h: float, a: float) -> Medium:
    omega_squared = field.omega_p(a) ** 2
    s = 2 * a * field.nu(a) * h
    friction = relaxation(s)
    c1 = h * friction.current_G / s if s > 0 else h / 2
    growth = 0.0  # of a^2 omega_p^2
    if omega_squared > 0:
        # backwards, so that a table need not go beyond the end of the run
        below = field.omega_p(a * math.exp(-2 * _DELTA))
        middle = field.omega_p(a * math.exp(-_DELTA))
        if middle > 0 and below > 0:
            now, before, first = (math.log(w) for w in (math.sqrt(omega_squared), middle, below))
            growth = 2 + (3 * now - 4 * before + first) / _DELTA
    return Medium(
        stiffness=(a * field.mass) ** 2,
        plasma=a**2 * omega_squared,
        c0=friction.gain,
        c1=c1,
        decay=friction.decay,
        a2=a * a,
        mass_squared=field.mass**2,
        growth=growth,
    )


def _inflation(start: Start, mass: float) -> Inflation | None:
    """Of a field with a mass, outside the horizon: P_X = (k H_I/2 pi m)^2 per ln k. E' = -a^2 m^2 X
    with X at rest."""
    initial = start.config.initial
    if initial.kind != "inflation" or mass == 0:
        return None
    assert initial.hubble_GeV is not None  # the schema's business
    amplitude = initial.hubble_GeV / start.config.program_units.field_GeV / mass
    integral = start.config.expansion.integral_of_square(start.tau)
    return Inflation(amplitude, -(mass**2) * integral)

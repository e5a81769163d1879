"""The conducting field, the last one, in its plasma: any conductivity, the same step.

Its E evolves, and the array of D holds P = D - E in its place. Its electric field does not change
during the flows of all other fields, which leave the impulse

    G = int S dtau,   S = -curl B_A + sum_b g_Ab (theta' B_b - grad theta x E_b),

of its sources. After them E' = S - sigma E is solved over the step with that S and constant sigma.
A itself moves with E over half a step before and half a step after. The map is its own adjoint, so
of order 2 where sigma dt is small. Where sigma dt is large, E = S/sigma of the step before: order
1, without bound on sigma. Equations: docs/physics/conducting-photon.md; kernels: conduction.cu.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any, Protocol, overload

import numpy as np

from darklat.kernels.layout import Variant
from darklat.lattice.fields import Fields
from darklat.lattice.guards import Reading
from darklat.lattice.passes import Pass
from darklat.lattice.sectors.base import (
    Densities,
    Evolved,
    Moment,
    Sector,
    SeriesColumn,
    Start,
)
from darklat.lattice.sectors.gauge import (
    GaugeAverages,
    gauge_averages,
    gauge_columns,
    gauge_spectra,
    gauss_reading,
    relative,
    spectra_columns,
    start_vacuum,
)
from darklat.lattice.sectors.on_sites import gauge_density
from darklat.lattice.sectors.sharing import Share, StepTimes
from darklat.lattice.spectra import Contribution, SpectrumPlan
from darklat.physics.quantities import Column
from darklat.physics.relaxation import relaxation
from darklat.schema.run import ChecksKeys


class Conductor(Protocol):
    """The medium of the conducting field."""

    @overload
    def at(self, a: float) -> float: ...
    @overload
    def at(self, a: np.ndarray) -> np.ndarray: ...
    def at(self, a: float | np.ndarray) -> float | np.ndarray:
        """Conformal conductivity (1/tau_osc) at scale factor a, in the shape of a."""
        ...


class ConductorSector(Sector):
    """The last field of `fields`, called `letter`, in the medium `conductor`.

    E: [3, n, n, n], its part of the array of E. Q: [3, n, n, n], the time integral of its current
    less D at the start. Its charge is then -div Q, and Gauss's law div (D + Q) = 0.
    """

    def __init__(self, fields: Fields, common: Pass, letter: str, conductor: Conductor) -> None:
        self._fields, self._common, self._letter = fields, common, letter
        self.medium = conductor
        backend = fields.backend
        self._Q = backend.field("vector")
        self.E, self.Q = fields.E[-1], self._Q[0]
        # Its kernels leave for each other where E of a free field is at other times.
        alone = len(fields.couplings) == 1
        self._scratch = backend.field("vector") if alone else fields.E[:1]
        self._spare = None if fields.spare is None else fields.spare[:1]
        self._charge = Pass("charge_residual", E=fields.E, D=fields.D, Q=self._Q)

    @staticmethod
    def kept_per_site(variant: Variant) -> int:
        """Q, and scratch where there is no other field."""
        return (3 + 3 * (not variant.free)) * variant.conducting

    @staticmethod
    def saved_per_site(variant: Variant) -> int:
        """E, Q."""
        del variant
        return 6

    def evolved(self) -> dict[str, Evolved]:
        """E, Q."""
        return {
            "E_conducting": Evolved(
                self.E,
                "f/tau_osc",
                "electric field of the conducting field on the links [component, n, n, n]",
            ),
            "Q_conducting": Evolved(
                self.Q,
                "f/tau_osc",
                "of the conducting field, time integral of its current, less D at the start, on "
                "the links [component, n, n, n]",
            ),
        }

    def start(self, start: Start) -> None:
        """X and E from the file or in the vacuum."""
        start_vacuum(self._fields, len(self._fields.couplings) - 1, self._letter, start)

    def displacement(self) -> list[Pass]:
        """D - E = -g W with E as it is; relaxing uses the scratch array, so E is made again."""
        *source, relax = self.relax()
        relax.arguments |= {"decay": 1.0, "gain": 0.0}
        return [*source, relax, *self._fields.electric()]

    def begin(self) -> None:
        """The charge becomes div D."""
        self.Q[...] = -(self.E + self._fields.D[-1])

    def share(self) -> Share:
        """See `ConductorShare`."""
        return ConductorShare(self)

    def measurement(self) -> list[Pass]:
        """The residual of div (D + Q)."""
        return [self._charge]

    def averages(self) -> GaugeAverages:
        """With the Gauss residual of div (D + Q)."""
        own = gauge_averages(self._common, len(self._fields.couplings) - 1)
        return replace(own, gauss=relative(self._charge.means, "gauss"))

    def densities(self, a: float) -> Densities:
        """Of the field; its plasma is not counted."""
        return Densities(vectors={self._letter: self.averages().rho(a)})

    def columns(self) -> dict[str, SeriesColumn]:
        """rho/<L>, gauss/<L>."""
        return gauge_columns([self._letter], gauss_law="div (D + Q)")

    def row(self, now: Moment) -> dict[str, float]:
        """gauss/<L>."""
        return {f"gauss/{self._letter}": self.averages().gauss}

    def readings(self, row: Mapping[str, float], limits: ChecksKeys) -> Iterator[Reading]:
        """Gauss's law."""
        yield gauss_reading(row, limits, self._letter)

    def spectra_columns(self) -> dict[str, Column]:
        """As every U(1) field."""
        return spectra_columns(self._letter)

    def spectra(
        self, plan: SpectrumPlan, a: float, modes: np.ndarray | None
    ) -> Iterator[Contribution]:
        """As of every U(1) field."""
        place = len(self._fields.couplings) - 1
        yield gauge_spectra(plan, self._fields, place, self._letter, a, modes)

    def density_on_sites(self, a: float) -> dict[str, np.ndarray]:
        """Of the field; its plasma is not counted."""
        return {self._letter: gauge_density(self._fields, len(self._fields.couplings) - 1, a)}

    # ---- Passes ----

    def kick(self) -> tuple[Pass, Pass]:
        """The flow of B^2/2 over a time h: B, then D, with the scalar h."""
        f, scratch = self._fields, self._scratch
        return (
            Pass("conducting_plaquettes", X=f.X, B=scratch),
            Pass("conducting_kick", h=0.0, inv_dx=f.inv_dx, B=scratch, D=f.D),
        )

    def flow(self) -> tuple[Pass, ...]:
        """The flow of E^2/2, each component over a time of its own. It moves X. Where the field is
        felt, it then makes g B of its sources at the sites. Then it moves pi and D of the fields
        that feel it. Scalars hx, hy, hz, or h of a pass along one axis; others have none."""
        f, scratch = self._fields, self._scratch
        times: dict[str, Any] = {"hx": 0.0, "hy": 0.0, "hz": 0.0}
        coordinate = Pass("conducting_coordinate", **times, E=f.E, X=f.X)
        if not (f.variant.back_reacting or f.variant.self_coupled):
            return (coordinate,)
        torque = Pass(
            "conducting_torque", **times, inv_dx=f.inv_dx, theta=f.theta, E=f.E, M=scratch,
            pi=f.pi,
        )  # fmt: skip
        return coordinate, *self._source_magnetic(), torque, *self._momenta()

    def _source_magnetic(self) -> list[Pass]:
        """g B4 of the sources at the sites, into the scratch array."""
        f, M, U = self._fields, self._scratch, self._spare
        if f.order == 2:
            return [Pass("source_magnetic", g=f.g, X=f.X, M=M)]
        found = []
        for axis in range(3):
            found.append(Pass("source_means", axis=axis, g=f.g, X=f.X, U=U))
            found.append(Pass("source_of_means", axis=axis, U=U, M=M))
        return found

    def _momenta(self) -> list[Pass]:
        """The change of D by the flow of E^2/2, from theta E in the scratch array."""
        f, F, V = self._fields, self._scratch, self._spare
        if f.order == 2:
            times: dict[str, Any] = {"hx": 0.0, "hy": 0.0, "hz": 0.0}
            return [Pass("conducting_momenta", **times, inv_dx=f.inv_dx, g=f.g, F=F, D=f.D)]
        found = []
        for axis in range(3):
            found.append(Pass("conducting_means", axis=axis, F=F, V=V))
            found.append(
                Pass(
                    "conducting_momenta_of_means", axis=axis, h=0.0, inv_dx=f.inv_dx, g=f.g,
                    V=V, D=f.D,
                )
            )  # fmt: skip
        return found

    def relax(self) -> tuple[Pass, ...]:
        """E after the impulse of its sources, and conduction. First g B of the sources at the
        sites; then E, D and Q, with the heat as sum. The scalars are a `Relaxation`, at first one
        without conduction."""
        f, scratch = self._fields, self._scratch
        heats = ("current_E", "current_G", "heat_EE", "heat_EG", "heat_GG")
        none: dict[str, Any] = dict.fromkeys(heats, 0.0)
        return (
            *self._source_magnetic(),
            Pass(
                "relax", decay=1.0, gain=1.0, **none, inv_dx=f.inv_dx, theta=f.theta, M=scratch,
                E=f.E, D=f.D, Q=self._Q,
            ),
        )  # fmt: skip

    @property
    def self_coupled(self) -> bool:
        """Whether the coupling to itself is not zero."""
        return self._fields.variant.self_coupled


class ConductorShare(Share):
    """Its own motion comes first and last. Its kick over the whole step follows the middle kick of
    the other fields. The relaxation follows all flows; the last kick commutes with it."""

    def __init__(self, sector: ConductorSector) -> None:
        self._medium = sector.medium
        self._motions = _Motion(sector), _Motion(sector)
        self._kick, self._relax = sector.kick(), sector.relax()
        super().__init__(
            outer_begin=self._motions[0].passes,
            whole_kick=[*self._kick],
            relaxation=[*self._relax],
            outer_end=self._motions[1].passes,
            one_way=True,  # conduction backwards grows as exp(sigma dt)
        )

    def set(self, step: StepTimes) -> None:
        """A step begins with the motion that the one before has left to it."""
        dt, (first, second) = step.dt, step.halves
        for motion, h in zip(self._motions, (step.before + first, second), strict=True):
            motion.set(h=h)
        self._kick[1](h=dt)
        sigma = float(self._medium.at(step.a(1, 0)))
        z = relaxation(sigma * dt)
        self._relax[-1](
            decay=z.decay, gain=z.gain, current_E=z.current_E, current_G=z.current_G,
            heat_EE=z.heat_EE, heat_EG=z.heat_EG, heat_GG=z.heat_GG,
        )  # fmt: skip

    def spent(self, step: StepTimes) -> float:
        """int sigma E^2 over the step."""
        del step
        return self.heat()

    def heat(self) -> float:
        """The same."""
        return float(self._relax[-1].means["heat"])


class _Motion:
    """The flow of E_A^2/2. Where A is coupled to itself, the motion of one component is a source of
    the other components. The flow is then a palindrome of its components, with E brought up to date
    after each.
    """

    def __init__(self, sector: ConductorSector) -> None:
        self._shares = [(1.0, 1.0, 1.0)]
        if sector.self_coupled:
            x, y, z = (0.5, 0.0, 0.0), (0.0, 0.5, 0.0), (0.0, 0.0, 1.0)
            self._shares = [x, y, z, y, x]
        self._moves = [sector.flow() for _ in self._shares]
        follow = [sector.relax() if sector.self_coupled else () for _ in self._shares]
        pieces = zip(self._moves, follow, strict=True)
        self.passes: list[Pass] = [*chain.from_iterable((*move, *e) for move, e in pieces)]

    def set(self, *, h: float) -> None:
        for move, (x, y, z) in zip(self._moves, self._shares, strict=True):
            for each in move:
                if "hx" in each.arguments:
                    each(hx=x * h, hy=y * h, hz=z * h)
                elif "h" in each.arguments:
                    each(h=(x, y, z)[each.arguments["axis"]] * h)

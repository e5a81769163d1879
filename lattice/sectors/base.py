"""The interface of a sector, the part of the engine that knows one kind of field.

One file has all of a sector: its arrays, passes in a step, columns, spectra, checks, start and part
of the energy. The lattice, the splitting, the series, the spectra and the checkpoints are loops
over sectors. Every hook has a default, nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np

from darklat.kernels.layout import Variant
from darklat.lattice.guards import Reading
from darklat.lattice.passes import Pass
from darklat.lattice.sectors.sharing import Share
from darklat.lattice.spectra import Contribution, SpectrumPlan
from darklat.physics.background import Instant
from darklat.physics.quantities import Column, Placed
from darklat.schema import Config
from darklat.schema.inputs import Inputs
from darklat.schema.run import ChecksKeys


class Group(IntEnum):
    """Where a column stands in the series: groups in this order, and in a group the sectors'."""

    CLOCK = 0
    RESULT = 1
    DENSITY = 2
    GAUSS = 3
    LORENZ = 4
    FLUID = 5
    BALANCE = 6
    MEAN = 7
    CUTOFF = 8


@dataclass(frozen=True)
class SeriesColumn:
    """A column of the series and the group that it stands in."""

    group: Group
    units: str
    description: str


@dataclass(frozen=True)
class Evolved:
    """An array that a checkpoint keeps, in the unit `units`; gauge fields are stored on the device
    in multiples of `Layout.field_unit`. of_the_run: it belongs to the course of a run, and another
    run that starts from the fields of a checkpoint begins without it."""

    array: Any
    units: str
    description: str
    gauge: bool = True
    of_the_run: bool = False


@dataclass(frozen=True)
class Densities:
    """Mean physical energy densities by name: of scalars, of gauge fields, of their fluids."""

    scalars: Mapping[str, float] = field(default_factory=dict)
    vectors: Mapping[str, float] = field(default_factory=dict)
    fluids: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def together(cls, parts: Sequence[Densities]) -> Densities:
        """The densities of several sectors."""
        return cls(
            {name: rho for part in parts for name, rho in part.scalars.items()},
            {name: rho for part in parts for name, rho in part.vectors.items()},
            {name: rho for part in parts for name, rho in part.fluids.items()},
        )

    @property
    def total(self) -> float:
        """Of all, each kind summed in order."""
        return sum(self.scalars.values()) + sum(self.vectors.values()) + sum(self.fluids.values())

    def columns(self) -> dict[str, float]:
        """rho/<name> of every one."""
        every = {**self.scalars, **self.vectors, **self.fluids}
        return {f"rho/{name}": rho for name, rho in every.items()}


@dataclass(frozen=True)
class Moment:
    """The lattice as it has been measured at one time, with E up to date.

    free: density of an ALP without gauge fields, None without an ALP.
    """

    tau: float
    a: float
    densities: Densities
    free: float | None = None

    @property
    def conformal_energy(self) -> float:
        """a^4 rho of everything."""
        return self.a**4 * self.densities.total


@dataclass(frozen=True)
class Start:
    """How and when a run starts: conformal time tau, scale factor a."""

    config: Config
    inputs: Inputs
    tau: float
    a: float


class Observable:
    """Columns of the series that follow from a moment."""

    def columns(self) -> dict[str, SeriesColumn]:
        """Names, units and descriptions."""
        return {}

    def row(self, now: Moment) -> dict[str, float]:
        """The values of `columns`; densities need not be among them."""
        del now
        return {}


class Sector(Observable):
    """One kind of field on a lattice."""

    @staticmethod
    def kept_per_site(variant: Variant) -> int:
        """Numbers per site that it keeps beside the arrays of `Fields`."""
        del variant
        return 0

    @staticmethod
    def saved_per_site(variant: Variant) -> int:
        """Numbers per site in a checkpoint."""
        del variant
        return 0

    @staticmethod
    def kept_bytes(config: Config) -> int:
        """Bytes that it keeps beside those, in whatever precision the fields are."""
        del config
        return 0

    @staticmethod
    def saved_bytes(config: Config) -> int:
        """Bytes in a checkpoint beside the numbers per site."""
        del config
        return 0

    # ---- State and start ----

    def evolved(self) -> dict[str, Evolved]:
        """The arrays that a checkpoint keeps, by name."""
        return {}

    def start(self, start: Start) -> None:
        """Sets the fields and E of the initial state."""

    def displacement(self) -> list[Pass]:
        """Passes behind D = E - g W, when the start is known by E."""
        return []

    def begin(self) -> None:
        """Sets the rest of the state once D is known: charges, potentials, fluids."""

    def steps_from(self, now: Instant) -> None:
        """Called before the first step and when a checkpoint has been read."""

    # ---- A step ----

    def share(self) -> Share:
        """New passes for one time integrator of the splitting kind."""
        return Share()

    def at_closed_step(self, now: Instant) -> float:
        """Moves the arrays that the host moves, and returns the conformal energy that this
        takes."""
        del now
        return 0.0

    # ---- Measurement ----

    def measurement(self) -> list[Pass]:
        """Passes whose sums the methods below read; E and the common averages come before."""
        return []

    def densities(self, a: float) -> Densities:
        """Energy densities at scale factor a, from the last measurement."""
        del a
        return Densities()

    def readings(self, row: Mapping[str, float], limits: ChecksKeys) -> Iterator[Reading]:
        """Numbers of a row with their limits in the section `checks` of the configuration."""
        del row, limits
        return iter(())

    def spectra_columns(self) -> dict[str, Column]:
        """Names, units and descriptions of `spectra`."""
        return {}

    def spectra(
        self, plan: SpectrumPlan, a: float, modes: np.ndarray | None
    ) -> Iterator[Contribution]:
        """The spectra now, and the energy in every bin; modes: as in `SpectrumPlan.measure`."""
        del plan, a, modes
        return iter(())

    def snapshot(self, a: float) -> dict[str, Placed]:
        """Arrays [n, n, n] for a snapshot at scale factor a; E is up to date."""
        del a
        return {}

    def density_on_sites(self, a: float) -> dict[str, np.ndarray]:
        """Energy densities [n, n, n] by the names of `densities`, whose means they have, for maps;
        E is up to date. Those of fluids may be left out."""
        del a
        return {}

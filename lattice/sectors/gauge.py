"""Gauge fields: X, D and E on links.

A `GaugeSector` has the massless fields that do not conduct. The averages and spectra of every U(1)
field are here too, for the sectors of massive and conducting ones. Equations:
docs/physics/alp-dark-photon.md; kernels: kick.cu, link_flow.cu.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from darklat.kernels.layout import Variant
from darklat.lattice import precision
from darklat.lattice.fields import Fields
from darklat.lattice.guards import Reading
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
from darklat.lattice.sectors.on_sites import gauge_density
from darklat.lattice.sectors.sharing import ComponentFlow, Share, StepTimes, each_flow
from darklat.lattice.spectra import Contribution, LinkPower, Spectrum, SpectrumPlan
from darklat.lattice.start.vacuum import Inflation, vacuum_fields
from darklat.physics import observables
from darklat.physics.quantities import Column, Placed
from darklat.physics.scales import of_residual
from darklat.schema.run import ChecksKeys

DENSITY = "f^2/tau_osc^2"


class GaugeSector(Sector):
    """The arrays X and D of all U(1) fields, and the massless ones of them, called `letters`.

    every: the letters of all U(1) fields in the order of the arrays. common: the averages that all
    sectors read. alone: whether there is no ALP, which otherwise does the kicks.
    """

    def __init__(
        self,
        fields: Fields,
        common: Pass,
        letters: Sequence[str],
        *,
        every: Sequence[str],
        alone: bool,
    ) -> None:
        self._fields, self._common, self._alone = fields, common, alone
        self._letters, self._every = tuple(letters), tuple(every)

    @staticmethod
    def saved_per_site(variant: Variant) -> int:
        """X, D."""
        return 6 * variant.gauge_fields

    def evolved(self) -> dict[str, Evolved]:
        """X, D."""
        return {
            "X": Evolved(
                self._fields.X, "f", "vector potentials on the links [field, component, n, n, n]"
            ),
            "D": Evolved(
                self._fields.D,
                "f/tau_osc",
                "displacement fields E - g theta B on the links [field, component, n, n, n]; of a "
                "conducting field, D - E",
            ),
        }

    def start(self, start: Start) -> None:
        """X and E from the file or in the vacuum."""
        for place, letter in enumerate(self._letters):
            start_vacuum(self._fields, place, letter, start)

    def share(self) -> Share:
        """See `GaugeShare`."""
        return GaugeShare(self._fields, kicks=self._alone)

    def averages(self) -> dict[str, GaugeAverages]:
        """Of every massless field, by its letter."""
        return {x: gauge_averages(self._common, i) for i, x in enumerate(self._letters)}

    def densities(self, a: float) -> Densities:
        """Of every massless field."""
        return Densities(vectors={x: own.rho(a) for x, own in self.averages().items()})

    def columns(self) -> dict[str, SeriesColumn]:
        """rho/<L> and gauss/<L> of every massless field."""
        return gauge_columns(self._letters, gauss_law="div D")

    def row(self, now: Moment) -> dict[str, float]:
        """gauss/<L>."""
        return {f"gauss/{x}": own.gauss for x, own in self.averages().items()}

    def readings(self, row: Mapping[str, float], limits: ChecksKeys) -> Iterator[Reading]:
        """Gauss's law of every massless field."""
        for letter in self._letters:
            yield gauss_reading(row, limits, letter)

    def spectra_columns(self) -> dict[str, Column]:
        """B and E by helicity, and the longitudinal part of E."""
        return {name: of for x in self._letters for name, of in spectra_columns(x).items()}

    def spectra(
        self, plan: SpectrumPlan, a: float, modes: np.ndarray | None
    ) -> Iterator[Contribution]:
        """The spectra of every massless field, and the energy (E^2 + B^2)/2a^4 in every bin."""
        for place, letter in enumerate(self._letters):
            yield gauge_spectra(plan, self._fields, place, letter, a, modes)

    def snapshot(self, a: float) -> dict[str, Placed]:
        """The components of E and X of every U(1) field."""
        del a
        out = {}
        for place, letter in enumerate(self._every):
            for name, units, array in (
                ("E", "f/tau_osc", self._fields.E),
                ("X", "f", self._fields.X),
            ):
                values = self._fields.in_f(array[place])
                for c, axis in enumerate("xyz"):
                    about = (
                        f"{name} of field {letter}, component {axis}, on the links along {axis}: "
                        f"half a lattice spacing along {axis} from the site of the index"
                    )
                    offset = (0.5 * (c == 0), 0.5 * (c == 1), 0.5 * (c == 2))
                    out[f"{name}_{letter}_{axis}"] = Placed(values[c], units, about, offset)
        return out

    def density_on_sites(self, a: float) -> dict[str, np.ndarray]:
        """Of every massless field."""
        return {x: gauge_density(self._fields, i, a) for i, x in enumerate(self._letters)}


class GaugeShare(Share):
    """X along the flows of the components of E; kicks: also the flow of B^2/2, which the kernel of
    an ALP does otherwise."""

    def __init__(self, fields: Fields, *, kicks: bool) -> None:
        f = fields
        self._kicks = [free_kick(f) for _ in range(3)] if kicks else []
        massless = f.variant.massless > 0
        self._halves = (0.0, 0.0)  # that the flows last
        self._coordinates = each_flow(lambda _, axis: coordinate(f, axis, f.X)) if massless else []
        super().__init__(
            kicks=[[*kick] for kick in self._kicks] or [[], [], []],
            flows=each_flow(lambda i, _: ComponentFlow(own=self._coordinates[i : i + 1])),
        )

    def set(self, step: StepTimes) -> None:
        """X half a step further with the first component flows, and with the last."""
        if self._kicks:
            for (_, kick), (h, _, a) in zip(self._kicks, step.kicks, strict=False):
                kick(h=h, a=a)
        if step.halves != self._halves:
            self._halves = step.halves
            for i, each in enumerate(self._coordinates):
                each(h=step.halves[i // 3])


def free_kick(f: Fields) -> tuple[Pass, Pass]:
    """The flow of a^2 |grad theta|^2/2 + a^4 V + B^2/2 over a time h, for the fields that do not
    conduct. First B into the scratch array; then pi and D, with the sum of |grad theta|^2 + 4 a^2
    V, and the scalars h, a."""
    return kick_of(f, f.pi, f.D)


def kick_of(f: Fields, pi: Any, D: Any) -> tuple[Pass, Pass]:
    """The same with its changes of pi and D added to these arrays."""
    return (
        Pass("plaquettes", X=f.X, B=f.E),
        Pass(
            "kick", h=0.0, a=1.0, mass_squared=f.mass**2, inv_dx=f.inv_dx,
            theta=f.theta, B=f.E, pi=pi, D=D,
        ),
    )  # fmt: skip


def coordinate(f: Fields, axis: int, X: Any) -> Pass:
    """E of the massless fields along the flow of E_axis^2/2, with its change of X added to an
    array; scalar h."""
    return Pass(
        "link_coordinate", axis=axis, h=0.0, inv_dx=f.inv_dx, theta=f.theta, D=f.D, G=f.E, E=f.E,
        X=X,
    )  # fmt: skip


# ---- Every U(1) field, whatever its sector ----


@dataclass(frozen=True)
class GaugeAverages:
    """Means of E^2 and B^2 of one field, and its relative Gauss residual. The residual is the rms
    of div D over the rms of the sum of the magnitudes of its six terms (0 where D vanishes)."""

    E_sq: float
    B_sq: float
    gauss: float

    def rho(self, a: float) -> float:
        """(E^2 + B^2)/2a^4."""
        return float(observables.rho_gauge(self.E_sq, self.B_sq, a))


def gauge_averages(common: Pass, place: int) -> GaugeAverages:
    """Of the field at that place in the arrays, from the averages that all sectors read."""
    of = common.field_means[place]
    return GaugeAverages(float(of["E_sq"]), float(of["B_sq"]), relative(of, "gauss"))


def relative(means: Mapping[str, float], name: str) -> float:
    """rms of a residual over rms of the magnitudes of its terms, `name` and `name`_terms of the
    means; 0 where all terms vanish."""
    residual, terms = means[name], means[f"{name}_terms"]
    return math.sqrt(residual / terms) if terms else 0.0


def start_vacuum(
    fields: Fields,
    place: int,
    letter: str,
    start: Start,
    *,
    a_mass: float = 0.0,
    inflation: Inflation | None = None,
) -> None:
    """Sets X and E of the field at that place from the file, or to the vacuum. a_mass, inflation:
    of a massive field, as in `vacuum_fields`. Raises BadValueError for fields that float32 does not
    hold."""
    if start.inputs.initial is not None:
        X, E = start.inputs.initial.X[letter], start.inputs.initial.E[letter]
    else:
        lattice, seed = start.config.lattice, start.config.initial.seed
        amplitude = start.config.program_units.vacuum_amplitude
        X, E = vacuum_fields(
            lattice.sites, lattice.box, seed=seed, letter=letter, amplitude=amplitude,
            a_mass=a_mass, inflation=inflation, order=fields.order, ranks=fields.backend.ranks,
        )  # fmt: skip
    if fields.variant.single:
        precision.check_fields(letter, X, E, fields.variant.field_unit, fields.backend.ranks)
    fields.X[place][...] = fields.gauge_values(X)
    fields.E[place][...] = fields.gauge_values(E)


def gauge_columns(letters: Sequence[str], *, gauss_law: str) -> dict[str, SeriesColumn]:
    """rho/<L> and gauss/<L>."""
    columns = {}
    for x in letters:
        columns[f"rho/{x}"] = SeriesColumn(Group.DENSITY, DENSITY, f"mean energy density of {x}")
        columns[f"gauss/{x}"] = SeriesColumn(
            Group.GAUSS,
            "1",
            f"rms of {gauss_law} of {x} over the rms of the sum of the magnitudes of its terms",
        )
    return columns


def gauss_reading(row: Mapping[str, float], limits: ChecksKeys, letter: str) -> Reading:
    """Gauss's law of a field."""
    return Reading(
        "gauss_max", f"the residual of Gauss's law of field {letter}",
        row[f"gauss/{letter}"], of_residual(limits.gauss_max),
        "Is div D = 0 in the initial state? If it was, this is a bug.",
    )  # fmt: skip


def spectra_columns(letter: str) -> dict[str, Column]:
    """The spectra of every U(1) field."""
    out = {}
    for sign in ("plus", "minus"):
        out[f"B_{letter}_{sign}"] = Column(DENSITY, f"magnetic field of {letter}, helicity {sign}")
        out[f"E_{letter}_{sign}"] = Column(DENSITY, f"electric field of {letter}, helicity {sign}")
    out[f"E_{letter}_long"] = Column(DENSITY, f"electric field of {letter}, longitudinal part")
    return out


def gauge_spectra(
    plan: SpectrumPlan,
    fields: Fields,
    place: int,
    letter: str,
    a: float,
    modes: np.ndarray | None,
    of_X: LinkPower | None = None,
) -> Contribution:
    """Of the field at that place, with (E^2 + B^2)/2a^4 in every bin; of_X: its X, where it has
    been transformed already."""
    known_X, known_E = (None, None) if modes is None else modes[:, place]
    X = plan.link(fields.X[place], known_X) if of_X is None else of_X
    E, zero = plan.link(fields.E[place], known_E), plan.link_zero(fields.E[place])
    dlnk = plan.bins.dlnk
    found = {
        f"B_{letter}_plus": Spectrum(X.curl_plus / dlnk, 0.0),
        f"B_{letter}_minus": Spectrum(X.curl_minus / dlnk, 0.0),
        # The mean field has no helicity; it is listed with the longitudinal part.
        f"E_{letter}_plus": Spectrum(E.plus / dlnk, 0.0),
        f"E_{letter}_minus": Spectrum(E.minus / dlnk, 0.0),
        f"E_{letter}_long": Spectrum(E.long / dlnk, zero),
    }
    energy = (E.plus + E.minus + E.long + X.curl_plus + X.curl_minus) / (2 * a**4)
    return Contribution(found, energy, zero / (2 * a**4))

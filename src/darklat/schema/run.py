"""The keys of a configuration: their types, their defaults and their allowed values.

Units: tau_osc = 1 and a_osc = 1 (without an ALP tau_* and a_*, see UnitsKeys); masses and scales
carry their unit in the key's name. configs/reference.yaml explains each key.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from darklat.physics.background import KINDS, Background
from darklat.physics.background import expands as kind_expands
from darklat.physics.friedmann import Alp
from darklat.physics.staggered import DEFAULT_ORDER, ORDERS
from darklat.physics.units import ProgramUnits, UnitNames, units_of_alp, units_without_alp
from darklat.physics.verdicts import Limits
from darklat.schema import alp_keys, background_checks, field_checks, run_checks
from darklat.schema import background as histories
from darklat.schema.alp_keys import AlpKeys
from darklat.schema.background import BackgroundKeys
from darklat.schema.contradictions import Check, lookup
from darklat.schema.later import Later, Settled
from darklat.schema.read_only import ReadOnly
from darklat.schema.section import FileKeys, Section
from darklat.schema.sizes import RATE, SCALE, SIZE, TIME
from darklat.schema.wave_keys import WaveKeys
from darklat.schema.yaml.problems import UNKNOWN
from darklat.schema.yaml.values import (
    Choice,
    Container,
    FieldLetter,
    FileName,
    Integer,
    LetterPair,
    Number,
    Stored,
    Text,
    YesNo,
)

MOST_SNAPSHOTS = 10_000
LEAST_SITES, MOST_SITES = 8, 1600
DEFAULT_CONDITION = 3.0  # m/H at a_osc
ORDER_UNSAID = 2
"""lattice.order of a stored configuration or a file without one: they are of a darklat that had no
other."""
COURANT_OF_ORDER_4 = 1.0  # of blanes_moan: at most half a percent in r and epsilon (performance.md)
COURANT_WITHOUT_ALP = 0.05  # the same rotations of a linear field for the whole run: phases add up
DEFAULT_GAUSS_SINGLE = 1e-3  # of float32: 6e-8 a step and link, and the steps of a run
DEFAULT_ELECTRONS_PER_PHOTON = 6e-10  # the baryonic ones, as in Choi et al. (2018)


# ---- Sections. ----


Role = Annotated[Literal["dark", "photon"], Choice()]
ConductivityKind = Annotated[Literal["zero", "constant", "thomson", "thomson_thermal"], Choice()]
PlasmaKind = Annotated[
    Literal["none", "constant", "screening", "freeze_out", "table", "pairs"], Choice()
]
Precision = Annotated[Literal["float64", "float32"], Choice()]
InitialKind = Annotated[Literal["vacuum", "inflation", "file"], Choice()]
Scheme = Annotated[Literal["strang", "blanes_moan", "rk46nl", "rk4", "rk3"], Choice()]

Positive = Annotated[float, Number(positive=True)]
TimeInterval = Annotated[float, Number(positive=True, size=SIZE, unit="tau_osc")]
OptionalPositive = Annotated[float | None, Number(positive=True, size=SIZE, optional=True)]
OptionalTime = Annotated[
    float | None, Number(positive=True, size=TIME, optional=True, unit="tau_osc")
]
OptionalScaleFactor = Annotated[float | None, Number(positive=True, size=TIME, optional=True)]
OptionalRate = Annotated[
    float | None, Number(positive=True, size=SIZE, optional=True, unit="1/tau_osc")
]


class ConductivityKeys(Section):
    """Ohm's law of the plasma for one field, J = sigma E with the conformal sigma = a sigma_phys.

    `value` (1/tau_osc) is None for every kind but constant. `electrons_per_photon` (n_e/n_gamma) is
    None for kinds without Thomson scattering; for the others its default is filled in here. For
    thomson it is every electron at all times, for thomson_thermal the baryonic ones, and thermal
    pairs come on top.
    """

    kind: ConductivityKind = "zero"
    value: Annotated[
        float | None, Number(not_negative=True, size=RATE, optional=True, unit="1/tau_osc")
    ] = None
    electrons_per_photon: Annotated[
        float | None, Number(positive=True, size=SCALE, optional=True)
    ] = None

    @property
    def conducts(self) -> bool:
        """Whether it is not zero; a constant may be."""
        return self.kind != "zero" and self.value != 0

    @pydantic.model_validator(mode="before")
    @classmethod
    def _default_electrons(cls, value: Any) -> Any:
        if (
            not isinstance(value, dict)
            or value.get("kind") not in field_checks.THOMSON
            or value.get("electrons_per_photon") is not None
        ):
            return value
        return {**value, "electrons_per_photon": DEFAULT_ELECTRONS_PER_PHOTON}


class PlasmaKeys(Section):
    """A cold fluid that carries the current of a massive field. Its plasma frequency and the rate
    of its collisions (1/tau_osc) are constant, or come from a formula or a table. `profile` is a
    file with omega_p^2 over its mean on the sites. The formulas of `screening` and `freeze_out`,
    whose keys follow, are in physics/proca/histories.py. `pairs` is the model of
    physics/pairs/growth.py, in which the field makes the plasma, for a fermion of that `charge` and
    mass."""

    kind: PlasmaKind = "none"
    omega_p: OptionalRate = None
    nu: Annotated[
        float | None, Number(not_negative=True, size=SIZE, optional=True, unit="1/tau_osc")
    ] = None
    nu_over_omega_p: Annotated[
        float | None, Number(not_negative=True, size=SIZE, optional=True)
    ] = None
    a_cascade: OptionalPositive = None
    a_plasma: OptionalPositive = None
    omega_plasma: OptionalRate = None
    a_fo: OptionalPositive = None
    omega_fo: OptionalRate = None
    remaining: OptionalPositive = None
    charge: OptionalPositive = None
    fermion_mass_eV: Annotated[
        float | None, Number(positive=True, size=SCALE, optional=True, unit="eV", unit_in_key=True)
    ] = None
    file: Annotated[Path | None, FileName()] = None
    profile: Annotated[Path | None, FileName()] = None


class FieldKeys(Section):
    """A gauge field. A mass or a plasma makes it a massive one. A conductivity other than zero
    makes it the conducting one, and then `back_reaction` says whether the ALP and the other fields
    feel it.
    """

    role: Role = "dark"
    mass_eV: Annotated[
        float, Number(not_negative=True, size=SCALE, unit="eV", unit_in_key=True)
    ] = 0.0
    plasma: PlasmaKeys = pydantic.Field(default_factory=PlasmaKeys)
    conductivity: ConductivityKeys = pydantic.Field(default_factory=ConductivityKeys)
    back_reaction: Annotated[bool, YesNo()] = True

    @property
    def is_massive(self) -> bool:
        """Whether it has a mass or a plasma."""
        return self.mass_eV > 0 or self.plasma.kind != "none"


class ModelKeys(Section):
    """The fields and how they couple. `alp` is None for gauge fields alone, which have no
    couplings."""

    alp: AlpKeys | None = None
    fields: Annotated[
        dict[Annotated[str, FieldLetter()], FieldKeys],
        Container(dict, "a mapping from letters to fields, such as {X: {role: dark}}"),
        pydantic.AfterValidator(ReadOnly),
    ] = pydantic.Field(examples=["fields: {X: {role: dark}}"])
    couplings: Annotated[
        dict[Annotated[str, LetterPair()], Annotated[float, Number(size=(0.0, SIZE[1]))]],
        Container(dict, "a mapping from pairs of letters to numbers, such as {XX: 100}"),
        pydantic.AfterValidator(ReadOnly),
    ] = pydantic.Field(default_factory=ReadOnly)


class UnitsKeys(Section):
    """The units of a model without an ALP: tau_* = 1/(a_* H_*) and a_* = 1, H_* being `hubble_eV`;
    potentials are in 1/tau_*."""

    hubble_eV: Annotated[float, Number(positive=True, size=SCALE, unit="eV", unit_in_key=True)] = (
        pydantic.Field(examples=["hubble_eV: 1e-18"])
    )


class LatticeKeys(Section):
    """A periodic cube of sites^3 points and side `box` (tau_osc). `order` is that of the
    differences and means in the lattice spacing."""

    sites: Annotated[int, Integer(least=LEAST_SITES, most=MOST_SITES, even=True)] = pydantic.Field(
        examples=["sites: 64"]
    )
    box: TimeInterval = pydantic.Field(examples=["box: 1.0"])
    order: Annotated[int, Integer(least=ORDERS[0], most=ORDERS[-1], even=True)] = DEFAULT_ORDER
    precision: Precision = "float64"


class InitialKeys(Section):
    """How the run starts. `hubble_GeV` is the Hubble rate of inflation, for kind inflation.
    `a_start` is None for a static background, which starts at tau = 0. `linear_until` is the scale
    factor up to which the run is solved mode by mode. "auto" takes the latest at which this is
    right; None has no linear phase.
    """

    kind: InitialKind = "vacuum"
    seed: Annotated[int, Integer(least=0, most=2**63 - 1)] = 1
    a_start: OptionalScaleFactor = None
    hubble_GeV: Annotated[
        float | None, Number(positive=True, size=SCALE, optional=True, unit="GeV", unit_in_key=True)
    ] = None
    file: Annotated[Path | None, FileName()] = None
    linear_until: Annotated[
        float | Literal["auto"] | None, Number(positive=True, size=SIZE, optional=True, word="auto")
    ] = None


BY_THE_STEPS = Settled("its steps until now were made with it")


class TimeKeys(Section):
    """When the run ends (a_osc or tau_osc; one of the two is None) and how it steps."""

    a_end: Annotated[OptionalScaleFactor, Later()] = None
    tau_end: Annotated[OptionalTime, Later()] = None
    scheme: Annotated[Scheme, BY_THE_STEPS] = "strang"
    courant: Annotated[float, Number(positive=True, size=SIZE), BY_THE_STEPS] = 0.2


class FollowKeys(Section):
    """Moments of an output beside those of its interval; None for none. `efolds_of_a`: every such
    growth of ln a. `efolds_of_growth`: such a change of ln(a^4 rho) of a gauge field since the last
    moment. `change_of_r`: such a change of r since then."""

    efolds_of_a: OptionalPositive = None
    efolds_of_growth: OptionalPositive = None
    change_of_r: OptionalPositive = None


class OutputKeys(Section):
    """The outputs and their intervals: conformal time (tau_osc) or minutes of wall time."""

    series_interval: TimeInterval = 0.05
    series_also: FollowKeys = pydantic.Field(default_factory=FollowKeys)
    spectra_interval: TimeInterval = 0.5
    spectra_also: FollowKeys = pydantic.Field(default_factory=FollowKeys)
    maps: Annotated[bool, YesNo()] = False
    gravitational_waves: Annotated[
        WaveKeys | None, Settled("the waves of now have been followed with it from the start")
    ] = None
    snapshots: Annotated[
        tuple[Annotated[float, Number(not_negative=True)], ...],
        Container(list, "a list of numbers, such as [2, 5, 8]", most=MOST_SNAPSHOTS),
    ] = ()
    snapshot_precision: Precision = "float64"
    checkpoint_minutes: Annotated[
        float, Number(positive=True, unit="minutes", unit_in_key=True)
    ] = 10.0
    checkpoints_kept: Annotated[int, Integer(least=1)] = 3
    checkpoints_kept_every: Annotated[int, Integer(least=0)] = 0


class ChecksKeys(Section):
    """Thresholds above which a run stops."""

    gauss_max: Positive = 1e-10
    energy_balance_max: Positive = 0.05
    power_at_cutoff_max: Positive = 1.0
    courant_max: Positive = 1.0


class Config(FileKeys):
    """A whole configuration. Read one with `load` or `loads`, write one with `dump`."""

    CHECKS: ClassVar[tuple[Check, ...]] = (
        *background_checks.CHECKS,
        *field_checks.CHECKS,
        *alp_keys.CHECKS,
        *run_checks.CHECKS,
    )

    name: Annotated[str, Text(longest=100), Settled("it is the name of the run")] = pydantic.Field(
        examples=["name: benchmark"]
    )
    model: Annotated[ModelKeys, Settled("the model has made the fields of now")] = pydantic.Field(
        examples=["model: {alp: {mass_eV: 1e-17, f_GeV: 1e16}, fields: {X: {role: dark}}}"]
    )
    units: Annotated[UnitsKeys | None, Settled("the numbers in its files have these units")] = None
    background: Annotated[BackgroundKeys, Settled("the expansion has made the fields of now")] = (
        pydantic.Field(default_factory=BackgroundKeys)
    )
    lattice: Annotated[LatticeKeys, Settled("the fields of now are on this lattice")] = (
        pydantic.Field(examples=["lattice: {sites: 64, box: 1.0}"])
    )
    initial: Annotated[InitialKeys, Settled("the run has begun from it")] = pydantic.Field(
        default_factory=InitialKeys
    )
    time: TimeKeys = pydantic.Field(examples=["time: {a_end: 8}"])
    output: Annotated[OutputKeys, Later()] = pydantic.Field(default_factory=OutputKeys)
    checks: Annotated[ChecksKeys, Later()] = pydantic.Field(default_factory=ChecksKeys)

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the gauge fields as declared, except that the massive ones come behind the
        massless ones, and the conducting one last. The engine's arrays are in this order.
        """
        behind = {letter: 1 for letter in self.massive} | {self.conducting: 2}
        return tuple(sorted(self.model.fields, key=lambda letter: behind.get(letter, 0)))

    @property
    def makes_pairs(self) -> bool:
        """Whether a field makes a plasma of its own."""
        return any(field.plasma.kind == "pairs" for field in self.model.fields.values())

    @property
    def massive(self) -> tuple[str, ...]:
        """The letters of the fields with a mass or a plasma, as declared."""
        return tuple(k for k, field in self.model.fields.items() if field.is_massive)

    @property
    def conducting(self) -> str | None:
        """The letter of the field whose conductivity is not zero."""
        fields = self.model.fields.items()
        return next((k for k, field in fields if field.conductivity.conducts), None)

    @property
    def photon(self) -> str | None:
        """The letter of the photon."""
        return self._first("photon")

    @property
    def dark(self) -> str | None:
        """The letter of the first dark field in the order of declaration: X in r, epsilon, b."""
        return self._first("dark")

    def _first(self, role: str) -> str | None:
        return next((k for k, field in self.model.fields.items() if field.role == role), None)

    @property
    def every_dark(self) -> tuple[str, ...]:
        """The letters of all dark fields as declared."""
        return tuple(k for k, field in self.model.fields.items() if field.role == "dark")

    def ends_as_matter(self, letter: str) -> bool:
        """Whether a field has a mass. A plasma alone does not make it matter."""
        return self.model.fields[letter].mass_eV > 0

    @property
    def limits(self) -> Limits:
        """The limits by which the numbers of the run are judged."""
        return Limits(
            gauss_max=self.checks.gauss_max,
            energy_balance_max=self.checks.energy_balance_max,
            power_at_cutoff_max=self.checks.power_at_cutoff_max,
            from_inflation=self.initial.kind == "inflation",
            clock=self.clock,
        )

    def coupling(self, a: str, b: str) -> float:
        """g_ab of two fields, in either order; 0 where none is given."""
        return self.model.couplings.get("".join(sorted(a + b)), 0.0)

    @property
    def coupling_matrix(self) -> NDArray[np.float64]:
        """Symmetric g_ab [F, F], rows and columns in the order of `letters`."""
        return np.array(
            [[self.coupling(a, b) for b in self.letters] for a in self.letters], dtype=np.float64
        )

    @property
    def program_units(self) -> ProgramUnits:
        """The units of the run's numbers."""
        if self.model.alp:
            alp = self.model.alp
            return units_of_alp(
                mass_eV=alp.mass_eV, f_GeV=alp.f_GeV, oscillation_condition=self.mass
            )
        assert self.units is not None  # the checks have seen to it
        return units_without_alp(hubble_eV=self.units.hubble_eV)

    @property
    def expansion(self) -> Background:
        """a(tau)."""
        model, alp = self.model.alp, None
        if model is not None:
            alp = Alp(self.mass, model.theta_initial, model.V)
        return histories.expansion(self.background, self.program_units, alp)

    @property
    def expands(self) -> bool:
        """Whether the scale factor tells the time."""
        return kind_expands(self.background.kind)

    @property
    def clock(self) -> str:
        """The quantity that tells the time: a, or tau in a static background."""
        return "a" if self.expands else "tau"

    @property
    def unit_names(self) -> UnitNames:
        """The names of the run's units."""
        return UnitNames(alp=self.model.alp is not None)

    @property
    def radiation_hubble(self) -> float | None:
        """H of the radiation alone at a = 1 over that of everything. None in a background without
        a known radiation, from which nothing follows for today."""
        return histories.radiation_hubble(self.background, hubble_eV=self.program_units.hubble_eV)

    @property
    def dx(self) -> float:
        """Lattice spacing (tau_osc)."""
        return self.lattice.box / self.lattice.sites

    @property
    def mass(self) -> float:
        """m tau_osc of the ALP; 0 without one."""
        return self.background.oscillation_condition or 0.0

    @pydantic.model_validator(mode="before")
    @classmethod
    def _defaults(cls, value: Any, info: pydantic.ValidationInfo[object]) -> Any:
        """The defaults that depend on other keys."""
        if not isinstance(value, dict):
            return value
        if isinstance(info.context, Stored) and value.get("lattice") is not None:
            value = _filled(value, "lattice", "order", ORDER_UNSAID)
        kind = lookup(Config, value, ("background", "kind"))
        if isinstance(kind, str) and kind in KINDS and kind_expands(kind):
            value = _filled(value, "initial", "a_start", run_checks.DEFAULT_A_START)
        if lookup(Config, value, ("time", "scheme")) == "blanes_moan":
            value = _filled(value, "time", "courant", COURANT_OF_ORDER_4)
        alp = lookup(Config, value, ("model", "alp"))
        if alp not in (None, UNKNOWN):
            value = _filled(value, "background", "oscillation_condition", DEFAULT_CONDITION)
        elif alp is None and value.get("time") is not None:
            value = _filled(value, "time", "courant", COURANT_WITHOUT_ALP)
        if lookup(Config, value, ("lattice", "precision")) == "float32":
            value = _filled(value, "checks", "gauss_max", DEFAULT_GAUSS_SINGLE)
        return value


def _filled(data: dict[str, Any], name: str, key: str, default: float) -> dict[str, Any]:
    """The data with a value for a key of a section that has none."""
    section = data.get(name)
    section = {} if section is None else section
    if isinstance(section, Section):
        section = section.model_dump()
    if not isinstance(section, dict) or section.get(key) is not None:
        return data
    return {**data, name: {**section, key: default}}

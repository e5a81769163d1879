"""The keys of a configuration: their types, their defaults and what is allowed.

Units: tau_osc = 1 and a_osc = 1; masses and scales carry their unit in the key's name.
configs/reference.yaml says what each key means.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_origin

import numpy as np
import pydantic
from darklat.lattice.config.problems import closest, describe, number_remark, one_of, quoted
from numpy.typing import NDArray
from pydantic_core import CoreSchema, PydanticCustomError, PydanticUndefined, core_schema

DEFAULT_A_START = 0.5  # in units of a_osc; radiation only
MOST_SNAPSHOTS = 10_000

KeyPath: TypeAlias = tuple[str | int, ...]

# Keys that are known and come in a later version, and what they are for. `*` is a field's letter.
LATER: dict[KeyPath, str] = {
    ("units",): "models without an ALP",
    ("model", "fields", "*", "mass_eV"): "massive fields",
    ("model", "fields", "*", "conductivity"): "a conducting medium",
    ("model", "fields", "*", "plasma"): "a plasma",
}
NOT_YET = "not available in this version of darklat"


# ---- Values. Each class says in full what it allows; pydantic only carries the message. ----


def _refuse(message: str) -> PydanticCustomError:
    return PydanticCustomError("refused", "{message}", {"message": message})


class _Value:
    """Base of the annotations below: `accept` returns the value or raises `_refuse(...)`."""

    def accept(self, value: object) -> object:
        raise NotImplementedError

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.accept)


@dataclass(frozen=True)
class Number(_Value):
    """A finite number, returned as a float; an integer will do, a truth value will not."""

    positive: bool = False
    not_negative: bool = False
    not_zero: bool = False
    optional: bool = False
    unit: str = ""
    unit_in_key: bool = False

    def accept(self, value: object) -> float | None:
        if value is None and self.optional:
            return None
        infinite = isinstance(value, float) and not math.isfinite(value)
        finite = "finite " if infinite or not (self.positive or self.not_negative) else ""
        allowed = f"must be a {finite}number{self._range()}, found {describe(value)}"
        if isinstance(value, str):
            remark = number_remark(value, unit=self.unit, unit_in_key=self.unit_in_key)
            raise _refuse(f"{allowed}; {remark}" if remark else allowed)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _refuse(allowed)
        try:
            number = float(value)
        except OverflowError:
            raise _refuse(f"{allowed}, which no double holds (they end at 1.8e308)") from None
        if (
            not math.isfinite(number)
            or (self.positive and number <= 0)
            or (self.not_negative and number < 0)
            or (self.not_zero and number == 0)
        ):
            raise _refuse(allowed)
        return number

    def _range(self) -> str:
        if self.positive:
            return " greater than 0"
        if self.not_negative:
            return " not below 0"
        return " other than 0" if self.not_zero else ""


@dataclass(frozen=True)
class Integer(_Value):
    """An integer from `least` to `most`; 64.0 is not one, the message says to write 64."""

    least: int
    most: int | None = None
    even: bool = False

    def accept(self, value: object) -> int:
        kind = "an even integer" if self.even else "an integer"
        span = f"of at least {self.least}"
        if self.most is not None:
            span = f"from {self.least} to {self.most}"
        allowed = f"must be {kind} {span}, found {describe(value)}"
        if isinstance(value, float) and value.is_integer():
            raise _refuse(f"{allowed}; write {value:.0f}" if abs(value) < 1e15 else allowed)
        if isinstance(value, str):
            remark = number_remark(value, unit="", unit_in_key=False)
            raise _refuse(f"{allowed}; {remark}" if remark else allowed)
        if isinstance(value, bool) or not isinstance(value, int):
            raise _refuse(allowed)
        if value < self.least or (self.most is not None and value > self.most):
            raise _refuse(allowed)
        if self.even and value % 2:
            raise _refuse(f"{allowed}; the nearest are {value - 1} and {value + 1}")
        return value


@dataclass(frozen=True)
class Choice(_Value):
    """One of the words of the annotated Literal; `later` are words of a later version."""

    later: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def accept(self, value: object) -> str:
        if isinstance(value, str) and value in self.words:
            return value
        if isinstance(value, str) and value in self.later:
            raise _refuse(f"{value} is {NOT_YET}, which has {one_of(self.words, 'and')}")
        message = f"must be {one_of(self.words)}, found {describe(value)}"
        near = closest(value, self.words) if isinstance(value, str) else None
        raise _refuse(f"{message}; did you mean {near}?" if near else message)

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> CoreSchema:
        choice = Choice(self.later, words=get_args(source))
        return core_schema.no_info_plain_validator_function(choice.accept)


@dataclass(frozen=True)
class Text(_Value):
    """Printable text of 1 to `longest` characters."""

    longest: int

    def accept(self, value: object) -> str:
        allowed = f"must be text of 1 to {self.longest} printable characters"
        if not isinstance(value, str):
            remark = ""
            if isinstance(value, int | float) and not isinstance(value, bool):
                remark = "; put it in quotes"
            raise _refuse(f"{allowed}, found {describe(value)}{remark}")
        if not 1 <= len(value) <= self.longest:
            raise _refuse(f"{allowed}, found {len(value)} characters")
        for place, character in enumerate(value, start=1):
            if not character.isprintable():
                raise _refuse(f"{allowed}, but character {place} is {quoted(character)}")
        return value


@dataclass(frozen=True)
class FileName(_Value):
    """The path of a file, or nothing."""

    def accept(self, value: object) -> Path | None:
        if value is None or isinstance(value, Path):
            return value
        if not isinstance(value, str) or not value:
            raise _refuse(f"must be the path of a file, found {describe(value)}")
        return Path(value)


@dataclass(frozen=True)
class FieldLetter(_Value):
    """The name of a gauge field: one capital letter."""

    def accept(self, value: object) -> str:
        if isinstance(value, str) and re.fullmatch("[A-Z]", value):
            return value
        message = "a field is named by one capital letter, A to Z"
        if isinstance(value, str) and re.fullmatch("[a-z]", value):
            message += f": write {value.upper()}"
        raise _refuse(message)


@dataclass(frozen=True)
class LetterPair(_Value):
    """The name of a coupling: the letters of the two fields it joins, in alphabetical order."""

    def accept(self, value: object) -> str:
        message = "a coupling is named by the letters of its two fields in alphabetical order"
        if isinstance(value, str) and re.fullmatch("[A-Za-z]{1,2}", value):
            right = "".join(sorted((value * 2)[:2].upper()))
            if right == value:
                return value
            message += f": write {right}"
        raise _refuse(message)


@dataclass(frozen=True)
class _Container:
    """Checks the kind of a container before pydantic looks inside; nothing is an empty one."""

    kind: type
    allowed: str
    most: int | None = None

    def accept(self, value: object) -> object:
        if value is None:
            return self.kind()
        if not isinstance(value, dict | list | tuple) or not isinstance(value, self.kind | tuple):
            raise _refuse(f"must be {self.allowed}, found {describe(value)}")
        if self.most is not None and len(value) > self.most:
            raise _refuse(f"must be at most {self.most} long, found {len(value)} items")
        return value

    def __get_pydantic_core_schema__(
        self, source: object, handler: pydantic.GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.accept, handler(source))


# ---- Sections. ----


class Section(pydantic.BaseModel):
    """A mapping with known keys; an empty one stands for its defaults."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    @pydantic.model_validator(mode="before")
    @classmethod
    def _mapping(cls, value: Any) -> Any:
        if value is None:
            return {}
        if not isinstance(value, dict | cls):
            keys = one_of(list(cls.model_fields), "and")
            message = f"must be a mapping with the keys {keys}, found {describe(value)}"
            if isinstance(value, str) and re.match(r"\w+:\S", value):
                message += "; a space is needed after the colon"
            raise _refuse(message)
        return value


# To make a word available, move it from `later` into the Literal.
Potential = Annotated[Literal["quadratic", "cosine"], Choice()]
Role = Annotated[Literal["dark"], Choice(later=("photon",))]
BackgroundKind = Annotated[Literal["radiation", "static"], Choice()]
Precision = Annotated[Literal["float64"], Choice(later=("float32",))]
InitialKind = Annotated[Literal["vacuum", "file"], Choice(later=("inflation",))]
Scheme = Annotated[Literal["strang", "rk46nl", "rk4", "rk3"], Choice()]

Positive = Annotated[float, Number(positive=True)]
TimeInterval = Annotated[float, Number(positive=True, unit="tau_osc")]
OptionalPositive = Annotated[float | None, Number(positive=True, optional=True)]


class Alp(Section):
    """The axion-like particle: V = m^2 f^2 theta^2/2, or m^2 f^2 (1 - cos theta)."""

    mass_eV: Annotated[float, Number(positive=True, unit="eV", unit_in_key=True)] = pydantic.Field(
        examples=["mass_eV: 1e-17"]
    )
    f_GeV: Annotated[float, Number(positive=True, unit="GeV", unit_in_key=True)] = pydantic.Field(
        examples=["f_GeV: 1e16"]
    )
    potential: Potential = "quadratic"
    theta_initial: Annotated[float, Number(not_zero=True, unit="radians")] = 1.0


class Field(Section):
    """A gauge field."""

    role: Role = "dark"


class Model(Section):
    """The fields and how they couple."""

    alp: Alp = pydantic.Field(examples=["alp: {mass_eV: 1e-17, f_GeV: 1e16}"])
    fields: Annotated[
        dict[Annotated[str, FieldLetter()], Field],
        _Container(dict, "a mapping from letters to fields, such as {X: {role: dark}}"),
    ] = pydantic.Field(examples=["fields: {X: {role: dark}}"])
    couplings: Annotated[
        dict[Annotated[str, LetterPair()], Annotated[float, Number()]],
        _Container(dict, "a mapping from pairs of letters to numbers, such as {XX: 100}"),
    ] = pydantic.Field(default_factory=dict)


class Background(Section):
    """The expansion; oscillation_condition is m/H at tau_osc, and m tau_osc."""

    kind: BackgroundKind = "radiation"
    oscillation_condition: Positive = 3.0


class Lattice(Section):
    """A periodic cube of sites^3 points and side `box` (tau_osc)."""

    sites: Annotated[int, Integer(least=8, most=4096, even=True)] = pydantic.Field(
        examples=["sites: 64"]
    )
    box: TimeInterval = pydantic.Field(examples=["box: 1.0"])
    precision: Precision = "float64"


class Initial(Section):
    """How the run starts. `a_start` is None for a static background, which starts at tau = 0."""

    kind: InitialKind = "vacuum"
    seed: Annotated[int, Integer(least=0, most=2**63 - 1)] = 1
    a_start: OptionalPositive = None
    file: Annotated[Path | None, FileName()] = None


class Time(Section):
    """When the run ends (a_osc or tau_osc; one of the two is None) and how it steps."""

    a_end: OptionalPositive = None
    tau_end: Annotated[float | None, Number(positive=True, optional=True, unit="tau_osc")] = None
    scheme: Scheme = "strang"
    courant: Positive = 0.15


class Output(Section):
    """What is written and how often: conformal time (tau_osc) or minutes of wall time."""

    series_interval: TimeInterval = 0.05
    spectra_interval: TimeInterval = 0.5
    snapshots: Annotated[
        tuple[Annotated[float, Number(not_negative=True)], ...],
        _Container(list, "a list of numbers, such as [2, 5, 8]", most=MOST_SNAPSHOTS),
    ] = ()
    checkpoint_minutes: Annotated[
        float, Number(positive=True, unit="minutes", unit_in_key=True)
    ] = 10.0
    checkpoints_kept: Annotated[int, Integer(least=1)] = 3


class Checks(Section):
    """Thresholds above which a run stops."""

    gauss_max: Positive = 1e-10
    energy_balance_max: Positive = 0.05


class Config(Section):
    """A whole configuration. Read one with `load` or `loads`, write one with `dump`."""

    name: Annotated[str, Text(longest=100)] = pydantic.Field(examples=["name: benchmark"])
    model: Model = pydantic.Field(
        examples=["model: {alp: {mass_eV: 1e-17, f_GeV: 1e16}, fields: {X: {role: dark}}}"]
    )
    background: Background = pydantic.Field(default_factory=Background)
    lattice: Lattice = pydantic.Field(examples=["lattice: {sites: 64, box: 1.0}"])
    initial: Initial = pydantic.Field(default_factory=Initial)
    time: Time = pydantic.Field(examples=["time: {a_end: 8}"])
    output: Output = pydantic.Field(default_factory=Output)
    checks: Checks = pydantic.Field(default_factory=Checks)

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the gauge fields, in the order in which they are declared."""
        return tuple(self.model.fields)

    @property
    def coupling_matrix(self) -> NDArray[np.float64]:
        """Symmetric g_ab [F, F], rows and columns in the order of `letters`."""
        return np.array(
            [
                [self.model.couplings.get("".join(sorted(a + b)), 0.0) for b in self.letters]
                for a in self.letters
            ],
            dtype=np.float64,
        )

    @property
    def dx(self) -> float:
        """Lattice spacing (tau_osc)."""
        return self.lattice.box / self.lattice.sites

    @property
    def mass(self) -> float:
        """m tau_osc."""
        return self.background.oscillation_condition

    @pydantic.model_validator(mode="before")
    @classmethod
    def _default_start(cls, value: Any) -> Any:
        if not isinstance(value, dict) or _lookup(value, ("background", "kind")) != "radiation":
            return value
        initial = value.get("initial")
        initial = {} if initial is None else initial
        if isinstance(initial, Initial):
            initial = initial.model_dump()
        if not isinstance(initial, dict) or initial.get("a_start") is not None:
            return value
        return {**value, "initial": {**initial, "a_start": DEFAULT_A_START}}

    @pydantic.model_validator(mode="after")
    def _consistent(self) -> Config:
        issues = list(cross_field_issues(self.model_dump()))
        if issues:
            message = "; ".join(issue.message for issue in issues)
            raise PydanticCustomError(
                "inconsistent", "{message}", {"message": message, "issues": issues}
            )
        return self


# ---- Checks that need more than one key. ----


class _Unknown:
    """The value of a key that has a problem of its own."""


UNKNOWN = _Unknown()


@dataclass(frozen=True)
class Issue:
    """A contradiction between keys; the first path is the one to name."""

    paths: tuple[KeyPath, ...]
    message: str
    at_key: bool = False


_CHECKS: list[tuple[tuple[KeyPath, ...], Callable[..., Iterator[Issue]]]] = []


def _check(*keys: str) -> Callable[[Callable[..., Iterator[Issue]]], None]:
    def register(function: Callable[..., Iterator[Issue]]) -> None:
        _CHECKS.append((tuple(tuple(key.split(".")) for key in keys), function))

    return register


def cross_field_issues(data: dict[str, Any]) -> Iterator[Issue]:
    """The contradictions between keys in plain data; keys whose value is UNKNOWN are left alone."""
    for paths, function in _CHECKS:
        values = [_lookup(data, path) for path in paths]
        if not any(value is UNKNOWN for value in values):
            yield from function(*values)


def _lookup(data: Any, path: KeyPath) -> Any:
    """The value at a path of section names, or its default, or UNKNOWN."""
    section: Any = Config
    for part in path:
        data = {} if data is None else data
        if isinstance(data, pydantic.BaseModel):
            data = data.model_dump()
        if not isinstance(data, dict):
            return UNKNOWN
        info = section.model_fields[part]
        if part in data:
            data = data[part]
        elif info.is_required():
            return UNKNOWN
        else:
            data = info.get_default(call_default_factory=True)
        section = info.annotation
    return UNKNOWN if data is PydanticUndefined else data


def _shown(value: float) -> str:
    return repr(float(value)).removesuffix(".0")


@_check("model.fields", "model.couplings")
def _fields_and_couplings(fields: Any, couplings: Any) -> Iterator[Issue]:
    at: KeyPath = ("model", "fields")
    fields = {} if fields is None else fields
    if not fields:
        yield Issue((at,), "at least one field is needed, for example fields: {X: {role: dark}}")
        return
    photons = [k for k, v in fields.items() if isinstance(v, dict) and v.get("role") == "photon"]
    for letter in photons[1:]:
        yield Issue(((*at, letter, "role"),), f"{photons[0]} is the photon already: one at most")
    for pair in couplings or {}:
        missing = sorted(set(pair) - set(fields))
        if re.fullmatch("[A-Z]{2}", pair) and pair[0] <= pair[1] and missing:
            yield Issue(
                (("model", "couplings", pair),),
                f"no field {one_of(missing)} is declared under model.fields, which has "
                f"{one_of(sorted(fields), 'and')}: declare it, or leave the coupling out",
                at_key=True,
            )


@_check("model.alp.potential", "model.alp.theta_initial")
def _angle(potential: str, theta: float) -> Iterator[Issue]:
    if potential == "cosine" and abs(theta) >= math.pi:
        yield Issue(
            (("model", "alp", "theta_initial"), ("model", "alp", "potential")),
            "must lie between -pi and pi, at neither, for the cosine potential, "
            f"found {_shown(theta)}",
        )


@_check("background.kind", "initial.a_start", "time.a_end", "time.tau_end")
def _range_of_time(
    kind: str, a_start: float | None, a_end: float | None, tau_end: float | None
) -> Iterator[Issue]:
    start, kind_at = ("initial", "a_start"), ("background", "kind")
    ends = {key: end for key, end in (("a_end", a_end), ("tau_end", tau_end)) if end is not None}
    static = kind == "static"
    if not ends:
        wanted = "tau_end" if static else "one of a_end and tau_end"
        yield Issue(
            (("time",), ("time", "a_end"), ("time", "tau_end")),
            f"{wanted} is needed, for example {'tau_end' if static else 'a_end'}: 8",
            at_key=True,
        )
    if static and a_start is not None:
        yield Issue(
            (start, kind_at),
            "a static background starts at tau = 0, with a = 1 throughout: leave it out "
            "(on the command line, --set initial.a_start=null)",
        )
    if static and a_end is not None:
        yield Issue(
            (("time", "a_end"), kind_at),
            "a static background has a = 1 throughout: use tau_end "
            "(on the command line, --set time.a_end=null --set time.tau_end=...)",
        )
    elif len(ends) == 2:
        yield Issue(
            (("time", "tau_end"), ("time", "a_end")),
            "exactly one of a_end and tau_end is allowed: remove one "
            "(on the command line, --set time.tau_end=null or --set time.a_end=null)",
        )
    if static or len(ends) == 2:
        return
    first = DEFAULT_A_START if a_start is None else a_start
    for key, end in ends.items():
        if end <= first:
            yield Issue(
                (("time", key), start),
                f"must be greater than initial.a_start, which is {_shown(first)}, "
                f"found {_shown(end)} (in the radiation era a/a_osc = tau/tau_osc)",
            )


@_check("initial.kind", "initial.file")
def _initial_file(kind: str, file: object) -> Iterator[Issue]:
    at, kind_at = ("initial", "file"), ("initial", "kind")
    if kind == "file" and file is None:
        yield Issue((at, kind_at), "missing: kind: file needs one, for example file: start.h5")
    if kind != "file" and file is not None:
        yield Issue((at, kind_at), f"is only read with kind: file, but kind is {kind}")


@_check("background.kind", "initial.a_start", "time.a_end", "time.tau_end", "output.snapshots")
def _snapshots(
    kind: str, a_start: float | None, a_end: float | None, tau_end: float | None, snapshots: Any
) -> Iterator[Issue]:
    quantity, start = "tau", 0.0
    if kind == "radiation":
        quantity, start = "a", DEFAULT_A_START if a_start is None else a_start
    end = tau_end if kind == "static" or a_end is None else a_end
    previous = -math.inf
    for i, value in enumerate(snapshots or ()):
        if value is UNKNOWN:
            continue
        at: KeyPath = ("output", "snapshots", i)
        if value <= previous:
            yield Issue(
                (at,), f"must be greater than {_shown(previous)} before it, found {_shown(value)}"
            )
        elif end is not None and start < end and not start <= value <= end:
            others: tuple[KeyPath, ...] = (("time", "a_end"), ("time", "tau_end"))
            yield Issue(
                (at, *others, ("initial", "a_start")),
                f"the run goes from {quantity} = {_shown(start)} to {_shown(end)}, "
                f"found {_shown(value)}",
            )
        previous = max(previous, value)


# ---- The tree of keys, for messages and for tests. ----


def subkeys(annotation: object) -> dict[str, object]:
    """The keys below an annotation and their annotations; `*` stands for any letter or pair."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return {key: info.annotation for key, info in annotation.model_fields.items()}
    if get_origin(annotation) is dict:
        return {"*": get_args(annotation)[1]}
    return {}


def key_paths(annotation: object = Config) -> Iterator[tuple[str, ...]]:
    """Every key of the schema, sections included, as a path."""
    for key, below in subkeys(annotation).items():
        yield (key,)
        yield from ((key, *rest) for rest in key_paths(below))


def example(path: KeyPath) -> str:
    """What to write for a required key."""
    section: Any = Config
    for part in path[:-1]:
        keys = subkeys(section)
        section = keys["*"] if "*" in keys else keys[str(part)]
    (text,) = section.model_fields[path[-1]].examples
    return str(text)

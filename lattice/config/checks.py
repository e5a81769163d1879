"""Checks of a configuration that need more than one key."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Any, get_args, get_origin

import pydantic
from pydantic_core import PydanticUndefined

from darklat.lattice.config.problems import UNKNOWN, KeyPath, one_of

DEFAULT_A_START = 0.5  # in units of a_osc; radiation only
DEFAULT_CONDITION = 3.0  # m/H at a_osc
COURANT_WITHOUT_ALP = 0.05  # the same rotations of a linear field for the whole run: phases add up
THOMSON = ("thomson", "thomson_thermal")  # the conductivities that follow from the temperature


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


def contradictions(schema: type[pydantic.BaseModel], data: dict[str, Any]) -> Iterator[Issue]:
    """The contradictions between keys in plain data; keys whose value is UNKNOWN are left alone.

    `schema` is the model of the whole configuration, which knows the defaults.
    """
    for paths, function in _CHECKS:
        values = [lookup(schema, data, path) for path in paths]
        if not any(value is UNKNOWN for value in values):
            yield from function(*values)


def lookup(schema: type[pydantic.BaseModel], data: Any, path: KeyPath) -> Any:
    """The value at a path of section names, or its default by the schema, or UNKNOWN."""
    section: Any = schema
    for part in path:
        data = {} if data is None else data
        if isinstance(data, pydantic.BaseModel):
            data = data.model_dump()
        if not isinstance(data, dict):
            return UNKNOWN
        info = section_of(section).model_fields[part]
        if part in data:
            data = data[part]
        elif info.is_required():
            return UNKNOWN
        else:
            data = info.get_default(call_default_factory=True)
        section = info.annotation
    return UNKNOWN if data is PydanticUndefined else data


def section_of(annotation: Any) -> Any:
    """T of an annotation `T | None`, and any other as it is."""
    if get_origin(annotation) is not UnionType:
        return annotation
    return next(t for t in get_args(annotation) if t is not type(None))


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
        yield Issue(
            ((*at, letter, "role"), (*at, photons[0], "role")),
            f"{photons[0]} is the photon already, and there is one at most: use role: dark",
        )
    for pair in couplings or {}:
        missing = sorted(set(pair) - set(fields))
        if re.fullmatch("[A-Z]{2}", pair) and pair[0] <= pair[1] and missing:
            yield Issue(
                (("model", "couplings", pair),),
                f"no field {one_of(missing)} is declared under model.fields, which has "
                f"{one_of(sorted(fields), 'and')}: declare it, or leave the coupling out",
                at_key=True,
            )


def _media(fields: Any) -> Iterator[tuple[str, KeyPath, str, dict[str, Any]]]:
    """Letter, path, kind and keys of every conductivity whose kind has no problem of its own."""
    for letter, field in (fields or {}).items():
        medium = field.get("conductivity") if isinstance(field, dict) else None
        if isinstance(medium, dict) and isinstance(kind := medium.get("kind", "zero"), str):
            yield letter, ("model", "fields", letter, "conductivity"), kind, medium


def _conducting(fields: Any) -> list[tuple[str, KeyPath, str]]:
    """Letter, path of the kind, and kind of every conductivity other than zero."""
    return [
        (x, (*at, "kind"), kind)
        for x, at, kind, medium in _media(fields)
        if kind != "zero" and medium.get("value") != 0
    ]


@_check("model.fields")
def _keys_of_a_conductivity(fields: Any) -> Iterator[Issue]:
    for _, at, kind, medium in _media(fields):
        if kind == "constant" and medium.get("value") is None:
            yield Issue(
                ((*at, "value"), (*at, "kind")),
                "missing: kind: constant needs one, the conformal conductivity in 1/tau_osc, "
                "for example value: 1e16",
            )
        for key, kinds in (("value", ("constant",)), ("electrons_per_photon", THOMSON)):
            if medium.get(key) is not None and kind not in kinds:
                path: KeyPath = (*at, key)
                yield Issue(
                    (path, (*at, "kind")),
                    f"is only used with kind: {one_of(kinds)}, but kind is {kind}: change kind, or "
                    f"leave this out (on the command line, --set {'.'.join(map(str, path))}=null)",
                )


@_check("model.fields")
def _one_conducting_field(fields: Any) -> Iterator[Issue]:
    conducting = _conducting(fields)
    for _, at, kind in conducting[1:]:
        first, first_at, _ = conducting[0]
        yield Issue(
            (at, first_at),
            f"at most one field can conduct, and {first} does already: use kind: zero for one of "
            f"them, found {kind}",
        )


@_check("model.fields")
def _feedback_of_a_conducting_field(fields: Any) -> Iterator[Issue]:
    conducting = [x for x, _, _ in _conducting(fields)]
    for letter, field in (fields or {}).items():
        off = isinstance(field, dict) and field.get("back_reaction") is False
        if off and letter not in conducting:
            yield Issue(
                (("model", "fields", letter, "back_reaction"),),
                f"only that of a conducting field can be left out, and {letter} has no "
                "conductivity: give it one, or leave this out",
            )


def _massive(fields: Any) -> Iterator[tuple[str, KeyPath]]:
    """Letter and decisive key of every field with a mass or a plasma."""
    for letter, field in (fields or {}).items():
        if isinstance(field, dict):
            plasma = field.get("plasma")
            mass = field.get("mass_eV")
            if isinstance(plasma, dict) and plasma.get("kind", "none") != "none":
                yield letter, ("model", "fields", letter, "plasma", "kind")
            elif isinstance(mass, int | float) and mass > 0:
                yield letter, ("model", "fields", letter, "mass_eV")


# Of every kind of plasma the keys that it needs, with an example, and those that it may have.
_OF_A_PLASMA: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "none": ({}, ()),
    "constant": ({"omega_p": "10"}, ("nu", "profile")),
    "screening": (
        {"a_cascade": "0.01", "a_plasma": "0.05", "omega_plasma": "400"},
        ("nu_over_omega_p", "profile"),
    ),
    "freeze_out": (
        {"a_fo": "0.5", "omega_fo": "100", "remaining": "1e-3"},
        ("nu_over_omega_p", "profile"),
    ),
    "table": ({"file": "plasma.txt"}, ("profile",)),
    "pairs": ({"charge": "0.1", "fermion_mass_eV": "1e-3"}, ("nu",)),
}


@_check("model.fields")
def _keys_of_a_plasma(fields: Any) -> Iterator[Issue]:
    uses: dict[str, list[str]] = {}
    for kind, (needed, optional) in _OF_A_PLASMA.items():
        for key in (*needed, *optional):
            uses.setdefault(key, []).append(kind)
    for letter, field in (fields or {}).items():
        plasma = field.get("plasma") if isinstance(field, dict) else None
        if not isinstance(plasma, dict) or (kind := plasma.get("kind", "none")) not in _OF_A_PLASMA:
            continue
        at: KeyPath = ("model", "fields", letter, "plasma")
        for key, example in _OF_A_PLASMA[kind][0].items():
            if plasma.get(key) is None:
                yield Issue(
                    ((*at, key), (*at, "kind")),
                    f"missing: kind: {kind} needs one, for example {key}: {example}",
                )
        for key, kinds in uses.items():
            if plasma.get(key) is not None and kind not in kinds:
                yield Issue(
                    ((*at, key), (*at, "kind")),
                    f"is only used with kind: {one_of(kinds)}, but kind is {kind}: change kind, or "
                    "leave this out",
                )
        share = plasma.get("remaining")
        if isinstance(share, int | float) and share > 1:
            yield Issue(
                ((*at, "remaining"),),
                f"is the share of the charges that survives: at most 1, found {_shown(share)}",
            )


@_check("model.fields", "background.kind")
def _pairs(fields: Any, background: str) -> Iterator[Issue]:
    for letter, field in (fields or {}).items():
        plasma = field.get("plasma") if isinstance(field, dict) else None
        if isinstance(plasma, dict) and plasma.get("kind") == "pairs" and background == "static":
            yield Issue(
                (("model", "fields", letter, "plasma", "kind"), ("background", "kind")),
                "charges are accelerated over a Hubble time, and a static background has none: use "
                "background.kind: radiation, or kind: constant",
            )


@_check("model.fields", "initial.kind", "initial.hubble_GeV", "background.kind")
def _inflation(fields: Any, kind: str, hubble: float | None, background: str) -> Iterator[Issue]:
    at: KeyPath = ("initial", "kind")
    if kind != "inflation":
        if hubble is not None:
            yield Issue(
                (("initial", "hubble_GeV"), at),
                f"is only used with kind: inflation, but kind is {kind}: change kind, or leave "
                "this out",
            )
        return
    if hubble is None:
        yield Issue(
            (("initial", "hubble_GeV"), at),
            "missing: kind: inflation needs one, the Hubble rate of inflation, for example "
            "hubble_GeV: 1e13",
        )
    if background == "static":
        yield Issue(
            (at, ("background", "kind")),
            "inflation is followed by radiation: use background.kind: radiation, or kind: vacuum",
        )
    # a mass that is wrong in itself has its own message
    masses = [f.get("mass_eV") for f in (fields or {}).values() if isinstance(f, dict)]
    if not any(masses):
        yield Issue(
            (at,),
            "inflation leaves nothing of massless fields: give one a mass_eV, or use kind: vacuum",
        )


@_check("model.fields", "time.scheme")
def _what_a_massive_field_can_have(fields: Any, scheme: str) -> Iterator[Issue]:
    conducting = [x for x, _, _ in _conducting(fields)]
    for letter, at in _massive(fields):
        if letter in conducting:
            yield Issue(
                (at,),
                f"{letter} has a conductivity, and a field that conducts has no mass and no "
                "plasma: use plasma.nu for Ohmic losses of a massive field, or leave this out",
            )
        if scheme != "strang":
            yield Issue(
                (("time", "scheme"), at),
                f"only strang steps a massive field, and {letter} is one: use scheme: strang",
            )


@_check("model.fields", "background.kind")
def _temperature(fields: Any, background: str) -> Iterator[Issue]:
    for _, at, kind in _conducting(fields):
        if kind in THOMSON and background == "static":
            yield Issue(
                (at, ("background", "kind")),
                f"{kind} follows the temperature of the radiation, and a static background has no "
                "temperature: use kind: constant, or background.kind: radiation",
            )


@_check("model.fields", "time.scheme")
def _scheme_of_a_conducting_field(fields: Any, scheme: str) -> Iterator[Issue]:
    for letter, at, kind in _conducting(fields)[:1]:
        if scheme != "strang":
            yield Issue(
                (("time", "scheme"), at),
                f"only strang steps a conducting field, and {letter} has the conductivity {kind} "
                f"(a step of {scheme} would have to resolve 1/sigma): use scheme: strang, or the "
                "conductivity zero",
            )


@_check("model.alp", "lattice.precision")
def _single_precision(alp: Any, precision: str) -> Iterator[Issue]:
    if alp is None and precision == "float32":
        yield Issue(
            (("lattice", "precision"), ("model", "alp")),
            "float32 holds fields that are measured in an ALP's f; without an ALP, what inflation "
            "leaves in 1/tau_* is beyond its largest number: use float64",
        )


@_check("model.alp", "units", "model.couplings", "background.oscillation_condition")
def _what_sets_the_units(
    alp: Any, units: Any, couplings: Any, condition: float | None
) -> Iterator[Issue]:
    at, alp_at = ("units",), ("model", "alp")
    if alp is not None:
        if units is not None:
            yield Issue(
                (at, alp_at),
                "is for a model without an ALP, whose mass sets the units otherwise: leave it "
                "out, or take model.alp out (on the command line, --set units=null or "
                "--set model.alp=null)",
                at_key=True,
            )
        return
    if units is None:
        yield Issue(
            (alp_at, at),
            "missing; write for example alp: {mass_eV: 1e-17, f_GeV: 1e16}, or, for a model "
            "without an ALP, units: {hubble_eV: 1e-17} beside model",
        )
        return
    for pair in couplings or {}:
        yield Issue(
            (("model", "couplings", pair), alp_at),
            "couples fields to an ALP, and the model has none: leave it out, or give the model "
            "an alp (on the command line, --set model.couplings=null)",
            at_key=True,
        )
    if condition is not None:
        yield Issue(
            (("background", "oscillation_condition"), alp_at),
            "is m/H of an ALP, and the model has none: leave it out; units.hubble_eV is the "
            "Hubble rate at a = 1",
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


@_check("model.alp", "model.fields", "background.kind", "initial.kind", "initial.linear_until")
def _models_of_the_linear_phase(
    alp: Any, fields: Any, background: str, kind: str, until: float | str | None
) -> Iterator[Issue]:
    at: KeyPath = ("initial", "linear_until")
    if until is None:
        return
    if alp is None:
        yield Issue(
            (at, ("model", "alp")),
            "the linear phase is that of fields which an ALP makes grow, and the model has none: "
            "leave this out",
        )
    if kind != "vacuum":
        yield Issue(
            (at, ("initial", "kind")),
            f"the linear phase starts from the vacuum of massless fields, and kind is {kind}: use "
            "kind: vacuum, or leave this out",
        )
    if background == "static":
        yield Issue(
            (at, ("background", "kind")),
            "is a scale factor, and a static background has a = 1 throughout: leave this out",
        )
    for letter, field_at in _massive(fields):
        yield Issue(
            (at, field_at),
            f"the linear phase solves the modes of massless fields, and {letter} has a mass or a "
            "plasma: leave this out",
        )


@_check("initial.a_start", "initial.linear_until", "time.a_end", "time.tau_end", "output.snapshots")
def _times_of_the_linear_phase(
    a_start: float | None,
    until: float | str | None,
    a_end: float | None,
    tau_end: float | None,
    snapshots: Any,
) -> Iterator[Issue]:
    at: KeyPath = ("initial", "linear_until")
    if until is None:
        return
    first = next((x for x in snapshots or () if x is not UNKNOWN), None)
    if until == "auto" or not isinstance(until, int | float):
        if until == "auto" and first is not None:
            yield Issue(
                (("output", "snapshots"), at),
                "snapshots need a run whose linear phase ends at a known time: use a number for "
                "initial.linear_until",
            )
        return
    start = DEFAULT_A_START if a_start is None else a_start
    ends = [end for end in (a_end, tau_end) if end is not None]
    if until <= start or (len(ends) == 1 and until >= ends[0]):
        yield Issue(
            (at, ("initial", "a_start"), ("time", "a_end"), ("time", "tau_end")),
            f"must lie between the start, a = {_shown(start)}, and the end of the run, found "
            f"{_shown(until)}",
        )
    elif first is not None and first < until:
        yield Issue(
            (("output", "snapshots", 0), at),
            "there are no snapshots of the linear phase, which initial.linear_until ends at a = "
            f"{_shown(until)}, found {_shown(first)}",
        )


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

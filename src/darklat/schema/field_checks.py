"""The combinations that fields can have: roles, couplings, conductivities, masses and plasmas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from darklat.physics.background import expands
from darklat.schema.contradictions import Check, Issue, KeysOfAKind, check, keys_of_kinds, shown
from darklat.schema.yaml.problems import one_of
from darklat.schema.yaml.text import KeyPath

THOMSON = ("thomson", "thomson_thermal")  # the conductivities that follow from the temperature

SPLITTINGS = ("strang", "blanes_moan")  # the schemes that are made of flows
_SPLITTINGS = one_of(SPLITTINGS, "and")

CHECKS: list[Check] = []


@check(CHECKS, "model.fields", "model.couplings")
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


def conducting(fields: Any) -> list[tuple[str, KeyPath, str]]:
    """Letter, path of the kind, and kind of every conductivity other than zero."""
    return [
        (x, (*at, "kind"), kind)
        for x, at, kind, medium in _media(fields)
        if kind != "zero" and medium.get("value") != 0
    ]


@check(CHECKS, "model.fields")
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


@check(CHECKS, "model.fields")
def _one_conducting_field(fields: Any) -> Iterator[Issue]:
    found = conducting(fields)
    for _, at, kind in found[1:]:
        first, first_at, _ = found[0]
        yield Issue(
            (at, first_at),
            f"at most one field can conduct, and {first} does already: use kind: zero for one of "
            f"them, found {kind}",
        )


@check(CHECKS, "model.fields")
def _feedback_of_a_conducting_field(fields: Any) -> Iterator[Issue]:
    letters = [x for x, _, _ in conducting(fields)]
    for letter, field in (fields or {}).items():
        off = isinstance(field, dict) and field.get("back_reaction") is False
        if off and letter not in letters:
            yield Issue(
                (("model", "fields", letter, "back_reaction"),),
                f"only that of a conducting field can be left out, and {letter} has no "
                "conductivity: give it one, or leave this out",
            )


def massive_fields(fields: Any) -> Iterator[tuple[str, KeyPath]]:
    """Letter and decisive key of every field with a mass or a plasma."""
    for letter, field in (fields or {}).items():
        if isinstance(field, dict):
            plasma = field.get("plasma")
            mass = field.get("mass_eV")
            if isinstance(plasma, dict) and plasma.get("kind", "none") != "none":
                yield letter, ("model", "fields", letter, "plasma", "kind")
            elif isinstance(mass, int | float) and mass > 0:
                yield letter, ("model", "fields", letter, "mass_eV")


_PLASMAS = {
    "none": KeysOfAKind({}),
    "constant": KeysOfAKind({"omega_p": "10"}, ("nu", "profile")),
    "screening": KeysOfAKind(
        {"a_cascade": "0.01", "a_plasma": "0.05", "omega_plasma": "400"},
        ("nu_over_omega_p", "profile"),
    ),
    "freeze_out": KeysOfAKind(
        {"a_fo": "0.5", "omega_fo": "100", "remaining": "1e-3"},
        ("nu_over_omega_p", "profile"),
    ),
    "table": KeysOfAKind({"file": "plasma.txt"}, ("profile",)),
    "pairs": KeysOfAKind({"charge": "0.1", "fermion_mass_eV": "1e-3"}, ("nu",)),
}


@check(CHECKS, "model.fields")
def _keys_of_a_plasma(fields: Any) -> Iterator[Issue]:
    for letter, field in (fields or {}).items():
        plasma = field.get("plasma") if isinstance(field, dict) else None
        if not isinstance(plasma, dict):
            continue
        at: KeyPath = ("model", "fields", letter, "plasma")
        yield from keys_of_kinds(_PLASMAS, plasma, at, default="none")
        share = plasma.get("remaining")
        if isinstance(share, int | float) and share > 1:
            yield Issue(
                ((*at, "remaining"),),
                f"is the share of the charges that survives: at most 1, found {shown(share)}",
            )


@check(CHECKS, "model.fields", "background.kind")
def _pairs(fields: Any, background: str) -> Iterator[Issue]:
    for letter, field in (fields or {}).items():
        plasma = field.get("plasma") if isinstance(field, dict) else None
        if isinstance(plasma, dict) and plasma.get("kind") == "pairs" and not expands(background):
            yield Issue(
                (("model", "fields", letter, "plasma", "kind"), ("background", "kind")),
                "charges are accelerated over a Hubble time, and a static background has none: use "
                "background.kind: radiation, or kind: constant",
            )


@check(CHECKS, "model.fields", "time.scheme")
def _what_a_massive_field_can_have(fields: Any, scheme: str) -> Iterator[Issue]:
    letters = [x for x, _, _ in conducting(fields)]
    for letter, at in massive_fields(fields):
        if letter in letters:
            yield Issue(
                (at,),
                f"{letter} has a conductivity, and a field that conducts has no mass and no "
                "plasma: use plasma.nu for Ohmic losses of a massive field, or leave this out",
            )
        if scheme not in SPLITTINGS:
            yield Issue(
                (("time", "scheme"), at),
                f"only {_SPLITTINGS} step a massive field, and {letter} is one: use scheme: strang",
            )
        elif scheme != "strang" and _collides(fields[letter]):
            yield Issue(
                (("time", "scheme"), ("model", "fields", letter, "plasma")),
                f"a part of each step of {scheme} goes back in time, and collisions in the plasma "
                f"of {letter} cannot: use scheme: strang, or a plasma without them (neither nu nor "
                "nu_over_omega_p, no table and no pairs)",
            )


def _collides(field: dict[str, Any]) -> bool:
    """Whether the plasma of a massive field loses energy, or may do so by what its file says."""
    plasma = field.get("plasma")
    if not isinstance(plasma, dict):
        return False
    rates = (plasma.get("nu"), plasma.get("nu_over_omega_p"))
    return plasma.get("kind") in ("table", "pairs") or any(rate not in (None, 0) for rate in rates)


@check(CHECKS, "model.fields", "time.scheme")
def _scheme_of_a_conducting_field(fields: Any, scheme: str) -> Iterator[Issue]:
    for letter, at, kind in conducting(fields)[:1]:
        if scheme not in SPLITTINGS:
            yield Issue(
                (("time", "scheme"), at),
                f"only {_SPLITTINGS} step a conducting field, and {letter} has the conductivity "
                f"{kind} (a step of {scheme} would have to resolve 1/sigma): use scheme: strang, "
                "or the conductivity zero",
            )

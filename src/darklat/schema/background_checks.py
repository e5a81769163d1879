"""The checks of the keys of the expansion, and of the keys that not every expansion allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from darklat.physics.background import HOT
from darklat.schema.contradictions import Check, Issue, KeysOfAKind, check, keys_of_kinds, shown
from darklat.schema.field_checks import THOMSON, conducting
from darklat.schema.yaml.problems import one_of
from darklat.schema.yaml.text import KeyPath

CHECKS: list[Check] = []

_KINDS = {
    "radiation": KeysOfAKind({}),
    "static": KeysOfAKind({}),
    "power_law": KeysOfAKind({"w": "0"}),
    "radiation_matter": KeysOfAKind({}, ("a_eq",)),
    "thermal": KeysOfAKind({}),
    "table": KeysOfAKind({"file": "expansion.txt"}),
    "friedmann": KeysOfAKind({}, ("fluids",)),
}


@check(CHECKS, "background")
def _keys(section: Any) -> Iterator[Issue]:
    if isinstance(section, dict):  # an empty list of fluids is none
        section = {key: None if value in ((), []) else value for key, value in section.items()}
    yield from keys_of_kinds(_KINDS, section, ("background",), default="radiation")


@check(CHECKS, "background.w")
def _decelerates(w: float | None) -> Iterator[Issue]:
    if w is not None and w <= -1 / 3:
        yield Issue(
            (("background", "w"),),
            "must be greater than -1/3, with which the expansion neither slows down nor begins at "
            f"tau = 0, found {shown(w)}",
        )


@check(CHECKS, "model.fields", "background.kind")
def _temperature(fields: Any, background: str) -> Iterator[Issue]:
    for _, at, kind in conducting(fields):
        if kind in THOMSON and background not in HOT:
            yield Issue(
                (at, ("background", "kind")),
                f"{kind} follows the temperature of the radiation, and a background of kind "
                f"{background} has none: use kind: constant, or background.kind: {one_of(HOT)}",
            )


@check(CHECKS, "background.kind", "time.scheme", "model.fields")
def _self_consistent(kind: str, scheme: str, fields: Any) -> Iterator[Issue]:
    kind_at: KeyPath = ("background", "kind")
    if kind != "friedmann":
        return
    if scheme != "strang":
        yield Issue(
            (("time", "scheme"), kind_at),
            "only strang steps the scale factor of a background of kind friedmann: use scheme: "
            "strang",
        )
    for letter, field in (fields or {}).items():
        plasma = field.get("plasma") if isinstance(field, dict) else None
        if isinstance(plasma, dict) and plasma.get("kind", "none") != "none":
            yield Issue(
                (("model", "fields", letter, "plasma", "kind"), kind_at),
                "the energy of a plasma is not known, and a background of kind friedmann expands "
                "by all energies: use kind: none, or another background",
            )

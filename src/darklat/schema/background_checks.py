"""The checks of the keys of the expansion, and of the keys that not every expansion allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from darklat.physics.background import HOT
from darklat.schema.contradictions import Check, Issue, KeysOfAKind, check, keys_of_kinds, shown
from darklat.schema.field_checks import THOMSON, conducting
from darklat.schema.yaml.problems import one_of

CHECKS: list[Check] = []

_KINDS = {
    "radiation": KeysOfAKind({}),
    "static": KeysOfAKind({}),
    "power_law": KeysOfAKind({"w": "0"}),
    "radiation_matter": KeysOfAKind({}, ("a_eq",)),
    "thermal": KeysOfAKind({}),
    "table": KeysOfAKind({"file": "expansion.txt"}),
}


@check(CHECKS, "background")
def _keys(section: Any) -> Iterator[Issue]:
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

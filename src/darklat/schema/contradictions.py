"""Values that are right by themselves and contradict each other.

A check is a function of the values of several keys; `field_checks` and `run_checks` hold them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, get_args, get_origin

import pydantic
from pydantic_core import PydanticUndefined

from darklat.schema.yaml.problems import UNKNOWN, one_of
from darklat.schema.yaml.text import KeyPath


@dataclass(frozen=True)
class Issue:
    """A contradiction between keys; the first path is the one to name. column: characters of its
    value before the fault, where that is a text."""

    paths: tuple[KeyPath, ...]
    message: str
    at_key: bool = False
    column: int | None = None


@dataclass(frozen=True)
class Check:
    """The keys whose values `function` takes, and the function. `of_a_beginning`: it asks for the
    limits of this darklat, which a run that was begun by another need not keep."""

    paths: tuple[KeyPath, ...]
    function: Callable[..., Iterator[Issue]]
    of_a_beginning: bool = False


def check(
    checks: list[Check], *keys: str, of_a_beginning: bool = False
) -> Callable[[Callable[..., Iterator[Issue]]], Callable[..., Iterator[Issue]]]:
    """Adds the function below it to `checks`, as one of the values of these dotted keys."""

    def register(function: Callable[..., Iterator[Issue]]) -> Callable[..., Iterator[Issue]]:
        paths = tuple(tuple(key.split(".")) for key in keys)
        checks.append(Check(paths, function, of_a_beginning))
        return function

    return register


def above(checks: list[Check], key: str, other: str) -> None:
    """Adds the check that the number of one dotted key is greater than that of another."""

    def compare(value: float, least: float) -> Iterator[Issue]:
        if value <= least:
            yield Issue(
                (tuple(key.split(".")), tuple(other.split("."))),
                f"must be greater than {other}, which is {shown(least)}, found {shown(value)}",
            )

    check(checks, key, other)(compare)


def contradictions(
    checks: Iterable[Check], schema: type[pydantic.BaseModel], data: dict[str, Any]
) -> Iterator[Issue]:
    """The contradictions between keys in plain data; keys whose value is UNKNOWN are left alone.

    `schema` is the model of the whole configuration, which knows the defaults.
    """
    for one in checks:
        values = [lookup(schema, data, path) for path in one.paths]
        if not any(value is UNKNOWN for value in values):
            yield from one.function(*values)


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
    """T of an annotation `T | None`, the section of one that may be a text instead, and any other
    as it is."""
    if get_origin(annotation) is not UnionType:
        return annotation
    several = [t for t in get_args(annotation) if t is not type(None)]
    return next((t for t in several if issubclass(t, pydantic.BaseModel)), several[0])


@dataclass(frozen=True)
class KeysOfAKind:
    """The keys that a kind of a section needs, with an example of each value, and may have."""

    needed: dict[str, str]
    optional: tuple[str, ...] = ()


def keys_of_kinds(
    kinds: Mapping[str, KeysOfAKind], section: Any, at: KeyPath, *, default: str = ""
) -> Iterator[Issue]:
    """The missing keys of the kind of a section, and its keys of another kind.

    `section` is the plain data at the path `at`. Its `kind`, if left out, is `default`.
    """
    if not isinstance(section, dict) or (kind := section.get("kind", default)) not in kinds:
        return
    uses: dict[str, list[str]] = {}
    for name, keys in kinds.items():
        for key in (*keys.needed, *keys.optional):
            uses.setdefault(key, []).append(name)
    for key, value in kinds[kind].needed.items():
        if section.get(key) is None:
            yield Issue(
                ((*at, key), (*at, "kind")),
                f"missing: kind: {kind} needs one, for example {key}: {value}",
            )
    for key, names in uses.items():
        if section.get(key) is not None and kind not in names:
            yield Issue(
                ((*at, key), (*at, "kind")),
                f"is only used with kind: {one_of(names)}, but kind is {kind}: change kind, or "
                "leave this out",
            )


def shown(value: float) -> str:
    """A number as messages write it: 8, not 8.0."""
    return repr(float(value)).removesuffix(".0")

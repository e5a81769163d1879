"""The runs that one file makes by setting keys: their configurations, and the names of their
folders."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from darklat.schema.read import Origin, put, to_config
from darklat.schema.run import Config
from darklat.schema.yaml.document import Entry, Place, plain
from darklat.schema.yaml.problems import Problem
from darklat.schema.yaml.text import dotted

MOST_RUNS = 1000  # a cluster's queue often takes 1001 tasks in an array
_LONGEST_WORD = 40
_LONGEST_NAME = 150


@dataclass(frozen=True)
class Member:
    """One run of a sweep: the name of its folder, the values that the sweep sets by dotted key, and
    its configuration."""

    name: str
    values: dict[str, Any]
    config: Config
    origin: Origin


@dataclass(frozen=True)
class Axis:
    """A key that is set, and its values."""

    path: tuple[str, ...]
    place: Place
    values: list[Entry]


def member(
    name: str,
    origin: Origin,
    axes: Sequence[Axis],
    values: Sequence[Entry],
    base: Path,
    problems: list[Problem],
) -> Member | None:
    """The run with one value of each axis, or None with its faults added to `problems`."""
    found: list[Problem] = []
    config = _config(origin.root, axes, values, base, found)
    problems.extend(found)
    if config is None or found:
        return None
    by_key = {axis.path: value for axis, value in zip(axes, values, strict=True)}
    return Member(
        name,
        {dotted(path): plain(value) for path, value in by_key.items()},
        config,
        Origin(origin.path, origin.root, tuple((key, v.value) for key, v in by_key.items())),
    )


def _config(
    root: Entry,
    axes: Sequence[Axis],
    values: Sequence[Entry],
    base: Path,
    problems: list[Problem],
) -> Config | None:
    tree = copy.deepcopy(root)
    for axis, value in zip(axes, values, strict=True):
        put(tree, axis.path, copy.deepcopy(value), [axis.place] * len(axis.path), problems)
    return to_config(tree, base, problems, [axis.path for axis in axes])


def short_names(axes: Sequence[Axis]) -> list[str]:
    """The shortest ends of the dotted keys that tell them apart: mass_eV, or alp.mass_eV."""
    names = []
    for axis in axes:
        others = [other.path for other in axes if other is not axis]
        length = next(
            n
            for n in range(1, len(axis.path) + 1)
            if all(other[-n:] != axis.path[-n:] for other in others)
        )
        names.append(".".join(axis.path[-length:]))
    return names


def folder_name(keys: Sequence[str], values: Sequence[Any]) -> str:
    """The folder of a run: of letters, digits and . _ + - = , alone, and the same whatever the
    order of the lists."""
    name = ",".join(f"{key}={_word(value)}" for key, value in zip(keys, values, strict=True))
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 7]}-{_digest(name)}"


def _word(value: Any) -> str:
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 128:
        return f"integer-{_digest(hex(value))}"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    safe = re.sub(r"[^A-Za-z0-9.+-]+", "_", text)
    if re.sub("_+", "_", text) == text == safe and 0 < len(text) <= _LONGEST_WORD:
        return text
    return f"{safe.strip('_')[: _LONGEST_WORD - 7]}-{_digest(text)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]

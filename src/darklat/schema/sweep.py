"""A sweep: one configuration with lists of values, expanded to one configuration per run."""

from __future__ import annotations

import copy
import hashlib
import itertools
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from darklat.schema.read import (
    SWEEP,
    Origin,
    entries,
    folder_of,
    in_order,
    put,
    read_text,
    to_config,
    unknown_key,
)
from darklat.schema.run import Config
from darklat.schema.write import dump
from darklat.schema.yaml.document import Entry, Place, plain, problem_at
from darklat.schema.yaml.problems import UNKNOWN, Problem, describe
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
class Sweep:
    """Runs that differ in `keys` (dotted), the last of which changes fastest."""

    name: str
    keys: tuple[str, ...]
    runs: tuple[Member, ...]


@dataclass(frozen=True)
class _Axis:
    """A key of the sweep and its values."""

    path: tuple[str, ...]
    place: Place
    values: list[Entry]


def read(path: Path, overrides: Sequence[str] = ()) -> tuple[Config, Origin] | Sweep:
    """Read a configuration file of one run or of a sweep.

    Raises ConfigError with every problem found: in the text, in the keys and lists of the sweep,
    and in each of its runs. A value that is wrong is reported at its place in the list.
    """
    problems: list[Problem] = []
    root = entries(read_text(path), source=str(path), problems=problems, overrides=overrides)
    base = folder_of(Path(path))
    block = root.content.pop(SWEEP, None)
    if block is None:
        config = to_config(root, base, problems)
        if config is None or problems:
            raise in_order(problems, str(path), overrides)
        return config, Origin(path, root)
    axes = _axes(block, problems)
    if problems:
        raise in_order(problems, str(path), overrides)
    runs = _expand(Origin(path, root), axes, problems)
    if problems:
        raise in_order(problems, str(path), overrides)
    return Sweep(runs[0].config.name, tuple(dotted(axis.path) for axis in axes), tuple(runs))


def _axes(block: Entry, problems: list[Problem]) -> list[_Axis]:
    """The keys and lists of the block; their faults are added to `problems`."""
    at = (SWEEP,)
    if block.content is UNKNOWN:
        return []
    if not isinstance(block.content, dict) or not block.content:
        shown = "an empty one" if block.content == {} else describe(plain(block))
        message = (
            "must be a mapping from dotted keys to lists of values, such as "
            f"{{initial.seed: [1, 2, 3]}}, found {shown}"
        )
        problems.append(problem_at(block.value, at, message))
        return []
    axes: list[_Axis] = []
    for key, entry in block.content.items():
        axis = _Axis(tuple(key.split(".")), entry.key, entry.content)
        found = list(_wrong_key(axis, axes)) or list(_wrong_list(axis, entry))
        problems.extend(found)
        if not found:
            axes.append(axis)
    count = math.prod(len(axis.values) for axis in axes)
    if count > MOST_RUNS:
        lengths = " x ".join(str(len(axis.values)) for axis in axes)
        message = f"{lengths} values make {count} runs, and {MOST_RUNS} are allowed: shorten a list"
        problems.append(problem_at(block.key, at, message))
    return axes


def _wrong_key(axis: _Axis, before: list[_Axis]) -> Iterator[Problem]:
    path = axis.path
    if path[0] in ("name", SWEEP):
        message = "cannot be swept: the runs are told apart by the keys that differ"
        yield problem_at(axis.place, (SWEEP, *path), message)
        return
    yield from unknown_key(axis.place, path)
    for other in before:
        length = min(len(path), len(other.path))
        if path[:length] == other.path[:length]:
            message = (
                f"sets the same as {dotted(other.path)} on line {other.place.line}: remove one"
            )
            yield problem_at(axis.place, (SWEEP, *path), message)


def _wrong_list(axis: _Axis, entry: Entry) -> Iterator[Problem]:
    path = (SWEEP, *axis.path)
    if entry.content is UNKNOWN:
        return
    if not isinstance(entry.content, list):
        remark = ""
        if isinstance(entry.content, dict):
            remark = "; the keys of a sweep are written in full, as in model.alp.mass_eV: [1e-17]"
        message = f"must be a list of values, found {describe(plain(entry))}{remark}"
        yield problem_at(entry.value, path, message)
    elif not entry.content:
        yield problem_at(entry.value, path, "the list is empty: give it values, or remove the key")


def _expand(origin: Origin, axes: list[_Axis], problems: list[Problem]) -> list[Member]:
    """The runs; their faults are added to `problems`, each once."""
    names = _short_names(axes)
    chosen = list(itertools.product(*(axis.values for axis in axes)))
    runs: list[Member] = []
    wrong: dict[Problem, list[str]] = {}
    seen: dict[str, Sequence[Entry]] = {}
    for values in chosen:
        name = _name(names, [plain(value) for value in values])
        found: list[Problem] = []
        config = _member_config(origin.root, axes, values, folder_of(origin.path), found)
        for problem in found:
            wrong.setdefault(problem, []).append(name)
        if config is None or found:
            continue
        twin = seen.setdefault(dump(config), values)
        if twin is not values:
            problems.append(_twice(axes, values, twin))
        by_key = {axis.path: value for axis, value in zip(axes, values, strict=True)}
        swept = tuple((path, value.value) for path, value in by_key.items())
        runs.append(
            Member(
                name,
                {dotted(path): plain(value) for path, value in by_key.items()},
                config,
                Origin(origin.path, origin.root, swept),
            )
        )
    longest = max(len(axis.values) for axis in axes)
    for problem, where in wrong.items():
        # Of a value that is wrong in itself every run with it complains: that needs no example.
        example = "" if len(where) * longest >= len(chosen) else f" (in the run {where[0]})"
        problems.append(replace(problem, message=problem.message + example))
    problems[:] = dict.fromkeys(problems)
    return runs


def _member_config(
    root: Entry,
    axes: list[_Axis],
    values: Sequence[Entry],
    base: Path,
    problems: list[Problem],
) -> Config | None:
    tree = copy.deepcopy(root)
    for axis, value in zip(axes, values, strict=True):
        put(tree, axis.path, copy.deepcopy(value), [axis.place] * len(axis.path), problems)
    return to_config(tree, base, problems, [axis.path for axis in axes])


def _twice(axes: list[_Axis], values: Sequence[Entry], before: Sequence[Entry]) -> Problem:
    """The problem with a value that makes a run that is there already."""
    for axis, value, other in zip(axes, values, before, strict=True):
        if value is not other:
            at = f"line {other.value.line}, column {other.value.column}"
            message = f"gives the same run as the value at {at}: remove one"
            return problem_at(value.value, (SWEEP, *axis.path), message)
    raise AssertionError("two runs of a product are chosen from different values")


def _short_names(axes: list[_Axis]) -> list[str]:
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


def _name(keys: list[str], values: list[Any]) -> str:
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

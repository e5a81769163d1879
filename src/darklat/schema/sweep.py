"""A file with several runs: a sweep, one configuration with lists of values, or a ladder."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from darklat.schema.ladder import KEYS, Ladder, expand
from darklat.schema.members import MOST_RUNS, Axis, Member, folder_name, member, short_names
from darklat.schema.read import (
    CONVERGE,
    SEVERAL,
    SWEEP,
    Origin,
    entries,
    folder_of,
    in_order,
    to_config,
    unknown_key,
)
from darklat.schema.run import Config
from darklat.schema.texts import read_text
from darklat.schema.write import dump
from darklat.schema.yaml.document import Entry, plain, problem_at
from darklat.schema.yaml.problems import UNKNOWN, Problem, describe
from darklat.schema.yaml.text import dotted


@dataclass(frozen=True)
class Sweep:
    """Runs that differ in `keys` (dotted), the last of which changes fastest; or the runs of a
    ladder. `name` is that of its folder."""

    name: str
    keys: tuple[str, ...]
    runs: tuple[Member, ...]
    ladder: Ladder | None = None

    @property
    def block(self) -> str:
        """The key of the file that makes several runs of it."""
        return SWEEP if self.ladder is None else CONVERGE


def read(path: Path, overrides: Sequence[str] = ()) -> tuple[Config, Origin] | Sweep:
    """Read a configuration file of one run, of a sweep or of a ladder.

    Raises ConfigError with every problem found: in the text, in the keys and lists of the sweep,
    and in each of its runs. A value that is wrong is reported at its place in the list.
    """
    problems: list[Problem] = []
    root = entries(read_text(path), source=str(path), problems=problems, overrides=overrides)
    return _several(path, root, problems, overrides) or _one(path, root, problems, overrides)


def read_ladder(path: Path, overrides: Sequence[str] = ()) -> Sweep:
    """Read a configuration file as a ladder, with the default rungs where it has no such block.

    Raises ConfigError as `read`.
    """
    problems: list[Problem] = []
    root = entries(read_text(path), source=str(path), problems=problems, overrides=overrides)
    root.content.setdefault(CONVERGE, Entry(root.key, root.value, {}))
    found = _several(path, root, problems, overrides)
    assert found is not None  # it has a block
    return found


def _one(
    path: Path, root: Entry, problems: list[Problem], overrides: Sequence[str]
) -> tuple[Config, Origin]:
    config = to_config(root, folder_of(Path(path)), problems)
    if config is None or problems:
        raise in_order(problems, str(path), overrides)
    return config, Origin(path, root)


def _several(
    path: Path, root: Entry, problems: list[Problem], overrides: Sequence[str]
) -> Sweep | None:
    """The sweep or the ladder, or None for a file with neither."""
    blocks = {name: root.content.pop(name) for name in SEVERAL if name in root.content}
    if len(blocks) > 1:
        message = (
            "a sweep has no ladder: choose one of its runs with --set sweep=null and "
            "--set KEY=VALUE, or leave one of the two out"
        )
        problems.append(problem_at(blocks[CONVERGE].key, (CONVERGE,), message))
        raise in_order(problems, str(path), overrides)
    if SWEEP in blocks:
        return _swept(path, root, blocks[SWEEP], problems, overrides)
    if CONVERGE not in blocks:
        return None
    found = expand(Origin(path, root), blocks[CONVERGE], problems)
    if found is None or problems:
        raise in_order(problems, str(path), overrides)
    ladder, runs = found
    return Sweep(f"{runs[0].config.name}-convergence", KEYS, runs, ladder)


def _swept(
    path: Path, root: Entry, block: Entry, problems: list[Problem], overrides: Sequence[str]
) -> Sweep:
    axes = _axes(block, problems)
    if problems:
        raise in_order(problems, str(path), overrides)
    runs = _expand(Origin(path, root), axes, problems)
    if problems:
        raise in_order(problems, str(path), overrides)
    return Sweep(runs[0].config.name, tuple(dotted(axis.path) for axis in axes), tuple(runs))


def _axes(block: Entry, problems: list[Problem]) -> list[Axis]:
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
    axes: list[Axis] = []
    for key, entry in block.content.items():
        axis = Axis(tuple(key.split(".")), entry.key, entry.content)
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


def _wrong_key(axis: Axis, before: list[Axis]) -> Iterator[Problem]:
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


def _wrong_list(axis: Axis, entry: Entry) -> Iterator[Problem]:
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


def _expand(origin: Origin, axes: list[Axis], problems: list[Problem]) -> list[Member]:
    """The runs; their faults are added to `problems`, each once."""
    names = short_names(axes)
    chosen = list(itertools.product(*(axis.values for axis in axes)))
    runs: list[Member] = []
    wrong: dict[Problem, list[str]] = {}
    seen: dict[str, Sequence[Entry]] = {}
    for values in chosen:
        name = folder_name(names, [plain(value) for value in values])
        found: list[Problem] = []
        run = member(name, origin, axes, values, folder_of(origin.path), found)
        for problem in found:
            wrong.setdefault(problem, []).append(name)
        if run is None:
            continue
        twin = seen.setdefault(dump(run.config), values)
        if twin is not values:
            problems.append(_twice(axes, values, twin))
        runs.append(run)
    longest = max(len(axis.values) for axis in axes)
    for problem, where in wrong.items():
        # Of a value that is wrong in itself every run with it complains: that needs no example.
        example = "" if len(where) * longest >= len(chosen) else f" (in the run {where[0]})"
        problems.append(replace(problem, message=problem.message + example))
    problems[:] = dict.fromkeys(problems)
    return runs


def _twice(axes: list[Axis], values: Sequence[Entry], before: Sequence[Entry]) -> Problem:
    """The problem with a value that makes a run that is there already."""
    for axis, value, other in zip(axes, values, before, strict=True):
        if value is not other:
            at = f"line {other.value.line}, column {other.value.column}"
            message = f"gives the same run as the value at {at}: remove one"
            return problem_at(value.value, (SWEEP, *axis.path), message)
    raise AssertionError("two runs of a product are chosen from different values")

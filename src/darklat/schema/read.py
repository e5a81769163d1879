"""From YAML text to a Config, with a place in the text for every problem."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pydantic

from darklat.errors import ConfigError
from darklat.schema import packaged
from darklat.schema.contradictions import Issue
from darklat.schema.document import Document
from darklat.schema.keys import example
from darklat.schema.run import Config
from darklat.schema.section import FileKeys, Section
from darklat.schema.texts import read_text
from darklat.schema.unknown_keys import suggestion, unknown_key
from darklat.schema.yaml.document import (
    DEEPEST,
    Entry,
    Place,
    Reader,
    find,
    inside,
    plain,
    problem_at,
)
from darklat.schema.yaml.problems import UNKNOWN, Problem, describe, quoted
from darklat.schema.yaml.text import KeyPath, dotted, printable
from darklat.schema.yaml.values import Stored

SWEEP, CONVERGE = "sweep", "converge"
SEVERAL = {SWEEP: "a sweep", CONVERGE: "a ladder"}
"""The blocks that make several runs of a file."""

_Model = TypeVar("_Model", bound=FileKeys)


# ---- Overrides. ----


def _label(override: str) -> str:
    """The text in place of a file's name in the problems of an override."""
    return f"--set {override if len(override) <= 100 else override[:97] + '...'}"


def _override(root: Entry, override: str, problems: list[Problem]) -> None:
    """Put one `path=value` into the entries; the value null takes the key out."""
    file = _label(override)
    path_text, equals, value_text = override.partition("=")
    names = [name.strip() for name in path_text.split(".")]
    if not equals or not all(names) or len(names) > DEEPEST:
        message = "not of the form key=value, for example --set lattice.sites=32"
        problems.append(Problem(file, 1, 1, "", message))
        return
    if names[0] == SWEEP and len(names) > 1:
        names = [SWEEP, ".".join(names[1:])]  # a sweep's keys are dotted paths themselves
    path = tuple(names)
    value_place = Place(file, 1, len(path_text) + 2)
    reader = Reader(file, problems, path=path, first_column=value_place.column)
    before = len(problems)
    value = reader.read(value_text)
    if value is None:
        if len(problems) == before:
            message = "no value after the equals sign; null takes a key out of the file"
            problems.append(problem_at(value_place, path, message))
        return

    columns = [len(".".join(path_text.split(".")[:i])) + (2 if i else 1) for i in range(len(path))]
    put(root, path, value, [Place(file, 1, column) for column in columns], problems)


def put(
    root: Entry,
    path: tuple[str, ...],
    value: Entry,
    places: Sequence[Place],
    problems: list[Problem],
) -> None:
    """Put a value under a key of the entries, with its sections where there are none; the value
    null takes the key out. `places` are the places of the names in the path.
    """
    entry = root
    for i, name in enumerate(path):
        if entry.content is UNKNOWN:
            return
        if not isinstance(entry.content, dict | None):
            found = describe(plain(entry))
            message = f"{dotted(path[:i])} is {found}: set it as a whole"
            problems.append(problem_at(places[i], path, message))
            return
        content = entry.content = {} if entry.content is None else entry.content
        if value.content is None and (name not in content or i == len(path) - 1):
            if content.pop(name, None) is None:
                unknown = (unknown_key(place, path[: j + 1]) for j, place in enumerate(places))
                problems.extend(next(filter(None, unknown), []))
            return
        if i == len(path) - 1:
            content[name] = replace(value, key=places[i])
        else:
            entry = content.setdefault(name, Entry(places[i], places[i], {}))


# ---- Entries to a Config. ----


def validate(
    root: Entry,
    model: type[_Model],
    problems: list[Problem],
    given: Sequence[KeyPath] = (),
    *,
    stored: bool = False,
) -> _Model | None:
    """The model of the entries, or None with everything that is wrong added to `problems`.

    `given` are the keys that a sweep sets: a contradiction is reported at one of these. `stored` as
    for `loads`.
    """
    try:
        return model.model_validate(plain(root), context=Stored() if stored else None)
    except pydantic.ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    issues: list[Issue] = []
    data = plain(root)
    meant = {
        suggestion(tuple(one["loc"]), _known(model))[1]
        for one in errors
        if one["type"] == "extra_forbidden"
    }
    for one in errors:
        path: KeyPath = tuple(one["loc"])
        if one["type"] == "inconsistent":
            issues = one["ctx"]["issues"]
            continue
        entry, there = find(root, path)
        at_key = not there and path[-1] == "[key]"
        if at_key:
            path = path[:-1]
            entry, there = find(root, path)
        if one["type"] == "missing":
            # The report of a misspelt key names the probable key, so this is not reported too.
            if path not in meant:
                message = f"missing; write for example {example(path, model)}"
                problems.append(problem_at(entry.key, path, message))
        elif one["type"] == "extra_forbidden":
            problems.extend(unknown_key(entry.key, path, _known(model)))
        elif entry.content is not UNKNOWN:
            place = entry.key if at_key else entry.value
            problems.append(problem_at(place, path, one["msg"]))
            if not at_key:
                _blank(data, path)
    for meant_path in filter(None, meant):
        section = data
        for part in meant_path[:-1]:
            section = section[part]
        section.setdefault(meant_path[-1], UNKNOWN)
    if not issues:
        issues = model.issues(data, stored=stored)
    problems.extend(_place_issue(root, issue, given) for issue in issues)
    return None


def _known(model: type[Section]) -> type[Section]:
    """The model with all keys that its text may have."""
    return Document if model is Config else model


def _blank(data: Any, path: KeyPath) -> None:
    """Put UNKNOWN in place of a value that has a problem already."""
    for part in path[:-1]:
        data = data[part]
    data[path[-1]] = UNKNOWN


def _place_issue(root: Entry, issue: Issue, given: Sequence[KeyPath]) -> Problem:
    """At the first of its keys that an override or a sweep set, or else at the first."""
    found = [find(root, path) for path in issue.paths]
    entry, there = found[0]
    for path, (other, is_there) in zip(issue.paths, found, strict=True):
        swept = any(path[: len(key)] == key for key in given)
        if is_there and (swept or other.value.file != root.value.file):
            entry, there = other, True
            break
    place = entry.key if issue.at_key or not there else entry.value
    if issue.column is not None and entry is found[0][0]:
        place = inside(entry, issue.column)
    return problem_at(place, issue.paths[0], issue.message)


def _file_keys(root: Entry) -> list[KeyPath]:
    """The keys that may name files."""
    fields, there = find(root, ("model", "fields"))
    letters = list(fields.content) if there and isinstance(fields.content, dict) else []
    plasmas: list[KeyPath] = [("model", "fields", letter, "plasma") for letter in letters]
    return [
        ("initial", "file"),
        ("background", "file"),
        *((*at, key) for at in plasmas for key in ("file", "profile")),
    ]


def resolve_file(root: Entry, path: KeyPath, base: Path, problems: list[Problem]) -> None:
    """Make a file's name absolute, taken from the folder of the configuration; it must exist."""
    entry, there = find(root, path)
    if not there or not isinstance(entry.content, str) or not entry.content:
        return
    full = os.path.abspath(base / entry.content)
    if not os.path.isfile(full):
        message = f"there is no file {quoted(entry.content)} (looked for {printable(full)})"
        problems.append(problem_at(entry.value, path, message))
    entry.content = full


def entries(
    text: str,
    *,
    source: str,
    problems: list[Problem],
    overrides: Sequence[str] = (),
    what: str = "configuration",
    reference: str = "reference",
) -> Entry:
    """The entries of a YAML text that is a mapping, with the overrides.

    Raises ConfigError if it is none; problems of single entries are added to `problems`. Messages
    name the kind of text, `what`, and the packaged configuration `reference` that has every key of
    such a text.
    """
    root = Reader(source, problems).read(text)
    if root is None and not problems:
        message = f"the {what} is empty; `darklat config {reference}` has every key"
        problems.append(Problem(source, 1, 1, "", message))
    elif root is not None and root.content is not UNKNOWN and not isinstance(root.content, dict):
        message = f"a {what} is a mapping of keys to values, found {describe(plain(root))}"
        problems.append(Problem(source, root.value.line, root.value.column, "", message))
    if root is None or not isinstance(root.content, dict):
        raise ConfigError(problems)
    for override in overrides:
        _override(root, override, problems)
    return root


def to_config(
    root: Entry,
    base: Path | None,
    problems: list[Problem],
    given: Sequence[KeyPath] = (),
    *,
    stored: bool = False,
) -> Config | None:
    """The Config of the entries, or None with everything that is wrong added to `problems`."""
    if base is not None:
        for path in _file_keys(root):
            resolve_file(root, path, base, problems)
    return validate(root, Config, problems, given, stored=stored)


def in_order(problems: list[Problem], source: str, overrides: Sequence[str]) -> ConfigError:
    """The error with all problems, first of the text, then of the overrides."""
    order = [source, *(_label(override) for override in overrides)]
    problems = sorted(problems, key=lambda p: (order.index(p.file), p.line, p.column))
    return ConfigError(problems)


def loads(
    text: str,
    *,
    source: str,
    base: Path | None,
    overrides: Sequence[str] = (),
    stored: bool = False,
) -> Config:
    """Read the configuration of one run from YAML text.

    `source` names the text in messages. `base` is the folder that names of files are relative to.
    None is for a resolved configuration: its files are absolute and were seen already, so that
    initial.file need not exist any more. `overrides` are `dotted.path=value`, the later ones
    winning. `stored`: the text is of a run that was begun, perhaps with a darklat of other limits,
    and numbers are read as they are.

    Raises ConfigError with every problem found, first of the text, then of the overrides. Raises it
    for a sweep, too, which is several runs.
    """
    return _one_run(text, source=source, base=base, overrides=overrides, stored=stored)[0]


def loads_located(
    text: str,
    *,
    source: str,
    base: Path | None,
    overrides: Sequence[str] = (),
    stored: bool = False,
) -> tuple[Config, Origin]:
    """`loads`, with where every key stands. Raises ConfigError as `loads` does."""
    config, root = _one_run(text, source=source, base=base, overrides=overrides, stored=stored)
    return config, Origin(Path(source), root)


def load(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Read the configuration file of one run; see `loads`. Files it names are relative to its
    folder.

    Raises ConfigError, also when the file cannot be read.
    """
    return load_located(path, overrides)[0]


def load_located(path: Path, overrides: Sequence[str] = ()) -> tuple[Config, Origin]:
    """`load`, with where every key stands. Raises ConfigError as `load` does."""
    config, root = _one_run(
        read_text(path), source=str(path), base=folder_of(Path(path)), overrides=overrides
    )
    return config, Origin(path, root)


def _one_run(
    text: str,
    *,
    source: str,
    base: Path | None,
    overrides: Sequence[str],
    stored: bool = False,
) -> tuple[Config, Entry]:
    problems: list[Problem] = []
    root = entries(text, source=source, problems=problems, overrides=overrides)
    for block, words in SEVERAL.items():
        if block in root.content:
            remedy = f"leave it out, or --set {block}=null"
            message = f"one run is wanted here, and {words} is several: {remedy}"
            problems.append(problem_at(root.content.pop(block).key, (block,), message))
    config = to_config(root, base, problems, stored=stored)
    if config is None or problems:
        raise in_order(problems, source, overrides)
    return config, root


def is_stream(path: Path) -> bool:
    """Whether a path names no file of its own but a stream, such as a pipe or stdin, which can be
    read once."""
    return path.parts[:2] in (("/", "dev"), ("/", "proc")) or path.is_fifo()


def folder_of(path: Path) -> Path:
    """The folder that names of files in a configuration are relative to: its own. For one from a
    stream, and for a packaged one, which names none by itself, it is the current one."""
    return Path() if is_stream(path) or packaged.found_by_name(path) else path.parent


@dataclass(frozen=True)
class Origin:
    """Where a configuration came from: its file, the entries that were read from it, overrides
    included, and where a sweep gave a value."""

    path: Path
    root: Entry
    swept: tuple[tuple[KeyPath, Place], ...] = ()

    def refusal(self, key: KeyPath, message: str) -> ConfigError:
        """The error that says `message` of `key` where that key stands. It is for a configuration
        that loads but cannot be run: too large for this machine, or an initial file that does not
        fit. The file is not read again: it may have changed."""
        for path, place in self.swept:
            if key[: len(path)] == path:
                return ConfigError([problem_at(place, key, message)])
        entry, _ = find(self.root, key)
        return ConfigError([problem_at(entry.value, key, message)])

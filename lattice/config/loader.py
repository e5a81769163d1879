"""From YAML text to a Config and back, with a place in the text for every problem."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pydantic

from darklat.lattice.config import schema
from darklat.lattice.config.checks import Issue
from darklat.lattice.config.document import (
    DEEPEST,
    Entry,
    Place,
    Reader,
    dotted,
    find,
    plain,
    problem_at,
)
from darklat.lattice.config.problems import (
    UNKNOWN,
    ConfigError,
    KeyPath,
    Problem,
    closest,
    describe,
    one_of,
    printable,
    quoted,
)
from darklat.lattice.config.schema import Config
from darklat.lattice.config.values import NOT_YET

MOST_BYTES = 1 << 20


# ---- Overrides. ----


def _label(override: str) -> str:
    """What stands for a file's name in the problems of an override."""
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
    entry = root
    for i, name in enumerate(path):
        if entry.content is UNKNOWN:
            return
        if not isinstance(entry.content, dict | None):
            found = describe(plain(entry))
            message = f"{dotted(path[:i])} is {found}: set it as a whole"
            problems.append(problem_at(Place(file, 1, columns[i]), path, message))
            return
        content = entry.content = {} if entry.content is None else entry.content
        place = Place(file, 1, columns[i])
        if value.content is None and (name not in content or i == len(path) - 1):
            if content.pop(name, None) is None:
                unknown = (
                    _unknown_key(Place(file, 1, column), path[: j + 1])
                    for j, column in enumerate(columns)
                )
                problems.extend(next(filter(None, unknown), []))
            return
        if i == len(path) - 1:
            content[name] = Entry(place, value.value, value.content)
        else:
            entry = content.setdefault(name, Entry(place, place, {}))


# ---- Unknown keys. ----


def _allowed_below(path: KeyPath) -> dict[str, object]:
    """The keys of the schema below a path; empty if the path is not one of the schema."""
    annotation: object = Config
    for part in path:
        keys = schema.subkeys(annotation)
        if part not in keys and "*" not in keys:
            return {}
        annotation = keys.get(str(part), keys.get("*"))
    return schema.subkeys(annotation)


def _unknown_key(place: Place, path: KeyPath) -> list[Problem]:
    """What is wrong with a key that may not be in the schema: nothing, or one problem."""
    for i in range(len(path)):
        allowed = _allowed_below(path[:i])
        if path[i] in allowed or "*" in allowed:
            continue
        pattern = tuple("*" if j == 2 and path[1] == "fields" else p for j, p in enumerate(path))
        purpose = schema.LATER.get(pattern[: i + 1])
        if purpose:
            return [problem_at(place, path[: i + 1], f"{NOT_YET} ({purpose})")]
        return [problem_at(place, path[: i + 1], f"unknown key; {_suggestion(path[: i + 1])[0]}")]
    return []


def _suggestion(path: KeyPath) -> tuple[str, KeyPath | None]:
    """What was probably meant by an unknown key: the words for it, and its path if it is clear."""
    name = str(path[-1])
    allowed = _allowed_below(path[:-1])
    elsewhere = [keys for keys in schema.key_paths() if keys[-1] != "*"]
    if tuple(name.split(".")) in elsewhere and "." in name:
        section, _, key = name.rpartition(".")
        return f"write the key {key} inside the section {section}", None
    here = closest(name, allowed)
    if here:
        return f"did you mean {here}?", (*path[:-1], here)
    leaves = [keys for keys in elsewhere if keys[-1].lower() == name.strip().lower()]
    if not leaves:
        near = closest(name, {keys[-1] for keys in elsewhere})
        leaves = [keys for keys in elsewhere if keys[-1] == near]
    if not leaves:
        near = closest(name, {".".join(keys) for keys in elsewhere})
        leaves = [keys for keys in elsewhere if ".".join(keys) == near]
    if leaves:
        names = [".".join(keys).replace("*", "<LETTER>") for keys in leaves]
        return f"did you mean {one_of(names)}?", None
    if not allowed:
        return f"{dotted(path[:-1])} has no keys below it", None
    return f"the keys allowed here are {one_of(list(allowed), 'and')}", None


# ---- Entries to a Config. ----


def _validate(root: Entry, problems: list[Problem]) -> Config | None:
    """The Config, or None with everything that is wrong added to `problems`."""
    try:
        return Config.model_validate(plain(root))
    except pydantic.ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    issues: list[Issue] = []
    data = plain(root)
    meant = {
        _suggestion(tuple(one["loc"]))[1] for one in errors if one["type"] == "extra_forbidden"
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
            # A misspelt key says what was meant; that it is missing as well is not news.
            if path not in meant:
                message = f"missing; write for example {schema.example(path)}"
                problems.append(problem_at(entry.key, path, message))
        elif one["type"] == "extra_forbidden":
            problems.extend(_unknown_key(entry.key, path))
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
        issues = list(schema.cross_field_issues(data))
    problems.extend(_place_issue(root, issue) for issue in issues)
    return None


def _blank(data: Any, path: KeyPath) -> None:
    """Put UNKNOWN in place of a value that has a problem already."""
    for part in path[:-1]:
        data = data[part]
    data[path[-1]] = UNKNOWN


def _place_issue(root: Entry, issue: Issue) -> Problem:
    """At the first of its keys that an override set, or else at the first of its keys."""
    found = [find(root, path) for path in issue.paths]
    entry, there = found[0]
    for other, is_there in found:
        if is_there and other.value.file != root.value.file:
            entry, there = other, True
            break
    place = entry.key if issue.at_key or not there else entry.value
    return problem_at(place, issue.paths[0], issue.message)


def _file_keys(root: Entry) -> list[KeyPath]:
    """The keys that may name files."""
    fields, there = find(root, ("model", "fields"))
    letters = list(fields.content) if there and isinstance(fields.content, dict) else []
    plasmas: list[KeyPath] = [("model", "fields", letter, "plasma") for letter in letters]
    return [("initial", "file"), *((*at, key) for at in plasmas for key in ("file", "profile"))]


def _resolve_file(root: Entry, path: KeyPath, base: Path, problems: list[Problem]) -> None:
    """Make a file's name absolute, taken from the folder of the configuration; it must exist."""
    entry, there = find(root, path)
    if not there or not isinstance(entry.content, str) or not entry.content:
        return
    full = os.path.abspath(base / entry.content)
    if not os.path.isfile(full):
        message = f"there is no file {quoted(entry.content)} (looked for {printable(full)})"
        problems.append(problem_at(entry.value, path, message))
    entry.content = full


def loads(text: str, *, source: str, base: Path | None, overrides: Sequence[str] = ()) -> Config:
    """Read a configuration from YAML text.

    `source` names the text in messages. `base` is the folder that names of files are relative to;
    None is for a resolved configuration, whose files are absolute and were seen already:
    initial.file need not exist any more. `overrides` are `dotted.path=value`, the later ones
    winning.

    Raises ConfigError with every problem found, those of the text before those of the overrides.
    """
    problems: list[Problem] = []
    root = Reader(source, problems).read(text)
    if root is None and not problems:
        message = "the configuration is empty; configs/reference.yaml has every key"
        problems.append(Problem(source, 1, 1, "", message))
    elif root is not None and root.content is not UNKNOWN and not isinstance(root.content, dict):
        message = f"a configuration is a mapping of keys to values, found {describe(plain(root))}"
        problems.append(Problem(source, root.value.line, root.value.column, "", message))
    if root is None or not isinstance(root.content, dict):
        raise ConfigError(problems)
    for override in overrides:
        _override(root, override, problems)
    if base is not None:
        for path in _file_keys(root):
            _resolve_file(root, path, base, problems)
    config = _validate(root, problems)
    if config is None or problems:
        order = [source, *(_label(override) for override in overrides)]
        raise ConfigError(sorted(problems, key=lambda p: (order.index(p.file), p.line, p.column)))
    return config


def load(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Read a configuration file; see `loads`. Files it names are relative to its folder.

    Raises ConfigError, also when the file cannot be read.
    """
    name = str(path)
    try:
        with open(path, "rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except IsADirectoryError:
        message = "this is a folder: name the configuration file in it"
        raise ConfigError([Problem(name, 1, 1, "", message)]) from None
    except (OSError, ValueError) as error:
        message = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise ConfigError([Problem(name, 1, 1, "", message)]) from None
    if len(data) > MOST_BYTES:
        message = f"longer than {MOST_BYTES} bytes: is this a configuration?"
        raise ConfigError([Problem(name, 1, 1, "", message)])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
        message = f"byte 0x{data[error.start]:02x} is not UTF-8: save the file as UTF-8 text"
        raise ConfigError([Problem(name, line, column, "", message)]) from None
    return loads(text, source=name, base=Path(path).parent, overrides=overrides)


def refuse(path: Path, overrides: Sequence[str], key: KeyPath, message: str) -> ConfigError:
    """The error that says `message` of `key` where that key stands, for a configuration that loads
    but cannot be run (too large for this machine, an initial file that does not fit)."""
    root = Reader(str(path), []).read(Path(path).read_text())
    assert root is not None  # it has been loaded
    for override in overrides:
        _override(root, override, [])
    entry, _ = find(root, key)
    return ConfigError([problem_at(entry.value, key, message)])


# ---- A Config to YAML text. ----


def dump(config: Config) -> str:
    """The resolved configuration: every key, defaults too, in the order of the schema.

    `loads(dump(config), source=..., base=None) == config`, bit for bit. The numbers are written so
    that a YAML 1.1 reader takes them for numbers as well. Keys without a value are left out.
    """
    data = config.model_dump()
    data["model"]["couplings"] = dict(sorted(data["model"]["couplings"].items()))
    return "".join(_lines(data, indent=""))


def _lines(data: dict[str, Any], *, indent: str) -> list[str]:
    lines: list[str] = []
    for key, value in data.items():
        if value is None:
            continue
        if isinstance(value, dict) and value:
            lines.append(f"{indent}{_written(key)}:\n")
            lines.extend(_lines(value, indent=indent + "  "))
        else:
            lines.append(f"{indent}{_written(key)}: {_written(value)}\n")
    return lines


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, tuple):
        return f"[{', '.join(_written(item) for item in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        mantissa, e, exponent = repr(value).partition("e")
        return f"{mantissa if '.' in mantissa else mantissa + '.0'}{e}{exponent}"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if re.fullmatch("[A-Za-z][A-Za-z0-9_]*", text) and text.lower() not in _NOT_PLAIN:
        return text
    return f'"{"".join(_escaped(character) for character in text)}"'


# Words that a YAML 1.1 or 1.2 reader takes for something else than text.
_NOT_PLAIN = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"

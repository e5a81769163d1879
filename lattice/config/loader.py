"""From YAML text to a Config and back, with a place in the text for every problem.

PyYAML's composer gives the nodes and where they stand; the values are built here, because PyYAML
follows YAML 1.1, where 1e-17 is a text, 012 is ten and `no` is false. Nothing in a document can
make the reader run code or repeat itself: tags, anchors, aliases and merge keys are refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydantic
import yaml
from darklat.lattice.config import schema
from darklat.lattice.config.problems import (
    FLOAT,
    INTEGER,
    ConfigError,
    Problem,
    closest,
    describe,
    one_of,
    printable,
    quoted,
)
from darklat.lattice.config.schema import UNKNOWN, Config, Issue, KeyPath

MOST_BYTES = 1 << 20
DEEPEST = 16

_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((s + w for s in ("", "+") for w in (".inf", ".Inf", ".INF")), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}

# PyYAML's wording, and what a person can do about it.
_YAML_REMARKS = (
    ("'\\t'", "a tab cannot indent or begin a value: use spaces"),
    ("could not find expected ':'", "a key needs a colon and a space after it, as in sites: 64"),
    ("mapping values are not allowed", "a second ': ' in one line, or an indentation that differs"),
    ("expected <block end>", "the indentation differs from the lines above"),
    ("expected ',' or", "a bracket or a brace is not closed, or a comma is missing"),
    ("while scanning a quoted scalar", "a quote is not closed"),
    ("expected a single document", "a file holds one configuration: remove what follows ---"),
)


_NO_SPACE = re.compile(r"\s*([A-Za-z_]\w*):([\w.+-]+)\s*(?:#.*)?$")


# ---- YAML text to entries: values that know where they stand. ----


@dataclass(frozen=True)
class _Place:
    file: str
    line: int
    column: int


@dataclass
class _Entry:
    """A value, with the place of its key and its own.

    `content` is a scalar, a dict of entries, a list of entries, or UNKNOWN if it was refused.
    """

    key: _Place
    value: _Place
    content: Any


class _Composer(yaml.SafeLoader):
    """PyYAML's composer, which notes tags, anchors and aliases instead of obeying them."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0
        self.refused: dict[int, str] = {}  # id(node) -> why
        self.unread: set[int] = set()  # id(node) of what stands for no value

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            self.get_event()
            alias = yaml.ScalarNode("", "", event.start_mark, event.end_mark)  # type: ignore[arg-type]
            self.unread.add(id(alias))
            self.refused[id(alias)] = f"aliases (*{event.anchor}) are not used: repeat the value"
            return alias
        why = ""
        if event.anchor is not None:
            why = f"anchors (&{event.anchor}) are not used: write the value where it is needed"
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            why = f"tags ({quoted(tag)[1:-1]}) are not used: remove it"
        tagged = event.tag is not None
        event.anchor = event.tag = None
        if self.depth == DEEPEST:
            raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        if why and node is not None:
            self.refused[id(node)] = why
            if tagged:
                self.unread.add(id(node))
        return node


class _Reader:
    """Turns one YAML text into entries, adding what is wrong with it to `problems`."""

    def __init__(
        self, file: str, problems: list[Problem], *, path: KeyPath = (), first_column: int = 1
    ) -> None:
        self.file = file
        self.path = path  # of the whole text
        self.problems = problems
        self.first_column = first_column

    def read(self, text: str) -> _Entry | None:
        """The document; None if it is empty or could not be read as YAML (a problem then)."""
        try:
            composer = _Composer(text)
            try:
                node = composer.get_single_node()
            except (ValueError, OverflowError):
                # PyYAML lets these through for \U escapes and %YAML versions that are too large.
                raise yaml.MarkedYAMLError(
                    problem="an escape or a number is out of range",
                    problem_mark=composer.get_mark(),
                ) from None
        except yaml.reader.ReaderError as error:
            before = text[: error.position]
            place = _Place(self.file, before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
            self._refuse(
                place, self.path, f"the character U+{error.character:04X} is not allowed in YAML"
            )
            return None
        except yaml.MarkedYAMLError as error:
            self._refuse_yaml(error, text)
            return None
        return None if node is None else self._entry(composer, node, None, self.path)

    def _entry(
        self, composer: _Composer, node: yaml.Node, key: _Place | None, path: KeyPath
    ) -> _Entry:
        place = self._place(node.start_mark)
        if id(node) in composer.refused:
            self._refuse(place, path, composer.refused[id(node)])
        content: Any
        if id(node) in composer.unread:
            content = UNKNOWN
        elif isinstance(node, yaml.MappingNode):
            content = self._mapping(composer, node, path)
        elif isinstance(node, yaml.SequenceNode):
            content = [
                self._entry(composer, item, None, (*path, i)) for i, item in enumerate(node.value)
            ]
        else:
            plain = isinstance(node, yaml.ScalarNode) and node.style is None
            content = _scalar(node.value) if plain else node.value
        return _Entry(key or place, place, content)

    def _mapping(
        self, composer: _Composer, node: yaml.MappingNode, path: KeyPath
    ) -> dict[str, _Entry]:
        entries: dict[str, _Entry] = {}
        for key_node, value_node in node.value:
            place = self._place(key_node.start_mark)
            if id(key_node) in composer.refused:
                self._refuse(place, path, composer.refused[id(key_node)])
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                found = "a list" if isinstance(key_node, yaml.SequenceNode) else "a mapping"
                self._refuse(place, path, f"a key must be a word, found {found}")
                continue
            name = key_node.value
            if name == "<<" and key_node.style is None:
                self._refuse(place, (*path, name), "merge keys are not used: repeat the keys")
                continue
            entry = self._entry(composer, value_node, place, (*path, name))
            if name in entries:
                first = entries[name].key.line
                self._refuse(
                    place,
                    (*path, name),
                    f"given twice, on line {first} and on line {place.line}: remove one",
                )
                continue
            entries[name] = entry
        return entries

    def _place(self, mark: yaml.Mark) -> _Place:
        shift = self.first_column if mark.line == 0 else 1
        return _Place(self.file, mark.line + 1, mark.column + shift)

    def _refuse(self, place: _Place, path: KeyPath, message: str) -> None:
        self.problems.append(_problem(place, path, message))

    def _refuse_yaml(self, error: yaml.MarkedYAMLError, text: str) -> None:
        mark = error.problem_mark or error.context_mark
        place = self._place(mark) if mark else _Place(self.file, 1, self.first_column)
        if error.problem == "nested too deeply":
            self._refuse(
                place, self.path, f"nested more than {DEEPEST} levels deep; a config has 4"
            )
            return
        # PyYAML notices `sites:64` only at the line after it, and calls it something else.
        lines = text.split("\n")[: place.line]
        for number in range(len(lines), max(len(lines) - 2, 0), -1):
            joined = _NO_SPACE.match(lines[number - 1])
            if joined:
                column = joined.start(1) + (self.first_column if number == 1 else 1)
                message = f"a space is needed after the colon: {joined[1]}: {joined[2]}"
                self._refuse(_Place(self.file, number, column), self.path, message)
                return
        problem = printable(error.problem or error.context or "")
        both = f"{error.context} {error.problem}"
        remark = next((text for part, text in _YAML_REMARKS if part in both), "")
        began = ""
        if error.context_mark and mark and error.context_mark.line != mark.line:
            began = f", in what began on line {error.context_mark.line + 1}"
        self._refuse(
            place,
            self.path,
            f"not valid YAML: {problem}{began}" + (f" ({remark})" if remark else ""),
        )


def _scalar(text: str) -> object:
    """A plain (unquoted) scalar by the core schema of YAML 1.2, section 10.3.2."""
    if text in _WORDS:
        return _WORDS[text]
    if INTEGER.fullmatch(text):
        # Python converts at most 4300 digits; so long an integer can only be too large.
        return int(text) if len(text) < 4000 else float(text)
    if FLOAT.fullmatch(text):
        return float(text)
    if re.fullmatch("0x[0-9a-fA-F]+", text):
        return int(text, 16)
    if re.fullmatch("0o[0-7]+", text):
        return int(text, 8)
    return text


# ---- Entries: finding, placing, overriding. ----


def _dotted(path: KeyPath) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _problem(place: _Place, path: KeyPath, message: str) -> Problem:
    return Problem(place.file, place.line, place.column, _dotted(path), message)


def _plain(entry: _Entry) -> Any:
    content = entry.content
    if isinstance(content, dict):
        return {key: _plain(below) for key, below in content.items()}
    if isinstance(content, list):
        return [_plain(below) for below in content]
    return content


def _find(root: _Entry, path: KeyPath) -> tuple[_Entry, bool]:
    """The entry at a path and True, or the nearest one above it and False."""
    entry = root
    for part in path:
        content = entry.content
        if isinstance(part, int):
            found = isinstance(content, list) and part < len(content)
        else:
            found = isinstance(content, dict) and part in content
        if not found:
            return entry, False
        entry = content[part]
    return entry, True


def _label(override: str) -> str:
    """What stands for a file's name in the problems of an override."""
    return f"--set {override if len(override) <= 100 else override[:97] + '...'}"


def _override(root: _Entry, override: str, problems: list[Problem]) -> None:
    """Put one `path=value` into the entries; the value null takes the key out."""
    file = _label(override)
    path_text, equals, value_text = override.partition("=")
    names = [name.strip() for name in path_text.split(".")]
    if not equals or not all(names) or len(names) > DEEPEST:
        message = "not of the form key=value, for example --set lattice.sites=32"
        problems.append(Problem(file, 1, 1, "", message))
        return
    path = tuple(names)
    value_place = _Place(file, 1, len(path_text) + 2)
    reader = _Reader(file, problems, path=path, first_column=value_place.column)
    before = len(problems)
    value = reader.read(value_text)
    if value is None:
        if len(problems) == before:
            message = "no value after the equals sign; null takes a key out of the file"
            problems.append(_problem(value_place, path, message))
        return

    columns = [len(".".join(path_text.split(".")[:i])) + (2 if i else 1) for i in range(len(path))]
    entry = root
    for i, name in enumerate(path):
        if entry.content is UNKNOWN:
            return
        if not isinstance(entry.content, dict | None):
            found = describe(_plain(entry))
            message = f"{_dotted(path[:i])} is {found}: set it as a whole"
            problems.append(_problem(_Place(file, 1, columns[i]), path, message))
            return
        content = entry.content = {} if entry.content is None else entry.content
        place = _Place(file, 1, columns[i])
        if value.content is None and (name not in content or i == len(path) - 1):
            if content.pop(name, None) is None:
                unknown = (
                    _unknown_key(_Place(file, 1, column), path[: j + 1])
                    for j, column in enumerate(columns)
                )
                problems.extend(next(filter(None, unknown), []))
            return
        if i == len(path) - 1:
            content[name] = _Entry(place, value.value, value.content)
        else:
            entry = content.setdefault(name, _Entry(place, place, {}))


def _allowed_below(path: KeyPath) -> dict[str, object]:
    """The keys of the schema below a path; empty if the path is not one of the schema."""
    annotation: object = Config
    for part in path:
        keys = schema.subkeys(annotation)
        if part not in keys and "*" not in keys:
            return {}
        annotation = keys.get(str(part), keys.get("*"))
    return schema.subkeys(annotation)


def _unknown_key(place: _Place, path: KeyPath) -> list[Problem]:
    """What is wrong with a key that may not be in the schema: nothing, or one problem."""
    for i in range(len(path)):
        allowed = _allowed_below(path[:i])
        if path[i] in allowed or "*" in allowed:
            continue
        pattern = tuple("*" if j == 2 and path[1] == "fields" else p for j, p in enumerate(path))
        purpose = schema.LATER.get(pattern[: i + 1])
        if purpose:
            return [_problem(place, path[: i + 1], f"{schema.NOT_YET} ({purpose})")]
        return [_problem(place, path[: i + 1], f"unknown key; {_suggestion(path[: i + 1])[0]}")]
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
        return f"{_dotted(path[:-1])} has no keys below it", None
    return f"the keys allowed here are {one_of(list(allowed), 'and')}", None


# ---- Entries to a Config. ----


def _validate(root: _Entry, problems: list[Problem]) -> Config | None:
    """The Config, or None with everything that is wrong added to `problems`."""
    try:
        return Config.model_validate(_plain(root))
    except pydantic.ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    issues: list[Issue] = []
    data = _plain(root)
    meant = {
        _suggestion(tuple(one["loc"]))[1] for one in errors if one["type"] == "extra_forbidden"
    }
    for one in errors:
        path: KeyPath = tuple(one["loc"])
        if one["type"] == "inconsistent":
            issues = one["ctx"]["issues"]
            continue
        entry, there = _find(root, path)
        at_key = not there and path[-1] == "[key]"
        if at_key:
            path = path[:-1]
            entry, there = _find(root, path)
        if one["type"] == "missing":
            # A misspelt key says what was meant; that it is missing as well is not news.
            if path not in meant:
                message = f"missing; write for example {schema.example(path)}"
                problems.append(_problem(entry.key, path, message))
        elif one["type"] == "extra_forbidden":
            problems.extend(_unknown_key(entry.key, path))
        elif entry.content is not UNKNOWN:
            place = entry.key if at_key else entry.value
            problems.append(_problem(place, path, one["msg"]))
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


def _place_issue(root: _Entry, issue: Issue) -> Problem:
    """At the first of its keys that an override set, or else at the first of its keys."""
    found = [_find(root, path) for path in issue.paths]
    entry, there = found[0]
    for other, is_there in found:
        if is_there and other.value.file != root.value.file:
            entry, there = other, True
            break
    place = entry.key if issue.at_key or not there else entry.value
    return _problem(place, issue.paths[0], issue.message)


def _resolve_file(root: _Entry, base: Path, problems: list[Problem]) -> None:
    """Make initial.file absolute, taken from the folder of the configuration; it must exist."""
    path: KeyPath = ("initial", "file")
    entry, there = _find(root, path)
    if not there or not isinstance(entry.content, str) or not entry.content:
        return
    full = os.path.abspath(base / entry.content)
    if not os.path.isfile(full):
        message = f"there is no file {quoted(entry.content)} (looked for {printable(full)})"
        problems.append(_problem(entry.value, path, message))
    entry.content = full


def loads(text: str, *, source: str, base: Path | None, overrides: Sequence[str] = ()) -> Config:
    """Read a configuration from YAML text.

    `source` names the text in messages. `base` is the folder that initial.file is relative to;
    None is for a resolved configuration, whose file is absolute and was used already: it need not
    exist any more. `overrides` are `dotted.path=value`, the later ones winning.

    Raises ConfigError with every problem found, those of the text before those of the overrides.
    """
    problems: list[Problem] = []
    root = _Reader(source, problems).read(text)
    if root is None and not problems:
        message = "the configuration is empty; configs/reference.yaml has every key"
        problems.append(Problem(source, 1, 1, "", message))
    elif root is not None and root.content is not UNKNOWN and not isinstance(root.content, dict):
        message = f"a configuration is a mapping of keys to values, found {describe(_plain(root))}"
        problems.append(Problem(source, root.value.line, root.value.column, "", message))
    if root is None or not isinstance(root.content, dict):
        raise ConfigError(problems)
    for override in overrides:
        _override(root, override, problems)
    if base is not None:
        _resolve_file(root, base, problems)
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
    root = _Reader(str(path), []).read(Path(path).read_text())
    assert root is not None  # it has been loaded
    for override in overrides:
        _override(root, override, [])
    entry, _ = _find(root, key)
    return ConfigError([_problem(entry.value, key, message)])


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

"""YAML text to entries: values that know where in the text they stand.

PyYAML's composer gives the nodes and where they stand; the values are built by `text`. Nothing
in a document can make the reader run code or repeat itself: tags, anchors, aliases and merge keys
are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from darklat.schema.yaml.problems import UNKNOWN, Problem, quoted
from darklat.schema.yaml.text import KeyPath, dotted, printable, scalar

DEEPEST = 16

# PyYAML's wording, and the advice to a person.
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


@dataclass(frozen=True)
class Place:
    """Where something stands; line and column count from 1."""

    file: str
    line: int
    column: int


@dataclass
class Entry:
    """A value, with the place of its key and its own.

    `content` is a scalar, a dict of entries, a list of entries, or UNKNOWN if it was refused.
    `written` is a scalar as it stands in the text, with its quotes.
    """

    key: Place
    value: Place
    content: Any
    written: str = ""


class _Composer(yaml.SafeLoader):
    """PyYAML's composer, which notes tags, anchors and aliases instead of obeying them."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0
        self.refused: dict[int, str] = {}  # id(node) -> why
        self.unread: set[int] = set()  # id(node) of the stand-in for no value

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


class Reader:
    """Turns one YAML text into entries, adding its faults to `problems`."""

    def __init__(
        self, file: str, problems: list[Problem], *, path: KeyPath = (), first_column: int = 1
    ) -> None:
        self.file = file
        self.path = path  # of the whole text
        self.problems = problems
        self.first_column = first_column
        self.text = ""

    def read(self, text: str) -> Entry | None:
        """The document; None if it is empty or could not be read as YAML (a problem then)."""
        self.text = text
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
            place = Place(self.file, before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
            self._refuse(
                place, self.path, f"the character U+{error.character:04X} is not allowed in YAML"
            )
            return None
        except yaml.MarkedYAMLError as error:
            self._refuse_yaml(error, text)
            return None
        return None if node is None else self._entry(composer, node, None, self.path)

    def _entry(
        self, composer: _Composer, node: yaml.Node, key: Place | None, path: KeyPath
    ) -> Entry:
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
            unquoted = isinstance(node, yaml.ScalarNode) and node.style is None
            content = scalar(node.value) if unquoted else node.value
        is_scalar = isinstance(node, yaml.ScalarNode)
        written = self.text[node.start_mark.index : node.end_mark.index] if is_scalar else ""
        return Entry(key or place, place, content, written)

    def _mapping(
        self, composer: _Composer, node: yaml.MappingNode, path: KeyPath
    ) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
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

    def _place(self, mark: yaml.Mark) -> Place:
        shift = self.first_column if mark.line == 0 else 1
        return Place(self.file, mark.line + 1, mark.column + shift)

    def _refuse(self, place: Place, path: KeyPath, message: str) -> None:
        self.problems.append(problem_at(place, path, message))

    def _refuse_yaml(self, error: yaml.MarkedYAMLError, text: str) -> None:
        mark = error.problem_mark or error.context_mark
        place = self._place(mark) if mark else Place(self.file, 1, self.first_column)
        if error.problem == "nested too deeply":
            self._refuse(
                place, self.path, f"nested more than {DEEPEST} levels deep; a config has 5"
            )
            return
        # PyYAML notices `sites:64` only at the line after it, and calls it something else.
        lines = text.split("\n")[: place.line]
        for number in range(len(lines), max(len(lines) - 2, 0), -1):
            joined = _NO_SPACE.match(lines[number - 1])
            if joined:
                column = joined.start(1) + (self.first_column if number == 1 else 1)
                message = f"a space is needed after the colon: {joined[1]}: {joined[2]}"
                self._refuse(Place(self.file, number, column), self.path, message)
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


def problem_at(place: Place, path: KeyPath, message: str) -> Problem:
    """The problem with the key of that path, at that place."""
    return Problem(place.file, place.line, place.column, dotted(path), message)


def inside(entry: Entry, characters: int) -> Place:
    """The place behind so many characters of a text. White space may be written in another way
    than it reads, as in a text over several lines; with escapes it is the place of the text."""
    text, written, at = entry.content, entry.written, entry.value
    if not isinstance(text, str) or not text.strip():
        return at
    header = written.find("\n") + 1 if written[:1] in ("|", ">") else written[:1] in ("'", '"')
    visible = [i for i in range(header, len(written)) if not written[i].isspace()]
    wanted = [c for c in text if not c.isspace()]
    if [written[i] for i in visible[: len(wanted)]] != wanted:
        return at
    before = sum(not c.isspace() for c in text[:characters])
    place = visible[before] if before < len(wanted) else visible[before - 1] + 1
    lines = written[:place].count("\n")
    column = place - written.rfind("\n", 0, place) if lines else at.column + place
    return Place(at.file, at.line + lines, column)


def plain(entry: Entry) -> Any:
    """The values alone, without their places."""
    content = entry.content
    if isinstance(content, dict):
        return {key: plain(below) for key, below in content.items()}
    if isinstance(content, list):
        return [plain(below) for below in content]
    return content


def find(root: Entry, path: KeyPath) -> tuple[Entry, bool]:
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

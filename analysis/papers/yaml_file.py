"""Reads a small YAML file by the rules of YAML 1.2: plain values, and the line of every key.

PyYAML's composer gives nodes; the values are built by `yaml_text`. Tags, anchors, aliases and
repeated keys are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from darklat.errors import InputError
from darklat.schema.yaml.text import KeyPath, dotted, printable, scalar

MOST_BYTES = 1 << 16
DEEPEST = 8


@dataclass
class Document:
    """A mapping from a file."""

    file: str
    values: dict[str, Any]
    lines: dict[KeyPath, int] = field(default_factory=dict)
    """Line of every key, from 1; () is that of the whole."""

    def at(self, keys: KeyPath) -> str:
        """FILE:LINE: KEY, for messages; the line of the nearest key above where it has none."""
        known = next(keys[:n] for n in range(len(keys), -1, -1) if keys[:n] in self.lines)
        return printable(f"{self.file}:{self.lines[known]}: {dotted(keys)}")


def read(path: Path) -> Document:
    """Read a YAML file that holds one mapping.

    Raises InputError, with file and line, where it cannot be read, is longer than 64 KiB or not
    UTF-8, is not such a mapping, repeats a key, or has a tag, an anchor or an alias.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise InputError(f"{path}: longer than {MOST_BYTES} bytes: is this a configuration?")
        node = _Composer(data.decode("utf-8")).get_single_node()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{printable(str(path))}: cannot be read: {reason}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        problem = error.problem or error.context
        raise InputError(printable(f"{where}: not valid YAML: {problem}")) from error
    # PyYAML lets the last two through for escapes and %YAML versions that are too large.
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        text = " ".join(str(error).split())
        raise InputError(printable(f"{path}: not valid YAML: {text}")) from error
    document = Document(str(path), {}, {(): 1})
    values = {} if node is None else _values(node, (), document)
    if not isinstance(values, dict):
        raise InputError(f"{document.at(())}must be a mapping of keys to values")
    document.values = values
    return document


class _Composer(yaml.SafeLoader):
    """PyYAML's composer without what could repeat itself, run code or never end."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()
        for name in ("anchor", "tag"):
            if getattr(event, name, None) is not None:
                raise yaml.MarkedYAMLError(
                    problem=f"{name}s are not used: write the value where it is needed",
                    problem_mark=event.start_mark,
                )
        if self._depth == DEEPEST:
            raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=event.start_mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _values(node: yaml.Node, keys: KeyPath, document: Document) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return [_values(item, (*keys, i), document) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode):
        return scalar(node.value) if node.style is None else node.value
    values: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise InputError(f"{document.file}:{line}: a key must be a word")
        below = (*keys, key.value)
        if key.value in values:
            first, document.lines[below] = document.lines[below], line
            raise InputError(
                f"{document.at(below)}: given twice, on line {first} and on line {line}: remove one"
            )
        document.lines[below] = line
        values[key.value] = _values(value, below, document)
    return values

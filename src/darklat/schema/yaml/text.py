"""Scalars and paths of YAML 1.2, read and written.

PyYAML follows YAML 1.1, where 1e-17 is a text, 012 is ten and `no` is false.
"""

from __future__ import annotations

import re
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

# YAML 1.2, core schema, section 10.3.2: decimal integers and floats.
INTEGER = re.compile(r"[-+]?[0-9]+")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")

_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((s + w for s in ("", "+") for w in (".inf", ".Inf", ".INF")), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}

# Characters of an integer. Python reads and writes 4300 decimal digits at most; a longer integer
# can only be too large, and stands as a float.
_LONGEST = 3000


def scalar(text: str) -> object:
    """A plain (unquoted) scalar by the core schema of YAML 1.2, section 10.3.2."""
    if text in _WORDS:
        return _WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text) if len(text) < _LONGEST else float(text)
    if FLOAT.fullmatch(text):
        return float(text)
    for digits, base in (("0x[0-9a-fA-F]+", 16), ("0o[0-7]+", 8)):
        if re.fullmatch(digits, text):
            return int(text, base) if len(text) < _LONGEST else float("inf")
    return text


def double_quoted(text: str) -> str:
    """The text as a double-quoted scalar, which any reader takes for the same text."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def dotted(path: KeyPath) -> str:
    """The path as messages write it: model.alp.mass_eV, output.snapshots[2]."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def printable(text: str) -> str:
    """The text on one line, with whatever a terminal would not show written as an escape."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )

"""The problems of a configuration, and the words for them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from darklat.schema.yaml.text import FLOAT, printable

_WITH_UNIT = re.compile(rf"({FLOAT.pattern})\s*\*?\s*[^\W\d].*", re.DOTALL)
_SHOWN_CHARACTERS = 60


class _Unknown:
    """The value of a key that has a problem of its own."""


UNKNOWN = _Unknown()


@dataclass(frozen=True)
class Problem:
    """One fault, its place and the allowed values.

    `line` and `column` count from 1; in an override they count in the text after `--set `.
    `key` is the dotted path, empty when the text could not be read as YAML at all.
    """

    file: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        key = f"{self.key}: " if self.key else ""
        return printable(f"{self.file}:{self.line}:{self.column}: {key}{self.message}")


def quoted(text: str) -> str:
    """The text in quotes, on one line and not too long for a message."""
    shown = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."
    return f"'{printable(shown)}'"


def describe(value: object) -> str:
    """The value that was found, in the words of a YAML user, not of Python."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, int):
        # Python refuses to print integers of more than 4300 digits.
        digits = int(value.bit_length() * 0.30103) + 1
        return str(value) if digits < 25 else f"an integer of about {digits} digits"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    return f"a {type(value).__name__}"


def one_of(words: Sequence[str], joint: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joint} {words[-1]}"


def closest(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed word nearest to `word`, whatever the case, or None if nothing is near."""
    by_lower = {candidate.lower(): candidate for candidate in allowed}
    found = difflib.get_close_matches(word.strip().lower(), by_lower, n=1)
    return by_lower[found[0]] if found else None


def number_remark(text: str, *, unit: str, unit_in_key: bool) -> str:
    """How to turn a text that was meant as a number into one; empty if it is not clear how."""
    stripped = text.strip()
    if FLOAT.fullmatch(stripped):
        return f"remove the quotes: {quoted(stripped)[1:-1]}"
    for written, meant in (("_", ""), ("d", "e"), ("D", "e")):
        attempt = stripped.replace(written, meant)
        if attempt != stripped and FLOAT.fullmatch(attempt):
            return f"write {quoted(attempt)[1:-1]}"
    if re.fullmatch(r"[-+]?[0-9]+,[0-9]+(?:[eE][-+]?[0-9]+)?", stripped):
        return "write the decimals after a point, and thousands without a separator"
    if _WITH_UNIT.fullmatch(stripped):
        if unit_in_key:
            return f"the unit is in the key's name: write the number of {unit} alone"
        return "write the number alone" + (f", in units of {unit}" if unit else "")
    return ""

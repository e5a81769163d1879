"""Reads text files of numbers in columns, with a unit for each: radio points, magnetic spectra.

Lines that begin with # are comments. One of them, before the first row, names the columns with
their units in brackets:

    # frequency [GHz]  temperature [K]  uncertainty [K]

Every fault is a ConfigError with file, line and column.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from darklat.errors import ConfigError
from darklat.schema.texts import read_text
from darklat.schema.yaml.problems import Problem, describe, one_of, quoted

Array = npt.NDArray[np.float64]

_NAMED = re.compile(r"([^\[\]#,;]+?)\s*\[([^\]]*)\]")
_WORD = re.compile(r"[^\s,;]+")


@dataclass(frozen=True)
class FileColumn:
    """A column: its name, and its units with their sizes in the unit of the program.

    least: the smallest value in that unit; `below` says why one is refused that is smaller.
    increasing: whether values increase strictly from row to row.
    """

    name: str
    units: Mapping[str, float]
    least: float
    below: str
    increasing: bool = False

    @property
    def example(self) -> str:
        """As the line of units has it."""
        return f"{self.name} [{next(iter(self.units))}]"


def read_columns(
    path: Path,
    columns: Sequence[FileColumn],
    *,
    what: str,
    least_rows: int = 1,
    needs_units: bool = True,
) -> list[Array]:
    """The columns of a text file in the units of the program, each [rows].

    what: names such a file in messages. Without `needs_units` a file that names no units has the
    first of every column. Raises ConfigError with the first fault, also where the
    file cannot be read.
    """
    lines = read_text(path, what).splitlines()
    factors: list[float] | None = None
    if not needs_units:
        factors = [next(iter(column.units.values())) for column in columns]
    named = False
    rows: list[list[float]] = []
    for number, line in enumerate(lines, start=1):
        if line.lstrip().startswith("#"):
            if not named and not rows and _NAMED.search(line):
                factors, named = _factors(path, number, line, columns), True
        elif line.strip():
            if factors is None:
                _refuse(path, number, 1, _no_units(what, columns))
            last = rows[-1] if rows else None
            rows.append(_row(path, number, line, columns, factors, last))
    if len(rows) < least_rows:
        _refuse(path, max(len(lines), 1), 1, f"a {what} has {least_rows} rows or more")
    return [np.array(column) for column in zip(*rows, strict=True)]


def _factors(path: Path, number: int, line: str, columns: Sequence[FileColumn]) -> list[float]:
    """The sizes of the units in the line that names them."""
    found = list(_NAMED.finditer(line))
    if len(found) != len(columns):
        message = (
            f"the line of units names {len(found)} columns, needed are {len(columns)}: "
            f"{_units(columns)}"
        )
        _refuse(path, number, 1, message)
    factors = []
    for match, column in zip(found, columns, strict=True):
        unit = match[2].strip()
        if unit not in column.units:
            message = (
                f"the unit of {column.name} must be {one_of(list(column.units))}, found "
                f"{quoted(unit)}"
            )
            _refuse(path, number, match.start(2) + 1, message)
        factors.append(column.units[unit])
    return factors


def _row(
    path: Path,
    number: int,
    line: str,
    columns: Sequence[FileColumn],
    factors: Sequence[float],
    before: list[float] | None,
) -> list[float]:
    """The values of one line in the units of the program."""
    words = list(_WORD.finditer(line.partition("#")[0]))
    if len(words) != len(columns):
        missing = columns[len(words) :]
        lacking = f"; {missing[0].name} is missing" if missing else ""
        place = words[len(columns)].start() + 1 if len(words) > len(columns) else len(line) + 1
        message = f"{len(words)} numbers, needed are {len(columns)}{lacking}"
        _refuse(path, number, place, message)
    values: list[float] = []
    for i, (word, column, factor) in enumerate(zip(words, columns, factors, strict=True)):
        place = word.start() + 1
        try:
            given = float(word[0])
        except ValueError:
            _refuse(path, number, place, f"{column.name} must be a number, found {quoted(word[0])}")
        value = given * factor
        if not math.isfinite(value):
            _refuse(path, number, place, f"{column.name} must be finite, found {describe(given)}")
        if value < column.least:
            message = f"{column.name} {column.below}, found {describe(given)}"
            _refuse(path, number, place, message)
        if column.increasing and before is not None and not value > before[i]:
            message = (
                f"{column.name} must increase from row to row, found {describe(given)} after "
                f"{describe(before[i] / factor)}: sort the rows"
            )
            _refuse(path, number, place, message)
        values.append(value)
    return values


def _no_units(what: str, columns: Sequence[FileColumn]) -> str:
    return (
        f"the {what} does not say its units: write a line like # {_units(columns)} before the "
        "first row"
    )


def _units(columns: Sequence[FileColumn]) -> str:
    return "  ".join(column.example for column in columns)


def _refuse(path: Path, line: int, column: int, message: str) -> NoReturn:
    raise ConfigError([Problem(str(path), line, column, "", message)])

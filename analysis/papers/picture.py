"""A figure of a paper with its numbers, and the files that it becomes."""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from darklat.analysis import drawing
from darklat.errors import BadValueError, ConfigError
from darklat.physics.quantities import Described
from darklat.storage import formats, hdf5, text_files


@dataclass(frozen=True)
class Picture:
    """A figure with its numbers, not written yet."""

    name: str
    """figure_16: of the PNG, the PDF and the HDF5."""
    figure: Figure
    tables: dict[str, dict[str, drawing.Array]]
    """Name of the CSV, and of the group in HDF5 -> columns by their names with units."""
    numbers: dict[str, float | str] = field(default_factory=dict)
    """Single results, such as a best fit: attributes of the HDF5."""


@contextmanager
def blaming(key: str) -> Iterator[None]:
    """Inside, an error of the physics is one of that key. Raises BadValueError."""
    try:
        # The checks of the physics see an overflow.
        with np.errstate(all="ignore"):
            yield
    except (BadValueError, ConfigError):  # these know their place
        raise
    except (ValueError, RuntimeError, ArithmeticError) as error:
        raise BadValueError(key, error) from error


def write(picture: Picture, folder: Path, *, config: str) -> list[Path]:
    """Write PNG, PDF, CSV and HDF5 into `folder`, which exists; return their paths.

    config: the resolved YAML. Raises OSError.
    """
    with drawing.styled():
        pictures = drawing.rendered(picture.figure)
    written = drawing.write(pictures, folder, picture.name)
    for table, columns in picture.tables.items():
        written.append(folder / f"{table}.csv")
        text_files.write_csv(written[-1], columns)
    written.append(folder / f"{picture.name}.h5")
    datasets = {
        f"{table}/{_name(head)}": described(head, values)
        for table, columns in picture.tables.items()
        for head, values in columns.items()
    }
    attributes = {**formats.stamp(), "config": config, **picture.numbers}
    hdf5.create(written[-1], datasets, attributes)
    return written


def described(head: str, values: drawing.Array) -> Described:
    """A column of a table with the unit that its head has in brackets."""
    match = re.fullmatch(r"(.*?) \[([^\]]*)\]", head)
    name, unit = (match[1], match[2]) if match else (head, "1")
    return Described(values, unit, name)


def _name(head: str) -> str:
    """The head of a column as the name of a dataset: without its unit, and without a slash."""
    return head.partition(" [")[0].replace("/", " over ")

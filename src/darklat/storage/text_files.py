"""Writing results: a file is whole or not there, and a disk that refuses is said to have."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from darklat.errors import MachineError
from darklat.storage.durable import sync


@contextmanager
def writing(what: str, where: Path, *, again: str) -> Iterator[None]:
    """Inside, an OSError becomes a MachineError: `what` could not be written to `where`, and why.

    `again` is the advice for when there is room, for example "analyse again".
    """
    try:
        yield
    except OSError as error:
        raise MachineError(
            f"{what} could not be written to {where} ({error}); "
            f"make it writable, or free space, and {again}"
        ) from error


def replace(path: Path, text: str) -> None:
    """Write UTF-8 text under a temporary name beside `path`, flush it to the disk and rename it.

    Bytes of a path that are no text are written as escapes. Raises OSError; an earlier file at
    `path` is then still there, and nothing else.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
        sync(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_csv(path: Path, columns: Mapping[str, npt.NDArray[np.float64]]) -> None:
    """Columns of one length as CSV: a header of their names with units, then the values.

    Every value is the shortest text that reads back as the same double. Raises OSError; see
    `replace`.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in np.column_stack(list(columns.values())):
        writer.writerow([repr(float(value)) for value in row])
    replace(path, text.getvalue())

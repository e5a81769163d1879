"""Reads exclusion curves: text files with a mass and a value per row."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from darklat.schema.column_files import FileColumn, read_columns

Array = npt.NDArray[np.float64]

MASSES = {"GeV": 1.0, "MeV": 1e-3, "keV": 1e-6, "eV": 1e-9}
COUPLINGS = {"1/GeV": 1.0, "GeV^-1": 1.0}
NUMBERS = {"1": 1.0}

_TINY = sys.float_info.min


def read_exclusion(path: Path, *, units: Mapping[str, float]) -> tuple[Array, Array]:
    """Masses in GeV and the values beside them, in the order of the file, each [n].

    units: the names that the unit of the values may have, with their sizes. A file that names no
    units has the first of them, and GeV. Raises ConfigError with file, line and column.
    """
    columns = (
        FileColumn("mass", MASSES, _TINY, "must be positive"),
        FileColumn("value", units, _TINY, "must be positive"),
    )
    mass, value = read_columns(path, columns, what="curve", least_rows=2, needs_units=False)
    return mass, value

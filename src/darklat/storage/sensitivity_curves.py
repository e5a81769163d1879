"""Sensitivity curves of detectors of gravitational waves: text files of two columns, frequency and
Omega h^2."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from darklat.schema.column_files import FileColumn, read_columns

Array = npt.NDArray[np.float64]

_TINY = sys.float_info.min
_FREQUENCIES = {"Hz": 1.0, "nHz": 1e-9, "mHz": 1e-3, "kHz": 1e3}
_ENERGIES = {"1": 1.0}


@dataclass(frozen=True)
class SensitivityCurve:
    """label: its name in a figure. frequency_Hz, omega_h2: [n], in the order of the file."""

    label: str
    frequency_Hz: Array
    omega_h2: Array


def read_curve(path: Path, label: str) -> SensitivityCurve:
    """A curve from a text file, whose numbers are in Hz and Omega h^2 unless a comment names their
    units. Raises ConfigError with file, line and column."""
    columns = (
        FileColumn("frequency", _FREQUENCIES, _TINY, "must be positive"),
        FileColumn("Omega h^2", _ENERGIES, _TINY, "must be positive"),
    )
    found = read_columns(path, columns, what="sensitivity curve", least_rows=2, needs_units=False)
    return SensitivityCurve(label, *found)

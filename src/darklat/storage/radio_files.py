"""Reads the text files of the radio sky: measured temperatures, and magnetic spectra of today."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from darklat.physics.conversion.resonance import LOWEST_HZ
from darklat.physics.radio.fit import RadioPoints
from darklat.schema.column_files import FileColumn, read_columns

Array = npt.NDArray[np.float64]

_TINY = sys.float_info.min

_FREQUENCY = FileColumn(
    "frequency",
    {"GHz": 1e9, "MHz": 1e6, "kHz": 1e3, "Hz": 1.0},
    LOWEST_HZ,
    f"must be {LOWEST_HZ:g} Hz or more (is its unit another?)",
)
_TEMPERATURE = FileColumn("temperature", {"K": 1.0, "mK": 1e-3}, 0.0, "must not be negative")
_UNCERTAINTY = FileColumn("uncertainty", {"K": 1.0, "mK": 1e-3}, _TINY, "must be positive")
_WAVE_NUMBER = FileColumn(
    "k", {"1/Mpc": 1.0, "1/kpc": 1e3, "1/pc": 1e6}, _TINY, "must be positive", increasing=True
)
_POWER = FileColumn(
    "power per ln k", {"G^2": 1.0, "nG^2": 1e-18}, 0.0, "is a mean square and must not be negative"
)


def read_points(path: Path) -> RadioPoints:
    """Temperatures of the sky: rows of frequency, temperature and uncertainty.

    Raises ConfigError with file, line and column.
    """
    columns = read_columns(path, (_FREQUENCY, _TEMPERATURE, _UNCERTAINTY), what="table of points")
    return RadioPoints(*columns)


def read_magnetic_spectrum(path: Path) -> tuple[Array, Array]:
    """A magnetic spectrum of today: k in 1/Mpc, comoving, and <B^2> per ln k in gauss^2, each [n].

    Raises ConfigError with file, line and column.
    """
    k, power = read_columns(path, (_WAVE_NUMBER, _POWER), what="magnetic spectrum", least_rows=2)
    return k, power


def packaged_points(name: str) -> Path:
    """The table of points of that name that darklat carries."""
    return Path(str(files("darklat.configs"))) / "radio" / f"{name}.txt"

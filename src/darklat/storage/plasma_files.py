"""Reads the files of a plasma: the table of its history, and its profile on the sites."""

from __future__ import annotations

import warnings
from pathlib import Path

import h5py
import numpy as np

from darklat.errors import BadValueError


def read_table(path: Path, *, key: str) -> np.ndarray:
    """The rows of a text file with the columns a, omega_p and, if there is a third, nu (a_osc,
    1/tau_osc). Lines that begin with # are left out.

    Raises BadValueError of `key` where the file is not a table of numbers.
    """
    try:
        return read_rows(path)
    except ValueError as error:
        raise BadValueError(key, error) from error


def read_rows(path: Path) -> np.ndarray:
    """The rows of a text file of numbers [n, columns]; lines that begin with # are left out.

    Raises ValueError, with the path, where it is none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an empty file has too few columns, which is said
            return np.loadtxt(path, comments="#", ndmin=2, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is no table of numbers: {error}") from error


def read_profile(path: Path, *, key: str, sites: int) -> np.ndarray:
    """omega_p^2 on the sites over its mean [n, n, n], from the dataset omega_p_squared.

    Raises BadValueError of `key` when the file does not fit.
    """
    shape = (sites, sites, sites)
    try:
        with h5py.File(path) as file:
            if "omega_p_squared" not in file:
                raise BadValueError(key, f"{path} has no dataset omega_p_squared [N, N, N]")
            values = np.asarray(file["omega_p_squared"][...], dtype=np.float64)
    except BadValueError:
        raise
    except (OSError, TypeError, ValueError) as error:
        raise BadValueError(key, f"{path} cannot be read as HDF5: {error}") from error
    if values.shape != shape:
        raise BadValueError(
            key, f"{path}: omega_p_squared has shape {values.shape}, lattice.sites asks for {shape}"
        )
    if not np.all(np.isfinite(values)) or np.any(values < 0) or not np.mean(values) > 0:
        raise BadValueError(
            key, f"{path}: omega_p_squared must be finite, not negative, not all zero"
        )
    return values / np.mean(values)

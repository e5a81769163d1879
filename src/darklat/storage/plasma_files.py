"""Reads the files of a plasma: the table of its history, and its profile on the sites."""

from __future__ import annotations

import warnings
from pathlib import Path

import h5py
import numpy as np

from darklat.errors import BadValueError
from darklat.physics.quantities import Described
from darklat.storage import formats, hdf5, named_datasets

PROFILE = "omega_p_squared"


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
    with named_datasets.opened(path, key=key) as file:
        values = named_datasets.values(_profile(file, key, sites), key=key)
    with np.errstate(over="ignore"):
        mean = np.mean(values)
    if np.any(values < 0) or not mean > 0:
        raise BadValueError(key, f"{path}: {PROFILE} must not be negative, and not all zero")
    if not np.isfinite(mean):
        raise BadValueError(
            key,
            f"{path}: the mean of {PROFILE} leaves the range of a double; the run takes its shape "
            "alone, so divide it by its largest value",
        )
    return values / mean


def write_profile(path: Path, values: np.ndarray) -> None:
    """A file of a profile [n, n, n]; raises MachineError when the disk refuses."""
    about = "square of the plasma frequency on the sites, over its mean"
    hdf5.write(path, {PROFILE: Described(values, "1", about)}, formats.stamp())


def normalised(values: np.ndarray) -> np.ndarray:
    """A profile over its mean."""
    return values / np.mean(values)


def check_profile(path: Path, *, key: str, sites: int) -> None:
    """Looks at the name, shape and type of the dataset without reading its values.

    Raises BadValueError as `read_profile`.
    """
    with named_datasets.opened(path, key=key) as file:
        _profile(file, key, sites)


def _profile(file: h5py.File, key: str, sites: int) -> h5py.Dataset:
    shape = (sites, sites, sites)
    return named_datasets.dataset(file, PROFILE, shape, key=key, needed=f"{PROFILE} [N, N, N]")

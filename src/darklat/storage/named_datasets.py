"""Reads the datasets of an HDF5 file that a configuration names: real, finite numbers of one shape.

Every fault is a BadValueError of `key`, the dotted path of the key that names the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from darklat.errors import BadValueError
from darklat.storage.lock import WITHOUT_LOCKS


@contextmanager
def opened(path: Path, *, key: str) -> Iterator[h5py.File]:
    """The file, to be read inside. Raises BadValueError when HDF5 cannot open or read it."""
    try:
        with _locked(path) as file:
            yield file
    except OSError as error:
        raise BadValueError(key, f"{path} cannot be read as HDF5: {error}") from error


def _locked(path: Path) -> h5py.File:
    """With HDF5's lock, which refuses a file that another program is writing. Where the file system
    has no locks, without. Raises OSError."""
    try:
        return h5py.File(path, "r")
    except OSError as error:
        if error.errno not in WITHOUT_LOCKS:
            raise
    return h5py.File(path, "r", locking=False)


def dataset(
    file: h5py.File, name: str, shape: tuple[int, ...], *, key: str, needed: str
) -> h5py.Dataset:
    """The dataset of that name and shape, whose values are not read yet.

    `needed` names the datasets that such a file has. Raises BadValueError when there is none, or
    its shape is another, or it does not hold real numbers.
    """
    found = file.get(name)
    if not isinstance(found, h5py.Dataset):
        raise BadValueError(key, f"{file.filename} has no dataset {name}; needed: {needed}")
    if found.shape != shape:
        raise BadValueError(
            key,
            f"{file.filename}: {name} has shape {found.shape}, lattice.sites asks for {shape}",
        )
    if found.dtype.kind not in "fiu":
        raise BadValueError(
            key, f"{file.filename}: {name} holds {found.dtype}, needed are real numbers"
        )
    return found


def values(found: h5py.Dataset, *, key: str, planes: slice = slice(None)) -> np.ndarray:
    """The values of a dataset as doubles, of [..., n, n, n] those of these planes. Raises
    BadValueError when they are not finite."""
    part = (..., planes, slice(None), slice(None)) if found.ndim >= 3 else ...
    read = np.asarray(found[part], dtype=np.float64)
    if not np.all(np.isfinite(read)):
        name = found.name.removeprefix("/")
        raise BadValueError(key, f"{found.file.filename}: {name} has values that are not finite")
    return read

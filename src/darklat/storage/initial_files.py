"""Reads the HDF5 file of `initial.file`."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

from darklat.errors import BadValueError
from darklat.schema import Config
from darklat.schema.inputs import InitialFields

KEY = "initial.file"


def read_initial_fields(config: Config) -> InitialFields:
    """The fields of the file that the configuration names.

    Raises BadValueError when the file cannot be read or does not fit the configuration.
    """
    path, n = config.initial.file, config.lattice.sites
    assert path is not None  # the schema's business
    scalar, vector = (n, n, n), (3, n, n, n)
    theta = theta_prime = None
    try:
        with h5py.File(path) as file:
            if config.model.alp:
                theta = _dataset(file, "theta", scalar, path)
                theta_prime = _dataset(file, "theta_prime", scalar, path)
            X, E = (
                {x: _dataset(file, f"{name}/{x}", vector, path) for x in config.letters}
                for name in ("X", "E")
            )
    except OSError as error:
        raise BadValueError(KEY, f"{path} cannot be read as HDF5: {error}") from error
    return InitialFields(theta, theta_prime, X, E)


def _dataset(file: h5py.File, name: str, shape: tuple[int, ...], path: Path) -> np.ndarray:
    if name not in file or not isinstance(file[name], h5py.Dataset):
        raise BadValueError(
            KEY,
            f"{path} has no dataset {name}; needed are X/<LETTER>, E/<LETTER> "
            "[3, N, N, N] for every field and, with an ALP, theta, theta_prime [N, N, N]",
        )
    if file[name].shape != shape:
        raise BadValueError(
            KEY,
            f"{path}: {name} has shape {file[name].shape}, lattice.sites asks for {shape}",
        )
    if file[name].dtype.kind not in "fiu":
        raise BadValueError(
            KEY, f"{path}: {name} holds {file[name].dtype}, needed are real numbers"
        )
    values = np.asarray(file[name][...], dtype=np.float64)
    if not np.all(np.isfinite(values)):
        raise BadValueError(KEY, f"{path}: {name} has values that are not finite")
    return values

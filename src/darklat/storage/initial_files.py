"""Reads the HDF5 file of `initial.file`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager

import h5py

from darklat.schema import Config
from darklat.schema.inputs import InitialFields
from darklat.storage import named_datasets

KEY = "initial.file"
_NEEDED = (
    "X/<LETTER>, E/<LETTER> [3, N, N, N] for every field and, with an ALP, theta, theta_prime "
    "[N, N, N]"
)


def read_initial_fields(config: Config) -> InitialFields:
    """The fields of the file that the configuration names.

    Raises BadValueError when the file cannot be read or does not fit the configuration.
    """
    with _opened(config) as file:
        read = {
            name: named_datasets.values(found, key=KEY) for name, found in _datasets(file, config)
        }
    X, E = ({x: read[f"{name}/{x}"] for x in config.letters} for name in ("X", "E"))
    return InitialFields(read.get("theta"), read.get("theta_prime"), X, E)


def check_initial_fields(config: Config) -> None:
    """Looks at the names, shapes and types of the datasets without reading their values.

    Raises BadValueError as `read_initial_fields`.
    """
    with _opened(config) as file:
        for _ in _datasets(file, config):
            pass


def _opened(config: Config) -> AbstractContextManager[h5py.File]:
    assert config.initial.file is not None  # the schema's business
    return named_datasets.opened(config.initial.file, key=KEY)


def _datasets(file: h5py.File, config: Config) -> Iterator[tuple[str, h5py.Dataset]]:
    """The datasets that the run needs, by name."""
    n = config.lattice.sites
    shapes: dict[str, tuple[int, ...]] = {}
    if config.model.alp:
        shapes |= {"theta": (n, n, n), "theta_prime": (n, n, n)}
    shapes |= {f"{name}/{x}": (3, n, n, n) for name in ("X", "E") for x in config.letters}
    for name, shape in shapes.items():
        yield name, named_datasets.dataset(file, name, shape, key=KEY, needed=_NEEDED)

"""HDF5 files that are either whole or not there, and say where they come from."""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import h5py
import numpy as np

from darklat.errors import MachineError
from darklat.physics.quantities import Column, Described, Placed
from darklat.schema.run import ORDER_UNSAID
from darklat.storage import changes, formats
from darklat.storage.durable import sync

HASH = "sha256"
ORDER = "order"  # lattice.order of the run that a file is of
OFFSET = "offset"  # of values on a lattice from their sites, in lattice spacings: x, y, z
SCALE = "scale"  # the unit of the values over that of the quantity, a power of two
_LIBRARIES = ("numpy", "scipy", "h5py", "pydantic")
_OPEN_WITH_A_LOCK = "locking flag values don't match"  # libhdf5's words: by this very process
_AT_ONCE = 2**26  # bytes of a dataset that are read in one go for its digest
_version = cache(version)  # milliseconds each


@dataclass(frozen=True)
class Provenance:
    """The attributes on its origin that every file of a run has."""

    config: str  # the resolved YAML
    device: str
    backend: str  # cpu or cuda
    kernels: str  # identifies their machine code
    changes: tuple[changes.Change, ...] = ()  # of the configuration, since the start
    order: int = ORDER_UNSAID  # lattice.order, on which Gauss's law depends

    def attributes(self) -> dict[str, str | int]:
        """The attributes at the root of a file."""
        return {
            **formats.stamp(),
            "config": self.config,
            "host": socket.gethostname(),
            "device": self.device,
            "backend": self.backend,
            "kernels": self.kernels,
            ORDER: self.order,
            "library_versions": json.dumps(
                {name: _version(name) for name in _LIBRARIES}
                | {"python": platform.python_version()}
            ),
            **changes.attributes(self.changes),
        }

    def differences(self, origin: Mapping[str, str]) -> list[str]:
        """The differences to the attributes of a file because of which the same steps give other
        bits."""
        if self.backend != origin["backend"]:
            return [f"written with backend {origin['backend']}, this is {self.backend}"]
        if self.kernels != origin["kernels"]:
            return [
                f"written on {origin['device']} with darklat {origin['darklat_version']}; here the "
                "kernels are compiled for another processor, or by another compiler or darklat"
            ]
        before = json.loads(origin["library_versions"])
        return [
            f"written with {name} {before.get(name)}, this is {_version(name)}"
            for name in ("numpy", "scipy")
            if before.get(name) != _version(name)
        ]


def write(
    path: Path,
    datasets: Mapping[str, Described],
    attributes: Mapping[str, object],
    *,
    axes: Mapping[str, tuple[str, ...]] | None = None,
) -> None:
    """Writes a file to a temporary name beside `path`, flushes it to the disk and renames it.

    datasets, axes: see `create`. Raises MachineError when the disk refuses; an earlier file at
    `path` is then still there.
    """
    replace(path, lambda temporary: create(temporary, datasets, attributes, axes=axes))


def create(
    path: Path,
    datasets: Mapping[str, Described],
    attributes: Mapping[str, object],
    *,
    axes: Mapping[str, tuple[str, ...]] | None = None,
    user_block: int = 0,
) -> None:
    """Writes a file under its own name, with room for `user_block` bytes before the HDF5 data.

    datasets: by path inside the file; each carries the SHA-256 of its bytes. axes: for a dataset,
    the paths of the datasets with the values along its axes. These become HDF5 dimension scales,
    under the last part of their path. Raises OSError when the disk refuses.
    """
    with _Sink(path) as sink, h5py.File(sink, "w", userblock_size=user_block) as file:
        for key, value in attributes.items():
            file.attrs[key] = value
        for name, data in datasets.items():
            if data.sharing:
                dataset = file.create_dataset(name, shape=data.shape, dtype=data.values.dtype)
                written = _fill(dataset, data.sharing.blocks(data.values))
            else:
                values = np.ascontiguousarray(data.values)
                dataset, written = file.create_dataset(name, data=values), digest(values)
            dataset.attrs["units"] = data.units
            dataset.attrs["description"] = data.description
            dataset.attrs[HASH] = written
            if isinstance(data, Placed):
                dataset.attrs[OFFSET], dataset.attrs[SCALE] = data.offset, data.scale
        _name_axes(file, axes or {})


def _fill(dataset: h5py.Dataset, blocks: Iterator[np.ndarray]) -> str:
    """Writes a dataset [..., n, n, n] from blocks of its planes in their order; its digest."""
    *before, n, _, _ = dataset.shape
    result, done = _begun_digest(dataset), 0
    for block in blocks:
        at = np.unravel_index(done // n, before) if before else ()
        first = done % n
        dataset[(*at, slice(first, first + len(block)))] = block
        _go_on(result, block)
        done += len(block)
    return result.hexdigest()


def hand_over(datasets: Mapping[str, Described]) -> None:
    """Gives the own planes of these datasets to the rank that creates a file with them."""
    for data in datasets.values():
        if data.sharing:
            for _ in data.sharing.blocks(data.values):
                pass


def _name_axes(file: h5py.File, axes: Mapping[str, tuple[str, ...]]) -> None:
    """Gives the axes of datasets their names, and the dataset with the values along them."""
    scales = {path: _last(path) for paths in axes.values() for path in paths}
    for path, name in scales.items():
        file[path].make_scale(name)
    for name, paths in axes.items():
        for dimension, path in zip(file[name].dims, paths, strict=True):
            dimension.label = scales[path]
            if path != name:  # a scale has none itself
                dimension.attach_scale(file[path])


def _last(path: str) -> str:
    return path.rpartition("/")[2]


class _Sink:
    """A file that keeps the first error of writing to itself until HDF5 has closed. The reason:
    libhdf5 cannot give up a file it failed to write, and would hold its space until the process
    ends."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "w+b")  # noqa: SIM115 (closed in __exit__)
        self._failed: BaseException | None = None

    def __enter__(self) -> _Sink:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()
        with suppress(OSError):  # nothing is left to be written
            self._file.close()
        if self._failed is not None:
            raise self._failed

    def _try(self, action: Callable[[], object]) -> None:
        if self._failed is None:
            try:
                action()
            except BaseException as error:  # a second SIGINT too: libhdf5 would swallow it
                self._failed = error

    def write(self, data: memoryview) -> None:
        self._try(lambda: self._file.write(data))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._try(lambda: self._file.seek(offset, whence))
        return offset

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def readinto(self, buffer: memoryview) -> int:
        return self._file.readinto(buffer)

    def truncate(self, size: int) -> None:
        self._try(lambda: self._file.truncate(size))

    def flush(self) -> None:
        self._try(self._file.flush)


def replace(path: Path, fill: Callable[[Path], object]) -> None:
    """Calls `fill` with a temporary path in the same folder, then fsync, rename, fsync of the
    folder.

    Raises MachineError when the disk refuses; an earlier file at `path` is then still there.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        try:
            fill(temporary)
            sync(temporary)
            os.replace(temporary, path)
            sync(path.parent)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise MachineError(
            f"cannot write {path}: {error}. Free some space or check permissions, "
            f"then `darklat resume {_run_of(path)}` continues from the last checkpoint."
        ) from error


def opened(path: Path) -> h5py.File:
    """A file of a run for reading. Raises OSError.

    Without a lock: a file gets its name when it is complete, and not every file system has locks.
    """
    try:
        return h5py.File(path, "r", locking=False)
    except OSError as error:
        if _OPEN_WITH_A_LOCK not in str(error):
            raise
    return h5py.File(path, "r")


def digest(values: np.ndarray) -> str:
    """SHA-256 over dtype, shape and bytes."""
    result = _begun_digest(values)
    _go_on(result, values)
    return result.hexdigest()


def digest_of_file(dataset: h5py.Dataset) -> str:
    """`digest` of a dataset that need not fit into memory."""
    if dataset.ndim < 3:
        return digest(dataset[...])
    result = _begun_digest(dataset)
    planes = max(1, _AT_ONCE // (dataset.dtype.itemsize * math.prod(dataset.shape[-2:])))
    for at in np.ndindex(dataset.shape[:-3]):
        for first in range(0, dataset.shape[-3], planes):
            _go_on(result, dataset[(*at, slice(first, first + planes))])
    return result.hexdigest()


def _begun_digest(values: np.ndarray | h5py.Dataset) -> hashlib._Hash:
    return hashlib.sha256(f"{values.dtype.str}{values.shape}".encode())


def _go_on(result: hashlib._Hash, values: np.ndarray) -> None:
    result.update(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)


def datasets(file: h5py.Group) -> Iterator[tuple[str, h5py.Dataset]]:
    """Every dataset below a group, with its path, in alphabetical order."""
    found: list[tuple[str, h5py.Dataset]] = []
    file.visititems(
        lambda name, item: found.append((name, item)) if isinstance(item, h5py.Dataset) else None
    )
    return iter(sorted(found, key=lambda pair: pair[0]))


def columns(path: Path) -> dict[str, Column]:
    """Unit and description of every dataset of a file, by path. Raises OSError."""
    with opened(path) as file:
        return {
            name: Column(str(dataset.attrs["units"]), str(dataset.attrs["description"]))
            for name, dataset in datasets(file)
        }


def _run_of(path: Path) -> Path:
    return path.parent.parent if path.parent.name in FOLDERS else path.parent


FOLDERS = ("checkpoints", "snapshots", "inputs", "maps")  # of a run folder

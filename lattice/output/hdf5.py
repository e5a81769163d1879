"""HDF5 files that are either whole or not there, and say where they come from."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import h5py
import numpy as np

from darklat.kernels.errors import MachineError

FORMAT_VERSION = 1
HASH = "sha256"


@dataclass(frozen=True)
class Provenance:
    """What every file of a run says about its origin."""

    config: str  # the resolved YAML
    device: str

    def attributes(self) -> dict[str, str | int]:
        """The attributes at the root of a file."""
        libraries = {name: version(name) for name in ("numpy", "scipy", "h5py", "pydantic")}
        return {
            "format_version": FORMAT_VERSION,
            "darklat_version": version("darklat"),
            "config": self.config,
            "host": socket.gethostname(),
            "device": self.device,
            "library_versions": json.dumps(libraries | {"python": platform.python_version()}),
        }


@dataclass(frozen=True)
class Described:
    """Values with their unit and what they are."""

    values: np.ndarray
    units: str
    description: str


def write(path: Path, datasets: Mapping[str, Described], attributes: Mapping[str, object]) -> None:
    """Writes a file to a temporary name beside `path`, flushes it to the disk and renames it.

    datasets: by path inside the file. Every dataset carries the SHA-256 of its bytes. Raises
    MachineError when the disk refuses; what was at `path` before is then still there.
    """

    def fill(temporary: Path) -> None:
        with h5py.File(temporary, "w") as file:
            for key, value in attributes.items():
                file.attrs[key] = value
            for name, data in datasets.items():
                values = np.ascontiguousarray(data.values)
                dataset = file.create_dataset(name, data=values)
                dataset.attrs["units"] = data.units
                dataset.attrs["description"] = data.description
                dataset.attrs[HASH] = digest(values)

    replace(path, fill)


def replace(path: Path, fill: Callable[[Path], object]) -> None:
    """Calls `fill` with a temporary path in the same folder, then fsync, rename, fsync of the
    folder."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        try:
            fill(temporary)
            _sync(temporary)
            os.replace(temporary, path)
            _sync(path.parent)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise MachineError(
            f"cannot write {path}: {error}. Free some space or check permissions, "
            f"then `darklat resume {_run_of(path)}` continues from the last checkpoint."
        ) from error


def digest(values: np.ndarray) -> str:
    """SHA-256 over dtype, shape and bytes."""
    result = hashlib.sha256(f"{values.dtype.str}{values.shape}".encode())
    result.update(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)
    return result.hexdigest()


def datasets(file: h5py.Group) -> Iterator[tuple[str, h5py.Dataset]]:
    """Every dataset below a group, with its path, in alphabetical order."""
    found: list[tuple[str, h5py.Dataset]] = []
    file.visititems(
        lambda name, item: found.append((name, item)) if isinstance(item, h5py.Dataset) else None
    )
    return iter(sorted(found, key=lambda pair: pair[0]))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _run_of(path: Path) -> Path:
    return path.parent.parent if path.parent.name in ("checkpoints", "snapshots") else path.parent

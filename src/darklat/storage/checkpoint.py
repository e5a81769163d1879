"""Checkpoints: everything that a run needs to go on as if it had never stopped.

A file begins with a seal, a block of text with the SHA-256 of all bytes behind it. It is verified
before libhdf5 opens the file, because libhdf5 may crash or hang on a damaged one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import h5py
import numpy as np

from darklat.errors import MachineError
from darklat.physics.quantities import Described, State
from darklat.storage import hdf5
from darklat.storage.durable import sync
from darklat.storage.hdf5 import Provenance

FORMAT = 4
"""Of a checkpoint. Before darklat 0.1.0, 1 had no seal, 2 had another account of energy, and 3 had
no clock, no time and fewer columns of the series."""
READABLE = (3, FORMAT)
PATTERN = "step-*.h5"
METADATA_HASH = "metadata_sha256"
SEAL_BYTES = 512  # the smallest user block of HDF5
Planes: TypeAlias = "Callable[[int], slice]"
"""Which of n planes along x are kept."""


_FIRST = b"darklat checkpoint\n"


class BadCheckpoint(Exception):  # noqa: N818 (a finding about a file)
    """A checkpoint that does not verify; the message says why."""


@dataclass(frozen=True)
class Seal:
    """The first block of a checkpoint: its format, its number in its run (the first is 0), and the
    SHA-256 of the bytes behind the block."""

    format: int
    number: int
    sha256: str

    def block(self) -> bytes:
        """The block itself; every byte of it is determined."""
        text = (
            f"{_FIRST.decode()}format {self.format}\nnumber {self.number}\n"
            f"sha256 of the bytes from {SEAL_BYTES} on: {self.sha256}\n"
        )
        return text.encode().ljust(SEAL_BYTES - 1) + b"\n"


_BLOCK = re.compile(
    _FIRST + rb"format (\d{1,9})\nnumber (\d{1,18})\nsha256 [^:]*: ([0-9a-f]{64})\n"
)


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that has been read: its state, its number, and its origin (the attributes of the
    file; `config` is the resolved YAML)."""

    path: Path
    state: State
    number: int
    origin: Mapping[str, str]

    @property
    def config(self) -> str:
        """The configuration that it was written with."""
        return self.origin["config"]


def path_of(folder: Path, step: int) -> Path:
    """The file of a step."""
    return folder / f"step-{step:09d}.h5"


def write(
    folder: Path,
    state: State,
    provenance: Provenance,
    *,
    number: int,
    inputs: Mapping[str, str] | None = None,
) -> Path:
    """Writes the checkpoint with that number of its run, and reads it back before it gets its name.

    inputs: SHA-256 of the files that a resume needs besides, by name. Raises MachineError when the
    disk refuses or does not give back the bytes that were written.
    """
    path = path_of(folder, state.step)
    attributes = provenance.attributes() | {
        "format_version": FORMAT,
        "step": state.step,
        "numbers": json.dumps(
            {k: float(v).hex() for k, v in state.numbers.items()}, sort_keys=True
        ),
        "inputs": json.dumps(dict(inputs or {}), sort_keys=True),
    }
    attributes[METADATA_HASH] = _metadata_digest(attributes)

    def fill(temporary: Path) -> None:
        hdf5.create(temporary, state.arrays, attributes, user_block=SEAL_BYTES)
        sync(temporary)
        _compare(temporary, state, attributes)
        seal = Seal(FORMAT, number, _digest(temporary))
        with open(temporary, "r+b") as file:
            file.write(seal.block())
        if read_seal(temporary) != seal:
            raise BadCheckpoint("its first bytes are not what was written")

    try:
        hdf5.replace(path, fill)
    except BadCheckpoint as error:
        raise MachineError(
            f"{path} was written but does not verify: {error}. Check the disk."
        ) from error
    return path


def hand_over(state: State) -> None:
    """Gives the own planes of this rank to the one that writes the checkpoint."""
    hdf5.hand_over(state.arrays)


def remove_old(folder: Path, *, step: int, keep: int, keep_every: int) -> None:
    """Removes the checkpoints before the newest `keep`, except those whose number is a multiple of
    `keep_every` (0: none is). Files of steps beyond `step` are left alone: a resume has rejected
    them.

    Raises MachineError when the disk refuses.
    """
    found = sorted(path for path in folder.glob(PATTERN) if path <= path_of(folder, step))
    for path in found[:-keep]:
        try:
            if not (keep_every and read_seal(path).number % keep_every == 0):
                path.unlink()
        except BadCheckpoint:
            continue  # of no use, but evidence
        except OSError as error:
            raise MachineError(
                f"cannot remove the old checkpoint {path}: {error}. Check permissions."
            ) from error


def every(n: int) -> slice:
    """All planes."""
    return slice(0, n)


def read(path: Path, planes: Planes = every, *, verified: bool = False) -> Checkpoint:
    """A checkpoint whose seal, datasets and metadata all agree with their hashes. Of fields on the
    lattice only these planes are kept. verified: another rank has compared the hashes.

    Raises BadCheckpoint otherwise.
    """
    try:
        seal = read_seal(path) if verified else verify_seal(path)
        with hdf5.opened(path) as file:
            attributes = _verified_attributes(file)
            arrays = {}
            for name, dataset in hdf5.datasets(file):
                part = planes is not every and _on_the_lattice(dataset)
                values = dataset[..., planes(dataset.shape[-1]), :, :] if part else dataset[...]
                if not verified:
                    written = hdf5.digest_of_file(dataset) if part else hdf5.digest(values)
                    if dataset.attrs.get(hdf5.HASH) != written:
                        raise BadCheckpoint(f"dataset {name} does not match its hash")
                about = (str(dataset.attrs[key]) for key in ("units", "description"))
                arrays[name] = Described(values, *about)
        numbers = {k: float.fromhex(v) for k, v in json.loads(attributes["numbers"]).items()}
        state = State(int(attributes["step"]), numbers, arrays)
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        raise BadCheckpoint(f"it cannot be read: {error}") from error
    return Checkpoint(path, state, seal.number, {k: _plain(v) for k, v in attributes.items()})


def read_origin(path: Path) -> dict[str, str]:
    """The attributes of a checkpoint whose seal and metadata agree with their hashes; the datasets
    are not read. Raises BadCheckpoint otherwise."""
    try:
        verify_seal(path)
        with hdf5.opened(path) as file:
            return {k: _plain(v) for k, v in _verified_attributes(file).items()}
    except (OSError, RuntimeError) as error:
        raise BadCheckpoint(f"it cannot be read: {error}") from error


def _on_the_lattice(dataset: h5py.Dataset) -> bool:
    """Whether its shape is [..., n, n, n]."""
    return dataset.ndim >= 3 and len({*dataset.shape[-3:]}) == 1


def _verified_attributes(file: h5py.File) -> dict[str, Any]:
    """All but the hash of them. Raises BadCheckpoint when they do not match it."""
    attributes = dict(file.attrs)
    if attributes.pop(METADATA_HASH, None) != _metadata_digest(attributes):
        raise BadCheckpoint("its metadata do not match their hash")
    return attributes


def newest(folder: Path, planes: Planes = every) -> tuple[Checkpoint, list[tuple[str, str]]]:
    """The newest checkpoint that verifies, with these planes of its fields, and of each newer one
    that does not the name of the file and the reason.

    Raises BadCheckpoint when there is none.
    """
    rejected: list[tuple[str, str]] = []
    for path in sorted(folder.glob(PATTERN), reverse=True):
        try:
            return read(path, planes), rejected
        except BadCheckpoint as error:
            rejected.append((path.name, str(error)))
    if rejected:
        every = "; ".join(f"{name}: {reason}" for name, reason in rejected)
        raise BadCheckpoint(f"no checkpoint verifies: {every}")
    raise BadCheckpoint(f"there is no checkpoint in {folder}")


def has_seal(path: Path) -> bool:
    """Whether a file begins as a checkpoint does, whole or damaged. Raises OSError."""
    with open(path, "rb") as file:
        return file.read(len(_FIRST)) == _FIRST


def read_seal(path: Path) -> Seal:
    """The seal of a file. Raises BadCheckpoint when it is not one of this format, and OSError."""
    with open(path, "rb") as file:
        block = file.read(SEAL_BYTES)
    if not block:
        raise BadCheckpoint("it is empty")
    found = _BLOCK.match(block)
    if found is None:
        raise BadCheckpoint(
            "it has no seal: it is damaged, of another program, or of a darklat before 0.1.0"
        )
    seal = Seal(int(found[1]), int(found[2]), found[3].decode())
    if seal.format not in READABLE:
        raise BadCheckpoint(
            f"it has format {seal.format}, this darklat reads formats {READABLE[0]} to {FORMAT}: "
            "resume with the version of darklat that wrote it"
        )
    if block != seal.block():
        raise BadCheckpoint("its seal is damaged")
    return seal


def verify_seal(path: Path) -> Seal:
    """The seal of a file whose bytes match the hash in it. Raises BadCheckpoint, and OSError."""
    seal = read_seal(path)
    if _digest(path) != seal.sha256:
        raise BadCheckpoint("it is damaged: its bytes do not match the hash in its seal")
    return seal


def _digest(path: Path) -> str:
    """SHA-256 of the bytes behind the seal."""
    with open(path, "rb") as file:
        file.seek(SEAL_BYTES)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _compare(path: Path, state: State, attributes: Mapping[str, object]) -> None:
    """Raises BadCheckpoint unless a file holds just that."""
    try:
        with hdf5.opened(path) as file:
            if _metadata_digest(dict(file.attrs)) != _metadata_digest(attributes):
                raise BadCheckpoint("its metadata are not what was written")
            found = dict(hdf5.datasets(file))
            if set(found) != set(state.arrays):
                raise BadCheckpoint("its datasets are not those that were written")
            for name, described in state.arrays.items():
                if not _holds(found[name], described):
                    raise BadCheckpoint(f"dataset {name} is not what was written")
    except (OSError, RuntimeError) as error:
        raise BadCheckpoint(f"it cannot be read: {error}") from error


def _holds(dataset: h5py.Dataset, described: Described) -> bool:
    """Whether a dataset has these values; of those that ranks share, whether it has the digest of
    the planes that they sent."""
    if described.sharing:
        return bool(dataset.attrs[hdf5.HASH] == hdf5.digest_of_file(dataset))
    return np.array_equal(_bits(dataset[...]), _bits(described.values))


def _bits(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values).view(f"u{values.dtype.itemsize}")


def _metadata_digest(attributes: Mapping[str, object]) -> str:
    text = "\0".join(f"{k}={_plain(attributes[k])}" for k in sorted(attributes))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str:
    return str(value.item() if isinstance(value, np.generic) else value)

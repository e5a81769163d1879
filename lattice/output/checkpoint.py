"""Checkpoints: everything that a run needs to go on as if it had never stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from darklat.lattice.output import hdf5
from darklat.lattice.output.hdf5 import Described, Provenance

PATTERN = "step-*.h5"
METADATA_HASH = "metadata_sha256"


class BadCheckpoint(Exception):  # noqa: N818 (a finding about a file)
    """A checkpoint that does not verify; the message says why."""


@dataclass(frozen=True)
class State:
    """What a checkpoint holds: numbers exact to the bit, and arrays by path."""

    step: int
    numbers: Mapping[str, float]
    arrays: Mapping[str, Described]


def path_of(folder: Path, step: int) -> Path:
    """The file of a step."""
    return folder / f"step-{step:09d}.h5"


def write(folder: Path, state: State, provenance: Provenance, *, keep: int) -> Path:
    """Writes and re-reads a checkpoint, then removes all but the newest `keep`.

    Raises MachineError when the disk refuses or does not give back what was written.
    """
    path = path_of(folder, state.step)
    attributes = provenance.attributes() | {
        "step": state.step,
        "numbers": json.dumps(
            {k: float(v).hex() for k, v in state.numbers.items()}, sort_keys=True
        ),
    }
    attributes[METADATA_HASH] = _metadata_digest(attributes)
    hdf5.write(path, state.arrays, attributes)
    try:
        read(path, keep=False)
    except BadCheckpoint as error:
        raise hdf5.MachineError(
            f"{path} was written but does not verify: {error}. Check the disk."
        ) from error
    for old in sorted(folder.glob(PATTERN))[:-keep]:
        old.unlink()
    return path


def read(path: Path, *, keep: bool = True) -> tuple[State, str]:
    """The state in a checkpoint and the config it was written with.

    Without `keep` the arrays are verified one at a time and dropped. Raises BadCheckpoint
    unless every hash agrees.
    """
    try:
        with h5py.File(path) as file:
            attributes = dict(file.attrs)
            if attributes.get("format_version") != hdf5.FORMAT_VERSION:
                raise BadCheckpoint(
                    f"format version {attributes.get('format_version')!r}, "
                    f"this darklat reads {hdf5.FORMAT_VERSION}"
                )
            stated = attributes.pop(METADATA_HASH, None)
            if stated != _metadata_digest(attributes):
                raise BadCheckpoint("its metadata do not match their hash")
            arrays = {}
            for name, dataset in hdf5.datasets(file):
                values = dataset[...]
                if dataset.attrs.get(hdf5.HASH) != hdf5.digest(values):
                    raise BadCheckpoint(f"dataset {name} does not match its hash")
                if keep:
                    arrays[name] = Described(
                        values, str(dataset.attrs["units"]), str(dataset.attrs["description"])
                    )
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        raise BadCheckpoint(f"it cannot be read: {error}") from error
    numbers = {k: float.fromhex(v) for k, v in json.loads(attributes["numbers"]).items()}
    return State(int(attributes["step"]), numbers, arrays), str(attributes["config"])


def newest(folder: Path) -> tuple[State, str, Path, list[str]]:
    """The newest checkpoint that verifies, its config and path, and a line for each newer one that
    does not.

    Raises BadCheckpoint when there is none.
    """
    rejected: list[str] = []
    for path in sorted(folder.glob(PATTERN), reverse=True):
        try:
            state, config = read(path)
        except BadCheckpoint as error:
            rejected.append(f"{path.name}: {error}")
            continue
        return state, config, path, rejected
    if rejected:
        raise BadCheckpoint("no checkpoint verifies: " + "; ".join(rejected))
    raise BadCheckpoint(f"there is no checkpoint in {folder}")


def _metadata_digest(attributes: Mapping[str, object]) -> str:
    text = "\0".join(f"{k}={_plain(attributes[k])}" for k in sorted(attributes))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str:
    return str(value.item() if isinstance(value, np.generic) else value)

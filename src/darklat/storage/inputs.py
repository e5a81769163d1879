"""The files that a configuration names: read into memory, and copied into the run folder.

A resume needs the copies of tables and profiles of plasmas. Fields from `initial.file` are read at
the start only.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from darklat.errors import InputError, MachineError
from darklat.physics.background import Background
from darklat.schema import Config
from darklat.schema.inputs import EvolvedFields, InitialFields, Inputs
from darklat.schema.yaml.values import Stored
from darklat.storage import hdf5
from darklat.storage.initial_files import ALL_PLANES, read_initial_fields
from darklat.storage.plasma_files import read_profile, read_table

FOLDER = "inputs"
COPY = re.compile(r"([A-Z]-plasma-(file|profile)|background-file)(\..*)?")  # names of copies


def read(
    config: Config, *, at_start: bool = True, planes: slice = ALL_PLANES, verified: bool = False
) -> Inputs:
    """The contents of the files that the configuration names; the initial fields only at the start
    of a run, and of them these planes. verified: another rank compares the hashes of a checkpoint.

    Raises BadValueError when one cannot be read or does not fit.
    """
    profiles = {
        letter: read_profile(
            field.plasma.profile,
            key=f"model.fields.{letter}.plasma.profile",
            sites=config.lattice.sites,
        )
        for letter, field in config.model.fields.items()
        if field.plasma.profile is not None
    }
    found = None
    if at_start and config.initial.kind == "file":
        found = read_initial_fields(config, planes, verified=verified)
    return Inputs(
        initial=found if isinstance(found, InitialFields) else None,
        evolved=found if isinstance(found, EvolvedFields) else None,
        tables=tables(config),
        profiles=profiles,
    )


def tables(config: Config) -> dict[str, np.ndarray]:
    """The rows of the plasmas of kind table, by the field's letter. They are small, and can be read
    before a run is decided on. Raises BadValueError where a file is no table of numbers."""
    return {
        letter: read_table(field.plasma.file, key=f"model.fields.{letter}.plasma.file")
        for letter, field in config.model.fields.items()
        if field.plasma.file is not None
    }


def keep(config: Config, folder: Path) -> None:
    """Copies the files into the run folder. Raises MachineError when the disk refuses."""
    for _, path, copy in _files(config, folder):
        _copy(path, copy)


def hand_on(config: Config, old: Path, new: Path) -> None:
    """Copies the tables of the run in `old` into the folder of a run that goes on from it. Raises
    MachineError when the disk refuses."""
    for key, _, copy in _files(config, old):
        if key[-1] == "file":
            _copy(copy, new / FOLDER / copy.name)


def kept(config: Config, folder: Path) -> Config:
    """The same configuration, with the copies in place of the files it names."""
    data = config.model_dump()
    for key, _, copy in _files(config, folder):
        section = data
        for part in key[:-1]:
            section = section[part]
        section[key[-1]] = copy
    return Config.model_validate(data, context=Stored())


def copy_of(folder: Path, letter: str, key: str, suffix: str) -> Path:
    """The copy, in a run folder, of the file that a key of a field's plasma names."""
    return folder / FOLDER / f"{letter}-plasma-{key}{suffix}"


def digests(config: Config, folder: Path) -> dict[str, str]:
    """SHA-256 of the copies, by name. Raises InputError when one cannot be read."""
    return {copy.name: _digest(copy) for _, _, copy in _files(config, folder)}


def _digest(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}, which the run needs, cannot be read: {error}") from error


def refuse_edited(config: Config, folder: Path) -> None:
    """Raises InputError when a file has other contents than its copy in the run folder, or when one
    of the two cannot be read."""
    for key, path, copy in _files(config, folder):
        if _digest(path) != _digest(copy):
            raise InputError(
                f"{'.'.join(key)}: {path} has changed since the run in {folder} "
                f"began, which has the old contents in {copy}. Choose another folder (--out), or "
                "put the old file back."
            )


def refuse_changed(found: Mapping[str, str], stated: Mapping[str, str], folder: Path) -> None:
    """Raises InputError when a copy is not the one that a checkpoint was written with."""
    for name in sorted(set(found) | set(stated)):
        if found.get(name) != stated.get(name):
            raise InputError(
                f"{folder / FOLDER / name} has changed since the checkpoint was written: put the "
                "old file back, or start a new run"
            )


def _copy(path: Path, copy: Path) -> None:
    make_room(copy)
    hdf5.replace(copy, partial(shutil.copyfile, path))


def make_room(copy: Path) -> None:
    """Makes the folder of copies. Raises MachineError when the disk refuses."""
    try:
        copy.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise MachineError(f"cannot write {copy}: {error}. Check permissions.") from error


def with_history(config: Config, folder: Path) -> Config:
    """The same configuration, with the copy of its table of a(tau) in place of the file, where the
    run folder has one."""
    path = config.background.file
    if path is None or not _history(path, folder).is_file():
        return config
    data = config.model_dump()
    data["background"]["file"] = _history(path, folder)
    return Config.model_validate(data, context=Stored())


def expansion(config: Config, folder: Path) -> Background:
    """a(tau) of the run in a folder. Raises InputError where its table cannot be read."""
    return with_history(config, folder).expansion


def _history(path: Path, folder: Path) -> Path:
    """The copy of a table of a(tau)."""
    return folder / FOLDER / f"background-file{path.suffix}"


def _files(config: Config, folder: Path) -> Iterator[tuple[tuple[str, ...], Path, Path]]:
    """Key, file, and copy of every table and profile."""
    path = config.background.file
    if path is not None:
        yield ("background", "file"), path, _history(path, folder)
    for letter, field in config.model.fields.items():
        for key, path in (("file", field.plasma.file), ("profile", field.plasma.profile)):
            if path is not None:
                at = ("model", "fields", letter, "plasma", key)
                yield at, path, copy_of(folder, letter, key, path.suffix)

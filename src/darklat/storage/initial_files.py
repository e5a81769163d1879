"""Reads the file of `initial.file`: a start file, or a checkpoint or a snapshot of another run.

docs/initial-states.md describes all three. A start file and a snapshot have theta, theta', X and E.
A checkpoint has the whole state, from which the same model goes on to the bit.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from darklat.errors import BadValueError, ConfigError, InputError
from darklat.physics.quantities import Described
from darklat.physics.units import UnitNames
from darklat.schema import Config, dump, loads
from darklat.schema.inputs import EvolvedFields, InitialFields
from darklat.schema.run import ORDER_UNSAID
from darklat.schema.write import leaves
from darklat.storage import checkpoint, hdf5, named_datasets
from darklat.storage.snapshots import SnapshotFile

KEY = "initial.file"
ALL_PLANES = slice(None)
TIME = "a"  # the attribute of a start file
ANOTHER_ORDER = (
    "`darklat refine CHECKPOINT --order {wanted}` takes the run of a checkpoint to "
    "that order. Or start from a file of a run of order {wanted}, or set lattice.order to {found}"
)
"""The remedy for fields that belong to another order than the run's."""
UNITS = {"theta": "1", "theta_prime": "1/tau_osc", "X": "f", "E": "f/tau_osc"}
ROUNDING = 1e-9  # of scale factors
GAUSS_OF_SINGLE = 1e-6  # least checks.gauss_max: some times the rounding of float32
_NEEDED = (
    "X/<LETTER>, E/<LETTER> [3, N, N, N] for every field and, with an ALP, theta, theta_prime "
    "[N, N, N]"
)
_OF_THE_UNITS = (
    "lattice.sites", "lattice.box", "background.kind", "background.oscillation_condition",
    "model.alp.mass_eV", "model.alp.f_GeV", "units.hubble_eV",
)  # fmt: skip
_OF_THE_STATE = ("lattice.sites", "lattice.box", "model", "background", "units")
_FILES = (".file", ".profile")  # the ends of keys: names of files, which may have moved


def read_initial_fields(
    config: Config, planes: slice = ALL_PLANES, *, verified: bool = False
) -> InitialFields | EvolvedFields:
    """These planes of the fields of the file that the configuration names. verified: another rank
    compares the hashes of a checkpoint.

    Raises BadValueError when the file cannot be read or does not fit the configuration.
    """
    path = _path(config)
    if _is_checkpoint(path):
        if not verified:
            _check_checkpoint(config, path)
        return _of_checkpoint(path, planes, verified=verified)
    if _is_snapshot(path):
        return _of_snapshot(config, _snapshot(config, path), planes)
    with named_datasets.opened(path, key=KEY) as file:
        read = {
            name: named_datasets.values(found, key=KEY, planes=planes)
            for name, found in _datasets(file, config)
        }
    X, E = ({x: read[f"{name}/{x}"] for x in config.letters} for name in ("X", "E"))
    return InitialFields(read.get("theta"), read.get("theta_prime"), X, E)


def check_initial_fields(config: Config) -> None:
    """Looks at the origin of the file, and at the names, shapes, types and units of its datasets
    without reading their values.

    Raises BadValueError as `read_initial_fields`.
    """
    path = _path(config)
    if _is_checkpoint(path):
        _check_checkpoint(config, path)
    elif _is_snapshot(path):
        _snapshot(config, path)
    else:
        with named_datasets.opened(path, key=KEY) as file:
            for _ in _datasets(file, config):
                pass


def _path(config: Config) -> Path:
    assert config.initial.file is not None  # the schema's business
    return config.initial.file


# ---- A start file ----


def write_initial_fields(path: Path, config: Config, fields: InitialFields) -> None:
    """A start file with the time and the configuration that it is for. Raises MachineError when the
    disk refuses."""
    unit = UnitNames(alp=config.model.alp is not None)
    arrays = {"theta": fields.theta, "theta_prime": fields.theta_prime}
    arrays |= {f"X/{x}": values for x, values in fields.X.items()}
    arrays |= {f"E/{x}": values for x, values in fields.E.items()}
    about = {
        "theta": "ALP field phi/f on the sites", "theta_prime": "d theta/d tau on the sites",
        "X": "vector potential on the links [component, n, n, n]",
        "E": "electric field on the links [component, n, n, n]",
    }  # fmt: skip
    described = {
        name: Described(values, unit(UNITS[kind]), about[kind])
        for name, values in arrays.items()
        if values is not None and (kind := name.partition("/")[0])
    }
    attributes: dict[str, object] = {
        "darklat_version": version("darklat"),
        "config": dump(config),
        hdf5.ORDER: config.lattice.order,
    }
    if config.initial.a_start is not None:
        attributes[TIME] = config.initial.a_start
    hdf5.write(path, described, attributes)


def _datasets(file: h5py.File, config: Config) -> Iterator[tuple[str, h5py.Dataset]]:
    """The datasets that the run needs, by name."""
    n, path = config.lattice.sites, Path(file.filename)
    if "config" in file.attrs:
        _refuse_another(config, str(file.attrs["config"]), path, _OF_THE_UNITS)
    if TIME in file.attrs:
        _refuse_another_time(config, float(file.attrs[TIME]), path)
    _refuse_another_order(config, file.attrs, path)
    shapes: dict[str, tuple[int, ...]] = {}
    if config.model.alp:
        shapes |= {"theta": (n, n, n), "theta_prime": (n, n, n)}
    shapes |= {f"{name}/{x}": (3, n, n, n) for name in ("X", "E") for x in config.letters}
    for name, shape in shapes.items():
        found = named_datasets.dataset(file, name, shape, key=KEY, needed=_NEEDED)
        units = UnitNames(alp=config.model.alp is not None)(UNITS[name.partition("/")[0]])
        if (stated := found.attrs.get("units", units)) != units:
            raise BadValueError(
                KEY,
                f"{path}: {name} is in {stated}, by its attribute units, and must be in {units}",
            )
        yield name, found


# ---- A snapshot ----


def _is_snapshot(path: Path) -> bool:
    with named_datasets.opened(path, key=KEY) as file:
        return "tau" in file.attrs and any(name.startswith("E_") for name in file)


def _snapshot(config: Config, path: Path) -> SnapshotFile:
    """The snapshot, which fits the configuration."""
    try:
        found = SnapshotFile(path)
    except InputError as error:
        raise BadValueError(KEY, error) from error
    _refuse_another(config, found.config, path, _OF_THE_UNITS)
    _refuse_another_time(config, found.a, path)
    _refuse_another_order(config, found.attributes, path)
    if found.single and config.checks.gauss_max < GAUSS_OF_SINGLE:
        raise BadValueError(
            "checks.gauss_max",
            f"{path} holds float32, with which Gauss's law holds to its rounding: use at least "
            f"{GAUSS_OF_SINGLE:g}, or start from a checkpoint",
        )
    there = {name[2] for name in found if name.startswith("E_")}
    if there != set(config.letters):
        raise BadValueError(
            KEY,
            f"{path} has the fields {', '.join(sorted(there))}, and model.fields has "
            f"{', '.join(sorted(config.letters))}: both must have the same",
        )
    for letter, field in config.model.fields.items():
        if field.plasma.kind != "none":
            raise BadValueError(
                KEY,
                f"{path} is a snapshot, which does not have the motion of the plasma of {letter}: "
                "start from a checkpoint of that run",
            )
    return found


def _of_snapshot(config: Config, found: SnapshotFile, planes: slice) -> InitialFields:
    def site(name: str) -> np.ndarray | None:
        return found.planes(name, planes) if name in found else None

    def link(name: str) -> np.ndarray:
        return np.array([found.planes(f"{name}_{axis}", planes) for axis in "xyz"])

    X, E = ({x: link(f"{name}_{x}") for x in config.letters} for name in ("X", "E"))
    return InitialFields(site("theta"), site("theta_prime"), X, E)


# ---- A checkpoint ----


def _is_checkpoint(path: Path) -> bool:
    try:
        return checkpoint.has_seal(path)
    except OSError:
        return False  # whoever opens it says why


def _check_checkpoint(config: Config, path: Path) -> None:
    """Raises BadValueError unless it verifies and is of the same model on the same lattice."""
    try:
        origin = checkpoint.read_origin(path)
    except checkpoint.BadCheckpoint as error:
        raise BadValueError(KEY, f"{path} is a checkpoint, and {error}") from error
    finer = f", or go on from it with `darklat refine {path} --sites {config.lattice.sites}`"
    _refuse_another(config, origin["config"], path, _OF_THE_STATE, finer=finer)
    _refuse_another_order(config, origin, path)
    numbers = json.loads(origin["numbers"])
    if "a" not in numbers:  # of format 3
        raise BadValueError(
            KEY,
            f"{path} is a checkpoint that does not say its time: resume that run, which writes "
            "new ones, and start from one of these",
        )
    _refuse_another_time(config, float.fromhex(numbers["a"]), path)


def _of_checkpoint(path: Path, planes: slice, *, verified: bool) -> EvolvedFields:
    try:
        arrays = checkpoint.read(path, lambda n: planes, verified=verified).state.arrays
    except checkpoint.BadCheckpoint as error:
        raise BadValueError(KEY, f"{path} is a checkpoint, and {error}") from error
    own = {name: described.values for name, described in arrays.items()}
    return EvolvedFields(
        {k.removeprefix("fields/"): v for k, v in own.items() if k.startswith("fields/")}
    )


# ---- Where a file comes from ----


def _refuse_another(
    config: Config, text: str, path: Path, sections: tuple[str, ...], *, finer: str = ""
) -> None:
    """Raises BadValueError where the configuration that a file was written with has other values of
    the keys in these sections. finer: the remedy beside these where it has fewer sites alone."""
    try:
        written = loads(text, source=str(path), base=None, stored=True)
    except ConfigError as error:
        raise BadValueError(
            KEY, f"the configuration in {path} is none of this darklat: {error}"
        ) from error
    before, now = _selected(written, sections), _selected(config, sections)
    differing = [
        f"{key} is {before.get(key, 'not set')} there and {now.get(key, 'not set')} here"
        for key in dict.fromkeys((*before, *now))
        if before.get(key) != now.get(key)
    ]
    if differing:
        fewer = len(differing) == 1 and written.lattice.sites < config.lattice.sites
        raise BadValueError(
            KEY,
            f"{path} does not fit: {'; '.join(differing)}. Set these keys to its values"
            f"{finer if fewer else ''}",
        )


def _selected(config: Config, sections: tuple[str, ...]) -> Mapping[str, object]:
    return {
        key: value
        for key, value in leaves(config).items()
        if any(key == own or key.startswith(f"{own}.") for own in sections)
        and not (key.startswith("model.fields.") and key.endswith(_FILES))
    }


def _refuse_another_order(config: Config, attributes: Mapping[str, Any], path: Path) -> None:
    """Raises BadValueError where a file's fields belong to another order of the differences. They
    would obey Gauss's law no more."""
    found, wanted = int(attributes.get(hdf5.ORDER, ORDER_UNSAID)), config.lattice.order
    if found != wanted:
        raise BadValueError(
            KEY,
            f"{path} has fields of lattice.order {found}, and the run has order {wanted}, in whose "
            "differences they do not obey Gauss's law. "
            + ANOTHER_ORDER.format(wanted=wanted, found=found),
        )


def _refuse_another_time(config: Config, a: float, path: Path) -> None:
    wanted = config.initial.a_start
    if wanted is not None and not math.isclose(a, wanted, rel_tol=ROUNDING):
        raise BadValueError(
            "initial.a_start",
            f"{path} has the fields at a = {a!r}, and the run starts at {wanted!r}: "
            f"use a_start: {a!r}",
        )

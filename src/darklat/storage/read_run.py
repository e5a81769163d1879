"""Reads a run folder into memory: configuration, series, spectra, summary.

A folder may belong to a run still going, or killed. Complete files are read, and `RunFiles.notes`
lists the omissions. The configuration is the one that series.h5 holds; an edited config.yaml is
noted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import h5py
import numpy as np
import numpy.typing as npt

from darklat.errors import InputError
from darklat.schema.run import Config
from darklat.storage import changes, formats, hdf5, run_folder, stored_config
from darklat.storage.stored_config import ATTRIBUTE, SERIES

Array = npt.NDArray[np.float64]

REQUIRED_SERIES = ("tau", "a")
REQUIRED_OF_AN_ALP = ("r", "rho/theta")
SPECTRUM_DATASETS = ("k", "khat", "modes", "dlnk", "tau", "a", "power", "zero")


@dataclass(frozen=True)
class SpectrumData:
    """One group of spectra.h5. k, khat in 1/tau_osc; power per ln k in the square of the field."""

    k: Array
    khat: Array
    modes: Array
    dlnk: Array
    tau: Array
    a: Array
    power: Array
    zero: Array


@dataclass(frozen=True)
class RunFiles:
    """A run folder in memory."""

    folder: Path
    config: Config
    series: dict[str, Array]
    """By dotted path in series.h5 ("rho/X"), all of one length, at least one row."""
    spectra: dict[str, SpectrumData]
    """By group in spectra.h5; empty if the run has not written any yet."""
    summary: dict[str, Any] | None
    """summary.json, or None while the run has not ended."""
    notes: tuple[str, ...]
    """The omissions, in sentences, and the edits of config.yaml."""
    edits: tuple[str, ...]
    """The differences between config.yaml and the configuration of the run, in sentences."""
    provenance: dict[str, str]
    """The attributes of series.h5: version, host, device, library versions (JSON)."""

    @property
    def changes(self) -> tuple[changes.Change, ...]:
        """The changes of the configuration since the start."""
        return changes.of(self.provenance)

    @property
    def densities(self) -> tuple[str, ...]:
        """The columns of the series that are mean energy densities, of plasmas too."""
        return tuple(name for name in self.series if name.startswith("rho/"))


def load_run(folder: Path) -> RunFiles:
    """Read a run folder. Raises InputError where it is not one or has nothing to analyse yet."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give the folder that `darklat run` wrote")
    path = folder / SERIES
    if not path.is_file():
        _refuse_without_series(folder)
    notes: list[str] = []
    series, provenance = _series(path, notes)
    config = stored_config.parsed(provenance[ATTRIBUTE], path)
    required = REQUIRED_SERIES + (REQUIRED_OF_AN_ALP if config.model.alp else ())
    _refuse_missing(series, required, path)
    edits = stored_config.edits(folder, config, source=SERIES)
    return RunFiles(
        folder=folder,
        config=config,
        series=series,
        spectra=_spectra(folder / "spectra.h5", notes),
        summary=_summary(folder / run_folder.SUMMARY, notes),
        notes=(*edits, *notes),
        edits=edits,
        provenance=provenance,
    )


def _refuse_without_series(folder: Path) -> NoReturn:
    path = folder / run_folder.CONFIG
    if not path.is_file():
        raise InputError(
            f"{path} is missing, so {folder} is not a run folder; "
            "give the folder that `darklat run` wrote"
        )
    raise InputError(
        f"{folder / SERIES} does not exist yet: the run has not written its first row; "
        "wait for it, or look in run.log for why it stopped"
    )


def _open(path: Path) -> h5py.File:
    try:
        return hdf5.opened(path)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({_one_line(error)}). If the run is writing to it, try again "
            "in a moment; if the run was killed while it wrote, continue it with `darklat resume`"
        ) from error


def _series(path: Path, notes: list[str]) -> tuple[dict[str, Array], dict[str, str]]:
    found: dict[str, Array] = {}

    def collect(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset) and item.ndim == 1:
            found[name] = np.asarray(item[...], dtype=np.float64)

    with _open(path) as file:
        _check_origin(file, path)
        provenance = {name: str(value) for name, value in file.attrs.items()}
        file.visititems(collect)
    _refuse_missing(found, REQUIRED_SERIES, path)
    rows = min(len(column) for column in found.values())
    if rows == 0:
        raise InputError(
            f"{path} has no rows yet; wait for the run, or look in run.log for why it stopped"
        )
    if any(len(column) != rows for column in found.values()):
        notes.append(f"The last row of series.h5 is incomplete; the first {rows} rows are used.")
    return {name: column[:rows] for name, column in found.items()}, provenance


def _refuse_missing(found: dict[str, Array], required: tuple[str, ...], path: Path) -> None:
    missing = [name for name in required if name not in found]
    if missing:
        raise InputError(
            f"{path} has no dataset {', '.join(missing)}, so it is not a series of this version of "
            "darklat; run the configuration again"
        )


def _spectra(path: Path, notes: list[str]) -> dict[str, SpectrumData]:
    if not path.is_file():
        notes.append("There is no spectra.h5 yet.")
        return {}
    spectra: dict[str, SpectrumData] = {}
    with _open(path) as file:
        _check_origin(file, path)
        for name, group in file.items():
            if not isinstance(group, h5py.Group):
                continue
            missing = [item for item in SPECTRUM_DATASETS if item not in group]
            if missing:
                raise InputError(
                    f"{path}: the group {name} has no {', '.join(missing)}, so it is not a "
                    "spectrum of this version of darklat; run the configuration again"
                )
            data = {
                item: np.asarray(group[item][...], dtype=np.float64) for item in SPECTRUM_DATASETS
            }
            times = min(len(data[item]) for item in ("tau", "a", "power", "zero"))
            if any(len(data[item]) != times for item in ("tau", "a", "power", "zero")):
                notes.append(f"The last spectrum of {name} is incomplete and left out.")
            for item in ("tau", "a", "power", "zero"):
                data[item] = data[item][:times]
            if times:
                spectra[name] = SpectrumData(**data)
    return spectra


def _check_origin(file: h5py.File, path: Path) -> None:
    for name in ("darklat_version", ATTRIBUTE):
        if name not in file.attrs:
            raise InputError(
                f"{path} was not written by darklat (it lacks the attribute {name}); "
                "give the folder that `darklat run` wrote"
            )
    formats.refuse_newer(path, file.attrs)


def _summary(path: Path, notes: list[str]) -> dict[str, Any] | None:
    if not path.is_file():
        notes.append(f"There is no {run_folder.SUMMARY}: the run has not ended, or was stopped.")
        return None
    try:
        found = dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise InputError(
            f"{path} is not a summary in JSON ({_one_line(error)}); "
            "delete it, the analysis does without"
        ) from error
    formats.refuse_newer(path, found)
    return found


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())

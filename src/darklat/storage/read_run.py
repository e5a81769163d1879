"""Reads a run folder into memory: configuration, series, spectra, summary.

A folder may be that of a run still going, or killed: what is complete is read, and `Run.notes` says
what was left out.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import yaml

from darklat.errors import InputError
from darklat.physics.units import ProgramUnits, units_of_alp, units_without_alp
from darklat.storage.unit_names import UnitNames, unit_names

Array = npt.NDArray[np.float64]

REQUIRED_SERIES = ("tau", "a")
REQUIRED_OF_AN_ALP = ("r", "rho/theta")
SPECTRUM_DATASETS = ("k", "khat", "modes", "dlnk", "tau", "a", "power", "zero")


@dataclass(frozen=True)
class Spectrum:
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
class Run:
    """A run folder in memory."""

    folder: Path
    config: dict[str, Any]
    """The resolved configuration; numbers are numbers."""
    series: dict[str, Array]
    """By dotted path in series.h5 ("rho/X"), all of one length, at least one row."""
    spectra: dict[str, Spectrum]
    """By group in spectra.h5; empty if the run has not written any yet."""
    summary: dict[str, Any] | None
    """summary.json, or None while the run has not ended."""
    notes: tuple[str, ...]
    """What was left out, in sentences."""
    provenance: dict[str, str]
    """The attributes of series.h5: version, host, device, library versions (JSON)."""

    @property
    def radiation(self) -> bool:
        """Whether the background expands; otherwise a = 1 throughout."""
        return bool(self.config["background"]["kind"] == "radiation")

    @property
    def alp(self) -> dict[str, Any] | None:
        """The ALP's keys, or None for gauge fields alone."""
        found: dict[str, Any] | None = self.config["model"].get("alp")
        return found

    @property
    def units(self) -> ProgramUnits:
        """What the numbers of the run are multiples of."""
        if self.alp is None:
            return units_without_alp(hubble_eV=self.config["units"]["hubble_eV"])
        return units_of_alp(
            mass_eV=self.alp["mass_eV"],
            f_GeV=self.alp["f_GeV"],
            oscillation_condition=self.config["background"]["oscillation_condition"],
        )

    @property
    def unit_names(self) -> UnitNames:
        """What its units are called."""
        return unit_names(alp=self.alp is not None)

    @property
    def densities(self) -> tuple[str, ...]:
        """The columns of the series that are mean energy densities, of plasmas too."""
        return tuple(name for name in self.series if name.startswith("rho/"))

    @property
    def dark_field(self) -> str | None:
        """The letter of the first dark field, X in the definitions of r, epsilon and b."""
        fields = self.config["model"]["fields"]
        return next((name for name, f in fields.items() if f["role"] == "dark"), None)

    @property
    def dark_is_massive(self) -> bool:
        """Whether X has a mass, so that it ends as matter."""
        X = self.dark_field
        return X is not None and self.config["model"]["fields"][X].get("mass_eV", 0.0) > 0

    @property
    def photon(self) -> str | None:
        """The letter of the photon, or None. There is at most one."""
        fields = self.config["model"]["fields"]
        return next((name for name, f in fields.items() if f["role"] == "photon"), None)

    @property
    def g_AX(self) -> float:
        """The coupling of the photon and the first dark field; 0 where there is none."""
        A, X = self.photon, self.dark_field
        if A is None or X is None:
            return 0.0
        return float(self.config["model"]["couplings"].get("".join(sorted(A + X)), 0.0))

    @property
    def is_benchmark(self) -> bool:
        """Whether it is the setup of Fig. 1 of Choi et al. (2018): g_XX = 100 and theta = 1 at rest
        in a quadratic potential and the radiation era. Mass and f matter little there."""
        model = self.config["model"]
        X = self.dark_field
        return (
            self.radiation
            and self.alp is not None
            and X is not None
            and not self.dark_is_massive
            and model["couplings"].get(X + X, 0.0) == 100
            and self.alp["potential"] == "quadratic"
            and abs(self.alp["theta_initial"]) == 1
        )


def load_run(folder: Path) -> Run:
    """Read a run folder. Raises InputError where it is not one or has nothing to analyse yet."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give the folder that `darklat run` wrote")
    config = _config(folder / "config.yaml")
    notes: list[str] = []
    alp = config["model"].get("alp") is not None
    required = REQUIRED_SERIES + (REQUIRED_OF_AN_ALP if alp else ())
    series, provenance = _series(folder / "series.h5", required, notes)
    return Run(
        folder=folder,
        config=config,
        series=series,
        spectra=_spectra(folder / "spectra.h5", notes),
        summary=_summary(folder / "summary.json", notes),
        notes=tuple(notes),
        provenance=provenance,
    )


def _config(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError(
            f"{path} is missing, so {path.parent} is not a run folder; "
            "give the folder that `darklat run` wrote"
        )
    try:
        config = _numbers(yaml.safe_load(path.read_text(encoding="utf-8")))
        # Every key that the analysis reads, so that a stranger's file is refused here.
        if (alp := config["model"].get("alp")) is None:
            numbers = [config["units"]["hubble_eV"]]
        else:
            numbers = [alp["mass_eV"], alp["f_GeV"], alp["theta_initial"]]
            numbers.append(config["background"]["oscillation_condition"])
            _ = alp["potential"]
        for value in numbers:
            float(value)
        for key in ("sites", "box"):
            float(config["lattice"][key])
        _ = (config["name"], config["background"]["kind"])
        config["model"].setdefault("couplings", {})
        for field in config["model"]["fields"].values():
            _ = (field["role"], (field.get("conductivity") or {}).items())
        for key in ("time", "checks"):
            (config.get(key) or {}).items()
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"{path} is not a resolved configuration of darklat ({_one_line(error)}); "
            "if it was edited, restore it from the attribute `config` of series.h5"
        ) from error
    return dict(config)


# YAML 1.1 takes 1e-17 for text; YAML 1.2, which the configurations are, for a number.
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+")


def _numbers(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _numbers(item, str(name)) for name, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    if isinstance(value, str) and key != "name" and _NUMBER.fullmatch(value):
        return float(value)
    return value


def _open(path: Path) -> h5py.File:
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({_one_line(error)}). If the run is writing to it, try again "
            "in a moment; if the run was killed while it wrote, continue it with `darklat resume`"
        ) from error


def _series(
    path: Path, required: tuple[str, ...], notes: list[str]
) -> tuple[dict[str, Array], dict[str, str]]:
    if not path.is_file():
        raise InputError(
            f"{path} does not exist yet: the run has not written its first row; "
            "wait for it, or look in run.log for why it stopped"
        )
    found: dict[str, Array] = {}

    def collect(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset) and item.ndim == 1:
            found[name] = np.asarray(item[...], dtype=np.float64)

    with _open(path) as file:
        _check_origin(file, path)
        provenance = {name: str(value) for name, value in file.attrs.items()}
        file.visititems(collect)
    missing = [name for name in required if name not in found]
    if missing:
        raise InputError(
            f"{path} has no dataset {', '.join(missing)}, so it is not a series of this version of "
            "darklat; run the configuration again"
        )
    rows = min(len(column) for column in found.values())
    if rows == 0:
        raise InputError(
            f"{path} has no rows yet; wait for the run, or look in run.log for why it stopped"
        )
    if any(len(column) != rows for column in found.values()):
        notes.append(f"The last row of series.h5 is incomplete; the first {rows} rows are used.")
    return {name: column[:rows] for name, column in found.items()}, provenance


def _spectra(path: Path, notes: list[str]) -> dict[str, Spectrum]:
    if not path.is_file():
        notes.append("There is no spectra.h5 yet.")
        return {}
    spectra: dict[str, Spectrum] = {}
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
                spectra[name] = Spectrum(**data)
    return spectra


def _check_origin(file: h5py.File, path: Path) -> None:
    if "darklat_version" not in file.attrs:
        raise InputError(
            f"{path} was not written by darklat (it lacks the attribute darklat_version); "
            "give the folder that `darklat run` wrote"
        )


def _summary(path: Path, notes: list[str]) -> dict[str, Any] | None:
    if not path.is_file():
        notes.append("There is no summary.json: the run has not ended, or was stopped.")
        return None
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise InputError(
            f"{path} is not a summary in JSON ({_one_line(error)}); "
            "delete it, the analysis does without"
        ) from error


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if isinstance(error, KeyError) else text

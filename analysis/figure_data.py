"""The numbers behind the figures as CSV: a header of names with units, then the values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from darklat.analysis import waves
from darklat.analysis.numbers import epsilon
from darklat.analysis.spectra import both_helicities
from darklat.physics.friedmann import CONSTRAINT
from darklat.storage import text_files
from darklat.storage.read_run import Array, RunFiles


def write_series(run: RunFiles, path: Path) -> None:
    """r, epsilon and b where present, and epsilon of further dark fields; without an ALP the
    densities. One row per row of the series."""
    if run.config.model.alp is None:
        write_energies(run, path)
        return
    further = {
        f"epsilon_{letter} [1]": column
        for letter in run.config.every_dark[1:]
        if (column := epsilon(run.config, run.series, letter)) is not None
    }
    names = {"r": "r [1]", "epsilon": "epsilon [1]", "b": "b [1]"}
    _write_columns(run, path, names, derived=further)


def write_checks(run: RunFiles, path: Path) -> None:
    """Gauss's law and the Lorenz condition by field, the energy balance (with its sign) and the
    power at the cutoff."""
    columns = {name: f"{name} [1]" for name in run.series if name.startswith(("gauss/", "lorenz/"))}
    columns |= {"energy_balance": "energy_balance [1]", "power_at_cutoff": "power_at_cutoff [1]"}
    if CONSTRAINT in run.series:
        columns[CONSTRAINT] = f"{CONSTRAINT} [1]"
    _write_columns(run, path, columns)


def write_energies(run: RunFiles, path: Path) -> None:
    """The mean density of every field, physical."""
    unit = run.config.unit_names.square
    _write_columns(run, path, {name: f"{name} [{unit}]" for name in run.densities})


def write_spectra(run: RunFiles, path: Path) -> None:
    """Power of B of the first dark field per ln k by helicity: one row per time and bin."""
    write_helicities(run, path, letter=run.config.dark)


def write_waves(run: RunFiles, path: Path) -> None:
    """Omega_GW h^2 today per ln f by helicity: one row per time and frequency."""
    found = waves.spectrum_today(run)
    if found is None:
        return
    times, bins = found.plus.shape
    columns = {
        "a of the run [1]": np.repeat(found.a, bins),
        "f [Hz]": np.tile(found.frequency_Hz, times),
        "Omega h^2 per ln f, helicity plus [1]": found.plus.ravel(),
        "Omega h^2 per ln f, helicity minus [1]": found.minus.ravel(),
    }
    text_files.write_csv(path, columns)


def write_longitudinal_spectra(run: RunFiles, path: Path) -> None:
    """Power of the longitudinal potential and electric field of the first dark field."""
    X, names = run.config.dark, run.config.unit_names
    units = {f"X_{X}_long": names.X_squared, f"E_{X}_long": names.square}
    _write_spectra(run, {name: unit for name, unit in units.items() if name in run.spectra}, path)


def write_helicities(run: RunFiles, path: Path, *, letter: str | None) -> None:
    """`write_spectra` of any field."""
    if both_helicities(run, f"B_{letter}") is not None:
        unit = run.config.unit_names.square
        _write_spectra(run, {f"B_{letter}_plus": unit, f"B_{letter}_minus": unit}, path)


def _write_spectra(run: RunFiles, units: dict[str, str], path: Path) -> None:
    """The spectra of these names, at the times that all of them have."""
    found = [run.spectra[name] for name in units]
    first, names = found[0], run.config.unit_names
    times, bins = min(len(spectrum.tau) for spectrum in found), len(first.k)
    of_bins = {
        f"k [1/{names.tau}]": first.k,
        f"khat [1/{names.tau}]": first.khat,
        "modes [1]": first.modes,
        "dlnk [1]": first.dlnk,
    }
    columns = {
        f"tau [{names.tau}]": np.repeat(first.tau[:times], bins),
        f"a [{names.a}]": np.repeat(first.a[:times], bins),
        **{name: np.tile(values, times) for name, values in of_bins.items()},
    }
    for (name, unit), spectrum in zip(units.items(), found, strict=True):
        columns[f"{name} per ln k [{unit}]"] = spectrum.power[:times].ravel()
    text_files.write_csv(path, columns)


def _write_columns(
    run: RunFiles,
    path: Path,
    columns: dict[str, str],
    *,
    derived: Mapping[str, Array] | None = None,
) -> None:
    """Columns of the series under their heads, and behind them derived ones."""
    names = run.config.unit_names
    heads = {"tau": f"tau [{names.tau}]", "a": f"a [{names.a}]"} | columns
    present = {name: head for name, head in heads.items() if name in run.series}
    found = {head: run.series[name] for name, head in present.items()}
    text_files.write_csv(path, found | dict(derived or {}))

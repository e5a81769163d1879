"""The numbers behind the figures as CSV: a header of names with units, then the values."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from darklat.analysis import files
from darklat.analysis.load import Run
from darklat.analysis.spectra import both_helicities

_TIME = {"tau": "tau [tau_osc]", "a": "a [a_osc]"}


def write_series(run: Run, path: Path) -> None:
    """r, epsilon and b where present, one row per row of the series."""
    _write_columns(run, path, {"r": "r [1]", "epsilon": "epsilon [1]", "b": "b [1]"})


def write_checks(run: Run, path: Path) -> None:
    """Gauss's law by field, the energy balance (with its sign) and the power at the cutoff."""
    columns = {name: f"{name} [1]" for name in run.series if name.startswith("gauss/")}
    columns |= {"energy_balance": "energy_balance [1]", "power_at_cutoff": "power_at_cutoff [1]"}
    _write_columns(run, path, columns)


def write_energies(run: Run, path: Path) -> None:
    """The mean density of every field, physical."""
    names = [name for name in run.series if name.startswith("rho/")]
    _write_columns(run, path, {name: f"{name} [f^2/tau_osc^2]" for name in names})


def write_spectra(run: Run, path: Path) -> None:
    """Power of B of the first dark field per ln k by helicity: one row per time and bin."""
    _write_spectra(run, run.dark_field, path)


def write_photon_spectra(run: Run, path: Path) -> None:
    """The same of the photon."""
    _write_spectra(run, run.photon, path)


def _write_spectra(run: Run, X: str | None, path: Path) -> None:
    total = both_helicities(run, f"B_{X}")
    if total is None:
        return
    plus, minus = run.spectra[f"B_{X}_plus"], run.spectra[f"B_{X}_minus"]
    unit = "[f^2/tau_osc^2]"
    times, bins = total.power.shape
    of_bins = {
        "k [1/tau_osc]": plus.k,
        "khat [1/tau_osc]": plus.khat,
        "modes [1]": plus.modes,
        "dlnk [1]": plus.dlnk,
    }
    columns = {
        _TIME["tau"]: np.repeat(total.tau, bins),
        _TIME["a"]: np.repeat(total.a, bins),
        **{name: np.tile(values, times) for name, values in of_bins.items()},
        f"B_{X}_plus per ln k {unit}": plus.power[:times].ravel(),
        f"B_{X}_minus per ln k {unit}": minus.power[:times].ravel(),
    }
    files.write_csv(path, columns)


def _write_columns(run: Run, path: Path, columns: dict[str, str]) -> None:
    present = {name: head for name, head in (_TIME | columns).items() if name in run.series}
    files.write_csv(path, {head: run.series[name] for name, head in present.items()})

"""The numbers behind the figures as CSV: a header of names with units, then the values."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt

from darklat.analysis.load import Run
from darklat.analysis.spectra import both_helicities

Array = npt.NDArray[np.float64]

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
    header = [
        *_TIME.values(),
        "k [1/tau_osc]",
        "khat [1/tau_osc]",
        "modes [1]",
        "dlnk [1]",
        f"B_{X}_plus per ln k {unit}",
        f"B_{X}_minus per ln k {unit}",
    ]
    times, bins = total.power.shape
    table = np.column_stack(
        [
            np.repeat(total.tau, bins),
            np.repeat(total.a, bins),
            *(np.tile(x, times) for x in (plus.k, plus.khat, plus.modes, plus.dlnk)),
            plus.power[:times].ravel(),
            minus.power[:times].ravel(),
        ]
    )
    _write(path, header, table)


def _write_columns(run: Run, path: Path, columns: dict[str, str]) -> None:
    present = {name: head for name, head in (_TIME | columns).items() if name in run.series}
    _write(path, list(present.values()), np.column_stack([run.series[name] for name in present]))


def _write(path: Path, header: list[str], table: Array) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        # repr is the shortest text that reads back as the same double.
        writer.writerows([repr(float(value)) for value in row] for row in table)

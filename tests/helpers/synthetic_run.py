"""A run folder whose every number is known in closed form.

a = tau from 0.5 to 30, rho_free = 4.5 a^-3 (what Eq. 20 of Choi, Kim, Sekiguchi, PRL 121, 031102
(2018) assumes), r = 0.03 (30/a)^(1/2), epsilon = 4 min(1, (a/5)^2), and a power of B_X per ln k
that is a parabola in ln k. It ends in the paper's r = 0.03, epsilon = 4.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import h5py
import numpy as np

SITES, BOX = 32, 2.0
K_PEAK, WIDTH, POWER = 10.0, 1.0, 3e-4  # no power beyond the cutoff, k = 27.1
FREE = 4.5  # a^3 rho_phi without gauge fields, f^2/tau_osc^2
ROWS = 1181  # a in steps of 0.025

# Not every key, as in a resolved configuration: the rest has its defaults.
CONFIG = """\
name: synthetic
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16, potential: quadratic, theta_initial: 1.0}
  fields: {X: {role: dark}}
  couplings: {XX: 100.0}
background: {kind: radiation, oscillation_condition: 3.0}
lattice: {sites: 32, box: 2.0, precision: float64}
time: {a_end: 30}
"""
STATIC = CONFIG.replace("radiation", "static").replace("a_end", "tau_end")


def columns(a: np.ndarray) -> dict[str, np.ndarray]:
    r, epsilon = 0.03 * np.sqrt(30 / a), 4 * np.minimum(1, (a / 5) ** 2)
    free = FREE / a**3
    return {
        "tau": a,
        "a": a,
        "r": r,
        "epsilon": epsilon,
        "rho/theta": r * free,
        "rho/X": epsilon * free / a,
        "gauss/X": 1e-15 * a,
        "energy_balance": -1e-3 * a / 30,
        "theta_mean": 0 * a,
        "theta_rms": a**-1.5,
        "power_at_cutoff": 2e-3 * a / 30,
    }


def spectrum(a: np.ndarray, share: float) -> dict[str, np.ndarray]:
    k = np.arange(1, 17) * 2 * math.pi / BOX
    parabola = np.maximum(0, 1 - (np.log(k / K_PEAK) / WIDTH) ** 2)
    dx = BOX / SITES
    return {
        "k": k,
        "khat": 2 / dx * np.sin(k * dx / 2),
        "modes": 4 * math.pi * np.arange(1, 17.0) ** 2,
        "dlnk": np.log((np.arange(1, 17) + 0.5) / (np.arange(1, 17) - 0.5)),
        "tau": a,
        "a": a,
        "power": share * POWER * np.outer((a / a.max(initial=0.5)) ** 8, parabola),
        "zero": 0 * a,
    }


def write(path: Path, datasets: dict[str, np.ndarray], *, config: str = CONFIG) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["darklat_version"] = "0"
        file.attrs["config"] = config
        for name, values in datasets.items():
            file[name] = values


def make_run(folder: Path, *, config: str = CONFIG, rows: int = ROWS) -> Path:
    folder.mkdir()
    a = np.linspace(0.5, 30, ROWS)[:rows]
    (folder / "config.yaml").write_text(config)
    write(folder / "series.h5", columns(a), config=config)
    spectra = {
        f"{quantity}_X_{sign}/{name}": values
        for quantity in "EB"
        for sign, share in (("plus", 0.75), ("minus", 0.25))
        for name, values in spectrum(a[:: max(1, rows // 40)], share).items()
    }
    write(folder / "spectra.h5", spectra, config=config)
    return folder


def replace_series(folder: Path, **changes: np.ndarray | None) -> None:
    """Change or (None) leave out columns; a double underscore stands for the slash."""
    with h5py.File(folder / "series.h5") as file:
        old: dict[str, np.ndarray] = {}
        config = file.attrs["config"]
        for name in columns(np.ones(1)):
            old[name] = file[name][...]
    new: dict[str, Any] = old | {name.replace("__", "/"): x for name, x in changes.items()}
    write(
        folder / "series.h5", {name: x for name, x in new.items() if x is not None}, config=config
    )


B_END, G_AX = 7e-18, 2.0  # the paper's b, and a coupling
PHOTON = CONFIG.replace(
    "fields: {X: {role: dark}}",
    "fields: {A: {role: photon, conductivity: {kind: thomson, electrons_per_photon: 6e-10}},"
    " X: {role: dark}}",
).replace("{XX: 100.0}", "{AX: 2.0, XX: 100.0}")


def make_photon_run(
    folder: Path, *, config: str = PHOTON, b_end: float = B_END, rows: int = ROWS
) -> Path:
    """`make_run` with a photon: b = b_end min(1, (a/5)^2) and B_A nine parts + to one part -."""
    make_run(folder, config=config, rows=rows)
    a = np.linspace(0.5, 30, ROWS)[:rows]
    b = b_end * np.minimum(1, (a / 5) ** 2)
    rho = (G_AX * b) ** 2 * columns(a)["rho/X"]
    replace_series(folder, b=b, rho__A=rho, gauss__A=2e-15 * a)
    spectra = {
        f"{quantity}_A_{sign}/{name}": values
        for quantity in "EB"
        for sign, share in (("plus", 9e-35), ("minus", 1e-35))
        for name, values in spectrum(a[:: max(1, rows // 40)], share).items()
    }
    with h5py.File(folder / "spectra.h5", "a") as file:
        for name, values in spectra.items():
            file[name] = values
    return folder


TWO_DARK = CONFIG.replace("X: {role: dark}", "X: {role: dark}, Y: {role: dark}").replace(
    "{XX: 100.0}", "{XX: 100.0, YY: 80.0}"
)
Y_SHARE = 0.5  # of Y's density, to X's


def make_two_dark_run(folder: Path, *, config: str = TWO_DARK) -> Path:
    """`make_run` with a second dark field, of half the density and with its spectrum."""
    make_run(folder, config=config)
    a = np.linspace(0.5, 30, ROWS)
    replace_series(folder, rho__Y=Y_SHARE * columns(a)["rho/X"], gauss__Y=1e-15 * a)
    with h5py.File(folder / "spectra.h5", "a") as file:
        for name in [name for name in file if name[2:3] == "X"]:
            file.copy(name, name.replace("_X_", "_Y_"))
    return folder

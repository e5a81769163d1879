"""Massive fields as the configuration describes them: masses, histories of the plasma from numbers
or from a table, its profile from a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from darklat.lattice.config import Config
from darklat.lattice.errors import InputError


@dataclass(frozen=True)
class History:
    """Plasma frequency and collision rate (1/tau_osc) as functions of the scale factor."""

    omega_p: Callable[[float], float]
    nu: Callable[[float], float]


@dataclass(frozen=True)
class MassiveField:
    """A mass (1/tau_osc) and the history of the fluid."""

    mass: float
    history: History

    def omega_p(self, a: float) -> float:
        """Plasma frequency (1/tau_osc)."""
        return self.history.omega_p(a)

    def nu(self, a: float) -> float:
        """Collision rate (1/tau_osc)."""
        return self.history.nu(a)


def constant_history(omega_p: float, nu: float) -> History:
    """The same at all times."""
    return History(lambda a: omega_p, lambda a: nu)


def read_table(path: Path, *, key: str, span: tuple[float, float]) -> History:
    """From a text file with the columns a, omega_p and, if there is a third, nu (a_osc, 1/tau_osc);
    lines that begin with # are left out. Straight lines in the logarithms (of nu, in ln a).

    span: first and last scale factor of the run. Raises InputError where the table is not numbers,
    not increasing in a, not positive, or too short.
    """
    try:
        table = np.loadtxt(path, comments="#", delimiter=None, ndmin=2)
    except (OSError, ValueError) as error:
        raise InputError(f"{key}: {path} is no table of numbers: {error}") from error
    if table.shape[1] not in (2, 3) or len(table) < 2:
        raise InputError(
            f"{key}: {path} has {len(table)} rows of {table.shape[1]} columns; needed are two rows "
            "or more of a, omega_p and, if the plasma has collisions, nu"
        )
    a, omega_p = table[:, 0], table[:, 1]
    nu = table[:, 2] if table.shape[1] == 3 else np.zeros_like(a)
    if not np.all(np.isfinite(table)):
        raise InputError(f"{key}: {path} has values that are not finite")
    if a[0] <= 0 or np.any(np.diff(a) <= 0):
        row = int(np.argmax(np.diff(a, prepend=0.0) <= 0)) + 1
        raise InputError(
            f"{key}: {path}, row {row}: a must be positive and increase from row to row"
        )
    if np.any(omega_p <= 0):
        row = int(np.argmax(omega_p <= 0)) + 1
        raise InputError(
            f"{key}: {path}, row {row}: omega_p must be positive, found {omega_p[row - 1]:g}"
        )
    if np.any(nu < 0):
        row = int(np.argmax(nu < 0)) + 1
        raise InputError(
            f"{key}: {path}, row {row}: nu must not be negative, found {nu[row - 1]:g}"
        )
    if a[0] > span[0] * (1 + 1e-12) or a[-1] < span[1] * (1 - 1e-12):
        raise InputError(
            f"{key}: {path} is too short: it goes from a = {a[0]:g} to {a[-1]:g}, the run from "
            f"{span[0]:g} to {span[1]:g}"
        )
    ln_a, ln_omega = np.log(a), np.log(omega_p)
    return History(
        lambda at: float(np.exp(np.interp(np.log(at), ln_a, ln_omega))),
        lambda at: float(np.interp(np.log(at), ln_a, nu)),
    )


def read_profile(config: Config, letter: str) -> np.ndarray | None:
    """omega_p^2 of a field on the sites over its mean [n, n, n], from the dataset omega_p_squared of
    the file that the configuration names, or None.

    Raises InputError when it does not fit.
    """
    path = config.model.fields[letter].plasma.profile
    if path is None:
        return None
    key, n = f"model.fields.{letter}.plasma.profile", config.lattice.sites
    try:
        with h5py.File(path) as file:
            if "omega_p_squared" not in file:
                raise InputError(f"{key}: {path} has no dataset omega_p_squared [N, N, N]")
            values = np.asarray(file["omega_p_squared"][...], dtype=np.float64)
    except (OSError, TypeError, ValueError) as error:
        raise InputError(f"{key}: {path} cannot be read as HDF5: {error}") from error
    if values.shape != (n, n, n):
        raise InputError(
            f"{key}: {path}: omega_p_squared has shape {values.shape}, lattice.sites asks for "
            f"{(n, n, n)}"
        )
    if not np.all(np.isfinite(values)) or np.any(values < 0) or not np.mean(values) > 0:
        raise InputError(
            f"{key}: {path}: omega_p_squared must be finite, not negative, not all zero"
        )
    return values / np.mean(values)

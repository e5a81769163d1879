"""Massive fields as the configuration describes them: masses, histories of the plasma from numbers
or from a table, its profile from a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from darklat.errors import InputError
from darklat.physics.proca.histories import History, constant, freeze_out, from_rows, screening
from darklat.schema import Config, Plasma


@dataclass(frozen=True)
class MassiveField:
    """A mass (1/tau_osc) and the history of the fluid (of a/a_osc, in 1/tau_osc)."""

    mass: float
    history: History

    def omega_p(self, a: float) -> float:
        """Plasma frequency (1/tau_osc)."""
        return float(self.history.omega_p(np.array(a)))

    def nu(self, a: float) -> float:
        """Collision rate (1/tau_osc)."""
        return float(self.history.nu(np.array(a)))


def history(plasma: Plasma, *, key: str, span: tuple[float, float]) -> History:
    """The history that the keys of a plasma describe, in program units: H = 1/a^2 as in
    `proca_histories`, and the program's 1/tau in place of m. `key`, `span` as in `read_table`."""
    share = plasma.nu_over_omega_p or 0.0
    if plasma.kind == "table":
        assert plasma.file is not None  # the schema's business, as below
        return read_table(plasma.file, key=f"{key}.file", span=span)
    if plasma.kind == "screening":
        assert plasma.a_cascade and plasma.a_plasma and plasma.omega_plasma
        return screening(
            nu_over_omega_p=share,
            a_cascade=plasma.a_cascade,
            a_plasma=plasma.a_plasma,
            omega_plasma=plasma.omega_plasma,
        )
    if plasma.kind == "freeze_out":
        assert plasma.a_fo and plasma.omega_fo and plasma.remaining
        return freeze_out(
            a_fo=plasma.a_fo,
            omega_fo=plasma.omega_fo,
            remaining=plasma.remaining,
            nu_over_omega_p=share,
        )
    if plasma.kind == "pairs":  # times the profile, which starts from nothing and grows
        return History(lambda a: a**-1.5, constant(omega_p=0.0, nu=plasma.nu or 0.0).nu)
    return constant(omega_p=plasma.omega_p or 0.0, nu=plasma.nu or 0.0)


def read_table(path: Path, *, key: str, span: tuple[float, float]) -> History:
    """From a text file with the columns a, omega_p and, if there is a third, nu (a_osc, 1/tau_osc);
    lines that begin with # are left out. Interpolated as `proca_histories.from_table` says.

    span: first and last scale factor of the run. Raises InputError where the table is not numbers,
    not increasing in a, not positive, or too short.
    """
    try:
        rows = np.loadtxt(path, comments="#", ndmin=2)
    except (OSError, ValueError) as error:
        raise InputError(f"{key}: {path} is no table of numbers: {error}") from error
    try:
        return from_rows(rows, a_start=span[0], a_end=span[1])
    except ValueError as error:
        raise InputError(f"{key}: {path}: {error}") from error


def read_profile(config: Config, letter: str) -> np.ndarray | None:
    """omega_p^2 of a field on the sites over its mean [n, n, n], from the dataset omega_p_squared
    of the file that the configuration names, or None; zeros for a plasma of pairs.

    Raises InputError when it does not fit.
    """
    path, n = config.model.fields[letter].plasma.profile, config.lattice.sites
    if config.model.fields[letter].plasma.kind == "pairs":
        return np.zeros((n, n, n))
    if path is None:
        return None
    key = f"model.fields.{letter}.plasma.profile"
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

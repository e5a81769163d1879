"""Massive fields as the configuration describes them: masses, and histories of the plasma from
numbers or from a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from darklat.errors import BadValueError
from darklat.physics.proca.histories import History, constant, freeze_out, from_rows, screening
from darklat.schema import Config, PlasmaKeys
from darklat.schema.inputs import Inputs


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


def history(
    plasma: PlasmaKeys, table: np.ndarray | None, *, key: str, span: tuple[float, float]
) -> History:
    """The history that the keys of a plasma describe, in program units. H = 1/a^2 as in
    `physics.proca.histories`; the program's 1/tau takes the place of m.

    table: the rows of a plasma of kind table. span: first and last scale factor of the run. Raises
    BadValueError of a key below `key` where the table is not increasing in a, not positive, or too
    short.
    """
    share = plasma.nu_over_omega_p or 0.0
    if plasma.kind == "table":
        assert table is not None and plasma.file is not None  # the storage's and schema's business
        return _from_table(table, plasma.file, key=f"{key}.file", span=span)
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


def profile(config: Config, letter: str, inputs: Inputs) -> np.ndarray | None:
    """omega_p^2 of a field on the sites over its mean [n, n, n], or None where it is uniform; zeros
    for a plasma of pairs."""
    n = config.lattice.sites
    if config.model.fields[letter].plasma.kind == "pairs":
        return np.zeros((n, n, n))
    return inputs.profiles.get(letter)


def _from_table(rows: np.ndarray, path: Path, *, key: str, span: tuple[float, float]) -> History:
    try:
        return from_rows(rows, a_start=span[0], a_end=span[1])
    except ValueError as error:
        raise BadValueError(key, f"{path}: {error}") from error

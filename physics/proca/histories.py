"""Plasma frequency and collision rate of the dark charges as functions of the scale factor.

Units m = 1 and a_* = 1 as in `modes`. Sources: Arvanitaki et al., Dark QED from Inflation,
App. E.2-E.6 and Fig. 16. A `History` holds two functions for `evolve_modes`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Rate = Callable[[Array], Array]


@dataclass(frozen=True)
class History:
    """omega_p(a) and nu(a) in m, for arrays of a in a_*."""

    omega_p: Rate
    nu: Rate


def constant(*, omega_p: float, nu: float = 0.0) -> History:
    """The same omega_p and nu at all times, in m. Raises ValueError if negative or not finite."""
    _require(omega_p=(omega_p, 0.0), nu=(nu, 0.0))
    return History(lambda a: np.full(np.shape(a), omega_p), lambda a: np.full(np.shape(a), nu))


def screening(
    *,
    nu_over_omega_p: float = 0.3,
    a_cascade: float = 0.01,
    a_plasma: float = 0.05,
    omega_plasma: float = 400.0,
) -> History:
    """A closed form in the spirit of Fig. 16: pairs cascade, screen, and take over.

    omega_p^2 = exp[-(a_cascade/a)^8] [a^-4 + omega_plasma^2 (a/a_plasma)^(-4/3)]: there is nothing
    before a_cascade, then omega_p of the size of H. From about a_plasma on it falls as a^(-2/3),
    slower than H. nu is a constant share of omega_p. The defaults have omega_p = H at a_plasma.
    Raises ValueError for numbers that are not positive (nu_over_omega_p: negative) or not finite.
    """
    _require(nu_over_omega_p=(nu_over_omega_p, 0.0))
    _require_positive(a_cascade=a_cascade, a_plasma=a_plasma, omega_plasma=omega_plasma)

    def omega_p(a: Array) -> Array:
        switched_on = np.exp(-((a_cascade / a) ** 8))
        return np.sqrt(switched_on * (a**-4 + omega_plasma**2 * (a / a_plasma) ** (-4 / 3)))

    return History(omega_p, lambda a: nu_over_omega_p * omega_p(a))


def freeze_out(
    *, a_fo: float, omega_fo: float, remaining: float = 1e-3, nu_over_omega_p: float = 0.3
) -> History:
    """A thermal plasma, omega_p = omega_fo a_fo/a, whose charges annihilate near a_fo.

    With x = a/a_fo, omega_p^2 = omega_fo^2 [x^-2 exp(-x^2) + remaining x^-3 (1 - exp(-x^3))]: early
    on omega_p ~ e_D T. Late n_psi ~ a^-3 of a share `remaining` (App. E.6, before Eq. E.11).
    Collisions stop with the thermal part, nu = nu_over_omega_p (omega_fo/x) exp(-x^2/2). Raises
    ValueError for a_fo or omega_fo not positive, remaining outside (0, 1], a negative
    nu_over_omega_p.
    """
    _require(nu_over_omega_p=(nu_over_omega_p, 0.0))
    _require_positive(a_fo=a_fo, omega_fo=omega_fo)
    if not 0 < remaining <= 1:
        raise ValueError(f"remaining must lie in (0, 1], not {remaining}: the share that survives")

    def thermal(a: Array) -> Array:
        return omega_fo * a_fo / a * np.exp(-((a / a_fo) ** 2) / 2)

    def omega_p(a: Array) -> Array:
        x3 = (a / a_fo) ** 3
        return np.sqrt(thermal(a) ** 2 - omega_fo**2 * remaining * np.expm1(-x3) / x3)

    return History(omega_p, lambda a: nu_over_omega_p * thermal(a))


def from_table(
    a: npt.ArrayLike,
    omega_p: npt.ArrayLike,
    nu: npt.ArrayLike | None = None,
    *,
    a_start: float,
    a_end: float,
) -> History:
    """A table of a (in a_*), omega_p and nu (in m), by monotone cubics of logarithms.

    Power laws are reproduced exactly and nothing overshoots. nu left out, or zero in every row,
    means no collisions. Raises ValueError, with the row, if a does not increase strictly or an
    entry is not positive and below 1e150. Raises it if the columns differ in length or have fewer
    than two rows, or if the table does not cover [a_start, a_end] ("too short").
    """
    columns = {"a": _column("a", a), "omega_p": _column("omega_p", omega_p)}
    if nu is not None and np.any(np.asarray(nu) != 0):
        columns["nu"] = _column("nu", nu)
    scale = columns["a"]
    for name, values in columns.items():
        if values.size != scale.size:
            raise ValueError(
                f"column {name} has {values.size} rows and column a {scale.size}; give one per row"
            )
    if scale.size < 2:
        raise ValueError(f"a table needs two or more rows, not {scale.size}")
    falls = np.flatnonzero(np.diff(scale) <= 0)
    if falls.size:
        row = int(falls[0]) + 2
        raise ValueError(
            f"column a must increase strictly, but row {row} has {scale[row - 1]:.6g} after "
            f"{scale[row - 2]:.6g}; sort the rows and drop repeated ones"
        )
    if not (scale[0] <= a_start * _NEAR and a_end <= scale[-1] * _NEAR):
        raise ValueError(
            f"the table is too short: it covers a = {scale[0]:.6g} to {scale[-1]:.6g}, and "
            f"{a_start:.6g} to {a_end:.6g} is needed; add rows, or start later or end earlier"
        )
    no_collisions = constant(omega_p=0.0).nu
    return History(
        _Table("omega_p", scale, columns["omega_p"]),
        _Table("nu", scale, columns["nu"]) if "nu" in columns else no_collisions,
    )


def from_rows(rows: Array, *, a_start: float, a_end: float) -> History:
    """`from_table` of rows [n, 2 or 3] of a, omega_p and, if there are collisions, nu.

    Raises ValueError for another number of columns, and as `from_table`.
    """
    if rows.shape[1] not in (2, 3):
        raise ValueError(
            f"the table has {rows.shape[1]} columns; needed are a, omega_p and, if the plasma has "
            "collisions, nu"
        )
    return from_table(*rows.T, a_start=a_start, a_end=a_end)


_LARGEST = 1e150  # its square, which the equations have, is a double
_NEAR = 1 + 1e-9  # a table written with ten digits still covers its own ends


@dataclass(frozen=True)
class _Table:
    """Monotone cubic of ln value against ln a; its rows are where it is not smooth."""

    name: str
    knots: Array
    values: Array
    _cubic: Rate = field(init=False, repr=False)

    def __post_init__(self) -> None:
        from scipy.interpolate import PchipInterpolator  # slow to import; few runs have a table

        cubic = PchipInterpolator(np.log(self.knots), np.log(self.values))
        object.__setattr__(self, "_cubic", cubic)

    def __call__(self, a: Array) -> Array:
        first, last = self.knots[0], self.knots[-1]
        outside = ~((a >= first / _NEAR) & (a <= last * _NEAR))
        if np.any(outside):
            raise ValueError(
                f"the table of {self.name} is too short: it covers a = {first:.6g} to {last:.6g}, "
                f"not {np.asarray(a)[outside][0]:.6g}"
            )
        return np.exp(self._cubic(np.log(np.clip(a, first, last))))


def _column(name: str, values: npt.ArrayLike) -> Array:
    column = np.asarray(values, dtype=np.float64)
    if column.ndim != 1:
        raise ValueError(f"column {name} must be a list, not of shape {column.shape}")
    bad = np.flatnonzero(~((column > 0) & (column < _LARGEST)))
    if bad.size:
        row = int(bad[0]) + 1
        hint = "; nu may also be zero in every row" if name == "nu" else ""
        raise ValueError(
            f"column {name} must be positive and below {_LARGEST:g}, but row {row} has "
            f"{column[row - 1]}{hint}"
        )
    return column


def _require(**values: tuple[float, float]) -> None:
    for name, (value, least) in values.items():
        if not (value >= least and math.isfinite(value)):
            raise ValueError(f"{name} must be finite and not below {least:g}, not {value}")


def _require_positive(**values: float) -> None:
    for name, value in values.items():
        if not (value > 0 and math.isfinite(value)):
            raise ValueError(f"{name} must be positive and finite, not {value}")

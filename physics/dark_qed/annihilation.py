"""psi psibar -> A'A' for a massless A': the cross-section at any energy, and its thermal average.

P. A. M. Dirac, Proc. Camb. Phil. Soc. 26, 361 (1930), for unpolarised fermions: with the Lorentz
factor g of one in the rest frame of the other,

    sigma = (pi alpha^2/m^2) [((g^2 + 4g + 1)/(g^2 - 1)) ln(g + (g^2 - 1)^(1/2))
                              - (g + 3)/(g^2 - 1)^(1/2)]/(g + 1).

The average is that of P. Gondolo, G. Gelmini, Nucl. Phys. B 360, 145 (1991), Eq. 3.8, for
Maxwell-Boltzmann statistics, and is of sigma v as it is where one of both is at rest:

    <sigma v> = int_4m^2^inf ds sigma (s - 4 m^2) s^(1/2) K_1(s^(1/2)/T)/(8 m^4 T K_2(m/T)^2).

It is pi alpha^2/m^2 for a cold bath (Eq. 4.2 of Arvanitaki et al.) and less for a hot one.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import kve

if TYPE_CHECKING:  # imported where a table is made: slow
    from scipy.interpolate import CubicSpline

Array = npt.NDArray[np.float64]

X_RANGE = (1e-3, 1e4)
"""x = m/T of the table behind `thermal_average`."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)

_SLOW = 1e-5
"""g - 1 below which `sigma_v` is 1; it begins with 1 - .6 (g - 1)^2."""


def sigma_v(g: npt.ArrayLike) -> Array:
    """sigma v over pi alpha^2/m^2 where one is at rest, elementwise; v = (1 - g^-2)^(1/2).

    1 at g = 1. Raises ValueError for g < 1.
    """
    lorentz = np.asarray(g, dtype=np.float64)
    if not np.all(lorentz >= 1):
        raise ValueError("a Lorentz factor is at least 1")
    # Both terms of the bracket diverge at g = 1 and cancel there.
    slow = lorentz < 1 + _SLOW
    safe = np.where(slow, 2.0, lorentz)
    root = np.sqrt((safe - 1) * (safe + 1))
    bracket = (safe**2 + 4 * safe + 1) / root**2 * np.log1p(safe - 1 + root) - (safe + 3) / root
    return np.asarray(np.where(slow, 1.0, bracket / (safe + 1) * root / safe))


def thermal_average(x: npt.ArrayLike) -> Array:
    """<sigma v> over pi alpha_D^2/m_psi^2 at x = m/T, elementwise, to 1e-6 of itself.

    Raises ValueError outside `X_RANGE`.
    """
    ratio = np.asarray(x, dtype=np.float64)
    low, high = X_RANGE
    if not np.all((ratio >= low) & (ratio <= high)):
        raise ValueError(f"m/T must be between {low:g} and {high:g}")
    return np.asarray(np.exp(_table()(np.log(ratio))))


def average(x: float) -> float:
    """The same at one x from the integral, to 1e-9 of itself."""
    # y = s^(1/2)/T, of which K_1 has exp(-y); y - 2 x = exp(w^2) - 1 makes the integrand smooth.
    top = math.sqrt(math.log(60.0 + 20 * math.sqrt(x)))
    w = (_NODES + 1) / 2 * top
    u = np.expm1(w**2)
    y = 2 * x + u
    g = 1 + u * (y + 2 * x) / (2 * x**2)
    velocity = np.sqrt((g - 1) * (g + 1)) / g
    momentum = u * (y + 2 * x)  # (s - 4 m^2)/T^2
    values = sigma_v(g) / velocity * momentum * y**2 * kve(1, y) * np.exp(w**2 - u) * 2 * w
    # The factors exp(-2 x) of K_1 and of K_2^2 cancel.
    return float(_WEIGHTS @ values) * top / 2 / (4 * x**4 * float(kve(2, x)) ** 2)


@cache
def _table() -> CubicSpline:
    from scipy.interpolate import CubicSpline

    low, high = X_RANGE
    logs = np.linspace(math.log(low), math.log(high), 141)
    return CubicSpline(logs, np.log([average(float(x)) for x in np.exp(logs)]))

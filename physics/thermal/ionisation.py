"""Electrons of the late universe: recombination, reionisation, and the photon's mass in the plasma.

Reionisation is a tanh in (1+z)^(3/2), as in A. Lewis, PRD 78, 023002 (2008): hydrogen together with
the first electron of helium, and a second tanh in z for helium's other electron at z = 3.5. x_e is
the number of electrons per hydrogen nucleus, and reaches 1 + 2 f_He = 1.16 today.

The density of electrons has two conventions:

- "n_H": n_e = n_H0 (1+z)^3 x_e, which is the definition of x_e.
- "n_b": n_e = n_b0 (1+z)^3 x_e with all baryons, as Addazi et al. print. It is larger by n_b0/n_H0,
  which is 1.325: a quarter of all nucleons is in helium, and x_e is per hydrogen.

The photon's mass in the plasma is m_gamma^2 = e^2 n_e/m_e, e^2 = 4 pi alpha.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from darklat.physics.thermal.cosmology import STANDARD, Cosmology, checked_redshift
from darklat.physics.thermal.recombination import Z_MAX, history
from darklat.physics.units import ELECTRON_MASS_EV, FINE_STRUCTURE, HBAR_C_EV_M

Array = npt.NDArray[np.float64]

Electrons = Literal["n_H", "n_b"]
"""The conventions of the density of electrons; see the module."""

_WIDTH = 0.5  # of hydrogen's reionisation in z
_HELIUM_REDSHIFT, _HELIUM_WIDTH = 3.5, 0.4

_NODES_PER_E_FOLD = 2000
"""Of the spline of x_e in ln(1+z), where it has a table."""


def ionisation_fraction(
    z: npt.ArrayLike, *, reionisation: bool = True, cosmology: Cosmology = STANDARD
) -> Array:
    """x_e, electrons per hydrogen nucleus, at redshifts up to `Z_MAX`, elementwise.

    Raises ValueError for redshifts that are negative, not finite or above `Z_MAX`.
    """
    values = checked_redshift(z, highest=Z_MAX)
    residual = history(cosmology).x_e(values)
    if not reionisation:
        return residual
    f_he = cosmology.helium_per_hydrogen
    middle = 1 + cosmology.reionisation_redshift
    width = 1.5 * math.sqrt(middle) * _WIDTH
    share = (1 + np.tanh((middle**1.5 - (1 + values) ** 1.5) / width)) / 2
    helium = (1 + np.tanh((_HELIUM_REDSHIFT - values) / _HELIUM_WIDTH)) / 2
    return np.asarray(residual + (1 + f_he - residual) * share + f_he * helium)


def matter_temperature_kelvin(z: npt.ArrayLike, *, cosmology: Cosmology = STANDARD) -> Array:
    """Temperature of the gas in kelvin before stars heat it, elementwise: that of the radiation
    until Compton scattering becomes slow at z of about 150, then as (1+z)^2. Raises as
    `ionisation_fraction`."""
    return history(cosmology).matter_kelvin(checked_redshift(z, highest=Z_MAX))


def electrons_per_m3(
    z: npt.ArrayLike, *, electrons: Electrons = "n_H", cosmology: Cosmology = STANDARD
) -> Array:
    """n_e in 1/m^3 (physical) with reionisation, elementwise. Raises as `ionisation_fraction`, and
    for an unknown convention."""
    values = checked_redshift(z, highest=Z_MAX)
    per_m3 = nuclei_per_m3(electrons, cosmology)
    return per_m3 * (1 + values) ** 3 * ionisation_fraction(values, cosmology=cosmology)


def nuclei_per_m3(electrons: Electrons, cosmology: Cosmology = STANDARD) -> float:
    """Nuclei or nucleons per m^3 today that x_e multiplies. Raises ValueError for an unknown
    convention."""
    if electrons not in get_args(Electrons):
        raise ValueError(
            f"electrons {electrons!r} is unknown; use one of {', '.join(get_args(Electrons))}"
        )
    return cosmology.hydrogen_per_m3 if electrons == "n_H" else cosmology.baryons_per_m3


def plasma_mass_ev(
    z: npt.ArrayLike, *, electrons: Electrons = "n_H", cosmology: Cosmology = STANDARD
) -> Array:
    """m_gamma(z) in eV, elementwise. Raises as `electrons_per_m3`."""
    density = electrons_per_m3(z, electrons=electrons, cosmology=cosmology) * HBAR_C_EV_M**3
    return np.asarray(np.sqrt(4 * math.pi * FINE_STRUCTURE * density / ELECTRON_MASS_EV))


def plasma_mass_slope(z: npt.ArrayLike, *, cosmology: Cosmology = STANDARD) -> Array:
    """d ln(m_gamma^2)/dz, elementwise, the same in both conventions. Raises as
    `ionisation_fraction`."""
    growth = 1 + checked_redshift(z, highest=Z_MAX)
    return np.asarray((3 + _log_x_e_slope(cosmology)(np.log(growth))) / growth)


@lru_cache(maxsize=8)
def _log_x_e_slope(cosmology: Cosmology) -> Callable[[Array], Array]:
    """d ln x_e/d ln(1+z) against ln(1+z), from a spline through x_e."""
    from scipy.interpolate import CubicSpline  # slow to import

    u = np.linspace(0.0, math.log1p(Z_MAX), int(_NODES_PER_E_FOLD * math.log1p(Z_MAX)))
    x_e = ionisation_fraction(np.minimum(np.expm1(u), Z_MAX), cosmology=cosmology)
    slope = CubicSpline(u, np.log(x_e)).derivative()
    return lambda at: np.asarray(slope(at))

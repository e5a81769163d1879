"""Pairs from strong dark electric fields: Schwinger's effect, the cascade, and screening.

A. Arvanitaki et al., "Dark QED from Inflation", Sec. 3.2, App. B and E.1-E.2; rates with their
factors from V. I. Ritus, J. Sov. Laser Res. 6, 497 (1985) and V. N. Baier, V. M. Katkov, V. M.
Strakhovenko, Electromagnetic Processes at High Energies in Oriented Single Crystals (1998). Charges
are spin-1/2; `charge` is e_D, with alpha_D = e_D^2/(4 pi). hbar = c = 1, and everything is in
powers of one unit of energy. Fields are taken as constant over the formation of a pair, which needs
`formation_length` and `wavelength` below 1/H.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import gamma, kve, zeta

from darklat.physics.units import ELECTRON_MASS_EV

if TYPE_CHECKING:  # imported where a table is made: slow, and a run without pairs needs none
    from scipy.interpolate import CubicSpline

Array = npt.NDArray[np.float64]

CHI_RANGE = (1e-4, 1e8)
"""chi that the rates are tabulated for; outside, their limits hold to 1e-3 and better."""

PAIR_SMALL = 3 / 16 * math.sqrt(1.5)
"""W_pair omega/(alpha m^2) = 0.230 chi exp(-8/(3 chi)) for chi << 1."""

PAIR_LARGE = 15 * 3 ** (2 / 3) * float(gamma(2 / 3)) ** 4 / (28 * math.pi**2)
"""W_pair omega/(alpha m^2) = 0.380 chi^(2/3) for chi >> 1."""

EMISSION_LARGE = 14 * 3 ** (2 / 3) * float(gamma(2 / 3)) / 27
"""W_rad omega/(alpha m^2) = 1.461 chi^(2/3) for chi >> 1."""

EMISSION_SMALL = 5 / (2 * math.sqrt(3))
"""W_rad omega/(alpha m^2) = 1.443 chi for chi << 1."""


def critical_field(*, fermion_mass: float, charge: float) -> float:
    """E_crit = m_psi^2/e_D, Eq. B.1. Raises ValueError for values that are not positive."""
    _positive(fermion_mass=fermion_mass, charge=charge)
    return fermion_mass**2 / charge


def schwinger_rate(electric: npt.ArrayLike, *, fermion_mass: float, charge: float) -> Array:
    """Pairs per volume and time, (e E)^2/(4 pi^3) exp(-pi E_crit/|E|), in the shape of `electric`.

    Eq. B.2 with its factor (A. I. Nikishov, Sov. Phys. JETP 30, 660 (1970)). Raises ValueError as
    `critical_field`.
    """
    critical = critical_field(fermion_mass=fermion_mass, charge=charge)
    field = np.abs(np.asarray(electric, dtype=np.float64))
    with np.errstate(divide="ignore"):
        return (charge * field) ** 2 / (4 * math.pi**3) * np.exp(-math.pi * critical / field)


def vacuum_decay_rate(electric: npt.ArrayLike, *, fermion_mass: float, charge: float) -> Array:
    """Decay of the vacuum per volume and time: Schwinger's sum over n pairs with weight 1/n^2.

    J. Schwinger, Phys. Rev. 82, 664 (1951). Between once and pi^2/6 times `schwinger_rate`. Raises
    ValueError as `critical_field`.
    """
    critical = critical_field(fermion_mass=fermion_mass, charge=charge)
    field = np.abs(np.asarray(electric, dtype=np.float64))
    n = np.arange(1, 2001)
    with np.errstate(divide="ignore"):
        x = math.pi * critical / field[..., None]
    # Beyond the last term the sum for E -> infinity leaves 1/2000; weighted like the last term.
    terms = np.exp(-n * x) / n**2
    rest = np.exp(-(n[-1] + 1) * x[..., 0]) * float(zeta(2, n[-1] + 1))
    return (charge * field) ** 2 / (4 * math.pi**3) * (terms.sum(axis=-1) + rest)


def chi(electric: npt.ArrayLike, *, energy: float, fermion_mass: float, charge: float) -> Array:
    """e E omega/m_psi^3, Eq. B.4 for a field across the motion. ValueError as `critical_field`."""
    _positive(energy=energy, fermion_mass=fermion_mass, charge=charge)
    return charge * np.abs(np.asarray(electric, dtype=np.float64)) * energy / fermion_mass**3


# ---- The cascade ----


def pair_factor(chi: npt.ArrayLike) -> Array:
    """W_pair omega/(alpha m^2) of a transverse photon, unpolarised, exact in chi; shape of chi.

    (1/(6 sqrt3 pi)) int_1^inf du (8u + 1)/(u^(3/2) (u - 1)^(1/2)) K_2/3(8u/(3 chi)): Eq. B.6
    between its limits, to 1e-6 of itself (a spline of the integral). ValueError for chi < 0.
    """
    return _looked_up(chi, _pair_table(), slow=8 / 3)


def emission_factor(chi: npt.ArrayLike) -> Array:
    """W_rad omega_psi/(alpha m^2), photons radiated per time by a fermion, exact in chi.

    (1/(3 sqrt3 pi)) int_0^inf du (5u^2 + 7u + 5)/(1 + u)^3 K_2/3(2u/(3 chi)): Eq. B.5 between its
    limits, to 1e-6. ValueError for chi < 0.
    """
    return _looked_up(chi, _emission_table(), slow=0.0)


def pair_rate(chi: npt.ArrayLike, *, energy: float, fermion_mass: float, charge: float) -> Array:
    """W_pair, pairs per time of one transverse photon: Eq. B.6. ValueError as the two above."""
    return _rate(pair_factor(chi), energy=energy, fermion_mass=fermion_mass, charge=charge)


def emission_rate(
    chi: npt.ArrayLike, *, energy: float, fermion_mass: float, charge: float
) -> Array:
    """W_rad, photons per time of one fermion: Eq. B.5. ValueError as `emission_factor`."""
    return _rate(emission_factor(chi), energy=energy, fermion_mass=fermion_mass, charge=charge)


def longitudinal_pair_rate(
    electric: npt.ArrayLike,
    *,
    density: float,
    energy: float,
    photon_mass: float,
    fermion_mass: float,
    charge: float,
) -> Array:
    """Pairs per volume and time of longitudinal photons of that density and energy: Eq. 3.7.

    Transverse ones times (m_A/omega)^2. The exponent of Eq. 3.7 must be as in Eq. B.6, -8/(3 chi),
    and not -(8/3) chi. Raises ValueError for values that are not positive.
    """
    _positive(density=density, photon_mass=photon_mass)
    x = chi(electric, energy=energy, fermion_mass=fermion_mass, charge=charge)
    one = pair_rate(x, energy=energy, fermion_mass=fermion_mass, charge=charge)
    return density * (photon_mass / energy) ** 2 * one


# ---- In the expanding universe ----


def formation_length(electric: float, *, fermion_mass: float, charge: float) -> float:
    """r_nuc = m_psi/(e E), Eq. B.7. ValueError for values that are not positive."""
    _positive(electric=electric, fermion_mass=fermion_mass, charge=charge)
    return fermion_mass / (charge * electric)


def wavelength(electric: float, *, hubble: float, charge: float) -> float:
    """lambda_dB = H/(e E) of a charge accelerated over 1/H, Eq. B.8. ValueError as above."""
    _positive(electric=electric, hubble=hubble, charge=charge)
    return hubble / (charge * electric)


def cascade_hubble(electric: float, *, charge: float) -> float:
    """H_casc = sqrt(e E): below this H charges gain energy faster than it redshifts."""
    _positive(electric=electric, charge=charge)
    return math.sqrt(charge * electric)


def screening_density(electric: npt.ArrayLike, *, hubble: float, charge: float) -> Array:
    """n_scr = |E| H/e, of both signs together, Eq. E.2. ValueError for H or e not positive."""
    _positive(hubble=hubble, charge=charge)
    return np.abs(np.asarray(electric, dtype=np.float64)) * hubble / charge


def accelerated_energy(
    electric: npt.ArrayLike, *, hubble: float, fermion_mass: float, charge: float
) -> Array:
    """Energy (m_psi^2 + (e E/H)^2)^(1/2) of a charge from rest after 1/H. ValueError as above."""
    _positive(hubble=hubble, fermion_mass=fermion_mass, charge=charge)
    return np.hypot(fermion_mass, charge * np.asarray(electric, dtype=np.float64) / hubble)


def photon_plasma_frequency(T_eV: npt.ArrayLike, *, charge: float, baryons: float) -> Array:
    """omega_p of the photon in the plasma after the annihilation of e+ e-, in eV.

    omega_p^2 = (e^2/m_e) eta_B (2 zeta(3)/pi^2) T^3: Eq. 5.7, whose left side lacks the square.
    `charge` is e = (4 pi alpha)^(1/2), `baryons` eta_B. ValueError for values not positive.
    """
    _positive(charge=charge, baryons=baryons)
    T = np.asarray(T_eV, dtype=np.float64)
    electrons = baryons * 2 * float(zeta(3)) / math.pi**2 * T**3
    return charge * np.sqrt(electrons / ELECTRON_MASS_EV)


# ---- Parts ----


def _rate(factor: Array, *, energy: float, fermion_mass: float, charge: float) -> Array:
    _positive(energy=energy, fermion_mass=fermion_mass, charge=charge)
    return charge**2 / (4 * math.pi) * fermion_mass**2 / energy * factor


def _looked_up(chi: npt.ArrayLike, table: CubicSpline, *, slow: float) -> Array:
    """chi exp(table(ln chi) - slow/chi), with the ends continued: 1 below, chi^(-1/3) above."""
    x = np.asarray(chi, dtype=np.float64)
    if not np.all((x >= 0) & np.isfinite(x)):
        raise ValueError("chi must be finite and not negative")
    low, high = CHI_RANGE
    inside = np.clip(x, low, high)
    # exp(-slow/x) is 1 at x = 0 where slow is 0: no field, no rate, because of the factor x.
    tail = np.maximum(x / high, 1.0) ** (-1 / 3) * np.exp(-slow / np.maximum(x, 1e-300))
    return np.asarray(x * np.exp(table(np.log(inside))) * tail)


@cache
def _pair_table() -> CubicSpline:
    def factor(x: float) -> float:
        # u = 1 + t^2 takes the root away, t = exp(s) spreads the decades: K falls as exp(-8t^2/3x).
        s = np.linspace(-20.0, 0.5 * math.log(50 * (1 + x)), 1601)
        u = 1 + np.exp(2 * s)
        z = 8 * u / (3 * x)
        # kve = exp(z) K; exp(-8/(3x)) is left out for the table.
        kernel = (8 * u + 1) / u**1.5 * kve(2 / 3, z) * np.exp(-8 * np.exp(2 * s) / (3 * x))
        whole = np.sum(2 * kernel * np.exp(s)) * (s[1] - s[0])
        return float(whole) / (6 * math.sqrt(3) * math.pi * x)

    return _table(factor)


@cache
def _emission_table() -> CubicSpline:
    def factor(x: float) -> float:
        # The integrand goes as u^(-2/3) at small u: exp(s/3) there.
        s = np.linspace(math.log(x) - 110, math.log(60 * (1 + x)), 1601)
        u = np.exp(s)
        z = 2 * u / (3 * x)
        kernel = (5 * u**2 + 7 * u + 5) / (1 + u) ** 3 * kve(2 / 3, z) * np.exp(-z) * u
        return float(np.sum(kernel) * (s[1] - s[0])) / (3 * math.sqrt(3) * math.pi * x)

    return _table(factor)


def _table(factor: Callable[[float], float]) -> CubicSpline:
    from scipy.interpolate import CubicSpline

    low, high = (math.log(c) for c in CHI_RANGE)
    nodes = np.linspace(low, high, 241)
    return CubicSpline(nodes, np.log([factor(math.exp(x)) for x in nodes]))


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not (value > 0 and math.isfinite(value)):
            raise ValueError(f"{name} must be finite and positive, not {value}")

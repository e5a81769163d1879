"""Longitudinal dark photons from inflation without charges: late spectrum and relic density.

Graham, Mardon, Rajendran, Phys. Rev. D 93, 103520 (2016), arXiv:1504.02102, found the spectrum
numerically; in the radiation era it has a closed form. With E = a e and r = a^2/2 the vacuum
equation of `start` becomes Coulomb's. a^(1/2) e is the regular Coulomb function of r with L = 1/4
and eta = -k^2/4. Its amplitude at infinity is one, and its start has the constant

    C_L(eta) = 2^L exp(-pi eta/2) |Gamma(L + 1 + i eta)|/Gamma(2L + 2)

(NIST Handbook of Mathematical Functions (2010), sec. 33.2). The start A = 1 is E = -a^3/3, and

    F(k) = (pi/8) (k/k_*)^2 exp(-pi k^2/4 k_*^2)/|Gamma(5/4 + i k^2/4 k_*^2)|^2

is rho_k a^3/[(H_I m/2 pi)^2 a_*^3] per ln k, with the limits Gamma(3/4)^2/pi (k/k_*)^2 below and
k_*/(2k) above.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import loggamma

from darklat.physics.units import (
    CRITICAL_DENSITY_PER_H2_EV4,
    EV_PER_GEV,
    G_STAR_S,
    REDUCED_PLANCK_MASS_EV,
    T0_EV,
)

Array = npt.NDArray[np.float64]

G_STAR_STANDARD_MODEL = 106.75
"""g_* and g_*s when every particle of the Standard Model is relativistic."""

# Beyond, two large exponents cancel; the series' next term is some k^-8 = 1e-16.
_K_SERIES = 100.0


def vacuum_spectrum(k: npt.ArrayLike) -> Array:
    """F(k) of the module at k in k_*, in the shape of k. Raises ValueError where k <= 0."""
    wave = np.asarray(k, dtype=np.float64)
    if not np.all((wave > 0) & np.isfinite(wave)):
        raise ValueError("wave numbers must be positive and finite")
    y = np.minimum(wave, _K_SERIES) ** 2 / 4
    exact = math.pi / 2 * y * np.exp(-math.pi * y - 2 * loggamma(1.25 + 1j * y).real)
    return np.asarray(np.where(wave < _K_SERIES, exact, (1 - 1.25 * wave**-4.0) / (2 * wave)))


@lru_cache(maxsize=1)
def vacuum_peak() -> tuple[float, float]:
    """k in k_* and F at the peak: 1.386 and 0.26468."""
    from scipy.optimize import minimize_scalar  # slow to import; no run needs it

    found = minimize_scalar(
        lambda log_k: -float(vacuum_spectrum(math.exp(log_k))), bracket=(0.0, 0.3, 1.0), tol=1e-12
    )
    return math.exp(found.x), -float(found.fun)


@lru_cache(maxsize=1)
def vacuum_integral() -> float:
    """Integral of F over ln k, 0.5908."""
    from scipy.integrate import quad  # slow to import; no run needs it

    low, high = 1e-6, _K_SERIES
    value, _ = quad(
        lambda log_k: float(vacuum_spectrum(math.exp(log_k))),
        math.log(low),
        math.log(high),
        epsabs=1e-13,
        epsrel=1e-12,
        limit=200,
    )
    below = float(vacuum_spectrum(low)) / 2
    above = (1 - 0.25 * high**-4.0) / (2 * high)
    return float(value) + below + above


def vacuum_relic_density(
    *,
    mass_eV: float,
    hubble_inflation_GeV: float,
    g_star: float = G_STAR_STANDARD_MODEL,
    g_star_s: float = G_STAR_STANDARD_MODEL,
) -> float:
    """Omega h^2 today of dark photons of mass m made by inflation with Hubble rate H_I.

    (H_I m/2 pi)^2 (a_*/a_0)^3 times `vacuum_integral`, with a_* from H = m in a radiation era of
    g_star, and entropy g_star_s conserved since. Reheating is over before a_* and the charges never
    matter. Raises ValueError for numbers that are not positive and finite.
    """
    inputs = {
        "mass_eV": mass_eV,
        "hubble_inflation_GeV": hubble_inflation_GeV,
        "g_star": g_star,
        "g_star_s": g_star_s,
    }
    for name, value in inputs.items():
        if not (value > 0 and math.isfinite(value)):
            raise ValueError(f"{name} must be positive and finite, not {value}")
    T_star = (90 * (REDUCED_PLANCK_MASS_EV * mass_eV) ** 2 / (math.pi**2 * g_star)) ** 0.25
    shrink = (G_STAR_S / g_star_s) ** (1 / 3) * T0_EV / T_star
    density = (hubble_inflation_GeV * EV_PER_GEV * mass_eV / (2 * math.pi)) ** 2
    return vacuum_integral() * density * shrink**3 / CRITICAL_DENSITY_PER_H2_EV4


def vacuum_mass_eV(
    *,
    omega_h2: float,
    hubble_inflation_GeV: float,
    g_star: float = G_STAR_STANDARD_MODEL,
    g_star_s: float = G_STAR_STANDARD_MODEL,
) -> float:
    """The mass in eV that gives omega_h2: `vacuum_relic_density` goes as m^(1/2) H_I^2 (Eq. 5.5).

    Raises ValueError as that function, and for an omega_h2 that is not positive.
    """
    if not (omega_h2 > 0 and math.isfinite(omega_h2)):
        raise ValueError(f"omega_h2 must be positive and finite, not {omega_h2}")
    one = vacuum_relic_density(
        mass_eV=1.0, hubble_inflation_GeV=hubble_inflation_GeV, g_star=g_star, g_star_s=g_star_s
    )
    return (omega_h2 / one) ** 2

"""Fits of converted ALPs to measured radio temperatures, over the strength and length of a field.

A measured temperature is T_0 + T_galaxies + T_ALP + noise. T_ALP is a brightness (Rayleigh-Jeans)
temperature and the measured one thermodynamic. Their difference, x^2/12 of T_ALP with x =
hf/(kT_0), is below 0.3% at 10.5 GHz. Above, T_ALP is far below the uncertainties.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2 as chi2_distribution
from scipy.stats import norm

from darklat.physics.conversion import saturated
from darklat.physics.radio.brightness import (
    CMB_K,
    ENERGY_OVER_PHOTONS,
    brightness_kelvin,
    extragalactic_kelvin,
)

Array = npt.NDArray[np.float64]

MHD_GAUSS_PER_MPC = 1e-8
"""Largest B0 over lambda_B of a field that has decayed since it was made: turbulence and viscosity
until recombination leave B0 of about 1e-8 G (lambda_B/Mpc) (Banerjee and Jedamzik, PRD 70, 123003
(2004); Durrer and Neronov, A&A Rev. 21, 62 (2013))."""


@dataclass(frozen=True)
class RadioPoints:
    """Measured temperatures of the sky without the Galaxy: frequency in Hz, temperature and its
    uncertainty in kelvin, each [n]."""

    frequency_hz: Array
    temperature_kelvin: Array
    sigma_kelvin: Array

    def foreground_kelvin(self, *, extragalactic: bool) -> Array:
        """T_0, and with it the emission of galaxies, [n]."""
        galaxies = extragalactic_kelvin(self.frequency_hz) if extragalactic else 0.0
        return CMB_K + np.broadcast_to(galaxies, self.frequency_hz.shape)

    def chi_squared(self, excess_kelvin: npt.ArrayLike, *, extragalactic: bool) -> Array:
        """chi^2 of a temperature [..., n] in kelvin on top of T_0 and of galaxies, [...]."""
        expected = self.foreground_kelvin(extragalactic=extragalactic) + np.asarray(excess_kelvin)
        residual = (expected - self.temperature_kelvin) / self.sigma_kelvin
        return np.asarray(np.sum(residual**2, axis=-1))

    def best_amplitude(self, shape: npt.ArrayLike, *, extragalactic: bool) -> float:
        """The factor >= 0 with which an excess of that shape [n] in kelvin has the least chi^2."""
        weighted = np.asarray(shape, dtype=np.float64) / self.sigma_kelvin
        missing = self.temperature_kelvin - self.foreground_kelvin(extragalactic=extragalactic)
        if not np.any(weighted):
            return 0.0
        return max(0.0, float(weighted @ (missing / self.sigma_kelvin) / (weighted @ weighted)))


@dataclass(frozen=True)
class FieldGrid:
    """chi^2 over B0 [m] in gauss and lambda_B [n] in Mpc.

    excess_kelvin: T_ALP at the points, [m, n, points]. chi_squared: [m, n]. allowed: whether such a
    field can be there today, [m, n]. null: chi^2 without ALPs.
    """

    B0_gauss: Array
    lambda_mpc: Array
    excess_kelvin: Array
    chi_squared: Array
    allowed: npt.NDArray[np.bool_]
    null: float

    @property
    def best(self) -> tuple[int, int]:
        """Where chi^2 of an allowed field is least. Raises ValueError where none is allowed."""
        if not np.any(self.allowed):
            raise ValueError(
                "no field of this range of B0 and lambda_B is allowed by magnetohydrodynamics"
            )
        i, j = np.unravel_index(
            np.argmin(np.where(self.allowed, self.chi_squared, np.inf)), self.allowed.shape
        )
        return int(i), int(j)

    def improved(self, sigmas: float) -> npt.NDArray[np.bool_]:
        """Where two parameters improve on the null hypothesis by so many standard deviations."""
        return np.asarray(self.null - self.chi_squared >= improvement(sigmas))


def improvement(sigmas: float) -> float:
    """The fall of chi^2 by two parameters that noise gives as seldom as a normal variable is so
    many standard deviations off: 28.7 for 5."""
    return float(chi2_distribution.isf(2 * norm.sf(sigmas), df=2))


def mhd_allowed(
    B0_gauss: npt.ArrayLike,
    lambda_mpc: npt.ArrayLike,
    *,
    gauss_per_mpc: float = MHD_GAUSS_PER_MPC,
) -> npt.NDArray[np.bool_]:
    """Whether a field has survived until today, broadcast: B0 <= gauss_per_mpc lambda_B."""
    bound = gauss_per_mpc * np.asarray(lambda_mpc, dtype=np.float64)
    return np.asarray(np.asarray(B0_gauss, dtype=np.float64) <= bound)


def field_grid(
    points: RadioPoints,
    probability: Array,
    *,
    B0_gauss: Array,
    lambda_mpc: Array,
    extragalactic: bool = True,
    energy_over_photons: float = ENERGY_OVER_PHOTONS,
    gauss_per_mpc: float = MHD_GAUSS_PER_MPC,
) -> FieldGrid:
    """chi^2 over a grid of fields.

    probability: of weak mixing [m, n, points]; strong mixing saturates it here.
    """
    excess = brightness_kelvin(
        points.frequency_hz, saturated(probability), energy_over_photons=energy_over_photons
    )
    allowed = mhd_allowed(B0_gauss[:, None], lambda_mpc, gauss_per_mpc=gauss_per_mpc)
    return FieldGrid(
        B0_gauss=B0_gauss,
        lambda_mpc=lambda_mpc,
        excess_kelvin=excess,
        chi_squared=points.chi_squared(excess, extragalactic=extragalactic),
        allowed=allowed & np.all(np.isfinite(probability), axis=-1),
        null=float(points.chi_squared(0.0, extragalactic=extragalactic)),
    )

"""The paper's sum over intervals of redshift (Addazi et al. 2024, Eqs. 42-44), for comparison.

    P(z_i, z_{i+1}) = 3 pi/(4 (2 pi)^2) (1+z_c)^3 g^2/(H |Delta'|) integral dk k^2 P_B W,
    t = ((z_c - z) Delta' - Delta)/((1+z_c) k) at z_{i+1} and z_i,
    W = the length of [t_1, t_2] within [-1, 1],

all at the middle z_c, with z_{i+1} = z_i (1 - epsilon). Delta is linear in each interval. For fine
intervals this is the local formula with 3/2 for 1 + mu^2. It is high by 9/8 at a resonance, where
the mean of 1 + mu^2 is 4/3, and by up to 3/2 where |D| << k. With epsilon = 0.1 the slope at a
resonance is that of an interval's middle instead, which is off by some percent.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from darklat.physics.conversion.resonance import (
    MPC_PER_INVERSE_EV,
    Z_MAX,
    checked_mass,
    detuning_ev2,
    omega_ev,
)
from darklat.physics.conversion.spectra import Spectrum
from darklat.physics.conversion.total import coupling_per_ev, path_per_ev
from darklat.physics.thermal.ionisation import Electrons
from darklat.physics.units import GAUSS_IN_EV2

Array = npt.NDArray[np.float64]

PAPER_WIDTH = 0.1
"""epsilon of the paper."""

_DIFFERENCE = 1e-5  # of 1 + z, for the derivative of Delta


def interval_probability(
    frequency_hz: float,
    *,
    mass_ev: float,
    coupling_per_gev: float,
    spectrum: Spectrum,
    electrons: Electrons = "n_H",
    z_start: float = Z_MAX,
    z_end: float = 1e-3,
    width: float = PAPER_WIDTH,
) -> float:
    """Sum of Eq. 42 over intervals of relative `width` from z_start down to z_end > 0.

    Without saturation. Raises ValueError as `total.probability`, and unless 0 < width < 1 and
    Z_MAX >= z_start > z_end > 0: the paper's sequence of redshifts never reaches zero.
    """
    if not (0 < width < 1 and 0 < z_end < z_start <= Z_MAX):
        raise ValueError(
            f"intervals need 0 < width < 1 and {Z_MAX:g} >= z_start > z_end > 0, not {width}, "
            f"{z_start} and {z_end}"
        )
    mass, omega = float(checked_mass(mass_ev)), float(omega_ev(frequency_hz))
    count = math.ceil(math.log(z_start / z_end) / -math.log1p(-width))
    edges = z_start * (1 - width) ** np.arange(count + 1)
    edges[-1] = z_end
    middle = (edges[1:] + edges[:-1]) / 2
    step = _DIFFERENCE * middle
    delta, after, before = (
        delta_ev(z, omega=omega, mass_ev=mass, electrons=electrons)
        for z in (middle, middle + step, middle - step)
    )
    slope = (after - before) / (2 * step)
    k, weight = spectrum.nodes()  # weight: dk k P_B
    k = k * MPC_PER_INVERSE_EV
    weight = weight * GAUSS_IN_EV2**2 / MPC_PER_INVERSE_EV
    growth = 1 + middle
    t_1, t_2 = (
        (((middle - z) * slope - delta) / growth)[:, np.newaxis] / k
        for z in (edges[1:], edges[:-1])
    )
    upper, lower = np.minimum(np.maximum(t_1, t_2), 1), np.maximum(np.minimum(t_1, t_2), -1)
    W = np.maximum(upper - lower, 0)
    factor = 3 / (16 * math.pi) * growth * path_per_ev(middle) / np.abs(slope)
    return float(coupling_per_ev(coupling_per_gev) ** 2 * np.sum(factor * (W @ (weight * k))))


def delta_ev(z: Array, *, omega: float, mass_ev: float, electrons: Electrons) -> Array:
    """Delta = (m_gamma^2 - m_a^2)/(2 omega_0 (1+z)) up to its sign, eV."""
    return detuning_ev2(z, mass_ev=mass_ev, electrons=electrons) / omega * (1 + z)

"""The 21 cm line of the whole sky behind a brighter radio background.

The background at redshift z, at the frequency of the line there, is T_R. Its part from ALPs is
(Addazi et al. 2024, Eq. 7)

    T_b(z) = (pi^4 gamma/15) (T_0/omega)^3 P(omega, z) T_0 (1 + z),   omega = 2 pi f_21/(1 + z),

with P up to z. The paper fits it by r C (1 + z)^3 below the resonance at z_res, and by nothing
above. The line in absorption is deepest when collisions or Lyman alpha photons give its spin
temperature the temperature of the gas. That limit is all that is computed here: light of stars
would change the depth, in either direction.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from darklat.physics.radio.brightness import (
    CMB_K,
    EDGES_HZ,
    ENERGY_OVER_PHOTONS,
    arcade_excess_kelvin,
    brightness_kelvin,
)

Array = npt.NDArray[np.float64]

LINE_HZ = 1.420405751768e9
"""f_21, the hyperfine line of hydrogen (Hellwig et al., IEEE Trans. Instrum. Meas. 19, 200 (1970)).
The paper writes 1.4 GHz."""

EXCESS_AT_LINE_K = 2.698
"""C of the paper. Its definition (f_21/78 MHz)^-2 T_obs(78 MHz) gives `excess_at_line_kelvin`."""

EDGES_Z = (15.0, 20.0)
EDGES_DEPTH_K = (-1.0, -0.3)
"""The trough of EDGES at 99% confidence (Bowman et al., Nature 555, 67 (2018)): where its bottom
is, and how deep."""


def excess_at_line_kelvin(line_hz: float = LINE_HZ) -> float:
    """C in kelvin by its definition: 2.7005 with the paper's f_21 = 1.4 GHz, 2.6235 with
    `LINE_HZ`."""
    return float((line_hz / EDGES_HZ) ** -2 * arcade_excess_kelvin(EDGES_HZ))


def observed_hz(z: npt.ArrayLike) -> Array:
    """The frequency today of the line at redshift z, elementwise."""
    return LINE_HZ / (1 + np.asarray(z, dtype=np.float64))


def redshift_of(frequency_hz: npt.ArrayLike) -> Array:
    """The redshift at which the line has that frequency today, elementwise."""
    return LINE_HZ / np.asarray(frequency_hz, dtype=np.float64) - 1


def converted_kelvin(
    z: npt.ArrayLike,
    probability: npt.ArrayLike,
    *,
    energy_over_photons: float = ENERGY_OVER_PHOTONS,
) -> Array:
    """T_b(z) in kelvin of Eq. 7, broadcast. probability: up to z, at `observed_hz` of z."""
    today = brightness_kelvin(observed_hz(z), probability, energy_over_photons=energy_over_photons)
    return today * (1 + np.asarray(z, dtype=np.float64))


def background_kelvin(
    z: npt.ArrayLike, *, share: float, z_resonance: float, scale_kelvin: float = EXCESS_AT_LINE_K
) -> Array:
    """T_R(z) = T_0 (1 + z) + r C (1 + z)^3 Theta(z_res - z) in kelvin, elementwise.

    share: r, the part of ARCADE 2's excess at 78 MHz that ALPs make.
    """
    stretch = 1 + np.asarray(z, dtype=np.float64)
    excess = share * scale_kelvin * stretch**3
    return CMB_K * stretch + np.where(stretch < 1 + z_resonance, excess, 0.0)


def saturated_depth_kelvin(
    z: npt.ArrayLike,
    background: npt.ArrayLike,
    *,
    gas_kelvin: Callable[[Array], Array],
    neutral: Callable[[Array], Array],
    omega_b_h2: float,
    omega_m_h2: float,
) -> Array:
    """The line's brightness against its background in kelvin, with T_spin = T_gas; negative in
    absorption, elementwise.

    0.027 K x_HI (Omega_b h^2/0.023) [(0.15/Omega_m h^2) (1 + z)/10]^(1/2) (1 - T_R/T_gas)
    (Pritchard and Loeb, Rep. Prog. Phys. 75, 086901 (2012), Eq. 7, for the mean density).
    """
    redshift = np.asarray(z, dtype=np.float64)
    scale = 0.027 * (omega_b_h2 / 0.023) * np.sqrt(0.15 / omega_m_h2 * (1 + redshift) / 10)
    contrast = 1 - np.asarray(background, dtype=np.float64) / gas_kelvin(redshift)
    return scale * neutral(redshift) * contrast

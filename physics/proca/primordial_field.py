"""The dark electric field that inflation leaves: its spectrum, and fields drawn from it.

Longitudinal modes of a massive dark photon in the radiation era, while H and k/a are well above m
(P. W. Graham, J. Mardon, S. Rajendran, Phys. Rev. D 93, 103520 (2016); A. Arvanitaki et al., "Dark
QED from Inflation", App. A). There A obeys A.. + 3 H A. + (k/a)^2 A = 0 (Eq. C.6 for m -> 0). So A
= A_H j_0(x), x = k/(a H), and E = (m^2 a/k^2) dA/dt (Eqs. A.5, A.6). With Eq. A.10

    P_E(k) = (m H_I/2pi)^2 j_1(x)^2       per ln k; its integral over ln k is (m H_I/2pi)^2/4.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import spherical_jn

Array = npt.NDArray[np.float64]

MEAN_SQUARE = 0.25
"""<E^2>/(m H_I/2pi)^2; Eq. A.11 has 1."""


def relativistic_fields(x: npt.ArrayLike) -> tuple[Array, Array]:
    """A/A_H = j_0(x) and E_phys/(m^2 A_H/k) = -j_1(x) at x = k/(a H), each in the shape of x.

    With A_H = k H_I/(2pi m) (Eq. A.10) the unit of E_phys is m H_I/2pi. ValueError for x < 0.
    """
    x = _checked(x)
    return np.asarray(spherical_jn(0, x)), np.asarray(-spherical_jn(1, x))


def electric_spectrum(x: npt.ArrayLike) -> Array:
    """P_E/(m H_I/2pi)^2 = j_1(x)^2 at x = k/(a H), in the shape of x. ValueError for x < 0."""
    return np.asarray(relativistic_fields(x)[1] ** 2)


def electric_spectrum_of_paper(x: npt.ArrayLike) -> Array:
    """The same by Eq. A.9: x^2 below x = 1 and 1/x^2 above, without the 1/9 and 1/2 of j_1^2."""
    x = _checked(x)
    with np.errstate(divide="ignore"):
        return np.where(x < 1, x**2, 1 / x**2)


def energy_spectrum(x: npt.ArrayLike) -> Array:
    """d rho/d ln k over (H H_I/2pi)^2 of a relativistic mode: (x^2/2)[j_0(x)^2 + j_1(x)^2].

    x^2/2 outside the horizon, 1/2 inside: Eq. 2.4 has 1 there. ValueError for x < 0.
    """
    A, E = relativistic_fields(x)
    return np.asarray(np.square(x) / 2 * (A**2 + E**2))


def random_field(*, sites: int, box: float, seed: int) -> Array:
    """A realisation of the electric field in a slice: [3, sites, sites] in units of m H_I/2pi.

    Gaussian, longitudinal (E along k), periodic in a cube of side `box` in units of 1/H (physical)
    with sites^3 points. The slice is z = 0, its axes x and y. Modes above the resolution are
    missing: the mean square is the integral of `electric_spectrum` over the modes there are. Raises
    ValueError for fewer than 4 sites or a box that is not positive.
    """
    if sites < 4 or not (box > 0 and math.isfinite(box)):
        raise ValueError(f"needs 4 sites or more and a box > 0, not {sites} and {box}")
    k = (
        2
        * math.pi
        / box
        * np.stack(np.meshgrid(*[np.fft.fftfreq(sites, 1 / sites)] * 3, indexing="ij"))
    )
    x = np.sqrt(np.sum(k**2, axis=0))
    x[0, 0, 0] = 1.0
    # <|E_k|^2> = P 2 pi^2/(k^3 volume) of the coefficients; the mode k = 0 carries no field.
    size = np.sqrt(electric_spectrum(x) * 2 * math.pi**2 / x**3 / box**3)
    size[0, 0, 0] = 0.0
    white = np.random.default_rng(seed).standard_normal((sites, sites, sites))
    # The transform of white noise has unit variance per mode after division by sites^(3/2).
    amplitude = np.fft.fftn(white) / sites**1.5 * size
    # i k/k keeps the field real, but not on the planes of the Nyquist frequency, whose partner
    # -k is not on the grid.
    if sites % 2 == 0:
        for axis in range(3):
            amplitude[(slice(None),) * axis + (sites // 2,)] = 0.0
    # Sum over k_z is the slice z = 0.
    flat = np.sum(1j * k / x * amplitude, axis=3)
    return np.asarray(np.fft.ifft2(flat, axes=(1, 2)).real * sites**2)


def _checked(x: npt.ArrayLike) -> Array:
    values = np.asarray(x, dtype=np.float64)
    if not np.all((values >= 0) & np.isfinite(values)):
        raise ValueError("x = k/(a H) must be finite and not negative")
    return values

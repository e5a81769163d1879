"""Closed forms of the waves of cold and warm plasmas: the limits of the numerical branches.

Equations of A. Arvanitaki et al., "Dark QED from Inflation", Table 1 and App. C.1, D, with
corrections from a derivation. docs/physics/plasma-dispersion.md has the list of these and the tests
that show them. W^2 = m^2 + omega_p^2. k is physical, and everything is in one unit of energy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Wave:
    """A longitudinal wave exp(-i omega t + i k z), relative to its A_3 (covariant, A_3 = 1).

    Metric (+, -, -, -): A_0 = -k A_3/omega (Lorenz), J_0 = -k J_3/omega (continuity), and the
    electric field is F_03. Energies are in units of m^2 |A_3|^2/2, of the amplitudes.
    """

    frequency: complex
    electric: complex
    current: complex
    charge: complex
    scalar: complex
    electric_energy: float
    """E^2/2."""
    scalar_energy: float
    """m^2 A_0^2/2, which Table 1 leaves out of the mass term; the rest of it is 1."""
    kinetic_energy: float
    """J_3^2/(2 omega_p^2), of the fluid."""


def exact_wave(omega: complex, k: float, *, omega_p: float, mass: float) -> Wave:
    """The wave at a root omega != 0 of Eq. C.4 (Eqs. C.1 and C.5). ValueError for omega = 0."""
    if omega == 0 or omega_p == 0 or mass == 0:
        raise ValueError("a wave needs omega, omega_p and mass other than zero")
    electric = -1j / omega * (omega**2 - k**2)
    current = -(omega**2 - k**2 - mass**2)
    scalar = -k / omega
    return Wave(
        frequency=omega,
        electric=electric,
        current=current,
        charge=-k * current / omega,
        scalar=scalar,
        electric_energy=abs(electric / mass) ** 2,
        scalar_energy=abs(scalar) ** 2,
        kinetic_energy=abs(current / mass / omega_p) ** 2,
    )


def long_waves(k: float, *, omega_p: float, mass: float, nu: float = 0.0) -> tuple[Wave, Wave]:
    """Slow and fast wave to leading order in k/W and nu/omega_p: Table 1.

    The signs of J_3 and J_0 of the slow wave are as in C.3 and C.8, opposite to the table's. The
    slow column holds for nu << k omega_p W/m^2; beyond, see `slow_overdamped`. Raises ValueError
    for k, omega_p or mass that are not positive and a negative nu.
    """
    W = _scale(k=k, omega_p=omega_p, mass=mass, nu=nu)
    slow, fast = k * omega_p / W, W
    return (
        Wave(
            frequency=slow - 1j * nu * (mass / W) ** 2,
            electric=1j * k * mass**2 / (omega_p * W),
            current=mass**2,
            charge=-(mass**2) * W / omega_p,
            scalar=-W / omega_p,
            electric_energy=(k * mass / (omega_p * W)) ** 2,
            scalar_energy=(W / omega_p) ** 2,
            kinetic_energy=(mass / omega_p) ** 2,
        ),
        Wave(
            frequency=fast - 1j * nu * (omega_p / W) ** 2,
            electric=-1j * W,
            current=-(omega_p**2),
            charge=k * omega_p**2 / W,
            scalar=-k / W,
            electric_energy=(W / mass) ** 2,
            scalar_energy=(k / W) ** 2,
            kinetic_energy=(omega_p / mass) ** 2,
        ),
    )


def slow_overdamped(k: float, *, omega_p: float, mass: float, nu: float) -> tuple[complex, complex]:
    """The two roots of the slow branch for k omega_p W/m^2 << nu << omega_p: the slower first.

    -i omega_p^2 k^2/(2 nu m^2) and -2i nu m^2/W^2. The first holds for any larger nu too. Raises
    ValueError as `long_waves`, and for nu = 0.
    """
    W = _scale(k=k, omega_p=omega_p, mass=mass, nu=nu)
    if nu == 0:
        raise ValueError("without collisions (nu = 0) the slow branch is not overdamped")
    return -1j * (omega_p * k / mass) ** 2 / (2 * nu), -2j * nu * (mass / W) ** 2


def damping_of_light_like_wave(k: float, *, omega_p: float, mass: float, nu: float) -> float:
    """Im omega of the wave near omega = k, to first order in m^2, for any nu.

    -m^2 nu omega_p^2/[(omega_p^2 - k^2)^2 + 4 nu^2 k^2]; largest, (m^2/4k) omega_p^2/(omega_p^2 -
    k^2), at nu = (omega_p^2/k - k)/2, as App. C.1 says. Raises ValueError as `long_waves`.
    """
    _scale(k=k, omega_p=omega_p, mass=mass, nu=nu)
    return -nu * (mass * omega_p) ** 2 / ((omega_p**2 - k**2) ** 2 + (2 * nu * k) ** 2)


# ---- Warm, non-relativistic ----


def warm_fast_square(k: npt.ArrayLike, *, omega_p: float, mass: float, spread: float) -> Array:
    """omega^2 of the fast branch to order k^2: W^2 + k^2 (m^2 + 3 spread omega_p^2)/W^2.

    `spread` is T/m_psi for cold particles (Eq. D.8a) and v_*^2/5 for any, so 3 spread = 3/5 for
    massless ones.
    """
    W2 = mass**2 + omega_p**2
    return W2 + np.asarray(k) ** 2 * (mass**2 + 3 * spread * omega_p**2) / W2


def warm_slow_square(k: npt.ArrayLike, *, omega_p: float, mass: float, debye: float) -> Array:
    """omega^2 of the slow branch for k << W << k_D, Eq. D.8c."""
    W2 = mass**2 + omega_p**2
    return np.asarray(k) ** 2 * omega_p**2 / W2 * (1 + 3 * (mass / debye) ** 2)


def acoustic_landau_rate(k: npt.ArrayLike, *, omega_p: float, mass: float, debye: float) -> Array:
    """Im omega of the slow branch for k << W << k_D.

    -sqrt(pi/8) k k_D^3 m^2 omega_p/W^6 exp[-(k_D^2 + 3 m^2)/(2 W^2)]. Eq. D.8d has k^3/W^8, from a
    factor omega^2/omega_p^2 too much in the last term of Eq. D.7. It lacks the 3 m^2 from the
    thermal correction of the frequency, Eq. D.8c.
    """
    W2 = mass**2 + omega_p**2
    power = np.asarray(k) * debye**3 * mass**2 * omega_p / W2**3
    return -math.sqrt(math.pi / 8) * power * math.exp(-(debye**2 + 3 * mass**2) / (2 * W2))


def plasma_landau_rate(k: npt.ArrayLike, *, omega_p: float, mass: float, debye: float) -> Array:
    """Im omega of the slow branch for m, omega_p << k << k_D.

    -sqrt(pi/8) omega_p (k_D/k)^3 exp[-(k_D^2/2k^2)(1 - m^2/k^2) - 3/2]. Eq. D.9b lacks the 3/2,
    which the thermal correction of the frequency, Eq. D.9a, brings.
    """
    x = debye / np.asarray(k, dtype=np.float64)
    exponent = -(x**2) / 2 * (1 - (mass * x / debye) ** 2) - 1.5
    return -math.sqrt(math.pi / 8) * omega_p * x**3 * np.exp(exponent)


# ---- Warm, relativistic ----


def crossing(velocity: float, *, omega_p: float) -> float:
    """k at which the longitudinal wave of a massless photon meets the light cone.

    Eq. D.13 with the square root of its bracket, which it lacks: omega_p v^(-3/2) sqrt(3/2) sqrt(
    ln[(1 + v)/(1 - v)] - 2v). Raises ValueError for v outside (0, 1).
    """
    if not 0 < velocity < 1:
        raise ValueError(f"v_* must be in (0, 1), not {velocity}")
    bracket = math.log1p(velocity) - math.log1p(-velocity) - 2 * velocity
    return omega_p * math.sqrt(1.5 * bracket / velocity**3)


def light_cone_distance(velocity: float, *, omega_p: float, mass: float) -> float:
    """delta of the slow branch omega = k (1 - delta) for k, m << omega_p and delta << 1 - v_*.

    m^2 v^2/(6 omega_p^2)/(artanh(v)/v - 1). For v -> 1 its leading logarithm is a third of Eq.
    D.14. Raises ValueError for v outside (0, 1).
    """
    if not 0 < velocity < 1:
        raise ValueError(f"v_* must be in (0, 1), not {velocity}")
    return (mass * velocity / omega_p) ** 2 / 6 / (math.atanh(velocity) / velocity - 1)


def relativistic_landau_rate(
    k: npt.ArrayLike, *, delta: float, mass_ratio: float, omega_p: float, mass: float
) -> Array:
    """Im omega of the slow branch omega = k (1 - delta) of a plasma with a = m_psi/T << 1.

    -(3 pi/4) (omega_p^2/m^2) k delta exp(-a gamma) (a^2 + 2a/gamma + 2/gamma^2), gamma =
    (2 delta)^(-1/2). Eq. D.15 is its limit a gamma >> 1 with omega_p in place of omega_p^2, which
    has not the dimension of a rate.
    """
    inverse = math.sqrt(2 * delta)
    a = mass_ratio
    tail = math.exp(-a / inverse) * (a**2 + 2 * a * inverse + 2 * inverse**2)
    return -3 * math.pi / 4 * (omega_p / mass) ** 2 * np.asarray(k) * delta * tail


def _scale(*, k: float, omega_p: float, mass: float, nu: float) -> float:
    for name, value in (("k", k), ("omega_p", omega_p), ("mass", mass)):
        if not (value > 0 and math.isfinite(value)):
            raise ValueError(f"{name} must be finite and positive, not {value}")
    if not (nu >= 0 and math.isfinite(nu)):
        raise ValueError(f"nu must be finite and not negative, not {nu}")
    return math.hypot(mass, omega_p)

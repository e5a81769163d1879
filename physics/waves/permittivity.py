"""Permittivities of warm collisionless plasmas, and the velocities of their particles.

Linear response of an isotropic equilibrium f (A. Arvanitaki et al., "Dark QED from Inflation", Eqs.
D.1-D.4). zeta = omega/k, and u is the velocity along k. F and F_T are the distributions of u with
weights 1 and the square of the velocity across k:

    eps_L = 1 + (k_D^2/k^2) int F(u) u/(u - zeta) du
    eps_T = 1 + (k_D^2 zeta/(2 omega^2)) int F_T(u)/(u - zeta) du,

the integrals below the pole (Landau). k_D^2 = e^2 n/T is the square of the Debye wave number,
omega_p^2 = k_D^2 <v^2>/3 the square of the plasma frequency. All results are exact in omega, k and,
for `Juttner`, in T/m_psi.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import cache
from typing import cast

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import kve, wofz

Array = npt.NDArray[np.float64]

THERMAL_SPEED_MAX = 0.35
"""Largest sqrt(T/m_psi) of `Maxwellian`: there the relativistic corrections to omega_p and k_D are
30 per cent (5 T/(2 m_psi))."""

MASS_RATIO_RANGE = (1e-6, 1e6)
"""m_psi/T for which `Juttner` is integrated."""

_DIGITS = 38.0  # exp(-38) = 3e-17: the tail that integrals omit


def plasma_dispersion(zeta: npt.ArrayLike) -> npt.NDArray[np.complex128]:
    """Z(zeta) = i sqrt(pi) w(zeta) of Fried and Conte, continued by Landau below the real axis."""
    return np.asarray(1j * math.sqrt(math.pi) * wofz(np.asarray(zeta, dtype=np.complex128)))


@dataclass(frozen=True)
class Maxwellian:
    """Non-relativistic particles in thermal equilibrium. Its tail passes the speed of light: waves
    with omega > k come out with a damping of order exp(-1/(2 thermal_speed^2)) that is not there.

    Raises ValueError for omega_p that is not positive and a thermal_speed outside (0, 0.35].
    """

    omega_p: float
    thermal_speed: float
    """sqrt(T/m_psi), the rms velocity along one direction."""

    def __post_init__(self) -> None:
        _check_omega_p(self.omega_p)
        if not 0 < self.thermal_speed <= THERMAL_SPEED_MAX:
            raise ValueError(
                f"thermal_speed = sqrt(T/m_psi) must be in (0, {THERMAL_SPEED_MAX}], not "
                f"{self.thermal_speed}; use Juttner for hotter plasmas, dispersion for cold ones"
            )

    @property
    def debye(self) -> float:
        """Debye wave number k_D."""
        return self.omega_p / self.thermal_speed

    @property
    def typical_velocity(self) -> float:
        """v_* = (<v^4>/<v^2>)^(1/2), Eq. D.10: sqrt(5 T/m_psi)."""
        return math.sqrt(5) * self.thermal_speed

    def response(self, eta: complex) -> complex:
        """int F(u) u/(u - zeta) du with zeta = tanh(eta): 1 + z Z(z)."""
        z = np.tanh(eta) / (math.sqrt(2) * self.thermal_speed)
        return complex(_one_plus(z))

    def longitudinal(self, omega: complex, k: float) -> complex:
        """eps_L for k > 0. Raises ValueError for other k."""
        z = omega / (math.sqrt(2) * _wave(k) * self.thermal_speed)
        return 1 + (self.debye / k) ** 2 * complex(_one_plus(z))

    def transverse(self, omega: complex, k: float) -> complex:
        """eps_T for k > 0. Raises ValueError for other k."""
        z = omega / (math.sqrt(2) * _wave(k) * self.thermal_speed)
        return 1 + (self.omega_p / omega) ** 2 * (complex(_one_plus(z)) - 1)


@dataclass(frozen=True)
class Juttner:
    """Relativistic particles in thermal equilibrium, f = exp(-E/T), without approximation.

    In terms of gamma = (1 - u^2)^(-1/2) and a = m_psi/T, with the integral of Eq. D.11,

        F(u) = exp(-a gamma) (gamma^2 + 2 gamma/a + 2/a^2)/(2 K_2(a)).

    Raises ValueError for omega_p that is not positive and a mass_ratio outside 1e-6...1e6.
    """

    omega_p: float
    mass_ratio: float
    """a = m_psi/T."""

    def __post_init__(self) -> None:
        _check_omega_p(self.omega_p)
        _check_ratio(self.mass_ratio)

    @property
    def debye(self) -> float:
        """Debye wave number k_D = omega_p (3/<v^2>)^(1/2)."""
        return self.omega_p * math.sqrt(3 / _velocity_moment(self.mass_ratio, 2))

    @property
    def typical_velocity(self) -> float:
        """v_* of Eq. D.10."""
        return typical_velocity(self.mass_ratio)

    def distribution(self, eta: npt.ArrayLike) -> npt.NDArray:
        """F(u) at u = tanh(eta), analytic for |Im eta| < pi/2; gamma = cosh(eta)."""
        a, gamma = self.mass_ratio, np.cosh(eta)
        weight = gamma**2 + 2 * gamma / a + 2 / a**2
        return np.asarray(_boltzmann(a, np.asarray(eta)) * weight / (2 * kve(2, a)))

    def longitudinal(self, omega: complex, k: float) -> complex:
        """eps_L for k > 0 and omega other than +-k; real for real |omega| > k.

        Below the real axis continued through -k < omega < k. ValueError for other arguments.
        """
        zeta = complex(omega) / _wave(k)
        if zeta in (1, -1):
            raise ValueError("omega = k is a singular point; take a value next to it")
        if zeta.imag == 0 and abs(zeta) > 1:
            eta = complex(math.atanh(1 / zeta.real), math.pi / 2)
        else:
            eta = cmath.atanh(zeta)
        return 1 + (self.debye / k) ** 2 * self.response(eta)

    def response(self, eta: complex) -> complex:
        """int F(u) u/(u - zeta) du with zeta = tanh(eta).

        Im eta = pi/2 is omega > k, just above the real axis, where there is no damping. 0 is the
        real axis below the light cone. Raises ValueError unless -pi/2 < Im eta <= pi/2.
        """
        if eta.imag == math.pi / 2:
            return complex(self._outside(eta.real))
        if not abs(eta.imag) < math.pi / 2:
            raise ValueError(f"Im eta must be above -pi/2 and at most pi/2, not {eta.imag}")
        # Integrated along Im y = +-shift, at the side of the real axis where the pole is not.
        shift = min(math.pi / 4, math.sqrt(2 / self.mass_ratio))
        side = -1 if eta.imag >= 0 else 1
        line, step = _rapidities(self.mass_ratio, shift=shift, centre=eta.real)
        y = line + 1j * side * shift
        # u - zeta = sinh(y - eta)/(cosh y cosh eta): no cancellation next to the light cone.
        kernel = np.tanh(y) * np.cosh(eta) / (np.cosh(y) * np.sinh(y - eta))
        total = step * np.sum(self.distribution(y) * kernel)
        if side > 0:  # the contour has passed the pole, which Landau's does not
            total += 2j * math.pi * np.tanh(eta) * self.distribution(eta)
        return complex(total)

    def _outside(self, eta: float) -> float:
        """The same for zeta = coth(eta) > 1, real; u and -u together, so nothing cancels."""
        y, step = _rapidities(self.mass_ratio, shift=min(1.0, math.sqrt(2 / self.mass_ratio)))
        u2 = np.tanh(y) ** 2
        # u^2 - zeta^2 = -(1/cosh(y)^2 + 1/sinh(eta)^2)
        gap = 1 / np.cosh(y) ** 2 + 1 / np.sinh(eta) ** 2
        return float(-step * np.sum(self.distribution(y).real * u2 / np.cosh(y) ** 2 / gap))

    def across(self, eta: float) -> float:
        """zeta int F_T(u)/(u - zeta) du for zeta = coth(eta) > 1; between -<v_T^2> and 0."""
        a = self.mass_ratio
        y, step = _rapidities(a, shift=min(1.0, math.sqrt(2 / a)))
        gamma = np.cosh(y)
        squares = _boltzmann(a, y) * (1 / (a * gamma) + 1 / (a * gamma) ** 2) / kve(2, a)
        gap = 1 / gamma**2 + 1 / np.sinh(eta) ** 2
        return float(-step * np.sum(squares / gamma**2 / np.tanh(eta) ** 2 / gap))


@dataclass(frozen=True)
class SingleVelocity:
    """All particles with one speed v, in all directions: Eq. D.12a and Braaten and Segel (1993).

    With v = v_* it reproduces the waves of any thermal plasma to some per cent. For cold,
    degenerate and massless particles it is exact. It has no particles faster than v, hence no
    Landau damping above omega = v k. Raises ValueError for omega_p not positive and v outside (0,
    1].
    """

    omega_p: float
    velocity: float

    def __post_init__(self) -> None:
        _check_omega_p(self.omega_p)
        if not 0 < self.velocity <= 1:
            raise ValueError(f"velocity must be in (0, 1], not {self.velocity}")

    @property
    def debye(self) -> float:
        """Debye wave number k_D = sqrt(3) omega_p/v."""
        return math.sqrt(3) * self.omega_p / self.velocity

    @property
    def typical_velocity(self) -> float:
        """v itself."""
        return self.velocity

    def longitudinal(self, omega: float, k: float) -> float:
        """eps_L for omega > v k > 0, where it is real. Raises ValueError elsewhere."""
        z = omega / (self.velocity * _wave(k))
        if not z > 1:
            raise ValueError(f"omega = {omega} is not above v k = {self.velocity * k}")
        return 1 + (self.debye / k) ** 2 * float(one_speed(z - 1))


def one_speed(excess: npt.ArrayLike) -> Array:
    """1 - (z/2) ln((z + 1)/(z - 1)) at z = 1 + excess > 1: the response to one speed.

    By its series in 1/z where the difference would cancel; good to 1e-13 of itself.
    """
    e = np.asarray(excess, dtype=np.float64)
    z = 1 + e
    with np.errstate(divide="ignore", over="ignore"):
        direct = 1 - z / 2 * np.log1p(2 / e)
    # -sum z^(-2n)/(2n + 1): 14 terms leave 5^-28 at z = 5, where the direct form loses two digits.
    series = -sum(z ** (-2.0 * n) / (2 * n + 1) for n in range(1, 15))
    return np.where(z > 5, series, direct)


def typical_velocity(mass_ratio: float) -> float:
    """v_* of Eq. D.10, (<v^4>/<v^2>)^(1/2), of a thermal plasma with a = m_psi/T.

    Raises ValueError for a outside 1e-6...1e6.
    """
    _check_ratio(mass_ratio)
    return math.sqrt(_velocity_moment(mass_ratio, 4) / _velocity_moment(mass_ratio, 2))


def mass_ratio(typical: float) -> float:
    """m_psi/T of the plasma whose v_* is `typical`: the inverse of `typical_velocity`.

    Raises ValueError for velocities that no m_psi/T in 1e-6...1e6 has.
    """
    low, high = MASS_RATIO_RANGE
    slow, fast = typical_velocity(high), typical_velocity(low)
    if not slow < typical < fast:
        raise ValueError(f"v_* must be between {slow:.3g} and 1 - {1 - fast:.1g}, not {typical}")
    log_a = brentq(
        lambda x: typical_velocity(math.exp(x)) - typical, math.log(low), math.log(high), xtol=1e-14
    )
    return math.exp(cast(float, log_a))


# ---- Parts ----


def _one_plus(z: npt.ArrayLike) -> npt.NDArray[np.complex128]:
    """1 + z Z(z), by its asymptotic series where the sum would cancel (|z| > 12, Im z >= 0)."""
    z = np.asarray(z, dtype=np.complex128)
    direct = 1 + z * plasma_dispersion(z)
    with np.errstate(divide="ignore", invalid="ignore"):
        q = 1 / (2 * z**2)
        # -sum (2n - 1)!! q^n; its smallest terms are near exp(-|z|^2).
        series, term = np.zeros_like(z), np.ones_like(z)
        for n in range(1, 16):
            term = term * (2 * n - 1) * q
            series = series - term
    # Below the axis Landau's term is exponentially small only next to it.
    tail = 2j * math.sqrt(math.pi) * z * np.exp(-np.minimum((z**2).real, 700) - 1j * (z**2).imag)
    damped = np.where(z.imag < 0, tail, np.where(z.imag == 0, tail / 2, 0))
    return np.where((np.abs(z) > 12) & ((z**2).real > 0), series + damped, direct)


def _rapidities(a: float, *, shift: float, centre: float = 0.0) -> tuple[Array, float]:
    """Points and step of the trapezoidal rule in y = atanh(u), exact to about 1e-16.

    Its error is exp(-2 pi d/step) with d = shift the distance to the nearest singularity. The
    integrands fall as exp(-a (Re cosh y - 1)) and as exp(-2 |y|) beyond the pole.
    """
    step = 2 * math.pi * shift / _DIGITS
    falls = 1 + (_DIGITS + 2) / a
    end = min(math.acosh(falls / math.cos(min(shift, math.pi / 4))), abs(centre) + _DIGITS / 2)
    n = math.ceil(end / step)
    return step * np.arange(-n, n + 1, dtype=np.float64), step


def _boltzmann(a: float, y: npt.NDArray) -> npt.NDArray:
    """exp(-a (gamma - 1)) at rapidity y, real or complex.

    gamma - 1 = 2 sinh(y/2)^2. A difference of cosh(y) and 1 loses a times the rounding of 1, which
    is 1e-10 for the coldest plasma.
    """
    return np.asarray(np.exp(-2 * a * np.sinh(y / 2) ** 2))


@cache
def _velocity_moment(a: float, power: int) -> float:
    """<v^power> over the equilibrium."""
    y, _ = _rapidities(a, shift=min(1.0, math.sqrt(2 / a)))
    # p^2 dp = sinh^2 cosh dy, f = exp(-a cosh y).
    weight = np.sinh(y) ** 2 * np.cosh(y) * _boltzmann(a, y)
    return float(np.sum(weight * np.tanh(y) ** power) / np.sum(weight))


def _wave(k: float) -> float:
    if not (k > 0 and math.isfinite(k)):
        raise ValueError(f"a permittivity needs a finite k > 0, not {k}")
    return k


def _check_omega_p(omega_p: float) -> None:
    if not (omega_p > 0 and math.isfinite(omega_p)):
        raise ValueError(f"omega_p must be finite and positive, not {omega_p}")


def _check_ratio(a: float) -> None:
    low, high = MASS_RATIO_RANGE
    if not low <= a <= high:
        raise ValueError(
            f"mass_ratio = m_psi/T must be in {low:g}...{high:g}, not {a}; use SingleVelocity with "
            "velocity 1 for massless particles, dispersion for cold ones"
        )

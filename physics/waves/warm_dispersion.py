"""Longitudinal waves of a massive dark photon in a warm collisionless plasma, in flat space.

(omega^2 - k^2) eps_L(omega, k) = m^2 (A. Arvanitaki et al., "Dark QED from Inflation", Eqs. D.3 and
D.4; permittivities and plasmas are in `permittivity`). With omega = k tanh(eta) it reads

    k^2 + k_D^2 G(eta) + m^2 cosh^2(eta) = 0,     G = int F(u) u/(u - tanh(eta)) du,

which has no cancellation at the light cone, next to which the slow branch of a relativistic plasma
lies. The fast branch is above the light cone, Im eta = pi/2, where particles cannot damp it. k is
physical. k, omega_p, m and omega are in one unit of energy, whichever.
"""

from __future__ import annotations

import cmath
import math
from typing import cast

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from darklat.physics.waves.permittivity import Juttner, Maxwellian, SingleVelocity, one_speed

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]
Plasma = Maxwellian | Juttner | SingleVelocity

_SHORTEST = 1e-6
"""Smallest step in k, in units of k_D, before the slow branch is given up."""


def slow_branch(k: npt.ArrayLike, *, plasma: Plasma, mass: float) -> Complex:
    """The acoustic branch, Re omega > 0 and Im omega <= 0, in the shape of k.

    For `SingleVelocity` the real root between v k and k. Otherwise the root of the permittivity
    continued by Landau. It is followed in k from its phase velocity at k = 0 by Newton's method in
    eta, to 1e-12. Rates below 1e-13 of the frequency are rounding (`landau_rate` has their size).
    Beyond k_D it is damped within a period.

    Raises ValueError for a negative or infinite k, a mass that is not positive and finite, and
    massless particles (the branch is omega = k). Raises it for a plasma too hot to carry the wave,
    k_D below about W = (m^2 + omega_p^2)^(1/2). Raises it for a k up to which the root cannot be
    followed.
    """
    waves = _checked(k, mass)
    if isinstance(plasma, SingleVelocity):
        omega = [_slow_of_one_speed(q, plasma, mass) for q in waves.ravel()]
        return np.array(omega, dtype=np.complex128).reshape(waves.shape)
    grid = np.unique(waves)
    found = np.empty(grid.shape, dtype=np.complex128)
    where, eta = 0.0, _phase_velocity(plasma, mass)
    for i, target in enumerate(grid):
        eta = _followed(plasma, mass, where, eta, float(target))
        where, found[i] = float(target), target * cmath.tanh(eta)
    # The rounding of a rate that is zero may have either sign.
    found.imag = np.minimum(found.imag, 0.0)
    return found[np.searchsorted(grid, waves)]


def fast_branch(k: npt.ArrayLike, *, plasma: Juttner | SingleVelocity, mass: float) -> Array:
    """The gapped branch omega > k, which is undamped, in the shape of k.

    The only root of x eps_L = m^2 in x = omega^2 - k^2, which lies between m^2 and W^2; to 1e-14.
    Raises ValueError as `slow_branch` for k and mass. Raises it for `Maxwellian`, which has
    particles faster than light at that side of the cone. Its limit of small T is `Juttner` with a =
    m/T.
    """
    waves = _checked(k, mass)
    if isinstance(plasma, Maxwellian):
        raise ValueError("a Maxwellian has no light cone; use Juttner with mass_ratio = 1/v_th^2")
    roots = [_fast(float(q), plasma, mass) for q in waves.ravel()]
    return np.sqrt(waves**2 + np.reshape(roots, waves.shape))


def transverse_branch(k: npt.ArrayLike, *, plasma: Juttner, mass: float) -> Array:
    """Transverse waves omega^2 eps_T = k^2 + m^2, in the shape of k: undamped, omega > k.

    omega^2 lies between k^2 + m^2 + omega_p^2, exact for k = 0, and k^2 + m^2 + (3/2) omega_p^2,
    massless particles at large k. Raises ValueError as `fast_branch`.
    """
    waves = _checked(k, mass)
    squares = []
    for q in waves.ravel():
        low, high = (mass**2 + c * plasma.omega_p**2 for c in (1 - 1e-9, 1.5 + 1e-9))
        if q == 0:
            squares.append(mass**2 + plasma.omega_p**2)
            continue

        def miss(x: float, q: float = float(q)) -> float:
            response = plasma.across(math.asinh(q / math.sqrt(x)))
            return x - mass**2 + plasma.debye**2 / 2 * response

        squares.append(cast(float, brentq(miss, low, high, xtol=1e-15 * high, rtol=1e-15)))
    return np.sqrt(waves**2 + np.reshape(squares, waves.shape))


def landau_rate(k: npt.ArrayLike, omega: npt.ArrayLike, *, plasma: Juttner, mass: float) -> Array:
    """Im omega <= 0 to first order for waves of real omega < k: Eq. D.12b.

    The real part of eps_L is the one for a single speed v_*, its imaginary part exact (Eq. D.11).
    Shape of k and omega together; 0 at k = 0. For the omega of `slow_branch` with `SingleVelocity`.
    Raises ValueError unless v_* k < omega < k (or all are zero).
    """
    waves, omega = np.broadcast_arrays(_checked(k, mass), np.asarray(omega, dtype=np.float64))
    v = plasma.typical_velocity
    if not np.all((waves == 0) | ((omega > v * waves) & (omega < waves))):
        raise ValueError(f"landau_rate needs v_* k < omega < k, with v_* = {v:.6g}")
    q = np.where(waves > 0, waves, 1.0)
    zeta = np.where(waves > 0, omega / q, (1 + v) / 2)
    imaginary = math.pi * plasma.debye**2 * zeta * plasma.distribution(np.arctanh(zeta)).real
    # d/d zeta of (3 wp^2/v^2) one_speed(zeta/v) + m^2/(1 - zeta^2), that is of k^2 times D.12a.
    z = zeta / v
    one_slope = -np.log((z + 1) / (z - 1)) / 2 + z / (z**2 - 1)
    slope = 3 * plasma.omega_p**2 / v**3 * one_slope + 2 * mass**2 * zeta / (1 - zeta**2) ** 2
    return np.where(waves > 0, -waves * imaginary / slope, 0.0)


# ---- The slow branch ----


def _phase_velocity(plasma: Maxwellian | Juttner, mass: float) -> complex:
    """eta of the slow branch at k = 0."""
    v = min(plasma.typical_velocity, 1 - 1e-9)
    model = SingleVelocity(plasma.omega_p, v)
    tiny = 1e-9 * plasma.omega_p
    guess = math.atanh(min(_slow_of_one_speed(tiny, model, mass) / tiny, 1 - 1e-15))
    eta = _newton(plasma, mass, 0.0, complex(guess))
    heat = plasma.debye / math.hypot(mass, plasma.omega_p)
    if eta is None or not -0.5 < eta.imag / eta.real < 1e-6 or not 0.5 < eta.real / guess < 2:
        raise ValueError(
            f"no acoustic wave: k_D is {heat:.2g} (m^2 + omega_p^2)^(1/2), and particles as fast "
            "as the wave damp it within a period; take a colder plasma or a smaller mass"
        )
    return eta


def _followed(
    plasma: Maxwellian | Juttner, mass: float, k: float, eta: complex, target: float
) -> complex:
    """The root at `target` that continues eta at k."""
    step = min(target - k, plasma.debye / 10)
    while k < target:
        ahead = target if k + step >= target else k + step
        trial = _newton(plasma, mass, ahead, eta)
        if trial is not None and abs(trial - eta) < 0.2 * abs(eta):
            k, eta, step = ahead, trial, min(2 * step, plasma.debye / 10)
            continue
        step = (ahead - k) / 2
        if step < _SHORTEST * plasma.debye:
            raise ValueError(
                f"the slow branch cannot be followed beyond k = {k:.4g} = "
                f"{k / plasma.debye:.3g} k_D, where Im/Re of omega is "
                f"{(cmath.tanh(eta).imag / cmath.tanh(eta).real):.2g}; ask for smaller k"
            )
    return eta


def _newton(plasma: Maxwellian | Juttner, mass: float, k: float, eta: complex) -> complex | None:
    """Newton's method from eta; None where it does not converge."""

    def miss(at: complex) -> complex:
        return k**2 + plasma.debye**2 * plasma.response(at) + (mass * cmath.cosh(at)) ** 2

    last = math.inf
    for _ in range(30):
        h = 1e-5 * abs(eta)
        if not abs(eta.imag) + h < 1.5:  # towards pi/2, the light cone from below
            return None
        slope = (miss(eta + h) - miss(eta - h)) / (2 * h)
        change = miss(eta) / slope
        if not cmath.isfinite(change):
            return None
        size = abs(change) / abs(eta)
        eta -= change * min(1.0, 0.3 / max(size, 1e-300))
        # The end is where rounding is all that changes.
        if size < 1e-13 or (size < 1e-9 and size > last / 2):
            return eta
        last = size
    return None


def _slow_of_one_speed(k: float, plasma: SingleVelocity, mass: float) -> float:
    """The root in q, zeta = v (1 + exp(-q)): omega tends to v k exponentially with k^2."""
    v = plasma.velocity
    if v == 1:
        raise ValueError("massless particles have no slow branch but omega = k, without a field")
    if k == 0:
        return 0.0

    def miss(q: float) -> float:
        excess = math.exp(-q)
        outside = 1 - v**2 * (1 + excess) ** 2
        return (k**2 + plasma.debye**2 * float(one_speed(excess))) * outside + mass**2

    cone, deepest = -math.log(1 / v - 1), 700.0
    if miss(deepest) > 0:  # exp(-q) underflows before: omega = v k to rounding
        return v * k
    q = cast(float, brentq(miss, cone, deepest, xtol=1e-14, rtol=1e-15))
    return k * v * (1 + math.exp(-q))


# ---- The fast branch ----


def _fast(k: float, plasma: Juttner | SingleVelocity, mass: float) -> float:
    """x = omega^2 - k^2. eps_L is at most 1 and at least 1 - omega_p^2/x, hence the bracket."""
    low, high = mass**2, mass**2 + plasma.omega_p**2
    if k == 0:
        return high

    def miss(x: float) -> float:
        if isinstance(plasma, Juttner):
            response = plasma.response(complex(math.asinh(k / math.sqrt(x)), math.pi / 2))
        else:
            zeta_excess = x / k**2 / (1 + math.sqrt(1 + x / k**2))
            excess = (zeta_excess + 1 - plasma.velocity) / plasma.velocity
            response = float(one_speed(excess))
        return x * (1 + (plasma.debye / k) ** 2 * response.real) - mass**2

    if miss(low) >= 0:  # a plasma so thin that rounding hides it
        return low
    return cast(float, brentq(miss, low, high * (1 + 1e-9), xtol=1e-15 * low, rtol=1e-15))


def _checked(k: npt.ArrayLike, mass: float) -> Array:
    waves = np.asarray(k, dtype=np.float64)
    if not np.all((waves >= 0) & np.isfinite(waves)):
        raise ValueError("wave numbers k must be finite and not negative; give |k|")
    if not (mass > 0 and math.isfinite(mass)):
        raise ValueError(f"warm waves need a finite mass > 0, not {mass}; take a small one for 0")
    return waves

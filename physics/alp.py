"""The homogeneous ALP without gauge fields: theta'' + 2 (a'/a) theta' + a^2 dV/dtheta = 0.

Choi, Kim, Sekiguchi, PRL 121, 031102 (2018), Eq. 6 with all couplings zero and no gradients. The
field is at rest at theta_initial as tau -> 0. Its density is the (rho_phi)_{g=0} of their Eq. 17.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import gamma, jv

from darklat.physics.background import Background
from darklat.physics.friedmann import Alp, Friedmann
from darklat.physics.potential import of as potential_of
from darklat.physics.potential_checks import fastest

Array = npt.NDArray[np.float64]

# The ODE starts here in m tau^2; the first term left out of the series is (m tau^2)^4/1440.
_SERIES_END = 1e-4
_SLOPE_SAMPLES = 4096
_TINY = 1e-300  # in place of tau = 0, where the logarithm of a table ends


def homogeneous(
    background: Background,
    *,
    mass: float,
    theta_initial: float,
    potential: str,
    tau: npt.ArrayLike,
) -> tuple[Array, Array]:
    """theta and theta' (1/tau_osc) at conformal times tau >= 0, in the shape of tau.

    mass is in 1/tau_osc, potential a name or a formula (`potential.of`). `quadratic` has closed
    forms: cos(m tau) when static, and a Bessel function where a is a power of tau. Others
    are integrated (DOP853, rtol 1e-12) from the first terms of a series at tiny tau. Raises
    ValueError for negative or non-finite times and unknown potentials.
    """
    times = np.asarray(tau, dtype=np.float64)
    if not np.all(np.isfinite(times) & (times >= 0)):
        raise ValueError(
            "conformal times must be finite and not negative: the ALP rests at tau = 0"
        )
    if isinstance(background, Friedmann):
        if background.alp != Alp(mass, theta_initial, potential):
            raise ValueError(f"the history {background} is not that of this ALP")
        return background.homogeneous(times)
    closed_form = _CLOSED_FORMS.get((potential_of(potential).name, background.kind))
    if closed_form:
        return closed_form(background, mass, theta_initial, times)
    return integrated(
        background, mass=mass, theta_initial=theta_initial, potential=potential, tau=times
    )


def density(
    background: Background,
    *,
    mass: float,
    theta_initial: float,
    potential: str,
    tau: npt.ArrayLike,
) -> Array:
    """(rho_phi)_{g=0} = theta'^2/(2 a^2) + V in f^2/tau_osc^2, at tau > 0 (arguments as above)."""
    times = np.asarray(tau, dtype=np.float64)
    theta, theta_prime = homogeneous(
        background, mass=mass, theta_initial=theta_initial, potential=potential, tau=times
    )
    a = background.scale_factor(times)
    return np.asarray(theta_prime**2 / (2 * a**2) + potential_of(potential).V(theta, mass))


def largest_slope(
    background: Background,
    *,
    mass: float,
    theta_initial: float,
    potential: str,
    span: tuple[float, float],
) -> float:
    """The largest |theta'| between two conformal times, in 1/tau_osc, on a sample of 4096.

    It comes in the first oscillations, so that the sample ends after 50 radians of phase, m a tau,
    or at twice the time at which theta passes 0, where a flat potential makes this late.
    """
    first = max(span[0], 1e-6)
    last = min(span[1], max(background.later(first, 50 / mass), 50 / mass))
    while True:
        tau = np.linspace(first, max(first, last), _SLOPE_SAMPLES)
        theta, slope = homogeneous(
            background, mass=mass, theta_initial=theta_initial, potential=potential, tau=tau
        )
        oscillates = np.any(theta[: _SLOPE_SAMPLES // 2] * theta_initial < 0)
        if oscillates or last >= span[1]:
            return float(np.max(np.abs(slope)))
        last = min(span[1], 2 * last)


def integrated(
    background: Background, *, mass: float, theta_initial: float, potential: str, tau: npt.ArrayLike
) -> tuple[Array, Array]:
    """`homogeneous` by integration whatever the potential: the check on the closed forms."""
    times = np.asarray(tau, dtype=np.float64)
    end = float(times.max(initial=0.0))
    # The bracket does not depend on the times asked for. Every call then gives the same digits, and
    # calls at successive times share one solution.
    bracket = 2.0 ** max(0, math.ceil(math.log2(end))) if end > 0 else 1.0
    solution = _solution(background, mass, theta_initial, potential, bracket)
    start = _start(background, mass * fastest(potential, theta_initial))
    values = solution(np.maximum(times, start).ravel())
    theta, theta_prime = (row.reshape(times.shape) for row in values)
    early = times < start
    series = _series(background, mass, theta_initial, potential, times)
    return np.where(early, series[0], theta), np.where(early, series[1], theta_prime)


def _start(background: Background, rate: float) -> float:
    """rate: m sqrt|V''| at its largest."""
    return background.tau_where(_SERIES_END / rate) if background.singular else 0.0


def _series(
    background: Background, mass: float, theta_initial: float, potential: str, tau: Array
) -> tuple[Array, Array]:
    """The first terms at tiny tau, from theta'' + 2 (p/tau) theta' + a^2 V' = 0 with a ~ tau^p:
    theta_i - V' a^2 tau^2/((4 p + 1)(2 p + 2)), with p = 1 theta_i - V' tau^4/20."""
    slope = potential_of(potential).dV(theta_initial, mass)
    if not background.singular:
        return theta_initial + 0 * tau, 0 * tau
    p = background.power(_start(background, mass * fastest(potential, theta_initial)))
    impulse = slope * background.scale_factor(np.maximum(tau, _TINY)) ** 2 * tau / (4 * p + 1)
    return theta_initial - impulse * tau / (2 * p + 2), -impulse


@lru_cache(maxsize=32)
def _solution(
    background: Background, mass: float, theta_initial: float, potential: str, end: float
) -> Callable[[Array], Array]:
    from scipy.integrate import solve_ivp  # slow to import; most runs have a closed form

    slope = potential_of(potential).dV
    start = _start(background, mass * fastest(potential, theta_initial))

    def rhs(time: float, y: Array) -> list[float]:
        tau, (theta, theta_prime) = float(time), y.tolist()  # NumPy's numbers are slow
        a, hub = background.scale_factor(tau), background.conformal_hubble(tau)
        return [theta_prime, float(-2 * hub * theta_prime - a * a * slope(theta, mass))]

    if background.singular:
        early = _series(background, mass, theta_initial, potential, np.array(start))
        first = [float(v) for v in early]
    else:
        first = [theta_initial, 0.0]
    result = solve_ivp(
        rhs,
        (start, max(end, 2 * start)),
        first,
        method="DOP853",
        rtol=1e-12,
        atol=1e-14 * abs(theta_initial),
        dense_output=True,
    )
    if not result.success:
        raise RuntimeError(f"the homogeneous ALP could not be integrated: {result.message}")
    return result.sol


def _harmonic(
    background: Background, mass: float, theta_initial: float, tau: Array
) -> tuple[Array, Array]:
    del background
    return theta_initial * np.cos(mass * tau), -mass * theta_initial * np.sin(mass * tau)


def _bessel(
    background: Background, mass: float, theta_initial: float, tau: Array
) -> tuple[Array, Array]:
    """theta_i Gamma(1 + nu) (2/z)^nu J_nu(z), z = m a tau/(p + 1) = m t, nu = (2 p - 1)/(2 p + 2);
    in the radiation era nu = 1/4 and z = m tau^2/2 (Watson, A Treatise on the Theory of Bessel
    Functions, sec. 4.3)."""
    p = background.power(1.0)
    nu = (2 * p - 1) / (2 * (p + 1))
    scale_factor = background.scale_factor(tau)
    z = mass * (scale_factor * tau) / (p + 1)
    # Below the threshold the closed form is 0/0 and the first two terms of its series are exact.
    early = z < 1e-5
    safe = np.where(early, 1.0, z)
    scale = theta_initial * gamma(1 + nu) * (2 / safe) ** nu
    theta = np.where(early, theta_initial * (1 - z**2 / (4 + 4 * nu)), scale * jv(nu, safe))
    slope = np.where(early, -theta_initial * z / (2 + 2 * nu), -scale * jv(1 + nu, safe))
    return theta, slope * mass * scale_factor


_CLOSED_FORMS = {
    ("quadratic", "radiation"): _bessel,
    ("quadratic", "power_law"): _bessel,
    ("quadratic", "static"): _harmonic,
}

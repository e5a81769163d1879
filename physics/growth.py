"""The growth of gauge fields on a homogeneous ALP, from their vacuum to the back-reaction.

Every mode obeys the equation of `mode_equations`, here for several fields with couplings g_ab and
masses, without plasmas:

    X_a'' = -(k^2 + a^2 m_a^2) X_a + lambda k theta' sum_b g_ab X_b,

Choi, Kim, Sekiguchi, PRL 121, 031102 (2018), Eq. 15. On a lattice k is |khat| and g is times c, the
product of the averages A(k_i dx/2) (docs/physics/alp-dark-photon.md, the linear phase). The ALP
reacts when the fields would have a good part of its energy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from darklat.physics import alp, spectra, staggered
from darklat.physics.background import Background
from darklat.physics.potential_checks import fastest

Array = npt.NDArray[np.float64]

SHARE = 0.3
"""Energy of the fields over the ALP's, by the linear equations, at which the ALP is said to react.
In runs its energy is then a tenth less than without fields (docs/validation.md)."""

_STEP = 0.1
"""Step in units of 1/(a m), in which theta' turns, or of 1/(a m sqrt|V''|) where this is shorter;
theta' is constant over a step."""
_LONGEST = 0.02
_MOST_STEPS = 12_000
_MOST_EFOLDS = 100.0
"""Of a field in one step: a faster growth is taken in parts, so that it stays finite."""

_TYPICAL = np.sqrt([0.7550, 0.1225, 0.1225])
"""A direction whose sum of fourth powers is 3/5, the mean over all directions. khat and c depend on
this sum in their first correction."""


@dataclass(frozen=True)
class Waves:
    """Wave numbers k [K], increasing, in 1/tau_osc, and |khat| and c of these modes."""

    k: Array
    khat: Array
    average: Array


def continuum(k: npt.ArrayLike) -> Waves:
    """khat = k and c = 1."""
    waves = np.asarray(k, dtype=np.float64)
    return Waves(waves, waves, np.ones_like(waves))


def on_lattice(k: npt.ArrayLike, dx: float, order: int) -> Waves:
    """Modes in a typical direction of a lattice of spacing dx, in tau_osc, and an order of its
    differences; k up to pi/dx."""
    waves = np.asarray(k, dtype=np.float64)
    half = np.outer(waves * dx / 2, _TYPICAL)
    khat = 2 / dx * np.sqrt(np.sum(staggered.half_khat(half, order) ** 2, axis=1))
    return Waves(waves, khat, np.prod(staggered.average(half, order), axis=1))


@dataclass(frozen=True)
class BackReaction:
    """Where the fields of the linear equations have `SHARE` of the ALP's energy, in tau_osc."""

    tau: float
    k_peak: float
    """Peak of the power of B of the first field per ln k at that time, both helicities, 1/tau_osc.
    """


def back_reaction(
    background: Background,
    *,
    mass: float,
    theta_initial: float,
    potential: str,
    couplings: npt.ArrayLike,
    masses: npt.ArrayLike,
    amplitude: float,
    waves: Waves,
    span: tuple[float, float],
) -> BackReaction | None:
    """The first time in the span at which the fields have `SHARE` of the ALP's energy, from vacuum
    at its start; None where they do not, or not before the search ends (`searched_until`).

    couplings: g_ab [F, F]; masses [F] and that of the ALP in 1/tau_osc; amplitude:
    `units.vacuum_amplitude`. The energy is integrated over ln k. The time is good to a per mille.
    Raises ValueError for shapes that do not fit.
    """
    g = np.atleast_2d(np.asarray(couplings, dtype=np.float64))
    heavy = np.atleast_1d(np.asarray(masses, dtype=np.float64))
    if len(waves.k) < 2 or g.shape != (len(heavy),) * 2:
        raise ValueError("there must be two waves or more, couplings [F, F] and masses [F]")
    times = _times(background, mass * fastest(potential, theta_initial), span)
    middles = (times[1:] + times[:-1]) / 2
    _, slopes = alp.homogeneous(
        background, mass=mass, theta_initial=theta_initial, potential=potential, tau=middles
    )
    available = alp.density(
        background, mass=mass, theta_initial=theta_initial, potential=potential, tau=times
    )
    scale = np.asarray(background.scale_factor(times)) * np.ones_like(times)
    state = _vacuum(waves.khat, heavy * scale[0], amplitude)
    capacity, before = scale**4 * available, 0.0
    strongest = float(np.max(np.abs(np.linalg.eigvalsh(g))))
    for i, (h, slope) in enumerate(zip(np.diff(times), slopes, strict=True)):
        a = float(background.scale_factor(middles[i]))
        parts = _parts(strongest * abs(float(slope)), float(waves.khat[-1]), float(h))
        for done in range(1, parts + 1):
            state = _stepped(state, waves, g, a * heavy, slope, h / parts)
            where = done / parts
            now = capacity[i] * (1 - where) + capacity[i + 1] * where
            share = _energy(state, waves, scale[i + 1] * heavy) / SHARE / float(now)
            if share >= 1:
                inside = 1.0 if before <= 0 else -math.log(before) / math.log(share / before)
                density = waves.k**3 / (2 * math.pi**2) * waves.khat**2
                power = density * np.sum(state[0][:, :, 0] ** 2, axis=(0, 2))
                tau = float(times[i] + (done - 1 + min(inside, 1.0)) * h / parts)
                return BackReaction(tau, spectra.peak(waves.k, power))
            before = share
    return None


def searched_until(
    background: Background,
    *,
    mass: float,
    theta_initial: float,
    potential: str,
    span: tuple[float, float],
) -> float:
    """The conformal time at which the search of `back_reaction` ends: that of the span, or earlier
    after 12000 steps. In the radiation era and with a mass of 3/tau_osc these reach a = 28, long
    after growth has ceased in a quadratic potential."""
    return float(_times(background, mass * fastest(potential, theta_initial), span)[-1])


def _parts(band: float, largest: float, h: float) -> int:
    """Into how many parts a step is taken. A mode grows at the rate sqrt(k (band - k)) at most. k
    goes up to the largest."""
    k = min(band / 2, largest)
    return max(1, math.ceil(math.sqrt(k * (band - k)) * h / _MOST_EFOLDS))


def _times(background: Background, rate: float, span: tuple[float, float]) -> Array:
    """rate: m sqrt|V''| at its largest."""
    found = [span[0]]
    while found[-1] < span[1] and len(found) <= _MOST_STEPS:
        a = float(background.scale_factor(max(found[-1], 1e-3)))
        found.append(min(found[-1] + min(_LONGEST, _STEP / (a * rate)), span[1]))
    return np.array(found)


def _vacuum(k: Array, masses: Array, amplitude: float) -> tuple[Array, Array]:
    """rms of X and E of both helicities, [2, K, F, 2 F]: the columns are independent sources."""
    fields = len(masses)
    omega = np.sqrt(k[:, None] ** 2 + masses**2)
    X, E = np.zeros((2, 2, len(k), fields, 2 * fields))
    for f in range(fields):
        X[..., f, f] = amplitude / np.sqrt(2 * omega[:, f])
        E[..., f, fields + f] = amplitude * np.sqrt(omega[:, f] / 2)
    return X, E


def _stepped(
    state: tuple[Array, Array], waves: Waves, g: Array, masses: Array, slope: float, h: float
) -> tuple[Array, Array]:
    """The exact flow over h at constant theta' and a."""
    X, E = state
    helicity = np.array([1.0, -1.0])[:, None, None, None]
    matrix = np.diag(masses**2) + (waves.khat**2)[:, None, None] * np.eye(len(masses))
    matrix = matrix - helicity * slope * (waves.khat * waves.average)[:, None, None] * g
    squares, vectors = np.linalg.eigh(matrix)
    phase = np.sqrt(np.abs(squares)) * h
    stable = squares > 0
    with np.errstate(over="ignore"):
        cosine = np.where(stable, np.cos(phase), np.cosh(phase))[..., None]
        sine = np.where(stable, np.sinc(phase / math.pi), _sinhc(phase))[..., None] * h
    turned = np.swapaxes(vectors, -1, -2)
    x, e = turned @ X, turned @ E
    return (
        vectors @ (cosine * x + sine * e),
        vectors @ (cosine * e - squares[..., None] * sine * x),
    )


def _sinhc(x: Array) -> Array:
    safe = np.where(x > 1e-4, x, 1.0)
    return np.where(x > 1e-4, np.sinh(safe) / safe, 1 + x**2 / 6)


def _energy(state: tuple[Array, Array], waves: Waves, masses: Array) -> float:
    """a^4 rho in f^2/tau_osc^2: the integral over ln k of k^3/(2 pi^2) (E^2 + (k^2 + a^2 m^2)
    X^2)/2."""
    X, E = (np.sum(part**2, axis=-1) for part in state)  # [2, K, F]
    density = np.sum(E + (waves.khat[:, None] ** 2 + masses**2) * X, axis=(0, 2)) / 2
    return float(np.trapezoid(waves.k**3 / (2 * math.pi**2) * density, np.log(waves.k)))

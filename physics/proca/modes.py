"""Modes of a massive dark photon whose charges form a cold plasma, in the radiation era.

Units m = 1 and a_* = 1, where H(a_*) = m: H = a^-2, t = a^2/2, conformal time is a, k_* = 1. A is
the covariant comoving component A_3 (longitudinal) or one of A_1, A_2 (transverse). E = a F_0i with
0 the cosmic time. v is the plasma's response with J_i = -omega_p^2 v, and q = a^3 j0 with J_0 = i
j0. P = a^2 times the conformal component of A_mu (times -i) is fixed by Gauss's law P = q - k E.
With ' = d/da,

    longitudinal  A' = E - k P/a^2    E' = a^2 (J - A)             P' = a^2 k A    q' = a^2 k J
    transverse    A' = E              E' = a^2 (J - A) - k^2 A
    both          v' = E - 2 a nu v

With the contravariant A^i = -A_i the transverse system reads A' = -E, E' = (k^2 + a^2) A + a^2 J. E
and v are the same.

The longitudinal system is Eqs. C.6, C.8 and C.9 of Arvanitaki, Dimopoulos, Galanis, Racco, Simon,
Thompson, Dark QED from Inflation, arXiv:2108.04823, App. C.2. It has J in place of v. Where omega_p
switches on from nothing, J and d ln omega_p^2/dt lose all digits, and v does not notice.

P is evolved and q integrated beside it, so that nothing cancels. The fast oscillation of a strong
plasma has q = k E up to the share m^2/omega_p^2. Gauss's law then holds to rounding, as it is a
linear invariant of the system.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from darklat.physics.proca.collocation import LinearModes, integrate
from darklat.physics.proca.observables import charge_density, current
from darklat.physics.proca.systems import Longitudinal, Plasma, Rate, Transverse

Array = npt.NDArray[np.float64]
POLARISATIONS = ("longitudinal", "transverse")

MAX_PHASE = 2e5
"""Radians that a mode may turn through: some 100 000 steps."""

_DEAD = 40.0  # e-folds after which a damped oscillation is below rounding


@dataclass(frozen=True)
class ProcaModes:
    """Modes in units of A(a_start) at scale factors a; A, E, ... are (len(k), len(a))."""

    polarisation: str
    k: Array
    """Comoving wave numbers in k_* = a_* m, shape (len(k),)."""
    a: Array
    """Scale factors in a_*, shape (len(a),)."""
    omega_p: Array
    """Plasma frequency at a, in m, shape (len(a),)."""
    nu: Array
    """Collision rate at a, in m, shape (len(a),)."""
    A: Array
    """A_i over its value at a_start."""
    E: Array
    """a F_0i."""
    q: Array
    """a^3 j0: the comoving charge. Zero for transverse modes."""
    v: Array
    """-J_i/omega_p^2."""
    P: Array
    """q - k E, evolved by itself: a^3 times A_0 (over -i). Zero for transverse modes."""

    @property
    def J3(self) -> Array:
        """J_i = -omega_p^2 v, covariant and comoving as A is."""
        return current(v=self.v, omega_p=self.omega_p)

    @property
    def J0(self) -> Array:
        """j0 of J_0 = i j0, the charge density in the frame of the expansion."""
        return charge_density(q=self.q, a=self.a)


def evolve_modes(
    k: npt.ArrayLike,
    a: npt.ArrayLike,
    *,
    omega_p: Rate,
    nu: Rate = 0.0,
    polarisation: str = "longitudinal",
    a_start: float = 1e-3,
) -> ProcaModes:
    """Modes k (in k_*) at the increasing scale factors a (in a_*); omega_p and nu in m.

    Longitudinal modes start on the solution after inflation (see `start`), with A = 1 and q = v = 0
    at a_start: no charges before. Transverse modes start with A = 1, E = v = 0. This is a constant
    outside the horizon, and inside it the real part of the vacuum mode exp(-i k (a - a_start)). All
    are good to 1e-10 of the mode's norm, the square root of its energy.

    Raises ValueError for k or a that are not positive, finite lists, and for a not increasing or
    before a_start. Raises it for omega_p or nu that are negative, not finite or of a wrong shape.
    Raises it for nu > 0 where omega_p = 0 at all times. Raises it for an unknown polarisation and
    for a longitudinal start inside the horizon or after a_*. Raises it for a mode that turns
    through more than `MAX_PHASE` radians. Raises RuntimeError if omega_p or nu change too abruptly
    for the steps.
    """
    waves, times = _checked_lists(k, a, a_start)
    if polarisation not in POLARISATIONS:
        raise ValueError(
            f"polarisation {polarisation!r} is unknown; use one of {', '.join(POLARISATIONS)}"
        )
    plasma = Plasma(omega_p, nu)
    plasma.check(a_start, float(times[-1]), times)
    longitudinal = polarisation == "longitudinal"
    if longitudinal:
        _check_start(waves, a_start)
    _check_phase(waves, plasma, a_start, float(times[-1]))
    states = np.empty((waves.size, times.size, 5 if longitudinal else 3))
    for group in _groups(waves, float(times[-1])):
        system = Longitudinal if longitudinal else Transverse
        chosen = system(waves[group], plasma)
        states[group] = integrate(
            LinearModes(chosen.rates, chosen.scales),
            chosen.start(a_start),
            start=a_start,
            outputs=times,
            stops=plasma.knots,
        )
    A, E, v = (states[..., i] for i in range(3))
    zero = np.zeros_like(A)
    P, q = (states[..., 3], states[..., 4]) if longitudinal else (zero, zero)
    return ProcaModes(
        polarisation, waves, times, plasma.omega_p(times), plasma.nu(times), A=A, E=E, q=q, v=v, P=P
    )


def _checked_lists(k: npt.ArrayLike, a: npt.ArrayLike, a_start: float) -> tuple[Array, Array]:
    if not (a_start > 0 and math.isfinite(a_start)):
        raise ValueError(f"a_start must be positive and finite (in a_*), not {a_start}")
    waves, times = (np.atleast_1d(np.asarray(x, dtype=np.float64)) for x in (k, a))
    for name, values in (("k", waves), ("a", times)):
        if values.ndim != 1 or values.size == 0:
            raise ValueError(f"{name} must be a number or a list, not of shape {values.shape}")
        bad = ~(np.isfinite(values) & (values > 0))
        if np.any(bad):
            raise ValueError(f"{name} must be positive and finite, not {values[bad][0]}")
    if np.any(np.diff(times) <= 0):
        raise ValueError("a must increase strictly; sort it and drop repeated values")
    if times[0] < a_start:
        raise ValueError(
            f"a begins at {times[0]:.6g}, before a_start = {a_start:.6g}; lower a_start"
        )
    return waves, times


def _check_start(k: Array, a_start: float) -> None:
    largest = float(k.max())
    if max(largest, 1.0) * a_start > 1:
        raise ValueError(
            f"a longitudinal mode starts outside the horizon and before a_*: k a_start <= 1 and "
            f"a_start <= 1, but k = {largest:.6g}, a_start = {a_start:.6g}; use a_start <= "
            f"{min(1.0, 0.1 / largest):.2g}"
        )


def _check_phase(k: Array, plasma: Plasma, a_start: float, a_end: float) -> None:
    """Raise ValueError where oscillations that are not damped are too many to resolve."""
    if a_end <= a_start:
        return
    a = np.geomspace(a_start, a_end, 4096)
    w2, nu, da = plasma.omega_p(a) ** 2, plasma.nu(a), np.gradient(a)
    # Table 1's rate of the fast mode, continued to nu > omega_p. Below m its place is taken by the
    # oscillation of the free field, which the slow mode turns into.
    damping = np.cumsum(a * nu * w2 / (1 + w2 + 4 * nu**2) * da)
    alive = (damping < _DEAD) | (w2 < 1)
    oscillating = np.where(nu**2 < 1 + w2, w2, 0.0)  # the rest is overdamped
    largest = float(k.max())
    frequency = np.where(alive, np.sqrt(largest**2 + a**2 * (1 + oscillating)), largest)
    phase = float(np.sum(frequency * da))
    if phase > MAX_PHASE:
        raise ValueError(
            f"a mode k = {largest:.6g} would turn through {phase:.2g} radians by a = {a_end:.6g}, "
            f"and the solver resolves at most {MAX_PHASE:.2g}; end earlier, or lower k or omega_p"
        )


def _groups(k: Array, a_end: float) -> Iterator[npt.NDArray[np.intp]]:
    """Indices of modes that oscillate alike, so that steps made for one suit all."""
    octave = np.floor(np.log2(np.hypot(k, min(a_end, 1.0))) * 1.5).astype(int)
    for value in np.unique(octave):
        members = np.flatnonzero(octave == value)
        yield from np.array_split(members, math.ceil(members.size / 64))

"""Waves of a massive dark photon in a cold plasma with collisions, in flat space.

Fields vary as exp(-i omega t + i k z). With the collision rate nu of Eq. C.2 the field obeys (A.
Arvanitaki, S. Dimopoulos, M. Galanis, D. Racco, O. Simon, J. O. Thompson, "Dark QED from
Inflation", Eqs. C.3 and C.4)

    longitudinal  omega (omega + 2i nu)(omega^2 - k^2 - m^2) = omega_p^2 (omega^2 - k^2),
    transverse    (omega + 2i nu)(omega^2 - k^2 - m^2) = omega_p^2 omega.

With omega = i s these are polynomials in s with real coefficients. k is the physical wave number.
k, omega_p, m, nu and omega are in one unit of energy, whichever.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import permutations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]

SLOW, FAST, SLOW_PARTNER, FAST_PARTNER = range(4)
"""Columns of `dispersion`."""

WAVE, WAVE_PARTNER, RELAXATION = range(3)
"""Columns of `transverse_dispersion`."""

_CLOSEST = 1e-8
"""Relative step in k at which a double root counts as one."""

_ORDERS = {n: np.array(list(permutations(range(n)))) for n in (3, 4)}


def dispersion(k: npt.ArrayLike, *, omega_p: float, mass: float, nu: float = 0.0) -> Complex:
    """All four longitudinal frequencies, Eq. C.4, in the shape of k with one axis of 4 behind.

    Columns `SLOW`, `FAST`, `SLOW_PARTNER`, `FAST_PARTNER`. A partner is -conj(omega) of its branch
    (the same wave running the other way) as long as that oscillates. The branch has the positive
    real part. Every column is followed in k from k = 0, whatever other k are asked for, and is
    continuous. At k = 0 the slow branch is omega = 0. Its partner is the least damped root on the
    imaginary axis; the fast branch has the other two. A pair may meet on the imaginary axis and
    become overdamped, or the other way round. The branch then takes the root that decays more
    slowly, or the root with the positive real part. For nu above about omega_p one member of each
    pair may meet on the axis and go on as a pair of waves. Then the columns stay continuous, and a
    partner is no mirror image any more. At nu = 0 the columns are omega_-, omega_+, -omega_-,
    -omega_+.

    Raises ValueError for a k, mass, omega_p or nu that is negative or not finite. Raises it for all
    of omega_p and mass zero, and for collisions without a plasma (nu > 0 with omega_p = 0).
    """
    waves = _checked(k, omega_p=omega_p, mass=mass, nu=nu)
    if nu == 0:
        slow, fast = _collisionless(waves, omega_p=omega_p, mass=mass)
        return np.stack([slow, fast, -slow, -fast], axis=-1).astype(np.complex128)
    if mass == 0:
        return _massless(waves, omega_p=omega_p, nu=nu)
    unit = math.hypot(omega_p, mass)
    p2, m2, n = (omega_p / unit) ** 2, (mass / unit) ** 2, nu / unit

    def coefficients(q: Array) -> Array:
        return np.stack(
            [np.ones_like(q), 2 * n + 0 * q, q**2 + 1, 2 * n * (q**2 + m2), p2 * q**2], axis=-1
        )

    # At k = 0 waves along and across k are the same, but for the slow root, which is zero.
    relaxation, wave, partner = _at_rest(m2, n)[[RELAXATION, WAVE, WAVE_PARTNER]]
    start = np.array([0, wave, relaxation, partner])
    return unit * _follow(coefficients, waves / unit, start)


def transverse_dispersion(
    k: npt.ArrayLike, *, omega_p: float, mass: float, nu: float = 0.0
) -> Complex:
    """The three transverse frequencies, Eq. C.3, in the shape of k with one axis of 3 behind.

    Columns `WAVE`, `WAVE_PARTNER`, `RELAXATION`: the light wave, its mirror image, and a root on
    the imaginary axis (zero at nu = 0: a static current). Followed in k as in `dispersion`; at
    k = 0 the relaxation is the least damped root on the axis. Raises ValueError as `dispersion`.
    """
    waves = _checked(k, omega_p=omega_p, mass=mass, nu=nu)
    if nu == 0:
        wave = np.sqrt(waves**2 + mass**2 + omega_p**2)
        return np.stack([wave, -wave, 0 * wave], axis=-1).astype(np.complex128)
    unit = math.hypot(omega_p, mass)
    m2, n = (mass / unit) ** 2, nu / unit

    def coefficients(q: Array) -> Array:
        return np.stack([np.ones_like(q), 2 * n + 0 * q, q**2 + 1, 2 * n * (q**2 + m2)], axis=-1)

    return unit * _follow(coefficients, waves / unit, _at_rest(m2, n))


# ---- Closed forms ----


def _collisionless(k: Array, *, omega_p: float, mass: float) -> tuple[Array, Array]:
    """The roots omega^2 of omega^4 - (k^2 + W^2) omega^2 + omega_p^2 k^2 = 0, W^2 = m^2 + wp^2."""
    half = (k**2 + mass**2 + omega_p**2) / 2
    # half^2 - wp^2 k^2 as a product, which does not cancel where the branches nearly meet.
    near = ((k - omega_p) ** 2 + mass**2) / 2
    far = ((k + omega_p) ** 2 + mass**2) / 2
    fast = np.sqrt(half + np.sqrt(near * far))
    # From the product of the roots: the difference of the two terms would lose the slow one.
    slow = omega_p * k / np.where(fast > 0, fast, 1.0)
    return slow, fast


def _massless(k: Array, *, omega_p: float, nu: float) -> Complex:
    """m = 0: the pure gauge mode omega = k, and omega (omega + 2i nu) = omega_p^2 at every k."""
    root = np.sqrt(complex(omega_p**2 - nu**2))
    plus, minus = root - 1j * nu, -root - 1j * nu
    if nu >= omega_p:
        # Both on the imaginary axis: the product of the roots keeps the small one accurate.
        minus = -1j * (nu + math.sqrt(nu**2 - omega_p**2))
        plus = -(omega_p**2) / minus
    return np.stack(np.broadcast_arrays(k + 0j, plus, -k + 0j, minus), axis=-1)


def _at_rest(m2: float, nu: float) -> Complex:
    """The transverse roots at k = 0 in the order of the columns, in units of W."""
    s = _roots(np.array([[1.0, 2 * nu, 1.0, 2 * nu * m2]]))[0]
    on_axis = np.flatnonzero(s.real == 0)
    relaxation = int(on_axis[np.argmax(s[on_axis].imag)])
    others = np.delete(s, relaxation)
    return np.append(_preferred(others), s[relaxation])


# ---- Roots of one polynomial, and along k ----


def _roots(coefficients: Array) -> Complex:
    """omega = i s of every real polynomial in s (rows, highest power first, of degree 3 or 4)."""
    rows, terms = coefficients.shape
    companion = np.zeros((rows, terms - 1, terms - 1))
    companion[:, 0] = -coefficients[:, 1:] / coefficients[:, :1]
    companion[:, np.arange(1, terms - 1), np.arange(terms - 2)] = 1
    s = np.linalg.eigvals(companion).astype(np.complex128)
    s = _polished(coefficients, s)
    # Real or in pairs: an imaginary part that a real root got by rounding is taken away.
    others = np.abs(s[:, :, None] - np.conj(s)[:, None, :])
    itself = np.argmin(others, axis=2) == np.arange(terms - 1)
    return 1j * np.where(itself, s.real, s)


def _polished(coefficients: Array, s: Complex) -> Complex:
    """Newton steps as long as they help: small roots get their digits, which eigenvalues lack."""
    for _ in range(4):
        value, slope = np.zeros_like(s), np.zeros_like(s)
        for term in coefficients.T:
            slope = slope * s + value
            value = value * s + term[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            trial = s - value / slope
        trial = np.where(np.isfinite(trial), trial, s)
        after = np.zeros_like(s)
        for term in coefficients.T:
            after = after * trial + term[:, None]
        s = np.where(np.abs(after) < np.abs(value), trial, s)
    return s


def _preferred(omega: Complex) -> Complex:
    """Largest real part first; of equal ones the least damped."""
    return omega[np.lexsort((-omega.imag, -omega.real))]


def _follow(coefficients: Callable[[Array], Array], k: Array, start: Complex) -> Complex:
    """The roots at every k in the order that continues `start` at k = 0."""
    grid = np.unique(k)
    found = _roots(coefficients(grid))
    ordered = np.empty_like(found)
    where, roots = 0.0, start
    for i, (target, there) in enumerate(zip(grid, found, strict=True)):
        roots = _step(coefficients, where, roots, target, there)
        ordered[i], where = roots, target
    return ordered[np.searchsorted(grid, k)]


def _step(
    coefficients: Callable[[Array], Array], k: float, roots: Complex, target: float, there: Complex
) -> Complex:
    """`there`, the roots at `target`, in the order of `roots` at k, in as many steps as needed."""
    step = target - k
    while k < target:
        ahead, found = target, there
        if step < target - k:
            ahead = k + step
            found = _roots(coefficients(np.array([ahead])))[0]
        matched = _match(roots, found)
        if _clear(roots, matched) or step <= _CLOSEST * ahead:
            k, roots, step = ahead, matched, 2 * step
        else:
            step = (ahead - k) / 2
    return roots


def _clear(before: Complex, after: Complex) -> bool:
    """Whether every root moved by less than a fourth of the way to any other root."""
    moved = np.abs(after - before)
    apart = np.abs(after[:, None] - after[None, :]) + np.diag(np.full(len(after), np.inf))
    return bool(np.all(moved <= apart.min(axis=1) / 4))


def _match(before: Complex, found: Complex) -> Complex:
    """The order of `found` with the smallest moves; of equally good ones the preferred."""
    candidates = _preferred(found)[_ORDERS[len(found)]]
    moves = np.sum(np.abs(candidates - before), axis=1)
    # A pair that leaves the axis has two equally good orders, up to rounding.
    return candidates[np.argmax(moves <= moves.min() * (1 + 1e-6) + 1e-14)]


def _checked(k: npt.ArrayLike, *, omega_p: float, mass: float, nu: float) -> Array:
    waves = np.asarray(k, dtype=np.float64)
    if not np.all((waves >= 0) & np.isfinite(waves)):
        raise ValueError("wave numbers k must be finite and not negative; give |k|")
    for name, value in (("omega_p", omega_p), ("mass", mass), ("nu", nu)):
        if not (value >= 0 and math.isfinite(value)):
            raise ValueError(f"{name} must be finite and not negative, not {value}")
    if omega_p == 0 and nu > 0:
        raise ValueError(
            f"nu = {nu} without a plasma: collisions need charges; set omega_p > 0, or nu = 0"
        )
    if omega_p == 0 and mass == 0:
        raise ValueError("omega_p and mass are both zero: light in vacuum has no dispersion here")
    return waves

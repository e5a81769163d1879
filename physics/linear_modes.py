"""All modes of the gauge fields at once, on a homogeneous ALP.

A mode of wave number k and helicity lambda = +1 or -1 of fields X_f with couplings g, and of a good
conductor A beside them (`Conductor`), obeys

    X_f'' = -k^2 X_f + lambda c k theta' (sum_f' g_ff' X_f' + g_fA A)
    A'    = E_A = (lambda c k theta' (sum_f g_fA X_f + g_AA A) - k^2 A)/sigma,

Choi, Kim, Sekiguchi, PRL 121, 031102 (2018), Eqs. 15, 16. c is 1 in the continuum; a lattice that
averages products has a c of its own (docs/physics/alp-dark-photon.md). The eigenvectors of g_ff'
decouple. Each is propagated by the fourth-order Magnus series (Iserles, Norsett, Phil. Trans. R.
Soc. A 357, 983 (1999)), whose steps are exponentials of 2x2 matrices, with N steps and with 2 N;
both are extrapolated to sixth order, and N is doubled until the finer of the two is good to
CONTROL. A is kept to first order in 1/sigma.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

CONTROL = 3e-5
"""Relative change of a mode by the extrapolation, at most."""
_LONGEST = 1.8  # of k h, at first
_FEWEST = 16
_TAYLOR = 8  # terms; for |x| <= 1 what is left out is below 1e-13
_CHUNK = 8192  # modes that are done together, so that their arrays stay in a cache


@dataclass(frozen=True)
class Conductor:
    """The conducting field: couplings g_fA to the free fields [F], g_AA, sigma(tau) in 1/tau_osc,
    and whether the others feel it."""

    couplings: Array
    own: float
    sigma: Callable[[Array], Array]
    felt: bool

    def neglected(self, k: float, *, coupling: float, times: Array, theta_prime: Array) -> float:
        """What is left out, k/sigma of E_A and second orders in 1/sigma, over what there is: a
        bound for modes up to k and times [T]; coupling: the largest of all."""
        sources = k**2 + k * abs(coupling) * float(np.max(np.abs(theta_prime)))
        sigma = float(np.min(self.sigma(times)))
        return (float(times[-1] - times[0]) * sources + k) / sigma if sigma > 0 else math.inf


def transfer(
    k: npt.ArrayLike,
    average: npt.ArrayLike,
    *,
    couplings: npt.ArrayLike,
    theta_prime: Callable[[Array], Array],
    tau: tuple[float, float],
    conductor: Conductor | None = None,
    workers: int = 1,
) -> Array:
    """What becomes of every mode between two conformal times: [2, M, 2 G, 2 G], helicity + first.

    k [M] in 1/tau_osc, > 0; average: c [M], 0 to 1; couplings: g_ff' [F, F], symmetric;
    theta_prime of an array of times, in 1/tau_osc. Rows and columns are X of the G = F (+ 1) fields
    and then their E, the conductor last; E_A at the end follows from the rest, and the start's is
    gone: that column is 0. workers: threads. Raises ValueError for shapes that do not fit and times
    not in order.
    """
    waves, averages = np.atleast_1d(np.asarray(k, float)), np.atleast_1d(np.asarray(average, float))
    g = np.atleast_2d(np.asarray(couplings, dtype=np.float64))
    if waves.ndim != 1 or waves.shape != averages.shape or np.any(waves <= 0):
        raise ValueError("k and average must be lists of one length, with k > 0")
    if g.shape != (len(g), len(g)) or (conductor and conductor.couplings.shape != (len(g),)):
        raise ValueError("couplings must be [F, F], and those to a conductor [F]")
    if not tau[1] > tau[0]:
        raise ValueError(f"the end must come after the start, not {tau[1]} after {tau[0]}")
    fields = len(g) + (conductor is not None)
    out = np.empty((2, len(waves), 2 * fields, 2 * fields))
    order = np.argsort(waves, kind="stable")  # modes of one chunk need steps of one size

    def fill(helicity: int, first: int) -> None:
        chunk = order[first : first + _CHUNK]
        modes = _Modes(waves[chunk], helicity * waves[chunk] * averages[chunk])
        row = 0 if helicity == 1 else 1
        out[row, chunk] = _assembled(modes, g, theta_prime, tau, conductor)

    with ThreadPoolExecutor(workers) as pool:
        firsts = range(0, len(order), _CHUNK)
        for done in [pool.submit(fill, h, first) for first in firsts for h in (1, -1)]:
            done.result()
    return out


class _Modes:
    """k, its square and lambda c k [M]."""

    def __init__(self, k: Array, drive: Array) -> None:
        self.k, self.squared, self.drive = k, k**2, drive


def _assembled(
    modes: _Modes,
    g: Array,
    theta_prime: Callable[[Array], Array],
    tau: tuple[float, float],
    conductor: Conductor | None,
) -> Array:
    """[M, 2 G, 2 G] from the eigenvectors of g."""
    strengths, vectors = np.linalg.eigh(g)
    F, G = len(g), len(g) + (conductor is not None)
    out = np.zeros((len(modes.k), 2 * G, 2 * G))
    for strength, vector in zip(strengths, vectors.T, strict=True):
        mixing = float(conductor.couplings @ vector) if conductor else 0.0
        eigen = _Eigenfield(float(strength), mixing, conductor)
        own, made = _extrapolated(modes, eigen, theta_prime, tau)
        for row in range(2):  # X, E
            for column in range(2):
                block = own[row, column][:, None, None] * np.outer(vector, vector)
                out[:, row * G : row * G + F, column * G : column * G + F] += block
            if conductor:
                out[:, F, row * G : row * G + F] += made[row][:, None] * vector
                out[:, row * G : row * G + F, F] += own[row, 2][:, None] * vector
        if conductor:
            out[:, F, F] += made[2]
    if conductor:
        _conductor_rows(out, modes, theta_prime, tau, conductor)
    return out


def _conductor_rows(
    out: Array,
    modes: _Modes,
    theta_prime: Callable[[Array], Array],
    tau: tuple[float, float],
    conductor: Conductor,
) -> None:
    """A's decay and own coupling, and E_A = S/sigma at the end."""
    F = len(conductor.couplings)
    x, weights = np.polynomial.legendre.leggauss(64)
    times = (tau[0] + tau[1]) / 2 + (tau[1] - tau[0]) / 2 * x
    weights = weights * (tau[1] - tau[0]) / 2 / conductor.sigma(times)
    out[:, F, F] += 1 - modes.squared * np.sum(weights)
    out[:, F, F] += modes.drive * conductor.own * np.sum(weights * theta_prime(times))
    end = np.array([tau[1]])
    drive = modes.drive * theta_prime(end)
    sources = np.einsum("f,mfc->mc", conductor.couplings, out[:, :F]) + conductor.own * out[:, F]
    current = drive[:, None] * sources - modes.squared[:, None] * out[:, F]
    out[:, 2 * F + 1] = current / conductor.sigma(end)


@dataclass(frozen=True)
class _Eigenfield:
    """An eigenvector of the couplings: its eigenvalue, its coupling to the conductor."""

    strength: float
    mixing: float
    conductor: Conductor | None


def _extrapolated(
    modes: _Modes,
    eigen: _Eigenfield,
    theta_prime: Callable[[Array], Array],
    tau: tuple[float, float],
) -> tuple[Array, Array]:
    """`_propagated`, of sixth order and with its error controlled mode by mode."""
    steps = max(_FEWEST, math.ceil(float(np.max(modes.k)) * (tau[1] - tau[0]) / _LONGEST))
    coarse = _propagated(modes, eigen, theta_prime, tau, steps)
    own, made = np.empty_like(coarse[0]), np.empty_like(coarse[1])
    left = np.arange(len(modes.k))
    while True:
        steps *= 2
        fine = _propagated(modes, eigen, theta_prime, tau, steps)
        better = [(16 * f - c) / 15 for f, c in zip(fine, coarse, strict=True)]
        own[..., left], made[..., left] = better
        weight = np.stack([modes.k, np.ones_like(modes.k)])[:, None]
        error, size = (
            np.sum((weight * y[:, :2]) ** 2, axis=0) for y in (better[0] - fine[0], better[0])
        )
        again = np.any(error > CONTROL**2 * size, axis=0)  # of X = 1 or of E = 1 at the start
        if not np.any(again):
            return own, made
        left, modes = left[again], _Modes(modes.k[again], modes.drive[again])
        coarse = fine[0][..., again], fine[1][..., again]


def _propagated(
    modes: _Modes,
    eigen: _Eigenfield,
    theta_prime: Callable[[Array], Array],
    tau: tuple[float, float],
    steps: int,
) -> tuple[Array, Array]:
    """X, E [2, 2 or 3, M] that follow from X = 1, from E = 1 and, beside a conductor, from A = 1,
    and int s X of each [2 or 3, M], s X being the current in A that makes up A'."""
    h = (tau[1] - tau[0]) / steps
    middle = tau[0] + (np.arange(steps) + 0.5) * h
    nodes = middle[:, None] + h * math.sqrt(3) / 6 * np.array([-1, 1])  # Gauss
    slopes = theta_prime(nodes.ravel()).reshape(nodes.shape)
    own, made = np.zeros((2, 3, len(modes.k))), np.zeros((3, len(modes.k)))
    own[0, 0] = own[1, 1] = 1
    if not eigen.mixing:
        own = own[:, :2]
        for slope in slopes:
            own = _exponential(modes, eigen.strength, slope, h).applied(own)
        return np.pad(own, ((0, 0), (0, 1), (0, 0))), made
    assert eigen.conductor is not None
    over_sigma = 1 / eigen.conductor.sigma(nodes.ravel()).reshape(nodes.shape)
    for slope, inverse in zip(slopes, over_sigma, strict=True):
        step = _exponential(modes, eigen.strength, slope, h)
        # rates of E from A and of A from X at the two nodes, and their commutators with the rest
        push = eigen.mixing * slope * eigen.conductor.felt
        current = eigen.mixing * slope * inverse
        quarter = h * h * math.sqrt(3) / 12
        v = (quarter * modes.drive * (push[0] - push[1]), h * modes.drive * np.mean(push))
        w = (h * modes.drive * np.mean(current), quarter * modes.drive * (current[1] - current[0]))
        phi_1, phi_2 = step.averages()
        gone, pushed = phi_1.applied(own), phi_1.applied_to(v)
        twice = phi_2.applied_to(v)
        made = made + w[0] * gone[0] + w[1] * gone[1]
        made[2] += w[0] * twice[0] + w[1] * twice[1]
        own = step.applied(own)
        own[0, 2] += pushed[0]
        own[1, 2] += pushed[1]
    return own, made


@dataclass(frozen=True)
class _Matrix:
    """C + S [[d, u], [l, -d]] for every mode."""

    C: Array
    S: Array
    d: Array
    u: float
    low: Array

    def applied(self, y: Array) -> Array:
        """To the columns y [2, columns, M]."""
        return np.stack(self.applied_to((y[0], y[1])))

    def applied_to(self, y: tuple[Array, Array]) -> tuple[Array, Array]:
        """To one pair of arrays."""
        d, u, low = self.S * self.d, self.S * self.u, self.S * self.low
        return (self.C + d) * y[0] + u * y[1], low * y[0] + (self.C - d) * y[1]

    def averages(self) -> tuple[_Matrix, _Matrix]:
        """phi_1 and phi_2 of the exponent, this being its exponential: int_0^1 e^(s L) ds and
        int_0^1 (1 - s) e^(s L) ds."""
        mu = self.d * self.d + self.u * self.low
        half = _series(mu / 4, first=1)
        quotient = half * half / 2  # (C - 1)/mu
        third = _series(mu, first=3)  # (S - 1)/mu
        of_phi_1 = _Matrix(self.S, quotient, self.d, self.u, self.low)
        return of_phi_1, _Matrix(quotient, third, self.d, self.u, self.low)


def _exponential(modes: _Modes, strength: float, slopes: Array, h: float) -> _Matrix:
    """Of the fourth-order Magnus exponent of X'' = -(k^2 - lambda c k strength theta') X over a
    step with the values of theta' at its two Gauss nodes."""
    push = strength * modes.drive
    low = h * (push * np.mean(slopes) - modes.squared)
    d = (h * h * math.sqrt(3) / 12 * (slopes[0] - slopes[1])) * push
    mu = d * d + h * low
    half = _series(mu / 4, first=1)
    return _Matrix(1 + mu * half * half / 2, half * _series(mu / 4, first=0), d, h, low)


def _series(x: Array, *, first: int) -> Array:
    """sum_n x^n/(2 n + first)!: cosh sqrt x for first = 0, sinh sqrt x/sqrt x for 1, for |x| up to
    a few."""
    out = np.full_like(x, 1 / math.factorial(2 * _TAYLOR + first))
    for n in reversed(range(_TAYLOR)):
        out *= x
        out += 1 / math.factorial(2 * n + first)
    return out

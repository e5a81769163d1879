"""All modes of the gauge fields at once, on a homogeneous ALP.

A mode has wave number k and helicity lambda = +1 or -1. The fields X_f have couplings g; a good
conductor A may stand beside them (`ResponseOfConductor`). The mode obeys

    X_f'' = -k^2 X_f + lambda c k theta' (sum_f' g_ff' X_f' + g_fA A)
    A'    = E_A = (lambda c k theta' (sum_f g_fA X_f + g_AA A) - k^2 A)/sigma,

Choi, Kim, Sekiguchi, PRL 121, 031102 (2018), Eqs. 15, 16. c is 1 in the continuum. A lattice that
averages products has a c of its own (docs/physics/alp-dark-photon.md). The eigenvectors of g_ff'
decouple. Each is propagated by the fourth-order Magnus series (Iserles, Norsett, Phil. Trans. R.
Soc. A 357, 983 (1999)), whose steps are exponentials of 2x2 matrices (linear_modes.cpp). N steps
and 2 N steps are extrapolated to sixth order. N is doubled until the finer of the two is good to
CONTROL. A is kept to first order in 1/sigma.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from darklat.kernels.host import linear_modes as kernels

Array = npt.NDArray[np.float64]

CONTROL = 1e-6
"""Relative change of a mode by the extrapolation, at most."""
_LONGEST = 1.8  # of k h, at first
_FEWEST = 16


@dataclass(frozen=True)
class ResponseOfConductor:
    """The conducting field: couplings g_fA to the free fields [F], g_AA, sigma(tau) in 1/tau_osc,
    and whether the others feel it."""

    couplings: Array
    own: float
    sigma: Callable[[Array], Array]
    felt: bool

    def neglected(self, k: float, *, coupling: float, times: Array, theta_prime: Array) -> float:
        """A bound on the relative size of the neglected terms, for modes up to k and times [T].
        Neglected are k/sigma of E_A and second orders in 1/sigma. coupling: the largest of all."""
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
    conductor: ResponseOfConductor | None = None,
) -> Array:
    """The map of every mode from one conformal time to another: [2, M, 2 G, 2 G], helicity + first.

    k [M] in 1/tau_osc, > 0; average: c [M], 0 to 1; couplings: g_ff' [F, F], symmetric; theta_prime
    of an array of times, in 1/tau_osc. Rows and columns are X of the G = F (+ 1) fields and then
    their E, the conductor last. E_A at the end follows from the other fields. E_A of the start has
    no effect: its column is 0. Raises ValueError for shapes that do not fit and times not in order,
    MachineError where nothing can be compiled.
    """
    waves, averages = np.atleast_1d(np.asarray(k, float)), np.atleast_1d(np.asarray(average, float))
    g = np.atleast_2d(np.asarray(couplings, dtype=np.float64))
    if waves.ndim != 1 or waves.shape != averages.shape or np.any(waves <= 0):
        raise ValueError("k and average must be lists of one length, with k > 0")
    if g.shape != (len(g), len(g)) or (conductor and conductor.couplings.shape != (len(g),)):
        raise ValueError("couplings must be [F, F], and those to a conductor [F]")
    if not tau[1] > tau[0]:
        raise ValueError(f"the end must come after the start, not {tau[1]} after {tau[0]}")
    both = np.concatenate([waves * averages, -waves * averages])
    out = _assembled(np.tile(waves, 2), both, g, theta_prime, tau, conductor)
    return out.reshape(2, len(waves), *out.shape[1:])


def _assembled(
    k: Array,
    drive: Array,
    g: Array,
    theta_prime: Callable[[Array], Array],
    tau: tuple[float, float],
    conductor: ResponseOfConductor | None,
) -> Array:
    """[M, 2 G, 2 G] from the eigenvectors of g; drive: lambda c k [M]."""
    strengths, vectors = np.linalg.eigh(g)
    F, G = len(g), len(g) + (conductor is not None)
    out = np.zeros((len(k), 2 * G, 2 * G))
    for strength, vector in zip(strengths, vectors.T, strict=True):
        mixing = float(conductor.couplings @ vector) if conductor else 0.0
        eigen = _Eigenfield(float(strength), mixing, conductor)
        own = _extrapolated(k, drive, eigen, theta_prime, tau)
        for row in range(2):  # X, E
            for column in range(2):
                block = own[row, column][:, None, None] * np.outer(vector, vector)
                out[:, row * G : row * G + F, column * G : column * G + F] += block
            if conductor:
                out[:, F, row * G : row * G + F] += own[2, row][:, None] * vector
                out[:, row * G : row * G + F, F] += own[row, 2][:, None] * vector
        if conductor:
            out[:, F, F] += own[2, 2]
    if conductor:
        _conductor_rows(out, k, drive, theta_prime, tau, conductor)
    return out


def _conductor_rows(
    out: Array,
    k: Array,
    drive: Array,
    theta_prime: Callable[[Array], Array],
    tau: tuple[float, float],
    conductor: ResponseOfConductor,
) -> None:
    """A's decay and own coupling, and E_A = S/sigma at the end."""
    F = len(conductor.couplings)
    x, weights = np.polynomial.legendre.leggauss(64)
    times = (tau[0] + tau[1]) / 2 + (tau[1] - tau[0]) / 2 * x
    weights = weights * (tau[1] - tau[0]) / 2 / conductor.sigma(times)
    out[:, F, F] += 1 - k**2 * np.sum(weights)
    out[:, F, F] += drive * conductor.own * np.sum(weights * theta_prime(times))
    end = np.array([tau[1]])
    push = drive * theta_prime(end)
    sources = np.einsum("f,mfc->mc", conductor.couplings, out[:, :F]) + conductor.own * out[:, F]
    current = push[:, None] * sources - (k**2)[:, None] * out[:, F]
    out[:, 2 * F + 1] = current / conductor.sigma(end)


@dataclass(frozen=True)
class _Eigenfield:
    """An eigenvector of the couplings: its eigenvalue, its coupling to the conductor."""

    strength: float
    mixing: float
    conductor: ResponseOfConductor | None


def _extrapolated(
    k: Array,
    drive: Array,
    eigen: _Eigenfield,
    theta_prime: Callable[[Array], Array],
    tau: tuple[float, float],
) -> Array:
    """`kernels.propagate` from tau[0] to tau[1], [3, 3, M], of sixth order and with its error
    controlled mode by mode."""
    span = tau[1] - tau[0]
    out, previous = np.zeros((2, 3, 3, len(k)))
    begun, left, count = np.zeros(len(k), dtype=bool), np.ones(len(k), dtype=bool), _FEWEST
    while np.any(left):
        now = np.flatnonzero(left & (k * span <= _LONGEST * count))
        steps = _steps(eigen, theta_prime, tau, count)
        fine = kernels.propagate(
            k[now], drive[now], steps, h=span / count, conductor=bool(eigen.mixing)
        )
        weight = np.stack([k[now], np.ones(len(now))])[:, None]
        with np.errstate(over="ignore", invalid="ignore"):
            better = (16 * fine - previous[..., now]) / 15
            error, size = (np.sum((weight * y[:2, :2]) ** 2, axis=0) for y in (better - fine, fine))
            small = (error <= CONTROL**2 * size) | ~np.isfinite(size)  # overflow is hopeless
        good = begun[now] & np.all(small, axis=0)  # of X = 1 and of E = 1
        out[..., now[good]] = better[..., good]
        previous[..., now] = fine
        begun[now], left[now[good]] = True, False
        count *= 2
    return out


def _steps(
    eigen: _Eigenfield, theta_prime: Callable[[Array], Array], tau: tuple[float, float], count: int
) -> kernels.Step:
    """The fourth-order Magnus exponent of X'' = -(k^2 - lambda c k g theta') X, with the values of
    theta' at two Gauss nodes. Beside a conductor it has the rates of E from A and of A from X at
    the nodes, and their commutators with the rest."""
    h = (tau[1] - tau[0]) / count
    middle = tau[0] + (np.arange(count) + 0.5) * h
    nodes = middle[:, None] + h * math.sqrt(3) / 6 * np.array([-1, 1])
    slopes = theta_prime(nodes.ravel()).reshape(nodes.shape)

    def mean(rate: Array) -> Array:
        return h * np.mean(rate, axis=1)

    def commutator(rate: Array) -> Array:
        return h * h * math.sqrt(3) / 12 * (rate[:, 0] - rate[:, 1])

    own, push, current = eigen.strength * slopes, np.zeros_like(slopes), np.zeros_like(slopes)
    if eigen.mixing and eigen.conductor:
        push = eigen.mixing * slopes * eigen.conductor.felt
        current = eigen.mixing * slopes / eigen.conductor.sigma(nodes.ravel()).reshape(nodes.shape)
    return kernels.Step(
        low=mean(own),
        d=commutator(own),
        push_low=commutator(push),
        push_high=mean(push),
        current_X=mean(current),
        current_E=-commutator(current),
    )

"""The Boltzmann equation of a species that is made and lost in pairs.

Partners in equilibrium make and take pairs of the species: phi <-> X X, phi phi <-> X X. With the
yield Y = n/s and x ~ 1/T of the plasma, detailed balance gives

    dY/d ln x = gain(x) - loss(x) Y^2,     gain = loss Y_eq^2
    scattering:   loss = (d ln a/d ln x) s <sigma v>/H
    decay:        gain = (d ln a/d ln x) 2 Gamma n_phi <m/E>/(s H)

(P. Gondolo and G. Gelmini, Nucl. Phys. B 360, 145 (1991); L. J. Hall et al., JHEP 03 (2010) 080).
A species that begins empty freezes in, one that begins in equilibrium freezes out.

u = ln Y is the variable, since Y falls by many powers of ten. The equation is stiff as long as
loss Y_eq >> 1, for which Radau's implicit method of order 5 is made. With the default tolerance
yields are right to 1e-8 (the tests measure it).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline

from darklat.physics.boltzmann.bath import Bath
from darklat.physics.boltzmann.statistics import Species

Array = npt.NDArray[np.float64]

Function = Callable[[Array], Array]

_EMPTY = 1e-8
"""An empty start has the yield that production makes in this part of an e-fold of x."""

_PER_E_FOLD = 150
"""Points of the splines of gain and loss: their error is below 1e-9 up to x = 100."""

_SHOWN = 5  # every so many of these points is in the result

_LEAST, _MOST = 1e-300, 700.0  # the range of a double, the second as a power of e


@dataclass(frozen=True)
class PairReaction:
    """Gain and loss per e-fold of x, and the yield in equilibrium; functions of x, elementwise."""

    gain: Function
    loss: Function
    equilibrium: Function
    breaks: tuple[float, ...] = ()
    """Where they jump."""


@dataclass(frozen=True)
class YieldHistory:
    """Y over x, and the yield in equilibrium; arrays of one length."""

    x: Array
    Y: Array
    Y_eq: Array

    @property
    def final(self) -> float:
        """Y at the last x."""
        return float(self.Y[-1])


def decay(*, parent: Species, child: Species, width: float, bath: Bath) -> PairReaction:
    """phi <-> X X with phi in equilibrium; width in GeV is that of phi -> X X; x = m_phi/T.

    Raises ValueError for a decay that is closed.
    """
    check_open(parent.mass, child.mass)

    def gain(x: Array) -> Array:
        T = parent.mass / x
        made = 2 * width * parent.decaying(T)
        return np.asarray(bath.e_folds(T) * made / (bath.entropy(T) * bath.hubble(T)))

    def equilibrium(x: Array) -> Array:
        T = parent.mass / x
        return np.asarray(child.number(T) / bath.entropy(T))

    def loss(x: Array) -> Array:
        square = equilibrium(x) ** 2
        # Where Y_eq^2 underflows the gain does too.
        return np.where(square > 0, gain(x) / np.maximum(square, _LEAST), 0.0)

    return PairReaction(gain, loss, equilibrium, _breaks(parent, bath))


def check_open(parent: float, child: float) -> None:
    """Raise ValueError unless a particle of mass `parent` can decay into two of mass `child`."""
    if not 0 <= 2 * child < parent:
        raise ValueError(
            f"a particle of {parent:g} GeV cannot decay into two of {child:g} GeV: the decay is "
            f"closed; each must be lighter than {parent / 2:g} GeV"
        )


def annihilation(
    *,
    species: Species,
    cross_section: Function,
    bath: Bath,
    temperature: Function | None = None,
    dark_energy_density: Function | None = None,
) -> PairReaction:
    """X X <-> particles in equilibrium; x = m_X/T with T of the plasma.

    cross_section is <sigma v> in GeV^-2 at a temperature of X. With a hidden sector, temperature
    gives that of X, and dark_energy_density the density in GeV^4 that adds to H; both are functions
    of T. All are elementwise.
    """

    def own(T: Array) -> Array:
        return T if temperature is None else temperature(T)

    def equilibrium(x: Array) -> Array:
        T = species.mass / x
        return np.asarray(species.number(own(T)) / bath.entropy(T))

    def loss(x: Array) -> Array:
        T = species.mass / x
        hubble = bath.hubble(T, 0.0 if dark_energy_density is None else dark_energy_density(T))
        return np.asarray(bath.e_folds(T) * bath.entropy(T) / hubble * cross_section(own(T)))

    def gain(x: Array) -> Array:
        return np.asarray(loss(x) * equilibrium(x) ** 2)

    return PairReaction(gain, loss, equilibrium, _breaks(species, bath))


def _breaks(species: Species, bath: Bath) -> tuple[float, ...]:
    return tuple(species.mass / T for T in bath.kinks)


def evolve(
    reaction: PairReaction,
    *,
    x_start: float,
    x_end: float,
    empty: bool,
    rtol: float = 1e-8,
) -> YieldHistory:
    """Y from x_start, where the species is empty or else in equilibrium, to x_end.

    Raises ValueError for x that are not positive and increasing, and where nothing is made at
    x_start. Raises RuntimeError where the solver fails.
    """
    if not 0 < x_start < x_end:
        raise ValueError(f"x must be positive and increase, not from {x_start} to {x_end}")
    first = np.array([x_start])
    made, level = float(reaction.gain(first)[0]), float(reaction.equilibrium(first)[0])
    if not (made > 0 and level > 0):
        raise ValueError(f"nothing is made, or nothing is in equilibrium, at x = {x_start:g}")
    start = math.log(min(_EMPTY * made, level) if empty else level)
    inner = sorted(each for each in reaction.breaks if x_start < each < x_end)
    ends = [x_start, *inner, x_end]
    parts: list[tuple[Array, Array]] = []
    for left, right in itertools.pairwise(ends):
        parts.append(_segment(reaction, left, right, start, rtol))
        start = float(parts[-1][1][-1])
    x = np.concatenate([part[0] for part in parts])
    u = np.concatenate([part[1] for part in parts])
    return YieldHistory(x, np.exp(u), np.asarray(reaction.equilibrium(x)))


def _segment(
    reaction: PairReaction, left: float, right: float, start: float, rtol: float
) -> tuple[Array, Array]:
    """x and ln Y where gain and loss are smooth, from splines of their logarithms."""
    inside = np.nextafter([left, right], [right, left])
    count = 2 + math.ceil(_PER_E_FOLD * math.log(right / left))
    log_x = np.linspace(float(np.log(inside[0])), float(np.log(inside[1])), count)
    x = np.clip(np.exp(log_x), *inside)
    log_gain = CubicSpline(log_x, np.log(np.maximum(reaction.gain(x), _LEAST)))
    log_loss = CubicSpline(log_x, np.log(np.maximum(reaction.loss(x), _LEAST)))

    def slopes(at: float, u: float) -> tuple[float, float]:
        """d ln Y/d ln x, and its derivative by ln Y."""
        gain = math.exp(min(float(log_gain(at)) - u, _MOST))
        loss = math.exp(min(float(log_loss(at)) + u, _MOST))
        return gain - loss, -gain - loss

    solution = solve_ivp(
        lambda at, u: [slopes(at, float(u[0]))[0]],
        (log_x[0], log_x[-1]),
        [start],
        method="Radau",
        jac=lambda at, u: [[slopes(at, float(u[0]))[1]]],
        t_eval=np.append(log_x[:-1:_SHOWN], log_x[-1]),
        rtol=rtol,
        atol=rtol,
    )
    if not solution.success:
        raise RuntimeError(f"the Boltzmann equation could not be solved: {solution.message}")
    return np.exp(solution.t), np.asarray(solution.y[0])

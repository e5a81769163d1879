"""Freeze-in resolved in momentum: the distribution f(p, t) of the particles from phi -> X X.

phi is in equilibrium and X far below it, so that inverse decays and stimulated emission are left
out. An isotropic decay spreads the energies of its children evenly between those of the forward and
the backward one. Integrated over the distribution of phi this gives

    df/dt|_(p a) = 2 pi^2/(g_X p E) (Gamma m_phi/(pi^2 b)) g_phi int_(E-)^(E+) f_phi(E') dE'
    E+-(p) = (m_phi^2/2 m_X^2) (E +- b p),    b^2 = 1 - 4 m_X^2/m_phi^2

with g_phi int f_phi in closed form. Without m_X the interval begins at p + m_phi^2/(4 p) and has no
end. The yield is the integral of f over momenta: the integrated equation must give the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from darklat.physics.boltzmann.bath import Bath
from darklat.physics.boltzmann.pairs import check_open
from darklat.physics.boltzmann.statistics import Species, Statistics

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Distribution:
    """f over p at the end, momenta in units of the temperature T there."""

    p_over_T: Array
    f: Array
    T: float
    """GeV."""
    yield_: float
    """n/s at the end."""
    mean_p_over_T: float


def freeze_in_distribution(
    *,
    parent: Species,
    child: Species,
    width: float,
    bath: Bath,
    x_start: float = 1e-3,
    x_end: float = 60.0,
    momenta: int = 320,
    steps: int = 640,
) -> Distribution:
    """f of the children at x_end = m_phi/T, from nothing at x_start.

    The grids are even in ln p and in ln x; both rules are the trapezoidal one. Raises ValueError
    for a closed decay.
    """
    check_open(parent.mass, child.mass)
    x = np.geomspace(x_start, x_end, steps + 1)
    T = parent.mass / x
    hubble, entropy = bath.hubble(T), bath.entropy(T)
    a_ratio = np.cbrt(entropy / entropy[-1])  # a at the end over a: p falls by it
    q = T[-1] * np.geomspace(1e-6, 1e3, momenta)
    p = q * a_ratio[:, None]
    rate = _collision(p, T[:, None], parent=parent, child=child, width=width)
    f = _trapezoid(rate * (bath.e_folds(T) / hubble)[:, None], np.log(x[1] / x[0]))
    number = child.states / (2 * math.pi**2) * _trapezoid(q**3 * f, np.log(q[1] / q[0]))
    moment = child.states / (2 * math.pi**2) * _trapezoid(q**4 * f, np.log(q[1] / q[0]))
    return Distribution(
        p_over_T=q / T[-1],
        f=f,
        T=float(T[-1]),
        yield_=float(number / entropy[-1]),
        mean_p_over_T=float(moment / number / T[-1]),
    )


def _collision(p: Array, T: Array, *, parent: Species, child: Species, width: float) -> Array:
    """df/dt at fixed comoving momentum, GeV."""
    m, own = parent.mass, child.mass
    energy = np.hypot(p, own)
    speed = math.sqrt(1 - 4 * (own / m) ** 2)
    # E- without the cancellation: E+ E- = (m^2/2 m_X^2)^2 (E^2 - b^2 p^2).
    lower = m**2 / 2 * (1 + 4 * (p / m) ** 2) / (energy + speed * p)
    above = _above(lower / T, parent.statistics)
    if own > 0:
        upper = m**2 / (2 * own**2) * (energy + speed * p)
        above = above - _above(upper / T, parent.statistics)
    spread = width * m * parent.states / (math.pi**2 * speed) * T * above
    return np.asarray(2 * math.pi**2 / (child.states * p * energy) * spread)


def _above(y: Array, statistics: Statistics) -> Array:
    """int_y^inf dz/(e^z - eta)."""
    falling = np.exp(-y)
    if statistics == "bose":
        return np.asarray(-np.log(-np.expm1(-y)))
    return np.asarray(np.log1p(falling)) if statistics == "fermi" else falling


def _trapezoid(values: Array, step: float) -> Array:
    """Along the first axis."""
    return np.asarray(step * (np.sum(values, axis=0) - (values[0] + values[-1]) / 2))

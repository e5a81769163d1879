"""Limits of a longitudinal mode that have a closed form, with the paper's slips put right.

Units and notation of `modes`: m = 1, a_* = 1, H = a^-2, t = a^2/2. Equation numbers refer to
Arvanitaki et al., Dark QED from Inflation. All take arrays and broadcast.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import gamma, jv

from darklat.physics.proca.primordial_field import relativistic_fields

Array = npt.NDArray[np.float64]


def slow_speed(omega_p: npt.ArrayLike) -> Array:
    """s = omega_p/sqrt(m^2 + omega_p^2), omega/k of the slow mode at small k (Table 1)."""
    w = np.asarray(omega_p, dtype=np.float64)
    return np.asarray(w / np.hypot(1.0, w))


def a_thaw(k: npt.ArrayLike, *, omega_p: npt.ArrayLike) -> Array:
    """Scale factor at which a mode in a plasma thaws, H = s k/a (Eq. C.10): 1/(s k)."""
    return np.asarray(1 / (slow_speed(omega_p) * np.asarray(k)))


def first_zero(k: npt.ArrayLike, *, omega_p: npt.ArrayLike) -> Array:
    """Scale factor at which A first vanishes for constant omega_p: s k a = pi, for s k << m.

    Once the mode is non-relativistic A follows sin(s k a)/(s k a), the frozen solution of E.12.
    """
    return np.asarray(math.pi * a_thaw(k, omega_p=omega_p))


def superhorizon_amplitude(a: npt.ArrayLike, *, omega_p: npt.ArrayLike) -> Array:
    """A/A_init for k -> 0 and constant omega_p, nu = 0: Eq. E.9 with its constants.

    A = omega_p^2/W^2 + (m^2/W^2) Gamma(3/4) (W t/2)^(1/4) J_(-1/4)(W t), W^2 = m^2 + omega_p^2.
    This is the solution of k = 0 with J = -omega_p^2 (A - A_init) that is constant as t -> 0. It
    holds where s k a << 1. omega_p = 0 is the vacuum.
    """
    W2 = 1 + np.square(np.asarray(omega_p, dtype=np.float64))
    x = np.sqrt(W2) * np.square(np.asarray(a, dtype=np.float64)) / 2
    return np.asarray(1 - (1 - gamma(0.75) * (x / 2) ** 0.25 * jv(-0.25, x)) / W2)


def relativistic_mode(k: npt.ArrayLike, a: npt.ArrayLike) -> tuple[Array, Array]:
    """A and E for A = 1 as a -> 0, in a vacuum and for k >> m a: the massless Goldstone boson.

    A = sin(x)/x with x = k a, and E = -(a^2/k) j_1(x). The spectrum of the physical electric field,
    E/a^2 with A_init = k H_I/(2 pi m), is then (m H_I/2 pi)^2 j_1(x)^2. Eq. A.9 has its limits
    without the factors 1/9 (outside) and 1/2 (inside, averaged). Raises ValueError for k a < 0.
    """
    scale, wave = np.asarray(a, dtype=np.float64), np.asarray(k, dtype=np.float64)
    A, electric = relativistic_fields(wave * scale)
    return A, np.asarray(scale**2 / wave * electric)


def reentry_current(k: npt.ArrayLike, a: npt.ArrayLike, *, a_init: float) -> Array:
    """J_3 over its value at a_init, where it rests, for omega_p >> m: Eq. E.13 with a plus sign.

    (a_init/a) [cos y + sin(y)/(k a_init)] with y = k (a - a_init). It solves E.12; with the minus
    printed before the sine J_3 would start with the slope -2/a_init instead of none.
    """
    scale, wave = np.asarray(a, dtype=np.float64), np.asarray(k, dtype=np.float64)
    y = wave * (scale - a_init)
    return np.asarray(a_init / scale * (np.cos(y) + np.sin(y) / (wave * a_init)))


def hubble_matter(hubble_np: npt.ArrayLike) -> Array:
    """H in m below which A is a free field again, from H_np where omega_p = m: Eq. E.16.

    3^(4/5) m (H_np/m)^(9/5). The paper's first form, m t > (2/3)^(4/5) (m t_np)^(9/5), is this with
    H = 1/(2t). Its second has 2^(11/5)/3^(4/5) in place of 3^(4/5), 0.79 of it.
    """
    return np.asarray(3**0.8 * np.asarray(hubble_np, dtype=np.float64) ** 1.8)


def electric_field_vacuum(k: npt.ArrayLike) -> Array:
    """E_L,vac = m H_I/(2 pi), the unit of Fig. 16, for A_init = k H_I/(2 pi m) = 1: m^2/k."""
    return np.asarray(1 / np.asarray(k, dtype=np.float64))

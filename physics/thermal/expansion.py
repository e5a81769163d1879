"""The radiation era with the g_*(T) of `degrees`: a' is not constant.

    H = (pi/M_Pl) sqrt(g_energy/90) T^2,  g_entropy a^3 T^3 = constant,
    a' = a^2 H/H_osc = sqrt(g_energy/g_energy,osc) (g_entropy,osc/g_entropy)^(2/3),  a = 1 at T_osc

Only values of the fits of g_* enter, and no derivatives of theirs. Below about 2 MeV neutrinos are
not in equilibrium, and w = 4 g_entropy/(3 g_energy) - 1 would be wrong. Above `T_MAX_GEV` g_* is
constant.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from darklat.physics.sampled import Sampled
from darklat.physics.thermal.degrees import T_MAX_GEV, g_energy, g_entropy
from darklat.physics.thermal.radiation import temperature_osc_eV
from darklat.physics.units import EV_PER_GEV

_STEP = 0.01  # of ln T: the joint of the fits, where g_* changes fastest, has eight of them
_EARLIEST, _LATEST = 1e-10, 1e6  # a, beyond which it is a power of tau


class Thermal(Sampled):
    """a(tau) of a plasma of the Standard Model."""

    kind = "thermal"


@lru_cache(maxsize=16)
def thermal(hubble_eV: float) -> Thermal:
    """The history with a = 1 where H is `hubble_eV`. Raises ValueError as `temperature_osc_eV`."""
    T_osc = temperature_osc_eV(mass_eV=hubble_eV, oscillation_condition=1.0) / EV_PER_GEV
    hottest = min(T_MAX_GEV, T_osc / _EARLIEST)
    count = math.ceil(math.log(hottest / T_osc * _LATEST) / _STEP)
    T = np.minimum(np.geomspace(hottest, T_osc / _LATEST, count), T_MAX_GEV)
    T = np.sort(np.append(T[T_osc != T], T_osc))[::-1]
    energy, entropy = (g(T) / g(T_osc) for g in (g_energy, g_entropy))
    a = T_osc / T / np.cbrt(entropy)
    speed = np.sqrt(energy) / np.cbrt(entropy) ** 2  # a'
    age = a / speed  # d tau/d ln a
    from scipy.interpolate import CubicSpline  # slow to import

    passed = CubicSpline(np.log(a), age).antiderivative()
    tau = age[0] + passed(np.log(a)) - passed(math.log(a[0]))  # a' is constant before
    return Thermal(tau, a, tau / age)

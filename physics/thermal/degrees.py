"""Degrees of freedom of the Standard Model's plasma: g_* in energy and in entropy.

K. Saikawa and S. Shirai, JCAP 05 (2018) 035, arXiv:1803.01038, appendix C: fits to their tables, in
which neutrinos decouple gradually and the strong and electroweak interactions are counted. One fit
holds from 120 MeV to 1e16 GeV, another below. Where they meet they differ by less than a permille.
Between 115 and 125 MeV g is their mean with a smooth weight, so that it has no jump and no kink.

rho = (pi^2/30) g_energy T^4 and s = (2 pi^2/45) g_entropy T^3, T being the photons' temperature.
Below about 2 MeV neutrinos have another one. So rho and s do not obey rho + p = T s with p = rho/3,
and w = 4 g_entropy/(3 g_energy) - 1 is wrong there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from numpy.polynomial.polynomial import polyval

Array = npt.NDArray[np.float64]

T_MAX_GEV = 1e16
"""Highest temperature of the fits. They have no lowest: both are constant below 10 keV."""

T_JOINT_GEV = (0.115, 0.125)
"""One fit holds below, the other above. In between, and at both ends, second derivatives jump."""

_STEP = 1e-4  # of ln T, in differences

# Powers of ln(T/GeV), from 0: g_energy = a/b, g_energy/g_entropy = 1 + c/d.
_A = (
    1.0, 1.11724, 3.12672e-1, -4.68049e-2, -2.65004e-2, -1.19760e-3, 1.82812e-4, 1.36436e-4,
    8.55051e-5, 1.22840e-5, 3.82259e-7, -6.87035e-9,
)  # fmt: skip
_B = (
    1.43382e-2, 1.37559e-2, 2.92108e-3, -5.38533e-4, -1.62496e-4, -2.87906e-5, -3.84278e-6,
    2.78776e-6, 7.40342e-7, 1.17210e-7, 3.72499e-9, -6.74107e-11,
)  # fmt: skip
_C = (
    1.0, 6.07869e-1, -1.54485e-1, -2.24034e-1, -2.82147e-2, 2.90620e-2, 6.86778e-3, -1.00005e-3,
    -1.69104e-4, 1.06301e-5, 1.69528e-6, -9.33311e-8,
)  # fmt: skip
_D = (
    7.07388e1, 9.18011e1, 3.31892e1, -1.39779, -1.52558, -1.97857e-2, -1.60146e-1, 8.22615e-5,
    2.02651e-2, -1.82134e-5, 7.83943e-5, 7.13518e-5,
)  # fmt: skip

# The fit's own masses in GeV: e, mu, pi0, pi+-, and four that stand for heavier hadrons.
_ELECTRON, _MUON, _BOSONS = 511e-6, 0.1056, (0.135, 0.140, 0.5, 0.77, 1.2, 2.0)
_ENERGY_WEIGHTS = (1.05, 2.08, 4.165, 30.55, 89.4, 8209.0)
_ENTROPY_WEIGHTS = (1.034, 2.068, 4.16, 30.55, 90.0, 6209.0)

# exp(-first x) times a polynomial of x = m/T: fermions and bosons, in energy and in entropy.
_FERMION_ENERGY = (1.04855, (1.0, 1.03757, 0.508630, 0.0893988))
_FERMION_ENTROPY = (1.04190, (1.0, 1.03400, 0.456426, 0.0595249))
_BOSON_ENERGY = (1.03149, (1.0, 1.03317, 0.398264, 0.0648056))
_BOSON_ENTROPY = (1.03365, (1.0, 1.03397, 0.342548, 0.0506182))


def g_energy(T_GeV: npt.ArrayLike) -> Array:
    """g_* of rho = (pi^2/30) g_* T^4, elementwise: 3.383 today, 10.74 at 10 MeV, 106 at 1e5 GeV.

    Raises ValueError for temperatures that are not positive or above `T_MAX_GEV`.
    """
    return _joined(_temperature(T_GeV), _cold_energy, _hot_energy)


def g_entropy(T_GeV: npt.ArrayLike) -> Array:
    """g_*s of s = (2 pi^2/45) g_*s T^3, elementwise: 3.931 today. Raises as `g_energy`."""
    return _joined(_temperature(T_GeV), _cold_entropy, _hot_entropy)


def entropy_slope(T_GeV: npt.ArrayLike) -> Array:
    """d ln g_entropy/d ln T, elementwise, to 1e-8, and to 2e-5 at the ends of the joint. Raises as
    `g_entropy`."""
    T = _temperature(T_GeV)
    below, above = np.exp(-_STEP) * T, np.minimum(np.exp(_STEP) * T, T_MAX_GEV)
    change = np.log(g_entropy(above)) - np.log(g_entropy(below))
    return np.asarray(change / np.log(above / below))


def fermion_share(x: npt.ArrayLike) -> Array:
    """Energy of a fermion with m/T = x >= 0 over that of a massless one, by the fit."""
    return _share(_FERMION_ENERGY, np.asarray(x, dtype=np.float64))


def _joined(T: Array, cold: Callable[[Array], Array], hot: Callable[[Array], Array]) -> Array:
    """cold(T) below the joint, hot(ln T) above, and in between their mean with a cubic weight."""
    low, high = T_JOINT_GEV
    share = np.clip(np.log(T / low) / np.log(high / low), 0.0, 1.0)
    weight = share**2 * (3 - 2 * share)
    below, above = cold(np.minimum(T, high)), hot(np.log(np.maximum(T, low)))
    return np.asarray((1 - weight) * below + weight * above)


def _hot_energy(log: Array) -> Array:
    return np.asarray(polyval(log, _A) / polyval(log, _B))


def _hot_entropy(log: Array) -> Array:
    return np.asarray(_hot_energy(log) / (1 + polyval(log, _C) / polyval(log, _D)))


def _cold_energy(T: Array) -> Array:
    neutrinos = 1.353 * _neutrinos(T) ** (4 / 3)
    electrons = 3.495 * _share(_FERMION_ENERGY, _ELECTRON / T)
    muons = 3.446 * _share(_FERMION_ENERGY, _MUON / T)
    return 2.030 + neutrinos + electrons + muons + _bosons(_BOSON_ENERGY, _ENERGY_WEIGHTS, T)


def _cold_entropy(T: Array) -> Array:
    electrons = 3.442 * _share(_FERMION_ENTROPY, _ELECTRON / T)
    muons = 3.468 * _share(_FERMION_ENTROPY, _MUON / T)
    bosons = _bosons(_BOSON_ENTROPY, _ENTROPY_WEIGHTS, T)
    return 2.008 + 1.923 * _neutrinos(T) + electrons + muons + bosons


def _neutrinos(T: Array) -> Array:
    """The entropy of photons and e+ e- over that of photons: (T_nu/T)^3 = 4/11 of it."""
    return 1 + 7 / 4 * _share(_FERMION_ENTROPY, _ELECTRON / T)


def _bosons(fit: tuple[float, tuple[float, ...]], weights: tuple[float, ...], T: Array) -> Array:
    parts = [w * _share(fit, m / T) for w, m in zip(weights, _BOSONS, strict=True)]
    return np.sum(parts, axis=0)


def _share(fit: tuple[float, tuple[float, ...]], x: Array) -> Array:
    """Of a species with m/T = x, over that of a massless one."""
    rate, coefficients = fit
    x = np.minimum(x, 800.0)  # exp(-800) is zero, and its polynomial is finite
    return np.asarray(np.exp(-rate * x) * polyval(x, coefficients))


def _temperature(T_GeV: npt.ArrayLike) -> Array:
    T = np.asarray(T_GeV, dtype=np.float64)
    if not np.all((T > 0) & (T <= T_MAX_GEV)):
        raise ValueError(
            f"temperatures must be positive and at most {T_MAX_GEV:g} GeV, where the fits of g_* "
            "end"
        )
    return T

"""The photon plasma: temperature and electrons as functions of the scale factor.

Two histories. The paper's (Choi, Kim, Sekiguchi, PRL 121, 031102 (2018)) has constant g_* and
T = T_osc/a. The physical one follows the annihilation of e+ e-:

- Energy and entropy of e+ and e- are integrals over the Fermi-Dirac distribution (Kolb and Turner,
  The Early Universe (1990), sec. 3.3-3.5). Photons are free; their plasma corrections, of order
  alpha, are left out.
- Neutrinos have decoupled at once and completely: T_nu ~ 1/a, and the entropy of photons and e+ e-
  is conserved by itself. N_eff is then 3, not 3.044.
- Electrons are thermal pairs plus the electrons that neutralise the baryons.
- g_* and g_*s here are of this model, with T_nu of its own, and `degrees` has those of the Standard
  Model at all temperatures. A conserved entropy of photons and e+ e- by itself needs the former.
- Above 10 MeV, where muons and hadrons begin to count, T follows from the conserved entropy with
  the fits of `degrees`. Both entropies are joined at 10 MeV, where they agree to 6e-4.

In a background of kind radiation a = tau, that is, a^2 H is constant. In truth a^2 H ~ g_*^(1/2)
(T/T_nu)^2 rises by 9.8% in all while e+ e- annihilate. For an ALP of 1e-17 eV (c = 3) it rises by
3.3% from a = 0.5 to a = 1 and by 1.4% afterwards. The time from a = 0.5 to any later a is therefore
shorter than on the lattice, by 1.4% at most. Below 1e-19 eV both rises are under 0.01%. A
background of kind thermal (`expansion`) has a true a(tau).

Temperatures are in eV and may be arrays; results have their shape.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import zeta

from darklat.physics import run_relics
from darklat.physics.thermal import radiation
from darklat.physics.thermal.degrees import T_MAX_GEV, g_entropy
from darklat.physics.units import ELECTRON_MASS_EV, EV_PER_GEV, REDUCED_PLANCK_MASS_EV, T0_EV

Array = npt.NDArray[np.float64]

T_MAX_EV = 1e7
"""Highest temperature of the integrals over e+ e-. Muons add 0.05% to g_* here, more above."""

HOTTEST_EV = T_MAX_GEV * EV_PER_GEV
"""Highest temperature of the physical history."""

_PLASMA_EARLY = 2 + 4 * 7 / 8  # photons and relativistic e+ e-, in entropy
_NEUTRINOS = 6 * 7 / 8  # three species, two states each

# Integrals over e+ e- use E = m + T u^2. The integrands are even and analytic in u, so the
# trapezoidal rule converges like exp(-2 pi d/h). d > 0.31 is the distance to the nearest
# singularity up to T_MAX_EV. The tail beyond u = 7 is exp(-49). Both errors are rounding.
_STEP = 1 / 24
_U = _STEP * np.arange(1, 7 * 24 + 1)
_EXP_U2 = np.exp(_U**2)


def photons_per_eV3(T_eV: npt.ArrayLike) -> Array:
    """n_gamma = (2 zeta(3)/pi^2) T^3 in eV^3. Raises ValueError as `g_star`."""
    return np.asarray(2 * zeta(3) / math.pi**2 * _temperature(T_eV) ** 3)


def g_star(T_eV: npt.ArrayLike) -> Array:
    """g_* of rho = (pi^2/30) g_* T^4: photons, e+ e-, and neutrinos at their own temperature.

    3.363 after the annihilation, 10.75 long before. Raises ValueError for temperatures that are
    not positive or above `T_MAX_EV`.
    """
    T = _temperature(T_eV)
    _, energy, _ = _pairs(T)
    return np.asarray(
        2 + 30 / math.pi**2 * energy + _NEUTRINOS * neutrino_temperature_ratio(T) ** 4
    )


def g_star_s(T_eV: npt.ArrayLike) -> Array:
    """g_*s of s = (2 pi^2/45) g_*s T^3, as `g_star`: 3.909 late, 10.75 early; a^3 s is constant."""
    T = _temperature(T_eV)
    return np.asarray(_plasma_entropy(T) + _NEUTRINOS * neutrino_temperature_ratio(T) ** 3)


def neutrino_temperature_ratio(T_eV: npt.ArrayLike) -> Array:
    """T_nu/T, from 1 early to (4/11)^(1/3) late: both a T_nu and a^3 T^3 (2 + g_e) are constant."""
    return np.asarray(np.cbrt(_plasma_entropy(_temperature(T_eV)) / _PLASMA_EARLY))


def hubble_eV(T_eV: npt.ArrayLike) -> Array:
    """H in eV of 3 M_Pl^2 H^2 = (pi^2/30) g_*(T) T^4, radiation alone."""
    T = _temperature(T_eV)
    return np.asarray(
        math.pi / REDUCED_PLANCK_MASS_EV * np.sqrt(g_star(T) / 90) * T**2, dtype=np.float64
    )


def pairs_per_photon(T_eV: npt.ArrayLike) -> Array:
    """(n_- + n_+)/n_gamma of thermal pairs without net charge: 3/2 early."""
    number, _, _ = _pairs(_temperature(T_eV))
    return np.asarray(number / (2 * zeta(3) / math.pi**2))


def pairs_cold_per_photon(T_eV: npt.ArrayLike) -> Array:
    """The limit T << m_e of `pairs_per_photon`, from 4 (m_e T/2 pi)^(3/2) e^(-m_e/T).

    It is smaller than the integral by the share (15/8) T/m_e, to first order.
    """
    T = _temperature(T_eV)
    x = ELECTRON_MASS_EV / T
    number = 4 * (x / (2 * math.pi)) ** 1.5 * np.exp(-x)
    return np.asarray(number / (2 * zeta(3) / math.pi**2))


def electrons_per_photon(T_eV: npt.ArrayLike, *, after_annihilation: float) -> Array:
    """(n_- + n_+)/n_gamma, everything that carries current, at temperature T.

    after_annihilation is n_e/n_gamma once the pairs are gone. Its electrons stay with their
    baryons, so before that n_- - n_+ is after_annihilation (11/4)(T_nu/T)^3 n_gamma: 11/4 times
    larger per photon. Equilibrium, e+ e- <-> photons, gives n_- n_+ as without net charge, and n_-
    + n_+ follows. This is exact for chemical potentials far below T or densities far below
    degeneracy, and one of these always holds. Raises ValueError for a negative after_annihilation.
    """
    if not after_annihilation >= 0:
        raise ValueError(f"after_annihilation must not be negative, not {after_annihilation}")
    T = _temperature(T_eV)
    net = after_annihilation * _plasma_entropy(T) / 2
    return np.asarray(np.hypot(net, pairs_per_photon(T)))


def paper_temperature_eV(
    a: npt.ArrayLike, *, mass_eV: float, oscillation_condition: float
) -> Array:
    """T = T_osc/a with the constant g_* of `run_relics.paper_temperature_osc_eV`; a in a_osc.

    Raises ValueError where a is not positive.
    """
    T_osc = run_relics.paper_temperature_osc_eV(
        mass_eV=mass_eV, oscillation_condition=oscillation_condition
    )
    return np.asarray(T_osc / _scale_factor(a))


def temperature_eV(a: npt.ArrayLike, *, mass_eV: float, oscillation_condition: float) -> Array:
    """T at scale factor a (in a_osc) of the physical history.

    Up to `T_MAX_EV` a T_nu is constant and T a function of T_nu alone, interpolated in a table that
    all models share. Before, a^3 times the entropy is constant. The same a gives the same bits,
    whatever else was asked for. Raises ValueError where a is not positive or T would be above
    `HOTTEST_EV`.
    """
    scale = _scale_factor(a)
    T_nu = _neutrino_temperature_osc_eV(mass_eV, oscillation_condition) / scale
    spline, low, high = _temperature_ratio()
    log_T_nu = np.log(T_nu)
    cold = T_nu * spline(np.clip(log_T_nu, low, high))
    if not np.any(log_T_nu > high):
        return np.asarray(cold)
    entropies, temperatures = _hot()
    entropy = log_T_nu - high  # of its cube root, times a constant: ln over its value at T_MAX_EV
    if np.any(entropy > entropies[-1]):
        raise ValueError(
            f"the temperature at a = {np.min(scale):.3g} a_osc is above {T_MAX_GEV:g} GeV, where "
            "this history begins"
        )
    return np.where(log_T_nu > high, np.exp(np.interp(entropy, entropies, temperatures)), cold)


@lru_cache(maxsize=64)
def temperature_osc_eV(*, mass_eV: float, oscillation_condition: float) -> float:
    """T_osc in eV from c H = m with the g_*(T) of the time: 107 keV at 1e-17 eV, c = 3.

    `run_relics.paper_temperature_osc_eV` is the same with g_* = 3.36; above `T_MAX_EV` this is
    `radiation.temperature_osc_eV`. Raises ValueError for values that are not positive and for T_osc
    above `HOTTEST_EV`.
    """
    if not (mass_eV > 0 and oscillation_condition > 0):
        raise ValueError(
            "mass_eV and oscillation_condition must be positive, "
            f"not {mass_eV} and {oscillation_condition}"
        )
    from scipy.optimize import brentq  # slow to import, and few runs need it

    scale = {"mass_eV": mass_eV, "oscillation_condition": oscillation_condition}
    wanted = mass_eV / oscillation_condition
    if wanted > hubble_eV(T_MAX_EV):
        return radiation.temperature_osc_eV(**scale)
    late = run_relics.paper_temperature_osc_eV(**scale)

    def excess(log_T: float) -> float:
        return math.log(float(hubble_eV(math.exp(log_T))) / wanted)

    # g_* lies between 3.36 and 10.75, so T lies between `late` and 0.747 of it.
    lower, upper = math.log(0.7 * late), math.log(min(1.01 * late, T_MAX_EV))
    return math.exp(brentq(excess, lower, upper, xtol=1e-15, rtol=1e-15))


def a_osc_over_a0(*, mass_eV: float, oscillation_condition: float) -> float:
    """a_osc/a_0 of the physical history: T_nu today, (4/11)^(1/3) T_0, over T_nu at a_osc."""
    return (
        (4 / 11) ** (1 / 3) * T0_EV / _neutrino_temperature_osc_eV(mass_eV, oscillation_condition)
    )


@lru_cache(maxsize=64)
def _neutrino_temperature_osc_eV(mass_eV: float, oscillation_condition: float) -> float:
    """T_nu at a_osc. If a_osc is before T_MAX_EV, the value that a T_nu has afterwards."""
    T_osc = temperature_osc_eV(mass_eV=mass_eV, oscillation_condition=oscillation_condition)
    if T_osc <= T_MAX_EV:
        return T_osc * float(neutrino_temperature_ratio(T_osc))
    shrink = float(g_entropy(T_osc / EV_PER_GEV) / g_entropy(T_MAX_EV / EV_PER_GEV)) ** (1 / 3)
    return T_osc * shrink * float(neutrino_temperature_ratio(T_MAX_EV))


@lru_cache(maxsize=1)
def _hot() -> tuple[Array, Array]:
    """ln of (g_entropy T^3)^(1/3) over its value at T_MAX_EV, and ln(T/eV), from there up."""
    # Nodes are 0.002 apart in ln T: linear interpolation is good to 1e-6, but to 1e-4 where the
    # fits of g_entropy jump.
    T = np.geomspace(T_MAX_EV, HOTTEST_EV, 20000)
    entropy = np.log(g_entropy(np.minimum(T / EV_PER_GEV, T_MAX_GEV))) / 3 + np.log(T)
    return entropy - entropy[0], np.log(T)


@lru_cache(maxsize=1)
def _temperature_ratio() -> tuple[Callable[[Array], Array], float, float]:
    """T/T_nu against ln T_nu, with the ends of the table; constant to rounding below it."""
    from scipy.interpolate import CubicSpline

    # Nodes are even in ln T, where T_nu is known without solving for it. Their spacing, 0.002,
    # leaves an error of the spline near 1e-13. m_e/T = 100 at the lower end.
    T = np.geomspace(ELECTRON_MASS_EV / 100, T_MAX_EV, 4096)
    ratio = neutrino_temperature_ratio(T)
    log_T_nu = np.log(T * ratio)
    return CubicSpline(log_T_nu, 1 / ratio), float(log_T_nu[0]), float(log_T_nu[-1])


def _plasma_entropy(T: Array) -> Array:
    """g_*s of photons and e+ e- alone: 11/2 early, 2 late."""
    _, energy, pressure = _pairs(T)
    return np.asarray(2 + 45 / (2 * math.pi**2) * (energy + pressure))


def _pairs(T: Array) -> tuple[Array, Array, Array]:
    """n/T^3, rho/T^4 and p/T^4 of e+ and e- together (four states), without net charge."""
    x = (ELECTRON_MASS_EV / T)[..., np.newaxis]
    boltzmann = np.exp(-x)
    # d^3p/(2 pi)^3 = p E dE/(2 pi^2) and dE = 2 T u du; powers of T are taken out.
    measure = 4 / (2 * math.pi**2) * 2 * _STEP * _U * boltzmann / (_EXP_U2 + boltzmann)
    energy = x + _U**2
    momentum = _U * np.sqrt(_U**2 + 2 * x)
    number = np.sum(measure * momentum * energy, axis=-1)
    density = np.sum(measure * momentum * energy**2, axis=-1)
    pressure = np.sum(measure * momentum**3, axis=-1) / 3
    return number, density, pressure


def _temperature(T_eV: npt.ArrayLike) -> Array:
    T = np.asarray(T_eV, dtype=np.float64)
    # The last bits of a table's end, or of a number near it, must not decide.
    if not np.all((T > 0) & (T <= T_MAX_EV * (1 + 1e-12))):
        raise ValueError(
            f"temperatures must be positive and at most {T_MAX_EV / 1e6:g} MeV, where the "
            "history begins"
        )
    return T


def _scale_factor(a: npt.ArrayLike) -> Array:
    values = np.asarray(a, dtype=np.float64)
    if not np.all(np.isfinite(values) & (values > 0)):
        raise ValueError("scale factors must be positive and finite")
    return values

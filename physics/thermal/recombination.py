"""Recombination of helium and hydrogen: rate equations of three-level atoms, as in RECFAST.

Hydrogen: P. J. E. Peebles, ApJ 153, 1 (1968), with the rates of D. Pequignot et al., A&A 251, 680
(1991), a factor on them, and two Gaussians in ln(1+z) on the escape of Lyman alpha that stand for
the many levels of newer codes (J. A. Rubino-Martin et al., MNRAS 403, 439 (2010)). Helium:
S. Seager, D. D. Sasselov, D. Scott, ApJ 523, L1 (1999), and W. Y. Wong, A. Moss, D. Scott, MNRAS
386, 1023 (2008): singlets and triplets, and the opacity of hydrogen. The factors are the ones with
which Planck's analyses used RECFAST 1.5.

The unknowns are the shares x_H, x_He of singly ionised atoms and the temperature T of matter. At
every moment x_e = x_H + f_He x_He (per hydrogen nucleus). SI units inside, except for energies,
which are kelvin.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from darklat.physics.thermal.cosmology import (
    HELIUM_OVER_HYDROGEN_MASS,
    HYDROGEN_MASS_EV,
    Cosmology,
    hubble_per_second,
)
from darklat.physics.units import (
    BOLTZMANN_EV_PER_K,
    ELECTRON_MASS_EV,
    FINE_STRUCTURE,
    HBAR_C_EV_M,
    HBAR_EV_S,
)

Array = npt.NDArray[np.float64]
Rates = Callable[[float, Array], list[float]]

Z_MAX = 10_000.0
"""Highest redshift of x_e. Helium becomes He++ from about z = 5000 on."""

_Z_START = 3000.0  # helium's rate equation begins here, where it is He+ in equilibrium with He
_Z_HYDROGEN = 1600.0  # hydrogen's begins here, where 0.4% is neutral, in equilibrium

# Wave numbers in 1/m. H: ionisation from the ground, Lyman alpha. He: ionisation of He and He+,
# and the levels 2s, 2p of singlets (s) and triplets (t) above the ground.
_H_ION, _H_ALPHA = 1.096787737e7, 8.225916453e6
_HE_ION, _HE_PLUS_ION = 1.98310772e7, 4.389088863e7
_HE_2S, _HE_2P, _HE_2S_T, _HE_2P_T = 1.66277434e7, 1.71134891e7, 1.5985597526e7, 1.690871466e7

# Rates in 1/s: two photons from 2s, and spontaneous emission from 2p of He. Cross sections in m^2.
_H_TWO_PHOTONS, _HE_TWO_PHOTONS = 8.2245809, 51.3
_HE_A, _HE_A_T = 1.798287e9, 177.58
_SIGMA, _SIGMA_T = 1.436289e-22, 1.484872e-22

_FUDGE_H, _FUDGE_HE = 1.125, 0.86
_GAUSSIANS = ((-0.14, 7.28, 0.18), (0.079, 6.73, 0.33))  # height, centre and width in ln(1+z)

_C = HBAR_C_EV_M / HBAR_EV_S  # m/s
_KELVIN = 2 * math.pi * HBAR_C_EV_M / BOLTZMANN_EV_PER_K  # h c/k_B, K m
_SAHA = ELECTRON_MASS_EV * BOLTZMANN_EV_PER_K / (2 * math.pi * HBAR_C_EV_M**2)
"""m_e k_B/(2 pi hbar^2) in 1/(K m^2)."""

_THOMSON_M2 = 8 * math.pi / 3 * (FINE_STRUCTURE * HBAR_C_EV_M / ELECTRON_MASS_EV) ** 2
_RADIATION_EV_M3 = math.pi**2 / 15 * BOLTZMANN_EV_PER_K**4 / HBAR_C_EV_M**3  # rho/T^4
_COMPTON = 8 / 3 * _THOMSON_M2 * _RADIATION_EV_M3 * _C / ELECTRON_MASS_EV  # 1/(s K^4)


@dataclass(frozen=True)
class Recombination:
    """Functions of z from 0 to `Z_MAX`, without reionisation, elementwise."""

    x_e: Callable[[Array], Array]
    """Electrons per hydrogen nucleus, with a relative error of about 1e-6."""
    matter_kelvin: Callable[[Array], Array]
    """Temperature of the gas: that of the radiation until z = 1700 or so."""


@lru_cache(maxsize=8)
def history(cosmology: Cosmology) -> Recombination:
    """The solution of the rate equations of one cosmology."""
    from scipy.integrate import solve_ivp  # slow to import, and few runs need it
    from scipy.interpolate import CubicSpline

    plasma = _Plasma(cosmology)

    def solve(rates: Rates, u: Array, start: list[float]) -> Array:
        # BDF, as equilibrium with radiation is much faster than the expansion.
        solution = solve_ivp(
            rates, (u[0], u[-1]), start, method="LSODA", t_eval=u, rtol=1e-8, atol=1e-11
        )
        if not solution.success:
            raise ArithmeticError(f"the rate equations of recombination: {solution.message}")
        return np.asarray(solution.y)

    # ln(1+z) falls along the solution. Hydrogen is in equilibrium at first.
    first = np.linspace(math.log1p(_Z_START), math.log1p(_Z_HYDROGEN), 801)
    helium = solve(plasma.helium_rates, first, [plasma.helium_saha(_Z_START)])[0]
    hydrogen = np.array([1 - plasma.neutral_saha(math.expm1(x)) for x in first])
    second = np.linspace(first[-1], 0.0, 3201)
    start = [hydrogen[-1], helium[-1], plasma.radiation(_Z_HYDROGEN)]
    x_h, x_he, matter = solve(plasma.rates, second, start)
    u = np.concatenate([first[:-1], second])
    late = np.concatenate([hydrogen[:-1], x_h]) + plasma.f_he * np.concatenate([helium[:-1], x_he])
    before = np.linspace(math.log1p(Z_MAX), u[0], 401)[:-1]
    early = [plasma.helium_plus_saha(math.expm1(x)) for x in before]
    spline = CubicSpline(
        np.concatenate([before, u])[::-1], np.log(np.concatenate([early, late]))[::-1]
    )
    gas = CubicSpline(second[::-1], np.log(matter)[::-1])

    def matter_kelvin(z: Array) -> Array:
        coupled = cosmology.cmb_kelvin * (1 + z)
        return np.where(z < _Z_HYDROGEN, np.exp(gas(np.minimum(np.log1p(z), second[0]))), coupled)

    return Recombination(lambda z: np.asarray(np.exp(spline(np.log1p(z)))), matter_kelvin)


class _Plasma:
    """The rates of one cosmology."""

    def __init__(self, cosmology: Cosmology) -> None:
        self.cosmology = cosmology
        self.f_he = cosmology.helium_per_hydrogen
        self.n_h0 = cosmology.hydrogen_per_m3

    def radiation(self, z: float) -> float:
        """Temperature of the photons, K."""
        return self.cosmology.cmb_kelvin * (1 + z)

    def helium_plus_saha(self, z: float) -> float:
        """x_e of equilibrium between He+ and He++, with all hydrogen ionised."""
        T, n = self.radiation(z), self.n_h0 * (1 + z) ** 3
        ratio = (_SAHA * T) ** 1.5 * math.exp(-_KELVIN * _HE_PLUS_ION / T) / n
        b = 1 + self.f_he
        # x_e = 1 + f (1 + y), y = share of He++, and x_e y/(1 - y) = ratio
        root = math.sqrt((b + ratio) ** 2 + 4 * self.f_he * ratio)
        return b + 2 * self.f_he * ratio / (b + ratio + root)

    def helium_saha(self, z: float) -> float:
        """Share of He+ in equilibrium with He, with all hydrogen ionised."""
        T, n = self.radiation(z), self.n_h0 * (1 + z) ** 3
        ratio = 4 * (_SAHA * T) ** 1.5 * math.exp(-_KELVIN * _HE_ION / T) / n
        root = math.sqrt((1 + ratio) ** 2 + 4 * self.f_he * ratio)
        return 2 * ratio / (1 + ratio + root)

    def neutral_saha(self, z: float) -> float:
        """Share of neutral hydrogen in equilibrium, once helium is neutral too or nearly so."""
        T, n = self.radiation(z), self.n_h0 * (1 + z) ** 3
        ratio = (_SAHA * T) ** 1.5 * math.exp(-_KELVIN * _H_ION / T) / n
        # 1 - x of x^2/(1 - x) = ratio, without a difference of large numbers
        return 2 / (2 + ratio + math.sqrt(ratio * (ratio + 4)))

    def helium_rates(self, u: float, state: Array) -> list[float]:
        """dx_He/d ln(1+z) while hydrogen is in equilibrium and matter as hot as radiation."""
        z, x_he = math.expm1(u), float(state[0])
        n, T, neutral = self.n_h0 * (1 + z) ** 3, self.radiation(z), self.neutral_saha(z)
        hubble = self.hubble(z)
        x = 1 - neutral + self.f_he * x_he
        return [_helium(x, x_he, neutral, n, n * self.f_he, T, hubble) / hubble]

    def rates(self, u: float, state: Array) -> list[float]:
        """d(x_H, x_He, T)/d ln(1+z)."""
        x_h, x_he, T = (float(value) for value in state)
        z = math.expm1(u)
        n, hubble = self.n_h0 * (1 + z) ** 3, self.hubble(z)
        x = x_h + self.f_he * x_he
        radiation = self.radiation(z)
        heating = _COMPTON * radiation**4 * x / (1 + x + self.f_he) / hubble
        return [
            _hydrogen(x, x_h, 1 - x_h, n, T, hubble, u) / hubble,
            _helium(x, x_he, 1 - x_h, n, n * self.f_he, T, hubble) / hubble,
            heating * (T - radiation) + 2 * T,
        ]

    def hubble(self, z: float) -> float:
        """H(z) in 1/s. The solver's last step may end a rounding below z = 0."""
        return float(hubble_per_second(max(z, 0.0), cosmology=self.cosmology))


def _hydrogen(
    x: float, x_h: float, neutral: float, n: float, T: float, hubble: float, u: float
) -> float:
    """Rate at which x_H falls, 1/s."""
    t = T / 1e4
    down = 1e-19 * 4.309 * t**-0.6166 / (1 + 0.6703 * t**0.53)
    up = down * (_SAHA * T) ** 1.5 * math.exp(-_KELVIN * (_H_ION - _H_ALPHA) / T)
    escape = 1 / (8 * math.pi * hubble * _H_ALPHA**3)
    escape *= 1 + sum(a * math.exp(-(((u - at) / width) ** 2)) for a, at, width in _GAUSSIANS)
    ground = escape * n * neutral  # over the rate of decays through Lyman alpha, per rate
    decays = 1 + ground * _H_TWO_PHOTONS
    net = x * x_h * n * down - up * neutral * math.exp(-_KELVIN * _H_ALPHA / T)
    return net * decays / (decays / _FUDGE_H + ground * up)


def _helium(
    x: float, x_he: float, neutral_h: float, n: float, n_he: float, T: float, hubble: float
) -> float:
    """Rate at which x_He falls, 1/s, through singlets and triplets."""
    neutral = max(1 - x_he, 1e-14)
    saha = (_SAHA * T) ** 1.5
    captures = x * x_he * n
    # singlets
    down = _verner_ferland(T, 10**-16.744, 0.711)
    up = 4 * down * saha * math.exp(-_KELVIN * (_HE_ION - _HE_2S) / T)
    leak = _escape(_HE_A, _HE_2P, n_he * neutral, hubble) + _absorbed(
        _HE_A, _HE_2P, _SIGMA, n_he * neutral / (n * neutral_h), T, factor=0.36, power=_FUDGE_HE
    )
    unboosted = math.exp(-_KELVIN * (_HE_2P - _HE_2S) / T)  # 2s and 2p are in equilibrium
    ground = 1 / (3 * leak)
    net = captures * down - up * neutral * math.exp(-_KELVIN * _HE_2S / T)
    decays = unboosted + ground * _HE_TWO_PHOTONS
    singlets = net * decays / (decays + ground * up)
    # triplets
    down_t = _verner_ferland(T, 10**-16.306, 0.761)
    up_t = down_t * saha * math.exp(-_KELVIN * (_HE_ION - _HE_2S_T) / T) * 4 / 3
    leak = (
        _escape(_HE_A_T, _HE_2P_T, n_he * neutral, hubble)
        + _absorbed(
            _HE_A_T, _HE_2P_T, _SIGMA_T, n_he * neutral / (n * neutral_h), T, factor=0.66, power=0.9
        )
        / 3
    )
    net = captures * down_t - 3 * up_t * neutral * math.exp(-_KELVIN * _HE_2S_T / T)
    ionised = 4 / 3 * down_t * saha * math.exp(-_KELVIN * (_HE_ION - _HE_2P_T) / T)
    return singlets + net * leak / (ionised + leak)


def _verner_ferland(T: float, scale: float, b: float) -> float:
    """Recombination coefficient of He in m^3/s (D. A. Verner, G. J. Ferland, ApJS 103, 467)."""
    cold, hot = math.sqrt(T / 3.0), math.sqrt(T / 10**5.114)
    return scale / (cold * (1 + cold) ** (1 - b) * (1 + hot) ** (1 + b))


def _escape(rate: float, line: float, neutral: float, hubble: float) -> float:
    """Rate of decays 2p -> 1s of He whose photon escapes by redshift (Sobolev), 1/s."""
    depth = 3 * rate * neutral / (8 * math.pi * hubble * line**3)
    return rate * -math.expm1(-depth) / depth


def _absorbed(
    rate: float, line: float, sigma: float, ratio: float, T: float, *, factor: float, power: float
) -> float:
    """The same whose photon ionises a hydrogen atom. ratio: neutral He per neutral H."""
    mass = HYDROGEN_MASS_EV * HELIUM_OVER_HYDROGEN_MASS / BOLTZMANN_EV_PER_K
    width = line * _C * math.sqrt(2 * T / mass)  # Doppler's, Hz
    gamma = 3 * rate * ratio / (math.sqrt(math.pi) * sigma * 8 * math.pi * width * line**2)
    return rate / (1 + factor * gamma**power)

"""Densities, pressures and the observables r, epsilon, b as functions of volume averages.

Everything is elementwise on floats or arrays of one shape. Averages are over the lattice, of
squares in program units; densities and pressures are in f^2/tau_osc^2, physical (not comoving).
Equation numbers: Choi, Kim, Sekiguchi, PRL 121, 031102 (2018).
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Values = TypeVar("Values", float, npt.NDArray[np.float64])


def rho_alp(theta_prime_sq: Values, grad_sq: Values, potential: Values, a: Values) -> Values:
    """<theta'^2>/(2 a^2) + <|grad theta|^2>/(2 a^2) + <V>."""
    return (theta_prime_sq + grad_sq) / (2 * a**2) + potential


def rho_gauge(E_sq: Values, B_sq: Values, a: Values) -> Values:
    """(<E^2> + <B^2>)/(2 a^4), with E = X' and B = curl X comoving."""
    return (E_sq + B_sq) / (2 * a**4)


def pressure_alp(theta_prime_sq: Values, grad_sq: Values, potential: Values, a: Values) -> Values:
    """<theta'^2>/(2 a^2) - <|grad theta|^2>/(6 a^2) - <V>: a third of the trace of the stress."""
    return theta_prime_sq / (2 * a**2) - grad_sq / (6 * a**2) - potential


def pressure_gauge(E_sq: Values, B_sq: Values, a: Values) -> Values:
    """A third of `rho_gauge`. The coupling to the ALP is topological and adds no stress."""
    return rho_gauge(E_sq, B_sq, a) / 3


def rho_massive(m2_X_sq: Values, m2_P_sq: Values, a: Values) -> Values:
    """m^2 <X^2>/(2 a^2) + m^2 <P^2>/(2 a^6): what a mass adds to `rho_gauge`, with P = a^2 A_0 for
    the comoving A_0."""
    return m2_X_sq / (2 * a**2) + m2_P_sq / (2 * a**6)


def rho_plasma(omega2_v_sq: Values, a: Values) -> Values:
    """<omega_p^2 v^2>/(2 a^2): kinetic energy of the cold fluid with the current a^2 omega_p^2
    v."""
    return omega2_v_sq / (2 * a**2)


def pressure_massive(
    m2_X_sq: Values, m2_P_sq: Values, slope_omega2_v_sq: Values, a: Values
) -> Values:
    """-m^2 <X^2>/(6 a^2) + m^2 <P^2>/(2 a^6) - <omega_p^2 v^2> s/(6 a^2), s = d ln(a omega_p^2)/d
    ln a.

    Of the fluid it is the rate at which its energy changes at given v: the pressure of one whose
    number is conserved (s = -2), and the energy it is given where omega_p is given.
    """
    return (-m2_X_sq - slope_omega2_v_sq) / (6 * a**2) + m2_P_sq / (2 * a**6)


def expansion_power(pressure: Values, a: Values, hub: Values) -> Values:
    """3 p a^3 (a'/a): the rate per conformal time at which expansion takes comoving energy.

    From d(a^3 rho)/dtau = -p d(a^3)/dtau. Zero in a static background. hub is a'/a.
    """
    return 3 * pressure * a**3 * hub


def energy_balance(energy: Values, energy_start: float, work: Values) -> Values:
    """(E - E_start + W)/E with E = a^3 rho and W the integral of `expansion_power` since the start.

    Zero for the exact equations. Its size is the energy that the time step has made or lost, as a
    share of what is there.
    """
    return (energy - energy_start + work) / energy


def relic_fraction(rho_phi: Values, rho_phi_free: Values) -> Values:
    """r = <rho_phi>/(rho_phi)_{g=0}, Eq. 17."""
    return rho_phi / rho_phi_free


def dark_radiation_fraction(rho_X: Values, rho_phi_free: Values, a: Values) -> Values:
    """epsilon = (a/a_osc) <rho_X>/(rho_phi)_{g=0}, Eq. 17; a in units of a_osc."""
    return a * rho_X / rho_phi_free


def magnetic_mixing_efficiency(rho_A: Values, rho_X: Values, g_AX: float) -> Values:
    """b = sqrt(<rho_A>/<rho_X>)/g_AX, Eq. 17. Raises ValueError for g_AX = 0."""
    if g_AX == 0:
        raise ValueError("b is defined per unit of the coupling AX, which is zero in this model")
    return (rho_A / rho_X) ** 0.5 / abs(g_AX)


def a_saturation(a: npt.NDArray[np.float64], epsilon: npt.NDArray[np.float64]) -> float:
    """The recorded scale factor at which epsilon is first within 10% of its final value.

    a and epsilon are the series, in order of time. Raises ValueError if they are empty, of
    different lengths, or end in a value that is not finite.
    """
    a, epsilon = np.asarray(a), np.asarray(epsilon)
    if a.ndim != 1 or a.shape != epsilon.shape or a.size == 0:
        raise ValueError(f"a and epsilon must be series of one length: {a.shape}, {epsilon.shape}")
    if not np.isfinite(epsilon[-1]):
        raise ValueError("the last epsilon of the series is not finite")
    near = np.abs(epsilon - epsilon[-1]) <= 0.1 * abs(epsilon[-1])
    return float(a[np.argmax(near)])

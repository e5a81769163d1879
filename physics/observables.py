"""Densities, traces and the observables r, epsilon, b as functions of volume averages.

Everything is elementwise on floats or arrays of one shape. Averages are over the lattice, of
squares in program units; densities and traces are in f^2/tau_osc^2, physical (not comoving).
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
    """(<E^2> + <B^2>)/(2 a^4), with E = X' and B = curl X comoving. Radiation: its trace is zero,
    and the coupling to the ALP, which is topological, adds none."""
    return (E_sq + B_sq) / (2 * a**4)


def trace_alp(theta_prime_sq: Values, grad_sq: Values, potential: Values, a: Values) -> Values:
    """rho - 3 p = (<|grad theta|^2> - <theta'^2>)/a^2 + 4 <V>: the trace of the stress-energy."""
    return (grad_sq - theta_prime_sq) / a**2 + 4 * potential


def rho_massive(m2_X_sq: Values, m2_P_sq: Values, a: Values) -> Values:
    """m^2 <X^2>/(2 a^2) + m^2 <P^2>/(2 a^6), the contribution of a mass to `rho_gauge`, with P =
    a^2 A_0 for the comoving A_0."""
    return m2_X_sq / (2 * a**2) + m2_P_sq / (2 * a**6)


def rho_plasma(omega2_v_sq: Values, a: Values) -> Values:
    """<omega_p^2 v^2>/(2 a^2): kinetic energy of the cold fluid with the current a^2 omega_p^2
    v."""
    return omega2_v_sq / (2 * a**2)


def trace_massive(m2_X_sq: Values, m2_P_sq: Values, slope_omega2_v_sq: Values, a: Values) -> Values:
    """rho - 3 p = m^2 <X^2>/a^2 - m^2 <P^2>/a^6 + s <omega_p^2 v^2>/(2 a^2), s = d ln(a^2
    omega_p^2)/d ln a, of a massive field and its fluid.

    For the fluid it is the rate at which a^4 rho changes at given v. If its number is conserved,
    this comes from its rest mass. Where omega_p is given, it is the energy given with it.
    """
    return m2_X_sq / a**2 - m2_P_sq / a**6 + slope_omega2_v_sq / (2 * a**2)


def expansion_power(trace: Values, a: Values, hub: Values) -> Values:
    """(3 p - rho) a^4 (a'/a): the rate per conformal time at which expansion takes conformal energy
    a^4 rho.

    From d(a^3 rho)/dtau = -p d(a^3)/dtau. Zero in a static background, and zero for radiation. hub
    is a'/a; trace is rho - 3 p.
    """
    return -trace * a**4 * hub


def energy_balance(energy: Values, energy_start: float, spent: Values) -> Values:
    """(E - E_start + W)/E with E = a^4 rho and W the integral of `expansion_power` since the start.

    Zero for the exact equations. Its size is the energy that the time step has made or lost, as a
    share of the energy now.
    """
    return (energy - energy_start + spent) / energy


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

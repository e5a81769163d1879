"""Whether the dark sector of dark QED thermalises: the least charge for every process.

A. Arvanitaki et al., "Dark QED from Inflation", Secs. 3.2.5, 3.3, 4, App. E. The rates are
estimates for a bath of temperature T:

    2 -> 2 (kinetic equilibrium):       n sigma v       = (3 zeta(3)/(2 pi^3)) e_D^4 T
    3 -> 2 (with it full equilibrium):  n^2 (sigma v^2) = (9 zeta(3)^2/(8 pi^7)) e_D^6 T  (Eq. 3.8)

with n = 3 zeta(3) T^3/pi^2. The paper prints no rate of 2 -> 2. This one, sigma v = 8 pi
alpha_D^2/T^2, reproduces both of its coefficients (Eqs. E.20b, E.20d). In a bath that has gathered
the modes' energy T = kappa (H H_I eta)^(1/2) (Eq. 3.9), so the rates gain on H as T falls, and what
matters is the last moment: T = m_psi for a light A', the decay of A' for a heavy one.

Masses and H_I are in GeV. Each function returns the least e_D, and raises ValueError for values
that are not positive.
"""

from __future__ import annotations

import math
from typing import Literal

from scipy.special import zeta

from darklat.physics.dark_qed.bath import check_positive, temperature_constant

Process = Literal["2->2", "3->2"]

PROCESSES: tuple[Process, ...] = ("2->2", "3->2")

_RATES: dict[Process, tuple[float, int]] = {
    "2->2": (3 * float(zeta(3)) / (2 * math.pi**3), 4),
    "3->2": (9 * float(zeta(3)) ** 2 / (8 * math.pi**7), 6),
}
"""Coefficient and power of e_D of the rate over T."""

DECAY = 1 / (12 * math.pi)
"""Gamma_A'/(e_D^2 m_A') of Eq. 3.12, alpha_D/3."""

PRINTED = {
    ("3->2", True): 3.5,
    ("2->2", True): 1.8,
    ("3->2", False): 3.1,
    ("2->2", False): 1.5,
}
"""Coefficients of Eqs. E.20a-E.20d by process and whether time dilation counts. The third is 3.27
from the rates above; the others agree: 3.45, 1.78, 1.51."""

PRINTED_LIGHT = 0.01
"""Coefficient of Eq. 3.11, which Eq. 3.8 makes .019."""


def rate_gev(temperature_gev: float, *, charge: float, process: Process) -> float:
    """Rate of a process in a bath in GeV: see the module."""
    check_positive(T=temperature_gev, e_D=charge)
    coefficient, power = _RATES[process]
    return coefficient * charge**power * temperature_gev


def charge_light_photon(
    *,
    mass_fermion_gev: float,
    hubble_inflation_gev: float,
    eta: float,
    process: Process,
    energy: float = 1.0,
) -> float:
    """e_D above which a process is faster than H at T_dark = m_psi.

    With 3 -> 2 this is Eq. 3.11, .0190 at 1 GeV, 6e13 GeV and eta = 6 (paper: .01).
    """
    check_positive(m_psi=mass_fermion_gev, H_I=hubble_inflation_gev, eta=eta)
    coefficient, power = _RATES[process]
    kappa = temperature_constant(energy=energy)
    hubble_over_T = mass_fermion_gev / (kappa**2 * hubble_inflation_gev * eta)
    return float((hubble_over_T / coefficient) ** (1 / power))


def charge_light_photon_printed(
    *, mass_fermion_gev: float, hubble_inflation_gev: float, eta: float
) -> float:
    """Eq. 3.11 as printed: .01 (m_psi/GeV)^(1/6) (6e13 GeV/H_I)^(1/6) (6/eta)^(1/6)."""
    check_positive(m_psi=mass_fermion_gev, H_I=hubble_inflation_gev, eta=eta)
    scale = mass_fermion_gev * 6e13 / hubble_inflation_gev * 6 / eta
    return float(PRINTED_LIGHT * scale ** (1 / 6))


def charge_heavy_photon(
    *,
    mass_photon_gev: float,
    hubble_inflation_gev: float,
    eta: float,
    process: Process,
    dilated: bool = True,
    energy: float = 1.0,
) -> float:
    """e_D above which a process is faster than H when A' decays: Eqs. E.20a-E.20d from the rates.

    A' decays at H = Gamma, or with time dilation (`dilated`) at H = Gamma m_A'/T (Eq. E.19 with
    pi^4 for its pi^2; E.20a and b have the right one).
    """
    check_positive(m_A=mass_photon_gev, H_I=hubble_inflation_gev, eta=eta)
    scale = mass_photon_gev / (hubble_inflation_gev * eta)
    ratio = charge_constant(process=process, dilated=dilated, energy=energy)
    return ratio * scale ** _exponent(process, dilated=dilated)


def charge_constant(*, process: Process, dilated: bool, energy: float = 1.0) -> float:
    """Factor of (m_A'/(H_I eta))^p in `charge_heavy_photon`. The printed one has 6 m_A' there."""
    coefficient, power = _RATES[process]
    kappa = temperature_constant(energy=energy)
    if dilated:
        # H/T = H^(1/2)/(kappa (H_I eta)^(1/2)), H = (Gamma m)^(2/3)/(kappa^2 H_I eta)^(1/3)
        right = DECAY ** (1 / 3) * kappa ** (-4 / 3)
        return float((right / coefficient) ** (1 / (power - 2 / 3)))
    return float((math.sqrt(DECAY) / (kappa * coefficient)) ** (1 / (power - 1)))


def charge_heavy_photon_printed(
    *,
    mass_photon_gev: float,
    hubble_inflation_gev: float,
    eta: float,
    process: Process,
    dilated: bool = True,
) -> float:
    """The same with the coefficients of Eqs. E.20a-E.20d as printed."""
    check_positive(m_A=mass_photon_gev, H_I=hubble_inflation_gev, eta=eta)
    scale = 6 * mass_photon_gev / (hubble_inflation_gev * eta)
    return PRINTED[process, dilated] * scale ** _exponent(process, dilated=dilated)


def _exponent(process: Process, *, dilated: bool) -> float:
    power = _RATES[process][1]
    return (2 / 3) / (power - 2 / 3) if dilated else 0.5 / (power - 1)


def hubble_at_decay_gev(
    *, mass_photon_gev: float, charge: float, hubble_inflation_gev: float, eta: float
) -> float:
    """H = Gamma_A' m_A'/T_dark in GeV: Eq. E.19 with pi^4. T_dark > m_A' is up to the caller."""
    check_positive(m_A=mass_photon_gev, e_D=charge, H_I=hubble_inflation_gev, eta=eta)
    width = DECAY * charge**2 * mass_photon_gev
    kappa = temperature_constant()
    return float(
        (width * mass_photon_gev) ** (2 / 3) / (kappa**2 * hubble_inflation_gev * eta) ** (1 / 3)
    )


def charge_critical(
    *, mass_fermion_gev: float, mass_photon_gev: float, hubble_inflation_gev: float
) -> float:
    """e_D above which the field of inflation exceeds the critical one: 2 pi m_psi^2/(m_A' H_I).

    The field is m_A' H_I/(2 pi) (Eq. 3.6), the critical one m_psi^2/e_D (Eq. B.1). There the
    cascade is exponential as soon as H < (e_D E)^(1/2), App. E.1.
    """
    check_positive(m_psi=mass_fermion_gev, m_A=mass_photon_gev, H_I=hubble_inflation_gev)
    return 2 * math.pi * mass_fermion_gev**2 / (mass_photon_gev * hubble_inflation_gev)


def hubble_cascade_gev(
    *, mass_photon_gev: float, charge: float, hubble_inflation_gev: float
) -> float:
    """H_casc = (e_D m_A' H_I/(2 pi))^(1/2) in GeV, at which a cascade can begin (Sec. 3.2.1)."""
    check_positive(m_A=mass_photon_gev, e_D=charge, H_I=hubble_inflation_gev)
    return math.sqrt(charge * mass_photon_gev * hubble_inflation_gev / (2 * math.pi))


def charge_positronium(*, mass_fermion_gev: float, xi: float) -> float:
    """e_D above which bound states of psi form, Eq. 5.3: .09 (xi/.01)^(1/8) (m_psi/GeV)^(1/4)."""
    check_positive(m_psi=mass_fermion_gev, xi=xi)
    return 0.09 * (xi / 1e-2) ** 0.125 * mass_fermion_gev**0.25

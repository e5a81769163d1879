"""The bath of a thermalised dark sector: e-folds of modes, its temperature, the limits of both.

A. Arvanitaki et al., "Dark QED from Inflation", Secs. 2.1 and 3.2.5, App. E.4. Inflation leaves
longitudinal dark photons. Every e-fold of modes inside the horizon has the same energy density, and
eta^2 of them have (Eq. 2.6)

    rho_dark = (H H_I eta/(2 pi))^2,     rho_SM = 3 H^2 m_Pl^2/(8 pi),     m_Pl = G^(-1/2).

Both fall alike, so a bath that thermalises has T_dark = xi T_SM with the constant xi of Eq. 3.10.

A mode inside the horizon has half the energy of Eq. 2.4, on which Eq. 2.6 rests (see
`proca.primordial_field`). `MODE_ENERGY` is that half: xi becomes 0.841 times Eq. 3.10. Functions
take `energy`, the share of Eq. 2.6, with the paper's 1 as default. Temperatures, masses and Hubble
rates are in GeV.
"""

from __future__ import annotations

import math
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from darklat.physics.units import EV_PER_GEV, REDUCED_PLANCK_MASS_EV

Array = npt.NDArray[np.float64]

PLANCK_MASS_GEV = math.sqrt(8 * math.pi) * REDUCED_PLANCK_MASS_EV / EV_PER_GEV
"""m_Pl = G^(-1/2), 1.2209e19 GeV, which the paper uses."""

HUBBLE_INFLATION_MAX_GEV = 6e13
"""The largest H_I that the paper considers: the bound on tensor modes of the CMB."""

MODE_ENERGY = 0.5
"""Energy of a mode inside the horizon over Eq. 2.4."""

DOF_PHOTON, DOF_FERMION = 3, 4
"""States of the dark photon with its longitudinal part, and of psi and its antiparticle."""

DOF_ENERGY = DOF_PHOTON + 7 / 8 * DOF_FERMION
"""G_*,infinity of Eq. 3.1a, 6.5: all of the dark sector relativistic, at one temperature."""

G_STAR_EARLY = 106.75
"""g_* of the Standard Model before the electroweak transition, as the paper takes it."""


class FromInflation(TypedDict):
    """Arguments that most functions of a bath take."""

    hubble_inflation_gev: float
    eta: float


class LightPoint(FromInflation):
    """The same with those of psi beside a light A'."""

    mass_fermion_gev: float
    charge: float


class HeavyPoint(FromInflation):
    """The same with those of a heavy A'."""

    mass_photon_gev: float
    charge: float


def eta_without_charges(*, hubble_inflation_gev: float, mass_photon_gev: float) -> float:
    """eta of Eq. E.4, with instantaneous reheating: modes that enter before H = m_A'.

    4.65 for H_I = 6e13 GeV and m_A' = 10 keV. Raises ValueError unless H_I > m_A' > 0.
    """
    return _eta(hubble_inflation_gev, mass_photon_gev, "m_A'", 0.5)


def eta_with_charges(
    *, hubble_inflation_gev: float, mass_fermion_gev: float, x_freeze_out: float
) -> float:
    """eta of Eq. E.5, with instantaneous reheating: modes that enter before psi freezes out.

    5.57 for H_I = 6e13 GeV, m_psi = 10 GeV and x_fo = 4.80. The paper's k_end/k_fo is H_I x/m_psi.
    Eqs. 2.5 and 3.10 give 0.81 of it for eta = 6, which is 0.02 in eta: see `eta_to_temperature`.
    Raises ValueError unless H_I > m_psi/x_fo > 0.
    """
    return _eta(hubble_inflation_gev, mass_fermion_gev / x_freeze_out, "m_psi/x_fo", 1.0)


def eta_to_temperature(
    *, hubble_inflation_gev: float, temperature_sm_gev: float, g_star: float
) -> float:
    """eta of Eq. 2.5 with instantaneous reheating: modes that enter while T_SM is above a value.

    In the radiation era a H ~ H^(1/2) at constant g_*, so eta^2 = ln(H_I/H)/2. Raises ValueError
    unless H_I > H(T_SM) > 0.
    """
    hubble = hubble_gev(temperature_gev=temperature_sm_gev, g_star=g_star)
    return _eta(hubble_inflation_gev, hubble, "H(T_SM)", 0.5)


def hubble_gev(*, temperature_gev: float, g_star: float) -> float:
    """H of radiation at temperature T: (4 pi^3 g_*/45)^(1/2) T^2/m_Pl."""
    return math.sqrt(4 * math.pi**3 * g_star / 45) * temperature_gev**2 / PLANCK_MASS_GEV


def xi(
    *,
    hubble_inflation_gev: float,
    eta: float,
    g_star: float = G_STAR_EARLY,
    dof: float = DOF_ENERGY,
    energy: float = 1.0,
) -> float:
    """T_dark/T_SM of Eq. 3.10, (2 g_*/(3 pi G_*))^(1/4) (H_I eta/m_Pl)^(1/2).

    7.42e-3 for H_I = 6e13 GeV and eta = 6. g_* is of the Standard Model and G_* (`dof`) of the dark
    sector while its bath gathers the modes' energy. Raises ValueError for values that are not
    positive.
    """
    check_positive(H_I=hubble_inflation_gev, eta=eta, g_star=g_star, dof=dof, energy=energy)
    return (energy * 2 * g_star / (3 * math.pi * dof)) ** 0.25 * math.sqrt(
        hubble_inflation_gev * eta / PLANCK_MASS_GEV
    )


def temperature_gev(
    hubble: npt.ArrayLike,
    *,
    hubble_inflation_gev: float,
    eta: float,
    dof: float = DOF_ENERGY,
    energy: float = 1.0,
) -> Array:
    """T_dark at a Hubble rate in GeV, elementwise: Eq. 3.9 at any time.

    (15 H^2 H_I^2 eta^2/(2 pi^4 G_*))^(1/4), where Eq. 3.9 has H = m_A'. Raises
    ValueError as `xi`.
    """
    constant = temperature_constant(dof=dof, energy=energy)
    check_positive(H_I=hubble_inflation_gev, eta=eta)
    return np.asarray(constant * np.sqrt(hubble_inflation_gev * eta * np.asarray(hubble)))


def temperature_constant(*, dof: float = DOF_ENERGY, energy: float = 1.0) -> float:
    """kappa of T_dark = kappa (H H_I eta)^(1/2), Eq. 3.9: .330. Raises ValueError as `xi`."""
    check_positive(dof=dof, energy=energy)
    return (energy * 15 / (2 * math.pi**4 * dof)) ** 0.25


def check_positive(**values: float) -> None:
    """Raise ValueError, with its name, for a value that is not finite and positive."""
    for name, value in values.items():
        if not (value > 0 and math.isfinite(value)):
            raise ValueError(f"{name} must be finite and positive, not {value}")


def _eta(start: float, end: float, name: str, share: float) -> float:
    check_positive(H_I=start, **{name: end})
    if end >= start:
        raise ValueError(
            f"no mode enters the horizon between H_I = {start:.3g} GeV and {name} = {end:.3g} GeV"
        )
    return math.sqrt(share * math.log(start / end))

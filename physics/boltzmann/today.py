"""From the yield of a relic to its density of today."""

from __future__ import annotations

from darklat.physics.units import CRITICAL_DENSITY_PER_H2_EV4, EV_PER_GEV, HBAR_C_EV_M

OMEGA_DARK_MATTER_H2 = 0.12
"""Omega h^2 of all dark matter (Planck 2018, A&A 641, A6)."""

ENTROPY_TODAY_GEV3 = 2891.2 * (HBAR_C_EV_M * 100 / EV_PER_GEV) ** 3
"""s_0 = 2891.2 cm^-3 at 2.7255 K (Workman et al., PTEP 2022, 083C01): g_s = 43/11. The fits of
`thermal.degrees` have 3.931 today, because neutrinos are heated a little: Omega would be 0.56%
larger."""

CRITICAL_GEV4 = CRITICAL_DENSITY_PER_H2_EV4 / EV_PER_GEV**4
"""Critical density over h^2."""


def omega_h2(yield_: float, *, mass: float) -> float:
    """Omega h^2 of particles of `mass` GeV that are non-relativistic today, with n = Y s."""
    return mass * yield_ * ENTROPY_TODAY_GEV3 / CRITICAL_GEV4


def yield_for(omega: float, *, mass: float) -> float:
    """The yield with which particles of `mass` GeV have this Omega h^2."""
    return omega * CRITICAL_GEV4 / (mass * ENTROPY_TODAY_GEV3)


def delta_neff(*, states: float, temperature_ratio: float) -> float:
    """Relativistic bosons at temperature_ratio = T/T_gamma today, as a number of neutrino species.

    rho_boson/rho_nu with rho_nu = (7/8)(4/11)^(4/3) rho_gamma; fermions count 7/8 of a state each.
    """
    return 4 * states / 7 * (11 / 4) ** (4 / 3) * temperature_ratio**4

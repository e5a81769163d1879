"""Gravitational waves: the equations of the lattice, and their energy then and today.

With ds^2 = a^2 [dtau^2 - (delta_ij + h_ij) dx_i dx_j] and h = 2 (f/M_Pl)^2 u, transverse and
traceless,

    u'' + 2 hub u' - lap u = S^TT/a^2,      hub = a'/a
    S_ij = a^2 d_i theta d_j theta - sum (E_i E_j + B_i B_j) + a^2 (m^2 X_i X_j + omega_p^2 v_i v_j)
    Omega_GW = (f/M_Pl)^4 <u'_ij u'_ij>/(3 hub^2)

Program units; docs/physics/gravitational-waves.md has the sources.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from darklat.physics.thermal.radiation import epoch, is_known
from darklat.physics.units import (
    CRITICAL_DENSITY_PER_H2_EV4,
    EV_PER_GEV,
    HBAR_EV_S,
    REDUCED_PLANCK_MASS_EV,
    T0_EV,
    ProgramUnits,
)

Array = npt.NDArray[np.float64]

SAMPLING = 0.8
"""Conformal time between two samples of the source, in dx, up to which the spectrum is converged:
the energy changes by a permille when it is halved (docs/physics/gravitational-waves.md)."""

PHOTONS_TODAY = math.pi**2 / 15 * T0_EV**4 / CRITICAL_DENSITY_PER_H2_EV4
"""Omega_gamma h^2."""


def strength(units: ProgramUnits) -> float:
    """(f/M_Pl)^4: 2.84e-10 for f = 1e16 GeV."""
    return float((units.field_GeV * EV_PER_GEV / REDUCED_PLANCK_MASS_EV) ** 4)


def critical(hubble: float) -> float:
    """Critical density of <u'_ij u'_ij>, where hub = a'/a has this value. In a static background,
    which has none, it is that of hub = 1/tau_osc."""
    return 3 * (hubble or 1.0) ** 2


@dataclass(frozen=True)
class WavesToday:
    """How waves inside the horizon come to today.

    share: Omega_GW h^2 today over Omega_GW times a'^2 of the run (da/dtau). frequency_Hz: today,
    of a wave of comoving wave number 1/tau_osc.
    """

    share: float
    frequency_Hz: float


def today(units: ProgramUnits, *, radiation_hubble: float | None) -> WavesToday | None:
    """From the time at which a = 1, with the g_*(T) of the Standard Model; None where there is no
    radiation, or it is hotter then than g_* is known.

    radiation_hubble: H of the radiation over that of all at a = 1 (1 in the radiation era). Waves
    and radiation are both ~ a^-4, and entropy is conserved. Neutrinos that stream freely, which
    damp waves that enter the horizon after 1 MeV, are left out.
    """
    if radiation_hubble is None or not is_known(units.hubble_eV * radiation_hubble):
        return None
    then = epoch(mass_eV=units.hubble_eV * radiation_hubble, oscillation_condition=1.0)
    # rho_radiation/rho_photons is g_energy/2 then; photons have cooled less than 1/a until today
    cooled = (then.T_osc_eV * then.a_osc_over_a0 / T0_EV) ** 4
    return WavesToday(
        share=PHOTONS_TODAY * then.g_energy / 2 * cooled / radiation_hubble**2,
        frequency_Hz=units.hubble_eV * then.a_osc_over_a0 / (2 * math.pi * HBAR_EV_S),
    )

"""How many modes enter a radiation era that begins with a given reheating temperature.

A. Arvanitaki et al., "Dark QED from Inflation", Eq. 2.5 and App. H.1: eta^2 counts e-folds of k
from the end of reheating on, so that a late one changes xi by a logarithm. Modes that entered
before have redshifted away. It must end before the relic freezes out. Energies are in GeV.
"""

from __future__ import annotations

from darklat.physics.dark_qed import bath
from darklat.physics.thermal import g_energy
from darklat.physics.thermal.degrees import T_MAX_GEV


def hubble_gev(*, reheating_temperature_gev: float, hubble_inflation_gev: float) -> float:
    """H at the end of reheating. Raises ValueError above H_I, and above the tables of g_*."""
    if reheating_temperature_gev > T_MAX_GEV:
        raise ValueError(
            f"T_rh = {reheating_temperature_gev:.3g} GeV is above {T_MAX_GEV:g} GeV, where the "
            "tables of g_* end"
        )
    hubble = bath.hubble_gev(
        temperature_gev=reheating_temperature_gev, g_star=float(g_energy(reheating_temperature_gev))
    )
    if hubble > hubble_inflation_gev:
        raise ValueError(
            f"reheating to {reheating_temperature_gev:.3g} GeV ends with H = {hubble:.3g} GeV, "
            f"above H_I = {hubble_inflation_gev:.3g} GeV; an instantaneous one is the hottest"
        )
    return hubble


def eta(*, hubble_end_gev: float, temperature_sm_gev: float) -> float:
    """eta of Eq. 2.5, from the end of reheating to T_SM.

    Raises ValueError where less than an e-fold of modes enters (eta < 1), in which case the bath
    has not gathered Eq. 2.6.
    """
    g = float(g_energy(temperature_sm_gev))
    last = bath.hubble_gev(temperature_gev=temperature_sm_gev, g_star=g)
    if last >= hubble_end_gev:
        raise ValueError(
            f"reheating ends with H = {hubble_end_gev:.3g} GeV, after the relic froze out at "
            f"T_SM = {temperature_sm_gev:.3g} GeV with H = {last:.3g} GeV"
        )
    found = bath.eta_to_temperature(
        hubble_inflation_gev=hubble_end_gev, temperature_sm_gev=temperature_sm_gev, g_star=g
    )
    if found < 1:
        raise ValueError(
            f"eta = {found:.3g}: less than one e-fold of modes enters between reheating and "
            f"T_SM = {temperature_sm_gev:.3g} GeV, and Eq. 2.6 needs one"
        )
    return found

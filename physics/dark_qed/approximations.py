"""The closed forms for one point beside its numerical density, each with its range of validity.

Regimes follow A. Arvanitaki et al., "Dark QED from Inflation", Secs. 4.1 and 4.2. For a light A':

- thermal: 3 -> 2 processes are faster than H at T_dark = m_psi (Eq. 3.11), and psi is a thermal
  relic;
- kinetic: 2 -> 2 processes are and 3 -> 2 ones are not; the paper expects factors of order one;
- decoupled: neither is. A thermal abundance of psi is then an assumption.

For a heavy A' the same processes are compared with H when A' decays, with time dilation (E.20).
Masses and H_I are in GeV.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from darklat.physics.dark_qed import closed_forms, thermalisation
from darklat.physics.dark_qed.bath import FromInflation

Regime = Literal["thermal", "kinetic", "decoupled"]

LIGHT = 0.1
"""Largest m_A'/m_psi of a light A'; its corrections, of order of the square, are left out."""

HEAVY = 2.0
"""m_A'/m_psi above which A' decays to psi."""

FREE = 1.0
"""e_D over 2 pi m_psi^(5/4)/(m_A'^(1/4) H_I) below which chi < 1 throughout (App. E.7)."""


def check_light(*, mass_fermion_gev: float, mass_photon_gev: float) -> None:
    """Raise ValueError unless m_A' is below m_psi: between there and 2 m_psi is neither case."""
    if not mass_photon_gev < mass_fermion_gev:
        raise ValueError(
            f"a light A' has m_A' < m_psi = {mass_fermion_gev:.3g} GeV, not {mass_photon_gev:.3g} "
            f"GeV; above 2 m_psi it is a heavy one, and between them neither"
        )


def check_heavy(*, mass_fermion_gev: float, mass_photon_gev: float) -> None:
    """Raise ValueError unless A' decays into two psi."""
    if not mass_photon_gev > HEAVY * mass_fermion_gev:
        raise ValueError(
            f"a heavy A' has m_A' > 2 m_psi = {2 * mass_fermion_gev:.3g} GeV, not "
            f"{mass_photon_gev:.3g} GeV: its decay is closed"
        )


@dataclass(frozen=True)
class Approximation:
    """A closed form at one point."""

    equation: str
    """Such as "4.6"."""
    meaning: str
    omega: float | None
    """None where the formula has no value."""
    valid: bool
    """Whether the point is in its range."""
    reason: str
    """Why it is not; empty where it is."""

    def over(self, omega: float) -> float | None:
        """The closed form over a density."""
        return None if self.omega is None else self.omega / omega


def regime_light(
    *, mass_fermion_gev: float, charge: float, hubble_inflation_gev: float, eta: float
) -> Regime:
    """Of psi with a light A'."""
    least = {
        process: thermalisation.charge_light_photon(
            mass_fermion_gev=mass_fermion_gev,
            hubble_inflation_gev=hubble_inflation_gev,
            eta=eta,
            process=process,
        )
        for process in thermalisation.PROCESSES
    }
    return _regime(charge, least)


def regime_heavy(
    *, mass_photon_gev: float, charge: float, hubble_inflation_gev: float, eta: float
) -> Regime:
    """Of psi with an A' that decays."""
    least = {
        process: thermalisation.charge_heavy_photon(
            mass_photon_gev=mass_photon_gev,
            hubble_inflation_gev=hubble_inflation_gev,
            eta=eta,
            process=process,
        )
        for process in thermalisation.PROCESSES
    }
    return _regime(charge, least)


def _regime(charge: float, least: dict[thermalisation.Process, float]) -> Regime:
    if charge >= least["3->2"]:
        return "thermal"
    return "kinetic" if charge >= least["2->2"] else "decoupled"


def light(
    *, mass_fermion_gev: float, charge: float, hubble_inflation_gev: float, eta: float
) -> list[Approximation]:
    """Eqs. 4.6, 4.6 recomputed and 4.7 at a point with a light A'."""
    values: FromInflation = {"hubble_inflation_gev": hubble_inflation_gev, "eta": eta}
    regime = regime_light(mass_fermion_gev=mass_fermion_gev, charge=charge, **values)
    cold = ""
    printed: float | None = None
    recomputed: float | None = None
    try:
        printed = closed_forms.omega_cold(
            mass_fermion_gev=mass_fermion_gev, charge=charge, **values
        )
        recomputed = closed_forms.omega_cold_recomputed(
            mass_fermion_gev=mass_fermion_gev, charge=charge, **values
        )
    except ValueError as error:
        cold = str(error)
    if not cold and regime != "thermal":
        cold = "3 -> 2 processes are slower than H at T_dark = m_psi (Eq. 3.11)"
    hot = closed_forms.omega_hot(mass_fermion_gev=mass_fermion_gev, **values)
    warm = "" if regime == "decoupled" else "psi annihilates: 2 -> 2 processes are faster than H"
    return [
        Approximation("4.6", "cold relic, as printed", printed, not cold, cold),
        Approximation("4.6*", "cold relic, recomputed", recomputed, not cold, cold),
        Approximation("4.7", "hot relic, as printed", hot, not warm, warm),
    ]


def heavy(
    *,
    mass_fermion_gev: float,
    mass_photon_gev: float,
    charge: float,
    hubble_inflation_gev: float,
    eta: float,
) -> list[Approximation]:
    """Eqs. 4.10 and E.21 at a point with a heavy A'."""
    values: FromInflation = {"hubble_inflation_gev": hubble_inflation_gev, "eta": eta}
    regime = regime_heavy(mass_photon_gev=mass_photon_gev, charge=charge, **values)
    slow = "3 -> 2 processes are slower than H when A' decays (Eq. E.20a)"
    fast = "strong fields reduce the number of A' before they decay (App. E.7)"
    free = charge < FREE * 2 * math.pi * mass_fermion_gev**1.25 / (
        mass_photon_gev**0.25 * hubble_inflation_gev
    )
    early = closed_forms.omega_heavy_photon(mass_fermion_gev=mass_fermion_gev, **values)
    none = closed_forms.omega_without_interactions(
        mass_fermion_gev=mass_fermion_gev, mass_photon_gev=mass_photon_gev, **values
    )
    thermal = regime == "thermal"
    return [
        Approximation(
            "4.10", "thermal before the decay of A'", early, thermal, "" if thermal else slow
        ),
        Approximation("E.21", "no interaction at all", none, free, "" if free else fast),
    ]

"""Where the numbers of dark QED's relics cannot be trusted: a key of the configuration, and why.

Thermalisation, the count of modes, reheating, kinetic mixing, strong coupling: equation numbers of
A. Arvanitaki et al., "Dark QED from Inflation".
"""

from __future__ import annotations

from darklat.analysis.relics.dark_qed_solution import HeavySolution, LightSolution
from darklat.physics.dark_qed import (
    approximations,
    bath,
    graviton_exchange,
    kinetic_mixing,
    thermalisation,
)
from darklat.physics.dark_qed.approximations import Regime
from darklat.schema.relic_dark_qed import DarkQedHeavyKeys, DarkQedKeys, DarkQedLightKeys

Doubt = tuple[str, str]

_ROUNDING = 0.02  # of a given eta, over that of the modes

_STRONG = 1.0
"""e_D above which corrections of order e_D^2/2 at freeze-out are not small."""


def light(config: DarkQedLightKeys, solution: LightSolution, regime: Regime) -> list[Doubt]:
    """Doubts about psi beside a light A'."""
    point = solution.point
    charge, eta = point["charge"], point["eta"]
    least = {
        process: thermalisation.charge_light_photon(
            mass_fermion_gev=config.mass_fermion_GeV,
            hubble_inflation_gev=config.hubble_inflation_GeV,
            eta=eta,
            process=process,
        )
        for process in thermalisation.PROCESSES
    }
    found = [
        *_not_thermal(charge, least, regime, when="T_dark = m_psi"),
        *_bath(config, eta=eta, modes=solution.modes, T_last=solution.T_last),
    ]
    if config.mass_photon_GeV > approximations.LIGHT * config.mass_fermion_GeV:
        share = config.mass_photon_GeV / config.mass_fermion_GeV
        found.append(
            (
                "mass_photon_GeV",
                f"m_A'/m_psi = {share:.2g}, and corrections of order of its square are left out; "
                f"they are small below {approximations.LIGHT:g}",
            )
        )
    critical = thermalisation.charge_critical(
        mass_fermion_gev=config.mass_fermion_GeV,
        mass_photon_gev=config.mass_photon_GeV,
        hubble_inflation_gev=config.hubble_inflation_GeV,
    )
    if charge < critical:
        found.append(
            (
                "mass_photon_GeV",
                f"the dark electric field is below the critical one, since e_D = {charge:.3g} is "
                f"below {critical:.3g} (3.6, B.1); the cascade that makes psi begins late (App. "
                "E.1)",
            )
        )
    if charge > _STRONG:
        found.append(("charge", f"e_D = {charge:.3g} is strong; attraction is left out"))
    xi = bath.xi(hubble_inflation_gev=config.hubble_inflation_GeV, eta=eta)
    bound = thermalisation.charge_positronium(mass_fermion_gev=config.mass_fermion_GeV, xi=xi)
    if charge > bound:
        found.append(
            ("charge", f"bound states of psi form above e_D = {bound:.3g} (5.3) and annihilate")
        )
    if config.epsilon:
        mass = config.mass_fermion_GeV
        largest = (
            kinetic_mixing.largest_coupling(mass_fermion_gev=mass)
            if mass >= kinetic_mixing.ELECTRON_GEV
            else None
        )
        found += _mixing(config.epsilon * charge, largest, "F.7")
    return found


def heavy(config: DarkQedHeavyKeys, solution: HeavySolution, regime: Regime) -> list[Doubt]:
    """Doubts about psi from a heavy A'."""
    eta = solution.point["eta"]
    least = {
        process: thermalisation.charge_heavy_photon(
            mass_photon_gev=config.mass_photon_GeV,
            hubble_inflation_gev=config.hubble_inflation_GeV,
            eta=eta,
            process=process,
        )
        for process in thermalisation.PROCESSES
    }
    found = [
        *_not_thermal(config.charge, least, regime, when="the decay of A'"),
        *_bath(config, eta=eta, modes=solution.modes, T_last=solution.found.T_sm_gev),
    ]
    if config.epsilon:
        fermion, photon = config.mass_fermion_GeV, config.mass_photon_GeV
        largest = (
            kinetic_mixing.largest_coupling_heavy_photon(
                mass_fermion_gev=fermion, mass_photon_gev=photon
            )
            if photon >= kinetic_mixing.ELECTRON_GEV
            else None
        )
        found += _mixing(config.epsilon * config.charge, largest, "F.9")
    return found


def _not_thermal(
    charge: float, least: dict[thermalisation.Process, float], regime: Regime, *, when: str
) -> list[Doubt]:
    if regime == "kinetic":
        said = (
            f"e_D = {charge:.3g} keeps 3 -> 2 processes slower than H until {when}; they need "
            f"{least['3->2']:.3g}. Factors of order one in Omega are uncertain"
        )
    elif regime == "decoupled":
        said = (
            f"e_D = {charge:.3g} does not thermalise the dark sector: 2 -> 2 processes need "
            f"{least['2->2']:.3g} at {when}. A thermal abundance is an assumption here"
        )
    else:
        return []
    return [("charge", said)]


def _bath(config: DarkQedKeys, *, eta: float, modes: float, T_last: float) -> list[Doubt]:
    found = []
    if eta > modes * (1 + _ROUNDING):
        found.append(
            (
                "eta",
                f"eta = {eta:.3g} counts more modes than enter between reheating and T_SM = "
                f"{T_last:.3g} GeV, eta = {modes:.3g} (2.5)",
            )
        )
    hottest = graviton_exchange.instantaneous_temperature_gev(config.hubble_inflation_GeV)
    given = config.reheating_temperature_GeV
    T_rh = hottest if isinstance(given, str) else given
    injected = graviton_exchange.injected_over_dark(
        reheating_temperature_gev=T_rh, hubble_inflation_gev=config.hubble_inflation_GeV, eta=eta
    )
    if injected > 1:
        found.append(
            (
                "reheating_temperature_GeV",
                f"gravitons bring {injected:.3g} times the energy of inflation into the dark "
                f"sector at T_rh = {T_rh:.3g} GeV (H.16)",
            )
        )
    return found


def _mixing(coupling: float, largest: float | None, equation: str) -> list[Doubt]:
    if largest is None:
        return [
            (
                "epsilon",
                f"below the mass of the electron, {kinetic_mixing.ELECTRON_GEV:.3g} GeV, plasmons "
                "make dark fermions; App. F leaves them out",
            )
        ]
    if coupling > largest:
        return [
            (
                "epsilon",
                f"epsilon e_D = {coupling:.3g} is above {largest:.3g} ({equation}): the Standard "
                "Model makes more dark fermions than all dark matter",
            )
        ]
    return []

"""psi of dark QED at one point of a configuration: its charge, its eta, and its history.

eta of the modes depends on when the relic freezes out, and that hardly on eta: both are found
together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from darklat.analysis.papers.picture import blaming
from darklat.errors import BadValueError
from darklat.physics.dark_qed import freeze_out, heavy_photon, reheated
from darklat.physics.dark_qed.bath import HeavyPoint, LightPoint
from darklat.schema.relic_dark_qed import DarkQedHeavyKeys, DarkQedKeys, DarkQedLightKeys

_FIRST_ETA = 5.5
_SAME_ETA = 1e-4  # of eta, of which Omega is a power of 1/2 to 3/2
_TRIES = 40  # eta is known to three digits after the second


@dataclass(frozen=True)
class LightSolution:
    """psi beside a light A'."""

    point: LightPoint
    found: freeze_out.Relic
    modes: float
    """eta of the modes; that of the point where it is not given."""
    T_last: float
    """T_SM at freeze-out, and at T_dark = m_psi for a hot relic, GeV."""


@dataclass(frozen=True)
class HeavySolution:
    """psi from a heavy A'."""

    point: HeavyPoint
    found: heavy_photon.Decayed
    modes: float


def light(config: DarkQedLightKeys) -> LightSolution:
    """Raises BadValueError."""
    end = _end_of_reheating(config)
    given = config.eta
    eta = _FIRST_ETA if isinstance(given, str) else given
    for _ in range(_TRIES):
        point = LightPoint(
            mass_fermion_gev=config.mass_fermion_GeV,
            charge=_charge(config, eta),
            hubble_inflation_gev=config.hubble_inflation_GeV,
            eta=eta,
        )
        with blaming("mass_fermion_GeV"):
            found = freeze_out.relic(**point)
        T_last = _last_contact(found)
        modes = _modes(config, end, T_last)
        if not isinstance(given, str) or abs(modes - eta) < _SAME_ETA * eta:
            return LightSolution(point, found, modes, T_last)
        eta = modes
    raise _unsettled(eta)


def heavy(config: DarkQedHeavyKeys) -> HeavySolution:
    """Raises BadValueError."""
    end = _end_of_reheating(config)
    given = config.eta
    eta = _FIRST_ETA if isinstance(given, str) else given
    for _ in range(_TRIES):
        point = HeavyPoint(
            mass_photon_gev=config.mass_photon_GeV,
            charge=config.charge,
            hubble_inflation_gev=config.hubble_inflation_GeV,
            eta=eta,
        )
        with blaming("charge"):
            found = heavy_photon.relic(mass_fermion_gev=config.mass_fermion_GeV, **point)
        modes = _modes(config, end, found.T_sm_gev)
        if not isinstance(given, str) or abs(modes - eta) < _SAME_ETA * eta:
            return HeavySolution(point, found, modes)
        eta = modes
    raise _unsettled(eta)


def _unsettled(eta: float) -> BadValueError:
    return BadValueError(
        "eta", ValueError(f"the modes do not settle near {eta:.4g}; give eta as a number")
    )


def _end_of_reheating(config: DarkQedKeys) -> float:
    """H in GeV from which modes count. Raises BadValueError for a reheating above H_I."""
    if isinstance(config.reheating_temperature_GeV, str):
        return config.hubble_inflation_GeV
    with blaming("reheating_temperature_GeV"):
        return reheated.hubble_gev(
            reheating_temperature_gev=config.reheating_temperature_GeV,
            hubble_inflation_gev=config.hubble_inflation_GeV,
        )


def _modes(config: DarkQedKeys, end: float, T_last: float) -> float:
    """eta of Eq. 2.5. Raises BadValueError where reheating ends later than T_last."""
    with blaming(
        "hubble_inflation_GeV"
        if isinstance(config.reheating_temperature_GeV, str)
        else "reheating_temperature_GeV"
    ):
        return reheated.eta(hubble_end_gev=end, temperature_sm_gev=T_last)


def _charge(config: DarkQedLightKeys, eta: float) -> float:
    if not isinstance(config.charge, str):
        return config.charge
    with blaming("mass_fermion_GeV"):
        found = freeze_out.charge_for_dark_matter(
            mass_fermion_gev=config.mass_fermion_GeV,
            hubble_inflation_gev=config.hubble_inflation_GeV,
            eta=eta,
        )
        if found is None:
            lightest = freeze_out.lightest_dark_matter_gev(
                hubble_inflation_gev=config.hubble_inflation_GeV, eta=eta
            )
            raise ValueError(
                f"psi is dark matter from {lightest:.3g} GeV on, where it is a hot relic; no "
                "charge makes more"
            )
        if found > freeze_out.CHARGE_MAX:
            raise ValueError(
                f"psi would need e_D = {found:.3g} to be dark matter, above "
                f"{freeze_out.CHARGE_MAX:.3g}, where alpha_D is one"
            )
    return found


def _last_contact(found: freeze_out.Relic) -> float:
    """T_SM in GeV at freeze-out, and at T_dark = m_psi for a hot relic."""
    x = 1.0 if found.x_freeze_out is None else max(found.x_freeze_out, 1.0)
    return math.exp(float(np.interp(math.log(x), np.log(found.x), np.log(found.T_sm_gev))))

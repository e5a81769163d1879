"""psi of dark QED with a heavy A', m_A' > 2 m_psi: each A' of the thermal bath becomes two psi.

A. Arvanitaki et al., "Dark QED from Inflation", Secs. 3.3 and 4.2. Once the bath is thermal n_psi +
2 n_A' is conserved in a comoving volume, whether A' decays at H = Gamma_A' m_A'/T_dark (Eq. E.19)
or not before T_dark falls below m_A'. Densities are those of quantum statistics with both masses,
at that moment or at T_dark = m_A', whichever is earlier. Masses and H_I are in GeV.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from darklat.physics import boltzmann
from darklat.physics.dark_qed import bath, closed_forms, freeze_out, thermalisation
from darklat.physics.dark_qed.approximations import check_heavy
from darklat.physics.thermal.degrees import T_MAX_GEV

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Decayed:
    """What is left of a bath with a heavy A'."""

    T_dark_gev: float
    """Where the number is counted."""
    T_sm_gev: float
    xi: float
    photons_over_fermions: float
    """n_A'/n_psi there, psi with its antiparticle; 1 if both are relativistic."""
    yield_end: float
    """(n_psi + 2 n_A')/s of the Standard Model."""
    omega: float


def relic(
    *,
    mass_fermion_gev: float,
    mass_photon_gev: float,
    charge: float,
    hubble_inflation_gev: float,
    eta: float,
    energy: float = 1.0,
) -> Decayed:
    """The density of psi. Raises ValueError unless m_A' > 2 m_psi, and as `freeze_out.start`."""
    check_heavy(mass_fermion_gev=mass_fermion_gev, mass_photon_gev=mass_photon_gev)
    hubble = thermalisation.hubble_at_decay_gev(
        mass_photon_gev=mass_photon_gev,
        charge=charge,
        hubble_inflation_gev=hubble_inflation_gev,
        eta=eta,
    )
    T_dark = float(
        bath.temperature_gev(
            hubble, hubble_inflation_gev=hubble_inflation_gev, eta=eta, energy=energy
        )
    )
    T_dark = max(T_dark, mass_photon_gev)
    T_sm, xi = freeze_out.start(
        T_dark_gev=T_dark, hubble_inflation_gev=hubble_inflation_gev, eta=eta, energy=energy
    )
    psi = boltzmann.Species(mass_fermion_gev, bath.DOF_FERMION, "fermi")
    photon = boltzmann.Species(mass_photon_gev, bath.DOF_PHOTON, "bose")
    fermions, photons = float(psi.number(T_dark)), float(photon.number(T_dark))
    entropy = float(boltzmann.standard_model().entropy(T_sm))
    end = (fermions + 2 * photons) / entropy
    return Decayed(
        T_dark_gev=T_dark,
        T_sm_gev=T_sm,
        xi=xi,
        photons_over_fermions=photons / fermions,
        yield_end=end,
        omega=freeze_out.omega(end, mass_gev=mass_fermion_gev),
    )


def mass_for_dark_matter_gev(
    *,
    photon_over_fermion: float,
    charge: float,
    hubble_inflation_gev: float,
    eta: float,
    omega_psi: float = closed_forms.OMEGA_DARK_MATTER,
) -> float:
    """m_psi at which psi has that density, for a ratio m_A'/m_psi. Raises ValueError as `relic`."""
    mass = closed_forms.mass_early_decay_gev(
        omega=omega_psi, hubble_inflation_gev=hubble_inflation_gev, eta=eta
    )
    for _ in range(20):  # Omega ~ m but for g_*(T)
        found = relic(
            mass_fermion_gev=mass,
            mass_photon_gev=photon_over_fermion * mass,
            charge=charge,
            hubble_inflation_gev=hubble_inflation_gev,
            eta=eta,
        )
        step = omega_psi / found.omega
        mass *= step
        if abs(step - 1) < 1e-10:
            break
    return mass


@dataclass(frozen=True)
class DecayHistory:
    """Yields over x = m_A'/T_dark while A' decays; arrays of one length."""

    x: Array
    T_sm_gev: Array
    Y_fermions: Array
    """(n_psi + n_antipsi)/s."""
    Y_photons: Array


def history(
    *, mass_photon_gev: float, charge: float, decayed: Decayed, e_folds: float = 4.0
) -> DecayHistory:
    """From `e_folds` before the count to as many after the decay, without inverse decays.

    dN/dln a = -(Gamma <m/E>/H) N for the photons, T_dark ~ 1/a. Inverse decays and the thermal mass
    of psi delay the decay of a dense bath, and change no number (footnote 4 of the paper).
    """
    plasma = boltzmann.standard_model()
    photon = boltzmann.Species(mass_photon_gev, bath.DOF_PHOTON, "bose")
    width = thermalisation.DECAY * charge**2 * mass_photon_gev
    start = decayed.T_sm_gev * math.exp(e_folds)
    T_sm = np.geomspace(min(start, T_MAX_GEV), decayed.T_sm_gev * math.exp(-e_folds), 400)
    entropy = plasma.entropy(T_sm)
    T_dark = decayed.T_dark_gev * np.cbrt(entropy / float(plasma.entropy(decayed.T_sm_gev)))
    slowed = photon.decaying(T_dark) / photon.number(T_dark)
    rate = width * slowed / plasma.hubble(T_sm)
    log_a = -np.log(T_dark)
    decays = np.concatenate([[0.0], np.cumsum(np.diff(log_a) * (rate[1:] + rate[:-1]) / 2)])
    share = decayed.photons_over_fermions
    photons = decayed.yield_end * share / (1 + 2 * share) * np.exp(-decays)
    return DecayHistory(
        x=mass_photon_gev / T_dark,
        T_sm_gev=T_sm,
        Y_fermions=decayed.yield_end - 2 * photons,
        Y_photons=photons,
    )

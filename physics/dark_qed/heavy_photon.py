"""psi of dark QED with a heavy A', m_A' > 2 m_psi: each A' of the thermal bath becomes two psi.

A. Arvanitaki et al., "Dark QED from Inflation", Secs. 3.3 and 4.2. Once the bath is thermal n_psi +
2 n_A' is conserved in a comoving volume, whether A' decays at H = Gamma_A' m_A'/T_dark (Eq. E.19)
or not before T_dark falls below m_A'. Densities are those of quantum statistics with both masses,
at that moment or at T_dark = m_A', whichever is earlier. Masses and H_I are in GeV.
"""

from __future__ import annotations

from dataclasses import dataclass

from darklat.physics import boltzmann
from darklat.physics.dark_qed import bath, closed_forms, freeze_out, thermalisation
from darklat.physics.dark_qed.approximations import check_heavy


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

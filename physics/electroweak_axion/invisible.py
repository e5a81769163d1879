"""Dark photons that make the axion invisible: freeze-out, and decay to dark fermions.

K. S. Jeong, J. H. Kang, S. Nakagawa, Eqs. III.11-III.15. gamma' gamma' <-> phi keeps dark photons
in equilibrium, with phi in the plasma. `freeze_out` solves the Boltzmann equation. Each dark photon
decays later, at H = Gamma', to fermions that weigh nothing, and the energy counts as neutrinos.

The closed forms have III.11's rate without phase space. All factors of III.12 are in `delta_neff`:
the paper's coefficient is 1, and the factors give g' 30 4/(7 pi^2 (2 pi)^(3/2)) = 0.331 for g' = 3.
Masses and temperatures are in GeV.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from darklat.physics import boltzmann, relics
from darklat.physics.boltzmann import Bath, Species, YieldHistory
from darklat.physics.electroweak_axion import equality
from darklat.physics.units import EV_PER_GEV, T0_EV

STATES = relics.DARK_PHOTON_STATES

PAPER_G_STAR = 10.75
"""With this g_* the constant of III.13 is 10.03, and the paper prints 11."""

X_START, X_END = 0.1, 300.0
"""m_phi/T between which freeze-out is followed."""


@dataclass(frozen=True)
class FreezeOut:
    """Dark photons after freeze-out through inverse decays."""

    history: YieldHistory
    temperature_gev: float
    """T_fo, where the rate of inverse decays is H; with all factors of the rate."""
    yield_: float


@dataclass(frozen=True)
class DarkRadiation:
    """The dark fermions from the decays."""

    decay_temperature_gev: float
    delta_neff: float


def freeze_out(*, mass_phi: float, mass_dark: float, coupling: float) -> FreezeOut:
    """The yield of dark photons, numerically.

    Raises ValueError for a closed decay, and where inverse decays are never faster than H: the
    coupling is then too small for equilibrium.
    """
    width = relics.decay_width(
        mass_phi_gev=mass_phi, mass_dark_gev=mass_dark, coupling_per_gev=coupling
    )
    bath = boltzmann.standard_model()
    phi, dark = Species(mass_phi, 1, "bose"), Species(mass_dark, STATES, "bose")
    temperature = equality.temperature(
        lambda T: width * float(phi.decaying(T) / dark.number(T)),
        bath,
        coldest=mass_phi / X_END,
        hottest=mass_phi / 2,
    )
    if temperature is None:
        raise ValueError(
            f"a coupling of {coupling:g}/GeV does not bring dark photons into equilibrium: inverse "
            "decays are slower than the expansion at all T below m_phi/2"
        )
    reaction = boltzmann.decay(parent=phi, child=dark, width=width, bath=bath)
    history = boltzmann.evolve(reaction, x_start=X_START, x_end=X_END, empty=False)
    return FreezeOut(history, temperature, history.final)


def radiation(*, yield_: float, mass_dark: float, coupling_to_fermions: float) -> DarkRadiation:
    """All dark photons of this yield decay when H is their width; their energy is radiation."""
    bath = boltzmann.standard_model()
    T = decay_temperature(mass_dark=mass_dark, coupling_to_fermions=coupling_to_fermions, bath=bath)
    energy = mass_dark * yield_ * float(bath.entropy(T))
    return DarkRadiation(T, delta_neff_of(energy, T, bath))


def fermion_width(*, mass_dark: float, coupling_to_fermions: float) -> float:
    """Gamma' of gamma' -> psi psibar, epsilon^2 m'/(12 pi), for light psi (III.14), GeV."""
    return coupling_to_fermions**2 * mass_dark / (12 * math.pi)


def decay_temperature(*, mass_dark: float, coupling_to_fermions: float, bath: Bath) -> float:
    """T in GeV with Gamma' = H. Raises ValueError where it is not between 1 keV and 1e15 GeV."""
    width = fermion_width(mass_dark=mass_dark, coupling_to_fermions=coupling_to_fermions)
    T = equality.temperature(lambda _: width, bath)
    if T is None:
        raise ValueError(
            f"dark photons with the coupling {coupling_to_fermions:g} to dark fermions decay at no "
            "temperature between 1 keV and 1e15 GeV"
        )
    return T


def delta_neff_of(energy: float, T: float, bath: Bath) -> float:
    """Radiation of `energy` GeV^4 at T, decoupled since, as a number of neutrino species today."""
    stretch = (boltzmann.today.ENTROPY_TODAY_GEV3 / float(bath.entropy(T))) ** (4 / 3)
    photons = math.pi**2 / 15 * (T0_EV / EV_PER_GEV) ** 4
    return energy * stretch / (7 / 8 * (4 / 11) ** (4 / 3) * photons)


# ---- Closed forms ----


def closed_freeze_out(
    *,
    mass_phi: float,
    mass_dark: float,
    coupling: float,
    g_star: float = PAPER_G_STAR,
    paper: bool = False,
) -> float:
    """T_fo by III.13, from Gamma_ID = H with Maxwell's and Boltzmann's densities, GeV.

    The constant is 10.03 for three states and g_* = 10.75; `paper` takes the printed 11. Raises
    ValueError where the equation has no solution below m_phi.
    """
    constant = 11.0 if paper else closed_constant(g_star)
    fixed = (
        constant
        - 1.5 * math.log(mass_dark / mass_phi / 0.3)
        + math.log(mass_phi / 0.01)
        + 2 * math.log(coupling / 1e-6)
    )
    x = 10.0
    for _ in range(200):
        following = (fixed + 2 * math.log(x / 10)) / (1 - mass_dark / mass_phi)
        if not following > 1:
            raise ValueError("III.13 has no solution: the coupling is too small for equilibrium")
        if abs(following - x) < 1e-13 * x:
            break
        x = following
    return mass_phi / x


def closed_constant(g_star: float) -> float:
    """The constant of III.13, from its units 10 MeV, 1e-6/GeV, m'/m = 0.3 and m/T = 10."""
    rate = 1e-12 * 0.01**3 / (64 * math.pi) / STATES / 0.3**1.5
    return math.log(rate / float(boltzmann.constant_bath(g_star).hubble(1e-3)))


def closed_delta_neff(
    *, mass_dark: float, freeze_out_gev: float, decay_gev: float, coefficient: float | None = None
) -> float:
    """III.12: c (T_fo/T_decay) (m'/T_fo)^(5/2) exp(-m'/T_fo), with c = 0.331 unless given."""
    x = mass_dark / freeze_out_gev
    c = closed_coefficient() if coefficient is None else coefficient
    return c * freeze_out_gev / decay_gev * x**2.5 * math.exp(-x)


def closed_coefficient() -> float:
    """c of III.12 for three states."""
    neutrinos = 7 / 4 * math.pi**2 / 30
    return float(STATES / (2 * math.pi) ** 1.5 / neutrinos)


def largest_coupling_to_fermions(*, mass_dark: float, g_star: float = PAPER_G_STAR) -> float:
    """epsilon below which dark photons decay after T_fo = m'/3: 1.4e-10 at 10 MeV.

    The paper has 1e-9 (m'/10 MeV)^(1/2) (III.15).
    """
    hubble = float(boltzmann.constant_bath(g_star).hubble(mass_dark / 3))
    return math.sqrt(12 * math.pi * hubble / mass_dark)

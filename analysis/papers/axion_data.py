"""The numbers behind the figures of the axion of electroweak baryogenesis, without drawing.

K. S. Jeong, J. H. Kang, S. Nakagawa, "Cosmological Roles of Dark Photons in Axion-induced
Electroweak Baryogenesis". Masses are in GeV, couplings in 1/GeV.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from darklat.physics import boltzmann, relics
from darklat.physics.boltzmann import Statistics
from darklat.physics.electroweak_axion import constraints, dark_photons, kappas, vacuum
from darklat.physics.electroweak_axion.equality import COLDEST_GEV
from darklat.physics.electroweak_axion.particles import HIGGS_MASS_GEV
from darklat.physics.thermal.degrees import T_MAX_GEV
from darklat.schema.figure_axion import ExclusionKeys
from darklat.storage.exclusion_files import read_exclusion

Array = npt.NDArray[np.float64]

DECAY_CONSTANTS_GEV = (1e3, 1e9)
"""f_phi of the model's line."""

MARKED_GEV = (1e5, 1e6, 1e7)
"""f_phi that are marked on it: both ends of II.18, and between."""

_LINE_POINTS = 121

_TURN = 0.4
"""From here on, in m_phi, contours have closer points."""

_CLOSE = 0.49999
"""Contours end here, in m_phi: the decay closes at one half."""


@dataclass(frozen=True)
class ModelLine:
    """One model over its decay constants."""

    f: Array
    mass: Array
    value: Array
    """sin^2(theta_mix), or g_phi_gamma."""


@dataclass(frozen=True)
class Exclusion:
    """A curve from a file."""

    name: str
    fill: str
    mass: Array
    value: Array


@dataclass(frozen=True)
class Plane:
    """A figure of a coupling over the axion's mass: band, model, bounds, curves."""

    mass: Array
    low: Array
    high: Array
    """The band of the model."""
    line: ModelLine
    exclusions: list[Exclusion]


@dataclass(frozen=True)
class Contour:
    """Couplings that freeze in all of the dark matter, for one mass of the axion."""

    mass_phi: float
    mass_dark: Array
    coupling: Array
    paper: Array
    """III.18."""
    thermal: Array
    """The coupling from which decays thermalise dark photons."""
    paper_thermal: float
    """III.17."""
    reheating: Array
    """The reheating temperature below which scattering makes no more, GeV."""


@dataclass(frozen=True)
class OmegaMap:
    """Omega h^2 over (m', g) for one mass of the axion, without inverse decays."""

    mass_phi: float
    mass_dark: Array
    coupling: Array
    omega_h2: Array
    """[m', g]; 0 where the decay is closed."""
    thermalisation: Array
    """Gamma/H at m_phi/10, [m', g]."""


# ---- Figs. 1 and 2 ----


def mixing_line(*, r: float, epsilon: float, beta: float) -> ModelLine:
    """m_phi and sin^2(theta_mix) at the minimum of the potential. Raises ValueError as `vacuum`,
    and for a model without a nucleation temperature."""
    kappas(r=r, epsilon=epsilon, beta=beta).require_transition()
    f = np.geomspace(*DECAY_CONSTANTS_GEV, _LINE_POINTS)
    found = [vacuum(r=r, epsilon=epsilon, beta=beta, f_gev=float(each)) for each in f]
    mass = np.array([each.mass_phi_gev for each in found])
    return ModelLine(f, mass, np.array([each.sin_mixing**2 for each in found]))


def photon_line(*, r: float, epsilon: float, beta: float, anomaly: float) -> ModelLine:
    """m_phi and g_phi_gamma of the same model (II.10). Raises ValueError as `mixing_line`."""
    line = mixing_line(r=r, epsilon=epsilon, beta=beta)
    g = [constraints.photon_coupling(f_gev=float(f), anomaly=anomaly) for f in line.f]
    return ModelLine(line.f, line.mass, np.array(g))


def mixing_band(mass: Array, kappa_mix: float) -> Array:
    """sin^2(theta_mix) = kappa_mix (m_phi/m_h)^2."""
    return np.asarray(kappa_mix * (mass / HIGGS_MASS_GEV) ** 2)


def photon_band(mass: Array, kappa_photon: float) -> Array:
    """g_phi_gamma = kappa m_phi/m_h^2."""
    return np.asarray(kappa_photon * mass / HIGGS_MASS_GEV**2)


def exclusions(
    given: Mapping[str, ExclusionKeys], *, units: Mapping[str, float]
) -> list[Exclusion]:
    """The curves of the files. Raises ConfigError with file, line and column."""
    return [
        Exclusion(name, each.fill, *read_exclusion(each.file, units=units))
        for name, each in given.items()
    ]


# ---- Fig. 3 ----


def contour(
    mass_phi: float, *, lightest: float, heaviest: float, points: int, statistics: Statistics
) -> Contour:
    """The contour from m' = lightest to heaviest, or to where the decay closes.

    Raises ValueError where that is below the lightest, and as `relics.yield_per_width`.
    """
    end = min(heaviest, _CLOSE * mass_phi)
    if not end > lightest:
        raise ValueError(
            f"an axion of {mass_phi:g} GeV decays to no dark photon heavier than "
            f"{mass_phi / 2:g} GeV, and the axis begins at {lightest:g} GeV"
        )
    mass = _dark_masses(mass_phi, lightest, end, points)
    unit = _widths(mass_phi, mass)
    bath = boltzmann.standard_model()
    wanted = np.array(
        [boltzmann.yield_for(boltzmann.OMEGA_DARK_MATTER_H2, mass=float(m)) for m in mass]
    )
    coupling = np.sqrt(wanted / (unit * relics.yield_per_width(mass_phi, statistics)))
    g_star = float(bath.g_energy(mass_phi))
    paper = [
        dark_photons.paper_coupling(mass_phi=mass_phi, mass_dark=float(m), g_star=g_star)
        for m in mass
    ]
    return Contour(
        mass_phi=mass_phi,
        mass_dark=mass,
        coupling=coupling,
        paper=np.array(paper),
        thermal=1 / np.sqrt(unit / float(bath.hubble(mass_phi / relics.DECOUPLED))),
        paper_thermal=dark_photons.paper_thermalisation_coupling(mass_phi),
        reheating=reheating(coupling),
    )


def omega_map(
    mass_phi: float, *, mass_dark: Array, coupling: Array, statistics: Statistics
) -> OmegaMap:
    """Omega h^2 over a grid. Raises ValueError as `relics.yield_per_width`."""
    unit = _widths(mass_phi, mass_dark)[:, None] * coupling**2
    bath = boltzmann.standard_model()
    per_yield = np.array([boltzmann.omega_h2(1.0, mass=float(m)) for m in mass_dark])
    omega = per_yield[:, None] * unit * relics.yield_per_width(mass_phi, statistics)
    share = unit / float(bath.hubble(mass_phi / relics.DECOUPLED))
    return OmegaMap(mass_phi, mass_dark, coupling, omega, share)


def reheating(coupling: Array) -> Array:
    """The temperatures at which phi phi -> gamma' gamma' stops, GeV, from a table over T."""
    T = np.geomspace(T_MAX_GEV, COLDEST_GEV, 4000)
    g = dark_photons.coupling_that_decouples(T, bath=boltzmann.standard_model())
    return np.asarray(np.exp(np.interp(np.log(coupling), np.log(g), np.log(T))))


def _dark_masses(mass_phi: float, lightest: float, end: float, points: int) -> Array:
    """From lightest to end; a quarter of them close to m_phi/2, where the contour turns up."""
    turn = _TURN * mass_phi
    if end <= turn or lightest >= turn:
        return np.geomspace(lightest, end, points)
    near = points // 4
    gaps = np.geomspace(0.5 - _TURN, 0.5 - end / mass_phi, near + 1)[1:]
    return np.append(np.geomspace(lightest, turn, points - near), mass_phi * (0.5 - gaps))


def _widths(mass_phi: float, mass_dark: Array) -> Array:
    """Gamma at g = 1/GeV; 0 where the decay is closed."""
    light = 2 * mass_dark < mass_phi
    return np.array(
        [
            relics.decay_width(mass_phi_gev=mass_phi, mass_dark_gev=float(m), coupling_per_gev=1.0)
            if is_open
            else 0.0
            for m, is_open in zip(mass_dark, light, strict=True)
        ]
    )

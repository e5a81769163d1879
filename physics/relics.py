"""Dark photons from the decays of a thermal axion-like particle, phi -> gamma' gamma'.

    L = (g/4) phi F' F'dual,   Gamma = g^2 m^3/(64 pi) (1 - 4 m'^2/m^2)^(3/2)

(K. S. Jeong, J. H. Kang, S. Nakagawa, "Cosmological Roles of Dark Photons in Axion-induced
Electroweak Baryogenesis", Sec. III B.) phi stays in equilibrium with the plasma, as the paper
assumes. `freeze_in` solves the Boltzmann equation with inverse decays. Without these the yield is
proportional to Gamma, and an integral over temperatures: `yield_per_width`. That serves couplings
and figures.
"""

from __future__ import annotations

import itertools
import math
import warnings
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from darklat.physics import boltzmann
from darklat.physics.boltzmann import Species, Statistics, YieldHistory
from darklat.physics.thermal import radiation
from darklat.physics.units import EV_PER_GEV

DARK_PHOTON_STATES = 3

HOT, COLD = 1e-3, 60.0
"""x = m_phi/T between which freeze-in is followed. Before, 1e-9 of the yield is made; after, less
than 1e-20."""

DECOUPLED = 10.0
"""m_phi/T at which phi leaves the plasma at the latest by the paper's estimate (III.17)."""

LIGHTEST_PHI_GEV = COLD * radiation.T_EQUALITY_EV / EV_PER_GEV
"""A lighter phi is still around when matter comes to dominate, which H leaves out: 48 eV."""

_NODES = 160  # of Gauss and Legendre's rule on each side of the jump of g_*; converged to 1e-10


@dataclass(frozen=True)
class FreezeIn:
    """What freeze-in leaves."""

    yield_: float
    """n/s of dark photons."""
    omega_h2: float
    history: YieldHistory
    thermalisation: float
    """Gamma/H at T = m_phi/10, which III.17 keeps below 1."""
    lost: float
    """Share of the dark photons that inverse decays take back. Close to 1 they were in equilibrium,
    and their yield is that of freeze-out."""


class Thermalised(UserWarning):
    """Decays are faster than the expansion before phi is gone: dark photons may thermalise."""


def decay_width(*, mass_phi_gev: float, mass_dark_gev: float, coupling_per_gev: float) -> float:
    """Gamma of phi -> gamma' gamma' in GeV.

    Raises ValueError for masses and couplings that are not positive, and for a closed decay.
    """
    if not (mass_phi_gev > 0 and mass_dark_gev >= 0 and coupling_per_gev > 0):
        raise ValueError(
            "masses and coupling must be positive, not "
            f"{mass_phi_gev:g} GeV, {mass_dark_gev:g} GeV and {coupling_per_gev:g}/GeV"
        )
    boltzmann.check_open(mass_phi_gev, mass_dark_gev)
    phase_space = (1 - 4 * (mass_dark_gev / mass_phi_gev) ** 2) ** 1.5
    return coupling_per_gev**2 * mass_phi_gev**3 / (64 * math.pi) * phase_space


def freeze_in(
    *,
    mass_phi_gev: float,
    mass_dark_gev: float,
    coupling_per_gev: float,
    statistics: Statistics = "bose",
) -> FreezeIn:
    """The dark photons that decays of a thermal phi leave today.

    `statistics` is that of phi. Inverse decays are counted, so that a large coupling ends in the
    yield of freeze-out. Warns with `Thermalised` beyond III.17. Raises ValueError as `decay_width`
    and `yield_per_width`.
    """
    width = decay_width(
        mass_phi_gev=mass_phi_gev, mass_dark_gev=mass_dark_gev, coupling_per_gev=coupling_per_gev
    )
    linear = width * yield_per_width(mass_phi_gev, statistics)
    share = _warn(width, mass_phi_gev, coupling_per_gev)
    reaction = boltzmann.decay(
        parent=Species(mass_phi_gev, 1, statistics),
        child=Species(mass_dark_gev, DARK_PHOTON_STATES, "bose"),
        width=width,
        bath=boltzmann.standard_model(),
    )
    history = boltzmann.evolve(reaction, x_start=HOT, x_end=COLD, empty=True)
    omega = boltzmann.omega_h2(history.final, mass=mass_dark_gev)
    return FreezeIn(history.final, omega, history, share, max(0.0, 1 - history.final / linear))


def coupling_for_dark_matter(
    *, mass_phi_gev: float, mass_dark_gev: float, statistics: Statistics = "bose"
) -> float:
    """The coupling in 1/GeV with which frozen-in dark photons are all of the dark matter.

    Warns and raises as `freeze_in`.
    """
    unit = decay_width(mass_phi_gev=mass_phi_gev, mass_dark_gev=mass_dark_gev, coupling_per_gev=1.0)
    wanted = boltzmann.yield_for(boltzmann.OMEGA_DARK_MATTER_H2, mass=mass_dark_gev)
    coupling = math.sqrt(wanted / (unit * yield_per_width(mass_phi_gev, statistics)))
    _warn(unit * coupling**2, mass_phi_gev, coupling)
    return coupling


@lru_cache(maxsize=256)
def yield_per_width(mass_phi_gev: float, statistics: Statistics = "bose") -> float:
    """Y/Gamma in 1/GeV of dark photons far below equilibrium, whatever their mass.

    int d ln x (1 + (1/3) d ln g_s/d ln T) 2 n_phi <m/E>/(s H). Raises ValueError for an m_phi below
    `LIGHTEST_PHI_GEV`, and for one whose history begins above the table of g_*.
    """
    if mass_phi_gev < LIGHTEST_PHI_GEV:
        raise ValueError(
            f"a phi of {mass_phi_gev:g} GeV decays when matter dominates; the radiation era needs "
            f"{LIGHTEST_PHI_GEV:.2g} GeV or more"
        )
    bath, phi = boltzmann.standard_model(), Species(mass_phi_gev, 1, statistics)
    inner = sorted(x for x in (mass_phi_gev / T for T in bath.kinks) if HOT < x < COLD)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    total = 0.0
    for left, right in itertools.pairwise([HOT, *inner, COLD]):
        half = math.log(right / left) / 2
        T = mass_phi_gev / (left * np.exp(half * (nodes + 1)))
        made = bath.e_folds(T) * 2 * phi.decaying(T) / (bath.entropy(T) * bath.hubble(T))
        total += half * float(np.sum(weights * made))
    return total


def thermalisation(width_gev: float, mass_phi_gev: float) -> float:
    """Gamma/H at T = m_phi/10 (III.17 asks for less than 1)."""
    return width_gev / float(boltzmann.standard_model().hubble(mass_phi_gev / DECOUPLED))


def _warn(width: float, mass_phi: float, coupling: float) -> float:
    """Gamma/H at m_phi/10, with a warning where it is 1 or more."""
    share = thermalisation(width, mass_phi)
    if share >= 1:
        message = (
            f"a coupling of {coupling:.3g}/GeV may thermalise dark photons (III.17): Gamma/H is "
            f"{share:.3g} at T = m_phi/10; it stays below 1 for couplings below "
            f"{coupling / math.sqrt(share):.3g}/GeV"
        )
        warnings.warn(message, Thermalised, stacklevel=3)
    return share

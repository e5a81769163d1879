"""Boltzmann equations in the expanding universe, in powers of GeV.

- `Species`: densities in equilibrium, with quantum statistics (`statistics`).
- `Bath`, `standard_model`, `constant_bath`: the plasma that sets s and H (`bath`).
- `decay`, `annihilation`, `evolve`: the yield of a species that is made in pairs (`pairs`).
- `HiddenSector`: a second temperature, from entropy that is conserved separately (`hidden`).
- `freeze_in_distribution`: freeze-in resolved in momentum (`momentum`).
- `omega_h2`, `yield_for`, `delta_neff`: from a yield to a density of today (`today`).
"""

from darklat.physics.boltzmann.bath import PLANCK_GEV, Bath, standard_model
from darklat.physics.boltzmann.bath import constant as constant_bath
from darklat.physics.boltzmann.hidden import HiddenSector
from darklat.physics.boltzmann.hidden import from_ratio as hidden_sector
from darklat.physics.boltzmann.momentum import Distribution, freeze_in_distribution
from darklat.physics.boltzmann.pairs import (
    PairReaction,
    YieldHistory,
    annihilation,
    check_open,
    decay,
    evolve,
)
from darklat.physics.boltzmann.statistics import Species, Statistics, occupation
from darklat.physics.boltzmann.today import (
    OMEGA_DARK_MATTER_H2,
    delta_neff,
    omega_h2,
    yield_for,
)

__all__ = [
    "OMEGA_DARK_MATTER_H2",
    "PLANCK_GEV",
    "Bath",
    "Distribution",
    "HiddenSector",
    "PairReaction",
    "Species",
    "Statistics",
    "YieldHistory",
    "annihilation",
    "check_open",
    "constant_bath",
    "decay",
    "delta_neff",
    "evolve",
    "freeze_in_distribution",
    "hidden_sector",
    "occupation",
    "omega_h2",
    "standard_model",
    "yield_for",
]

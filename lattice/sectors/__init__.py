"""One room per field: the ALP, gauge fields, massive fields, the conductor, pairs.

`sectors_of` says which a configuration has; `Lattice` puts them together in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from darklat.kernels.layout import Variant
from darklat.lattice.fields import Fields
from darklat.lattice.sectors.alp import AlpSector
from darklat.lattice.sectors.base import Sector
from darklat.lattice.sectors.conductor import ConductorSector
from darklat.lattice.sectors.gauge import GaugeSector
from darklat.lattice.sectors.massive import MassiveSector
from darklat.lattice.sectors.pairs import PairSector, pair_models, pair_sector
from darklat.schema import Config

if TYPE_CHECKING:
    from darklat.lattice.lattice import Lattice

SECTORS: tuple[type[Sector], ...] = (
    AlpSector,
    GaugeSector,
    MassiveSector,
    ConductorSector,
    PairSector,
)


def sectors_of(config: Config) -> tuple[type[Sector], ...]:
    """The sectors that a configuration has, in the order of all loops over them."""
    present = {
        AlpSector: config.model.alp is not None,
        MassiveSector: bool(config.massive),
        ConductorSector: config.conducting is not None,
        PairSector: config.makes_pairs,
    }
    return tuple(sector for sector in SECTORS if present.get(sector, True))


def extra_sectors(config: Config) -> list[Callable[[Lattice], Sector]]:
    """Makers of the sectors that a `Lattice` does not make by itself."""
    return [partial(pair_sector, models=models)] if (models := pair_models(config)) else []


def values_per_site(variant: Variant, *, two_registers: bool) -> int:
    """Numbers per site that the engine keeps during steps; two_registers: with a second copy of
    theta, pi, X and D."""
    evolved = Fields.evolved_per_site(variant) * (2 if two_registers else 1)
    kept = sum(sector.kept_per_site(variant) for sector in SECTORS)
    return evolved + Fields.scratch_per_site(variant) + kept


__all__ = [
    "SECTORS",
    "AlpSector",
    "ConductorSector",
    "GaugeSector",
    "MassiveSector",
    "PairSector",
    "Sector",
    "extra_sectors",
    "sectors_of",
    "values_per_site",
]

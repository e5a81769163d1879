"""One room per field: the ALP, gauge fields, massive fields, the conductor, pairs, gravitational
waves.

`sectors_of` lists the sectors of a configuration; `Lattice` puts them together in that order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

from darklat.kernels.layout import Variant
from darklat.lattice.fields import Fields
from darklat.lattice.sectors.alp import AlpSector
from darklat.lattice.sectors.base import Sector
from darklat.lattice.sectors.conductor import ConductorSector
from darklat.lattice.sectors.gauge import GaugeSector
from darklat.lattice.sectors.massive import MassiveSector
from darklat.lattice.sectors.pairs import PairSector, pair_maker
from darklat.lattice.sectors.waves import WaveSector, wave_maker
from darklat.schema import Config

if TYPE_CHECKING:
    from darklat.lattice.lattice import Lattice

Maker: TypeAlias = "Callable[[Lattice], Sector]"

SHARED: tuple[type[Sector], ...] = (AlpSector, GaugeSector, MassiveSector, ConductorSector)
"""The sectors whose fields share the arrays of `Fields`; `Lattice` makes them by itself."""

EXTRA: dict[type[Sector], Callable[[Config], Maker | None]] = {
    PairSector: pair_maker,
    WaveSector: wave_maker,
}
"""All others, each with the function that gives its maker for a configuration that has it."""


def sectors_of(config: Config) -> tuple[type[Sector], ...]:
    """The sectors that a configuration has, in the order of all loops over them."""
    present = {
        AlpSector: config.model.alp is not None,
        MassiveSector: bool(config.massive),
        ConductorSector: config.conducting is not None,
    }
    shared = [sector for sector in SHARED if present.get(sector, True)]
    return *shared, *(sector for sector, maker in EXTRA.items() if maker(config))


def extra_sectors(config: Config) -> list[Maker]:
    """Makers of the sectors beyond the shared ones that a configuration has."""
    return [found for maker in EXTRA.values() if (found := maker(config))]


def values_per_site(
    variant: Variant, *, two_registers: bool, sectors: Iterable[type[Sector]] = SHARED
) -> int:
    """Numbers per site that the engine keeps during steps; two_registers: with a second copy of
    theta, pi, X and D."""
    evolved = Fields.evolved_per_site(variant) * (2 if two_registers else 1)
    kept = sum(sector.kept_per_site(variant) for sector in sectors)
    return evolved + Fields.scratch_per_site(variant) + kept


__all__ = [
    "EXTRA",
    "SHARED",
    "AlpSector",
    "ConductorSector",
    "GaugeSector",
    "MassiveSector",
    "PairSector",
    "Sector",
    "WaveSector",
    "extra_sectors",
    "sectors_of",
    "values_per_site",
]

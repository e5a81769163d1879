"""Blocks of threads on a GPU, and the parts of a sum that they leave.

A kernel over sites has blocks of 4 rows of 32 columns in (y, z). No lane is idle where n is a
multiple of 32, and most neighbouring rows are rows of the same block. A marching kernel (tiles.h)
has a tile of rows and columns with a rim of threads around it, and goes through a segment of
planes.
"""

from __future__ import annotations

from dataclasses import dataclass

from darklat.kernels.declare import Kernel
from darklat.kernels.layout import THREADS_OF_BLOCK, Layout, Variant

COLUMNS = 32  # of a block or a tile along z: rows of 256 bytes in float64
ROWS = THREADS_OF_BLOCK // COLUMNS
SHORTEST_SEGMENT = 16  # planes; every segment begins with a plane that its neighbour has, too
MOST_BLOCKS = 1024  # up to which a lattice is divided in segments: several for a multiprocessor
LARGE_TILE, SMALL_TILE = 16, 8  # rows, by the shared memory that is there


@dataclass(frozen=True)
class Tile:
    """The threads of a marching kernel: rows of COLUMNS sites, and a rim of `low` threads before
    and `high` threads behind them in both directions."""

    rows: int
    low: int
    high: int

    @property
    def threads(self) -> int:
        """Of a block."""
        rim = self.low + self.high
        return (self.rows + rim) * (COLUMNS + rim)


def flow_tile(variant: Variant) -> Tile:
    """Of the flow of a component: a site shares F with its neighbours all around."""
    return Tile(LARGE_TILE if variant.free == 1 else SMALL_TILE, low=1, high=1)


def kick_tile() -> Tile:
    """Of the kick: a site shares B with the sites before it."""
    return Tile(SMALL_TILE, low=1, high=0)


def tile_of(kernel: Kernel, variant: Variant) -> Tile:
    """Of a marching kernel."""
    return kick_tile() if "kick" in kernel.replaces else flow_tile(variant)


def parts_of_plane(n: int) -> int:
    """Blocks of a plane of a kernel over sites, each of which leaves a part of a sum."""
    return _tiles(n, ROWS)


def grid(kernel: Kernel, layout: Layout) -> tuple[int, int]:
    """Blocks of a plane, and planes in memory or segments of planes, of a kernel over sites. A
    marching kernel works on whole lattices alone."""
    n = layout.n
    if kernel.launch == "sites":
        return parts_of_plane(n), layout.planes
    tiles = _tiles(n, tile_of(kernel, layout.variant).rows)
    return tiles, max(1, min(n // SHORTEST_SEGMENT, -(-MOST_BLOCKS // tiles)))


def _tiles(n: int, rows: int) -> int:
    return -(-n // COLUMNS) * -(-n // rows)

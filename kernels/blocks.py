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
LARGE_TILE, SMALL_TILE = 16, 8  # rows, by the room that a block has


@dataclass(frozen=True)
class Tile:
    """The threads of a marching kernel: rows of COLUMNS sites, and a rim of so many rows and
    columns around them, those before and behind together."""

    rows: int
    rim_rows: int = 0
    rim_columns: int = 0

    @property
    def threads(self) -> int:
        """Of a block."""
        return (self.rows + self.rim_rows) * (COLUMNS + self.rim_columns)


def flow_tile(variant: Variant) -> Tile:
    """Of the flow of a component: a site shares F with its neighbours all around."""
    return Tile(LARGE_TILE if variant.free == 1 else SMALL_TILE, 2, 2)


def kick_tile(variant: Variant) -> Tile:
    """Of the kick: a site shares B with those that a backward difference reads."""
    rim = variant.order - 1
    return Tile(4 if _wide(variant) else SMALL_TILE, rim, rim)


def means_tile(variant: Variant) -> Tile:
    """Of felt_of_links and momenta_of_force: a rim of the rows that a central difference reads."""
    small = 6 if _wide(variant) else SMALL_TILE
    return Tile(LARGE_TILE if variant.free == 1 else small, 2 * (variant.order - 1))


def force_tile(variant: Variant) -> Tile:
    """Of force_of_links."""
    return Tile(LARGE_TILE if variant.free == 1 else SMALL_TILE)


def _wide(variant: Variant) -> bool:
    """Whether two fields with wide rims want more registers or shared memory than a block has."""
    return variant.free > 1 and variant.order > 4


def tile_of(kernel: Kernel, variant: Variant) -> Tile:
    """Of a marching kernel."""
    tiles = {
        "fused_kick.cu": kick_tile, "fused_flow.cu": flow_tile, "fused_means.cu": means_tile,
        "fused_force.cu": force_tile,
    }  # fmt: skip
    return tiles[kernel.source.file](variant)


def threads_of(kernel: Kernel, variant: Variant) -> int:
    """Threads of a block of any kernel."""
    return tile_of(kernel, variant).threads if kernel.launch == "tiles" else THREADS_OF_BLOCK


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

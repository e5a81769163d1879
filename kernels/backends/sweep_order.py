"""The distances of a sweep: the planes and rows by which each kernel of a wavefront must stay
behind the one before it. They follow from the reads and writes of every kernel
(kernels/declarations).

sweep.cpp has a picture of two kernels at a distance, and keeps to these numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from darklat.kernels.declare import Kernel
from darklat.kernels.layout import Layout

Side = tuple[int, int]  # an axis, and 1 or -1
Pair = tuple[int, int]  # planes and rows


@dataclass(frozen=True)
class Use:
    """The blocks of fields of a launch, by address. These are the blocks that it writes, and for
    every block how far along which axes and to which sides it reads neighbours. replaced: the
    blocks that it writes and of which it reads nothing."""

    written: set[int]
    neighbours: dict[int, dict[Side, int]]
    replaced: frozenset[int] = frozenset()

    def along_rows(self, block: int) -> bool:
        """Whether it reads neighbours of it along z, of which rows have ghosts."""
        return any(axis == 2 for axis, _ in self.neighbours.get(block, {}))

    def distance(self, before: Use, axis: int, side: int) -> int:
        """Distance in sites along an axis from an earlier launch.

        For side 1, how far this launch stays behind while both work their way up. For side -1, how
        far ahead of the earlier one it begins. There are two reasons for a distance. This launch
        reads neighbours on that side, which the earlier one must have written. Or it overwrites
        values that the earlier one still reads from its own neighbours on the other side.
        """
        there = [self.neighbours.get(b, {}).get((axis, side), 0) for b in before.written]
        opposite = [before.neighbours.get(b, {}).get((axis, -side), 0) for b in self.written]
        return max((*there, *opposite), default=0)


def use_of(kernel: Kernel, addresses: Mapping[str, int], axis: int | None, layout: Layout) -> Use:
    """The blocks that a kernel works on, where its fields, by name, begin at these addresses."""
    written, read = set[int](), set[int]()
    neighbours = defaultdict[int, dict[Side, int]](dict)
    for a in kernel.fields:
        for place in a.blocks(layout, axis):
            block = addresses[a.name] + layout.itemsize * place
            for side, reach in a.neighbours(axis, layout.variant.order).items():
                neighbours[block][side] = max(reach, neighbours[block].get(side, 0))
            neighbours[block]  # is there without neighbours, too
            if a.access != "in":
                written.add(block)
            if a.access != "out":
                read.add(block)
    return Use(written, neighbours, frozenset(written - read))


def offsets(uses: Sequence[Use]) -> list[tuple[Pair, Pair]]:
    """Distances in planes and rows of every launch of a wavefront from the one before it.

    The first pair is how far it stays behind, the second how far ahead of the other one it begins.
    """

    def along(axis: int, side: int) -> list[int]:
        beyond = [0]  # of the first
        for i, use in enumerate(uses[1:], start=1):
            earlier = zip(beyond, uses[:i], strict=True)
            needed = max(b + use.distance(before, axis, side) for b, before in earlier)
            beyond.append(max(beyond[-1], needed))
        return [0, *(b - a for a, b in pairwise(beyond))]

    sides = (zip(along(0, side), along(1, side), strict=True) for side in (1, -1))
    return list(zip(*sides, strict=True))


def in_need_of_ghosts(uses: list[Use]) -> list[list[int]]:
    """The blocks that each launch writes and whose ghosts it must renew. A later launch, of this
    sweep or the next, reads them along rows before they are written again.
    """

    def needs(block: int, launch: int) -> bool:
        for other in (*uses[launch + 1 :], *uses[: launch + 1]):
            if other.along_rows(block):
                return True
            if block in other.written:
                return False
        return False

    return [sorted(b for b in use.written if needs(b, i)) for i, use in enumerate(uses)]

"""What a sweep has to keep to when its kernels work on different planes and rows at the same time,
from what every one of them reads and writes (registry.py). sweep.cpp keeps to it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

Side = tuple[int, int]  # an axis, and 1 or -1
Pair = tuple[int, int]  # planes and rows


@dataclass(frozen=True)
class Use:
    """What a launch does to blocks of fields, by address: which it writes, and of all that it works
    on the axes and sides along which it reads neighbours."""

    written: set[int]
    neighbours: dict[int, set[Side]]

    def along_rows(self, block: int) -> bool:
        """Whether it reads neighbours of it along z, of which rows have ghosts."""
        return any(axis == 2 for axis, _ in self.neighbours.get(block, ()))

    def distance(self, before: Use, axis: int, side: int) -> int:
        """Sites along an axis that an earlier launch must be beyond it, above (side 1) where both
        work their way up and below (-1) where they begin: it must find the neighbours there that
        it reads, and leave those on the other side that the other one still reads."""
        there = any((axis, side) in self.neighbours.get(b, ()) for b in before.written)
        opposite = any((axis, -side) in before.neighbours.get(b, ()) for b in self.written)
        return int(there or opposite)


def offsets(uses: list[Use]) -> list[tuple[Pair, Pair]]:
    """By how much every launch has to stay behind the one before it when all sweep the lattice
    together, and to begin ahead of where that one has begun."""

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
    """Of what each launch writes, the blocks that one of the next, or of the first in the sweep
    that follows, reads along rows before they are written again."""

    def needs(block: int, launch: int) -> bool:
        for other in (*uses[launch + 1 :], *uses[: launch + 1]):
            if other.along_rows(block):
                return True
            if block in other.written:
                return False
        return False

    return [sorted(b for b in use.written if needs(b, i)) for i, use in enumerate(uses)]

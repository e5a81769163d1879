"""Which ghost planes ranks have to exchange, between which kernels, and how far each kernel works
into them. It follows from the reads and writes of every kernel (kernels/declarations).

A slab has `halo` planes of its neighbours at each end. A kernel that reads one plane away spoils
the outermost of them, so launches are cut into batches. An exchange comes before a batch, and gives
its kernels all that they read. The first of them also work on ghost planes, as far as later ones
read these. With a deep halo batches are long and exchanges few; more planes are sent, and some work
is done on two ranks.

Nothing here depends on an address but that equal ones are the same block: all ranks have to find
the same messages in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from darklat.errors import MachineError
from darklat.kernels.backends.sweep_order import Use
from darklat.kernels.layout import Variant

DEPTHS = {"cpu": 3, "cuda": 1}
"""Planes of its neighbours that a slab has on each backend, or more where a kernel reads further. A
deeper halo makes the sweeps of a processor longer, and exchanges fewer and larger. On a GPU every
kernel goes through memory by itself, and a deeper halo would be more bytes and more work."""
SIDES = (-1, 1)  # below and above
Depths = tuple[int, int]  # planes below a slab, and above it
NONE: Depths = (0, 0)


@dataclass(frozen=True)
class Message:
    """Ghost planes of one block at one side of the slab, -1 or 1: those at the distances first <=
    d < last from it, the nearest being 0."""

    block: int
    side: int
    first: int
    last: int


@dataclass(frozen=True)
class Batch:
    """Launches first <= i < last that run without an exchange in between. messages: what comes
    before them. work: for each of them, on how many ghost planes it works, too."""

    first: int
    last: int
    messages: tuple[Message, ...]
    work: tuple[Depths, ...]


def halo_of(n: int, variant: Variant, ranks: int, *, backend: str = "cpu") -> int:
    """The planes of its neighbours that each of several ranks has: those of `DEPTHS`, more where a
    kernel reads further, or fewer where slabs are thinner.

    Raises MachineError where they are thinner than a kernel reads.
    """
    thinnest = n // ranks
    if thinnest < variant.reach:
        most = n // variant.reach
        fewer = f"at most {most} ranks" if most > 1 else "one process"
        raise MachineError(
            f"{ranks} ranks: their slabs of {n} planes would have {thinnest} planes, and kernels "
            f"of lattice.order {variant.order} read {variant.reach} planes of the neighbours. Use "
            f"{fewer}."
        )
    return min(thinnest, max(DEPTHS[backend], variant.reach))


def batches(uses: Sequence[Use], halo: int) -> list[Batch]:
    """The launches in as few batches as a halo of so many planes allows.

    Raises ValueError where a kernel alone reads further than that.
    """
    found: list[Batch] = []
    valid: dict[int, Depths] = {}  # ghosts that hold what the neighbour has
    while not found or found[-1].last < len(uses):
        first = last = found[-1].last if found else 0
        needed: dict[int, Depths] = {}
        work: list[Depths] = []
        while last < len(uses):
            longer, further = depths(uses[first : last + 1])
            if max((max(d) for d in longer.values()), default=0) > halo:
                break
            needed, work, last = longer, further, last + 1
        if last == first < len(uses):
            raise ValueError(
                f"a kernel reads more than the {halo} planes that a slab has of others"
            )
        messages = _messages(uses[first:last], needed, valid)
        for use, own in zip(uses[first:last], work, strict=True):
            valid |= dict.fromkeys(use.written, own)
        found.append(Batch(first, last, messages, tuple(work)))
    return found


def depths(uses: Sequence[Use]) -> tuple[dict[int, Depths], list[Depths]]:
    """The ghosts of every block that launches read, and on how many planes each of them works.

    At their end nobody needs ghosts. Backwards from there, a launch works as far as anyone reads a
    block that it writes, and reads its neighbours from there.
    """
    needed: dict[int, Depths] = {}
    work: list[Depths] = []
    for use in reversed(uses):
        own = _deepest([needed.get(block, NONE) for block in use.written])
        for block in use.replaced:
            needed.pop(block, None)
        for block, reaches in use.neighbours.items():
            if block not in use.replaced:
                below, above = (own[s] + reaches.get((0, side), 0) for s, side in enumerate(SIDES))
                needed[block] = _deepest([needed.get(block, NONE), (below, above)])
        work.append(own)
    return needed, work[::-1]


def _messages(
    uses: Sequence[Use], needed: dict[int, Depths], valid: dict[int, Depths]
) -> tuple[Message, ...]:
    """Of the planes that are needed and not there, in the order in which launches name blocks;
    afterwards they are there."""
    found = []
    for block in dict.fromkeys(block for use in uses for block in use.neighbours):
        there, wanted = valid.get(block, NONE), needed.get(block, NONE)
        for s, side in enumerate(SIDES):
            if wanted[s] > there[s]:
                found.append(Message(block, side, there[s], wanted[s]))
        valid[block] = _deepest([there, wanted])
    return tuple(found)


def _deepest(depths: Sequence[Depths]) -> Depths:
    return max((d[0] for d in depths), default=0), max((d[1] for d in depths), default=0)

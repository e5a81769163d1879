"""The bytes that a step moves through memory and keeps there, counted from the declarations of its
kernels (kernels/declarations)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from darklat.kernels import registry
from darklat.kernels.backends.cpu import CpuLaunch
from darklat.kernels.backends.exchanges import batches
from darklat.kernels.check import address
from darklat.kernels.declare import FieldArgument
from darklat.kernels.layout import Layout
from darklat.lattice.passes import Pass


def bytes_per_site(passes: Sequence[Pass], layout: Layout) -> int:
    """If every kernel went through memory: each field of each pass read once, written once."""
    return sum(registry.KERNELS[p.kernel].bytes_per_site(layout) for p in passes)


def least_bytes_per_site(passes: Sequence[Pass], layout: Layout, *, visits: int) -> int:
    """If every component of every array passed through memory at most `visits` times.

    A component counts in and out. It counts in alone where it is never written, and out alone where
    it is written before it is read, as scratch is. It counts no more often than passes touch it.
    """
    touched, written, scratch = Counter[tuple[int, int]](), Counter[tuple[int, int]](), set()
    for p in passes:
        for argument, block in blocks(p, layout):
            if block not in touched and argument.access == "out":
                scratch.add(block)
            touched[block] += 1
            written[block] += argument.access != "in"
    coming = sum(min(visits, times) for block, times in touched.items() if block not in scratch)
    return layout.itemsize * (coming + sum(min(visits, times) for times in written.values()))


def planes_sent(passes: Sequence[Pass], layout: Layout, *, halo: int) -> int:
    """Planes of one component that each of several ranks sends to both neighbours together while
    the passes run. The passes are bound to a processor; layout is theirs. halo: the planes that a
    rank keeps of each neighbour."""
    uses = [p.launch.use(layout) for p in passes if isinstance(p.launch, CpuLaunch)]
    messages = (message for batch in batches(uses, halo) for message in batch.messages)
    return sum(message.last - message.first for message in messages)


def array_bytes_per_site(passes: Sequence[Pass], layout: Layout) -> float:
    """Of all fields that the passes touch, without padding and ghosts."""
    sizes = Counter[int]()  # an array may stand for a part of another, from its start
    for p in passes:
        for _, array in _fields(p):
            sizes[address(array)] = max(sizes[address(array)], array.nbytes)
    return sizes.total() / layout.sites


def _fields(p: Pass) -> list[tuple[FieldArgument, Any]]:
    return [(f, p.arguments[f.name]) for f in registry.KERNELS[p.kernel].fields]


def blocks(p: Pass, layout: Layout) -> list[tuple[FieldArgument, tuple[int, int]]]:
    """Every component that a pass touches: array and place in it. Read components come first."""
    found = [
        (argument, (address(array), place))
        for argument, array in _fields(p)
        for place in argument.blocks(layout, p.axis)
    ]
    return sorted(found, key=lambda each: each[0].access == "out")

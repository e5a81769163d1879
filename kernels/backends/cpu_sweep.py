"""Launches in the form in which sweep.cpp runs them, with the exchanges of ranks between them."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from darklat.kernels.backends.exchanges import Batch, Message, batches
from darklat.kernels.backends.sweep_order import in_need_of_ghosts, offsets
from darklat.kernels.layout import Layout
from darklat.kernels.ranks import Ranks

if TYPE_CHECKING:
    from darklat.kernels.backends.cpu import CpuLaunch


class _Entry(ctypes.Structure):
    """struct Entry of sweep.cpp."""

    _fields_ = (
        ("kernel", ctypes.c_void_p),
        ("arguments", ctypes.c_void_p),
        ("written", ctypes.c_void_p),
        ("components", ctypes.c_int),
        ("behind", ctypes.c_int * 2),
        ("ahead", ctypes.c_int * 2),
        ("planes", ctypes.c_int * 2),
    )


class CpuSweep:
    """Launches bound together. They keep their arrays alive, and the tables keep them."""

    def __init__(self, launches: Sequence[CpuLaunch], layout: Layout) -> None:
        self._launches, self._layout = launches, layout
        uses = [each.use(layout) for each in launches]
        self._renewed = [_addresses(blocks) for blocks in in_need_of_ghosts(uses)]
        along_rows = chain.from_iterable(filter(use.along_rows, use.neighbours) for use in uses)
        self._read = _addresses(list(dict.fromkeys(along_rows)))
        self._touched = len(set(chain.from_iterable(use.neighbours for use in uses)))
        whole = Batch(0, len(uses), (), ((0, 0),) * len(uses))
        found = batches(uses, layout.halo) if layout.halo else [whole]
        self._parts = [
            (_Blocks(batch.messages, layout), self._table(batch, offsets(uses[own])))
            for batch in found
            for own in [slice(batch.first, batch.last)]
        ]

    def run(self, library: Any, ranks: Ranks, *, follows: bool, team: int) -> None:
        """One part after the other, and before each its exchange. follows: as in
        `CpuBackend.run`."""
        renewed = follows
        for blocks, table in self._parts:
            if blocks.messages and not renewed:  # the ghosts of rows are sent along
                self._call(library, (), renew=True, team=team)
                renewed = True
            blocks.exchange(ranks)
            self._call(library, table, renew=not renewed, team=team)
            renewed = True

    def _call(self, library: Any, table: Any, *, renew: bool, team: int) -> None:
        layout = self._layout
        library.sweep(
            len(table), table or None, self._touched, len(self._read) if renew else 0, self._read,
            layout.halo, layout.halo + layout.slab.planes, layout.planes, layout.n, team,
        )  # fmt: skip

    def _table(self, batch: Batch, distances: Sequence[Any]) -> Any:
        """The launches of a batch. The planes of a slab are not periodic: those that a kernel would
        otherwise do last it does first, or its neighbour does."""
        layout, first, last = self._layout, batch.first, batch.last
        own = layout.halo, layout.halo + layout.slab.planes
        rows = zip(
            self._launches[first:last], self._renewed[first:last], distances, batch.work,
            strict=True,
        )  # fmt: skip
        return (_Entry * (last - first))(
            *[
                _Entry(
                    each.address.value, ctypes.addressof(each.addresses),
                    ctypes.addressof(renewed), len(renewed), behind,
                    (0, ahead[1]) if layout.halo else ahead, (own[0] - below, own[1] + above),
                )
                for each, renewed, (behind, ahead), (below, above) in rows
            ]
        )  # fmt: skip


class _Blocks:
    """The memory that an exchange sends and fills: planes of blocks, each with the ghosts of its
    rows. The first of these lie before it."""

    def __init__(self, messages: Sequence[Message], layout: Layout) -> None:
        self.messages, self._layout = messages, layout
        begin, end = layout.halo, layout.halo + layout.slab.planes
        below = [m for m in messages if m.side < 0]
        above = [m for m in messages if m.side > 0]
        self._from_below = [self._planes(m, begin - m.last) for m in below]
        self._to_above = [self._planes(m, end - m.last) for m in below]
        self._from_above = [self._planes(m, end + m.first) for m in above]
        self._to_below = [self._planes(m, begin + m.first) for m in above]

    def exchange(self, ranks: Ranks) -> None:
        """Brings the ghost planes up to date."""
        if self.messages:
            ranks.exchange(
                to_below=self._to_below, to_above=self._to_above,
                from_below=self._from_below, from_above=self._from_above,
            )  # fmt: skip

    def _planes(self, message: Message, first: int) -> np.ndarray:
        """As many planes in memory from the first one on."""
        layout = self._layout
        start = first * layout.plane - layout.variant.reach
        elements = (message.last - message.first) * layout.plane
        memory = ctypes.c_char * (elements * layout.itemsize)
        found: Any = memory.from_address(message.block + start * layout.itemsize)
        return np.frombuffer(found, dtype=layout.dtype)


def _addresses(blocks: Sequence[int]) -> Any:
    return (ctypes.c_void_p * len(blocks))(*blocks)

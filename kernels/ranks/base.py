"""The interface of ranks.

All ranks call the same methods in the same order. Nothing depends on the order in which messages
arrive: results are ordered by plane or by rank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn, Protocol, TypeVar

import numpy as np

from darklat.kernels.ranks.slabs import Slab

Value = TypeVar("Value")
Blocks = Sequence[np.ndarray]  # contiguous in memory


class WithdrawnError(Exception):
    """Rank 0 takes no more slabs, because of an error of its own."""


class Ranks(Protocol):
    """The processes that share one lattice. `rank` is this one's number of `size`; rank 0 has the
    first planes and writes the files. `here`: how many of them this machine has; `local`: which of
    those this one is."""

    @property
    def rank(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def here(self) -> int: ...
    @property
    def local(self) -> int: ...

    def slab(self, n: int) -> Slab:
        """The planes of this rank of a lattice with n planes."""
        ...

    def broadcast(self, value: Value) -> Value:
        """The value of rank 0, on every rank."""
        ...

    def gather(self, value: Value) -> list[Value]:
        """The values of all ranks in their order, on every rank."""
        ...

    def largest(self, values: Sequence[float]) -> list[float]:
        """Of each number the largest on any rank."""
        ...

    def all_planes(self, own: np.ndarray) -> np.ndarray:
        """All planes [n, ...] on every rank, from the own ones [planes, ...]."""
        ...

    def in_order(self, own: np.ndarray) -> Iterator[np.ndarray]:
        """On rank 0 the slabs of all ranks in order, one in memory at a time; elsewhere nothing.
        Every rank has to exhaust it. Elsewhere it raises WithdrawnError when rank 0 withdraws."""
        ...

    def withdraw(self) -> None:
        """On rank 0: asks for no more slabs of any `in_order`. All ranks have to end then."""
        ...

    def exchange(
        self, *, to_below: Blocks, to_above: Blocks, from_below: Blocks, from_above: Blocks
    ) -> None:
        """Sends blocks to the ranks below and above, which lie around a circle, and fills those
        that come from there. to_below of one rank are from_above of the rank below it."""
        ...

    def transpose(self, parts: Blocks, out: Blocks) -> None:
        """Sends parts[r] to rank r, and fills out[r] from it."""
        ...

    def first_on_each_machine(self, action: Callable[[], Value]) -> Value:
        """The result of an action that only one rank of a machine does at first, and then, at
        once, its other ranks."""
        ...

    def met(self, value: Value, *, within: float) -> list[Value] | None:
        """The values of all ranks in their order; None where one of them has not come here in so
        many seconds. Ranks that have come must then end."""
        ...

    def abort(self, code: int) -> NoReturn:
        """Ends the processes of all ranks with this exit code, now."""
        ...

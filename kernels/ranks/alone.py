"""One process with the whole lattice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn

import numpy as np

from darklat.kernels.ranks.base import Blocks, Value
from darklat.kernels.ranks.slabs import Slab


class Alone:
    """The interface `Ranks` of one process: its neighbours are itself."""

    rank, size, here, local = 0, 1, 1, 0

    def slab(self, n: int) -> Slab:
        """All planes."""
        return Slab(0, n, n)

    def broadcast(self, value: Value) -> Value:
        """The value."""
        return value

    def gather(self, value: Value) -> list[Value]:
        """The value."""
        return [value]

    def largest(self, values: Sequence[float]) -> list[float]:
        """The values."""
        return [*values]

    def all_planes(self, own: np.ndarray) -> np.ndarray:
        """The planes."""
        return own

    def in_order(self, own: np.ndarray) -> Iterator[np.ndarray]:
        """The planes."""
        yield own

    def withdraw(self) -> None:
        """There is nobody to ask."""

    def exchange(
        self, *, to_below: Blocks, to_above: Blocks, from_below: Blocks, from_above: Blocks
    ) -> None:
        """Copies around the circle."""
        for sent, received in zip([*to_below, *to_above], [*from_above, *from_below], strict=True):
            received[...] = sent

    def transpose(self, parts: Blocks, out: Blocks) -> None:
        """Copies."""
        for sent, received in zip(parts, out, strict=True):
            received[...] = sent

    def first_on_each_machine(self, action: Callable[[], Value]) -> Value:
        """The result."""
        return action()

    def met(self, value: Value, *, within: float) -> list[Value] | None:
        """The value."""
        del within
        return [value]

    def abort(self, code: int) -> NoReturn:
        """Ends this process."""
        os._exit(code)


ALONE = Alone()

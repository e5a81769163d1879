"""Planes of a lattice by rank."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Slab:
    """The planes first <= x < end of a lattice with n of them."""

    first: int
    end: int
    n: int

    @property
    def planes(self) -> int:
        """How many they are."""
        return self.end - self.first

    @property
    def whole(self) -> bool:
        """Whether it is the whole lattice."""
        return self.planes == self.n

    @property
    def here(self) -> slice:
        """They among all planes."""
        return slice(self.first, self.end)


def slabs(n: int, size: int) -> tuple[Slab, ...]:
    """The planes of every rank, in the order of x. Where size does not divide n, the first ranks
    have one plane more."""
    each, more = divmod(n, size)
    edges = [rank * each + min(rank, more) for rank in range(size + 1)]
    return tuple(Slab(edges[rank], edges[rank + 1], n) for rank in range(size))

"""Neighbours along x on the host, where ranks share a lattice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from darklat.kernels.backends import Backend


def with_neighbours(
    backend: Backend, reach: int, function: Callable[[Any], Any], values: Any
) -> Any:
    """function(values) of values [..., planes, n, n] of this rank, for a function on a periodic
    lattice that reads at most `reach` sites away, such as one with np.roll.

    It is called with the planes of both neighbours around the own ones. Of what it returns, [...,
    planes, n, n] too, the own planes are kept. All ranks call this together.
    """
    if backend.ranks.size == 1:
        return function(values)
    first, last = values[..., :reach, :, :], values[..., -reach:, :, :]
    below, above = (np.empty(first.shape, first.dtype) for _ in range(2))
    backend.ranks.exchange(
        to_below=[np.ascontiguousarray(first)], to_above=[np.ascontiguousarray(last)],
        from_below=[below], from_above=[above],
    )  # fmt: skip
    found = function(np.concatenate([below, values, above], axis=-3))
    return found[..., reach:-reach, :, :]

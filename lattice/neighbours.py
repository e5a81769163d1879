"""Neighbours along x outside of kernels, where ranks share a lattice. They go through the host."""

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

    The values are on the host or on the device, and so are those of the function. It is called with
    the planes of both neighbours around the own ones. Of what it returns, [..., planes, n, n] too,
    the own planes are kept. All ranks call this together.
    """
    if backend.ranks.size == 1:
        return function(values)
    on_host = values if isinstance(values, np.ndarray) else backend.to_host(values)
    first, last = on_host[..., :reach, :, :], on_host[..., -reach:, :, :]
    below, above = (np.empty(first.shape, first.dtype) for _ in range(2))
    backend.ranks.exchange(
        to_below=[np.ascontiguousarray(first)], to_above=[np.ascontiguousarray(last)],
        from_below=[below], from_above=[above],
    )  # fmt: skip
    around = np.concatenate([below, on_host, above], axis=-3)
    found = function(around if on_host is values else backend.array(around))
    return found[..., reach:-reach, :, :]

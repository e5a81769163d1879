"""Transforms of a lattice on GPUs, cuFFT's, with the exchange of all with all of fourier.py where
ranks share the lattice.

cuFFT may choose another method for another number of transforms at once, and so other bits. So it
always does PLANES planes, whatever the slab of a rank; one process does the same as many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from darklat.kernels.backends import fourier
from darklat.kernels.ranks import Ranks

PLANES = 16


def forward(xp: Any, field: Any, ranks: Ranks, transpose: Callable[[Any, Any], None]) -> Any:
    """The modes [n, n, own k_z] of a real field [own planes, n, n] in float64. transpose: that of
    the ranks, for arrays of the device."""
    n, own = field.shape[-1], fourier.slab_of_modes(field.shape[-1], ranks)
    half = xp.empty((len(field), n, n // 2 + 1), np.complex128)
    for here in _parts(len(field)):
        half[here] = _padded(xp, xp.fft.rfft, field[here])
    turned = fourier.to_modes(half, ranks, xp=xp, transpose=transpose)
    modes = xp.empty((n, n, own.planes), np.complex128)
    for here in _parts(own.planes):
        of_planes = turned[:, :, here].transpose(2, 0, 1)
        modes[:, :, here] = _padded(xp, xp.fft.fft2, of_planes).transpose(1, 2, 0)
    return modes


def _parts(planes: int) -> Iterator[slice]:
    return (slice(first, min(first + PLANES, planes)) for first in range(0, planes, PLANES))


def _padded(xp: Any, transform: Callable[[Any], Any], planes: Any) -> Any:
    """Of at most PLANES planes, done as so many."""
    count = len(planes)
    if count < PLANES:
        whole = xp.zeros((PLANES, *planes.shape[1:]), planes.dtype)
        whole[:count] = planes
        planes = whole
    return transform(xp.ascontiguousarray(planes))[:count]

"""Transforms of a lattice that ranks share, on the host: SciPy's, around an exchange of all with
all.

Fields are slabs of planes along x. Modes are slabs along k_z, so that every rank has all k_x and
k_y of its k_z. A transform along one axis gives the same bits in any number of them. The order of
the axes, z, x, y and back x, y, z, is SciPy's for the whole lattice. So the bits depend on the
number of ranks no more than on that of threads, and one process has those of scipy.fft.rfftn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.fft

from darklat.kernels.backends.threads import threads
from darklat.kernels.ranks import Ranks, Slab, slabs


def slab_of_modes(n: int, ranks: Ranks) -> Slab:
    """The k_z of this rank, of n/2 + 1."""
    return ranks.slab(n // 2 + 1)


def forward(field: np.ndarray, ranks: Ranks) -> np.ndarray:
    """The modes [..., n, n, own k_z] of real fields [..., own planes, n, n]."""
    n, own = field.shape[-1], slab_of_modes(field.shape[-1], ranks)
    modes = np.empty((*field.shape[:-3], n, n, own.planes), dtype=np.complex128)
    for at in np.ndindex(field.shape[:-3]):
        half = scipy.fft.rfft(field[at], workers=threads())
        turned = to_modes(half, ranks, xp=np, transpose=ranks.transpose)
        modes[at] = scipy.fft.fftn(turned, axes=(0, 1), workers=threads(), overwrite_x=True)
    return modes


def inverse(modes: np.ndarray, ranks: Ranks) -> np.ndarray:
    """The real fields [..., own planes, n, n] of modes [..., n, n, own k_z]: the inverse."""
    n = modes.shape[-2]
    field = np.empty((*modes.shape[:-3], ranks.slab(n).planes, n, n))
    for at in np.ndindex(modes.shape[:-3]):
        unscaled = scipy.fft.ifftn(modes[at], axes=(0, 1), norm="forward", workers=threads())
        planes = _to_planes(unscaled, ranks)
        field[at] = scipy.fft.irfft(planes, n, norm="forward", workers=threads())
        field[at] *= 1 / n**3
    return field


def to_modes(half: Any, ranks: Ranks, *, xp: Any, transpose: Callable[[Any, Any], None]) -> Any:
    """[n, n, own k_z] of [own planes, n, n/2 + 1]. xp: the module of these arrays; transpose: that
    of the ranks for them."""
    if ranks.size == 1:
        return half
    n, own = half.shape[1], slab_of_modes(half.shape[1], ranks)
    out = xp.empty((n, n, own.planes), dtype=half.dtype)
    parts = [xp.ascontiguousarray(half[:, :, of.here]) for of in slabs(n // 2 + 1, ranks.size)]
    transpose(parts, [out[of.here] for of in slabs(n, ranks.size)])
    return out


def _to_planes(modes: np.ndarray, ranks: Ranks) -> np.ndarray:
    """[own planes, n, n/2 + 1] of [n, n, own k_z]."""
    if ranks.size == 1:
        return modes
    n = modes.shape[1]
    planes, k_z = slabs(n, ranks.size), slabs(n // 2 + 1, ranks.size)
    own = planes[ranks.rank].planes
    parts = [np.empty((own, n, of.planes), dtype=modes.dtype) for of in k_z]
    ranks.transpose([np.ascontiguousarray(modes[of.here]) for of in planes], parts)
    return np.concatenate(parts, axis=2)

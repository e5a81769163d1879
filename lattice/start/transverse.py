"""Link fields without a longitudinal part."""

from __future__ import annotations

import numpy as np
import scipy.fft

from darklat.physics import staggered


def transverse(field: np.ndarray, order: int = staggered.DEFAULT_ORDER) -> np.ndarray:
    """The transverse part of a link field [3, n, n, n], component i at half a link along i: its
    backward divergence vanishes on a lattice with `lattice.order` of that value. Its mean stays."""
    n = field.shape[-1]
    d = _backward_differences(n, order)
    modes = scipy.fft.fftn(field, axes=(1, 2, 3))
    squared = sum(np.abs(each) ** 2 for each in d)
    squared[0, 0, 0] = 1.0
    long = sum(each * mode for each, mode in zip(d, modes, strict=True)) / squared
    for each, mode in zip(d, modes, strict=True):
        mode -= np.conj(each) * long
    return scipy.fft.ifftn(modes, axes=(1, 2, 3)).real


def divergence(field: np.ndarray, order: int) -> tuple[np.ndarray, np.ndarray]:
    """The backward divergence of a link field [3, n, n, n] on the sites, times the lattice spacing,
    and the sum of the magnitudes of its terms. order: of the differences."""
    terms = [
        tap * values
        for i, own in enumerate(field)
        for j, tap in enumerate(map(float, staggered.differences(order)))
        for values in (np.roll(own, -j, i), -np.roll(own, 1 + j, i))
    ]
    return sum(terms), sum(map(np.abs, terms))


def _backward_differences(n: int, order: int) -> tuple[np.ndarray, ...]:
    """Of a plane wave along each axis, in a shape for all modes [n, n, n]."""
    number = np.fft.fftfreq(n, 1 / n)
    own = -staggered.forward_phases(-number, n, order)
    return own[:, None, None], own[None, :, None], own[None, None, :]

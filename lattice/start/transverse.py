"""Link fields without a longitudinal part."""

from __future__ import annotations

import numpy as np
import scipy.fft


def transverse(field: np.ndarray) -> np.ndarray:
    """The transverse part of a link field [3, n, n, n], component i at half a link along i: its
    backward divergence vanishes. Its mean stays."""
    n = field.shape[-1]
    d = _backward_differences(n)
    modes = scipy.fft.fftn(field, axes=(1, 2, 3))
    squared = sum(np.abs(each) ** 2 for each in d)
    squared[0, 0, 0] = 1.0
    long = sum(each * mode for each, mode in zip(d, modes, strict=True)) / squared
    for each, mode in zip(d, modes, strict=True):
        mode -= np.conj(each) * long
    return scipy.fft.ifftn(modes, axes=(1, 2, 3)).real


def divergence(field: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The backward divergence of a link field [3, n, n, n] on the sites, times the lattice spacing,
    and the sum of the magnitudes of its six terms."""
    terms = [x for i, own in enumerate(field) for x in (own, -np.roll(own, 1, i))]
    return sum(terms), sum(map(np.abs, terms))


def _backward_differences(n: int) -> tuple[np.ndarray, ...]:
    """Of a plane wave along each axis, in a shape for all modes [n, n, n]."""
    own = 1 - np.exp(-2j * np.pi * np.fft.fftfreq(n))
    return own[:, None, None], own[None, :, None], own[None, None, :]

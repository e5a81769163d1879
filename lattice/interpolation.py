"""Fields of one lattice on another one of the same box, with more sites.

Fourier interpolation takes the trigonometric polynomial through the values, with the fewest waves.
Its values on the finer lattice are exact for every field that the coarser one resolves. Components
of link fields lie half a link from their sites. That is another shift on each lattice, which turns
the phase of a wave.
"""

from __future__ import annotations

import numpy as np
import scipy.fft

from darklat.kernels.backends.threads import threads

_LINKS = ((0.5, 0.0, 0.0), (0.0, 0.5, 0.0), (0.0, 0.0, 0.5))


def on_sites(values: np.ndarray, sites: int) -> np.ndarray:
    """A site field [n, n, n] on [sites, sites, sites]."""
    return _interpolated(values, sites, (0.0, 0.0, 0.0))


def on_links(values: np.ndarray, sites: int) -> np.ndarray:
    """A link field [3, n, n, n] on [3, sites, sites, sites]; component i lies half a link along i
    from its site, on both lattices."""
    return np.array([_interpolated(own, sites, at) for own, at in zip(values, _LINKS, strict=True)])


def linear_on_sites(values: np.ndarray, sites: int) -> np.ndarray:
    """A site field by linear interpolation along each axis: no value is below the least one, as a
    wave's would be. For densities, which must not be negative."""
    n = values.shape[-1]
    if sites == n:
        return values.copy()
    position = np.arange(sites) * (n / sites)
    below = np.floor(position).astype(np.int64)
    for axis in range(3):
        share = (position - below).reshape([-1 if i == axis else 1 for i in range(3)])
        lower, upper = (np.take(values, i % n, axis) for i in (below, below + 1))
        values = lower + share * (upper - lower)
    return values


def _interpolated(values: np.ndarray, sites: int, offset: tuple[float, float, float]) -> np.ndarray:
    n = values.shape[-1]
    if sites == n:
        return values.copy()
    number = np.arange(n // 2 + 1)
    for axis, shift in enumerate(offset):
        factor = sites / n * np.exp(2j * np.pi * number * shift * (1 / sites - 1 / n))
        factor[-1] /= 2  # n/2 and -n/2 are one wave on n sites: half of it for each on more
        modes = scipy.fft.rfft(values, axis=axis, workers=threads())
        modes *= factor.reshape([-1 if i == axis else 1 for i in range(3)])
        values = scipy.fft.irfft(modes, sites, axis=axis, workers=threads())
    return values

"""The longitudinal part of link fields, and link fields with another one.

Component i of a link field [3, n, n, n] lies at half a link along i. Its longitudinal part is what
the lattice's own backward divergence sees, whatever the order of its differences.
"""

from __future__ import annotations

import numpy as np
import scipy.fft

from darklat.kernels.backends.threads import threads
from darklat.physics import staggered

_AXES = (1, 2, 3)


def amplitude(field: np.ndarray, order: int) -> np.ndarray:
    """The longitudinal part as a site field [n, n, n]: divergence over |khat|, mode by mode. Its
    mean square is that of the longitudinal part; its mean is zero."""
    n, workers = field.shape[-1], threads()
    forward, length = _forward(n, order)
    modes = scipy.fft.rfftn(field, axes=_AXES, workers=workers)
    return scipy.fft.irfftn(_divergence(forward, modes) / length, (n, n, n), workers=workers)


def divergence(field: np.ndarray, order: int) -> np.ndarray:
    """Backward, times the lattice spacing, on the sites [n, n, n]."""
    n, workers = field.shape[-1], threads()
    modes = scipy.fft.rfftn(field, axes=_AXES, workers=workers)
    found = _divergence(_forward(n, order)[0], modes)
    return scipy.fft.irfftn(found, (n, n, n), workers=workers)


def with_amplitude(field: np.ndarray, amplitude: np.ndarray, order: int) -> np.ndarray:
    """The field with that longitudinal part in place of its own; its mean stays."""
    return _replaced(field, amplitude, order, over_khat=False)


def with_divergence(field: np.ndarray, divergence: np.ndarray | None, order: int) -> np.ndarray:
    """The field with the longitudinal part whose backward divergence, times the lattice spacing, is
    `divergence` [n, n, n] less the mean of that; without one it vanishes. The mean of the field
    stays."""
    return _replaced(field, divergence, order, over_khat=True)


def _replaced(
    field: np.ndarray, wanted: np.ndarray | None, order: int, *, over_khat: bool
) -> np.ndarray:
    n, workers = field.shape[-1], threads()
    forward, length = _forward(n, order)
    modes = scipy.fft.rfftn(field, axes=_AXES, workers=workers)
    missing = -_divergence(forward, modes)
    if wanted is not None:
        new = scipy.fft.rfftn(wanted, workers=workers)
        new[0, 0, 0] = 0.0
        missing += new if over_khat else new * length
    missing /= length**2
    for d, own in zip(forward, modes, strict=True):
        own -= d * missing
    return scipy.fft.irfftn(modes, (n, n, n), axes=_AXES, workers=workers)


def _divergence(forward: tuple[np.ndarray, ...], modes: np.ndarray) -> np.ndarray:
    """Backward, of modes, times the lattice spacing."""
    return -sum(np.conj(d) * own for d, own in zip(forward, modes, strict=True))


def _forward(n: int, order: int) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """The forward difference, times the lattice spacing, of a plane wave along each axis over the
    wave, in shapes for the modes [n, n, n/2 + 1]; and |khat| times the spacing, 1 for the mean."""
    own = staggered.forward_phases(np.fft.fftfreq(n, 1 / n), n, order)
    forward = own[:, None, None], own[None, :, None], own[None, None, : n // 2 + 1]
    length = np.sqrt(sum(np.abs(d) ** 2 for d in forward))
    length[0, 0, 0] = 1.0
    return forward, length

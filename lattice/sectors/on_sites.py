"""Squares of fields on the sites, on the host: means over the links and plaquettes around a site.

The mean over the lattice of each is that of the square itself. For outputs that come rarely.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from darklat.lattice.fields import Fields
from darklat.physics import observables, staggered

Sites = npt.NDArray[np.float64]


def gradient_squared(values: Sites, dx: float, order: int) -> Sites:
    """|grad f|^2 of a site field [n, n, n], the mean over both links of each axis. order: of the
    differences."""
    forward = np.array([staggered.forward(values, axis, order) for axis in range(3)])
    return link_squares(forward) / dx**2


def link_squares(V: Sites) -> Sites:
    """V^2 of a link field [3, n, n, n], the mean over both links of each axis."""
    squares = np.zeros(V.shape[1:])
    for c in range(3):
        squares += V[c] ** 2 + np.roll(V[c], 1, c) ** 2
    return squares / 2


def curl_squares(X: Sites, dx: float, order: int) -> Sites:
    """(curl X)^2 of a link field [3, n, n, n], the mean over the four plaquettes of each plane that
    meet at a site."""
    found = np.zeros(X.shape[1:])
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        curl = staggered.forward(X[k], j, order)
        for t, tap in enumerate(map(float, staggered.differences(order))):
            curl = curl - tap * np.roll(X[j], -1 - t, k) + tap * np.roll(X[j], t, k)
        square = curl**2
        square += np.roll(square, 1, j)
        square += np.roll(square, 1, k)
        found += square / 4
    return found / dx**2


def gauge_density(fields: Fields, place: int, a: float) -> Sites:
    """(E^2 + B^2)/2a^4 [n, n, n] of the field at that place; E is up to date."""
    E_sq = link_squares(fields.in_f(fields.E[place]))
    B_sq = curl_squares(fields.in_f(fields.X[place]), fields.dx, fields.order)
    return observables.rho_gauge(E_sq, B_sq, np.asarray(a))

"""Squares of fields on the sites, on the host: means over the links and plaquettes around a site.

The mean over the lattice of each is that of the square itself. For outputs that come rarely.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from darklat.lattice.fields import Fields
from darklat.lattice.neighbours import with_neighbours
from darklat.physics import observables, staggered

Sites = npt.NDArray[np.float64]


def gradient_squared(fields: Fields, values: Sites) -> Sites:
    """|grad f|^2 of a site field [planes, n, n], the mean over both links of each axis."""

    def of(values: Sites) -> Sites:
        forward = [staggered.forward(values, axis, fields.order) for axis in range(3)]
        return _link_squares(np.array(forward)) / fields.dx**2

    return _of_slab(fields, of, values)


def link_squares(fields: Fields, V: Sites) -> Sites:
    """V^2 of a link field [3, planes, n, n], the mean over both links of each axis."""
    return _of_slab(fields, _link_squares, V)


def _of_slab(fields: Fields, function: Callable[[Sites], Sites], values: Sites) -> Sites:
    """All of these read the taps of a forward difference, from either end of a link."""
    found: Sites = with_neighbours(fields.backend, fields.order // 2, function, values)
    return found


def _link_squares(V: Sites) -> Sites:
    squares = np.zeros(V.shape[1:])
    for c in range(3):
        squares += V[c] ** 2 + np.roll(V[c], 1, c) ** 2
    return squares / 2


def curl_squares(fields: Fields, X: Sites) -> Sites:
    """(curl X)^2 of a link field [3, planes, n, n], the mean over the four plaquettes of each plane
    that meet at a site."""
    return _of_slab(fields, lambda X: _curl_squares(X, fields.dx, fields.order), X)


def _curl_squares(X: Sites, dx: float, order: int) -> Sites:
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
    """(E^2 + B^2)/2a^4 [planes, n, n] of the field at that place; E is up to date."""
    E_sq = link_squares(fields, fields.in_f(fields.E[place]))
    B_sq = curl_squares(fields, fields.in_f(fields.X[place]))
    return observables.rho_gauge(E_sq, B_sq, np.asarray(a))

"""Total probability of conversion from last scattering to a redshift, for any spectrum.

The local formula is the limit of fine intervals of Addazi et al. (2024), Eq. 42, with the exact
angular factor beside the paper's 3/2:

    dP/dz = 3 g^2 (1+z)^2/(16 pi H) I(D),   I(D) = integral_{k > |D|} dk k P_B (2/3)(1 + D^2/k^2).

|D| = |S(z)|/omega_0 (see `resonance`) and k > |D| is the same as x = k omega_0 > |S|. So the
integrals over z and k change places:

    P = 3 g^2/(16 pi) integral dk k P_B G(k omega_0),
    G(x) = integral dz (1+z)^2/H (2/3)(1 + S^2/x^2) over |S| < x,

and G depends on the mass alone. It is a sum over pieces of z where |S| is monotonic, in each of
which it is a running integral.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from darklat.physics.conversion.resonance import (
    GRID,
    MPC_PER_INVERSE_EV,
    Z_MAX,
    checked_mass,
    detuning_ev2,
    mass_range_ev,
    omega_ev,
    oscillation_per_mpc,
    resonances,
)
from darklat.physics.conversion.spectra import Angular, Spectrum, angular_factor
from darklat.physics.thermal.cosmology import ADDAZI, checked_redshift, hubble_per_second
from darklat.physics.thermal.ionisation import Electrons
from darklat.physics.units import EV_PER_GEV, GAUSS_IN_EV2, HBAR_EV_S

Array = npt.NDArray[np.float64]

_STEPS = np.geomspace(1e-8, 1.0, 1500)
"""Distances from a resonance, over 1 + z, of nodes that resolve any width of it."""

_EQUAL_SHARES = 2 / 3  # the share of photons when three states are mixed completely


def probability(
    frequency_hz: npt.ArrayLike,
    *,
    mass_ev: npt.ArrayLike,
    coupling_per_gev: float,
    spectrum: Spectrum,
    electrons: Electrons = "n_H",
    angular: Angular = "exact",
    z_end: npt.ArrayLike = 0.0,
) -> Array:
    """P that an ALP of today's frequency is a photon at z_end, from z = `Z_MAX` on.

    frequency_hz, mass_ev and z_end broadcast, and the result has their shape. Strong mixing is
    included: this is `saturated` of `weak_probability`.

    Raises ValueError for frequencies below 1 kHz (a wrong unit), masses that are not positive or
    have no resonance in range, a negative coupling, redshifts out of range, and unknown words.
    """
    return saturated(
        weak_probability(
            frequency_hz,
            mass_ev=mass_ev,
            coupling_per_gev=coupling_per_gev,
            spectrum=spectrum,
            electrons=electrons,
            angular=angular,
            z_end=z_end,
        )
    )


def weak_probability(
    frequency_hz: npt.ArrayLike,
    *,
    mass_ev: npt.ArrayLike,
    coupling_per_gev: float,
    spectrum: Spectrum,
    electrons: Electrons = "n_H",
    angular: Angular = "exact",
    z_end: npt.ArrayLike = 0.0,
) -> Array:
    """The integral of `rate` from `Z_MAX` to z_end: to first order in the square of the coupling,
    and so without a bound. Arguments and errors as `probability`."""
    mass = checked_mass(mass_ev)
    omega = omega_ev(frequency_hz)
    end = checked_redshift(z_end, highest=Z_MAX)
    coupling = coupling_per_ev(coupling_per_gev)
    omega, mass, end = np.broadcast_arrays(omega, mass, end)
    k, weight = spectrum.nodes()
    k = k * MPC_PER_INVERSE_EV
    weight = weight * GAUSS_IN_EV2**2 / MPC_PER_INVERSE_EV
    result = np.zeros(omega.shape)
    for one in np.unique(mass):
        chosen = mass == one
        window = _window(float(one), electrons)
        x = omega[chosen][:, np.newaxis] * k
        G = window.integral(x, end[chosen][:, np.newaxis], angular)
        result[chosen] = 3 * coupling**2 / (16 * math.pi) * (G @ weight)
    return result


def saturated(weak: npt.ArrayLike) -> Array:
    """(2/3)(1 - exp(-3 P/2)) of a P that counts every conversion once: photons turn back, and at
    last the ALP and both polarisations are equally likely. Elementwise."""
    P = np.asarray(weak, dtype=np.float64)
    return np.asarray(-_EQUAL_SHARES * np.expm1(-P / _EQUAL_SHARES))


def rate(
    z: npt.ArrayLike,
    *,
    frequency_hz: npt.ArrayLike,
    mass_ev: float,
    coupling_per_gev: float,
    spectrum: Spectrum,
    electrons: Electrons = "n_H",
    angular: Angular = "exact",
) -> Array:
    """dP/dz of the local formula at redshifts z, without saturation. Raises as `probability`."""
    redshift = checked_redshift(z, highest=Z_MAX)
    checked_mass(mass_ev)
    D = oscillation_per_mpc(
        redshift, frequency_hz=frequency_hz, mass_ev=mass_ev, electrons=electrons
    )
    integral = spectrum.integral_beyond(D, angular=angular) * GAUSS_IN_EV2**2 / MPC_PER_INVERSE_EV
    coupling = coupling_per_ev(coupling_per_gev)
    return 3 * coupling**2 / (16 * math.pi) * path_per_ev(redshift) * integral


def path_per_ev(z: npt.ArrayLike) -> Array:
    """(1+z)^2/H in 1/eV: the comoving path per redshift, times the growth of B over that of D."""
    values = np.asarray(z, dtype=np.float64)
    return (1 + values) ** 2 / (hubble_per_second(values, cosmology=ADDAZI) * HBAR_EV_S)


def coupling_per_ev(coupling_per_gev: float) -> float:
    """g in 1/eV. Raises ValueError for one that is negative or not finite."""
    if not (coupling_per_gev >= 0 and math.isfinite(coupling_per_gev)):
        raise ValueError(
            f"the coupling must be finite and not negative, in 1/GeV, not {coupling_per_gev}: P "
            "depends on its square, and its sign means nothing here"
        )
    return coupling_per_gev / EV_PER_GEV


@dataclass(frozen=True)
class _Piece:
    """A stretch of z where |S| rises from node to node, with running integrals from its start."""

    z: Array
    detuning: Array  # |S|, eV^2
    path: Array  # integral of (1+z)^2/H
    square: Array  # the same of S^2 (1+z)^2/H

    def integral(self, x: Array, end: Array, angular: Angular) -> Array:
        """Part of G(x) at redshifts above `end`."""
        forward = self.z[-1] > self.z[0]
        z, detuning = (self.z, self.detuning) if forward else (self.z[::-1], self.detuning[::-1])
        limit = np.interp(end, z, detuning)  # |S| at `end`, or at an end of the piece
        upper, lower = (np.maximum(x, limit), limit) if forward else (np.minimum(x, limit), None)
        total = self._running(upper, x, angular)
        return total if lower is None else total - self._running(lower, x, angular)

    def _running(self, detuning: Array, x: Array, angular: Angular) -> Array:
        path = np.interp(detuning, self.detuning, self.path)
        if angular == "three_halves":
            return path
        # With |S| linear between nodes, the integral of S^2 is linear in |S|^3.
        square = np.interp(detuning**3, self.detuning**3, self.square)
        return (2 / 3) * (path + square / x**2)


@dataclass(frozen=True)
class _Window:
    """G of one mass."""

    pieces: tuple[_Piece, ...]

    def integral(self, x: Array, end: Array, angular: Angular) -> Array:
        """G(x) in 1/eV from `Z_MAX` to redshifts `end`; x = k omega_0 in eV^2."""
        angular_factor(0.0, angular)  # refuses an unknown word
        order = np.argsort(x, axis=None)  # neighbours in the tables are found faster
        flat, ends = x.ravel()[order], np.broadcast_to(end, x.shape).ravel()[order]
        result = np.empty(x.size)
        result[order] = sum(piece.integral(flat, ends, angular) for piece in self.pieces)
        return result.reshape(x.shape)


@lru_cache(maxsize=256)
def _window(mass_ev: float, electrons: Electrons) -> _Window:
    at = resonances(mass_ev, electrons=electrons)
    if not at.size:
        low, high = mass_range_ev(electrons)
        raise ValueError(
            f"a mass of {mass_ev:g} eV has no resonance between z = 0 and {Z_MAX:g}; masses from "
            f"{low:.3g} to {high:.3g} eV have"
        )
    around = [z + sign * (1 + z) * _STEPS for z in at for sign in (-1, 1)]
    z = np.unique(np.concatenate([GRID, at, *around]))
    z = z[(z >= 0) & (z <= Z_MAX)]
    detuning = detuning_ev2(z, mass_ev=mass_ev, electrons=electrons)
    detuning[np.searchsorted(z, at)] = 0.0
    return _Window(tuple(_pieces(z, np.abs(detuning))))


def _pieces(z: Array, detuning: Array) -> list[_Piece]:
    """Stretches between extrema of |S|, each from its smallest |S| on."""
    rises = np.diff(detuning) > 0
    turns = 1 + np.flatnonzero(rises[1:] != rises[:-1])
    found = []
    for first, last in zip([0, *turns], [*turns, len(z) - 1], strict=True):
        stretch = slice(first, last + 1)
        nodes, S = z[stretch], detuning[stretch]
        if S[0] > S[-1]:
            nodes, S = nodes[::-1], S[::-1]
        length = np.abs(np.diff(nodes))
        weight = path_per_ev(nodes)
        # |S| is linear in z between nodes, and the weight nearly constant
        step = length * (weight[1:] + weight[:-1]) / 2
        square = step * (S[1:] ** 2 + S[1:] * S[:-1] + S[:-1] ** 2) / 3
        running = [np.concatenate([[0.0], np.cumsum(part)]) for part in (step, square)]
        found.append(_Piece(nodes, S, *running))
    return found

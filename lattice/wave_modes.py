"""Gravitational waves mode by mode: v = a u and w = v' of both helicities, and the source J.

    v'' + (khat^2 - a''/a) v = J/a

Every sample of the source gives a kick, and between two samples the modes move freely. Half a kick
before and half a kick behind are the trapezoid rule for the source. All else is exact where a'' =
0, and of second order where it is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from darklat.kernels import registry
from darklat.kernels.backends import Backend
from darklat.kernels.declarations.waves import Flow
from darklat.lattice.spectra import ModeList
from darklat.physics.background import Background
from darklat.physics.gravitational_waves import hubble

NUMBERS_PER_MODE = 4  # of both helicities, real and imaginary
HELICITIES = ("plus", "minus")


class WaveModes:
    """v, w and J [modes, helicity, 2] in double, of the modes of `listed`; real and imaginary parts
    of sums over the sites."""

    def __init__(self, backend: Backend, listed: ModeList) -> None:
        self._backend, self._listed = backend, listed
        self.v, self.w, self.J = (self._zeros(listed.count, 2, 2) for _ in range(3))
        segments = len(listed.segment_bin)
        self._out = {
            kernel: self._zeros(segments, len(registry.KERNELS[kernel].sums.lattice))
            for kernel in ("wave_source_modes", "wave_step")
        }

    def _zeros(self, *shape: int) -> Any:
        return self._backend.array(np.zeros(shape))

    @property
    def khat(self) -> Any:
        """Of every mode number of an axis."""
        return self._listed.khat

    def shared_with(self, other: WaveModes) -> tuple[np.ndarray, np.ndarray]:
        """The places of the modes that both have: in the other, and here. Those at a Nyquist
        frequency are left out, where k and -k are the same."""
        found = []
        for of in (other, self):
            n = len(of.khat)
            x, y, z = np.unravel_index(of._backend.to_host(of._listed.order), (n, n, n // 2 + 1))
            x, y = ((m + n // 2) % n - n // 2 for m in (x, y))
            inside = (2 * np.maximum(np.abs(x), np.abs(y)) < n) & (2 * z < n)
            largest = 2 * max(len(self.khat), len(other.khat))
            names = (x * largest + y) * largest + z
            found.append(np.where(inside, names, -(largest**3)))  # no mode's name
        own, others = found
        names, theirs, places = np.intersect1d(own, others, return_indices=True)
        shared = names > -(largest**3)
        return theirs[shared], places[shared]

    def take(self, other: WaveModes, *, every: int = 1) -> None:
        """One in `every` of another's modes, of which these are."""
        for own, theirs in ((self.v, other.v), (self.w, other.w), (self.J, other.J)):
            own[...] = theirs[::every]

    def take_source(self, transforms: Mapping[str, Any]) -> np.ndarray:
        """Sets J from the transforms of the components of the source. Returns its power [helicity,
        bins]."""
        arguments = {f"f{name}": transform for name, transform in transforms.items()}
        return self._launch("wave_source_modes", **arguments, J=self.J)

    def move(self, flow: Flow) -> np.ndarray:
        """A kick and a free motion. Returns the power of u' behind them [helicity, bins]."""
        numbers = self._backend.array(np.array(flow, dtype=np.float64))
        return self._launch("wave_step", flow=numbers, J=self.J, v=self.v, w=self.w)

    def _launch(self, kernel: str, **arguments: Any) -> np.ndarray:
        out = self._out[kernel]
        self._backend.launch(kernel, **self._listed.arguments(), **arguments, out=out)
        return self._listed.in_bins(self._backend.to_host(out))


def first_half(background: Background, tau: float, duration: float) -> Flow:
    """The half kick at tau, and the free motion over a time."""
    return _kick(background, tau, duration / 2)._replace(turn=duration)


def second_half(background: Background, tau: float, duration: float) -> Flow:
    """The half kick at tau, at the end of a time; behind it u' at tau."""
    last = _kick(background, tau, duration / 2)
    return at_rest(background, tau)._replace(kick=last.kick, drag=last.drag)


def at_rest(background: Background, tau: float) -> Flow:
    """No motion: for u' = w/a - hub v/a at tau."""
    a = float(background.scale_factor(tau))
    return Flow(from_w=1 / a, from_v=-float(background.conformal_hubble(tau)) / a)


def _kick(background: Background, tau: float, duration: float) -> Flow:
    a = float(background.scale_factor(tau))
    return Flow(kick=duration / a, drag=duration * background.acceleration(tau))


def energy(power: np.ndarray, background: Background, tau: float) -> np.ndarray:
    """Omega_GW/(f/M_Pl)^4 from the power of u', elementwise."""
    return power / (3 * hubble(background, tau) ** 2)

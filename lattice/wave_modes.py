"""Gravitational waves mode by mode: v = a u and w = v' of both helicities, and the source J.

    v'' + (khat^2 - a''/a) v = J/a

Every sample of the source gives a kick, and between two samples the modes move freely. Half a kick
before and half a kick behind are the trapezoid rule for the source. All else is exact where a'' =
0. Elsewhere a''/a gives one kick in the middle, of the change of a' over the mean a. This is of
second order, and it needs no a'': a scale factor that moves with the fields has a' too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from darklat.kernels import registry
from darklat.kernels.backends import Backend
from darklat.kernels.declarations.waves import Flow
from darklat.lattice.spectra import ModeList
from darklat.physics.background import Instant

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

    def leave(self, since: Instant, until: Instant) -> None:
        """Half a kick by the source of the first of two samples, and the motion to the other."""
        duration = until.tau - since.tau
        drag = 2 * (until.a_prime - since.a_prime) / (since.a + until.a)
        kick = duration / 2 / since.a
        if drag == 0:
            self._move(Flow(kick=kick, turn=duration))
            return
        self._move(Flow(kick=kick, turn=duration / 2))
        self._move(Flow(drag=drag, turn=duration / 2))

    def arrive(self, since: Instant, until: Instant) -> np.ndarray:
        """Half a kick by the source of the second of two samples. Returns the power of u' there."""
        return self._move(_rest(until)._replace(kick=(until.tau - since.tau) / 2 / until.a))

    def power(self, now: Instant) -> np.ndarray:
        """Of u' now [helicity, bins]."""
        return self._move(_rest(now))

    def _move(self, flow: Flow) -> np.ndarray:
        """A kick and a free motion. Returns the power of u' behind them [helicity, bins]."""
        numbers = self._backend.array(np.array(flow, dtype=np.float64))
        return self._launch("wave_step", flow=numbers, J=self.J, v=self.v, w=self.w)

    def _launch(self, kernel: str, **arguments: Any) -> np.ndarray:
        out = self._out[kernel]
        self._backend.launch(kernel, **self._listed.arguments(), **arguments, out=out)
        return self._listed.in_bins(self._backend.to_host(out))


def _rest(now: Instant) -> Flow:
    """No motion: for u' = w/a - hub v/a."""
    return Flow(from_w=1 / now.a, from_v=-now.hubble / now.a)

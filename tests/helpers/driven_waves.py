"""Gravitational waves of fields that a test sets at every sample."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from darklat.kernels.backends import make
from darklat.kernels.layout import Variant
from darklat.lattice.lattice import Lattice
from darklat.lattice.sectors.waves import WaveSector
from darklat.lattice.spectra import SpectrumPlan
from darklat.physics.background import Background

N, BOX = 16, 2 * math.pi
DX = BOX / N
LEVELS = 4  # of the extrapolation: errors of order 2, 4 and 6 in the time between samples are gone


def khat(k: float) -> float:
    return 2 / DX * math.sin(k * DX / 2)


def mean(k: float, order: int) -> float:
    """The factor that a mean of order 2 or 4 leaves of a wave."""
    half = k * DX / 2
    near, far = {2: (1.0, 0.0), 4: (9 / 8, -1 / 8)}[order]
    return near * math.cos(half) + far * math.cos(3 * half)


@dataclass
class Driven:
    """A lattice whose fields are set, and its waves."""

    background: Background
    of_means: int = 4
    samples: int = 0

    def __post_init__(self) -> None:
        backend = make("cpu", n=N, variant=Variant(1, waves=True))
        self.lattice = Lattice(
            backend, couplings=np.zeros((1, 1)), dx=DX, mass=0.0, background=self.background
        )
        self.waves = WaveSector(self.lattice, strength=1.0, of_means=self.of_means)
        self.order = SpectrumPlan(backend, n=N, box=BOX).listed().order
        self._places = {int(c): i for i, c in enumerate(self.order)}

    def source(self, x: int, y: int, z: int) -> float:
        """The real part of the source of helicity plus over n^3, at the last sample."""
        place = self._places[(x * N + y) * (N // 2 + 1) + z]
        return float(self.waves.modes.J[place, 0, 0]) / N**3

    def mode(self, x: int, y: int, z: int) -> tuple[complex, complex]:
        """u of both helicities over n^3, with x, y, z >= 0, at the last sample."""
        place = self._places[(x * N + y) * (N // 2 + 1) + z]
        u = self.waves.modes.v[place] / self.waves.now.a / N**3
        return complex(*u[0]), complex(*u[1])

    def prime(self, x: int, y: int, z: int) -> complex:
        """u' of helicity plus over n^3."""
        now = self.waves.now
        place = self._places[(x * N + y) * (N // 2 + 1) + z]
        u = (self.waves.modes.w[place] - now.hubble * self.waves.modes.v[place]) / now.a / N**3
        return complex(*u[0])

    def set_wave(self, x: int, y: int, z: int, *, v: float, w: float) -> None:
        """v and w of helicity plus over n^3, with x, y, z >= 0."""
        place = self._places[(x * N + y) * (N // 2 + 1) + z]
        self.waves.modes.v[place, 0, 0] = v * N**3
        self.waves.modes.w[place, 0, 0] = w * N**3

    def follow(self, fields: Callable[[Lattice, float], None], times: Iterable[float]) -> None:
        """Samples of the fields at these times. The first one of all is the start."""
        for tau in times:
            fields(self.lattice, tau)
            if self.samples:
                self.waves.at_closed_step(self.background.instant(tau))
            else:
                self.waves.steps_from(self.background.instant(tau))
            self.samples += 1


def extrapolated(measure: Callable[[int], np.ndarray], samples: int) -> tuple[np.ndarray, float]:
    """The limit of many samples, and the order of the error in the time between two of them."""
    rows = [measure(samples * 2**level) for level in range(LEVELS)]
    errors = [np.max(np.abs(fine - coarse)) for coarse, fine in pairwise(rows)]
    order = math.log2(errors[-2] / errors[-1])
    for power in (4, 16, 64):
        rows = [(power * fine - coarse) / (power - 1) for coarse, fine in pairwise(rows)]
    return rows[-1], order

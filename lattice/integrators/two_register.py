"""Explicit Runge-Kutta schemes in two registers (Williamson, J. Comput. Phys. 35, 48 (1980)).

    K <- A_s K + dt U'(tau + c_s dt, U),   U <- U + B_s K,   s = 1 ... stages, A_1 = 0

Any such scheme adds only multiples of a discrete curl to D and so keeps Gauss's law to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from darklat.lattice.lattice import STAGE_SUMS, Lattice, add_planes
from darklat.physics import observables


@dataclass(frozen=True)
class Scheme:
    """Coefficients of a two-register scheme, its order and its source."""

    name: str
    order: int
    A: tuple[float, ...]
    B: tuple[float, ...]
    source: str

    @property
    def stages(self) -> int:
        """Right-hand sides per step."""
        return len(self.A)

    @property
    def c(self) -> tuple[float, ...]:
        """Times of the stages in units of the step: the scheme applied to U' = 1."""
        times, register, now = [], 0.0, 0.0
        for A, B in zip(self.A, self.B, strict=True):
            times.append(now)
            register = A * register + 1.0
            now += B * register
        return tuple(times)


@dataclass
class Registers:
    """The second register of every evolved field; holds nothing between steps, because A_1 = 0."""

    theta: Any
    pi: Any
    X: Any
    D: Any


class TwoRegister:
    """Steps a lattice with a scheme and accumulates the work of expansion with the same scheme."""

    def __init__(self, scheme: Scheme, lattice: Lattice) -> None:
        backend = lattice.backend
        self.scheme, self.lattice = scheme, lattice
        self.registers = Registers(*(backend.field(kind) for kind in ("site", "site", "link", "link")))
        self._planes = lattice.stage_planes(scheme.stages)

    def step(self, *, tau: float, dt: float) -> float:
        """From tau to tau + dt; returns the work of expansion done on the way, in units of a^3 rho."""
        lattice, scale_factor = self.lattice, self.lattice.background.scale_factor
        times = [tau + c * dt for c in self.scheme.c]
        for s, (A, B) in enumerate(zip(self.scheme.A, self.scheme.B, strict=True)):
            a = float(scale_factor(times[s]))
            lattice.electric()  # E at times[s]
            lattice.momenta(
                A=A, B=B, dt=dt, a=a, registers=self.registers, planes=self._planes[s]
            )  # pi, D to times[s + 1], with theta, X, E of times[s]
            lattice.coordinates(A=A, B=B, dt=dt, registers=self.registers)  # theta, X to times[s + 1]
        return self._work(times, dt)

    def _work(self, times: list[float], dt: float) -> float:
        planes = self.lattice.backend.to_host(self._planes)
        register = work = 0.0
        for s, (A, B) in enumerate(zip(self.scheme.A, self.scheme.B, strict=True)):
            means = add_planes(planes[s], len(STAGE_SUMS), self.lattice.n) / self.lattice.n**3
            register = A * register + dt * expansion_power(means, self.lattice.background, times[s])
            work += B * register
        return work


def expansion_power(means: np.ndarray, background: Any, tau: float) -> float:
    """3 p a^3 (a'/a) from the means of STAGE_SUMS at tau: the rate at which a^3 rho loses energy to expansion."""
    a, hub = float(background.scale_factor(tau)), float(background.conformal_hubble(tau))
    pi_sq, grad_sq, potential, squares = means
    pressure = observables.pressure_alp(pi_sq / a**4, grad_sq, potential, a) + observables.pressure_gauge(squares, 0.0, a)
    return float(observables.expansion_power(pressure, a, hub))

"""Explicit Runge-Kutta schemes in two registers (Williamson, J. Comput. Phys. 35, 48 (1980)).

    K <- A_s K + dt U'(tau + c_s dt, U),   U <- U + B_s K,   s = 1 ... stages, A_1 = 0

Any such scheme adds only multiples of a discrete curl to D and so keeps Gauss's law to rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from darklat.lattice.integrators.base import Integrator, expansion_power
from darklat.lattice.lattice import STAGE_SUMS, Lattice, add_planes


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

    def integrator(self) -> Integrator:
        """The scheme as the engine sees it."""
        return Integrator(
            name=self.name,
            order=self.order,
            rhs_per_step=self.stages,
            largest_courant=self._largest_courant(),
            launches=dict.fromkeys(("electric", "momenta", "coordinates"), self.stages),
            two_registers=True,
            source=self.source,
            on=lambda lattice: TwoRegister(self, lattice),
        )

    def amplification(self, z: complex) -> complex:
        """Factor by which one step of U' = lambda U multiplies U, z = lambda dt."""
        u, register = 1.0 + 0j, 0j
        for A, B in zip(self.A, self.B, strict=True):
            register = A * register + z * u
            u += B * register
        return u

    def _largest_courant(self) -> float:
        """The fastest free wave has omega = 2 sqrt(3)/dx."""
        courant = np.arange(0.005, 2.0, 0.005)
        grows = [abs(self.amplification(2j * math.sqrt(3) * c)) > 1 + 1e-9 for c in courant]
        return float(courant[max(0, grows.index(True) - 1)] if any(grows) else courant[-1])


@dataclass
class Registers:
    """The second register of every evolved field; holds nothing between steps, because A_1 = 0."""

    theta: Any
    pi: Any
    X: Any
    D: Any


class TwoRegister:
    """Steps a lattice with a scheme."""

    def __init__(self, scheme: Scheme, lattice: Lattice) -> None:
        backend = lattice.backend
        self.scheme, self.lattice = scheme, lattice
        self.registers = Registers(
            *(backend.field(kind) for kind in ("site", "site", "link", "link"))
        )
        self._planes = lattice.planes(scheme.stages, STAGE_SUMS)

    def step(self, *, tau: float, dt: float) -> float:
        """From tau to tau + dt; returns the integral of the expansion power, by the scheme
        itself."""
        lattice, scale_factor = self.lattice, self.lattice.background.scale_factor
        times = [tau + c * dt for c in self.scheme.c]
        for s, (A, B) in enumerate(zip(self.scheme.A, self.scheme.B, strict=True)):
            a = float(scale_factor(times[s]))
            lattice.electric()  # E at times[s]
            # pi, D to times[s + 1], with theta, X, E of times[s]
            lattice.momenta(A=A, B=B, dt=dt, a=a, registers=self.registers, planes=self._planes[s])
            # theta, X to times[s + 1]
            lattice.coordinates(A=A, B=B, dt=dt, registers=self.registers)
        return self._work(times, dt)

    def _work(self, times: list[float], dt: float) -> float:
        planes = self.lattice.backend.to_host(self._planes)
        register = work = 0.0
        for s, (A, B) in enumerate(zip(self.scheme.A, self.scheme.B, strict=True)):
            means = add_planes(planes[s], STAGE_SUMS, self.lattice.n) / self.lattice.n**3
            pi_sq, grad_sq, potential, squares = means
            power = expansion_power(
                self.lattice.background,
                times[s],
                pi_sq=pi_sq,
                grad_sq=grad_sq,
                potential=potential,
                squares=squares,
            )
            register = A * register + dt * power
            work += B * register
        return work

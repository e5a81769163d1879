"""Explicit Runge-Kutta schemes in two registers (Williamson, J. Comput. Phys. 35, 48 (1980)).

    K <- A_s K + dt U'(tau + c_s dt, U),   U <- U + B_s K,   s = 1 ... stages, A_1 = 0

Any such scheme adds only multiples of a discrete curl to D and so keeps Gauss's law to rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

import numpy as np

from darklat.lattice.fields import Fields
from darklat.lattice.integrators.base import Integrator
from darklat.lattice.lattice import Lattice
from darklat.lattice.passes import Pass, Passes
from darklat.lattice.sectors.alp import expansion_power, momenta, torque
from darklat.lattice.sectors.gauge import coordinate, kick_of


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
            splitting=False,
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


class Stage(Protocol):
    """The passes of a stage, and the means over the lattice that they leave."""

    passes: list[Pass]

    def set(self, *, A: float, B: float, dt: float, a: float) -> None:
        """Sets the scalars: the scheme's coefficients, the step, and the scale factor."""
        ...

    def means(self) -> dict[str, float]:
        """Arguments of `expansion_power`."""
        ...


class TwoRegister:
    """Steps a lattice with a scheme."""

    def __init__(self, scheme: Scheme, lattice: Lattice) -> None:
        backend, fields = lattice.backend, lattice.fields
        self._scheme, self._background = scheme, lattice.background
        registers = Registers(*(backend.field(kind) for kind in ("site", "site", "link", "link")))
        kind = SecondOrderStage if fields.order == 2 else HigherOrderStage
        self._stages: list[Stage] = [kind(fields, registers) for _ in range(scheme.stages)]
        self.passes = list(chain.from_iterable(stage.passes for stage in self._stages))
        self._passes = Passes(backend, self.passes)

    def step(self, *, tau: float, dt: float, close: bool = True) -> float:
        """From tau to tau + dt; returns the integral of the expansion power, by the scheme
        itself. Every step is closed."""
        scheme = self._scheme
        times = [tau + c * dt for c in scheme.c]
        for stage, A, B, time in zip(self._stages, scheme.A, scheme.B, times, strict=True):
            stage.set(A=A, B=B, dt=dt, a=float(self._background.scale_factor(time)))
        self._passes.run()
        return self._spent(times, dt)

    def heat(self) -> float:
        """None: no field conducts."""
        return 0.0

    def _spent(self, times: list[float], dt: float) -> float:
        register = spent = 0.0
        for stage, A, B, time in zip(
            self._stages, self._scheme.A, self._scheme.B, times, strict=True
        ):
            power = expansion_power(self._background, time, **stage.means())
            register = A * register + dt * power
            spent += B * register
        return spent


class SecondOrderStage:
    """E at the time of the stage. Then pi, D to the next stage's time with theta, X, E of this one;
    then theta, X."""

    def __init__(self, f: Fields, registers: Registers) -> None:
        common: dict[str, Any] = {"A": 0.0, "B": 0.0, "dt": 0.0}
        self._momenta = Pass(
            "momenta", **common, a=1.0, mass_squared=f.mass**2, inv_dx=f.inv_dx, g=f.g,
            theta=f.theta, X=f.X, E=f.E, pi=f.pi, D=f.D,
            k_theta=registers.theta, k_pi=registers.pi, k_D=registers.D,
        )  # fmt: skip
        self._coordinates = Pass(
            "coordinates", **common, E=f.E, k_theta=registers.theta, k_X=registers.X,
            theta=f.theta, X=f.X,
        )  # fmt: skip
        self.passes = [*f.electric(), self._momenta, self._coordinates]

    def set(self, *, A: float, B: float, dt: float, a: float) -> None:
        """Sets the scalars."""
        self._momenta(A=A, B=B, dt=dt, a=a)
        self._coordinates(A=A, B=B, dt=dt)

    def means(self) -> dict[str, float]:
        """Of pi^2, |grad theta|^2 and V."""
        return self._momenta.means


class HigherOrderStage:
    """The kernels of the splitting add their changes over dt, all at one state of the fields, to
    the registers instead of the fields. These come last."""

    def __init__(self, f: Fields, registers: Registers) -> None:
        r = registers
        k = {"k_theta": r.theta, "k_pi": r.pi, "k_X": r.X, "k_D": r.D}
        self._open = Pass("open_stage", A=0.0, dt=0.0, a=1.0, pi=f.pi, **k)
        self._close = Pass("close_stage", B=0.0, **k, theta=f.theta, pi=f.pi, X=f.X, D=f.D)
        plaquettes, self._kick = kick_of(f, r.pi, r.D)
        self.passes = [self._open, plaquettes, self._kick]
        self._flows: list[Pass] = []
        for axis in range(3):
            *means, last = momenta(f, axis, r.D)
            moves, turns = coordinate(f, axis, r.X), torque(f, axis, r.pi)
            self.passes += [*f.felt_magnetic(axis, f.g, f.E), moves, turns, *means, last]
            self._flows += [moves, turns, last]
        self.passes.append(self._close)

    def set(self, *, A: float, B: float, dt: float, a: float) -> None:
        """Sets the scalars."""
        self._open(A=A, dt=dt, a=a)
        self._kick(h=dt, a=a)
        for each in self._flows:
            each(h=dt)
        self._close(B=B)

    def means(self) -> dict[str, float]:
        """Of pi^2 and of |grad theta|^2 + 4 a^2 V, which expansion takes alike."""
        return {"pi_sq": self._open.means["pi_sq"], "grad_sq": self._kick.means["trace"]}

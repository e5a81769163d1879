"""Massive U(1) fields on the lattice: what they have beyond X and D, and the kernels that move it.

P = a^2 A_0 on sites, the fluid's v on links; Q, the time integral of the current, and R, that of
a^2 X, both less what makes the constraints hold at the start:

    div (D + Q) + m^2 P = 0   (Gauss)        P = div R   (Lorenz)

Equations and scheme: docs/physics/massive-dark-photon.md; kernels/source/massive.cu.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from darklat.kernels.backends import Backend
from darklat.kernels.declarations.massive import Medium
from darklat.lattice.passes import Pass
from darklat.physics.relaxation import relaxation

_DELTA = 1e-6  # of ln a, for the growth of a history; less than from the start to the first flow


class Massive(Protocol):
    """A field's mass, and its plasma frequency and collision rate at scale factor a (1/tau_osc)."""

    @property
    def mass(self) -> float:
        """0 for a field that only its plasma makes massive."""
        ...

    def omega_p(self, a: float) -> float:
        """Plasma frequency."""
        ...

    def nu(self, a: float) -> float:
        """Collision rate."""
        ...


@dataclass(frozen=True)
class MassiveAverages:
    """Means of one field: X^2, P^2, v^2 weighted with the profile of omega_p^2; relative residuals
    of Gauss's law and of the Lorenz condition."""

    X_sq: float
    P_sq: float
    v_sq: float
    gauss: float
    lorenz: float


class MassiveFields:
    """The massive fields of a lattice, the last of the free ones.

    fields: one `Massive` each; profiles: of each, omega_p^2 over its mean on sites [n, n, n], or
    None. P: [fields, n, n, n]; v, Q, R: [fields, 3, n, n, n].
    """

    def __init__(
        self, backend: Backend, fields: Sequence[Massive], profiles: Sequence[np.ndarray | None]
    ) -> None:
        self.fields, self._backend = tuple(fields), backend
        self.P = backend.field("scalar")
        self.v, self.Q, self.R = (backend.field("massive") for _ in range(3))
        self.profile = backend.field("scalar")
        self.profile[...] = 1.0
        for own, profile in zip(self.profile, profiles, strict=False):
            if profile is not None:
                own[...] = backend.array(profile)

    def medium(self) -> Any:
        """Room for the numbers of a flow, which `fill` fills; the masses are there already."""
        rows = [Medium(mass_squared=field.mass**2) for field in self.fields]
        return self._backend.array(np.array(rows, dtype=self._backend.layout.dtype).ravel())

    def fill(self, room: Any, *, h: float, a: float) -> None:
        """The `Medium` of each field for a flow over a time h at scale factor a."""
        rows = [_medium(field, h, a) for field in self.fields]
        room[...] = self._backend.array(np.array(rows, dtype=room.dtype).ravel())

    def averages_pass(self, *, dx: float, X: Any, D: Any) -> Pass:
        """Everything of `MassiveAverages`."""
        return Pass(
            "massive_averages", dx=dx, medium=self.medium(),
            profile=self.profile, X=X, D=D, P=self.P, v=self.v, Q=self.Q, R=self.R,
        )  # fmt: skip

    def begin(self, D: Any, *, inv_dx: float) -> None:
        """A fluid at rest, and the P or the charge that Gauss's law asks for with D [fields, 3, n,
        n, n] of the start: m^2 P = -div D without a charge, rho = div D where there is no mass."""
        xp = self._backend.xp
        self.v[...] = 0.0
        for i, field in enumerate(self.fields):
            massive = field.mass > 0
            self.Q[i][...] = 0.0 if massive else -D[i]
            self.R[i][...] = -D[i] / field.mass**2 if massive else 0.0
            # once a run, so without a kernel
            self.P[i][...] = inv_dx * sum(
                R - xp.roll(R, 1, axis) for axis, R in enumerate(self.R[i])
            )


def _medium(field: Massive, h: float, a: float) -> Medium:
    omega_squared = field.omega_p(a) ** 2
    s = 2 * a * field.nu(a) * h
    friction = relaxation(s)
    c1 = h * friction.current_G / s if s > 0 else h / 2
    growth = 0.0  # of a^2 omega_p^2
    if omega_squared > 0:
        # backwards, so that a table need not go beyond the end of the run
        below = field.omega_p(a * math.exp(-2 * _DELTA))
        middle = field.omega_p(a * math.exp(-_DELTA))
        if middle > 0 and below > 0:
            now, before, first = (math.log(w) for w in (math.sqrt(omega_squared), middle, below))
            growth = 2 + (3 * now - 4 * before + first) / _DELTA
    return Medium(
        stiffness=(a * field.mass) ** 2,
        plasma=a**2 * omega_squared,
        c0=friction.gain,
        c1=c1,
        decay=friction.decay,
        a2=a * a,
        mass_squared=field.mass**2,
        growth=growth,
    )


def averages_of(means: Sequence[dict[str, float]]) -> list[MassiveAverages]:
    """From the means of every field of `averages_pass`."""

    def relative(residual: float, terms: float) -> float:
        return float(np.sqrt(residual / terms)) if terms else 0.0

    return [
        MassiveAverages(
            X_sq=float(of["X_sq"]),
            P_sq=float(of["P_sq"]),
            v_sq=float(of["v_sq"]),
            gauss=relative(of["gauss"], of["gauss_terms"]),
            lorenz=relative(of["lorenz"], of["lorenz_terms"]),
        )
        for of in means
    ]

"""The equations of motion of a massive dark photon's modes as linear systems y' = M(a) y.

Notation, units and equations as in `modes`. The components of y are A, E, v, and for
longitudinal modes P and the integral q.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from darklat.physics.proca.start import longitudinal_start

Array = npt.NDArray[np.float64]
Rate = float | Callable[[Array], npt.ArrayLike]
"""A frequency or collision rate in units of m: a number, or a function of an array of a that
returns its shape. It must be smooth except at scale factors in an attribute `knots`, if it has one.
A jump elsewhere may fall between the points where it is evaluated, unseen."""


class Plasma:
    """omega_p and nu (in m) as functions of arrays of a, checked wherever they are used."""

    def __init__(self, omega_p: Rate, nu: Rate) -> None:
        self._rates = {"omega_p": omega_p, "nu": nu}
        self.knots = sorted({float(x) for r in (omega_p, nu) for x in getattr(r, "knots", ())})

    def omega_p(self, a: Array) -> Array:
        """Plasma frequency at a, in the shape of a.

        Raises ValueError where it is negative or not finite, or has another shape.
        """
        return self._at("omega_p", a)

    def nu(self, a: Array) -> Array:
        """Collision rate at a, in the shape of a. Raises ValueError as `omega_p`."""
        return self._at("nu", a)

    def _at(self, name: str, a: Array) -> Array:
        rate = self._rates[name]
        values = np.asarray(rate(a) if callable(rate) else rate, dtype=np.float64)
        if values.shape not in ((), a.shape):
            raise ValueError(
                f"{name} must be a number or return one value per scale factor: it returned the "
                f"shape {values.shape} for {a.shape}"
            )
        values = np.broadcast_to(values, a.shape)
        bad = ~(np.isfinite(values) & (values >= 0))
        if np.any(bad):
            raise ValueError(
                f"{name} must be finite and not negative (in units of m), not {values[bad][0]} at "
                f"a = {a[bad][0]:.6g}"
            )
        return values

    def check(self, a_start: float, a_end: float, times: Array) -> None:
        """Raise ValueError where a rate cannot be used, between a_start and a_end or at one of
        `times`. Raise it where there are collisions but never a plasma."""
        a = np.concatenate([np.geomspace(a_start, max(a_end, a_start), 1024), times])
        if np.any(self.nu(a) > 0) and not np.any(self.omega_p(a) > 0):
            raise ValueError(
                "nu > 0 needs a plasma, but omega_p = 0 at all times; set nu = 0 or give omega_p"
            )


class Longitudinal:
    """Components A, E, v, P and the integral q, of wave numbers k [nk] in k_*."""

    def __init__(self, k: Array, plasma: Plasma) -> None:
        self.k, self.plasma = k, plasma

    def start(self, a: float) -> Array:
        """y at a, outside the horizon, with A = 1: [nk, 5]."""
        y = np.zeros((self.k.size, 5))
        y[:, 0] = 1.0
        y[:, 1] = longitudinal_start(self.k, a)
        y[:, 3] = -self.k * y[:, 1]
        return y

    def rates(self, a: Array) -> Array:
        """M at the scale factors a [na]: [nk, na, 5, 4]; nothing depends on q."""
        k, w2 = self.k[:, None], self.plasma.omega_p(a) ** 2
        M = np.zeros((self.k.size, a.size, 5, 4))
        M[..., 0, 1], M[..., 0, 3] = 1.0, -k / a**2
        M[..., 1, 0], M[..., 1, 2] = -(a**2), -(a**2) * w2
        M[..., 2, 1], M[..., 2, 2] = 1.0, -2 * a * self.plasma.nu(a)
        M[..., 3, 0] = a**2 * k
        M[..., 4, 2] = -(a**2) * w2 * k
        return M

    def scales(self, a0: float, a1: float) -> Array:
        """Sizes of A, E, v, P that matter alike on the way from a0 to a1: [nk, 4]."""
        # Twice the energy is A^2/a^2 + E^2/a^4 + P^2/a^6 + (omega_p v)^2/a^2. Where omega_p < H the
        # plasma does nothing yet, but its v will matter later.
        fastest = max(1 / a1**2, float(self.plasma.omega_p(np.array([a0, a1])).max()))
        return np.tile([1.0, a1, 1 / fastest, a1**2], (self.k.size, 1))


class Transverse:
    """Components A, E, v, of wave numbers k [nk] in k_*."""

    def __init__(self, k: Array, plasma: Plasma) -> None:
        self.k, self.plasma = k, plasma

    def start(self, a: float) -> Array:
        """y at the start, A = 1 and at rest: [nk, 3]."""
        y = np.zeros((self.k.size, 3))
        y[:, 0] = 1.0
        return y

    def rates(self, a: Array) -> Array:
        """M at the scale factors a [na]: [nk, na, 3, 3]."""
        M = np.zeros((self.k.size, a.size, 3, 3))
        M[..., 0, 1] = 1.0
        M[..., 1, 0] = -(self.k[:, None] ** 2) - a**2
        M[..., 1, 2] = -((a * self.plasma.omega_p(a)) ** 2)
        M[..., 2, 1], M[..., 2, 2] = 1.0, -2 * a * self.plasma.nu(a)
        return M

    def scales(self, a0: float, a1: float) -> Array:
        """Sizes of A, E, v that matter alike on the way from a0 to a1: [nk, 3]."""
        # Twice the energy is ((k^2 + a^2) A^2 + E^2 + (a omega_p v)^2)/a^4.
        frequency = np.sqrt(self.k**2 + a1**2)
        fastest = max(1 / a1**2, float(self.plasma.omega_p(np.array([a0, a1])).max()))
        return np.stack([np.ones_like(self.k), frequency, frequency / (a1 * fastest)], axis=1)

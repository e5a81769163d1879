"""Gravitational waves against sources with closed forms: the lattice's own equations solved exactly.

The fields are set at every sample, so that the projected source and the waves are all that is
tested. The trapezoid rule has an error in even powers of the time between two samples, which
Richardson's extrapolation takes out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from driven_waves import DX, Driven, N, extrapolated, khat, mean
from scipy.integrate import solve_ivp
from scipy.special import sici

from darklat.lattice.lattice import Lattice
from darklat.physics.background import Background, Radiation, Static


def standing_wave(amplitude: float, k: int) -> Callable[[Lattice, float], None]:
    """X_x = A cos kz cos khat tau, an exact solution of the lattice's equations."""
    z = np.cos(k * DX * np.arange(N))
    w = khat(k)

    def fields(lattice: Lattice, tau: float) -> None:
        lattice.X[0][0][...] = amplitude * z * math.cos(w * tau)
        lattice.D[0][0][...] = -amplitude * w * z * math.sin(w * tau)

    return fields


# ---- A standing wave of X. Its source has a constant part and one of twice its frequency. ----


@dataclass(frozen=True)
class Stress:
    """S_xx at q = 2k z: s0 + s1 cos 2 w tau. c: the factor of B; Q: the frequency of the wave."""

    s0: float
    s1: float
    w: float
    Q: float

    @classmethod
    def of(cls, *, A: float, w: float, c: float, Q: float) -> Stress:
        return cls(-(A**2) * w**2 * (1 + c**2) / 8, A**2 * w**2 * (1 - c**2) / 8, w, Q)

    def static(self, tau: float) -> tuple[float, float]:
        """u, u' from rest at tau = 0."""
        Q, w = self.Q, self.w
        driven = self.s1 / (Q**2 - 4 * w**2) if self.s1 else 0.0
        u = self.s0 / Q**2 * (1 - math.cos(Q * tau))
        u += driven * (math.cos(2 * w * tau) - math.cos(Q * tau))
        prime = self.s0 / Q * math.sin(Q * tau)
        prime += driven * (Q * math.sin(Q * tau) - 2 * w * math.sin(2 * w * tau))
        return u, prime

    def radiation(self, start: float, tau: float) -> tuple[float, float]:
        """u, u' from rest at `start` in the radiation era, by integration."""

        def rates(t: float, y: np.ndarray) -> list[float]:
            source = self.s0 + self.s1 * math.cos(2 * self.w * t)
            return [y[1], -2 / t * y[1] - self.Q**2 * y[0] + source / t**2]

        found = solve_ivp(rates, (start, tau), [0, 0], method="DOP853", rtol=1e-13, atol=1e-17)
        return float(found.y[0, -1]), float(found.y[1, -1])


CONTINUUM = Stress.of(A=0.3, w=2, c=1, Q=4)


def on_lattice(of_means: int) -> Stress:
    c = mean(2, of_means)
    return Stress.of(A=0.3, w=khat(2), c=c, Q=khat(4))


def test_the_closed_forms_give_the_tables() -> None:
    """Numbers of an independent program, continuum and lattice, 13 digits."""
    rows = [
        (CONTINUUM.static(0.5), (-7.965825955578e-3, -2.045919210358e-2)),
        (CONTINUUM.static(2), (-6.443437690173e-3, -2.226056054903e-2)),
        (CONTINUUM.radiation(0.5, 1), (-1.185026765075e-2, -1.091960022815e-2)),
        (CONTINUUM.radiation(0.5, 4), (-8.474568228869e-4, -9.040516820140e-3)),
        (on_lattice(2).static(0.5), (-7.101201483153e-3, -2.109038964828e-2)),
        (on_lattice(2).static(2), (-8.620439805840e-4, -1.460010380585e-2)),
        (on_lattice(2).radiation(0.5, 1), (-1.192953595884e-2, -1.541351643884e-2)),
        (on_lattice(2).radiation(0.5, 4), (2.261195974207e-3, -5.369378803657e-3)),
    ]
    for found, table in rows:
        np.testing.assert_allclose(found, table, rtol=1e-11, atol=1e-14)
    S, q, start, tau = -0.09, 4.0, 0.5, 4.0  # and the integral sine and cosine
    si, ci = (b - a for a, b in zip(sici(q * start), sici(q * tau), strict=True))
    v = S / q * (math.sin(q * tau) * ci - math.cos(q * tau) * si)
    assert CONTINUUM.radiation(start, tau)[0] == pytest.approx(v / tau, rel=1e-11, abs=0)


@pytest.mark.parametrize(
    ("of_means", "background", "start", "ends", "samples"),
    [
        (2, Static(), 0.0, (0.5, 2.0), 16),
        (4, Static(), 0.0, (0.5, 2.0), 16),
        (2, Radiation(), 0.5, (1.0, 4.0), 28),
    ],
)
def test_a_standing_wave_drives_the_exact_waves(
    of_means: int, background: Background, start: float, ends: tuple[float, float], samples: int
) -> None:
    exact = on_lattice(of_means)

    def measure(count: int) -> np.ndarray:
        driven, found = Driven(background, of_means), []
        times = np.linspace(start, ends[-1], count + 1)
        between = int(np.argmin(np.abs(times - ends[0])))
        for part in np.split(times, [between + 1]):
            driven.follow(standing_wave(0.3, 2), part)
            plus, minus = driven.mode(0, 0, 4)
            assert plus == pytest.approx(minus, rel=1e-12, abs=1e-15)  # linear polarisation
            found.append((2 * plus.real, 2 * driven.prime(0, 0, 4).real))
            assert abs(plus.imag) < 1e-15
            energy = driven.waves.spectrum()
            hub = driven.waves.now.hubble or 1.0
            assert energy.sum() == pytest.approx(found[-1][1] ** 2 / (3 * hub**2), rel=1e-12, abs=0)
            assert energy[:, 3].sum() == pytest.approx(energy.sum(), rel=1e-12, abs=0)
        return np.array(found)

    found, order = extrapolated(measure, samples)
    solve = exact.static if start == 0 else lambda tau: exact.radiation(start, tau)
    np.testing.assert_allclose(found, [solve(tau) for tau in ends], rtol=1e-10, atol=1e-12)
    assert order == pytest.approx(2, abs=0.1)

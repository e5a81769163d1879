"""Averages over the lattice at one moment, from which everything in the time series follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from darklat.lattice.lattice import ALP_SUMS, GAUGE_SUMS, Lattice
from darklat.physics import observables


@dataclass(frozen=True)
class GaugeAverages:
    """Means of E^2 and B^2 of one field, and its relative Gauss residual: rms of div D over rms of
    the sum of the magnitudes of its six terms (0 where D vanishes)."""

    E_sq: float
    B_sq: float
    gauss: float


@dataclass(frozen=True)
class Averages:
    """Means over the lattice at scale factor a, in units of f and tau_osc."""

    a: float
    theta: float
    theta_sq: float
    theta_prime_sq: float
    grad_sq: float
    potential: float
    gauge: dict[str, GaugeAverages]

    @property
    def rho_alp(self) -> float:
        """Energy density of the ALP."""
        return float(observables.rho_alp(self.theta_prime_sq, self.grad_sq, self.potential, self.a))

    def rho_gauge(self, letter: str) -> float:
        """Energy density of a gauge field."""
        field = self.gauge[letter]
        return float(observables.rho_gauge(field.E_sq, field.B_sq, self.a))

    @property
    def comoving_energy(self) -> float:
        """a^3 rho of all fields."""
        return self.a**3 * (self.rho_alp + sum(self.rho_gauge(letter) for letter in self.gauge))


def measure(lattice: Lattice, letters: tuple[str, ...], a: float) -> Averages:
    """The averages now, at scale factor a. Brings E up to date."""
    means = lattice.means()
    theta, theta_sq, pi_sq, grad_sq, potential = (float(m) for m in means[:ALP_SUMS])
    gauge = {}
    for letter, block in zip(letters, means[ALP_SUMS:].reshape(-1, GAUGE_SUMS), strict=True):
        E_sq, B_sq, residual, terms = block
        gauss = float(np.sqrt(residual / terms)) if terms else 0.0
        gauge[letter] = GaugeAverages(float(E_sq), float(B_sq), gauss)
    return Averages(a, theta, theta_sq, pi_sq / a**4, grad_sq, potential, gauge)

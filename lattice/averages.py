"""Averages over the lattice at one moment, from which everything in the time series follows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from darklat.lattice.lattice import Lattice
from darklat.physics import observables


@dataclass(frozen=True)
class GaugeAverages:
    """Means of E^2 and B^2 of one field, and its relative Gauss residual: rms of div D over rms of
    the sum of the magnitudes of its six terms (0 where D vanishes)."""

    E_sq: float
    B_sq: float
    gauss: float


@dataclass(frozen=True)
class MassAverages:
    """Of a massive field: means of m^2 X^2, m^2 P^2 and omega_p^2 v^2, and its relative Lorenz
    residual."""

    m2_X_sq: float
    m2_P_sq: float
    omega2_v_sq: float
    lorenz: float


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
    massive: dict[str, MassAverages]

    @property
    def rho_alp(self) -> float:
        """Energy density of the ALP."""
        return float(observables.rho_alp(self.theta_prime_sq, self.grad_sq, self.potential, self.a))

    def rho_gauge(self, letter: str) -> float:
        """Energy density of a gauge field, without that of its plasma."""
        field = self.gauge[letter]
        rho = observables.rho_gauge(field.E_sq, field.B_sq, self.a)
        if own := self.massive.get(letter):
            rho += observables.rho_massive(own.m2_X_sq, own.m2_P_sq, self.a)
        return float(rho)

    def rho_plasma(self, letter: str) -> float:
        """Kinetic energy density of a field's plasma."""
        return float(observables.rho_plasma(self.massive[letter].omega2_v_sq, self.a))

    @property
    def conformal_energy(self) -> float:
        """a^4 rho of all fields and plasmas."""
        gauge = sum(self.rho_gauge(letter) for letter in self.gauge)
        return self.a**4 * (self.rho_alp + gauge + sum(map(self.rho_plasma, self.massive)))


def measure(lattice: Lattice, letters: tuple[str, ...], a: float) -> Averages:
    """The averages now, at scale factor a. Brings E up to date."""
    means = lattice.means()
    gauge = {}
    for letter, of in zip(letters, means.gauge, strict=True):
        terms = of["gauss_terms"]
        gauss = float(np.sqrt(of["gauss"] / terms)) if terms else 0.0
        gauge[letter] = GaugeAverages(float(of["E_sq"]), float(of["B_sq"]), gauss)
    massive = {}
    if lattice.massive:
        variant = lattice.backend.layout.variant
        own_letters = letters[variant.massless : variant.free]
        own = zip(own_letters, lattice.massive.fields, lattice.massive_averages(), strict=True)
        for letter, field, found in own:
            gauge[letter] = replace(gauge[letter], gauss=found.gauss)
            massive[letter] = MassAverages(
                field.mass**2 * found.X_sq,
                field.mass**2 * found.P_sq,
                field.omega_p(a) ** 2 * found.v_sq,
                found.lorenz,
            )
    alp = {name: float(mean) for name, mean in means.alp.items()}
    return Averages(
        a=a,
        theta=alp["theta"],
        theta_sq=alp["theta_sq"],
        theta_prime_sq=alp["pi_sq"] / a**4,
        grad_sq=alp["grad_sq"],
        potential=alp["potential"],
        gauge=gauge,
        massive=massive,
    )

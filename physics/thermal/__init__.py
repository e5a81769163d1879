"""Thermal history of the universe, and the conductivity of its plasma.

g_* of the Standard Model (`degrees`) and the times that follow from it (`radiation`) serve numbers
of today, at any temperature. Below 10 MeV the temperature and the electrons of a conducting plasma
come from integrals over e+ e- (`history`). The late universe has its expansion (`cosmology`), its
recombination (`recombination`), and its electrons with the photon's mass among them (`ionisation`).
"""

from darklat.physics.thermal.cosmology import STANDARD, Cosmology, hubble_per_second
from darklat.physics.thermal.degrees import g_energy, g_entropy
from darklat.physics.thermal.ionisation import (
    Electrons,
    electrons_per_m3,
    ionisation_fraction,
    matter_temperature_kelvin,
    plasma_mass_ev,
    plasma_mass_slope,
)

__all__ = [
    "STANDARD",
    "Cosmology",
    "Electrons",
    "electrons_per_m3",
    "g_energy",
    "g_entropy",
    "hubble_per_second",
    "ionisation_fraction",
    "matter_temperature_kelvin",
    "plasma_mass_ev",
    "plasma_mass_slope",
]

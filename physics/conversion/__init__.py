"""Conversion of axion-like particles to photons in a stochastic magnetic field after recombination.

Source: A. Addazi et al., "Excess Radiation from Axion-Photon Conversion" (2024). Frequencies are
those of today in Hz, fields of today in gauss, wave numbers comoving in 1/Mpc. docs/physics has the
equations, and the places where they differ from the paper.
"""

from darklat.physics.conversion.intervals import interval_probability
from darklat.physics.conversion.resonance import (
    Z_MAX,
    mass_range_ev,
    oscillation_length_mpc,
    oscillation_per_mpc,
    resonances,
)
from darklat.physics.conversion.run_spectrum import of_run
from darklat.physics.conversion.spectra import (
    Angular,
    Monochromatic,
    ScaleInvariant,
    Spectrum,
    Tabulated,
    TwoSlope,
)
from darklat.physics.conversion.total import probability, rate, saturated

__all__ = [
    "Z_MAX",
    "Angular",
    "Monochromatic",
    "ScaleInvariant",
    "Spectrum",
    "Tabulated",
    "TwoSlope",
    "interval_probability",
    "mass_range_ev",
    "of_run",
    "oscillation_length_mpc",
    "oscillation_per_mpc",
    "probability",
    "rate",
    "resonances",
    "saturated",
]

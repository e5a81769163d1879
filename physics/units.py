"""Physical constants in natural units (hbar = c = k_B = 1, energies in eV), program units and
their names.

Program units: the conformal time tau_osc and the scale factor a_osc are one at the moment when c H
= m. c is the background's `oscillation_condition`, m the mass of the axion-like particle (ALP). In
the radiation era a = tau, so the comoving Hubble rate is one at that moment and m = c in units of
1/tau_osc. Potentials X are in units of f, E and B in f/tau_osc, densities in f^2/tau_osc^2. Without
an ALP the moment is the one of a given Hubble rate. tau_* and a_* are one then, and 1/tau_* takes
the place of f. Electromagnetic fields are in Heaviside-Lorentz units.

Sources: CODATA 2018 (Tiesinga et al., Rev. Mod. Phys. 93, 025010 (2021)); Particle Data Group
(Workman et al., PTEP 2022, 083C01), with the CMB temperature of Fixsen, ApJ 707, 916 (2009).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

EV_PER_GEV = 1e9
HBAR_EV_S = 6.582119569e-16  # CODATA 2018, exact to the digits given
HBAR_C_EV_M = 1.973269804e-7  # CODATA 2018, exact to the digits given
BOLTZMANN_EV_PER_K = 8.617333262e-5  # CODATA 2018, exact to the digits given
PARSEC_M = 3.0856775814913673e16  # IAU 2015 resolution B2
NEWTON_PER_GEV2 = 6.70883e-39  # PDG 2022, G in units of hbar c^5 / GeV^2

FINE_STRUCTURE = 7.2973525693e-3  # CODATA 2018
ELECTRON_MASS_EV = 510998.95  # CODATA 2018

REDUCED_PLANCK_MASS_EV = EV_PER_GEV / math.sqrt(8 * math.pi * NEWTON_PER_GEV2)
"""M_Pl = (8 pi G)^(-1/2), 2.435e27 eV."""

GAUSS_IN_EV2 = 1.953528e-2
"""One gauss in eV^2: B^2/2 (natural, Heaviside-Lorentz) = B^2/(2 mu_0) (SI)."""

T0_K = 2.7255
"""Temperature of the cosmic microwave background today, kelvin."""

T0_EV = T0_K * BOLTZMANN_EV_PER_K

KPC_PER_INVERSE_EV = HBAR_C_EV_M / (1e3 * PARSEC_M)
"""Length of one inverse eV in kiloparsec."""

HUBBLE_100_EV = HBAR_EV_S * 1e5 / (1e6 * PARSEC_M)
"""100 km/s/Mpc in eV."""

CRITICAL_DENSITY_PER_H2_EV4 = 3 * (REDUCED_PLANCK_MASS_EV * HUBBLE_100_EV) ** 2
"""Critical density today over h^2, eV^4."""

G_STAR = 3.36
"""Effective relativistic degrees of freedom in energy after e+ e- annihilation: photons and
three neutrinos, 2 + (21/4) (4/11)^(4/3)."""

G_STAR_S = 3.91
"""The same in entropy, 2 + (21/4) (4/11)."""


def time_unit_inverse_eV(*, mass_eV: float, oscillation_condition: float) -> float:
    """tau_osc = 1/(a_osc H_osc) = c/m in inverse eV, as a physical time when a = a_osc."""
    return oscillation_condition / mass_eV


@dataclass(frozen=True)
class ProgramUnits:
    """The units of a run's numbers.

    hubble_eV: the Hubble rate at a = 1 in eV, whose inverse is the unit of conformal time;
    field_GeV: the unit of the potentials X.
    """

    hubble_eV: float
    field_GeV: float

    @property
    def vacuum_amplitude(self) -> float:
        """The unit of the amplitude 1/sqrt(2k) of a canonical field.

        The potentials are in units of f and wave numbers in 1/tau_osc, so hbar appears as the
        number 1/(f tau_osc). It is 3.33e-43 for m = 1e-17 eV, f = 1e16 GeV, c = 3.
        """
        return self.hubble_eV / (self.field_GeV * EV_PER_GEV)


def units_of_alp(*, mass_eV: float, f_GeV: float, oscillation_condition: float) -> ProgramUnits:
    """Of a model with an ALP: c H = m at a = 1, and f."""
    return ProgramUnits(mass_eV / oscillation_condition, f_GeV)


def units_without_alp(*, hubble_eV: float) -> ProgramUnits:
    """Of gauge fields alone, whose potentials are in units of the same rate, so that hbar is
    one."""
    return ProgramUnits(hubble_eV, hubble_eV / EV_PER_GEV)


# ---- Names, in files and figures. ----

_WITHOUT_ALP = {
    "tau_osc": "tau_*",
    "1/tau_osc": "1/tau_*",
    "1/tau_osc^2": "1/tau_*^2",
    "a_osc": "a_*",
    "f": "1/tau_*",
    "f/tau_osc": "1/tau_*^2",
    "f tau_osc": "1",
    "f^2": "1/tau_*^2",
    "f^2/tau_osc^2": "1/tau_*^4",
    "f^4/tau_osc^4": "1/tau_*^8",
}


@dataclass(frozen=True)
class UnitNames:
    """The names of units: tau_osc, a_osc and f with an ALP; without one tau_*, a_*, and 1/tau_* for
    the potentials."""

    alp: bool = True

    def __call__(self, units: str) -> str:
        """The name of a unit that is written as with an ALP."""
        return units if self.alp else _WITHOUT_ALP.get(units, units)

    def tex(self, units: str) -> str:
        """The name as LaTeX."""
        return _tex(self(units))

    @property
    def tau(self) -> str:
        """Of conformal time."""
        return self("tau_osc")

    @property
    def a(self) -> str:
        """Of the scale factor."""
        return self("a_osc")

    @property
    def X_squared(self) -> str:
        """Of X^2."""
        return self("f^2")

    @property
    def square(self) -> str:
        """Of E^2, B^2 and densities."""
        return self("f^2/tau_osc^2")

    @property
    def tau_tex(self) -> str:
        """Of conformal time, as LaTeX."""
        return _tex(self.tau)

    @property
    def a_tex(self) -> str:
        """Of the scale factor, as LaTeX."""
        return _tex(self.a)

    @property
    def X_squared_tex(self) -> str:
        """Of X^2, as LaTeX."""
        return _tex(self.X_squared)

    @property
    def square_tex(self) -> str:
        """Of E^2, B^2 and densities, as LaTeX."""
        return _tex(self.square)


def _tex(name: str) -> str:
    return name.replace("tau", r"\tau").replace("_osc", r"_\mathrm{osc}")

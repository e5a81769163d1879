"""The expansion and the densities of the late universe: matter, radiation, a cosmological constant.

    H(z)^2 = H_0^2 (Omega_m (1+z)^3 + Omega_r (1+z)^4 + Omega_Lambda),   flat.

Radiation is photons and massless neutrinos, rho_r = rho_gamma (1 + (7/8) (4/11)^(4/3) N_eff). Three
neutrinos with masses of 0.06 eV in all would change H by less than 0.1% after recombination.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from darklat.physics.units import (
    BOLTZMANN_EV_PER_K,
    CRITICAL_DENSITY_PER_H2_EV4,
    HBAR_C_EV_M,
    HBAR_EV_S,
    HUBBLE_100_EV,
    T0_K,
)

Array = npt.NDArray[np.float64]

HYDROGEN_MASS_EV = 938.806725e6
"""Of the atom: 1.673575e-27 kg, as in RECFAST. CODATA's is smaller by 2.5e-5."""

HELIUM_OVER_HYDROGEN_MASS = 3.9715
"""Of the atoms (Seager, Sasselov, Scott, ApJ 523, L1 (1999))."""


@dataclass(frozen=True)
class Cosmology:
    """Parameters of a flat universe. The defaults are Planck's (N. Aghanim et al., A&A 641, A6
    (2020), table 2, TT,TE,EE+lowE+lensing), and n_b0 that of Addazi et al. (2024).

    Raises ValueError for a parameter that is not positive, and for helium that leaves no hydrogen.
    """

    hubble_km_s_mpc: float = 67.36
    omega_b_h2: float = 0.02237
    omega_c_h2: float = 0.12
    helium_mass_fraction: float = 0.2454
    neutrino_species: float = 3.044
    """N_eff (Bennett et al., JCAP 04 (2021) 073)."""
    cmb_kelvin: float = T0_K
    baryons_per_m3: float = 0.251
    """n_b0 that Addazi et al. print, for electrons "n_b" alone. omega_b_h2 gives 0.2512."""
    reionisation_redshift: float = 7.67
    """Half of hydrogen is ionised here."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (value > 0 and math.isfinite(value)):
                raise ValueError(f"{name} must be positive and finite, not {value}")
        if self.helium_mass_fraction >= 1:
            raise ValueError(
                f"helium_mass_fraction must be below one, not {self.helium_mass_fraction}: "
                "hydrogen makes the rest"
            )

    @property
    def hubble_0_per_second(self) -> float:
        """H_0 in 1/s."""
        return self.hubble_km_s_mpc / 100 * HUBBLE_100_EV / HBAR_EV_S

    @property
    def omega_matter(self) -> float:
        """Baryons and cold dark matter over the critical density."""
        return (self.omega_b_h2 + self.omega_c_h2) / (self.hubble_km_s_mpc / 100) ** 2

    @property
    def omega_radiation(self) -> float:
        """Photons and massless neutrinos over the critical density."""
        photons = math.pi**2 / 15 * (self.cmb_kelvin * BOLTZMANN_EV_PER_K) ** 4
        neutrinos = 7 / 8 * (4 / 11) ** (4 / 3) * self.neutrino_species
        critical = CRITICAL_DENSITY_PER_H2_EV4 * (self.hubble_km_s_mpc / 100) ** 2
        return photons * (1 + neutrinos) / critical

    @property
    def hydrogen_per_m3(self) -> float:
        """Hydrogen nuclei per cubic metre today, n_H0."""
        density = (1 - self.helium_mass_fraction) * self.omega_b_h2 * CRITICAL_DENSITY_PER_H2_EV4
        return density / HYDROGEN_MASS_EV / HBAR_C_EV_M**3

    @property
    def helium_per_hydrogen(self) -> float:
        """Helium nuclei per hydrogen nucleus."""
        mass_ratio = self.helium_mass_fraction / (1 - self.helium_mass_fraction)
        return mass_ratio / HELIUM_OVER_HYDROGEN_MASS


STANDARD = Cosmology()
"""The parameters that every function takes unless it is given others."""

ADDAZI = replace(STANDARD, cmb_kelvin=2.725)
"""With the temperature of Addazi et al. (2024): x_e is 4e-4 smaller at z = 20, for colder radiation
lets hydrogen recombine earlier."""


def hubble_per_second(z: npt.ArrayLike, *, cosmology: Cosmology = STANDARD) -> Array:
    """H(z) in 1/s, elementwise. Raises ValueError for redshifts below zero or not finite."""
    growth = 1 + checked_redshift(z)
    matter, radiation = cosmology.omega_matter, cosmology.omega_radiation
    square = matter * growth**3 + radiation * growth**4 + (1 - matter - radiation)
    return np.asarray(cosmology.hubble_0_per_second * np.sqrt(square))


def checked_redshift(z: npt.ArrayLike, *, highest: float = math.inf) -> Array:
    """z as an array. Raises ValueError unless all are finite and from zero to `highest`."""
    values = np.asarray(z, dtype=np.float64)
    if not np.all(np.isfinite(values) & (values >= 0) & (values <= highest)):
        limit = "" if math.isinf(highest) else f" and at most {highest:g}, where the history begins"
        raise ValueError(f"redshifts must be finite, not negative{limit}")
    return values


def equality(hubble_eV: float, *, cosmology: Cosmology = STANDARD) -> float:
    """a_eq/a at the Hubble rate `hubble_eV`, of matter and radiation alone with a constant g_*:
    1.4e5 for an ALP of 1e-17 eV at 3 H = m. Raises ValueError for a rate that is not positive."""
    if not (hubble_eV > 0 and math.isfinite(hubble_eV)):
        raise ValueError(f"the Hubble rate must be positive and finite, not {hubble_eV}")
    growth = cosmology.omega_matter / cosmology.omega_radiation  # 1 + z_eq
    rate = cosmology.hubble_0_per_second * HBAR_EV_S
    part = rate * math.sqrt(cosmology.omega_matter * growth**3)  # H_eq/sqrt 2
    from scipy.optimize import brentq  # slow to import, and few runs need it

    # (H/part)^2 = y^4 + y^3 with y = a_eq/a; in its logarithm both terms are exact at their ends.
    wanted = 2 * math.log(hubble_eV / part)

    def excess(log_y: float) -> float:
        return 3 * log_y + float(np.logaddexp(0, log_y)) - wanted

    low, high = sorted((wanted / 4, wanted / 3))
    return math.exp(brentq(excess, low - 1, high + 1, xtol=1e-14, rtol=1e-14))

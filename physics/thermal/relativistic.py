"""The conductivity of a plasma of relativistic charges, to leading logarithm.

Charged leptons carry the current. They are deflected by soft photons from all charges, and turn
into photons and back. To leading order in 1/ln(1/e) the conductivity is (P. Arnold, G. D. Moore,
L. G. Yaffe, JHEP 11 (2000) 001, hep-ph/0010177)

    sigma_phys = C T/(e^2 ln(1/e)),   C = 15.70, 20.66 for one and two Dirac leptons alone.

C = N F(S) for N leptons that conduct among charges with the sum S of their squares. S is N and the
quarks, which count three colours each. 1/F is linear in S to a permille up to S = 7: the fit below.
A test solves the Boltzmann equation for C. G. Baym and H. Heiselberg, PRD 56, 5254 (1997), have the
same form, T/(alpha ln(1/alpha)), below the electroweak scale.

ln(1/e) is only 1.19, so that terms beyond the logarithm count: the formula is right to a factor of
two or so. With ln(T/m_Debye), which is the same to this order, sigma is a third smaller.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from darklat.physics.thermal.degrees import fermion_share
from darklat.physics.units import EV_PER_GEV, FINE_STRUCTURE

Array = npt.NDArray[np.float64]

T_ELECTROWEAK_EV = 100e9
"""Up to here the field of the photon is one of its own; above, W bosons are light, and the massless
field is hypercharge."""

T_QUARKS_EV = 155e6
"""From here on quarks count as free charges; below, hadrons are left out."""

_COUPLING = -4 * math.pi * FINE_STRUCTURE * math.log(4 * math.pi * FINE_STRUCTURE) / 2
"""e^2 ln(1/e)."""

_MUON_GEV, _TAU_GEV = 0.1057, 1.777
_QUARKS_GEV = ((2.0, 0.0), (4 / 3, 1.27), (1 / 3, 4.18))
"""Sum of three colours' squared charges, and mass: u, d, s together, c, b."""


def conductivity_eV(T_eV: npt.ArrayLike) -> Array:
    """sigma_phys in eV at temperatures well above m_e, elementwise.

    Heavier charges count by their share of the energy of massless ones. Raises ValueError for
    temperatures that are not positive or above `T_ELECTROWEAK_EV`.
    """
    T = np.asarray(T_eV, dtype=np.float64)
    if not np.all((T > 0) & (T <= T_ELECTROWEAK_EV)):
        raise ValueError(
            f"temperatures must be positive and at most {T_ELECTROWEAK_EV / EV_PER_GEV:g} GeV: "
            "above, the photon is no field of its own"
        )
    T_GeV = T / EV_PER_GEV
    leptons = 1 + fermion_share(_MUON_GEV / T_GeV) + fermion_share(_TAU_GEV / T_GeV)
    quarks = sum(squares * fermion_share(mass / T_GeV) for squares, mass in _QUARKS_GEV)
    charges = leptons + np.where(T >= T_QUARKS_EV, quarks, 0.0)
    return coefficient(leptons, charges) * T / _COUPLING


def coefficient(leptons: npt.ArrayLike, charges: npt.ArrayLike) -> Array:
    """C of the module for N leptons among charges with the sum of squares S >= N."""
    return np.asarray(leptons) / (0.03078 + 0.03299 * np.asarray(charges))

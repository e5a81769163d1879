"""The magnetic field of a run as that of today: gauss, and comoving wave numbers in 1/Mpc.

The flux is conserved: B falls as a^-2 from the end of the run until today, and before the ALPs
convert it is larger by (1+z)^2. Turbulence and damping in between are left out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from darklat.physics import run_relics
from darklat.physics.conversion import Tabulated
from darklat.physics.units import EV_PER_GEV, GAUSS_IN_EV2

Array = npt.NDArray[np.float64]


def spectrum_today(k: Array, power: Array, *, hubble_eV: float, field_GeV: float) -> Tabulated:
    """A spectrum of B in program units as the one of today.

    k: in 1/tau_osc, increasing; power: of B per ln k in f^2/tau_osc^2, both [n]. hubble_eV,
    field_GeV: the units of the run, as `units.ProgramUnits` has them. Raises ValueError as
    `Tabulated`.
    """
    history = {"mass_eV": hubble_eV, "oscillation_condition": 1.0}  # tau_osc = 1/H at a = 1
    length_mpc = run_relics.length_today_kpc(1.0, **history) / 1e3
    shrink = run_relics.a_osc_over_a0(**history)
    gauss = field_GeV * EV_PER_GEV * hubble_eV * shrink**2 / GAUSS_IN_EV2
    return Tabulated(k / length_mpc, power * gauss**2)

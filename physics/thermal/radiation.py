"""The radiation era of the Standard Model: T_osc and a_osc/a_0 with the g_*(T) of `degrees`.

    3 M_Pl^2 H^2 = (pi^2/30) g_energy(T) T^4,     g_entropy(T) a^3 T^3 = constant

Only particles of the Standard Model and radiation count: no matter, no dark radiation, nothing that
decays later. Matter is as dense as radiation at `T_EQUALITY_EV`. It is 1% of the radiation at T_osc
of an ALP of 5e-24 eV, and more at that of a lighter one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from darklat.physics.thermal.degrees import T_MAX_GEV, g_energy, g_entropy
from darklat.physics.units import EV_PER_GEV, REDUCED_PLANCK_MASS_EV, T0_EV

Array = npt.NDArray[np.float64]


def hubble_eV(T_eV: npt.ArrayLike) -> Array:
    """H in eV at temperature T, elementwise. Raises ValueError as `g_energy`."""
    T = np.asarray(T_eV, dtype=np.float64)
    g = g_energy(T / EV_PER_GEV)
    return np.asarray(math.pi / REDUCED_PLANCK_MASS_EV * np.sqrt(g / 90) * T**2)


T_EQUALITY_EV = 0.8
"""Matter and radiation are equally dense, 1 + z = 3400 (Workman et al., PTEP 2022, 083C01)."""

HUBBLE_MAX_EV = float(hubble_eV(T_MAX_GEV * EV_PER_GEV))
"""H at the highest temperature of the fits, 1.4e23 eV."""


def is_known(hubble_eV: float) -> bool:
    """Whether g_* is known at the temperature of this H."""
    return 0 < hubble_eV <= HUBBLE_MAX_EV


@lru_cache(maxsize=64)
def temperature_osc_eV(*, mass_eV: float, oscillation_condition: float) -> float:
    """T_osc in eV from c H = m: 107.2 keV at 1e-17 eV, c = 3.

    Raises ValueError for values that are not positive and for H above `HUBBLE_MAX_EV`.
    """
    if not (mass_eV > 0 and oscillation_condition > 0):
        raise ValueError(
            "mass_eV and oscillation_condition must be positive, "
            f"not {mass_eV} and {oscillation_condition}"
        )
    hubble = mass_eV / oscillation_condition
    if not is_known(hubble):
        raise ValueError(
            f"H = {hubble:.3g} eV at a_osc is not between 0 and {HUBBLE_MAX_EV:.3g} eV, that of "
            f"{T_MAX_GEV:g} GeV, where the fits of g_* end"
        )
    from scipy.optimize import brentq  # slow to import, and few runs need it

    # g_* lies between 3.3 and 110.
    lower, upper = (_temperature_eV(hubble, g) for g in (110.0, 3.3))
    highest = T_MAX_GEV * EV_PER_GEV

    def excess(T: float) -> float:
        return float(hubble_eV(min(T, highest))) / hubble - 1

    return float(brentq(excess, lower, min(upper, highest), xtol=1e-15 * lower, rtol=1e-15))


@dataclass(frozen=True)
class Epoch:
    """The moment a = a_osc in the history of the universe."""

    T_osc_eV: float
    g_energy: float
    g_entropy: float
    a_osc_over_a0: float


def epoch(*, mass_eV: float, oscillation_condition: float) -> Epoch:
    """T_osc, both g_* there, and a_osc/a_0, entropy being conserved: 2.020e-9 at 1e-17 eV, c = 3.

    Raises as `temperature_osc_eV`.
    """
    T_osc = temperature_osc_eV(mass_eV=mass_eV, oscillation_condition=oscillation_condition)
    energy = float(g_energy(T_osc / EV_PER_GEV))
    today, then = (float(g_entropy(T / EV_PER_GEV)) for T in (T0_EV, T_osc))
    return Epoch(T_osc, energy, then, (today / then) ** (1 / 3) * T0_EV / T_osc)


def _temperature_eV(hubble: float, g: float) -> float:
    """T of H in eV with a constant g_*."""
    return math.sqrt(REDUCED_PLANCK_MASS_EV * hubble / math.pi) * (90 / g) ** 0.25

"""The magnetic spectrum of a run, as a field of today.

A run's spectra are the power per ln k of the comoving B = curl X (sum of both helicities) in
(f/tau_osc)^2, at k in 1/tau_osc. The physical field is B/a^2 with a in a_osc. After the run a
conducting plasma holds the photon's field: B grows as (1+z)^2 at comoving k, so that today

    B_today = B (f/tau_osc) (a_osc/a_0)^2,   k_today = k/(tau_osc a_0/a_osc).

This neglects MHD turbulence, which moves power to larger scales, and damping at recombination,
which takes it from small ones. A dark photon's field is free radiation, whose spectrum of B
redshifts in the same way. Mixed with the photon, it acts on the ALP as a field of B_X times the
mixing.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from darklat.physics import run_relics
from darklat.physics.conversion.spectra import Tabulated
from darklat.physics.units import EV_PER_GEV, GAUSS_IN_EV2, time_unit_inverse_eV

Array = npt.NDArray[np.float64]


def of_run(
    k: Array,
    power_per_lnk: Array,
    *,
    mass_eV: float,
    f_GeV: float,
    oscillation_condition: float,
    mixing: float = 1.0,
    radiation_hubble: float = 1.0,
) -> Tabulated:
    """The spectrum today of a run's B at k (1/tau_osc) with its power per ln k ((f/tau_osc)^2).

    mixing multiplies B: one for the photon's field, and the kinetic mixing for a dark photon's.
    radiation_hubble: as in `run_relics.today`.
    Raises ValueError as `Tabulated`, as `run_relics.a_osc_over_a0`, for f that is not positive, and
    for a mixing that is zero or not finite.
    """
    if not (f_GeV > 0 and math.isfinite(f_GeV)):
        raise ValueError(f"f_GeV must be positive and finite, not {f_GeV}")
    if mixing == 0 or not math.isfinite(mixing):
        raise ValueError(f"the mixing must be finite and not zero, not {mixing}")
    model = {"mass_eV": mass_eV, "oscillation_condition": oscillation_condition}
    history = {**model, "radiation_hubble": radiation_hubble}
    shrink = run_relics.a_osc_over_a0(**history)
    gauss = f_GeV * EV_PER_GEV / time_unit_inverse_eV(**model) * shrink**2 / GAUSS_IN_EV2
    mpc = run_relics.length_today_kpc(1.0, **history) / 1e3
    power = np.asarray(power_per_lnk, dtype=np.float64) * (gauss * mixing) ** 2
    return Tabulated(np.asarray(k, dtype=np.float64) / mpc, power)

"""The numbers that sum up a run, from its series and its last spectra.

Every definition is elsewhere in this package (observables, spectra, relics). This module chooses
the values of a run that go into them, once for the engine's summary and for the analysis.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from darklat.physics import observables, relics, spectra
from darklat.physics.units import ProgramUnits

Array = npt.NDArray[np.float64]


OF_AN_ALP = ("r", "epsilon", "b", "a_saturation", "omega_phi_h2")
"""The numbers that have no meaning without an ALP."""


@dataclass(frozen=True)
class EndOfRun:
    """Numbers at the end of a run. None where the model, the background or the data has none."""

    r: float | None
    """<rho_phi>/(rho_phi)_{g=0} at the end."""
    epsilon: float | None
    """(a/a_osc) <rho_X>/(rho_phi)_{g=0} at the end."""
    b: float | None
    """sqrt(<rho_A>/<rho_X>)/g_AX at the end; A is the photon."""
    a_saturation: float | None
    """a/a_osc at which epsilon is first within 10% of its final value; radiation era only."""
    k_peak: float | None
    """Peak of the power per ln k of B (of the photon, or of X where there is none), 1/tau_osc.
    Without an ALP, which makes B, it is the peak of the longitudinal potential of a massive X."""
    integral_scale: float | None
    """Integral scale of the same field, tau_osc (see `spectra.integral_scale_k`)."""
    helicity_B_A: float | None
    """Helicity of the photon's B: power of plus less power of minus, over their sum; -1 to 1."""
    coherence_length_kpc: float | None
    """2 pi/k_peak today, kpc; this and the following in the radiation era only."""
    integral_scale_kpc: float | None
    """The integral scale today, kpc."""
    B_X_today_gauss: float | None
    """rms dark magnetic field today, gauss."""
    B_today_gauss: float | None
    """rms magnetic field of the photon today, gauss."""
    omega_phi_h2: float | None
    """Density of the ALP today over the critical density, times h^2."""
    delta_neff: float | None
    """Energy of the dark photons today as a number of neutrino species, if they are massless."""
    omega_X_h2: float | None
    """Density of the dark photons today over the critical density, times h^2, if they are massive.
    It takes a^3 rho_X of the end, as if none of them were relativistic any more."""


def end_of_run(
    *,
    a: Array,
    r: Array | None,
    epsilon: Array | None,
    rho_theta: Array | None,
    rho_X: Array | None,
    k: Array | None,
    dlnk: Array | None,
    power_B_X: Array | None,
    units: ProgramUnits,
    radiation: bool,
    b: Array | None = None,
    rho_A: Array | None = None,
    power_B_A: Array | None = None,
    power_X_long: Array | None = None,
    helicity_power_B_A: Array | None = None,
    X_is_massive: bool = False,
) -> EndOfRun:
    """The numbers at the last row of a run's series.

    a (in a_osc), r, epsilon, b, rho_theta, rho_X, rho_A (f^2/tau_osc^2) are series of one length
    [nt]. The others are [nk] of the last spectra: k (1/tau_osc), dlnk, power_B_X, power_B_A (per ln
    k, both helicities together), helicity_power_B_A (plus minus minus) and power_X_long (of the
    longitudinal potential of a massive X). A is the photon. r, epsilon, b and rho_theta are None
    without an ALP. With power_B_A lengths and k_peak are of its field, otherwise of B_X, or without
    an ALP of power_X_long where it is given. A massive X counts as matter from then on. None for a
    series or spectrum that the run lacks gives None for the numbers that need it. So do values that
    are not finite, a spectrum without power and a static background. Raises ValueError for an empty
    series and series of different lengths.
    """
    columns = [x for x in (a, r, epsilon, b, rho_theta, rho_X, rho_A) if x is not None]
    if a.size == 0 or any(x.shape != a.shape for x in columns):
        shapes = ", ".join(str(x.shape) for x in columns)
        raise ValueError(f"the series must have one length and at least one row; shapes {shapes}")
    epsilon_end = _last(epsilon)
    power = power_B_X if rho_theta is not None or power_X_long is None else power_X_long
    k_peak, integral_scale = _scales(k, dlnk, power if power_B_A is None else power_B_A)
    now = None
    if radiation and (rho_theta is None or _last(rho_theta) is not None):
        now = relics.today(
            mass_eV=units.hubble_eV,  # H at a = 1 is all that the ALP's mass says here
            oscillation_condition=1.0,
            f_GeV=units.field_GeV,
            rho_phi_a3=_at_end(a, 3, rho_theta),
            rho_X_a4=None if X_is_massive else _at_end(a, 4, rho_X),
            rho_X_a3=_at_end(a, 3, rho_X) if X_is_massive else None,
            rho_A_a4=_at_end(a, 4, rho_A),
            k_peak=k_peak,
            integral_scale=integral_scale,
        )
    a_saturation = None
    if radiation and epsilon is not None and epsilon_end is not None:
        a_saturation = observables.a_saturation(a, epsilon)
    return EndOfRun(
        r=_last(r),
        epsilon=epsilon_end,
        b=_last(b),
        a_saturation=a_saturation,
        k_peak=k_peak,
        integral_scale=integral_scale,
        helicity_B_A=_helicity(dlnk, helicity_power_B_A, power_B_A),
        coherence_length_kpc=now.coherence_length_kpc if now else None,
        integral_scale_kpc=now.integral_scale_kpc if now else None,
        B_X_today_gauss=now.B_X_today_gauss if now else None,
        B_today_gauss=now.B_today_gauss if now else None,
        omega_phi_h2=now.omega_phi_h2 if now else None,
        delta_neff=now.delta_neff if now else None,
        omega_X_h2=now.omega_X_h2 if now else None,
    )


def _last(series: Array | None) -> float | None:
    if series is None or not math.isfinite(series[-1]):
        return None
    return float(series[-1])


def _at_end(a: Array, power: int, density: Array | None) -> float | None:
    """a^power times the density in the last row."""
    last = _last(density)
    return None if last is None else float(a[-1]) ** power * last


def _scales(
    k: Array | None, dlnk: Array | None, power: Array | None
) -> tuple[float | None, float | None]:
    """Peak and integral scale, or None for both where there is no finite power."""
    if k is None or dlnk is None or power is None:
        return None, None
    if not (np.all(np.isfinite(power)) and np.any(power > 0)):
        return None, None
    return spectra.peak(k, power), spectra.integral_scale_k(k, power, dlnk)


def _helicity(dlnk: Array | None, difference: Array | None, power: Array | None) -> float | None:
    """Difference over sum of the two helicities' power, or None where there is no finite power."""
    if dlnk is None or difference is None or power is None:
        return None
    net, total = float(np.sum(difference * dlnk)), float(np.sum(power * dlnk))
    if not (math.isfinite(net) and math.isfinite(total) and total > 0):
        return None
    return net / total

"""The gravitational waves of a run: their energy then and today, and their peak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from darklat.analysis.spectra import both_helicities, helicity_power
from darklat.physics import gravitational_waves
from darklat.physics.spectra import peak
from darklat.storage.read_run import Array, RunFiles


@dataclass(frozen=True)
class WaveNumbers:
    """At the last spectrum. None where they do not apply: without power, or without a today."""

    omega: float
    sampling: float
    """Its relative change when every second sample of the source is left out."""
    k_peak: float | None
    peak: float | None
    """dOmega/dlnk in the largest bin."""
    helicity: float | None
    """(plus - minus)/(plus + minus) of the energy."""
    omega_h2: float | None
    peak_h2: float | None
    """dOmega h^2/dlnk today in that bin."""
    frequency_Hz: float | None
    """Today, of the peak."""


@dataclass(frozen=True)
class WaveSpectrum:
    """Omega_GW h^2 today per ln f by helicity, [times, f]; frequencies in Hz; a at the times."""

    frequency_Hz: Array
    plus: Array
    minus: Array
    a: Array


def of_run(run: RunFiles) -> WaveNumbers | None:
    """The numbers of the waves; None for a run without, or without a spectrum."""
    both, difference = both_helicities(run, "gw"), helicity_power(run, "gw")
    if both is None or difference is None:
        return None
    power, scale = both.power[-1], _to_today(run)
    total = float(power @ both.dlnk)
    some = total > 0
    k = peak(both.k, power) if some else None
    largest = float(np.max(power)) if some else None
    per_hz = _per_wave_number(run)
    return WaveNumbers(
        omega=total,
        sampling=float(run.series["omega_gw_sampling"][-1]),
        k_peak=k,
        peak=largest,
        helicity=float(difference @ both.dlnk) / total if some else None,
        omega_h2=None if scale is None else total * float(scale[-1]),
        peak_h2=None if scale is None or largest is None else largest * float(scale[-1]),
        frequency_Hz=None if per_hz is None or k is None else k * per_hz,
    )


def spectrum_today(run: RunFiles) -> WaveSpectrum | None:
    """What the spectra of all times would be today; None where there is no today, or no waves."""
    scale, per_k = _to_today(run), _per_wave_number(run)
    if scale is None or per_k is None:
        return None
    plus, minus = (run.spectra[f"gw_{sign}"] for sign in ("plus", "minus"))
    n = min(len(plus.tau), len(minus.tau))
    return WaveSpectrum(
        frequency_Hz=per_k * plus.k,
        plus=plus.power[:n] * scale[:n, None],
        minus=minus.power[:n] * scale[:n, None],
        a=plus.a[:n],
    )


def _to_today(run: RunFiles) -> Array | None:
    """Omega h^2 today over Omega, at every time of a spectrum."""
    found, both = _today(run), both_helicities(run, "gw")
    if found is None or both is None:
        return None
    hub = np.interp(both.tau, run.series["tau"], run.series["hubble"])  # a'/a
    return np.asarray(found.share * (both.a * hub) ** 2)


def _per_wave_number(run: RunFiles) -> float | None:
    """Hz today per 1/tau_osc."""
    found = _today(run)
    return None if found is None else found.frequency_Hz


def _today(run: RunFiles) -> gravitational_waves.WavesToday | None:
    config = run.config
    return gravitational_waves.today(config.program_units, radiation_hubble=config.radiation_hubble)

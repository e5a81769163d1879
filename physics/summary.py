"""The numbers that sum up a run, from its series and its last spectra.

Every definition is elsewhere in this package (observables, spectra, run_relics). This module
chooses the values of a run that go into them, once for the engine's summary and for the analysis.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from darklat.physics import observables, run_relics, spectra
from darklat.physics.thermal.radiation import is_known
from darklat.physics.units import ProgramUnits

Array = npt.NDArray[np.float64]


OF_AN_ALP = ("r", "epsilon", "b", "a_saturation", "omega_phi_h2")
"""The numbers that have no meaning without an ALP."""


@dataclass(frozen=True)
class SpectrumBins:
    """The bins of the spectra, [nk] each: mean k and |khat| (1/tau_osc), and width in ln k; and the
    |khat| from which on the lattice does not resolve them."""

    k: Array
    khat: Array
    dlnk: Array
    cutoff: float


@dataclass(frozen=True)
class GaugeRecord:
    """The records of one gauge field: its density rho [nt] (f^2/tau_osc^2), and of its last
    spectra, per ln k [nk], the power of B (both helicities together), the power of helicity + less
    that of -, and the power of the longitudinal potential. None where the run has none."""

    dark: bool
    has_mass: bool
    conducts: bool
    rho: Array | None = None
    epsilon: Array | None = None
    """[nt], where the series has it; otherwise `epsilon_of` gives it."""
    power_B: Array | None = None
    helicity_power_B: Array | None = None
    power_long: Array | None = None


@dataclass(frozen=True)
class GaugeEnd:
    """Numbers of one gauge field at the end. None where the model, the background or the data has
    none."""

    epsilon: float | None
    """(a/a_osc) <rho>/(rho_phi)_{g=0} of a dark field."""
    a_saturation: float | None
    """a/a_osc at which its epsilon is first within 10% of its final value; None if a = 1
    throughout."""
    peak_of: str
    """The quantity of spectra.h5 that has the following four: B, or without an ALP, which makes B,
    the longitudinal potential of a massive field."""
    k_peak: float | None
    """Peak of its power per ln k, 1/tau_osc."""
    integral_scale: float | None
    """Its integral scale, tau_osc (see `spectra.integral_scale_k`)."""
    power_at_cutoff: float | None
    """Share of its power in the bins beyond the cutoff."""
    helicity_B: float | None
    """Power of B of helicity + less that of -, over their sum; -1 to 1."""
    coherence_length_kpc: float | None
    """2 pi/k_peak today, kpc; this and the following where today is known."""
    integral_scale_kpc: float | None
    """The integral scale today, kpc."""
    B_today_gauss: float | None
    """rms magnetic field today, gauss. None for a massive dark field."""
    delta_neff: float | None
    """Energy of a massless dark field today as a number of neutrino species."""
    omega_h2: float | None
    """Density of a massive dark field today over the critical density, times h^2. It takes a^3 rho
    of the end, as if none of it were relativistic any more."""


@dataclass(frozen=True)
class EndOfRun:
    """Numbers at the end of a run. None where the model, the background or the data has none.

    X stands for the first dark field and A for the photon. `fields` has the numbers of each field.
    """

    dark_field: str | None
    """The letter of X."""
    photon: str | None
    """The letter of A."""
    r: float | None
    """<rho_phi>/(rho_phi)_{g=0} at the end."""
    epsilon: float | None
    """(a/a_osc) <rho_X>/(rho_phi)_{g=0} at the end."""
    b: float | None
    """sqrt(<rho_A>/<rho_X>)/g_AX at the end."""
    a_saturation: float | None
    """a/a_osc at which epsilon is first within 10% of its final value; None if a = 1 throughout."""
    k_peak: float | None
    """Peak of the power per ln k of A, or of X where there is no photon, 1/tau_osc."""
    integral_scale: float | None
    """Integral scale of the same field, tau_osc."""
    helicity_B_A: float | None
    """Helicity of the photon's B."""
    coherence_length_kpc: float | None
    """2 pi/k_peak today, kpc; this and the following where today is known."""
    integral_scale_kpc: float | None
    """The integral scale today, kpc."""
    B_X_today_gauss: float | None
    """rms dark magnetic field of X today, gauss."""
    B_today_gauss: float | None
    """rms magnetic field of the photon today, gauss."""
    omega_phi_h2: float | None
    """Density of the ALP today over the critical density, times h^2."""
    delta_neff: float | None
    """Energy of all massless dark fields today as a number of neutrino species."""
    omega_X_h2: float | None
    """Density of X today over the critical density, times h^2, if it is massive."""
    k_smallest: float | None
    """The smallest wave number of the spectra, 1/tau_osc."""
    k_cutoff: float | None
    """The wave number from which on the lattice does not resolve them, 1/tau_osc."""
    fields: dict[str, GaugeEnd]
    """By letter."""

    @property
    def shown(self) -> str | None:
        """The field that has k_peak and the lengths."""
        return self.photon or self.dark_field


def end_of_run(
    *,
    a: Array,
    r: Array | None,
    rho_theta: Array | None,
    fields: Mapping[str, GaugeRecord],
    bins: SpectrumBins | None,
    units: ProgramUnits,
    expands: bool,
    radiation_hubble: float | None,
    b: Array | None = None,
) -> EndOfRun:
    """The numbers at the last row of a run's series.

    a (in a_osc), r, b and rho_theta (f^2/tau_osc^2) are series of one length [nt], and so is rho of
    every field. fields: by letter, in the order of declaration. bins: None without spectra. r, b
    and rho_theta are None without an ALP. A massive dark field counts as matter from then on. None
    for a series or spectrum that the run lacks gives None for the numbers that need it. So do
    values that are not finite, a spectrum without power, and a static background. For numbers of
    today so do a background without known radiation, whose radiation_hubble (see
    `run_relics.today`) is None, and an H at a = 1 at which g_* is not known.

    Raises ValueError for an empty series and series of different lengths.
    """
    of_fields = [column for of in fields.values() for column in (of.rho, of.epsilon)]
    columns = [x for x in (a, r, b, rho_theta, *of_fields) if x is not None]
    if a.size == 0 or any(x.shape != a.shape for x in columns):
        shapes = ", ".join(str(x.shape) for x in columns)
        raise ValueError(f"the series must have one length and at least one row; shapes {shapes}")
    history = {
        "mass_eV": units.hubble_eV,  # H at a = 1 is all that the ALP's mass says here
        "oscillation_condition": 1.0,
        "f_GeV": units.field_GeV,
    }
    known = radiation_hubble is not None and is_known(units.hubble_eV * radiation_hubble)
    if radiation_hubble is not None:
        history["radiation_hubble"] = radiation_hubble
    known = known and (rho_theta is None or _last(rho_theta) is not None)
    found = {
        letter: _gauge(letter, of, a, r, rho_theta, bins, history if known else None, expands)
        for letter, of in fields.items()
    }
    X = next((letter for letter, of in fields.items() if of.dark), None)
    A = next((letter for letter, of in fields.items() if not of.dark), None)
    dark, photon = found.get(X or ""), found.get(A or "")
    shown = photon or dark
    now = None
    if known:
        now = run_relics.today(
            **history,
            rho_phi_a3=_at_end(a, 3, rho_theta),
            rho_X_a4=None,
            k_peak=None,
            integral_scale=None,
        )
    shares = [of.delta_neff for of in found.values() if of.delta_neff is not None]
    return EndOfRun(
        dark_field=X,
        photon=A,
        r=_last(r),
        epsilon=dark.epsilon if dark else None,
        b=_last(b),
        a_saturation=dark.a_saturation if dark else None,
        k_peak=shown.k_peak if shown else None,
        integral_scale=shown.integral_scale if shown else None,
        helicity_B_A=photon.helicity_B if photon else None,
        coherence_length_kpc=shown.coherence_length_kpc if shown else None,
        integral_scale_kpc=shown.integral_scale_kpc if shown else None,
        B_X_today_gauss=dark.B_today_gauss if dark else None,
        B_today_gauss=photon.B_today_gauss if photon else None,
        omega_phi_h2=now.omega_phi_h2 if now else None,
        delta_neff=sum(shares) if shares else None,
        omega_X_h2=dark.omega_h2 if dark else None,
        k_smallest=None if bins is None else float(bins.k[0]),
        k_cutoff=None if bins is None else spectra.k_of_khat(bins.k, bins.khat, bins.cutoff),
        fields=found,
    )


def epsilon_of(
    *, a: Array, r: Array | None, rho_theta: Array | None, rho: Array | None
) -> Array | None:
    """epsilon of one dark field, [nt]; the ALP without gauge fields has the density rho_theta/r."""
    if r is None or rho_theta is None or rho is None:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        return observables.dark_radiation_fraction(rho, rho_theta / r, a)


def _gauge(
    letter: str,
    of: GaugeRecord,
    a: Array,
    r: Array | None,
    rho_theta: Array | None,
    bins: SpectrumBins | None,
    history: dict[str, float] | None,
    expands: bool,
) -> GaugeEnd:
    """The numbers of one field; `history` is None where today is not known."""
    long = rho_theta is None and of.dark and of.power_long is not None
    power = of.power_long if long else of.power_B
    k_peak, integral_scale = _scales(bins, power)
    now = None
    if history is not None:
        matter = of.dark and of.has_mass
        density = _at_end(a, 3 if matter else 4, of.rho)
        # A plasma leaves no electric field today, so that all of the density is magnetic.
        magnetic = not of.dark or (of.conducts and not matter)
        now = run_relics.today(
            **history,
            rho_phi_a3=None,
            rho_X_a4=density if of.dark and not matter else None,
            rho_X_a3=density if matter else None,
            rho_A_a4=density if magnetic else None,
            k_peak=k_peak,
            integral_scale=integral_scale,
        )
    epsilon, a_saturation = of.epsilon, None
    if epsilon is None and of.dark:
        epsilon = epsilon_of(a=a, r=r, rho_theta=rho_theta, rho=of.rho)
    if expands and epsilon is not None and math.isfinite(epsilon[-1]):
        a_saturation = observables.a_saturation(a, epsilon)
    field = None
    if now is not None:
        field = now.B_X_today_gauss if now.B_today_gauss is None else now.B_today_gauss
    return GaugeEnd(
        epsilon=_last(epsilon),
        a_saturation=a_saturation,
        peak_of=f"X_{letter}_long" if long else f"B_{letter}",
        k_peak=k_peak,
        integral_scale=integral_scale,
        power_at_cutoff=_share_at_cutoff(bins, power),
        helicity_B=_helicity(bins, of.helicity_power_B, of.power_B),
        coherence_length_kpc=now.coherence_length_kpc if now else None,
        integral_scale_kpc=now.integral_scale_kpc if now else None,
        B_today_gauss=field,
        delta_neff=now.delta_neff if now else None,
        omega_h2=now.omega_X_h2 if now else None,
    )


def _last(series: Array | None) -> float | None:
    if series is None or not math.isfinite(series[-1]):
        return None
    return float(series[-1])


def _at_end(a: Array, power: int, density: Array | None) -> float | None:
    """a^power times the density in the last row."""
    last = _last(density)
    return None if last is None else float(a[-1]) ** power * last


def _has_power(power: Array) -> bool:
    return bool(np.all(np.isfinite(power)) and np.any(power > 0))


def _scales(bins: SpectrumBins | None, power: Array | None) -> tuple[float | None, float | None]:
    """Peak and integral scale, or None for both where there is no finite power."""
    if bins is None or power is None or not _has_power(power):
        return None, None
    return spectra.peak(bins.k, power), spectra.integral_scale_k(bins.k, power, bins.dlnk)


def _share_at_cutoff(bins: SpectrumBins | None, power: Array | None) -> float | None:
    """Share of the power in the bins beyond the cutoff, or None where there is no finite power."""
    if bins is None or power is None or not _has_power(power):
        return None
    weight = power * bins.dlnk
    return float(np.sum(weight[bins.khat > bins.cutoff]) / np.sum(weight))


def _helicity(
    bins: SpectrumBins | None, difference: Array | None, power: Array | None
) -> float | None:
    """Difference over sum of the two helicities' power, or None where there is no finite power."""
    if bins is None or difference is None or power is None:
        return None
    net, total = float(np.sum(difference * bins.dlnk)), float(np.sum(power * bins.dlnk))
    if not (math.isfinite(net) and math.isfinite(total) and total > 0):
        return None
    return net / total

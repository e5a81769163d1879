"""psi of dark QED as a relic, numerically: two temperatures, quantum statistics, all energies.

The dark bath of psi and light A' has T_dark = xi T_SM (Eq. 3.10 of Arvanitaki et al., "Dark QED
from Inflation") at m_psi/T_dark = x_start. From there both sectors conserve their own entropy.
n counts psi and its antiparticle, and each meets half of all:

    dn/dt + 3 H n = -<sigma v> (n^2 - n_eq^2)/2.

<sigma v> is the thermal average of the whole cross-section (`annihilation`), and H has the energy
of both sectors. psi starts in equilibrium. Where 2 -> 2 processes are slower than H at all times,
that is an assumption, and the result is Eq. 4.7 for a hot relic. A' is massless here; corrections
are of order (m_A'/m_psi)^2. Left out are bound states and the enhancement by attraction, of order
pi alpha_D/v, which is e_D^2/2 at freeze-out.

Energies are in GeV, densities fractions of the critical one with h = `closed_forms.H0`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from darklat.physics import boltzmann
from darklat.physics.dark_qed import annihilation, bath, closed_forms
from darklat.physics.thermal import g_energy
from darklat.physics.thermal.degrees import T_MAX_GEV

Array = npt.NDArray[np.float64]

X_START, X_END = 0.1, 1e3
"""m_psi/T_dark of the integration. After X_END annihilation removes what `_rest` adds, a few
permille."""

RTOL = 1e-8
"""Tolerance of the solver. 1e-6 and 1e-10 change Omega by less than 1e-5."""

_DEPARTED = 1.5
"""n/n_eq that defines freeze-out in the result."""


@dataclass(frozen=True)
class Relic:
    """The history of psi over x = m_psi/T_dark, and what is left today. Arrays of one length."""

    x: Array
    T_dark_gev: Array
    T_sm_gev: Array
    Y: Array
    """(n_psi + n_antipsi)/s of the Standard Model."""
    Y_eq: Array
    annihilation_over_hubble: Array
    """n_eq <sigma v>/(2 H), of one particle of a bath in equilibrium."""
    xi_start: float
    xi_end: float
    """T_dark/T_SM at the last x, with the heat of psi that annihilated."""
    x_freeze_out: float | None
    """x where n is 1.5 n_eq; None where that is below `X_START`."""
    yield_end: float
    """Y after all annihilation."""
    omega: float
    """Of psi and its antiparticle."""
    yield_photon: float
    """n/s of the dark photons, which are no longer made or lost."""


def relic(
    *,
    mass_fermion_gev: float,
    charge: float,
    hubble_inflation_gev: float,
    eta: float,
    energy: float = 1.0,
    at_rest: bool = False,
    x_start: float = X_START,
    rtol: float = RTOL,
) -> Relic:
    """The relic density of psi with a light A'.

    `energy` is the share of Eq. 2.6 (see `bath`). `at_rest` takes <sigma v> of Eq. 4.2 at all
    temperatures. Raises ValueError for values that are not positive. Raises it where the bath would
    be hotter than the Standard Model or that hotter than the tables of g_*, and where x_start is
    not below 1.
    """
    bath.check_positive(m_psi=mass_fermion_gev, e_D=charge, x_start=x_start)
    if x_start >= 1:
        raise ValueError(f"x_start must be below 1, where psi is relativistic, not {x_start:g}")
    T_sm, xi = start(
        T_dark_gev=mass_fermion_gev / x_start,
        hubble_inflation_gev=hubble_inflation_gev,
        eta=eta,
        energy=energy,
    )
    psi = boltzmann.Species(mass_fermion_gev, bath.DOF_FERMION, "fermi")
    photon = boltzmann.Species(0.0, bath.DOF_PHOTON, "bose")
    plasma = boltzmann.standard_model()
    dark = boltzmann.hidden_sector((psi, photon), xi=xi, T=T_sm, bath=plasma)
    rest = closed_forms.cross_section_gev2(mass_fermion_gev=mass_fermion_gev, charge=charge)

    def half_cross_section(T: Array) -> Array:
        if at_rest:
            return np.full_like(T, rest / 2)
        return rest / 2 * annihilation.thermal_average(mass_fermion_gev / T)

    reaction = boltzmann.annihilation(
        species=psi,
        cross_section=half_cross_section,
        bath=plasma,
        temperature=dark.temperature,
        dark_energy_density=lambda T: dark.energy(dark.temperature(T)),
    )
    # T_SM at X_END: T_dark falls as T_SM but for the heat of psi and g_* of both sectors.
    T_end = _plasma_temperature(dark, mass_fermion_gev / X_END, T_sm * x_start / X_END)
    found = boltzmann.evolve(
        reaction,
        x_start=mass_fermion_gev / T_sm,
        x_end=mass_fermion_gev / T_end,
        empty=False,
        rtol=rtol,
    )
    T = mass_fermion_gev / found.x
    T_dark = dark.temperature(T)
    hubble = plasma.hubble(T, dark.energy(T_dark))
    rate = psi.number(T_dark) * half_cross_section(T_dark) / hubble
    end = found.final / (1 + found.final * float(reaction.loss(found.x[-1:])[0]))
    x = mass_fermion_gev / T_dark
    heated = _heated(end / float(found.Y[0]))
    cold = T_sm / T_dark[0] * T_dark[-1] / T[-1]  # of T_dark/T_SM, psi having annihilated
    xi_end = float(xi * cold * (heated / closed_forms.HEATED) ** (1 / 3))
    photons = float(photon.number(xi_end * T[-1]) / plasma.entropy(T[-1]))
    return Relic(
        x=x,
        T_dark_gev=T_dark,
        T_sm_gev=T,
        Y=found.Y,
        Y_eq=found.Y_eq,
        annihilation_over_hubble=rate,
        xi_start=xi,
        xi_end=xi_end,
        x_freeze_out=_departure(x, np.log(found.Y) - _log_equilibrium(found.Y_eq)),
        yield_end=end,
        omega=omega(end, mass_gev=mass_fermion_gev),
        yield_photon=photons,
    )


def omega(yield_: float, *, mass_gev: float) -> float:
    """Fraction of the critical density with h = `closed_forms.H0`."""
    return boltzmann.omega_h2(yield_, mass=mass_gev) / closed_forms.H0**2


def start(
    *, T_dark_gev: float, hubble_inflation_gev: float, eta: float, energy: float = 1.0
) -> tuple[float, float]:
    """T_SM and xi of Eq. 3.10, with g_* at that T_SM, where all dark particles are relativistic.

    Raises ValueError where xi is 1 or more, where T_SM is above the tables of g_*, and where H
    would be above H_I.
    """
    T_sm, ratio = T_dark_gev, 1.0
    for _ in range(100):
        ratio = bath.xi(
            hubble_inflation_gev=hubble_inflation_gev,
            eta=eta,
            g_star=float(g_energy(min(T_sm, T_MAX_GEV))),
            energy=energy,
        )
        if ratio >= 1:
            raise ValueError(
                f"xi = T_dark/T_SM would be {ratio:.3g}: Eq. 3.10 needs a dark sector that is "
                "colder than the Standard Model, which drives the expansion"
            )
        last, T_sm = T_sm, T_dark_gev / ratio
        if abs(T_sm / last - 1) < 1e-13:
            break
    if T_sm > T_MAX_GEV:
        raise ValueError(
            f"T_SM = {T_sm:.3g} GeV where T_dark = {T_dark_gev:.3g} GeV, above {T_MAX_GEV:g} GeV, "
            "where the tables of g_* end"
        )
    hubble = bath.hubble_gev(temperature_gev=T_sm, g_star=float(g_energy(T_sm)))
    if hubble > hubble_inflation_gev:
        raise ValueError(
            f"H = {hubble:.3g} GeV where T_dark = {T_dark_gev:.3g} GeV, above H_I = "
            f"{hubble_inflation_gev:.3g} GeV: the bath is never so hot"
        )
    return T_sm, ratio


def _plasma_temperature(dark: boltzmann.HiddenSector, T_dark: float, guess: float) -> float:
    """T_SM where the dark sector has T_dark, from s_dark/s_SM = constant."""
    T = guess
    for _ in range(100):  # s ~ g_s T^3 and g_s hardly changes: a fixed point
        wanted = float(dark.entropy(T_dark)) / dark.entropy_ratio
        step = (wanted / float(dark.bath.entropy(T))) ** (1 / 3)
        T *= step
        if abs(step - 1) < 1e-12:
            break
    return T


def _heated(survivors: float) -> float:
    """T_dark^3 a^3 after psi over that before: 1 if all survive, 13/6 if none do.

    The entropy of those that annihilate goes to A'. Between both ends this is an interpolation.
    """
    return 1 + (closed_forms.HEATED - 1) * (1 - survivors)


def _log_equilibrium(Y_eq: Array) -> Array:
    """ln Y_eq, which underflows at late times."""
    return np.asarray(np.log(np.maximum(Y_eq, 1e-300)))


def _departure(x: Array, log_excess: Array) -> float | None:
    """x where ln(n/n_eq) reaches that of `_DEPARTED`; None where it does not, or at the first."""
    level = math.log(_DEPARTED)
    above = np.nonzero(log_excess > level)[0]
    if above.size == 0 or above[0] == 0:
        return None
    right = int(above[0])
    share = (level - log_excess[right - 1]) / (log_excess[right] - log_excess[right - 1])
    return float(x[right - 1] * (x[right] / x[right - 1]) ** share)

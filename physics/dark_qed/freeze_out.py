"""psi of dark QED as a relic, numerically: two temperatures, quantum statistics, all energies.

The dark bath of psi and light A' has T_dark = xi T_SM (Eq. 3.10 of Arvanitaki et al., "Dark QED
from Inflation") at m_psi/T_dark = `X_BATH`. Both sectors conserve their own entropy.
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

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from darklat.physics import boltzmann
from darklat.physics.dark_qed import annihilation, bath, closed_forms
from darklat.physics.thermal import g_energy
from darklat.physics.thermal.degrees import T_MAX_GEV

Array = npt.NDArray[np.float64]

X_BATH = 0.1
"""m_psi/T_dark at which Eq. 3.10 is taken, with g_* of the Standard Model there."""

X_START, X_END = 0.1, 1e3
"""m_psi/T_dark of the integration. What annihilates after X_END, a few permille, is counted."""

RTOL = 1e-8
"""Tolerance of the solver. Omega changes by 1e-7 between 1e-6 and 1e-10."""

_PER_E_FOLD = 100
"""Points of the splines: their error is below 1e-8, but for Y_eq below 1e-100."""

_LEAST = 1e-150  # of a Y_eq, whose square is a double

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
    """x where n is 1.5 n_eq; None where n exceeds that from the start."""
    yield_end: float
    """Y after all annihilation."""
    omega: float
    """Of psi and its antiparticle."""
    yield_photon: float
    """n/s of the dark photons, which are no longer made or lost."""


@dataclass(frozen=True)
class Setting:
    """A dark bath with its expansion, before a charge is chosen; see `setting`."""

    mass_fermion_gev: float
    plasma: boltzmann.Bath
    dark: boltzmann.HiddenSector
    xi: float
    """T_dark/T_SM at `X_BATH`."""
    x_start: float
    """m_psi/T_SM of the integration."""
    x_end: float
    unit: boltzmann.PairReaction
    """Gain and loss over e_D^4, from splines."""

    @property
    def psi(self) -> boltzmann.Species:
        """Both psi and its antiparticle."""
        return self.dark.species[0]


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
    temperatures. Raises ValueError for values that are not positive, and as `setting`.
    """
    given = setting(
        mass_fermion_gev=mass_fermion_gev,
        hubble_inflation_gev=hubble_inflation_gev,
        eta=eta,
        energy=energy,
        at_rest=at_rest,
        x_start=x_start,
    )
    found, end = _evolved(given, charge=charge, rtol=rtol)
    dark, plasma = given.dark, given.plasma
    T = mass_fermion_gev / found.x
    T_dark = dark.temperature(T)
    x = mass_fermion_gev / T_dark
    # loss = (d ln a/d ln x) s <sigma v>/(2 H)
    rate = charge**4 * given.unit.loss(found.x) * found.Y_eq / plasma.e_folds(T)
    all_gone = T_dark[-1] / T[-1]
    share = _heated(end / float(found.Y[0])) / closed_forms.HEATED
    xi_end = float(all_gone * share ** (1 / 3))
    photon = dark.species[1]
    return Relic(
        x=x,
        T_dark_gev=T_dark,
        T_sm_gev=T,
        Y=found.Y,
        Y_eq=found.Y_eq,
        annihilation_over_hubble=rate,
        xi_start=given.xi,
        xi_end=xi_end,
        x_freeze_out=_departure(x, np.log(found.Y) - _log_equilibrium(found.Y_eq)),
        yield_end=end,
        omega=omega(end, mass_gev=mass_fermion_gev),
        yield_photon=float(photon.number(xi_end * T[-1]) / plasma.entropy(T[-1])),
    )


def charge_for_dark_matter(
    *,
    mass_fermion_gev: float,
    hubble_inflation_gev: float,
    eta: float,
    omega_psi: float = closed_forms.OMEGA_DARK_MATTER,
    energy: float = 1.0,
    rtol: float = 1e-5,
) -> float | None:
    """e_D at which psi has that density, to 1e-3 of itself; None where a hot relic has less.

    Above `CHARGE_MAX` the coupling is not weak, and the result a number without a meaning. Raises
    ValueError as `setting`.
    """
    given = setting(
        mass_fermion_gev=mass_fermion_gev,
        hubble_inflation_gev=hubble_inflation_gev,
        eta=eta,
        energy=energy,
    )

    def excess(log_charge: float) -> float:
        end = _evolved(given, charge=math.exp(log_charge), rtol=rtol)[1]
        return math.log(omega(end, mass_gev=mass_fermion_gev) / omega_psi)

    hot = _omega_at_start(
        mass_fermion_gev, hubble_inflation_gev=hubble_inflation_gev, eta=eta, energy=energy
    )
    if hot <= omega_psi:
        return None
    from scipy.optimize import brentq  # slow to import

    low, high = _guess(mass_fermion_gev, hubble_inflation_gev, eta, omega_psi)
    step = 0.1
    while excess(low) <= 0:
        low, step = low - step, 2 * step
    step = 0.1
    while excess(high) > 0:
        high, step = high + step, 2 * step
    return math.exp(float(brentq(excess, low, high, xtol=1e-4, rtol=1e-4)))


def lightest_dark_matter_gev(
    *,
    hubble_inflation_gev: float,
    eta: float,
    omega_psi: float = closed_forms.OMEGA_DARK_MATTER,
    energy: float = 1.0,
) -> float:
    """m_psi at which a hot relic has that density: no charge gives more. Raises as `start`."""
    mass = omega_psi / closed_forms.omega_hot(
        mass_fermion_gev=1.0, hubble_inflation_gev=hubble_inflation_gev, eta=eta
    )
    for _ in range(20):  # Omega ~ m but for g_*(T)
        found = _omega_at_start(
            mass, hubble_inflation_gev=hubble_inflation_gev, eta=eta, energy=energy
        )
        mass *= omega_psi / found
        if abs(omega_psi / found - 1) < 1e-10:
            break
    return mass


def _omega_at_start(
    mass: float, *, hubble_inflation_gev: float, eta: float, energy: float
) -> float:
    """Omega of a psi that keeps its number from `X_BATH` on."""
    T_dark = mass / X_BATH
    T_sm, _xi = start(
        T_dark_gev=T_dark, hubble_inflation_gev=hubble_inflation_gev, eta=eta, energy=energy
    )
    psi = boltzmann.Species(mass, bath.DOF_FERMION, "fermi")
    entropy = float(boltzmann.standard_model().entropy(T_sm))
    return omega(float(psi.number(T_dark)) / entropy, mass_gev=mass)


def _guess(mass: float, hubble: float, eta: float, density: float) -> tuple[float, float]:
    """ln e_D around which `omega_cold_recomputed` has that density, or Eq. 1.4 without x_fo."""
    charge = 0.0115 * math.sqrt(
        mass
        / closed_forms.mass_light_photon_gev(
            omega=density, charge=0.01, hubble_inflation_gev=hubble * eta / 6
        )
    )
    for _ in range(3):  # Omega ~ e_D^-4 but for a logarithm
        try:
            closed = closed_forms.omega_cold_recomputed(
                mass_fermion_gev=mass, charge=charge, hubble_inflation_gev=hubble, eta=eta
            )
        except ValueError:
            return math.log(charge) - 0.3, math.log(charge) + 0.1
        charge *= (closed / density) ** 0.25
    return math.log(charge) - 0.02, math.log(charge) + 0.04


CHARGE_MAX = math.sqrt(4 * math.pi)
"""e_D at which alpha_D is one."""


def setting(
    *,
    mass_fermion_gev: float,
    hubble_inflation_gev: float,
    eta: float,
    energy: float = 1.0,
    at_rest: bool = False,
    x_start: float = X_START,
) -> Setting:
    """The bath of psi and A', the expansion, and the reaction at unit charge.

    Raises ValueError for values that are not positive, where x_start is not below 1, and as
    `start`.
    """
    bath.check_positive(m_psi=mass_fermion_gev, x_start=x_start)
    if x_start >= 1:
        raise ValueError(f"x_start must be below 1, where psi is relativistic, not {x_start:g}")
    T_bath, xi = start(
        T_dark_gev=mass_fermion_gev / X_BATH,
        hubble_inflation_gev=hubble_inflation_gev,
        eta=eta,
        energy=energy,
    )
    psi = boltzmann.Species(mass_fermion_gev, bath.DOF_FERMION, "fermi")
    photon = boltzmann.Species(0.0, bath.DOF_PHOTON, "bose")
    plasma = boltzmann.standard_model()
    dark = boltzmann.hidden_sector((psi, photon), xi=xi, T=T_bath, bath=plasma)
    rest = closed_forms.cross_section_gev2(mass_fermion_gev=mass_fermion_gev, charge=1.0)

    def half_cross_section(T: Array) -> Array:
        if at_rest:
            return np.full_like(T, rest / 2)
        return rest / 2 * annihilation.thermal_average(mass_fermion_gev / T)

    exact = boltzmann.annihilation(
        species=psi,
        cross_section=half_cross_section,
        bath=plasma,
        temperature=dark.temperature,
        dark_energy_density=lambda T: dark.energy(dark.temperature(T)),
    )
    first, last = (
        mass_fermion_gev / _plasma_temperature(dark, mass_fermion_gev / x, T_bath * X_BATH / x)
        for x in (x_start, X_END)
    )
    unit = _splines(exact, first, last)
    return Setting(mass_fermion_gev, plasma, dark, xi, first, last, unit)


def _evolved(given: Setting, *, charge: float, rtol: float) -> tuple[boltzmann.YieldHistory, float]:
    """The history, and Y after all annihilation: 1/Y grows by the loss at the last x, ~ 1/x."""
    bath.check_positive(e_D=charge)
    unit, power = given.unit, charge**4
    reaction = boltzmann.PairReaction(
        gain=lambda x: power * unit.gain(x),
        loss=lambda x: power * unit.loss(x),
        equilibrium=unit.equilibrium,
        breaks=unit.breaks,
    )
    found = boltzmann.evolve(
        reaction, x_start=given.x_start, x_end=given.x_end, empty=False, rtol=rtol
    )
    rest = found.final * float(reaction.loss(found.x[-1:])[0])
    return found, found.final / (1 + rest)


def _splines(exact: boltzmann.PairReaction, first: float, last: float) -> boltzmann.PairReaction:
    """The same functions from tables between their jumps, for many charges."""
    from scipy.interpolate import CubicSpline  # slow to import

    edges = [first, *sorted(each for each in exact.breaks if first < each < last), last]
    tables = []
    for left, right in itertools.pairwise(edges):
        low, high = math.nextafter(left, right), math.nextafter(right, left)
        count = 2 + math.ceil(_PER_E_FOLD * math.log(right / left))
        log_x = np.linspace(math.log(low), math.log(high), count)
        x = np.clip(np.exp(log_x), low, high)
        values = np.stack([exact.loss(x), np.maximum(exact.equilibrium(x), _LEAST)], axis=-1)
        tables.append(CubicSpline(log_x, np.log(values)))

    def looked_up(x: Array) -> Array:
        side = np.searchsorted(edges[1:-1], x, side="right")
        return np.exp(np.choose(side[:, None], [table(np.log(x)) for table in tables]))

    return boltzmann.PairReaction(
        gain=lambda x: looked_up(x)[:, 0] * looked_up(x)[:, 1] ** 2,
        loss=lambda x: looked_up(x)[:, 0],
        equilibrium=lambda x: looked_up(x)[:, 1],
        breaks=exact.breaks,
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
    return np.asarray(np.log(np.maximum(Y_eq, _LEAST)))


def _departure(x: Array, log_excess: Array) -> float | None:
    """x where ln(n/n_eq) reaches that of `_DEPARTED`; None where it does not, or at the first."""
    level = math.log(_DEPARTED)
    above = np.nonzero(log_excess > level)[0]
    if above.size == 0 or above[0] == 0:
        return None
    right = int(above[0])
    share = (level - log_excess[right - 1]) / (log_excess[right] - log_excess[right - 1])
    return float(x[right - 1] * (x[right] / x[right - 1]) ** share)

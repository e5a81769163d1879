"""Relic densities of dark QED in closed form: psi as a cold or a hot relic, and the dark photons.

A. Arvanitaki et al., "Dark QED from Inflation", Sec. 4. Masses and H_I are in GeV, densities are
fractions of the critical density with h = `H0`. `freeze_out` has the numerical solution.

- Cold (Eqs. 4.3-4.6): psi freezes out at x = m_psi/T_dark > 3, while A' is light. 4.6 counts psi
  and its antiparticle as one species that annihilates with the full <sigma v>. Either one meets
  half of all, which doubles the density; `omega_cold_recomputed` counts that.
- Hot (Eq. 4.7): psi and its antiparticle keep 3 zeta(3)/pi^2 T_dark^3, with no annihilation at all.
- Light A' (Eq. 4.9): 3 states that keep zeta(3)/pi^2 T_dark^3 each. It leaves out the entropy of
  psi. A psi that annihilates heats A' by (6.5/3)^(1/3): 2.17 times Eq. 4.9.
- Heavy A' (Eq. 4.10): each A' becomes two fermions, (3 + 2 * 3)/3 = 3 times Eq. 4.7.

Coefficients: the printed ones are rounded. `COLD` is 534 for 532, `HOT` .286 for .29. All functions
use those printed and say so; `exact=True` takes the others.
"""

from __future__ import annotations

import math

from scipy.special import zeta

from darklat.physics.dark_qed.bath import (
    DOF_ENERGY,
    DOF_PHOTON,
    G_STAR_EARLY,
    PLANCK_MASS_GEV,
    check_positive,
)
from darklat.physics.units import (
    EV_PER_GEV,
    G_STAR_S,
    HUBBLE_100_EV,
    T0_EV,
)

H0 = 0.674
"""H_0 in 100 km/s/Mpc (Planck Collaboration, A&A 641, A6 (2020)), with which 4.6-4.10 agree."""

OMEGA_DARK_MATTER = 0.26
"""The paper's value."""

_LAMBDA, _X = 0.21, 0.193
"""Printed in Eqs. 4.4 and 4.5. The first is .264 (2 G_*/(3 pi))^(1/2) with G_* = 3, the bath after
psi is gone; the second .145 times 4/3, the states of psi over those of A'."""

_COLD_PRINTED, _HOT_PRINTED = 532.0, 0.29

_TO_TODAY = (2 * G_STAR_EARLY / (3 * math.pi * DOF_ENERGY)) ** 0.75 * G_STAR_S / G_STAR_EARLY
"""(T_dark/T_0)^3 today over (H_I eta/m_Pl)^(3/2)."""

_DENSITY = 8 * math.pi / 3 * _TO_TODAY

COLD = _DENSITY * (2 * math.pi**2 / 45 * DOF_ENERGY) * 16 * math.pi / _LAMBDA
"""Coefficient of Eq. 4.6."""

HOT = _DENSITY * 3 * float(zeta(3)) / math.pi**2
"""Coefficient of Eqs. 4.7 and 4.9."""

_PHOTON_OVER_HOT = 1.0
"""3 bosonic states over 4 fermionic ones in number: 3/(3/4 * 4)."""

HEAVY_OVER_HOT = (2 * DOF_PHOTON + 3) / 3
"""Eq. 4.10: psi, 3/4 of 4 states, and two of them for each of 3 states of A'."""

HEATED = DOF_ENERGY / DOF_PHOTON
"""n of A' after psi has annihilated, over that before: 13/6."""

LAMBDA_RECOMPUTED = (
    0.264 * DOF_PHOTON * math.sqrt(2 / (3 * math.pi * DOF_ENERGY)) * HEATED ** (2 / 3) / 2
)
"""lambda/(H_I eta m_psi <sigma v>) of n_psi + n_antipsi in the heated bath of A', at constant
g_*: .120 for the .21 of Eq. 4.4."""


def cross_section_gev2(*, mass_fermion_gev: float, charge: float) -> float:
    """<sigma v> of psi psibar -> A'A' at rest in GeV^-2: pi alpha_D^2/m_psi^2, Eq. 4.2."""
    check_positive(m_psi=mass_fermion_gev, e_D=charge)
    return charge**4 / (16 * math.pi * mass_fermion_gev**2)


def freeze_out_lambda(
    *, mass_fermion_gev: float, charge: float, hubble_inflation_gev: float, eta: float
) -> float:
    """lambda of Eq. 4.4, 0.21 H_I eta m_psi <sigma v>. Raises ValueError as `check_positive`."""
    check_positive(H_I=hubble_inflation_gev, eta=eta)
    rate = cross_section_gev2(mass_fermion_gev=mass_fermion_gev, charge=charge)
    return _LAMBDA * hubble_inflation_gev * eta * mass_fermion_gev * rate


def x_freeze_out(lam: float) -> float:
    """m_psi/T_dark at freeze-out, Eq. 4.5: ln(.193 lambda) - ln(ln(.193 lambda))/2.

    Raises ValueError where psi is no cold relic: below `X_COLD`, .193 lambda < 33.
    """
    check_positive(**{"lambda": lam})
    log = math.log(_X * lam)
    x = log - math.log(log) / 2 if log > 1 else 0.0
    if x < X_COLD:
        raise ValueError(
            f"Eq. 4.5 is for a cold relic, x_fo > {X_COLD:g}; lambda = {lam:.3g} gives none"
        )
    return x


X_COLD = 3.0
"""Below this x_fo half of psi's energy is kinetic, and Eq. 4.5 is not used."""


def omega_cold(
    *,
    mass_fermion_gev: float,
    charge: float,
    hubble_inflation_gev: float,
    eta: float,
    exact: bool = False,
) -> float:
    """Omega of psi as a cold relic, the first line of Eq. 4.6: .478 at 10 GeV, .01, 6e13 GeV, 6.

    Raises ValueError as `x_freeze_out`.
    """
    lam = freeze_out_lambda(
        mass_fermion_gev=mass_fermion_gev,
        charge=charge,
        hubble_inflation_gev=hubble_inflation_gev,
        eta=eta,
    )
    ratio = eta * hubble_inflation_gev / PLANCK_MASS_GEV
    unit = _T0_GEV**3 / (_H0_GEV**2 * PLANCK_MASS_GEV**3)
    coefficient = COLD if exact else _COLD_PRINTED
    return (
        coefficient * x_freeze_out(lam) * charge**-4 * mass_fermion_gev**2 * unit * math.sqrt(ratio)
    )


def omega_cold_recomputed(
    *, mass_fermion_gev: float, charge: float, hubble_inflation_gev: float, eta: float
) -> float:
    """Omega of psi as a cold relic with Eqs. 4.3-4.5 put right: .768 where Eq. 4.6 has .478.

    lambda has .120 for .21. Half of that is that psi meets antipsi alone; and psi heats A' by
    (13/6)^(1/3) before it freezes out. Raises ValueError as `x_freeze_out`.
    """
    lam = freeze_out_lambda(
        mass_fermion_gev=mass_fermion_gev,
        charge=charge,
        hubble_inflation_gev=hubble_inflation_gev,
        eta=eta,
    )
    share = LAMBDA_RECOMPUTED / _LAMBDA
    printed = omega_cold(
        mass_fermion_gev=mass_fermion_gev,
        charge=charge,
        hubble_inflation_gev=hubble_inflation_gev,
        eta=eta,
        exact=True,
    )
    return printed / share * x_freeze_out(share * lam) / x_freeze_out(lam)


def omega_hot(
    *, mass_fermion_gev: float, hubble_inflation_gev: float, eta: float, exact: bool = False
) -> float:
    """Omega of psi as a hot relic, Eq. 4.7: .195 at 100 MeV, 6e13 GeV, eta = 6."""
    check_positive(m=mass_fermion_gev, H_I=hubble_inflation_gev, eta=eta)
    ratio = eta * hubble_inflation_gev / PLANCK_MASS_GEV
    coefficient = HOT if exact else _HOT_PRINTED
    unit = _T0_GEV**3 / (_H0_GEV * PLANCK_MASS_GEV) ** 2
    return coefficient * mass_fermion_gev * unit * ratio**1.5


def omega_photon(
    *,
    mass_photon_gev: float,
    hubble_inflation_gev: float,
    eta: float,
    heated: bool = False,
    exact: bool = False,
) -> float:
    """Omega of light dark photons, Eq. 4.9: .00195 at 1 MeV. `heated` adds the entropy of psi."""
    hot = omega_hot(
        mass_fermion_gev=mass_photon_gev,
        hubble_inflation_gev=hubble_inflation_gev,
        eta=eta,
        exact=exact,
    )
    return hot * _PHOTON_OVER_HOT * (HEATED if heated else 1.0)


def omega_heavy_photon(
    *, mass_fermion_gev: float, hubble_inflation_gev: float, eta: float, exact: bool = False
) -> float:
    """Omega of psi from A' that thermalised and decayed, Eq. 4.10: .234 at 40 MeV."""
    return HEAVY_OVER_HOT * omega_hot(
        mass_fermion_gev=mass_fermion_gev,
        hubble_inflation_gev=hubble_inflation_gev,
        eta=eta,
        exact=exact,
    )


def omega_without_interactions(
    *, mass_fermion_gev: float, mass_photon_gev: float, hubble_inflation_gev: float, eta: float
) -> float:
    """Omega of psi from A' that decayed without any interaction before, Eq. E.21 as printed."""
    check_positive(m_psi=mass_fermion_gev, m_A=mass_photon_gev, H_I=hubble_inflation_gev, eta=eta)
    scale = hubble_inflation_gev / 6e13 * eta / 6
    return 0.26 * mass_fermion_gev / 250e-9 * math.sqrt(1e4 / mass_photon_gev) * scale**2


# ---- The mass of dark matter ----


def mass_light_photon_gev(*, omega: float, charge: float, hubble_inflation_gev: float) -> float:
    """m_psi of Eq. 1.4 as printed, 6 GeV (Omega/.26)^(1/2) (e_D/.01)^2 (H_I/6e13 GeV)^(-1/4).

    Eq. 4.6 gives 7.15 GeV there: see `mass_cold_gev`.
    """
    check_positive(Omega=omega, e_D=charge, H_I=hubble_inflation_gev)
    power = (hubble_inflation_gev / 6e13) ** -0.25
    return 6.0 * math.sqrt(omega / 0.26) * (charge / 0.01) ** 2 * power


def mass_heavy_photon_gev(*, omega: float, hubble_inflation_gev: float) -> float:
    """m_psi of Eq. 1.5 as printed, 46 MeV (Omega/.26) (H_I/6e13 GeV)^(-3/2).

    Eq. 4.10 has 45 MeV with its rounded .23, and 44.4 MeV with its first form.
    """
    check_positive(Omega=omega, H_I=hubble_inflation_gev)
    return 0.046 * omega / 0.26 * (hubble_inflation_gev / 6e13) ** -1.5


def mass_cold_gev(*, omega: float, charge: float, hubble_inflation_gev: float, eta: float) -> float:
    """m_psi at which Eq. 4.6 is `omega`: 7.15 GeV for .26, e_D = .01, 6e13 GeV, eta = 6.

    Raises ValueError where psi would be no cold relic.
    """
    mass = mass_light_photon_gev(
        omega=omega, charge=charge, hubble_inflation_gev=hubble_inflation_gev
    )
    for _ in range(60):  # Omega ~ m^2 but for a logarithm: each step gains a factor of ten or more
        found = omega_cold(
            mass_fermion_gev=mass,
            charge=charge,
            hubble_inflation_gev=hubble_inflation_gev,
            eta=eta,
        )
        step = math.sqrt(omega / found)
        mass *= step
        if abs(step - 1) < 1e-13:
            return mass
    raise ValueError(f"no mass of a cold relic has Omega = {omega:g} at e_D = {charge:g}")


def charge_cold(
    *,
    omega: float,
    mass_fermion_gev: float,
    hubble_inflation_gev: float,
    eta: float,
) -> float:
    """e_D at which Eq. 4.6 is `omega`. Raises ValueError where psi would be no cold relic."""
    charge = 0.01 * math.sqrt(
        mass_fermion_gev
        / mass_light_photon_gev(omega=omega, charge=0.01, hubble_inflation_gev=hubble_inflation_gev)
    )
    for _ in range(60):  # Omega ~ e_D^-4 but for a logarithm
        found = omega_cold(
            mass_fermion_gev=mass_fermion_gev,
            charge=charge,
            hubble_inflation_gev=hubble_inflation_gev,
            eta=eta,
        )
        step = (found / omega) ** 0.25
        charge *= step
        if abs(step - 1) < 1e-13:
            return charge
    raise ValueError(f"no charge of a cold relic has Omega = {omega:g}")


def mass_early_decay_gev(*, omega: float, hubble_inflation_gev: float, eta: float) -> float:
    """m_psi at which Eq. 4.10 is `omega`: 44.4 MeV for .26, 6e13 GeV, eta = 6."""
    check_positive(Omega=omega)
    return omega / omega_heavy_photon(
        mass_fermion_gev=1.0, hubble_inflation_gev=hubble_inflation_gev, eta=eta
    )


_T0_GEV = T0_EV / EV_PER_GEV
_H0_GEV = H0 * HUBBLE_100_EV / EV_PER_GEV

"""From the end of a run to numbers of today: relic density, dark radiation, fields, lengths.

`today` derives everything from the mass m and decay constant f of the ALP with all factors. The
functions `paper_*` are the closed forms of Choi, Kim, Sekiguchi, PRL 121, 031102 (2018), for
comparison. Where the two differ:

- Eq. 20 assumes theta = 1 at a_osc falling as a^{-3/2} (their Eq. 14). A field at rest at
  theta = 1 as tau -> 0 (Eq. 4) ends with 0.40 times that density, for 3 H = m at a_osc.
- Eq. 23 is b g_AX times Eq. 21, with f from Eq. 20 in g_AX = (g_AX/f) f. It leaves out a sqrt(2):
  rho_A is all magnetic, so that B = sqrt(2 rho_A), whereas B_X = sqrt(rho_X). The f of a field that
  starts at rest is larger than Eq. 20's by 1.56. At a given g_AX/f, B is therefore 2.2 times Eq.
  23.
- Eq. 25's 0.3 kpc is k tau_osc = 20, six to seven times Eq. 24's 0.044 kpc. The text says about 3.

`today` assumes radiation at a_osc, and entropy conserved since, with g_*(T) and g_*s(T) of the
Standard Model (`thermal.radiation`). A run with a = tau has itself constant g_*. Where radiation is
not all that there is at a_osc, T_osc follows from H of the radiation alone, which is
`radiation_hubble` times H. a^3 rho_phi, a^4 rho_X and a^4 rho_A are constant after the run, the
last because the plasma freezes the magnetic field in. A run whose ALPs are still relativistic at
the end overestimates rho_phi.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from darklat.physics.thermal import radiation
from darklat.physics.units import (
    CRITICAL_DENSITY_PER_H2_EV4,
    EV_PER_GEV,
    G_STAR,
    GAUSS_IN_EV2,
    KPC_PER_INVERSE_EV,
    REDUCED_PLANCK_MASS_EV,
    T0_EV,
    time_unit_inverse_eV,
)


@dataclass(frozen=True)
class Today:
    """Numbers of today (a = a_0). A field is None where the run had nothing to derive it from."""

    T_osc_eV: float
    """Temperature at a_osc, eV."""
    a_osc_over_a0: float
    """Scale factor at a_osc over the scale factor today."""
    tau_osc_kpc: float
    """Comoving length of the program's unit, c tau_osc, in kpc."""
    omega_phi_h2: float | None
    """Density of the ALP in units of the critical density over h^2."""
    omega_X_h2: float | None
    """The same of massive dark photons."""
    delta_neff: float | None
    """Energy of the dark photons as a number of neutrino species."""
    B_X_today_gauss: float | None
    """rms dark magnetic field, gauss: sqrt(rho_X), since <E_X^2> = <B_X^2> in free waves."""
    B_today_gauss: float | None
    """rms magnetic field, gauss: sqrt(2 rho_A), since the plasma leaves no electric field."""
    coherence_length_kpc: float | None
    """2 pi / k_peak, kpc."""
    integral_scale_kpc: float | None
    """The run's integral scale, kpc."""


def a_osc_over_a0(
    *, mass_eV: float, oscillation_condition: float, radiation_hubble: float = 1.0
) -> float:
    """a_osc/a_0 of `radiation.epoch`. Raises ValueError as it does."""
    return radiation.epoch(
        mass_eV=radiation_hubble * mass_eV, oscillation_condition=oscillation_condition
    ).a_osc_over_a0


def length_today_kpc(
    length: float, *, mass_eV: float, oscillation_condition: float, radiation_hubble: float = 1.0
) -> float:
    """A comoving length in tau_osc, stretched to today, in kpc."""
    ratio = a_osc_over_a0(
        mass_eV=mass_eV,
        oscillation_condition=oscillation_condition,
        radiation_hubble=radiation_hubble,
    )
    unit = time_unit_inverse_eV(mass_eV=mass_eV, oscillation_condition=oscillation_condition)
    return length * unit * KPC_PER_INVERSE_EV / ratio


def today(
    *,
    mass_eV: float,
    f_GeV: float,
    oscillation_condition: float,
    rho_phi_a3: float | None,
    rho_X_a4: float | None,
    k_peak: float | None,
    integral_scale: float | None,
    rho_A_a4: float | None = None,
    rho_X_a3: float | None = None,
    radiation_hubble: float = 1.0,
) -> Today:
    """The numbers of today from the end of a run.

    rho_phi_a3 = a^3 <rho_phi>, rho_X_a4 = a^4 <rho_X> and rho_A_a4 = a^4 <rho_A> (the photon) are
    in f^2/tau_osc^2, with a in a_osc. For massive dark photons rho_X_a3 = a^3 <rho_X>. All are
    taken as constant from then on. k_peak in 1/tau_osc; integral_scale in tau_osc. None for a
    number that the model lacks leaves the results that need it None. Raises ValueError for a mass,
    decay constant, condition or k_peak that is not positive, and as `radiation.epoch`.
    """
    inputs = {
        "mass_eV": mass_eV,
        "f_GeV": f_GeV,
        "oscillation_condition": oscillation_condition,
        "k_peak": k_peak,
    }
    for name, value in inputs.items():
        if value is not None and not value > 0:
            raise ValueError(f"{name} must be positive, not {value}")
    scale = {"mass_eV": mass_eV, "oscillation_condition": oscillation_condition}
    history = {**scale, "radiation_hubble": radiation_hubble}
    epoch = radiation.epoch(
        mass_eV=radiation_hubble * mass_eV, oscillation_condition=oscillation_condition
    )
    shrink = epoch.a_osc_over_a0
    density_unit = (f_GeV * EV_PER_GEV / time_unit_inverse_eV(**scale)) ** 2
    rho_X = None if rho_X_a4 is None else rho_X_a4 * density_unit * shrink**4
    rho_A = None if rho_A_a4 is None else rho_A_a4 * density_unit * shrink**4

    def omega_h2(rho_a3: float | None) -> float | None:
        if rho_a3 is None:
            return None
        return rho_a3 * density_unit * shrink**3 / CRITICAL_DENSITY_PER_H2_EV4

    def kpc(length: float | None) -> float | None:
        return None if length is None else length_today_kpc(length, **history)

    return Today(
        T_osc_eV=epoch.T_osc_eV,
        a_osc_over_a0=shrink,
        tau_osc_kpc=length_today_kpc(1.0, **history),
        omega_phi_h2=omega_h2(rho_phi_a3),
        omega_X_h2=omega_h2(rho_X_a3),
        delta_neff=None if rho_X is None else delta_neff(rho_X),
        B_X_today_gauss=None if rho_X is None else dark_field_gauss(rho_X),
        B_today_gauss=None if rho_A is None else magnetic_field_gauss(rho_A),
        coherence_length_kpc=kpc(None if k_peak is None else 2 * math.pi / k_peak),
        integral_scale_kpc=kpc(integral_scale),
    )


def rho_X_today_eV4(
    *,
    r: float,
    epsilon: float,
    omega_phi_h2: float,
    mass_eV: float,
    oscillation_condition: float,
    radiation_hubble: float = 1.0,
) -> float:
    """Density of the dark photons today in eV^4 if the ALP's is omega_phi_h2, whatever f.

    From the definitions of r and epsilon (Eq. 17): a rho_X/(a_osc rho_phi) = epsilon/r, constant
    once both fields redshift freely. Densities scale as f^2, so this is the run with f adjusted
    to give omega_phi_h2.
    """
    ratio = a_osc_over_a0(
        mass_eV=mass_eV,
        oscillation_condition=oscillation_condition,
        radiation_hubble=radiation_hubble,
    )
    return (epsilon / r) * ratio * omega_phi_h2 * CRITICAL_DENSITY_PER_H2_EV4


def rho_A_today_eV4(
    *,
    r: float,
    epsilon: float,
    b: float,
    g_AX: float,
    omega_phi_h2: float,
    mass_eV: float,
    oscillation_condition: float,
    radiation_hubble: float = 1.0,
) -> float:
    """Density of the photon's field today in eV^4: (b g_AX)^2 times `rho_X_today_eV4` (Eq. 17)."""
    rho_X = rho_X_today_eV4(
        r=r,
        epsilon=epsilon,
        omega_phi_h2=omega_phi_h2,
        mass_eV=mass_eV,
        oscillation_condition=oscillation_condition,
        radiation_hubble=radiation_hubble,
    )
    return (b * g_AX) ** 2 * rho_X


def dark_field_gauss(rho_X_eV4: float) -> float:
    """rms B_X = rms E_X in gauss of a density (E_X^2 + B_X^2)/2 shared equally."""
    return math.sqrt(rho_X_eV4) / GAUSS_IN_EV2


def magnetic_field_gauss(rho_A_eV4: float) -> float:
    """rms B in gauss of a density B^2/2: a conducting plasma leaves no electric field."""
    return math.sqrt(2 * rho_A_eV4) / GAUSS_IN_EV2


def delta_neff(rho_eV4: float) -> float:
    """A density today in eV^4 over the density of one neutrino species, (7/8)(4/11)^(4/3)
    rho_gamma."""
    rho_photons = math.pi**2 / 15 * T0_EV**4
    return rho_eV4 / (7 / 8 * (4 / 11) ** (4 / 3) * rho_photons)


def paper_temperature_osc_eV(*, mass_eV: float, oscillation_condition: float) -> float:
    """T_osc in eV from c H = m with the constant g_* = 3.36: 116 keV at 1e-17 eV, c = 3."""
    hubble = mass_eV / oscillation_condition
    return (90 * (REDUCED_PLANCK_MASS_EV * hubble) ** 2 / (math.pi**2 * G_STAR)) ** 0.25


def paper_omega_phi_h2(*, r: float, mass_eV: float, f_GeV: float) -> float:
    """Eq. 20: 0.5 r m_-17^(1/2) f_16^2. See the module's first note: 0.21 for a start at rest."""
    return 0.5 * r * math.sqrt(mass_eV / 1e-17) * (f_GeV / 1e16) ** 2


def paper_B_X_gauss(*, r: float, epsilon: float, omega_phi_h2: float, mass_eV: float) -> float:
    """Eq. 21: 21 nG [(epsilon/r) Omega_phi h^2 m_-17^(-1/2)]^(1/2)."""
    return 21e-9 * math.sqrt(epsilon / r * omega_phi_h2 / math.sqrt(mass_eV / 1e-17))


def paper_delta_neff(*, r: float, epsilon: float, omega_phi_h2: float, mass_eV: float) -> float:
    """Eq. 22: 3.6e-4 (epsilon/r) Omega_phi h^2 m_-17^(-1/2)."""
    return 3.6e-4 * epsilon / r * omega_phi_h2 / math.sqrt(mass_eV / 1e-17)


def paper_b(*, mass_eV: float) -> float:
    """Eqs. 18, 19: b = 7e-18 m_-17^(3/2), with the value of Fig. 1 (g_XX = 100).

    From b ~ tau_X theta' k_*/sigma. Its sigma tau_osc ~ m^(-3/2) takes n_e/n_gamma to be constant.
    """
    return 7e-18 * (mass_eV / 1e-17) ** 1.5


def paper_B_gauss(
    *,
    r: float,
    epsilon: float,
    b: float,
    g_AX: float,
    f_GeV: float,
    omega_phi_h2: float,
    mass_eV: float,
) -> float:
    """Eq. 23: 3e-8 G (g_AX/f_16) m_-17 Omega_phi h^2 (epsilon^(1/2)/r) b m_-17^(-3/2).

    b is the value for the mass. See the module's second note: a sqrt(2) is missing.
    """
    m_17, g_AX_over_f16 = mass_eV / 1e-17, abs(g_AX) / (f_GeV / 1e16)
    share = omega_phi_h2 * math.sqrt(epsilon) / r
    return 3e-8 * g_AX_over_f16 * m_17 * share * b / m_17**1.5


def paper_k_star(*, coupling: float, a_X: float, oscillation_condition: float) -> float:
    """Eq. 24 in 1/tau_osc: g (a_osc/a_X)^(1/2) a_osc m, with m tau_osc = c and a_X in a_osc."""
    return coupling / math.sqrt(a_X) * oscillation_condition


def paper_coherence_length_kpc(
    *, coupling: float, a_X: float, mass_eV: float, oscillation_condition: float
) -> float:
    """2 pi/k_* today in kpc with the k_* of Eq. 24: 0.044 kpc for g = 100, a_X = 5, 1e-17 eV."""
    k_star = paper_k_star(coupling=coupling, a_X=a_X, oscillation_condition=oscillation_condition)
    return length_today_kpc(
        2 * math.pi / k_star, mass_eV=mass_eV, oscillation_condition=oscillation_condition
    )


def paper_correlation_length_kpc(*, mass_eV: float) -> float:
    """Eq. 25: 0.3 kpc m_-17^(-1/2), which is k tau_osc = 20 (see the module's third note)."""
    return 0.3 / math.sqrt(mass_eV / 1e-17)


def paper_delta_neff_benchmark(*, mass_eV: float) -> float:
    """Eq. 26: 6e-3 m_-17^(-1/2), for the benchmark's r = 0.03, epsilon = 4 and all dark matter."""
    return 6e-3 / math.sqrt(mass_eV / 1e-17)

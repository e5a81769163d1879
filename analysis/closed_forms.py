"""The equations of Choi, Kim, Sekiguchi (2018) with the numbers of a run, and with their own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from darklat.physics import run_relics
from darklat.physics.summary import EndOfRun
from darklat.physics.thermal.radiation import is_known, temperature_osc_eV
from darklat.physics.units import ELECTRON_MASS_EV
from darklat.schema import AlpKeys, Config
from darklat.schema.run import DEFAULT_CONDITION

OMEGA_DARK_MATTER_H2 = 0.12
"""Omega_phi h^2 if the ALP is all of the dark matter, the value used by Choi et al."""

PAPER = {"r": 0.03, "epsilon": 4.0, "a_X": 5.0}
"""Choi, Kim, Sekiguchi, PRL 121, 031102 (2018), Fig. 1: asymptotes and a(tau_X) at g_XX = 100."""


@dataclass(frozen=True)
class ClosedForms:
    """The equations of Choi et al. at some r, epsilon, b, Omega_phi h^2 and a_X; None for one that
    does not hold in the run."""

    omega_phi_h2: float | None
    B_X_today_gauss: float | None
    delta_neff: float | None
    B_X_dark_matter_gauss: float | None
    delta_neff_dark_matter: float | None
    b: float | None
    """Eq. 19 through the b of their Fig. 1."""
    B_today_gauss: float | None
    """Eq. 23."""
    B_dark_matter_gauss: float | None
    """Eq. 23 at Omega_phi h^2 = 0.12 and g_AX = f/(1e16 GeV)."""
    k_star: float | None
    coherence_length_kpc: float | None
    correlation_length_kpc: float | None
    delta_neff_benchmark: float | None
    left_out: tuple[str, ...] = ()
    """The equations that do not hold in the run, with the reason."""


def unmet(config: Config) -> tuple[str, ...]:
    """The assumptions behind all of the closed forms that a model with an ALP does not meet."""
    alp = config.model.alp
    if alp is None:
        return ("there is no ALP",)
    X, darks, found = config.dark, config.every_dark, []
    radiation = config.background.kind == "radiation"
    if not radiation:
        found.append(f"the background is of kind {config.background.kind}")
    if alp.potential != "quadratic":
        found.append("the potential is not quadratic")
    if config.mass != DEFAULT_CONDITION:
        found.append(f"m/H at a_osc is {config.mass:g}, not {DEFAULT_CONDITION:g}")
    if config.initial.kind != "vacuum":
        found.append("the run does not start from the vacuum")
    if radiation and not is_known(config.program_units.hubble_eV):
        found.append("g_* is not known at T_osc")
    elif radiation:
        T_osc = temperature_osc_eV(mass_eV=alp.mass_eV, oscillation_condition=config.mass)
        if T_osc > ELECTRON_MASS_EV:
            found.append(
                f"T_osc = {T_osc:.2g} eV is before the annihilation of e+ e-, and g_* is not 3.36"
            )
    if X is None or len(darks) > 1:
        return (
            *found,
            f"there are {len(darks)} dark fields" if darks else "there is no dark field",
        )
    if config.model.fields[X].is_massive:
        found.append(f"{X} has a mass or a plasma")
    if config.conducting == X:
        found.append(f"{X} conducts")
    if config.coupling(X, X) == 0:
        found.append(f"the coupling {X}{X} is zero")
    return tuple(found)


def is_benchmark(config: Config) -> bool:
    """Whether it is the setup of Fig. 1 of Choi et al. (2018). That is g_XX = 100 and theta = 1 at
    rest in a quadratic potential and the radiation era. Mass and f matter little there."""
    alp, X = config.model.alp, config.dark
    return (
        not unmet(config)
        and alp is not None
        and X is not None
        and config.coupling(X, X) == 100
        and abs(alp.theta_initial) == 1
    )


def b_of_paper(config: Config) -> float | None:
    """Eq. 19, b ~ m^(3/2), through the b of Fig. 1, for its setup and conductivity; else None.

    Eq. 19 holds for a constant number of electrons per photon. b is inverse to this number. The
    paper takes the number of baryons, of order 1e-9.
    """
    if not is_benchmark(config) or config.photon is None or not baryonic(config):
        return None
    assert config.model.alp is not None  # of the benchmark
    return run_relics.paper_b(mass_eV=config.model.alp.mass_eV)


def baryonic(config: Config) -> bool:
    """Whether the photon's conductivity is Eq. 11 with a constant 5e-10 to 1e-9 electrons per
    photon."""
    ratio = constant_electrons(config)
    return ratio is not None and 5e-10 <= ratio <= 1e-9


def constant_electrons(config: Config) -> float | None:
    """Electrons per photon of a photon with the conductivity of Eq. 11 where they are constant."""
    if config.photon is None:
        return None
    conductivity = config.model.fields[config.photon].conductivity
    return conductivity.electrons_per_photon if conductivity.kind == "thomson" else None


def saturated(a_saturation: float | None, a_end: float) -> bool:
    """Whether an epsilon has been near its last value for a while."""
    return a_saturation is not None and a_saturation <= 0.8 * a_end


def with_numbers_of_run(config: Config, end: EndOfRun, a_end: float) -> ClosedForms | None:
    """The closed forms with the run's r, epsilon, b, Omega_phi h^2, and a_saturation for a_X. None
    where their assumptions are not met."""
    alp = config.model.alp
    if alp is None or unmet(config) or not end.r:
        return None
    forms = _evaluate(
        config,
        alp,
        r=end.r,
        epsilon=end.epsilon,
        b=end.b,
        a_X=end.a_saturation if saturated(end.a_saturation, a_end) else None,
        omega_phi_h2=end.omega_phi_h2,
    )
    left_out = []
    if abs(alp.theta_initial) != 1:
        forms = replace(forms, omega_phi_h2=None)
        left_out.append("(20): theta is not 1 at the start")
    if forms.k_star is None:
        left_out.append("(24): epsilon has not saturated")
    if not is_benchmark(config):
        forms = replace(forms, correlation_length_kpc=None, delta_neff_benchmark=None)
        left_out.append("(25), (26): they are for g_XX = 100 and theta = 1")
    if config.photon is not None and config.conducting != config.photon:
        forms = replace(forms, B_today_gauss=None, B_dark_matter_gauss=None)
        left_out.append(f"(23): {config.photon} does not conduct")
    return replace(forms, left_out=tuple(left_out))


def with_numbers_of_paper(config: Config) -> ClosedForms | None:
    """The closed forms with the paper's r, epsilon, b, a_X and Omega_phi h^2 = 0.12, for its
    benchmark only."""
    alp = config.model.alp
    if alp is None or not is_benchmark(config):
        return None
    forms = _evaluate(
        config,
        alp,
        r=PAPER["r"],
        epsilon=PAPER["epsilon"],
        b=b_of_paper(config),
        a_X=PAPER["a_X"],
        omega_phi_h2=OMEGA_DARK_MATTER_H2,
    )
    # At the run's own f the paper's r does not give 0.12, so (21), (22) and (23) stay in the rows
    # that say 0.12.
    return replace(
        forms, b=b_of_paper(config), B_X_today_gauss=None, delta_neff=None, B_today_gauss=None
    )


def _evaluate(
    config: Config,
    alp: AlpKeys,
    *,
    r: float,
    epsilon: float | None,
    b: float | None,
    a_X: float | None,
    omega_phi_h2: float | None,
) -> ClosedForms:
    mass_eV, f_GeV, c = alp.mass_eV, alp.f_GeV, config.mass
    X, A = config.dark, config.photon
    coupling = 0.0 if X is None else abs(config.coupling(X, X))
    g_AX = 0.0 if A is None or X is None else config.coupling(A, X)
    k_star, length = None, None
    if coupling and a_X is not None:
        peak: dict[str, float] = {"coupling": coupling, "a_X": a_X, "oscillation_condition": c}
        k_star = run_relics.paper_k_star(**peak)
        length = run_relics.paper_coherence_length_kpc(**peak, mass_eV=mass_eV)
    field, neff, field_dm, neff_dm, B, B_dm = None, None, None, None, None, None
    if epsilon is not None:
        ratio: dict[str, float] = {"r": r, "epsilon": epsilon, "mass_eV": mass_eV}
        dark_matter = OMEGA_DARK_MATTER_H2
        field_dm = run_relics.paper_B_X_gauss(**ratio, omega_phi_h2=dark_matter)
        neff_dm = run_relics.paper_delta_neff(**ratio, omega_phi_h2=dark_matter)
        if omega_phi_h2 is not None:
            field = run_relics.paper_B_X_gauss(**ratio, omega_phi_h2=omega_phi_h2)
            neff = run_relics.paper_delta_neff(**ratio, omega_phi_h2=omega_phi_h2)
        if b is not None:
            B_dm = run_relics.paper_B_gauss(
                **ratio, b=b, g_AX=1.0, f_GeV=1e16, omega_phi_h2=dark_matter
            )
            if omega_phi_h2 is not None:
                B = run_relics.paper_B_gauss(
                    **ratio, b=b, g_AX=g_AX, f_GeV=f_GeV, omega_phi_h2=omega_phi_h2
                )
    return ClosedForms(
        omega_phi_h2=run_relics.paper_omega_phi_h2(r=r, mass_eV=mass_eV, f_GeV=f_GeV),
        B_X_today_gauss=field,
        delta_neff=neff,
        B_X_dark_matter_gauss=field_dm,
        delta_neff_dark_matter=neff_dm,
        b=None,
        B_today_gauss=B,
        B_dark_matter_gauss=B_dm,
        k_star=k_star,
        coherence_length_kpc=length,
        correlation_length_kpc=run_relics.paper_correlation_length_kpc(mass_eV=mass_eV),
        delta_neff_benchmark=run_relics.paper_delta_neff_benchmark(mass_eV=mass_eV),
    )

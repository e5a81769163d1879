"""psi of dark QED as a relic: beside a light dark photon A', or from a heavy one that decays.

A. Arvanitaki et al., "Dark QED from Inflation", Sec. 4. The closed forms are the paper's, and
`physics.dark_qed` says how they were recomputed.
"""

from __future__ import annotations

from darklat.analysis.papers.picture import Picture, blaming
from darklat.analysis.relics import dark_qed_doubts, dark_qed_solution
from darklat.analysis.relics.dark_qed_solution import LightSolution
from darklat.analysis.relics.outcome import (
    HISTORY,
    ClosedForm,
    Line,
    RelicResult,
    history_figure,
)
from darklat.physics import boltzmann
from darklat.physics.boltzmann.today import ENTROPY_TODAY_GEV3
from darklat.physics.dark_qed import (
    approximations,
    bath,
    closed_forms,
    freeze_out,
    heavy_photon,
    thermalisation,
)
from darklat.physics.dark_qed.approximations import Approximation, Regime
from darklat.physics.dark_qed.bath import FromInflation, HeavyPoint
from darklat.physics.dark_qed.thermalisation import Process
from darklat.physics.units import EV_PER_GEV, T0_EV
from darklat.schema.relic_dark_qed import DarkQedHeavyKeys, DarkQedKeys, DarkQedLightKeys

REGIMES: dict[Regime, str] = {
    "thermal": "thermal: 3 -> 2 processes are faster than H",
    "kinetic": "kinetic equilibrium: only 2 -> 2 processes are faster than H",
    "decoupled": "not thermal: 2 -> 2 processes are slower than H",
}


def light(config: DarkQedLightKeys) -> RelicResult:
    """psi freezes out. Raises BadValueError."""
    solution = dark_qed_solution.light(config)
    point, found = solution.point, solution.found
    regime = approximations.regime_light(**point)
    estimates = approximations.light(**point)
    photons = boltzmann.omega_h2(found.yield_photon, mass=config.mass_photon_GeV)
    closed = [
        *_densities(estimates, found.omega),
        ClosedForm(
            "Omega of A', 4.9",
            closed_forms.omega_photon(mass_photon_gev=config.mass_photon_GeV, **_inflation(point)),
            photons / closed_forms.H0**2,
        ),
        *_other_closed_forms(solution),
    ]
    return RelicResult(
        title="psi of dark QED beside a light dark photon",
        regime=REGIMES[regime],
        lines=tuple(_light_lines(config, solution, estimates, photons)),
        closed_forms=tuple(closed),
        picture=_light_picture(found),
        warnings=tuple(dark_qed_doubts.light(config, solution, regime)),
    )


def heavy(config: DarkQedHeavyKeys) -> RelicResult:
    """A' decays into psi. Raises BadValueError."""
    solution = dark_qed_solution.heavy(config)
    point, found = solution.point, solution.found
    mass = config.mass_fermion_GeV
    regime = approximations.regime_heavy(**point)
    with blaming("charge"):
        half = heavy_photon.relic(mass_fermion_gev=mass, energy=bath.MODE_ENERGY, **point)
    lines = (
        *_bath_lines(config, point["eta"], solution.modes, found.xi),
        Line("T_dark at the decay", f"{found.T_dark_gev:.4g} GeV", "at least m_A' (Eq. E.19)"),
        Line("T_SM there", f"{found.T_sm_gev:.4g} GeV"),
        Line("n_A'/n_psi there", f"{found.photons_over_fermions:.4g}"),
        Line("Y", f"{found.yield_end:.6g}", "(n_psi + 2 n_A')/s"),
        *_density_lines(found.omega, half.omega),
        Line("Delta N_eff", "0", "no dark photon is left"),
    )
    closed = [
        *_densities(approximations.heavy(mass_fermion_gev=mass, **point), found.omega),
        ClosedForm("xi, 3.10", bath.xi(**_inflation(point)), found.xi),
        _least_charge("3->2", "E.20a", point),
        _least_charge("2->2", "E.20b", point),
    ]
    return RelicResult(
        title="psi of dark QED from a heavy dark photon",
        regime=REGIMES[regime],
        lines=lines,
        closed_forms=tuple(closed),
        picture=_heavy_picture(config, found),
        warnings=tuple(dark_qed_doubts.heavy(config, solution, regime)),
    )


def _inflation(point: FromInflation) -> FromInflation:
    return FromInflation(hubble_inflation_gev=point["hubble_inflation_gev"], eta=point["eta"])


# ---- The table ----


def _light_lines(
    config: DarkQedLightKeys,
    solution: LightSolution,
    estimates: list[Approximation],
    photons: float,
) -> list[Line]:
    point, found = solution.point, solution.found
    with blaming("mass_fermion_GeV"):
        half = freeze_out.relic(**point, energy=bath.MODE_ENERGY)
    neff = boltzmann.delta_neff(states=bath.DOF_PHOTON, temperature_ratio=_temperature_ratio(found))
    x = "none: hot" if found.x_freeze_out is None else f"{found.x_freeze_out:.4g}"
    return [
        Line("charge e_D", f"{point['charge']:.6g}", _chosen(config.charge)),
        *_bath_lines(config, point["eta"], solution.modes, found.xi_start),
        Line("m_psi/T_dark at freeze-out", x, "n = 1.5 n_eq"),
        Line("T_SM there", f"{solution.T_last:.4g} GeV"),
        Line("Y", f"{found.yield_end:.6g}", "n/s of psi and its antiparticle"),
        *_density_lines(found.omega, half.omega),
        Line("Omega h^2 of A'", f"{photons:.4g}", "if non-relativistic today"),
        Line("Delta N_eff", f"{neff:.3g}", "of A', as long as it is relativistic"),
        *(Line(f"Omega, {e.equation}", "none", e.reason) for e in estimates if e.omega is None),
    ]


def _temperature_ratio(found: freeze_out.Relic) -> float:
    """T_dark/T_photon today of A', from its number."""
    photons = boltzmann.Species(0.0, bath.DOF_PHOTON, "bose")
    number = found.yield_photon * ENTROPY_TODAY_GEV3
    return float((number / float(photons.number(1.0))) ** (1 / 3) / (T0_EV / EV_PER_GEV))


def _chosen(given: float | str) -> str:
    return f"for Omega = {closed_forms.OMEGA_DARK_MATTER:g}" if isinstance(given, str) else ""


def _bath_lines(config: DarkQedKeys, eta: float, modes: float, xi: float) -> list[Line]:
    note = (
        "of the modes (2.5)"
        if isinstance(config.eta, str)
        else f"given; the modes have {modes:.3g}"
    )
    return [
        Line("eta", f"{eta:.4g}", note),
        Line("xi = T_dark/T_SM", f"{xi:.4g}", "where the bath begins"),
    ]


def _density_lines(omega: float, half: float) -> list[Line]:
    share = omega / closed_forms.OMEGA_DARK_MATTER
    h = closed_forms.H0
    return [
        Line("Omega", f"{omega:.6g}", f"{share:.4g} of the dark matter, h = {h:g}"),
        Line("Omega h^2", f"{omega * h**2:.6g}"),
        Line("Omega, modes with half of 2.4", f"{half:.6g}", "the energy they really have"),
    ]


def _densities(found: list[Approximation], omega: float) -> list[ClosedForm]:
    return [
        ClosedForm(
            f"Omega, {each.equation} {each.meaning}{'' if each.valid else ' (out of its range)'}",
            each.omega,
            omega,
        )
        for each in found
        if each.omega is not None
    ]


def _least_charge(process: Process, equation: str, point: HeavyPoint) -> ClosedForm:
    mass, inflation = point["mass_photon_gev"], _inflation(point)
    return ClosedForm(
        f"least e_D for {process}, {equation} as printed",
        thermalisation.charge_heavy_photon_printed(
            mass_photon_gev=mass, process=process, **inflation
        ),
        thermalisation.charge_heavy_photon(mass_photon_gev=mass, process=process, **inflation),
    )


def _other_closed_forms(solution: LightSolution) -> list[ClosedForm]:
    point, found = solution.point, solution.found
    mass, inflation = point["mass_fermion_gev"], _inflation(point)
    closed = [
        ClosedForm("xi, 3.10", bath.xi(**inflation), found.xi_start),
        ClosedForm(
            "least e_D for 3->2, 3.11 as printed",
            thermalisation.charge_light_photon_printed(mass_fermion_gev=mass, **inflation),
            thermalisation.charge_light_photon(mass_fermion_gev=mass, process="3->2", **inflation),
        ),
    ]
    if found.x_freeze_out is not None and found.x_freeze_out > 1:
        eta = bath.eta_with_charges(
            hubble_inflation_gev=point["hubble_inflation_gev"],
            mass_fermion_gev=mass,
            x_freeze_out=found.x_freeze_out,
        )
        closed.append(ClosedForm("eta, E.5", eta, solution.modes))
    return closed


# ---- The history ----


def _light_picture(found: freeze_out.Relic) -> Picture:
    marks = () if found.x_freeze_out is None else ((r"$x_\mathrm{fo}$", found.x_freeze_out),)
    figure = history_figure(
        found.x,
        [(r"$Y$", found.Y), (r"$Y_\mathrm{eq}$", found.Y_eq)],
        x_label=r"$x = m_\psi/T_\mathrm{dark}$",
        y_label=r"$Y = (n_\psi + n_{\bar\psi})/s$",
        marks=marks,
    )
    table = {
        "m_psi/T_dark [1]": found.x,
        "T_dark [GeV]": found.T_dark_gev,
        "T_SM [GeV]": found.T_sm_gev,
        "Y [1]": found.Y,
        "Y_eq [1]": found.Y_eq,
        "n_eq <sigma v>/(2 H) [1]": found.annihilation_over_hubble,
    }
    return Picture(HISTORY, figure, {HISTORY: table})


def _heavy_picture(config: DarkQedHeavyKeys, found: heavy_photon.Decayed) -> Picture:
    decay = heavy_photon.history(
        mass_photon_gev=config.mass_photon_GeV, charge=config.charge, decayed=found
    )
    figure = history_figure(
        decay.x,
        [(r"$Y_\psi$", decay.Y_fermions), (r"$Y_{A'}$", decay.Y_photons)],
        x_label=r"$x = m_{A'}/T_\mathrm{dark}$",
        y_label=r"$Y = n/s$",
        floor=1e-6,
    )
    table = {
        "m_A'/T_dark [1]": decay.x,
        "T_SM [GeV]": decay.T_sm_gev,
        "Y psi [1]": decay.Y_fermions,
        "Y A' [1]": decay.Y_photons,
    }
    return Picture(HISTORY, figure, {HISTORY: table})

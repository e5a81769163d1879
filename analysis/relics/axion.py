"""Dark photons beside the axion of electroweak baryogenesis: dark matter, invisible decays, dark
radiation.

K. S. Jeong, J. H. Kang, S. Nakagawa, "Cosmological Roles of Dark Photons in Axion-induced
Electroweak Baryogenesis", Sec. III. The closed forms are the paper's.
"""

from __future__ import annotations

import warnings

import numpy as np

from darklat.analysis.papers.picture import Picture
from darklat.analysis.relics.outcome import (
    HISTORY,
    ClosedForm,
    Line,
    RelicResult,
    history_figure,
)
from darklat.errors import BadValueError
from darklat.physics import boltzmann, relics
from darklat.physics.boltzmann import YieldHistory
from darklat.physics.electroweak_axion import dark_photons, equality, invisible
from darklat.physics.electroweak_axion.particles import T_CRITICAL_SM_GEV
from darklat.schema.relic import DarkRadiationKeys, FreezeInKeys, FreezeOutKeys

X_LABEL, Y_LABEL = r"$x = m_\phi/T$", r"$Y = n/s$"


def freeze_in(config: FreezeInKeys) -> RelicResult:
    """Dark matter from decays of a thermal axion. Raises BadValueError."""
    masses = {"mass_phi_gev": config.mass_phi_GeV, "mass_dark_gev": config.mass_dark_GeV}
    coupling = config.coupling_per_GeV
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", relics.Thermalised)  # said below, at its key
            if isinstance(coupling, str):
                coupling = relics.coupling_for_dark_matter(**masses, statistics=config.statistics)
            found = relics.freeze_in(
                **masses, coupling_per_gev=coupling, statistics=config.statistics
            )
    except ValueError as error:
        raise BadValueError("mass_phi_GeV", error) from error
    bound = dark_photons.thermalisation_coupling(
        mass_phi=config.mass_phi_GeV, mass_dark=config.mass_dark_GeV
    )
    bath = boltzmann.standard_model()
    g_star = float(bath.g_energy(config.mass_phi_GeV))
    reheating = dark_photons.decoupling_temperature(coupling=coupling, bath=bath)
    share = found.omega_h2 / boltzmann.OMEGA_DARK_MATTER_H2
    lines = (
        Line("coupling g", f"{coupling:.6g} /GeV", _chosen(config.coupling_per_GeV)),
        Line("Y", f"{found.yield_:.6g}"),
        Line("Omega h^2", f"{found.omega_h2:.6g}", f"{share:.4g} of the dark matter"),
        Line("taken by inverse decays", f"{100 * found.lost:.3g} %"),
        Line("Gamma/H at m_phi/10", f"{found.thermalisation:.3g}", f"1 at g = {bound:.3g} /GeV"),
        Line(
            "reheating below",
            "any temperature" if reheating is None else f"{reheating:.3g} GeV",
            "else phi phi -> gamma' gamma' makes too much",
        ),
    )
    closed = (
        ClosedForm(
            "Omega h^2, III.18",
            dark_photons.paper_omega_h2(
                mass_phi=config.mass_phi_GeV,
                mass_dark=config.mass_dark_GeV,
                coupling=coupling,
                g_star=g_star,
            ),
            found.omega_h2,
        ),
        ClosedForm(
            "bound on g, III.17", dark_photons.paper_thermalisation_coupling(config.mass_phi_GeV),
            bound,
        ),
        *_reheating(coupling, reheating),
    )  # fmt: skip
    return RelicResult(
        title="dark photons from phi -> gamma' gamma' as dark matter",
        regime=_regime(found.lost),
        lines=lines,
        closed_forms=closed,
        picture=_picture(found.history, ()),
        warnings=tuple(_doubts(config, coupling, bound)),
    )


def _chosen(given: float | str) -> str:
    return "for all of the dark matter" if isinstance(given, str) else ""


def _regime(lost: float) -> str:
    if lost > 0.5:
        return "freeze-out: inverse decays hold dark photons in equilibrium"
    return "freeze-in" if lost < 0.01 else "freeze-in, with inverse decays"


def _doubts(config: FreezeInKeys, coupling: float, bound: float) -> list[tuple[str, str]]:
    found = []
    if coupling >= bound:
        found.append(
            (
                "coupling_per_GeV",
                f"{coupling:.3g}/GeV may thermalise dark photons; III.17 asks for less than "
                f"{bound:.3g}/GeV",
            )
        )
    if config.mass_dark_GeV < dark_photons.STRUCTURE_MASS_GEV:
        found.append(
            (
                "mass_dark_GeV",
                f"frozen-in dark matter lighter than {dark_photons.STRUCTURE_MASS_GEV:g} GeV "
                "washes out structures",
            )
        )
    return found


def _reheating(coupling: float, reheating: float | None) -> tuple[ClosedForm, ...]:
    if reheating is None:
        return ()
    printed = dark_photons.paper_reheating_bound(coupling)
    return (ClosedForm("reheating in GeV, III.16", printed, reheating),)


def freeze_out(config: FreezeOutKeys) -> RelicResult:
    """Dark photons that freeze out with the axion and decay to radiation. Raises BadValueError."""
    mass_phi, mass_dark = config.mass_phi_GeV, config.mass_dark_GeV
    try:
        found = invisible.freeze_out(
            mass_phi=mass_phi, mass_dark=mass_dark, coupling=config.coupling_per_GeV
        )
        closed_T = invisible.closed_freeze_out(
            mass_phi=mass_phi, mass_dark=mass_dark, coupling=config.coupling_per_GeV
        )
    except ValueError as error:
        raise BadValueError("coupling_per_GeV", error) from error
    try:
        after = invisible.radiation(
            yield_=found.yield_,
            mass_dark=mass_dark,
            coupling_to_fermions=config.coupling_to_fermions,
        )
    except ValueError as error:
        raise BadValueError("coupling_to_fermions", error) from error
    printed_T = invisible.closed_freeze_out(
        mass_phi=mass_phi, mass_dark=mass_dark, coupling=config.coupling_per_GeV, paper=True
    )
    stable = boltzmann.omega_h2(found.yield_, mass=mass_dark)
    lines = (
        Line("T_fo", f"{found.temperature_gev:.5g} GeV", "inverse decays as fast as H"),
        Line("m_phi/T_fo", f"{mass_phi / found.temperature_gev:.4g}"),
        Line("m'/T_fo", f"{mass_dark / found.temperature_gev:.4g}"),
        Line("Y", f"{found.yield_:.6g}"),
        Line("Omega h^2 if stable", f"{stable:.4g}"),
        Line("T_decay", f"{after.decay_temperature_gev:.4g} GeV"),
        Line("Delta N_eff", f"{after.delta_neff:.4g}", "of the dark fermions"),
    )
    decay = {"mass_dark": mass_dark, "decay_gev": after.decay_temperature_gev}
    closed = (
        ClosedForm("T_fo in GeV, III.13 with 10.03", closed_T, found.temperature_gev),
        ClosedForm("T_fo in GeV, III.13 as printed", printed_T, found.temperature_gev),
        ClosedForm(
            "Delta N_eff, III.12 with 0.331",
            invisible.closed_delta_neff(freeze_out_gev=closed_T, **decay),
            after.delta_neff,
        ),
        ClosedForm(
            "Delta N_eff, III.12 as printed",
            invisible.closed_delta_neff(freeze_out_gev=printed_T, coefficient=1.0, **decay),
            after.delta_neff,
        ),
    )
    doubts = []
    if after.decay_temperature_gev >= found.temperature_gev:
        limit = invisible.largest_coupling_to_fermions(mass_dark=mass_dark)
        doubts.append(
            (
                "coupling_to_fermions",
                f"dark photons decay before they freeze out; III.15 asks for less than {limit:.3g}",
            )
        )
    if after.delta_neff > dark_photons.DELTA_NEFF_BOUND:
        doubts.append(
            ("coupling_to_fermions", f"Delta N_eff is above {dark_photons.DELTA_NEFF_BOUND}")
        )
    marks = ((r"$T_\mathrm{fo}$", mass_phi / found.temperature_gev),)
    return RelicResult(
        title="dark photons that freeze out with phi and decay to dark fermions",
        regime="freeze-out through inverse decays",
        lines=lines,
        closed_forms=closed,
        picture=_picture(found.history, marks),
        warnings=tuple(doubts),
    )


def dark_radiation(config: DarkRadiationKeys) -> RelicResult:
    """Ultralight dark photons that decoupled in the symmetric phase. Raises BadValueError."""
    bath = boltzmann.standard_model()
    T = dark_photons.decoupling_temperature(
        coupling=config.coupling_per_GeV, bath=bath, rate_constant=config.rate_constant
    )
    if T is None:
        raise BadValueError(
            "coupling_per_GeV",
            f"with {config.coupling_per_GeV:g}/GeV scattering stops at no temperature between "
            f"{equality.COLDEST_GEV:g} and {equality.HOTTEST_GEV:g} GeV",
        )
    then = float(bath.g_entropy(T))
    numerical = dark_photons.delta_neff(states=config.states, g_entropy_then=then)
    temperatures = np.geomspace(T, 1e-7, 400)
    ratio = np.cbrt(bath.g_entropy(temperatures) / then)
    lines = (
        Line("T_dec", f"{T:.5g} GeV", "phi phi -> gamma' gamma' as fast as H"),
        Line("g_s at T_dec", f"{then:.5g}"),
        Line("T'/T today", f"{float(ratio[-1]):.5g}"),
        Line("Delta N_eff", f"{numerical:.4g}", "reheated to more than T_dec"),
    )
    free = dark_photons.delta_neff(states=config.states)
    closed = (
        ClosedForm("T_dec in GeV, III.3", dark_photons.paper_decoupling_temperature(
            config.coupling_per_GeV), T),
        ClosedForm("Delta N_eff, g_s = 106.75", free, numerical),
        ClosedForm("Delta N_eff, III.21", dark_photons.PAPER_DELTA_NEFF, numerical),
    )  # fmt: skip
    figure = history_figure(
        T / temperatures,
        [(r"$T'/T$", ratio)],
        x_label=r"$T_\mathrm{dec}/T$",
        y_label=r"$T'/T$",
    )
    table = {"T [GeV]": temperatures, "T'/T [1]": ratio}
    doubts = []
    if numerical > dark_photons.DELTA_NEFF_BOUND:
        doubts.append(("states", f"Delta N_eff is above {dark_photons.DELTA_NEFF_BOUND}"))
    if T < T_CRITICAL_SM_GEV:
        doubts.append(
            (
                "coupling_per_GeV",
                f"dark photons decouple at {T:.3g} GeV, after the electroweak transition at "
                f"{T_CRITICAL_SM_GEV:g} GeV; III.21 holds before it",
            )
        )
    return RelicResult(
        title="ultralight dark photons as dark radiation",
        regime="relativistic freeze-out",
        lines=lines,
        closed_forms=closed,
        picture=Picture(HISTORY, figure, {HISTORY: table}),
        warnings=tuple(doubts),
    )


def _picture(history: YieldHistory, marks: tuple[tuple[str, float], ...]) -> Picture:
    figure = history_figure(
        history.x,
        [(r"$Y$", history.Y), (r"$Y_\mathrm{eq}$", history.Y_eq)],
        x_label=X_LABEL,
        y_label=Y_LABEL,
        marks=marks,
    )
    table = {"m_phi/T [1]": history.x, "Y [1]": history.Y, "Y_eq [1]": history.Y_eq}
    return Picture(HISTORY, figure, {HISTORY: table})

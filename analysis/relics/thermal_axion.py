"""The axion of electroweak baryogenesis: vacuum, couplings, and the rates that keep it thermal.

K. S. Jeong, J. H. Kang, S. Nakagawa, "Cosmological Roles of Dark Photons in Axion-induced
Electroweak Baryogenesis", Sec. II and III A. The closed forms are the paper's.
"""

from __future__ import annotations

import numpy as np

from darklat.analysis import drawing
from darklat.analysis.papers.picture import Picture, blaming
from darklat.analysis.relics.outcome import (
    HISTORY,
    ClosedForm,
    Line,
    RelicResult,
    history_figure,
)
from darklat.physics import boltzmann
from darklat.physics.electroweak_axion import (
    Kappas,
    Vacuum,
    constraints,
    dark_photons,
    kappas,
    rates,
    vacuum,
)
from darklat.physics.electroweak_axion.particles import (
    ELECTRON_GEV,
    HIGGS_MASS_GEV,
    T_CRITICAL_SM_GEV,
)
from darklat.schema.relic import ThermalAxionKeys

COLDEST = 20.0
"""m_phi/T at the end of the history."""

X = "m_phi/T [1]"

_POINTS = 241


def thermal_axion(config: ThermalAxionKeys) -> RelicResult:
    """One model at one decay constant. Raises BadValueError."""
    model = {"r": config.r, "epsilon": config.epsilon, "beta": config.beta}
    with blaming("r"):
        numbers = kappas(**model)
        numbers.require_transition()
        found = vacuum(**model, f_gev=config.f_phi_GeV)
    history = _history(config.f_phi_GeV, numbers, found)
    log_x = np.log(history[X])
    at_mass = {
        name: float(np.interp(0.0, log_x, values)) for name, values in history.items() if name != X
    }
    thermal = sum(at_mass.values()) > 1
    curves = [
        ("Compton (II.22)", history["Gamma_C/H [1]"]),
        ("Primakoff (II.20)", history["Gamma_P/H [1]"]),
        (r"$e^+e^-\to\phi$ (II.23)", history["Gamma_D/H [1]"]),
    ]
    figure = history_figure(
        history[X],
        curves,
        x_label=r"$m_\phi/T$",
        y_label=r"$\Gamma/H$",
        marks=[(r"$T = m_\phi$", 1.0)],
    )
    return RelicResult(
        title="the axion of electroweak baryogenesis",
        regime="thermal until it is non-relativistic"
        if thermal
        else "decouples while relativistic",
        lines=_lines(config, numbers, found, at_mass),
        closed_forms=_closed_forms(config, numbers, found),
        picture=Picture(HISTORY, figure, {HISTORY: history}),
        warnings=tuple(("f_phi_GeV", doubt) for doubt in _doubts(config, numbers, found)),
    )


def _history(f: float, numbers: Kappas, found: Vacuum) -> dict[str, drawing.Array]:
    """Rates over H from the transition on, or from T = 10 m_phi for an axion that is heavier."""
    mass, bath = found.mass_phi_gev, boltzmann.standard_model()
    x = np.geomspace(min(mass / T_CRITICAL_SM_GEV, 0.1), COLDEST, _POINTS)
    hubble = bath.hubble(mass / x)
    made = {
        "Gamma_C/H [1]": [rates.compton(T, f_gev=f, kappa2=numbers.kappa2) for T in mass / x],
        "Gamma_P/H [1]": [rates.primakoff(T, f_gev=f) for T in mass / x],
        "Gamma_D/H [1]": [
            rates.inverse_decay(T, f_gev=f, kappa2=numbers.kappa2, mass_phi_gev=mass)
            for T in mass / x
        ],
    }
    return {X: x, **{name: np.array(rate) / hubble for name, rate in made.items()}}


def _lines(
    config: ThermalAxionKeys, numbers: Kappas, found: Vacuum, at_mass: dict[str, float]
) -> tuple[Line, ...]:
    f, bath = config.f_phi_GeV, boltzmann.standard_model()
    primakoff = rates.primakoff_temperature(f_gev=f, bath=bath)
    compton = rates.compton_temperature(f_gev=f, kappa2=numbers.kappa2, bath=bath)
    window = rates.thermal_window_gev(kappa1=numbers.kappa1, kappa2=numbers.kappa2)
    kappa_photon = constraints.kappa_photon(kappa1=numbers.kappa1, anomaly=config.anomaly)
    photons = constraints.photon_coupling(f_gev=f, anomaly=config.anomaly)
    return (
        Line("m_phi", f"{found.mass_phi_gev:.6g} GeV", "at the minimum of the potential"),
        Line("sin(theta_mix)", f"{found.sin_mixing:.6g}"),
        Line("kappa_1", f"{numbers.kappa1:.6f}", "II.3"),
        Line("kappa_2", f"{numbers.kappa2:.6f}", "II.4"),
        Line("kappa_mix", f"{numbers.kappa_mix:.6f}", "II.14"),
        Line("T_n", f"{numbers.require_transition():.4f} GeV", "II.9"),
        Line("g_phi_gamma", f"{photons:.4g} /GeV", "II.10"),
        Line("kappa_phi_gamma", f"{kappa_photon:.4g}", "II.17"),
        Line("d_e", f"{_moment(config, found):.3g} e cm", "II.11; JILA excludes 4.1e-30"),
        Line("Primakoff stops at", _temperature(primakoff)),
        Line("Compton stops at", _temperature(compton)),
        Line("Gamma_C/H at m_phi", f"{at_mass['Gamma_C/H [1]']:.3g}"),
        Line("Gamma_D/H at m_phi", f"{at_mass['Gamma_D/H [1]']:.3g}"),
        Line("II.25", f"{window[0]:.3g} to {window[1]:.3g} GeV", "f_phi of a thermal axion"),
    )


def _temperature(T: float | None) -> str:
    return "no temperature" if T is None else f"{T:.4g} GeV"


def _moment(config: ThermalAxionKeys, found: Vacuum) -> float:
    return constraints.electron_edm_e_cm(
        sin_mixing=found.sin_mixing, f_gev=config.f_phi_GeV, mass_phi_gev=found.mass_phi_gev
    )


def _closed_forms(
    config: ThermalAxionKeys, numbers: Kappas, found: Vacuum
) -> tuple[ClosedForm, ...]:
    f, mass, bath = config.f_phi_GeV, found.mass_phi_gev, boltzmann.standard_model()
    g_star = float(bath.g_energy(mass))
    closed = [
        ClosedForm("m_phi in GeV, II.3", numbers.kappa1 * HIGGS_MASS_GEV**2 / f, mass),
        ClosedForm("sin(theta_mix), II.4", numbers.kappa2 * HIGGS_MASS_GEV / f, found.sin_mixing),
        ClosedForm(
            "Gamma_D/H at m_phi, II.24",
            rates.paper_inverse_decay_over_hubble(
                f_gev=f, kappa1=numbers.kappa1, kappa2=numbers.kappa2, g_star=g_star
            ),
            rates.inverse_decay_over_hubble(
                f_gev=f, kappa1=numbers.kappa1, kappa2=numbers.kappa2, g_star=g_star
            ),
        ),
        ClosedForm(
            "coupling for BBN, III.9",
            dark_photons.paper_nucleosynthesis_coupling(mass),
            dark_photons.nucleosynthesis_coupling(mass),
        ),
    ]
    primakoff = rates.primakoff_temperature(f_gev=f, bath=bath)
    if primakoff is not None:
        printed = rates.paper_primakoff_temperature(f_gev=f)
        closed.insert(2, ClosedForm("T_P in GeV, II.21", printed, primakoff))
    if mass > 2 * ELECTRON_GEV:
        closed += _electrons(config, numbers, found)
    return tuple(closed)


def _electrons(config: ThermalAxionKeys, numbers: Kappas, found: Vacuum) -> list[ClosedForm]:
    """Closed forms of an axion that decays to electrons."""
    mass, kappa2 = found.mass_phi_gev, numbers.kappa2
    visible = dark_photons.electron_width(mass_phi=mass, sin_mixing=found.sin_mixing)
    photons = dark_photons.photon_width(
        mass_phi=mass, coupling=constraints.photon_coupling(f_gev=config.f_phi_GeV)
    )
    return [
        ClosedForm(
            "photons over electrons, III.6",
            dark_photons.paper_photons_over_electrons(mass_phi=mass, kappa2=kappa2),
            photons / visible,
        ),
        ClosedForm(
            "invisible coupling, III.7",
            dark_photons.paper_invisible_coupling(kappa1=numbers.kappa1, kappa2=kappa2),
            dark_photons.invisible_coupling(mass_phi=mass, sin_mixing=found.sin_mixing),
        ),
        ClosedForm(
            "least Br to electrons, III.8",
            dark_photons.paper_least_branching_ratio(mass_phi=mass, kappa2=kappa2),
            dark_photons.least_branching_ratio(mass_phi=mass, kappa1=numbers.kappa1, kappa2=kappa2),
        ),
        ClosedForm(
            "sin^2(theta_mix) for BBN, III.10",
            dark_photons.PAPER_NUCLEOSYNTHESIS_MIXING,
            dark_photons.nucleosynthesis_mixing(mass),
        ),
    ]


def _doubts(config: ThermalAxionKeys, numbers: Kappas, found: Vacuum) -> list[str]:
    doubts = []
    f, mass, square = config.f_phi_GeV, found.mass_phi_gev, found.sin_mixing**2
    low, high = constraints.DECAY_CONSTANTS_GEV
    if not low <= f <= high:
        doubts.append(f"is not in the window of baryogenesis, {low:g} to {high:g} GeV (II.18)")
    first, last = rates.thermal_window_gev(kappa1=numbers.kappa1, kappa2=numbers.kappa2)
    if not first <= f <= last:
        doubts.append(
            f"the axion stays thermal from {first:.3g} to kappa_2^2/kappa_1 1e6 = {last:.3g} GeV "
            "(II.25)"
        )
    moment = _moment(config, found)
    if moment > constraints.EDM_BOUNDS_E_CM["JILA"]:
        doubts.append(f"the electron's dipole moment, {moment:.3g} e cm, is excluded (II.11)")
    least, most = constraints.MESON_WINDOW
    lightest, heaviest = constraints.MESON_MASSES_GEV
    if lightest < mass < heaviest and not least < square < most:
        doubts.append(
            f"sin^2(theta_mix) = {square:.3g} is excluded outside of {least:g} to {most:g} (II.12)"
        )
    coupling = constraints.photon_coupling(f_gev=f, anomaly=config.anomaly)
    if mass < constraints.SUPERNOVA_MASS_GEV and coupling > constraints.SUPERNOVA_COUPLING:
        doubts.append(
            f"SN 1987A excludes g_phi_gamma = {coupling:.3g}/GeV, above "
            f"{constraints.SUPERNOVA_COUPLING:g}/GeV (II.16)"
        )
    return doubts

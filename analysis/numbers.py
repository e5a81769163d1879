"""Every number that the analysis derives from a run."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from darklat.analysis import closed_forms
from darklat.analysis.closed_forms import OMEGA_DARK_MATTER_H2, ClosedForms
from darklat.analysis.spectra import both_helicities, helicity_power, magnetic_spectrum
from darklat.physics import relics
from darklat.physics.summary import EndOfRun, end_of_run
from darklat.schema import Config
from darklat.storage.read_run import Array, RunFiles

MILESTONES = (8.0, 16.0, 30.0)
"""a/a_osc at which r, epsilon and b are tabulated."""


@dataclass(frozen=True)
class At:
    """Observables interpolated linearly in the series at a/a_osc = a."""

    a: float
    r: float
    epsilon: float | None
    b: float | None


@dataclass(frozen=True)
class Result:
    """All numbers of a run that the analysis derives. None where they do not apply."""

    name: str
    dark_field: str | None
    """The letter of the first dark field, X in the names below."""
    photon: str | None
    """The letter of the photon, A in the names below."""
    alp: bool
    """Whether there is an ALP; if not, everything that is of it or measured in it is None."""
    tau_end: float
    a_end: float
    radiation: bool
    end: EndOfRun
    peak_of: str
    """The quantity of spectra.h5 whose peak and integral scale `end` has."""
    rho: dict[str, float]
    """Mean energy densities at the end, by field and `<field>_plasma`."""
    at: tuple[At, ...]
    """At the `MILESTONES` that the run covers (radiation era)."""
    B_X_dark_matter_gauss: float | None
    """B_X rms today if f is such that Omega_phi h^2 = 0.12; r and epsilon hardly depend on f."""
    delta_neff_dark_matter: float | None
    """Delta N_eff today, with the same f."""
    B_dark_matter_gauss: float | None
    """B rms of the photon today, gauss, with the same f and g_AX = f/(1e16 GeV)."""
    gauss_max: dict[str, float]
    """Largest relative residual of Gauss's law, by field."""
    energy_balance_max: float | None
    """Largest |energy balance|."""
    power_at_cutoff: float | None
    """Share of the energy above 3/4 of the largest |khat| on an axis, last row."""
    closed_forms: ClosedForms | None
    """With this run's r, epsilon, b, Omega_phi h^2, and a_saturation for a_X."""
    paper: ClosedForms | None
    """With the paper's r, epsilon, b, a_X and Omega_phi h^2 = 0.12, for its benchmark only."""
    notes: tuple[str, ...]


def analyse(run: RunFiles) -> Result:
    """Every number of the table and of analysis.json, from a run that may have stopped anywhere."""
    series, notes = finite_series(run)
    end = _end(run, series)
    a_end = float(series["a"][-1])
    if end.a_saturation is not None and end.a_saturation > 0.8 * a_end:
        notes.append(
            f"epsilon is within 10% of its last value only from a = {end.a_saturation:.3g} of "
            f"{a_end:.3g}: it has not saturated."
        )
    balance = run.series.get("energy_balance")
    cutoff = series.get("power_at_cutoff")
    field_dm, neff_dm = _as_dark_matter(end, run.config)
    return Result(
        name=run.config.name,
        dark_field=run.config.dark,
        photon=run.config.photon,
        alp=run.config.model.alp is not None,
        tau_end=float(series["tau"][-1]),
        a_end=a_end,
        radiation=run.config.radiation,
        end=end,
        peak_of=_peak_of(run),
        rho={name.removeprefix("rho/"): float(series[name][-1]) for name in run.densities},
        at=tuple(
            _at(series, a)
            for a in MILESTONES
            if run.config.radiation and run.config.model.alp is not None and _covers(series, a)
        ),
        B_X_dark_matter_gauss=field_dm,
        delta_neff_dark_matter=neff_dm,
        B_dark_matter_gauss=_photon_as_dark_matter(end, run.config),
        gauss_max={
            name.removeprefix("gauss/"): float(np.max(column))
            for name, column in run.series.items()
            if name.startswith("gauss/")
        },
        energy_balance_max=None if balance is None else float(np.max(np.abs(balance))),
        power_at_cutoff=None if cutoff is None else float(cutoff[-1]),
        closed_forms=closed_forms.with_numbers_of_run(run.config, end),
        paper=closed_forms.with_numbers_of_paper(run.config),
        notes=(*run.notes, *notes),
    )


def finite_series(run: RunFiles) -> tuple[dict[str, Array], list[str]]:
    """The series up to the row before the first that is not finite, and a note if some is cut.

    All of it where the first row already is not finite: there is nothing else to show.
    """
    names = [n for n in run.series if n in ("a", "r", "epsilon", "b") or n.startswith("rho/")]
    finite = np.all([np.isfinite(run.series[name]) for name in names], axis=0)
    if np.all(finite):
        return dict(run.series), []
    first = int(np.argmin(finite))
    where = f"row {first + 1} of series.h5 (tau = {run.series['tau'][first]:.4g})"
    if first == 0:
        return dict(run.series), [
            f"{where} is not finite: the run started from fields that are not."
        ]
    note = f"From {where} on values are not finite; the numbers are of the row before."
    return {name: column[:first] for name, column in run.series.items()}, [note]


def _end(run: RunFiles, series: dict[str, Array]) -> EndOfRun:
    X, A = run.config.dark, run.config.photon
    dark = magnetic_spectrum(run)
    photon = None if A is None else both_helicities(run, f"B_{A}")
    spectrum = dark if photon is None else photon
    long = run.spectra.get(f"X_{X}_long")
    return end_of_run(
        a=series["a"],
        r=series.get("r"),
        epsilon=series.get("epsilon"),
        rho_theta=series.get("rho/theta"),
        rho_X=series.get(f"rho/{X}"),
        k=None if spectrum is None else spectrum.k,
        dlnk=None if spectrum is None else spectrum.dlnk,
        power_B_X=None if dark is None else dark.power[-1],
        power_X_long=None if long is None else long.power[-1],
        units=run.config.program_units,
        radiation=run.config.radiation,
        b=series.get("b"),
        rho_A=series.get(f"rho/{A}"),
        power_B_A=None if photon is None else photon.power[-1],
        helicity_power_B_A=None if A is None else helicity_power(run, f"B_{A}"),
        X_is_massive=run.config.dark_ends_as_matter,
    )


def _peak_of(run: RunFiles) -> str:
    """As `end_of_run` chooses it."""
    long = f"X_{run.config.dark}_long"
    if run.config.model.alp is None and run.config.photon is None and long in run.spectra:
        return long
    return f"B_{run.config.photon or run.config.dark}"


def _covers(series: dict[str, Array], a: float) -> bool:
    """Whether a lies within the series, up to the rounding of its last step."""
    return bool(series["a"][0] <= a <= series["a"][-1] * (1 + 1e-9))


def _at(series: dict[str, Array], a: float) -> At:
    def value(name: str) -> float | None:
        return float(np.interp(a, series["a"], series[name])) if name in series else None

    r = value("r")
    assert r is not None  # `load_run` refuses a series without r
    return At(a=a, r=r, epsilon=value("epsilon"), b=value("b"))


def _as_dark_matter(end: EndOfRun, config: Config) -> tuple[float | None, float | None]:
    if not config.radiation or config.dark_ends_as_matter or not end.r or end.epsilon is None:
        return None, None
    rho_X = relics.rho_X_today_eV4(r=end.r, epsilon=end.epsilon, **_dark_matter(config))
    return relics.dark_field_gauss(rho_X), relics.delta_neff(rho_X)


def _photon_as_dark_matter(end: EndOfRun, config: Config) -> float | None:
    """B of the photon with g_AX = f/(1e16 GeV), with the f that gives Omega_phi h^2 = 0.12."""
    if not config.radiation or config.dark_ends_as_matter:
        return None
    if not end.r or not end.omega_phi_h2:
        return None
    if end.epsilon is None or end.b is None:
        return None
    assert config.model.alp is not None  # there is an r
    f_16 = config.model.alp.f_GeV / 1e16
    f_16 *= math.sqrt(OMEGA_DARK_MATTER_H2 / end.omega_phi_h2)  # densities scale as f^2
    rho_A = relics.rho_A_today_eV4(
        r=end.r, epsilon=end.epsilon, b=end.b, g_AX=f_16, **_dark_matter(config)
    )
    return relics.magnetic_field_gauss(rho_A)


def _dark_matter(config: Config) -> dict[str, float]:
    return {
        "omega_phi_h2": OMEGA_DARK_MATTER_H2,
        "mass_eV": config.program_units.hubble_eV,  # with the next: H at a = 1
        "oscillation_condition": 1.0,
    }

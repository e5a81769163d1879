"""The numbers of a run, beside the closed forms and the values of Choi, Kim, Sekiguchi (2018)."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from darklat.analysis.load import Run, Spectrum
from darklat.physics import relics
from darklat.physics.summary import EndOfRun, end_of_run

MILESTONES = (8.0, 16.0, 30.0)
"""a/a_osc at which r, epsilon and b are tabulated."""

OMEGA_DARK_MATTER_H2 = 0.12
"""Omega_phi h^2 if the ALP is all of the dark matter, the value used by Choi et al."""

PAPER = {"r": 0.03, "epsilon": 4.0, "a_X": 5.0}
"""Choi, Kim, Sekiguchi, PRL 121, 031102 (2018), Fig. 1: asymptotes and a(tau_X) at g_XX = 100."""


@dataclass(frozen=True)
class At:
    """Observables interpolated linearly in the series at a/a_osc = a."""

    a: float
    r: float
    epsilon: float | None
    b: float | None


@dataclass(frozen=True)
class ClosedForms:
    """The equations of Choi et al. at some r, epsilon, Omega_phi h^2 and a_X; None if not defined.

    Eq. 20 holds for theta = 1 at a_osc and a quadratic potential; 24 needs a coupling XX.
    """

    omega_phi_h2: float | None
    B_X_today_gauss: float | None
    delta_neff: float | None
    B_X_dark_matter_gauss: float | None
    delta_neff_dark_matter: float | None
    k_star: float | None
    coherence_length_kpc: float | None
    correlation_length_kpc: float | None
    delta_neff_benchmark: float | None


@dataclass(frozen=True)
class Result:
    """All numbers of a run that the analysis derives. None where they do not apply."""

    name: str
    tau_end: float
    a_end: float
    radiation: bool
    end: EndOfRun
    b: float | None
    at: tuple[At, ...]
    """At those of `MILESTONES` that the run covers (radiation era)."""
    B_X_dark_matter_gauss: float | None
    """B_X rms today if f is such that Omega_phi h^2 = 0.12; r and epsilon hardly depend on f."""
    delta_neff_dark_matter: float | None
    """Delta N_eff today, with the same f."""
    gauss_max: dict[str, float]
    """Largest relative residual of Gauss's law, by field."""
    energy_balance_max: float | None
    """Largest |energy balance|."""
    power_at_cutoff: float | None
    """Share of the energy above 3/4 of the largest |khat| on an axis, last row."""
    closed_forms: ClosedForms | None
    """With this run's r, epsilon, Omega_phi h^2, and a_saturation for a_X."""
    paper: ClosedForms | None
    """With the paper's r, epsilon, a_X and Omega_phi h^2 = 0.12, for its benchmark only."""
    notes: tuple[str, ...]


def magnetic_spectrum(run: Run) -> Spectrum | None:
    """B of the first dark field, both helicities together, or None if there is no spectrum."""
    return both_helicities(run, f"B_{run.dark_field}")


def both_helicities(run: Run, quantity: str) -> Spectrum | None:
    """The sum of the spectra `quantity`_plus and `quantity`_minus at the times both have."""
    plus, minus = (run.spectra.get(f"{quantity}_{sign}") for sign in ("plus", "minus"))
    if plus is None or minus is None:
        return None
    n = min(len(plus.tau), len(minus.tau))
    return replace(
        plus,
        tau=plus.tau[:n],
        a=plus.a[:n],
        power=plus.power[:n] + minus.power[:n],
        zero=plus.zero[:n] + minus.zero[:n],
    )


def analyse(run: Run) -> Result:
    """Every number of the table and of analysis.json, from a run that may have stopped anywhere."""
    rows, notes = _finite_rows(run)
    series = {name: column[:rows] for name, column in run.series.items()}
    end = _end(run, series)
    a_end = float(series["a"][-1])
    if end.a_saturation is not None and end.a_saturation > 0.8 * a_end:
        notes.append(
            f"epsilon is within 10% of its last value only from a = {end.a_saturation:.3g} of "
            f"{a_end:.3g}: it has not saturated."
        )
    alp = run.config["model"]["alp"]
    field_dm, neff_dm = _as_dark_matter(end, run)
    balance = run.series.get("energy_balance")
    cutoff = series.get("power_at_cutoff")
    return Result(
        name=str(run.config["name"]),
        tau_end=float(series["tau"][-1]),
        a_end=a_end,
        radiation=run.radiation,
        end=end,
        b=float(series["b"][-1]) if "b" in series else None,
        at=tuple(_at(series, a) for a in MILESTONES if run.radiation and _covers(series, a)),
        B_X_dark_matter_gauss=field_dm,
        delta_neff_dark_matter=neff_dm,
        gauss_max={
            name.removeprefix("gauss/"): float(np.max(column))
            for name, column in run.series.items()
            if name.startswith("gauss/")
        },
        energy_balance_max=None if balance is None else float(np.max(np.abs(balance))),
        power_at_cutoff=None if cutoff is None else float(cutoff[-1]),
        closed_forms=_closed_forms(run, end) if run.radiation else None,
        paper=_paper(run, mass_eV=alp["mass_eV"]) if run.is_benchmark else None,
        notes=(*run.notes, *notes),
    )


def _finite_rows(run: Run) -> tuple[int, list[str]]:
    """The number of rows before the first that is not finite, and a note if some are left out."""
    names = [n for n in run.series if n in ("a", "r", "epsilon", "b") or n.startswith("rho/")]
    finite = np.all([np.isfinite(run.series[name]) for name in names], axis=0)
    if np.all(finite):
        return finite.size, []
    first = int(np.argmin(finite))
    where = f"row {first + 1} of series.h5 (tau = {run.series['tau'][first]:.4g})"
    if first == 0:
        return finite.size, [f"{where} is not finite: the run started from fields that are not."]
    return first, [f"From {where} on values are not finite; the numbers are of the row before."]


def _end(run: Run, series: dict[str, np.ndarray]) -> EndOfRun:
    X = run.dark_field
    spectrum = magnetic_spectrum(run)
    alp = run.config["model"]["alp"]
    return end_of_run(
        a=series["a"],
        r=series["r"],
        epsilon=series.get("epsilon"),
        rho_theta=series["rho/theta"],
        rho_X=series.get(f"rho/{X}"),
        k=None if spectrum is None else spectrum.k,
        dlnk=None if spectrum is None else spectrum.dlnk,
        power_B_X=None if spectrum is None else spectrum.power[-1],
        mass_eV=alp["mass_eV"],
        f_GeV=alp["f_GeV"],
        oscillation_condition=run.config["background"]["oscillation_condition"],
        radiation=run.radiation,
    )


def _covers(series: dict[str, np.ndarray], a: float) -> bool:
    """Whether a lies within the series, up to the rounding of its last step."""
    return bool(series["a"][0] <= a <= series["a"][-1] * (1 + 1e-9))


def _at(series: dict[str, np.ndarray], a: float) -> At:
    def value(name: str) -> float | None:
        return float(np.interp(a, series["a"], series[name])) if name in series else None

    r = value("r")
    assert r is not None  # `load_run` refuses a series without r
    return At(a=a, r=r, epsilon=value("epsilon"), b=value("b"))


def _as_dark_matter(end: EndOfRun, run: Run) -> tuple[float | None, float | None]:
    if not run.radiation or not end.r or end.epsilon is None:
        return None, None
    rho_X = relics.rho_X_today_eV4(
        r=end.r,
        epsilon=end.epsilon,
        omega_phi_h2=OMEGA_DARK_MATTER_H2,
        mass_eV=run.config["model"]["alp"]["mass_eV"],
        oscillation_condition=run.config["background"]["oscillation_condition"],
    )
    return relics.dark_field_gauss(rho_X), relics.delta_neff(rho_X)


def _closed_forms(run: Run, end: EndOfRun) -> ClosedForms | None:
    if not end.r:
        return None
    alp = run.config["model"]["alp"]
    as_in_paper = alp["potential"] == "quadratic" and abs(alp["theta_initial"]) == 1
    return _evaluate(
        run,
        r=end.r,
        epsilon=end.epsilon,
        a_X=end.a_saturation,
        omega_phi_h2=end.omega_phi_h2,
        eq_20=relics.paper_omega_phi_h2(r=end.r, mass_eV=alp["mass_eV"], f_GeV=alp["f_GeV"])
        if as_in_paper
        else None,
    )


def _paper(run: Run, *, mass_eV: float) -> ClosedForms:
    f_GeV = run.config["model"]["alp"]["f_GeV"]
    return replace(
        _evaluate(
            run,
            r=PAPER["r"],
            epsilon=PAPER["epsilon"],
            a_X=PAPER["a_X"],
            omega_phi_h2=OMEGA_DARK_MATTER_H2,
            eq_20=relics.paper_omega_phi_h2(r=PAPER["r"], mass_eV=mass_eV, f_GeV=f_GeV),
        ),
        # At the run's own f the paper's r does not give 0.12, so (21) and (22) stay in their rows.
        B_X_today_gauss=None,
        delta_neff=None,
    )


def _evaluate(
    run: Run,
    *,
    r: float,
    epsilon: float | None,
    a_X: float | None,
    omega_phi_h2: float | None,
    eq_20: float | None,
) -> ClosedForms:
    mass_eV = run.config["model"]["alp"]["mass_eV"]
    c = run.config["background"]["oscillation_condition"]
    X = run.dark_field
    coupling = 0.0 if X is None else abs(run.config["model"]["couplings"].get(X + X, 0.0))
    k_star, length = None, None
    if coupling and a_X is not None:
        k_star = relics.paper_k_star(coupling=coupling, a_X=a_X, oscillation_condition=c)
        length = relics.length_today_kpc(
            2 * math.pi / k_star, mass_eV=mass_eV, oscillation_condition=c
        )
    field, neff, field_dm, neff_dm = None, None, None, None
    if epsilon is not None:
        ratio: dict[str, float] = {"r": r, "epsilon": epsilon, "mass_eV": mass_eV}
        dark_matter = OMEGA_DARK_MATTER_H2
        field_dm = relics.paper_B_X_gauss(**ratio, omega_phi_h2=dark_matter)
        neff_dm = relics.paper_delta_neff(**ratio, omega_phi_h2=dark_matter)
        if omega_phi_h2 is not None:
            field = relics.paper_B_X_gauss(**ratio, omega_phi_h2=omega_phi_h2)
            neff = relics.paper_delta_neff(**ratio, omega_phi_h2=omega_phi_h2)
    return ClosedForms(
        omega_phi_h2=eq_20,
        B_X_today_gauss=field,
        delta_neff=neff,
        B_X_dark_matter_gauss=field_dm,
        delta_neff_dark_matter=neff_dm,
        k_star=k_star,
        coherence_length_kpc=length,
        correlation_length_kpc=relics.paper_correlation_length_kpc(mass_eV=mass_eV),
        delta_neff_benchmark=relics.paper_delta_neff_benchmark(mass_eV=mass_eV),
    )


# ---- Text ----

_WIDTHS = (50, 13, 19, 13)


def format_table(result: Result) -> str:
    """The result as text, at most 100 columns wide."""
    end, paper = result.end, result.paper
    time = f"a = {result.a_end:.4g} a_osc" if result.radiation else "static background"
    title = result.name if len(result.name) <= 60 else result.name[:57] + "..."
    lines = [f"{title}: at the end, {time}, tau = {result.tau_end:.4g} tau_osc", ""]
    lines += [_row("", "this run", "closed form (a)", "paper (b)" if paper else "")]
    lines += ["-" * sum(_WIDTHS)]
    benchmark: dict[str, Any] = PAPER if paper else {}
    if not result.radiation:
        lines += _rows(("r", end.r), ("epsilon", end.epsilon))
    else:
        lines += [_row("r, last", _number(end.r), "", _number(benchmark.get("r")))]
        lines += _rows(*((f"r at a = {at.a:g}", at.r) for at in result.at))
        epsilon_paper = _number(benchmark.get("epsilon"))
        lines += [_row("epsilon, last", _number(end.epsilon), "", epsilon_paper)]
        lines += _rows(*((f"epsilon at a = {at.a:g}", at.epsilon) for at in result.at))
        a_X = _number(benchmark.get("a_X"))
        lines += [_row("a/a_osc where epsilon saturates", _number(end.a_saturation), "", a_X)]
    if result.b is not None:
        lines += _rows(("b, last", result.b))
        lines += _rows(*((f"b at a = {at.a:g}", at.b) for at in result.at))
    lines += _lengths_and_relics(result)
    lines += ["", *_checks(result), ""]
    lines += _footnotes(result)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _lengths_and_relics(result: Result) -> list[str]:
    end, run, paper = result.end, result.closed_forms, result.paper

    def row(label: str, value: float | None, closed_form: str, *, unit: float = 1.0) -> str:
        cells = [
            _number(None if forms is None else getattr(forms, closed_form), unit)
            for forms in (run, paper)
        ]
        return _row(label, _number(value, unit), *cells)

    lines = [
        row("k of the peak of B_X per ln k [1/tau_osc]; (24)", end.k_peak, "k_star"),
        _row("integral scale of B_X [tau_osc]", _number(end.integral_scale), "", ""),
    ]
    if not result.radiation:
        return lines
    label = "coherence length today, 2 pi/k_peak [kpc]"
    return lines + [
        row(f"{label}; (24)", end.coherence_length_kpc, "coherence_length_kpc"),
        row("integral scale today [kpc]; (25)", end.integral_scale_kpc, "correlation_length_kpc"),
        row("Omega_phi h^2; (20)", end.omega_phi_h2, "omega_phi_h2"),
        row("B_X today, rms [nG]; (21)", end.B_X_today_gauss, "B_X_today_gauss", unit=1e-9),
        row("Delta N_eff; (22)", end.delta_neff, "delta_neff"),
        row(
            "B_X today, rms [nG], if Omega_phi h^2 = 0.12; (21)",
            result.B_X_dark_matter_gauss,
            "B_X_dark_matter_gauss",
            unit=1e-9,
        ),
        row(
            "Delta N_eff if Omega_phi h^2 = 0.12; (22)",
            result.delta_neff_dark_matter,
            "delta_neff_dark_matter",
        ),
        row("Delta N_eff if Omega_phi h^2 = 0.12; (26)", None, "delta_neff_benchmark"),
    ]


def _checks(result: Result) -> list[str]:
    rows = [(f"Gauss's law of {name}, largest", v) for name, v in result.gauss_max.items()]
    return _rows(
        *rows,
        ("|energy balance|, largest", result.energy_balance_max),
        ("share of the energy at the cutoff, last", result.power_at_cutoff),
    )


def _footnotes(result: Result) -> list[str]:
    lines = []
    if result.closed_forms is not None:
        lines += [
            "(a) Choi, Kim, Sekiguchi, PRL 121, 031102 (2018): the equation numbered in the row,",
            "    with r, epsilon, Omega_phi h^2, saturation of this run. (20) takes theta = 1 at",
            "    a_osc, 2.5 times the density of a start at rest; (25), (26) know the mass only.",
        ]
    if result.paper is not None:
        lines += [
            "(b) the same with r = 0.03, epsilon = 4, a_X = 5, Omega_phi h^2 = 0.12 (its Fig. 1),",
            "    for the mass (and in (20) the decay constant) of this run.",
        ]
    if result.closed_forms is not None:
        lines += [
            "Numbers of today take a^3 rho_phi and a^4 rho_X as constant after the end of the run.",
        ]
    for note in result.notes:
        lines += textwrap.wrap(f"Note: {note}", sum(_WIDTHS), subsequent_indent="    ")
    return lines


def _rows(*rows: tuple[str, float | None]) -> list[str]:
    return [_row(label, _number(value), "", "") for label, value in rows]


def _row(label: str, *cells: str) -> str:
    return label.ljust(_WIDTHS[0]) + "".join(
        cell.rjust(width) for cell, width in zip(cells, _WIDTHS[1:], strict=True)
    )


def _number(value: float | None, unit: float = 1.0) -> str:
    return "-" if value is None else f"{value / unit:.3g}"

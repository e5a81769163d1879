"""Every number that the analysis derives from a run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from darklat.analysis import closed_forms, error_bars, waves
from darklat.analysis.closed_forms import OMEGA_DARK_MATTER_H2, ClosedForms
from darklat.analysis.error_bars import ErrorBar
from darklat.analysis.spectra import both_helicities, helicity_power
from darklat.analysis.verdicts import overall, verdicts
from darklat.analysis.waves import WaveNumbers
from darklat.physics import run_relics
from darklat.physics.scales import Status
from darklat.physics.spectra import cutoff
from darklat.physics.summary import EndOfRun, GaugeRecord, SpectrumBins, end_of_run, epsilon_of
from darklat.physics.thermal.radiation import Epoch, epoch, is_known
from darklat.physics.verdicts import Verdict, untrusted
from darklat.schema import Config
from darklat.storage import events
from darklat.storage.read_run import Array, RunFiles

MILESTONES = (8.0, 16.0, 30.0)
"""a/a_osc at which r, epsilon and b are tabulated."""


@dataclass(frozen=True)
class At:
    """Observables interpolated linearly in the series at a/a_osc = a."""

    a: float
    r: float
    epsilon: dict[str, float]
    """Of every dark field, by its letter."""
    b: float | None


@dataclass(frozen=True)
class AsDarkMatter:
    """Numbers of today of a massless dark field if f is such that Omega_phi h^2 = 0.12. r and
    epsilon hardly depend on f."""

    B_gauss: float
    delta_neff: float


@dataclass(frozen=True)
class Result:
    """All numbers of a run that the analysis derives. None where they do not apply."""

    name: str
    alp: bool
    """Whether there is an ALP; if not, everything that is of it or measured in it is None."""
    tau_end: float
    a_end: float
    background: str
    """Its kind."""
    expands: bool
    has_today: bool
    """Whether numbers of today follow from the background, where g_* is known."""
    epoch: Epoch | None
    """a = 1 in the history of the universe, which numbers of today start from: where radiation is
    known, and g_* at its temperature."""
    end: EndOfRun
    rho: dict[str, float]
    """Mean energy densities at the end, by field and `<field>_plasma`."""
    at: tuple[At, ...]
    """At the `MILESTONES` that an expanding run covers."""
    dark_matter: dict[str, AsDarkMatter]
    """Of every massless dark field, by its letter."""
    B_dark_matter_gauss: float | None
    """B rms of the photon today, gauss, with the same f and g_AX = f/(1e16 GeV)."""
    gauss_max: dict[str, float]
    """Largest relative residual of Gauss's law, by field."""
    energy_balance_max: float | None
    """Largest |energy balance|."""
    power_at_cutoff: float | None
    """Share of the energy above 3/4 of the largest |khat| on an axis, last row."""
    closed_forms: ClosedForms | None
    """With this run's r, epsilon, b, Omega_phi h^2, and a_saturation for a_X; None where their
    assumptions are not met."""
    unmet: tuple[str, ...]
    """The assumptions of the closed forms that are not met."""
    paper: ClosedForms | None
    """With the paper's r, epsilon, b, a_X and Omega_phi h^2 = 0.12, for its benchmark only."""
    verdict: Status
    """The worst of `verdicts`."""
    verdicts: tuple[Verdict, ...]
    """Every check."""
    untrusted: dict[str, str]
    """The numbers that are not to be trusted, by their keys in summary.json, and the check that
    says so."""
    notes: tuple[str, ...]
    waves: WaveNumbers | None = None
    """Of gravitational waves, where there are any."""
    ladder: tuple[ErrorBar, ...] = ()
    """The numbers of the ladder of the run with their errors, where there is one."""

    @property
    def delta_neff_dark_matter(self) -> float | None:
        """Delta N_eff today of all massless dark fields, with the f of `dark_matter`."""
        return sum(of.delta_neff for of in self.dark_matter.values()) if self.dark_matter else None


def analyse(run: RunFiles) -> Result:
    """Every number of the table and of analysis.json, from a run that may have stopped anywhere."""
    series, notes = finite_series(run)
    end = _end(run, series)
    a_end = float(series["a"][-1])
    config, expands = run.config, run.config.expands
    for letter, of in end.fields.items():
        if of.a_saturation is not None and not closed_forms.saturated(of.a_saturation, a_end):
            notes.append(
                f"epsilon of {letter} is within 10% of its last value only from a = "
                f"{of.a_saturation:.3g} of {a_end:.3g}: it has not saturated."
            )
    balance = run.series.get("energy_balance")
    cutoff = series.get("power_at_cutoff")
    found = verdicts(run, end, events.read(run.folder))
    alp = config.model.alp is not None
    return Result(
        name=config.name,
        alp=alp,
        tau_end=float(series["tau"][-1]),
        a_end=a_end,
        background=config.background.kind,
        expands=expands,
        has_today=config.radiation_hubble is not None,
        epoch=_epoch(config),
        end=end,
        rho={name.removeprefix("rho/"): float(series[name][-1]) for name in run.densities},
        at=tuple(
            _at(config, series, a) for a in MILESTONES if expands and alp and _covers(series, a)
        ),
        dark_matter=_as_dark_matter(end, config),
        B_dark_matter_gauss=_photon_as_dark_matter(end, config),
        gauss_max={
            name.removeprefix("gauss/"): float(np.max(column))
            for name, column in run.series.items()
            if name.startswith("gauss/")
        },
        energy_balance_max=None if balance is None else float(np.max(np.abs(balance))),
        power_at_cutoff=None if cutoff is None else float(cutoff[-1]),
        closed_forms=closed_forms.with_numbers_of_run(config, end, a_end),
        unmet=closed_forms.unmet(config) if alp else (),
        paper=closed_forms.with_numbers_of_paper(config),
        verdict=overall(found),
        verdicts=found,
        untrusted=untrusted(found),
        notes=(*run.notes, *notes),
        waves=waves.of_run(run),
        ladder=error_bars.of_run(run.folder, config),
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


def epsilon(config: Config, series: Mapping[str, Array], letter: str) -> Array | None:
    """epsilon of a dark field, [nt]: the column of the first, and the same of another."""
    if letter == config.dark:
        return series.get("epsilon")
    return epsilon_of(
        a=series["a"],
        r=series.get("r"),
        rho_theta=series.get("rho/theta"),
        rho=series.get(f"rho/{letter}"),
    )


def _end(run: RunFiles, series: dict[str, Array]) -> EndOfRun:
    config, fields, bins = run.config, {}, None
    for letter, keys in config.model.fields.items():
        B, long = both_helicities(run, f"B_{letter}"), run.spectra.get(f"X_{letter}_long")
        fields[letter] = GaugeRecord(
            dark=keys.role == "dark",
            has_mass=config.ends_as_matter(letter),
            conducts=keys.conductivity.conducts,
            rho=series.get(f"rho/{letter}"),
            epsilon=series.get("epsilon") if letter == config.dark else None,
            power_B=None if B is None else B.power[-1],
            helicity_power_B=helicity_power(run, f"B_{letter}"),
            power_long=None if long is None else long.power[-1],
        )
        if bins is None and B is not None:
            bins = SpectrumBins(B.k, B.khat, B.dlnk, cutoff(config.dx, config.lattice.order))
    return end_of_run(
        a=series["a"],
        r=series.get("r"),
        b=series.get("b"),
        rho_theta=series.get("rho/theta"),
        fields=fields,
        bins=bins,
        units=config.program_units,
        expands=config.expands,
        radiation_hubble=config.radiation_hubble,
    )


def _covers(series: dict[str, Array], a: float) -> bool:
    """Whether a lies within the series, up to the rounding of its last step."""
    return bool(series["a"][0] <= a <= series["a"][-1] * (1 + 1e-9))


def _at(config: Config, series: dict[str, Array], a: float) -> At:
    def value(column: Array) -> float:
        return float(np.interp(a, series["a"], column))

    every = {letter: epsilon(config, series, letter) for letter in config.every_dark}
    return At(
        a=a,
        r=value(series["r"]),  # `load_run` refuses a series without r
        epsilon={letter: value(column) for letter, column in every.items() if column is not None},
        b=value(series["b"]) if "b" in series else None,
    )


def _epoch(config: Config) -> Epoch | None:
    share = config.radiation_hubble
    if share is None or not is_known(config.program_units.hubble_eV * share):
        return None
    return epoch(mass_eV=config.program_units.hubble_eV * share, oscillation_condition=1.0)


def _as_dark_matter(end: EndOfRun, config: Config) -> dict[str, AsDarkMatter]:
    found: dict[str, AsDarkMatter] = {}
    if _epoch(config) is None or not end.r:
        return found
    for letter, of in end.fields.items():
        if of.epsilon is None or config.ends_as_matter(letter):
            continue
        rho = run_relics.rho_X_today_eV4(r=end.r, epsilon=of.epsilon, **_dark_matter(config))
        conducts = letter == config.conducting
        field = run_relics.magnetic_field_gauss if conducts else run_relics.dark_field_gauss
        found[letter] = AsDarkMatter(field(rho), run_relics.delta_neff(rho))
    return found


def _photon_as_dark_matter(end: EndOfRun, config: Config) -> float | None:
    """B of the photon with g_AX = f/(1e16 GeV), with the f that gives Omega_phi h^2 = 0.12."""
    X = config.dark
    if config.radiation_hubble is None or X is None or config.ends_as_matter(X):
        return None
    if not end.r or not end.omega_phi_h2:
        return None
    if end.epsilon is None or end.b is None:
        return None
    assert config.model.alp is not None  # there is an r
    f_16 = config.model.alp.f_GeV / 1e16
    f_16 *= math.sqrt(OMEGA_DARK_MATTER_H2 / end.omega_phi_h2)  # densities scale as f^2
    rho_A = run_relics.rho_A_today_eV4(
        r=end.r, epsilon=end.epsilon, b=end.b, g_AX=f_16, **_dark_matter(config)
    )
    return run_relics.magnetic_field_gauss(rho_A)


def _dark_matter(config: Config) -> dict[str, float]:
    assert config.radiation_hubble is not None  # who asks has looked
    return {
        "omega_phi_h2": OMEGA_DARK_MATTER_H2,
        "mass_eV": config.program_units.hubble_eV,  # with the next: H at a = 1
        "oscillation_condition": 1.0,
        "radiation_hubble": config.radiation_hubble,
    }

"""Whether the numbers of a run can be trusted: a verdict for each check, and the numbers that it
touches."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from darklat.physics import scales
from darklat.physics.friedmann import CONSTRAINT
from darklat.physics.scales import Scale, Status
from darklat.physics.summary import EndOfRun, GaugeEnd

Array = npt.NDArray[np.float64]

FIELDS = "fields"
"""The key of summary.json below which the numbers of each field stand."""

_LENGTHS = ("k_peak", "integral_scale", "coherence_length_kpc", "integral_scale_kpc")
_STRENGTHS = ("epsilon", "a_saturation", "helicity_B", "B_today_gauss", "delta_neff", "omega_h2")
_WHOLE = (
    "r", "epsilon", "b", "a_saturation", "helicity_B_A", "B_X_today_gauss", "B_today_gauss",
    "omega_phi_h2", "delta_neff", "omega_X_h2", *_LENGTHS,
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """One check. `number` and `limit` are text: some are fractions, some are counts. `touches` are
    the numbers that are not to be trusted for it, by their keys in summary.json."""

    check: str
    status: Status
    number: str
    limit: str
    remark: str = ""
    touches: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """The limits of a run's configuration, and whether its modes come from inflation. These wait at
    the cutoff until they enter the horizon."""

    gauss_max: float
    energy_balance_max: float
    power_at_cutoff_max: float
    from_inflation: bool
    clock: str
    """The column of the series that says when: a or tau."""


def judge(series: Mapping[str, Array], end: EndOfRun, limits: Limits) -> tuple[Verdict, ...]:
    """Every check that the series has the data for, over the whole run, and the spectra of every
    field at its end."""
    gauss = scales.of_residual(limits.gauss_max)
    found = []
    for name, column in series.items():
        law, _, letter = name.partition("/")
        if law == "gauss":
            remark = "is div D = 0 in the initial state? The schemes keep it to rounding"
            check = f"Gauss's law of {letter}"
        elif law == "lorenz":
            check, remark = f"Lorenz condition of {letter}", "the scheme keeps it to rounding"
        else:
            continue
        found.append(_residual(check, column, gauss, remark, series, end, limits))
    found.sort(key=lambda verdict: verdict.check.startswith("Lorenz"))
    balance = scales.of_residual(limits.energy_balance_max)
    for name, check in (("energy_balance", "energy balance"), (CONSTRAINT, "Friedmann constraint")):
        if name in series:
            column, remark = series[name], "try a smaller time.courant"
            found.append(_residual(check, column, balance, remark, series, end, limits))
    if "power_at_cutoff" in series:
        found.append(_cutoff(series, end, limits))
    return (*found, *(_spectrum(x, of, end, limits) for x, of in end.fields.items() if of.k_peak))


def untrusted(found: Iterable[Verdict]) -> dict[str, str]:
    """The keys of summary.json whose numbers are not to be trusted, and the check that says so."""
    reasons: dict[str, str] = {}
    for verdict in found:
        for key in verdict.touches:
            reasons.setdefault(key, verdict.check)
    return reasons


def in_words(verdict: Verdict) -> str:
    """A verdict as a line of text."""
    return (
        f"{verdict.check}: {verdict.number}, limit {verdict.limit} ({verdict.status}): "
        f"{verdict.remark}"
    )


def everything(end: EndOfRun) -> tuple[str, ...]:
    """The keys of all numbers of a run."""
    own = [f.name for f in fields(GaugeEnd) if f.name in (*_LENGTHS, *_STRENGTHS)]
    return (*_WHOLE, *(f"{FIELDS}.{letter}.{name}" for letter in end.fields for name in own))


def _residual(
    check: str,
    column: Array,
    scale: Scale,
    remark: str,
    series: Mapping[str, Array],
    end: EndOfRun,
    limits: Limits,
) -> Verdict:
    magnitude = np.abs(column)
    limit = f"{scale.fail:.3g}"
    if not np.all(np.isfinite(magnitude)):
        return Verdict(check, "fail", "not finite", limit, remark, everything(end))
    worst = int(np.argmax(magnitude))
    value = float(magnitude[worst])
    status = scale.judge(value)
    if status == "warn":
        remark = f"above {scale.warn:.3g}; {remark}"
    where = f"largest at {_when(series, worst, limits.clock)}"
    return Verdict(
        check,
        status,
        f"{value:.3g}",
        limit,
        where if status == "pass" else f"{where}; {remark}",
        everything(end) if status == "fail" else (),
    )


def _cutoff(series: Mapping[str, Array], end: EndOfRun, limits: Limits) -> Verdict:
    check, scale = "energy at the cutoff", scales.of_cutoff(limits.power_at_cutoff_max)
    shares = series["power_at_cutoff"]
    if limits.from_inflation:
        shares = np.where(np.arange(len(shares)) < len(shares) - 1, 0.0, shares)
    if not np.all(np.isfinite(shares)):
        return Verdict(check, "fail", "not finite", f"{scale.fail:g}", "", everything(end))
    worst = int(np.argmax(shares))
    value = float(shares[worst])
    status = scale.judge(value)
    remark = f"largest share, at {_when(series, worst, limits.clock)}"
    if status != "pass":
        remark += "; the high end of the spectra is the lattice's: try a smaller dx"
    if status == "warn":
        remark += f" (fails above {scale.fail:g})"
    return Verdict(
        check,
        status,
        f"{value:.3g}",
        f"{scale.fail if status == 'fail' else scale.warn:g}",
        remark,
        everything(end) if status == "fail" else (),
    )


def _spectrum(letter: str, of: GaugeEnd, end: EndOfRun, limits: Limits) -> Verdict:
    """Whether the last spectrum of a field lies on the lattice. Its field may have little of the
    energy, so that this warns at most; it touches the numbers of the field alone."""
    assert of.k_peak is not None and of.power_at_cutoff is not None
    assert end.k_smallest is not None and end.k_cutoff is not None
    scale = scales.of_cutoff(limits.power_at_cutoff_max)
    status = scale.judge(of.power_at_cutoff)
    number, limit = f"k = {of.k_peak:.3g}", f"k < {end.k_cutoff:.3g}"
    share = f"share of its power at the cutoff: {of.power_at_cutoff:.3g}"
    remark, touches = share, _of_field(letter, end, _LENGTHS)
    if of.k_peak >= end.k_cutoff:
        remark = f"its peak is beyond the cutoff: it is the vacuum, or needs a smaller dx; {share}"
    elif of.k_peak <= end.k_smallest:
        limit = f"k > {end.k_smallest:.3g}"
        remark = f"its peak is in the first bin: it needs a larger box; {share}"
    elif status != "pass":
        number, limit = f"{of.power_at_cutoff:.3g}", f"{scale.warn:g}"
        remark = "share of its power at the cutoff: try a smaller dx"
        touches = touches if status == "fail" else ()
    else:
        return Verdict(f"spectrum of {of.peak_of}", "pass", number, limit, remark)
    if status == "fail":
        touches += _of_field(letter, end, _STRENGTHS)
    return Verdict(f"spectrum of {of.peak_of}", "warn", number, limit, remark, touches)


def _of_field(letter: str, end: EndOfRun, names: tuple[str, ...]) -> tuple[str, ...]:
    """The keys of some numbers of a field, and those at the top that are made of them."""
    found = [f"{FIELDS}.{letter}.{name}" for name in names]
    if names == _LENGTHS:
        return (*found, *(names if letter == end.shown else ()))
    if letter == end.dark_field:
        found += ["epsilon", "a_saturation", "b", "B_X_today_gauss", "omega_X_h2"]
    if letter == end.photon:
        found += ["b", "helicity_B_A", "B_today_gauss"]
    if end.fields[letter].delta_neff is not None:
        found.append("delta_neff")
    return tuple(found)


def _when(series: Mapping[str, Array], row: int, clock: str) -> str:
    value = float(series[clock][row])
    return f"{clock} = {value:.3g}" if math.isfinite(value) else f"row {row + 1}"

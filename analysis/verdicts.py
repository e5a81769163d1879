"""Whether a run can be trusted: each check as pass, warn or fail, with its number and its limit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from darklat.storage import events
from darklat.storage.read_run import RunFiles

Status = Literal["pass", "warn", "fail"]

WARN_FROM = 0.2
"""Share of a limit from which on a residual is warned about. The default step keeps below it."""

CUTOFF_LIMITS = (0.1, 0.5)
"""Share of the energy at the cutoff that is warned about, and that fails; the engine
itself stops at checks.power_at_cutoff_max, which is 1 by default.

Above a tenth the high end of the spectra is the lattice's. Above a half most of the energy is in
waves that the lattice carries at the wrong speed.
"""


@dataclass(frozen=True)
class Verdict:
    """One check. `number` and `limit` are text: some are fractions, some are counts."""

    check: str
    status: Status
    number: str
    limit: str
    remark: str = ""


def verdicts(run: RunFiles, record: Sequence[events.Event] | None) -> tuple[Verdict, ...]:
    """Every check that the run has the data for, over the whole run and not only its end.

    record: the events of the run, or None where it has no record.
    """
    limits = run.config.checks
    found = [
        _residual(
            f"Gauss's law of {name.removeprefix('gauss/')}",
            run,
            name,
            limits.gauss_max,
            "is div D = 0 in the initial state? The schemes keep it to rounding",
        )
        for name in run.series
        if name.startswith("gauss/")
    ]
    found += [
        _residual(
            f"Lorenz condition of {name.removeprefix('lorenz/')}",
            run,
            name,
            limits.gauss_max,
            "the scheme keeps it to rounding",
        )
        for name in run.series
        if name.startswith("lorenz/")
    ]
    if "energy_balance" in run.series:
        remark = "try a smaller time.courant"
        found.append(
            _residual("energy balance", run, "energy_balance", limits.energy_balance_max, remark)
        )
    if "power_at_cutoff" in run.series:
        found.append(_cutoff(run))
    return (*found, _finite(run), _reached_end(run), _checkpoints(record))


def overall(found: tuple[Verdict, ...]) -> Status:
    """The worst of them."""
    statuses = {verdict.status for verdict in found}
    return "fail" if "fail" in statuses else "warn" if "warn" in statuses else "pass"


def progress(run: RunFiles) -> tuple[float, float]:
    """The last a of the run and the one that it was to reach, or tau where its configuration says
    tau."""
    name, end = _target(run)
    return float(run.series[name][-1]), end


def _target(run: RunFiles) -> tuple[str, float]:
    """The column of the series that says when the run ends, and its last value."""
    time = run.config.time
    if time.a_end is not None:
        return "a", time.a_end
    assert time.tau_end is not None  # the checks of the schema have seen to it
    return "tau", time.tau_end


def ended(run: RunFiles) -> bool:
    """Whether the run has a summary, which is written at its end, and has come to its end."""
    last, end = progress(run)
    # The last step ends at the time asked for up to rounding.
    return run.summary is not None and last >= end * (1 - 1e-6)


def _residual(check: str, run: RunFiles, name: str, limit: float, remark: str) -> Verdict:
    magnitude = np.abs(run.series[name])
    if not np.all(np.isfinite(magnitude)):
        return Verdict(check, "fail", "not finite", f"{limit:.3g}", remark)
    worst = int(np.argmax(magnitude))
    value = float(magnitude[worst])
    status: Status = "pass"
    if value > limit:
        status = "fail"
    elif value > WARN_FROM * limit:
        status = "warn"
        remark = f"above a fifth of the limit; {remark}"
    where = f"largest at {_when(run, worst)}"
    return Verdict(
        check,
        status,
        f"{value:.3g}",
        f"{limit:.3g}",
        where if status == "pass" else f"{where}; {remark}",
    )


def _cutoff(run: RunFiles) -> Verdict:
    check = "energy at the cutoff"
    shares = run.series["power_at_cutoff"]
    if run.config.initial.kind == "inflation":
        # The power from inflation grows as k^2: it is at the cutoff until it enters the horizon.
        shares = np.where(np.arange(len(shares)) < len(shares) - 1, 0.0, shares)
    warn, fail = CUTOFF_LIMITS
    if not np.all(np.isfinite(shares)):
        return Verdict(check, "fail", "not finite", f"{fail:g}")
    worst = int(np.argmax(shares))
    value = float(shares[worst])
    status: Status = "fail" if value > fail else "warn" if value > warn else "pass"
    remark = f"largest share, at {_when(run, worst)}"
    if status != "pass":
        remark += "; the high end of the spectra is the lattice's: try a smaller dx"
    if status == "warn":
        remark += f" (fails above {fail:g})"
    return Verdict(check, status, f"{value:.3g}", f"{fail if status == 'fail' else warn:g}", remark)


def _finite(run: RunFiles) -> Verdict:
    columns = sum(int(np.sum(~np.isfinite(column))) for column in run.series.values())
    powers = sum(int(np.sum(~np.isfinite(s.power))) for s in run.spectra.values())
    bad = columns + powers
    remark = f"{columns} in the series, {powers} in the spectra" if bad else ""
    return Verdict("values that are not finite", "fail" if bad else "pass", f"{bad}", "0", remark)


def _reached_end(run: RunFiles) -> Verdict:
    check = "reached its end"
    last, end = progress(run)
    name = _target(run)[0]
    number, limit = f"{name} = {last:.4g}", f"{name} = {end:.4g}"
    if ended(run):
        return Verdict(check, "pass", number, limit)
    remark = "unfinished: still running, stopped, or ended by a check"
    if run.summary is not None:
        remark = "there is a summary.json, but the series ends before"
    elif last >= end * (1 - 1e-6):
        remark = "unfinished: there is no summary.json"
    return Verdict(check, "warn", number, limit, f"{remark}; `darklat resume` continues it")


def _checkpoints(record: Sequence[events.Event] | None) -> Verdict:
    check = "checkpoints rejected"
    if record is None:
        remark = f"there is no {events.NAME} that can be read"
        return Verdict(check, "warn", "unknown", "0", remark)
    times = sum(isinstance(event, events.Resumed) for event in record)
    resumed = {0: "never resumed", 1: "resumed once"}.get(times, f"resumed {times} times")
    rejected = [
        f"{event.checkpoint}: {event.reason}"
        for event in record
        if isinstance(event, events.Rejected)
    ]
    if not rejected:
        return Verdict(check, "pass", "0", "0", resumed)
    remark = f"{resumed}; rejected: {'; '.join(rejected)}"
    return Verdict(check, "warn", str(len(rejected)), "0", remark)


def _when(run: RunFiles, row: int) -> str:
    name = run.config.expansion.clock
    value = float(run.series[name][row])
    return f"{name} = {value:.3g}" if math.isfinite(value) else f"row {row + 1}"

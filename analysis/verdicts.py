"""Whether a run can be trusted: each check as pass, warn or fail, with its number and its limit.

The checks of numbers are those of `physics.verdicts`; the others are of the files of the run.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from darklat.physics import scales
from darklat.physics.scales import Status
from darklat.physics.summary import EndOfRun
from darklat.physics.verdicts import Verdict, everything, judge
from darklat.storage import events
from darklat.storage.read_run import RunFiles


def verdicts(
    run: RunFiles, end: EndOfRun, record: Sequence[events.Event] | None
) -> tuple[Verdict, ...]:
    """Every check that the run has the data for, over the whole run and not only its end.

    end: the numbers at its end. record: the events of the run, or None where it has no record.
    """
    return (
        *judge(run.series, end, run.config.limits),
        _finite(run, end),
        _reached_end(run),
        _checkpoints(record),
    )


def overall(found: tuple[Verdict, ...]) -> Status:
    """The worst of them."""
    return scales.worst(tuple(verdict.status for verdict in found))


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


def _finite(run: RunFiles, end: EndOfRun) -> Verdict:
    columns = sum(int(np.sum(~np.isfinite(column))) for column in run.series.values())
    powers = sum(int(np.sum(~np.isfinite(s.power))) for s in run.spectra.values())
    bad = columns + powers
    remark = f"{columns} in the series, {powers} in the spectra" if bad else ""
    return Verdict(
        "values that are not finite",
        "fail" if bad else "pass",
        f"{bad}",
        "0",
        remark,
        everything(end) if bad else (),
    )


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

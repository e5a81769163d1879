"""The initial state of a run, with its linear phase where it has one."""

from __future__ import annotations

import logging
from collections.abc import Callable

from darklat.driver import loop
from darklat.driver.progress import LinearProgress
from darklat.driver.walltime import Budget
from darklat.errors import InputError, NumericalError
from darklat.lattice import plan
from darklat.lattice.evolution import Evolution
from darklat.storage.events import Stopped

log = logging.getLogger("darklat")


class _CutShortError(Exception):
    """Ends the linear phase from inside of it, at a scale factor."""


def begin(
    simulation: Evolution, output: loop.Output, *, stop: loop.StopRequest, budget: Budget
) -> bool:
    """Prepares the first step; False when a signal has stopped the linear phase, of which nothing
    is kept.

    Raises BadValueError when initial.linear_until does not fit, and InputError when the wall time
    ends in the linear phase. Raises NumericalError when a check fails; the series then ends with
    the row that failed.
    """
    first, last = plan.first_time(simulation.config), simulation.clock.tau_start
    if not first < last:
        _start(simulation, output, lambda tau: None)
        return True
    a_of = simulation.background.scale_factor
    shown = LinearProgress(
        start=float(a_of(first)), end=float(a_of(last)), scale=simulation.unit("a_osc"),
        record=output.record,
    )  # fmt: skip

    def report(tau: float) -> None:
        a = float(a_of(tau))
        shown.update(a)
        if tau < last and (stop.reason or budget.over):
            raise _CutShortError(a)

    try:
        _start(simulation, output, report)
    except _CutShortError as where:
        if not stop.reason:
            raise InputError(
                f"{budget.origin} ends in the linear phase, of which nothing is kept: give the run "
                "more time"
            ) from None
        (a,) = where.args
        log.info(
            "stopped in the linear phase at a/%s = %.4g (%s), of which nothing is kept; begin it "
            "again with: darklat resume %s",
            simulation.unit("a_osc"),
            a,
            stop.reason,
            output.folder,
        )
        output.record.write(Stopped(step=0, a=a, reason=f"{stop.reason} in the linear phase"))
        return False
    finally:
        shown.close()
    return True


def _start(simulation: Evolution, output: loop.Output, report: Callable[[float], None]) -> None:
    try:
        simulation.start(report)
    except NumericalError:
        loop.flush_after_failure(simulation, output)
        raise

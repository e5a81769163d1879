"""The initial state of a run, with its linear phase where it has one."""

from __future__ import annotations

import logging
from collections.abc import Callable

from darklat.driver import loop
from darklat.driver.progress import LinearProgress
from darklat.driver.stopping import StopRequest, asked_to_stop
from darklat.driver.walltime import Budget
from darklat.errors import BadValueError, InputError, NumericalError, out_of_range
from darklat.kernels.backends import Backend, make
from darklat.lattice import plan
from darklat.lattice.clock import Clock
from darklat.lattice.evolution import Evolution
from darklat.schema import Config, Origin
from darklat.schema.yaml.values import Stored
from darklat.storage import inputs
from darklat.storage.events import Stopped

log = logging.getLogger("darklat")

REHEARSAL_SITES = 64
"""Sites along an axis that are begun in seconds."""


def own_planes(backend: Backend) -> slice:
    """The planes of a lattice that this rank has."""
    return backend.ranks.slab(backend.layout.n).here


class _CutShortError(Exception):
    """Ends the linear phase from inside of it, at a scale factor."""


def prepared(config: Config, origin: Origin, backend: Backend) -> Evolution:
    """The simulation of a config before its start, with the files that it names.

    Raises ConfigError where a file or a key does not fit, NumericalError and MachineError.
    """
    ranks = backend.ranks
    try:
        read = inputs.read(config, planes=own_planes(backend), verified=ranks.rank > 0)
        return Evolution(config, backend, read)
    except BadValueError as error:  # of a profile or of initial fields
        raise origin.refusal(tuple(error.key.split(".")), error.reason) from error


def rehearse(
    config: Config, origin: Origin, choice: str, device: int, *, most_sites: int = REHEARSAL_SITES
) -> Clock | None:
    """Begins a run in memory, through its linear phase and the checks of its first row, and drops
    it. Nothing is written. Returns the clock of the run, or None where only a part was begun.

    A lattice of more than `most_sites` is begun on so many of its own spacing, unless it starts
    from a file; the profile of a plasma is then left out. Raises all that a run raises before its
    first step: ConfigError, NumericalError, MachineError.
    """
    part = config if config.initial.kind == "file" else _part(config, most_sites)
    backend = make(choice, n=part.lattice.sites, variant=plan.variant(part), device=device)
    simulation = prepared(part, origin, backend)
    try:
        simulation.start()
    except BadValueError as error:
        raise origin.refusal(tuple(error.key.split(".")), error.reason) from error
    except ArithmeticError as error:
        if isinstance(error, NumericalError):
            raise
        raise out_of_range(error) from error
    return simulation.clock if part is config else None


def _part(config: Config, most_sites: int) -> Config:
    """The config on at most so many sites of the same spacing."""
    sites = config.lattice.sites
    if sites <= most_sites:
        return config
    data = config.model_dump()
    data["lattice"] |= {"sites": most_sites, "box": config.lattice.box * most_sites / sites}
    for letter in config.letters:
        data["model"]["fields"][letter]["plasma"]["profile"] = None
    return Config.model_validate(data, context=Stored())  # its box may be below the least


def begin(simulation: Evolution, output: loop.Output, *, stop: StopRequest, budget: Budget) -> bool:
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
        record=output.record, shown=output.writes,
    )  # fmt: skip
    ranks = simulation.backend.ranks

    def report(tau: float) -> None:
        a = float(a_of(tau))
        shown.update(a)
        if tau < last and (asked_to_stop(stop, ranks) or loop.time_is_up(budget, ranks)):
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

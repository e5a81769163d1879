"""A run whose configuration changes when it is resumed: which keys may, and what they change.

The steps that are done keep their times. From the checkpoint on the run has the new configuration.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from darklat.driver import loop
from darklat.driver.ranks import on_first
from darklat.driver.snapshot_times import refuse_merged
from darklat.errors import BadValueError, ConfigError, NumericalError
from darklat.lattice import plan
from darklat.lattice.clock import Clock
from darklat.lattice.evolution import Evolution
from darklat.schema import Config, Origin
from darklat.schema.comparison import differing
from darklat.schema.later import refusal
from darklat.schema.read import loads, loads_located
from darklat.schema.yaml.problems import Problem
from darklat.storage import events, run_folder
from darklat.storage.changes import Change, of
from darklat.storage.checkpoint import Checkpoint
from darklat.storage.events import Changed

_ENDS = ("time.a_end", "time.tau_end")
_ROUNDING = 1e-9  # of times
_SAME = (
    "the steps until here are those of a run with this configuration from the start, and from here "
    "on its fields have the same bits"
)
_NOT_THE_SAME = (
    "a run with this configuration from the start has other steps until here, so that its fields "
    "differ within the error of the time step"
)
log = logging.getLogger("darklat")


@dataclass(frozen=True)
class Wanted:
    """The configuration that a resume asks for, beside that of the run until now."""

    before: Config
    now: Config
    origin: Origin

    @property
    def keys(self) -> dict[str, tuple[object, object]]:
        """The dotted keys that change, with the values before and after; None where it has none."""
        found = differing((self.before, self.now))
        return {key: (values[0], values[1]) for key, values in found.items()}

    @property
    def moves_the_end(self) -> bool:
        """Whether the run ends at another time."""
        return any(key in self.keys for key in _ENDS)


def wanted(
    text: str,
    overrides: Sequence[str],
    *,
    source: str,
    begun: bool = True,
    also: Collection[str] = (),
) -> Wanted:
    """Reads the configuration of a run, `text`, with the overrides of a resume.

    The limits of this darklat hold for the overrides, and for a run that has not `begun` for all
    keys. A key that the run has from a darklat of other limits stays. also: keys that may change
    beside those that a resume may.

    Raises ConfigError where the overrides are wrong in themselves, and for every key that a run
    which has begun cannot change, with the reason.
    """
    before = loads(text, source=source, base=None, stored=True)
    now, origin = loads_located(text, source=source, base=None, overrides=overrides, stored=True)
    try:
        loads(text, source=source, base=None, overrides=overrides)
    except ConfigError as error:
        stay = [begun and isinstance(p, Problem) and p.file == source for p in error.problems]
        if not all(stay):
            new = (p for p, stays in zip(error.problems, stay, strict=True) if not stays)
            raise ConfigError(new) from error
    found = Wanted(before, now, origin)
    problems = [
        problem
        for key in found.keys
        if key not in also and (reason := refusal(Config, key)) is not None
        for problem in origin.refusal(tuple(key.split(".")), reason).problems
    ]
    if problems:
        raise ConfigError(problems)
    return found


def at(wanted: Wanted, found: Checkpoint) -> tuple[Clock, Change | None]:
    """The clock of the whole run, and the change that begins at the checkpoint; None where nothing
    changes.

    Raises ConfigError for an end or a new snapshot that the run has passed, and for two snapshots
    on one step.
    """
    step, past = found.state.step, past_of(wanted.before, found)
    if not wanted.keys:
        return past, None
    tau = past.tau(step)
    a = scale_factor(wanted.now, found, tau)
    refuse_the_past(wanted, tau=tau, a=a)
    change = Change(
        step=step,
        tau=tau,
        a=a,
        keys=wanted.keys,
        same_steps=all(c.same_steps for c in of(found.origin)) and _same_steps(wanted, past, step),
    )
    if wanted.moves_the_end:
        try:
            plan.refuse_endless(wanted.now)
        except BadValueError as error:
            raise wanted.origin.refusal(tuple(error.key.split(".")), error.reason) from error
    times = plan.continued(past, step, wanted.now) if wanted.moves_the_end else past
    if "output.snapshots" in wanted.keys:
        refuse_merged(wanted.origin, wanted.now, times)
    return times, change


def scale_factor(config: Config, found: Checkpoint, tau: float) -> float:
    """Of a checkpoint at conformal time tau. One of format 3 does not hold it."""
    a = found.state.numbers.get("a")
    return float(config.expansion.scale_factor(tau)) if a is None else a


def past_of(before: Config, found: Checkpoint) -> Clock:
    """The clock of the run until the checkpoint. One of format 3 does not hold it."""
    table = found.state.arrays.get("clock")
    return plan.clock(before) if table is None else Clock.of_table(table.values)


def warn_of_lost(folder: Path, found: Checkpoint) -> None:
    """Says which changes of the run were made after the checkpoint, whose configuration counts."""
    record = [event for event in events.read(folder) or () if isinstance(event, Changed)]
    for event in record[len(of(found.origin)) :]:
        change = Change(event.step, 0.0, event.a, event.keys, event.same_steps)
        log.warning(
            "warning: %s is from before a change of the configuration at step %d: %s. It is lost; "
            "give it again with --set",
            found.path.name, event.step, change,
        )  # fmt: skip


def refuse_the_past(wanted: Wanted, *, tau: float, a: float) -> None:
    """Raises ConfigError for a new end or a new snapshot that is before the conformal time and the
    scale factor to which the run has come."""
    config, clock = wanted.now, wanted.now.clock
    reached = {"a": a, "tau": tau}
    for key, name, end in (
        ("a_end", "a", config.time.a_end),
        ("tau_end", "tau", config.time.tau_end),
    ):
        if wanted.moves_the_end and end is not None and end <= reached[name] * (1 + _ROUNDING):
            raise wanted.origin.refusal(
                ("time", key),
                f"must be greater than {reached[name]:.10g}, to which the run has come, "
                f"found {end:g}",
            )
    times = [s for s in config.output.snapshots if s not in wanted.before.output.snapshots]
    if passed := [s for s in times if s < reached[clock] * (1 - _ROUNDING)]:
        raise wanted.origin.refusal(
            ("output", "snapshots"),
            f"the run has come to {clock} = {reached[clock]:.10g}, and a snapshot at "
            f"{passed[0]:g} cannot be taken any more",
        )


def _same_steps(wanted: Wanted, past: Clock, step: int) -> bool:
    """Whether a run with the new configuration from the start has the same first steps, and closes
    the same ones."""
    whole = plan.clock(wanted.now)
    if not whole.same_until(step, past):
        return False
    before, now = plan.schedule(wanted.before, past), plan.schedule(wanted.now, whole)
    return all(before.closes(i) == now.closes(i) for i in range(1, step + 1))


@contextmanager
def refusing(wanted: Wanted) -> Iterator[None]:
    """Inside, a file of the run that does not fit its new end is a fault of the keys that change.

    Raises ConfigError, or BadValueError where no key changes.
    """
    try:
        yield
    except BadValueError as error:
        if not wanted.keys:
            raise
        key = next(iter(wanted.keys))
        raise wanted.origin.refusal(tuple(key.split(".")), str(error)) from error


def _refuse_failed_checks(wanted: Wanted, simulation: Evolution) -> None:
    new = next((key for key in wanted.keys if key.startswith("checks.")), None)
    try:
        simulation.check()
    except NumericalError as error:
        if new is None:
            raise
        raise wanted.origin.refusal(
            tuple(new.split(".")), f"the run would stop at once: {error}"
        ) from error


def begin(change: Change, wanted: Wanted, simulation: Evolution, output: loop.Output) -> None:
    """Makes the change that of the folder: the checkpoint that this writes has the new
    configuration. A run that has to go on is not finished any more, so that its summary goes first.

    Raises ConfigError where the fields of now fail a new check; nothing has then changed. Raises
    MachineError when the disk refuses.
    """
    _refuse_failed_checks(wanted, simulation)
    ranks = simulation.backend.ranks
    if simulation.done < simulation.clock.steps:
        on_first(ranks, lambda: run_folder.take_back_summary(output.folder))
    loop.save(simulation, output)
    on_first(ranks, lambda: run_folder.write_config(output.folder, output.provenance.config))
    log.info(
        "changed at step %d, tau = %.6g, a = %.6g: %s", change.step, change.tau, change.a, change
    )
    log.info("%s", _SAME if change.same_steps else _NOT_THE_SAME)
    output.record.write(
        Changed(step=change.step, a=change.a, keys=dict(change.keys), same_steps=change.same_steps)
    )
    for line in plan.warnings(simulation.config, simulation.clock):
        log.warning("warning: %s", line)

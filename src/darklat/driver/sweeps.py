"""`darklat run` of a sweep or a ladder: one run after another, each as far as it has to go."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

from darklat.driver import beginning, commands, feasibility, ladders, loop, validation
from darklat.driver.ranks import OfRankZeroError, on_first
from darklat.driver.same_run import refuse_another
from darklat.driver.stopping import asked_to_stop, stop_on_signals
from darklat.driver.walltime import Budget
from darklat.errors import DarklatError, NumericalError
from darklat.kernels.ranks import ALONE, Ranks
from darklat.lattice import plan
from darklat.physics.numerals import size
from darklat.schema.sweep import Member, Sweep
from darklat.schema.time_span import duration
from darklat.schema.write import leaves
from darklat.storage import run_folder, sweep_folder

log = logging.getLogger("darklat")

_SITES_OF_A_REHEARSAL = 16
"""A sweep has up to a thousand runs."""

_NO_MATTER = ("name", "initial.seed")
"""Keys that refuse no start."""


@dataclass
class Outcome:
    """The outcome of a sweep: the runs that have reached their end, in this call or before, and the
    runs that failed a check. Besides, whether the sweep was stopped before its end."""

    finished: list[Path] = field(default_factory=list)
    failed: dict[Path, DarklatError] = field(default_factory=dict)
    stopped: bool = False


def run(
    sweep: Sweep,
    folder: Path,
    *,
    backend: str,
    device: int,
    budget: Budget | None = None,
    draw_maps: loop.Draw = loop.no_drawing,
    ranks: Ranks = ALONE,
) -> Outcome:
    """Runs the runs that have not begun, resumes the unfinished ones, and leaves the finished ones
    alone. A run that fails a check does not keep the others from running. draw_maps: as in
    `commands.start`. ranks: share one run after the other; all of them call this.

    Raises ConfigError and InputError before anything runs; MachineError as a single run.
    """
    folders = [folder / member.name for member in sweep.runs]

    def check() -> None:
        for member, path in zip(sweep.runs, folders, strict=True):
            refuse_another(path, member.config)
            feasibility.check_plan(member.origin, member.config)
        ladders.refuse_equal_steps(sweep)

    on_first(ranks, check)
    memory = feasibility.make_backend(sweep.runs[0].config, backend, device, ranks=ranks)
    for member in sweep.runs:
        feasibility.check_memory(member.origin, member.config, memory)
    on_first(ranks, lambda: sweep_folder.make(folder, sweep, ladders.orders(sweep)))
    outcome = Outcome()
    with stop_on_signals() as stop:
        for number, (member, path) in enumerate(zip(sweep.runs, folders, strict=True), start=1):
            if ranks.broadcast(run_folder.is_finished(path)):
                log.info("run %d of %d, %s: finished before", number, len(folders), path)
                outcome.finished.append(path)
                continue
            if asked_to_stop(stop, ranks) or loop.time_is_up(budget or Budget(), ranks):
                return _stopped(outcome)
            log.info("run %d of %d, %s", number, len(folders), path)
            try:
                finished = _continue(
                    member, path, backend=backend, device=device, budget=budget,
                    draw_maps=draw_maps, ranks=ranks,
                )  # fmt: skip
            except (NumericalError, OfRankZeroError) as error:
                if error.exit_code != NumericalError.exit_code:
                    raise
                log.error("%s failed: %s", path, error)
                outcome.failed[path] = error
                continue
            if not finished:
                return _stopped(outcome)
            outcome.finished.append(path)
    return outcome


def _continue(
    member: Member,
    folder: Path,
    *,
    backend: str,
    device: int,
    budget: Budget | None,
    draw_maps: loop.Draw,
    ranks: Ranks,
) -> bool:
    if ranks.broadcast(run_folder.has_begun(folder)):
        return commands.resume(
            folder, backend=backend, device=device, budget=budget, draw_maps=draw_maps, ranks=ranks
        )[1]
    return commands.start(
        member.config, member.origin, folder, backend=backend, device=device, budget=budget,
        draw_maps=draw_maps, ranks=ranks,
    )  # fmt: skip


def _stopped(outcome: Outcome) -> Outcome:
    outcome.stopped = True
    log.info("stopped; the same command goes on with all runs")
    return outcome


def _rehearse_once(member: Member, begun: set[str], backend: str, device: int) -> None:
    """`beginning.rehearse` of a run of a sweep, unless one was begun that differs in the seed."""
    own = {key: value for key, value in leaves(member.config).items() if key not in _NO_MATTER}
    if repr(own) not in begun:
        begun.add(repr(own))
        beginning.rehearse(
            member.config, member.origin, backend, device, most_sites=_SITES_OF_A_REHEARSAL
        )


def validate(sweep: Sweep, *, backend: str, device: int) -> str:
    """The cost of the runs of a sweep on this machine, one after another.

    Raises ConfigError when one of them cannot be run, and all that one of them raises before its
    first step.
    """
    ladders.refuse_equal_steps(sweep)
    first = feasibility.make_backend(sweep.runs[0].config, backend, device)
    speeds: dict[object, float] = {}
    rows: list[tuple[float, Member]] = []
    warnings: dict[str, list[str]] = {}
    begun: set[str] = set()
    for member in sweep.runs:
        config = member.config
        feasibility.check_plan(member.origin, config)
        feasibility.check_memory(member.origin, config, first)
        _rehearse_once(member, begun, backend, device)
        clock, sites = plan.clock(config), config.lattice.sites
        kind = (plan.variant(config), config.time.scheme, min(sites, 64))
        if kind not in speeds:
            speeds[kind] = validation.seconds_per_site(config, first.name, device)
        rows.append((speeds[kind] * sites**3 * clock.steps, member))
        for line in plan.warnings(config, clock):
            warnings.setdefault(line, []).append(member.name)
    longest, slowest = max(rows, key=lambda row: row[0])
    largest = max(feasibility.memory_bytes(member.config, first) for member in sweep.runs)
    kept = sum(
        plan.checkpoint_bytes(member.config) * member.config.output.checkpoints_kept
        for member in sweep.runs
    )
    lists = (
        f"{key} ({len({repr(member.values[key]) for member in sweep.runs})} values)"
        for key in sweep.keys
    )
    kind_of_runs = "sweep" if sweep.ladder is None else "ladder"
    lines = [
        f"{sweep.runs[0].origin.path}: valid, a {kind_of_runs} of {len(sweep.runs)} runs",
        f"name       {sweep.name}",
        f"over       {', '.join(lists)}",
        f"memory     {size(largest)} for the largest of {size(first.memory_available())} available",
        f"time       about {duration(sum(row[0] for row in rows))} one after another on "
        f"{first.describe()} (outputs add to it)",
        f"           about {duration(longest)} for the longest, {slowest.name}",
        f"checkpoints {size(kept)} in all",
    ]
    lines += validation.machine(first)
    for line, where in warnings.items():
        more = f" (and {len(where) - 1} more)" if len(where) > 1 else ""
        lines.append(f"warning: {where[0]}{more}: {line}")
    return "\n".join(lines)

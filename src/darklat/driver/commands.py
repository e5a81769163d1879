"""The commands `run` and `resume`."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from darklat.driver import beginning, changes, loop
from darklat.driver.beginning import own_planes
from darklat.driver.feasibility import check_memory, check_plan, make_backend
from darklat.driver.ranks import on_first, recorded, taken
from darklat.driver.stopping import StopRequest, stop_on_signals
from darklat.driver.walltime import Budget
from darklat.errors import BadValueError, ConfigError, InputError, NumericalError, out_of_range
from darklat.kernels.backends import kernel_identity
from darklat.kernels.ranks import ALONE, Ranks
from darklat.lattice import plan
from darklat.lattice.evolution import Evolution
from darklat.schema import Config, Origin, dump, load_located
from darklat.schema.texts import read_text
from darklat.storage import (
    checkpoint,
    events,
    inputs,
    run_folder,
    stored_config,
    sweep_folder,
)
from darklat.storage.changes import Change
from darklat.storage.changes import of as changes_of
from darklat.storage.hdf5 import Provenance

log = logging.getLogger("darklat")


def run(
    path: Path,
    *,
    overrides: list[str],
    out: Path | None = None,
    backend: str = "auto",
    device: int = 0,
    budget: Budget | None = None,
    stop_after: int | None = None,
    draw_maps: loop.Draw = loop.no_drawing,
) -> tuple[Path, bool]:
    """Runs a config from the start; returns the run folder and whether the end was reached.

    Raises ConfigError and InputError before anything is written, NumericalError and MachineError
    later.
    """
    config, origin = load_located(path, overrides)
    folder = out if out is not None else run_folder.default(config.name)
    finished = start(
        config, origin, folder, backend=backend, device=device, budget=budget,
        stop_after=stop_after, draw_maps=draw_maps,
    )  # fmt: skip
    return folder, finished


def start(
    config: Config,
    origin: Origin,
    folder: Path,
    *,
    backend: str = "auto",
    device: int = 0,
    budget: Budget | None = None,
    stop_after: int | None = None,
    draw_maps: loop.Draw = loop.no_drawing,
    ranks: Ranks = ALONE,
) -> bool:
    """Runs a config that has been read in a new folder; whether the end was reached. draw_maps:
    draws the figure of each file of maps. ranks: those that share the run, all of which call this.
    Raises as `run`."""

    def check() -> None:
        run_folder.refuse_occupied(folder)
        check_plan(origin, config)

    on_first(ranks, check)
    device_backend = make_backend(config, backend, device, ranks=ranks)
    check_memory(origin, config, device_backend)
    simulation = beginning.prepared(config, origin, device_backend)
    warnings = plan.warnings(config, simulation.clock)
    resolved = dump(config)

    def prepare() -> None:
        inputs.keep(config, folder)
        run_folder.write_config(folder, resolved)

    with stop_on_signals() as stop, taken(ranks, folder, new=True) as own:
        with recorded(ranks, folder) as record:
            on_first(ranks, prepare)
            for line in [*(own.notes if own else ()), *warnings]:
                log.warning("warning: %s", line)
            output = output_of(simulation, folder, resolved, record)
            output.draw_maps = draw_maps
            try:
                return _go(simulation, output, stop, budget or Budget(), stop_after, new=True)
            except BadValueError as error:  # of initial.linear_until or the energy of initial.file
                refused = error
        if own:
            own.discard()
    raise origin.refusal(tuple(refused.key.split(".")), refused.reason) from refused


def resume(
    folder: Path,
    *,
    overrides: Sequence[str] = (),
    backend: str = "auto",
    device: int = 0,
    budget: Budget | None = None,
    stop_after: int | None = None,
    draw_maps: loop.Draw = loop.no_drawing,
    ranks: Ranks = ALONE,
) -> tuple[Path, bool]:
    """Continues the run in `folder` from its newest checkpoint that verifies, or from the start
    when it was killed before it wrote any. `overrides` change keys of its configuration from there
    on (`darklat.driver.changes`). ranks: as in `start`; any number of them goes on with a
    checkpoint of any other.

    Raises InputError when there is no run or no checkpoint verifies, ConfigError for a key that
    cannot be changed, NumericalError and MachineError as `run`.
    """
    begun = ranks.broadcast(on_first(ranks, lambda: _has_checkpoints(folder)))
    budget = budget or Budget()
    with (
        stop_on_signals() as stop,
        taken(ranks, folder, new=False) as own,
        recorded(ranks, folder) as record,
    ):
        for line in own.notes if own else ():
            log.warning("warning: %s", line)
        try:
            if begun:
                with budget.measuring("checkpoint"):  # writing takes about as long as reading
                    found = _newest(folder, record, ranks)
                simulation, output = _restored(
                    found, folder, backend, device, record, overrides, ranks
                )
            else:
                log.info("there is no checkpoint: starting from the beginning")
                simulation, output = _begun_again(folder, backend, device, record, overrides, ranks)
        except ConfigError as error:  # of the overrides: the run itself has not failed
            refused = error
        else:
            output.draw_maps = draw_maps
            try:
                return folder, _go(simulation, output, stop, budget, stop_after, new=not begun)
            except BadValueError as error:
                raise InputError(
                    f"{folder / run_folder.CONFIG}: {error}. Correct your configuration, remove "
                    f"{folder} and start again with `darklat run`."
                ) from error
    raise refused


def _has_checkpoints(folder: Path) -> bool:
    """Of a run that has begun. Raises InputError for any other folder."""
    if not folder.is_dir():
        raise InputError(
            f"{folder} is not a folder; give the folder of a run, for example runs/first_light"
        )
    if sweep_folder.is_sweep(folder):
        raise InputError(
            f"{folder} is a sweep: `darklat run` of its configuration goes on with all its runs, "
            "and `darklat resume` with one of the folders in it"
        )
    if not run_folder.has_begun(folder):
        raise InputError(
            f"{folder} cannot be resumed: there is no checkpoint in {folder / 'checkpoints'}. "
            "Start a run with `darklat run`."
        )
    return run_folder.has_checkpoints(folder)


def _newest(folder: Path, record: events.Recorder, ranks: Ranks) -> checkpoint.Checkpoint:
    """The newest checkpoint that verifies, with the own planes of its fields. Rank 0 looks for it;
    the log says which do not verify."""

    def planes(n: int) -> slice:
        return ranks.slab(n).here

    if ranks.size == 1:
        return _verified(folder, record, checkpoint.every)
    found = on_first(ranks, lambda: _verified(folder, record, planes))
    path = ranks.broadcast(found.path if found else None)
    assert path is not None
    return found or checkpoint.read(path, planes, verified=True)


def _verified(
    folder: Path, record: events.Recorder, planes: checkpoint.Planes
) -> checkpoint.Checkpoint:
    try:
        found, rejected = checkpoint.newest(folder / "checkpoints", planes)
    except checkpoint.BadCheckpoint as error:
        raise InputError(
            f"{folder} cannot be resumed: {error}. Remove it or choose another folder (--out), "
            "and start again with `darklat run`."
        ) from error
    for name, reason in rejected:
        log.error("REJECTED checkpoint %s: %s", name, reason)
        record.write(events.Rejected(checkpoint=name, reason=reason))
    return found


def _begun_again(
    folder: Path,
    backend: str,
    device: int,
    record: events.Recorder,
    overrides: Sequence[str],
    ranks: Ranks,
) -> tuple[Evolution, loop.Output]:
    """The simulation of a run without a checkpoint. It has no past, so that a change of keys leaves
    no trace."""
    path = folder / run_folder.CONFIG
    wanted = changes.wanted(read_text(path), overrides, source=str(path), begun=False)
    config = inputs.kept(wanted.now, folder)
    chosen = make_backend(config, backend, device, ranks=ranks)
    read = inputs.read(config, planes=own_planes(chosen), verified=ranks.rank > 0)
    simulation = Evolution(config, chosen, read)
    resolved = dump(wanted.now)
    if wanted.keys:
        on_first(ranks, lambda: run_folder.write_config(folder, resolved))
    return simulation, output_of(simulation, folder, resolved, record)


def _restored(
    found: checkpoint.Checkpoint,
    folder: Path,
    backend: str,
    device: int,
    record: events.Recorder,
    overrides: Sequence[str],
    ranks: Ranks,
) -> tuple[Evolution, loop.Output]:
    """The simulation of a checkpoint, and where it goes on writing."""
    wanted = changes.wanted(found.config, overrides, source=str(found.path))
    for line in stored_config.edits(folder, wanted.before, source=found.path.name):
        log.warning("warning: %s", line)
    changes.warn_of_lost(folder, found)
    config = inputs.kept(wanted.now, folder)
    inputs.refuse_changed(
        inputs.digests(config, folder), json.loads(found.origin["inputs"]), folder
    )
    before, now = (inputs.with_history(each, folder) for each in (wanted.before, wanted.now))
    clock, change = changes.at(replace(wanted, before=before, now=now), found)
    read = inputs.read(config, at_start=False)
    chosen = make_backend(config, backend, device, ranks=ranks)
    with changes.refusing(wanted):
        simulation = Evolution(config, chosen, read, clock=clock)
    simulation.restore(found.state)
    made = changes_of(found.origin) + ((change,) if change else ())
    resolved = dump(wanted.now) if change else found.config
    output = output_of(simulation, folder, resolved, record, made=made)
    output.next_number = found.number + 1
    for line in output.provenance.differences(found.origin):
        log.warning("warning: %s: the bits of the result will differ, by rounding", line)
    steps = simulation.clock.steps
    log.info("resuming from %s, step %d of %d", found.path.name, found.state.step, steps)
    resumed = events.Resumed(
        checkpoint=found.path.name, step=simulation.done, steps=steps, a=simulation.a
    )
    record.write(resumed)
    if change:
        output.next_number = found.number  # a checkpoint of the same step takes its place
        changes.begin(change, wanted, simulation, output)
    elif output.writes and not (folder / run_folder.CONFIG).is_file():
        log.info("%s is missing: written again, from the checkpoint", run_folder.CONFIG)
        run_folder.write_config(folder, resolved)
    return simulation, output


def output_of(
    simulation: Evolution,
    folder: Path,
    resolved: str,
    record: events.Recorder,
    *,
    made: tuple[Change, ...] = (),
) -> loop.Output:
    """Where a run writes; made: the changes of its configuration until now. Raises InputError where
    a copy of a file that it needs cannot be read."""
    backend = simulation.backend
    provenance = Provenance(
        resolved, backend.describe(), backend.name, kernel_identity(backend), made,
        simulation.config.lattice.order,
    )  # fmt: skip
    digests = inputs.digests(simulation.config, folder)
    writes = backend.ranks.rank == 0
    return loop.Output(folder, provenance, record, inputs=digests, writes=writes)


def _go(
    simulation: Evolution,
    output: loop.Output,
    stop: StopRequest,
    budget: Budget,
    stop_after: int | None,
    *,
    new: bool,
) -> bool:
    """To the end, or to a stop; a new run from its initial state. Whether the end was reached."""
    config, clock = simulation.config, simulation.clock
    log.info(
        "%s: %d^3 sites, box %g %s, %d steps of dt = %s with %s, on %s",
        config.name, config.lattice.sites, config.lattice.box, simulation.unit("tau_osc"),
        clock.steps, clock.lengths, simulation.scheme.name, output.provenance.device,
    )  # fmt: skip
    try:
        if new:
            output.record.write(events.Started(steps=clock.steps))
            if not beginning.begin(simulation, output, stop=stop, budget=budget):
                return False
        finished = loop.run(simulation, output, stop=stop, budget=budget, stop_after=stop_after)
    except NumericalError:
        raise
    except ArithmeticError as error:
        raise out_of_range(error) from error
    if not finished:
        step, reason = simulation.done, stop.reason or "as asked"
        log.info(
            "stopped at step %d (%s); continue with: darklat resume %s", step, reason, output.folder
        )
        output.record.write(events.Stopped(step=step, a=simulation.a, reason=reason))
    return finished


__all__ = ["ConfigError", "output_of", "resume", "run", "start"]

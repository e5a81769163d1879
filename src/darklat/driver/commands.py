"""The commands `run`, `resume` and `validate`."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from darklat.driver import beginning, bench, changes, expectations, loop
from darklat.driver.snapshot_times import refuse_merged
from darklat.driver.walltime import Budget
from darklat.errors import BadValueError, ConfigError, InputError, NumericalError, out_of_range
from darklat.kernels.backends import Backend, kernel_identity, make
from darklat.kernels.backends.threads import busy
from darklat.lattice import plan, precision
from darklat.lattice.clock import Clock
from darklat.lattice.evolution import Evolution
from darklat.physics.numerals import size
from darklat.physics.units import UnitNames
from darklat.schema import Config, Origin, dump, load_located
from darklat.schema.inputs import Inputs
from darklat.schema.read import read_text
from darklat.schema.run import LEAST_SITES
from darklat.schema.time_span import duration
from darklat.storage import (
    checkpoint,
    events,
    initial_files,
    inputs,
    plasma_files,
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
) -> bool:
    """Runs a config that has been read in a new folder; whether the end was reached. draw_maps:
    draws the figure of each file of maps. Raises as `run`."""
    run_folder.refuse_occupied(folder)
    check_plan(origin, config)
    device_backend = make_backend(config, backend, device)
    check_memory(origin, config, device_backend)
    simulation = beginning.prepared(config, origin, device_backend)
    warnings = plan.warnings(config, simulation.clock)
    with loop.stop_on_signals() as stop, run_folder.taken(folder, new=True) as taken:
        with run_folder.LogFile(folder), events.Recorder(folder) as record:
            inputs.keep(config, folder)
            resolved = dump(config)
            run_folder.write_config(folder, resolved)
            for line in [*taken.notes, *warnings]:
                log.warning("warning: %s", line)
            output = _output(simulation, folder, resolved, record)
            output.draw_maps = draw_maps
            try:
                return _go(simulation, output, stop, budget or Budget(), stop_after, new=True)
            except BadValueError as error:  # of initial.linear_until or the energy of initial.file
                refused = error
        taken.discard()
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
) -> tuple[Path, bool]:
    """Continues the run in `folder` from its newest checkpoint that verifies, or from the start
    when it was killed before it wrote any. `overrides` change keys of its configuration from there
    on (`darklat.driver.changes`).

    Raises InputError when there is no run or no checkpoint verifies, ConfigError for a key that
    cannot be changed, NumericalError and MachineError as `run`.
    """
    if not folder.is_dir():
        raise InputError(
            f"{folder} is not a folder; give the folder of a run, for example runs/first_light"
        )
    if sweep_folder.is_sweep(folder):
        raise InputError(
            f"{folder} is a sweep: `darklat run` of its configuration goes on with all its runs, "
            "and `darklat resume` with one of the folders in it"
        )
    begun = run_folder.has_checkpoints(folder)
    if not run_folder.has_begun(folder):
        raise InputError(
            f"{folder} cannot be resumed: there is no checkpoint in {folder / 'checkpoints'}. "
            "Start a run with `darklat run`."
        )
    budget = budget or Budget()
    with (
        loop.stop_on_signals() as stop,
        run_folder.taken(folder, new=False) as taken,
        run_folder.LogFile(folder),
        events.Recorder(folder) as record,
    ):
        for line in taken.notes:
            log.warning("warning: %s", line)
        try:
            if begun:
                with budget.measuring("checkpoint"):  # writing takes about as long as reading
                    found = _newest(folder, record)
                simulation, output = _restored(found, folder, backend, device, record, overrides)
            else:
                log.info("there is no checkpoint: starting from the beginning")
                simulation, output = _begun_again(folder, backend, device, record, overrides)
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


def _newest(folder: Path, record: events.Recorder) -> checkpoint.Checkpoint:
    """The newest checkpoint that verifies; the log says which do not."""
    try:
        found, rejected = checkpoint.newest(folder / "checkpoints")
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
    folder: Path, backend: str, device: int, record: events.Recorder, overrides: Sequence[str]
) -> tuple[Evolution, loop.Output]:
    """The simulation of a run without a checkpoint. It has no past, so that a change of keys leaves
    no trace."""
    path = folder / run_folder.CONFIG
    wanted = changes.wanted(read_text(path), overrides, source=str(path), begun=False)
    config = inputs.kept(wanted.now, folder)
    simulation = Evolution(config, make_backend(config, backend, device), inputs.read(config))
    resolved = dump(wanted.now)
    if wanted.keys:
        run_folder.write_config(folder, resolved)
    return simulation, _output(simulation, folder, resolved, record)


def _restored(
    found: checkpoint.Checkpoint,
    folder: Path,
    backend: str,
    device: int,
    record: events.Recorder,
    overrides: Sequence[str],
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
    clock, change = changes.at(wanted, found)
    read, chosen = inputs.read(config, at_start=False), make_backend(config, backend, device)
    with changes.refusing(wanted):
        simulation = Evolution(config, chosen, read, clock=clock)
    simulation.restore(found.state)
    made = changes_of(found.origin) + ((change,) if change else ())
    resolved = dump(wanted.now) if change else found.config
    output = _output(simulation, folder, resolved, record, made=made)
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
    elif not (folder / run_folder.CONFIG).is_file():
        log.info("%s is missing: written again, from the checkpoint", run_folder.CONFIG)
        run_folder.write_config(folder, resolved)
    return simulation, output


def _output(
    simulation: Evolution,
    folder: Path,
    resolved: str,
    record: events.Recorder,
    *,
    made: tuple[Change, ...] = (),
) -> loop.Output:
    backend = simulation.backend
    provenance = Provenance(
        resolved, backend.describe(), backend.name, kernel_identity(backend), made
    )
    digests = inputs.digests(simulation.config, folder)
    return loop.Output(folder, provenance, record, inputs=digests)


def validate(config: Config, origin: Origin, *, backend: str = "auto", device: int = 0) -> str:
    """The cost of a run on this machine, and what is expected of it, from a config that has been
    read.

    Raises ConfigError when it cannot be run, and all that a run raises before its first step
    (`beginning.rehearse`).
    """
    check_plan(origin, config)
    device_backend = make_backend(config, backend, device)
    check_memory(origin, config, device_backend)
    try:
        for path, key in _profiles(config):
            plasma_files.read_profile(path, key=key, sites=config.lattice.sites)
    except BadValueError as error:
        raise origin.refusal(tuple(error.key.split(".")), error.reason) from error
    clock = beginning.rehearse(config, origin, backend, device) or plan.clock(config)
    chosen = plan.scheme(config)
    seconds = seconds_per_site(config, device_backend.name, device) * (
        config.lattice.sites**3 * clock.steps
    )
    alp = ["ALP"] if config.model.alp else []
    unit = UnitNames(alp=bool(alp))("tau_osc")
    lines = [
        f"{origin.path}: valid",
        f"name       {config.name}",
        f"lattice    {config.lattice.sites}^3 sites, box {config.lattice.box:g} {unit}, "
        f"dx = {config.dx:.4g}",
        f"fields     {', '.join([*alp, *config.letters])}",
        *_linear(config, clock),
        *expectations.lines(config, clock),
        f"steps      {clock.steps} of dt = {_lengths(clock)} {unit} "
        f"({clock.dt(0) / config.dx:.3g} dx at first), "
        f"{chosen.name}: {clock.steps * chosen.rhs_per_step} right-hand sides",
        f"memory     {size(memory_bytes(config, device_backend))} of "
        f"{size(device_backend.memory_available())} available",
        f"time       about {duration(seconds)} on {device_backend.describe()} (outputs add to it)",
        f"checkpoint {size(plan.checkpoint_bytes(config))} each, "
        f"{config.output.checkpoints_kept} kept",
    ]
    lines += machine(device_backend)
    lines += [f"warning: {w}" for w in plan.warnings(config, clock)]
    try:
        run_folder.refuse_occupied(run_folder.default(config.name))
    except InputError as error:  # a run may go elsewhere
        lines.append(f"note: without --out a run is refused: {error}")
    return "\n".join(lines)


def machine(backend: Backend) -> list[str]:
    """A line where the machine is so busy that a measured time is not that of a quiet one."""
    found = busy() if backend.name == "cpu" else None
    return [f"machine    {found}"] if found else []


def seconds_per_site(config: Config, backend: str, device: int) -> float:
    """Time of a step per site, measured on at most 64^3 sites."""
    probe = make_backend(config, backend, device, sites=min(config.lattice.sites, 64))
    return bench.seconds_per_step(probe, scheme=plan.scheme(config).name) / probe.layout.sites


def _go(
    simulation: Evolution,
    output: loop.Output,
    stop: loop.StopRequest,
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
        clock.steps, _lengths(clock), simulation.scheme.name, output.provenance.device,
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


def _lengths(clock: Clock) -> str:
    first, last = clock.dt(0), clock.dt(clock.steps)
    return f"{first:.4g}" if first == last else f"{first:.4g} to {last:.4g}"


def _linear(config: Config, clock: Clock) -> list[str]:
    first = plan.first_time(config)
    if first == clock.tau_start:
        return []
    return [f"linear     mode by mode from tau = {first:g} to {clock.tau_start:g}"]


def make_backend(config: Config, choice: str, device: int, *, sites: int | None = None) -> Backend:
    """The backend of a run, or of one like it with other `sites`. Raises MachineError."""
    return make(
        choice, n=sites or config.lattice.sites, variant=plan.variant(config), device=device
    )  # fmt: skip


def check_plan(origin: Origin, config: Config) -> None:
    """Raises ConfigError for a config that cannot be stepped, or names a file that does not fit it.

    Tables are read; of HDF5 files, which may be large, only the shapes and types of the datasets.
    """
    chosen = plan.scheme(config)
    limit = chosen.largest_courant_conducting if config.conducting else chosen.largest_courant
    if config.time.courant > limit:
        raise origin.refusal(
            ("time", "courant"),
            f"{config.time.courant:g} is unstable: waves on the lattice grow with "
            f"{chosen.name} above {limit:.2f}; "
            f"the default is {config.time.__class__.model_fields['courant'].default}",
        )  # fmt: skip
    if config.conducting:
        try:
            plan.conductivity(config).at(config.initial.a_start or 1.0)
        except ValueError as error:
            raise origin.refusal(
                ("model", "fields", config.conducting, "conductivity", "kind"),
                f"{error}: use kind: constant, a smaller mass or a later start",
            ) from error  # fmt: skip
    if len(config.output.snapshots) > 1:
        refuse_merged(origin, config, plan.clock(config))
    try:
        precision.check(config)
        if tables := inputs.tables(config):
            plan.massive(config, Inputs(tables=tables), plan.clock(config))
        for path, key in _profiles(config):
            plasma_files.check_profile(path, key=key, sites=config.lattice.sites)
        if config.initial.kind == "file":
            initial_files.check_initial_fields(config)
    except BadValueError as error:
        raise origin.refusal(tuple(error.key.split(".")), error.reason) from error


def _profiles(config: Config) -> Iterator[tuple[Path, str]]:
    """The files with profiles of plasmas, and the keys that name them."""
    for letter, field in config.model.fields.items():
        if field.plasma.profile is not None:
            yield field.plasma.profile, f"model.fields.{letter}.plasma.profile"


def memory_bytes(config: Config, backend: Backend) -> int:
    """Memory that a run needs where its backend has its arrays."""
    return plan.memory_bytes(config, on_gpu=backend.name == "cuda")


def check_memory(origin: Origin, config: Config, backend: Backend) -> None:
    """Raises ConfigError for a config that needs more memory than there is."""
    needed, available = memory_bytes(config, backend), backend.memory_available()
    if needed > available:
        largest = int(config.lattice.sites * (available / needed) ** (1 / 3)) // 2 * 2
        fit = f"at most {largest} sites fit" if largest >= LEAST_SITES else "no lattice fits"
        raise origin.refusal(
            ("lattice", "sites"),
            f"{config.lattice.sites}^3 sites need {size(needed)} of memory, "
            f"{size(available)} are available on {backend.describe()}; "
            f"{fit}",
        )  # fmt: skip


__all__ = ["ConfigError", "resume", "run", "validate"]

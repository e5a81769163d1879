"""The main loop: steps, outputs, checkpoints, and an orderly stop on a signal."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

import numpy as np

from darklat.driver.progress import Progress
from darklat.driver.ranks import on_first
from darklat.driver.stepping import advance
from darklat.driver.stopping import StopRequest
from darklat.driver.walltime import Budget
from darklat.errors import InputError, MachineError, NumericalError
from darklat.kernels.ranks import Ranks
from darklat.lattice.evolution import Evolution, last_power
from darklat.physics.scales import worst
from darklat.physics.spectra import cutoff
from darklat.physics.summary import OF_AN_ALP, EndOfRun, GaugeRecord, SpectrumBins, end_of_run
from darklat.physics.verdicts import in_words, judge, untrusted
from darklat.storage import checkpoint, formats, hdf5, maps, records, run_folder, snapshots
from darklat.storage.events import Finished, Recorder, Saved, Snapshot
from darklat.storage.hdf5 import Provenance

FLUSH_SECONDS = 5.0
log = logging.getLogger("darklat")


Draw: TypeAlias = Callable[[Path], object]


def no_drawing(path: Path) -> None:
    """Leaves out the figure of a file of maps."""


@dataclass
class Output:
    """The folder of a run, the record of its course, and the attributes of its checkpoints. These
    are their origin, the number of the next one, and the SHA-256 of the files that a resume needs
    besides. draw_maps: draws the figure of a file of maps. writes: whether this rank is the one
    that writes."""

    folder: Path
    provenance: Provenance
    record: Recorder
    next_number: int = 0
    inputs: Mapping[str, str] = field(default_factory=dict)
    draw_maps: Draw = no_drawing
    writes: bool = True


def time_is_up(budget: Budget, ranks: Ranks) -> bool:
    """Whether the wall time is about to run out, by the clock of rank 0."""
    return ranks.broadcast(budget.over)


def run(
    simulation: Evolution,
    output: Output,
    *,
    stop: StopRequest,
    budget: Budget,
    stop_after: int | None = None,
) -> bool:
    """Runs to the end, and returns True when it was reached. Stops earlier when `stop` is set, when
    the wall time of `budget` runs out, or at the first closed step after `stop_after` steps.

    A checkpoint is written at the end and at a stop. Raises NumericalError, MachineError; the last
    good checkpoint then stays, and the series ends with the row that failed. Raises InputError when
    the wall time is too short for any step.
    """
    first = simulation.done
    if first == 0:
        with budget.measuring("checkpoint"):
            save(simulation, output)
    with budget.measuring("series"):
        flush(simulation, output)  # at a resume: cut back to the checkpoint
    progress = Progress(
        done=first,
        total=simulation.clock.steps,
        sites=simulation.config.lattice.sites**3,
        scale=simulation.unit("a_osc"),
        record=output.record,
        shown=output.writes,
    )
    try:
        _steps(simulation, output, progress, stop=stop, budget=budget, stop_after=stop_after)
    except NumericalError:
        flush_after_failure(simulation, output)
        raise
    finally:
        seconds = progress.close()
    flush(simulation, output)
    save(simulation, output)
    finished, ranks = simulation.done == simulation.clock.steps, simulation.backend.ranks
    summed_up = ranks.broadcast(run_folder.is_finished(output.folder))
    if finished and (simulation.done > first or not summed_up):
        steps = simulation.done - first
        on_first(
            ranks, lambda: write_summary(simulation, output.folder, seconds=seconds, steps=steps)
        )
        output.record.write(Finished(step=simulation.done, a=simulation.a))
    return finished


def _steps(
    simulation: Evolution,
    output: Output,
    progress: Progress,
    *,
    stop: StopRequest,
    budget: Budget,
    stop_after: int | None,
) -> None:
    """Steps and writes the outputs that are due, until the end or a reason to stop."""
    config, first, announced = simulation.config, simulation.done, False
    ranks = simulation.backend.ranks
    last_flush = last_checkpoint = time.monotonic()

    def announce() -> None:
        nonlocal announced
        if stop.reason and not announced:
            announced = True
            log.info("%s: stopping with a checkpoint; SIGINT now stops at once", stop.reason)

    _pictures(simulation, output)
    while simulation.done < simulation.clock.steps:
        now = time.monotonic()
        flush_due = now - last_flush > FLUSH_SECONDS
        save_due = now - last_checkpoint > 60 * config.output.checkpoint_minutes
        flush_due, save_due, over = _agreed(ranks, stop, [flush_due, save_due, budget.over])
        if flush_due:
            with budget.measuring("series"):
                flush(simulation, output)
            last_flush = time.monotonic()
        if save_due:
            with budget.measuring("checkpoint"):
                save(simulation, output)
            last_checkpoint = time.monotonic()
        if flush_due or save_due:
            (over,) = _agreed(ranks, stop, [budget.over])
        _watch(budget, stop, over=over, begun=simulation.done > first)
        if stop.reason or (stop_after is not None and simulation.done >= stop_after):
            return
        round_begun = time.monotonic()
        row = advance(simulation, after_step=announce)
        _pictures(simulation, output)
        progress.update(simulation.done, row, a=simulation.a, total=simulation.clock.steps)
        budget.spent("steps", time.monotonic() - round_begun)


def _agreed(ranks: Ranks, stop: StopRequest, answers: list[bool]) -> list[bool]:
    """The answers of rank 0, whose clock is that of all; and a signal to any rank is one to all."""
    own = [float(answer and ranks.rank == 0) for answer in answers]
    number, *found = ranks.largest([stop.number, *own])
    stop.agree(number)
    return [answer > 0 for answer in found]


def _watch(budget: Budget, stop: StopRequest, *, over: bool, begun: bool) -> None:
    """Asks for a stop when the wall time is about to run out."""
    if stop.reason or not over:
        return
    if not begun:
        raise InputError(
            f"{budget.origin} leaves {max(budget.left, 0):.0f} s for the run, and to stop in time "
            f"takes {budget.margin:.0f} s: give it more time"
        )
    stop.reason = f"{budget.origin}, {max(budget.left, 0):.0f} s before its end"


def flush(simulation: Evolution, output: Output) -> None:
    """Writes series.h5 and spectra.h5 whole, so that a reader never sees half a file."""
    on_first(simulation.backend.ranks, lambda: _write_records(simulation, output))


def _write_records(simulation: Evolution, output: Output) -> None:
    folder, provenance = output.folder, output.provenance
    records.write_series(folder / "series.h5", simulation.series.described(), provenance)
    records.write_spectra(folder / "spectra.h5", simulation.spectra.described(), provenance)


def flush_after_failure(simulation: Evolution, output: Output) -> None:
    """Writes the series with the row that failed. A disk that refuses is only logged: the check
    that failed is the error to report."""
    if not output.writes:
        return
    try:
        _write_records(simulation, output)
    except MachineError as error:
        log.error("%s", error)


def save(simulation: Evolution, output: Output) -> None:
    """Writes a checkpoint of a state that passes the checks: a bad one never displaces a good one.
    Then removes old ones.

    Raises NumericalError otherwise, MachineError when the disk refuses.
    """
    simulation.check()
    keys, folder = simulation.config.output, output.folder / "checkpoints"
    state = simulation.state()

    def write() -> None:
        path = checkpoint.write(
            folder, state, output.provenance, number=output.next_number, inputs=output.inputs
        )
        log.info("checkpoint %s", path.name)
        output.record.write(Saved(checkpoint=path.name, step=simulation.done, a=simulation.a))
        checkpoint.remove_old(
            folder,
            step=simulation.done,
            keep=keys.checkpoints_kept,
            keep_every=keys.checkpoints_kept_every,
        )

    on_first(simulation.backend.ranks, write, lambda: checkpoint.hand_over(state))
    output.next_number += 1


def write_summary(simulation: Evolution, folder: Path, *, seconds: float, steps: int) -> None:
    """summary.json: the physics of the whole run; seconds and rates of the process that finished
    it."""
    config, series = simulation.config, simulation.series
    end = _end(simulation)
    columns = {name: column.values for name, column in series.described().items()}
    found = judge(columns, end, config.limits)
    site_steps = config.lattice.sites**3 * steps / seconds if steps else 0.0
    numbers = asdict(end)
    if config.model.alp is None:
        numbers = {name: value for name, value in numbers.items() if name not in OF_AN_ALP}
    numbers |= {
        "verdict": worst(tuple(verdict.status for verdict in found)),
        "checks": {
            verdict.check: {
                "verdict": verdict.status,
                "value": verdict.number,
                "limit": verdict.limit,
            }
            for verdict in found
        },
        "untrusted": untrusted(found),
        "gauss_max": max(float(series[f"gauss/{x}"].max()) for x in simulation.letters),
        "energy_balance_max": float(np.abs(series["energy_balance"]).max()),
        "wall_seconds": seconds,
        "site_steps_per_second": site_steps,
        "rhs_per_second": site_steps * simulation.scheme.rhs_per_step,
        "backend": simulation.backend.name,
        "version": version("darklat"),
        formats.KEY: formats.VERSION,
    }
    text = json.dumps(numbers, indent=2) + "\n"
    hdf5.replace(folder / run_folder.SUMMARY, lambda temporary: temporary.write_text(text, "utf-8"))
    for verdict in found:
        if verdict.status != "pass":
            log.warning("warning: %s", in_words(verdict))


def _end(simulation: Evolution) -> EndOfRun:
    config, series, power = simulation.config, simulation.series, simulation.spectra.power
    fields = {}
    for letter, keys in config.model.fields.items():
        power_B, helicity_power_B = last_power(simulation, letter)
        fields[letter] = GaugeRecord(
            dark=keys.role == "dark",
            has_mass=config.ends_as_matter(letter),
            conducts=keys.conductivity.conducts,
            rho=series.get(f"rho/{letter}"),
            epsilon=series.get("epsilon") if letter == config.dark else None,
            power_B=power_B,
            helicity_power_B=helicity_power_B,
            power_long=power[f"X_{letter}_long"][-1] if letter in config.massive else None,
        )
    bins = simulation.modes.bins
    return end_of_run(
        a=series["a"],
        r=series.get("r"),
        b=series.get("b"),
        rho_theta=series.get("rho/theta"),
        fields=fields,
        bins=SpectrumBins(bins.k, bins.khat, bins.dlnk, cutoff(config.dx, config.lattice.order)),
        units=config.program_units,
        expands=config.expands,
        radiation_hubble=config.radiation_hubble,
    )


def _pictures(simulation: Evolution, output: Output) -> None:
    """The snapshot and the maps that are due now. A figure that fails is a warning."""
    if simulation.done in simulation.schedule.snapshots:
        _snapshot(simulation, output)
    if not (simulation.config.output.maps and simulation.has_spectra_now):
        return
    found = simulation.maps()

    def write() -> None:
        path = maps.write(
            output.folder / maps.FOLDER,
            f"step-{simulation.done:09d}",
            found,
            output.provenance,
            tau=simulation.tau,
            a=simulation.a,
            dx=simulation.config.dx,
            length_unit=simulation.unit("tau_osc"),
        )
        try:
            output.draw_maps(path)
        except Exception as error:  # of a library of figures, whose settings are the user's
            log.warning("warning: no figure of %s: %s", path, error)

    on_first(simulation.backend.ranks, write)


def _snapshot(simulation: Evolution, output: Output) -> None:
    name, arrays = f"step-{simulation.done:09d}", simulation.snapshot()

    def write() -> None:
        snapshots.write(
            output.folder / "snapshots",
            name,
            arrays,
            output.provenance,
            tau=simulation.tau,
            a=simulation.a,
            dx=simulation.config.dx,
            length_unit=simulation.unit("tau_osc"),
            precision=simulation.config.output.snapshot_precision,
            writes=output.writes,
        )

    on_first(simulation.backend.ranks, write, write)
    scale = simulation.unit("a_osc")
    output.record.write(Snapshot(snapshot=name, step=simulation.done, a=simulation.a))
    log.info("snapshot %s at a/%s = %.4g", name, scale, simulation.a)

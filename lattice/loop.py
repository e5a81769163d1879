"""The main loop: steps, outputs, checkpoints, and an orderly stop on a signal."""

from __future__ import annotations

import json
import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from darklat.lattice.output import checkpoint, hdf5, snapshots
from darklat.lattice.output.hdf5 import Provenance
from darklat.lattice.progress import Progress
from darklat.lattice.simulation import Simulation, last_power
from darklat.physics.summary import end_of_run

FLUSH_SECONDS = 5.0
log = logging.getLogger("darklat")


@dataclass
class StopRequest:
    """Set by a signal; the loop finishes its step and stops."""

    reason: str | None = None


@contextmanager
def stop_on_signals() -> Iterator[StopRequest]:
    """SIGTERM, SIGINT and SIGUSR2 ask for an orderly stop; a second SIGINT interrupts at once."""
    request = StopRequest()

    def handle(number: int, _frame: object) -> None:
        if number == signal.SIGINT and request.reason is not None:
            raise KeyboardInterrupt
        request.reason = signal.Signals(number).name

    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR2)
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(
    simulation: Simulation,
    folder: Path,
    provenance: Provenance,
    *,
    stop: StopRequest,
    stop_after: int | None = None,
) -> bool:
    """Runs to the end, or until `stop` is set or `stop_after` steps are done and the last of them
    is closed; True when the end was reached.

    A checkpoint is written at the end and at a stop. Raises NumericalError, MachineError; the
    series then ends with the row that failed, and the last good checkpoint stays.
    """
    config, clock = simulation.config, simulation.clock
    progress = Progress(done=simulation.done, total=clock.steps, sites=config.lattice.sites**3)
    first = simulation.done
    last_flush = last_checkpoint = time.monotonic()
    if simulation.done == 0:
        save(simulation, folder, provenance)
    try:
        if simulation.done in simulation.snapshot_steps:
            _snapshot(simulation, folder, provenance)
        while simulation.done < clock.steps and not (
            simulation.closed
            and (stop.reason or (stop_after is not None and simulation.done >= stop_after))
        ):
            simulation.step()
            if not simulation.closed:
                continue
            row = simulation.record()
            if simulation.done in simulation.snapshot_steps:
                _snapshot(simulation, folder, provenance)
            progress.update(simulation.done, row)
            now = time.monotonic()
            if now - last_flush > FLUSH_SECONDS:
                flush(simulation, folder, provenance)
                last_flush = time.monotonic()
            if now - last_checkpoint > 60 * config.output.checkpoint_minutes:
                save(simulation, folder, provenance)
                last_checkpoint = time.monotonic()
    finally:
        seconds = progress.close()
        flush(simulation, folder, provenance)
    save(simulation, folder, provenance)
    finished = simulation.done == clock.steps
    if finished and (simulation.done > first or not (folder / "summary.json").exists()):
        write_summary(simulation, folder, seconds=seconds, steps=simulation.done - first)
    return finished


def flush(simulation: Simulation, folder: Path, provenance: Provenance) -> None:
    """Writes series.h5 and spectra.h5 whole, so that a reader never sees half a file."""
    simulation.series.write(folder / "series.h5", provenance)
    simulation.spectra.write(folder / "spectra.h5", provenance)


def save(simulation: Simulation, folder: Path, provenance: Provenance) -> None:
    """Writes a checkpoint of a state that passes the checks: a bad one never displaces a good one.

    Raises NumericalError otherwise, MachineError when the disk refuses.
    """
    simulation.check()
    path = checkpoint.write(
        folder / "checkpoints",
        simulation.state(),
        provenance,
        keep=simulation.config.output.checkpoints_kept,
    )
    log.info("checkpoint %s", path.name)


def write_summary(simulation: Simulation, folder: Path, *, seconds: float, steps: int) -> None:
    """summary.json: the physics of the whole run; seconds and rates of the process that finished
    it."""
    config, series, bins = simulation.config, simulation.series, simulation.modes.bins
    dark, photon = config.dark, config.photon
    power_A, helicity_A = last_power(simulation, photon) if photon else (None, None)
    end = end_of_run(
        a=series["a"],
        r=series["r"],
        epsilon=series["epsilon"] if dark else None,
        b=series["b"] if "b" in series.columns else None,
        rho_theta=series["rho/theta"],
        rho_X=series[f"rho/{dark}"] if dark else None,
        rho_A=series[f"rho/{photon}"] if photon else None,
        k=bins.k,
        dlnk=bins.dlnk,
        power_B_X=last_power(simulation, dark)[0] if dark else None,
        power_B_A=power_A,
        helicity_power_B_A=helicity_A,
        mass_eV=config.model.alp.mass_eV,
        f_GeV=config.model.alp.f_GeV,
        oscillation_condition=config.background.oscillation_condition,
        radiation=config.background.kind == "radiation",
        X_is_massive=dark in config.massive,
    )
    site_steps = config.lattice.sites**3 * steps / seconds if steps else 0.0
    numbers = asdict(end) | {
        "gauss_max": max(float(series[f"gauss/{x}"].max()) for x in simulation.letters),
        "energy_balance_max": float(np.abs(series["energy_balance"]).max()),
        "wall_seconds": seconds,
        "site_steps_per_second": site_steps,
        "rhs_per_second": site_steps * simulation.scheme.rhs_per_step,
        "backend": simulation.backend.name,
        "version": version("darklat"),
    }
    text = json.dumps(numbers, indent=2) + "\n"
    hdf5.replace(folder / "summary.json", lambda temporary: temporary.write_text(text))


def _snapshot(simulation: Simulation, folder: Path, provenance: Provenance) -> None:
    name = f"step-{simulation.done:09d}"
    snapshots.write(
        folder / "snapshots",
        name,
        simulation.snapshot(),
        provenance,
        time=simulation.tau,
        dx=simulation.config.dx,
    )
    log.info("snapshot %s at a/a_osc = %.4g", name, simulation.a)

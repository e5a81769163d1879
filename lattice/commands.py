"""What the commands `run`, `resume` and `validate` do."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from darklat.kernels.backends import Backend, make
from darklat.lattice import bench, loop, plan
from darklat.lattice.config import Config, ConfigError, Origin, dump, load, loads
from darklat.lattice.errors import InputError
from darklat.lattice.output import checkpoint
from darklat.lattice.output.hdf5 import Provenance, replace
from darklat.lattice.simulation import Simulation

log = logging.getLogger("darklat")
GIB = 2**30


def run(
    path: Path,
    *,
    overrides: list[str],
    out: Path | None = None,
    backend: str = "auto",
    device: int = 0,
    stop_after: int | None = None,
) -> tuple[Path, bool]:
    """Runs a config from the start; returns the run folder and whether the end was reached.

    Raises ConfigError and InputError before anything is written, NumericalError and MachineError
    later.
    """
    config, origin = load(path, overrides), Origin(path, tuple(overrides))
    folder = out if out is not None else Path("runs") / _folder_name(config.name)
    _refuse_occupied(folder)
    _check_plan(origin, config)
    device_backend = _backend(config, backend, device)
    _check_memory(origin, config, device_backend)
    warnings = plan.warnings(config)
    simulation = Simulation(config, device_backend)
    try:
        simulation.start()
    except InputError as error:
        message = str(error).removeprefix("initial.file: ")
        raise origin.refusal(("initial", "file"), message) from error
    _claim(folder)
    resolved = dump(config)
    replace(folder / "config.yaml", lambda temporary: temporary.write_text(resolved))
    with _LogFile(folder):
        for line in warnings:
            log.warning("warning: %s", line)
        return folder, _go(simulation, folder, resolved, stop_after)


def resume(
    folder: Path, *, backend: str = "auto", device: int = 0, stop_after: int | None = None
) -> tuple[Path, bool]:
    """Continues the run in `folder` from its newest checkpoint that verifies.

    Raises InputError when there is none, NumericalError and MachineError as `run`.
    """
    if not folder.is_dir():
        raise InputError(
            f"{folder} is not a folder; give the folder of a run, for example runs/first_light"
        )
    try:
        state, resolved, path, rejected = checkpoint.newest(folder / "checkpoints")
    except checkpoint.BadCheckpoint as error:
        raise InputError(
            f"{folder} cannot be resumed: {error}. Remove it or choose another --out, "
            "and start again with `darklat run`."
        ) from error
    config = loads(resolved, source=str(path), base=None)
    simulation = Simulation(config, _backend(config, backend, device))
    simulation.restore(state)
    with _LogFile(folder):
        for line in rejected:
            log.warning("REJECTED checkpoint %s", line)
        log.info("resuming from %s, step %d of %d", path.name, state.step, simulation.clock.steps)
        return folder, _go(simulation, folder, resolved, stop_after)


def validate(path: Path, *, overrides: list[str], backend: str = "auto", device: int = 0) -> str:
    """What a run of the config would cost on this machine.

    Raises ConfigError when it cannot be run.
    """
    config, origin = load(path, overrides), Origin(path, tuple(overrides))
    _check_plan(origin, config)
    device_backend = _backend(config, backend, device)
    _check_memory(origin, config, device_backend)
    clock, chosen = plan.clock(config), plan.scheme(config)
    probe = _backend(config, device_backend.name, device, sites=min(config.lattice.sites, 64))
    per_site = bench.seconds_per_step(probe, scheme=chosen.name) / probe.layout.sites
    seconds = per_site * config.lattice.sites**3 * clock.steps
    lines = [
        f"{path}: valid",
        f"name       {config.name}",
        f"lattice    {config.lattice.sites}^3 sites, box {config.lattice.box:g} tau_osc, "
        f"dx = {config.dx:.4g}",
        f"fields     ALP, {', '.join(config.letters)}",
        f"steps      {clock.steps} of dt = {clock.dt:.4g} tau_osc ({clock.dt / config.dx:.3g} dx), "
        f"{chosen.name}: {clock.steps * chosen.rhs_per_step} right-hand sides",
        f"memory     {plan.memory_bytes(config) / GIB:.3g} GiB of "
        f"{device_backend.memory_available() / GIB:.3g} available",
        f"time       about {seconds / 60:.2g} minutes on {device_backend.describe()} "
        "(outputs add to it)",
        f"checkpoint {plan.checkpoint_bytes(config) / GIB:.3g} GiB "
        f"each, {config.output.checkpoints_kept} kept",
    ]
    return "\n".join(lines + [f"warning: {w}" for w in plan.warnings(config)])


def _go(simulation: Simulation, folder: Path, resolved: str, stop_after: int | None) -> bool:
    config, clock = simulation.config, simulation.clock
    device = simulation.backend.describe()
    log.info(
        "%s: %d^3 sites, box %g tau_osc, %d steps of dt = %.4g with %s, on %s",
        config.name, config.lattice.sites, config.lattice.box, clock.steps, clock.dt,
        simulation.scheme.name, device,
    )  # fmt: skip
    provenance = Provenance(resolved, device)
    with loop.stop_on_signals() as stop:
        finished = loop.run(simulation, folder, provenance, stop=stop, stop_after=stop_after)
    if not finished:
        log.info(
            "stopped at step %d (%s); continue with: darklat resume %s",
            simulation.done,
            stop.reason,
            folder,
        )
    return finished


def _backend(config: Config, choice: str, device: int, *, sites: int | None = None) -> Backend:
    return make(
        choice, n=sites or config.lattice.sites, variant=plan.variant(config), device=device
    )  # fmt: skip


def _check_plan(origin: Origin, config: Config) -> None:
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
                f"{error}: use kind: thomson, a smaller mass or a later start",
            ) from error  # fmt: skip


def _check_memory(origin: Origin, config: Config, backend: Backend) -> None:
    needed, available = plan.memory_bytes(config), backend.memory_available()
    if needed > available:
        largest = int(config.lattice.sites * (available / needed) ** (1 / 3)) // 2 * 2
        raise origin.refusal(
            ("lattice", "sites"),
            f"{config.lattice.sites}^3 sites need {needed / GIB:.3g} GiB of memory, "
            f"{available / GIB:.3g} GiB are available on {backend.describe()}; "
            f"at most {largest} sites fit",
        )  # fmt: skip


def _refuse_occupied(folder: Path) -> None:
    try:
        occupied = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise InputError(f"{folder} cannot be used: {error}; choose another with --out") from error
    if occupied:
        raise InputError(
            f"{folder} exists already and is not overwritten. Choose another with --out, "
            f"continue it with `darklat resume {folder}`, or remove it."
        )


def _claim(folder: Path) -> None:
    """Makes the run folder; of two runs that want the same one, the second is refused."""
    try:
        (folder / "checkpoints").mkdir(parents=True)
        (folder / "snapshots").mkdir()
    except FileExistsError as error:
        raise InputError(
            f"{folder} has been taken by another run; choose another with --out"
        ) from error
    except OSError as error:
        raise InputError(f"{folder} cannot be made: {error}; choose another with --out") from error


def _folder_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.+-]+", "_", name).lstrip(".") or "run"


class _LogFile:
    """Everything logged goes to run.log too, while inside."""

    def __init__(self, folder: Path) -> None:
        self._handler = logging.FileHandler(folder / "run.log", encoding="utf-8")
        self._handler.setFormatter(
            logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S")
        )

    def __enter__(self) -> None:
        log.setLevel(logging.DEBUG)
        log.addHandler(self._handler)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is not None:
            log.error("%s", error)
        log.removeHandler(self._handler)
        self._handler.close()


__all__ = ["ConfigError", "resume", "run", "validate"]

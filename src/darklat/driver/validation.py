"""The command `validate`: the cost of a run on this machine, and what is expected of it."""

from __future__ import annotations

from darklat.driver import beginning, bench, expectations, shares
from darklat.driver.feasibility import (
    check_memory,
    check_plan,
    make_backend,
    memory_bytes,
    profiles,
)
from darklat.errors import BadValueError, InputError
from darklat.kernels.backends import Backend
from darklat.kernels.backends.threads import busy
from darklat.lattice import plan
from darklat.lattice.clock import Clock
from darklat.physics.friedmann import Friedmann
from darklat.physics.numerals import size
from darklat.physics.units import UnitNames
from darklat.schema import Config, Origin
from darklat.schema.time_span import duration
from darklat.storage import plasma_files, run_folder


def validate(
    config: Config, origin: Origin, *, backend: str = "auto", device: int = 0, ranks: int = 1
) -> str:
    """The cost of a run on this machine, and what is expected of it, from a config that has been
    read. ranks: with what each of so many would need and send.

    Raises ConfigError when it cannot be run, and all that a run raises before its first step
    (`beginning.rehearse`).
    """
    check_plan(origin, config)
    device_backend = make_backend(config, backend, device)
    check_memory(origin, config, device_backend)
    try:
        for path, key in profiles(config):
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
        f"steps      {_at_most(config)}{clock.steps} of dt = {clock.lengths} {unit} "
        f"({clock.dt(0) / config.dx:.3g} dx at first), "
        f"{chosen.name}: {clock.steps * chosen.rhs_per_step} right-hand sides",
        f"memory     {size(memory_bytes(config, device_backend))} of "
        f"{size(device_backend.memory_available())} available",
        f"time       about {duration(seconds)} on {device_backend.describe()} (outputs add to it)",
        f"checkpoint {size(plan.checkpoint_bytes(config))} each, "
        f"{config.output.checkpoints_kept} kept",
    ]
    lines += machine(device_backend)
    warnings = plan.warnings(config, clock)
    if ranks > 1:
        shared = shares.of(config, ranks, device_backend.name)
        lines += shared.lines()
        warnings += shared.warnings()
    lines += [f"warning: {w}" for w in warnings]
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


def _at_most(config: Config) -> str:
    """Of the steps of a run whose fields move the scale factor to its end."""
    moved = isinstance(config.expansion, Friedmann) and config.time.a_end is not None
    return "at most " if moved else ""


def _linear(config: Config, clock: Clock) -> list[str]:
    first = plan.first_time(config)
    if first == clock.tau_start:
        return []
    return [f"linear     mode by mode from tau = {first:g} to {clock.tau_start:g}"]

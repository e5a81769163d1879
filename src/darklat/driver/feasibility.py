"""Whether a configuration can be run: its steps, its files, and the memory of this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

from darklat.driver.snapshot_times import refuse_merged
from darklat.errors import BadValueError, MachineError
from darklat.kernels.backends import (
    Backend,
    chosen,
    kernel_identity,
    make,
    refuse_shared_gpus,
)
from darklat.kernels.ranks import ALONE, Ranks
from darklat.lattice import plan, precision
from darklat.physics.numerals import size
from darklat.schema import Config, Origin
from darklat.schema.inputs import Inputs
from darklat.schema.run import LEAST_SITES
from darklat.storage import initial_files, inputs, plasma_files


def make_backend(
    config: Config, choice: str, device: int, *, sites: int | None = None, ranks: Ranks = ALONE
) -> Backend:
    """The backend of a run, or of one like it with other `sites`. One rank of each machine compiles
    the kernels. Raises MachineError, also where ranks have kernels that give different bits, or one
    GPU."""
    choice = chosen(choice, ranks)
    found = ranks.first_on_each_machine(
        lambda: make(
            choice, n=sites or config.lattice.sites, variant=plan.variant(config), device=device,
            ranks=ranks,
        )
    )  # fmt: skip
    machines = dict(
        zip(ranks.gather(kernel_identity(found)), ranks.gather(_machine(found)), strict=True)
    )
    if len(machines) > 1:
        raise MachineError(
            "the ranks of this run have different kernels, whose results differ by rounding: "
            f"{'; '.join(machines.values())}. Use machines with the same processors and compilers"
        )
    refuse_shared_gpus(found)
    return found


def _shared(backend: Backend) -> str:
    ranks = backend.ranks
    return f" for {ranks.here} of {ranks.size} ranks" if ranks.size > 1 else ""


def _machine(backend: Backend) -> str:
    return f"{socket.gethostname()} with {backend.describe()}"


def check_plan(origin: Origin, config: Config) -> None:
    """Raises ConfigError for a config that cannot be stepped, or names a file that does not fit it.

    Tables are read; of HDF5 files, which may be large, only the shapes and types of the datasets.
    """
    try:
        plan.refuse_endless(config)
    except BadValueError as error:
        raise origin.refusal(tuple(error.key.split(".")), error.reason) from error
    if config.conducting:
        try:
            plan.conductivity(config).at(config.initial.a_start or 1.0)
        except ValueError as error:
            raise origin.refusal(
                ("model", "fields", config.conducting, "conductivity", "kind"),
                f"{error}: use kind: constant, a smaller mass or a later start",
            ) from error  # fmt: skip
    refuse_unstable(origin, config)
    if len(config.output.snapshots) > 1:
        refuse_merged(origin, config, plan.clock(config))
    try:
        precision.check(config)
        if tables := inputs.tables(config):
            plan.massive(config, Inputs(tables=tables), plan.clock(config))
        for path, key in profiles(config):
            plasma_files.check_profile(path, key=key, sites=config.lattice.sites)
        if config.initial.kind == "file":
            initial_files.check_initial_fields(config)
    except BadValueError as error:
        raise origin.refusal(tuple(error.key.split(".")), error.reason) from error


def refuse_unstable(origin: Origin, config: Config) -> None:
    """Raises ConfigError for a step with which waves on the lattice grow."""
    chosen = plan.scheme(config)
    limit = plan.largest_courant(config)
    if config.time.courant > limit:
        raise origin.refusal(
            ("time", "courant"),
            f"{config.time.courant:g} is unstable: waves on the lattice grow with "
            f"{chosen.name} above {limit:.2f}; "
            f"the default is {config.time.__class__.model_fields['courant'].default}",
        )  # fmt: skip


def profiles(config: Config) -> Iterator[tuple[Path, str]]:
    """The files with profiles of plasmas, and the keys that name them."""
    for letter, field in config.model.fields.items():
        if field.plasma.profile is not None:
            yield field.plasma.profile, f"model.fields.{letter}.plasma.profile"


def memory_bytes(config: Config, backend: Backend) -> int:
    """Memory that a run needs where its backend has its arrays; of a lattice that ranks share, that
    of all ranks of this machine, or of this rank on its GPU."""
    ranks = backend.ranks
    on_gpu = backend.name == "cuda"
    together = 1 if on_gpu else ranks.here
    return together * plan.memory_bytes(config, on_gpu=on_gpu, ranks=ranks.size)


def check_memory(origin: Origin, config: Config, backend: Backend) -> None:
    """Raises ConfigError for a config that needs more memory than there is."""
    needed, available = memory_bytes(config, backend), backend.memory_available()
    if needed > available:
        largest = int(config.lattice.sites * (available / needed) ** (1 / 3)) // 2 * 2
        fit = f"at most {largest} sites fit" if largest >= LEAST_SITES else "no lattice fits"
        raise origin.refusal(
            ("lattice", "sites"),
            f"{config.lattice.sites}^3 sites need {size(needed)} of memory{_shared(backend)}, "
            f"{size(available)} are available on {backend.describe()}; "
            f"{fit}",
        )  # fmt: skip

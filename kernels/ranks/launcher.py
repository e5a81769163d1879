"""How many processes a launcher has started, and the ranks that they are."""

from __future__ import annotations

import os
from collections.abc import Mapping

from darklat.errors import MachineError
from darklat.kernels.ranks.alone import ALONE
from darklat.kernels.ranks.base import Ranks

_SIZES = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS")
"""Variables of launchers with the number of their processes: Open MPI's, MPICH's and Intel's,
Slurm's srun. mpirun in a job of Slurm has both, and Slurm's then counts other processes."""
_RANKS = ("OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID")
"""Variables with the number of the process. A launcher may say it and not how many there are."""
HOW_TO_INSTALL = (
    "pip install 'darklat[mpi]', and an MPI library with its mpirun, for example apt-get install "
    "openmpi-bin"
)


def processes(environment: Mapping[str, str]) -> int | None:
    """How many processes the launcher has started by its own account: 1 without a launcher, None
    where it does not say."""
    for name in _SIZES:
        if environment.get(name, "").isdigit():
            return int(environment[name])
    return None if "PMIX_RANK" in environment else 1


def speaks(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this process is the one that speaks where MPI cannot be used: the launcher's first,
    or the only one."""
    if processes(environment) == 1:
        return True
    numbers = [environment[name] for name in _RANKS if name in environment]
    return not numbers or numbers[0] == "0"


def refuse_many(command: str, environment: Mapping[str, str] = os.environ) -> None:
    """Raises MachineError where a launcher has started several processes of a command that one does
    alone."""
    if processes(environment) != 1:
        raise MachineError(
            f"`darklat {command}` is for one process, and a launcher has started several: start it "
            "without mpirun or srun"
        )


def of_launcher(environment: Mapping[str, str] = os.environ) -> Ranks:
    """The ranks that this process is one of. A process without a launcher, or the only one of a
    launcher, imports no MPI.

    Raises MachineError where MPI is missing, or counts other processes than the launcher.
    """
    launched = processes(environment)
    if launched == 1:
        return ALONE
    many = f"{launched} processes" if launched else "processes"
    try:
        from darklat.kernels.ranks.mpi import MpiRanks
    except (ImportError, RuntimeError) as error:  # mpi4py, or the library that it loads
        raise MachineError(
            f"a launcher has started {many}, and MPI cannot be used: {error}. Install it with "
            f"{HOW_TO_INSTALL}. Or start one process, without the launcher."
        ) from error
    found = MpiRanks()
    if launched is not None and found.size != launched:
        raise MachineError(
            f"the launcher has started {launched} processes, and MPI counts {found.size}: the "
            "launcher belongs to another MPI library than the one that mpi4py loads. Use the "
            "mpirun of that library (python -m mpi4py --mpi-lib-version shows it), with srun "
            "the option --mpi=pmix or --mpi=pmi2 that fits it, or one process without a launcher."
        )
    return found

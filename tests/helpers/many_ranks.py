"""Scripts under mpirun."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

if shutil.which("mpirun") is None:
    LACKING = "there is no mpirun: apt-get install openmpi-bin"
elif importlib.util.find_spec("mpi4py") is None:
    LACKING = "there is no mpi4py: pip install 'darklat[mpi]'"
else:
    LACKING = ""

with_mpirun = pytest.mark.skipif(bool(LACKING), reason=LACKING)

HELPERS = str(Path(__file__).parent)
ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",  # in a container
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",  # more ranks than cores
    "OMPI_MCA_btl_vader_single_copy_mechanism": "none",  # containers without ptrace
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "OMP_NUM_THREADS": "1",
}


def mpirun(ranks: int, *words: str | Path, timeout: float = 600) -> subprocess.CompletedProcess:
    """The end of `python WORDS` on so many ranks; helpers of the tests can be imported."""
    command = ["mpirun", "--bind-to", "none", "-n", str(ranks), sys.executable, *map(str, words)]
    return subprocess.run(
        command,
        env=os.environ | ENVIRONMENT | {"PYTHONPATH": HELPERS},
        text=True,
        capture_output=True,
        timeout=timeout,
    )

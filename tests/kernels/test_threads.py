"""How the threads of a CPU wait for one another."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from darklat.kernels.backends.threads import SPINS

LOADS = """
import os
from darklat.kernels.backends.cpu import CpuBackend
from darklat.kernels.layout import Variant
before = dict(os.environ)
CpuBackend(n=8, variant=Variant(1))
assert dict(os.environ) == before
"""


@pytest.mark.parametrize(
    ("chosen", "turns"),
    [({}, str(SPINS)), ({"GOMP_SPINCOUNT": "77"}, "77"), ({"OMP_WAIT_POLICY": "PASSIVE"}, "0")],
)
def test_a_barrier_does_not_spin_for_long_unless_the_user_says_so(
    chosen: dict[str, str], turns: str
) -> None:
    """libgomp prints the setting that it took, at its start."""
    environment = {k: v for k, v in os.environ.items() if k not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}  # fmt: skip
    environment |= {"OMP_NUM_THREADS": "1", "OMP_DISPLAY_ENV": "verbose"} | chosen
    done = subprocess.run(
        [sys.executable, "-c", LOADS], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"GOMP_SPINCOUNT = '{turns}'" in done.stderr

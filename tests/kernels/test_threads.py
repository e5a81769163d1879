"""How many threads of a CPU there are, and how they wait for one another."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from darklat import cli
from darklat.driver import doctor
from darklat.kernels.backends import control_groups
from darklat.kernels.backends.threads import SPINS, busy, threads
from darklat.schema import dump
from models import config

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


# ---- How many. ----


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A machine of so many processors, of which the process may use some, with a quota and a load."""

    def become(*, allowed: int, quota: float = math.inf, load: float = 0.0) -> None:
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(allowed)))
        monkeypatch.setattr(os, "cpu_count", lambda: 8)
        monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0))
        monkeypatch.setattr(control_groups, "processors", lambda: quota)

    return become


@pytest.mark.parametrize(
    ("allowed", "quota", "expected"),
    [(8, math.inf, 8), (3, math.inf, 3), (8, 2.0, 2), (8, 1.5, 2), (8, 0.2, 1), (2, 5.0, 2)],
)
def test_threads_follow_affinity_and_quota(
    allowed: int, quota: float, expected: int, machine: Callable[..., None]
) -> None:
    machine(allowed=allowed, quota=quota)
    assert threads() == expected


def test_a_user_chooses_another_number(
    machine: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(allowed=8, quota=1.0)
    monkeypatch.setenv("OMP_NUM_THREADS", "5,2")
    assert threads() == 5


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_the_quota_is_the_least_of_all_groups(tmp_path: Path) -> None:
    assert control_groups.processors(tmp_path) == math.inf
    write(tmp_path / "proc/self/cgroup", "3:cpu,cpuacct:/old\n0::/slurm/job/step\n")
    groups = tmp_path / "sys/fs/cgroup"
    write(groups / "slurm/job/step/cpu.max", "max 100000\n")
    assert control_groups.processors(tmp_path) == math.inf
    write(groups / "slurm/job/cpu.max", "350000 100000\n")
    assert control_groups.processors(tmp_path) == 3.5
    write(groups / "cpu/old/cpu.cfs_quota_us", "-1\n")
    write(groups / "cpu/old/cpu.cfs_period_us", "50000\n")
    assert control_groups.processors(tmp_path) == 3.5
    write(groups / "cpu/cpu.cfs_quota_us", "50000\n")
    write(groups / "cpu/cpu.cfs_period_us", "50000\n")
    assert control_groups.processors(tmp_path) == 1.0


TEAM = """
import os
import numpy as np
from darklat.kernels.backends import cpu
from darklat.kernels.host import linear_modes
from darklat.kernels.layout import Variant
cpu.threads = linear_modes.threads = lambda: 3
before = len(os.listdir("/proc/self/task"))
backend = cpu.CpuBackend(n=8, variant=Variant(1))
X, E = backend.field("link"), backend.field("link")
backend.launch("copy", X=X, E=E)
assert len(os.listdir("/proc/self/task")) - before == 2
assert backend.describe().endswith(", 3 threads")
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted in /proc")
def test_kernels_run_on_as_many_threads_as_darklat_says() -> None:
    """Not on as many as OpenMP would take, which knows no quota."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", TEAM], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("load", "is_busy"), [(0.0, False), (6.9, False), (7.1, True)])
def test_a_busy_machine_is_one_with_too_few_free_processors(
    load: float, is_busy: bool, machine: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(allowed=8, quota=2.0, load=load)
    found = busy()
    assert (found is not None) == is_busy
    if found:
        assert "7.1 processes wanted its 8 processors, and 2 threads" in found
    monkeypatch.setattr(os, "getloadavg", unknown)
    assert busy() is None


def unknown() -> None:
    raise OSError("unknown")


def test_doctor_and_validate_say_that_the_machine_is_busy(
    machine: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(dump(config("lattice.sites=8", "time.a_end=0.6")), encoding="utf-8")
    for load in (0.0, 99.0):
        machine(allowed=1, load=load)
        cli.main(["validate", str(path), "--backend", "cpu"])
        cli.main(
            ["validate", str(path), "--backend", "cpu", "--set", "sweep={initial.seed: [1, 2]}"]
        )
        said = capsys.readouterr().out
        assert said.count("machine    busy: in the last minute") == (2 if load else 0)
        assert ("busy: " in doctor._openmp()) == bool(load)

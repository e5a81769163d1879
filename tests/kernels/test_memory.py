"""Memory available: of the machine, and of control groups of both versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from darklat.kernels.backends import memory

GIB = 2**30
V1 = ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")  # fmt: skip
V2 = ("sys/fs/cgroup", "memory.max", "memory.current", "inactive_file")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine with 8 GiB free, and no groups."""
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/meminfo").write_text(f"MemTotal: 99 kB\nMemAvailable: {8 * GIB // 1024} kB\n")
    return tmp_path


def group(
    root: Path, names: tuple[str, str, str, str], path: str, limit: object, used: int
) -> None:
    """A group in which half a GiB of what is used can be reclaimed."""
    folder = root / names[0] / path
    folder.mkdir(parents=True, exist_ok=True)
    (folder / names[1]).write_text(f"{limit}\n")
    (folder / names[2]).write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 1\n{names[3]} {GIB // 2}\nfile 2\n")


def test_without_groups_it_is_the_machine_s(root: Path) -> None:
    assert memory.available(root) == 8 * GIB
    assert 0 < memory.available() < 2**50  # here


@pytest.mark.parametrize(("names", "line"), [(V1, "4:cpu,memory:"), (V2, "0::")])
def test_a_group_and_those_above_it_limit_it(
    root: Path, names: tuple[str, str, str, str], line: str
) -> None:
    (root / "proc/self/cgroup").write_text(f"9:devices:/else\n{line}/slurm/job_1/step_0\n")
    group(root, names, "slurm/job_1", 4 * GIB, 1 * GIB)
    assert memory.available(root) == 3.5 * GIB
    group(root, names, "slurm/job_1/step_0", 3 * GIB, 1 * GIB)
    assert memory.available(root) == 2.5 * GIB
    group(root, names, "slurm", 2 * GIB, 1 * GIB)
    assert memory.available(root) == 1.5 * GIB
    group(root, names, "slurm", 1 * GIB, 2 * GIB)
    assert memory.available(root) == 0


@pytest.mark.parametrize(("names", "limit"), [(V1, 2**63 - 4096), (V2, "max")])
def test_a_group_without_a_limit_does_not(
    root: Path, names: tuple[str, str, str, str], limit: object
) -> None:
    (root / "proc/self/cgroup").write_text("3:memory:/a\n0::/a\n")
    group(root, names, "a", limit, 1 * GIB)
    assert memory.available(root) == 8 * GIB


def test_in_a_container_the_group_s_own_folder_is_the_root(root: Path) -> None:
    """The path is the host's, which is not mounted here."""
    (root / "proc/self/cgroup").write_text("0::/docker/0123\n")
    group(root, V2, "", 2 * GIB, 1 * GIB)
    assert memory.available(root) == 1.5 * GIB

"""Ranks: who has which planes, how they speak, and which launchers are refused."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from darklat.errors import MachineError
from darklat.kernels.ranks import ALONE, Ranks, Slab, of_launcher, slabs
from darklat.kernels.ranks.launcher import processes
from many_ranks import mpirun, with_mpirun

PLANES = 7


def check_ranks(ranks: Ranks) -> None:
    """What every kind of ranks does, on PLANES planes."""
    slab = ranks.slab(PLANES)
    assert slab == slabs(PLANES, ranks.size)[ranks.rank]
    whole = np.arange(PLANES * 6.0).reshape(PLANES, 2, 3)
    own = whole[slab.here]
    assert np.array_equal(ranks.all_planes(own[:, ::-1]), whole[:, ::-1])  # of a view
    found = [*ranks.in_order(own)]
    assert len(found) == (ranks.size if ranks.rank == 0 else 0)
    assert ranks.rank > 0 or np.array_equal(np.concatenate(found), whole)
    assert ranks.broadcast(ranks.rank) == 0
    assert ranks.gather(ranks.rank) == [*range(ranks.size)]
    assert ranks.largest([ranks.rank, -ranks.rank, 0.5]) == [ranks.size - 1, 0, 0.5]
    below, above = np.zeros((2, 2, 3)), np.zeros((2, 2, 3))  # two planes, each a message
    ranks.exchange(
        to_below=[own[0], own[1]], to_above=[own[-2], own[-1]],
        from_below=[*below], from_above=[*above],
    )  # fmt: skip
    around = np.concatenate([whole, whole, whole])[PLANES:]
    assert np.array_equal(below, np.roll(whole, 2 - slab.first, 0)[:2])
    assert np.array_equal(above, around[slab.end : slab.end + 2])
    out = [np.empty(2) for _ in range(ranks.size)]
    ranks.transpose([np.array([ranks.rank, other], float) for other in range(ranks.size)], out)
    assert np.array_equal(out, [[other, ranks.rank] for other in range(ranks.size)])


def test_planes_of_every_rank() -> None:
    assert slabs(7, 3) == (Slab(0, 3, 7), Slab(3, 5, 7), Slab(5, 7, 7))
    assert [each.planes for each in slabs(8, 4)] == [2, 2, 2, 2]
    assert slabs(5, 1)[0].whole and not slabs(5, 2)[0].whole


def test_one_process_is_its_own_neighbour() -> None:
    check_ranks(ALONE)


@with_mpirun
@pytest.mark.mpi
@pytest.mark.parametrize("size", [2, 3])
def test_ranks_over_mpi(size: int) -> None:
    done = mpirun(size, __file__)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("good") == size  # lines of several ranks may mix


def test_one_process_imports_no_mpi() -> None:
    """Nor does the only process of a launcher."""
    check = (
        "import sys; from darklat.kernels.ranks import ALONE, of_launcher as of;"
        "assert of({}) is ALONE and of({'OMPI_COMM_WORLD_SIZE': '1'}) is ALONE;"
        "assert not any(name.startswith('mpi4py') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", check], check=True)


@pytest.mark.parametrize(
    ("variables", "count"),
    [
        ({}, 1),
        ({"OMPI_COMM_WORLD_SIZE": "4", "PMIX_RANK": "0"}, 4),
        ({"PMI_SIZE": "3", "SLURM_STEP_NUM_TASKS": "1"}, 3),  # mpirun in a job
        ({"SLURM_STEP_NUM_TASKS": "2", "SLURM_NTASKS": "2"}, 2),
        ({"SLURM_NTASKS": "2"}, 1),  # the script of a job, outside of srun
        ({"PMIX_RANK": "0"}, None),
    ],
)
def test_launchers(variables: dict[str, str], count: int | None) -> None:
    assert processes(variables) == count


def test_a_launcher_without_mpi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    monkeypatch.delitem(sys.modules, "darklat.kernels.ranks.mpi", raising=False)
    with pytest.raises(MachineError, match=r"started 2 processes.*pip install 'darklat\[mpi\]'"):
        of_launcher({"PMI_SIZE": "2"})


@with_mpirun
@pytest.mark.mpi
def test_a_launcher_of_another_mpi() -> None:
    """Which leaves every process the only one of its MPI."""
    check = "from darklat.kernels.ranks import of_launcher as of;of({'PMI_SIZE': '2'})"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True)
    assert "the launcher has started 2 processes, and MPI counts 1" in done.stderr


if __name__ == "__main__":  # under mpirun
    check_ranks(of_launcher())
    print("good")

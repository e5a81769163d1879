"""Lattices that ranks share as slabs: the numbers are those of one process, whatever the number of
ranks, the depth of the halo and the order of messages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from darklat.errors import MachineError
from darklat.kernels.backends.cpu import CpuBackend
from darklat.kernels.backends.exchanges import DEPTHS, Batch, Message, batches, depths
from darklat.kernels.backends.sweep_order import Side, Use
from darklat.kernels.declare import FieldArgument
from darklat.kernels.layout import Variant
from darklat.kernels.ranks import Ranks
from emulated_cuda import Machine
from rank_threads import ThreadRanks, on_ranks
from slab_models import MODELS, digests

SITES = 12
HELPERS = Path(__file__).parents[1] / "helpers"


@cache
def alone(name: str) -> dict[str, str]:
    return digests(name, SITES)


SLOW = ("A not felt", "massive X", "massive X + A, order 4", "matter, formula, float32, order 4")
"""Those of which all parts are in others, too."""


def models(slow: Iterable[str]) -> list[Any]:
    """All, some of them for `make test-slow`."""
    return [pytest.param(name, marks=[pytest.mark.slow] if name in slow else []) for name in MODELS]


@pytest.mark.parametrize("name", models(SLOW))
def test_slabs_have_the_bits_of_one_process(name: str) -> None:
    """On ranks that are threads. Planes of neighbours are NaN before each run of kernels, and
    messages come late and in random order; halos are shallow and deep, slabs uneven."""
    order_6 = "order 6" in name  # whose kernels read five planes
    for size, halo in ((2, None), (2, 6)) if order_6 else ((3, None), (2, 5)):
        for found in on_ranks(size, lambda r, h=halo: digests(name, SITES, r, h), shuffled=True):
            assert found == alone(name), (size, halo)


GPU_MODELS = ("ALP + X", "massive X + A")
"""Those of which other tests compile the kernels for the emulated device, too."""


@pytest.mark.parametrize("name", models(set(MODELS) - set(GPU_MODELS)))
def test_slabs_on_gpus_have_the_bits_of_one_gpu(name: str, machine: Machine) -> None:
    """Two ranks with a device each, and messages that come late. Planes of neighbours are NaN
    before each row of kernels. A row that runs again is a graph, with its messages."""
    one = digests(name, SITES, device="cuda")
    machine.wire.delays = 1
    assert on_ranks(2, lambda r: digests(name, SITES, r, device="cuda")) == [one, one]
    assert machine.graphs > 0 and machine.wire.groups > 0


def test_deep_slabs_on_gpus(machine: Machine) -> None:
    """And one that is its own neighbour."""
    one = digests("ALP + X", SITES, device="cuda")
    assert digests("ALP + X", SITES, halo=2, device="cuda") == one
    found = on_ranks(2, lambda r: digests("ALP + X", SITES, r, 3, "cuda"))
    assert found == [one, one]


@pytest.mark.parametrize(("halo", "size"), [(1, SITES), (2, 5), (4, 2)])
def test_a_plane_for_each_rank_and_one_process_that_is_its_own_neighbour(
    halo: int, size: int
) -> None:
    name = "ALP + X"
    assert digests(name, SITES, halo=halo) == alone(name)
    assert all(
        each == alone(name) for each in on_ranks(size, lambda r: digests(name, SITES, r, halo))
    )


def test_slabs_of_several_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "massive X + A"
    expected = alone(name)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert all(each == expected for each in on_ranks(2, lambda r: digests(name, SITES, r)))


def test_a_reach_that_is_not_declared_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the declarations says what is exchanged: without them the poison is read."""
    neighbours = FieldArgument.neighbours

    def forgetful(own: FieldArgument, axis: int | None, order: int) -> dict[Side, int]:
        found = neighbours(own, axis, order)
        return {} if own.name == "B" else found

    monkeypatch.setattr(FieldArgument, "neighbours", forgetful)
    with pytest.raises(AssertionError):
        digests("ALP + X", SITES, halo=2)


def test_less_is_sent_with_a_shallow_halo() -> None:
    def sent(halo: int) -> int:
        def program(ranks: Ranks) -> int:
            digests("ALP + X", SITES, ranks, halo)
            assert isinstance(ranks, ThreadRanks)
            return ranks.sent

        return sum(on_ranks(2, program))

    assert sent(1) < sent(3) < sent(6)


# -- which planes are exchanged

BELOW, ABOVE = (0, -1), (0, 1)


def reads(block: int, *sides: Side, into: int, reach: int = 1) -> Use:
    return Use({into}, {block: dict.fromkeys(sides, reach), into: {}}, frozenset({into}))


def test_kernels_work_as_far_as_later_ones_read() -> None:
    chain = [reads(1, BELOW, ABOVE, into=2), reads(2, ABOVE, into=3), reads(3, BELOW, into=4)]
    assert depths(chain) == ({1: (2, 2)}, [(1, 1), (1, 0), (0, 0)])
    deep = batches(chain, 2)
    assert deep == [
        Batch(0, 3, (Message(1, -1, 0, 2), Message(1, 1, 0, 2)), ((1, 1), (1, 0), (0, 0)))
    ]
    shallow = batches(chain, 1)
    assert [(g.first, g.last) for g in shallow] == [(0, 1), (1, 3)]
    # 3 is made from 2 on one plane below, and so only 2 is exchanged
    assert shallow[1].messages == (Message(2, -1, 0, 1), Message(2, 1, 0, 1))
    with pytest.raises(ValueError, match="reads more than the 2 planes"):
        batches([reads(1, BELOW, into=2, reach=3)], 2)


def test_planes_that_are_there_are_not_sent_again() -> None:
    near, far = reads(1, ABOVE, into=2), reads(1, ABOVE, into=3, reach=3)
    made_anew = reads(5, ABOVE, into=1, reach=3)
    found = batches([near, reads(2, ABOVE, into=4, reach=3), far, made_anew, near], 3)
    assert [g.messages for g in found] == [
        (Message(1, 1, 0, 1),),
        (Message(2, 1, 0, 3), Message(1, 1, 1, 3), Message(5, 1, 0, 3)),
        (Message(1, 1, 0, 1),),
    ]


def test_messages_do_not_depend_on_addresses() -> None:
    def at(blocks: list[int]) -> list[Batch]:
        uses = [reads(blocks[i], BELOW, ABOVE, into=blocks[(i + 2) % 5]) for i in (0, 1, 3, 2, 4)]
        name = {block: i for i, block in enumerate(blocks)}
        return [
            Batch(
                g.first, g.last,
                tuple(Message(name[m.block], m.side, m.first, m.last) for m in g.messages), g.work,
            )
            for g in batches(uses, 2)
        ]  # fmt: skip

    assert at([10, 20, 30, 40, 50]) == at([977, 3, 50, 2, 411])


# -- what is refused


def test_slabs_thinner_than_a_kernel_reads_are_refused() -> None:
    def depth(sites: int, order: int) -> Any:
        def program(ranks: Ranks) -> int:
            return CpuBackend(n=sites, variant=Variant(1, order=order), ranks=ranks).layout.halo

        return on_ranks(3, program)

    assert depth(12, 2) == [DEPTHS["cpu"]] * 3
    assert depth(8, 2) == [2] * 3  # slabs of 3, 3 and 2 planes
    with pytest.raises(MachineError, match=r"3 ranks: .*have 4 planes, .*read 5.*at most 2 ranks"):
        depth(12, 6)


# -- with MPI

FEW = ("ALP + X", "ALP + X, rk46nl", "massive X + A", "pairs, no ALP",
       "friedmann, gravitational waves")  # fmt: skip


@pytest.mark.mpi
@pytest.mark.parametrize(
    ("size", "names"),
    [(3, FEW), *(pytest.param(size, (), marks=pytest.mark.slow) for size in (1, 2, 3, 4))],
)
def test_ranks_of_mpi_have_the_bits_of_one_process(size: int, names: tuple[str, ...]) -> None:
    """No names stand for all. Three slabs of 22 planes, and four, are uneven."""
    if shutil.which("mpirun") is None:
        pytest.skip("there is no mpirun: apt-get install openmpi-bin")
    allowed = {
        "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "OMPI_MCA_rmaps_base_oversubscribe": "1",
    }
    done = subprocess.run(
        ["mpirun", "--bind-to", "none", "-n", str(size), sys.executable,
         HELPERS / "slab_models.py", "22", *names],
        env=os.environ | allowed, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [line.rpartition(" (")[0] for line in done.stdout.splitlines()]
    assert lines == [f"{size} ranks, {name}: equal" for name in names or MODELS]

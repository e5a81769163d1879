"""Messages between the GPUs of ranks, on emulated devices; what the stand-in of NCCL finds; which
rank has which GPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from darklat.errors import MachineError
from darklat.kernels import backends
from darklat.kernels.backends import chosen, make, nccl
from darklat.kernels.backends.gpu import GpuBackend
from darklat.kernels.backends.nccl import Communicator, Planes, planes_of
from darklat.kernels.layout import Variant
from darklat.kernels.ranks import Ranks
from emulated_cuda import FaultError, Machine, wire
from rank_threads import on_ranks

PLANES, ROW = 7, 6


def with_communicator(ranks: Ranks, program: Callable[[Any, Communicator], Any]) -> Any:
    """What a program returns on a device of its own, inside a stream."""
    import cupy

    with cupy.cuda.Device(ranks.rank), cupy.cuda.Stream(non_blocking=True) as stream:
        return program(cupy, Communicator(ranks, stream))


def around(ranks: Ranks) -> None:
    """Two planes to each side, and a matrix turned."""
    own = ranks.slab(PLANES)
    whole = np.arange(PLANES * ROW, dtype=np.float64).reshape(PLANES, ROW)

    def program(cupy: Any, communicator: Communicator) -> None:
        field = cupy.asarray(np.pad(whole[own.here], ((2, 2), (0, 0))))

        def plane(at: int) -> Planes:
            return planes_of(field[at])

        last = 2 + own.planes
        communicator.exchange(
            to_below=[plane(2), plane(3)], to_above=[plane(last - 2), plane(last - 1)],
            from_below=[plane(0), plane(1)], from_above=[plane(last), plane(last + 1)],
        )  # fmt: skip
        expected = np.take(whole, range(own.first - 2, own.end + 2), axis=0, mode="wrap")
        assert np.array_equal(field.get(), expected)
        parts = [cupy.asarray(np.full(3, ranks.rank + 10j * other)) for other in range(ranks.size)]
        out = [cupy.zeros(3, np.complex128) for _ in range(ranks.size)]
        communicator.transpose(parts, out)
        for other, found in enumerate(out):
            assert np.array_equal(found.get(), np.full(3, other + 10j * ranks.rank))

    with_communicator(ranks, program)


def test_messages(machine: Machine) -> None:
    """Two ranks are each other's neighbours on both sides."""
    machine.wire.delays = 1
    on_ranks(2, around)
    assert machine.wire.groups == 4


def test_a_rank_that_is_its_own_neighbour(machine: Machine) -> None:
    on_ranks(1, around)


# ---- The stand-in finds ----


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other rank waits in vain after a fault."""
    monkeypatch.setattr(wire, "PATIENCE", 0.5)


def swap(
    ranks: Ranks, sent: int, taken: int, *, kind: str = "NCCL_FLOAT64", grouped: bool = True,
    other_stream: int = 0, twice: bool = False,
) -> None:  # fmt: skip
    """A message of so many numbers to the other rank, and one from there."""

    def program(cupy: Any, communicator: Communicator) -> None:
        module, comm = nccl.module(), communicator._comm
        there, here = cupy.zeros(8), cupy.zeros(8)
        other, stream = 1 - ranks.rank, communicator._stream.ptr + other_stream
        if grouped:
            module.groupStart()
        comm.send(there.data.ptr, sent, module.NCCL_FLOAT64, other, stream)
        comm.recv(here.data.ptr, taken, getattr(module, kind), other, stream)
        for _ in range(1 + twice):
            module.groupEnd()

    with_communicator(ranks, program)


@pytest.mark.parametrize(
    ("sent", "taken", "how", "said"),
    [
        (4, 3, {}, "sends 4 numbers of type 8, and rank . takes 3"),
        (4, 8, {"kind": "NCCL_FLOAT32"}, "sends 4 numbers of type 8, and rank . takes 8"),
        (4, 4, {"grouped": False}, "outside of a group"),
        (4, 4, {"other_stream": 1}, "on another stream than the kernels"),
        (9, 9, {}, "not of one array of its device"),
        (4, 4, {"twice": True}, "no group of NCCL has begun"),
    ],
)
def test_a_fault_is_found(
    machine: Machine, impatient: None, sent: int, taken: int, how: dict[str, Any], said: str
) -> None:
    with pytest.raises(FaultError, match=said):
        on_ranks(2, lambda ranks: swap(ranks, sent, taken, **how))


def test_a_message_without_a_counterpart_is_found(machine: Machine, impatient: None) -> None:
    def program(ranks: Ranks) -> None:
        if ranks.rank == 0:
            swap(ranks, 4, 4)
        else:
            with_communicator(ranks, lambda *_: None)

    with pytest.raises(FaultError, match=r"rank 0 takes 4 .* from rank 1, which sends none"):
        on_ranks(2, program)


def test_overlapping_memory_is_found(machine: Machine, impatient: None) -> None:
    def program(cupy: Any, communicator: Communicator) -> None:
        array = cupy.zeros(8)
        communicator.exchange(
            to_below=[planes_of(array[:4])], to_above=[], from_below=[],
            from_above=[planes_of(array[3:7])],
        )  # fmt: skip

    with pytest.raises(FaultError, match="which overlap"):
        on_ranks(2, lambda ranks: with_communicator(ranks, program))


# ---- Which rank has which GPU ----


def test_every_rank_has_its_own_gpu(machine: Machine) -> None:
    found = on_ranks(2, lambda r: make("cuda", n=8, variant=Variant(1), ranks=r).describe())
    assert [each[-1] for each in found] == ["0", "1"]


def test_more_ranks_than_gpus() -> None:
    nccl.refuse_shared([("east", "01"), ("east", "02"), ("west", "01")])
    with pytest.raises(MachineError, match=r"west: 3 ranks have 2 GPUs.*Start at most 2 there"):
        nccl.refuse_shared([("east", "01"), ("west", "01"), ("west", "02"), ("west", "01")])


def test_more_ranks_than_gpus_of_a_machine(machine: Machine) -> None:
    def program(ranks: Ranks) -> None:
        backends.refuse_shared_gpus(make("cuda", n=8, variant=Variant(1), ranks=ranks))

    with pytest.raises(MachineError, match="3 ranks have 2 GPUs"):
        on_ranks(3, program)


def test_ranks_without_nccl(machine: Machine) -> None:
    nccl.module().available = False
    with pytest.raises(MachineError, match="pip install nvidia-nccl-cu12"):
        on_ranks(2, lambda r: GpuBackend(n=8, variant=Variant(1), ranks=r))


def test_the_choice_of_all_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert on_ranks(2, lambda r: chosen("cpu", r)) == ["cpu", "cpu"]
    for reason, choice in (("no driver", "cpu"), (None, "cuda")):
        monkeypatch.setattr(backends, "unusable", lambda reason=reason: reason)
        assert on_ranks(2, lambda r: chosen("auto", r)) == [choice, choice]
    answers = iter([None, "no driver"])
    monkeypatch.setattr(backends, "unusable", lambda: next(answers))
    with pytest.raises(MachineError, match="of 2 ranks 1 have no GPU"):
        on_ranks(2, lambda r: chosen("auto", r))

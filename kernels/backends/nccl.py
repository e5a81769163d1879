"""Messages between the GPUs of ranks: NCCL's, on the stream of the kernels.

There is one communicator for all ranks, and everything that goes at once is one group. So nobody
waits for a message that another rank sends later, and the host waits for none. NCCL pairs what two
ranks send and receive by its order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from darklat.errors import MachineError
from darklat.kernels.ranks import Ranks

INSTALL = "pip install nvidia-nccl-cu12, or nvidia-nccl-cu13 for a cupy of CUDA 13"
_PARTS = {"complex128": ("float64", 2)}  # of a number that NCCL has no name for


class Planes(NamedTuple):
    """Numbers in the memory of a GPU, one behind the other."""

    address: int
    number: int
    dtype: np.dtype


def planes_of(array: Any) -> Planes:
    """Those of a contiguous array."""
    return Planes(array.data.ptr, array.size, array.dtype)


def module() -> Any:
    """cupy's NCCL. Raises MachineError where there is none."""
    from cupy.cuda import nccl

    if not nccl.available:
        raise MachineError(
            "the GPUs of several ranks speak through NCCL, and cupy has none: install it with "
            f"{INSTALL}. Or run with the backend cpu, or with one process."
        )
    return nccl


def version() -> str:
    """NCCL's. Raises MachineError where there is none."""
    code = module().get_version()
    return f"NCCL {code // 10000}.{code // 100 % 100}.{code % 100}"


class Communicator:
    """The ranks' GPUs. To make it, all ranks have to come."""

    def __init__(self, ranks: Ranks, stream: Any) -> None:
        self._nccl, self._stream, self._ranks = module(), stream, ranks
        name = self._nccl.get_unique_id() if ranks.rank == 0 else None
        self._comm = self._nccl.NcclCommunicator(ranks.size, ranks.broadcast(name), ranks.rank)

    def exchange(
        self,
        *,
        to_below: Sequence[Planes],
        to_above: Sequence[Planes],
        from_below: Sequence[Planes],
        from_above: Sequence[Planes],
    ) -> None:
        """As `Ranks.exchange`. Two ranks are each other's neighbour on both sides: the order in
        which one sends is the order in which the other receives."""
        below, above = ((self._ranks.rank + side) % self._ranks.size for side in (-1, 1))
        self._group(
            [(below, to_below), (above, to_above)], [(above, from_above), (below, from_below)]
        )

    def transpose(self, parts: Sequence[Any], out: Sequence[Any]) -> None:
        """As `Ranks.transpose`, of contiguous arrays."""
        own = self._ranks.rank
        out[own][...] = parts[own]
        sent, received = (
            [(rank, [planes_of(a)]) for rank, a in enumerate(arrays) if rank != own and a.size]
            for arrays in (parts, out)
        )
        self._group(sent, received)

    def _group(
        self,
        sent: Iterable[tuple[int, Sequence[Planes]]],
        received: Iterable[tuple[int, Sequence[Planes]]],
    ) -> None:
        calls: list[tuple[Callable[..., None], int, Planes]] = [
            (call, rank, planes)
            for call, messages in ((self._comm.send, sent), (self._comm.recv, received))
            for rank, several in messages
            for planes in several
        ]
        self._nccl.groupStart()
        try:
            for call, rank, planes in calls:
                name, parts = _PARTS.get(planes.dtype.name, (planes.dtype.name, 1))
                kind = {"float32": self._nccl.NCCL_FLOAT32, "float64": self._nccl.NCCL_FLOAT64}
                call(planes.address, parts * planes.number, kind[name], rank, self._stream.ptr)
        finally:
            self._nccl.groupEnd()


def device_of(ranks: Ranks, cupy: Any, first: int) -> int:
    """The GPU of this rank: on each machine the ranks have one after the other, from `first` on. A
    launcher may show every rank only its own, and then each takes the only one."""
    return (first + ranks.local) % int(cupy.cuda.runtime.getDeviceCount())


def refuse_shared(found: Sequence[tuple[str, str]]) -> None:
    """Raises MachineError where two of the devices of all ranks, as machine and address on its bus,
    are the same: NCCL has one GPU for each rank."""
    for machine, devices in groupby(sorted(found), key=lambda device: device[0]):
        ranks = [address for _, address in devices]
        gpus = len(set(ranks))
        if gpus < len(ranks):
            raise MachineError(
                f"{machine}: {len(ranks)} ranks have {gpus} GPU{'s' * (gpus > 1)}, and every rank "
                f"needs one of its own. Start at most {gpus} there (mpirun -n, or tasks_per_node "
                "and gpus_per_task of a profile), or run with the backend cpu."
            )

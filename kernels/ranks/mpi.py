"""Ranks over MPI. To import this module imports mpi4py and initialises MPI."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn

import mpi4py
import numpy as np

mpi4py.rc.thread_level = "funneled"  # threads of kernels send nothing
from mpi4py import MPI  # noqa: E402 (the line above has to come first)

from darklat.kernels.ranks.base import Blocks, Value, WithdrawnError  # noqa: E402
from darklat.kernels.ranks.slabs import Slab, slabs  # noqa: E402

_ASKED = 1  # the tag of a word from rank 0: whether it asks for a slab
_GLANCE = 0.01  # seconds


class MpiRanks:
    """The interface `Ranks` over a communicator, by default a copy of all processes'."""

    def __init__(self, communicator: MPI.Intracomm | None = None) -> None:
        self._comm = MPI.COMM_WORLD.Dup() if communicator is None else communicator
        self._at_the_end = self._comm.Dup()  # whatever the other one waits for
        self.rank, self.size = self._comm.rank, self._comm.size
        self._of_machine = self._comm.Split_type(MPI.COMM_TYPE_SHARED)
        self.here, self.local = self._of_machine.size, self._of_machine.rank

    def slab(self, n: int) -> Slab:
        """The planes of this rank of a lattice with n planes."""
        return slabs(n, self.size)[self.rank]

    def broadcast(self, value: Value) -> Value:
        """The value of rank 0, on every rank."""
        return self._comm.bcast(value)

    def gather(self, value: Value) -> list[Value]:
        """The values of all ranks in their order, on every rank."""
        return self._comm.allgather(value)

    def largest(self, values: Sequence[float]) -> list[float]:
        """Of each number the largest on any rank."""
        found = np.array(values, dtype=np.float64)
        self._comm.Allreduce(MPI.IN_PLACE, found, MPI.MAX)
        return found.tolist()

    def all_planes(self, own: np.ndarray) -> np.ndarray:
        """All planes [n, ...] on every rank, from the own ones [planes, ...]."""
        own = np.ascontiguousarray(own)
        planes = self._comm.allgather(len(own))
        out = np.empty((sum(planes), *own.shape[1:]), own.dtype)
        each = out[0].size if len(out) else 0
        self._comm.Allgatherv(own, [out, [each * count for count in planes]])
        return out

    def in_order(self, own: np.ndarray) -> Iterator[np.ndarray]:
        """On rank 0 the slabs of all ranks in order, one in memory at a time; elsewhere nothing.
        Every rank has to exhaust it. Elsewhere it raises WithdrawnError when rank 0 withdraws.

        Rank 0 asks for every slab, so that it can withdraw, and so that small ones do not come
        all at once."""
        if self.rank > 0:
            if not self._comm.recv(source=0, tag=_ASKED):
                raise WithdrawnError
            self._comm.send((own.shape, own.dtype.str), 0)
            self._comm.Send(np.ascontiguousarray(own), 0)
            return
        yield own
        for source in range(1, self.size):
            self._comm.send(True, source, tag=_ASKED)
            shape, dtype = self._comm.recv(source=source)
            slab = np.empty(shape, dtype)
            self._comm.Recv(slab, source)
            yield slab

    def withdraw(self) -> None:
        """On rank 0: asks for no more slabs of any `in_order`."""
        for other in range(1, self.size):
            self._comm.send(False, other, tag=_ASKED)

    def exchange(
        self, *, to_below: Blocks, to_above: Blocks, from_below: Blocks, from_above: Blocks
    ) -> None:
        """Sends blocks to the ranks below and above, which lie around a circle, and fills those
        that come from there. A tag is a place in the sequence, and odd to above."""
        below, above = (self.rank - 1) % self.size, (self.rank + 1) % self.size
        waiting = [
            self._comm.Irecv(block, rank, 2 * i + to_the_above)
            for blocks, rank, to_the_above in ((from_above, above, 0), (from_below, below, 1))
            for i, block in enumerate(blocks)
        ]
        waiting += [
            self._comm.Isend(block, rank, 2 * i + to_the_above)
            for blocks, rank, to_the_above in ((to_below, below, 0), (to_above, above, 1))
            for i, block in enumerate(blocks)
        ]
        MPI.Request.Waitall(waiting)

    def transpose(self, parts: Blocks, out: Blocks) -> None:
        """Sends parts[r] to rank r, and fills out[r] from it."""
        out[self.rank][...] = parts[self.rank]
        others = [(self.rank + shift) % self.size for shift in range(1, self.size)]
        waiting = [self._comm.Irecv(out[rank], rank) for rank in others]
        waiting += [self._comm.Isend(parts[rank], rank) for rank in others]
        MPI.Request.Waitall(waiting)

    def first_on_each_machine(self, action: Callable[[], Value]) -> Value:
        """The result of an action that only one rank of a machine does at first, and then, at
        once, its other ranks."""
        if self._of_machine.rank > 0:
            self._of_machine.Barrier()
            return action()
        try:
            return action()
        finally:  # after an error too: the others then have the same one
            self._of_machine.Barrier()

    def met(self, value: Value, *, within: float) -> list[Value] | None:
        """The values of all ranks in their order; None where one of them has not come here in so
        many seconds."""
        waiting, until = self._at_the_end.Ibarrier(), time.monotonic() + within
        while not waiting.Test():
            if time.monotonic() > until:
                return None
            time.sleep(_GLANCE)
        return self._at_the_end.allgather(value)

    def abort(self, code: int) -> NoReturn:
        """Ends the processes of all ranks with this exit code, now."""
        self._comm.Abort(code)
        os._exit(code)  # not reached: Abort does not come back

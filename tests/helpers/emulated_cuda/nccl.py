"""cupy.cuda.nccl: messages between emulated devices, and what NCCL would do wrong, or wait for without
end, as a FaultError.

Messages are paired as NCCL pairs them: what rank a sends to b and what b takes from a by their
order. It is a fault when one of them goes outside of a group, on another stream than the kernels of
its device, from memory that is not one allocation of it or has no value, into memory that another
message of the group uses; when the two have other sizes or types; and when one has no counterpart.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, count
from types import SimpleNamespace
from typing import Any

import numpy as np

from emulated_cuda.failures import NcclError
from emulated_cuda.memory import UNIT, VALUE, arena
from emulated_cuda.state import FaultError, State
from emulated_cuda.wire import Wire

ID_LENGTH = 128
VERSION = 22703
FLOAT32, FLOAT64 = 7, 8  # ncclDataType_t
SIZES = {FLOAT32: 4, FLOAT64: 8}


@dataclass(frozen=True)
class _Message:
    """Bytes first <= i < last of the arena, to or from a rank."""

    sends: bool
    peer: int
    first: int
    last: int
    kind: int

    def __str__(self) -> str:
        verb = "sends" if self.sends else "takes"
        return f"{verb} {(self.last - self.first) // SIZES[self.kind]} numbers of type {self.kind}"


def module(state: State) -> Any:
    """The stand-in for the module."""
    wire, names = state.wire, count()

    def get_unique_id() -> tuple[int, ...]:
        return (next(names), *(ID_LENGTH - 1) * [0])

    def group_start() -> None:
        if _group(wire) is not None:
            raise FaultError("a group of NCCL begins inside of another one")
        wire.opened.group = []

    def group_end() -> None:
        group = _group(wire)
        if group is None:
            raise FaultError("no group of NCCL has begun")
        wire.opened.group = None
        if group:
            group[0][0].run([message for _, message in group])

    return SimpleNamespace(
        available=state.has_nccl, NcclError=NcclError, get_unique_id=get_unique_id,
        groupStart=group_start, groupEnd=group_end, NCCL_FLOAT32=FLOAT32, NCCL_FLOAT64=FLOAT64,
        NcclCommunicator=partial(_Communicator, state), get_version=lambda: VERSION,
    )  # fmt: skip


def _group(wire: Wire) -> list[tuple[_Communicator, _Message]] | None:
    return getattr(wire.opened, "group", None)


class _Communicator:
    """cupy.cuda.nccl.NcclCommunicator."""

    def __init__(self, state: State, ndev: int, commId: tuple[int, ...], rank: int) -> None:
        state.call()
        assert isinstance(commId, tuple) and len(commId) == ID_LENGTH
        self._state, self._rank, self._wire = state, rank, state.wire
        self._device, self._random, self._size = state.current, None, ndev
        if self._wire.delays is not None:
            self._random = random.Random(self._wire.delays + rank)
        self._world = self._wire.world(commId, ndev)
        try:
            devices = self._world.met(rank, self._device)
        except TimeoutError:
            raise FaultError(f"rank {rank} waits for a communicator of {ndev}") from None
        if len(devices) != ndev:
            raise FaultError(f"rank {rank} of {ndev}: another one has said so, too")
        if len(set(devices)) < ndev:  # NCCL has a GPU for every rank
            raise NcclError("NCCL_ERROR_INVALID_USAGE: invalid usage")

    def send(self, sendbuf: int, count: int, datatype: int, peer: int, stream: int) -> None:
        self._add(True, sendbuf, count, datatype, peer, stream)

    def recv(self, recvbuf: int, count: int, datatype: int, peer: int, stream: int) -> None:
        self._add(False, recvbuf, count, datatype, peer, stream)

    def _add(
        self, sends: bool, address: int, count: int, kind: int, peer: int, stream: int
    ) -> None:
        group = _group(self._wire)
        if group is None:
            raise FaultError("a message of NCCL outside of a group: two that send would both wait")
        if group and group[0][0] is not self:
            raise FaultError("a group of two communicators")
        if self._state.current != self._device:
            raise FaultError("a message of NCCL on another device than its communicator's")
        if self._state.stream is None or stream != self._state.stream.ptr:
            raise FaultError("a message of NCCL on another stream than the kernels")
        if not 0 <= peer < self._size or kind not in SIZES or count <= 0:
            raise NcclError("NCCL_ERROR_INVALID_ARGUMENT: invalid argument")
        first = address - arena().address
        message = _Message(sends, peer, first, first + count * SIZES[kind], kind)
        self._check_memory(message)
        group.append((self, message))

    def _check_memory(self, message: _Message) -> None:
        allocations = self._state.cards[self._device].allocations
        if not any(a <= message.first and message.last <= a + n for a, n in allocations.items()):
            raise FaultError(f"rank {self._rank} {message} that are not of one array of its device")

    def run(self, messages: Sequence[_Message]) -> None:
        """A group, now or where a graph is launched that has it."""
        for a, b in combinations(messages, 2):
            if not (a.sends and b.sends) and a.first < b.last and b.first < a.last:
                raise FaultError(f"rank {self._rank} {a} and {b}, which overlap")
        action: Callable[[], None] = partial(self._carry, messages)
        if self._state.captured is None:
            action()
        else:
            self._state.captured.append(action)

    def _carry(self, messages: Sequence[_Message]) -> None:
        self._state.call()
        with self._wire.lock:
            self._wire.groups += 1
            self._wire.messages += len(messages)
        for each in messages:
            if each.sends:
                self._post(each)
        for each in messages:
            if not each.sends:
                self._take(each)

    def _post(self, message: _Message) -> None:
        if not np.all(_shadow(message) & VALUE):
            raise FaultError(f"rank {self._rank} {message}: to some nothing was ever written")
        if self._random is not None:
            time.sleep(self._random.random() * 1e-3)
        values = arena().bytes[message.first : message.last].copy()
        self._world.post(self._rank, message.peer, (message, values))

    def _take(self, message: _Message) -> None:
        try:
            sent, values = self._world.take(message.peer, self._rank)
        except TimeoutError:
            raise FaultError(
                f"rank {self._rank} {message} from rank {message.peer}, which sends none"
            ) from None
        if (sent.kind, len(values)) != (message.kind, message.last - message.first):
            raise FaultError(f"rank {message.peer} {sent}, and rank {self._rank} {message}")
        arena().bytes[message.first : message.last] = values
        _shadow(message)[...] |= VALUE


def _shadow(message: _Message) -> np.ndarray:
    return arena().shadow[message.first // UNIT : message.last // UNIT]

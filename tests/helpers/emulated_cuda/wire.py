"""How messages of an emulated NCCL travel (nccl.py): between ranks that are threads, or processes
under mpirun."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from queue import Empty, Queue
from typing import Any, Protocol

PATIENCE = 30.0  # seconds, for the counterpart of a message


class World(Protocol):
    """What the ranks of a communicator share. Letters between two ranks keep their order."""

    def met(self, rank: int, device: int) -> list[int]:
        """The devices of all ranks, once they are all here. Raises TimeoutError."""
        ...

    def post(self, sender: int, receiver: int, letter: Any) -> None:
        """Does not wait."""
        ...

    def take(self, sender: int, receiver: int) -> Any:
        """Raises TimeoutError where there is none."""
        ...


class OfThreads:
    """Of one process."""

    def __init__(self, size: int) -> None:
        self._boxes = defaultdict[tuple[int, int], Queue[Any]](Queue)
        self._devices: dict[int, int] = {}
        self._barrier = threading.Barrier(size)

    def met(self, rank: int, device: int) -> list[int]:
        self._devices[rank] = device
        try:
            self._barrier.wait(PATIENCE)
        except threading.BrokenBarrierError as error:
            raise TimeoutError from error
        return [*self._devices.values()]

    def post(self, sender: int, receiver: int, letter: Any) -> None:
        self._boxes[sender, receiver].put(letter)

    def take(self, sender: int, receiver: int) -> Any:
        try:
            return self._boxes[sender, receiver].get(timeout=PATIENCE)
        except Empty as error:
            raise TimeoutError from error


class OfProcesses:
    """Over MPI; the time limit of the test is that of a message."""

    def __init__(self, communicator: Any) -> None:
        self._comm = communicator
        self._sent: list[Any] = []  # kept until they have gone

    def met(self, rank: int, device: int) -> list[int]:
        return self._comm.allgather(device)

    def post(self, sender: int, receiver: int, letter: Any) -> None:
        self._sent = [each for each in self._sent if not each.Test()]
        self._sent.append(self._comm.isend(letter, receiver))

    def take(self, sender: int, receiver: int) -> Any:
        return self._comm.recv(source=sender)


@dataclass
class Wire:
    """The NCCL of a machine. delays: a seed for messages that come late. mpi: a communicator, where
    ranks are processes. groups, messages: how many have been."""

    delays: int | None = None
    mpi: Any = None
    groups: int = 0
    messages: int = 0
    _worlds: dict[tuple[int, ...], World] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    opened: threading.local = field(default_factory=threading.local)  # the group of a thread

    def world(self, name: tuple[int, ...], size: int) -> World:
        """Of the communicator of that name."""
        if self.mpi is not None:
            return OfProcesses(self.mpi)
        with self.lock:
            return self._worlds.setdefault(name, OfThreads(size))

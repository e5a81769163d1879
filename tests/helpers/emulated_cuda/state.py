"""What the emulated machine is set to: its cards, the failures that a test wants, and how kernels
are launched."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from emulated_cuda.failures import Failures
from emulated_cuda.memory import CARDS, Card
from emulated_cuda.wire import Wire


class FaultError(AssertionError):
    """What a real device would have done wrong without a word, or at another time."""


@dataclass(frozen=True)
class Traffic:
    """A traced launch: the kernel, and the bytes of its fields (arrays of three axes and more) that
    it read and wrote, each once. by_blocks: the bytes of all its arrays in pieces of 32, each once
    for every block that touches it, as they pass the cache that all blocks share."""

    kernel: str
    bytes_read: int
    bytes_written: int
    by_blocks: int


@dataclass
class State:
    """shuffled: a seed for the order of threads and blocks; None for the natural order. traced:
    whether accesses are compared between threads. `traffic` has the traced launches, `launches` the
    number of all, `graphs` that of graphs."""

    cards: list[Card] = field(default_factory=lambda: [Card(i) for i in range(CARDS)])
    failures: Failures = field(default_factory=Failures)
    traced: bool = False
    shuffled: int | None = None
    traffic: list[Traffic] = field(default_factory=list)
    launches: int = 0
    graphs: int = 0
    kept: list[Any] = field(default_factory=list)  # page-locked memory
    has_nccl: bool = True
    wire: Wire = field(default_factory=Wire)
    _current: threading.local = field(default_factory=threading.local)

    @property
    def current(self) -> int:
        """Number of the device that this thread works on; at first 0, as with CUDA."""
        return getattr(self._current, "number", 0)

    @current.setter
    def current(self, number: int) -> None:
        self._current.number = number

    @property
    def stream(self) -> Any:
        """The one that this thread works on; None for the default stream."""
        return getattr(self._current, "stream", None)

    @stream.setter
    def stream(self, stream: Any) -> None:
        self._current.stream = stream

    @property
    def captured(self) -> list[Callable[[], None]] | None:
        """Launches, while this thread captures a stream."""
        return getattr(self._current, "captured", None)

    @captured.setter
    def captured(self, launches: list[Callable[[], None]] | None) -> None:
        self._current.captured = launches

    @property
    def under_way(self) -> list[Any]:
        """Copies of this thread (streams.py)."""
        return self._current.__dict__.setdefault("under_way", [])

    @under_way.setter
    def under_way(self, copies: list[Any]) -> None:
        self._current.under_way = copies

    @property
    def card(self) -> Card:
        """The device that this thread works on."""
        return self.cards[self.current]

    def call(self, *, waits: bool = False) -> None:
        """Every call to the device passes here; waits: it waits until the device is done."""
        self.failures.at_a_call(waits=waits)
        if self.captured is not None:
            raise FaultError("while a stream is captured, kernels are launched and nothing else")
        if waits:
            self.arrive()

    def arrive(self) -> None:
        """The host has waited for the device."""
        begun, self.under_way = self.under_way, []
        for copy in begun:
            copy.end()

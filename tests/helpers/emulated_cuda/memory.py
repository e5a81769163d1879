"""Memory of the emulated devices: one arena, of which every card has a part, with guards between
allocations, and the accounts of cupy's pool."""

from __future__ import annotations

import bisect
import ctypes
import gc
import threading
import weakref
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from emulated_cuda.build import runtime
from emulated_cuda.failures import OutOfMemoryError

CARDS = 2
ROOM = 2**28  # bytes of the arena for a card; the memory that a card says it has is another number
ALIGNMENT = 512  # of allocations, as the pool has it
GUARD = 4096  # bytes between allocations, which no kernel may touch
UNIT = 4  # bytes that one byte of the shadow stands for
COVERED, WRITABLE, VALUE, READ, WRITTEN = 1, 2, 4, 8, 16  # bits of runtime.cpp
GARBAGE = 0xFF  # an allocation is full of it: floats that are no number


@dataclass(frozen=True)
class Arena:
    """Bytes, and their shadow; `address` of the first byte."""

    address: int
    bytes: np.ndarray
    shadow: np.ndarray


@cache
def arena() -> Arena:
    """The memory of all cards."""
    memory, shadow = (ctypes.POINTER(ctypes.c_uint8)() for _ in range(2))
    size = CARDS * ROOM
    make = runtime().emulated_arena
    make.argtypes, make.restype = [ctypes.c_size_t, *2 * [ctypes.c_void_p]], ctypes.c_bool
    if not make(size, ctypes.byref(memory), ctypes.byref(shadow)):
        raise MemoryError("the system has no address space for the emulated devices")
    return Arena(
        address=ctypes.addressof(memory.contents),
        bytes=np.ctypeslib.as_array(memory, (size,)),
        shadow=np.ctypeslib.as_array(shadow, (size // UNIT,)),
    )


class Allocation:
    """Bytes of a card; they are given back when nothing refers to it any more."""

    def __init__(self, card: Card, size: int) -> None:
        self.card, self.size = card, size
        self.offset = card.take(size)
        rounded = _rounded(size)
        arena().bytes[self.offset : self.offset + rounded] = GARBAGE
        arena().shadow[self.offset // UNIT : (self.offset + rounded) // UNIT] = 0
        weakref.finalize(self, card.give_back, self.offset, size)


@dataclass
class Card:
    """An emulated device. total: bytes of memory that it says it has. used, held: bytes of arrays,
    and of the pool that keeps what arrays have given back."""

    number: int
    total: int = 2**30
    used: int = 0
    held: int = 0
    free: list[tuple[int, int]] = field(default_factory=list)  # offset, size in the arena
    allocations: dict[int, int] = field(default_factory=dict)  # size by offset
    lock: threading.RLock = field(default_factory=threading.RLock)  # ranks are threads

    @property
    def place(self) -> int:
        """On the bus of the machine."""
        return 1 + self.number

    def __post_init__(self) -> None:
        self.free = [(self.number * ROOM + GUARD, ROOM - GUARD)]

    def take(self, size: int) -> int:
        """Offset in the arena of so many bytes. Raises OutOfMemoryError."""
        with self.lock:
            return self._take(size)

    def _take(self, size: int) -> int:
        rounded = _rounded(size)
        if self.used + rounded > self.held:
            if self.used + rounded > self.total:
                gc.collect()  # as cupy does
                self.held = self.used
            if self.used + rounded > self.total:
                raise OutOfMemoryError(rounded, self.used)
            self.held = max(self.held, self.used + rounded)
        for place, (offset, room) in enumerate(self.free):
            if room >= rounded + GUARD:
                self.free[place] = (offset + rounded + GUARD, room - rounded - GUARD)
                self.used += rounded
                self.allocations[offset] = size
                return offset
        raise MemoryError("the arena of the emulated devices is too small (ROOM)")

    def give_back(self, offset: int, size: int) -> None:
        """The opposite of `take`."""
        with self.lock:
            self._give_back(offset, size)

    def _give_back(self, offset: int, size: int) -> None:
        rounded = _rounded(size)
        self.used -= rounded
        del self.allocations[offset]
        bisect.insort(self.free, (offset, rounded + GUARD))
        merged: list[tuple[int, int]] = []
        for first, room in self.free:
            if merged and sum(merged[-1]) == first:
                merged[-1] = (merged[-1][0], merged[-1][1] + room)
            else:
                merged.append((first, room))
        self.free = merged

    def free_all_blocks(self) -> None:
        """The pool gives the driver what no array uses."""
        self.held = self.used


def _rounded(size: int) -> int:
    return max(1, -(-size // ALIGNMENT)) * ALIGNMENT

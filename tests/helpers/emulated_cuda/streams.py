"""Streams, copies that run by themselves, and graphs.

The emulated device does all work when it is told. A copy to the host arrives when the host has
waited; until then there are numbers that are none. A copy from the host must find the same numbers
at that time, because a real one may begin as late.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from emulated_cuda.failures import CUDARuntimeError
from emulated_cuda.memory import GARBAGE, UNIT, VALUE, arena
from emulated_cuda.state import FaultError, State

TO_DEVICE, TO_HOST = 1, 2  # cudaMemcpyKind


@dataclass
class _Copy:
    """Under way: bytes of the host, and those that the device has or gives."""

    host: np.ndarray
    of_device: bytes
    kind: int

    def end(self) -> None:
        if self.kind == TO_HOST:
            self.host[...] = np.frombuffer(self.of_device, np.uint8)
        elif self.host.tobytes() != self.of_device:
            raise FaultError("the host has changed numbers that were under way to the device")


class Stream:
    """cupy.cuda.Stream."""

    def __init__(self, state: State, *, non_blocking: bool = False) -> None:
        state.call()
        self._state, self.non_blocking = state, non_blocking
        self._before: list[Any] = []
        self.device_id = state.current
        self.ptr = id(self)

    def __enter__(self) -> Stream:
        if self.device_id != self._state.current:
            raise RuntimeError("The device that the stream is created on does not match")
        self._before.append(self._state.stream)
        self._state.stream = self
        return self

    def __exit__(self, *_: object) -> None:
        self._state.stream = self._before.pop()

    def synchronize(self) -> None:
        self._state.call(waits=True)

    def begin_capture(self) -> None:
        self._state.call()
        self._state.captured = []

    def end_capture(self) -> Graph:
        captured, self._state.captured = self._state.captured, None
        if captured is None:
            raise CUDARuntimeError("cudaErrorIllegalState: the stream is not captured")
        return Graph(self._state, captured)


class Graph:
    """cupy.cuda.Graph: launches with the arguments that they were captured with."""

    def __init__(self, state: State, launches: list[Callable[[], None]]) -> None:
        self._state, self._launches = state, launches

    def launch(self, stream: Stream | None = None) -> None:
        self._state.call()
        self._state.graphs += 1
        for each in self._launches:
            each()


def copies(state: State) -> SimpleNamespace:
    """The functions of cupy.cuda and cupy.cuda.runtime that copy."""
    locked: dict[int, int] = {}  # sizes of page-locked memory by address

    def alloc_pinned_memory(size: int) -> Any:
        state.call()
        memory = bytearray(size)
        locked[ctypes.addressof(ctypes.c_char.from_buffer(memory))] = size
        state.kept.append(memory)
        return memory

    def memcpy_async(dst: int, src: int, size: int, kind: int, stream: int) -> None:
        state.call()
        host, device = (src, dst) if kind == TO_DEVICE else (dst, src)
        if not any(first <= host and host + size <= first + of for first, of in locked.items()):
            raise FaultError("a copy that runs by itself needs page-locked memory of the host")
        values = np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(host))
        first = device - arena().address
        if not 0 <= first < len(arena().bytes):
            raise CUDARuntimeError("cudaErrorInvalidValue: invalid argument")
        there = arena().bytes[first : first + size]
        shadow = arena().shadow[first // UNIT : (first + size) // UNIT]
        if kind == TO_DEVICE:
            there[...] = values
            shadow |= VALUE
        elif not np.all(shadow & VALUE):
            raise FaultError("a value is copied that nothing has written")
        state.under_way.append(_Copy(values, there.tobytes(), kind))
        if kind == TO_HOST:
            values[...] = GARBAGE

    return SimpleNamespace(alloc_pinned_memory=alloc_pinned_memory, memcpyAsync=memcpy_async)

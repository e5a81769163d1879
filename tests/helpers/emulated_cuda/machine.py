"""The stand-in for the module cupy, and how it takes that module's place."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

from emulated_cuda import arrays, failures, launches, nccl, streams
from emulated_cuda.memory import Card, arena
from emulated_cuda.state import State

VERSION = "14.2.0+emulated"
NAME = "Emulated device"


class Machine(State):
    """A machine with emulated devices; `cupy` is the module that darklat finds there."""

    @property
    def cupy(self) -> ModuleType:
        """The stand-in for cupy."""
        module = ModuleType("cupy")
        contents = arrays.functions(self) | {
            "__version__": VERSION,
            "RawModule": partial(launches.RawModule, self),
            "cuda": _cuda(self),
            "get_default_memory_pool": lambda: _Pool(self),
        }
        module.__dict__.update(contents)
        return module


@contextmanager
def installed(machine: Machine) -> Iterator[Machine]:
    """Inside, `import cupy` finds the emulated one."""
    arena()  # before threads ask for it
    cupy = machine.cupy
    modules = {"cupy": cupy, "cupy.cuda": cupy.cuda, "cupy.cuda.nccl": cupy.cuda.nccl}
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield machine
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


class _Pool:
    """cupy's pool of the current device's memory."""

    def __init__(self, state: State) -> None:
        self._state = state

    def used_bytes(self) -> int:
        return self._state.card.used

    def free_bytes(self) -> int:
        return self._state.card.held - self._state.card.used

    def total_bytes(self) -> int:
        return self._state.card.held

    def free_all_blocks(self) -> None:
        self._state.card.free_all_blocks()


class _Device:
    def __init__(self, state: State, number: int | None = None) -> None:
        self._state = state
        self.id = state.current if number is None else number
        self._before: list[int] = []

    def use(self) -> None:
        self._state.call()
        if not 0 <= self.id < len(self._state.cards):
            raise failures.CUDARuntimeError("cudaErrorInvalidDevice: invalid device ordinal")
        self._state.current = self.id

    def __enter__(self) -> _Device:
        self._before.append(self._state.current)
        self.use()
        return self

    def __exit__(self, *_: object) -> None:
        self._state.current = self._before.pop()

    def synchronize(self) -> None:
        self._state.call(waits=True)

    @property
    def compute_capability(self) -> str:
        return "90"

    @property
    def mem_info(self) -> tuple[int, int]:
        self._state.call()
        card: Card = self._state.cards[self.id]
        return card.total - card.held, card.total


class _Event:
    def __init__(self, state: State, disable_timing: bool = False) -> None:
        self._state, self.timed = state, not disable_timing
        self.time = 0.0

    def record(self, stream: streams.Stream | None = None) -> None:
        self._state.call()
        self.time = time.perf_counter()

    def synchronize(self) -> None:
        self._state.call(waits=True)


def _elapsed(begun: _Event, ended: _Event) -> float:
    if not (begun.timed and ended.timed):
        raise failures.CUDARuntimeError("cudaErrorInvalidResourceHandle: invalid resource handle")
    return 1000 * (ended.time - begun.time)


def _cuda(state: State) -> Any:
    def count() -> int:
        if state.failures.count is not None:
            raise state.failures.count
        return len(state.cards)

    def available() -> bool:  # which hides the reason
        try:
            return count() > 0
        except Exception:
            return False

    def properties(number: int) -> dict[str, Any]:
        state.call()
        return {"name": NAME.encode(), "totalGlobalMem": state.cards[number].total}

    def nvrtc_version() -> tuple[int, int]:
        if isinstance(state.failures.compile, failures.DynamicLibNotFoundError):
            raise state.failures.compile
        return 12, 9

    copies = streams.copies(state)
    return SimpleNamespace(
        is_available=available,
        Stream=partial(streams.Stream, state),
        alloc_pinned_memory=copies.alloc_pinned_memory,
        Device=partial(_Device, state),
        nccl=nccl.module(state),
        Event=partial(_Event, state),
        get_elapsed_time=_elapsed,
        runtime=SimpleNamespace(
            getDeviceCount=count,
            getDeviceProperties=properties,
            deviceGetPCIBusId=lambda number: f"0000:0{state.cards[number].place}:00.0",
            driverGetVersion=lambda: 12090,
            runtimeGetVersion=lambda: 12090,
            CUDARuntimeError=failures.CUDARuntimeError,
            memcpyAsync=copies.memcpyAsync,
            memcpyHostToDevice=streams.TO_DEVICE,
            memcpyDeviceToHost=streams.TO_HOST,
        ),
        compiler=SimpleNamespace(CompileException=failures.CompileException),
        nvrtc=SimpleNamespace(getVersion=nvrtc_version),
    )

"""cupy.RawModule and its kernels: arguments that fit the C signature to the letter, and findings in
words."""

from __future__ import annotations

import ctypes
import mmap
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from emulated_cuda import build
from emulated_cuda.arrays import ndarray, shadow_of
from emulated_cuda.failures import CompileException, CUDARuntimeError
from emulated_cuda.memory import COVERED, READ, UNIT, VALUE, WRITABLE, WRITTEN, arena
from emulated_cuda.state import FaultError, State, Traffic

MOST_THREADS = 1024  # of a block
MOST_BLOCKS = (2**31 - 1, 65535, 65535)  # of a grid
ROOM = 64  # for findings: MOST_FINDINGS of runtime.cpp
TRACED, SHUFFLED = 1, 2  # runtime.cpp
KINDS = ("", "outside of its arguments", "into an argument that is const", "of no value", "races with", "", "misaligned")  # fmt: skip
DIVERGED = 5
LETTERS = {
    "i": np.dtype(np.int32), "j": np.dtype(np.uint32), "l": np.dtype(np.int64),
    "f": np.dtype(np.float32), "d": np.dtype(np.float64), "b": np.dtype(np.bool_),
}  # fmt: skip
COMPLEX = {np.dtype(np.complex128): np.dtype(np.float64), np.dtype(np.complex64): np.dtype(np.float32)}  # fmt: skip


class _Finding(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int32) for name in ("kind", "write", "size", "place")),
        ("address", ctypes.c_uint64),
        *((name, ctypes.c_uint32) for name in ("block", "thread", "other_block", "other_thread")),
    )


class _Library(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_void_p)
        for name in ("body", "shared_begin", "shared_end", "image_begin", "image_end")
    )


class RawModule:
    """cupy.RawModule: kernels of a source, compiled at once."""

    def __init__(self, state: State, *, code: str, options: tuple[str, ...] = ()) -> None:
        if not (isinstance(options, tuple) and all(isinstance(o, str) for o in options)):
            raise TypeError("options must be a tuple of strings")
        state.call()
        if state.failures.compile is not None:
            raise state.failures.compile
        try:
            self._library = build.kernels(code)
        except build.CompilerError as error:
            raise CompileException(str(error)) from error
        self._state = state

    def get_function(self, name: str) -> RawKernel:
        """The kernel of that name."""
        if self._state.failures.load is not None:
            raise self._state.failures.load
        if not hasattr(self._library, f"emulated_call_{name}"):
            raise CUDARuntimeError("CUDA_ERROR_NOT_FOUND: named symbol not found")
        return RawKernel(self._state, self._library, name)


class RawKernel:
    """A kernel; calling it launches it."""

    def __init__(self, state: State, library: ctypes.CDLL, name: str) -> None:
        self._state, self._name = state, name
        letters = library[f"emulated_letters_{name}"]
        letters.restype = ctypes.c_char_p
        self.signature = letters().decode().split()
        body = ctypes.cast(library[f"emulated_call_{name}"], ctypes.c_void_p).value
        ends = [library[f"emulated_shared_{end}"] for end in ("begin", "end")]
        for end in ends:
            end.restype = ctypes.c_void_p
        self._library = _Library(body, *(end() for end in ends), *_image(body))
        self._launch = build.runtime().emulated_launch
        self._launch.argtypes = [
            ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p,
            ctypes.c_uint, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_int,
        ]  # fmt: skip

    def __call__(
        self,
        grid: tuple[int, ...],
        block: tuple[int, ...],
        args: tuple[Any, ...],
        shared_mem: int = 0,
    ) -> None:
        """Launches it. Raises TypeError for an argument that is not of its type, FaultError for what its
        threads do wrong."""
        if shared_mem:
            raise FaultError("the emulated device has no dynamic shared memory")
        if self._state.captured is None:
            self._run(grid, block, args)
        else:
            self._state.captured.append(partial(self._run, grid, block, args))

    def _run(self, grid: tuple[int, ...], block: tuple[int, ...], args: tuple[Any, ...]) -> None:
        state = self._state
        state.call()
        sizes = [_sizes(each) for each in (grid, block)]
        if np.prod(sizes[1]) > MOST_THREADS or any(
            g > m for g, m in zip(sizes[0], MOST_BLOCKS, strict=True)
        ):
            raise CUDARuntimeError("CUDA_ERROR_INVALID_VALUE: invalid argument")
        words = self._words(args)
        arrays = [a for a in args if isinstance(a, ndarray)]
        constant = [s.startswith("PK") for s in self.signature if s.startswith("P")]
        for array, only_read in zip(arrays, constant, strict=True):
            shadow_of(array)[...] |= COVERED if only_read else COVERED | WRITABLE
        mode = TRACED * state.traced + SHUFFLED * (state.shuffled is not None)
        found = (_Finding * ROOM)()
        state.launches += 1
        state.failures.launched()
        number = self._launch(
            ctypes.byref(self._library), words, len(args),
            *((ctypes.c_uint * 3)(*each) for each in sizes), mode,
            (state.shuffled or 0) + state.launches, found, ROOM,
        )  # fmt: skip
        if state.traced:
            state.traffic.append(_traffic(self._name, arrays))
        for array in arrays:
            shadow_of(array)[...] &= VALUE
        if number:
            of_kinds = {f.kind: self._words_of(f, args) for f in reversed(found[:number])}
            raise FaultError(
                "\n".join([f"kernel {self._name}, the first findings:", *of_kinds.values()])
            )

    def _words(self, args: tuple[Any, ...]) -> Any:
        if len(args) != len(self.signature):
            raise TypeError(f"{self._name} has {len(self.signature)} arguments, not {len(args)}")
        words = (ctypes.c_uint64 * len(args))()
        for i, (value, letters) in enumerate(zip(args, self.signature, strict=True)):
            if fault := self._misfit(value, letters):
                raise TypeError(f"argument {i} of {self._name}: {fault}")
            if isinstance(value, ndarray):
                words[i] = value.data.ptr
            else:
                words[i] = int.from_bytes(value.tobytes().ljust(8, b"\0"), "little")
        return words

    def _misfit(self, value: Any, letters: str) -> str:
        wanted = LETTERS[letters[-1]]
        if isinstance(value, ndarray):
            if not letters.startswith("P"):
                return f"a number of {wanted} is needed, not an array"
            if value.card is not self._state.card:
                return f"{value} is on another device than the kernel, {self._state.card.number}"
            given = COMPLEX.get(value.dtype, value.dtype)
            return "" if given == wanted else f"an array of {wanted} is needed, not {value.dtype}"
        if letters.startswith("P"):
            return f"an array on the device is needed, not {type(value)}"
        if isinstance(value, np.generic) and value.dtype == wanted:
            return ""
        return f"{wanted} is needed, not {getattr(value, 'dtype', type(value))}"

    def _words_of(self, f: _Finding, args: tuple[Any, ...]) -> str:
        if f.kind == DIVERGED:
            return (
                f"block {f.block}: thread {f.thread} and thread {f.other_thread} do not wait at "
                "the same barrier"
            )
        access = f"block {f.block}, thread {f.thread} {'writes' if f.write else 'reads'}"
        what = KINDS[f.kind]
        if what == "races with":
            what += f" block {f.other_block}, thread {f.other_thread}"
        return f"{access} {f.size} bytes {what}, {_place(f.address, args)}"


def _sizes(given: tuple[int, ...]) -> tuple[int, ...]:
    if not (isinstance(given, tuple) and 1 <= len(given) <= 3 and all(g > 0 for g in given)):
        raise TypeError(f"a grid or block has one to three positive sizes, not {given}")
    return tuple(int(g) for g in given) + (1,) * (3 - len(given))


def _place(address: int, args: tuple[Any, ...]) -> str:
    """The argument that an address lies in or next to."""
    near = [(abs(address - a.data.ptr), i, a) for i, a in enumerate(args) if isinstance(a, ndarray)]
    inside = [
        (0, i, a) for _, i, a in near
        if 0 <= address - a.data.ptr < a.card.allocations.get(a.data.ptr - arena().address, a.nbytes)
    ]  # fmt: skip
    if not 0 <= address - arena().address < len(arena().bytes):
        return "in shared memory or nowhere"
    _, i, a = min(inside or near)
    return f"argument {i}, element {(address - a.data.ptr) / a.itemsize:g} of {a.dtype} {a.shape}"


def _traffic(kernel: str, arrays: Sequence[ndarray]) -> Traffic:
    by_size = sorted(arrays, key=lambda a: a.nbytes)  # one may be a part of another, from its start
    fields = {a.data.ptr: a for a in by_size if a.ndim >= 3}.values()

    def touched(bit: int) -> int:
        return sum(UNIT * int(np.count_nonzero(shadow_of(a) & bit)) for a in fields)

    pieces = ctypes.c_uint64(), ctypes.c_uint64()
    build.runtime().emulated_pieces(*map(ctypes.byref, pieces))
    return Traffic(kernel, touched(READ), touched(WRITTEN), sum(p.value for p in pieces))


def _image(address: int) -> tuple[int, int]:
    """Where the library that holds an address lies in memory: its constants may be read."""
    spans = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        if match := re.match(r"([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \S+\s+(\S.*)", line):
            spans.append((int(match[1], 16), int(match[2], 16), match[3]))
    (name,) = (name for first, last, name in spans if first <= address < last)
    own = [(first, last) for first, last, of in spans if of == name]
    return min(s[0] for s in own), max(s[1] for s in own) + mmap.PAGESIZE

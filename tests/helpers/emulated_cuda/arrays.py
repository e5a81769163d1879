"""cupy.ndarray and the functions of cupy that darklat uses, on emulated memory.

It refuses what cupy refuses, and all that darklat does not need: to become a NumPy array unasked,
to be mixed with one or with an array of another device, to be indexed by more than integers and
slices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import scipy.fft

from emulated_cuda.memory import UNIT, VALUE, Allocation, Card, arena
from emulated_cuda.state import FaultError, State

Number = int | float | complex | bool | np.generic


@dataclass(frozen=True)
class MemoryPointer:
    """cupy.cuda.MemoryPointer."""

    state: State
    memory: Allocation
    ptr: int

    def __sub__(self, bytes_: int) -> MemoryPointer:
        return replace(self, ptr=self.ptr - bytes_)


class ndarray:  # noqa: N801 - cupy's name
    """Numbers on a device. `view` looks at them from the host, for the emulation alone."""

    __module__ = "cupy"
    __array_ufunc__ = None  # so that NumPy asks the operators below
    __hash__ = None
    _data: MemoryPointer | None = None

    def __init__(
        self,
        shape: Sequence[int],
        dtype: Any = float,
        memptr: MemoryPointer | None = None,
        strides: Sequence[int] | None = None,
    ) -> None:
        if memptr is None or strides is None:
            raise TypeError("the emulated device makes arrays of memory with strides")
        view, memory = np.lib.stride_tricks.as_strided, memptr.memory
        self._state, self._memory = memptr.state, memory
        begin = memptr.ptr - arena().address
        behind = begin + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
        if not memory.offset <= begin <= behind < memory.offset + memory.size:
            raise FaultError("an array that reaches beyond its memory")
        self._view = view(arena().bytes[begin:].view(dtype), shape, strides)

    # ---- What it is

    @property
    def shape(self) -> tuple[int, ...]:
        return self._view.shape

    @property
    def dtype(self) -> np.dtype:
        return self._view.dtype

    @property
    def strides(self) -> tuple[int, ...]:
        return self._view.strides

    @property
    def size(self) -> int:
        return self._view.size

    @property
    def nbytes(self) -> int:
        return self._view.nbytes

    @property
    def ndim(self) -> int:
        return self._view.ndim

    @property
    def itemsize(self) -> int:
        return self._view.itemsize

    @property
    def flags(self) -> Any:
        return SimpleNamespace(c_contiguous=self._view.flags.c_contiguous)

    @property
    def data(self) -> MemoryPointer:
        """Where it begins; known from the second time on, as cupy knows it."""
        if self._data is None:
            self._data = MemoryPointer(self._state, self._memory, self._view.ctypes.data)
        return self._data

    @property
    def device(self) -> Any:
        return SimpleNamespace(id=self.card.number)

    @property
    def card(self) -> Card:
        """The device that has it, for the emulation alone."""
        return self._memory.card

    def __len__(self) -> int:
        return len(self._view)

    def __repr__(self) -> str:
        return f"<emulated cupy array {self.dtype} {self.shape} on device {self.card.number}>"

    # ---- To the host

    def __array__(self, *args: object, **kwargs: object) -> np.ndarray:
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. "
            "Please use `.get()` to construct a NumPy array explicitly."
        )

    def get(self, out: np.ndarray | None = None) -> np.ndarray:
        values = self.values(waits=True)
        if out is None:
            return values.copy()
        if not isinstance(out, np.ndarray):
            raise TypeError(
                f"Only numpy.ndarray can be obtained from cupy.ndarray, not {type(out)}"
            )
        if out.dtype != self.dtype or out.shape != self.shape:
            raise ValueError(f"out {out.dtype} {out.shape} is not {self.dtype} {self.shape}")
        if not out.flags.c_contiguous:
            raise RuntimeError("`out` must be C-contiguous when copying to it")
        out[...] = values
        return out

    def __float__(self) -> float:
        return float(self.values(waits=True))

    def __int__(self) -> int:
        return int(self.values(waits=True))

    def __bool__(self) -> bool:
        return bool(self.values(waits=True))

    def item(self) -> Any:
        return self.values(waits=True).item()

    def values(self, *, waits: bool = False) -> np.ndarray:
        """Its numbers, for work of the current device on it. Raises FaultError where there are none."""
        self._state.call(waits=waits)
        if self.card is not self._state.card:
            raise ValueError(
                "Array device must be same as the current device: array device = "
                f"{self.card.number} while current = {self._state.card.number}"
            )
        if not np.all(_shadow(self._view) & VALUE):
            raise FaultError("a value is used that nothing has written")
        return self._view

    # ---- Parts of it

    def __getitem__(self, index: Any) -> ndarray:
        _refuse_index(index)
        part = self._view[index]
        if not isinstance(part, np.ndarray):  # one number: as cupy has it, an array without axes
            whole = index if isinstance(index, tuple) else (index,)
            part = self._view[(*whole, ...)]
        return _made(self._state, self._memory, part)

    def __setitem__(self, index: Any, value: Any) -> None:
        _refuse_index(index)
        operand = _operand(self._state, value)
        here = _made(self._state, self._memory, self._view[_with_ellipsis(index)])
        _fill(here, operand)

    def fill(self, value: Any) -> None:
        self[...] = value

    def __iter__(self) -> Iterator[ndarray]:
        return (self[i] for i in range(len(self)))

    # ---- Copies

    def astype(self, dtype: Any, copy: bool = True) -> ndarray:
        if not copy and self.dtype == np.dtype(dtype):
            return self
        return _new(self._state, self.values().astype(dtype))

    def copy(self) -> ndarray:
        return _new(self._state, np.ascontiguousarray(self.values()))

    def ravel(self) -> ndarray:
        if self._view.flags.c_contiguous:
            return _made(self._state, self._memory, self._view.reshape(-1))
        return _new(self._state, self.values().ravel())

    def transpose(self, *axes: int) -> ndarray:
        return _made(self._state, self._memory, self._view.transpose(axes))

    # ---- Arithmetic

    def mean(self, dtype: Any = None) -> ndarray:
        return _new(self._state, np.asarray(self.values().mean(dtype=dtype)))

    def __neg__(self) -> ndarray:
        return _new(self._state, -self.values())

    def __add__(self, other: Any) -> ndarray:
        return self._with(other, np.add)

    def __radd__(self, other: Any) -> ndarray:
        return self._with(other, np.add)

    def __sub__(self, other: Any) -> ndarray:
        return self._with(other, np.subtract)

    def __mul__(self, other: Any) -> ndarray:
        return self._with(other, np.multiply)

    def __rmul__(self, other: Any) -> ndarray:
        return self._with(other, np.multiply)

    def __truediv__(self, other: Any) -> ndarray:
        return self._with(other, np.divide)

    def _with(self, other: Any, of: Callable[..., np.ndarray]) -> ndarray:
        return _new(self._state, of(self.values(), _operand(self._state, other)))


def _made(state: State, memory: Allocation, view: np.ndarray) -> ndarray:
    found = ndarray.__new__(ndarray)
    found._state, found._memory, found._view = state, memory, view
    return found


def _with_ellipsis(index: Any) -> tuple[Any, ...]:
    """So that one number is an array, too."""
    index = index if isinstance(index, tuple) else (index,)
    return index if any(i is Ellipsis for i in index) else (*index, ...)


def _refuse_index(index: Any) -> None:
    for each in index if isinstance(index, tuple) else (index,):
        if not (each is Ellipsis or isinstance(each, int | np.integer | slice)):
            raise IndexError(f"the emulated device has integers and slices, not {type(each)}")


def _operand(state: State, value: Any) -> Any:
    if isinstance(value, ndarray):
        return value.values()
    if isinstance(value, Number):
        state.call()
        return value
    raise TypeError(f"Unsupported type {type(value)}")


def _shadow(view: np.ndarray) -> np.ndarray:
    """The bytes of the shadow of a view [..., units of an element], which is itself a view."""
    whole = arena()
    units = max(1, view.itemsize // UNIT)
    return np.lib.stride_tricks.as_strided(
        whole.shadow[(view.ctypes.data - whole.address) // UNIT :],
        (*view.shape, units),
        (*(s // UNIT for s in view.strides), 1),
    )


def _fill(array: ndarray, values: Any) -> None:
    if array.card is not array._state.card:
        array.values()  # says so
    array._view[...] = values
    _shadow(array._view)[...] |= VALUE


def _empty(state: State, shape: int | Sequence[int], dtype: Any) -> ndarray:
    state.call()
    dtype = np.dtype(dtype)
    if dtype.kind not in "biufc":
        raise ValueError(f"Unsupported dtype {dtype}")
    shape = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    count = int(np.prod(shape, dtype=np.int64))
    memory = Allocation(state.card, count * dtype.itemsize)
    start = memory.offset
    view = arena().bytes[start : start + count * dtype.itemsize].view(dtype).reshape(shape)
    return _made(state, memory, view)


def _new(state: State, values: np.ndarray) -> ndarray:
    made = _empty(state, values.shape, values.dtype)
    _fill(made, values)
    return made


def shadow_of(array: ndarray) -> np.ndarray:
    """See `_shadow`; for launches."""
    return _shadow(array._view)


def functions(state: State) -> dict[str, Any]:
    """The functions of the module cupy by name."""

    def zeros(shape: Any, dtype: Any = float) -> ndarray:
        return full(shape, 0, dtype)

    def full(shape: Any, fill_value: Any, dtype: Any = None) -> ndarray:
        made = _empty(state, shape, dtype if dtype is not None else np.asarray(fill_value).dtype)
        made[...] = fill_value
        return made

    def asarray(values: Any, dtype: Any = None) -> ndarray:
        if isinstance(values, ndarray):
            values.values()
            return values if dtype is None else values.astype(dtype, copy=False)
        return _new(state, np.ascontiguousarray(values, dtype=dtype).reshape(np.shape(values)))

    def ascontiguousarray(a: ndarray, dtype: Any = None) -> ndarray:
        a = a.astype(dtype, copy=False) if dtype is not None else a
        return a if a.flags.c_contiguous else a.copy()

    def asnumpy(a: Any) -> np.ndarray:
        return a.get() if isinstance(a, ndarray) else np.asarray(a)

    def roll(a: ndarray, shift: int, axis: int) -> ndarray:
        return _new(state, np.roll(a.values(), shift, axis))

    def empty(shape: Any, dtype: Any = float) -> ndarray:
        return _empty(state, shape, dtype)

    def as_strided(x: ndarray, shape: Sequence[int], strides: Sequence[int]) -> ndarray:
        return _made(state, x._memory, np.lib.stride_tricks.as_strided(x._view, shape, strides))

    def transform(of: Callable[[np.ndarray], np.ndarray], a: ndarray) -> ndarray:
        if state.failures.transform is not None:
            raise state.failures.transform
        return _new(state, of(a.values()))

    return {
        "zeros": zeros, "empty": empty, "full": full, "asarray": asarray, "roll": roll,
        "ascontiguousarray": ascontiguousarray, "asnumpy": asnumpy, "ndarray": ndarray,
        "lib": SimpleNamespace(stride_tricks=SimpleNamespace(as_strided=as_strided)),
        "fft": SimpleNamespace(**{
            of.__name__: partial(transform, of) for of in (scipy.fft.rfft, scipy.fft.fft2)
        }),
    }  # fmt: skip

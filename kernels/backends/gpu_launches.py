"""Kernels of a GPU bound to their arguments, one by one and several in a row.

A row of launches is captured as a graph when it runs for the second time, and is one launch from
then on, with the messages of ranks in it. Its real numbers lie in one array on the device. The host
fills a page-locked copy and has it copied before every run, without waiting for the run before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from darklat.kernels import blocks
from darklat.kernels.backends.exchanges import Message, batches
from darklat.kernels.backends.nccl import Communicator, Planes
from darklat.kernels.backends.sweep_order import Use, use_of
from darklat.kernels.check import address
from darklat.kernels.declare import Kernel
from darklat.kernels.layout import Layout

COPIES = 32  # of the numbers of a row, so that the host is at most so many runs ahead


class Reals:
    """Real numbers of a launch by name; calling sets some of them."""

    def __init__(self, kernel: Kernel, values: np.ndarray, places: dict[str, int]) -> None:
        self.kernel, self._values, self._places = kernel, values, places

    def __call__(self, **scalars: float) -> Reals:
        """The same launch with these real numbers from now on.

        Raises TypeError for any other argument: lengths of arrays were checked against integers.
        """
        places, values = self._places, self._values
        try:
            for name, value in scalars.items():
                values[places[name]] = value
        except KeyError:
            wrong = sorted(scalars.keys() - places.keys())
            raise TypeError(f"kernel {self.kernel.name}: {wrong} cannot be set again") from None
        return self

    def of_part(self, kernel: Kernel) -> Reals:
        """Those of a kernel that this one replaces, under their names there."""
        own = {a.name: self._places[f"{kernel.name}_{a.name}"] for a in kernel.reals}
        return Reals(kernel, self._values, own)


class GpuLaunch(Reals):
    """A kernel bound to its arguments. `values` are those of the entry point
    (registry.entry_points) by name, but the real numbers; these are `reals`."""

    def __init__(
        self, kernel: Kernel, functions: Sequence[Any], values: dict[str, Any], layout: Layout
    ) -> None:
        names = [a.name for a in kernel.reals]
        self.reals = np.array([values[name] for name in names], layout.dtype)
        super().__init__(kernel, self.reals, {name: i for i, name in enumerate(names)})
        axis = kernel.axes.index("xyz"[values["axis"]]) if "axis" in values else 0
        self.function = functions[axis]
        if kernel.launch == "items":
            self.grid: tuple[int, ...] = (int(values[kernel.arguments[0].name]),)
        else:
            self.grid = blocks.grid(kernel, layout)
        self.block = (blocks.threads_of(kernel, layout.variant),)
        types: dict[str, Any] = {"int": np.int32, "long": np.int64}
        integers = {a.name: types[a.type] for a in kernel.scalars if a.type != "real"}
        self._axis = values.get("axis")
        self.values = {
            name: integers[name](value) if name in integers else value
            for name, value in values.items()
            if name not in names and name != "axis"
        }

    def use(self, layout: Layout) -> Use:
        """The blocks of fields that it works on, by their addresses on the device."""
        addresses = {a.name: address(self.values[a.name]) for a in self.kernel.fields}
        return use_of(self.kernel, addresses, self._axis, layout)

    def begin(self, *reals: Any) -> None:
        """Launches it; reals: the array with its real numbers on the device, where it has any."""
        self.function(self.grid, self.block, (*self.values.values(), *reals))


class Exchanges:
    """The messages between ranks in a row of launches. A kernel of a GPU goes over all planes in
    memory. What it makes of planes that it should leave alone is never used: they come from a
    neighbour before somebody reads them."""

    def __init__(
        self, launches: Sequence[GpuLaunch], layout: Layout, communicator: Communicator
    ) -> None:
        found = batches([each.use(layout) for each in launches], layout.halo)
        self._communicator = communicator
        self._before = {
            batch.first: _blocks(batch.messages, layout) for batch in found if batch.messages
        }

    def before(self, launch: int) -> None:
        """Those that come before a launch, by its place in the row."""
        if launch in self._before:
            self._communicator.exchange(**self._before[launch])


def _blocks(messages: Sequence[Message], layout: Layout) -> Mapping[str, list[Planes]]:
    """The memory that an exchange sends and fills, by its names there: planes of blocks."""
    begin, end = layout.halo, layout.halo + layout.slab.planes
    below = [m for m in messages if m.side < 0]
    above = [m for m in messages if m.side > 0]

    def planes(message: Message, first: int) -> Planes:
        start = message.block + first * layout.plane * layout.itemsize
        return Planes(start, (message.last - message.first) * layout.plane, layout.dtype)

    return {
        "from_below": [planes(m, begin - m.last) for m in below],
        "to_above": [planes(m, end - m.last) for m in below],
        "from_above": [planes(m, end + m.first) for m in above],
        "to_below": [planes(m, begin + m.first) for m in above],
    }


class GpuRow:
    """Launches that run one after the other on the stream, as often as one likes. exchanges: of a
    lattice that ranks share."""

    def __init__(
        self,
        launches: Sequence[GpuLaunch],
        cupy: Any,
        stream: Any,
        exchanges: Exchanges | None = None,
    ) -> None:
        self._launches, self._cupy, self._stream = launches, cupy, stream
        self._exchanges = exchanges
        self._numbers = [each.reals for each in launches if each.reals.size]
        self._graph: Any = None
        self._runs = 0
        if not self._numbers:
            return
        count, dtype = sum(x.size for x in self._numbers), self._numbers[0].dtype
        self._on_device = cupy.empty(count, dtype)
        self._copies = list(pinned(cupy, (COPIES, count), dtype))
        self._address, self._size = self._on_device.data.ptr, self._on_device.nbytes
        self._addresses = [copy.ctypes.data for copy in self._copies]

    def run(self) -> None:
        """Copies the numbers and launches; returns before the device is done."""
        if self._numbers:
            if self._runs % COPIES == COPIES - 1:
                self._stream.synchronize()
            place, runtime = self._runs % COPIES, self._cupy.cuda.runtime
            np.concatenate(self._numbers, out=self._copies[place])
            runtime.memcpyAsync(
                self._address, self._addresses[place], self._size,
                runtime.memcpyHostToDevice, self._stream.ptr,
            )  # fmt: skip
        if self._runs == 1:
            self._stream.begin_capture()
            self._begin()
            self._graph = self._stream.end_capture()
        self._runs += 1
        if self._graph is None:
            self._begin()
        else:
            self._graph.launch(self._stream)

    def _begin(self) -> None:
        first = 0
        for place, each in enumerate(self._launches):
            if self._exchanges:
                self._exchanges.before(place)
            last = first + each.reals.size
            each.begin(*([self._on_device[first:last]] if last > first else []))
            first = last


class Arrival:
    """A page-locked array and the event behind a copy into it."""

    def __init__(self, of: Arrivals, copy: np.ndarray, event: Any) -> None:
        self._of, self.copy, self.event = of, copy, event
        self.address, self.size = copy.ctypes.data, copy.nbytes

    def end(self) -> np.ndarray:
        """Waits for the copy. What it returns is overwritten by a later one."""
        self.event.synchronize()
        self._of.free.append(self)
        return self.copy


class Arrivals:
    """Copies of arrays of one shape to the host, which run by themselves; their places are used
    again when their numbers have been taken."""

    def __init__(self, cupy: Any, stream: Any) -> None:
        self._cupy, self._stream = cupy, stream
        self.free: list[Arrival] = []

    def begin(self, array: Any) -> Arrival:
        """Begins to copy a contiguous array."""
        cuda = self._cupy.cuda
        if not self.free:
            copy = pinned(self._cupy, array.shape, array.dtype)
            self.free.append(Arrival(self, copy, cuda.Event(disable_timing=True)))
        arrival = self.free.pop()
        cuda.runtime.memcpyAsync(
            arrival.address, array.data.ptr, arrival.size, cuda.runtime.memcpyDeviceToHost,
            self._stream.ptr,
        )  # fmt: skip
        arrival.event.record(self._stream)
        return arrival


def pinned(cupy: Any, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """An array in page-locked memory of the host, between which and the device copies run by
    themselves."""
    count, dtype = int(np.prod(shape)), np.dtype(dtype)
    memory = cupy.cuda.alloc_pinned_memory(max(1, count) * dtype.itemsize)
    return np.frombuffer(memory, dtype, count).reshape(shape)

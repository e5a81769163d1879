"""The interface of a backend: arrays on a device, and kernels that run there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np

from darklat.kernels.declare import Kernel
from darklat.kernels.layout import Layout
from darklat.kernels.ranks import Ranks


class Launch(Protocol):
    """A kernel bound to its arguments; calling it sets real numbers of its next runs."""

    @property
    def kernel(self) -> Kernel:
        """Its declaration."""
        ...

    def __call__(self, **scalars: float) -> Launch:
        """The same launch with these real numbers from now on.

        Raises TypeError for any other argument: lengths of arrays were checked against integers.
        """
        ...


class Backend(Protocol):
    """A device for one lattice. name: "cpu" or "cuda". xp: the module of its arrays, numpy or cupy.
    layout: where the numbers of its fields lie. ranks: the processes that share the lattice; a
    field has the planes of this one, [planes, n, n], and n of them where there is one process.
    fused: kernels that take the places of several others (lattice/fusion.py). waits: whether `run`
    returns when the kernels have ended."""

    @property
    def name(self) -> str: ...
    @property
    def xp(self) -> Any: ...
    @property
    def layout(self) -> Layout: ...
    @property
    def ranks(self) -> Ranks: ...
    @property
    def waits(self) -> bool: ...
    @property
    def fused(self) -> Sequence[Kernel]: ...

    def describe(self) -> str:
        """The device in words."""
        ...

    def working(self) -> AbstractContextManager[None]:
        """Inside, this thread may work on the arrays with the operators of `xp`, and a failure of
        the device is a MachineError. The methods of a backend need no such context."""
        ...

    def field(self, kind: str) -> Any:
        """A new field of zeros, of a kind of `declare.FieldArgument`."""
        ...

    def array(self, values: np.ndarray) -> Any:
        """A contiguous array on the device with these values."""
        ...

    def fetch(self, array: Any) -> Callable[[], np.ndarray]:
        """Begins to copy a contiguous array to the host as it is now; calling the result waits for
        the copy and returns it."""
        ...

    def to_host(self, array: Any) -> np.ndarray:
        """A contiguous copy on the host."""
        ...

    def partial(self, quantities: int) -> Any:
        """Room for the partial sums of a kernel with that many sums."""
        ...

    def partials_per_plane(self) -> int:
        """Parts in which a kernel leaves the sum over one plane."""
        ...

    def bind(self, name: str, **values: Any) -> Launch:
        """A kernel with its arguments but n and stride, which the layout gives, for `run`.

        Raises TypeError when an argument does not fit its declaration.
        """
        ...

    def run(self, launches: Sequence[Any], *, follows: bool = False) -> None:
        """Runs launches of this backend as if one after the other.

        follows: these are the launches that ran last, with others behind them or not, and nothing
        has written to their fields since.
        """
        ...

    def launch(self, name: str, **values: Any) -> None:
        """Binds a kernel and runs it once.

        Raises TypeError when an argument does not fit its declaration.
        """
        ...

    def rfftn(self, field: Any) -> Any:
        """Transform of one block of sites over the half space in float64, contiguous [n, n, own
        k_z]. Of one process the own k_z are all n/2 + 1 (fourier.py)."""
        ...

    def memory_available(self) -> int:
        """Bytes that could be allocated now."""
        ...

    def memory_used(self) -> int:
        """Bytes in use."""
        ...

    def seconds(self, action: Callable[[], Any]) -> float:
        """Time that the device takes for `action`."""
        ...

    def synchronize(self) -> None:
        """Waits until the device has done all that it was told."""
        ...

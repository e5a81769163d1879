"""Small helpers between host arrays and the fields of a backend."""

from __future__ import annotations

from typing import Any

import numpy as np

from darklat.kernels import registry
from darklat.kernels.backends import Backend


def to_field(backend: Backend, values: np.ndarray) -> Any:
    """A site field from [n, n, n], a link field from [fields, 3, n, n, n]."""
    field = backend.field("site" if values.ndim == 3 else "link")
    field[...] = backend.xp.asarray(values)
    return field


def launch(backend: Backend, name: str, **values: Any) -> dict[str, np.ndarray]:
    """Runs a kernel of the registry.

    Returns what it wrote, on the host; what it only reads must come back unchanged.
    """
    kernel = registry.KERNELS[name]
    in_memory = (*kernel.fields, *kernel.arrays)
    read_only = {a.name: backend.to_host(values[a.name]) for a in in_memory if a.access == "in"}
    backend.launch(name, **values)
    backend.synchronize()
    for argument, before in read_only.items():
        np.testing.assert_array_equal(
            backend.to_host(values[argument]), before, err_msg=f"{name} {argument}"
        )
    return {a.name: backend.to_host(values[a.name]) for a in in_memory if a.access != "in"}


def room_for_sums(backend: Backend, kernel: str) -> Any:
    """The array `partial` of a kernel."""
    return backend.partial(registry.KERNELS[kernel].sums.number(backend.layout.variant))


def fold(backend: Backend, partial: Any) -> np.ndarray:
    """The sums over the lattice whose parts a kernel left in `partial`."""
    length = backend.layout.n * backend.partials_per_plane()
    return fold_parts(backend, partial, partial.size // length)


def fold_parts(backend: Backend, partial: Any, quantities: int) -> np.ndarray:
    """The sums of as many lists of parts of one length, one list after the other."""
    length = partial.size // quantities
    out = backend.array(np.full(quantities, np.nan))
    return launch(backend, "fold", items=quantities, length=length, partial=partial, out=out)["out"]

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
    """Runs a kernel of the registry, adding n and stride where it takes them.

    Returns what it wrote, on the host; what it only reads must come back unchanged.
    """
    kernel = registry.KERNELS[name]
    names = {a.name for a in kernel.arguments}
    grid = {"n": backend.layout.n, "stride": backend.layout.stride}
    values = {k: v for k, v in grid.items() if k in names} | values
    read_only = {
        a.name: backend.to_host(values[a.name]) for a in kernel.arguments if a.access == "in"
    }
    backend.launch(name, **values)
    backend.synchronize()
    for argument, before in read_only.items():
        np.testing.assert_array_equal(
            backend.to_host(values[argument]), before, err_msg=f"{name} {argument}"
        )
    return {
        a.name: backend.to_host(values[a.name])
        for a in kernel.arguments
        if a.access in ("out", "inout")
    }


def fold(backend: Backend, partial: Any, quantities: int) -> np.ndarray:
    """The sums over the lattice whose parts a kernel left in `partial`."""
    length = partial.size // quantities
    out = backend.array(np.full(quantities, np.nan))
    return launch(backend, "fold", items=quantities, length=length, partial=partial, out=out)["out"]

"""Whether the arguments of a call fit the declaration of its kernel: a kernel trusts them."""

from __future__ import annotations

from typing import Any

import numpy as np

from darklat.kernels.declare import REAL, ArrayArgument, Call, FieldArgument, Kernel, ScalarArgument
from darklat.kernels.layout import Layout


def ordered(
    kernel: Kernel,
    values: dict[str, Any],
    layout: Layout,
    *,
    parts_of_plane: int,
    array_type: type[Any],
) -> list[Any]:
    """`values` in the order of the C signature, with the sizes n and stride of the layout.

    parts_of_plane: parts in which the backend leaves the sum over one plane. Raises TypeError when
    the variant has no such kernel, and when an argument is missing, unknown or on the wrong device.
    It also does so for an array of the wrong dtype, shape, strides or length.
    """
    if not kernel.source.needed(layout.variant):
        raise TypeError(f"kernel {kernel.name}: {layout.variant} has none")
    sizes = {"n": layout.n, "stride": layout.stride}
    names = [a.name for a in kernel.arguments]
    wanted = set(names) - set(sizes)
    if set(values) != wanted:
        missing, unknown = wanted - set(values), set(values) - wanted
        raise TypeError(
            f"kernel {kernel.name}: missing {sorted(missing)}, unknown {sorted(unknown)}"
        )
    scalars = {a.name: values[a.name] for a in kernel.scalars if a.name in wanted}
    call = Call(layout, sizes | scalars, parts_of_plane)
    for a in kernel.arguments:
        if isinstance(a, ScalarArgument):
            continue
        value = values[a.name]
        if not isinstance(value, array_type):
            raise TypeError(
                f"kernel {kernel.name}, {a.name}: a {array_type.__module__} array is needed, "
                f"not {type(value)}"
            )
        fault = (
            _field_fault(a, value, layout)
            if isinstance(a, FieldArgument)
            else _fault(a, value, call)
        )
        if fault:
            raise TypeError(f"kernel {kernel.name}, {a.name}: {fault}")
    if fault := _overlap(kernel, values, layout):
        raise TypeError(f"kernel {kernel.name}, {fault}")
    return [(sizes | values)[name] for name in names]


def address(array: Any) -> int:
    """Where an array begins, on the host or on a device."""
    return int(array.ctypes.data if isinstance(array, np.ndarray) else array.data.ptr)


def _overlap(kernel: Kernel, values: dict[str, Any], layout: Layout) -> str:
    """Which arguments lead to the same numbers although the kernel writes them through one: a
    compiler takes it that none do."""
    found: dict[int, FieldArgument] = {}
    for f in kernel.fields:
        for block in f.blocks(layout, values.get("axis")):
            here = address(values[f.name]) + layout.itemsize * block
            other = found.setdefault(here, f)
            if other is not f and (f.access, other.access) != ("in", "in"):
                return f"{other.name} and {f.name}: it writes components that it takes twice"
    return ""


def _field_fault(a: FieldArgument, value: Any, layout: Layout) -> str:
    shape, dtype = layout.shape(a.kind), layout.dtype
    strides = layout.strides(a.kind, dtype.itemsize)
    if value.shape == shape and value.dtype == dtype and value.strides == strides:
        return ""
    return (
        f"{dtype} {shape} with strides {strides} is needed, "
        f"not {value.dtype} {value.shape} with strides {value.strides}"
    )


def _fault(a: ArrayArgument, value: Any, call: Call) -> str:
    dtype = call.layout.dtype if a.dtype == REAL else np.dtype(a.dtype)
    if value.dtype != dtype or not value.flags.c_contiguous:
        return (
            f"contiguous {dtype} is needed, "
            f"not {value.dtype} {value.shape} with strides {value.strides}"
        )
    length = a.length(call)
    return "" if value.size == length else f"a length of {length} is needed, not {value.size}"

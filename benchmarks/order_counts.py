"""Counts the work of a step at orders 2, 4 and 6 of the differences, without a clock.

    python benchmarks/order_counts.py

For ALP + X and `strang`, per site and open step: bytes through memory, each field of each kernel
once; and floating-point operations and loads of the code that NVRTC makes of the kernels. The
processor compiles the same sources. A product that is added at once counts as two operations.
Loads are all numbers that kernels read at a site and around it.
"""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Callable

import numpy as np

from darklat.driver.bench import random_lattice
from darklat.errors import MachineError
from darklat.kernels import registry
from darklat.kernels.backends import make, nvrtc
from darklat.kernels.layout import Variant
from darklat.lattice import traffic
from darklat.lattice.integrators import INTEGRATORS
from darklat.physics.staggered import ORDERS

SITES = 8  # of the lattice that the passes are bound to; nothing runs on it
OPERATIONS = re.compile(r"\b(add|sub|mul|div|fma|neg|abs)\.(?:rn\.)?f64")
LOADS = re.compile(r"\bld\.global(?:\.nc)?\.(v2\.)?f64")


def intermediate_code(source: str) -> str:
    """The PTX of `source`. Raises MachineError when the compiler fails."""
    library, program = ctypes.CDLL(str(nvrtc.library())), ctypes.c_void_p()
    library.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"kernels.cu", 0, None, None)
    options = [b"-arch=compute_90", b"-std=c++17", b"--device-as-default-execution-space"]
    if library.nvrtcCompileProgram(program, 3, (ctypes.c_char_p * 3)(*options)):
        raise MachineError("NVRTC failed: `pytest tests/kernels/test_compile.py` has its log")
    size = ctypes.c_size_t()
    library.nvrtcGetPTXSize(program, ctypes.byref(size))
    text = ctypes.create_string_buffer(size.value)
    library.nvrtcGetPTX(program, text)
    return text.value.decode()


def of_entries(variant: Variant) -> dict[str, tuple[int, int]]:
    """Operations and loads a site of every entry point."""
    found = {}
    for part in intermediate_code(registry.source(variant)).split(".entry ")[1:]:
        kinds = Counter(OPERATIONS.findall(part))
        loads = sum(1 + bool(two) for two in LOADS.findall(part))
        found[re.findall(r"\w+", part)[0]] = (kinds.total() + kinds["fma"], loads)
    return found


def counted(order: int) -> dict[str, np.ndarray]:
    """By kernel: its passes in a step; bytes, operations and loads of all of them together."""
    backend = make("cpu", n=SITES, variant=Variant(1, order=order))
    entries, found = of_entries(backend.layout.variant), {}
    for p in INTEGRATORS["strang"].on(random_lattice(backend)).passes:
        name = p.kernel if p.axis is None else f"{p.kernel}_{'xyz'[p.axis]}"
        numbers = (1, traffic.bytes_per_site([p], backend.layout), *entries[name])
        found[p.kernel] = found.get(p.kernel, 0) + np.array(numbers)
    return found


def main(print_line: Callable[[str], None] = print) -> None:
    """Prints a table for every order."""
    first = None
    for order in ORDERS:
        found = counted(order)
        print_line(
            f"\n| order {order} | passes | bytes | operations | loads |\n|---|---|---|---|---|"
        )
        for name, numbers in found.items():
            print_line(f"| `{name}` | {' | '.join(map(str, numbers))} |")
        total = sum(found.values())
        first = total if first is None else first
        shares = (f"{x} ({x / of:.2f})" for x, of in zip(total, first, strict=True))
        print_line(f"| a step, and over order {ORDERS[0]} | {' | '.join(shares)} |")


if __name__ == "__main__":
    main()

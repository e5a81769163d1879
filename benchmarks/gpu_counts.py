"""Counts what a step of a GPU moves and launches, without a GPU.

    python benchmarks/gpu_counts.py
    python benchmarks/gpu_counts.py --registers

For every model the bytes per site and step that its kernels move through memory, each field of each
launch once, and the launches of an open and of a closed step: kernel by kernel, and fused. With
--registers, what the compiler says of every kernel for sm_90: registers a thread, bytes of shared
memory, and the share of a multiprocessor's threads that its blocks can fill. No time is measured.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from darklat.driver.bench import lattice_of
from darklat.kernels import blocks, registry
from darklat.kernels.backends import nvrtc
from darklat.kernels.backends.cpu import CpuBackend
from darklat.kernels.declare import Kernel
from darklat.kernels.layout import Layout, Variant
from darklat.lattice import traffic
from darklat.lattice.integrators.strang import Leapfrogs

MODELS = {
    "ALP + X": Variant(1),
    "ALP + two fields": Variant(2),
    "ALP + X + conducting A": Variant(2, conducting=True, back_reacting=False, self_coupled=False),
    "the same, A felt": Variant(2, conducting=True, self_coupled=False),
    "ALP + massive X": Variant(1, massive=1),
}
ORDERS = (2, 4, 6)
REGISTERS, SHARED_MEMORY, MOST_THREADS = 65536, 227 * 1024, 2048  # of a multiprocessor of sm_90
OF_A_BLOCK = 1024  # bytes of shared memory that the system takes for every block
WARP = 32


class _Launch:
    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    def __call__(self, **scalars: float) -> _Launch:
        return self

    def of_part(self, kernel: Kernel) -> _Launch:
        return _Launch(kernel)


class Counting(CpuBackend):
    """The layout of a GPU and its fused kernels; it launches nothing."""

    def __init__(self, *, variant: Variant, fused: bool) -> None:
        self.layout = Layout(8, variant)
        self._allocated = 0
        names = registry.names(variant, fused=fused)
        kernels = (registry.KERNELS[name] for name in names)
        self.fused = tuple(kernel for kernel in kernels if kernel.replaces)

    def bind(self, name: str, **values: Any) -> Any:
        """A launch that never is."""
        return _Launch(registry.KERNELS[name])

    def run(self, launches: Any, *, follows: bool = False) -> None:
        """Nothing."""


def counted(variant: Variant, *, fused: bool) -> tuple[int, int, int]:
    """Bytes per site and open step, and launches of an open and of a closed step; the sums over
    planes are one of them."""
    backend: Any = Counting(variant=variant, fused=fused)
    lattice = lattice_of(backend)
    stepper = Leapfrogs(lattice, [sector.share() for sector in lattice.sectors])
    every = len(stepper.passes) + len(stepper.closing)
    moved = traffic.bytes_per_site(stepper.passes, backend.layout)
    return moved, len(stepper.passes) + 1, every + 1


def registers(variant: Variant) -> dict[str, tuple[int, int, float]]:
    """Of every kernel: registers a thread, bytes of shared memory, and the share of the threads of
    a multiprocessor."""
    _, log = nvrtc.compile_verbose(registry.source(variant))
    texts = {
        re.findall(r"'(\w+)'", text)[0]: text for text in log.split("Compiling entry function")[1:]
    }
    found = {}
    for kernel in (registry.KERNELS[name] for name in registry.names(variant)):
        threads = blocks.threads_of(kernel, variant)
        for entry in registry.entry_names(kernel):
            used = int(re.findall(r"Used (\d+) registers", texts[entry])[0])
            shared = int((re.findall(r"(\d+) bytes smem", texts[entry]) or ["0"])[0])
            found[entry] = (used, shared, occupancy(used, shared, threads))
    return found


def occupancy(registers: int, shared: int, threads: int) -> float:
    """Share of the threads of a multiprocessor that blocks of a kernel can fill. Warps have
    registers by eights a thread."""
    warps = -(-threads // WARP)
    rooms = (
        REGISTERS // (-(-registers // 8) * 8 * WARP * warps),
        SHARED_MEMORY // (shared + OF_A_BLOCK),
        MOST_THREADS // (WARP * warps),
    )
    return min(rooms) * WARP * warps / MOST_THREADS


def main(print_line: Callable[[str], None] = print) -> None:
    """Prints the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--registers", action="store_true", help="ask the compiler, too")
    wanted = options.parse_args()
    print_line("| model | bytes per site and step, one by one | fused | ratio | launches | fused |")
    print_line("|---|---|---|---|---|---|")
    for name, of_order in MODELS.items():
        for order in ORDERS:
            variant = replace(of_order, order=order)
            alone, fused = (counted(variant, fused=choice) for choice in (False, True))
            launches = [f"{each[1]} to {each[2]}" for each in (alone, fused)]
            print_line(
                f"| {name}, order {order} | {alone[0]} | {fused[0]} | {fused[0] / alone[0]:.2f} | "
                f"{launches[0]} | {launches[1]} |"
            )
    for order in ORDERS if wanted.registers else ():
        kernel = f"kernel of ALP + X, order {order}"
        print_line(f"\n| {kernel} | registers | shared memory | occupancy |")
        print_line("|---|---|---|---|")
        for entry, (used, shared, share) in registers(Variant(1, order=order)).items():
            print_line(f"| {entry} | {used} | {np.round(shared / 1000, 1)} kB | {share:.0%} |")


if __name__ == "__main__":
    main()

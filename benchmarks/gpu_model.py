"""A model, not a measurement, of a step of a large lattice on many GPUs.

    python benchmarks/gpu_model.py
    python benchmarks/gpu_model.py --memory 8000 --link 450 --latency 10

From the declarations come the bytes that the kernels of a step move, one by one, the planes of
neighbours, the exchanges and the bytes sent, at every order of the differences. Assumed are the
bandwidth of a GPU's memory and the share of it that kernels reach, the bandwidth between two GPUs,
and the time that an exchange takes by itself. A step is the sum of its kernels, over the planes of
neighbours too, of its messages, and of its exchanges: none of them overlaps with another.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from darklat.driver import bench, shares
from darklat.kernels.backends.cpu import CpuBackend
from darklat.kernels.backends.exchanges import batches
from darklat.lattice import plan, traffic
from darklat.schema import Config, loads
from darklat.schema.run import LEAST_SITES

LATTICES = ((512, 8), (1024, 64))  # sites of an axis, GPUs
CONFIG = """
name: model
model: {alp: {mass_eV: 1e-17, f_GeV: 1e16}, fields: {X: {role: dark}}, couplings: {XX: 100}}
lattice: {sites: %d, box: 0.5, order: %d}
time: {a_end: 8}
"""


def config(sites: int, order: int) -> Config:
    """Of an ALP and a dark photon."""
    return loads(CONFIG % (sites, order), source="benchmarks/gpu_model.py", base=Path("."))


def counted(of: Config, halo: int) -> tuple[int, int]:
    """Of an open step: the bytes per site that its kernels move, and its exchanges."""
    backend = CpuBackend(n=LEAST_SITES, variant=plan.variant(of))
    passes = plan.scheme(of).on(bench.lattice_of(backend)).passes
    found = batches([p.launch.use(backend.layout) for p in passes], halo)
    moved = traffic.bytes_per_site(passes, backend.layout)
    return moved, sum(bool(batch.messages) for batch in found)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory", type=float, default=3000, help="GB/s of a GPU's memory")
    parser.add_argument("--reached", type=float, default=0.8, help="the share that kernels reach")
    parser.add_argument("--link", type=float, default=50, help="GB/s that a GPU sends")
    parser.add_argument("--latency", type=float, default=30, help="us of an exchange")
    given = parser.parse_args()
    print(
        f"assumed: {given.reached:.0%} of {given.memory:g} GB/s, {given.link:g} GB/s between GPUs, "
        f"{given.latency:g} us an exchange"
    )
    print(
        "| sites, GPUs | order | planes of each, of neighbours | GiB each | B/site | "
        "exchanges, MB sent | ms: kernels | messages | exchanges | step | one GPU over all |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for sites, gpus in LATTICES:
        for order in (2, 4, 6):
            of = config(sites, order)
            share = shares.of(of, gpus, "cuda")
            moved, exchanges = counted(of, share.halo)
            planes = math.ceil(sites / gpus)
            bandwidth = given.reached * given.memory * 1e6  # bytes per ms
            alone = moved * sites**3 / bandwidth
            kernels = moved * (planes + 2 * share.halo) * sites**2 / bandwidth
            messages = share.sent / (given.link * 1e6)
            waiting = exchanges * given.latency / 1e3
            step = kernels + messages + waiting
            print(
                f"| {sites}^3, {gpus} | {order} | {planes}, {2 * share.halo} | "
                f"{share.memory / 2**30:.1f} | {moved} | {exchanges}, {share.sent / 1e6:.0f} | "
                f"{kernels:.1f} | {messages:.1f} | {waiting:.1f} | {step:.1f} | "
                f"{alone / step / gpus:.0%} |"
            )


if __name__ == "__main__":
    main()

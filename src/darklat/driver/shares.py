"""What each of several ranks has to keep, send and do of one lattice."""

from __future__ import annotations

from dataclasses import dataclass

from darklat.driver import bench
from darklat.kernels.backends.cpu import CpuBackend
from darklat.kernels.backends.exchanges import halo_of
from darklat.kernels.layout import Layout
from darklat.kernels.ranks import slabs
from darklat.lattice import plan, traffic
from darklat.physics.numerals import size
from darklat.schema import Config
from darklat.schema.run import LEAST_SITES

THIN = 4
"""A slab of fewer planes than so many times those that it keeps of a neighbour is thin."""


@dataclass(frozen=True)
class NeedsOfRank:
    """Of `ranks` ranks with `fewest` to `most` planes each: the planes `halo` that one keeps of
    each neighbour, the bytes of memory of one, and those that it sends in a step."""

    ranks: int
    fewest: int
    most: int
    halo: int
    memory: int
    sent: int

    def lines(self) -> list[str]:
        """For `darklat validate`."""
        planes = f"{self.most}" if self.most == self.fewest else f"{self.fewest} or {self.most}"
        return [
            f"ranks      {self.ranks} with {planes} planes each, and {self.halo} of each neighbour",
            f"           {size(self.memory)} of memory, {size(self.sent)} sent in a step, by each",
        ]

    def warnings(self) -> list[str]:
        """Where slabs are thin."""
        if self.ranks == 1 or self.fewest >= THIN * self.halo:
            return []
        n = self.fewest * self.ranks
        return [
            f"{self.ranks} ranks: slabs of {self.fewest} planes are thin beside the {self.halo} "
            "planes that each keeps of both neighbours, so that much work is done twice. "
            f"{max(1, n // (THIN * self.halo))} ranks or fewer do without"
        ]


def of(config: Config, ranks: int, backend: str = "cpu") -> NeedsOfRank:
    """The share of a rank of a run on processors, or on GPUs where the backend is "cuda". Raises
    MachineError for more ranks than can share the lattice."""
    n, variant, on_gpu = config.lattice.sites, plan.variant(config), backend == "cuda"
    halo = halo_of(n, variant, ranks, backend=backend)
    probe = CpuBackend(n=LEAST_SITES, variant=variant)
    stepper = plan.scheme(config).on(bench.lattice_of(probe))
    plane = Layout(n, variant, 0 if on_gpu else variant.ghosts)
    sent = traffic.planes_sent(stepper.passes, probe.layout, halo=halo) * plane.plane
    planes = [slab.planes for slab in slabs(n, ranks)]
    memory = plan.memory_bytes(config, on_gpu=on_gpu, ranks=ranks)
    return NeedsOfRank(ranks, planes[-1], planes[0], halo, memory, sent * plane.itemsize)

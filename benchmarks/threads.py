"""How far a step falls apart on many cores, by threads and by ranks: counted, not timed.

    python benchmarks/threads.py --sites 128
    python benchmarks/threads.py --sites 512 --photon --cores 64

A thread owns sites/threads rows. Kernels stay together in a sweep (sweep.cpp) as long as their
distances leave it rows that need none of its neighbours'. Ranks cut a step into batches
(exchanges.py). First come threads of one process, then all ways to give the cores to ranks and
threads. For each the script prints the sweeps of a step, the most kernels in one of them, and the
bytes per site that they move: every component that a sweep touches comes in and goes out once, and
so do the planes of neighbours. The share of the rows at borders between threads waits for a
barrier. `sent` are the bytes that go to other ranks.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from darklat.driver.bench import lattice_of
from darklat.kernels.backends.cpu import CpuBackend
from darklat.kernels.backends.exchanges import NONE, Batch, batches
from darklat.kernels.backends.sweep_order import Use, offsets
from darklat.kernels.layout import Layout, Variant
from darklat.lattice import traffic
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.passes import Pass

COUNTS = (1, 2, 4, 8, 16, 32, 64, 128)
DEPTHS = range(1, 9)
WITH_PHOTON = Variant(2, conducting=True, back_reacting=False, self_coupled=False)


class Step:
    """The kernels of an open step with their declarations."""

    def __init__(self, variant: Variant) -> None:
        backend = CpuBackend(n=8, variant=variant)  # distances do not depend on n
        stepper: Any = INTEGRATORS["strang"].on(lattice_of(backend))
        self.passes: Sequence[Pass] = stepper.passes
        self.layout: Layout = backend.layout
        self.uses: list[Use] = [p.launch.use(self.layout) for p in self.passes]

    def together(self, first: int, end: int, rows: int) -> tuple[int, float]:
        """Up to which launch a thread with so many rows sweeps at once (`together` of sweep.cpp),
        and the rows at its borders, summed over these launches."""
        away, borders, last = 0, 0.0, first
        for (_, behind), (_, ahead) in offsets(self.uses[first:end]):
            if away + behind + ahead > rows and last > first:
                break
            away, last = away + behind + ahead, last + 1
            borders += min(away, rows)
        return last, borders

    def counted(self, found: Sequence[Batch], planes: int, rows: int) -> str:
        """Of batches on so many planes, and threads with so many rows each."""
        sweeps, longest, borders, moved, sent = 0, 0, 0.0, 0.0, 0
        for batch in found:
            first = batch.first
            while first < batch.last:
                last, at_borders = self.together(first, batch.last, rows)
                own = self.passes[first:last]
                work = batch.work[first - batch.first : last - batch.first]
                repeated = sum(below + above for below, above in work) / len(work)
                bytes_per_site = traffic.least_bytes_per_site(own, self.layout, visits=1)
                moved += bytes_per_site * (1 + repeated / planes)
                sweeps, longest = sweeps + 1, max(longest, last - first)
                borders, first = borders + at_borders, last
            sent += sum(m.last - m.first for m in batch.messages)
        return (
            f"{sweeps} sweeps, at most {longest} kernels, {moved:.0f} B/site, "
            f"{borders / rows / len(self.passes):.0%} of rows at borders, "
            f"{self.layout.itemsize * sent / planes:.0f} B/site sent"
        )

    def alone(self) -> list[Batch]:
        """Of a process without neighbours."""
        return [Batch(0, len(self.uses), (), (NONE,) * len(self.uses))]


def main() -> None:
    """Counts and prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sites", type=int, default=128)
    parser.add_argument("--photon", action="store_true", help="as in the paper")
    parser.add_argument("--cores", type=int, default=64)
    options = parser.parse_args()
    n, step = options.sites, Step(WITH_PHOTON if options.photon else Variant(1))
    print(f"{n}^3, {len(step.passes)} kernels")
    for threads in (t for t in COUNTS if t <= n):
        print(f"{threads} threads: {step.counted(step.alone(), n, n // threads)}")
    for ranks in (r for r in COUNTS[1:] if r <= options.cores and r <= n):
        threads = options.cores // ranks
        for depth in (d for d in DEPTHS if 4 * d <= n // ranks or d == 1):
            found = batches(step.uses, depth)
            print(
                f"{ranks} ranks of {threads} threads, depth {depth}: "
                f"{step.counted(found, n // ranks, n // threads)}"
            )


if __name__ == "__main__":
    main()

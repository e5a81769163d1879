"""What it costs to share a lattice: the time of a step and the bytes sent, against the depth of the
halo, and against one process with as many threads.

    mpirun --bind-to none -n 2 python benchmarks/ranks.py --sites 128 --depths 1 2 3 4 7
    python benchmarks/ranks.py --photon --slabs 2

Every rank has one thread. All depths, and the lattice of one process, take turns, so that their
ratios are from one run. Of each the least and the median time of an open step are printed.

Without mpirun it is the first of `--slabs` ranks, whose neighbours are itself: its messages are
copies in memory. The times are then those of the processor for its share of the sites, which other
work on the machine disturbs less, and one process has one thread.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from darklat.driver.bench import lattice_of, step
from darklat.kernels.backends.cpu import CpuBackend
from darklat.kernels.layout import Variant
from darklat.kernels.ranks import ALONE, Alone, Ranks, Slab, of_launcher, slabs
from darklat.lattice.integrators import INTEGRATORS

ROUNDS, STEPS = 9, 2
WITH_PHOTON = Variant(2, conducting=True, back_reacting=False, self_coupled=False)


class OneOf(Alone):
    """The first of `number` ranks, with itself for neighbours."""

    def __init__(self, number: int) -> None:
        self._number = number

    def slab(self, n: int) -> Slab:
        """A share of the planes."""
        return slabs(n, self._number)[0]


class Counted:
    """Counts the exchanges of ranks and the bytes that this one sends."""

    def __init__(self, ranks: Ranks) -> None:
        self._exchange = ranks.exchange
        ranks.exchange = self.exchange  # type: ignore[method-assign]
        self.number = self.sent = 0

    def exchange(self, **blocks: Any) -> None:
        """As `Ranks.exchange`."""
        self.number += 1
        self.sent += sum(b.nbytes for b in (*blocks["to_below"], *blocks["to_above"]))
        self._exchange(**blocks)


def stepper(sites: int, variant: Variant, ranks: Ranks, halo: int, threads: int) -> Any:
    """Of a lattice of random fields."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    backend = CpuBackend(n=sites, variant=variant, ranks=ranks, halo=halo)
    lattice = lattice_of(backend)
    random = np.random.default_rng(ranks.rank)
    for field in (lattice.theta, lattice.pi, *lattice.X, *lattice.D):
        field[...] = random.normal(scale=1e-3, size=field.shape)
    return INTEGRATORS["strang"].on(lattice)


def timed(work: Callable[[], None], clock: Callable[[], float]) -> float:
    """Seconds of a step."""
    begun = clock()
    for _ in range(STEPS):
        work()
    return (clock() - begun) / STEPS


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sites", type=int, default=128)
    parser.add_argument("--photon", action="store_true", help="as in the paper")
    parser.add_argument("--depths", type=int, nargs="+", default=[1, 2, 3, 4, 7])
    parser.add_argument("--slabs", type=int, default=2, help="without mpirun")
    options = parser.parse_args()
    variant = WITH_PHOTON if options.photon else Variant(1)
    started = of_launcher()
    itself = started is ALONE
    ranks = OneOf(options.slabs) if itself else started
    clock = time.process_time if itself else time.perf_counter
    counted = Counted(ranks)
    shared = {d: stepper(options.sites, variant, ranks, d, 1) for d in options.depths}
    alone = stepper(options.sites, variant, ALONE, 0, ranks.size) if ranks.rank == 0 else None

    sent = {}
    for depth, each in shared.items():
        step(each)
        counted.number = counted.sent = 0
        step(each)
        sent[depth] = counted.number, counted.sent
    times: dict[int, list[float]] = {depth: [] for depth in (0, *shared)}
    if alone is not None:
        times[0].append(timed(lambda: step(alone), clock))
    for _ in range(ROUNDS):
        for depth, each in shared.items():
            ranks.gather(None)
            times[depth].append(max(ranks.gather(timed(lambda own=each: step(own), clock))))
        lasts = ranks.broadcast(times[0][-1] if alone is not None else 0.0)
        if alone is not None:
            times[0].append(timed(lambda: step(alone), clock))
        else:  # asleep meanwhile: a rank that waits in MPI takes a processor
            time.sleep(1.5 * STEPS * lasts)
    if ranks.rank > 0:
        return
    share = options.slabs if itself else 1  # of the time of one process
    of = f"one of {options.slabs} slabs" if itself else f"{ranks.size} ranks"
    print(f"{options.sites}^3, {of}: ms of a step (least, median), bytes that a rank sends")
    least, median = min(times[0]) / share, np.median(times[0]) / share
    print(f"one process, its share: {1e3 * least:.1f} {1e3 * median:.1f}")
    for depth, (number, sent_bytes) in sent.items():
        own = times[depth]
        print(
            f"depth {depth}: {1e3 * min(own):.1f} {1e3 * np.median(own):.1f}, "
            f"{min(own) / least:.2f} {np.median(own) / median:.2f} times as long; "
            f"{number} exchanges, {sent_bytes / 1e6:.1f} MB"
        )


if __name__ == "__main__":
    main()

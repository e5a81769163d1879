"""r, epsilon and b of the benchmark (configs/choi2018_fig1.yaml) against the lattice spacing, for
every order of the differences, with the work of each.

    python benchmarks/orders.py --box 0.5 --sites 16 32 64 --until 8

Every row is a run of its own: right-hand sides times sites, and seconds of steps on this machine.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import darklat
from darklat.kernels.backends import make
from darklat.lattice import plan
from darklat.lattice.evolution import Evolution
from darklat.lattice.integrators import INTEGRATORS

HEADER = "{:>6}{:>7}{:>7}{:>9}{:>6}{:>10}{:>10}{:>12}{:>12}{:>9}{:>8}".format(
    "order", "sites", "box", "1/dx", "seed", "r", "epsilon", "b", "at cutoff", "work", "s"
)


@dataclass(frozen=True)
class Row:
    """One run at its last step; work: sites times right-hand sides."""

    order: int
    sites: int
    box: float
    seed: int
    r: float
    epsilon: float
    b: float
    power_at_cutoff: float
    work: float
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.order:6}{self.sites:7}{self.box:7g}{self.sites / self.box:9g}{self.seed:6}"
            f"{self.r:10.4f}{self.epsilon:10.4f}{self.b:12.3e}{self.power_at_cutoff:12.2e}"
            f"{self.work:9.1e}{self.seconds:8.1f}"
        )


def measured(options: argparse.Namespace, order: int, sites: int, seed: int) -> Row:
    """The run with this order, lattice and seed."""
    overrides = {
        "lattice.order": order, "lattice.sites": sites, "lattice.box": options.box,
        "lattice.precision": options.precision, "initial.seed": seed,
        "initial.linear_until": options.linear_until, "time.a_end": options.until,
        "time.courant": options.courant, "output.snapshots": [],
    }  # fmt: skip
    config = darklat.load("choi2018_fig1", overrides)
    evolution = Evolution(config, make("cpu", n=sites, variant=plan.variant(config)))
    evolution.start()
    begun = time.perf_counter()
    while evolution.done < evolution.clock.steps:
        evolution.step()
        if evolution.closed:
            evolution.record()
    seconds, row = time.perf_counter() - begun, evolution.row()
    rhs = INTEGRATORS[config.time.scheme].rhs_per_step * evolution.clock.steps
    return Row(
        order, sites, options.box, seed, row["r"], row["epsilon"], row["b"],
        row["power_at_cutoff"], rhs * sites**3, seconds,
    )  # fmt: skip


def main(words: Sequence[str] | None = None) -> int:
    """Runs all of them and prints a row for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":")[0])
    parser.add_argument("--orders", type=int, nargs="+", default=[2, 4, 6])
    parser.add_argument("--sites", type=int, nargs="+", default=[16, 32, 64])
    parser.add_argument("--box", type=float, default=0.5)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--until", type=float, default=8.0, metavar="A")
    parser.add_argument("--courant", type=float, default=0.3)
    parser.add_argument("--precision", default="float64")
    parser.add_argument("--linear-until", default="auto", metavar="A")
    options = parser.parse_args(words)
    logging.getLogger("darklat").setLevel(logging.ERROR)  # unresolved lattices belong to the table
    print(HEADER, flush=True)
    for order, sites, seed in product(options.orders, options.sites, options.seeds):
        print(measured(options, order, sites, seed), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

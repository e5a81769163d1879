"""Error against work of the step in time: schemes and steps from one initial state.

    python benchmarks/steps.py --order 4 --sites 32 --box 0.25

The benchmark (configs/choi2018_fig1.yaml) with its photon is solved mode by mode up to the
hand-over. Every row goes on from that state to the end. It has dt/dx, right-hand sides per dx of
conformal time, seconds, the deviations of r, epsilon and b from those of the reference, relative to
them, and the energy balance. `--later 5` takes the steps of a row from a = 5 on and 0.1 dx until
then. `--linear-until none` leaves the growth to the lattice: every row goes on from the start.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import darklat
from darklat.kernels.backends import Backend, make
from darklat.lattice import plan
from darklat.lattice.clock import clock
from darklat.lattice.evolution import Evolution
from darklat.lattice.integrators import INTEGRATORS
from darklat.physics.quantities import State

REFERENCE = "blanes_moan:0.4"
STEPS = ("blanes_moan:0.7,1.0,1.2", "strang:0.5,0.4,0.3,0.2,0.1")
UNTIL_LATER = 0.1  # dt/dx before the time of --later
HEADER = "{:>12}{:>7}{:>8}{:>8}{:>10}{:>10}{:>10}{:>10}".format(
    "scheme", "dt/dx", "rhs/dx", "s", "r", "epsilon", "b", "energy"
)


@dataclass(frozen=True)
class Found:
    """The numbers of a run at its end."""

    r: float
    epsilon: float
    b: float
    balance: float
    seconds: float


def config_of(options: argparse.Namespace, scheme: str, courant: float) -> darklat.Config:
    """Of one row."""
    overrides = {
        "lattice.order": options.order, "lattice.sites": options.sites, "lattice.box": options.box,
        "initial.seed": options.seed, "time.a_end": options.until,
        "initial.linear_until": None if options.linear_until == "none" else options.linear_until,
        "time.scheme": scheme, "time.courant": courant, "output.snapshots": [],
    }  # fmt: skip
    return darklat.load("choi2018_fig1", overrides)


def start(config: darklat.Config, backend: Backend) -> State:
    """The state at the hand-over, before the first step."""
    sim = Evolution(config, backend)
    sim.start()
    return sim.state()


def run(config: darklat.Config, backend: Backend, state: State, later: float | None) -> Found:
    """From that state to the end."""
    first, end = float(state.numbers["tau"]), plan.last_time(config)
    edges = [first, end] if later is None else [first, config.expansion.tau_of(later), end]

    def longest(tau: float) -> float:
        return config.dx * (config.time.courant if tau == end else UNTIL_LATER)

    steps = clock(edges, longest)
    sim = Evolution(config, backend, clock=steps)
    sim.restore(state)
    begun = time.perf_counter()
    while sim.done < steps.steps:
        sim.step()
    seconds, row = time.perf_counter() - begun, sim.row()
    return Found(row["r"], row["epsilon"], row["b"], row["energy_balance"], seconds)


def main(words: Sequence[str] | None = None) -> int:
    """Runs all of them and prints a row for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":")[0])
    parser.add_argument("--order", type=int, default=4)
    parser.add_argument("--sites", type=int, default=32)
    parser.add_argument("--box", type=float, default=0.25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--until", type=float, default=8.0, metavar="A")
    parser.add_argument("--linear-until", default="auto", metavar="A")
    parser.add_argument("--later", type=float, metavar="A")
    parser.add_argument("--reference", default=REFERENCE, help="scheme:dt/dx (%(default)s)")
    parser.add_argument("--steps", nargs="+", default=STEPS, help="scheme:dt/dx,dt/dx,...")
    options = parser.parse_args(words)
    logging.getLogger("darklat").setLevel(logging.ERROR)  # unresolved lattices belong to the table
    rows = [options.reference, *options.steps]
    every = [(name, float(x)) for row in rows for name, x in product(*_parts(row))]
    config = config_of(options, *every[0])
    backend = make("cpu", n=options.sites, variant=plan.variant(config))
    state = start(config, backend)
    print(f"order {options.order}, 1/dx = {options.sites / options.box:g}", end=", ")
    print(f"from a = {state.numbers['a']:.4g}")
    print(HEADER, flush=True)
    exact = run(config, backend, state, None)
    print(f"reference: r = {exact.r:.6g}, epsilon = {exact.epsilon:.6g}, b = {exact.b:.6g}")
    for scheme, courant in every[1:]:
        found = run(config_of(options, scheme, courant), backend, state, options.later)
        work = INTEGRATORS[scheme].rhs_per_step / courant
        print(
            f"{scheme:>12}{courant:7g}{work:8.1f}{found.seconds:8.1f}{found.r / exact.r - 1:+10.1e}"
            f"{found.epsilon / exact.epsilon - 1:+10.1e}{found.b / exact.b - 1:+10.1e}"
            f"{found.balance:+10.1e}",
            flush=True,
        )
    return 0


def _parts(row: str) -> tuple[list[str], list[str]]:
    scheme, _, courants = row.partition(":")
    return [scheme], courants.split(",")


if __name__ == "__main__":
    raise SystemExit(main())

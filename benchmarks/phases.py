"""Which part of a run needs the small step: the table "The step" of docs/performance.md.

    python benchmarks/phases.py 4:0.2 9:0.1 30:0.3

takes steps of 0.2 dx up to a = 4, 0.1 dx up to 9, 0.3 dx up to 30, on the benchmark without the
photon at 32^3, box 0.5, and prints steps, r, epsilon and the energy balance at each of these times
and at a = 8 and 16.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from pathlib import Path

from darklat.kernels.backends import make
from darklat.lattice import plan
from darklat.lattice.evolution import Evolution
from darklat.physics import alp, observables
from darklat.schema import load

CONFIG = Path(__file__).parent.parent / "configs" / "choi2018_fig1.yaml"
ALWAYS = (8.0, 16.0)
TOGETHER = 8  # steps


@dataclass(frozen=True)
class Phase:
    """Up to a scale factor, a time step over dx."""

    until: float
    courant: float


def advance(sim: Evolution, start: float, end: float, courant: float) -> tuple[float, int]:
    """Equal steps of at most courant dx; the work of expansion, and how many steps."""
    steps = math.ceil((end - start) / (courant * sim.config.dx) - 1e-9)
    dt, work = (end - start) / steps, 0.0
    for i in range(steps):
        close = i == steps - 1 or i % TOGETHER == TOGETHER - 1
        work += sim.stepper.step(tau=start + i * dt, dt=dt, close=close)
    return work, steps


def main(phases: list[Phase], seed: int = 1) -> None:
    """Runs and prints."""
    end = phases[-1].until
    config = load(
        CONFIG,
        ["lattice.sites=32", "lattice.box=0.5", f"initial.seed={seed}", f"time.a_end={end}",
         "model.fields.A=null", "model.couplings.AX=null"],
    )  # fmt: skip
    sim = Evolution(config, make("auto", n=32, variant=plan.variant(config)))
    sim.start()
    a, work, steps = 0.5, 0.0, 0
    for stop in sorted({phase.until for phase in phases} | {s for s in ALWAYS if s < end}):
        courant = next(phase.courant for phase in phases if phase.until >= stop)
        more, count = advance(sim, a, stop, courant)
        a, work, steps = stop, work + more, steps + count
        now = sim.lattice.measure(a)
        alp_density, dark = now.densities.scalars["theta"], now.densities.vectors["X"]
        free = float(
            alp.density(sim.background, mass=3.0, theta_initial=1.0, potential="quadratic", tau=a)
        )
        balance = observables.energy_balance(now.conformal_energy, sim.energy_start, work)
        epsilon = observables.dark_radiation_fraction(dark, free, a)
        print(
            f"a = {a:4g}  steps {steps:6d}  r {alp_density / free:.5f}  epsilon {epsilon:.5f}  "
            f"energy balance {balance:.1e}",
            flush=True,
        )


if __name__ == "__main__":
    main([Phase(*map(float, word.split(":"))) for word in sys.argv[1:]])

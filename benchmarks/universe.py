"""Costs of expansion histories, formulas and gravitational waves: a step of each over a step in
radiation with the quadratic potential.

    python benchmarks/universe.py --sites 32

The cases take steps in turn. Each ratio is to the reference of the same round, so that other work
on the machine falls on both. Printed are the median of the rounds and the range of their middle
half, in processor time of one thread.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from darklat.kernels.backends import make
from darklat.lattice import plan
from darklat.lattice.evolution import Evolution
from darklat.schema import loads
from darklat.storage import inputs

RUN = """
name: cost
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e17}
  fields: {X: {role: dark}}
  couplings: {XX: 100}
time: {a_end: 6}
"""
WAVES = "output.gravitational_waves={}"
HALF = "k_max of half the Nyquist frequency"
OWN = "background={kind: friedmann}"


def formula(text: str) -> str:
    """The key of a potential."""
    return f'model.alp.potential={{formula: "{text}"}}'


CASES: dict[str, tuple[str, ...]] = {
    "radiation, quadratic": (),
    "static": ("background={kind: static}", "initial.a_start=null", "time={tau_end: 6}"),
    "power_law, w = 0": ("background={kind: power_law, w: 0}",),
    "radiation_matter": ("background={kind: radiation_matter, a_eq: 10}",),
    "thermal": ("background={kind: thermal}",),
    "table": ("background={kind: table, file: history.txt}",),
    "friedmann": (OWN,),
    "friedmann with matter": ("background={kind: friedmann, fluids: [{w: 0, share: 0.1}]}",),
    "theta**2/2": (formula("theta**2/2"),),
    "cosine": ("model.alp.potential=cosine",),
    "1 - cos(theta)": (formula("1 - cos(theta)"),),
    "sqrt(1 + theta**2) - 1": (formula("sqrt(1 + theta**2) - 1"),),
    "waves": (WAVES,),
    "waves, friedmann": (WAVES, OWN),
    "waves, cut at half Nyquist": (WAVES, HALF),
}  # fmt: skip


def evolution(case: Sequence[str], options: argparse.Namespace, folder: Path) -> Evolution:
    """At its start."""
    half = np.pi * options.sites / options.box / 2
    keys = [
        f"lattice={{sites: {options.sites}, box: {options.box}}}",
        f"lattice.order={options.order}",
        f"lattice.precision={options.precision}",
        *(f"output.gravitational_waves.k_max={half}" if key == HALF else key for key in case),
    ]
    config = loads(RUN, source="cost", base=folder, overrides=keys)
    backend = make("cpu", n=options.sites, variant=plan.variant(config))
    found = Evolution(config, backend, inputs.read(config))
    found.start()
    return found


def seconds(run: Evolution, steps: int) -> float:
    """Processor time of a step, in a mean that has all kinds of closed steps."""
    begun = time.process_time()
    for _ in range(steps):
        run.step()
    return (time.process_time() - begun) / steps


def main(words: Sequence[str] | None = None) -> int:
    """Prints a line for each case."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--sites", type=int, default=32)
    parser.add_argument("--box", type=float, default=0.5)
    parser.add_argument("--order", type=int, default=2)
    parser.add_argument("--precision", default="float64")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=16, help="of a case in a round")
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as name:
        rows = (f"{tau!r} {tau!r}\n" for tau in np.geomspace(0.1, 8, 200).tolist())
        (Path(name) / "history.txt").write_text("".join(rows), encoding="utf-8")
        runs = {own: evolution(case, options, Path(name)) for own, case in CASES.items()}
    for run in runs.values():  # the first steps meet cold memory
        seconds(run, options.steps)
    table = np.array(
        [[seconds(run, options.steps) for run in runs.values()] for _ in range(options.rounds)]
    )
    print(
        f"{options.sites}^3, box {options.box:g}, order {options.order}, {options.precision}, "
        f"{options.rounds} rounds of {options.steps} steps; a step of the first "
        f"{1e3 * np.median(table[:, 0]):.3g} ms"
    )
    low, middle, high = np.quantile(table / table[:, :1], (0.25, 0.5, 0.75), axis=0)
    for own, *ratio in zip(CASES, middle, low, high, strict=True):
        print("{:28} {:.3f}   ({:.3f} to {:.3f})".format(own, *ratio))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

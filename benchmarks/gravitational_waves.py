"""Gravitational waves of the benchmark without its photon (configs/first_light.yaml): spectra in
bands of k, in units of (f/M_Pl)^4, and the time that they take.

    python benchmarks/gravitational_waves.py --sites 32 --box 0.5 --until 8
    python benchmarks/gravitational_waves.py --cost 16 --sites 64 --box 1

`--cost N` takes N steps, with waves and without, in place of a run. It counts processor time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

import darklat
from darklat.kernels.backends import make
from darklat.lattice import plan
from darklat.lattice.evolution import Evolution
from darklat.lattice.sectors import WaveSector
from darklat.physics.gravitational_waves import strength

BANDS = (20, 32, 45, 70, 95, 120, 145, 195)  # of k tau_osc


def evolution(options: argparse.Namespace, *, waves: bool, seed: int = 1) -> Evolution:
    """The run, at its start."""
    keys = {"sampling": options.sampling, "k_max": options.k_max}
    config = darklat.load(
        "first_light",
        {
            "lattice.sites": options.sites, "lattice.box": options.box,
            "lattice.order": options.order, "lattice.precision": options.precision,
            "initial.seed": seed, "time.a_end": options.until,
            "initial.linear_until": None if options.cost else "auto",
            "output.gravitational_waves": keys if waves else None,
            "output.spectra_interval": 0.2, "output.snapshots": [],
        },
    )  # fmt: skip
    found = Evolution(config, make("cpu", n=options.sites, variant=plan.variant(config)))
    found.start()
    return found


def spectrum(options: argparse.Namespace, seed: int) -> None:
    """Runs to the end and prints the energy of the waves in time, and per band at the end."""
    run = evolution(options, waves=True, seed=seed)
    begun = time.perf_counter()
    while run.done < run.clock.steps:
        run.step()
        if run.closed:
            run.record()
    unit = strength(run.config.program_units)
    row = run.row()
    print(
        f"seed {seed}: {run.clock.steps} steps, {time.perf_counter() - begun:.0f} s; r = "
        f"{row['r']:.3f}, epsilon = {row['epsilon']:.2f}, at cutoff {row['power_at_cutoff']:.2g}"
    )
    a, omega = run.series["a"], run.series["omega_gw"] / unit
    for at in np.arange(5, options.until + 1e-9, 0.4):
        print(f"    a = {at:.1f}: {np.interp(at, a, omega):.3e}")
    bins = run.modes.bins
    plus, minus = (run.spectra.power[f"gw_{sign}"][-1] / unit for sign in ("plus", "minus"))
    ratio = (plus @ bins.dlnk) / (minus @ bins.dlnk)
    print(
        f"    at the end: {omega[-1]:.3e}, plus/minus {ratio:.2f}, without every second sample "
        f"{row['omega_gw_sampling']:+.2%}"
    )
    both = plus + minus
    for low, high in pairwise(BANDS):
        inside = (bins.k >= low) & (bins.k < high)
        if np.any(inside):
            mean = both[inside] @ bins.dlnk[inside] / bins.dlnk[inside].sum()
            print(f"    k tau_osc {low:4}-{high:<4} {mean:.2e}")


def cost(options: argparse.Namespace) -> None:
    """Processor time of steps with waves and without, the least of three."""
    seconds = {}
    for waves in (False, True):
        run, found = evolution(options, waves=waves), []
        for _ in range(3):
            begun = time.process_time()
            for _ in range(options.cost):
                run.step()
            found.append((time.process_time() - begun) / options.cost)
        seconds[waves] = min(found)
        if waves:
            sector = run.lattice.find(WaveSector)
            assert sector is not None  # it has been asked for
            begun = time.process_time()
            for _ in range(3):
                sector.steps_from(run.now)
            sample = (time.process_time() - begun) / 3
    ratio = seconds[True] / seconds[False]
    print(
        f"{options.sites}^3, order {options.order}, {options.precision}, sampling "
        f"{options.sampling}, k_max {options.k_max}: a step {seconds[False]:.3g} s, with waves "
        f"{seconds[True]:.3g} s, {ratio:.2f} times; a sample of the source {sample:.3g} s, "
        f"{sample / seconds[False]:.2f} steps"
    )


def main(words: Sequence[str] | None = None) -> int:
    """Prints the spectra, or the cost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":")[0])
    parser.add_argument("--sites", type=int, default=32)
    parser.add_argument("--box", type=float, default=0.5)
    parser.add_argument("--order", type=int, default=2)
    parser.add_argument("--precision", default="float64")
    parser.add_argument("--until", type=float, default=8.0, help="scale factor at the end")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--sampling", type=float, default=0.8)
    parser.add_argument("--k-max", type=float, default=None)
    parser.add_argument("--cost", type=int, default=0, metavar="STEPS")
    options = parser.parse_args(words)
    if options.cost:
        cost(options)
        return 0
    for seed in options.seeds:
        spectrum(options, seed)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

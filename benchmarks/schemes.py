"""Error against work of the time integrators: the tables of docs/performance.md.

    python benchmarks/schemes.py --sites 32 --out runs/schemes

Runs configs/choi2018_fig1.yaml without the photon, box = sites/64, for every scheme and Courant
factor, and prints per run the right-hand sides, the largest energy balance, and the relative
deviation of r and epsilon at the end and of the amplitude of B_X in one bin of modes, from a run
with an exact linear phase and small steps. A run that exists is not repeated.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from darklat.driver import commands

CONFIG = Path(__file__).parent.parent / "configs" / "choi2018_fig1.yaml"
COURANTS = {  # the spectrum interval is a whole number of these steps
    "strang": (0.5, 0.4, 0.32, 0.25, 0.2, 0.1),
    "rk46nl": (0.64, 0.5, 0.4, 0.32, 0.2),
    "rk4": (0.4, 0.32, 0.2, 0.1),
    "rk3": (0.2, 0.1),
}
REFERENCE = ("strang", 0.05)  # with linear_until auto
RHS = {"strang": 2, "rk46nl": 6, "rk4": 5, "rk3": 3}
MODE = 60.0  # 1/tau_osc: the bin of the amplitude, near the largest growth
BEFORE_BACK_REACTION = 4.0  # where the amplitude is taken


@dataclass(frozen=True)
class Result:
    """What one run gave; r and epsilon [times]."""

    r: np.ndarray
    epsilon: np.ndarray
    balance: np.ndarray
    amplitude: float


def run(
    folder: Path, scheme: str, courant: float, linear_until: str, options: argparse.Namespace
) -> Result:
    """Runs it, unless it is there, and reads what it wrote."""
    settings = {
        "lattice.sites": options.sites,
        "lattice.box": options.sites / 64,
        "initial.seed": options.seed,
        "initial.linear_until": linear_until,
        "time.scheme": scheme,
        "time.courant": courant,
        "time.a_end": options.a_end,
        "model.fields.A": "null",
        "model.couplings.AX": "null",
        "output.series_interval": 0.5,
        "checks.energy_balance_max": 1e9,
    }
    if not (folder / "summary.json").exists():
        overrides = [f"{key}={value}" for key, value in settings.items()]
        _, finished = commands.run(CONFIG, overrides=overrides, out=folder, backend="auto")
        if not finished:
            raise SystemExit(f"{folder} was stopped: `darklat resume {folder}`, then this again")
    with h5py.File(folder / "series.h5") as file:
        r, epsilon, balance = (file[name][...] for name in ("r", "epsilon", "energy_balance"))
    with h5py.File(folder / "spectra.h5") as file:
        row = int(np.argmin(np.abs(file["B_X_plus/a"][...] - BEFORE_BACK_REACTION)))
        power = file["B_X_plus/power"][row] + file["B_X_minus/power"][row]
        amplitude = float(np.sqrt(power[np.argmin(np.abs(file["B_X_plus/k"][...] - MODE))]))
    return Result(r, epsilon, balance, amplitude)


def table(options: argparse.Namespace) -> None:
    """Runs everything and prints a row per run as it is done."""
    exact = run(options.out / "reference", *REFERENCE, "auto", options)
    columns = [f"{name} at a = {options.a_end:g}" for name in ("r", "epsilon")]
    print("| scheme | dt/dx | right-hand sides per dx | largest energy balance |", end=" ")
    print(" | ".join(columns), "| amplitude at a = 4 |")
    print("|---|---|---|---|" + "---|" * (len(columns) + 1))
    for scheme, courants in COURANTS.items():
        for courant in courants:
            folder = options.out / f"{scheme}_{courant}"
            found = run(folder, scheme, courant, options.linear_until, options)
            cells = [
                f"{ours[-1] / theirs[-1] - 1:+.4f}"
                for ours, theirs in ((found.r, exact.r), (found.epsilon, exact.epsilon))
            ]
            cells.append(f"{found.amplitude / exact.amplitude - 1:+.1e}")
            balance = np.abs(found.balance).max()
            head = f"| {scheme} | {courant} | {RHS[scheme] / courant:.3g} | {balance:.1e} |"
            print(head, " | ".join(cells), "|", flush=True)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sites", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--a-end", type=float, default=8.0)
    parser.add_argument("--linear-until", default="null", help="a number, auto or null")
    parser.add_argument("--out", type=Path, required=True)
    table(parser.parse_args())


if __name__ == "__main__":
    main()

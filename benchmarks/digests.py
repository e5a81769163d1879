"""Digests of what darklat computes, to show that a change of the code changes no bits.

Runs small configurations of every kind of field for a few hundred steps with the `darklat` that is
installed beside this Python. Prints the SHA-256 of all datasets of series.h5, of spectra.h5 and of
the last checkpoint. `lattice.order` is 2 unless the name of a case has another. The digests belong
to one processor and one compiler. Before and after a change, on one machine:

    python benchmarks/digests.py > before.txt
    ... change, install ...
    python benchmarks/digests.py | diff before.txt -
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import h5py

CONFIGS = Path(__file__).parent.parent / "configs"
SMALL = ("lattice.sites=16", "lattice.order=2", "output.snapshots=[]")
FIRST_LIGHT = ("lattice.box=0.25", "time.a_end=2")
PHOTON = ("lattice.box=0.25", "time.a_end=1.5")
WITHOUT_ALP = ("lattice.box=4", "time.a_end=0.9", "time.courant=0.02")
PAIRS = "{kind: pairs, charge: 0.3, fermion_mass_eV: 1e-3, nu: 1}"


@dataclass(frozen=True)
class Case:
    """A configuration file of configs/, and what is set besides."""

    name: str
    config: str
    overrides: tuple[str, ...]


CASES = (
    Case("first_light", "first_light", FIRST_LIGHT),
    Case("first_light_float32", "first_light", (*FIRST_LIGHT, "lattice.precision=float32")),
    Case("first_light_order_4", "first_light", (*FIRST_LIGHT, "lattice.order=4")),
    Case("first_light_rk46nl", "first_light", (*FIRST_LIGHT, "time.scheme=rk46nl")),
    Case("first_light_linear", "first_light", (
        "lattice.box=0.25", "time.a_end=6", "initial.linear_until=auto",
    )),
    Case("first_light_cosine", "first_light", (*FIRST_LIGHT, "model.alp.potential=cosine")),
    Case("static", "first_light", (
        "lattice.box=0.25", "background.kind=static", "initial.a_start=null", "time.a_end=null",
        "time.tau_end=1.5",
    )),
    Case("photon", "choi2018_fig1", PHOTON),
    Case("photon_felt", "choi2018_fig1", (
        *PHOTON, "model.fields.A.back_reaction=true", "model.couplings.AA=3",
    )),
    Case("photon_order_6", "choi2018_fig1", (*PHOTON, "lattice.order=6")),
    Case("photon_float32", "choi2018_fig1", (*PHOTON, "lattice.precision=float32")),
    Case("photon_alone", "first_light", (
        *PHOTON, "model.fields={A: {role: photon, conductivity: {kind: constant, value: 10}}}",
        "model.couplings={AA: 60}",
    )),
    Case("two_dark", "first_light", (
        *FIRST_LIGHT, "model.fields={X: {role: dark}, Y: {role: dark}}",
        "model.couplings={XX: 60, XY: 20}",
    )),
    Case("massive", "alp_massive_dark_photon", FIRST_LIGHT),
    Case("massive_float32", "alp_massive_dark_photon", (*FIRST_LIGHT, "lattice.precision=float32")),
    Case("massive_plasma", "alp_massive_dark_photon", (
        *FIRST_LIGHT, "model.fields.X.plasma={kind: constant, omega_p: 5, nu: 2}",
    )),
    Case("massive_and_photon", "choi2018_fig1", (
        *PHOTON, "model.fields.Y={role: dark, mass_eV: 1e-17}",
        "model.couplings={XX: 60, AX: 1, XY: 20}",
    )),
    Case("without_alp", "dark_photon_plasma", WITHOUT_ALP),
    Case("pairs", "dark_photon_plasma", (*WITHOUT_ALP, f"model.fields.X.plasma={PAIRS}")),
)  # fmt: skip


def main() -> int:
    """Runs the cases that the command line names, or all, and prints their digests."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "cases", nargs="*", help=f"of {', '.join(c.name for c in CASES)}; default: all"
    )
    wanted = parser.parse_args().cases
    chosen = [case for case in CASES if not wanted or case.name in wanted]
    if unknown := set(wanted) - {case.name for case in CASES}:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder:
        for case in chosen:
            for line in digests(case, Path(folder) / case.name):
                print(line, flush=True)
    return 0


def digests(case: Case, folder: Path) -> list[str]:
    """Runs a case in `folder`; a line for each of its files.

    Raises CalledProcessError when the run fails.
    """
    sets = [f"--set={text}" for text in (*SMALL, *case.overrides)]
    command = [str(Path(sys.executable).with_name("darklat")), "run"]
    command += [str(CONFIGS / f"{case.config}.yaml"), *sets, "--out", str(folder)]
    done = subprocess.run(
        [*command, "--backend", "cpu"],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        done.check_returncode()
    last = sorted((folder / "checkpoints").glob("*.h5"))[-1]
    files = {"series": folder / "series.h5", "spectra": folder / "spectra.h5", "state": last}
    return [f"{case.name:20} {name:8} {digest(path)}" for name, path in files.items()]


def digest(path: Path) -> str:
    """How many datasets an HDF5 file has; SHA-256 of their names, types, shapes and bytes."""
    found: dict[str, h5py.Dataset] = {}
    result = hashlib.sha256()

    def collect(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = item

    with h5py.File(path) as file:
        file.visititems(collect)
        for name, dataset in sorted(found.items()):
            result.update(f"{name} {dataset.dtype.str} {dataset.shape}\n".encode())
            result.update(dataset[...].tobytes())
    steps = f" {path.stem}" if path.parent.name == "checkpoints" else ""
    return f"{len(found):3} datasets{steps}  {result.hexdigest()}"


if __name__ == "__main__":
    raise SystemExit(main())

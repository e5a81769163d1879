"""A short run, and all that it leaves in its folder, for comparison to the byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import h5py

from darklat.storage import checkpoint, hdf5

CONFIG = """
name: short
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16}
  fields: {X: {role: dark}}
  couplings: {XX: 100}
lattice: {sites: 16, box: 0.5, order: 2}
time: {a_end: 1.5}
output: {spectra_interval: 0.1, snapshots: [0.7]}
"""


def datasets(path: Path) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    """Name to dtype, shape and bytes of every dataset of an HDF5 file."""
    with h5py.File(path) as file:
        return {name: (d.dtype.str, d.shape, d[...].tobytes()) for name, d in hdf5.datasets(file)}


def everything(folder: Path) -> dict[str, dict[str, tuple[str, tuple[int, ...], bytes]]]:
    """`datasets` of the series, the spectra and the last checkpoint."""
    last = sorted((folder / "checkpoints").glob("*.h5"))[-1]
    return {
        "series": datasets(folder / "series.h5"),
        "spectra": datasets(folder / "spectra.h5"),
        last.name: datasets(last),
    }


RUNS = """
import sys
from pathlib import Path
from darklat.driver import commands
config, out, *overrides = sys.argv[1:]
commands.run(Path(config), overrides=overrides, out=Path(out), backend="cpu")
"""


def run_on_threads(threads: int, config: Path, out: Path, *overrides: str) -> None:
    """A run without figures in a process with so many threads."""
    done = subprocess.run(
        [sys.executable, "-c", RUNS, str(config), str(out), *overrides],
        env=os.environ | {"OMP_NUM_THREADS": str(threads)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


_OF_ITS_PROCESSES = {"run.log", "run.lock", "events.jsonl"}
_SECONDS = {"wall_seconds", "site_steps_per_second", "rhs_per_second"}


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of every file that does not depend on the processes of a run: all but its log, its
    record and its lock. Of the checkpoints the last one counts, behind its seal, which has a
    running number; of the summary everything but seconds and rates."""
    last = sorted((folder / "checkpoints").glob("*.h5"))[-1]
    found = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in _OF_ITS_PROCESSES and path.parent != last.parent
    }
    found[last.name] = last.read_bytes()[checkpoint.SEAL_BYTES :]
    numbers = json.loads(found["summary.json"])
    kept = {name: number for name, number in numbers.items() if name not in _SECONDS}
    return found | {"summary.json": json.dumps(kept).encode()}

"""A resume needs nothing but the run folder."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat.driver import commands
from darklat.errors import InputError
from run_folders import everything

CONFIG = """
name: plasma
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16}
  fields: {X: {mass_eV: 1e-18, plasma: {kind: table, file: plasma.txt, profile: bump.h5}}}
  couplings: {XX: 100}
lattice: {sites: 8, box: 0.5, order: 2}
time: {a_end: 0.8}
"""
TABLE = "# a omega_p nu\n0.1 1.0 0.2\n1.0 0.5 0.1\n9.0 0.1 0.01\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "plasma.txt").write_text(TABLE)
    with h5py.File(tmp_path / "bump.h5", "w") as file:
        file["omega_p_squared"] = 1 + np.random.default_rng(1).random((8, 8, 8))
    path = tmp_path / "plasma.yaml"
    path.write_text(CONFIG)
    return path


def test_the_files_of_a_plasma_may_change_or_go(config: Path) -> None:
    parent = config.parent
    whole, _ = commands.run(config, overrides=[], out=parent / "whole", backend="cpu")
    folder, finished = commands.run(
        config, overrides=[], out=parent / "parts", backend="cpu", stop_after=8
    )
    assert not finished
    assert (folder / "inputs" / "X-plasma-file.txt").read_text() == TABLE
    (parent / "plasma.txt").write_text("no table\n")
    (parent / "bump.h5").unlink()
    (folder).rename(parent / "moved")
    _, finished = commands.resume(parent / "moved", backend="cpu")
    assert finished and everything(parent / "moved") == everything(whole)


@pytest.mark.parametrize("change", ["another", "gone"])
def test_a_copy_that_changed_is_refused(config: Path, change: str) -> None:
    folder, _ = commands.run(
        config, overrides=[], out=config.parent / "run", backend="cpu", stop_after=8
    )
    copy = folder / "inputs" / "X-plasma-file.txt"
    if change == "another":
        copy.write_text(TABLE.replace("0.5", "0.6"))
    else:
        copy.unlink()
    with pytest.raises(InputError, match=r"X-plasma-file.txt(, which| has changed)"):
        commands.resume(folder, backend="cpu")

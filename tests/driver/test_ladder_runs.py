"""A ladder of small runs: run to its end, killed and resumed, submitted, and refused."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import darklat as dl
from darklat.cli import main
from darklat.driver import sweeps
from darklat.driver.jobs.submit import submit
from darklat.driver.status import status
from darklat.errors import ConfigError
from darklat.schema.sweep import read_ladder
from darklat.storage import sweep_folder
from darklat.storage.sweep_folder import Orders
from run_folders import CONFIG, contents

SHORT = CONFIG.replace("a_end: 1.5", "a_end: 1.0").replace(", snapshots: [0.7]", "")
BLOCK = "converge: {lattices: [8], boxes: [0.25], steps: [0.3], seeds: 2}\n"


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ladder") / "c.yaml"
    path.write_text(SHORT + BLOCK)
    return path


@pytest.fixture(scope="module")
def ladder(config: Path) -> Path:
    """Run to its end in one go."""
    folder = config.parent / "ladder"
    assert main(["converge", str(config), "--out", str(folder), "--backend", "cpu"]) == 0
    return folder


def test_the_command_runs_the_ladder_and_leaves_its_numbers(ladder: Path) -> None:
    found = sweep_folder.read_ladder(ladder)
    assert found is not None and found.orders == Orders(lattice=2, stencils=2, step=2)
    assert len(found.runs) == 8
    assert (ladder / "convergence" / "convergence.png").stat().st_size > 20_000
    table = dl.converge(ladder)
    assert {"r", "epsilon", "k_peak_X", "helicity_X"} <= set(table)
    assert "8 runs: 8 finished" in status([ladder])


def test_a_killed_ladder_goes_on_to_the_same_bytes(
    config: Path, ladder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("darklat.analysis.drawing.picture", lambda *_: [])
    folder = config.parent / "killed"
    words = [sys.executable, "-m", "darklat", "converge", str(config), "--out", str(folder)]
    process = subprocess.Popen(
        [*words, "--backend", "cpu"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    runs = [path.name for path, _ in sweep_folder.read_ladder(ladder).runs]  # type: ignore[union-attr]
    deadline = time.monotonic() + 60
    while not (folder / runs[5] / "checkpoints").is_dir() and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (folder / runs[4] / "summary.json").is_file()
    assert not (folder / runs[-1] / "summary.json").exists()
    assert main(["converge", str(config), "--out", str(folder), "--backend", "cpu"]) == 0
    for run in runs:
        assert contents(folder / run) == contents(ladder / run)
    for suffix in ("txt", "csv", "json"):
        name = f"convergence/convergence.{suffix}"
        assert (folder / name).read_bytes() == (ladder / name).read_bytes()
    assert (folder / "sweep.json").read_bytes() == (ladder / "sweep.json").read_bytes()


def test_a_rung_more_keeps_the_runs_that_are_there(
    config: Path,
    ladder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Options of the command come before the block of the file; other times need no run."""
    monkeypatch.setattr("darklat.analysis.drawing.picture", lambda *_: [])
    folder = tmp_path / "ladder"
    shutil.copytree(ladder, folder)
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*/summary.json")}
    more = ("--lattices", "8,12", "--seeds", "2", "--at", "0.9,1", "--out", str(folder))
    assert main(["converge", str(config), "--backend", "cpu", *more]) == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(list(folder.glob("*/summary.json"))) == len(before) + 2
    assert "r at a = 0.9: " in capsys.readouterr().out
    data = json.loads((folder / "sweep.json").read_text())["ladder"]
    assert data["at"] == [0.9, 1] and data["configuration"]["lattice.sites"] == 16


def test_a_ladder_is_submitted_as_an_array(config: Path, tmp_path: Path) -> None:
    profile = tmp_path / "p.yaml"
    profile.write_text("time: 60\n")
    text = submit(config, profile_path=profile, out=tmp_path / "out", dry_run=True)
    assert "#SBATCH --array=0-7\n" in text and "job-name=short-convergence" in text
    assert "sites=16,box=0.5,courant=0.3,seed=2" in text
    validated = sweeps.validate(read_ladder(config), backend="cpu", device=0)
    assert "valid, a ladder of 8 runs" in validated


def test_steps_that_the_mass_decides_are_refused_before_any_run(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On 8^3 sites in a box of 1 a step of 0.2 dx is 0.025, and 0.5/(a m) at a = 8 is 0.021."""
    words = ["--set", "lattice={sites: 8, box: 1}", "--set", "time.a_end=8", "--lattices", "1"]
    words += ["--boxes", "1", "--seeds", "1", "--out", str(tmp_path / "out")]
    assert main(["converge", str(config), *words, "--backend", "cpu"]) == 2
    error = capsys.readouterr().err
    assert "time.courant: 0.3 makes the last step 0.99 times as long as 0.2 does, not 1.5" in error
    assert error.startswith(f"{config}:10:") and not (tmp_path / "out").exists()


def test_an_unstable_step_and_nonsense_are_refused_with_code_2(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, message in (
        (["--steps", "1.2"], "time.courant: 1.2 is unstable"),
        (["--lattices", "x"], "converge.lattices: must be an even integer from 8 to"),
        (["--at", "7"], "converge.at: the runs go from a = 0.5 to 1, found 7"),
        (["--set", "sweep={initial.seed: [1, 2]}"], "converge: a sweep has no ladder"),
    ):
        out = ["--out", str(tmp_path / "out")]
        assert main(["converge", str(config), *words, *out, "--backend", "cpu"]) == 2
        assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    with pytest.raises(ConfigError, match="--set converge=null"):
        dl.load(config)

"""What becomes of the runs of a sweep: run one after another, or submitted to a Slurm that only takes
notes."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from darklat.analysis.sweep import scan_sweep
from darklat.cli import main
from darklat.driver import commands, sweeps
from darklat.driver.jobs import slurm
from darklat.driver.jobs.submit import submit
from darklat.driver.status import status
from darklat.errors import ConfigError, InputError, MachineError
from darklat.schema.sweep import Sweep, read
from darklat.storage import job_file, sweep_folder
from run_folders import CONFIG, everything

TINY = CONFIG.replace("sites: 16", "sites: 8").replace("a_end: 1.5", "a_end: 0.8")
SEEDS = TINY + "sweep: {initial.seed: [1, 2, 3]}\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "c.yaml"
    path.write_text(SEEDS)
    return path


def sweep_of(config: Path, *overrides: str) -> Sweep:
    found = read(config, overrides)
    assert isinstance(found, Sweep)
    return found


def run(config: Path, *overrides: str) -> tuple[Path, sweeps.Outcome]:
    folder = config.parent / "out"
    return folder, sweeps.run(sweep_of(config, *overrides), folder, backend="cpu", device=0)


def alone(config: Path, *overrides: str, stop_after: int | None = None, out: str = "alone") -> Path:
    folder, _ = commands.run(
        config, overrides=["sweep=null", *overrides], out=config.parent / out, backend="cpu", stop_after=stop_after
    )  # fmt: skip
    return folder


# ---- One after another. ----


def test_unfinished_runs_are_resumed_and_finished_ones_left_alone(
    config: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Run 1 is finished, run 2 was stopped on its way, run 3 has not begun."""
    alone(config, "initial.seed=1", out="out/seed=1")
    alone(config, "initial.seed=2", stop_after=8, out="out/seed=2")
    sweep_folder.make(config.parent / "sweep", sweep_of(config))
    (config.parent / "sweep" / "sweep.json").rename(config.parent / "out" / "sweep.json")
    before = (config.parent / "out" / "seed=1" / "summary.json").stat().st_mtime_ns
    caplog.set_level("INFO", logger="darklat")
    folder, outcome = run(config)
    assert f"run 1 of 3, {folder}/seed=1: finished before" in caplog.text
    assert [path.name for path in outcome.finished] == ["seed=1", "seed=2", "seed=3"]
    assert (folder / "seed=1" / "summary.json").stat().st_mtime_ns == before
    assert "resuming from step-000000008.h5" in (folder / "seed=2" / "run.log").read_text()
    assert everything(folder / "seed=2") == everything(alone(config, "initial.seed=2"))
    assert "3 runs: 3 finished" in status([folder])
    with pytest.raises(InputError, match="is a sweep: `darklat run` of its configuration"):
        commands.resume(folder)


def test_a_run_that_fails_a_check_does_not_keep_the_others_from_running(config: Path) -> None:
    config.write_text(TINY + "sweep: {checks.energy_balance_max: [1e-12, 0.05]}\n")
    folder, outcome = run(config)
    assert [path.name for path in outcome.failed] == ["energy_balance_max=1e-12"]
    assert [path.name for path in outcome.finished] == ["energy_balance_max=0.05"]
    text = status([folder])
    assert (
        "1 failed" in text and "1 finished" in text and "the error of the energy balance is" in text
    )


def test_a_longer_sweep_adds_runs_and_another_configuration_is_refused(config: Path) -> None:
    run(config, "sweep.initial.seed=[1]")
    folder, outcome = run(config, "sweep.initial.seed=[2, 1]")
    assert len(outcome.finished) == 2
    assert [path.name for path in sweep_folder.read(folder)] == ["seed=2", "seed=1"]
    with pytest.raises(
        InputError, match=r"another configuration: lattice\.box is 0\.5 there and 0\.6 here"
    ):
        run(config, "lattice.box=0.6")
    (config.parent / "out" / "seed=3").mkdir()
    (config.parent / "out" / "seed=3" / "precious").touch()
    with pytest.raises(InputError, match="exists already and is not overwritten"):
        run(config)


def test_a_table_that_has_been_edited_since_is_refused(config: Path) -> None:
    """Even where the runs are finished: their results are those of the old table."""
    table = config.parent / "plasma.txt"
    table.write_text("0.1 1.0\n9.0 0.1\n")
    massive = "{mass_eV: 1e-18, plasma: {kind: table, file: plasma.txt}}"
    config.write_text(SEEDS.replace("{role: dark}", massive))
    folder, outcome = run(config, "sweep.initial.seed=[1]")
    assert len(outcome.finished) == 1
    table.write_text("0.1 2.0\n9.0 0.1\n")
    with pytest.raises(
        InputError, match=r"X\.plasma\.file: .*plasma\.txt has changed since"
    ) as caught:
        run(config, "sweep.initial.seed=[1]")
    assert f"{folder}/seed=1/inputs/X-plasma-file.txt" in str(caught.value)


def test_a_folder_of_something_else_is_refused(config: Path) -> None:
    (config.parent / "out").mkdir()
    (config.parent / "out" / "precious").touch()
    with pytest.raises(InputError, match="is not the folder of a sweep"):
        run(config)
    (config.parent / "out" / "sweep.json").write_text('{"keys": [], "runs": [{"folder": "../x"}]}')
    with pytest.raises(InputError, match=r"names '\.\./x', which is no folder in"):
        status([config.parent / "out"])


def test_a_run_that_cannot_be_stepped_is_refused_before_any_begins(config: Path) -> None:
    config.write_text(TINY + "sweep: {time.courant: [0.2, 1.2]}\n")
    with pytest.raises(ConfigError, match=r"c.yaml:10:29: time.courant: 1.2 is unstable"):
        run(config)
    assert not (config.parent / "out").exists()


def test_validate_says_what_all_runs_cost(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The three runs of 16^3 sites have 48 steps, and those of 8^3 have 24."""
    monkeypatch.setattr(sweeps.validation, "seconds_per_site", lambda *_: 0.2)
    text = sweeps.validate(sweep_of(config, "sweep.lattice.sites=[8, 16]"), backend="cpu", device=0)
    assert "valid, a sweep of 6 runs" in text
    assert "over       initial.seed (3 values), lattice.sites (2 values)" in text
    assert "time       about 34 h 49 min one after another on" in text
    assert "           about 10 h 55 min for the longest, seed=" in text and ",sites=16" in text
    assert "e+" not in text


def test_the_command_runs_a_sweep_analyses_each_run_and_draws_the_scan(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    analysed: list[Path] = []
    monkeypatch.setattr("darklat.analysis.analyze.analyze", analysed.append)
    monkeypatch.setattr(logging.getLogger("darklat"), "handlers", [])
    folder = config.parent / "out"
    seeds = "sweep.initial.seed=[1, 2]"
    assert main(["run", str(config), "--out", str(folder), "--set", seeds]) == 0
    assert analysed == [folder / "seed=1", folder / "seed=2"]
    assert "2 runs against initial.seed" in capsys.readouterr().out
    assert (folder / "scan" / "scan.png").stat().st_size > 10_000
    assert main(["validate", str(config)]) == 0
    assert "a sweep of 3 runs" in capsys.readouterr().out
    failing = ("--set", "sweep.checks.energy_balance_max=[1e-12]", "--set", seeds)
    assert main(["run", str(config), "--out", f"{folder}2", *failing]) == 3
    assert "failed a check: seed=1,energy_balance_max=1e-12, seed=2" in capsys.readouterr().err


def test_a_scan_leaves_out_what_has_not_begun(config: Path) -> None:
    folder, _ = run(config)
    (folder / "seed=2").rename(config.parent / "elsewhere")
    text = scan_sweep(folder)
    assert "2 runs against initial.seed" in text
    assert "Left out, because they have not begun: seed=2" in text
    (folder / "seed=3").rename(config.parent / "elsewhere too")
    with pytest.raises(InputError, match="1 of 3 runs have a series, and a scan needs two"):
        scan_sweep(folder)


# ---- Submitted. ----


class Queue:
    """sbatch and squeue, as programs on the PATH that answer what a test says."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.folder = tmp_path / "bin"
        self.folder.mkdir()
        monkeypatch.setenv("PATH", f"{self.folder}:/usr/bin:/bin")
        self.answer("sbatch", 'pwd > "$0.cwd"; echo 123')
        self.answer("squeue", "exit 0")

    def answer(self, program: str, shell: str) -> None:
        path = self.folder / program
        path.write_text(f"#!/bin/sh\n{shell}\n")
        path.chmod(0o755)


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Queue:
    return Queue(tmp_path, monkeypatch)


def hand_in(config: Path, *overrides: str, dry_run: bool = False) -> str:
    profile = config.parent / "p.yaml"
    profile.write_text("time: 60\n")
    return submit(
        config,
        profile_path=profile,
        overrides=overrides,
        out=config.parent / "out",
        dry_run=dry_run,
    )


def test_a_dry_run_prints_the_script_and_writes_nothing(config: Path, queue: Queue) -> None:
    text = hand_in(config, dry_run=True)
    assert text.startswith("#!/bin/bash\n#SBATCH --job-name=short\n")
    assert "#SBATCH --array=0-2\n" in text
    assert not (config.parent / "out").exists()
    alone_text = hand_in(config, "sweep=null", dry_run=True)
    assert "--array" not in alone_text and f"    {config.parent}/out\n" in alone_text


def test_a_job_is_recorded_and_its_run_takes_the_prepared_folder(
    config: Path, queue: Queue
) -> None:
    out = config.parent / "out"
    assert "job 123 is in the queue" in hand_in(config, "sweep=null", "initial.seed=7")
    assert (queue.folder / "sbatch.cwd").read_text().strip() == str(out / "job")
    found = job_file.recorded(out)
    assert found is not None and found.job == "123"
    assert "out: waiting (its job is not in the queue)" in status([out])
    _, finished = commands.run(out / "job" / "config.yaml", overrides=[], out=out, backend="cpu")
    assert finished
    assert everything(out) == everything(alone(config, "initial.seed=7"))
    with pytest.raises(InputError, match="has reached its end already"):
        hand_in(config, "sweep=null", "initial.seed=7")


def test_a_sweep_is_an_array_of_what_is_not_finished(config: Path, queue: Queue) -> None:
    run(config, "sweep.initial.seed=[2]")
    assert "array of 2 jobs 123 is in the queue" in hand_in(config)
    out = config.parent / "out"
    text = (out / "job" / "job.sh").read_text()
    assert f"folders=(\n    {out}/seed=1\n    {out}/seed=3\n)" in text.replace("'", "")
    jobs = [job_file.recorded(out / f"seed={seed}") for seed in (1, 2, 3)]
    assert [job and job.job for job in jobs] == ["123_0", None, "123_1"]
    queue.answer(
        "squeue",
        "echo '123_0|RUNNING|1:00|59:00|node1'; echo '123_1|PENDING|0:00|1:00:00|(Priority)'",
    )
    text = status([out])
    assert "3 runs: 1 running, 1 finished, 1 waiting" in text
    assert "123_0 RUNNING on node1 for 1:00, 59:00 left" in text
    with pytest.raises(InputError, match=r"seed=1 is in the queue as job 123_0 \(RUNNING on node1"):
        hand_in(config)


def test_what_sbatch_refuses_can_be_submitted_again(config: Path, queue: Queue) -> None:
    queue.answer("sbatch", "echo 'sbatch: error: invalid partition specified: x' >&2; exit 1")
    with pytest.raises(InputError, match=r"sbatch refuses the job: .*invalid partition specified"):
        hand_in(config)
    queue.answer("sbatch", "echo 'sbatch: error: Unable to contact slurm controller' >&2; exit 1")
    with pytest.raises(MachineError, match=r"sbatch does not reach Slurm: .*Unable to contact"):
        hand_in(config, "lattice.sites=10")  # and changed before that
    queue.answer("sbatch", "echo soon")
    with pytest.raises(MachineError, match="answers 'soon'"):
        hand_in(config)
    queue.answer("sbatch", "echo '7;cluster'")
    assert "array of 3 jobs 7 is in the queue" in hand_in(config)
    queue.monkeypatch.setenv("PATH", str(config.parent))
    with pytest.raises(MachineError, match="there is no sbatch here"):
        hand_in(config)


def test_a_profile_with_a_missing_environment_is_refused(config: Path, queue: Queue) -> None:
    (config.parent / "p.yaml").write_text("time: 60\nvenv: nowhere\n")
    with pytest.raises(InputError, match=r"venv: there is no bin/activate in .*/nowhere"):
        submit(config, profile_path=config.parent / "p.yaml", out=config.parent / "out")
    assert not (config.parent / "out").exists()


@pytest.mark.parametrize("answer", ["", "exit 1", "echo nonsense; echo 'a|b'", "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1"])  # fmt: skip
def test_a_queue_that_does_not_know_the_job(config: Path, queue: Queue, answer: str) -> None:
    queue.answer("squeue", answer)
    found = slurm.queue(["5", "6_1"])
    assert found == {} if answer != "exit 1" else isinstance(found, str)


def test_the_list_of_a_sweep_says_what_differs(config: Path) -> None:
    sweep_folder.make(config.parent / "s", sweep_of(config))
    data = json.loads((config.parent / "s" / "sweep.json").read_text())
    assert data["keys"] == ["initial.seed"]
    assert data["runs"][1] == {"folder": "seed=2", "values": {"initial.seed": 2}}

"""`darklat submit` with a real Slurm, which is started for these tests: `pytest -m slurm`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import slurm_cluster
from many_ranks import ENVIRONMENT, with_mpirun
from run_folders import CONFIG, everything
from slurm_cluster import Cluster, until

pytestmark = [
    pytest.mark.slurm,
    pytest.mark.skipif(
        bool(slurm_cluster.missing()),
        reason=f"Slurm is not installed (no {slurm_cluster.missing()}): {slurm_cluster.INSTALL}; "
        "then pytest -m slurm",
    ),
]

TINY = CONFIG.replace("sites: 16", "sites: 8").replace("a_end: 1.5", "a_end: 0.8")
LARGE = CONFIG.replace("sites: 16", "sites: 32").replace("a_end: 1.5", "a_end: 8")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with slurm_cluster.running(tmp_path_factory.mktemp("slurm")) as found:
        yield found


class User:
    """Someone with a config and a profile in a folder, from which darklat is called."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster, self.folder = cluster, folder

    def darklat(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "darklat", *arguments], cwd=self.folder, env=self.cluster.environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done.stdout if code == 0 else done.stderr

    def submit(self, config: str, profile: str, *arguments: str) -> str:
        """The number of the job."""
        (self.folder / "c.yaml").write_text(config, encoding="utf-8")
        (self.folder / "p.yaml").write_text(profile, encoding="utf-8")
        said = self.darklat("submit", "c.yaml", "--profile", "p.yaml", *arguments)
        job = said.partition(" is in the queue")[0].split()[-1]
        assert job.isdigit(), said
        return job

    def wait_for(self, line: str, out: str) -> None:
        """Waits until the run's log has the line."""
        log = self.folder / out / "run.log"
        until(lambda: log.exists() and line in log.read_text(), 120, lambda: self.log(out))

    def log(self, out: str) -> str:
        return "\n".join(
            path.read_text() for path in sorted((self.folder / out / "job").glob("slurm-*.log"))
        )


@pytest.fixture
def user(cluster: Cluster, tmp_path: Path) -> User:
    return User(cluster, tmp_path)


PROFILE = "time: 10\nbackend: cpu\n"


TWO_TASKS = "tasks_per_node: 2\ncpus: 1\n" + yaml.safe_dump(
    {"environment": {"SLURM_MPI_TYPE": "pmix", **ENVIRONMENT}}
)


@pytest.mark.parametrize("tasks", ["", pytest.param(TWO_TASKS, marks=with_mpirun)], ids=["1", "2"])
def test_the_clock_stops_a_run_which_is_requeued_and_ends_in_the_same_bytes(
    user: User, tasks: str
) -> None:
    """Those of a job of one task, also where two tasks share the run. A minute is the shortest
    limit that Slurm has; it looks at limits every 30 s, and signals as much earlier. So that the
    signal finds a run of any speed going, the run is held until then. Two tasks take longer to
    start, and have two minutes."""
    minutes = 2 if tasks else 1
    profile = f"time: {minutes}\nsignal_seconds: 55\nbackend: cpu\n{tasks}"
    job = user.submit(LARGE, profile, "--out", "out")
    user.wait_for("steps of dt", "out")
    process = json.loads((user.folder / "out" / "run.lock").read_text())["pid"]
    os.kill(process, signal.SIGSTOP)
    until(lambda: is_pending(process, signal.SIGUSR2), 90 * minutes, lambda: user.log("out"))
    os.kill(process, signal.SIGCONT)
    user.cluster.wait(job, "PENDING", seconds=60)
    user.cluster.call("scontrol", "update", f"jobid={job}", "timelimit=30")  # one stop is enough
    log = user.log("out")
    assert "(SIGUSR2); continue with: darklat resume" in log and "back into the queue" in log
    assert user.darklat("status", "out").startswith("out: waiting (in the queue)\n")
    again = user.darklat("submit", "c.yaml", "--profile", "p.yaml", "--out", "out", code=2)
    assert "is in the queue" in again
    whole = user.submit(LARGE, PROFILE, "--out", "whole")
    assert user.cluster.wait(job, "COMPLETED")["Restarts"] == "1"
    user.cluster.wait(whole, "COMPLETED")
    assert user.log("out").count("resuming from step-") == 1
    assert everything(user.folder / "out") == everything(user.folder / "whole")
    assert user.darklat("status", "out").startswith("out: finished\n")


def is_pending(process: int, number: signal.Signals) -> bool:
    """Whether a process, held by SIGSTOP, has a signal waiting."""
    status = dict(
        line.split(":\t") for line in Path(f"/proc/{process}/status").read_text().splitlines()
    )
    return bool(int(status["ShdPnd"], 16) >> (number - 1) & 1)


def test_a_sweep_is_one_array_with_a_status_and_a_scan(user: User) -> None:
    sweep = CONFIG + "sweep: {initial.seed: [1, 2], model.couplings.XX: [50, 100]}\n"
    job = user.submit(sweep, PROFILE + "tasks_at_once: 2", "--out", "s p")
    for task in range(4):
        assert user.cluster.wait(f"{job}_{task}", "COMPLETED")["ExitCode"] == "0:0"
    status = user.darklat("status", "s p")
    assert status.startswith("s p: 4 runs: 4 finished")
    assert "seed=2,XX=50" in status and f"{job}_2" in status
    table = user.darklat("analyze", "s p")
    assert "4 runs against model.couplings.XX" in table
    assert (user.folder / "s p" / "scan" / "scan.png").stat().st_size > 10_000
    alone = ("--set", "sweep=null", "--set", "initial.seed=2", "--set", "model.couplings.XX=50")
    user.darklat("run", "c.yaml", "--out", "alone", "--backend", "cpu", *alone)
    assert everything(user.folder / "alone") == everything(user.folder / "s p" / "seed=2,XX=50")


def test_of_an_array_the_stopped_task_alone_is_requeued(user: User) -> None:
    """The last task of an array goes by the number of the array."""
    sweep = CONFIG.replace("sites: 16", "sites: 32") + "sweep: {time.a_end: [0.8, 60]}\n"
    job = user.submit(sweep, PROFILE, "--out", "s")
    user.cluster.wait(f"{job}_0", "COMPLETED")
    user.wait_for("steps of dt", "s/a_end=60")
    user.cluster.call("scancel", "--signal=USR2", "--batch", f"{job}_1")
    assert user.cluster.wait(f"{job}_1", "PENDING")["Restarts"] == "1"
    first = user.cluster.job(f"{job}_0")
    assert (first["JobState"], first["Restarts"]) == ("COMPLETED", "0")
    assert {"1 waiting", "1 finished"} == set(
        user.darklat("status", "s").splitlines()[0].removeprefix("s: 2 runs: ").split(", ")
    )
    user.cluster.call("scancel", job)


def test_a_cancelled_job_stays_cancelled_and_submitting_again_continues(user: User) -> None:
    config = CONFIG.replace("sites: 16", "sites: 32").replace("1.5", "60")
    job = user.submit(config, PROFILE, "--out", "out")
    user.wait_for("steps of dt", "out")
    assert "out: running" in user.darklat("status", "out")
    user.cluster.call("scancel", job)
    assert user.cluster.wait(job, "CANCELLED")["Restarts"] == "0"
    until(lambda: "not put back into the queue" in user.log("out"), 30, lambda: user.log("out"))
    status = user.darklat("status", "out")
    assert "out: stopped (SIGTERM)" in status and "darklat resume out" in status
    assert "holds a run of another configuration: lattice.sites is " in user.darklat(
        "submit", "c.yaml", "--profile", "p.yaml", "--out", "out", "--set", "lattice.sites=16", code=2
    )  # fmt: skip
    again = user.submit(config, PROFILE, "--out", "out")
    user.wait_for("resuming from step-", "out")
    user.cluster.call("scancel", again)
    user.cluster.wait(again, "CANCELLED")


def test_evil_names_arrive_as_they_are(user: User) -> None:
    out = "a b 'q' \"d\" $(touch pwned) ;é\nx"
    evil = "$(touch pwned); `touch pwned` \"'\\\n#SBATCH --hold"
    profile = f"{PROFILE}gres: gpu:1\noptions: [--comment=a;b&c]\nenvironment: {{DARKLAT_CACHE_NOTE: {json.dumps(evil)}}}"
    job = user.submit(TINY.replace("short", "'--wrap $(id); é'"), profile, "--out", out)
    found = user.cluster.wait(job, "COMPLETED")
    assert (found["JobName"], found["Comment"], found["TresPerNode"]) == ("wrap_id_", "a;b&c", "gres:gpu:1")  # fmt: skip
    assert (user.folder / out / "summary.json").is_file()
    assert list(user.folder.rglob("pwned")) == []


def test_the_exit_code_of_a_failed_run_is_the_job_s(user: User) -> None:
    job = user.submit(TINY, PROFILE, "--out", "out", "--set", "checks.energy_balance_max=1e-12")
    assert user.cluster.wait(job, "FAILED")["ExitCode"] == "3:0"
    assert "out: failed (the error of the energy balance is" in user.darklat("status", "out")


def test_what_slurm_refuses_is_said_in_its_words(user: User) -> None:
    (user.folder / "c.yaml").write_text(TINY)
    (user.folder / "p.yaml").write_text(PROFILE + "partition: nowhere")
    said = user.darklat("submit", "c.yaml", "--profile", "p.yaml", "--out", "out", code=2)
    assert "sbatch refuses the job" in said and "invalid partition" in said.lower()
    user.cluster.wait(user.submit(TINY, PROFILE, "--out", "out"), "COMPLETED")

"""The scheduler is known in one place: another one in the table is asked instead of Slurm."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

import darklat.driver
from darklat.driver import commands, jobs, walltime
from darklat.driver.jobs import chosen, slurm
from darklat.driver.jobs.scheduler import Queued
from darklat.driver.jobs.submit import submit
from darklat.driver.status import status
from darklat.errors import InputError
from darklat.schema.profile import Profile
from darklat.storage import job_file
from run_folders import CONFIG


class Bell:
    """A scheduler that is told by a bell."""

    name = "Bell"
    shell = 'task=${BELL:-0}\njob=bell\nstarts=0\nrequeue() { echo "again $task"; }\n'

    def is_here(self, environment: Mapping[str, str]) -> bool:
        return "BELL" in environment

    def header(
        self, profile: Profile, *, name: str, folders: Sequence[Path], array: bool
    ) -> list[str]:
        return [f"#BELL {name} {profile.time} {len(folders)}"]

    def submit(self, script: Path) -> str:
        assert script.read_text().startswith("#!/bin/bash\n#BELL short 60 ")
        return "7.tower"

    def task_of(self, job: str, task: int) -> str:
        return f"7[{task}].tower"

    def cancel(self, job: str) -> str:
        return f"mute {job}"

    def queue(self, jobs: Iterable[str]) -> dict[str, Queued] | str:
        return {job: Queued("running", "rings") for job in jobs}

    def launcher(self, profile: Profile) -> list[str]:
        return []

    def seconds_left(self, environment: Mapping[str, str]) -> float | None:
        return 30.0 if self.is_here(environment) else None


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "SCHEDULERS", (Bell(), slurm))
    monkeypatch.setenv("BELL", "1")


def test_without_another_one_it_is_slurm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    assert chosen().name == "Slurm" and not slurm.is_here({})
    assert slurm.is_here({"SLURM_JOB_ID": "1"})
    (tmp_path / "sbatch").touch(mode=0o755)
    assert slurm.is_here({})


def test_everything_asks_the_one_that_is_here(bell: None, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(CONFIG + "sweep: {initial.seed: [1, 2]}\n")
    (tmp_path / "p.yaml").write_text("time: 60\n")
    profile, out = tmp_path / "p.yaml", tmp_path / "out"
    said = submit(tmp_path / "c.yaml", profile_path=profile, out=out)
    assert said.startswith("array of 2 jobs 7.tower is in the queue")
    found = job_file.recorded(out / "seed=2")
    assert found is not None and found.job == "7[1].tower"
    assert "7[1].tower rings" in status([out])
    with pytest.raises(InputError, match=r"as job 7\[0\].tower \(rings\): wait for it, or `mute "):
        submit(tmp_path / "c.yaml", profile_path=profile, out=out)
    limit = walltime.budget(None, since=0.0)
    assert limit.origin == "Bell's time limit" and 0 < limit.left <= 30
    script = (out / "job" / "job.sh").read_text()
    head = script.partition("# ---- From here on")[0] + 'echo "${folders[$task]}"; requeue'
    done = subprocess.run(["bash", "-c", head], capture_output=True, text=True, check=True)
    assert done.stdout == f"{out}/seed=2\nagain 1\n"


def test_a_run_is_extended_by_a_job(
    bell: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bell, "queue", lambda *_: {})
    (tmp_path / "c.yaml").write_text(CONFIG)
    (tmp_path / "p.yaml").write_text("time: 60\n")
    out = tmp_path / "out"
    small = ["lattice.sites=8", "time.a_end=0.8"]
    commands.run(tmp_path / "c.yaml", overrides=small, out=out, backend="cpu")

    def submitted(*overrides: str) -> str:
        return submit(
            tmp_path / "c.yaml", profile_path=tmp_path / "p.yaml", out=out,
            overrides=["lattice.sites=8", *overrides],
        )  # fmt: skip

    with pytest.raises(InputError, match="has reached its end already: there is nothing to submit"):
        submitted("time.a_end=0.8")
    with pytest.raises(InputError, match=r"initial.seed is 1 there and 2 here. Choose another"):
        submitted("time.a_end=0.8", "initial.seed=2")
    said = submitted("time.a_end=0.9", "checks.gauss_max=1e-9")
    assert f"it changes {out}: time.a_end=0.9, checks.gauss_max=1e-09\n" in said
    settings = (out / "job" / "settings.txt").read_text().splitlines()
    assert settings == ["time.a_end=0.9", "checks.gauss_max=1e-09"]
    assert commands.resume(out, overrides=settings, backend="cpu", stop_after=28)[1] is False
    assert "it changes" not in submitted("time.a_end=0.9", "checks.gauss_max=1e-9")
    assert (out / "job" / "settings.txt").read_text() == ""


def test_only_its_own_files_speak_of_slurm() -> None:
    """Its module, the table, and the keys of its profiles."""
    top = Path(darklat.driver.__file__).parents[1]
    found = {
        str(path.relative_to(top))
        for path in (*top.rglob("*.py"), *top.rglob("*.sh"))
        if "slurm" in path.read_text("utf-8").lower()
        and path.relative_to(top).parts[0] not in ("lattice", "kernels", "physics", "analysis")
    }
    assert found == {
        "arguments.py",  # the example of a profile
        *(f"driver/jobs/{name}.py" for name in ("__init__", "scheduler", "slurm")),
        *(f"schema/{name}.py" for name in ("profile", "profile_values")),
    }

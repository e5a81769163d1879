"""What Slurm's commands are asked for, and what they answer."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from darklat.errors import InputError, MachineError
from darklat.storage import run_folder
from darklat.storage.hdf5 import replace

RECORD = "job.json"
PATIENCE_SECONDS = 30.0
_OVER = frozenset(
    ("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY",
     "PREEMPTED", "TIMEOUT")
)  # fmt: skip


@dataclass(frozen=True)
class Submitted:
    """The job of a run: its number, NUMBER_TASK for a task of an array, and when it was handed in
    (ISO 8601)."""

    job: str
    since: str


@dataclass(frozen=True)
class Queued:
    """What the queue says about a job; the times are Slurm's text, the last is where it runs or why
    it waits."""

    state: str
    elapsed: str
    left: str
    where: str

    @property
    def over(self) -> bool:
        """Whether the job has ended; squeue shows it for a while."""
        return self.state in _OVER

    def __str__(self) -> str:
        if self.state == "RUNNING":
            return f"RUNNING on {self.where} for {self.elapsed}, {self.left} left"
        return f"{self.state} {self.where}".rstrip()


def submit(script: Path) -> str:
    """Hands a script to sbatch, from the script's folder, and returns the number of the job.

    Raises MachineError where there is no sbatch or it does not reach Slurm, InputError when Slurm
    refuses the job.
    """
    command = ["sbatch", "--parsable", script.name]
    try:
        done = subprocess.run(
            command,
            cwd=script.parent,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError as error:
        raise MachineError(
            "there is no sbatch here: submit on a login node of the cluster, or see the script "
            "with --dry-run"
        ) from error
    except OSError as error:
        raise MachineError(f"sbatch cannot be run: {error}") from error
    said = " ".join((done.stderr or done.stdout).split())
    if done.returncode != 0:
        if re.search("contact|connect|communicat|timed out|configuration source|munge", said, re.I):
            raise MachineError(f"sbatch does not reach Slurm: {said}")
        raise InputError(
            f"sbatch refuses the job: {said} Correct the profile; the script is {script}"
        )
    job = done.stdout.strip().partition(";")[0]  # NUMBER or NUMBER;CLUSTER
    if not job.isdigit():
        raise MachineError(f"sbatch answers {done.stdout.strip()!r}, which is no number of a job")
    return job


def record(folder: Path, submitted: Submitted) -> None:
    """Notes the job of a run in its folder. Raises MachineError when the disk refuses."""
    text = json.dumps(asdict(submitted)) + "\n"
    replace(folder / run_folder.JOB / RECORD, lambda temporary: temporary.write_text(text))


def recorded(folder: Path) -> Submitted | None:
    """The job of a run, or None where none is noted."""
    try:
        found = Submitted(**json.loads((folder / run_folder.JOB / RECORD).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return found if re.fullmatch(r"\d+(_\d+)?", str(found.job)) else None


def queue(jobs: Iterable[str]) -> dict[str, Queued] | str:
    """What the queue says about jobs, by number; one that it does not know is left out.

    Without an answer, the reason.
    """
    numbers = sorted({job.partition("_")[0] for job in jobs})
    if not numbers:
        return {}
    command = [
        "squeue", "--noheader", "--array", f"--jobs={','.join(numbers)}", "--format=%i|%T|%M|%L|%R",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False,
            timeout=PATIENCE_SECONDS, env=os.environ | {"SLURM_BITSTR_LEN": "0"},
        )  # fmt: skip
    except FileNotFoundError:
        return "there is no squeue here"
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"squeue does not answer: {error}"
    if done.returncode != 0:
        if "Invalid job id" in done.stderr:
            return {}
        return f"squeue does not answer: {' '.join(done.stderr.split())}"
    rows = (line.split("|", 4) for line in done.stdout.splitlines())
    return {row[0]: Queued(*row[1:]) for row in rows if len(row) == 5}

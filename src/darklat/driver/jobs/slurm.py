"""The scheduler Slurm: the lines of its scripts, its commands and their answers."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from darklat.driver.jobs.scheduler import Queued
from darklat.errors import InputError, MachineError
from darklat.schema.time_span import seconds

if TYPE_CHECKING:
    from darklat.schema.profile import Profile

LOG = "slurm-%j.log"
ARRAY_LOG = "slurm-%A_%a.log"
PATIENCE_SECONDS = 30.0
ENDING_SECONDS = 30
_OVER = frozenset(
    ("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY",
     "PREEMPTED", "TIMEOUT")
)  # fmt: skip
log = logging.getLogger("darklat")

name = "Slurm"
shell = """\
task=${SLURM_ARRAY_TASK_ID:-0}
job=${SLURM_JOB_ID:-?}
starts=${SLURM_RESTART_COUNT:-0}
requeue() {
    local number=$SLURM_JOB_ID
    if [[ $SLURM_ARRAY_JOB_ID ]]; then  # a task's own number may be that of the whole array
        number=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
    fi
    scontrol requeue "$number"
}
"""


def is_here(environment: Mapping[str, str]) -> bool:
    """See `Scheduler`."""
    return "SLURM_JOB_ID" in environment or shutil.which("sbatch") is not None


def header(profile: Profile, *, name: str, folders: Sequence[Path], array: bool) -> list[str]:
    """See `Scheduler`."""
    for folder in folders:
        _refuse_path(folder)
    return [f"#SBATCH {option}" for option in _options(profile, name, len(folders), array)]


def _options(profile: Profile, name: str, count: int, array: bool) -> Iterator[str]:
    given = {
        "account": profile.account,
        "partition": profile.partition,
        "qos": profile.qos,
        "time": profile.time,
        "cpus-per-task": profile.cpus,
        "mem": profile.memory,
        "gres": profile.gres,
    }
    yield f"--job-name={job_name(name)}"
    yield from (f"--{key}={value}" for key, value in given.items() if value is not None)
    yield f"--nodes={profile.nodes}"
    if profile.ranks == 1:
        yield "--ntasks=1"
    else:
        yield f"--ntasks-per-node={profile.tasks_per_node}"
    if profile.gpus_per_task is not None:
        yield f"--gpus-per-task={profile.gpus_per_task}"
    if array:
        at_once = f"%{profile.tasks_at_once}" if profile.tasks_at_once else ""
        yield f"--array=0-{count - 1}{at_once}"
    # Relative to the folder that sbatch is called in: a path has no safe form in such a line.
    yield f"--output={ARRAY_LOG if array else LOG}"
    yield "--open-mode=append"
    yield "--requeue"
    yield f"--signal=B:USR2@{profile.signal_seconds}"
    yield from profile.options


def launcher(profile: Profile) -> list[str]:
    """See `Scheduler`. A task that is killed takes the others with it, after seconds in which they
    can end by themselves; srun then has the highest of their exit codes."""
    if profile.ranks == 1:
        return []
    return ["srun", f"--cpus-per-task={profile.cpus}", f"--wait={ENDING_SECONDS}"]


def job_name(name: str) -> str:
    """A run's name without the characters that a queue's listing or an #SBATCH line cannot show."""
    return re.sub(r"[^A-Za-z0-9_.+=,-]+", "_", name).lstrip("-.=,")[:64] or "run"


def _refuse_path(folder: Path) -> None:
    """Slurm expands % and reads \\ in the path of its log file, and the log is in the folder."""
    for character, shown in (("%", "%"), ("\\", "a backslash")):
        if character in str(folder.absolute()):
            raise InputError(
                f"{folder}: the path of the run folder has {shown} in it, with which Slurm cannot "
                "name its log file: choose another --out"
            )


def submit(script: Path) -> str:
    """See `Scheduler`."""
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


def task_of(job: str, task: int) -> str:
    """See `Scheduler`."""
    return f"{job}_{task}"


def cancel(job: str) -> str:
    """See `Scheduler`."""
    return f"scancel {job}"


def queue(jobs: Iterable[str]) -> dict[str, Queued] | str:
    """See `Scheduler`."""
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
    return {row[0]: queued(*row[1:]) for row in rows if len(row) == 5}


def queued(state: str, elapsed: str, left: str, where: str) -> Queued:
    """A row of squeue, which shows a job for a while after its end; `where` is the node, or why
    the job waits."""
    if state == "RUNNING":
        return Queued("running", f"RUNNING on {where} for {elapsed}, {left} left")
    return Queued("over" if state in _OVER else "waiting", f"{state} {where}".rstrip())


def seconds_left(environment: Mapping[str, str]) -> float | None:
    """See `Scheduler`. From SLURM_JOB_END_TIME or else from squeue."""
    if (stated := environment.get("SLURM_JOB_END_TIME", "")).isdigit():
        return int(stated) - time.time()
    job = environment.get("SLURM_JOB_ID", "")
    if not job.isdigit():
        return None
    command = ["squeue", "--noheader", "--jobs", job, "--format", "%L"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=True,
            timeout=PATIENCE_SECONDS,
        )  # fmt: skip
        answer = done.stdout.strip()
        return None if answer in ("UNLIMITED", "NOT_SET") else seconds(answer)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        log.warning(
            "warning: SLURM_JOB_END_TIME is not set and squeue does not say when job %s ends (%s): "
            "the run does not know its time limit; give it with --walltime",
            job,
            error,
        )
        return None

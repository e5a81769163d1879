"""The functions that darklat needs from the scheduler of a cluster.

A scheduler is a module with these functions: slurm.py. Another one is another module, and one word
in SCHEDULERS (`darklat.driver.jobs`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from darklat.schema.profile import Profile


@dataclass(frozen=True)
class Queued:
    """The state of a job in the queue, and the same in the scheduler's own words."""

    state: Literal["waiting", "running", "over"]
    words: str

    def __str__(self) -> str:
        return self.words


class Scheduler(Protocol):
    """The functions and texts of a scheduler's module."""

    @property
    def name(self) -> str:
        """Its name in messages."""

    @property
    def shell(self) -> str:
        """Bash that sets `task` (the number of the task in an array, else 0), `job` and `starts`
        (how often the job has begun before). It defines `requeue`, which puts the job back into the
        queue."""

    def is_here(self, environment: Mapping[str, str]) -> bool:
        """Whether this machine has the scheduler, or this process is in one of its jobs."""

    def header(
        self, profile: Profile, *, name: str, folders: Sequence[Path], array: bool
    ) -> list[str]:
        """The lines of a batch script that ask for the resources of the profile. They are for one
        job, or for an array with a task per run folder.

        Raises InputError for a folder whose path the scheduler cannot hold.
        """

    def launcher(self, profile: Profile) -> list[str]:
        """The words before a command that start it as all tasks of a job; none for one task."""

    def submit(self, script: Path) -> str:
        """Hands a script in, from the folder of the script; returns the number of the job.

        Raises MachineError when the scheduler cannot be reached, InputError when it refuses.
        """

    def task_of(self, job: str, task: int) -> str:
        """The number of a task of an array."""

    def cancel(self, job: str) -> str:
        """The command that cancels a job."""

    def queue(self, jobs: Iterable[str]) -> dict[str, Queued] | str:
        """The jobs that the queue knows, by number. Without an answer, the reason."""

    def seconds_left(self, environment: Mapping[str, str]) -> float | None:
        """Seconds until the time limit of the job that the environment speaks of.

        None when there is no job, no limit, or no answer, of which the log then speaks.
        """

"""Wall time that a run may take, and when to stop for its last checkpoint to come in time."""

from __future__ import annotations

import logging
import math
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

SPARE_SECONDS = 5.0  # for what is not measured: closing files, the end of the process
SQUEUE_SECONDS = 20.0
log = logging.getLogger("darklat")

_FORMS = (  # those of Slurm
    (r"(?P<m>\d+(\.\d+)?)", "minutes"),
    (r"(?P<m>\d+):(?P<s>\d+)", "minutes:seconds"),
    (r"(?P<h>\d+):(?P<m>\d+):(?P<s>\d+)", "hours:minutes:seconds"),
    (r"(?P<d>\d+)-(?P<h>\d+)(:(?P<m>\d+)(:(?P<s>\d+))?)?", "days-hours[:minutes[:seconds]]"),
)
_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}


def seconds(text: str) -> float:
    """A span of time as Slurm writes it.

    Raises ValueError when it is none, or not positive.
    """
    for form, _ in _FORMS:
        if found := re.fullmatch(form, text.strip(), re.ASCII):
            span = sum(_SECONDS[k] * float(v) for k, v in found.groupdict().items() if v)
            if 0 < span < 1e9:
                return span
    forms = ", ".join(name for _, name in _FORMS)
    raise ValueError(f"'{text}' is no span of time: write {forms}; for example 12:00:00")


@dataclass
class Budget:
    """Wall time that ends at `end` (of `now`); `origin` says who set it."""

    end: float = math.inf
    origin: str = "no limit"
    now: Callable[[], float] = time.monotonic
    _slowest: dict[str, float] = field(default_factory=dict)

    def spent(self, what: str, span: float) -> None:
        """Notes how long something took that comes again before a stop or in it."""
        self._slowest[what] = max(self._slowest.get(what, 0.0), span)

    @contextmanager
    def measuring(self, what: str) -> Iterator[None]:
        """Notes how long the inside takes."""
        begun = self.now()
        yield
        self.spent(what, self.now() - begun)

    @property
    def margin(self) -> float:
        """Seconds to keep for a stop: twice the slowest of everything noted, and some to spare."""
        return 2 * sum(self._slowest.values()) + SPARE_SECONDS

    @property
    def left(self) -> float:
        """Seconds until the end."""
        return self.end - self.now()

    @property
    def over(self) -> bool:
        """Whether more steps might not leave enough time to stop."""
        return self.left < self.margin


def budget(limit: float | None, *, since: float) -> Budget:
    """The earlier of a limit in seconds after `since` (of time.monotonic) and the end of the Slurm
    job that this process is in; without both, no limit."""
    found = [Budget()]
    if limit is not None:
        found.append(Budget(since + limit, f"--walltime of {limit:g} s"))
    if (left := slurm_seconds_left(os.environ)) is not None:
        found.append(Budget(time.monotonic() + left, "Slurm's time limit"))
    return min(found, key=lambda each: each.end)


def slurm_seconds_left(environment: Mapping[str, str]) -> float | None:
    """Seconds until Slurm ends the job that the environment speaks of, from SLURM_JOB_END_TIME or
    else from squeue.

    None when there is no job, no limit, or no answer, of which the log then speaks.
    """
    if (stated := environment.get("SLURM_JOB_END_TIME", "")).isdigit():
        return int(stated) - time.time()
    job = environment.get("SLURM_JOB_ID", "")
    if not job.isdigit():
        return None
    command = ["squeue", "--noheader", "--jobs", job, "--format", "%L"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=SQUEUE_SECONDS, check=True
        )
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

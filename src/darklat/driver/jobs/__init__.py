"""Jobs on a cluster: the profile, the batch script, and the scheduler.

The rest of darklat knows the scheduler as `chosen()` alone.
"""

from __future__ import annotations

import os

from darklat.driver.jobs import slurm
from darklat.driver.jobs.scheduler import Scheduler

SCHEDULERS: tuple[Scheduler, ...] = (slurm,)


def chosen() -> Scheduler:
    """The first scheduler that this machine has; where it has none, the first of all."""
    here = (scheduler for scheduler in SCHEDULERS if scheduler.is_here(os.environ))
    return next(here, SCHEDULERS[0])

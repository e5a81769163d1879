"""Wall time that a run may take, and when to stop for its last checkpoint to come in time."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from darklat.driver import jobs
from darklat.schema.time_span import duration

SPARE_SECONDS = 5.0  # for the unmeasured rest: closing files, the end of the process


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
    """The earlier of two limits: seconds after `since` (of time.monotonic), and the end of the job
    that this process is in. Without both, no limit."""
    found = [Budget()]
    if limit is not None:
        found.append(Budget(since + limit, f"the walltime of {duration(limit)}"))
    scheduler = jobs.chosen()
    if (left := scheduler.seconds_left(os.environ)) is not None:
        found.append(Budget(time.monotonic() + left, f"{scheduler.name}'s time limit"))
    return min(found, key=lambda each: each.end)

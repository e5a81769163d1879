"""When a run looks at its fields: outputs, snapshots, and the closed steps that they need.

A step of the splitting may leave its last kick to the next step (integrators/strang.py). A step is
closed where an output is due, and at least every CLOSE_STEPS steps. Only a closed step can be
measured, saved or stopped at. All of this depends on the configuration alone, so that a resumed run
closes the same steps and gives the same bits.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from darklat.lattice.clock import Clock
from darklat.schema import Config

CLOSE_STEPS = 8  # a stop waits for so many steps at most
CHECK_STEPS = 6 * CLOSE_STEPS  # at most so many between two checks, however rare the outputs


@dataclass(frozen=True)
class Schedule:
    """Steps count from 1; 0 is the start."""

    clock: Clock
    series_interval: float
    spectra_interval: float
    snapshots: Set[int]

    def series(self, step: int) -> bool:
        """Whether a row of the series is due after that step."""
        return self.clock.due(step, self.series_interval)

    def spectra(self, step: int) -> bool:
        """Whether spectra are due after that step."""
        return self.clock.due(step, self.spectra_interval)

    def check(self, step: int) -> bool:
        """Whether the checks are due after a step without outputs."""
        return step % CHECK_STEPS == 0

    def closes(self, step: int) -> bool:
        """Whether that step is closed."""
        return (
            step % CLOSE_STEPS == 0
            or step in self.snapshots
            or self.series(step)
            or self.spectra(step)
        )


def schedule(config: Config, clock: Clock) -> Schedule:
    """Of a run."""
    output = config.output
    steps = frozenset(snapshot_steps(config, clock))
    return Schedule(clock, output.series_interval, output.spectra_interval, steps)


def snapshot_steps(config: Config, clock: Clock) -> list[int]:
    """The step of each snapshot: the one that ends nearest to its scale factor, or to its time in a
    static background."""
    background, wanted = config.expansion, config.output.snapshots
    times = [background.tau_of(x) if background.expands else x for x in wanted]
    return [clock.nearest_step(tau) for tau in times]

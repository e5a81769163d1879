"""When a run looks at its fields: outputs, snapshots, and the closed steps that they need.

A step of the splitting may leave its last kick to the next step (integrators/strang.py). A step is
closed where an output is due, and at least every CLOSE_STEPS steps. With gravitational waves steps
are closed as often as their source is sampled. Only a closed step can be
measured, saved or stopped at. All of this depends on the configuration alone, so that a resumed run
closes the same steps and gives the same bits. Outputs that follow the fields (lattice/following.py)
come at closed steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Set
from dataclasses import dataclass

from darklat.lattice.clock import Clock
from darklat.physics.background import Background
from darklat.schema import Config

CLOSE_STEPS = 8  # a stop waits for so many steps at most
CHECK_STEPS = 6 * CLOSE_STEPS  # at most so many between two checks, however rare the outputs
ROUNDING = 1e-9  # of e-folds


@dataclass(frozen=True)
class Cadence:
    """When an output is due: an interval of conformal time, and e-folds of a (None: none)."""

    clock: Clock
    background: Background
    interval: float
    efolds_of_a: float | None

    def due(self, step: int) -> bool:
        """Whether it is due after that step."""
        if self.clock.due(step, self.interval):
            return True
        return bool(self.efolds_of_a) and self._efolds(step) > self._efolds(step - 1)

    def _efolds(self, step: int) -> int:
        """How many times a has grown by so many e-folds since the first step."""
        assert self.efolds_of_a is not None  # who asks has looked
        a, start = (float(self.background.scale_factor(self.clock.tau(n))) for n in (step, 0))
        return math.floor(math.log(a / start) / self.efolds_of_a + ROUNDING)


@dataclass(frozen=True)
class Schedule:
    """Steps count from 1; 0 is the start. A step is closed at least every `close_steps`, and
    `longest` in conformal time (None: however long those are)."""

    of_series: Cadence
    of_spectra: Cadence
    snapshots: Set[int]
    close_steps: int = CLOSE_STEPS
    longest: float | None = None

    def series(self, step: int) -> bool:
        """Whether a row of the series is due after that step."""
        return self.of_series.due(step)

    def spectra(self, step: int) -> bool:
        """Whether spectra are due after that step."""
        return self.of_spectra.due(step)

    def check(self, step: int) -> bool:
        """Whether the checks are due after a step without outputs."""
        return step % CHECK_STEPS == 0

    def closes(self, step: int) -> bool:
        """Whether that step is closed."""
        return (
            step % self.close_steps == 0
            or step % CLOSE_STEPS == 0
            or (self.longest is not None and self.of_series.clock.within(step, self.longest))
            or step in self.snapshots
            or self.series(step)
            or self.spectra(step)
        )


def schedule(config: Config, clock: Clock, growth_rate: Callable[[], float]) -> Schedule:
    """Of a run. Where an output follows the growth of a field, steps are closed so often that its
    energy, whose logarithm grows at most at the rate that `growth_rate` gives, is measured in
    time."""
    output, background = config.output, config.expansion
    series, spectra = (
        Cadence(clock, background, interval, also.efolds_of_a)
        for interval, also in (
            (output.series_interval, output.series_also),
            (output.spectra_interval, output.spectra_also),
        )
    )
    followed = [output.series_also.efolds_of_growth, output.spectra_also.efolds_of_growth]
    close_steps = CLOSE_STEPS
    if efolds := [each for each in followed if each is not None]:
        per_step = growth_rate() * clock.dt(0)
        most = max(1, math.floor(min(efolds) / max(per_step, min(efolds) / CLOSE_STEPS)))
        close_steps = min(close_steps, most)
    waves = output.gravitational_waves  # whose source is sampled at closed steps
    longest = None if waves is None else waves.sampling * config.dx
    return Schedule(series, spectra, frozenset(snapshot_steps(config, clock)), close_steps, longest)


def snapshot_steps(config: Config, clock: Clock) -> list[int]:
    """The step of each snapshot: the one that ends nearest to its scale factor, or to its time in a
    static background; of one at the end the last step."""
    history, end = config.expansion, config.time.a_end
    return [
        clock.steps if x == end else clock.nearest_step(history.tau_of(x) if config.expands else x)
        for x in config.output.snapshots
    ]

"""Snapshots have a step each."""

from __future__ import annotations

from itertools import pairwise

from darklat.lattice.clock import Clock
from darklat.lattice.schedule import snapshot_steps
from darklat.schema import Config, Origin


def refuse_merged(origin: Origin, config: Config, times: Clock) -> None:
    """Raises ConfigError where two snapshots fall on one step of a run with these times."""
    steps = snapshot_steps(config, times)
    for i, (before, step) in enumerate(pairwise(steps), start=1):
        if step == before:
            earlier, later = config.output.snapshots[i - 1 : i + 1]
            raise origin.refusal(
                ("output", "snapshots", i),
                f"{later:g} falls on the same step as {earlier:g} before it: a step there is "
                f"{times.dt(max(step - 1, 0)):.3g} long. Leave one out, or take smaller steps "
                "(time.courant)",
            )

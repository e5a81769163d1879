"""A ladder before its first run: the orders of its scheme, and rungs that would not differ."""

from __future__ import annotations

from darklat.lattice import plan
from darklat.schema.ladder import BOX, COURANT, RATIO, SEED, SITES
from darklat.schema.sweep import Sweep
from darklat.storage.sweep_folder import Orders

_SAME = 0.1
"""Share by which the lengths of two steps may differ from the ratio of their Courant numbers."""


def orders(sweep: Sweep) -> Orders | None:
    """The orders of a ladder's scheme; None for a sweep. Steps shrink with dx, so that the lower of
    the two orders is that of the whole."""
    if sweep.ladder is None:
        return None
    config = sweep.runs[0].config
    step, stencils = plan.scheme(config).order, config.lattice.order
    return Orders(lattice=min(stencils, step), stencils=stencils, step=step)


def refuse_equal_steps(sweep: Sweep) -> None:
    """Raises ConfigError for a rung of a ladder whose Courant number does not decide its step."""
    if sweep.ladder is None:
        return
    own = sweep.ladder.configuration
    alike = [
        run for run in sweep.runs if all(run.values[key] == own[key] for key in (SITES, BOX, SEED))
    ]
    base = next(run for run in alike if run.values[COURANT] == own[COURANT])
    last = plan.clock(base.config)
    for run in alike:
        clock = plan.clock(run.config)
        wanted = run.values[COURANT] / own[COURANT]
        found = clock.dt(clock.steps) / last.dt(last.steps)
        if abs(found / wanted - 1) > _SAME:
            raise run.origin.refusal(
                ("time", "courant"),
                f"{run.values[COURANT]:g} makes the last step {found:.3g} times as long as "
                f"{own[COURANT]:g} does, not {wanted:.3g} times: "
                f"{plan.mass_step(base.config):g}/(a m) limits it. List smaller ones, such as "
                f"steps: [{own[COURANT] / RATIO:.2g}], ask for fewer, or take a finer lattice",
            )

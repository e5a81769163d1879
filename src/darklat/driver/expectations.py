"""What `darklat validate` says of the growth of the fields."""

from __future__ import annotations

import math

from darklat.lattice import expected, plan
from darklat.lattice.clock import Clock
from darklat.physics.spectra import cutoff
from darklat.physics.units import UnitNames
from darklat.schema import Config

_LONG_STEP = 0.1
"""dt/dx up to which a scheme of order 2 carries the growth to 0.3% in r (docs/performance.md)."""


def lines(config: Config, clock: Clock) -> list[str]:
    """The unstable band, the back-reaction and the peak; nothing without an ALP."""
    end = clock.tau(clock.steps)
    edge = plan.band_edge(config, end=end)
    if config.model.alp is None:
        return []
    if edge == 0:
        return ["growth     none: the ALP does not couple to the fields"]
    unit = UnitNames(alp=True)("1/tau_osc")
    first, last = 2 * math.pi / config.lattice.box, cutoff(config.dx, config.lattice.order)
    found = [
        f"band       unstable below k = g |theta'| = {edge:.3g} {unit}, fastest at {edge / 2:.3g}; "
        f"the lattice has {first:.3g} to {last:.3g}"
    ]
    reason = expected.why_not(config)
    if reason is not None:
        return [*found, f"growth     not estimated: {reason}"]
    return [*found, *_growth(config, clock, edge)]


def _growth(config: Config, clock: Clock, edge: float) -> list[str]:
    end = clock.tau(clock.steps)
    name, unit = ("a", "a_osc") if config.expands else ("tau", "tau_osc")
    last = float(config.expansion.scale_factor(end)) if config.expands else end
    here = expected.on_lattice(config, end=end)
    ideal = expected.in_continuum(config, edge, end=end)
    limit = f"; without a lattice at {ideal.at:.3g}" if ideal else ""
    if here is None:
        known = expected.known_until(config, end=end)
        if known < last:
            return [
                f"growth     no back-reaction before {name} = {known:.4g} {unit}{limit}; "
                "after that it is not estimated"
            ]
        return [f"growth     no back-reaction before the end, {name} = {last:.4g} {unit}{limit}"]
    return [
        f"growth     back-reaction at about {name} = {here.at:.3g} {unit}{limit}",
        f"peak       of B_{config.dark} at about k = {here.k_peak:.3g} 1/tau_osc then",
        *_carried_by_steps(config, clock),
    ]


def _carried_by_steps(config: Config, clock: Clock) -> list[str]:
    """A remark where the growth is left to long steps of low order."""
    linear = plan.first_time(config) < clock.tau_start
    short = clock.dt(0) < (1 + 1e-9) * _LONG_STEP * config.dx  # the clock rounds
    if linear or short or plan.scheme(config).order > 2:
        return []
    return [
        "note       steps carry the growth here, and r may be off by some per cent. "
        "initial.linear_until: auto solves it mode by mode, in less time"
    ]

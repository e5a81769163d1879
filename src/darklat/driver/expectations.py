"""What `darklat validate` says of the growth of the fields."""

from __future__ import annotations

import math

from darklat.lattice import expected, plan
from darklat.lattice.clock import Clock
from darklat.physics.spectra import cutoff
from darklat.physics.units import UnitNames
from darklat.schema import Config


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
    return [*found, *_growth(config, edge, end)]


def _growth(config: Config, edge: float, end: float) -> list[str]:
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
    ]

"""What a run of an ALP is expected to do, from the linear equations of its gauge fields.

The time of back-reaction and the wave number of the peak there. On the lattice
of the run khat is less than k, and the coupling of short waves is weaker: its back-reaction comes
later than in the continuum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from darklat.lattice import plan
from darklat.physics import growth
from darklat.schema import Config

_WAVES = 64


@dataclass(frozen=True)
class Growth:
    """Scale factor (static background: conformal time) of the back-reaction, and the peak of B of
    the first dark field per ln k there, in 1/tau_osc."""

    at: float
    k_peak: float


def why_not(config: Config) -> str | None:
    """Why the growth cannot be expected from linear equations, or None where it can be."""
    if config.initial.kind != "vacuum":
        return f"initial.kind is {config.initial.kind}, and not a vacuum"
    dense = [x for x in config.massive if config.model.fields[x].plasma.kind != "none"]
    if dense:
        return f"{', '.join(dense)} has a plasma"
    if config.dark is None:
        return "there is no dark field"
    return None


def on_lattice(config: Config, *, end: float) -> Growth | None:
    """On the modes of the run's own lattice, up to conformal time end; None where the fields stay
    without back-reaction. The config must have no reason against it (`why_not`) and an unstable
    band."""
    k = np.geomspace(2 * math.pi / config.lattice.box, math.pi / config.dx, _WAVES)
    return _growth(config, growth.on_lattice(k, config.dx, config.lattice.order), end)


def in_continuum(config: Config, edge: float, *, end: float) -> Growth | None:
    """In an infinite box without a lattice; edge is `plan.band_edge`."""
    return _growth(config, growth.continuum(np.geomspace(edge / 100, 1.3 * edge, _WAVES)), end)


def known_until(config: Config, *, end: float) -> float:
    """The scale factor (static background: conformal time) up to which back-reaction is looked for,
    with an end at that conformal time."""
    model = config.model.alp
    assert model is not None  # who asks has looked
    tau = growth.searched_until(
        config.expansion,
        mass=config.mass,
        theta_initial=model.theta_initial,
        potential=model.V,
        span=(plan.first_time(config), end),
    )
    return float(config.expansion.scale_factor(tau)) if config.expands else tau


def _growth(config: Config, waves: growth.Waves, end: float) -> Growth | None:
    model, dark = config.model.alp, config.dark
    assert model is not None and dark is not None  # who asks has looked
    # A conductor's field hardly grows; the first dark field comes first.
    letters = [dark, *(x for x in config.letters if x not in (dark, config.conducting))]
    places = [config.letters.index(x) for x in letters]
    found = growth.back_reaction(
        config.expansion,
        mass=config.mass,
        theta_initial=model.theta_initial,
        potential=model.V,
        couplings=config.coupling_matrix[np.ix_(places, places)],
        masses=[plan.mass_of(config, x) for x in letters],
        amplitude=config.program_units.vacuum_amplitude,
        waves=waves,
        span=(plan.first_time(config), end),
    )
    if found is None:
        return None
    at = float(config.expansion.scale_factor(found.tau)) if config.expands else found.tau
    return Growth(at, found.k_peak)

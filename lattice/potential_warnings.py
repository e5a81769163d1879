"""Warnings of a run's potential: waves of theta that it makes grow, and motion of the ALP that
begins before the run or does not settle within it."""

from __future__ import annotations

import math

import numpy as np

from darklat.physics import alp
from darklat.physics.numerals import plain
from darklat.physics.potential import of
from darklat.physics.potential_checks import curvatures, reached
from darklat.schema import Config

_MOVED = 0.1  # share of theta_initial that a run may miss; the benchmark misses 0.03
_ANHARMONIC = 0.1  # share of V that is not theta^2/2, above which a^3 rho still changes


def warnings(config: Config, *, first: float, end: float) -> list[str]:
    """The warnings of a run between two conformal times, with the numbers."""
    if config.model.alp is None:
        return []
    return [*_growing(config), *_moved(config, first), *_unsettled(config, end)]


def _growing(config: Config) -> list[str]:
    model = config.model.alp
    assert model is not None  # who asks has looked
    curvature = curvatures(model.V, model.theta_initial)
    theta = reached(model.V, model.theta_initial)
    assert theta is not None  # the schema's business
    if np.min(curvature) >= 0:
        return []
    nearest = np.min(np.abs(theta[curvature < 0]))
    rate = config.mass * math.sqrt(-float(np.min(curvature)))
    return [
        f"model.alp.potential: V'' is negative above |theta| = {plain(nearest)}, which the ALP "
        f"crosses. Waves of theta itself with k/a below m sqrt|V''| = {plain(rate)}/tau_osc grow "
        "there from the vacuum fluctuations of the ALP, with which a run does not start."
    ]


def _moved(config: Config, first: float) -> list[str]:
    """Of a start that is too late. A static background starts from rest."""
    model = config.model.alp
    assert model is not None  # who asks has looked
    if not config.expansion.singular or config.initial.kind == "file":
        return []
    theta, _ = alp.homogeneous(
        config.expansion, mass=config.mass, theta_initial=model.theta_initial, potential=model.V,
        tau=first,
    )  # fmt: skip
    if abs(float(theta) - model.theta_initial) <= _MOVED * abs(model.theta_initial):
        return []
    return [
        f"initial.a_start: the ALP has moved from theta = {plain(model.theta_initial)} to "
        f"{plain(float(theta))} before the start, and what the gauge fields gained until then is "
        "left out. Use an earlier start."
    ]


def _unsettled(config: Config, end: float) -> list[str]:
    """Of an end at which a^3 rho still changes. Numbers of today take it as constant."""
    model = config.model.alp
    assert model is not None  # who asks has looked
    if config.radiation_hubble is None or model.V == "quadratic":
        return []
    rho = alp.density(
        config.expansion, mass=config.mass, theta_initial=model.theta_initial, potential=model.V,
        tau=end,
    )  # fmt: skip
    size = np.linspace(0.0, abs(model.theta_initial), 1001)
    V = np.asarray(of(model.V).V(math.copysign(1.0, model.theta_initial) * size, config.mass))
    amplitude = float(np.interp(float(rho), V, size))
    share = abs(float(rho) / (0.5 * (config.mass * amplitude) ** 2) - 1)
    if share <= _ANHARMONIC:
        return []
    return [
        f"model.alp.potential: at the end an ALP without gauge fields still swings up to |theta| = "
        f"{plain(amplitude)}, where V differs from theta^2/2 by {share:.0%}. Its "
        "a^3 rho changes later, and numbers of today take it as constant. Use a later end."
    ]

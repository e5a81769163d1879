"""The checks of a running simulation: each warns once, then stops, and says which, when and what to try."""

from __future__ import annotations

import logging
import math

import pytest

from darklat.errors import NumericalError
from darklat.lattice import plan
from darklat.lattice.guards import Guards
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.sectors.gauge import gauss_reading
from darklat.lattice.sectors.massive import lorenz_reading
from darklat.physics import scales
from models import config, simulation

GOOD = {"a": 1.0, "rho/X": 0.1, "gauss/X": 1e-15, "lorenz/X": 1e-15, "energy_balance": 1e-4, "power_at_cutoff": 0.05}  # fmt: skip
WHEN = "at step 8, tau = 1, a/a_osc = 1"
# What is measured, its scale by default, and the words for it.
RESIDUAL = scales.of_residual(1e-10)
LIMITS = [
    ("gauss/X", RESIDUAL, "the residual of Gauss's law of field X is", "gauss_max"),
    ("lorenz/X", RESIDUAL, "the residual of the Lorenz condition of field X is", "gauss_max"),
    ("energy_balance", scales.of_residual(0.05), "the error of the energy balance is", "energy_balance_max"),
    ("power_at_cutoff", scales.of_cutoff(1.0), "the share of the energy at the cutoff is", "power_at_cutoff_max"),
    ("courant", scales.of_step(1.0), "the time step over the longest stable one is", "courant_max"),
]  # fmt: skip


def examine(guards: Guards, **changed: float) -> None:
    row = GOOD | {k: v for k, v in changed.items() if k != "courant"}
    limits = config().checks
    readings = [gauss_reading(row, limits, "X"), lorenz_reading(row, limits, "X")]
    guards.examine(row, readings, courant=changed.get("courant", 0.2), when=WHEN)


@pytest.mark.parametrize(("name", "scale", "words", "key"), LIMITS)
def test_a_check_warns_once_by_its_scale_and_stops_beyond_its_limit(
    name: str, scale: scales.Scale, words: str, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    guards = Guards(config())
    with caplog.at_level(logging.WARNING, "darklat"):
        examine(guards)
        examine(guards, **{name: 0.99 * scale.warn})
        assert caplog.messages == []
        for value in (1.01 * scale.warn, 1.1 * scale.warn, scale.fail):
            examine(guards, **{name: value})
    (line,) = caplog.messages
    value = 1.01 * scale.warn
    assert line.startswith(f"warning: {words} {value:.3g} {WHEN}, allowed is checks.{key} =")
    assert ("at that the run stops" in line) == (scale.fail == scale.stop)
    with pytest.raises(NumericalError) as caught:
        examine(guards, **{name: 1.01 * scale.stop})
    message = str(caught.value)
    assert message.startswith(f"{words} {1.01 * scale.stop:.3g} {WHEN}, allowed is checks.{key} =")
    assert "ry " in message or "bug" in message  # a remedy


def test_energy_at_the_cutoff_that_fails_without_a_stop_is_warned_about_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    guards = Guards(config())
    with caplog.at_level(logging.WARNING, "darklat"):
        for share in (0.2, 0.3, 0.6, 0.7, 0.2):
            examine(guards, power_at_cutoff=share)
    first, second = caplog.messages
    assert "above 0.5 the numbers will not be trusted" in first
    assert "is 0.6 " in second and "above 0.5 the numbers are not to be trusted" in second


def test_a_limit_below_the_scale_moves_it() -> None:
    scale = scales.of_cutoff(0.01)
    assert (scale.fail, scale.stop) == (0.01, 0.01) and scale.warn < 0.01
    assert scale.judge(math.nan) == "fail"


def test_a_negative_energy_balance_counts(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(NumericalError, match="energy balance"):
        examine(Guards(config()), energy_balance=-0.06)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_stops_and_names_the_field(value: float) -> None:
    with pytest.raises(NumericalError, match=rf"rho/X is -?{abs(value)} at step 8.* time.courant"):
        examine(Guards(config()), **{"rho/X": value})


def run(*overrides: str) -> float:
    """Runs a small simulation until a check stops it; the scale factor then."""
    sim = simulation(*overrides)
    with pytest.raises(NumericalError) as caught:
        sim.start()
        while sim.done < sim.clock.steps:
            sim.step()
            if sim.closed:
                sim.record()
    assert f"a/a_osc = {sim.a:.6g}" in str(caught.value)
    return sim.a


def test_power_at_the_cutoff_stops_a_run_that_is_told_to() -> None:
    overrides = ("lattice.sites=8", "lattice.box=0.5", "model.couplings.XX=100", "time.a_end=7")
    overrides += ("output.spectra_interval=0.05",)
    assert 3 < run(*overrides, "checks.power_at_cutoff_max=0.01") < 7


def test_the_growing_mass_comes_to_the_limit_of_the_step() -> None:
    """On a coarse lattice a m dt is what limits the step; dt is the same for a while."""
    overrides = ("lattice.sites=8", "lattice.box=64", "model.couplings.XX=1e-9")
    overrides += ("initial.a_start=8", "time.a_end=16")
    model = config(*overrides)
    at_end = plan.clock(model).dt(10**6) / plan.longest_stable_step(model, 16.0)
    # 2/sqrt(3) dx for omega dx = 2 sqrt(3): omega dt = 4; a m dt = 1/2 at the end.
    dx = 8.0
    assert at_end == pytest.approx(math.hypot(0.5, math.sqrt(12) / dx * 0.5 / 48) / 4, rel=0.02)
    stopped = run(*overrides, f"checks.courant_max={0.9 * at_end}")
    # the first equal steps go from a = 8 to 2^(1/3) times that, where a m dt = 1/2
    edge = 8 * 2 ** (1 / plan.STRETCHES_PER_DOUBLING)
    assert 0.89 * edge < stopped < 0.93 * edge


@pytest.mark.parametrize("name", INTEGRATORS)
def test_the_longest_stable_step_of_a_massless_lattice_is_the_scheme_s(name: str) -> None:
    model = config(f"time.scheme={name}", "background.oscillation_condition=1e-9")
    expected = INTEGRATORS[name].largest_courant * model.dx
    assert plan.longest_stable_step(model, 1.0) == pytest.approx(expected, rel=1e-12)

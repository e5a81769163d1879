"""Runs in every expansion history: the homogeneous ALP, the energy account, the steps."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darklat.errors import BadValueError
from darklat.lattice import plan
from darklat.physics import alp
from models import config, simulation

HISTORIES = {
    "kination": ("background={kind: power_law, w: 1}",),
    "matter": ("background={kind: power_law, w: 0}",),
    "equality": ("background={kind: radiation_matter, a_eq: 10}",),
    "annihilation": ("background={kind: thermal}",),
}
SMALL = ("lattice.sites=8", "lattice.box=2", "time.a_end=3", "model.couplings.XX=0")


def errors(history: tuple[str, ...], steps: int) -> tuple[float, float]:
    """Of theta, and of the energy account, of a homogeneous ALP without gauge fields."""
    sim = simulation(*SMALL, *history)
    sim.start()
    first, last = plan.first_time(sim.config), plan.last_time(sim.config)
    dt, worst = (last - first) / steps, 0.0
    for s in range(steps):
        sim.spent += sim.stepper.step(tau=first + s * dt, dt=dt)
        a = float(sim.background.scale_factor(first + (s + 1) * dt))
        energy = sim.lattice.measure(a).conformal_energy
        worst = max(worst, abs(energy - sim.energy_start + sim.spent) / energy)
    theta, _ = alp.homogeneous(
        sim.background, mass=3.0, theta_initial=1.0, potential="quadratic", tau=last
    )
    return abs(float(sim.lattice.theta.mean()) - float(theta)), worst


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_a_homogeneous_alp_and_its_energy_are_of_order_two(history: tuple[str, ...]) -> None:
    coarse, fine = errors(history, 100), errors(history, 200)
    for less, more in zip(fine, coarse, strict=True):
        assert math.log2(more / less) == pytest.approx(2, abs=0.15)
    assert max(fine) < 2e-3


def test_rows_of_a_run_follow_the_background() -> None:
    sim = simulation(*SMALL, *HISTORIES["matter"], "time.a_end=1")
    sim.start()
    while sim.done < sim.clock.steps:
        sim.step()
        if sim.closed:
            sim.record()
    tau, a, hubble = (sim.series[name] for name in ("tau", "a", "hubble"))
    np.testing.assert_allclose(a, (tau / 2) ** 2, rtol=1e-14)
    np.testing.assert_allclose(hubble, 2 / tau, rtol=1e-14)
    assert a[-1] == pytest.approx(1, rel=1e-12)
    np.testing.assert_allclose(sim.series["r"], 1, rtol=2e-3)  # of the time step


def test_steps_are_short_while_the_alp_is_at_rest() -> None:
    """V grows as tau^(4p): a step is at most 1/(4p) of the age."""
    for key, p in (("matter", 2.0), ("kination", 1.0)):
        model = config(*SMALL, *HISTORIES[key], "initial.a_start=0.01", "lattice.box=8")
        clock = plan.clock(model)
        for step in range(0, min(clock.steps, 40)):
            assert clock.dt(step) <= clock.tau(step) / 4 / p * (1 + 1e-12)


def test_steps_follow_the_mass_three_times_while_a_doubles() -> None:
    model = config("lattice.box=16", "time.a_end=64", *HISTORIES["matter"])
    clock = plan.clock(model)
    last = [s for s in clock.stretches if model.expansion.scale_factor(s.tau) > 8]
    assert len(last) == pytest.approx(9, abs=1)
    for stretch in last:
        end = stretch.tau + stretch.steps * stretch.dt
        rate = 3 * model.expansion.scale_factor(end)
        assert 0.9 * plan.MASS_STEP < stretch.dt * rate <= plan.MASS_STEP * (1 + 1e-9)


@pytest.mark.parametrize(
    ("overrides", "key"),
    [
        (("time={tau_end: 1}",), "time.tau_end"),  # a_start = 0.5 is tau = 1.414
        (("time={tau_end: 3}", "initial.linear_until=2.5"), "initial.linear_until"),
        (("time={tau_end: 3}", "output.snapshots=[2.5]"), "output.snapshots"),
    ],
)
def test_times_out_of_order_are_refused(overrides: tuple[str, ...], key: str) -> None:
    with pytest.raises(BadValueError) as caught:
        plan.refuse_endless(config(*HISTORIES["matter"], *overrides))
    assert caught.value.key == key
    plan.refuse_endless(config(*HISTORIES["matter"], "time={tau_end: 3}"))


def test_inflation_leaves_fields_of_the_same_history() -> None:
    """E = -m^2 X int a^2 dtau, with m = 2 and a = (tau/2)^2."""
    sim = simulation(
        "model.alp=null", "model.couplings=null", "units={hubble_eV: 1e-18}",
        "model.fields.X.mass_eV=2e-18", "initial={kind: inflation, hubble_GeV: 1e13, a_start: 0.01}",
        "lattice.sites=8", "lattice.box=8", "background={kind: power_law, w: 0}", "time.a_end=1",
    )  # fmt: skip
    sim.start()
    X, E = np.asarray(sim.lattice.X[0]), np.asarray(sim.lattice.E[0])
    impulse = 4 * 0.01**2 * 0.2 / 5  # m^2 a^2 tau/(2 p + 1)
    np.testing.assert_allclose(E, -impulse * X, rtol=1e-12, atol=1e-12 * np.abs(E).max())


@pytest.mark.slow
@pytest.mark.parametrize(("mass_eV", "rho"), [(1e-17, 1.7546), (1e-8, 1.7885)])
def test_the_late_alp_of_the_standard_model(mass_eV: float, rho: float) -> None:
    """a^3 rho at a = 50, of an independent program: to its digits by the ordinary equation, and by
    the lattice to the r that its time step leaves. With constant g_* it is 1.8118."""
    sim = simulation(
        "lattice.sites=8", "lattice.box=0.8", "lattice.order=2", "model.couplings.XX=0",
        f"model.alp.mass_eV={mass_eV!r}", "background.kind=thermal", "initial.a_start=0.1",
        "time={a_end: 50, scheme: blanes_moan}", "output.series_interval=1",
    )  # fmt: skip
    exact = alp.density(
        sim.background, mass=3.0, theta_initial=1.0, potential="quadratic",
        tau=sim.background.tau_of(50.0),
    )  # fmt: skip
    assert 50**3 * float(exact) == pytest.approx(rho, abs=6e-5)
    sim.start()
    while sim.done < sim.clock.steps:
        sim.step()
        if sim.closed:
            sim.record()
    assert sim.series["r"][-1] == pytest.approx(1, abs=4e-3)
    assert 50**3 * sim.series["rho/theta"][-1] == pytest.approx(rho, rel=4e-3)

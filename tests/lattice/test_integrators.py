"""Integrators against exact solutions, with their order measured.

A free wave: X'' = -curl curl X has the exact lattice solution cos(khat tau),
khat = (2/dx) sin(k dx/2).
The homogeneous ALP: Bessel function in the radiation era, with the background at the stages' own
times.
One helicity: Eq. 15 of Choi, Kim, Sekiguchi, PRL 121, 031102 (2018), with k -> khat and,
because the lattice averages B onto links, g -> g cos(k dx/2) for a wave along an axis.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import oracle
from darklat.lattice import plan
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.integrators.rk3 import SCHEME as RK3
from darklat.lattice.integrators.rk46nl import SCHEME as RK46NL
from darklat.physics import alp, mode_equations
from darklat.physics.background import Radiation
from models import config, simulation

# Schemes, and orders of the differences in space
SCHEMES = [*((name, 2) for name in INTEGRATORS), ("strang", 4), ("strang", 6), ("rk46nl", 6)]
STATIC = (
    "background.kind=static",
    "time.a_end=null",
    "time.tau_end=1",
    "lattice.sites=8",
    "lattice.box=1",
)


def helical_wave(
    n: int, box: float, number: int, *, helicity: int = 1, order: int = 2
) -> tuple[np.ndarray, float, float]:
    """A wave along z on the links [3, n, n, n], its khat and the average of its B on links."""
    dx, k = box / n, 2 * math.pi * number / box
    z = np.arange(n) * dx
    wave = np.zeros((3, n, n, n))
    wave[0] = np.cos(k * z)
    wave[1] = -helicity * np.sin(k * z)
    return wave, oracle.momentum(number, n, dx, order), oracle.average(number, n, order)


def free_wave_error(name: str, steps: int) -> float:
    sim = simulation(*STATIC, "model.couplings.XX=0", f"time.scheme={name}")
    wave, khat, _ = helical_wave(8, 1.0, 1)
    sim.lattice.X[0][...] = wave
    span = 2 * math.pi / khat
    for s in range(steps):
        sim.stepper.step(tau=s * span / steps, dt=span / steps)
    expected_D = np.zeros_like(wave)
    return float(
        np.abs(sim.lattice.X[0] - wave).max() + np.abs(sim.lattice.D[0] - expected_D).max() / khat
    )


@pytest.mark.parametrize("name", INTEGRATORS)
def test_free_wave_returns_after_a_period_at_the_order_of_the_scheme(name):
    coarse, fine = free_wave_error(name, 24), free_wave_error(name, 48)
    order = math.log2(coarse / fine)
    # One order better shows where the leading error is pure phase or pure damping; never worse.
    assert INTEGRATORS[name].order - 0.25 < order < INTEGRATORS[name].order + 1.25
    assert fine < {2: 1e-2, 3: 5e-3, 4: 5e-4}[INTEGRATORS[name].order]


def homogeneous_error(name: str, steps: int) -> float:
    sim = simulation(
        "model.couplings.XX=0", "lattice.sites=8", f"time.scheme={name}", "time.a_end=3"
    )
    sim.start()
    span = 3.0 - 0.5
    for s in range(steps):
        sim.stepper.step(tau=0.5 + s * span / steps, dt=span / steps)
    theta, theta_prime = alp.homogeneous(
        Radiation(), mass=3.0, theta_initial=1.0, potential="quadratic", tau=3.0
    )
    return abs(float(sim.lattice.theta[1, 2, 3]) - float(theta)) + abs(
        float(sim.lattice.pi[1, 2, 3]) / 9 - float(theta_prime)
    )


@pytest.mark.parametrize("name", INTEGRATORS)
def test_homogeneous_alp_follows_the_bessel_function_at_the_order_of_the_scheme(name):
    # At fewer steps the leading term of RK46-NL, made small on purpose, hides behind the next one.
    coarse, fine = homogeneous_error(name, 160), homogeneous_error(name, 320)
    assert math.log2(coarse / fine) == pytest.approx(INTEGRATORS[name].order, abs=0.35)


def mode_error(name: str, courant: float, helicity: int, order: int) -> float:
    """Error of (X, E/khat) of one mode at a = 1.2, relative to its size."""
    n, box, g, number, end = 16, 0.5, 100.0, 2, 1.2
    sim = simulation(
        f"lattice.sites={n}", f"lattice.box={box}", f"time.a_end={end}", f"time.scheme={name}",
        f"time.courant={courant}", f"lattice.order={order}",
    )  # fmt: skip
    sim.start()
    wave, khat, average = helical_wave(n, box, number, helicity=helicity, order=order)
    tiny = 1e-60  # so small that theta does not notice: it follows its own equation
    sim.lattice.X[0][...] = tiny * wave
    sim.lattice.E[0][...] = 0.0
    sim.lattice.update_displacement()
    for _ in range(sim.clock.steps):
        sim.step()
    sim.lattice.update_electric()

    def theta_prime(tau: float) -> float:
        _, rate = alp.homogeneous(
            Radiation(), mass=3.0, theta_initial=1.0, potential="quadratic", tau=tau
        )
        return float(rate)

    X, E = mode_equations.evolve_mode(
        khat,
        helicity=helicity,
        coupling=g * average,
        theta_prime=theta_prime,
        tau=np.array([0.5, end]),
        x0=1.0,
        e0=0.0,
    )
    found = [
        float(np.sum(v * wave) / np.sum(wave**2)) / tiny
        for v in (sim.lattice.X[0], sim.lattice.E[0])
    ]
    grown = math.hypot(X[-1], E[-1] / khat)
    # theta' < 0: the tachyonic one and the other
    assert grown > 1e7 if helicity == -1 else grown < 10
    return math.hypot(found[0] - X[-1], (found[1] - E[-1]) / khat) / grown


@pytest.mark.parametrize("helicity", [1, -1])
@pytest.mark.parametrize(("name", "order"), SCHEMES)
def test_each_helicity_follows_the_mode_equation_at_the_order_of_the_scheme(name, order, helicity):
    courants = (0.4, 0.2) if name == "blanes_moan" else (0.1, 0.05)  # one has as much work at 0.6
    coarse, fine = (mode_error(name, courant, helicity, order) for courant in courants)
    assert math.log2(coarse / fine) == pytest.approx(INTEGRATORS[name].order, abs=0.35)
    assert fine < {2: 0.1, 3: 2e-3, 4: 2e-5}[INTEGRATORS[name].order]


def test_stage_times_are_those_of_the_sources():
    # Williamson 1980, case 7; Berland et al. 2006, table 2.
    assert RK3.c == pytest.approx((0, 1 / 3, 3 / 4), abs=1e-15)
    published = (
        0.0,
        0.032918605146,
        0.249351723343,
        0.466911705055,
        0.582030414044,
        0.847252983783,
    )
    assert RK46NL.c == pytest.approx(published, abs=1e-11)


def test_largest_stable_courant_is_the_scheme_s_own():
    # |R(iy)| <= 1 up to sqrt 3 for any third-order scheme of three stages; omega = 2 sqrt 3/dx.
    assert INTEGRATORS["rk3"].largest_courant == pytest.approx(0.5, abs=0.006)


@pytest.mark.parametrize(("name", "order"), SCHEMES)
def test_the_fastest_wave_is_stable_below_the_limit_and_grows_above_it(name, order):
    choices = (*STATIC, "model.couplings.XX=0", f"time.scheme={name}", f"lattice.order={order}")
    limit = plan.largest_courant(config(*choices))
    if name == "strang":
        fastest = math.sqrt(3) * oracle.momentum(4, 8, 1.0, order)
        assert limit == pytest.approx(4 / fastest, rel=1e-13)

    def growth(courant: float) -> float:
        sim = simulation(*choices)
        sign = (-1.0) ** np.indices((8, 8, 8)).sum(axis=0)
        # Transverse at the corner of the Brillouin zone, where khat is largest.
        sim.lattice.X[0][...] = np.array([1.0, -1.0, 0.0])[:, None, None, None] * sign
        for s in range(400):
            sim.stepper.step(tau=s * courant / 8, dt=courant / 8)
        return float(np.abs(sim.lattice.X[0]).max())

    assert growth(0.97 * limit) < 10
    assert growth(1.05 * limit) > 1e3


def test_strang_runs_backwards_to_where_it_came_from():
    sim = simulation("lattice.sites=8", "model.couplings.XX=3", "time.scheme=strang")
    sim.start()
    generator = np.random.default_rng(6)
    sim.lattice.X[0][...] = 0.1 * generator.standard_normal((3, 8, 8, 8))
    before = {name: np.array(getattr(sim.lattice, name)) for name in ("theta", "pi", "X", "D")}
    for s in range(30):
        sim.stepper.step(tau=0.5 + 0.01 * s, dt=0.01)
    moved = np.abs(sim.lattice.X - before["X"]).max()
    for s in range(30, 0, -1):
        sim.stepper.step(tau=0.5 + 0.01 * s, dt=-0.01)
    assert moved > 0.1
    for name, values in before.items():  # time-symmetric: only rounding is left
        np.testing.assert_allclose(getattr(sim.lattice, name), values, atol=1e-12, err_msg=name)


def test_steps_fit_the_span_and_never_exceed_the_limits():
    for courant, end, stretches in ((0.3, 6.0, 1), (0.7, 6.0, 1), (0.3, 90.0, 9)):
        model = config(f"time.courant={courant}", f"time.a_end={end}")
        clock = plan.clock(model)
        assert len(clock.stretches) == stretches
        times = np.array([clock.tau(step) for step in range(clock.steps + 1)])
        lengths = np.array([clock.dt(step) for step in range(clock.steps)])
        assert times[0] == 0.5 and times[-1] == pytest.approx(end, rel=1e-14)
        np.testing.assert_allclose(np.diff(times), lengths, rtol=1e-9)
        assert np.all(lengths <= courant * model.dx * (1 + 1e-12))
        share = lengths * 3 * times[1:] / plan.MASS_STEP  # of what a m allows
        assert np.all(share <= 1 + 1e-12)
        wide = 2 ** (1 / plan.STRETCHES_PER_DOUBLING)
        full = np.minimum(courant * model.dx, plan.MASS_STEP / (3 * times[1:] * wide))
        assert np.all(lengths > 0.98 * full)  # none is shorter than it has to be


def test_outputs_of_a_run_whose_step_changes():
    model = config("time.courant=0.3", "time.a_end=90")
    clock, interval = plan.clock(model), 0.2
    due = np.array([clock.tau(s) for s in range(clock.steps + 1) if clock.due(s, interval)])
    edges = {s.tau for s in clock.stretches} | {clock.tau(clock.steps)}
    assert edges <= set(due)
    gaps = np.diff(due)
    short = [gap for gap, end in zip(gaps, due[1:], strict=True) if end not in edges]
    # whole steps in a stretch; what is left of it ends with an output of its own
    np.testing.assert_allclose(short, interval, atol=clock.dt(0) / 2)
    assert gaps.max() <= interval + clock.dt(0)
    for tau in (0.5, 7.3, 31.0, 55.5, 89.99, 90.0):
        assert abs(clock.tau(clock.nearest_step(tau)) - tau) <= clock.dt(0) / 2

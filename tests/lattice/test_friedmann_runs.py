"""Runs whose expansion follows from their own fields."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from no_fields import Nothing

from darklat.errors import BadValueError, ConfigError, NumericalError
from darklat.lattice import plan
from darklat.lattice.evolution import Evolution
from darklat.lattice.expansion import SelfConsistent
from darklat.lattice.integrators.base import Stepper
from darklat.physics import friedmann
from darklat.physics.background import PowerLaw
from darklat.physics.friedmann import CONSTRAINT, Fluid, Friedmann
from darklat.physics.units import REDUCED_PLANCK_MASS_EV
from models import backend_for, config, simulation

PLANCK_GEV = REDUCED_PLANCK_MASS_EV / 1e9
SMALL = ("lattice.sites=8", "lattice.box=2", "time={tau_end: 4}", "background.kind=friedmann")


def of(f: float, *overrides: str) -> Evolution:
    """A run of f in M_Pl."""
    return simulation(*SMALL, f"model.alp.f_GeV={f * PLANCK_GEV!r}", *overrides)


def steps(sim: Evolution, last: float, count: int) -> list[dict[str, float]]:
    """So many equal steps to conformal time `last`; the rows on the way."""
    first, rows = sim.tau, []
    dt = (last - first) / count
    for s in range(count):
        tau = first + s * dt
        sim.spent += sim.expansion.step(sim.stepper, tau=tau, dt=dt, close=True)
        rows.append(sim._row(sim._moment(tau + dt)))
    return rows


# f/M_Pl = 0.3 at tau = 4: a, a', theta of the independent program
A, SPEED, THETA = 4.2223351505, 1.1106114451, 0.0078308678


def homogeneous(count: int) -> tuple[list[float], Evolution]:
    sim = of(0.3, "model.couplings.XX=0")
    sim.start()
    last = steps(sim, 4.0, count)[-1]
    errors = [last["a"] - A, last["a"] * last["hubble"] - SPEED, last["theta_mean"] - THETA]
    return [*map(abs, errors), abs(last[CONSTRAINT])], sim


def test_a_homogeneous_alp_expands_its_universe_to_second_order() -> None:
    """The lattice has the numbers of the ordinary equations as dt^2."""
    (coarse, _), (fine, sim) = homogeneous(200), homogeneous(400)
    for more, less in zip(coarse, fine, strict=True):
        assert math.log2(more / less) == pytest.approx(2, abs=0.1)
    assert max(fine) < 2e-3
    row = sim._row(sim._moment(4.0))
    assert row["r"] == pytest.approx(1, abs=3e-3)  # of the same a
    assert abs(row["energy_balance"]) < 2e-3


def test_an_alp_without_weight_leaves_radiation() -> None:
    sim = of(1e-8, "model.couplings.XX=0", "time.tau_end=2")
    sim.start()
    last = steps(sim, 2.0, 50)[-1]
    assert last["a"] == pytest.approx(2, rel=1e-13)
    assert last["hubble"] == pytest.approx(0.5, rel=1e-13)
    assert abs(last[CONSTRAINT]) < 1e-13
    assert 1e-5 < abs(last["energy_balance"]) < 1e-2  # of the time step, without cancellation


def nonlinear(f: float, count: int, *more: str, faster: float = 1.0) -> list[dict[str, float]]:
    """From random gradients and a random gauge field, with D = 0."""
    sim = of(f, "model.couplings.XX=3", *more)
    sim.start()
    random = np.random.default_rng(1)
    sim.lattice.theta[...] += 0.3 * random.standard_normal(sim.lattice.theta.shape)
    sim.lattice.X[...] = 0.2 * random.standard_normal(sim.lattice.X.shape)
    sim.lattice.D[...] = 0
    sim.lattice.update_electric()
    sim.expansion.begin(sim.tau, sim.energy_at)
    assert isinstance(sim.expansion, SelfConsistent)
    sim.expansion.v *= faster
    return steps(sim, 1.5, count)


def test_a_universe_that_collapses_has_gone_wrong() -> None:
    sim = of(0.3, "model.couplings.XX=3")
    sim.start()
    assert isinstance(sim.expansion, SelfConsistent)
    sim.expansion.v = -1.0
    with pytest.raises(NumericalError, match=r"stops growing at tau = 0\.51: da/dtau is -1"):
        sim.expansion.step(sim.stepper, tau=0.5, dt=0.01, close=True)


@pytest.mark.parametrize("mass", ["0", "5e-17"])
def test_the_constraint_of_a_nonlinear_run_is_of_order_two(mass: str) -> None:
    """Also with a field of 15/tau_osc, whose mass term moves a."""
    of_mass = f"model.fields.X.mass_eV={mass}"
    runs = [nonlinear(0.3, count, of_mass) for count in (50, 100, 200)]
    worst = [max(abs(row[CONSTRAINT]) for row in rows) for rows in runs]
    for more, less in pairwise(worst):
        assert math.log2(more / less) == pytest.approx(2, abs=0.1)
    assert worst[-1] < 2e-4
    assert max(row["gauss/X"] for row in runs[-1]) < 1e-13
    wrong = nonlinear(0.3, 200, of_mass, faster=1.001)
    assert wrong[0][CONSTRAINT] == pytest.approx(2e-3, abs=worst[-1])


def test_a_run_goes_on_from_its_state_to_the_bit() -> None:
    first = of(0.3, "time.tau_end=0.8")
    first.start()
    for _ in range(8):
        first.step()
    state = first.state()
    assert first.closed
    for _ in range(4):
        first.step()
        first.record()
    model = first.config
    second = Evolution(model, backend_for(model))
    second.restore(state)
    for _ in range(4):
        second.step()
        second.record()
    one, other = first.state(), second.state()
    assert one.numbers == other.numbers and "a_prime" in one.numbers
    for name, values in one.arrays.items():
        np.testing.assert_array_equal(values.values, other.arrays[name].values)
    assert other.arrays["series"].description.count(CONSTRAINT) == 1


def fluid_error(w: float, count: int) -> float:
    own = SelfConsistent(Friedmann(1.0, (Fluid(w, 1.0),), radiation=0.0))
    stepper: Stepper = Nothing()
    own.begin(1.0, lambda a: 0.0)
    for s in range(count):
        own.step(stepper, tau=1 + s / count, dt=1 / count, close=True)
    return abs(own.a(2.0) / float(PowerLaw(w).scale_factor(2.0)) - 1)


@pytest.mark.parametrize("w", [1.0, 0.0, -0.2])
def test_fluids_alone_follow_their_power_law(w: float) -> None:
    coarse, fine = fluid_error(w, 50), fluid_error(w, 100)
    if w == 0:  # a parabola: exact
        assert max(coarse, fine) < 1e-12
    else:
        assert math.log2(coarse / fine) == pytest.approx(2, abs=0.05)


def test_heat_of_a_conductor_becomes_radiation() -> None:
    """Without it the constraint would drift by the heat's share, some percent here."""
    sim = of(
        0.3, "model.fields={X: {role: dark}, A: {role: photon, conductivity: {kind: constant, value: 5}}}",
        "model.couplings={XX: 60}",
    )  # fmt: skip
    sim.start()
    random = np.random.default_rng(2)
    sim.lattice.E[-1][...] = 3 * random.standard_normal(sim.lattice.E[-1].shape)
    sim.lattice.update_displacement()
    sim.expansion.begin(sim.tau, sim.energy_at)
    rows = steps(sim, 1.0, 100)
    heat = sim.expansion.state()["heat_in_radiation"]
    assert heat > 1  # beside 3 M^2 = 33
    assert max(abs(row[CONSTRAINT]) for row in rows) < 2e-3


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (("time.scheme=rk4",), "only strang steps the scale factor"),
        (("model.fields.X={plasma: {kind: constant, omega_p: 3}}",), "energy of a plasma"),
        (("background.fluids=[{w: 2, share: 1}]",), "must be a number from -1 to 1"),
        (("background.fluids=[{w: 0}]",), "share: missing"),
        (("background.kind=radiation", "background.fluids=[{w: 0, share: 1}]"), "is only used with"),
    ],
)  # fmt: skip
def test_what_such_a_run_cannot_have(overrides: tuple[str, ...], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(*SMALL, *overrides)
    assert said in str(caught.value)


def test_fluids_are_read_and_written() -> None:
    from darklat.schema import dump, loads

    model = config(*SMALL, "background.fluids=[{w: 0, share: 0.1}, {w: 1, share: 2}]")
    assert model.expansion.fluid_energy(2.0) == pytest.approx(1 + 0.1 * 2 + 2 / 4)
    assert loads(dump(model), source="again", base=None) == model


def test_the_history_is_not_integrated_behind_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The step of a fine lattice is limited by the mass long after the end, as that of 1/500 is."""
    ends: list[float] = []
    solution = friedmann._solution

    def noted(of: Friedmann, end: float) -> tuple:
        ends.append(end)
        return solution(of, end)

    monkeypatch.setattr(friedmann, "_solution", noted)
    plan.clock(config(*SMALL, "lattice.box=0.016", "time={a_end: 0.7}"))
    assert 0 < max(ends) <= 2


@pytest.mark.parametrize(
    "endless",
    [
        ("background.fluids=[{w: -1, share: 1e6}]", "time={tau_end: 30}"),
        ("model.alp.f_GeV=1e25", "time={a_end: 0.9}"),
    ],
)
def test_a_universe_that_grows_without_bound_is_refused(endless: tuple[str, ...]) -> None:
    with pytest.raises(BadValueError, match="grows without bound") as caught:
        plan.refuse_endless(config(*SMALL, *endless))
    assert caught.value.key == "background.kind"

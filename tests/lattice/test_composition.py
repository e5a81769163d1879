"""The composition of order 4: its fractions, and what it keeps of the splitting that it is made of."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darklat.lattice import plan
from darklat.lattice.evolution import Evolution
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.integrators.blanes_moan import HALF
from darklat.physics.relaxation import longest_stable_step, relaxation
from models import config, simulation

WHOLE = (*HALF, *HALF[::-1])
PUBLISHED_A = (0.0792036964311957, 0.353172906049774, -0.0420650803577195)
PUBLISHED_B = (0.209515106613362, -0.143851773179818)
SMALL = (
    "time.scheme=blanes_moan", "lattice.sites=8", "lattice.box=1", "time.courant=0.3",
    "model.couplings.XX=3", "time.a_end=2",
)  # fmt: skip
PHOTON = (
    "model.fields.A={{role: photon, conductivity: {{kind: constant, value: {}}}, "
    "back_reaction: {}}}"
)


def photon(sigma: float, back: str = "false") -> tuple[str, ...]:
    return PHOTON.format(sigma, back), "model.couplings={XX: 3, AX: 1}"


def test_the_fractions_have_order_4_and_are_near_the_published_ones() -> None:
    # Of the splitting in two parts: sum b_i c_i^2 = sum a_i d_i^2 = 1/3, with c and d the sums of a
    # and b so far (the conditions of a symmetric splitting of order 4).
    parts = [0.0, *WHOLE, 0.0]
    a, b = ([parts[i] + parts[i + 1] for i in range(first, 13, 2)] for first in (0, 1))
    c, d = np.cumsum(a), np.cumsum([0.0, *b])
    assert sum(a) == pytest.approx(1, abs=1e-15) and sum(b) == pytest.approx(1, abs=1e-15)
    assert np.dot(b, c[:6] ** 2) == pytest.approx(1 / 3, abs=1e-15)
    assert np.dot(a, d**2) == pytest.approx(1 / 3, abs=1e-15)
    assert sum(np.array(WHOLE) ** 3) == pytest.approx(0, abs=1e-15)
    np.testing.assert_allclose(a[:3], PUBLISHED_A, atol=0.006)
    np.testing.assert_allclose(b[:2], PUBLISHED_B, atol=0.006)


def step_of_a_wave(x: float) -> np.ndarray:
    """The matrix of a step for a wave with omega dt = x, of leapfrogs that begin with half a kick."""
    step = np.eye(2)
    for y in np.array(WHOLE) * x:
        kick, drift = np.array([[1, 0], [-y / 2, 1]]), np.array([[1, y], [0, 1]])
        step = kick @ drift @ kick @ step
    return step


def test_no_wave_below_the_limit_grows() -> None:
    np.testing.assert_allclose(step_of_a_wave(3.1613766552761127), -np.eye(2), atol=1e-13)
    limit = 2 * math.sqrt(3) * INTEGRATORS["blanes_moan"].largest_courant
    traces = [abs(np.trace(step_of_a_wave(x))) for x in np.linspace(0.001, limit, 3001)]
    assert max(traces) < 2 + 1e-12 and limit > 6.11
    assert abs(np.trace(step_of_a_wave(limit * 1.01))) > 2.05


def strong(*overrides: str) -> Evolution:
    """Fields of all waves that the ALP feels, and the couplings act on."""
    sim = simulation(*SMALL, *overrides)
    sim.start()
    rng = np.random.default_rng(6)
    for place in range(len(sim.lattice.X)):
        sim.lattice.X[place][...] = 0.1 * rng.standard_normal((3, 8, 8, 8))
    sim.lattice.update_displacement()
    return sim


def at_the_end(dt: float, *overrides: str) -> dict[str, np.ndarray]:
    sim = strong(*overrides)
    steps = round(0.4 / dt)
    for i in range(steps):
        sim.stepper.step(tau=0.5 + i * dt, dt=dt, close=i % 3 == 0 or i == steps - 1)
    sim.lattice.update_electric()
    fields = {name: own.values for name, own in sim.fields().items()}
    free = {name: own[:1] if name in ("X", "D") else own for name, own in fields.items()}
    return free | {f"{name} of A": fields[name][-1:] for name in ("X", "D")}


MASSIVE = (
    "model.fields.X={role: dark, mass_eV: 1e-17, plasma: {kind: constant, omega_p: 5}}",
    "time.scheme=blanes_moan",
)


@pytest.mark.parametrize(
    "overrides", [(), MASSIVE, photon(1e9), photon(2.0)], ids=["alp", "massive", "good", "poor"]
)
def test_strong_fields_converge_at_order_4(overrides: tuple[str, ...]) -> None:
    """On an expanding background; free fields beside a conductor that they do not feel, too."""
    exact, *runs = (at_the_end(dt, *overrides) for dt in (0.00625, 0.05, 0.025))
    for name in ("theta", "pi", "X", "D"):
        coarse, fine = (np.linalg.norm(each[name] - exact[name]) for each in runs)
        # the next term is dt^6
        assert math.log2(coarse / fine) == pytest.approx(4, abs=0.35), name
        assert fine < 1e-3 * np.linalg.norm(exact[name])
    if overrides == photon(2.0):
        coarse, fine = (np.linalg.norm(x["X of A"] - exact["X of A"]) for x in runs)
        assert math.log2(coarse / fine) == pytest.approx(2, abs=0.4)


@pytest.mark.parametrize("overrides", [(), photon(2.0, "true")], ids=["alp", "photon"])
def test_open_steps_are_closed_ones_to_rounding(overrides: tuple[str, ...]) -> None:
    ends = []
    for closed in (1, 4):
        sim = strong(*overrides)
        spent = sum(
            sim.stepper.step(tau=0.5 + 0.05 * i, dt=0.05, close=i % closed == closed - 1)
            for i in range(8)
        )
        ends.append({name: own.values for name, own in sim.fields().items()} | {"spent": spent})
        gauss = [sim.row()[name] for name in sim.series.columns if name.startswith("gauss/")]
        assert max(gauss) < 1e-14
    for name, own in ends[0].items():
        np.testing.assert_allclose(ends[1][name], own, rtol=0, atol=1e-12 * np.max(np.abs(own)))


def test_it_runs_backwards_to_where_it_came_from() -> None:
    sim = strong()
    before = {name: np.array(own.values) for name, own in sim.fields().items()}
    for i in range(8):
        sim.stepper.step(tau=0.5 + 0.05 * i, dt=0.05)
    moved = np.abs(sim.lattice.X - before["X"]).max()
    for i in range(8, 0, -1):
        sim.stepper.step(tau=0.5 + 0.05 * i, dt=-0.05)
    assert moved > 0.1
    for name, values in before.items():  # time-symmetric: only rounding is left
        np.testing.assert_allclose(sim.fields()[name].values, values, atol=1e-12, err_msg=name)


def test_a_restored_run_goes_on_to_the_same_bits() -> None:
    choices = (*SMALL, *photon(1e9), "output.series_interval=0.01")
    sim = simulation(*choices)
    sim.start()
    for _ in range(8):
        sim.step()
        sim.record()
    again = simulation(*choices)
    again.restore(sim.state())
    for each in (sim, again):
        for _ in range(5):
            each.step()
            each.record()
    for name, own in sim.fields().items():
        assert own.values.tobytes() == again.fields()[name].values.tobytes(), name
    assert sim.series.table().tobytes() == again.series.table().tobytes()


def test_the_phase_of_a_mass_is_better_than_that_of_strang_with_its_longest_steps() -> None:
    def error(trace: float, x: float) -> float:
        return abs(math.acos(trace / 2) / x - 1)

    longest = plan.mass_step(config("time.scheme=blanes_moan"))
    strang = plan.mass_step(config("time.scheme=strang"))
    assert (strang, longest) == (0.5, 2.0)
    # two leapfrogs over half a step
    half = 1 - (strang / 2) ** 2 / 2
    assert error(np.trace(step_of_a_wave(longest)), longest) < error(4 * half**2 - 2, strang) / 2


# -- how long a step may be


def test_its_default_step_is_its_own() -> None:
    assert config("time.scheme=blanes_moan").time.courant == 1.0
    assert config("time.scheme=blanes_moan", "time.courant=0.2").time.courant == 0.2


@pytest.mark.parametrize("sigma", [0.0, 1e-3, 1.0, 30.0, 1e4, 1e18])
def test_the_step_of_a_conductor_is_stable_up_to_its_limit_and_no_further(sigma: float) -> None:
    k = 3.0
    limit = longest_stable_step(k, sigma)

    def growth(dt: float) -> float:
        z = relaxation(sigma * dt)
        move = np.array([[1, dt / 2], [0, 1]])
        relax = np.array([[1, 0], [-z.gain * k**2 * dt, z.decay]])
        return float(np.max(np.abs(np.linalg.eigvals(move @ relax @ move))))

    assert growth(0.999 * limit) < 1 + 1e-12 and growth(1.001 * limit) > 1
    assert limit == pytest.approx(max(2 / k, 2 * sigma / k**2), rel=0.7)


def test_a_good_conductor_does_not_limit_the_step_and_a_poor_one_does() -> None:
    scheme = "time.scheme=strang"
    free, good, poor = (
        plan.largest_courant(config(*SMALL, *own, scheme))
        for own in ((), photon(1e9), photon(1e-6))
    )
    assert good == free and poor == pytest.approx(free / 2, rel=1e-6)
    model = config(*SMALL, *photon(1e-6))
    assert plan.longest_stable_step(model, 1.0) == pytest.approx(poor * model.dx, rel=1e-6)

"""Differences and means of order 4 and 6: eigenvalues, the oracle's equations, conservation laws,
stability and growth of modes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import oracle
from darklat.kernels.backends import make
from darklat.kernels.layout import Variant
from darklat.lattice.evolution import Evolution
from darklat.lattice.integrators.two_register import HigherOrderStage, Registers
from darklat.lattice.lattice import Lattice
from darklat.lattice.passes import Pass, Passes
from darklat.lattice.sectors.alp import momenta, torque
from darklat.lattice.sectors.gauge import coordinate
from darklat.lattice.start.transverse import transverse
from darklat.physics import staggered
from darklat.physics.background import Static
from kernel_calls import A_SCALE, assert_rounded, assert_sums
from models import simulation

ORDERS = [4, 6]
MODES = [(0, 0, 3), (3, -2, 4), (5, 5, 5)]


class Medium:
    """A conductivity."""

    def at(self, a: Any) -> Any:
        return 2.0 + 0 * a


def lattice_like(choice: str, like: oracle.Lattice, n: int, **variant: Any) -> Lattice:
    """Fields of zeros with the numbers of an oracle's lattice."""
    kernels = Variant(
        len(like.g), potential="cosine" if like.cosine else "quadratic", order=like.order, **variant
    )
    return Lattice(
        make(choice, n=n, variant=kernels),
        couplings=like.g,
        dx=like.dx,
        mass=like.mass,
        background=Static(),
        conductor=Medium() if kernels.conducting else None,
    )


def fill(lattice: Lattice, state: oracle.State) -> None:
    b = lattice.backend
    for name in state._fields:
        getattr(lattice, name)[...] = b.array(getattr(state, name))


def rates(lattice: Lattice, state: oracle.State, a: float) -> tuple[oracle.State, dict[str, float]]:
    """theta', pi', X', D' as a Runge-Kutta scheme adds them up, and the means of the stage."""
    fill(lattice, state)
    b = lattice.backend
    registers = Registers(*(b.field(kind) for kind in ("site", "site", "link", "link")))
    stage = HigherOrderStage(lattice.fields, registers)
    passes = Passes(b, stage.passes)
    stage.set(A=0.0, B=0.0, dt=1.0, a=a)
    passes.run()
    found = (b.to_host(getattr(registers, name)) for name in state._fields)
    return oracle.State(*found), stage.means()


def move(passes: Sequence[Pass], x: float, y: float, z: float) -> None:
    """The times of the components of the conductor's flow."""
    for each in passes:
        if "hx" in each.arguments:
            each(hx=x, hy=y, hz=z)
        elif "h" in each.arguments:
            each(h=(x, y, z)[each.arguments["axis"]])


@pytest.mark.parametrize(
    ("order", "n", "fields", "cosine"), [(4, 10, 2, False), (6, 8, 1, False), (6, 18, 1, False)]
)
def test_rates_are_those_of_the_oracle(
    choice: str, order: int, n: int, fields: int, cosine: bool
) -> None:
    rng = np.random.default_rng([n, fields])
    like = oracle.random_lattice(rng, fields, cosine=cosine, order=order)
    state = oracle.random_state(rng, n, fields)
    lattice = lattice_like(choice, like, n)
    found, means = rates(lattice, state, A_SCALE)
    size, twin = state.magnitudes(), like.magnitudes()
    bounds = twin.rates(size, A_SCALE)
    for actual, exact, bound in zip(found, like.rates(state, A_SCALE), bounds, strict=True):
        assert_rounded(actual, exact, bound)
    lattice.update_electric()
    b = lattice.backend
    E = like.E(state.theta, state.X, state.D)
    bound = twin.E(size.theta, size.X, size.D)
    assert_rounded(b.to_host(lattice.E), E, bound)
    lattice.update_displacement()
    assert_rounded(b.to_host(lattice.D), state.D, bound)
    trace = like.gradient_squared(state.theta) + 4 * A_SCALE**2 * like.V(state.theta)
    sums = np.array([means["pi_sq"], means["grad_sq"]]) * n**3
    assert_sums(sums, [state.pi**2, trace], n)


CONDUCTORS = [
    (6, 2, {"back_reacting": True, "self_coupled": True}),
]


@pytest.mark.parametrize(("order", "fields", "variant"), CONDUCTORS)
def test_the_conducting_field_acts_and_is_acted_on_as_in_the_oracle(
    choice: str, order: int, fields: int, variant: dict[str, bool]
) -> None:
    """Its flow over times of its own for each component, and g W of its sources."""
    n, times = 10, (0.01, 0.03, 0.02)
    rng = np.random.default_rng([order, fields])
    like = oracle.random_lattice(rng, fields, cosine=False, order=order)
    state = oracle.random_state(rng, n, fields)
    felt = like.g.copy()
    felt[:-1, -1] *= variant["back_reacting"]
    felt[-1, -1] *= variant["self_coupled"]
    seen = replace(like, g=felt)
    lattice = lattice_like(choice, like, n, conducting=True, **variant)
    fill(lattice, state)
    b, conductor, E = lattice.backend, lattice.conductor, rng.normal(size=state.X[-1].shape)
    conductor.E[...] = b.array(E)
    moved = np.zeros_like(state.X)
    moved[-1] = E * np.reshape(times, (3, 1, 1, 1))
    passes = conductor.flow()
    bound_passes = Passes(b, passes)
    move(passes, *times)
    bound_passes.run()
    twin, size = seen.magnitudes(), np.abs(moved)
    assert_rounded(b.to_host(lattice.X), state.X + moved, np.abs(state.X) + size)
    X = b.to_host(lattice.X)
    curl = seen.curl_back(seen.mixed(seen.Fbar(state.theta, moved)))
    bound = twin.curl_back(twin.mixed(twin.Fbar(np.abs(state.theta), size)))
    assert_rounded(b.to_host(lattice.D), state.D - curl, np.abs(state.D) + bound)
    acting = replace(seen, g=seen.g * variant["back_reacting"])
    pi = state.pi - acting.EB(moved, X)
    bound = np.abs(state.pi) + acting.magnitudes().EB(size, np.abs(X))
    assert_rounded(b.to_host(lattice.pi), pi, bound)

    Passes(b, conductor.relax()).run()  # without conduction E takes the impulse and P is -g W
    gW = seen.mixed(seen.W(state.theta, X))[-1]
    bound = twin.mixed(twin.W(np.abs(state.theta), np.abs(X)))[-1]
    P = b.to_host(lattice.D)[-1]
    assert_rounded(P, -gW, bound)
    before = state.D[-1] - curl[-1]
    assert_rounded(b.to_host(conductor.E), E + before + gW, np.abs(E) + np.abs(before) + bound)


# -- eigenvalues


@pytest.mark.parametrize("order", [2, *ORDERS])
def test_the_taps_are_those_of_the_oracle_and_have_its_eigenvalues(order: int) -> None:
    n, dx = 16, 0.3
    numbers = oracle.mode_numbers(n)
    half = np.pi * numbers / n
    np.testing.assert_allclose(
        2 / dx * staggered.half_khat(half, order),
        oracle.momentum(numbers, n, dx, order),
        rtol=1e-13,
    )
    np.testing.assert_allclose(
        staggered.average(half, order), oracle.average(numbers, n, order), atol=1e-13
    )
    assert staggered.largest_khat(order) == pytest.approx(
        oracle.momentum(n // 2, n, 1.0, order), rel=1e-13
    )
    waves = np.exp(2j * np.pi * np.outer(numbers, np.arange(n)) / n)
    forward = staggered.forward(waves, 1, order) / waves
    np.testing.assert_allclose(
        forward[:, 3], staggered.forward_phases(numbers, n, order), atol=1e-13
    )
    np.testing.assert_allclose(
        forward, np.broadcast_to(2j * staggered.half_khat(half, order) * np.exp(1j * half), (n, n)).T,
        atol=1e-13,
    )  # fmt: skip
    backward = staggered.backward(waves, 1, order) / waves
    np.testing.assert_allclose(backward, -np.conj(forward), atol=1e-13)
    # 4 dx B4 reads central differences, and pi and theta the Laplacian: products of two operators
    k = 2 * half
    laplacian = sum(
        2 * float(tap) * (np.cos(r * k) - 1) for r, tap in enumerate(staggered.laplacian(order), 1)
    )
    np.testing.assert_allclose(
        laplacian, -((2 * staggered.half_khat(half, order)) ** 2), atol=1e-13
    )
    central = sum(
        2 * float(tap) * np.sin(r * k) for r, tap in enumerate(staggered.central(order), 1)
    )
    expected = 4 * staggered.average(half, order) * staggered.half_khat(half, order)
    np.testing.assert_allclose(central, expected, atol=1e-13)


def test_the_order_is_that_of_the_error() -> None:
    half = np.array([0.02, 0.04])  # k dx/2
    for order in (2, *ORDERS):
        wrong_speed = np.abs(staggered.half_khat(half, order) / half - 1)
        wrong_mean = np.abs(staggered.average(half, order) - 1)
        for error in (wrong_speed, wrong_mean):
            assert np.log2(error[1] / error[0]) == pytest.approx(order, abs=0.02)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("mode", MODES)
def test_waves_are_eigenvectors_of_the_kernels(mode: tuple[int, int, int], order: int) -> None:
    """theta's Laplacian and the curl of the curl: -khat^2. The coupling to a constant theta, whose
    E of the first order in g is g A A A khat X: c of the linear equations."""
    n, helicity = 10, 1
    like = oracle.Lattice(dx=0.1, g=np.array([[0.7]]), mass=0.0, order=order)
    x = np.meshgrid(*3 * [np.arange(n)], indexing="ij")
    wave = np.cos(2 * np.pi / n * sum(m * xi for m, xi in zip(mode, x, strict=True)) + 0.3)
    khat = oracle.momentum(np.array(mode), n, like.dx, order)
    squared, zero = np.sum(khat**2), np.zeros((n, n, n))
    lattice = lattice_like("cpu", like, n)
    no_field = np.zeros((1, 3, n, n, n))
    found, _ = rates(lattice, oracle.State(wave, zero, no_field, no_field), 1.0)
    largest = (staggered.largest_khat(order) / like.dx) ** 2
    np.testing.assert_allclose(found.pi, -squared * wave, atol=3e-13 * largest, rtol=0)
    if mode == (5, 5, 5):
        return  # the wave of its own mirror image has no helicity
    X = oracle.plane_wave(n, like.dx, mode, helicity, order)[None]
    found, _ = rates(lattice, oracle.State(zero, zero, X, 0 * X), 1.0)
    np.testing.assert_allclose(found.D, -squared * X, atol=3e-13 * largest, rtol=0)
    found, _ = rates(lattice, oracle.State(zero + 1.0, zero, X, 0 * X), 1.0)
    c = np.prod(oracle.average(np.array(mode), n, order))
    gW = like.g[0, 0] * c * np.sqrt(squared) * X
    np.testing.assert_allclose(found.X, gW, atol=3e-13 * np.sqrt(largest), rtol=0)


# -- a run


def run(order: int, dt: float, *, sites: int = 8) -> Evolution:
    """Strong fields on a static background, where energy is conserved, at dt = 1/2^n."""
    sim = simulation(
        "background.kind=static", "time.a_end=null", "time.tau_end=1", f"lattice.sites={sites}",
        "lattice.box=1", "model.couplings.XX=3", f"lattice.order={order}",
    )  # fmt: skip
    sim.start()
    rng = np.random.default_rng(6)
    X, E = (transverse(rng.normal(size=(3, *[sites] * 3)), order) for _ in range(2))
    sim.lattice.X[0][...], sim.lattice.E[0][...] = 0.3 * X, E
    sim.lattice.update_displacement()
    sim.lattice.D[0][...] = transverse(np.asarray(sim.lattice.D[0]), order)
    return sim


def worst_energy(sim: Evolution, dt: float) -> float:
    """The largest change of the energy, over the energy."""
    before, worst = sim.lattice.measure(1.0).conformal_energy, 0.0
    for _ in range(round(1 / dt)):
        sim.stepper.step(tau=0.0, dt=dt)
        now = sim.lattice.measure(1.0).conformal_energy
        worst = max(worst, abs(now - before))
    return worst / before


@pytest.mark.parametrize("order", ORDERS)
def test_energy_holds_to_second_order_in_the_step_and_gauss_to_rounding(order: int) -> None:
    errors = []
    for dt in (1 / 64, 1 / 128):
        sim = run(order, dt)
        theta = np.array(sim.lattice.theta)
        errors.append(worst_energy(sim, dt))
        assert np.std(np.asarray(sim.lattice.theta) - theta) > 0.01  # theta reacted
        # rounding of 64 or 128 steps
        assert sim.lattice.sectors[1].averages()["X"].gauss < 1e-14
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2, abs=0.25)
    assert errors[1] < 1e-2


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_component_of_E_keeps_its_bits_along_its_own_flow(order: int, axis: int) -> None:
    lattice = run(order, 0.1).lattice
    f = lattice.fields
    lattice.update_electric()
    before, D = np.array(lattice.E[0]), np.array(lattice.D[0])
    flow = [
        *f.felt_magnetic(axis, f.g, f.E), coordinate(f, axis, f.X), torque(f, axis, f.pi),
        *momenta(f, axis, f.D),
    ]  # fmt: skip
    passes = Passes(lattice.backend, flow)
    for each in flow:
        if "h" in each.arguments:
            each(h=0.05)
    passes.run()
    lattice.update_electric()
    after = np.asarray(lattice.E[0])
    assert after[axis].tobytes() == before[axis].tobytes()
    assert not np.array_equal(after[(axis + 1) % 3], before[(axis + 1) % 3])
    assert np.max(np.abs(lattice.D[0] - D)) > 1e-3


@pytest.mark.parametrize("order", ORDERS)
def test_a_restored_run_goes_on_to_the_same_bits(order: int) -> None:
    choices = ("lattice.sites=8", f"lattice.order={order}", "output.series_interval=0.01")
    sim = simulation(*choices)
    sim.start()
    for _ in range(12):
        sim.step()
        sim.record()
    again = simulation(*choices)
    again.restore(sim.state())
    for each in (sim, again):
        for _ in range(12):
            each.step()
            each.record()
    for name, own in sim.fields().items():
        assert own.values.tobytes() == again.fields()[name].values.tobytes(), name
    assert sim.series.table().tobytes() == again.series.table().tobytes()


@pytest.mark.parametrize("helicity", [1, -1])
def test_a_helical_wave_of_the_lattice_has_one_helicity_in_the_spectra(helicity: int) -> None:
    order, n, mode = 6, 10, (1, 2, -3)
    sim = run(order, 0.1, sites=n)
    sim.lattice.X[0][...] = oracle.plane_wave(n, 1 / n, mode, helicity, order)
    sim.lattice.update_electric()
    spectra, bins = sim.modes.measure(sim.lattice.sectors, 1.0).spectra, sim.modes.bins
    squared = np.sum(oracle.momentum(np.array(mode), n, 1 / n, order) ** 2)
    for sign, share in (("plus", helicity > 0), ("minus", helicity < 0)):
        total = np.sum(spectra[f"B_X_{sign}"].power * bins.dlnk)
        # amplitudes are good to 1e-15 and leak as squares
        assert total == pytest.approx(squared * share, rel=1e-12, abs=1e-25 * squared)
    assert bins.khat.max() == pytest.approx(
        np.sqrt(3) * n * staggered.largest_khat(order), rel=1e-13
    )
    rho = sim.lattice.sectors[1].density_on_sites(1.0)["X"]
    assert np.mean(rho) == pytest.approx(sim.lattice.measure(1.0).densities.vectors["X"], rel=1e-12)

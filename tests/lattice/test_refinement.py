"""A state on a finer lattice: fields interpolated, Gauss's law of the new lattice, the energy that
this adds, and the evolution from there on."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from darklat.lattice import plan
from darklat.lattice.evolution import Evolution
from darklat.lattice.interpolation import linear_on_sites, on_links, on_sites
from darklat.lattice.refinement import Refinement, refine
from darklat.lattice.start.longitudinal import (
    amplitude,
    divergence,
    with_amplitude,
    with_divergence,
)
from darklat.physics import staggered
from darklat.schema import Config
from models import backend_for, simulation

ROUNDING = 1e-13
PAIRS = "{kind: pairs, charge: 0.5, fermion_mass_eV: 2, nu: 0.1}"
WITHOUT_ALP = ("model.alp=null", "model.couplings=null", "units.hubble_eV=1e-18")
MODELS: dict[str, tuple[str, ...]] = {
    "alp": (),
    "photon": (
        "model.fields.A={role: photon, conductivity: {kind: constant, value: 10}}",
        "model.couplings={AX: 1, XX: 100}",
    ),
    "metal": (
        "model.fields.A={role: photon, conductivity: {kind: thomson}}",
        "model.couplings={AX: 1, AA: 0.5, XX: 100}",
    ),
    "massive": ("model.fields.X.mass_eV=1e-17",),
    "plasma": ("model.fields.X.plasma={kind: constant, omega_p: 5, nu: 2}",),
    "pairs": (
        *WITHOUT_ALP, "model.fields.X.mass_eV=1e-18", f"model.fields.X.plasma={PAIRS}",
        "initial.kind=inflation", "initial.hubble_GeV=1e13", "checks.energy_balance_max=0.5",
    ),
    "float32": ("lattice.precision=float32",),
}  # fmt: skip
STEPS = 24


def finer(run: Evolution, sites: int, choice: str = "cpu", *, order: int = 2) -> Evolution:
    """A run of the same model, with the steps of the other until now, and without fields."""
    data = run.config.model_dump()
    data["lattice"] |= {"sites": sites, "order": order}
    config = Config.model_validate(data)
    times = plan.followed(run.clock, run.done, config)
    return Evolution(config, backend_for(config, choice), run.inputs, clock=times)


def coarse_run(name: str, choice: str = "cpu") -> Evolution:
    """Of 8^3 sites, with X as strong as the ALP."""
    run = simulation(
        "lattice.sites=8", "lattice.box=2", "time.courant=0.1", "time.a_end=4", *MODELS[name],
        choice=choice,
    )  # fmt: skip
    run.start()
    if name != "pairs":
        strengthen(run)
    advance(run, STEPS)
    return run


@cache
def refined(name: str) -> tuple[Evolution, Evolution, Refinement]:
    """That run, and the same on 16^3 sites."""
    run = coarse_run(name)
    fine = finer(run, 16)
    return run, fine, refine(run, fine)


def strengthen(run: Evolution) -> None:
    """The gauge fields become larger by one factor, and the account of energy begins anew."""
    row = run.row()
    factor = math.sqrt(row["rho/theta"] / row["rho/X"])
    f = run.lattice.fields
    for array in (f.X, f.E):
        array[...] = f.gauge_values(factor * f.in_f(array))
    run.lattice.update_displacement()
    run.energy_start = run.energy()


def advance(run: Evolution, steps: int) -> None:
    for _ in range(steps):
        run.step()
        run.record()


# ---- Interpolation ----


def waves(n: int, offset: tuple[float, float, float]) -> np.ndarray:
    """Some waves that 8 sites resolve, at the points of a lattice [n, n, n]."""
    points = np.meshgrid(*[(np.arange(n) + shift) / n for shift in offset], indexing="ij")
    rng = np.random.default_rng(3)
    found = np.full((n, n, n), 0.7)
    for _ in range(20):
        number = rng.integers(-3, 4, 3)
        phase = 2 * np.pi * sum(m * x for m, x in zip(number, points, strict=True))
        found += rng.normal() * np.cos(phase + rng.uniform(0, 2 * np.pi))
    return found


@pytest.mark.parametrize("sites", [8, 10, 12, 16, 26])
def test_fields_that_the_lattice_resolves_are_interpolated_exactly(sites: int) -> None:
    at_sites = (0.0, 0.0, 0.0)
    assert_close(on_sites(waves(8, at_sites), sites), waves(sites, at_sites))
    links = [(0.5, 0.0, 0.0), (0.0, 0.5, 0.0), (0.0, 0.0, 0.5)]
    before, after = (np.array([waves(n, at) for at in links]) for n in (8, sites))
    assert_close(on_links(before, sites), after)


def test_a_field_goes_through_its_values_at_the_nyquist_frequency_too() -> None:
    noise = np.random.default_rng(1).normal(size=(4, 8, 8, 8))
    assert_close(on_sites(noise[0], 16)[::2, ::2, ::2], noise[0])
    fine = on_links(noise[1:], 24)  # the middle of three links is that of the coarse one
    for i, (own, before) in enumerate(zip(fine, noise[1:], strict=True)):
        at = tuple(slice(1 if axis == i else 0, None, 3) for axis in range(3))
        assert_close(own[at], before)


def test_densities_stay_positive_and_uniform_ones_uniform() -> None:
    peak = np.zeros((8, 8, 8))
    peak[3, 4, 7] = 1.0
    fine = linear_on_sites(peak, 16)
    assert on_sites(peak, 16).min() < -0.1  # as waves would be
    assert fine.min() == 0 and fine[6, 8, 14] == 1 and fine[7, 8, 15] == 0.25
    assert fine.mean() == peak.mean()
    assert np.all(linear_on_sites(np.full((8, 8, 8), 0.3), 22) == 0.3)


def test_the_longitudinal_part_is_replaced_and_nothing_else() -> None:
    rng = np.random.default_rng(2)
    field, other = rng.normal(size=(3, 8, 8, 8)), rng.normal(size=(8, 8, 8))
    transverse = with_divergence(field, None, 2)
    assert np.sqrt(np.mean(divergence(transverse, 2) ** 2)) < 1e-15
    assert_close(divergence(field, 2), sum(x - np.roll(x, 1, i) for i, x in enumerate(field)))
    long = amplitude(field, 2)
    assert np.mean(transverse**2) * 3 + np.mean(long**2) == pytest.approx(np.mean(field**2) * 3)
    assert_close(with_amplitude(transverse, long, 2), field)
    changed = with_divergence(field, other, 2)
    assert_close(divergence(changed, 2), other - other.mean())
    assert_close(with_divergence(changed, None, 2), transverse)


def assert_close(found: np.ndarray, wanted: np.ndarray) -> None:
    np.testing.assert_allclose(found, wanted, rtol=0, atol=ROUNDING * np.max(np.abs(wanted)))


# ---- The state ----


@pytest.mark.parametrize("name", MODELS)
def test_the_constraints_of_the_finer_lattice_hold_to_rounding(name: str) -> None:
    run, _, result = refined(name)
    laws = [key for key in result.after if key.startswith(("gauss/", "lorenz/"))]
    assert len(laws) == len(run.letters) + len(run.config.massive)
    rounding = 1e-7 if name == "float32" else 1e-15
    assert all(result.after[key] < rounding for key in laws)
    goes_on = finer(run, 16)
    refine(run, goes_on)
    advance(goes_on, STEPS)
    assert all(goes_on.row()[key] < 8 * rounding for key in laws)


@pytest.mark.parametrize(
    ("name", "sites", "order"), [("alp", 8, 6), ("alp", 16, 4), ("massive", 8, 4)]
)
def test_a_run_goes_on_at_another_order(name: str, sites: int, order: int) -> None:
    run = coarse_run(name)
    fine = finer(run, sites, order=order)
    result = refine(run, fine)
    laws = [key for key in result.after if key.startswith(("gauss/", "lorenz/"))]
    assert all(result.after[key] < 1e-15 for key in laws)
    X = [with_divergence(each.lattice.fields.in_f(each.lattice.X[0]), None, o)
         for each, o in ((run, 2), (fine, order))]  # fmt: skip
    wanted = with_divergence(on_links(X[0], sites), None, order)
    assert_close(X[1], wanted)
    advance(fine, STEPS // 3)
    assert all(fine.row()[key] < 8e-15 for key in laws)


@pytest.mark.parametrize(
    ("name", "sites", "order"),
    [("alp", 8, 6), ("metal", 10, 4), ("massive", 8, 6), ("float32", 8, 6)],
)
def test_the_constraints_are_those_of_the_order(name: str, sites: int, order: int) -> None:
    run = refined(name)[0]
    to = finer(run, sites, order=order)
    there = refine(run, to)
    back = finer(to, 12, order=2)
    for result in (there, refine(to, back)):
        laws = {k: x for k, x in result.after.items() if k.startswith(("gauss/", "lorenz/"))}
        assert laws and max(laws.values()) < (2e-7 if name == "float32" else 1e-15)
        imbalance = result.before["energy_balance"] * result.energy_before
        assert result.after["energy_balance"] * result.energy_after == pytest.approx(imbalance)


@pytest.mark.parametrize("name", MODELS)
def test_the_energy_that_is_added_is_what_the_balance_leaves_out(name: str) -> None:
    run, fine, result = refined(name)
    assert run.config.lattice.sites == 8 and fine.config.lattice.sites == 16
    assert np.array_equal(fine.series.table(), run.series.table())
    densities = [
        sum(value for key, value in each.items() if key.startswith("rho/"))
        for each in (result.before, result.after)
    ]
    a4 = run.a**4
    assert result.added == pytest.approx(a4 * (densities[1] - densities[0]), rel=1e-6)
    imbalance = result.before["energy_balance"] * result.energy_before
    assert result.after["energy_balance"] * result.energy_after == pytest.approx(imbalance)


def test_fields_and_velocities_stay_and_d_follows() -> None:
    """In back-reaction g theta B is many times E, so that an interpolated D would be a wrong E."""
    run, fine, _ = refined("alp")
    run.lattice.update_electric()
    fine.lattice.update_electric()
    n, f, c = 16, fine.lattice.fields, run.lattice.fields
    assert_close(f.on_host(f.theta), on_sites(c.on_host(c.theta), n))
    assert_close(f.on_host(f.pi), on_sites(c.on_host(c.pi), n))

    def error(name: str) -> float:
        """Of the transverse part; the longitudinal one follows from Gauss's law."""
        found, before = (with_divergence(x.in_f(vars(x)[name][0]), None, 2) for x in (f, c))
        wanted = with_divergence(on_links(before, n), None, 2)
        return float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))

    assert error("X") < ROUNDING and error("E") < ROUNDING
    assert error("D") > 0.3


def test_waves_that_one_lattice_carries_are_not_made_magnetic() -> None:
    """The longitudinal part of a light field is 1/m times the others."""
    _, _, result = refined("pairs")
    assert 0.5 < result.energy_after / result.energy_before < 1.1


def test_a_gpu_refines_to_the_same_state(gpu_choice: str) -> None:
    _, on_host, result = refined("massive")
    run = coarse_run("massive", gpu_choice)
    fine = finer(run, 16, gpu_choice)
    again = refine(run, fine)
    for key in ("rho/theta", "rho/X"):
        assert again.after[key] == pytest.approx(result.after[key], rel=1e-11)
    assert again.after["gauss/X"] < 1e-15 and again.after["lorenz/X"] < 1e-15
    for name, own in fine.fields().items():
        if name not in ("Q", "P"):  # rounding where there is no current
            wanted = on_host.fields()[name].values
            np.testing.assert_allclose(own.values, wanted, atol=1e-11 * np.max(np.abs(wanted)))


# ---- The evolution from there on ----

G, MASS, WAVE, BOX, SMALL = 20.0, 3.0, 1, 1.0, 1e-12
T_REFINED, T_END = 0.5, 1.0


def helical(sites: int, order: int = 2) -> Evolution:
    """A wave along z on a static background with a homogeneous ALP, both helicities alike."""
    run = simulation(
        f"model.couplings.XX={G}", "background.kind=static", f"lattice.sites={sites}",
        f"lattice.box={BOX}", f"lattice.order={order}", "time.a_end=null", f"time.tau_end={T_END}", "time.courant=0.05",
        "output.spectra_interval=1", "checks.power_at_cutoff_max=1",
    )  # fmt: skip
    run.start()
    z = 2 * np.pi * WAVE * np.arange(sites) / sites
    f = run.lattice.fields
    f.X[...] = 0.0
    f.E[...] = 0.0
    f.X[0, 0][...] = f.gauge_values(np.broadcast_to(SMALL * np.cos(z), (sites,) * 3))
    run.lattice.update_displacement()
    return run


def left_and_right(run: Evolution) -> np.ndarray:
    """The complex amplitudes of X of that wave by helicity, over the start."""
    X = run.lattice.fields.in_f(run.lattice.X[0])
    x, y = (np.fft.fft(own.mean(axis=(0, 1)))[WAVE] * 2 / own.shape[-1] for own in X[:2])
    return np.array([x - 1j * y, x + 1j * y]) / SMALL


def exact(*lattices: tuple[int, int]) -> np.ndarray:
    """The same by the mode equation, X'' = -(khat^2 + s g theta' c khat) X for s = -1, 1. khat and
    the mean c are those of a lattice of (sites, order) until T_REFINED, and of another from there
    on."""
    found = []
    for sign in (-1, 1):
        state = np.array([1.0, 0.0])
        for (n, order), (start, end) in zip(
            lattices, pairwise((0.0, T_REFINED, T_END)), strict=True
        ):
            half = math.pi * WAVE / n
            khat = 2 * n / BOX * float(staggered.half_khat(half, order))
            c = float(staggered.average(half, order))

            def rates(t: float, y: np.ndarray, s: int = sign, k: float = khat, c: float = c):
                slope = -MASS * math.sin(MASS * t)  # theta' of a start at rest
                return [y[1], -(k * k + s * G * slope * c * k) * y[0]]

            state = solve_ivp(rates, (start, end), state, rtol=1e-10, atol=1e-10).y[:, -1]
        found.append(state[0])
    return np.array(found)


@pytest.mark.parametrize("to", [(16, 2), (8, 6)])
def test_a_refined_wave_goes_on_as_that_of_the_finer_lattice_to_the_stencils_error(
    to: tuple[int, int],
) -> None:
    coarse, own = helical(8), helical(*to)
    while coarse.tau < T_REFINED - 1e-9:
        coarse.step()
    fine = finer(coarse, to[0], order=to[1])
    refine(coarse, fine)
    for run in (fine, own):
        while run.done < run.clock.steps:
            run.step()
    went, goes = (np.real(left_and_right(run)) for run in (fine, own))
    expected, expected_own = exact((8, 2), to), exact(to, to)
    step = 0.01  # (growth rate dt)^2 T: the error of the step
    np.testing.assert_allclose(went, expected, rtol=step, atol=step)
    np.testing.assert_allclose(goes, expected_own, rtol=step, atol=step)
    # The difference is that of khat and of the mean over half of the time, and nothing else.
    np.testing.assert_allclose(went / goes - 1, expected / expected_own - 1, atol=step)


def test_long_waves_of_a_vacuum_agree_with_those_of_the_finer_lattice() -> None:
    """A seed means the same long waves on both lattices. Amplitudes, phases and directions differ
    by those of khat."""
    common = (*WITHOUT_ALP, "lattice.box=1", "initial.a_start=0.5", "time.a_end=1.5")
    coarse, own = (simulation(f"lattice.sites={n}", *common) for n in (8, 16))
    for run in (coarse, own):
        run.start()
        while run.tau < 1 - 1e-9:
            run.step()
    fine = finer(coarse, 16)
    refine(coarse, fine)
    for run in (fine, own):
        while run.done < run.clock.steps:
            run.step()
    found, wanted = (
        np.fft.rfftn(run.lattice.fields.in_f(run.lattice.X[0]), axes=(1, 2, 3))
        for run in (fine, own)
    )
    for number in [(1, 0, 0), (0, 2, 0), (1, 0, 1), (2, 1, 0), (2, 2, 1)]:
        error = np.linalg.norm((found - wanted)[:, *number]) / np.linalg.norm(wanted[:, *number])
        khat = [2 * n * np.sin(np.pi * np.array(number) / n) for n in (8, 16)]
        omega, finer_omega = map(np.linalg.norm, khat)
        phase = (finer_omega - omega) * 0.5
        angle = math.sqrt(max(0.0, 1 - (khat[0] @ khat[1] / omega / finer_omega) ** 2))
        expected = phase + phase / omega + angle
        assert 0.1 * expected < error < 2 * expected, number

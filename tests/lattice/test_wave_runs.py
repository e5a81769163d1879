"""Gravitational waves in runs: resume, sampling, the cut in k, expansion, and other starts."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from driven_waves import DX, Driven, N, khat
from scipy.integrate import solve_ivp

from darklat.lattice import plan
from darklat.lattice.evolution import Evolution
from darklat.lattice.refinement import refine
from darklat.lattice.sectors.waves import WaveSector
from darklat.physics.background import PowerLaw, Radiation
from darklat.physics.gravitational_waves import strength
from darklat.schema.inputs import EvolvedFields, Inputs
from darklat.storage import inputs
from models import backend_for, config, simulation

FILE = Path(__file__).parents[1] / "data" / "gw_source_16.h5"
FROM_FILE = (
    "lattice.box=1", "model.couplings.XX=2", "initial.kind=file", f"initial.file={FILE}",
    "initial.a_start=2", "time.a_end=2.4", "output.spectra_interval=0.1",
)  # fmt: skip
WAVES = "output.gravitational_waves={}"


def run(evolution: Evolution, until: int | None = None) -> Evolution:
    while evolution.done < (evolution.clock.steps if until is None else until):
        evolution.step()
        if evolution.closed:
            evolution.record()
    return evolution


def begun(*overrides: str) -> Evolution:
    evolution = simulation(*FROM_FILE, *overrides)
    evolution.start()
    return evolution


def waves_of(evolution: Evolution) -> WaveSector:
    found = evolution.lattice.find(WaveSector)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def whole() -> Evolution:
    return run(begun(WAVES))


def test_the_energy_of_the_waves_is_that_of_their_spectra(whole: Evolution) -> None:
    power = whole.spectra.power
    found = sum(np.array(power[f"gw_{sign}"]) for sign in ("plus", "minus"))
    total = found @ whole.modes.bins.dlnk
    times = [tau for tau, _ in whole.spectra.times]
    rows = [list(whole.series["tau"]).index(tau) for tau in times]
    np.testing.assert_allclose(total, whole.series["omega_gw"][rows], rtol=1e-12)
    assert total[0] == 0
    assert np.all(np.diff(total[:3]) > 0)


def test_a_resumed_run_has_the_same_bits(whole: Evolution) -> None:
    """From a sample that the second set leaves out, and from one that it has."""
    half = begun(WAVES)
    for samples in (3, 2):
        until = half.done
        for _ in range(samples):
            until = next(s for s in range(until + 1, until + 9) if half.schedule.closes(s))
        state = run(half, until).state()
        half = Evolution(half.config, backend_for(half.config), inputs.read(half.config))
        half.restore(state)
    run(half)
    np.testing.assert_array_equal(half.series.table(), whole.series.table())
    for name, values in whole.fields().items():
        np.testing.assert_array_equal(half.fields()[name].values, values.values)
    for name, rows in whole.spectra.arrays().items():
        np.testing.assert_array_equal(half.spectra.arrays()[name], rows)


def test_the_fields_have_the_same_bits_with_and_without_waves() -> None:
    """Where the same steps are closed: here every one."""
    every_step = ("output.series_interval=0.0125", "time.a_end=2.1")
    with_waves, without = (run(begun(*every_step, *more)) for more in ((WAVES,), ()))
    for name, values in without.fields().items():
        np.testing.assert_array_equal(with_waves.fields()[name].values, values.values)
    for name in without.series.columns:
        np.testing.assert_array_equal(with_waves.series[name], without.series[name])


def test_the_energy_grows_as_the_fourth_power_of_f(whole: Evolution) -> None:
    """Fields in units of f are the same for any f, where they come from a file without one."""
    larger = run(begun(WAVES, "model.alp.f_GeV=1e17", "time.a_end=2.1"))
    count = len(larger.series.rows)
    np.testing.assert_allclose(
        larger.series["omega_gw"], 1e4 * whole.series["omega_gw"][:count], rtol=1e-12
    )
    assert strength(whole.config.program_units) == pytest.approx(2.84298e-10, rel=1e-5, abs=0)


def test_steps_are_closed_as_often_as_the_source_is_sampled(whole: Evolution) -> None:
    closed = [s for s in range(whole.clock.steps + 1) if whole.schedule.closes(s)]
    between = np.diff([whole.clock.tau(s) for s in closed])
    assert np.max(between) <= 0.8 * whole.config.dx * (1 + 1e-9)
    assert np.max(between) > 0.7 * whole.config.dx
    rarely = plan.schedule(config(*FROM_FILE, "output.series_interval=0.4"), whole.clock)
    assert sum(map(rarely.closes, range(whole.clock.steps + 1))) < len(closed)


def test_a_cut_in_k_leaves_the_other_waves_as_they_are(whole: Evolution) -> None:
    cut = run(begun("output.gravitational_waves.k_max=26"))  # 2 pi/box = 6.28
    assert cut.config.output.gravitational_waves is not None
    for sign in ("plus", "minus"):
        for name in (f"gw_{sign}", f"gw_source_{sign}"):
            kept, every = (np.array(of.spectra.power[name]) for of in (cut, whole))
            np.testing.assert_allclose(kept[:, :4], every[:, :4], rtol=1e-12)
            assert np.all(kept[:, 4:] == 0)
            assert np.all(every[1:, 4:14] > 0)
    saved = sum(described.values.nbytes for described in cut.fields().values())
    assert saved == plan.checkpoint_bytes(cut.config) < plan.checkpoint_bytes(whole.config)
    assert plan.memory_bytes(cut.config) < plan.memory_bytes(whole.config)


# ---- Sampling ----


def test_the_cost_of_sampling_is_that_of_every_second_sample() -> None:
    """Against a second run of the waves, with half the samples and the last one."""
    rng = np.random.default_rng(4)
    X, phase = rng.normal(size=(3, N, N, N)), rng.uniform(0, 6, (3, N, N, N))

    def fields(lattice: object, tau: float) -> None:
        lattice.X[0][...] = X * np.cos(7 * tau + phase)  # type: ignore[attr-defined]

    for count in (8, 9):  # the last sample is one that the second set has, and one that it has not
        times = np.linspace(1, 1.4, count + 1)
        every, half = Driven(Radiation()), Driven(Radiation())
        every.follow(fields, times)
        half.follow(fields, sorted({*times[::2], times[-1]}))
        energies = []
        for driven in (every, half):
            waves = driven.waves
            u = waves.modes.w[::8] - waves.modes.v[::8] / waves.now.tau
            kz = driven.order[::8] % (N // 2 + 1)
            twice = np.where((kz == 0) | (kz == N // 2), 1, 2)
            energies.append(np.sum(twice[:, None, None] * u**2))
        expected = energies[1] / energies[0] - 1
        assert every.waves.sampling_error() == pytest.approx(expected, rel=1e-9, abs=0)
        assert abs(expected) > 1e-3
        before = every.waves.sampling_error()
        assert every.waves.sampling_error() == before  # to look at it changes nothing


# ---- Expansion ----


def constant_stress(lattice: object, tau: float) -> None:
    del tau
    z = np.cos(2 * DX * np.arange(N))
    lattice.X[0][0][...] = 0.3 * z  # type: ignore[attr-defined]


@pytest.mark.parametrize("w", [0.0, 0.6])
def test_waves_where_the_expansion_accelerates_are_of_second_order(w: float) -> None:
    """a'' is not zero where the universe is not radiation's: matter, and a stiffer one."""
    background = PowerLaw(w)
    start, end = 1.0, 3.0
    a, hub = background.scale_factor, background.conformal_hubble
    errors = []
    for count in (20, 40, 80):
        driven = Driven(background)
        driven.follow(constant_stress, np.linspace(start, end, count + 1))
        S = 2 * driven.source(0, 0, 4)

        def rates(tau: float, y: np.ndarray, S: float = S) -> list[float]:
            return [y[1], -2 * hub(tau) * y[1] - khat(4) ** 2 * y[0] + S / a(tau) ** 2]

        exact = solve_ivp(rates, (start, end), [0, 0], method="DOP853", rtol=1e-12, atol=1e-15)
        found = 2 * driven.prime(0, 0, 4).real
        errors.append(abs(found - exact.y[1, -1]) / abs(exact.y[1, -1]))
    assert errors[-1] < 1e-3
    assert math.log2(errors[0] / errors[1]) == pytest.approx(2, abs=0.1)
    assert math.log2(errors[1] / errors[2]) == pytest.approx(2, abs=0.1)


def test_the_energy_is_constant_once_the_source_has_ended() -> None:
    """Inside the horizon, over a period: u' is an oscillation that falls as 1/a."""

    def fields(lattice: object, tau: float) -> None:
        constant_stress(lattice, tau)
        if tau > 2:
            lattice.X[...] = 0.0  # type: ignore[attr-defined]

    driven = Driven(Radiation())
    driven.follow(fields, np.linspace(1, 2.5, 31))
    period, means = 2 * math.pi / khat(4), []
    for start in (20.0, 60.0):
        found = []
        for tau in start + period / 16 * np.arange(16):
            driven.follow(fields, [tau])
            found.append(driven.waves.spectrum().sum())
        means.append(np.mean(found))
    assert means[1] == pytest.approx(means[0], rel=1e-3, abs=0)  # (hub/k)^2 = 2e-4 at the first


# ---- Other starts ----


def test_the_waves_begin_at_the_end_of_the_linear_phase() -> None:
    evolution = simulation(
        "lattice.sites=8", WAVES, "initial.linear_until=1", "time.a_end=1.2",
        "output.spectra_interval=0.1",
    )  # fmt: skip
    evolution.start()
    hand_over = len(evolution.series.rows)
    assert np.all(evolution.series["omega_gw"] == 0)
    assert np.all(np.array(evolution.spectra.power["gw_source_plus"]).sum(axis=1) > 0)
    run(evolution)
    assert np.all(evolution.series["omega_gw"][hand_over:] > 0)


def test_a_run_that_starts_from_a_checkpoint_begins_without_waves(whole: Evolution) -> None:
    """Of a run with waves, or without."""
    arrays = {name: described.values for name, described in whole.fields().items()}
    fields = {name: values for name, values in arrays.items() if not name.startswith("gw_")}
    for of in (arrays, fields):
        start = Evolution(
            whole.config, whole.backend, Inputs(evolved=EvolvedFields(of)), clock=whole.clock
        )
        start.start()
        assert start.series["omega_gw"][0] == 0
        np.testing.assert_array_equal(start.lattice.theta, whole.lattice.theta)


def test_waves_go_on_on_a_finer_lattice(whole: Evolution) -> None:
    """All that the coarser lattice has, apart from its Nyquist planes, mode by mode."""
    model = config(*FROM_FILE, WAVES, "lattice.sites=20")
    fine = Evolution(model, backend_for(model), clock=whole.clock)
    refine(whole, fine)
    coarse, finer = waves_of(whole).spectrum(), waves_of(fine).spectrum()
    np.testing.assert_allclose(finer[:, :7].sum(axis=0), coarse[:, :7].sum(axis=0), rtol=1e-9)
    assert fine.series["omega_gw"][-1] == whole.series["omega_gw"][-1]
    same = waves_of(fine).modes.power(whole.now)
    assert same.sum() > 0

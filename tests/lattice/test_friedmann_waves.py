"""Gravitational waves in a universe that expands by its own content."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from driven_waves import Driven, N, khat
from no_fields import Nothing
from scipy.integrate import solve_ivp
from scipy.special import jv

from darklat.lattice.evolution import Evolution
from darklat.lattice.expansion import Frozen, SelfConsistent
from darklat.lattice.integrators.base import Stepper
from darklat.lattice.lattice import Lattice
from darklat.lattice.sectors.waves import WaveSector
from darklat.physics.background import Instant, Radiation
from darklat.physics.friedmann import Fluid, Friedmann
from darklat.physics.units import REDUCED_PLANCK_MASS_EV
from models import backend_for, simulation

PLANCK_GEV = REDUCED_PLANCK_MASS_EV / 1e9
K = khat(4)  # of the waves in the tests of fluids
MATTER, STIFF, SOFT = (Friedmann(1.0, (Fluid(w, 1.0),), radiation=0.0) for w in (0.0, 1.0, -0.2))
MIXTURE = Friedmann(1.0, (Fluid(0.0, 0.5),))


class Own(Frozen):
    """A universe whose scale factor takes one step from each epoch to the next."""

    def __init__(self, history: Friedmann) -> None:
        super().__init__()
        self.expansion, self.stepper = SelfConsistent(history), Nothing()
        self.tau: float | None = None

    def instant(self, tau: float) -> Instant:
        stepper: Stepper = self.stepper
        if self.tau is None:
            self.expansion.begin(tau, lambda a: 0.0)
        else:
            self.expansion.step(stepper, tau=self.tau, dt=tau - self.tau, close=True)
        self.tau = tau
        return self.expansion.instant(tau)


def nothing(lattice: Lattice, tau: float) -> None:
    """Leaves the fields as they are: without a source."""


def constant_stress(lattice: Lattice, tau: float) -> None:
    """Of a magnetic field at rest."""
    lattice.X[0][0][...] = 0.3 * np.cos(4 * math.pi / N * np.arange(N))


def slopes(error: list[float]) -> list[float]:
    return [math.log2(coarse / fine) for coarse, fine in pairwise(error)]


# ---- Fluids ----


@pytest.mark.parametrize(("history", "p"), [(MATTER, 2.0), (STIFF, 0.5), (SOFT, 5.0)])
def test_free_waves_beside_a_fluid_alone(history: Friedmann, p: float) -> None:
    """With a ~ tau^p a free wave is tau^(1/2 - p) J_(p - 1/2)(k tau): j_1(k tau)/tau in matter,
    J_0(k tau) where w = 1."""
    start, end, nu = 0.5 * p, 1.5 * p, p - 0.5

    def u(tau: float) -> float:
        return tau**-nu * float(jv(nu, K * tau))

    def u_prime(tau: float) -> float:
        return -K * tau**-nu * float(jv(nu + 1, K * tau))

    def error(count: int) -> float:
        driven = Driven(Own(history))
        driven.follow(nothing, [start])
        now = driven.waves.now
        w = now.a_prime * u(start) + now.a * u_prime(start)
        driven.set_wave(0, 0, 4, v=now.a * u(start), w=w)
        driven.follow(nothing, np.linspace(start, end, count + 1)[1:])
        return abs(driven.prime(0, 0, 4).real - u_prime(end)) / abs(K * u(start))

    errors = [error(count) for count in (40, 80, 160)]
    assert slopes(errors) == pytest.approx([2, 2], abs=0.1)
    assert errors[-1] < 2e-4


def test_driven_waves_beside_radiation_and_matter() -> None:
    """Against the ordinary equation in a = tau + tau^2/8, from a'^2 = 1 + a/2."""
    start, end = 1.0, 3.0

    def error(count: int) -> float:
        driven = Driven(Own(MIXTURE))
        driven.follow(constant_stress, np.linspace(start, end, count + 1))
        S = 2 * driven.source(0, 0, 4)

        def rates(tau: float, y: np.ndarray) -> list[float]:
            a = tau + tau**2 / 8
            return [y[1], -2 * (1 + tau / 4) / a * y[1] - K**2 * y[0] + S / a**2]

        exact = solve_ivp(rates, (start, end), [0, 0], method="DOP853", rtol=1e-12, atol=1e-15)
        return abs(2 * driven.prime(0, 0, 4).real / exact.y[1, -1] - 1)

    errors = [error(count) for count in (20, 40, 80)]
    assert slopes(errors) == pytest.approx([2, 2], abs=0.1)
    assert errors[-1] < 1e-3


def test_radiation_alone_has_the_waves_of_radiation_to_rounding() -> None:
    times, found = np.linspace(1.0, 3.0, 40), []
    for background in (Radiation(), Own(Friedmann(1e9))):
        driven = Driven(background)
        driven.follow(constant_stress, times)
        found.append([driven.waves.spectrum()[:, 3], [driven.waves.sampling_error()]])
    for radiation, own in zip(*found, strict=True):
        np.testing.assert_allclose(own, radiation, rtol=1e-12)


def test_the_energy_falls_as_radiation_once_the_source_has_ended() -> None:
    """Omega_GW a'^2 ~ a^4 rho_GW is constant inside the horizon, over a period, in matter too."""

    def fields(lattice: Lattice, tau: float) -> None:
        constant_stress(lattice, tau)
        if tau > 2:
            lattice.X[...] = 0.0

    driven = Driven(Own(MATTER))
    driven.follow(fields, np.linspace(1.5, 2.5, 31))
    period, means = 2 * math.pi / K, []
    for first in (10.0, 30.0):
        start = driven.waves.now.tau
        driven.follow(fields, np.linspace(start, first, math.ceil(8 * (first - start)))[1:])
        found = []
        for tau in driven.waves.now.tau + period / 16 * np.arange(1, 17):
            driven.follow(fields, [tau])
            found.append(driven.waves.spectrum().sum() * driven.waves.now.a_prime**2)
        means.append(np.mean(found))
    assert means[1] == pytest.approx(means[0], rel=1e-2, abs=0)  # (hub/k)^2 = 3e-3 at the first


# ---- Runs ----


SMALL = (
    "lattice.sites=8",
    "lattice.box=2",
    "lattice.order=2",
    "time={tau_end: 0.9}",
    "model.couplings.XX=3",
)
SAMPLED = "output.gravitational_waves={sampling: 0.8}"


def begun(f: float, *overrides: str, choice: str = "cpu") -> Evolution:
    """With random gradients and a random gauge field; f in M_Pl."""
    run = simulation(
        *SMALL, SAMPLED, "background.kind=friedmann", f"model.alp.f_GeV={f * PLANCK_GEV!r}",
        *overrides, choice=choice,
    )  # fmt: skip
    run.start()
    random, f = np.random.default_rng(3), run.lattice.fields
    f.theta[...] += run.backend.array(0.3 * random.standard_normal(f.theta.shape))
    f.X[...] = f.gauge_values(0.2 * random.standard_normal(f.X.shape))
    f.D[...] = 0
    run.lattice.update_electric()
    run.expansion.begin(run.tau, run.energy_at)
    run.energy_start = run.energy()
    for sector in run.lattice.sectors:
        sector.steps_from(run.now)
    return run


def to_end(run: Evolution) -> Evolution:
    while run.done < run.clock.steps:
        run.step()
        if run.closed:
            run.record()
    return run


def omega(run: Evolution) -> float:
    return float(run.series["omega_gw"][-1])


def test_waves_of_a_light_alp_are_those_of_radiation() -> None:
    """As dt^2, by which the fields differ: both take the scale factor at other times of a step."""

    def difference(courant: float) -> float:
        small = f"time.courant={courant}"
        own, radiation = (to_end(begun(1e-6, small, f"background.kind={kind}"))
                          for kind in ("friedmann", "radiation"))  # fmt: skip
        assert own.a == pytest.approx(radiation.a, rel=1e-9)
        return abs(omega(own) / omega(radiation) - 1)

    errors = [difference(courant) for courant in (0.2, 0.1)]
    assert slopes(errors) == pytest.approx([2], abs=0.2)
    assert errors[-1] < 1e-3


def test_the_energy_of_a_heavy_run_is_of_second_order() -> None:
    found = [omega(to_end(begun(0.3, f"time.courant={c}"))) for c in (0.2, 0.1, 0.05)]
    assert slopes([abs(x - y) for x, y in pairwise(found)]) == pytest.approx([2], abs=0.3)


def test_the_energy_grows_as_the_fourth_power_of_f() -> None:
    """While the weight of the fields is small, to the square of f; in equal steps."""
    runs = [to_end(begun(f, "time.tau_end=0.6", "time.courant=0.1")) for f in (1e-4, 1e-3)]
    small, large = map(omega, runs)
    assert runs[0].done == runs[1].done
    assert large == pytest.approx(1e4 * small, rel=1e-5)


def test_a_run_with_waves_goes_on_to_the_bit() -> None:
    whole, half = (begun(0.3, "time.courant=0.05") for _ in range(2))
    while not (half.done > 16 and half.closed):
        half.step()
        if half.closed:
            half.record()
    resumed = Evolution(half.config, backend_for(half.config))
    resumed.restore(half.state())
    for run in (whole, resumed):
        to_end(run)
    np.testing.assert_array_equal(resumed.series.table(), whole.series.table())
    fields = resumed.fields()
    assert {"gw_v", "gw_w", "gw_half_v", "gw_course"} <= set(fields)
    for name, described in whole.fields().items():
        np.testing.assert_array_equal(fields[name].values, described.values)
    assert 16 < half.done < whole.done
    waves = whole.lattice.find(WaveSector)
    assert waves is not None and waves.now == whole.now
    assert omega(whole) > 0


RESULTS = ("a", "hubble", "friedmann_constraint", "omega_gw", "theta_rms", "rho/X")


def assert_same(found: Evolution, expected: Evolution, rtol: float) -> None:
    for name in RESULTS:
        np.testing.assert_allclose(
            found.series[name][1:], expected.series[name][1:], rtol=rtol, atol=rtol, err_msg=name
        )


def test_a_device_has_the_same_waves(gpu_choice: str) -> None:
    """To rounding."""
    here, there = (to_end(begun(0.3, choice=choice)) for choice in ("cpu", gpu_choice))
    assert_same(there, here, 1e-11)


def test_float32_has_the_same_waves() -> None:
    """To its rounding; a, v and the waves are in double."""
    double, single = (to_end(begun(0.3, f"lattice.precision={p}")) for p in ("float64", "float32"))
    assert_same(single, double, 1e-5)
    assert omega(single) == pytest.approx(omega(double), rel=1e-5, abs=0)

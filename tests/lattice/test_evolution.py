"""Whole small runs: constraints, energy balance, spectra, and that each check sees what it is there
to see."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darklat.errors import NumericalError
from darklat.lattice.evolution import Evolution
from darklat.lattice.integrators import INTEGRATORS, two_register
from models import backend_for, config, simulation

TWO_FIELDS = """
name: two
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16}
  fields: {X: {role: dark}, Y: {role: dark}}
  couplings: {XX: 1.5, XY: -0.7, YY: 0.4}
background: {kind: static}
lattice: {sites: 12, box: 1, order: 2}
time: {tau_end: 1}
"""


def run(sim: Evolution) -> Evolution:
    sim.start()
    while sim.done < sim.clock.steps:
        sim.step()
        sim.record()
    return sim


@pytest.fixture(scope="module")
def nonlinear() -> Evolution:
    return run(simulation("time.a_end=7", "lattice.sites=24", "lattice.box=0.5"))


def test_gauss_stays_at_rounding_through_back_reaction(nonlinear):
    assert nonlinear.series["epsilon"][-1] > 0.5  # it did back-react
    assert nonlinear.series["gauss/X"].max() < 1e-13


def test_energy_balance_is_small_at_the_default_step(nonlinear):
    assert np.abs(nonlinear.series["energy_balance"]).max() < 1e-2


def test_spectra_add_up_to_the_averages(nonlinear):
    bins, record = nonlinear.modes.bins, nonlinear.spectra
    # rho_X = (E^2 + B^2)/2a^4; the spectra at the last time hold both.
    total = sum(
        float(np.sum(record.power[name][-1] * bins.dlnk)) + record.zero[name][-1]
        for name in ("B_X_plus", "B_X_minus", "E_X_plus", "E_X_minus", "E_X_long")
    )
    assert total / (2 * nonlinear.a**4) == pytest.approx(nonlinear.series["rho/X"][-1], rel=1e-12)
    theta = float(np.sum(record.power["theta"][-1] * bins.dlnk)) + record.zero["theta"][-1]
    assert math.sqrt(theta) == pytest.approx(nonlinear.series["theta_rms"][-1], rel=1e-12)
    assert bins.modes.sum() == 24**3 - 1


def energy_error(name: str, courant: float) -> float:
    """A strongly coupled state in the radiation era, in which the ALP, the field and expansion
    exchange energy."""
    sim = simulation(
        "lattice.sites=12",
        "lattice.box=1",
        "model.couplings.XX=2",
        "time.a_end=2",
        f"time.scheme={name}",
        f"time.courant={courant}",
    )
    sim.start()
    generator = np.random.default_rng(2)
    sim.lattice.X[0][...] = 0.1 * smooth(generator, 12)
    sim.lattice.update_displacement()
    start = energy(sim)
    for _ in range(sim.clock.steps):
        sim.step()
    end = energy(sim)
    assert abs(end - start) > 0.3 * end  # what expansion takes matters
    return abs(end - start + sim.spent) / end


def energy(sim: Evolution) -> float:
    return sim.lattice.measure(sim.a).conformal_energy


def smooth(generator: np.random.Generator, n: int) -> np.ndarray:
    field = np.fft.rfftn(generator.standard_normal((3, n, n, n)), axes=(1, 2, 3))
    m = np.abs(np.fft.fftfreq(n, 1 / n))
    far = (m[:, None, None] > 2) | (m[None, :, None] > 2) | (m[None, None, : n // 2 + 1] > 2)
    field[:, far] = 0
    out = np.fft.irfftn(field, s=(n, n, n), axes=(1, 2, 3))
    return 0.3 * out / out.std()


@pytest.mark.parametrize("name", INTEGRATORS)
def test_energy_balance_converges_at_the_order_of_the_integrator(name):
    coarse, fine = energy_error(name, 0.3), energy_error(name, 0.15)
    # One order better where the leading term is dispersive and only dissipation shows; never worse.
    order = INTEGRATORS[name].order
    assert order - 0.3 < math.log2(coarse / fine) < order + 1.3
    assert fine < {2: 1e-2, 3: 2e-3, 4: 1e-4}[order]


LARGE_FIELD = (
    "time.a_end=3",
    "lattice.sites=16",
    "lattice.box=1",
    "model.couplings.XX=2",
    "time.scheme=rk46nl",
)


def test_a_dropped_term_shows_in_the_energy_balance(monkeypatch):
    class WithoutCoupling(two_register.SecondOrderStage):
        def __init__(self, fields, registers):
            super().__init__(fields, registers)
            self._momenta.arguments["g"] = fields.backend.array(np.zeros((1, 1)))

    monkeypatch.setattr(two_register, "SecondOrderStage", WithoutCoupling)
    with pytest.raises(
        NumericalError, match=r"error of the energy balance is .* checks.energy_balance_max = 0.05"
    ):
        run_with_large_field(simulation(*LARGE_FIELD))


def test_a_broken_curl_shows_in_gauss(monkeypatch):
    sim = simulation(*LARGE_FIELD)
    original = sim.stepper.step

    def with_a_wrong_difference(*, tau, dt, close):
        work = original(tau=tau, dt=dt, close=close)
        sim.lattice.D[0, 0] += 1e-6 * dt * sim.lattice.X[0, 0]
        return work

    monkeypatch.setattr(sim.stepper, "step", with_a_wrong_difference)
    with pytest.raises(
        NumericalError, match=r"residual of Gauss's law of field X is .* at step \d+"
    ):
        run_with_large_field(sim)


def run_with_large_field(sim: Evolution) -> None:
    sim.start()
    sim.lattice.X[0][...] = smooth(np.random.default_rng(3), 16)
    sim.lattice.update_displacement()
    sim.energy_start = energy(sim)
    while sim.done < sim.clock.steps:
        sim.step()
        sim.record()


def test_not_a_number_stops_the_run_and_names_the_first_victim():
    sim = simulation()
    sim.start()
    sim.lattice.X[0, 1, 2, 3, 4] = np.nan
    with pytest.raises(
        NumericalError, match=r"is nan at step \d+, tau = .* Try a smaller time.courant"
    ):
        for _ in range(40):
            sim.step()
            sim.record()


def test_two_coupled_fields_conserve_energy_in_a_static_background():
    def drift(courant: float) -> float:
        sim = simulation(f"time.courant={courant}", text=TWO_FIELDS)
        sim.start()
        generator = np.random.default_rng(4)
        for i in range(2):
            sim.lattice.X[i][...] = smooth(generator, 12)
            sim.lattice.E[i][...] = 0
        sim.lattice.theta[...] += 0.2 * smooth(generator, 12)[0]
        sim.lattice.update_displacement()
        start = energy(sim)
        for _ in range(sim.clock.steps):
            sim.step()
        assert sim.spent == 0.0
        return abs(energy(sim) / start - 1)

    coarse, fine = drift(0.3), drift(0.15)
    assert fine < 1e-2
    assert math.log2(coarse / fine) == pytest.approx(2, abs=0.3)  # Strang, the default


def test_cosine_potential_follows_its_homogeneous_solution():
    sim = run(
        simulation(
            "model.alp.potential=cosine",
            "model.alp.theta_initial=2.5",
            "model.couplings.XX=0",
            "lattice.sites=8",
            "time.a_end=4",
        )
    )
    assert sim.series["r"] == pytest.approx(1.0, abs=2e-3)  # (a m dt)^2/24 and less
    assert abs(sim.series["theta_mean"][-1]) < 1.5  # it has moved away from 2.5


@pytest.mark.parametrize("scheme", ["strang", "rk46nl"])
def test_a_run_is_the_same_on_every_backend(backend, scheme):
    """On the CPU to the bit; on a GPU to rounding, which fifty steps of linear growth do not amplify."""
    model = config("lattice.sites=8", "time.a_end=1", f"time.scheme={scheme}")
    here = run(Evolution(model, backend(n=8)))
    there = run(Evolution(model, backend_for(model)))
    tolerance = 0.0 if here.backend.name == "cpu" else 1e-9
    for name in here.series.columns:
        if not name.startswith(
            ("gauss/", "energy_balance")
        ):  # these are rounding and time step errors
            np.testing.assert_allclose(
                here.series[name], there.series[name], rtol=tolerance, err_msg=name
            )
    for field in ("theta", "B_X", "E_X"):
        names = [name for name in here.spectra.power if name.startswith(field)]
        found, expected = (
            np.sqrt([each.spectra.power[name][-1] for name in names]) for each in (here, there)
        )
        # the smaller helicity is the difference of two numbers of the size of the larger one
        scale = np.max(expected) if tolerance else 0.0
        np.testing.assert_allclose(found, expected, atol=1e-12 * scale, rtol=0.0, err_msg=field)

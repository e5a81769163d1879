"""Runs with a formula: against the named potential, order of the energy balance, both backends, a
linear phase, the step and the warnings."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darklat.lattice import expected, plan, potential_warnings
from darklat.lattice.evolution import Evolution
from darklat.physics import alp
from models import backend_for, config, simulation

COSINE = 'model.alp.potential={formula: "1 - cos(theta)"}'
MIXED = (
    'model.alp.potential={formula: "a*(1 - cos(theta)) + b*(1 - cos(2*theta))", '
    "parameters: {a: 0.8, b: 0.05}}"
)
SMALL = ("lattice.sites=8", "lattice.box=0.4", "model.alp.theta_initial=2", "time.a_end=2.5",
         "checks.power_at_cutoff_max=10", "checks.energy_balance_max=1")  # fmt: skip
SINGLE = (*SMALL, MIXED, "lattice.precision=float32", "lattice.order=4")


def run(evolution: Evolution) -> Evolution:
    evolution.start()
    while evolution.done < evolution.clock.steps:
        evolution.step()
        if evolution.closed:
            evolution.record()
    return evolution


@pytest.mark.parametrize("scheme", ["strang", "rk46nl"])
def test_the_formula_of_the_cosine_is_the_cosine(scheme: str) -> None:
    """V' is the same operation, so that the fields have the same bits. V only enters sums: 1 - cos
    theta and 2 sin^2(theta/2) differ by 1e-16. The power at the cutoff has theta^2/2 at the mean of
    theta for the name."""
    named, formula = (
        run(simulation(*SMALL, potential, f"time.scheme={scheme}"))
        for potential in ("model.alp.potential=cosine", COSINE)
    )
    for name, field in named.fields().items():
        np.testing.assert_array_equal(field.values, formula.fields()[name].values, err_msg=name)
    for name in named.series.columns.keys() - {"power_at_cutoff"}:
        np.testing.assert_allclose(
            formula.series[name], named.series[name], rtol=1e-12, atol=1e-13, err_msg=name
        )
    rho, theta = (named.series[name][0] for name in ("rho/theta", "theta_mean"))
    higher = rho + 9 * (theta**2 / 2 - (1 - math.cos(theta)))
    shares = [each.series["power_at_cutoff"][0] for each in (formula, named)]
    assert shares[0] / shares[1] == pytest.approx(higher / rho, rel=1e-6)


def test_float32_at_order_four_follows_the_homogeneous_alp() -> None:
    """Without coupling, (a m dt)^2/24 of the splitting apart; the errors of theta and of the balance
    fall by four with half the step."""
    errors, balances = [], []
    for courant in (0.4, 0.2):
        sim = run(simulation(*SINGLE, "model.couplings.XX=1e-3", f"time.courant={courant}"))
        model = sim.config.model.alp
        assert model is not None
        exact, _ = alp.homogeneous(
            sim.background, mass=3.0, theta_initial=2.0, potential=model.V, tau=sim.tau
        )
        errors.append(abs(sim.series["theta_mean"][-1] / float(exact) - 1))
        balances.append(max(abs(sim.series["energy_balance"])))
        assert sim.series["r"] == pytest.approx(1.0, abs=5e-3)
    assert math.log2(errors[0] / errors[1]) == pytest.approx(2, abs=0.4)
    assert math.log2(balances[0] / balances[1]) == pytest.approx(2, abs=0.4)


def test_a_device_has_the_same_run(gpu_choice: str) -> None:
    """To rounding of float32, ten steps long."""
    model = config(*SINGLE, "time.a_end=0.7", "time.courant=0.4")
    here, there = (run(Evolution(model, backend_for(model, each))) for each in ("cpu", gpu_choice))
    for name in ("theta_mean", "theta_rms", "rho/theta", "rho/X"):
        np.testing.assert_allclose(there.series[name], here.series[name], rtol=1e-5)


def test_a_linear_phase_and_the_growth_estimate_take_the_formula() -> None:
    times = [
        plan.clock(config(*SMALL, potential, "initial.linear_until=auto", "model.couplings.XX=50",
                          "lattice.sites=16", "time.a_end=4"))
        for potential in ("model.alp.potential=cosine", COSINE)
    ]  # fmt: skip
    assert times[0].tau_start == times[1].tau_start > 1
    growths = [
        expected.on_lattice(config(*SMALL, potential, "lattice.sites=32"), end=6.0)
        for potential in ("model.alp.potential=cosine", COSINE)
    ]
    assert growths[0] is not None
    assert growths[0] == growths[1]


def test_the_step_is_limited_by_the_largest_curvature() -> None:
    steep = 'model.alp.potential={formula: "theta**2/2 + theta**4/4"}'
    found = config(*SMALL, steep, f"model.alp.theta_initial={math.sqrt(8)!r}", "time.courant=5")
    plain = config(*SMALL, "background.oscillation_condition=15", "time.courant=5")
    assert plan.clock(found).dt(0) == pytest.approx(plan.clock(plain).dt(0), rel=1e-12)
    limits = [plan.longest_stable_step(each, 2.0) for each in (found, plain)]
    assert limits[0] == pytest.approx(limits[1], rel=1e-12)


@pytest.mark.parametrize(
    ("potential", "theta", "end", "message"),
    [
        ("theta**2/2", 2.0, 2.5, None),
        ("sqrt(1 + theta**2) - 1", 2.0, 6.0, None),
        ("1 - cos(theta)", 2.0, 6.0, r"V'' is negative above |theta| = 1.57"),
        ("theta**2/2 + theta**4/4", 4.0, 6.0, "has moved from theta = 4 to 2.61"),
        (
            "sqrt(1 + theta**2) - 1",
            4.0,
            2.0,
            "swings up to |theta| = 1.23, where V differs from theta^2/2 by 23%",
        ),
    ],
)
def test_warnings(potential: str, theta: float, end: float, message: str | None) -> None:
    formula = f'model.alp.potential={{formula: "{potential}"}}'
    model = config(formula, f"model.alp.theta_initial={theta}")
    found = potential_warnings.warnings(model, first=0.5, end=end)
    assert len(found) == (message is not None)
    assert all(message in warning for warning in found)
    if message is not None:
        model = config(formula, f"model.alp.theta_initial={theta}", f"time.a_end={end}")
        assert found[0] in plan.warnings(model, plan.clock(model))

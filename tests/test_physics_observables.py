"""Densities, pressures, energy balance and the observables of Eq. 17."""

from __future__ import annotations

import numpy as np
import pytest

from darklat.physics import alp, observables
from darklat.physics.background import Background


def test_densities_and_equations_of_state() -> None:
    assert observables.rho_alp(8.0, 4.0, 5.0, 2.0) == 6.5
    assert observables.pressure_alp(8.0, 0.0, 1.0, 2.0) == 0.0
    assert observables.rho_gauge(3.0, 1.0, 2.0) == 0.125
    # Equations of state: kinetic 1, gradients -1/3, potential -1, light 1/3.
    for terms, w in [((1.0, 0.0, 0.0), 1), ((0.0, 1.0, 0.0), -1 / 3), ((0.0, 0.0, 1.0), -1)]:
        rho, p = observables.rho_alp(*terms, 2.0), observables.pressure_alp(*terms, 2.0)
        assert p == pytest.approx(w * rho, rel=1e-15)
    assert observables.pressure_gauge(3.0, 1.0, 2.0) == pytest.approx(0.125 / 3, rel=1e-15)


def test_a_relativistic_alp_wave_is_radiation() -> None:
    # theta'^2 = |grad theta|^2 without a mass: p = rho/3.
    rho = observables.rho_alp(2.0, 2.0, 0.0, 3.0)
    assert observables.pressure_alp(2.0, 2.0, 0.0, 3.0) == pytest.approx(rho / 3, rel=1e-15)


def test_energy_balance_closes_on_the_exact_homogeneous_solution() -> None:
    background = Background("radiation")
    # Gauss-Legendre per interval, so that the error left is that of the closed form's digits.
    edges = np.linspace(0.5, 12.0, 401)
    nodes, weights = np.polynomial.legendre.leggauss(12)
    half, middle = np.diff(edges)[:, None] / 2, (edges[1:] + edges[:-1])[:, None] / 2
    tau = middle + half * nodes
    theta, slope = alp.homogeneous(
        background, mass=3.0, theta_initial=1.0, potential="quadratic", tau=tau
    )
    pressure = observables.pressure_alp(slope**2, 0 * tau, 4.5 * theta**2, tau)
    power = observables.expansion_power(pressure, tau, background.conformal_hubble(tau))
    work = np.concatenate([[0.0], np.cumsum((power * half * weights).sum(axis=1))])
    energy = edges**3 * alp.density(
        background, mass=3.0, theta_initial=1.0, potential="quadratic", tau=edges
    )
    balance = observables.energy_balance(energy, energy[0], work)
    assert np.abs(work).max() > 1  # the work is no small correction to the energy of about 1.8
    np.testing.assert_allclose(balance, 0.0, atol=1e-12)
    # Violated on purpose: a percent of the energy missing at the end reads as a percent.
    lossy = observables.energy_balance(0.99 * energy[-1], energy[0], work[-1])
    assert lossy == pytest.approx(-0.01 / 0.99, rel=1e-9)


def test_radiation_does_work_as_1_over_a() -> None:
    a = np.linspace(1, 4, 7)
    power = observables.expansion_power(observables.pressure_gauge(1.0, 1.0, a), a, 1 / a)
    np.testing.assert_allclose(power, 1 / a**2, rtol=1e-15)  # minus d(a^3 a^-4)/da
    assert observables.expansion_power(1.0, 1.0, 0.0) == 0.0


def test_relic_observables() -> None:
    assert observables.relic_fraction(0.03, 1.5) == 0.02
    assert observables.dark_radiation_fraction(0.5, 2.0, 16.0) == 4.0
    b = observables.magnetic_mixing_efficiency(4e-30, 1.0, -2.0)
    assert b == pytest.approx(1e-15, rel=1e-15)
    with pytest.raises(ValueError, match="AX"):
        observables.magnetic_mixing_efficiency(1.0, 1.0, 0.0)


def test_epsilon_and_r_are_constant_for_free_matter_and_radiation() -> None:
    a = np.array([5.0, 10.0, 30.0])
    rho_free = a**-3.0
    np.testing.assert_allclose(observables.relic_fraction(0.2 * a**-3, rho_free), 0.2, rtol=1e-15)
    epsilon = observables.dark_radiation_fraction(3 * a**-4.0, rho_free, a)
    np.testing.assert_allclose(epsilon, 3.0, rtol=1e-15)


def test_a_saturation_is_the_first_time_within_ten_percent() -> None:
    a = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert observables.a_saturation(a, np.array([0.0, 0.5, 3.5, 3.7, 4.0])) == 4.0
    assert observables.a_saturation(a, np.array([0.0, 9.0, 4.2, 3.0, 4.0])) == 3.0
    with pytest.raises(ValueError, match="finite"):
        observables.a_saturation(a, np.array([0, 1, 2, 3, np.nan]))
    with pytest.raises(ValueError, match="one length"):
        observables.a_saturation(a, np.array([1.0]))

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
    rho = observables.rho_alp(slope**2, 0 * tau, 4.5 * theta**2, tau)
    power = observables.expansion_power(rho, pressure, tau, background.conformal_hubble(tau))
    work = np.concatenate([[0.0], np.cumsum((power * half * weights).sum(axis=1))])
    energy = edges**4 * alp.density(
        background, mass=3.0, theta_initial=1.0, potential="quadratic", tau=edges
    )
    balance = observables.energy_balance(energy, energy[0], work)
    assert np.abs(work).max() > 1
    np.testing.assert_allclose(balance, 0.0, atol=1e-12)
    # Violated on purpose: a percent of the energy missing at the end reads as a percent.
    lossy = observables.energy_balance(0.99 * energy[-1], energy[0], work[-1])
    assert lossy == pytest.approx(-0.01 / 0.99, rel=1e-9)


def test_expansion_leaves_a4_rho_of_radiation_alone_and_makes_that_of_dust_grow() -> None:
    a = np.linspace(1, 4, 7)
    rho, pressure = observables.rho_gauge(1.0, 1.0, a), observables.pressure_gauge(1.0, 1.0, a)
    np.testing.assert_allclose(observables.expansion_power(rho, pressure, a, 1 / a), 0, atol=1e-15)
    dust = observables.expansion_power(a**-3, 0 * a, a, 1 / a)
    np.testing.assert_allclose(dust, 1.0, rtol=1e-15)  # d(a^4 a^-3)/da
    assert observables.expansion_power(1.0, 1.0, 1.0, 0.0) == 0.0


def test_energy_balance_is_the_balance_of_comoving_energy_and_work() -> None:
    # A made-up history with an error in it: both forms of the balance must show the same number.
    a = np.linspace(1.0, 3.0, 20001)
    power = np.cos(a)  # d(a^4 rho)/da as the integrator knows it
    known = 2.0 + np.sin(a) - np.sin(1.0)
    H = known * (1 + 0.01 * (a - 1))  # a^4 rho as it came out
    W_rate = known / a**2 - power / a  # 3 p a^3 a'/a in terms of what is known
    W = np.concatenate([[0.0], np.cumsum((W_rate[1:] + W_rate[:-1]) / 2 * np.diff(a))])
    E = H / a
    expected = (E - E[0] + W) / E
    found = observables.energy_balance(H, H[0], known - known[0])
    np.testing.assert_allclose(found, expected, atol=1e-8)  # the trapezoidal rule's error


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

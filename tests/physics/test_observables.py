"""Densities, traces, energy balance and the observables of Eq. 17."""

from __future__ import annotations

import numpy as np
import pytest

from darklat.physics import alp, observables
from darklat.physics.background import Radiation


def test_densities_and_traces() -> None:
    assert observables.rho_alp(8.0, 4.0, 5.0, 2.0) == 6.5
    assert observables.rho_gauge(3.0, 1.0, 2.0) == 0.125
    # Equations of state: kinetic 1, gradients -1/3, potential -1; and a wave without mass, 1/3.
    waves = ((1.0, 1.0, 0.0), 1 / 3)
    for terms, w in [((1.0, 0.0, 0.0), 1), ((0.0, 1.0, 0.0), -1 / 3), ((0.0, 0.0, 1.0), -1), waves]:
        rho, trace = observables.rho_alp(*terms, 2.0), observables.trace_alp(*terms, 2.0)
        assert trace == pytest.approx((1 - 3 * w) * rho, rel=1e-15, abs=1e-15)


def test_traces_of_massive_fields() -> None:
    # A wave of mass m at rest: E^2 = m^2 a^2 X^2, dust on average, of which the mass has half rho.
    a, m2_X_sq = 2.0, 3.0
    rho = observables.rho_gauge(m2_X_sq * a**2, 0.0, a) + observables.rho_massive(m2_X_sq, 0.0, a)
    assert observables.trace_massive(m2_X_sq, 0.0, 0.0, a) == pytest.approx(rho, rel=1e-15)
    # m^2 P^2/(2 a^6): pressure equal to rho, as of what is kinetic.
    rho = observables.rho_massive(0.0, 5.0, a)
    assert observables.trace_massive(0.0, 5.0, 0.0, a) == pytest.approx(-2 * rho, rel=1e-15)
    # A fluid with omega_p^2 v^2 at given v: a^4 rho goes with a^2 omega_p^2, at its slope.
    slope = -1.0
    rate = observables.trace_massive(0.0, 0.0, slope * 7.0, a)
    assert rate == pytest.approx(slope * observables.rho_plasma(7.0, a), rel=1e-15)


def test_energy_balance_closes_on_the_exact_homogeneous_solution() -> None:
    background = Radiation()
    # Gauss-Legendre per interval, so that the error left is that of the closed form's digits.
    edges = np.linspace(0.5, 12.0, 401)
    nodes, weights = np.polynomial.legendre.leggauss(12)
    half, middle = np.diff(edges)[:, None] / 2, (edges[1:] + edges[:-1])[:, None] / 2
    tau = middle + half * nodes
    theta, slope = alp.homogeneous(
        background, mass=3.0, theta_initial=1.0, potential="quadratic", tau=tau
    )
    trace = observables.trace_alp(slope**2, 0 * tau, 4.5 * theta**2, tau)
    power = observables.expansion_power(trace, tau, background.conformal_hubble(tau))
    work = np.concatenate([[0.0], np.cumsum((power * half * weights).sum(axis=1))])
    energy = edges**4 * alp.density(
        background, mass=3.0, theta_initial=1.0, potential="quadratic", tau=edges
    )
    balance = observables.energy_balance(energy, energy[0], work)
    assert np.abs(work).max() > 1  # the work is no small correction to the energy of about 1.8
    np.testing.assert_allclose(balance, 0.0, atol=1e-12)
    # Violated on purpose: a percent of the energy missing at the end reads as a percent.
    lossy = observables.energy_balance(0.99 * energy[-1], energy[0], work[-1])
    assert lossy == pytest.approx(-0.01 / 0.99, rel=1e-9)


def test_expansion_takes_the_energy_of_dust_from_a4_rho() -> None:
    a = np.linspace(1, 4, 7)
    # rho = 3/a^3 without pressure in the radiation era: a^4 rho = 3 a gains 3 per conformal time
    power = observables.expansion_power(3 / a**3, a, 1 / a)
    np.testing.assert_allclose(power, -3, rtol=1e-15)
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

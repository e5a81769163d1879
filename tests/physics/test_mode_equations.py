"""One helicity mode against exact solutions and exact invariants."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darklat.physics import alp
from darklat.physics.background import Radiation
from darklat.physics.mode_equations import evolve_mode, growth_rate, unstable_band


def test_free_wave_is_exact() -> None:
    k, tau = 40.0, np.linspace(1.0, 20.0, 400)
    x, e = evolve_mode(
        k, helicity=1, coupling=0.0, theta_prime=lambda _: 5.0, tau=tau, x0=1e-43, e0=0.0
    )
    # rtol 1e-12 over 120 periods leaves 1e-10; the amplitude shows that size does not matter.
    np.testing.assert_allclose(x, 1e-43 * np.cos(k * (tau - 1)), rtol=0, atol=2e-10 * 1e-43)
    np.testing.assert_allclose(e, -k * 1e-43 * np.sin(k * (tau - 1)), rtol=0, atol=2e-10 * 4e-42)


@pytest.mark.parametrize("helicity", [1, -1])
def test_tachyonic_growth_rate_is_exact(helicity: int) -> None:
    k, coupling, speed = 10.0, 100.0, 0.5 * helicity
    rate = growth_rate(k, helicity=helicity, coupling=coupling, theta_prime=speed)
    assert rate == math.sqrt(10 * (50 - 10))
    tau = np.linspace(0.0, 1.5, 50)
    x, e = evolve_mode(
        k, helicity=helicity, coupling=coupling, theta_prime=lambda _: speed, tau=tau, x0=1, e0=rate
    )
    # 30 e-folds at rtol 1e-12.
    np.testing.assert_allclose(x, np.exp(rate * tau), rtol=1e-10)
    np.testing.assert_allclose(e, rate * np.exp(rate * tau), rtol=1e-10)


def test_the_other_helicity_is_a_wave_of_higher_frequency() -> None:
    k, coupling, speed = 10.0, 100.0, 0.5
    frequency = math.sqrt(10 * (10 + 50))
    assert growth_rate(k, helicity=-1, coupling=coupling, theta_prime=speed) == 0
    tau = np.linspace(0.0, 3.0, 50)
    x, _ = evolve_mode(
        k, helicity=-1, coupling=coupling, theta_prime=lambda _: speed, tau=tau, x0=1, e0=0
    )
    np.testing.assert_allclose(x, np.cos(frequency * tau), rtol=0, atol=1e-10)


def test_energy_is_conserved_at_constant_speed() -> None:
    k, coupling, speed = 80.0, 100.0, 0.5
    tau = np.linspace(0.0, 10.0, 200)
    x, e = evolve_mode(
        k, helicity=1, coupling=coupling, theta_prime=lambda _: speed, tau=tau, x0=1, e0=3
    )
    energy = e**2 + k * (k - coupling * speed) * x**2
    np.testing.assert_allclose(energy, energy[0], rtol=1e-9)


def test_wronskian_of_the_vacuum_on_an_oscillating_alp() -> None:
    background = Radiation()

    def theta_prime(tau: float) -> float:
        _, speed = alp.homogeneous(
            background, mass=3.0, theta_initial=1.0, potential="quadratic", tau=tau
        )
        return float(speed)

    k, tau = 60.0, np.linspace(0.5, 3.0, 100)
    x, e = evolve_mode(
        k,
        helicity=1,
        coupling=100.0,
        theta_prime=theta_prime,
        tau=tau,
        x0=1 / math.sqrt(2 * k),
        e0=-1j * math.sqrt(k / 2),
    )
    wronskian = 2 * np.imag(np.conj(x) * e)
    # Conserved by the equation; the solver's error is 1e-12 of |X||E|, which grows.
    np.testing.assert_allclose(wronskian, -1.0, rtol=0, atol=1e-9 * np.abs(x * e).max())
    assert np.abs(x).max() > 10 * np.abs(x[0])  # the instability was there


def test_unstable_band_is_where_modes_grow() -> None:
    band = unstable_band(-100.0, 0.4)
    assert band == 40.0
    # g theta' = -40, so it is helicity -1 that grows, below the band's edge and not above.
    for helicity, k_over_band, grows in [(-1, 0.99, True), (-1, 1.01, False), (1, 0.99, False)]:
        rate = growth_rate(k_over_band * band, helicity=helicity, coupling=-100.0, theta_prime=0.4)
        assert (rate > 0) is grows


def test_bad_input_is_refused() -> None:
    good = {
        "k": 1.0,
        "helicity": 1,
        "coupling": 1.0,
        "theta_prime": lambda _: 1.0,
        "tau": [0.0, 1.0],
        "x0": 1.0,
        "e0": 0.0,
    }
    for change, message in [
        ({"k": 0.0}, "k > 0"),
        ({"helicity": 0}, "helicity"),
        ({"tau": [1.0, 0.0]}, "increasing"),
        ({"x0": 0.0}, "stays"),
    ]:
        with pytest.raises(ValueError, match=message):
            evolve_mode(**{**good, **change})

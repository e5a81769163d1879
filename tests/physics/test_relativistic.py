"""The leading logarithm of a relativistic plasma's conductivity, from its Boltzmann equation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darklat.physics.thermal import conductivity as medium
from darklat.physics.thermal import history, relativistic
from darklat.physics.thermal.conductivity import Conductivity
from darklat.physics.units import FINE_STRUCTURE

LOG = -math.log(4 * math.pi * FINE_STRUCTURE) / 2  # ln(1/e)


def solved(leptons: float, charges: float) -> float:
    """C by maximising over 6 trial functions, x = p/T.

    Soft photons make a charge diffuse in momentum space, isotropically, with the constant e^4 T^3 S
    ln(1/e)/(24 pi): half the growth of <Delta p_x^2>, which is e^2 T m_D^2 ln(1/e)/(4 pi) with the
    Debye mass m_D^2 = e^2 T^2 S/3. Compton scattering and annihilation turn it into a photon at the
    rate e^4 T^2 ln(1/e)/(32 pi p), times 1 + n_B. What particles and antiparticles gain from their
    partners cancels in a current.
    """
    x, weight = np.polynomial.laguerre.laggauss(100)
    weight = weight * np.exp(x)
    fermi = 1 / (np.exp(x) + 1)
    number, converted = fermi * (1 - fermi), fermi / (1 - np.exp(-x))
    diffusion, conversion, count = charges / (24 * math.pi), 1 / (32 * math.pi), 6
    m = np.arange(count)[:, None]
    trial = x ** (m + 1) / (1 + x) ** (count - 2)
    slope = trial * ((m + 1) / x - (count - 2) / (1 + x))
    of_slopes = diffusion * weight * x**2 * number
    of_values = weight * (2 * diffusion * number + conversion * x * converted)
    matrix = (of_slopes * slope) @ slope.T + (of_values * trial) @ trial.T
    source = (weight * x**2 * number * trial).sum(axis=1)
    # 4 states of a Dirac lepton; current e^2/(6 pi^2) times the integral of p^2 f (1 - f) chi
    return leptons * 2 / (3 * math.pi**2) * float(source @ np.linalg.solve(matrix, source))


# Arnold, Moore, Yaffe (2000), quoted from memory, for N leptons and no quarks, u d s, u d s c, u d s c
# b. The solution here does not use their digits.
@pytest.mark.parametrize(
    ("leptons", "quarks", "published"),
    [(1, 0, 15.6964), (2, 0, 20.6566), (2, 2, 12.2870), (3, 10 / 3, 12.5202), (3, 11 / 3, 11.9719)],
)
def test_coefficients(leptons: int, quarks: float, published: float) -> None:
    exact = solved(leptons, leptons + quarks)
    assert exact == pytest.approx(published, rel=1e-5)
    fit = float(relativistic.coefficient(leptons, leptons + quarks))
    assert fit == pytest.approx(exact, rel=1e-3)


def test_charges_count_as_they_become_light() -> None:
    e2_log = 4 * math.pi * FINE_STRUCTURE * LOG
    C = relativistic.conductivity_eV(np.array([1e6, 1.4e8, 9e10])) / [1e6, 1.4e8, 9e10] * e2_log
    assert C[0] == pytest.approx(15.6964, rel=1e-3)  # e alone
    assert 0.9 * 20.6566 < C[1] < 20.6566  # with most of the muons
    assert C[2] == pytest.approx(11.9719, rel=2e-3)  # all leptons, and quarks up to b
    for bad in (0.0, math.nan, 1.1e11):
        with pytest.raises(ValueError, match="at most 100 GeV"):
            relativistic.conductivity_eV(bad)


def test_sigma_is_continuous_where_collisions_take_over() -> None:
    T = np.geomspace(1e5, 1e6, 4001)
    pairs = history.pairs_per_photon(T)
    cold, hot = (
        medium.thomson_eV(T_eV=T, electrons_per_photon=pairs),
        relativistic.conductivity_eV(T),
    )
    beyond = T[(T > medium.T_COLLISIONS_EV) & (hot > cold)]
    assert beyond[0] == pytest.approx(323e3, rel=2e-3)
    assert beyond.size == np.sum(beyond[0] <= T)  # they cross once
    sigma = Conductivity("thomson_thermal", mass_eV=1e-15, oscillation_condition=3.0)
    values = sigma.at(np.geomspace(0.2, 20, 4001))  # T = 4.3 MeV to 45 keV
    # steps of 0.1% in a, over which pairs at 45 keV fall by 1.3%
    assert np.max(np.abs(np.diff(np.log(values)))) < 0.02


def test_sigma_beyond_10_MeV() -> None:
    axion = Conductivity("thomson_thermal", mass_eV=1e-8, oscillation_condition=3.0)
    T = float(axion.temperature_eV(1.0))
    expected = float(relativistic.conductivity_eV(T)) * 3e8
    assert axion.at(1.0) == pytest.approx(expected, rel=1e-12)
    just = Conductivity("thomson_thermal", mass_eV=1e-12, oscillation_condition=3.0)
    around = just.temperature_eV(np.geomspace(2.5, 2.9, 4001))
    assert around[0] > 1e7 > around[-1]
    steps = np.diff(np.log(around))
    assert steps.max() < 0
    # T is continuous; its slope is not, because muons are in one entropy only
    np.testing.assert_allclose(steps, steps[0], rtol=5e-3)


def test_the_electroweak_scale_is_refused_with_the_temperature_alone() -> None:
    heavy = Conductivity("thomson_thermal", mass_eV=1e-3, oscillation_condition=3.0)
    with pytest.raises(ValueError, match=r"a = 0\.5 is 980 GeV, .* up to 100 GeV$"):
        heavy.at(0.5)
    assert heavy.at(6.0) > 0  # T is below by then

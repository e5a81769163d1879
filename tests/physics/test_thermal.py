"""The thermal history against limits, other quadratures and conservation laws.

`reference` integrates over momenta with an adaptive rule, where the module uses the trapezoidal
rule in sqrt((E - m)/T).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import kn, zeta

from darklat.physics import run_relics
from darklat.physics.thermal import history
from darklat.physics.units import ELECTRON_MASS_EV, REDUCED_PLANCK_MASS_EV, T0_EV

BENCHMARK = {"mass_eV": 1e-17, "oscillation_condition": 3.0}
TEMPERATURES = [1e3, 2e4, 1e5, 5e5, 3e6, 1e7]


def reference(T: float, weight) -> float:
    """g/(2 pi^2) times the integral of p^2 weight(p, E) f(E) dp in units of T, with g = 4."""
    x = ELECTRON_MASS_EV / T

    def integrand(p: float) -> float:
        E = math.hypot(p, x)
        # Times e^x, so that cold pairs do not underflow in the rule's error estimate.
        return p**2 * weight(p, E) / (math.exp(E - x) + math.exp(-x))

    # exp(-60) cuts the tail where the momentum is 60 or, for cold pairs, sqrt(2 x 60).
    end = math.sqrt(60**2 + 2 * 60 * x)
    value, _ = quad(integrand, 0, end, epsabs=0, epsrel=1e-12, limit=1000)
    return 2 / math.pi**2 * value * math.exp(-x)


@pytest.mark.parametrize("T", TEMPERATURES)
def test_integrals_against_an_adaptive_rule(T: float) -> None:
    n = reference(T, lambda p, E: 1.0)
    rho = reference(T, lambda p, E: E)
    pressure = reference(T, lambda p, E: p * p / (3 * E))
    # 1e-11: the adaptive rule is asked for 1e-12 and the energies are summed with photons.
    assert history.pairs_per_photon(T) == pytest.approx(
        n * math.pi**2 / (2 * zeta(3)), rel=1e-11, abs=0
    )
    plasma = 2 + 45 / (2 * math.pi**2) * (rho + pressure)
    ratio = (plasma / 5.5) ** (1 / 3)
    assert history.neutrino_temperature_ratio(T) == pytest.approx(ratio, rel=1e-11)
    g = 2 + 30 / math.pi**2 * rho + 21 / 4 * ratio**4
    assert history.g_star(T) == pytest.approx(g, rel=1e-11)
    assert history.g_star_s(T) == pytest.approx(plasma + 21 / 4 * ratio**3, rel=1e-11)


def test_late_and_early_degrees_of_freedom() -> None:
    late = 1e3  # pairs are exp(-511): nothing
    assert history.g_star(late) == pytest.approx(2 + 21 / 4 * (4 / 11) ** (4 / 3), rel=1e-14)
    assert history.g_star_s(late) == pytest.approx(2 + 21 / 4 * (4 / 11), rel=1e-14)
    assert history.g_star(late) == pytest.approx(3.36, abs=0.005)
    assert history.g_star_s(late) == pytest.approx(3.91, abs=0.005)
    # At 10 MeV the mass still takes (m/T)^2 = 2.6e-3 times a number below one.
    for g in (history.g_star(1e7), history.g_star_s(1e7)):
        assert g == pytest.approx(10.75, abs=2.6e-3)
        assert g < 10.75


def test_energy_density_of_hot_pairs() -> None:
    # rho = g (7 pi^2/240 T^4 - m^2 T^2/48), the next term of order m^4 ln(m/T)/(16 pi^2).
    T, x = 1e7, ELECTRON_MASS_EV / 1e7
    neutrinos = 21 / 4 * float(history.neutrino_temperature_ratio(T)) ** 4
    rho = (float(history.g_star(T)) - 2 - neutrinos) * math.pi**2 / 30
    expected = 4 * (7 * math.pi**2 / 240 - x**2 / 48)
    assert rho == pytest.approx(expected, abs=4 * x**4 * abs(math.log(x)) / (16 * math.pi**2))


def test_pairs_are_three_halves_of_photons_when_hot() -> None:
    # Four fermion states against two boson states, 3/4 for statistics; less a share of order x^2.
    assert history.pairs_per_photon(1e7) == pytest.approx(1.5, rel=2.6e-3)


@pytest.mark.parametrize("T", [2e4, 1e4, 5e3, 1e3])
def test_pairs_are_boltzmann_when_cold(T: float) -> None:
    x = ELECTRON_MASS_EV / T
    # Without the +1 of Fermi and Dirac, a share exp(-x) < 1e-11, the integral is a Bessel function.
    n = 4 / (2 * math.pi**2) * x**2 * float(kn(2, x))
    pairs = float(history.pairs_per_photon(T))
    assert pairs == pytest.approx(n * math.pi**2 / (2 * zeta(3)), rel=1e-10, abs=0)
    # K_2's asymptotic series is 1 + 15/(8 x) + 105/(128 x^2) - ...
    share = pairs / float(history.pairs_cold_per_photon(T))
    assert share - 1 - 15 / (8 * x) == pytest.approx(105 / (128 * x**2), rel=2 / x)


def test_cold_limit_is_the_formula() -> None:
    T = 2e4
    n = 4 * (ELECTRON_MASS_EV * T / (2 * math.pi)) ** 1.5 * math.exp(-ELECTRON_MASS_EV / T)
    # exp(-25.5) turns a rounding of the exponent into 25 roundings of the result.
    assert history.pairs_cold_per_photon(T) == pytest.approx(
        n / float(history.photons_per_eV3(T)), rel=1e-14, abs=0
    )
    assert history.photons_per_eV3(T) == pytest.approx(0.2435877 * T**3, rel=2.1e-7)


def test_pairs_outnumber_baryonic_electrons_above_20_keV() -> None:
    # Eq. 10 of Choi et al.
    assert history.pairs_per_photon(20e3) > 6e-10 > history.pairs_per_photon(19e3)


def test_electrons_have_the_net_charge_and_the_equilibrium_product() -> None:
    T, ratio = np.geomspace(1e3, 1e7, 200), 6e-10
    total = history.electrons_per_photon(T, after_annihilation=ratio)
    pairs = history.pairs_per_photon(T)
    # The net charge is conserved with the baryons: n_net a^3, with a ~ 1/T_nu.
    net = ratio * 11 / 4 * history.neutrino_temperature_ratio(T) ** 3
    minus, plus = (total + net) / 2, (total - net) / 2
    # Where total = net to rounding n_+ is lost: hence the absolute part.
    np.testing.assert_allclose(minus * plus, (pairs / 2) ** 2, rtol=1e-10, atol=1e-15 * net[0] ** 2)
    assert total[0] == pytest.approx(ratio, rel=1e-14, abs=0)
    early = history.electrons_per_photon(1e7, after_annihilation=1.0) ** 2 - pairs[-1] ** 2
    # T_nu/T = 1 up to 6e-5 at 10 MeV.
    assert math.sqrt(early) == pytest.approx(11 / 4, rel=2e-4)


def test_without_baryons_there_are_only_pairs() -> None:
    T = np.array([1e4, 1e6])
    np.testing.assert_array_equal(
        history.electrons_per_photon(T, after_annihilation=0.0), history.pairs_per_photon(T)
    )


@pytest.mark.parametrize("mass", [1e-21, 1e-17, 1e-15, 1e-14])
def test_entropy_is_conserved(mass: float) -> None:
    scale = {"mass_eV": mass, "oscillation_condition": 3.0}
    a = np.geomspace(0.6, 3e3, 400)
    T = history.temperature_eV(a, **scale)
    entropy = history.g_star_s(T) * (a * T) ** 3
    # Spline of T/T_nu: 2e-13 on T, thrice that on the entropy.
    np.testing.assert_allclose(entropy, entropy[0], rtol=1e-12)
    assert np.all(np.diff(T) < 0)
    T_osc = history.temperature_osc_eV(**scale)
    assert history.temperature_eV(1.0, **scale) == pytest.approx(T_osc, rel=1e-12)
    # The same constant today, after the annihilation.
    shrink = history.a_osc_over_a0(**scale)
    today = (2 + 21 / 11) * T0_EV**3
    assert entropy[0] * shrink**3 == pytest.approx(today, rel=1e-12)


def test_oscillation_begins_when_c_H_is_m() -> None:
    for mass in (1e-21, 1e-17, 1e-14):
        T = history.temperature_osc_eV(mass_eV=mass, oscillation_condition=2.0)
        rho = math.pi**2 / 30 * float(history.g_star(T)) * T**4
        hubble = math.sqrt(rho / 3) / REDUCED_PLANCK_MASS_EV
        # The root is found to rounding of ln T, which is 2e-15; H goes as T^2.
        assert 2.0 * hubble == pytest.approx(mass, rel=2e-14, abs=0)
    assert history.temperature_osc_eV(**BENCHMARK) == pytest.approx(107e3, abs=500)


def test_both_histories_agree_after_the_annihilation() -> None:
    scale = {"mass_eV": 1e-21, "oscillation_condition": 3.0}  # T_osc is about 1 keV
    a = np.geomspace(0.5, 100, 20)
    paper = history.paper_temperature_eV(a, **scale)
    np.testing.assert_allclose(paper * a, run_relics.paper_temperature_osc_eV(**scale), rtol=1e-15)
    # They differ by g_* = 3.36 in place of 3.3626, (8e-4)/4, and g_*s = 3.91 not at all.
    np.testing.assert_allclose(history.temperature_eV(a, **scale), paper, rtol=2.1e-4)
    assert history.a_osc_over_a0(**scale) == pytest.approx(
        T0_EV / run_relics.paper_temperature_osc_eV(**scale), rel=2.1e-4
    )


def test_the_lattice_background_neglects_what_the_docstring_says() -> None:
    def comoving(a: float) -> float:
        return a**2 * float(history.hubble_eV(history.temperature_eV(a, **BENCHMARK)))

    at_osc = comoving(1.0)
    assert at_osc / comoving(0.5) - 1 == pytest.approx(0.033, abs=5e-4)
    assert comoving(30.0) / at_osc - 1 == pytest.approx(0.014, abs=5e-4)
    times = [quad(lambda a: at_osc / comoving(a), 0.5, end)[0] for end in (1.0, 5.0, 30.0)]
    shares = [time / (end - 0.5) for time, end in zip(times, (1.0, 5.0, 30.0), strict=True)]
    assert 1 < shares[0] < 1.033
    assert 1 - 0.0145 < shares[2] < shares[1] < 1
    late, early = (math.sqrt(g) * s**-2 for g, s in ((3.3626, 0.71377), (10.75, 1.0)))
    assert late / early - 1 == pytest.approx(0.098, abs=5e-4)


def test_the_same_bits_in_any_order_and_company() -> None:
    a = np.random.default_rng(0).uniform(0.5, 40, 37)
    together = history.temperature_eV(a, **BENCHMARK)
    backwards = history.temperature_eV(a[::-1], **BENCHMARK)[::-1]
    alone = np.array([history.temperature_eV(float(x), **BENCHMARK) for x in a])
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_array_equal(together, backwards)
    electrons = history.electrons_per_photon(together, after_annihilation=6e-10)
    one = [float(history.electrons_per_photon(T, after_annihilation=6e-10)) for T in together]
    np.testing.assert_array_equal(electrons, one)


def test_shapes() -> None:
    assert history.g_star(1e5).shape == ()
    T = np.full((2, 3), 1e5)
    for function in (history.g_star, history.g_star_s, history.pairs_per_photon, history.hubble_eV):
        assert function(T).shape == (2, 3)
    assert history.temperature_eV(T / 1e5, **BENCHMARK).shape == (2, 3)


def test_bad_input_is_refused() -> None:
    for T in (0.0, -1.0, math.nan, 1.1e7):
        with pytest.raises(ValueError, match="temperatures"):
            history.g_star(T)
    for a in (0.0, -1.0, math.inf):
        with pytest.raises(ValueError, match="scale factors"):
            history.temperature_eV(a, **BENCHMARK)
        with pytest.raises(ValueError, match="scale factors"):
            history.paper_temperature_eV(a, **BENCHMARK)
    with pytest.raises(ValueError, match=r"a = 1e-22 a_osc is above 1e\+16 GeV"):
        history.temperature_eV(np.array([1.0, 1e-22]), **BENCHMARK)
    with pytest.raises(ValueError, match="the fits of g_"):
        history.temperature_osc_eV(mass_eV=1e25, oscillation_condition=3.0)
    with pytest.raises(ValueError, match="must be positive"):
        history.temperature_osc_eV(mass_eV=1e-17, oscillation_condition=0.0)
    with pytest.raises(ValueError, match="after_annihilation"):
        history.electrons_per_photon(1e5, after_annihilation=-1.0)

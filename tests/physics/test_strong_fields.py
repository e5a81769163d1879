"""Strong-field rates, the plasma they make, the primordial field, and the slips about them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.special import kv

from darklat.physics.pairs import growth, strong_fields
from darklat.physics.proca import primordial_field
from darklat.physics.thermal import reheating
from darklat.physics.units import ELECTRON_MASS_EV, FINE_STRUCTURE, NEWTON_PER_GEV2

MATTER = {"fermion_mass": 2.0, "charge": 0.3}


def orders(errors, steps) -> np.ndarray:
    return np.diff(np.log(errors)) / np.diff(np.log(steps))


# ---- Schwinger ----


def test_schwinger_rate() -> None:
    critical = strong_fields.critical_field(**MATTER)
    assert critical == pytest.approx(4 / 0.3, rel=1e-15)
    rate = strong_fields.schwinger_rate(np.array([0.0, critical, -critical]), **MATTER)
    assert rate[0] == 0
    assert (
        rate[1] == rate[2] == pytest.approx(16 * math.exp(-math.pi) / (4 * math.pi**3), rel=1e-14)
    )


def test_schwinger_rate_is_that_of_the_momenta() -> None:
    """2 spins int d^2p_T/(2 pi)^3 e E exp(-pi (m^2 + p_T^2)/(e E)): the pairs per volume and time."""
    eE = 0.3 * 9.0
    density = quad(lambda p: p * math.exp(-math.pi * (4 + p**2) / eE), 0, 20)[0]
    expected = 2 * eE * 2 * math.pi * density / (2 * math.pi) ** 3
    rate = float(strong_fields.schwinger_rate(9.0, **MATTER))
    assert rate == pytest.approx(expected, rel=1e-9)  # quad


def test_vacuum_decay_rate() -> None:
    weak, strong = 0.2 * 4 / 0.3, 1e9
    assert float(strong_fields.vacuum_decay_rate(weak, **MATTER)) == pytest.approx(
        float(strong_fields.schwinger_rate(weak, **MATTER)), rel=1e-6
    )  # exp(-5 pi)/4
    ratio = float(strong_fields.vacuum_decay_rate(strong, **MATTER)) / float(
        strong_fields.schwinger_rate(strong, **MATTER)
    )
    assert ratio == pytest.approx(math.pi**2 / 6, rel=1e-6)  # x ln x of x = 4e-8
    # The sum with ten times the terms, at pi E_crit/E = .02.
    E = math.pi * 4 / 0.3 / 0.02
    n = np.arange(1, 20001)
    exact = (0.3 * E) ** 2 / (4 * math.pi**3) * np.sum(np.exp(-0.02 * n) / n**2)
    assert float(strong_fields.vacuum_decay_rate(E, **MATTER)) == pytest.approx(exact, rel=1e-12)


# ---- The cascade ----


def pair_integral(x: float) -> float:
    def f(t: float) -> float:
        u = 1 + t * t
        return 2 * (8 * u + 1) / u**1.5 * kv(2 / 3, 8 * u / (3 * x))

    return quad(f, 0, np.inf, limit=500, epsabs=0)[0] / (6 * math.sqrt(3) * math.pi)


def emission_integral(x: float) -> float:
    def f(v: float) -> float:
        u = v**3
        return 3 * v * v * (5 * u * u + 7 * u + 5) / (1 + u) ** 3 * kv(2 / 3, 2 * u / (3 * x))

    return quad(f, 0, np.inf, limit=500)[0] / (3 * math.sqrt(3) * math.pi)


def test_pair_and_emission_factors_against_quadrature() -> None:
    # The table's spline; quad is good to 1e-8.
    for x in (0.05, 1.0, 7.0, 300.0):
        assert float(strong_fields.pair_factor(x)) == pytest.approx(pair_integral(x), rel=1e-6)
    for x in (0.01, 1.0, 7.0, 50.0):
        assert float(strong_fields.emission_factor(x)) == pytest.approx(
            emission_integral(x), rel=1e-6
        )


def test_limits_of_the_factors() -> None:
    # chi << 1: the next terms are of first order in chi.
    small = np.array([0.04, 0.02, 0.01])
    pair = strong_fields.pair_factor(small) / (small * np.exp(-8 / (3 * small)))
    errors = np.abs(pair / strong_fields.PAIR_SMALL - 1)
    np.testing.assert_allclose(orders(errors, small), 1.0, atol=0.05)
    emission = strong_fields.emission_factor(small) / small
    errors = np.abs(emission / strong_fields.EMISSION_SMALL - 1)
    np.testing.assert_allclose(orders(errors, small), 1.0, atol=0.1)
    # chi >> 1: corrections chi^(-2/3) (pairs), chi^(-1/3) (emission, from soft photons).
    large = np.array([1e4, 1e5, 1e6])
    errors = np.abs(
        strong_fields.pair_factor(large) / large ** (2 / 3) / strong_fields.PAIR_LARGE - 1
    )
    np.testing.assert_allclose(orders(errors, large), -2 / 3, atol=0.02)
    assert abs(strong_fields.PAIR_LARGE / 0.38 - 1) < 2e-3  # as quoted
    errors = np.abs(
        strong_fields.emission_factor(large) / large ** (2 / 3) / strong_fields.EMISSION_LARGE - 1
    )
    assert np.all(errors < 0.01) and errors[2] < errors[1] < errors[0]
    assert abs(strong_fields.EMISSION_LARGE / 1.46 - 1) < 1e-3  # as quoted
    # Continued beyond the table: to what is left out there.
    low, high = strong_fields.CHI_RANGE
    for edge in (low, high):
        inside, outside = strong_fields.emission_factor(np.array([edge * 0.999, edge * 1.001]))
        assert outside / inside == pytest.approx(1.0, abs=3e-3)
    assert float(strong_fields.pair_factor(0.0)) == 0 == float(strong_fields.emission_factor(0.0))


def test_slip_exponent_of_3_7() -> None:
    """Slip: Eq. 3.7 has exp(-8/(3 chi)) as B.6 and E.1 do; exp(-(8/3) chi) would not be a threshold.

    d ln(W/chi)/d(1/chi) -> -8/3, from the integral without the table.
    """
    x, y = 0.05, 0.0505
    slope = (math.log(pair_integral(x) / x) - math.log(pair_integral(y) / y)) / (1 / x - 1 / y)
    # First order in chi: d ln(1 - .77 chi)/d(1/chi) = .77 chi^2.
    assert slope == pytest.approx(-8 / 3, rel=2e-3)
    values = {"density": 5.0, "energy": 3.0, "photon_mass": 0.1, **MATTER}
    field = np.array([0.05, 0.1]) * 8 / (0.3 * 3.0)  # chi = .05, .1
    rates = strong_fields.longitudinal_pair_rate(field, **values)
    assert math.log(rates[1] / rates[0] / 2) == pytest.approx(8 / 3 * 10, rel=5e-3)
    transverse = strong_fields.pair_rate(0.1, energy=3.0, **MATTER)
    assert rates[1] == pytest.approx(5.0 * (0.1 / 3.0) ** 2 * float(transverse), rel=1e-12)


def test_e_1_is_b_6_times_the_density() -> None:
    """alpha m^2/omega chi = e^3 E/(4 pi m): the first line of E.1 up to its 4 pi."""
    x = float(strong_fields.chi(0.5, energy=3.0, **MATTER))
    line = 0.3**3 * 0.5 / 2.0 / (4 * math.pi) * strong_fields.PAIR_SMALL * math.exp(-8 / (3 * x))
    rate = float(strong_fields.pair_rate(x, energy=3.0, **MATTER))
    assert rate == pytest.approx(line, rel=0.06)  # first order in chi = .056


# ---- Scales ----


def test_scales_of_the_expanding_universe() -> None:
    E, H, e = 50.0, 0.2, 0.3
    assert strong_fields.formation_length(E, **MATTER) == pytest.approx(2 / 15, rel=1e-15)
    # r_nuc = lambda_dB where H = m_psi (Fig. 12), lambda_dB = 1/H at H_casc.
    assert strong_fields.wavelength(E, hubble=2.0, charge=e) == pytest.approx(2 / 15, rel=1e-15)
    edge = strong_fields.cascade_hubble(E, charge=e)
    assert strong_fields.wavelength(E, hubble=edge, charge=e) == pytest.approx(1 / edge, rel=1e-15)
    # E.2: the charges' energy is the field's.
    n = float(strong_fields.screening_density(E, hubble=H, charge=e))
    assert n * e * E / H == pytest.approx(E**2, rel=1e-15)


def test_screening_frequency_is_the_hubble_rate() -> None:
    """Sec. 3.2.2 prints omega_p^2 = e^2 n_scr/omega ~ H; it is H^2, as E.2 has it (omega_p ~ H)."""
    for H in (0.1, 0.2):
        square = float(growth.screening_frequency_squared(1e4, hubble=H, **MATTER))
        assert square == pytest.approx(H**2, rel=1e-6)  # (m H/eE)^2/2


def test_slip_plasma_frequency_of_the_photon_5_7() -> None:
    """Slip: the left side of 5.7 is omega_p^2. Dimensions, and the power of the mass in 5.8."""
    e = math.sqrt(4 * math.pi * FINE_STRUCTURE)
    T = 150.0
    electrons = 6e-10 * 2 * 1.2020569031595942 / math.pi**2 * T**3
    frequency = float(strong_fields.photon_plasma_frequency(T, charge=e, baryons=6e-10))
    assert frequency**2 == pytest.approx(e**2 * electrons / ELECTRON_MASS_EV, rel=1e-14)
    # 5.8: tau = pi eps^2 m/H_res ~ m^(-1/3), with H ~ T^2. Only omega_p ~ T^(3/2) gives the -1/3.
    hot = float(strong_fields.photon_plasma_frequency(2 * T, charge=e, baryons=6e-10))
    power = math.log(2) / math.log(hot / frequency)  # T ~ m^power
    assert 1 - 2 * power == pytest.approx(-1 / 3, rel=1e-12)
    # And its size: m = 1e-5 eV is resonant at 156 eV, tau = 3 up to the factor r and rounding to 1.
    T_res = T * (1e-5 / frequency) ** (2 / 3)
    hubble = math.sqrt(8 * math.pi**3 * 3.36 / 90 * NEWTON_PER_GEV2 * 1e-18) * T_res**2
    assert 1 < 1e-18 * math.pi * 1e-5 / hubble < 10


# ---- The model of the plasma ----


def grown(present, field, *, hubble=0.5, photon_energy=0.5) -> np.ndarray:
    return growth.plasma_growth(
        present, field, hubble=hubble, photon_energy=photon_energy, **MATTER
    )


def test_growth_starts_with_schwinger_pairs() -> None:
    E, H = 40.0, 0.5
    energy = math.hypot(2.0, 0.3 * E / H)
    expected = 2 * 0.3**2 * float(strong_fields.schwinger_rate(E, **MATTER)) / energy
    assert float(grown(0.0, E)) == pytest.approx(expected, rel=1e-14)
    assert float(grown(0.0, -E)) == float(grown(0.0, E))


def test_growth_is_exponential_and_stops_at_screening() -> None:
    E, H = 400.0, 0.5
    most = float(growth.screening_frequency_squared(E, hubble=H, **MATTER))
    rate = float(growth.cascade_rate(E, hubble=H, photon_energy=0.5, **MATTER))
    seed = float(grown(0.0, E))
    small = 1e-3 * most
    assert float(grown(small, E)) == pytest.approx((seed + rate * small) * 0.999, rel=1e-12)
    assert float(grown(most, E)) == 0 == float(grown(2 * most, E))
    np.testing.assert_array_equal(grown([0.0, 1.0], [0.0, 0.0]), 0)
    # Integrated from nothing it ends at omega_scr^2, from below.
    end = solve_ivp(lambda t, y: grown(y, E), (0, 200 / rate), [0.0], method="LSODA", rtol=1e-8)
    assert end.y[0, -1] == pytest.approx(most, rel=1e-5) and np.all(end.y[0] < most * (1 + 1e-7))


def test_cascade_has_a_bottleneck() -> None:
    # A charge's photons pair slowly for chi << 1: the rate is twice that of the pairs.
    E, H, soft = 4.0, 0.5, 0.5
    rate = float(growth.cascade_rate(E, hubble=H, photon_energy=soft, **MATTER))
    x = strong_fields.chi(E, energy=soft, **MATTER)
    pairs = float(strong_fields.pair_rate(x, energy=soft, **MATTER))
    assert rate == pytest.approx(2 * pairs, rel=1e-6)
    assert float(growth.cascade_rate(0.0, hubble=H, photon_energy=soft, **MATTER)) == 0


# ---- The primordial field ----


def test_slip_a7_a_factor_minus_one_third() -> None:
    """Slip: dA/dt = -(1/3) k^2/(a^2 H) A outside the horizon. From A.. + 3 H A. + (k/a)^2 A = 0."""
    # Radiation era, conformal time eta = a, k = 1: A'' + (2/eta) A' + A = 0, regular at 0.
    end = solve_ivp(
        lambda t, y: [y[1], -2 / t * y[1] - y[0]], (1e-6, 0.02), [1.0, 0.0], rtol=1e-11, atol=1e-14
    )
    # dA/dt = A'/a and k^2/(a^2 H) = a/a: the ratio is A'/eta. Next order eta^2/10 = 4e-5; the start
    # with A' = 0 is forgotten as (1e-6/eta)^3.
    assert end.y[1, -1] / 0.02 == pytest.approx(-1 / 3, rel=5e-5)


def test_slip_a9_factors_of_the_electric_spectrum() -> None:
    """Slip: A.9 lacks 1/9 outside and 1/2 inside; the exact spectrum is (m H_I/2 pi)^2 j_1^2."""
    x = np.array([0.02, 0.01])
    errors = (
        primordial_field.electric_spectrum_of_paper(x) / 9 / primordial_field.electric_spectrum(x)
        - 1
    )
    np.testing.assert_allclose(orders(np.abs(errors), x), 2.0, atol=1e-3)
    # Inside, averaged over a period: 1/(2 x^2).
    y = np.linspace(1000 * math.pi, 1001 * math.pi, 2001)[:-1]
    mean = np.mean(primordial_field.electric_spectrum(y) * y**2)
    assert mean == pytest.approx(0.5, rel=1e-5)  # 1/x^2
    # The same from the equation of motion, not from Bessel functions: A' at x = 3.
    end = solve_ivp(
        lambda t, z: [z[1], -2 / t * z[1] - z[0]],
        (1e-4, 3.0),
        [1.0, -1e-4 / 3],
        rtol=1e-11,
        atol=1e-14,
    )
    assert float(primordial_field.electric_spectrum(3.0)) == pytest.approx(
        end.y[1, -1] ** 2, rel=1e-7
    )


def test_slip_a11_the_total_is_a_quarter() -> None:
    """Slip: the integral over ln k is 1/4 (m H_I/2 pi)^2, where A.11 has 1."""
    # In ln x up to x = 1e4, plus the tail 1/(4 x^2).
    total = quad(
        lambda s: float(primordial_field.electric_spectrum(math.exp(s))), -20, 3, limit=500
    )[0]
    total += quad(
        lambda x: float(primordial_field.electric_spectrum(x)) / x, math.exp(3), 1e3, limit=2000
    )[0]
    assert total + 1 / 4e6 == pytest.approx(primordial_field.MEAN_SQUARE, abs=1e-7)
    paper = quad(lambda s: float(primordial_field.electric_spectrum_of_paper(math.exp(s))), -20, 0)[
        0
    ]
    assert 2 * paper == pytest.approx(1.0, abs=1e-7)


def test_slip_2_4_is_twice_the_energy() -> None:
    """Slip: d rho/d ln k inside the horizon is (1/2)(H H_I/2 pi)^2. From the field's own energy."""
    # rho = [A'^2 + k^2 A^2]/(2 a^2) m^2/k^2 for the relativistic mode; over the k^2 spectrum (A.10)
    # and H^2 = a^-4 it is x^2/2 (A'^2 + A^2) at k = 1, conformal time x.
    end = solve_ivp(
        lambda t, z: [z[1], -2 / t * z[1] - z[0]],
        (1e-4, 200.0),
        [1.0, -1e-4 / 3],
        rtol=1e-10,
        atol=1e-14,
    )
    exact = 200.0**2 / 2 * (end.y[0, -1] ** 2 + end.y[1, -1] ** 2)
    assert float(primordial_field.energy_spectrum(200.0)) == pytest.approx(exact, rel=1e-5)
    assert exact == pytest.approx(0.5, rel=0.01)  # sin(2x)/x
    assert float(primordial_field.energy_spectrum(1e-3)) == pytest.approx(5e-7, rel=1e-5)


def test_random_field_has_the_spectrum() -> None:
    box, sites = 40.0, 32
    squares = [
        np.mean(np.sum(primordial_field.random_field(sites=sites, box=box, seed=s) ** 2, axis=0))
        for s in range(40)
    ]
    # What the modes of this grid hold: the sum over modes of P 2 pi^2/(k^3 V).
    n = np.fft.fftfreq(sites, 1 / sites)
    grid = np.stack(np.meshgrid(n, n, n, indexing="ij"))
    x = 2 * math.pi / box * np.sqrt(np.sum(grid**2, axis=0))
    kept = (x > 0) & np.all(grid != -sites / 2, axis=0)
    expected = np.sum(
        primordial_field.electric_spectrum(x[kept]) * 2 * math.pi**2 / x[kept] ** 3 / box**3
    )
    scatter = float(np.std(squares)) / math.sqrt(40)
    assert np.mean(squares) == pytest.approx(expected, abs=4 * scatter)
    assert scatter < 0.05 * expected < expected < primordial_field.MEAN_SQUARE
    again = primordial_field.random_field(sites=8, box=5.0, seed=3)
    np.testing.assert_array_equal(again, primordial_field.random_field(sites=8, box=5.0, seed=3))
    assert again.shape == (3, 8, 8)


# ---- Reheating ----


def test_slip_h5_to_h8_reheating_temperatures() -> None:
    """Slip: 12 Gamma in H.5 and H.7, so .61 in H.8, .147 in H.7, and H.9, H.10 follow.

    From H.3 integrated with Phi constant, in units H_I = m_Pl = 1.
    """
    decay, g = 1e-4, 106.75
    phi = 3 / (8 * math.pi)
    a = np.array([1.2, reheating.A_HOTTEST, 5.0, 50.0])

    def heat(scale: float, y: np.ndarray) -> list[float]:  # d(rho_R a^4)/da, H = a^(-3/2)
        return [decay * phi * scale**1.5 + 0 * y[0]]

    radiation = solve_ivp(heat, (1.0, 50.0), [0.0], t_eval=a, rtol=1e-11, atol=1e-20).y[0] / a**4
    T = (30 * radiation / (math.pi**2 * g)) ** 0.25
    values = {"decay_rate": decay, "hubble_inflation": 1.0, "planck_mass": 1.0, "g": g}
    np.testing.assert_allclose(reheating.temperature(a, **values), T, rtol=1e-9)
    # The hottest, and its ratio to T_rh.
    around = reheating.temperature(reheating.A_HOTTEST * np.array([0.99, 1.0, 1.01]), **values)
    assert around[1] > max(around[0], around[2])
    at_rest = reheating.reheating_temperature(decay_rate=decay, planck_mass=1.0, g=g)
    ratio = reheating.maximum_over_reheating_temperature(decay_rate=decay, hubble_inflation=1.0)
    assert T[1] / at_rest == pytest.approx(ratio, rel=1e-9)
    assert ratio / 10 == pytest.approx(0.6104, abs=1e-4)  # (1/1e-4)^(1/4) = 10
    assert abs(ratio / 10 * 2**-0.25 - 0.51) < 0.005  # the paper's, with 6 Gamma
    assert T[1] / decay**0.25 == pytest.approx(0.1474, abs=1e-4)
    # The same factor squared: H.9 has 9/20 for 9/5 in a^3 T^8, and H.10 20/9 for 5/9 in H^2.
    late = 1e4
    T_late = float(reheating.temperature(late, **values))
    ninth = late**3 * T_late**8 * math.pi**3 * g / at_rest**4
    assert ninth == pytest.approx(9 / 5, rel=1e-9)  # a^(-5/2) = 1e-10
    tenth = late**-3 / (math.pi**3 * g * T_late**8 / at_rest**4)
    assert tenth == pytest.approx(5 / 9, rel=1e-9)


# ---- Input ----


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="fermion_mass must be"):
        strong_fields.critical_field(fermion_mass=0.0, charge=0.3)
    with pytest.raises(ValueError, match="charge must be"):
        strong_fields.schwinger_rate(1.0, fermion_mass=1.0, charge=-0.3)
    with pytest.raises(ValueError, match="chi must be"):
        strong_fields.pair_factor([-1.0])
    with pytest.raises(ValueError, match="energy must be"):
        strong_fields.pair_rate(1.0, energy=0.0, **MATTER)
    with pytest.raises(ValueError, match="density must be"):
        strong_fields.longitudinal_pair_rate(
            1.0, density=0.0, energy=1.0, photon_mass=1.0, **MATTER
        )
    with pytest.raises(ValueError, match="hubble must be"):
        strong_fields.screening_density(1.0, hubble=0.0, charge=0.3)
    with pytest.raises(ValueError, match="omega_p_squared"):
        grown(-1.0, 1.0)
    with pytest.raises(ValueError, match="hubble must be"):
        grown(1.0, 1.0, hubble=-1.0)
    with pytest.raises(ValueError, match="x = k"):
        primordial_field.electric_spectrum(-1.0)
    with pytest.raises(ValueError, match="4 sites"):
        primordial_field.random_field(sites=2, box=1.0, seed=0)
    with pytest.raises(ValueError, match="a >= 1"):
        reheating.temperature(0.5, decay_rate=1.0, hubble_inflation=1.0, planck_mass=1.0, g=1.0)
    with pytest.raises(ValueError, match="positive"):
        reheating.reheating_temperature(decay_rate=0.0, planck_mass=1.0, g=1.0)

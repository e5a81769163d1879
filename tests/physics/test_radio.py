"""The radio sky: temperatures of converted ALPs, the 21 cm line, fits over fields."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from darklat.physics import conversion
from darklat.physics.radio import brightness, fit, global_signal, response
from darklat.physics.radio.fit import RadioPoints
from darklat.physics.radio.response import Response
from darklat.physics.units import BOLTZMANN_EV_PER_K, HBAR_EV_S

K = np.geomspace(1e-4, 1e6, 401)


# ---- Temperatures ----


def test_the_brightness_at_10_GHz_of_the_reference() -> None:
    # P with the factor 3/2, and its T_b, of an independent prototype; six digits are given.
    found = brightness.brightness_kelvin(10e9, 2.40355e-6)
    assert found == pytest.approx(4.67154e-4, rel=3e-6)


def test_the_brightness_of_the_reference() -> None:
    # Of an independent prototype with the paper's density of electrons and its factor 3/2.
    expected = {78e6: 7.67773, 3.2e9: 4.56169e-3, 10e9: 4.67154e-4}
    P = conversion.probability(
        list(expected),
        mass_ev=3e-14,
        coupling_per_gev=5e-13,
        spectrum=conversion.Monochromatic(1e-10, 100.0),
        electrons="n_b",
        angular="three_halves",
    )
    found = brightness.brightness_kelvin(list(expected), P)
    # 6e-6: two tables of x_e.
    np.testing.assert_allclose(found, list(expected.values()), rtol=6e-6)


def test_all_alps_as_photons_have_the_density_of_the_alps() -> None:
    # Radiation of brightness temperature T has omega^3 T/pi^2 per ln omega.
    f, gamma = 3e8, 0.06
    omega = 2 * math.pi * HBAR_EV_S * f
    T = BOLTZMANN_EV_PER_K * brightness.kelvin_per_probability(f, energy_over_photons=gamma)
    photons = math.pi**2 / 15 * (BOLTZMANN_EV_PER_K * brightness.CMB_K) ** 4
    assert omega**3 * T / math.pi**2 == pytest.approx(gamma * photons, rel=1e-12)


def test_the_share_of_the_excess_and_the_excess_at_the_line() -> None:
    # 24.1 K (78/310)^-2.599, and the paper's C from it: 2.698 K is 0.1% below its own definition.
    assert brightness.arcade_excess_kelvin(78e6) == pytest.approx(869.986, rel=1e-6)
    assert brightness.share_of_excess(7.67773) == pytest.approx(7.67773 / 869.986, rel=1e-6)
    assert global_signal.excess_at_line_kelvin(1.4e9) == pytest.approx(2.7005, rel=1e-4)
    assert global_signal.excess_at_line_kelvin() == pytest.approx(2.6235, rel=1e-4)
    C = global_signal.EXCESS_AT_LINE_K
    assert pytest.approx(global_signal.excess_at_line_kelvin(1.4e9), rel=1.1e-3) == C == 2.698


def test_the_line_sees_the_brightness_of_today_stretched_back() -> None:
    z = np.array([0.0, 17.2, 80.0])
    today = brightness.brightness_kelvin(global_signal.observed_hz(z), 1e-6)
    np.testing.assert_allclose(global_signal.converted_kelvin(z, 1e-6), today * (1 + z), rtol=1e-14)
    np.testing.assert_allclose(
        global_signal.redshift_of(global_signal.observed_hz(z)), z, atol=1e-12
    )


def test_the_background_is_brighter_after_the_resonance_alone() -> None:
    found = global_signal.background_kelvin([19.0, 21.0], share=0.08, z_resonance=20.0)
    np.testing.assert_allclose(found, [2.725 * 20 + 0.08 * 2.698 * 20**3, 2.725 * 22], rtol=1e-14)


def test_the_saturated_line() -> None:
    z = np.array([9.0, 9.0, 39.0])
    found = global_signal.saturated_depth_kelvin(
        z,
        [30.0, 10.0, 40.0],
        gas_kelvin=lambda z: 10.0 + 0 * z,
        neutral=lambda z: 0.5 + 0 * z,
        omega_b_h2=0.023,
        omega_m_h2=0.15,
    )
    np.testing.assert_allclose(found, [-0.027, 0.0, -0.5 * 0.027 * 2 * 3], rtol=1e-14)


# ---- Many spectra from one table ----


def power_law_response(slope: float) -> Response:
    return Response(K, 3.0 * K[:, None] ** slope * np.array([1.0, 2.0]))


def test_peaked_and_scale_invariant_fields_of_a_response_that_is_a_power_law() -> None:
    B0, length = np.array([1e-9, 1e-10]), np.array([0.5, 2.0])
    damping = 100 * 1e-9 / B0
    given = {"B0_gauss": B0, "lambda_mpc": length}
    flat = response.scale_invariant(power_law_response(-1.0), **given)
    peaked = response.peaked(power_law_response(-1.0), **given)
    for i, last in enumerate(damping):
        for j, peak in enumerate(2 * math.pi / length):
            exact = 3 * B0[i] ** 2 * (1 / peak - 1 / last)
            # A monotone cubic over 40 points a decade.
            np.testing.assert_allclose(flat[i, j], exact * np.array([1, 2]), rtol=1e-5)

            def power(k: float, peak: float = peak) -> float:
                return (k / peak) ** (5.0 if k < peak else -2 / 3)

            cuts = {"points": [peak], "limit": 200}
            norm = quad(lambda k: power(k) / k, 1e-3 * peak, last, **cuts)[0]
            shape = quad(lambda k: power(k) / k**2, 1e-3 * peak, last, **cuts)[0]
            exact = 3 * B0[i] ** 2 * shape / norm
            np.testing.assert_allclose(peaked[i, j], exact * np.array([1, 2]), rtol=1e-4)


def test_a_flat_response_does_not_depend_on_the_spectrum_of_a_given_mean_square() -> None:
    given = {"B0_gauss": np.array([2e-10]), "lambda_mpc": np.array([0.3])}
    table = power_law_response(0.0)
    # The table's monotone cubic takes k^5 with 40 points a decade to 5e-6.
    for family in (response.monochromatic, response.peaked):
        np.testing.assert_allclose(
            family(table, **given)[0, 0], 4e-20 * np.array([3, 6]), rtol=1e-5
        )


def test_a_field_whose_peak_is_damped_is_gone() -> None:
    given = {"B0_gauss": np.array([1e-8]), "lambda_mpc": np.array([0.1])}  # 10 and 63 per Mpc
    table = power_law_response(-1.0)
    assert np.all(np.isnan(response.peaked(table, **given)))
    assert np.all(np.isnan(response.scale_invariant(table, **given)))


def test_a_table_of_responses_says_where_it_ends() -> None:
    table = power_law_response(-1.0)
    with pytest.raises(ValueError, match=r"from 2e\+06 to 2e\+06/Mpc are asked for"):
        table.monochromatic(2e6)
    with pytest.raises(ValueError, match=r"has those from 0\.0001"):
        table.power_law(0.0, np.array([1e-5]), np.array([1.0]))
    B0, length = np.array([1e-12, 1e-9]), np.array([1e-2, 10.0])
    first, last = response.span(B0, length)
    wide = Response(np.geomspace(first, last, 9), np.ones((9, 1)))
    assert np.isfinite(response.peaked(wide, B0_gauss=B0, lambda_mpc=length)[0]).all()


# ---- Fits ----

POINTS = RadioPoints(
    np.array([1e8, 1e9, 1e10]), np.array([500.0, 3.5, 2.73]), np.array([50.0, 0.2, 0.01])
)


def test_chi_squared_and_the_best_amplitude() -> None:
    null = POINTS.chi_squared(0.0, extragalactic=False)
    exact = ((500 - 2.725) / 50) ** 2 + (0.775 / 0.2) ** 2 + 0.25
    assert null == pytest.approx(exact, rel=1e-12)
    shape = POINTS.frequency_hz**-2.0
    best = POINTS.best_amplitude(shape, extragalactic=True)
    around = best * np.array([0.999, 1.0, 1.001])
    chi = POINTS.chi_squared(around[:, None] * shape, extragalactic=True)
    assert chi.shape == (3,) and chi[1] < chi[0] and chi[1] < chi[2]
    assert POINTS.best_amplitude(-shape, extragalactic=True) == 0


def test_five_standard_deviations_of_two_parameters() -> None:
    # chi^2 of two degrees of freedom exceeds x with exp(-x/2).
    assert fit.improvement(5.0) == pytest.approx(
        -2 * math.log(math.erfc(5 / math.sqrt(2))), rel=1e-9
    )


def test_the_grid_finds_the_field_that_made_the_points() -> None:
    B0, length = np.geomspace(1e-11, 1e-8, 61), np.geomspace(1e-3, 1.0, 31)
    table = Response(
        np.geomspace(*response.span(B0, length), 200),
        1e3 * np.ones((200, 1)) / brightness.kelvin_per_probability(POINTS.frequency_hz) * 1e18,
    )
    probability = response.monochromatic(table, B0_gauss=B0, lambda_mpc=length)
    truth = brightness.brightness_kelvin(
        POINTS.frequency_hz, conversion.saturated(probability[30, 20])
    )
    made = RadioPoints(POINTS.frequency_hz, fit.CMB_K + truth, POINTS.sigma_kelvin)
    grid = fit.field_grid(made, probability, B0_gauss=B0, lambda_mpc=length, extragalactic=False)
    assert grid.best[0] == 30 and grid.chi_squared[grid.best] < 1e-12
    assert grid.null == made.chi_squared(0.0, extragalactic=False)
    np.testing.assert_array_equal(grid.allowed, B0[:, None] <= 1e-8 * length)
    improvement = grid.null - grid.chi_squared
    assert grid.improved(5.0)[30].all() and not grid.improved(1e3).any()
    np.testing.assert_array_equal(grid.improved(3.0), improvement >= fit.improvement(3.0))


def test_a_grid_without_an_allowed_field_has_no_best() -> None:
    B0, length = np.array([1e-8]), np.array([1e-3])
    grid = fit.field_grid(POINTS, np.zeros((1, 1, 3)), B0_gauss=B0, lambda_mpc=length)
    with pytest.raises(ValueError, match="allowed by magnetohydrodynamics"):
        _ = grid.best

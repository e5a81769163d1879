"""Today's numbers: the paper's closed forms, and the same from first principles.

Expected digits are those printed in Choi, Kim, Sekiguchi, PRL 121, 031102 (2018), or follow from
its definitions; each tolerance is half a unit of the last digit quoted.
"""

from __future__ import annotations

import math

import pytest
from scipy.special import gamma

from darklat.physics import alp, relics
from darklat.physics.background import Background
from darklat.physics.units import T0_EV

HISTORY = {"mass_eV": 1e-17, "oscillation_condition": 3.0}
BENCHMARK = {"r": 0.03, "epsilon": 4.0, "omega_phi_h2": 0.12, "mass_eV": 1e-17}


def run_end(**changes: float | None) -> relics.Today:
    values: dict = {
        **HISTORY,
        "f_GeV": 1e16,
        "rho_phi_a3": 1.0,
        "rho_X_a4": 1.0,
        "k_peak": 20.0,
        "integral_scale": 0.1,
    }
    return relics.today(**{**values, **changes})


def test_temperature_and_expansion() -> None:
    T_osc = relics.temperature_osc_eV(**HISTORY)
    assert T_osc == pytest.approx(116e3, abs=500)
    assert relics.a_osc_over_a0(**HISTORY) == pytest.approx(T0_EV / T_osc, rel=1e-15)
    hotter = relics.temperature_osc_eV(mass_eV=4e-17, oscillation_condition=3.0)
    assert hotter == pytest.approx(2 * T_osc, rel=1e-14)  # T ~ m^(1/2)


def test_closed_forms_of_the_benchmark() -> None:
    assert relics.paper_B_X_gauss(**BENCHMARK) == pytest.approx(84e-9, abs=0.5e-9)  # Eq. 21
    assert relics.paper_delta_neff(**BENCHMARK) == pytest.approx(5.8e-3, abs=0.05e-3)  # Eq. 22
    assert relics.paper_delta_neff_benchmark(mass_eV=1e-17) == 6e-3  # Eq. 26
    assert relics.paper_omega_phi_h2(r=1.0, mass_eV=1e-17, f_GeV=1e16) == 0.5  # Eq. 20


def test_closed_forms_scale_with_mass_and_f() -> None:
    lighter = {**BENCHMARK, "mass_eV": 1e-21}
    ratio = relics.paper_B_X_gauss(**lighter) / relics.paper_B_X_gauss(**BENCHMARK)
    assert ratio == pytest.approx(10.0, rel=1e-14)  # m^(-1/4)
    ratio = relics.paper_delta_neff(**lighter) / relics.paper_delta_neff(**BENCHMARK)
    assert ratio == pytest.approx(100.0, rel=1e-14)  # m^(-1/2)
    omega = relics.paper_omega_phi_h2(r=0.5, mass_eV=1e-21, f_GeV=3e16)
    assert omega == pytest.approx(0.5 * 0.5 * 1e-2 * 9, rel=1e-14)
    assert relics.paper_correlation_length_kpc(mass_eV=1e-21) == pytest.approx(30.0, rel=1e-14)


def test_first_principles_agree_on_the_dark_field() -> None:
    rho_X = relics.rho_X_today_eV4(**BENCHMARK, oscillation_condition=3.0)
    assert relics.dark_field_gauss(rho_X) == pytest.approx(83e-9, abs=0.5e-9)
    assert relics.delta_neff(rho_X) == pytest.approx(5.8e-3, abs=0.05e-3)


def test_the_slip_of_eq_20() -> None:
    # Amplitude one at a_osc falling as a^(-3/2) (Eq. 14) has a^3 rho = m^2/2 = 4.5.
    assert run_end(rho_phi_a3=4.5).omega_phi_h2 == pytest.approx(0.5, abs=0.05)
    asymptote = 4 * gamma(1.25) ** 2 / math.pi * math.sqrt(3.0)
    assert run_end(rho_phi_a3=asymptote).omega_phi_h2 == pytest.approx(0.21, abs=0.005)


def test_the_slip_of_eq_25() -> None:
    paper = relics.paper_correlation_length_kpc(mass_eV=1e-17)
    k = 2 * math.pi / paper * run_end().tau_osc_kpc
    assert k == pytest.approx(20.0, abs=0.5)
    k_star = relics.paper_k_star(coupling=100.0, a_X=5.0, oscillation_condition=3.0)
    length = relics.length_today_kpc(2 * math.pi / k_star, **HISTORY)
    assert length == pytest.approx(0.044, abs=0.0005)


def test_a_run_agrees_with_the_ratios_it_implies() -> None:
    # r and epsilon at the end of a run, and today's numbers from its densities: one physics.
    background, a = Background("radiation"), 2000.0
    free = float(alp.density(background, mass=3.0, theta_initial=1.0, potential="quadratic", tau=a))
    rho_phi, rho_X = 0.1 * free, 4.0 * free / a
    result = run_end(rho_phi_a3=a**3 * rho_phi, rho_X_a4=a**4 * rho_X)
    implied = relics.rho_X_today_eV4(
        r=0.1, epsilon=4.0, omega_phi_h2=result.omega_phi_h2, **HISTORY
    )
    assert result.B_X_today_gauss == pytest.approx(relics.dark_field_gauss(implied), rel=1e-12)
    assert result.delta_neff == pytest.approx(relics.delta_neff(implied), rel=1e-12)


def test_results_do_not_depend_on_the_oscillation_condition() -> None:
    # c only names the unit of time: the same field at rest at theta = 1 leaves the same density.
    def density_of(c: float) -> float:
        asymptote = 4 * gamma(1.25) ** 2 / math.pi * math.sqrt(c)
        return run_end(oscillation_condition=c, rho_phi_a3=asymptote).omega_phi_h2

    assert density_of(1.0) == pytest.approx(density_of(3.0), rel=1e-13)


def test_lengths_of_today() -> None:
    result = run_end(k_peak=20.0, integral_scale=0.1)
    assert result.coherence_length_kpc == pytest.approx(
        2 * math.pi / 20 * result.tau_osc_kpc, rel=1e-15
    )
    assert result.integral_scale_kpc == pytest.approx(0.1 * result.tau_osc_kpc, rel=1e-15)
    assert result.coherence_length_kpc == pytest.approx(0.3, abs=0.005)
    # A horizon of today's 1/(a_osc H_osc): length ~ m^(-1/2).
    lighter = run_end(mass_eV=1e-21)
    assert lighter.tau_osc_kpc == pytest.approx(100 * result.tau_osc_kpc, rel=1e-13)


def test_what_the_run_lacks_is_none() -> None:
    result = run_end(rho_X_a4=None, k_peak=None, integral_scale=None)
    assert result.delta_neff is None
    assert result.B_X_today_gauss is None
    assert result.coherence_length_kpc is None
    assert result.integral_scale_kpc is None
    assert result.omega_phi_h2 > 0


@pytest.mark.parametrize("name", ["mass_eV", "f_GeV", "oscillation_condition", "k_peak"])
def test_values_that_must_be_positive(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        run_end(**{name: 0.0})

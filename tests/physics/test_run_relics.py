"""Today's numbers: the paper's closed forms, and the same from first principles.

Expected digits are those printed in Choi, Kim, Sekiguchi, PRL 121, 031102 (2018), or follow from
its definitions; each tolerance is half a unit of the last digit quoted.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import gamma

from darklat.physics import alp, run_relics, spectra, summary, units
from darklat.physics.background import Radiation
from darklat.physics.units import GAUSS_IN_EV2, T0_EV

HISTORY = {"mass_eV": 1e-17, "oscillation_condition": 3.0}
BENCHMARK = {"r": 0.03, "epsilon": 4.0, "omega_phi_h2": 0.12, "mass_eV": 1e-17}


def run_end(**changes: float | None) -> run_relics.Today:
    values: dict = {
        **HISTORY,
        "f_GeV": 1e16,
        "rho_phi_a3": 1.0,
        "rho_X_a4": 1.0,
        "k_peak": 20.0,
        "integral_scale": 0.1,
    }
    return run_relics.today(**{**values, **changes})


def test_temperature_and_expansion() -> None:
    T_osc = run_relics.paper_temperature_osc_eV(**HISTORY)
    assert T_osc == pytest.approx(116e3, abs=500)
    # Long after the annihilation g_* is 3.383 in place of 3.36, and entropy is the same as today.
    light = {"mass_eV": 1e-21, "oscillation_condition": 3.0}
    ratio = T0_EV / run_relics.paper_temperature_osc_eV(**light) * (3.383 / 3.36) ** 0.25
    assert run_relics.a_osc_over_a0(**light) == pytest.approx(ratio, rel=1e-14)
    hotter = run_relics.paper_temperature_osc_eV(mass_eV=4e-17, oscillation_condition=3.0)
    assert hotter == pytest.approx(2 * T_osc, rel=1e-14)  # T ~ m^(1/2)


def test_closed_forms_of_the_benchmark() -> None:
    assert run_relics.paper_B_X_gauss(**BENCHMARK) == pytest.approx(84e-9, abs=0.5e-9)  # Eq. 21
    assert run_relics.paper_delta_neff(**BENCHMARK) == pytest.approx(5.8e-3, abs=0.05e-3)  # Eq. 22
    assert run_relics.paper_delta_neff_benchmark(mass_eV=1e-17) == 6e-3  # Eq. 26
    assert run_relics.paper_omega_phi_h2(r=1.0, mass_eV=1e-17, f_GeV=1e16) == 0.5  # Eq. 20


def test_closed_forms_of_the_photon() -> None:
    assert run_relics.paper_b(mass_eV=1e-17) == 7e-18  # Fig. 1
    benchmark = {**BENCHMARK, "b": 7e-18, "g_AX": 1.0, "f_GeV": 1e16}
    field = run_relics.paper_B_gauss(**benchmark)
    assert field == pytest.approx(1.7e-24, abs=0.05e-24)  # Eqs. 8, 23
    # Only g_AX/f counts; with b ~ m^(3/2) (Eq. 19) the field is linear in m, and at a given b
    # it goes as m^(-1/2).
    scaled = {**benchmark, "g_AX": -2.0, "f_GeV": 2e16}
    assert run_relics.paper_B_gauss(**scaled) == pytest.approx(field, rel=1e-14, abs=0)
    lighter = {**benchmark, "mass_eV": 1e-21}
    assert run_relics.paper_B_gauss(**lighter) == pytest.approx(100 * field, rel=1e-14, abs=0)
    lighter["b"] = run_relics.paper_b(mass_eV=1e-21)
    assert run_relics.paper_B_gauss(**lighter) == pytest.approx(1e-4 * field, rel=1e-14, abs=0)


def test_closed_forms_scale_with_mass_and_f() -> None:
    lighter = {**BENCHMARK, "mass_eV": 1e-21}
    ratio = run_relics.paper_B_X_gauss(**lighter) / run_relics.paper_B_X_gauss(**BENCHMARK)
    assert ratio == pytest.approx(10.0, rel=1e-14)  # m^(-1/4)
    ratio = run_relics.paper_delta_neff(**lighter) / run_relics.paper_delta_neff(**BENCHMARK)
    assert ratio == pytest.approx(100.0, rel=1e-14)  # m^(-1/2)
    omega = run_relics.paper_omega_phi_h2(r=0.5, mass_eV=1e-21, f_GeV=3e16)
    assert omega == pytest.approx(0.5 * 0.5 * 1e-2 * 9, rel=1e-14)
    assert run_relics.paper_correlation_length_kpc(mass_eV=1e-21) == pytest.approx(30.0, rel=1e-14)


def test_first_principles_agree_on_the_dark_field() -> None:
    rho_X = run_relics.rho_X_today_eV4(**BENCHMARK, oscillation_condition=3.0)
    assert run_relics.dark_field_gauss(rho_X) == pytest.approx(83e-9, abs=0.5e-9)
    assert run_relics.delta_neff(rho_X) == pytest.approx(5.8e-3, abs=0.05e-3)


def test_the_slip_of_eq_20() -> None:
    # Amplitude one at a_osc falling as a^(-3/2) (Eq. 14) has a^3 rho = m^2/2 = 4.5.
    assert run_end(rho_phi_a3=4.5).omega_phi_h2 == pytest.approx(0.5, abs=0.05)
    asymptote = 4 * gamma(1.25) ** 2 / math.pi * math.sqrt(3.0)
    assert run_end(rho_phi_a3=asymptote).omega_phi_h2 == pytest.approx(0.21, abs=0.005)


def test_the_slip_of_eq_23() -> None:
    def field_at(f_16: float) -> float:
        rho_A = run_relics.rho_A_today_eV4(
            **BENCHMARK, b=7e-18, g_AX=f_16, oscillation_condition=3.0
        )
        return run_relics.magnetic_field_gauss(rho_A)

    # g_AX = 1: sqrt(2) b times the 83 nG of B_X, to the digits of the latter.
    assert field_at(1.0) == pytest.approx(math.sqrt(2) * 7e-18 * 83e-9, rel=0.006, abs=0)
    # g_AX/f_16 = 1 with the f of Eq. 20: Eq. 23 times sqrt(2), up to its 3e-8 in one digit (2.97)
    # and Eq. 21's 21 nG in two.
    f_16 = math.sqrt(0.12 / run_relics.paper_omega_phi_h2(r=0.03, mass_eV=1e-17, f_GeV=1e16))
    closed = run_relics.paper_B_gauss(**BENCHMARK, b=7e-18, g_AX=1.0, f_GeV=1e16)
    assert field_at(f_16) / closed == pytest.approx(math.sqrt(2), rel=0.035)
    # With the f of a start at rest, 2.2 times.
    asymptote = 4 * gamma(1.25) ** 2 / math.pi * math.sqrt(3.0)
    at_rest = math.sqrt(0.12 / (0.03 * run_end(rho_phi_a3=asymptote).omega_phi_h2))
    assert at_rest / f_16 == pytest.approx(1.56, abs=0.005)
    assert field_at(at_rest) / closed == pytest.approx(2.16, abs=0.005)


def test_the_slip_of_eq_25() -> None:
    paper = run_relics.paper_correlation_length_kpc(mass_eV=1e-17)
    k = 2 * math.pi / paper * run_end().tau_osc_kpc
    assert k == pytest.approx(20.0, abs=0.5)
    k_star = run_relics.paper_k_star(coupling=100.0, a_X=5.0, oscillation_condition=3.0)
    length = run_relics.length_today_kpc(2 * math.pi / k_star, **HISTORY)
    assert length == pytest.approx(0.044, abs=0.0005)
    assert length == run_relics.paper_coherence_length_kpc(coupling=100.0, a_X=5.0, **HISTORY)


def test_a_run_agrees_with_the_ratios_it_implies() -> None:
    # r and epsilon at the end of a run, and today's numbers from its densities: one physics.
    background, a = Radiation(), 2000.0
    free = float(alp.density(background, mass=3.0, theta_initial=1.0, potential="quadratic", tau=a))
    rho_phi, rho_X = 0.1 * free, 4.0 * free / a
    result = run_end(rho_phi_a3=a**3 * rho_phi, rho_X_a4=a**4 * rho_X)
    implied = run_relics.rho_X_today_eV4(
        r=0.1, epsilon=4.0, omega_phi_h2=result.omega_phi_h2, **HISTORY
    )
    assert result.B_X_today_gauss == pytest.approx(run_relics.dark_field_gauss(implied), rel=1e-12)
    assert result.delta_neff == pytest.approx(run_relics.delta_neff(implied), rel=1e-12)


def test_magnetic_field_of_a_run() -> None:
    # b at the end of a run, and B from its densities: B^2/2 = rho_A, all of it magnetic.
    result = run_end(rho_A_a4=(7e-18 * 2.0) ** 2)
    assert result.B_X_today_gauss is not None
    expected = math.sqrt(2) * 7e-18 * 2.0 * result.B_X_today_gauss
    assert result.B_today_gauss == pytest.approx(expected, rel=1e-13, abs=0)
    assert run_relics.magnetic_field_gauss(0.5 * GAUSS_IN_EV2**2) == pytest.approx(1.0, rel=1e-15)


def test_results_do_not_depend_on_the_oscillation_condition() -> None:
    # c only names the unit of time: the same field at rest at theta = 1 leaves the same density.
    # The mass is one at which g_* does not change; otherwise c also says when a = tau holds.
    def density_of(c: float) -> float:
        asymptote = 4 * gamma(1.25) ** 2 / math.pi * math.sqrt(c)
        return run_end(mass_eV=1e-21, oscillation_condition=c, rho_phi_a3=asymptote).omega_phi_h2

    assert density_of(1.0) == pytest.approx(density_of(3.0), rel=1e-13)


def test_lengths_of_today() -> None:
    result = run_end(k_peak=20.0, integral_scale=0.1)
    assert result.coherence_length_kpc == pytest.approx(
        2 * math.pi / 20 * result.tau_osc_kpc, rel=1e-15
    )
    assert result.integral_scale_kpc == pytest.approx(0.1 * result.tau_osc_kpc, rel=1e-15)
    assert result.coherence_length_kpc == pytest.approx(0.3, abs=0.005)
    # A horizon of today's 1/(a_osc H_osc): length ~ m^(-1/2).
    light, lighter = run_end(mass_eV=1e-21), run_end(mass_eV=1e-25)
    assert lighter.tau_osc_kpc == pytest.approx(100 * light.tau_osc_kpc, rel=1e-13)


def test_what_the_run_lacks_is_none() -> None:
    result = run_end(rho_X_a4=None, k_peak=None, integral_scale=None)
    assert result.delta_neff is None
    assert result.B_X_today_gauss is None
    assert result.B_today_gauss is None
    assert result.coherence_length_kpc is None
    assert result.integral_scale_kpc is None
    assert result.omega_phi_h2 > 0


@pytest.mark.parametrize("name", ["mass_eV", "f_GeV", "oscillation_condition", "k_peak"])
def test_values_that_must_be_positive(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        run_end(**{name: 0.0})


# ---- The summary of a run ----

K = np.array([1.0, 2.0, 4.0, 8.0])
DLNK = np.array([0.7, 0.6, 0.5, 0.4])
POWER_X = np.array([1.0, 3.0, 1.0, 0.5])
POWER_A = np.array([0.1, 0.5, 3.0, 0.5])


def end_of_run(
    X: dict | None = None, A: dict | None = None, Y: dict | None = None, **changes: object
) -> summary.EndOfRun:
    fields = {}
    if A is not None:
        fields["A"] = summary.GaugeRecord(dark=False, has_mass=False, conducts=True, **A)
    for letter, own in (("X", X or {}), ("Y", Y)):
        if own is not None:
            of = {"dark": True, "has_mass": False, "conducts": False, **DARK, **own}
            fields[letter] = summary.GaugeRecord(**of)
    values: dict = {
        "units": units.units_of_alp(**HISTORY, f_GeV=1e16),
        "expands": True,
        "radiation_hubble": 1.0,
        "a": np.array([1.0, 10.0]),
        "r": np.array([1.0, 0.2]),
        "rho_theta": np.array([4.5, 1e-3]),
        "fields": fields,
        "bins": summary.SpectrumBins(K, 0.9 * K, DLNK, 3.6),
    }
    return summary.end_of_run(**{**values, **changes})


DARK = {
    "epsilon": np.array([0.0, 3.0]),
    "rho": np.array([0.0, 1e-4]),
    "power_B": POWER_X,
}
PHOTON = {
    "rho": np.array([0.0, 4e-38]),
    "power_B": POWER_A,
    "helicity_power_B": np.array([0.1, -0.5, 1.5, 0.0]),
}
B = {"b": np.array([0.0, 7e-18])}


def test_summary_without_a_photon_is_of_X() -> None:
    end = end_of_run()
    assert end.k_peak == spectra.peak(K, POWER_X)
    assert end.integral_scale == spectra.integral_scale_k(K, POWER_X, DLNK)
    assert end.b is None
    assert end.B_today_gauss is None
    assert end.helicity_B_A is None


def test_summary_with_a_photon() -> None:
    end = end_of_run(A=PHOTON, **B)
    assert (end.dark_field, end.photon, end.shown) == ("X", "A", "A")
    assert end.b == 7e-18
    assert end.k_peak == spectra.peak(K, POWER_A)
    assert end.fields["X"].k_peak == spectra.peak(K, POWER_X)
    assert end.integral_scale == spectra.integral_scale_k(K, POWER_A, DLNK)
    now = run_end(rho_X_a4=1.0, rho_A_a4=4e-34, k_peak=end.k_peak)  # a^4 rho at a = 10
    assert end.B_today_gauss == pytest.approx(now.B_today_gauss, rel=1e-14, abs=0)
    assert end.coherence_length_kpc == pytest.approx(now.coherence_length_kpc, rel=1e-14)
    # (0.07 - 0.3 + 0.75)/(0.07 + 0.3 + 1.5 + 0.2)
    assert end.helicity_B_A == pytest.approx(0.52 / 2.07, rel=1e-14)
    dark = end_of_run()
    assert (end.B_X_today_gauss, end.omega_phi_h2) == (dark.B_X_today_gauss, dark.omega_phi_h2)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_one_helicity_alone(sign: float) -> None:
    end = end_of_run(A={**PHOTON, "helicity_power_B": sign * POWER_A})
    assert end.helicity_B_A == sign


def test_summary_of_a_photon_without_field() -> None:
    nothing = {"power_B": 0 * K, "helicity_power_B": 0 * K, "rho": np.zeros(2)}
    end = end_of_run(A=nothing, **B)
    assert end.helicity_B_A is None
    assert end.k_peak is None and end.fields["A"].power_at_cutoff is None
    assert end.B_today_gauss == 0.0
    end = end_of_run(A={**PHOTON, "helicity_power_B": K * np.nan}, b=np.array([0.0, np.nan]))
    assert end.b is None
    assert end.helicity_B_A is None
    assert end_of_run(A=PHOTON, radiation_hubble=None).B_today_gauss is None


def test_summary_refuses_series_of_other_lengths() -> None:
    for changes in ({"b": np.zeros(3)}, {"A": {**PHOTON, "rho": np.zeros(3)}}):
        with pytest.raises(ValueError, match="one length"):
            end_of_run(**changes)


# ---- Several dark fields ----


def test_dark_radiation_is_of_all_dark_fields() -> None:
    """Y has twice the density of X, so that the two have three times that of X alone."""
    alone = end_of_run()
    end = end_of_run(Y={"rho": np.array([0.0, 2e-4]), "epsilon": None, "power_B": 2 * POWER_A})
    X, Y = end.fields["X"], end.fields["Y"]
    assert alone.delta_neff is not None and X.delta_neff == alone.delta_neff
    assert Y.delta_neff == pytest.approx(2 * alone.delta_neff, rel=1e-14)
    assert end.delta_neff == pytest.approx(3 * alone.delta_neff, rel=1e-14)
    assert Y.B_today_gauss == pytest.approx(math.sqrt(2) * X.B_today_gauss, rel=1e-14)
    assert (end.epsilon, end.B_X_today_gauss, end.k_peak) == (3.0, X.B_today_gauss, X.k_peak)
    assert Y.epsilon == pytest.approx(10 * 2e-4 / (1e-3 / 0.2), rel=1e-14)  # a rho r/rho_phi
    assert Y.k_peak == spectra.peak(K, POWER_A)


def test_a_massive_dark_field_is_no_radiation() -> None:
    end = end_of_run(Y={"has_mass": True})
    alone = end_of_run()
    assert end.delta_neff == alone.delta_neff and end.omega_X_h2 is None
    Y = end.fields["Y"]
    assert (Y.delta_neff, Y.B_today_gauss) == (None, None)
    assert Y.omega_h2 == pytest.approx(end.omega_phi_h2 * 1e-4 / 1e-3, rel=1e-14)
    assert end_of_run(X={"has_mass": True}).delta_neff is None


def test_a_dark_field_that_conducts_is_all_magnetic() -> None:
    end, alone = end_of_run(X={"conducts": True}), end_of_run()
    assert end.B_X_today_gauss == pytest.approx(math.sqrt(2) * alone.B_X_today_gauss, rel=1e-14)
    assert end.delta_neff == alone.delta_neff


def test_share_of_a_field_beyond_the_cutoff() -> None:
    of = end_of_run().fields["X"]
    weight = POWER_X * DLNK  # khat = 0.9 k is beyond 3.6 in the last bin alone
    assert of.power_at_cutoff == pytest.approx(weight[3] / weight.sum(), rel=1e-14)
    assert end_of_run().k_cutoff == pytest.approx(4.0, rel=1e-14)

"""Eq. 11 of Choi, Kim, Sekiguchi (2018) from Thomson scattering, in both histories."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darklat.physics import run_relics
from darklat.physics.thermal import conductivity as medium
from darklat.physics.thermal import history
from darklat.physics.thermal.conductivity import Conductivity

HISTORY = {"mass_eV": 1e-17, "oscillation_condition": 3.0}
PAPER = Conductivity("thomson", **HISTORY)
THERMAL = Conductivity("thomson_thermal", **HISTORY)


def drag(T: float, ratio: float) -> float:
    """sigma_phys = n_e e^2/((4/3) sigma_T rho_gamma) in eV: what Eq. 11 abbreviates."""
    alpha, m = 7.2973525693e-3, 510998.95  # CODATA 2018
    zeta3 = 1.2020569031595942  # Apery's constant
    electrons = ratio * 2 * zeta3 / math.pi**2 * T**3
    cross_section = 8 * math.pi / 3 * (alpha / m) ** 2
    photons = math.pi**2 / 15 * T**4
    return electrons * 4 * math.pi * alpha / (4 / 3 * cross_section * photons)


def test_eq_11_is_the_drag_of_photons() -> None:
    # The same constants in another order: rounding.
    for T, ratio in ((300.0, 6e-10), (2e4, 1e-9), (1e5, 0.1)):
        value = float(medium.thomson_eV(T_eV=T, electrons_per_photon=ratio))
        assert value == pytest.approx(drag(T, ratio), rel=1e-14)


@pytest.mark.parametrize("a", [0.5, 1.0, 5.0, 16.0, 30.0])
def test_the_papers_history(a: float) -> None:
    T = run_relics.paper_temperature_osc_eV(**HISTORY) / a
    # a sigma_phys tau_osc with tau_osc = c/m = 3e17/eV.
    assert PAPER.at(a) == pytest.approx(a * drag(T, 6e-10) * 3e17, rel=1e-14)


def test_numbers_of_the_benchmark() -> None:
    # One digit each, as the numbers are quoted.
    assert PAPER.at(0.5) == pytest.approx(6e15, rel=0.05)
    assert PAPER.at(30.0) == pytest.approx(2e19, rel=0.05)
    # T = T_osc/a: sigma ~ a^2.
    assert PAPER.at(30.0) / PAPER.at(0.5) == pytest.approx(3600, rel=1e-13)
    # When pairs count sigma is at most 6.9e24, and 57 times the paper's at a = 5.
    assert THERMAL.at(np.linspace(0.1, 2.0, 381)).max() == pytest.approx(6.9e24, rel=0.01)
    assert THERMAL.at(1.0) == pytest.approx(5.5e24, rel=0.01)
    assert THERMAL.at(5.0) / PAPER.at(5.0) == pytest.approx(57, rel=0.01)
    assert THERMAL.at(30.0) == pytest.approx(PAPER.at(30.0), rel=0.01)


def test_mass_dependence_of_eqs_18_and_19() -> None:
    # sigma ~ 1/m at fixed a, in units of 1/tau_osc ~ m^(1/2) of today's: m^(-3/2).
    lighter = Conductivity("thomson", mass_eV=1e-19, oscillation_condition=3.0)
    assert lighter.at(5.0) / PAPER.at(5.0) == pytest.approx(1e3, rel=1e-13)
    ratio = run_relics.paper_b(mass_eV=1e-19) / run_relics.paper_b(mass_eV=1e-17)
    assert ratio == pytest.approx(1e-3, rel=1e-13)


def test_thermal_history_uses_temperature_and_electrons_of_its_own() -> None:
    for a in (0.5, 5.0, 30.0):
        T = float(history.temperature_eV(a, **HISTORY))
        ratio = float(history.electrons_per_photon(T, after_annihilation=6e-10))
        # e^2 = 4 pi alpha in another order: rounding.
        assert THERMAL.at(a) == pytest.approx(a * drag(T, ratio) * 3e17, rel=1e-14)


def test_histories_agree_long_after_the_annihilation() -> None:
    light = {"mass_eV": 1e-20, "oscillation_condition": 3.0}
    a = np.geomspace(0.5, 50, 9)
    # T_osc = 3.7 keV; g_* = 3.36 in place of 3.3626 moves T by 2e-4.
    np.testing.assert_allclose(
        Conductivity("thomson_thermal", **light).at(a),
        Conductivity("thomson", **light).at(a),
        rtol=2.1e-4,
    )


def test_sigma_is_proportional_to_the_electrons() -> None:
    more = Conductivity("thomson", electrons_per_photon=1.2e-9, **HISTORY)
    assert more.at(3.0) == pytest.approx(2 * PAPER.at(3.0), rel=1e-15)


def test_zero_and_constant() -> None:
    a = np.array([0.5, 2.0])
    assert Conductivity("zero").at(3.0) == 0.0
    np.testing.assert_array_equal(Conductivity("zero").at(a), [0.0, 0.0])
    assert Conductivity("constant", value=7.0).at(3.0) == 7.0
    np.testing.assert_array_equal(Conductivity("constant", value=7.0).at(a), [7.0, 7.0])


@pytest.mark.parametrize("kind", medium.KINDS)
def test_same_bits_for_numbers_and_arrays(kind: str) -> None:
    sigma = Conductivity(kind, value=2.0, **HISTORY)
    a = np.random.default_rng(1).uniform(0.5, 30, 23)
    one = [sigma.at(float(x)) for x in a]
    assert all(type(x) is float for x in one)
    np.testing.assert_array_equal(sigma.at(a), one)
    fresh = Conductivity(kind, value=2.0, **HISTORY)
    assert [fresh.at(float(x)) for x in a[::-1]] == one[::-1]


def test_warnings_of_the_constant_ratio() -> None:
    pairs, relativistic = medium.warnings(PAPER, a_start=0.5, a_end=30.0)
    assert pairs.startswith("conductivity: T = 231 keV at a = 0.5")
    assert "after a = 5.78" in pairs  # 116 keV/20 keV
    assert "thomson_thermal" in pairs
    assert relativistic.startswith("conductivity: T/m_e = 0.45 at a = 0.5")
    assert medium.warnings(PAPER, a_start=6.0, a_end=30.0) == []


def test_warnings_of_the_thermal_history() -> None:
    (only,) = medium.warnings(THERMAL, a_start=0.5, a_end=30.0)
    assert only.startswith("conductivity: T/m_e = 0.37 at a = 0.5")
    assert medium.warnings(THERMAL, a_start=3.0, a_end=30.0) == []


@pytest.mark.parametrize("kind", medium.THOMSON)
def test_warning_of_coulomb_collisions(kind: str) -> None:
    sigma = Conductivity(kind, mass_eV=1e-21, oscillation_condition=3.0)
    (only,) = medium.warnings(sigma, a_start=0.5, a_end=30.0)
    assert only.startswith("conductivity: T = 38.5 eV at a = 30")
    assert "from a = 5.78 on" in only  # 1.16 keV/200 eV


@pytest.mark.parametrize("kind", ["zero", "constant"])
def test_nothing_to_warn_of_without_a_temperature(kind: str) -> None:
    sigma = Conductivity(kind, **HISTORY)
    assert medium.warnings(sigma, a_start=0.01, a_end=1e3) == []
    with pytest.raises(ValueError, match="temperature"):
        sigma.temperature_eV(1.0)


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="zero, constant, thomson, thomson_thermal"):
        Conductivity("ohmic")
    with pytest.raises(ValueError, match="value must be finite"):
        Conductivity("constant", value=-1.0)
    with pytest.raises(ValueError, match="electrons_per_photon"):
        Conductivity("thomson", electrons_per_photon=math.nan, **HISTORY)
    with pytest.raises(ValueError, match="needs mass_eV > 0, not None"):
        Conductivity("thomson")
    with pytest.raises(ValueError, match="needs oscillation_condition > 0"):
        Conductivity("thomson_thermal", mass_eV=1e-17, oscillation_condition=0.0)
    for sigma in (PAPER, THERMAL):
        with pytest.raises(ValueError, match="scale factors"):
            sigma.at(0.0)

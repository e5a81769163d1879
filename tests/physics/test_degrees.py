"""g_* of the Standard Model, and T_osc and a_osc/a_0 with it.

The values were computed by another program from the fits of Saikawa and Shirai, JCAP 05 (2018) 035,
to the digits given.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from darklat.physics import run_relics, thermal
from darklat.physics.thermal import degrees, history, radiation
from darklat.physics.units import EV_PER_GEV, T0_EV

# T in GeV, g_energy, g_entropy
VALUES = [
    (1e-5, 3.3830, 3.9310),
    (1e-4, 4.3182, 4.7982),
    (1e-3, 10.5454, 10.5482),
    (1e-2, 10.7427, 10.7422),
    (3e-2, 12.5682, 12.3552),
    (0.1, 17.7471, 17.3283),
    (0.3, 51.6428, 49.4068),
    (1.0, 69.7438, 68.7716),
    (100.0, 101.3199, 100.6936),
]
# m in eV with c = 3: T_osc in eV, both g there, a_osc/a_0, and a' (1/tau_osc) at a in a_osc
MOMENTS = {
    1e-17: (107218.0, 4.54714, 5.01042, 2.020350e-9, {0.1: 0.928145, 0.5: 0.967897, 50: 1.013979}),
    1e-8: (
        1.68427e9, 74.67363, 73.95195, 5.243147e-14,
        {0.1: 0.982208, 2: 1.019249, 8: 1.112924, 16: 1.220712, 50: 1.314038},
    ),
}  # fmt: skip


def test_values_of_the_fits() -> None:
    T, energy, entropy = np.array(VALUES).T
    np.testing.assert_allclose(thermal.g_energy(T), energy, atol=6e-5, rtol=0)
    np.testing.assert_allclose(thermal.g_entropy(T), entropy, atol=6e-5, rtol=0)
    for g in (thermal.g_energy, thermal.g_entropy):
        assert g(T.reshape(3, 3)).shape == (3, 3)
        np.testing.assert_array_equal(g(T), [float(g(one)) for one in T])


def test_the_fits_end_at_1e16_GeV_and_nowhere_below() -> None:
    for g, today in ((thermal.g_energy, 3.383), (thermal.g_entropy, 3.931)):
        np.testing.assert_allclose(g([1e-300, T0_EV / EV_PER_GEV, 1e-9]), today, rtol=1e-12)
        # 106.75 of free particles, less the corrections of interactions
        assert 105 < g(1e16) < 106.75
        for bad in (0.0, -1.0, 1.01e16, math.nan):
            with pytest.raises(ValueError, match=r"at most 1e\+16 GeV"):
                g([1.0, bad])


def test_no_jump_and_no_kink_where_the_fits_meet() -> None:
    for joint in (*degrees.T_JOINT_GEV, 0.12):
        T = joint * np.exp(np.array([-2e-6, -1e-6, 1e-6, 2e-6]))
        for g in (thermal.g_energy, thermal.g_entropy):
            values = np.log(g(T))
            # slopes below 3 in ln T, and equal on both sides up to their change over 4e-6
            assert np.all(np.abs(np.diff(values)) < 6e-6)
            below, above = (values[1] - values[0]) / 1e-6, (values[3] - values[2]) / 1e-6
            assert below == pytest.approx(above, abs=1e-4)


@pytest.mark.parametrize("mass", MOMENTS)
def test_the_moment_of_oscillation(mass: float) -> None:
    T_osc, energy, entropy, shrink, slopes = MOMENTS[mass]
    epoch = radiation.epoch(mass_eV=mass, oscillation_condition=3.0)
    assert epoch.T_osc_eV == pytest.approx(T_osc, rel=5e-6)
    assert epoch.g_energy == pytest.approx(energy, rel=2e-6)
    assert epoch.g_entropy == pytest.approx(entropy, rel=2e-6)
    assert epoch.a_osc_over_a0 == pytest.approx(shrink, rel=2e-7, abs=0)
    assert 3 * radiation.hubble_eV(epoch.T_osc_eV) == pytest.approx(mass, rel=1e-14, abs=0)
    # a' = a^2 H/H_osc; T(a) interpolated between 2e5 temperatures
    T = epoch.T_osc_eV * np.geomspace(1e3, 1e-2, 200_001)
    then = thermal.g_entropy(T / EV_PER_GEV)
    a = (epoch.g_entropy / then) ** (1 / 3) * epoch.T_osc_eV / T
    slope = a**2 * radiation.hubble_eV(T) * 3 / mass
    for at, expected in slopes.items():
        assert np.interp(at, a, slope) == pytest.approx(expected, abs=1e-6)


def test_the_whole_range_of_hubble_rates() -> None:
    for hubble in (1e-300, 1e-33, 1e-17, 1e-5, 1e10, radiation.HUBBLE_MAX_EV):
        T = radiation.temperature_osc_eV(mass_eV=hubble, oscillation_condition=1.0)
        assert radiation.hubble_eV(T) == pytest.approx(hubble, rel=1e-14, abs=0)
    assert pytest.approx(degrees.T_MAX_GEV * EV_PER_GEV, rel=1e-14) == T
    for bad in (1.01 * radiation.HUBBLE_MAX_EV, math.inf):
        with pytest.raises(ValueError, match="the fits of g_"):
            radiation.temperature_osc_eV(mass_eV=bad, oscillation_condition=1.0)
    with pytest.raises(ValueError, match="must be positive"):
        radiation.temperature_osc_eV(mass_eV=0.0, oscillation_condition=1.0)


def test_both_histories_agree_below_10_MeV() -> None:
    """Fits against integrals over e+ e- with neutrinos that decouple at once: H(T)."""
    T = np.array([1e4, 1.07e5, 1e6, 5e6, 1e7])
    ratio = radiation.hubble_eV(T) / history.hubble_eV(T)
    np.testing.assert_allclose(ratio, [1.0030, 1.0020, 0.9994, 0.9992, 0.9998], atol=1e-4)


def test_relics_follow_the_degrees_of_freedom() -> None:
    """Omega h^2 of the same a^3 rho goes as T_osc^-3/g_s m^2, and T_osc as (m^2/g)^(1/4)."""
    light, heavy = ({"mass_eV": m, "oscillation_condition": 3.0} for m in (1e-21, 1e-8))
    omega = [
        run_relics.today(
            **scale, f_GeV=1e16, rho_phi_a3=1.0, rho_X_a4=1.0, k_peak=None, integral_scale=None
        )
        for scale in (light, heavy)
    ]
    assert omega[0].omega_phi_h2 and omega[1].omega_phi_h2
    gain = omega[1].omega_phi_h2 / omega[0].omega_phi_h2 / math.sqrt(1e13)
    expected = (3.931 / 73.95195) * (74.67363 / 3.383) ** 0.75
    assert gain == pytest.approx(expected, rel=1e-5)

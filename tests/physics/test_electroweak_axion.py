"""The axion of electroweak baryogenesis: closed forms of the paper against direct numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darklat.physics.electroweak_axion import constraints, kappas, potential, vacuum

REFERENCE = {"r": 1.0, "epsilon": 0.5, "beta": 0.5}


def test_the_reference_point() -> None:
    found = kappas(**REFERENCE)
    assert found.kappa1 == pytest.approx(1.649254, abs=5e-7)
    assert found.kappa2 == pytest.approx(0.323425, abs=5e-7)
    assert found.kappa_mix == pytest.approx(0.038457, abs=5e-7)
    assert found.nucleation_temperature_gev == pytest.approx(141.5216, abs=5e-5)


@pytest.mark.parametrize("r", [0.3, 1.0])
@pytest.mark.parametrize("epsilon", [0.2, 0.9])
@pytest.mark.parametrize("beta", [0.1, 0.6])
def test_the_minimum_has_the_closed_forms(r: float, epsilon: float, beta: float) -> None:
    """For f_phi >> v; corrections are of order (v/f_phi)^2, here 6e-6."""
    closed, f = kappas(r=r, epsilon=epsilon, beta=beta), 1e5
    found = vacuum(r=r, epsilon=epsilon, beta=beta, f_gev=f)
    assert found.higgs_gev == pytest.approx(246.0, rel=1e-12)
    m_h = potential.HIGGS_MASS_GEV
    assert found.mass_phi_gev == pytest.approx(closed.kappa1 * m_h**2 / f, rel=1e-4)
    assert found.sin_mixing == pytest.approx(closed.kappa2 * m_h / f, rel=1e-4)
    assert found.mass_higgs_gev == pytest.approx(m_h, rel=1e-4)
    mix = (found.sin_mixing * m_h / found.mass_phi_gev) ** 2
    assert mix == pytest.approx(closed.kappa_mix, rel=2e-4)


def test_the_corrections_fall_as_the_square_of_the_decay_constant() -> None:
    closed = kappas(**REFERENCE)
    errors = [
        vacuum(**REFERENCE, f_gev=f).sin_mixing * f / (125 * closed.kappa2) - 1
        for f in (1e4, 1e5, 1e6)
    ]
    np.testing.assert_allclose(np.divide(errors[:-1], errors[1:]), 100, rtol=0.01)
    far = vacuum(**REFERENCE, f_gev=1e12)  # no digits are lost
    assert far.mass_phi_gev == pytest.approx(closed.kappa1 * 125**2 / 1e12, rel=1e-12)
    assert far.sin_mixing == pytest.approx(closed.kappa2 * 125 / 1e12, rel=1e-9)


def test_the_printed_root_of_the_footnote_does_not_fit_its_own_kappas() -> None:
    """epsilon as printed is sqrt(lambda) = 0.36 times ours."""
    printed = kappas(r=1.0, epsilon=math.sqrt(potential.QUARTIC) * 0.5, beta=0.5)
    found = vacuum(**REFERENCE, f_gev=1e6)
    assert abs(printed.kappa1 * 125**2 / 1e6 / found.mass_phi_gev - 1) > 0.3


def test_what_has_no_vacuum_is_refused() -> None:
    with pytest.raises(ValueError, match="epsilon between 0 and 1"):
        kappas(r=1.0, epsilon=1.0, beta=0.5)
    with pytest.raises(ValueError, match="the axion's mass is negative"):
        kappas(r=8.0, epsilon=0.5, beta=1.5)
    with pytest.raises(ValueError, match="survives to T = 0"):
        kappas(r=1.0, epsilon=0.2, beta=1.4)
    with pytest.raises(ValueError, match="the phase h = 0 is deeper"):
        vacuum(r=3.0, epsilon=0.5, beta=1.2, f_gev=1e5)
    with pytest.raises(ValueError, match="f_phi must be positive"):
        vacuum(**REFERENCE, f_gev=0.0)


# ---- Bounds and couplings ----


def test_the_electron_moment_is_allowed_above_10_tev() -> None:
    """II.11 at kappa_2 = 1 meets the ACME II bound, 1.1e-29 e cm, close to 10 TeV."""

    def moment(f: float) -> float:
        return constraints.electron_edm_e_cm(sin_mixing=125 / f, f_gev=f, mass_phi_gev=125**2 / f)

    assert moment(2e4) < 4.1e-30 and moment(1e4) < 1.1e-29 < moment(5e3)
    # 1/(8 pi^3) alpha m_e/v ... by hand, with hbar c in GeV cm.
    by_hand = 4 * math.pi / 137.036 / (32 * math.pi**4) * 0.511e-3 / 246 * 0.0125 / 1e4
    by_hand *= math.log(80) * 1.97327e-14
    assert moment(1e4) == pytest.approx(by_hand, rel=1e-4)


def test_couplings_to_photons() -> None:
    g = constraints.photon_coupling(f_gev=1e6)
    assert g == pytest.approx(1.1614e-9, rel=1e-4)
    kappa = constraints.kappa_photon(kappa1=1.0)
    assert constraints.mass_of_photon_coupling(g, kappa_photon=kappa) == pytest.approx(125**2 / 1e6)
    # II.17: the band of Fig. 2 is that of c/kappa_1 from 0.1 to 10.
    low, high = constraints.KAPPA_PHOTON_BAND
    assert constraints.kappa_photon(kappa1=10.0) == pytest.approx(low, rel=0.2)
    assert constraints.kappa_photon(kappa1=0.1) == pytest.approx(high, rel=0.2)
    assert constraints.mass_window_gev(kappa1=1.0) == pytest.approx((1.5625e-3, 0.15625))
    assert constraints.muon_bound(0.25) == pytest.approx(1.6e-3)

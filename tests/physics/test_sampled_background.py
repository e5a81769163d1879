"""Histories from g_*(T) and from tables, against numbers of an independent program."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darklat.physics import alp
from darklat.physics.background import Background, PowerLaw, Radiation, RadiationMatter
from darklat.physics.sampled import Sampled, Table
from darklat.physics.thermal import radiation
from darklat.physics.thermal.expansion import thermal

QUADRATIC = {"mass": 3.0, "theta_initial": 1.0, "potential": "quadratic"}

# By the mass with c = 3: tau(1) from a = 0, and a, a'(tau), tau(a) - tau(1).
THERMAL = {
    1e-17: (
        1.037464,
        [
            (0.1, 0.928145, -0.929211), (0.5, 0.967897, -0.506994), (2, 1.013426, 0.990566),
            (5, 1.013979, 3.949354), (8, 1.013979, 6.907994), (16, 1.013979, 14.797701),
            (50, 1.013979, 48.328956),
        ],
    ),
    1e-8: (
        1.012526,
        [
            (0.1, 0.982208, -0.909314), (0.5, 0.988317, -0.502880), (2, 1.019249, 0.990142),
            (5, 1.066126, 3.866558), (8, 1.112924, 6.620690), (16, 1.220712, 13.466386),
            (50, 1.314038, 39.887),
        ],
    ),
}  # fmt: skip


def history(mass_eV: float) -> Sampled:
    return thermal(mass_eV / 3)


def table(background: Background, first: float, last: float, rows: int) -> Table:
    tau = np.geomspace(first, last, rows)
    return Table(tau, np.asarray(background.scale_factor(tau)))


@pytest.mark.parametrize("mass_eV", THERMAL)
def test_expansion_with_the_degrees_of_freedom(mass_eV: float) -> None:
    tau_1, rows = THERMAL[mass_eV]
    background = history(mass_eV)
    assert background.tau_of(1.0) == pytest.approx(tau_1, rel=1e-6)
    for a, speed, since in rows:
        tau = background.tau_of(float(a))
        # The fits jump by 4e-4 at 120 MeV, a = 14 at 1e-8 eV, where ours are joined smoothly.
        rough = 1e-4 if mass_eV == 1e-8 and a > 8 else 1e-6
        assert a * background.conformal_hubble(tau) == pytest.approx(speed, rel=rough)
        assert tau - background.tau_of(1.0) == pytest.approx(since, rel=rough)


@pytest.mark.parametrize(("mass_eV", "rho"), [(1e-17, 1.7546), (1e-8, 1.7885)])
def test_late_alp_with_the_degrees_of_freedom(mass_eV: float, rho: float) -> None:
    """a^3 rho at a = 50; at a = 12 it oscillates around it by a share of H/m = 1/(3 a^2)."""
    background = history(mass_eV)
    found = 12**3 * alp.density(background, **QUADRATIC, tau=background.tau_of(12.0))
    assert float(found) == pytest.approx(rho, rel=1.2 / 3 / 144)
    assert abs(1.8118 / rho - 1) > 1e-2  # of constant g_*


def test_the_temperature_of_the_expansion_is_that_of_the_entropy() -> None:
    """a' = a^2 H(T)/H_osc at the T of a conserved entropy; the joint of the fits is inside."""
    background = history(1e-8)
    osc = radiation.epoch(mass_eV=1e-8, oscillation_condition=3.0)
    for T_eV in (1e10, 1.25e8, 1.2e8, 1.15e8, 1e7, 1e4):
        entropy = radiation.g_entropy(T_eV / 1e9)
        a = osc.T_osc_eV / T_eV * (osc.g_entropy / float(entropy)) ** (1 / 3)
        speed = a**2 * float(radiation.hubble_eV(T_eV)) / (1e-8 / 3)
        found = a * background.conformal_hubble(background.tau_of(a))
        assert found == pytest.approx(speed, rel=2e-6)  # of the spline, at the joint


@pytest.mark.parametrize("background", [PowerLaw(0.2), RadiationMatter(10.0), history(1e-17)])
def test_a_table_is_the_history_that_it_was_made_from(background: Background) -> None:
    """A cubic spline of 200 rows over four e-folds of time."""
    found = table(background, 0.05, 50, 200)
    assert found.span == pytest.approx((0.05, 50))
    tau = np.geomspace(0.05, 50, 777)
    a = found.scale_factor(tau)
    np.testing.assert_allclose(a, background.scale_factor(tau), rtol=1e-7)
    # Its slope is of order three
    np.testing.assert_allclose(
        found.conformal_hubble(tau), background.conformal_hubble(tau), rtol=2e-5
    )
    np.testing.assert_allclose(found.tau_of(a), tau, rtol=1e-13)
    assert [found.scale_factor(t) for t in tau.tolist()] == a.tolist()
    # before the first row a power law
    assert found.scale_factor(0.005) == pytest.approx(
        found.scale_factor(0.05) * 0.1 ** found.power(0.05), rel=1e-12
    )
    assert found.scale_factor(0.0) == 0.0
    theta = alp.homogeneous(found, **QUADRATIC, tau=2.0)
    np.testing.assert_allclose(theta, alp.homogeneous(background, **QUADRATIC, tau=2.0), atol=3e-5)


def test_radiation_in_a_table_is_recognised() -> None:
    for background, hot in (
        (Radiation(), True), (history(1e-8), True), (RadiationMatter(10.0), True),
        (PowerLaw(0.0), False), (PowerLaw(1.0), False), (RadiationMatter(0.5), False),
    ):  # fmt: skip
        assert table(background, 0.05, 20, 100).follows_radiation == hot


def test_a_rough_table_is_refused_where_it_turns() -> None:
    tau = np.arange(1.0, 13.0)
    a = np.where(tau < 6, 1e-3 * tau, tau)
    with pytest.raises(ValueError, match=r"between tau = \d+ and \d+ the spline"):
        Table(tau, a)
    assert Table(tau, tau).scale_factor(2.5) == pytest.approx(2.5, rel=1e-15)
    assert math.isclose(Table(tau, tau).tau_of(100.0), 100.0, rel_tol=1e-13)

"""Growth to the back-reaction against an independent solver, and against exact relations."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from darklat.physics import alp, growth
from darklat.physics.background import Radiation, Static

ALP = {"mass": 3.0, "theta_initial": 1.0, "potential": "quadratic"}
K = np.geomspace(20.0, 120.0, 5)


def found(**changes: object) -> growth.BackReaction | None:
    arguments = {
        "couplings": [[100.0]],
        "masses": [0.0],
        "amplitude": 1e-16,
        "waves": growth.continuum(K),
        "span": (0.5, 8.0),
    }
    return growth.back_reaction(Radiation(), **ALP, **(arguments | changes))  # type: ignore[arg-type]


def share(tau: float, *, mass: float) -> float:
    """Energy of the fields over the ALP's at tau, every mode by DOP853."""
    background, total = Radiation(), []

    def rhs(time: float, y: np.ndarray, k: float, helicity: int) -> list[float]:
        slope = alp.homogeneous(background, tau=np.array(time), **ALP)[1]
        squared = k * k + (time * mass) ** 2 - helicity * k * 100 * float(slope)
        return [y[1], -squared * y[0]]

    for k in K:
        omega, energy = math.hypot(k, 0.5 * mass), 0.0
        for helicity in (1, -1):
            for start in ((math.sqrt(0.5 / omega), 0.0), (0.0, math.sqrt(omega / 2))):
                end = solve_ivp(
                    rhs, (0.5, tau), start, args=(k, helicity), method="DOP853", rtol=1e-8,
                    atol=1e-12,
                ).y[:, -1]  # fmt: skip
                energy += (end[1] ** 2 + (k * k + (tau * mass) ** 2) * end[0] ** 2) / 2
        total.append(1e-32 * k**3 / (2 * math.pi**2) * energy)
    rho = float(alp.density(background, tau=np.array(tau), **ALP))
    return float(np.trapezoid(total, np.log(K))) / (tau**4 * rho)


@pytest.mark.parametrize("mass", [0.0, 3.0])
def test_the_fields_have_their_share_there(mass: float) -> None:
    at = found(masses=[mass])
    assert at is not None and 1 < at.tau < 8
    # A per mille of tau, where the energy grows at a rate of up to g |theta'|, 140.
    assert abs(math.log(share(at.tau, mass=mass) / growth.SHARE)) < 1e-3 * at.tau * 140


def test_fields_that_couple_to_each_other_alone_are_two_of_their_combinations() -> None:
    """g = [[0, g], [g, 0]] has the eigenvalues g and -g: twice the energy of one field."""
    two = found(couplings=[[0, 100.0], [100.0, 0]], masses=[0, 0])
    one = found(amplitude=math.sqrt(2) * 1e-16)
    assert two is not None and one is not None
    assert two.tau == pytest.approx(one.tau, rel=1e-12)
    assert two.k_peak == pytest.approx(one.k_peak, rel=1e-9)


def test_a_fast_growth_is_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time is that of whole steps where these stay finite, and earlier for a larger coupling. It
    used to be None from a coupling of 1e7 on, where a step made a NaN."""
    (whole, *strong) = [found(couplings=[[g]]) for g in (3e3, 1e7, 1e9)]
    monkeypatch.setattr(growth, "_MOST_EFOLDS", 2.0)
    parts = found(couplings=[[3e3]])
    assert whole is not None and parts is not None
    assert parts.tau == pytest.approx(whole.tau, rel=1e-3)
    times = [whole.tau, *(at.tau for at in strong if at is not None)]
    assert len(times) == 3 and times == sorted(times, reverse=True) and times[-1] > 0.5


def test_the_end_of_the_search_is_known() -> None:
    """12000 steps of 0.1/(a m) reach a^2 = a_start^2 + 2400/m, and as many of 0.02 reach 240."""
    until = partial(growth.searched_until, theta_initial=1.0, potential="quadratic")
    assert until(Radiation(), mass=3.0, span=(0.5, 8.0)) == 8.0
    assert until(Radiation(), mass=1e5, span=(0.5, 8.0)) ** 2 == pytest.approx(0.274, rel=0.01)
    assert until(Static(), mass=3.0, span=(0.0, 1e5)) == pytest.approx(240, rel=1e-3)


def test_a_weak_coupling_and_a_heavy_field_do_not_react_back() -> None:
    assert found(couplings=[[5.0]]) is None
    assert found(masses=[1e4]) is None


def test_waves_of_a_lattice_are_those_of_the_continuum_up_to_their_first_correction() -> None:
    k, dx = np.array([1.0, 5.0]), 0.01
    waves = growth.on_lattice(k, dx, 2)
    # khat = k (1 - (k dx)^2/24 sum n_i^4) with sum n_i^4 = 3/5, and c = 1 - (k dx)^2/8.
    np.testing.assert_allclose(waves.khat / k, 1 - (k * dx) ** 2 / 40, rtol=1e-8)
    np.testing.assert_allclose(waves.average, 1 - (k * dx) ** 2 / 8, rtol=1e-5)


def test_back_reaction_comes_later_on_a_lattice() -> None:
    ideal, coarse = found(), found(waves=growth.on_lattice(K, 1 / 64, 2))
    assert ideal is not None and coarse is not None
    assert ideal.tau < coarse.tau < ideal.tau + 1


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"couplings \[F, F\]"):
        found(masses=[0.0, 0.0])

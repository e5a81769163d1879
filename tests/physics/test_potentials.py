"""The homogeneous ALP in four potentials, and the growth of gauge fields on it, against tables of
an independent program; potentials that begin early and late."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from scipy.optimize import brentq

from darklat.lattice.linear_phase.propagation import transfer
from darklat.physics import alp, growth
from darklat.physics.background import Radiation
from darklat.physics.formulas import expression

QUADRATIC, COSINE = "theta**2/2", "1 - cos(theta)"
MONODROMY = "sqrt(1 + theta**2) - 1"
MIXED = "0.8*(1 - cos(theta)) + 0.05*(1 - cos(2*theta))"
FLATTENED = "0.5 - 0.5/(1 + theta**2)"

# theta = 0.9 theta_i, first zero, first turn and theta there; theta and theta' at tau = 1, 3 and 8;
# a^3 rho at 10: m = 3, radiation, DOP853 at rtol 3e-14. Last digits are good to 1e-12, and the first
# row to 4e-5: it has been interpolated. The first zero of the quadratic potential is exactly at
# sqrt(2/3 2.780887724), from that of J_{1/4}, or 1.361589.
TABLE = {
    (QUADRATIC, 1.0): (
        (0.691529, 1.361611, 1.666401, -0.289675),
        (0.603109918564, 0.118246193361, 0.023561072665),
        (-1.387269465980, 0.214374753003, -0.369382526229),
        1.8183767991,
    ),
    (COSINE, 2.0): (
        (0.831499, 1.500084, 1.792498, -0.638925),
        (1.573846064006, 0.161872967303, 0.065728214465),
        (-1.753688203068, 2.150558027237, 0.412742594558),
        10.7057167936,
    ),
    (MONODROMY, 3.0): (
        (0.916279, 1.666775, 1.962382, -0.924822),
        (2.574941334098, -0.344752213795, -0.065957801120),
        (-1.692129050960, 3.057985647367, 2.072857838974),
        27.0478175429,
    ),
    (MIXED, 2.0): (
        (0.900510, 1.576955, 1.863980, -0.660062),
        (1.690526361217, 0.037722653787, 0.051287339873),
        (-1.298433140662, 2.851723116373, 1.268165938240),
        12.5629715363,
    ),
}
NAMES = {"quadratic": QUADRATIC, "cosine": COSINE}


def rolling(potential: str, theta_initial: float) -> dict[str, object]:
    return {"mass": 3.0, "theta_initial": theta_initial, "potential": potential}


@pytest.mark.parametrize(("formula", "theta_initial"), TABLE)
def test_the_homogeneous_alp_of_the_table(formula: str, theta_initial: float) -> None:
    """rtol 1e-12 of the integration has added up to 2e-12 of theta and to m a times that of
    theta'."""
    moments, theta, slope, density = TABLE[formula, theta_initial]
    for potential in (formula, *(name for name, same in NAMES.items() if same == formula)):
        at = partial(alp.homogeneous, Radiation(), **rolling(potential, theta_initial))
        found = at(tau=np.array([1.0, 3.0, 8.0]))
        np.testing.assert_allclose(found[0], theta, rtol=0, atol=1e-11)
        np.testing.assert_allclose(found[1], slope, rtol=0, atol=1e-10)
        rho = alp.density(Radiation(), **rolling(potential, theta_initial), tau=10.0)
        assert 1e3 * float(rho) == pytest.approx(density, rel=1e-10)

        def zero(row: int, level: float, low: float, high: float, at: partial = at) -> float:
            return float(brentq(lambda tau: float(at(tau=tau)[row]) - level, low, high))

        begun, passed = zero(0, 0.9 * theta_initial, 0.3, 1.2), zero(0, 0.0, 1.2, 1.7)
        turned = zero(1, 0.0, passed, 2.2)
        found_moments = (begun, passed, turned, float(at(tau=turned)[0]))
        assert found_moments == pytest.approx(moments, abs=4e-5)


GROWTH = {
    ("quadratic", 1.0, 100.0, 40.0): (
        (13.9945, 54.1130), (34.3974, 69.9703), (41.4866, 85.6308)
    ),
    ("quadratic", 1.0, 100.0, 100.0): (
        (9.1700, 44.7649), (15.8007, 50.7887), (15.3102, 51.5769)
    ),
    ("cosine", 2.0, 50.0, 40.0): ((7.4880, 54.3183), (35.3798, 71.5518), (48.1421, 93.0934)),
}  # fmt: skip
"""ln sqrt(N) of helicities + and - at tau = 2, 3, 4 from the vacuum at 0.5, N = k X^2 + E^2/k; good
to 4e-5."""


@pytest.mark.parametrize(("potential", "theta_initial", "g", "k"), GROWTH)
def test_growth_from_the_vacuum(potential: str, theta_initial: float, g: float, k: float) -> None:
    rolls = rolling(NAMES[potential], theta_initial)
    matrix, found = np.eye(2), []
    for times in ((0.5, 2.0), (2.0, 3.0), (3.0, 4.0)):
        later = transfer(
            [k], [1.0], couplings=[[g]], tau=times,
            theta_prime=lambda tau: alp.homogeneous(Radiation(), **rolls, tau=tau)[1],
        )  # fmt: skip
        matrix = later @ matrix
        vacuum = [1 / math.sqrt(2 * k), math.sqrt(k / 2)]
        X, E = np.moveaxis(matrix.reshape(2, 2, 2) * vacuum, 1, 0)
        found.append(np.log(np.sum(k * X**2 + E**2 / k, axis=-1)) / 2)
    np.testing.assert_allclose(found, GROWTH[potential, theta_initial, g, k], atol=6e-5)


# ---- Early and late ----


def test_a_plateau_begins_late_and_its_largest_slope_is_found() -> None:
    """theta passes 0 only at tau = 3.25 from theta_i = 3, and at 9.9 from 10, after the 50 radians
    of phase of a quadratic potential."""
    first = brentq(
        lambda tau: float(alp.homogeneous(Radiation(), **rolling(FLATTENED, 3.0), tau=tau)[0]),
        2.0, 3.5,
    )  # fmt: skip
    assert first == pytest.approx(3.25, abs=5e-3)
    late = rolling(FLATTENED, 10.0)
    tau = np.linspace(0.5, 16.0, 30_000)
    theta, slope = alp.homogeneous(Radiation(), **late, tau=tau)
    begins = tau[np.argmax(theta < 0)]
    assert 1.5 * begins**2 > 50
    found = alp.largest_slope(Radiation(), **late, span=(0.5, 16.0))
    assert found == pytest.approx(np.max(np.abs(slope)), rel=1e-3)


def test_a_steep_potential_begins_early_and_is_followed_in_short_steps() -> None:
    """sqrt|V''| is 5 at theta = 2 sqrt 2. The start of the integration, and the steps of the growth
    estimate, are those of a mass five times as large."""
    steep = "theta**2/2 + theta**4/4"
    theta_initial, tau = math.sqrt(8), np.array([0.004, 0.01, 0.02])
    theta, _ = alp.homogeneous(Radiation(), **rolling(steep, theta_initial), tau=tau)
    slope = 9 * expression(steep).at(theta_initial, 1)
    left_out = 15.0**4 * theta_initial * tau**8 / 1440
    np.testing.assert_array_less(
        np.abs(theta - (theta_initial - slope * tau**4 / 20)), left_out + 1e-13
    )
    until = partial(growth.searched_until, Radiation(), theta_initial=theta_initial, span=(1, 99))
    of_the_steep = until(mass=3.0, potential=steep)
    assert of_the_steep == pytest.approx(until(mass=15.0, potential="quadratic"), rel=1e-12)

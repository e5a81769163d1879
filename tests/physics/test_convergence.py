"""The limit of a sequence: exact laws, sequences without a limit, and how often the error covers the
truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darklat.physics import convergence
from darklat.physics.convergence import LimitKind, difference, limit


def law(h: np.ndarray, *, p: float, c: float = 0.3, seeds: int = 1) -> np.ndarray:
    """1 + c h^p in every column."""
    return np.tile(1 + c * h[:, None] ** p, (1, seeds))


@pytest.mark.parametrize("p", [0.5, 1.0, 1.7, 2.0, 3.9])
@pytest.mark.parametrize("rungs", [3, 4, 6])
def test_a_power_law_gives_its_order_and_its_limit(p: float, rungs: int) -> None:
    """To 1e-9, which the search of the order leaves of a curved minimum."""
    h = np.array([1.0, 0.7, 0.45, 0.3, 0.2, 0.15])[:rungs]
    found = limit(h, law(h, p=p), order=2)
    assert found.finding is LimitKind.MEASURED
    assert found.order == pytest.approx(p, rel=1e-7)
    assert found.with_other == pytest.approx(1, abs=1e-7)
    assert found.finest == law(h, p=p)[-1, 0]
    assert abs(found.value - 1) < found.systematic + 1e-7
    if p == 2:
        assert found.value == pytest.approx(1, abs=1e-7) and found.systematic < 1e-7


def test_the_order_of_the_spacings_does_not_matter() -> None:
    h = np.array([0.5, 1.0, 0.25])
    assert limit(h, law(h, p=1.5), order=2) == limit(h[::-1], law(h[::-1], p=1.5), order=2)


def test_a_limit_between_two_orders_is_inside() -> None:
    """1 + c (h^2 - h^4/4), whose local order goes from 1.3 to the 2 of the scheme."""
    h = np.array([1.0, 1 / 1.5, 1 / 2.25])
    rising = 1 + 0.3 * (h**2 - h**4 / 4)
    found = limit(h, rising[:, None], order=2)
    low, high = sorted((found.with_other, found.with_scheme))
    assert found.finding is LimitKind.MEASURED and low < 1 < high
    assert found.value == pytest.approx((low + high) / 2)
    assert found.systematic == pytest.approx(high - low)


def test_two_spacings_lie_between_order_one_and_the_scheme() -> None:
    h = np.array([1.0, 0.5])
    for p in (1.0, 2.0):
        found = limit(h, law(h, p=p), order=2)
        assert found.finding is LimitKind.ASSUMED and math.isnan(found.order)
        ends = {round(found.with_other, 12), round(found.with_scheme, 12)}
        assert 1.0 in ends
        assert abs(found.value - 1) <= found.systematic


@pytest.mark.parametrize(
    ("values", "finding"),
    [
        ([1.0, 1.2, 1.1], LimitKind.NOT_MONOTONE),
        ([1.0, 1.1, 1.3], LimitKind.NO_ORDER),  # the steps grow
        ([1.0, 1.9, 1.9001], LimitKind.NO_ORDER),  # order 22
        ([1.0, 1.0, 1.0], LimitKind.FLAT),
    ],
)
def test_sequences_without_a_limit_give_their_spread(values: list[float], finding: str) -> None:
    h = np.array([1.0, 1 / 1.5, 1 / 2.25])
    found = limit(h, np.array(values)[:, None], order=2)
    assert found.finding is finding
    assert found.value == values[-1] and math.isnan(found.with_scheme)
    assert found.systematic == pytest.approx(max(values) - min(values))


def test_a_dependence_that_the_seeds_explain_is_none() -> None:
    """Pair by pair: noise that the rungs share hides nothing."""
    h, rng = np.array([1.0, 0.7, 0.5]), np.random.default_rng(2)
    shared = 0.1 * rng.normal(size=(1, 4))
    assert limit(h, law(h, p=2, seeds=4) + shared, order=2).finding is LimitKind.MEASURED
    own = 0.1 * rng.normal(size=(3, 4))
    assert limit(h, law(h, p=2, c=0.01, seeds=4) + own, order=2).finding is LimitKind.FLAT


def test_the_stencils_may_show_before_the_step() -> None:
    """Order 6 where the step promises 2: an order of 5.5 is one, and none of a scheme of 2 alone."""
    h = np.array([1.0, 0.7, 0.5])
    found = limit(h, law(h, p=5.5), order=2, highest=6)
    assert found.finding is LimitKind.MEASURED and found.order == pytest.approx(5.5)
    assert abs(found.value - 1) < found.systematic
    assert limit(h, law(h, p=5.5), order=2).finding is LimitKind.NO_ORDER


def test_one_spacing_has_the_error_of_its_mean() -> None:
    """The mean of two values 2 apart: scatter sqrt 2, over sqrt 2, times 1.837 of Student's t."""
    found = limit(np.array([1.0]), np.array([[3.0, 5.0]]), order=2)
    assert (found.finding, found.value) == (LimitKind.SINGLE, 4.0)
    assert found.statistical == pytest.approx(1.8373, rel=1e-4)
    assert math.isnan(found.systematic)
    assert math.isnan(limit(np.array([1.0]), np.array([[3.0]]), order=2).statistical)


def test_the_error_over_seeds_is_that_of_whole_sequences() -> None:
    """Noise that all rungs share moves the limit as it moves the values: the jackknife is then the
    error of a mean, exactly."""
    h, shared = np.array([1.0, 0.6, 0.4]), np.array([[0.03, -0.01, 0.02, 0.0]])
    found = limit(h, law(h, p=2, seeds=4) + shared, order=2)
    assert found.statistical == pytest.approx(convergence.error_of_mean(shared[0]), rel=1e-6)
    assert found.order_error == pytest.approx(0, abs=1e-6)


def test_shapes_that_do_not_fit_are_refused() -> None:
    for h, f in (([1.0, 1.0], [[1.0], [2.0]]), ([1.0], [[1.0], [2.0]]), ([1.0], [[]])):
        with pytest.raises(ValueError, match="spacings"):
            limit(np.array(h), np.array(f), order=2)


def test_a_difference_of_means_by_hand() -> None:
    """(1, 3) against (5, 5): -3, variances 1 and 0 of the means, one degree of freedom."""
    found = difference(np.array([1.0, 3.0]), np.array([5.0, 5.0]))
    assert found.value == -3 and found.error == pytest.approx(1.8373, rel=1e-4)
    assert not found.resolved and found.bound == 3
    alone = difference(np.array([1.0]), np.array([5.0, 5.0]))
    assert alone.bound == 4 and alone.resolved and math.isnan(alone.error)


@pytest.mark.parametrize(
    ("p", "rungs", "seeds", "own", "least"),
    [
        (2.0, 3, 3, 0.001, 0.62),  # 0.71 of 1000
        (2.0, 3, 3, 0.01, 0.68),  # 0.78
        (2.0, 3, 5, 0.01, 0.68),  # 0.78
        (2.0, 4, 4, 0.005, 0.66),  # 0.75
        (1.0, 3, 3, 0.001, 0.9),  # 1.00: half of the scheme's order
        (1.0, 3, 3, 0.01, 0.6),  # 0.70
        (3.0, 3, 3, 0.003, 0.8),  # 0.90
        (2.0, 2, 3, 0.01, 0.9),  # 1.00
        (1.0, 2, 3, 0.01, 0.9),  # 1.00
    ],
)
def test_the_error_covers_the_truth_as_often_as_one_sigma_says(
    p: float, rungs: int, seeds: int, own: float, least: float
) -> None:
    """1 + 0.3 h^p, noise of 0.02 that the rungs share and `own` of each; scheme of order 2. One
    sigma is 68%. 150 trials scatter by 4%; `least` is the share of 1000 trials less two of that."""
    h, rng, hits, trials = 1.5 ** -np.arange(float(rungs)), np.random.default_rng(7), 0, 150
    for _ in range(trials):
        f = law(h, p=p, seeds=seeds) + 0.02 * rng.normal(size=(1, seeds))
        found = limit(h, f + own * rng.normal(size=(rungs, seeds)), order=2)
        hits += abs(found.value - 1) < math.hypot(found.systematic, found.statistical)
    assert hits / trials > least

"""All modes at once against one mode at a time, and against their equations without approximation."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from darklat.lattice.linear_phase.propagation import ResponseOfConductor, transfer
from darklat.physics.mode_equations import evolve_mode

SPAN = (0.5, 2.5)
K = np.array([6.0, 40.0, 90.0, 150.0, 220.0])
AVERAGE = np.array([1.0, 0.95, 0.8, 0.6, 0.0])
# Measured against DOP853: up to 1e-8, of a mode that has grown by 1e40; beside a conductor 5e-8.
ACCURACY = 1e-7


def slope(tau: Any) -> Any:
    """theta' of an ALP that oscillates as one with m = 3 does, without Bessel functions."""
    return -3.5 * np.sin(1.5 * tau**2) / np.sqrt(tau)


def differs(found: np.ndarray, expected: np.ndarray, k: float) -> float:
    """Over the size of a mode, of a column of X and E."""
    weight = np.where(np.arange(len(found)) < len(found) // 2, k, 1.0)
    return float(np.linalg.norm(weight * (found - expected)) / np.linalg.norm(weight * expected))


def solved(
    rates: Callable[[float, np.ndarray], np.ndarray], start: np.ndarray, method: str = "DOP853"
) -> np.ndarray:
    result = solve_ivp(rates, SPAN, start, method=method, rtol=1e-11, atol=1e-30)
    assert result.success
    return result.y[:, -1]


@pytest.mark.parametrize("helicity", [1, -1])
def test_every_mode_is_that_of_the_mode_equation(helicity: int) -> None:
    matrices = transfer(K, AVERAGE, couplings=100.0, theta_prime=slope, tau=SPAN)
    grown = []
    for matrix, k, average in zip(matrices[0 if helicity == 1 else 1], K, AVERAGE, strict=True):
        for column, start in enumerate(((1.0, 0.0), (0.0, 1.0))):
            x, e = evolve_mode(
                k, helicity=helicity, coupling=100 * average, tau=SPAN, x0=start[0], e0=start[1],
                theta_prime=slope,
            )  # fmt: skip
            assert differs(matrix[:, column], np.array([x[-1], e[-1]]), k) < ACCURACY
        grown.append(abs(matrix[0, 0]))
    assert max(grown) > 1e12 and min(grown) < 1.5  # both kinds were there


def test_transfers_follow_each_other_and_keep_the_wronskian() -> None:
    middle = 1.7
    first = transfer(K, AVERAGE, couplings=60.0, theta_prime=slope, tau=(SPAN[0], middle))
    second = transfer(K, AVERAGE, couplings=60.0, theta_prime=slope, tau=(middle, SPAN[1]))
    whole = transfer(K, AVERAGE, couplings=60.0, theta_prime=slope, tau=SPAN)
    for helicity in range(2):
        for mode, k in enumerate(K):
            both = second[helicity, mode] @ first[helicity, mode]
            for column in range(2):
                assert differs(both[:, column], whole[helicity, mode, :, column], k) < 2 * ACCURACY
    # X E' - E X' does not change; a mode that has grown by 1e12 keeps no digit of it
    waves = np.linalg.det(whole[:, 3:])
    np.testing.assert_allclose(waves, 1, rtol=2 * ACCURACY)


def test_coupled_fields() -> None:
    g = np.array([[20.0, 8.0], [8.0, -12.0]])
    k, average = 35.0, 0.9
    matrices = transfer([k], [average], couplings=g, theta_prime=slope, tau=SPAN)
    for row, helicity in enumerate((1, -1)):
        for column in range(4):

            def rates(tau: float, y: np.ndarray, sign: int = helicity) -> np.ndarray:
                push = sign * k * average * slope(tau)
                return np.concatenate([y[2:], -(k**2) * y[:2] + push * (g @ y[:2])])

            expected = solved(rates, np.eye(4)[column])
            assert differs(matrices[row, 0, :, column], expected, k) < ACCURACY


def conductor(size: float, *, felt: bool = True) -> ResponseOfConductor:
    return ResponseOfConductor(np.array([20.0]), 15.0, lambda tau: size * tau**2, felt)


def drives(tau: float, sign: int, y: np.ndarray, felt: bool) -> tuple[float, float]:
    """Sources of E_X and of E_A at k = 30, average 0.9, from X, A = y."""
    push = sign * 30 * 0.9 * slope(tau)
    return (
        -900 * y[0] + push * (70 * y[0] + felt * 20 * y[1]),
        -900 * y[1] + push * (20 * y[0] + 15 * y[1]),
    )


@pytest.mark.parametrize("felt", [True, False])
def test_a_good_conductor_follows_its_sources(felt: bool) -> None:
    size = 1e11
    matrices = transfer(
        [30.0], [0.9], couplings=70.0, theta_prime=slope, tau=SPAN,
        conductor=conductor(size, felt=felt),
    )  # fmt: skip
    for row, helicity in enumerate((1, -1)):
        for column in range(3):

            def rates(tau: float, y: np.ndarray, sign: int = helicity) -> np.ndarray:
                of_X, of_A = drives(tau, sign, y, felt)
                return np.array([y[2], of_A / (size * tau**2), of_X])

            expected = solved(rates, np.eye(3)[column])
            found = matrices[row, 0, :, column]
            E_A = drives(SPAN[1], helicity, expected, felt)[1] / (size * SPAN[1] ** 2)
            if np.any(expected[[0, 2]]):
                assert differs(found[[0, 2]], expected[[0, 2]], 30.0) < ACCURACY
            assert found[1] == pytest.approx(expected[1], rel=2 * ACCURACY)
            assert found[3] == pytest.approx(E_A, rel=2 * ACCURACY)
    assert not np.any(matrices[..., 3])  # of the start's E_A nothing is left


def test_what_is_neglected_falls_with_the_conductivity_and_is_below_its_bound() -> None:
    span = (0.5, 1.3)
    missing, times = [], np.linspace(*span, 999)
    for size in (1e6, 1e7):
        medium = conductor(size)
        matrices = transfer(
            [30.0], [0.9], couplings=70.0, theta_prime=slope, tau=span, conductor=medium
        )

        def rates(tau: float, y: np.ndarray, size: float = size) -> np.ndarray:
            of_X, of_A = drives(tau, 1, y, True)
            return np.array([y[2], y[3], of_X, of_A - size * tau**2 * y[3]])

        result = solve_ivp(rates, span, [1.0, 0.0, 0.0, 0.0], method="Radau", rtol=1e-8, atol=1e-12)
        found, expected = matrices[0, 0, :, 0], result.y[:, -1]
        missing.append(differs(found[[0, 2]], expected[[0, 2]], 30.0))
        bound = medium.neglected(30.0, coupling=70.0, times=times, theta_prime=slope(times))
        assert missing[-1] < bound
        assert found[1] == pytest.approx(expected[1], rel=bound)
    assert missing[0] / missing[1] == pytest.approx(10, rel=0.1)


def test_the_bound_needs_a_conductivity() -> None:
    times = np.linspace(*SPAN, 10)
    bound = [
        conductor(size).neglected(50.0, coupling=100.0, times=times, theta_prime=slope(times))
        for size in (1e10, 1e12, 0.0)
    ]
    assert bound[0] == pytest.approx(100 * bound[1], rel=1e-12)
    assert math.isinf(bound[2])


def test_arguments_are_checked() -> None:
    good = {"couplings": 1.0, "theta_prime": slope, "tau": SPAN}
    for k, average, wrong in (
        ([1.0, 2.0], [1.0], {}),
        ([0.0], [1.0], {}),
        ([1.0], [1.0], {"couplings": [1.0, 2.0]}),
        ([1.0], [1.0], {"tau": (2.0, 2.0)}),
    ):
        with pytest.raises(ValueError, match="must"):
            transfer(k, average, **(good | wrong))


THREADS = """
import sys
import numpy as np
from darklat.kernels.host import linear_modes as kernels
from darklat.lattice.linear_phase.propagation import transfer
k = np.linspace(1, 50, 99)
matrices = transfer(k, k / 50, couplings=np.eye(2), theta_prime=np.sin, tau=(0.5, 0.6))
n, random = 6, np.random.default_rng(1)
modes = random.normal(size=(4, 3, n, n, n // 2 + 1)) + 0j
place = random.integers(-1, len(k), size=modes.shape[2:], dtype=np.int32)
half = np.pi * np.fft.fftfreq(n)
kernels.transform(modes, matrices, place, sine=np.sin(half), cosine=np.cos(half), half_khat=np.sin(half))
sys.stdout.buffer.write(matrices.tobytes() + modes.tobytes())
"""


def test_the_number_of_threads_changes_nothing() -> None:
    outputs = [
        subprocess.run(
            [sys.executable, "-c", THREADS], capture_output=True, check=True,
            env=os.environ | {"OMP_NUM_THREADS": threads},
        ).stdout
        for threads in ("1", "3")
    ]  # fmt: skip
    assert outputs[0] == outputs[1] and len(outputs[0]) > 2 * 99 * 16 * 8

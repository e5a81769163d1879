"""Sums over modes (modes.cu) against transforms and polarisation vectors written out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import oracle

DX = 0.1
SEGMENT = 7  # modes: short, so that bins have several segments


@dataclass(frozen=True)
class Tables:
    """Modes of the half space sorted by bin and cut into segments.

    The last bin holds the modes at Nyquist on any axis, where helicity is a matter of convention:
    k_i = pi/dx and -pi/dx are one mode, and going from one to the other is a reflection.
    """

    order: np.ndarray
    first: np.ndarray
    segment_bin: np.ndarray
    bins: np.ndarray  # of the full space [n, n, n]; 0 is k = 0
    khat: np.ndarray
    angle: np.ndarray

    @property
    def nyquist(self) -> int:
        return int(self.bins.max())


def tables(n: int) -> Tables:
    numbers = oracle.mode_numbers(n)
    m = np.stack(np.meshgrid(numbers, numbers, numbers, indexing="ij"))
    bins = np.rint(np.sqrt(np.sum(m**2, axis=0))).astype(int)
    bins[np.any(2 * np.abs(m) == n, axis=0)] = bins.max() + 1
    half = bins[:, :, : n // 2 + 1].ravel()
    order, first, segment_bin = [], [0], []
    for bin_ in range(1, bins.max() + 1):
        members = np.flatnonzero(half == bin_)
        for start in range(0, len(members), SEGMENT):
            part = members[start : start + SEGMENT]
            order.extend(part)
            first.append(len(order))
            segment_bin.append(bin_)
    return Tables(
        order=np.array(order, np.int32),
        first=np.array(first, np.int64),
        segment_bin=np.array(segment_bin),
        bins=bins,
        khat=2 / DX * np.sin(np.pi * numbers / n),
        angle=np.pi * numbers / n,
    )


def sums(b: Any, kernel: str, columns: int, **fields: Any) -> np.ndarray:
    """Sums per bin (row 0, k = 0, stays empty), normalised to add up to the mean square."""
    n = b.layout.n
    t = tables(n)
    segments = len(t.segment_bin)
    arrays = {"order": t.order, "first": t.first, "khat": t.khat}
    if kernel == "vector_modes":
        arrays |= {"cosine": np.cos(t.angle), "sine": np.sin(t.angle)}
    out = b.array(np.full((segments, columns), np.nan))
    on_device = {name: b.array(values) for name, values in arrays.items()}
    all_k_z = {"k_z_first": 0, "k_z_count": n // 2 + 1}
    b.launch(kernel, segments=segments, **all_k_z, **on_device, **fields, out=out)
    result = np.zeros((t.nyquist + 1, columns))
    np.add.at(result, t.segment_bin, b.to_host(out))
    return result / float(n) ** 6


def scalar_sums(b: Any, f: np.ndarray) -> np.ndarray:
    """|f_k|^2 and khat^2 |f_k|^2 per bin."""
    return sums(b, "scalar_modes", 2, f=b.rfftn(b.array(f)))


def vector_sums(b: Any, V: np.ndarray) -> np.ndarray:
    """Plus, minus, longitudinal, and khat^2 times the first two, per bin."""
    modes = {name: b.rfftn(b.array(V[i])) for i, name in enumerate(("vx", "vy", "vz"))}
    return sums(b, "vector_modes", 5, **modes)


def per_bin(power: np.ndarray) -> np.ndarray:
    bins = tables(len(power)).bins
    return np.array([power[bins == bin_].sum() for bin_ in range(bins.max() + 1)])


@pytest.mark.parametrize("n", [8, 10])
def test_scalar_modes_by_brute_force(backend: Any, n: int) -> None:
    f = np.random.default_rng(n).normal(size=(n, n, n))
    power = np.abs(oracle.transform(f)) ** 2
    khat_squared = np.sum(oracle.lattice_momentum(n, DX) ** 2, axis=0)
    power[0, 0, 0] = 0
    measured = scalar_sums(backend(n=n), f)
    # sums of squares of transforms that are good to 1e-15
    np.testing.assert_allclose(measured[:, 0], per_bin(power), rtol=1e-12)
    np.testing.assert_allclose(measured[:, 1], per_bin(power * khat_squared), rtol=1e-12)


@pytest.mark.parametrize("n", [8, 10])
def test_vector_modes_by_brute_force(backend: Any, n: int) -> None:
    V = np.random.default_rng(n).normal(size=(3, n, n, n))
    exact = oracle.helicity_spectrum(V, DX)
    khat_squared = np.sum(oracle.lattice_momentum(n, DX) ** 2, axis=0)
    measured = vector_sums(backend(n=n), V)
    helicities = np.array(
        [exact.plus, exact.minus, khat_squared * exact.plus, khat_squared * exact.minus]
    )
    expected = np.array([per_bin(power) for power in helicities])
    np.testing.assert_allclose(measured[:-1, [0, 1, 3, 4]], expected[:, :-1].T, rtol=1e-12)
    np.testing.assert_allclose(measured[:, 2], per_bin(exact.longitudinal), rtol=1e-12)
    at_nyquist = measured[-1]
    transverse = expected[:, -1]
    assert at_nyquist[0] + at_nyquist[1] == pytest.approx(transverse[0] + transverse[1], rel=1e-12)
    assert at_nyquist[3] + at_nyquist[4] == pytest.approx(transverse[2] + transverse[3], rel=1e-12)


@pytest.mark.parametrize("helicity", [+1, -1])
@pytest.mark.parametrize(
    "mode", [(1, 0, 0), (0, 2, 0), (0, 0, 1), (0, 0, -3), (1, 2, -3), (-4, 3, 2), (3, 3, 0)]
)
def test_a_helical_wave_lands_in_one_helicity_and_one_bin(
    backend: Any, mode: tuple[int, int, int], helicity: int
) -> None:
    n = 10
    V = oracle.plane_wave(n, DX, mode, helicity)
    measured = vector_sums(backend(n=n), V)
    khat_squared = np.sum((2 / DX * np.sin(np.pi * np.array(mode) / n)) ** 2)
    expected = np.zeros_like(measured)
    column = 0 if helicity > 0 else 1
    bin_ = int(np.rint(np.linalg.norm(mode)))
    expected[bin_, column] = 1
    expected[bin_, 3 + column] = khat_squared
    # amplitudes are good to 1e-15 and leak as squares; khat^2 / (4/dx^2) is at most 3
    np.testing.assert_allclose(measured[:, :3], expected[:, :3], atol=1e-13)
    np.testing.assert_allclose(measured[:, 3:], expected[:, 3:], atol=1e-13 * 12 / DX**2)


def test_plus_is_the_helicity_that_a_growing_theta_drives(backend: Any) -> None:
    """E' = -curl B + g theta' B: uniform theta' > 0 drives what has curl X = +k X, called plus."""
    n, mode, velocity = 10, (0, 0, 2), 100.0
    lattice = oracle.Lattice(dx=DX, g=np.ones((1, 1)), mass=0.0)
    X = oracle.plane_wave(n, DX, mode, +1)[None] + oracle.plane_wave(n, DX, mode, -1)[None]
    site = np.zeros((n, n, n))
    rate = lattice.rates(oracle.State(site, site + velocity, X, 0 * X), 1.0)
    force = rate.D + lattice.mixed(lattice.W(rate.theta, X))  # E' = D' + g W(theta', X)
    kick = vector_sums(backend(n=n), (X + 1e-3 * force)[0])
    k = 2 * np.pi * 2 / n / DX
    khat = 2 / DX * np.sin(np.pi * 2 / n)
    coupling = (
        velocity * np.sin(k * DX) / DX
    )  # g theta' k_eff: B4 and the link average take the cosine
    for column, sign in ((0, +1), (1, -1)):
        expected = (1 + 1e-3 * (-(khat**2) + sign * coupling)) ** 2
        assert kick[2, column] == pytest.approx(expected, rel=1e-12)
    assert kick[2, 0] > kick[2, 1]


@pytest.mark.parametrize("n", [8, 10, 34])
def test_parseval(backend: Any, n: int) -> None:
    rng = np.random.default_rng(n)
    b = backend(n=n)
    f, V = 0.3 + rng.normal(size=(n, n, n)), 0.2 + rng.normal(size=(3, n, n, n))
    assert scalar_sums(b, f)[:, 0].sum() + f.mean() ** 2 == pytest.approx(np.mean(f**2), rel=1e-12)
    zero = np.sum(V.mean(axis=(1, 2, 3)) ** 2)
    total = np.mean(np.sum(V**2, axis=0))
    assert vector_sums(b, V)[:, :3].sum() + zero == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize("n", [8, 10])
def test_khat_squared_sums_are_the_power_of_gradient_and_curl(backend: Any, n: int) -> None:
    rng = np.random.default_rng(n)
    b = backend(n=n)
    f, V = rng.normal(size=(n, n, n)), rng.normal(size=(3, n, n, n))
    lattice = oracle.Lattice(dx=DX, g=np.ones((1, 1)), mass=0.0)
    gradient = np.mean(lattice.gradient_squared(f))
    assert scalar_sums(b, f)[:, 1].sum() == pytest.approx(gradient, rel=1e-12)
    curl = np.mean(np.sum(lattice.curl(V) ** 2, axis=0))
    assert vector_sums(b, V)[:, 3:].sum() == pytest.approx(curl, rel=1e-12)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_nyquist_counts_once_and_the_interior_twice(backend: Any, axis: int) -> None:
    n = 10
    b = backend(n=n)
    x = np.meshgrid(*3 * [np.arange(n)], indexing="ij")[axis]
    for f, bin_ in (((-1.0) ** x, -1), (np.sqrt(2) * np.cos(2 * np.pi * x / n), 1)):
        expected = np.zeros(tables(n).nyquist + 1)
        expected[bin_] = 1
        np.testing.assert_allclose(scalar_sums(b, f)[:, 0], expected, atol=1e-13)
        V = np.zeros((3, n, n, n))
        V[(axis + 1) % 3] = f
        measured = vector_sums(b, V)
        np.testing.assert_allclose(measured[:, 0] + measured[:, 1], expected, atol=1e-13)
        np.testing.assert_allclose(measured[:, 2], 0, atol=1e-13)


@pytest.mark.parametrize("n", [8, 10])
def test_gradients_are_longitudinal_and_curls_transverse(backend: Any, n: int) -> None:
    rng = np.random.default_rng(n)
    b = backend(n=n)
    lattice = oracle.Lattice(dx=DX, g=np.ones((1, 1)), mass=0.0)
    gradient = lattice.gradient(rng.normal(size=(n, n, n)))
    curl = lattice.curl_back(rng.normal(size=(3, n, n, n)))
    for V, inside, outside in ((gradient, [2], [0, 1]), (curl, [0, 1], [2])):
        measured = vector_sums(b, V)
        total = np.mean(np.sum(V**2, axis=0))
        assert measured[:, inside].sum() == pytest.approx(total, rel=1e-12)
        assert np.all(
            measured[:, outside] < 1e-25 * total
        )  # amplitudes of 1e-15, squared, many modes

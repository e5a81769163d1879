"""The vacuum state and its random numbers."""

from __future__ import annotations

import numpy as np
import pytest

from darklat.lattice.start.random_modes import complex_normals, philox
from darklat.lattice.start.vacuum import vacuum_fields
from models import simulation


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        # Known answers of the Random123 library for philox4x32-10.
        (
            "00000000 00000000 00000000 00000000",
            "00000000 00000000",
            "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
        ),
        (
            "ffffffff ffffffff ffffffff ffffffff",
            "ffffffff ffffffff",
            "408f276d 41c83b0e a20bc7c6 6d5451fd",
        ),
        (
            "243f6a88 85a308d3 13198a2e 03707344",
            "a4093822 299f31d0",
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_philox_known_answers(counter, key, expected):
    words = [np.array([int(w, 16)], dtype=np.uint64) for w in counter.split()]
    result = philox(words, tuple(int(w, 16) for w in key.split()))
    assert [f"{int(w[0]):08x}" for w in result] == expected.split()


def test_complex_normals_have_unit_variance_and_no_correlations():
    m = np.arange(1, 60001)
    z = complex_normals(m % 300, m // 300, 0 * m, seed=5, stream=1, count=6)
    count = m.size
    assert np.abs(np.mean(np.abs(z) ** 2, axis=1) - 1).max() < 5 / np.sqrt(count)
    cross = z @ np.conj(z).T / count - np.eye(6)
    assert np.abs(cross - np.diag(np.diag(cross))).max() < 5 / np.sqrt(count)
    assert np.abs(np.mean(z * z, axis=1)).max() < 5 * np.sqrt(2 / count)


@pytest.mark.parametrize("order", [2, 4, 6])
def test_vacuum_is_real_transverse_and_has_the_vacuum_s_power(order):
    n, box = 32, 1.0
    sim = simulation(f"lattice.sites={n}", f"lattice.box={box}", f"lattice.order={order}")
    sim.start()
    assert sim.series["gauss/X"][0] < 1e-15  # rounding: 2.2e-16 times a few
    spectra = sim.modes.measure(sim.lattice.sectors, 0.5).spectra
    bins = sim.modes.bins
    amplitude = 3.2888e-43  # 1/(f tau_osc), checked in test_physics_units
    # Per helicity <|B_k|^2> = amplitude^2 khat/2: summed over the modes of a bin, in a volume
    # box^3. A bin of M modes holds M/2 independent complex numbers; bins below n/2 have no
    # Nyquist mode.
    for name in ("B_X_plus", "B_X_minus", "E_X_plus", "E_X_minus"):
        expected = amplitude**2 * bins.modes * bins.khat / (2 * box**3)
        ratio = spectra[name].power * bins.dlnk / expected
        sigma = np.sqrt(2 / bins.modes)
        inside = slice(2, n // 2 - 1)
        # khat varies inside a bin
        assert np.all(np.abs(ratio[inside] - 1) < 5 * sigma[inside] + 0.015)
    assert spectra["E_X_long"].power.max() < 1e-28 * spectra["E_X_plus"].power.max()


def test_a_seed_means_the_same_waves_on_a_finer_lattice():
    coarse, _ = vacuum_fields(12, 1.0, seed=3, letter="X", amplitude=1.0)
    fine, _ = vacuum_fields(24, 1.0, seed=3, letter="X", amplitude=1.0)
    for number in (1, 2, 4):  # waves along z: transverse means x and y on every lattice
        for component in (0, 1):
            pair = []
            for n, field in ((12, coarse), (24, fine)):
                khat = 2 * n * np.sin(np.pi * number / n)
                pair.append(np.fft.rfftn(field[component])[0, 0, number] / n**3 * np.sqrt(khat))
            assert pair[0] == pytest.approx(pair[1], rel=1e-12)


def test_fields_and_seeds_are_independent():
    a, _ = vacuum_fields(12, 1.0, seed=3, letter="X", amplitude=1.0)
    b, _ = vacuum_fields(12, 1.0, seed=3, letter="Y", amplitude=1.0)
    c, _ = vacuum_fields(12, 1.0, seed=4, letter="X", amplitude=1.0)
    for other in (b, c):
        correlation = np.sum(a * other) / np.sqrt(np.sum(a * a) * np.sum(other * other))
        # long waves weigh more: fewer effective modes
        assert abs(correlation) < 5 / np.sqrt(2 * 12**3 / 3)

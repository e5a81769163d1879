"""Bins, peak, integral scale and vacuum power against cases with known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darklat.physics import spectra


def test_bins_are_one_fundamental_wide_and_centred() -> None:
    edges = spectra.bin_edges(5, 2.0)
    np.testing.assert_array_equal(edges, [1.0, 3.0, 5.0, 7.0, 9.0, 11.0])
    np.testing.assert_array_equal((edges[1:] + edges[:-1]) / 2, 2.0 * np.arange(1, 6))
    widths = spectra.dlnk(edges)
    assert widths.shape == (5,)
    assert widths.sum() == pytest.approx(math.log(11), rel=1e-15)


def test_peak_of_a_parabola_in_ln_k_is_exact() -> None:
    k = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    for true_peak in (2.3, 3.0, 3.4):
        power = 5.0 - np.log(k / true_peak) ** 2
        # Differences of powers of order 5 leave some 1e-15/0.1 of rounding.
        assert spectra.peak(k, power) == pytest.approx(true_peak, rel=1e-13)


def test_peak_at_an_edge_and_without_curvature() -> None:
    k = np.array([1.0, 2.0, 3.0])
    assert spectra.peak(k, np.array([3.0, 2.0, 1.0])) == 1.0
    assert spectra.peak(k, np.array([1.0, 2.0, 3.0])) == 3.0
    assert spectra.peak(k, np.array([0.0, 1e-90, 0.0])) == pytest.approx(2.0, rel=0.2)
    assert spectra.peak(k, np.array([1.0, 1.0, 1.0])) == 1.0
    with pytest.raises(ValueError, match="no positive power"):
        spectra.peak(k, np.zeros(3))


def test_integral_scale() -> None:
    k, widths = np.array([2.0, 4.0, 8.0]), np.array([0.5, 0.3, 0.2])
    one_mode = spectra.integral_scale_k(k, np.array([0.0, 7.0, 0.0]), widths)
    assert one_mode == pytest.approx(2 * math.pi / 4, rel=1e-15)
    two_equal = spectra.integral_scale_k(k, np.array([1 / 0.5, 0.0, 1 / 0.2]), widths)
    assert two_equal == pytest.approx(2 * math.pi * (1 / 2 + 1 / 8) / 2, rel=1e-15)
    with pytest.raises(ValueError, match="no power"):
        spectra.integral_scale_k(k, np.zeros(3), widths)


def test_vacuum_power_from_the_mode_function() -> None:
    # Power per ln k is k^3/(2 pi^2) |B_k|^2 with |B_k|^2 = k^2 amplitude^2/(2k).
    k = np.array([1.0, 30.0, 700.0])
    expected = k**3 / (2 * math.pi**2) * k**2 * 3e-43**2 / (2 * k)
    np.testing.assert_allclose(spectra.vacuum_power_B(k, amplitude=3e-43), expected, rtol=1e-14)

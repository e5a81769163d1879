"""The local formula against direct integration of the mixing equations, and against the paper's.

The long comparison: pytest -m slow tests/physics/test_line_of_sight.py (6800 lines of sight).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from darklat.physics import conversion
from darklat.physics.conversion import (
    Monochromatic,
    TwoSlope,
    intervals,
    line_of_sight,
    run_spectrum,
)

MASS = 3e-14  # resonance at z = 24.16 with electrons n_H
PEAKED = Monochromatic(1e-10, 100.0)


@dataclass(frozen=True)
class Path:
    """A stretch around the resonance at z = 24.160, where |D| < k for 6e-3 at 100 MHz."""

    z_start: float
    z_end: float
    frequency_hz: float
    coupling_per_gev: float
    steps: int
    excess: float
    """Of the interval form over the exact one, to 0.01."""


REGIMES = {
    # 1.9 radians of k l in the window: the field is one value there. The path ends at |D| = 30 k,
    # for its sudden ends interfere with the resonance; from 10 k they would add 5% either way.
    "narrow": Path(24.16464, 24.15564, 5e6, 5e-13, 1200, 0.125),
    # |D|/k from .07 to .02: no resonance, and half of all directions take part
    "stochastic": Path(24.180, 24.166, 1e10, 5e-13, 450, 0.49),
    # begins inside the window, crosses the resonance, and leaves it
    "partial": Path(24.163, 24.140, 3e8, 5e-13, 800, 0.19),
    # the whole window with P = 1.2 to first order
    "strong": Path(24.187, 24.133, 6e8, 1.3e-9, 1800, 0.125),
}


def compared(path: Path, *, lines: int, seed: int = 1) -> line_of_sight.Comparison:
    return line_of_sight.compare(
        z_start=path.z_start, z_end=path.z_end, frequency_hz=path.frequency_hz, mass_ev=MASS,
        coupling_per_gev=path.coupling_per_gev, spectrum=PEAKED, lines=lines, waves=300,
        steps=path.steps, seed=seed,
    )  # fmt: skip


@pytest.mark.parametrize("regime", REGIMES)
def test_four_regimes(regime: str) -> None:
    found = compared(REGIMES[regime], lines=400)
    # P of one line has a spread of .7 to 1 of its mean, .4 where it is strong
    assert found.error < 0.06 * found.expected
    assert abs(found.deviation) < 2.5
    assert found.norm_error < 1e-10


@pytest.mark.slow
@pytest.mark.parametrize("regime", REGIMES)
def test_four_regimes_closely(regime: str) -> None:
    found = compared(REGIMES[regime], lines=6800, seed=2)
    print(f"{regime}: {found.probability / found.expected - 1:+.4f}, "
          f"error {found.error / found.expected:.4f}")  # fmt: skip
    assert found.error < 0.0145 * found.expected
    assert abs(found.deviation) < 2.5


@pytest.mark.parametrize("regime", REGIMES)
def test_the_interval_form_is_high_by_its_angular_factor(regime: str) -> None:
    path = REGIMES[regime]
    case = {
        "frequency_hz": path.frequency_hz, "mass_ev": MASS, "spectrum": PEAKED,
        "coupling_per_gev": path.coupling_per_gev,
    }  # fmt: skip
    printed = intervals.interval_probability(
        z_start=path.z_start, z_end=path.z_end, width=1e-6, **case
    )
    ours = {}
    for angular in ("exact", "three_halves"):
        late, early = (
            float(conversion.total.weak_probability(z_end=z, angular=angular, **case))
            for z in (path.z_end, path.z_start)
        )
        ours[angular] = late - early
    # Fine intervals: nothing but 3/2 for 1 + mu^2 is left, 9/8 to 3/2 of the exact form
    assert printed == pytest.approx(ours["three_halves"], rel=1e-3)
    assert printed / ours["exact"] - 1 == pytest.approx(path.excess, abs=0.01)


def test_wide_intervals_miss_the_slope_at_a_resonance() -> None:
    case = {"mass_ev": MASS, "spectrum": PEAKED, "coupling_per_gev": 5e-13}
    exact = float(conversion.probability(1e9, angular="three_halves", **case))
    fine, paper = (
        intervals.interval_probability(1e9, width=width, **case) / exact for width in (1e-3, 0.1)
    )
    assert fine == pytest.approx(1, abs=1e-3)
    assert 0.95 < paper < 0.98  # the slope of the middle of an interval, 5% away in z


def test_random_fields_are_isotropic_with_the_given_spectrum() -> None:
    spectrum = TwoSlope(2e-10, 10.0, 1.0, 50.0)
    position = np.linspace(0, 3, 151)
    lines, batches = 200, 15
    random = np.random.default_rng(3)
    fields = [
        line_of_sight.random_field(random, position, spectrum, lines=lines, waves=400)
        for _ in range(batches)
    ]
    B_x, B_y = (np.concatenate([field[i] for field in fields]) for i in (0, 1))
    third = spectrum.mean_square_gauss2 / 3
    # 3000 lines of some 10 independent stretches each: 1%
    assert np.mean(B_x**2) == pytest.approx(third, rel=0.03)
    assert np.mean(B_y**2) == pytest.approx(third, rel=0.03)
    assert abs(np.mean(B_x * B_y)) < 0.02 * third
    assert np.mean(B_x**4) / np.mean(B_x**2) ** 2 == pytest.approx(3, abs=0.15)  # Gaussian
    # <B_x(0) B_x(l)> = (1/2) integral dln k Pi (1/2) integral dmu (1 + mu^2)/2 cos(k mu l)
    k, weight = spectrum.nodes()
    variance = weight * k / math.pi**2
    x, w = np.polynomial.legendre.leggauss(200)
    for i in (5, 15):
        expected = np.sum(
            variance[:, None] * w * (1 + x**2) / 8 * np.cos(np.outer(k, x) * position[i])
        )
        measured = np.mean(B_x[:, :-i] * B_x[:, i:])
        assert measured == pytest.approx(expected, abs=0.03 * third)


def test_evolution_in_a_constant_field() -> None:
    # Two states: P = (c^2/Omega^2) sin^2(Omega l), Omega^2 = c^2 + D^2/4; the field's direction is free
    D, c, length = 1.7, 0.8, 3.0
    for angle in (0.0, 1.1):
        along = np.full((1, 64), c)
        state = line_of_sight.evolve(
            np.full(64, D), along * math.cos(angle), along * math.sin(angle), step=length / 64
        )
        rate = math.hypot(c, D / 2)
        expected = (c / rate * math.sin(rate * length)) ** 2
        assert np.sum(np.abs(state[:2]) ** 2) == pytest.approx(expected, rel=1e-12)
        assert np.sum(np.abs(state) ** 2) == pytest.approx(1, abs=1e-13)


def test_bad_paths() -> None:
    with pytest.raises(ValueError, match=r"runs to lower redshift, not from 24\.15"):
        compared(Path(24.15, 24.16, 1e9, 5e-13, 10, 0), lines=10)
    with pytest.raises(ValueError, match="two lines of sight or more, not 1"):
        compared(REGIMES["stochastic"], lines=1)
    for bad in ({"width": 0.0}, {"z_end": 0.0}, {"z_start": 1101.0}):
        with pytest.raises(ValueError, match="intervals need 0 < width < 1"):
            intervals.interval_probability(
                1e9, mass_ev=MASS, coupling_per_gev=5e-13, spectrum=PEAKED, **bad
            )


RUN = {"mass_eV": 1e-17, "f_GeV": 1e16, "oscillation_condition": 3.0}


def test_the_spectrum_of_a_run_today() -> None:
    from darklat.physics import run_relics
    from darklat.physics.spectra import bin_edges, dlnk

    edges = bin_edges(8, 2.0)
    k, width = 2.0 * np.arange(1, 9), dlnk(edges)
    power = 1e-3 * k**2 * np.exp(-k / 4)
    spectrum = run_spectrum.of_run(k, power, **RUN)
    np.testing.assert_allclose(
        spectrum.power_per_lnk_gauss2 / power, spectrum.power_per_lnk_gauss2[0] / power[0]
    )
    # B_today of the run's relics comes from <B^2> = sum of P dln k, as a density <B^2>/2
    mean_square = float(np.sum(power * width))
    today = run_relics.today(
        **RUN, rho_phi_a3=None, rho_X_a4=None, k_peak=4.0, integral_scale=None,
        rho_A_a4=mean_square / 2,
    )  # fmt: skip
    assert today.B_today_gauss is not None and today.coherence_length_kpc is not None
    squares = float(np.sum(spectrum.power_per_lnk_gauss2 * width))
    assert math.sqrt(squares) == pytest.approx(today.B_today_gauss, rel=1e-12)
    assert 2 * math.pi / spectrum.k_per_mpc[1] == pytest.approx(today.coherence_length_kpc / 1e3)
    mixed = run_spectrum.of_run(k, power, mixing=-1e-3, **RUN)
    np.testing.assert_allclose(mixed.power_per_lnk_gauss2, 1e-6 * spectrum.power_per_lnk_gauss2)
    P = conversion.probability(1e9, mass_ev=MASS, coupling_per_gev=5e-13, spectrum=spectrum)
    assert P > 0


def test_bad_spectra_of_a_run() -> None:
    k, power = np.array([1.0, 2.0]), np.array([1.0, 1.0])
    with pytest.raises(ValueError, match="f_GeV must be positive and finite, not 0"):
        run_spectrum.of_run(k, power, **{**RUN, "f_GeV": 0.0})
    with pytest.raises(ValueError, match="the mixing must be finite and not zero"):
        run_spectrum.of_run(k, power, mixing=0.0, **RUN)
    with pytest.raises(ValueError, match="power must be finite and not negative"):
        run_spectrum.of_run(k, -power, **RUN)

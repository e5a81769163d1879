"""Conversion of ALPs to photons: numbers of an independent program, limits, spectra, bad input."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from scipy.integrate import quad

from darklat.physics import conversion
from darklat.physics.conversion import Monochromatic, ScaleInvariant, Tabulated, TwoSlope
from darklat.physics.conversion.spectra import Angular, Spectrum
from darklat.physics.radio import brightness
from darklat.physics.units import BOLTZMANN_EV_PER_K, HBAR_EV_S

BENCHMARK = {"mass_ev": 3e-14, "coupling_per_gev": 5e-13}
PEAKED = Monochromatic(1e-10, 100.0)
ANGULAR: tuple[Angular, ...] = ("exact", "three_halves")
SPECTRA: dict[str, Spectrum] = {
    "monochromatic": PEAKED,
    "scale invariant": ScaleInvariant(1e-10, 1.0, 100.0),
    "two slopes": TwoSlope(1e-10, 20.0, 0.1, 1000.0),
    "tabulated": Tabulated(
        np.array([1.0, 3, 10, 40, 100]), 1e-20 * np.array([0.1, 2, 1, 0.3, 0.01])
    ),
}


def test_resonances_of_the_reference() -> None:
    found = conversion.resonances(3e-14, electrons="n_b")
    np.testing.assert_allclose(found, [0.3074, 9.1475, 21.9891], atol=5e-5)
    physical = conversion.resonances(3e-14)
    assert len(physical) == 3 and physical[2] > found[2]  # fewer electrons: earlier
    assert conversion.resonances(3e-13)[-1] == pytest.approx(106.57, abs=0.01)  # "z = 100" there
    assert conversion.resonances(1e-16).size == 0
    low, high = conversion.mass_range_ev()
    for mass in (low, high):
        assert conversion.resonances(mass * 1.0001).size + conversion.resonances(
            mass / 1.0001
        ).size in (1, 2, 3)


def test_reference_numbers() -> None:
    f = np.array([78e6, 3.2e9, 10e9])
    paper = conversion.probability(
        f, spectrum=PEAKED, electrons="n_b", angular="three_halves", **BENCHMARK
    )
    assert paper[2] == pytest.approx(2.40355e-6, abs=5e-12)
    exact = conversion.probability(10e9, spectrum=PEAKED, electrons="n_b", **BENCHMARK)
    assert float(exact) == pytest.approx(2.13653e-6, abs=5e-12)
    # T_b has h^-3 and k_B^3; with the six digits 4.13567e-15 eV s and 8.61733e-5 eV/K it is theirs
    h, k_B = 2 * math.pi * HBAR_EV_S, BOLTZMANN_EV_PER_K
    six_digits = (h / 4.13567e-15) ** 3 * (8.61733e-5 / k_B) ** 3
    kelvin = brightness.brightness_kelvin(f, paper)
    assert [f"{T:.5e}" for T in six_digits * kelvin] == [
        "7.67773e+00",
        "4.56169e-03",
        "4.67154e-04",
    ]
    np.testing.assert_allclose(six_digits, 1, rtol=3e-6)
    length = conversion.oscillation_length_mpc(
        20.0, frequency_hz=10e9, mass_ev=3e-14, electrons="n_b"
    )
    assert float(length) == pytest.approx(2.1113e-3, abs=5e-8)


def test_the_two_conventions_of_the_electrons_differ_by_a_third() -> None:
    printed, physical = (
        float(conversion.probability(10e9, spectrum=PEAKED, electrons=kind, **BENCHMARK))
        for kind in ("n_b", "n_H")
    )
    assert physical / printed == pytest.approx(1.35, abs=0.06)


@pytest.mark.parametrize("name", SPECTRA)
def test_integrals_of_spectra(name: str) -> None:
    spectrum = SPECTRA[name]
    k, weight = spectrum.nodes()
    # Gauss-Legendre over power laws: the nodes' sum is the closed form
    total = float(spectrum.integral_beyond(0.0, angular="three_halves"))
    assert np.sum(weight) == pytest.approx(total, rel=1e-6)
    assert np.sum(weight * k) / math.pi**2 == pytest.approx(spectrum.mean_square_gauss2, rel=1e-6)
    for angular in ANGULAR:
        first = spectrum.integral_beyond(np.array([0.0, 0.5, 5.0, -5.0, 2000.0]), angular=angular)
        assert first[2] == first[3] and first[4] == 0
        if angular == "three_halves":
            assert np.all(np.diff(first[:3]) <= 0)


@pytest.mark.parametrize("name", ["scale invariant", "two slopes", "tabulated"])
def test_integrals_in_closed_form(name: str) -> None:
    spectrum = SPECTRA[name]
    low, high, power, slope = spectrum.pieces()  # type: ignore[union-attr]

    def Pi(k: float) -> float:
        i = min(np.searchsorted(high, k), len(high) - 1)
        return power[i] * (k / low[i]) ** slope[i]

    for D in (0.3, 7.0):
        for angular in ANGULAR:
            expected = 0.0
            for a, b in zip(low, high, strict=True):
                if b > D:
                    factor = (
                        (lambda k, D=D: 2 / 3 * (1 + D**2 / k**2))
                        if angular == "exact"
                        else (lambda k: 1.0)
                    )
                    expected += quad(
                        lambda k, h=factor: math.pi**2 * Pi(k) / k**2 * h(k), max(a, D), b,
                        epsabs=0, epsrel=1e-11,
                    )[0]  # fmt: skip
            ours = float(spectrum.integral_beyond(D, angular=angular))
            assert ours == pytest.approx(expected, rel=1e-8)


def test_definitions_of_the_spectra() -> None:
    assert PEAKED.mean_square_gauss2 == pytest.approx(1e-20, rel=1e-15)
    flat = ScaleInvariant(1e-10, 1.0, 100.0)
    assert flat.mean_square_gauss2 == pytest.approx(1e-20 * math.log(100), rel=1e-14)
    assert TwoSlope(1e-10, 20, 0.1, 1000).mean_square_gauss2 == pytest.approx(1e-20, rel=1e-14)
    # A table of a power law is the power law
    k = np.geomspace(1, 100, 7)
    table = Tabulated(k, np.full(7, 1e-20))
    D = np.array([0.1, 3.0, 50.0])
    np.testing.assert_allclose(table.integral_beyond(D), flat.integral_beyond(D), rtol=1e-13)


@pytest.mark.parametrize("name", SPECTRA)
@pytest.mark.parametrize("angular", ANGULAR)
def test_the_total_is_the_integral_of_the_local_rate(name: str, angular: Angular) -> None:
    """Two independent ways: G(x) with the spectrum's nodes, and a fine sum over z of I(D)."""
    case = {**BENCHMARK, "spectrum": SPECTRA[name], "angular": angular}
    around = np.geomspace(1e-6, 1, 2000)
    peaks = [z + sign * around for z in conversion.resonances(3e-14) for sign in (-1, 1)]
    z = np.unique(np.concatenate([np.linspace(2, 60, 60_001), *peaks]))
    z = z[(z >= 2) & (z <= 60)]
    dP = conversion.rate(z, frequency_hz=20e9, **case)
    total = float(np.sum((dP[1:] + dP[:-1]) / 2 * np.diff(z)))
    above, below = (float(conversion.probability(20e9, z_end=end, **case)) for end in (2.0, 60.0))
    # Steps are 1e-3 in z and 0.7% of the distance from a resonance, at whose edges I(D) jumps
    assert above - below == pytest.approx(total, rel=5e-4)
    assert total > 1e-7


def test_cumulative_in_redshift() -> None:
    case = {**BENCHMARK, "spectrum": SPECTRA["two slopes"]}
    z = np.array([0.0, 0.2, 1.0, 9.0, 15.0, 22.0, 24.157, 30.0, 200.0, 1100.0])
    P = conversion.probability(3e9, z_end=z, **case)
    assert np.all(np.diff(P) <= 0) and P[-1] == 0 and P[0] > P[4] > 100 * P[8]
    one = [float(conversion.probability(3e9, z_end=end, **case)) for end in z]
    np.testing.assert_allclose(P, one, rtol=1e-12)
    f, mass = np.array([1e9, 1e10, 5e10]), np.array([2e-14, 3e-14])
    grid = conversion.probability(
        f[:, None], mass_ev=mass, coupling_per_gev=5e-13, spectrum=PEAKED, z_end=1.0
    )
    assert grid.shape == (3, 2)
    assert grid[1, 1] == pytest.approx(
        float(conversion.probability(1e10, spectrum=PEAKED, z_end=1.0, **BENCHMARK)), rel=1e-13
    )


def test_a_narrow_resonance_knows_no_spectrum() -> None:
    # At 1 MHz the window of k = 100/Mpc is 2e-6 wide in z. Then P = (pi/3) <B^2> of a line of sight
    # whatever the spectrum: all spectra here have one <B^2>.
    spectra = [
        Monochromatic(1e-10, 100.0),
        Monochromatic(1e-10, 1.0),
        ScaleInvariant(1e-10 / math.sqrt(math.log(100)), 1.0, 100.0),
        TwoSlope(1e-10, 10.0, 0.1, 300.0),
    ]
    P = [float(conversion.probability(1e6, spectrum=s, **BENCHMARK)) for s in spectra]
    np.testing.assert_allclose(P, P[0], rtol=1e-4)
    # and it is pi g^2 omega <B_T^2>/(m^2 |d ln m_gamma^2/dl|) summed over resonances (Landau, Zener)
    from darklat.physics import thermal
    from darklat.physics.thermal.cosmology import ADDAZI
    from darklat.physics.units import GAUSS_IN_EV2, HBAR_EV_S

    expected = 0.0
    for z in conversion.resonances(3e-14):
        hubble = float(thermal.hubble_per_second(z, cosmology=ADDAZI)) * HBAR_EV_S
        slope = abs(float(thermal.plasma_mass_slope(z, cosmology=ADDAZI))) * hubble * (1 + z)
        omega = 2 * math.pi * HBAR_EV_S * 1e6 * (1 + z)
        transverse = 2 / 3 * (1e-10 * GAUSS_IN_EV2 * (1 + z) ** 2) ** 2
        expected += math.pi * (5e-13 / 1e9) ** 2 * omega * transverse / (3e-14**2 * slope)
    assert P[0] == pytest.approx(expected, rel=1e-4)


def test_scaling_with_the_frequency() -> None:
    def slope(low: float, high: float, z_end: float = 0.0) -> float:
        f = np.geomspace(low, high, 9)
        P = conversion.probability(f, spectrum=PEAKED, z_end=z_end, **BENCHMARK)
        return float(np.polyfit(np.log(f), np.log(P), 1)[0])

    # Narrow resonances: the window grows as omega, hence T_b ~ omega^-2. The correction is of the
    # second order in the window's width over z, which is 2e-3 at 1 GHz.
    assert slope(1e6, 1e9) == pytest.approx(1, abs=1e-4)
    # From 100 GHz on the window opens where no resonance is: the stochastic part rises faster.
    assert slope(3e11, 1e12) == pytest.approx(1.276, abs=0.02)
    # Then it fills the path after reionisation, after recombination, and in the end all of it:
    # P ~ omega^0, T_b ~ omega^-3, at energies that are no radio waves.
    assert slope(3e12, 1e13) == pytest.approx(0.88, abs=0.02)
    assert slope(3e13, 1e14) == pytest.approx(0.21, abs=0.02)
    assert slope(1e17, 1e19) == pytest.approx(0, abs=1e-3)
    # Before any resonance of this mass only the stochastic part is left, with a threshold
    early = conversion.probability(np.array([1e9, 1e12]), spectrum=PEAKED, z_end=60.0, **BENCHMARK)
    assert early[0] == 0 < early[1]


def test_saturation() -> None:
    strong = {"mass_ev": 3e-14, "spectrum": PEAKED}
    P = [float(conversion.probability(1e10, coupling_per_gev=g, **strong)) for g in (1e-14, 1e-6)]
    assert P[1] == pytest.approx(2 / 3, rel=1e-12)
    weak = float(conversion.probability(1e10, coupling_per_gev=1e-10, **strong)) / 1e8
    assert weak < P[0]  # a coupling of 1e-10 is strong already
    np.testing.assert_allclose(
        conversion.saturated([1e-9, 0.3]), [1e-9, 2 / 3 * (1 - math.exp(-0.45))]
    )
    assert float(conversion.probability(1e10, coupling_per_gev=0.0, **strong)) == 0


def test_speed() -> None:
    """A grid of 200 frequencies by 100 masses takes seconds; the limit asked for is 20 s."""
    f, mass = np.geomspace(1e7, 1e11, 200), np.geomspace(1e-14, 1e-12, 100)
    begin = time.process_time()
    for spectrum in (PEAKED, SPECTRA["scale invariant"]):
        P = conversion.probability(
            f[:, None], mass_ev=mass, coupling_per_gev=5e-13, spectrum=spectrum
        )
        assert P.shape == (200, 100) and np.all(P > 0)
    assert time.process_time() - begin < 40


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"frequency_hz": 78.0}, "78 Hz is below 1000 Hz, and was probably meant in another unit"),
        ({"frequency_hz": math.nan}, "frequencies must be positive and finite"),
        ({"mass_ev": 1e-16}, "1e-16 eV has no resonance between z = 0 and 1100; masses from"),
        ({"mass_ev": 1e-5}, "1e-05 eV has no resonance"),
        ({"mass_ev": -1.0}, "mass of the ALP must be positive"),
        (
            {"coupling_per_gev": -5e-13},
            "coupling must be finite and not negative, in 1/GeV, not -5",
        ),
        ({"angular": "one"}, "angular 'one' is unknown; use one of exact, three_halves"),
        ({"electrons": "n_e"}, "electrons 'n_e' is unknown; use one of n_H, n_b"),
        ({"z_end": -1.0}, "redshifts must be finite, not negative and at most 1100"),
    ],
)
def test_bad_input(change: dict[str, object], message: str) -> None:
    case = {"frequency_hz": 1e10, "spectrum": PEAKED, **BENCHMARK, **change}
    frequency = case.pop("frequency_hz")
    with pytest.raises(ValueError, match=message):
        conversion.probability(frequency, **case)  # type: ignore[arg-type]


def test_bad_spectra() -> None:
    good = np.array([1.0, 2.0, 3.0])
    for k, power, message in [
        ([1.0, 3, 2], good, "rise from point to point; point 3 is 2. Sort the table by k"),
        ([0.0, 1, 2], good, "point 1 is 0"),
        (good, [1.0, -2, 3], "it is -2 at point 2, k = 2 per Mpc"),
        (good, [1.0, math.inf, 3], "it is inf at point 2"),
        (good, [1.0, 2], r"shapes \(3,\) and \(2,\)"),
        ([1.0], [1.0], "two points or more"),
        (good, [1.0, 0, 3], "no two neighbours with power"),
    ]:
        with pytest.raises(ValueError, match=message):
            Tabulated(np.array(k), np.array(power))
    with pytest.raises(ValueError, match="B0_gauss must be positive and finite, not -1"):
        Monochromatic(-1.0, 1.0)
    with pytest.raises(ValueError, match="k_min_per_mpc = 5 must be below k_max_per_mpc = 2"):
        ScaleInvariant(1e-10, 5.0, 2.0)
    with pytest.raises(ValueError, match="k_per_mpc = 5 must be below k_max_per_mpc = 2"):
        TwoSlope(1e-10, 5.0, 0.1, 2.0)

"""Boltzmann equations against closed forms, against each other and against their equilibria."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import k1, kn, zeta

from darklat.physics import boltzmann
from darklat.physics.boltzmann import PairReaction, Species
from darklat.physics.thermal import degrees

PHI, DARK = Species(0.01, 1, "bose"), Species(1e-4, 3, "bose")
WIDTH = 1e-20 * 0.01**3 / (64 * math.pi) * (1 - 4 * 0.01**2) ** 1.5
"""Of phi -> X X for g = 1e-10/GeV."""

SM = boltzmann.standard_model()


def freeze_in(width: float = WIDTH, **options: float) -> float:
    reaction = boltzmann.decay(parent=PHI, child=DARK, width=width, bath=SM)
    settings = {"x_start": 1e-3, "x_end": 60.0, **options}
    return boltzmann.evolve(reaction, empty=True, **settings).final  # type: ignore[arg-type]


def wimp(x_start: float, rtol: float = 1e-8) -> float:
    reaction = boltzmann.annihilation(
        species=Species(100.0, 2, "fermi"),
        cross_section=lambda T: np.full_like(T, 2e-9),
        bath=SM,
    )
    return boltzmann.evolve(reaction, x_start=x_start, x_end=1000, empty=False, rtol=rtol).final


# ---- Densities ----


@pytest.mark.parametrize("x", [1e-7, 1e-3, 0.3, 1.0, 7.0, 60.0, 500.0])
def test_densities_are_sums_of_bessel_functions(x: float) -> None:
    m, T = 2.0, 2.0 / x
    classical = Species(m, 3, "boltzmann")
    unit = 3 * m**2 * T / (2 * math.pi**2)
    assert classical.number(T) == pytest.approx(unit * kn(2, x), rel=1e-12)
    assert classical.decaying(T) == pytest.approx(unit * k1(x), rel=1e-12)
    assert classical.energy(T) == pytest.approx(unit * (m * k1(x) + 3 * T * kn(2, x)), rel=1e-12)
    assert classical.pressure(T) == pytest.approx(T * classical.number(T), rel=1e-12)
    if x > 0.1:  # where 400 terms are enough
        n = np.arange(1, 401)
        for statistics, sign in (("bose", 1.0), ("fermi", -1.0)):
            species = Species(m, 3, statistics)  # type: ignore[arg-type]
            weights = sign ** (n + 1) / n
            assert species.number(T) == pytest.approx(
                unit * np.sum(weights * kn(2, n * x)), rel=1e-12
            )
            assert species.decaying(T) == pytest.approx(
                unit * np.sum(weights * k1(n * x)), rel=1e-12
            )


@pytest.mark.parametrize("mass", [0.0, 1e-9, 1e-5])
def test_a_light_species_is_a_massless_one(mass: float) -> None:
    boson, fermion = Species(mass, 2, "bose"), Species(mass, 2, "fermi")
    # The corrections are of order (m/T)^2 = 1e-10.
    assert boson.number(1.0) == pytest.approx(2 * zeta(3) / math.pi**2, rel=1e-9)
    assert fermion.number(1.0) == pytest.approx(0.75 * boson.number(1.0), rel=1e-9)
    assert boson.energy(1.0) == pytest.approx(math.pi**2 / 15, rel=1e-9)
    assert fermion.energy(1.0) == pytest.approx(7 / 8 * math.pi**2 / 15, rel=1e-9)
    assert boson.entropy(1.0) == pytest.approx(4 * math.pi**2 / 45, rel=1e-9)


def test_entropy_is_the_slope_of_the_pressure() -> None:
    T = np.array([0.05, 0.4, 3.0])
    for statistics in ("bose", "fermi", "boltzmann"):
        species = Species(1.0, 1, statistics)  # type: ignore[arg-type]
        h = 1e-4 * T
        slope = (species.pressure(T + h) - species.pressure(T - h)) / (2 * h)
        # The error of the difference: (h/T)^2 (m/T)^2/6, 7e-7 at most.
        np.testing.assert_allclose(slope, species.entropy(T), rtol=1e-6)


def test_the_slope_of_the_entropy_has_no_peak_at_the_joint() -> None:
    T = np.array([1e-6, 1e-3, 0.1, *degrees.T_JOINT_GEV, 0.12, 0.5, 170.0])
    slopes = degrees.entropy_slope(T)
    assert np.all(np.abs(slopes) < 2)  # across the jump of the two fits it would be 3.8
    h = 1e-3
    wide = np.log(degrees.g_entropy(T[6] * np.exp(h)) / degrees.g_entropy(T[6] * np.exp(-h)))
    assert slopes[6] == pytest.approx(wide / (2 * h), rel=1e-5)


# ---- Freeze-in ----


def test_freeze_in_of_maxwell_and_boltzmann_has_a_closed_form() -> None:
    bath = boltzmann.constant_bath(10.0)
    width = 1e-20 * 0.01**3 / (64 * math.pi)  # massless children
    reaction = boltzmann.decay(
        parent=Species(0.01, 1, "boltzmann"), child=Species(0, 3, "bose"), width=width, bath=bath
    )
    found = boltzmann.evolve(reaction, x_start=1e-3, x_end=60, empty=True).final
    # int x^3 K_1 dx = 3 pi/2 over all x.
    closed = 45 / (2 * math.pi**4 * 10) * 1.5 * math.pi * width / float(bath.hubble(0.01))
    assert closed == pytest.approx(1.258990e-7, abs=5e-14)
    assert found == pytest.approx(closed, rel=1e-7)


def test_freeze_in_with_quantum_statistics() -> None:
    assert freeze_in() == pytest.approx(1.178605e-7, abs=5e-14)


def test_yields_do_not_depend_on_the_start_nor_on_the_tolerance() -> None:
    # Y(x) ~ x^3 is missing before the start: 1e-9 of the yield at x = 1e-3.
    assert freeze_in(x_start=1e-4) == pytest.approx(freeze_in(), rel=1e-8)
    assert freeze_in(rtol=1e-6) == pytest.approx(freeze_in(), rel=1e-6)
    assert freeze_in(x_end=200.0) == pytest.approx(freeze_in(), rel=1e-8)
    assert wimp(10.0) == pytest.approx(wimp(2.0), rel=1e-8)
    assert wimp(10.0, rtol=1e-6) == pytest.approx(wimp(10.0), rel=1e-5)


@pytest.mark.parametrize("mass", [0.0, 1e-4, 0.0049])
@pytest.mark.parametrize("statistics", ["bose", "fermi", "boltzmann"])
def test_the_distribution_has_the_yield_of_the_integrated_equation(
    mass: float, statistics: boltzmann.Statistics
) -> None:
    parent, child = Species(0.01, 1, statistics), Species(mass, 3, "bose")
    reaction = boltzmann.decay(parent=parent, child=child, width=WIDTH, bath=SM)
    whole = boltzmann.evolve(reaction, x_start=1e-3, x_end=60, empty=True, rtol=1e-7).final
    resolved = boltzmann.freeze_in_distribution(parent=parent, child=child, width=WIDTH, bath=SM)
    assert resolved.yield_ == pytest.approx(whole, rel=1e-6)


def test_the_mean_momentum_of_massless_children() -> None:
    """2.5 T for Maxwell and Boltzmann with constant g_*: int x^4 K_2/int x^3 K_1, halved."""
    found = boltzmann.freeze_in_distribution(
        parent=Species(0.01, 1, "boltzmann"),
        child=Species(0.0, 2, "bose"),
        width=WIDTH,
        bath=boltzmann.constant_bath(10.0),
    )
    assert found.mean_p_over_T == pytest.approx(2.5, rel=1e-6)


# ---- Freeze-out ----


def test_freeze_out_of_a_wimp() -> None:
    """Kolb and Turner, Eqs. 5.44, 5.46 with c (c + 2) = 3: which hold to about 5 per cent."""
    g_star = float(degrees.g_energy(100.0 / 24))
    scale = math.sqrt(math.pi * g_star / 45) * math.sqrt(8 * math.pi) * boltzmann.PLANCK_GEV
    amount = scale * 100.0 * 2e-9 * (45 / (4 * math.pi**4) * 2 / g_star) * math.sqrt(math.pi / 2)
    x = math.log(amount) - 0.5 * math.log(math.log(amount))
    assert wimp(10.0) == pytest.approx(x / (scale * 100.0 * 2e-9), rel=0.06)


def test_a_decay_keeps_its_children_in_equilibrium_until_inverse_decays_stop() -> None:
    strong = boltzmann.decay(parent=PHI, child=DARK, width=1e4 * 1e4 * WIDTH, bath=SM)
    history = boltzmann.evolve(strong, x_start=1e-2, x_end=60, empty=True)
    shares = np.interp([2.0, 5.0], history.x, history.Y / history.Y_eq)
    np.testing.assert_allclose(shares, 1, rtol=0.02)
    again = boltzmann.evolve(strong, x_start=1.0, x_end=60, empty=False)
    assert again.final == pytest.approx(history.final, rel=1e-6)


@pytest.mark.parametrize("x", [0.3, 3.0, 12.0])
def test_without_expansion_every_reaction_relaxes_to_its_equilibrium(x: float) -> None:
    """Gain and loss at one temperature, over a long time."""
    sector = boltzmann.hidden_sector([DARK], xi=0.3, T=0.1, bath=SM)
    reactions = (
        boltzmann.decay(parent=PHI, child=DARK, width=WIDTH, bath=SM),
        boltzmann.annihilation(species=PHI, cross_section=lambda T: 1e-3 + 0 * T, bath=SM),
        boltzmann.annihilation(
            species=PHI, cross_section=lambda T: 1e-3 * T, bath=SM, temperature=sector.temperature
        ),
    )
    at = np.array([x])
    for each in reactions:
        rate = float(each.loss(at)[0] * each.equilibrium(at)[0])
        # In units of its own time: gain and loss over their common rate.
        still = PairReaction(
            gain=lambda t, e=each, r=rate: np.full_like(t, e.gain(at)[0] / r),  # type: ignore[misc]
            loss=lambda t, e=each, r=rate: np.full_like(t, e.loss(at)[0] / r),  # type: ignore[misc]
            equilibrium=lambda t, e=each: np.full_like(t, e.equilibrium(at)[0]),  # type: ignore[misc]
        )
        for empty in (True, False):
            end = boltzmann.evolve(still, x_start=1.0, x_end=math.exp(30), empty=empty).final
            assert end == pytest.approx(float(each.equilibrium(at)[0]), rel=1e-7)


# ---- Two temperatures ----


def test_a_hidden_sector_is_heated_by_its_own_annihilations() -> None:
    """(11/4)^(1/3), as photons by electrons: entropy of 2 + (7/8) 4 states goes to 2."""
    sector = boltzmann.hidden_sector(
        [Species(0.0, 2, "bose"), Species(1.0, 4, "fermi")],
        xi=0.01,
        T=1e7,
        bath=boltzmann.constant_bath(50.0),
    )
    early, late = sector.xi([1e7, 0.1])
    assert early == pytest.approx(0.01, rel=1e-8)
    assert late / early == pytest.approx((11 / 4) ** (1 / 3), rel=1e-8)


def test_a_hidden_sector_is_left_cold_by_the_plasma() -> None:
    sector = boltzmann.hidden_sector([Species(0.0, 2, "bose")], xi=0.1, T=1e3, bath=SM)
    T = np.array([1e-6, 1e-3, 0.1, 1.0, 1e3, 1e6])
    expected = 0.1 * np.cbrt(degrees.g_entropy(T) / degrees.g_entropy(1e3))
    np.testing.assert_allclose(sector.xi(T), expected, rtol=1e-8)
    entropy = sector.entropy(sector.temperature(T)) / SM.entropy(T)
    np.testing.assert_allclose(entropy, sector.entropy_ratio, rtol=1e-8)


def test_freeze_out_with_two_temperatures_that_are_one() -> None:
    """A hidden sector at xi = 1 and constant g_* is the plain case with its energy in H."""
    bath, species = boltzmann.constant_bath(20.0), Species(1.0, 4, "fermi")
    light = Species(0.0, 2, "bose")
    sector = boltzmann.hidden_sector([light], xi=1.0, T=1.0, bath=bath)
    both = boltzmann.annihilation(
        species=species,
        cross_section=lambda T: np.full_like(T, 1e-10),
        bath=bath,
        temperature=sector.temperature,
        dark_energy_density=lambda T: sector.energy(sector.temperature(T)),
    )
    plain = boltzmann.annihilation(
        species=species,
        cross_section=lambda T: np.full_like(T, 1e-10),
        bath=boltzmann.constant_bath(22.0, g_entropy=20.0),
    )
    one, two = (
        boltzmann.evolve(each, x_start=2.0, x_end=200, empty=False).final for each in (both, plain)
    )
    assert one == pytest.approx(two, rel=1e-7)


# ---- Refusals ----


def test_what_has_no_meaning_is_refused() -> None:
    with pytest.raises(ValueError, match=r"closed; each must be lighter than 0\.005 GeV"):
        boltzmann.decay(parent=PHI, child=Species(0.005, 3, "bose"), width=WIDTH, bath=SM)
    with pytest.raises(ValueError, match="statistics must be bose, fermi or boltzmann"):
        Species(1.0, 1, "anyon")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="must not be negative"):
        Species(-1.0, 1, "bose")
    with pytest.raises(ValueError, match="1e\\+16 GeV, where the fits of g_"):
        freeze_in(x_start=1e-20)
    with pytest.raises(ValueError, match="x must be positive and increase"):
        freeze_in(x_start=70.0)
    cold = boltzmann.hidden_sector([DARK], xi=0.3, T=0.1, bath=SM)
    with pytest.raises(ValueError, match="holds no massless species"):
        cold.temperature(1e-40)

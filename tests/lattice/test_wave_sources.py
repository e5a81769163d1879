"""The source of gravitational waves: waves of theta with a closed form, and a file whose spectrum an
independent program has found."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from driven_waves import DX, Driven, N, extrapolated, khat, mean

from darklat.lattice.evolution import Evolution
from darklat.lattice.lattice import Lattice
from darklat.lattice.sectors.waves import WaveSector
from darklat.physics.background import Radiation, Static
from models import simulation

FILE = Path(__file__).parents[1] / "data" / "gw_source_16.h5"

# ---- Two crossed waves of theta: S_xy = A^2 k_d^2 sin kx sin ky cos^2 w tau. ----


@dataclass(frozen=True)
class Crossed:
    """theta = A (cos kx + cos ky) cos w tau. k_d: the factor of a derivative; Q: the frequency of
    the waves at (1, 1, 0) k."""

    A: float
    k_d: float
    w: float
    Q: float

    def amplitude(self, tau: float) -> tuple[float, float]:
        """U, U' of U (e1 e1 - e2 e2), from rest at tau = 0."""
        s, Q, w = -(self.A**2) * self.k_d**2 / 2, self.Q, self.w
        turn, driven = Q * tau, 1 / (Q**2 - 4 * w**2)
        U = (1 - math.cos(turn)) / Q**2 + driven * (math.cos(2 * w * tau) - math.cos(turn))
        prime = math.sin(turn) / Q
        prime += driven * (Q * math.sin(turn) - 2 * w * math.sin(2 * w * tau))
        return s / 2 * U, s / 2 * prime


def crossed(of_means: int) -> Crossed:
    k = khat(3)
    return Crossed(0.2, k * mean(3, of_means), math.hypot(k, 3), math.sqrt(2) * k)


def cosines(amplitude: float, k: int, w: float, axes: str) -> Callable[[Lattice, float], None]:
    """theta = amplitude cos w tau times the sum of cos k x_i over the axes."""
    wave = np.cos(k * DX * np.arange(N))
    shapes = [[-1 if axis == other else 1 for other in "xyz"] for axis in axes]
    in_space = amplitude * np.sum(
        [np.broadcast_to(wave.reshape(shape), (N, N, N)) for shape in shapes], axis=0
    )

    def fields(lattice: Lattice, tau: float) -> None:
        lattice.theta[...] = math.cos(w * tau) * in_space

    return fields


TABLE = {
    2: (-5.426060695552e-3, -8.504538388241e-4),
    4: (-7.230094391759e-3, -1.133209131916e-3),
}


def test_the_closed_form_of_crossed_waves_gives_the_table() -> None:
    """Numbers of an independent program, 13 digits; in the continuum, too."""
    for of_means, row in TABLE.items():
        assert crossed(of_means).amplitude(1.0) == pytest.approx(row, rel=1e-11, abs=0)
    continuum = Crossed(0.2, 3.0, math.hypot(3, 3), math.sqrt(2) * 3)
    assert continuum.amplitude(1.0) == pytest.approx((-7.492530334150e-3, 1.193895545495e-3))


@pytest.mark.parametrize("of_means", [2, 4])
def test_crossed_waves_of_theta_drive_the_exact_waves(of_means: int) -> None:
    exact = crossed(of_means)

    def measure(count: int) -> np.ndarray:
        driven = Driven(Static(), of_means)
        driven.follow(cosines(exact.A, 3, exact.w, "xy"), np.linspace(0, 1, count + 1))
        plus, minus = driven.mode(3, 3, 0)
        assert plus == pytest.approx(minus, rel=1e-10, abs=1e-15)
        for mode in ((6, 0, 0), (0, 6, 0)):  # S_xx at 2k x is longitudinal
            assert max(map(abs, driven.mode(*mode))) < 1e-16
        # of sin kx sin ky the part at (1, 1, 0) k is -cos(k (x + y))/2
        return -4 * np.array([plus.real, driven.prime(3, 3, 0).real])

    found, order = extrapolated(measure, 10)
    np.testing.assert_allclose(found, TABLE[of_means], rtol=1e-9, atol=1e-12)
    assert order == pytest.approx(2, abs=0.1)


def test_the_power_of_a_source_that_is_sin_kx_sin_ky() -> None:
    driven = Driven(Static())
    driven.follow(cosines(1 / (khat(3) * mean(3, 4)), 3, 0.0, "xy"), [0.0])
    assert driven.waves.source_power.sum() == pytest.approx(1 / 8, rel=1e-12, abs=0)


# ---- A file. ----

BINS = (1, 2, 3, 4, 5, 6, 8, 10)
SPECTRA = {
    2: [
        (1.026188224789, 0.8162811933899), (2.191463559867, 2.235004457242),
        (2.177163072421, 2.588849516905), (3.906389149533, 3.117235805657),
        (3.140860459102, 2.873932722513), (1.679011214413, 1.967366273646),
        (0.8884673039754, 0.9480481872807), (0.3345454560751, 0.3388219729880),
    ],
    4: [
        (1.654394691049, 1.326241901958), (3.473723963821, 3.731014515821),
        (3.385901685401, 4.033885550432), (6.467527110984, 5.425550587534),
        (5.492725333040, 5.017341129309), (2.957213128189, 3.506748051005),
        (1.653539783815, 1.757152825005), (0.7078573397398, 0.7114009018372),
    ],
}  # fmt: skip
TOTAL = {2: 34.59248342748, 4: 59.57151315841}
PARTS = {
    "theta": {
        2: (16.32175514897, 16.05542920870), 4: (28.20200392954, 28.12309912749),
    },
    "E": {2: (0.7206160614035, 0.6984530766549), 4: (0.9073115691550, 0.8744996357904)},
    "B": {2: (0.03643057212933, 0.03518743009635), 4: (0.09179797531976, 0.08823698040562)},
}  # fmt: skip


@pytest.fixture(scope="module")
def of_file() -> Evolution:
    """A run from the file, at its start."""
    run = simulation(
        "lattice.box=1", "model.couplings.XX=2", "initial.kind=file", f"initial.file={FILE}",
        "initial.a_start=2", "output.gravitational_waves={}",
    )  # fmt: skip
    run.start()
    return run


@pytest.mark.parametrize("of_means", [2, 4])
def test_the_spectrum_of_the_source_in_a_file(of_file: Evolution, of_means: int) -> None:
    lattice = of_file.lattice
    saved = [array.copy() for array in (lattice.theta, lattice.X, lattice.D)]
    lattice.update_electric()
    E = lattice.E.copy()
    waves = WaveSector(lattice, strength=1.0, of_means=of_means)

    def power() -> np.ndarray:
        waves.steps_from(Radiation().instant(2.0))
        return waves.source_power

    try:
        found = power()
        np.testing.assert_allclose(found[:, np.array(BINS) - 1].T, SPECTRA[of_means], rtol=1e-11)
        assert found.sum() == pytest.approx(TOTAL[of_means], rel=1e-11, abs=0)
        for name, values in PARTS.items():
            theta, X, _ = saved
            lattice.theta[...] = theta if name == "theta" else 0.0
            lattice.X[...] = X if name == "B" else 0.0
            lattice.D[...] = E if name == "E" else 0.0
            np.testing.assert_allclose(power().sum(axis=1), values[of_means], rtol=1e-11)
    finally:
        for array, before in zip((lattice.theta, lattice.X, lattice.D), saved, strict=True):
            array[...] = before
    if of_means == 4:  # as spectra.h5 has it
        power_per_lnk, dlnk = of_file.spectra.power, of_file.modes.bins.dlnk
        for sign, own in zip(("plus", "minus"), found, strict=True):
            written = power_per_lnk[f"gw_source_{sign}"][0]
            np.testing.assert_allclose(written * dlnk, own, rtol=1e-11)


def test_a_reflection_swaps_the_helicities(of_file: Evolution) -> None:
    """x -> -x of everything: X(x) -> -X(-x), and E, and theta."""
    lattice = of_file.lattice
    waves = WaveSector(lattice, strength=1.0)
    waves.steps_from(Radiation().instant(2.0))
    before = waves.source_power.copy()
    fields = (lattice.theta, lattice.X, lattice.D)
    saved = [array.copy() for array in fields]
    lattice.theta[...] = -_reflected(saved[0], None)  # odd, so that E.B theta stays
    for c in range(3):
        lattice.X[0][c][...] = -_reflected(saved[1][0][c], c)
        lattice.D[0][c][...] = -_reflected(saved[2][0][c], c)
    waves.steps_from(Radiation().instant(2.0))
    after = waves.source_power
    for array, values in zip(fields, saved, strict=True):
        array[...] = values
    # the last bins, which hold modes at Nyquist, have no helicity of their own
    whole = slice(0, N // 2 - 1)
    np.testing.assert_allclose(after[::-1, whole], before[:, whole], rtol=1e-11)
    assert before[0, 0] != pytest.approx(before[1, 0], rel=0.1, abs=0)


def _reflected(values: np.ndarray, link: int | None) -> np.ndarray:
    """f(-x); a link at n + i/2 goes to -n - i/2, the link of the site -n - i."""
    for axis in range(3):
        values = np.flip(values, axis)
        values = np.roll(values, 0 if axis == link else 1, axis)
    return values

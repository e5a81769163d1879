"""A field in a conductor: its kernels against the oracle, its relaxation against arithmetic of 60
digits, waves against the exact solution, and what it keeps together with the other fields."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest

import oracle
from darklat.kernels.backends import Backend, make
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.integrators.relaxation import relaxation
from darklat.lattice.lattice import ALP_SUMS, GAUGE_SUMS, Lattice
from darklat.physics.background import Background
from device_fields import fold, launch, to_field

ROUNDINGS = 64  # see test_kernels.py


@dataclass(frozen=True)
class Medium:
    sigma: float

    def at(self, a: float) -> float:
        return self.sigma


# -- the relaxation


def exact(z: float) -> dict[str, Decimal]:
    with localcontext() as context:
        context.prec = 120
        x = Decimal(z)
        e, ee = (-x).exp(), (-2 * x).exp()
        gain = (1 - e) / x
        return {
            "decay": e,
            "gain": gain,
            "current_E": 1 - e,
            "current_G": 1 - gain,
            "heat_EE": (1 - ee) / 2,
            "heat_EG": (1 - 2 * e + ee) / x,
            "heat_GG": (x - Decimal("1.5") + 2 * e - ee / 2) / x**2,
        }


@pytest.mark.parametrize(
    "z", [1e-30, 1e-12, 1e-3, 0.099, 0.1, 0.5, 1.0, 7.0, 40.0, 1e3, 1e18, 1e25]
)
def test_relaxation_has_no_cancellation(z: float) -> None:
    for name, value in exact(z).items():
        # exp of -z is rounded z ulps of its argument; z < 50 wherever it is not zero
        assert getattr(relaxation(z), name) == pytest.approx(float(value), rel=2e-14), name


def test_relaxation_without_conductivity_is_no_relaxation() -> None:
    free = relaxation(0.0)
    assert (free.decay, free.gain) == (1.0, 1.0)
    assert free.current_E == free.current_G == 0.0
    assert free.heat_EE == free.heat_EG == free.heat_GG == 0.0
    with pytest.raises(ValueError, match="must not be negative"):
        relaxation(-1.0)


# -- kernels


def model(n: int, fields: int) -> tuple[np.random.Generator, oracle.Lattice, oracle.State]:
    rng = np.random.default_rng([n, fields])
    lattice = oracle.random_lattice(rng, fields, cosine=False)
    return rng, lattice, oracle.random_state(rng, n, fields)


def assert_rounded(actual: Any, expected: Any, magnitudes: Any) -> None:
    error = np.abs(np.asarray(actual) - expected)
    assert np.max(error / (oracle.UNIT_ROUNDOFF * magnitudes + 1e-300), initial=0.0) <= ROUNDINGS


@pytest.mark.parametrize("fields", [1, 2, 3])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("n", [8, 10, 34])
def test_flows_leave_the_exact_change_of_g_W_less_the_curl(
    backend: Any, n: int, axis: int, fields: int
) -> None:
    """E = D + g W: what X_I' = E_I does to g W, less what it does to D, in both flows."""
    rng, lattice, state = model(n, fields)
    b = backend(n=n, gauge_fields=fields, conducting=1)
    h, E = 0.01, rng.normal(size=state.X.shape)
    chosen = np.zeros((3, 1, 1, 1))
    chosen[axis] = 1
    for kernel, movers, target in (
        ("link_momenta", slice(0, fields - 1), "D"),
        ("conducting_momenta", slice(fields - 1, fields), "E"),
    ):
        moving = np.zeros((fields, 1, 1, 1, 1))
        moving[movers] = 1
        E_I = E * chosen * moving
        arrays = {name: to_field(b, getattr(state, name)) for name in ("theta", "X", "pi", "D")}
        written = launch(
            b, kernel, axis=axis, h=h, inv_dx=1 / lattice.dx, g=b.array(lattice.g.ravel()),
            **arrays, E=to_field(b, E),
        )  # fmt: skip
        curl = lattice.curl_back(lattice.mixed(lattice.Fbar(state.theta, E_I)))
        change = h * (lattice.mixed(lattice.W(state.theta, E_I)) - curl)
        size, twin = np.abs(E_I), lattice.magnitudes()
        bound = h * twin.mixed(twin.W(np.abs(state.theta), size))
        bound = bound + h * twin.curl_back(twin.mixed(twin.Fbar(np.abs(state.theta), size)))
        before = {"D": state.D, "E": E}[target]
        assert_rounded(written[target][-1], before[-1] + change[-1], np.abs(before[-1]) + bound[-1])
        free = state.D[:-1] - h * curl[:-1]
        assert_rounded(written["D"][:-1], free, np.abs(state.D[:-1]) + bound[:-1])
        pi = state.pi - h * lattice.EB(E_I, state.X)
        pi_bound = np.abs(state.pi) + h * twin.EB(size, np.abs(state.X))
        assert_rounded(written["pi"], pi, pi_bound)


def test_a_uniform_theta_induces_nothing_through_its_gradient(backend: Any) -> None:
    """E_A is 1e-18 of what theta E would leave in rounding."""
    rng, lattice, state = model(10, 2)
    b = backend(n=10, gauge_fields=2, conducting=1)
    theta = np.full_like(state.theta, 0.7)
    written = launch(
        b, "link_momenta", axis=0, h=0.1, inv_dx=1 / lattice.dx, g=b.array(lattice.g.ravel()),
        theta=to_field(b, theta), X=to_field(b, state.X), pi=to_field(b, state.pi),
        D=to_field(b, 0 * state.D), E=to_field(b, rng.normal(size=state.X.shape)),
    )  # fmt: skip
    assert np.all(written["D"][1] == 0)
    assert np.any(written["D"][0] != 0)


def test_induction_charge_and_relaxation(backend: Any) -> None:
    n, fields = 10, 2
    rng, lattice, state = model(n, fields)
    b = backend(n=n, gauge_fields=fields, conducting=1)
    E, G, rho = rng.normal(size=state.X.shape), state.D, rng.normal(size=state.theta.shape)
    g = b.array(lattice.g.ravel())
    inv_dx, h, a = 1 / lattice.dx, 0.1, 1.7
    twin = lattice.magnitudes()

    written = launch(
        b, "induction", h=h, a=a, inv_dx=inv_dx, g=g, pi=to_field(b, state.pi),
        X=to_field(b, state.X), D=to_field(b, G),
    )  # fmt: skip
    change = lattice.mixed(lattice.W(h * state.pi / a**2, state.X))[-1]
    bound = twin.mixed(twin.W(h * np.abs(state.pi) / a**2, np.abs(state.X)))[-1]
    assert_rounded(written["D"][-1], G[-1] + change, np.abs(G[-1]) + bound)
    np.testing.assert_array_equal(written["D"][0], G[0])

    fields_of = {"E": to_field(b, E), "D": to_field(b, G)}
    partial = b.partial(1)
    written = launch(
        b, "charge", of_E=0.3, of_D=0.6, inv_dx=inv_dx, **fields_of, rho=to_field(b, rho),
        partial=partial,
    )  # fmt: skip
    current = 0.3 * E[-1] + 0.6 * G[-1]
    size = 0.3 * np.abs(E[-1]) + 0.6 * np.abs(G[-1])
    bound = np.abs(rho) + twin.divergence(size)
    assert_rounded(written["rho"], rho - lattice.divergence(current), bound)
    terms = np.sum((lattice.dx * twin.divergence(size)) ** 2)
    assert fold(b, partial, 1)[0] == pytest.approx(terms, rel=1e-13)

    written = launch(
        b, "relax", decay=0.2, gain=0.5, heat_EE=0.4, heat_EG=0.7, heat_GG=0.9, **fields_of,
        partial=partial,
    )  # fmt: skip
    assert_rounded(written["E"][-1], 0.2 * E[-1] + 0.5 * G[-1], np.abs(E[-1]) + np.abs(G[-1]))
    assert np.all(written["D"][-1] == 0)
    np.testing.assert_array_equal(written["D"][0], G[0])
    heat = np.sum(0.4 * E[-1] ** 2 + 0.7 * E[-1] * G[-1] + 0.9 * G[-1] ** 2)
    assert fold(b, partial, 1)[0] == pytest.approx(heat, rel=1e-13)


# -- waves


def wave(sigma: float, dt: float, steps: int) -> tuple[float, float, float]:
    """Relative errors of A and E, and of energy with the heat, of a wave from A = cos kx, E = 0."""
    n = 8
    lattice = conductor_lattice(n, np.zeros((1, 1)), sigma)
    x = np.arange(n) / n
    lattice.X[0, 1][...] = np.cos(2 * np.pi * x)
    lattice.update_displacement()
    stepper = INTEGRATORS["strang"].on(lattice)
    start = electromagnetic(lattice)
    heat = sum(stepper.step(tau=i * dt, dt=dt) for i in range(steps))
    A, E = exact_wave(2 * n * np.sin(np.pi / n), sigma, steps * dt)
    energy = (electromagnetic(lattice) + heat) / start - 1
    return lattice.X[0, 1, 0, 0, 0] / A - 1, lattice.E[0, 1, 0, 0, 0] / E - 1, energy


def conductor_lattice(n: int, g: np.ndarray, sigma: float | None) -> Lattice:
    backend: Backend = make(
        "cpu", n=n, gauge_fields=len(g), cosine=False, conducting=int(sigma is not None)
    )
    return Lattice(
        backend, couplings=g, dx=1 / n, mass=3.0, background=Background("static"),
        conductor=None if sigma is None else Medium(sigma),
    )  # fmt: skip


def electromagnetic(lattice: Lattice) -> float:
    means = lattice.means()[ALP_SUMS:].reshape(-1, GAUGE_SUMS)
    return float(np.sum(means[:, :2]) / 2)


def exact_wave(k: float, sigma: float, t: float) -> tuple[float, float]:
    """A and A' of A'' + sigma A' + k^2 A = 0 from A = 1, A' = 0."""
    square = sigma**2 / 4 - k**2
    if square < 0:
        w = math.sqrt(-square)
        decay = math.exp(-sigma * t / 2)
        A = decay * (math.cos(w * t) + sigma / (2 * w) * math.sin(w * t))
        return A, -(k**2) / w * decay * math.sin(w * t)
    fast = -(sigma / 2 + math.sqrt(square))
    slow = k**2 / fast
    c_slow, c_fast = -fast / (slow - fast), slow / (slow - fast)
    A = c_slow * math.exp(slow * t) + c_fast * math.exp(fast * t)
    return A, c_slow * slow * math.exp(slow * t) + c_fast * fast * math.exp(fast * t)


@pytest.mark.parametrize("sigma_dt", [1e-3, 1.0])
def test_waves_in_a_conductor_converge_at_second_order(sigma_dt: float) -> None:
    dt = 0.02
    coarse, fine = (wave(sigma_dt / dt, dt / f, 12 * f) for f in (2, 4))
    for before, after in zip(coarse, fine, strict=True):
        assert math.log2(before / after) == pytest.approx(2, abs=0.05)
        assert abs(after) < 1e-3


@pytest.mark.parametrize("sigma_dt", [1e3, 1e18, 1e25])
def test_waves_in_a_good_conductor(sigma_dt: float) -> None:
    """To the layer of 1/sigma in which E = 0 becomes E = S/sigma, k^2/sigma^2 of A, and rounding."""
    dt = 0.02
    k = 16 * np.sin(np.pi / 8)
    layer = (k * dt / sigma_dt) ** 2
    assert max(map(abs, wave(sigma_dt / dt, dt, 12))) < 4 * layer + 1e-15


def test_no_conductivity_is_a_free_field() -> None:
    def run(sigma: float | None) -> tuple[np.ndarray, np.ndarray]:
        lattice = conductor_lattice(10, np.zeros((1, 1)), sigma)
        rng = np.random.default_rng(1)
        lattice.X[...], lattice.E[...] = rng.normal(size=(2, 1, 3, 10, 10, 10))
        lattice.update_displacement()
        stepper = INTEGRATORS["strang"].on(lattice)
        for i in range(50):
            stepper.step(tau=0.02 * i, dt=0.02)
        lattice.update_electric()
        return np.array(lattice.X), np.array(lattice.E)

    for conducting, free in zip(run(0.0), run(None), strict=True):
        # every step rounds each of its few operations once
        assert np.max(np.abs(conducting - free)) < 50 * oracle.UNIT_ROUNDOFF * np.max(np.abs(free))


# -- with the other fields

G = np.array([[3.0, 2.0], [2.0, 0.0]])
G_MIXED = np.array([[3.0, 2.0], [2.0, 1.5]])


def smooth(rng: np.random.Generator, n: int, *shape: int) -> np.ndarray:
    m = np.fft.fftfreq(n, 1 / n)
    squared = np.add.outer(np.add.outer(m**2, m**2), m**2)
    modes = np.fft.fftn(rng.normal(size=(*shape, n, n, n)), axes=(-3, -2, -1))
    return np.fft.ifftn(modes * np.exp(-squared / 2), axes=(-3, -2, -1)).real * n**1.5 / 3


def coupled(g: np.ndarray, sigma: float | None, dt: float, steps: int) -> tuple[Lattice, float]:
    """theta, X and A in strong coupling; and the energy gained against the start, heat counted."""
    n, rng = 12, np.random.default_rng(1)
    lattice = conductor_lattice(n, g, sigma)
    lattice.theta[...], lattice.pi[...] = 0.5 + 0.1 * smooth(rng, n), smooth(rng, n)
    lattice.X[...], E = 0.05 * smooth(rng, n, 2, 3), oracle_curl(0.3 * smooth(rng, n, 2, 3))
    lattice.E[...] = E
    lattice.update_displacement()
    lattice.D[0][...] = E[0]  # so that div D_X = 0, as it stays
    lattice.update_electric()
    lattice.update_displacement()
    stepper = INTEGRATORS["strang"].on(lattice)
    start = energy(lattice)
    heat = sum(stepper.step(tau=i * dt, dt=dt) for i in range(steps))
    return lattice, (energy(lattice) + heat) / start - 1


def oracle_curl(V: np.ndarray) -> np.ndarray:
    return oracle.Lattice(dx=0.5, g=G, mass=3.0).curl_back(V)


def energy(lattice: Lattice) -> float:
    _, _, pi_sq, grad_sq, potential = lattice.means()[:ALP_SUMS]
    return float(pi_sq / 2 + grad_sq / 2 + potential) + electromagnetic(lattice)


def gauss(lattice: Lattice) -> np.ndarray:
    means = lattice.means()[ALP_SUMS:].reshape(-1, GAUGE_SUMS)
    return np.sqrt(means[:, 2] / means[:, 3])


@pytest.mark.parametrize("g", [G, G_MIXED], ids=["g_AA = 0", "g_AA"])
@pytest.mark.parametrize("sigma", [0.0, 5.0, 1e8])
def test_energy_with_the_heat_is_kept_at_second_order(g: np.ndarray, sigma: float) -> None:
    (_, coarse), (_, fine) = (coupled(g, sigma, 0.008 / f, 30 * f) for f in (1, 2))
    assert abs(coarse) < 1e-4
    assert math.log2(coarse / fine) == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("g", [G, G_MIXED], ids=["g_AA = 0", "g_AA"])
@pytest.mark.parametrize("sigma", [0.0, 5.0, 1e3, 1e8, 1e25])
def test_gauss_with_the_charge_of_the_medium(g: np.ndarray, sigma: float) -> None:
    lattice, _ = coupled(g, sigma, 0.008, 60)
    assert np.max(gauss(lattice)) < 60 * oracle.UNIT_ROUNDOFF  # one rounding a step at most
    if sigma:
        assert np.std(lattice.rho) > 0.1  # the charge that grad theta.B_X asks for is there
    lattice.rho[1, 2, 3] += 1e-3
    assert gauss(lattice)[1] > 1e-8


@pytest.mark.parametrize("g", [G, G_MIXED], ids=["g_AA = 0", "g_AA"])
def test_without_conductivity_it_converges_to_the_free_fields(g: np.ndarray) -> None:
    def distance(f: int) -> float:
        one, other = (coupled(g, sigma, 0.008 / f, 30 * f)[0] for sigma in (0.0, None))
        return max(np.max(np.abs(getattr(one, x) - getattr(other, x))) for x in ("theta", "X", "E"))

    coarse, fine = distance(1), distance(2)
    assert coarse < 1e-4
    assert math.log2(coarse / fine) == pytest.approx(2, abs=0.1)


def test_in_a_good_conductor_the_field_is_the_current_over_sigma() -> None:
    """E_A scales as 1/sigma and theta and X no longer know of A."""
    (one, _), (ten, _) = (coupled(G, sigma, 0.008, 60) for sigma in (1e17, 1e18))
    np.testing.assert_allclose(one.E[1], 10 * np.asarray(ten.E[1]), rtol=1e-12, atol=1e-30)
    assert np.max(np.abs(one.E[1])) > 0


def test_back_reaction_of_a_weak_field_is_none() -> None:
    """theta and X with a photon whose A starts at zero in a good conductor, and without coupling."""

    def run(mixing: float) -> Lattice:
        n, rng = 12, np.random.default_rng(1)
        lattice = conductor_lattice(n, np.array([[3.0, mixing], [mixing, 0.0]]), 1e20)
        lattice.theta[...], lattice.pi[...] = 0.5 + 0.1 * smooth(rng, n), smooth(rng, n)
        lattice.X[0][...] = 0.05 * smooth(rng, n, 3)
        lattice.update_displacement()
        stepper = INTEGRATORS["strang"].on(lattice)
        for i in range(60):
            stepper.step(tau=0.008 * i, dt=0.008)
        return lattice

    coupled_one, alone = run(2.0), run(0.0)
    assert np.max(np.abs(coupled_one.X[1])) > 1e-22
    for name in ("theta", "pi"):
        np.testing.assert_allclose(getattr(coupled_one, name), getattr(alone, name), rtol=1e-13)
    np.testing.assert_allclose(coupled_one.X[0], alone.X[0], rtol=0, atol=1e-15)

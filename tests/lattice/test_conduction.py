"""A field in a conductor: its kernels against the oracle, its relaxation against arithmetic of 60
digits, waves against the exact solution, and what it keeps together with the other fields."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest

import oracle
from darklat.kernels.backends import Backend, make
from darklat.kernels.layout import Variant
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.lattice import Lattice
from darklat.lattice.sectors import AlpSector
from darklat.physics.background import Static
from darklat.physics.relaxation import relaxation
from device_fields import fold, launch, room_for_sums, to_field
from kernel_calls import assert_rounded


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


VARIANTS = [  # each is several seconds of compiling
    (fields, {"back_reacting": back, "self_coupled": own})
    for fields, back, own in (
        (1, True, True),
        (2, True, False),
        (2, False, False),
        (3, True, True),
        (3, False, True),
    )
]


def seen(lattice: oracle.Lattice, back_reacting: bool, self_coupled: bool) -> oracle.Lattice:
    """The lattice with the couplings that the kernels of the variant take from g: one row each for
    who feels, one column for whom."""
    g = lattice.g.copy()
    g[:-1, -1] *= back_reacting
    g[-1, -1] *= self_coupled
    return replace(lattice, g=g)


@pytest.mark.parametrize(("fields", "variant"), VARIANTS)
@pytest.mark.parametrize("n", [8, 34])
def test_flow_of_the_conducting_field(
    backend: Any, n: int, fields: int, variant: dict[str, bool]
) -> None:
    rng, whole, state = model(n, fields)
    lattice = seen(whole, **variant)
    b = backend(n=n, gauge_fields=fields, conducting=True, **variant)
    E, times = rng.normal(size=state.X.shape), {"hx": 0.01, "hy": 0.03, "hz": 0.02}
    moved = np.zeros_like(E)
    moved[-1] = E[-1] * np.reshape([*times.values()], (3, 1, 1, 1))
    arrays = {name: to_field(b, getattr(state, name)) for name in ("theta", "pi", "X", "D")}
    g_array, room = b.array(whole.g.ravel()), b.field("vector")
    common = {**times, "inv_dx": 1 / lattice.dx}
    b.launch("source_magnetic", g=g_array, X=arrays["X"], M=room)
    b.launch(
        "conducting_torque", **common, theta=arrays["theta"], E=to_field(b, E), M=room,
        pi=arrays["pi"],
    )  # fmt: skip
    written = launch(b, "conducting_momenta", **common, g=g_array, F=room, D=arrays["D"])
    written["pi"] = b.to_host(arrays["pi"])
    twin, size = lattice.magnitudes(), np.abs(moved)
    D = state.D - lattice.curl_back(lattice.mixed(lattice.Fbar(state.theta, moved)))
    D_size = twin.curl_back(twin.mixed(twin.Fbar(np.abs(state.theta), size)))
    assert_rounded(written["D"], D, np.abs(state.D) + D_size)
    # theta feels E_A.B_b and not the other way round twice, so with g_Ab and not with what b feels
    g = whole.g.copy()
    g[-1, -1] *= variant["self_coupled"]
    acting = replace(whole, g=g * variant["back_reacting"])
    pi = state.pi - acting.EB(moved, state.X)
    assert_rounded(
        written["pi"], pi, np.abs(state.pi) + acting.magnitudes().EB(size, np.abs(state.X))
    )
    written = launch(b, "conducting_coordinate", **times, E=to_field(b, E), X=arrays["X"])
    assert_rounded(written["X"], state.X + moved, np.abs(state.X) + size)


@pytest.mark.parametrize(("fields", "variant"), VARIANTS)
def test_free_fields_feel_the_conducting_one_where_it_reacts_back(
    backend: Any, fields: int, variant: dict[str, bool]
) -> None:
    n, h = 8, 0.01
    rng, whole, state = model(n, fields)
    lattice = seen(whole, **variant)
    b = backend(n=n, gauge_fields=fields, conducting=True, **variant)
    g, inv_dx = b.array(whole.g.ravel()), 1 / lattice.dx
    E = rng.normal(size=state.X.shape)
    arrays = {name: to_field(b, getattr(state, name)) for name in ("theta", "X", "D")}
    twin = lattice.magnitudes()
    expected = state.D + lattice.mixed(lattice.W(state.theta, state.X))
    size = np.abs(state.D) + twin.mixed(twin.W(np.abs(state.theta), np.abs(state.X)))
    expected[-1] = E[-1]
    written = launch(b, "electric", inv_dx=inv_dx, g=g, **arrays, E=to_field(b, E))
    assert_rounded(written["E"], expected, size)

    for axis in (0, 1, 2):
        E_I = np.zeros_like(E)
        E_I[:-1, axis] = E[:-1, axis]
        common = {"axis": axis, "h": h, "inv_dx": inv_dx}
        field, D, pi_field = to_field(b, E), to_field(b, state.D), to_field(b, state.pi)
        b.launch("felt_magnetic", axis=axis, g=g, X=arrays["X"], G=field)
        b.launch(
            "link_torque", **common, theta=arrays["theta"], G=field, E=field, F=field,
            pi=pi_field,
        )  # fmt: skip
        b.launch("link_momenta", **common, g=g, F=field, D=D)
        written = {"D": b.to_host(D), "pi": b.to_host(pi_field)}
        np.testing.assert_array_equal(b.to_host(field)[-1], E[-1])  # the conductor's own
        D = state.D - h * lattice.curl_back(lattice.mixed(lattice.Fbar(state.theta, E_I)))
        size = np.abs(E_I)
        D_size = h * twin.curl_back(twin.mixed(twin.Fbar(np.abs(state.theta), size)))
        assert_rounded(written["D"], D, np.abs(state.D) + D_size)
        pi = state.pi - h * lattice.EB(E_I, state.X)
        assert_rounded(written["pi"], pi, np.abs(state.pi) + h * twin.EB(size, np.abs(state.X)))


@pytest.mark.parametrize(("fields", "variant"), VARIANTS)
def test_relaxation_kick_and_charge(backend: Any, fields: int, variant: dict[str, bool]) -> None:
    n = 10
    rng, whole, state = model(n, fields)
    lattice = seen(whole, **variant)
    b = backend(n=n, gauge_fields=fields, conducting=True, **variant)
    E, P = rng.normal(size=state.X.shape), state.D
    Q = rng.normal(size=(1, *state.X.shape[1:]))
    room = b.field("vector")
    room[...] = b.xp.asarray(Q)
    inv_dx, partial, twin = 1 / lattice.dx, room_for_sums(b, "relax"), lattice.magnitudes()
    numbers = {
        "decay": 0.2, "gain": 0.5, "current_E": 0.3, "current_G": 0.6, "heat_EE": 0.4,
        "heat_EG": 0.7, "heat_GG": 0.9,
    }  # fmt: skip
    M = launch(
        b, "source_magnetic", g=b.array(whole.g.ravel()), X=to_field(b, state.X),
        M=b.field("vector"),
    )["M"]  # fmt: skip
    sources = 4 * lattice.dx * lattice.mixed(lattice.B4(state.X))[-1]
    size = 4 * lattice.dx * twin.mixed(twin.B4(np.abs(state.X)))[-1]
    assert_rounded(M[0], sources, size)
    felt = b.field("vector")
    felt[...] = b.xp.asarray(M)
    written = launch(
        b, "relax", **numbers, inv_dx=inv_dx, theta=to_field(b, state.theta), M=felt,
        E=to_field(b, E), D=to_field(b, P), Q=room, partial=partial,
    )  # fmt: skip
    gW = lattice.mixed(lattice.W(state.theta, state.X))[-1]
    size = twin.mixed(twin.W(np.abs(state.theta), np.abs(state.X)))[-1]
    G, bound = P[-1] + gW, np.abs(P[-1]) + size + np.abs(E[-1]) + np.abs(Q[0])
    assert_rounded(written["E"][-1], 0.2 * E[-1] + 0.5 * G, bound)
    assert_rounded(written["Q"][0], Q[0] + 0.3 * E[-1] + 0.6 * G, bound)
    assert_rounded(written["D"][-1], -gW, size)
    for name, before in (("E", E), ("D", P)):
        np.testing.assert_array_equal(written[name][:-1], before[:-1])
    heat = np.sum(0.4 * E[-1] ** 2 + 0.7 * E[-1] * G + 0.9 * G**2)
    assert fold(b, partial)[0] == pytest.approx(heat, rel=1e-13)

    B = lattice.curl(state.X)
    written = launch(b, "conducting_plaquettes", X=to_field(b, state.X), B=felt)
    plaquettes_size = lattice.dx * twin.curl(np.abs(state.X))[-1]
    assert_rounded(written["B"][0], lattice.dx * B[-1], plaquettes_size)
    written = launch(b, "conducting_kick", h=0.1, inv_dx=inv_dx, B=felt, D=to_field(b, P))
    kicked = P[-1] - 0.1 * lattice.curl_back(B)[-1]
    B_size = twin.curl(np.abs(state.X))
    assert_rounded(written["D"][-1], kicked, np.abs(P[-1]) + 0.1 * twin.curl_back(B_size)[-1])

    partial = room_for_sums(b, "charge_residual")
    launch(
        b, "charge_residual", E=to_field(b, E), D=to_field(b, P), Q=room, partial=partial
    )  # Q as relax left it
    Q_now = b.to_host(room)[0]
    residual = lattice.dx * lattice.divergence(E[-1] + P[-1] + Q_now)
    terms = lattice.dx * twin.divergence(np.abs(E[-1]) + np.abs(P[-1]) + np.abs(Q_now))
    found = fold(b, partial)
    assert found == pytest.approx([np.sum(residual**2), np.sum(terms**2)], rel=1e-12)


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


def conductor_lattice(n: int, g: np.ndarray, sigma: float | None, *, back: bool = True) -> Lattice:
    backend: Backend = make(
        "cpu", n=n, variant=Variant(
            len(g), conducting=sigma is not None, self_coupled=bool(g[-1, -1]), back_reacting=back
        ),
    )  # fmt: skip
    return Lattice(
        backend, couplings=g, dx=1 / n, mass=3.0, background=Static(),
        conductor=None if sigma is None else Medium(sigma),
    )  # fmt: skip


def electromagnetic(lattice: Lattice) -> float:
    lattice.measure(1.0)
    return sum(of["E_sq"] + of["B_sq"] for of in lattice.averages.field_means) / 2


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
    """E is S/sigma of half a step before, and A decays at the rate k^2/sigma: order 1."""
    dt, sigma = 0.02, sigma_dt / 0.02
    rate = (16 * np.sin(np.pi / 8)) ** 2 / sigma
    coarse, fine = (wave(sigma, dt / f, 12 * f) for f in (1, 2))
    assert max(map(abs, coarse)) < 1.01 * rate * dt + 1e-15
    if sigma_dt == 1e3:
        for before, after in zip(coarse[:2], fine[:2], strict=True):
            assert math.log2(before / after) == pytest.approx(1, abs=0.02)


def test_without_conductivity_it_is_the_leapfrog_of_a_free_field() -> None:
    lattice = conductor_lattice(10, np.zeros((1, 1)), 0.0)
    lattice.X[...], lattice.E[...] = np.random.default_rng(1).normal(size=(2, 1, 3, 10, 10, 10))
    lattice.update_displacement()
    A, E = np.array(lattice.X), np.array(lattice.E)
    space, dt = oracle.Lattice(dx=0.1, g=np.zeros((1, 1)), mass=3.0), 0.02
    stepper = INTEGRATORS["strang"].on(lattice)
    for i in range(50):
        stepper.step(tau=dt * i, dt=dt)
        A += dt / 2 * E
        E -= dt * space.curl_back(space.curl(A))
        A += dt / 2 * E
    for ours, exact in ((lattice.X, A), (lattice.E, E)):
        # every step rounds each of its few operations once
        assert np.max(np.abs(ours - exact)) < 50 * oracle.UNIT_ROUNDOFF * np.max(np.abs(exact))


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
    if sigma and sigma > 1e3:  # where E is S/sigma from the start; see the next test
        lattice.E[1][...] = 0
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
    lattice.measure(1.0)
    alp = lattice.averages.means
    return (alp["pi_sq"] + alp["grad_sq"]) / 2 + alp["potential"] + electromagnetic(lattice)


def gauss(lattice: Lattice) -> np.ndarray:
    now = lattice.measure(1.0)
    rows = [sector.row(now) for sector in lattice.sectors if not isinstance(sector, AlpSector)]
    return np.array([value for row in rows for value in row.values()])


@pytest.mark.parametrize("g", [G, G_MIXED], ids=["g_AA = 0", "g_AA"])
@pytest.mark.parametrize("sigma", [0.0, 5.0, 1e8])
def test_energy_with_the_heat_is_kept_at_second_order(g: np.ndarray, sigma: float) -> None:
    (_, coarse), (_, fine) = (coupled(g, sigma, 0.008 / f, 30 * f) for f in (1, 2))
    assert abs(coarse) < 1e-3
    assert math.log2(coarse / fine) == pytest.approx(2, abs=0.1)


def test_an_electric_field_that_a_good_conductor_cannot_have_moves_A_for_half_a_step() -> None:
    """Exactly it moves A by E/sigma: order 1 where the start is not that of a conductor."""
    lattice = conductor_lattice(8, np.zeros((1, 1)), 1e18)
    lattice.E[...] = 1.0
    lattice.update_displacement()
    stepper, dt = INTEGRATORS["strang"].on(lattice), 0.01
    for i in range(3):
        stepper.step(tau=i * dt, dt=dt)
    np.testing.assert_allclose(lattice.X, dt / 2, rtol=1e-15)
    assert np.all(lattice.E == 0)


@pytest.mark.parametrize("g", [G, G_MIXED], ids=["g_AA = 0", "g_AA"])
@pytest.mark.parametrize("sigma", [0.0, 5.0, 1e3, 1e8, 1e25])
def test_gauss_with_the_charge_of_the_medium(g: np.ndarray, sigma: float) -> None:
    lattice, _ = coupled(g, sigma, 0.008, 60)
    assert np.max(gauss(lattice)) < 60 * oracle.UNIT_ROUNDOFF  # one rounding a step at most
    if sigma:
        charge = -oracle.Lattice(dx=1 / 12, g=g, mass=3.0).divergence(np.array(lattice.conductor.Q))
        assert np.std(charge) > 0.1  # the charge that grad theta.B_X asks for is there
    lattice.conductor.Q[0, 1, 2, 3] += 1e-4
    assert gauss(lattice)[1] > 1e-8


@pytest.mark.parametrize("g", [G, G_MIXED], ids=["g_AA = 0", "g_AA"])
def test_without_conductivity_it_converges_to_the_free_fields(g: np.ndarray) -> None:
    def distance(f: int) -> float:
        one, other = (coupled(g, sigma, 0.008 / f, 30 * f)[0] for sigma in (0.0, None))
        return max(np.max(np.abs(getattr(one, x) - getattr(other, x))) for x in ("theta", "X", "E"))

    coarse, fine = distance(1), distance(2)
    assert coarse < 1e-3
    assert math.log2(coarse / fine) == pytest.approx(2, abs=0.1)


def test_in_a_good_conductor_the_field_is_the_current_over_sigma() -> None:
    """E_A scales as 1/sigma and theta and X no longer know of A."""
    (one, _), (ten, _) = (coupled(G, sigma, 0.008, 60) for sigma in (1e17, 1e18))
    np.testing.assert_allclose(one.E[1], 10 * np.asarray(ten.E[1]), rtol=1e-12, atol=1e-30)
    assert np.max(np.abs(one.E[1])) > 0


def photon_lattice(
    g: np.ndarray, sigma: float, back: bool, X: float, A: float, steps: int
) -> Lattice:
    """After that many steps from random fields with rms of about 0.3 X and 0.3 A."""
    n, rng = 12, np.random.default_rng(1)
    lattice = conductor_lattice(n, g, sigma, back=back)
    lattice.theta[...], lattice.pi[...] = 0.5 + 0.1 * smooth(rng, n), smooth(rng, n)
    lattice.X[...] = np.reshape([X, A], (2, 1, 1, 1, 1)) * smooth(rng, n, 2, 3)
    lattice.update_displacement()
    stepper = INTEGRATORS["strang"].on(lattice)
    for i in range(steps):
        stepper.step(tau=0.008 * i, dt=0.008)
    return lattice


def test_back_reaction_of_a_weak_field_is_none() -> None:
    """theta and X with a photon whose A starts at zero in a good conductor, with its back-reaction,
    without, and without a photon to speak of; and A itself."""

    def run(mixing: float, back: bool) -> Lattice:
        g = np.array([[3.0, mixing], [mixing, 0.0]])
        return photon_lattice(g, 1e20, back, X=0.05, A=0.0, steps=60)

    on, off, alone = run(2.0, True), run(2.0, False), run(0.0, True)
    size = np.max(np.abs(on.X[1]))
    assert size > 1e-22
    for other in (off, alone):
        for name in ("theta", "pi"):
            np.testing.assert_allclose(getattr(on, name), getattr(other, name), rtol=1e-13)
        np.testing.assert_allclose(on.X[0], other.X[0], rtol=0, atol=1e-15)
    np.testing.assert_allclose(on.X[1], off.X[1], rtol=0, atol=1e-11 * size)


def test_without_back_reaction_the_others_do_not_know() -> None:
    """Also where it would matter: as with A's couplings taken away."""
    none = np.array([[3.0, 0.0], [0.0, 0.0]])
    off, felt, alone = (
        photon_lattice(g, 0.5, back, X=0.5, A=0.5, steps=20)
        for g, back in ((G_MIXED, False), (G_MIXED, True), (none, True))
    )
    for name in ("theta", "pi", "X", "D"):
        ours, other = (np.array(getattr(x, name)) for x in (off, alone))
        if name in "XD":
            ours, other = ours[0], other[0]
        np.testing.assert_allclose(ours, other, rtol=0, atol=1e-12 * np.max(np.abs(other)))
    assert np.max(np.abs(np.asarray(felt.theta - off.theta))) > 1e-3

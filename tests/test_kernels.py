"""Every kernel that walks over sites against the oracle, and what the scheme promises: the
stencils' eigenvalues, Gauss's law, energy, one result for any number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import oracle
from darklat.kernels import registry
from darklat.kernels.cpu import CpuBackend
from darklat.kernels.layout import PADDING, Variant
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.lattice import Lattice
from darklat.physics.background import Background
from device_fields import fold, launch, to_field

A_SCALE = 1.7
ALP_SUMS, GAUGE_SUMS, STAGE_SUMS = 5, 4, 3
# A result of m roundings in a row differs from the exact one by at most m u times the sum of the
# magnitudes of its terms, u the unit roundoff (Higham, Accuracy and Stability of Numerical
# Algorithms, ch. 3). The longest chain, X -> B -> W -> E -> F -> Fbar -> H -> D', has about 30 for
# three fields, in the kernels and again in the oracle.
ROUNDINGS = 64
SIZES = [8, 10, 34]  # smallest, a multiple of nothing, more than two tiles of rows
MODELS = [(n, *model) for n in SIZES for model in ((1, False), (2, True), (3, False))]
models = pytest.mark.parametrize(("n", "fields", "cosine"), MODELS)


def assert_rounded(actual: Any, exact: Any, magnitudes: Any, roundings: int = ROUNDINGS) -> None:
    error = np.abs(np.asarray(actual) - exact)
    assert np.all(np.isfinite(actual))
    excess = np.max(error / (oracle.UNIT_ROUNDOFF * magnitudes + np.finfo(float).tiny))
    assert excess <= roundings, f"off by {excess:.1f} unit roundoffs of the sum of magnitudes"


def assert_sums(
    actual: np.ndarray, terms: list[np.ndarray], n: int, roundings: int = ROUNDINGS
) -> None:
    """Sums over the lattice: at most this many additions one after the other on either backend."""
    additions = n + 2 * n * n  # elements of a row, rows or blocks of all planes
    for value, term in zip(actual, terms, strict=True):
        assert_rounded(value, np.sum(term), np.sum(np.abs(term)), roundings + additions)


def random_model(
    n: int, fields: int, *, cosine: bool
) -> tuple[np.random.Generator, oracle.Lattice, oracle.State]:
    rng = np.random.default_rng([n, fields, cosine])
    lattice = oracle.random_lattice(rng, fields, cosine=cosine)
    return rng, lattice, oracle.random_state(rng, n, fields)


def electric(b: Any, lattice: oracle.Lattice, state: oracle.State) -> np.ndarray:
    fields = {name: to_field(b, getattr(state, name)) for name in ("theta", "X", "D")}
    g = b.array(lattice.g.ravel())
    return launch(b, "electric", inv_dx=1 / lattice.dx, g=g, **fields, E=b.field("link"))["E"]


def momenta(
    b: Any,
    lattice: oracle.Lattice,
    state: oracle.State,
    E: np.ndarray,
    *,
    k: oracle.State | None = None,
    A: float = 0.0,
    B: float = 0.0,
    dt: float = 1.0,
    a: float = A_SCALE,
) -> dict[str, np.ndarray]:
    """With the defaults k_theta, k_pi, k_D are theta', pi', D'."""
    k = k or oracle.State(*(np.zeros_like(field) for field in state))
    written = launch(
        b,
        "momenta",
        A=A,
        B=B,
        dt=dt,
        a=a,
        mass_squared=lattice.mass**2,
        inv_dx=1 / lattice.dx,
        g=b.array(lattice.g.ravel()),
        **{name: to_field(b, getattr(state, name)) for name in ("theta", "X", "pi", "D")},
        E=to_field(b, E),
        **{f"k_{name}": to_field(b, getattr(k, name)) for name in ("theta", "pi", "D")},
        partial=(partial := b.partial(STAGE_SUMS)),
    )
    return written | {"sums": fold(b, partial, STAGE_SUMS)}


def averages(b: Any, lattice: oracle.Lattice, state: oracle.State, E: np.ndarray) -> np.ndarray:
    quantities = ALP_SUMS + GAUGE_SUMS * len(lattice.g)
    partial = b.partial(quantities)
    fields = {name: to_field(b, getattr(state, name)) for name in ("theta", "pi", "X", "D")}
    scalars = {"mass_squared": lattice.mass**2, "inv_dx": 1 / lattice.dx}
    launch(b, "averages", **scalars, **fields, E=to_field(b, E), partial=partial)
    return fold(b, partial, quantities)


def kernel_rates(b: Any, lattice: oracle.Lattice, state: oracle.State) -> oracle.State:
    E = electric(b, lattice, state)
    written = momenta(b, lattice, state, E)
    return oracle.State(written["k_theta"], written["k_pi"], E, written["k_D"])


# -- against the oracle


@models
def test_electric(backend: Any, n: int, fields: int, cosine: bool) -> None:
    _, lattice, state = random_model(n, fields, cosine=cosine)
    E = electric(backend(n=n, gauge_fields=fields, cosine=cosine), lattice, state)
    size = state.magnitudes()
    bound = lattice.magnitudes().E(size.theta, size.X, size.D)
    assert_rounded(E, lattice.E(state.theta, state.X, state.D), bound)


@models
def test_momenta(backend: Any, n: int, fields: int, cosine: bool) -> None:
    rng, lattice, state = random_model(n, fields, cosine=cosine)
    k = oracle.random_state(rng, n, fields)
    E = lattice.E(state.theta, state.X, state.D)
    A, B, dt = -0.7, 0.3, 0.01
    b = backend(n=n, gauge_fields=fields, cosine=cosine)
    written = momenta(b, lattice, state, E, k=k, A=A, B=B, dt=dt)
    rate = lattice.rates(state, A_SCALE)
    rate_bound = lattice.magnitudes().rates(state.magnitudes(), A_SCALE)
    for name in ("theta", "pi", "D"):
        register = A * getattr(k, name) + dt * getattr(rate, name)
        bound = abs(A) * np.abs(getattr(k, name)) + dt * getattr(rate_bound, name)
        assert_rounded(written[f"k_{name}"], register, bound)
        if name != "theta":  # theta itself advances with the coordinates
            before = getattr(state, name)
            assert_rounded(written[name], before + B * register, np.abs(before) + B * bound)
    squares = [state.pi**2, lattice.gradient_squared(state.theta), lattice.V(state.theta)]
    assert_sums(written["sums"], squares, n)


@models
def test_coordinates(backend: Any, n: int, fields: int, cosine: bool) -> None:
    rng, _, state = random_model(n, fields, cosine=cosine)
    k = oracle.random_state(rng, n, fields)
    E = rng.normal(size=state.X.shape)
    b = backend(n=n, gauge_fields=fields, cosine=cosine)
    A, B, dt = -0.7, 0.3, 0.01
    written = launch(
        b,
        "coordinates",
        A=A,
        B=B,
        dt=dt,
        E=to_field(b, E),
        k_theta=to_field(b, k.theta),
        k_X=to_field(b, k.X),
        theta=to_field(b, state.theta),
        X=to_field(b, state.X),
    )
    register, bound = A * k.X + dt * E, np.abs(A * k.X) + np.abs(dt * E)
    assert_rounded(written["k_X"], register, bound, roundings=8)
    assert_rounded(written["X"], state.X + B * register, np.abs(state.X) + B * bound, roundings=8)
    theta_bound = np.abs(state.theta) + np.abs(B * k.theta)
    assert_rounded(written["theta"], state.theta + B * k.theta, theta_bound, roundings=8)


@models
def test_averages(backend: Any, n: int, fields: int, cosine: bool) -> None:
    rng, lattice, state = random_model(n, fields, cosine=cosine)
    E = rng.normal(size=state.X.shape)
    b = backend(n=n, gauge_fields=fields, cosine=cosine)
    theta, pi = state.theta, state.pi
    terms = [theta, theta**2, pi**2, lattice.gradient_squared(theta), lattice.V(theta)]
    divergence, magnitudes = lattice.gauss_terms(state.D)
    B = lattice.B(state.X)
    for f in range(fields):
        terms += [
            E[f] ** 2,
            B[f] ** 2,
            (lattice.dx * divergence[f]) ** 2,
            (lattice.dx * magnitudes[f]) ** 2,
        ]
    assert_sums(averages(b, lattice, state, E), terms, n)


@models
def test_kick_and_drift(backend: Any, n: int, fields: int, cosine: bool) -> None:
    _, lattice, state = random_model(n, fields, cosine=cosine)
    size, twin = state.magnitudes(), lattice.magnitudes()
    b = backend(n=n, gauge_fields=fields, cosine=cosine)
    h, a = 0.01, A_SCALE
    B, inv_dx = lattice.B(state.X), 1 / lattice.dx
    written = launch(b, "plaquettes", X=to_field(b, state.X), B=to_field(b, state.D))
    assert_rounded(written["B"], lattice.dx * B, lattice.dx * twin.B(size.X))
    written = launch(
        b, "kick", h=h, a=a, mass_squared=lattice.mass**2, inv_dx=inv_dx,
        **{name: to_field(b, getattr(state, name)) for name in ("theta", "pi", "D")},
        B=to_field(b, lattice.dx * B), partial=(partial := b.partial(2)),
    )  # fmt: skip
    force = a**2 * lattice.laplacian(state.theta) - a**4 * lattice.dV(state.theta)
    bound = a**2 * twin.laplacian(size.theta) + a**4 * twin.dV(size.theta)
    assert_rounded(written["pi"], state.pi + h * force, size.pi + h * bound)
    curl_B = lattice.curl_back(B)
    bound = twin.curl_back(twin.B(size.X))
    assert_rounded(written["D"], state.D - h * curl_B, size.D + h * bound)
    sums = [lattice.gradient_squared(state.theta), lattice.V(state.theta)]
    assert_sums(fold(b, partial, 2), sums, n)

    partial = b.partial(1)
    fields_of = {name: to_field(b, getattr(state, name)) for name in ("pi", "theta")}
    written = launch(b, "drift", h=h, a=a, **fields_of, partial=partial)
    moved, bound = state.theta + h * state.pi / a**2, size.theta + h * size.pi / a**2
    assert_rounded(written["theta"], moved, bound, roundings=16)
    assert_sums(fold(b, partial, 1), [state.pi**2], n)


@pytest.mark.parametrize("axis", [0, 1, 2])
@models
def test_link_flow(backend: Any, n: int, fields: int, cosine: bool, axis: int) -> None:
    """The flow of sum E_I^2/2: X_I alone moves, by E_I; D and pi by what that E_I contributes."""
    rng, lattice, state = random_model(n, fields, cosine=cosine)
    size, twin = state.magnitudes(), lattice.magnitudes()
    b = backend(n=n, gauge_fields=fields, cosine=cosine)
    h, before = 0.01, rng.normal(size=state.X.shape)
    common = {"axis": axis, "h": h, "inv_dx": 1 / lattice.dx}
    g = b.array(lattice.g.ravel())
    along, second, third = np.roll(np.eye(3), axis, axis=1)[..., None, None, None]
    arrays = {name: to_field(b, getattr(state, name)) for name in ("theta", "D", "X")}

    felt = lattice.mixed(lattice.B4(state.X))[:, axis, None]
    felt_size = twin.mixed(twin.B4(size.X))[:, axis, None]
    written = launch(b, "felt_magnetic", axis=axis, g=g, X=arrays["X"], G=to_field(b, before))
    four_dx, kept = 4 * lattice.dx, (1 - second) * before
    assert_rounded(
        written["G"], kept + four_dx * second * felt, np.abs(kept) + four_dx * second * felt_size
    )
    G = to_field(b, four_dx * second * felt)

    written = launch(b, "link_coordinate", **common, **arrays, G=G, E=to_field(b, before))
    E, E_bound = lattice.E(state.theta, state.X, state.D), twin.E(size.theta, size.X, size.D)
    assert_rounded(written["X"], state.X + h * along * E, size.X + h * along * E_bound)
    kept = (1 - along) * before
    assert_rounded(written["E"], kept + along * E, np.abs(kept) + along * E_bound)

    E_I, E_size = along * before, along * np.abs(before)  # other components are not read
    out = {"F": to_field(b, before), "pi": to_field(b, state.pi)}
    written = launch(
        b, "link_torque", **common, theta=arrays["theta"], G=G, E=to_field(b, before), **out
    )
    pi, bound = state.pi - h * lattice.EB(E_I, state.X), size.pi + h * twin.EB(E_size, size.X)
    assert_rounded(written["pi"], pi, bound)
    F = 2 * lattice.F(state.theta, E_I)[:, axis, None]
    F_size = 2 * twin.F(size.theta, E_size)[:, axis, None]
    kept = (1 - third) * before
    assert_rounded(written["F"], kept + third * F, np.abs(kept) + third * F_size)

    written = launch(
        b, "link_momenta", **common, g=g, F=to_field(b, third * F), D=to_field(b, state.D)
    )
    curl = lattice.curl_back(lattice.mixed(lattice.Fbar(state.theta, E_I)))
    bound = twin.curl_back(twin.mixed(twin.Fbar(size.theta, E_size)))
    assert_rounded(written["D"], state.D - h * curl, size.D + h * bound)


def test_copy(backend: Any) -> None:
    b = backend(n=10, gauge_fields=2)
    X = np.random.default_rng(2).normal(size=b.layout.shape("link"))
    written = launch(b, "copy", X=to_field(b, X), E=b.field("link"))
    np.testing.assert_array_equal(written["E"], X)


def test_fold(backend: Any) -> None:
    b = backend(n=8)
    parts = np.random.default_rng(5).normal(size=(3, 1000))
    assert_sums(fold(b, b.array(parts.ravel()), 3), list(parts), n=32)


def test_kernels_stay_inside_their_fields(backend: Any) -> None:
    b = backend(n=10, gauge_fields=2)
    _, lattice, state = random_model(10, 2, cosine=False)
    cells = b.layout.elements("link")
    memory = b.xp.full(cells + 2 * PADDING, 7.0)  # guards on both sides and between the components
    inside = memory[PADDING : PADDING + cells]
    E = b.xp.lib.stride_tricks.as_strided(
        inside, b.layout.shape("link"), b.layout.strides("link", 8)
    )
    fields = {name: to_field(b, getattr(state, name)) for name in ("theta", "X", "D")}
    launch(b, "electric", inv_dx=1 / lattice.dx, g=b.array(lattice.g.ravel()), **fields, E=E)
    before = 1 if b.layout.ghosts else 0  # the one ghost that lies before a block's first row
    for first in range(PADDING, PADDING + cells, b.layout.stride):
        memory[first - before : first - before + 10 * 10 * b.layout.pitch] = 7.0
    np.testing.assert_array_equal(b.to_host(memory), 7.0)


# -- what the oracle's equations are


def test_the_lattice_converges_to_the_continuum_at_second_order() -> None:
    """Smooth fields: E' = -curl B + g (theta' B - grad theta x E), pi' = lap theta - V' - g E.B."""
    rng = np.random.default_rng(7)
    g = np.array([[1.5, -0.8], [-0.8, 0.6]])
    modes = np.array(list(np.ndindex(3, 3, 3))) - 1

    def smooth(*shape: int) -> np.ndarray:
        return rng.normal(size=(*shape, 27)) + 1j * rng.normal(size=(*shape, 27))

    theta, velocity, X, E = smooth(), smooth(), smooth(2, 3), smooth(2, 3)

    def curl(V: np.ndarray) -> np.ndarray:
        return 1j * np.cross(modes.T[None], V, axisa=1, axisb=1, axisc=1)

    def errors(n: int) -> tuple[float, float]:
        dx = 2 * np.pi / n
        lattice = oracle.Lattice(dx=dx, g=g, mass=3.0)
        x = np.stack(np.meshgrid(*3 * [np.arange(n)], indexing="ij")) * dx

        def at(f: np.ndarray, link: int | None = None) -> np.ndarray:
            offset = np.zeros(3) if link is None else np.eye(3)[link] * dx / 2
            waves = np.exp(1j * np.tensordot(modes, x + offset[:, None, None, None], axes=1))
            return np.tensordot(f, waves, axes=1).real

        def on_links(V: np.ndarray) -> np.ndarray:
            return np.stack([at(V[:, i], i) for i in range(3)], axis=1)

        sites, links, electric = at(theta), on_links(X), on_links(E)
        state = oracle.State(
            sites, at(velocity), links, electric - lattice.mixed(lattice.W(sites, links))
        )
        rate = lattice.rates(state, 1.0)
        E_rate = rate.D + lattice.mixed(lattice.W(rate.theta, links) + lattice.W(sites, rate.X))

        exact = np.empty_like(E_rate)
        for i in range(3):  # every factor of the continuum's equation at this component's links
            slope = np.stack([at(1j * modes[:, j] * theta, i) for j in range(3)])
            force = np.einsum("xyz,bxyz->bxyz", at(velocity, i), at(curl(X)[:, i], i))
            j, k = oracle.others(i)
            force -= slope[j] * at(E[:, k], i) - slope[k] * at(E[:, j], i)
            exact[:, i] = -at(curl(curl(X))[:, i], i) + np.einsum("ab,bxyz->axyz", g, force)
        laplacian = at(-np.sum(modes**2, axis=1) * theta)
        source = np.einsum("ab,aixyz,bixyz->xyz", g, at(E), at(curl(X)))
        pi_exact = laplacian - 9 * sites - source
        return np.abs(E_rate - exact).max(), np.abs(rate.pi - pi_exact).max()

    for coarse, fine in zip(errors(16), errors(32), strict=True):
        assert coarse / fine == pytest.approx(
            4, rel=0.1
        )  # dx^2, with dx^4 corrections of a few per cent


def test_the_oracle_takes_the_derivative_of_its_own_hamiltonian() -> None:
    """Against a central difference, whose errors are of order h^2 and rounding / h."""
    _, lattice, state = random_model(8, 2, cosine=True)
    rate = oracle.random_state(np.random.default_rng(3), 8, 2)
    h = 1e-5

    def moved(by: float) -> float:
        return lattice.hamiltonian(
            oracle.State(*(f + by * r for f, r in zip(state, rate, strict=True))), A_SCALE
        )

    difference = (moved(h) - moved(-h)) / (2 * h)
    assert lattice.hamiltonian_rate(state, rate, A_SCALE)[0] == pytest.approx(difference, rel=1e-6)


# -- what the kernels keep

MODES = [(1, 0, 0), (0, 0, 3), (2, 1, 0), (3, -2, 4), (5, 5, 5)]


@pytest.mark.parametrize("mode", MODES)
def test_laplacian_eigenvalue(backend: Any, mode: tuple[int, int, int]) -> None:
    n = 10
    lattice = oracle.Lattice(dx=0.1, g=np.zeros((1, 1)), mass=0.0)
    x = np.meshgrid(*3 * [np.arange(n)], indexing="ij")
    theta = np.cos(2 * np.pi / n * sum(m * xi for m, xi in zip(mode, x, strict=True)) + 0.3)
    empty = np.zeros((1, 3, n, n, n))
    rates = kernel_rates(backend(n=n), lattice, oracle.State(theta, 0 * theta, empty, empty))
    eigenvalue = np.sum((2 / lattice.dx * np.sin(np.pi * np.array(mode) / n)) ** 2)
    # pi' = a^2 lap theta; a dozen roundings of terms of order 4/dx^2
    np.testing.assert_allclose(
        rates.pi / A_SCALE**2, -eigenvalue * theta, atol=1e-12 * 4 / lattice.dx**2, rtol=0
    )


@pytest.mark.parametrize("helicity", [+1, -1])
@pytest.mark.parametrize("mode", MODES[:-1])  # the last has no helicity: k and -k are the same mode
def test_curl_curl_eigenvalue(backend: Any, mode: tuple[int, int, int], helicity: int) -> None:
    n = 10
    lattice = oracle.Lattice(dx=0.1, g=np.zeros((1, 1)), mass=0.0)
    site = np.zeros((n, n, n))
    X = oracle.plane_wave(n, lattice.dx, mode, helicity)[None]
    rates = kernel_rates(backend(n=n), lattice, oracle.State(site, site, X, 0 * X))
    eigenvalue = np.sum((2 / lattice.dx * np.sin(np.pi * np.array(mode) / n)) ** 2)
    np.testing.assert_allclose(rates.D, -eigenvalue * X, atol=1e-12 * 4 / lattice.dx**2, rtol=0)


def test_a_pure_gauge_potential_has_no_effect(backend: Any) -> None:
    n, fields = 10, 2
    _, lattice, state = random_model(n, fields, cosine=False)
    b = backend(n=n, gauge_fields=fields)
    shift = lattice.gradient(np.random.default_rng(1).normal(size=(fields, n, n, n)))
    moved = state._replace(X=state.X + shift)
    size = moved._replace(X=np.abs(state.X) + np.abs(shift)).magnitudes()
    for before, after, bound in zip(
        kernel_rates(b, lattice, state),
        kernel_rates(b, lattice, moved),
        lattice.magnitudes().rates(size, A_SCALE),
        strict=True,
    ):
        assert_rounded(after, before, bound)


@models
def test_energy_is_conserved_in_a_static_background(
    backend: Any, n: int, fields: int, cosine: bool
) -> None:
    _, lattice, state = random_model(n, fields, cosine=cosine)
    rates = kernel_rates(backend(n=n, gauge_fields=fields, cosine=cosine), lattice, state)
    size = state.magnitudes()
    magnitudes = lattice.magnitudes()
    bound, _ = magnitudes.hamiltonian_rate(size, magnitudes.rates(size, A_SCALE), A_SCALE)
    change, terms = lattice.hamiltonian_rate(state, rates, A_SCALE)
    # rates, then chain rule: twice the chain of ROUNDINGS
    assert_rounded(change, 0.0, bound, 2 * ROUNDINGS)
    # most of that bound cancels: errors of different sites are independent
    assert abs(change) < 1e-15 * terms
    broken, _ = lattice.hamiltonian_rate(state, rates._replace(D=(1 + 1e-6) * rates.D), A_SCALE)
    assert abs(broken) > 1e-11 * terms


def gauss(sums: np.ndarray, field: int) -> float:
    first = ALP_SUMS + GAUGE_SUMS * field
    return float(np.sqrt(sums[first + 2] / sums[first + 3]))


@pytest.mark.parametrize("fields", [1, 2])
def test_gauss_is_kept_by_the_momenta_and_seen_when_broken(backend: Any, fields: int) -> None:
    n = 34
    rng, lattice, state = random_model(n, fields, cosine=True)
    b = backend(n=n, gauge_fields=fields, cosine=True)
    state = state._replace(D=lattice.curl_back(rng.normal(size=state.D.shape)))
    # each of the six terms is itself rounded: a residual of about one unit roundoff
    assert gauss(averages(b, lattice, state, state.D), 0) < 2 * oracle.UNIT_ROUNDOFF

    stages = 20
    k = oracle.State(*(np.zeros_like(f) for f in state))
    start = state.D
    for _ in range(stages):
        E = electric(b, lattice, state)
        written = momenta(b, lattice, state, E, k=k, A=-0.5, B=0.4, dt=2e-4)
        k = k._replace(theta=written["k_theta"], pi=written["k_pi"], D=written["k_D"])
        state = state._replace(pi=written["pi"], D=written["D"])
    sums = averages(b, lattice, state, E)
    size = np.sqrt(np.mean(state.D**2))
    assert np.sqrt(np.mean((state.D - start) ** 2)) > 0.5 * np.sqrt(
        np.mean(start**2)
    )  # it did move
    for f in range(fields):
        # an increment of D is rounded ROUNDINGS times at most; those of successive stages average
        assert gauss(sums, f) < ROUNDINGS * oracle.UNIT_ROUNDOFF

    broken = state.D.copy()
    broken[-1, 1, 3, 4, 5] += 1e-8 * size  # one link: charges of both signs at its ends
    sums = averages(b, lattice, state._replace(D=broken), E)
    assert gauss(sums, fields - 1) == pytest.approx(lattice.gauss_residual(broken)[-1], rel=1e-3)
    assert gauss(sums, fields - 1) > 1e3 * oracle.UNIT_ROUNDOFF


# -- one result whatever the number of threads

ALL_KERNELS = """
import sys
import numpy as np
from darklat.kernels.cpu import CpuBackend
from darklat.kernels.layout import Variant
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.lattice import Lattice
from darklat.lattice.spectra import SpectrumPlan
from darklat.physics.background import Background
from darklat.physics.conductivity import Conductivity

n = 34
rng = np.random.default_rng(11)
out = []
for scheme in sorted(INTEGRATORS):
    conducting = scheme == "strang"
    b = CpuBackend(n=n, variant=Variant(2, cosine=True, conducting=conducting))
    lattice = Lattice(b, couplings=np.array([[3.0, 1.0], [1.0, -2.0]]), dx=0.1, mass=3.0,
                      background=Background("radiation"),
                      conductor=Conductivity("constant", value=2.0) if conducting else None)
    for field in (lattice.theta, lattice.pi, lattice.X, lattice.E):
        field[...] = rng.normal(size=field.shape)
    lattice.update_displacement()
    work = INTEGRATORS[scheme].on(lattice).step(tau=1.0, dt=0.01)
    means = lattice.means()
    spectra = SpectrumPlan(b, n=n, box=3.4).measure(lattice, ("X", "A"), 1.0).spectra
    out += [lattice.theta, lattice.pi, lattice.X, lattice.D, lattice.E, means, np.array(work)]
    out += [np.asarray(s.power) for s in spectra.values()]
for array in out:
    assert np.isfinite(array).all()
    sys.stdout.buffer.write(np.ascontiguousarray(array).tobytes())
"""


def test_results_do_not_depend_on_the_number_of_threads() -> None:
    def run(threads: int) -> bytes:
        environment = os.environ | {"OMP_NUM_THREADS": str(threads), "OMP_DYNAMIC": "false"}
        done = subprocess.run(
            [sys.executable, "-P", "-c", ALL_KERNELS],
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    one = run(1)
    assert len(one) > len(INTEGRATORS) * 8 * 34**3 * 20
    assert run(2) == one
    assert run(3) == one


@pytest.mark.parametrize("scheme", sorted(INTEGRATORS))
def test_kernels_that_run_together_give_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """A step of every scheme, whose kernels feed one another, on so few sites that a sweep closes
    on itself before its last kernel has begun."""

    def step() -> list[bytes]:
        _, oracle_lattice, state = random_model(6, 2, cosine=True)
        b = CpuBackend(n=6, variant=Variant(2, cosine=True))
        lattice = Lattice(
            b, couplings=oracle_lattice.g, dx=oracle_lattice.dx, mass=3.0,
            background=Background("radiation"),
        )  # fmt: skip
        for field, values in zip(
            (lattice.theta, lattice.pi, lattice.X, lattice.D), state, strict=True
        ):
            field[...] = values
        work = INTEGRATORS[scheme].on(lattice).step(tau=1.0, dt=0.01)
        assert np.any(lattice.D != state.D)
        fields = (lattice.theta, lattice.pi, lattice.X, lattice.D, np.array(work))
        return [np.ascontiguousarray(f).tobytes() for f in fields]

    together, run = step(), CpuBackend.run
    monkeypatch.setattr(CpuBackend, "run", lambda b, launches: [run(b, [x]) for x in launches])
    assert step() == together


# -- the registry


@pytest.fixture
def electric_call() -> tuple[CpuBackend, dict[str, Any]]:
    b = CpuBackend(n=8, variant=Variant(1, cosine=False))
    values = {
        "n": 8,
        "stride": b.layout.stride,
        "inv_dx": 1.0,
        "g": np.ones(1),
        "theta": b.field("site"),
    }
    return b, values | {name: b.field("link") for name in ("X", "D", "E")}


WRONG = {
    "a dtype": ("theta", lambda b: np.zeros((8, 8, 8), np.float32)),
    "a shape": ("theta", lambda b: np.zeros((8, 8, 9))),
    "a number of fields": ("X", lambda b: np.zeros((2, 3, 8, 8, 8))),
    "strides without padding": ("X", lambda b: np.zeros((1, 3, 8, 8, 8))),
    "strides in another order": ("theta", lambda b: np.asfortranarray(np.zeros((8, 8, 8)))),
    "a dtype of a plain array": ("g", lambda b: np.ones(1, np.float32)),
    "a plain array with gaps": ("g", lambda b: np.ones(4)[::2]),
    "not an array": ("E", lambda b: [0.0]),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_arrays_are_refused(
    electric_call: tuple[CpuBackend, dict[str, Any]], what: str
) -> None:
    b, values = electric_call
    b.launch("electric", **values)
    name, wrong = WRONG[what]
    with pytest.raises(TypeError, match=rf"kernel electric, {name}\b"):
        b.launch("electric", **values | {name: wrong(b)})


def test_missing_and_unknown_arguments_are_refused(
    electric_call: tuple[CpuBackend, dict[str, Any]],
) -> None:
    b, values = electric_call
    with pytest.raises(TypeError, match=r"kernel electric: missing \['g'\]"):
        b.launch("electric", **{k: v for k, v in values.items() if k != "g"})
    with pytest.raises(TypeError, match=r"kernel electric: .*unknown \['mass'\]"):
        b.launch("electric", **values, mass=1.0)


def test_bytes_per_site_count_every_field_once() -> None:
    layout = CpuBackend(n=8, variant=Variant(2, cosine=False)).layout
    momenta_fields = (
        1 + 6 + 6 + 2 + 12 + 2 + 2 + 12
    )  # theta, X, E in; pi, D, k_theta, k_pi, k_D in and out
    assert registry.KERNELS["momenta"].bytes_per_site(layout) == 8 * momenta_fields

"""What the equations on the lattice promise, of the kernels and of the oracle: the continuum at second
order, the stencils' eigenvalues, Gauss's law, energy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import oracle
from darklat.kernels import registry
from kernel_calls import (
    A_SCALE,
    ROUNDINGS,
    assert_rounded,
    averages,
    electric,
    kernel_rates,
    models,
    momenta,
    random_model,
)

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
    rates = kernel_rates(
        backend(n=n, gauge_fields=fields, potential="cosine" if cosine else "quadratic"),
        lattice,
        state,
    )
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
    own = registry.KERNELS["averages"].sums.of_fields(sums)[field]
    return float(np.sqrt(own["gauss"] / own["gauss_terms"]))


@pytest.mark.parametrize("fields", [1, 2])
def test_gauss_is_kept_by_the_momenta_and_seen_when_broken(backend: Any, fields: int) -> None:
    n = 10
    cosine = fields == 2  # compiled for test_kernels as well
    rng, lattice, state = random_model(n, fields, cosine=cosine)
    b = backend(n=n, gauge_fields=fields, potential="cosine" if cosine else "quadratic")
    state = state._replace(D=lattice.curl_back(rng.normal(size=state.D.shape)))
    # each of the six terms is itself rounded: a residual of about one unit roundoff
    assert gauss(averages(b, lattice, state, state.D), 0) < 2 * oracle.UNIT_ROUNDOFF

    stages = 20
    k = oracle.State(*(np.zeros_like(f) for f in state))
    start = state.D
    for _ in range(stages):
        E = electric(b, lattice, state)
        written = momenta(b, lattice, state, E, k=k, A=-0.5, B=0.4, dt=5e-3)
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

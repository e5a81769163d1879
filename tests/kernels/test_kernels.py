"""Every kernel that walks over sites against the oracle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import oracle
from darklat.kernels import registry
from darklat.kernels.layout import PADDING
from device_fields import fold, fold_parts, launch, room_for_sums, to_field
from kernel_calls import (
    A_SCALE,
    assert_rounded,
    assert_sums,
    averages,
    electric,
    models,
    momenta,
    random_model,
)


@models
def test_electric(backend: Any, n: int, fields: int, cosine: bool) -> None:
    _, lattice, state = random_model(n, fields, cosine=cosine)
    E = electric(
        backend(n=n, gauge_fields=fields, potential="cosine" if cosine else "quadratic"),
        lattice,
        state,
    )
    size = state.magnitudes()
    bound = lattice.magnitudes().E(size.theta, size.X, size.D)
    assert_rounded(E, lattice.E(state.theta, state.X, state.D), bound)


@models
def test_momenta(backend: Any, n: int, fields: int, cosine: bool) -> None:
    rng, lattice, state = random_model(n, fields, cosine=cosine)
    k = oracle.random_state(rng, n, fields)
    E = lattice.E(state.theta, state.X, state.D)
    A, B, dt = -0.7, 0.3, 0.01
    b = backend(n=n, gauge_fields=fields, potential="cosine" if cosine else "quadratic")
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
    squares = {
        "pi_sq": state.pi**2,
        "grad_sq": lattice.gradient_squared(state.theta),
        "potential": lattice.V(state.theta),
    }
    names = registry.KERNELS["momenta"].sums.lattice
    assert_sums(written["sums"], [squares[name] for name in names], n)


@models
def test_coordinates(backend: Any, n: int, fields: int, cosine: bool) -> None:
    rng, _, state = random_model(n, fields, cosine=cosine)
    k = oracle.random_state(rng, n, fields)
    E = rng.normal(size=state.X.shape)
    b = backend(n=n, gauge_fields=fields, potential="cosine" if cosine else "quadratic")
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
    b = backend(n=n, gauge_fields=fields, potential="cosine" if cosine else "quadratic")
    theta, pi = state.theta, state.pi
    of_lattice = {
        "theta": theta,
        "theta_sq": theta**2,
        "pi_sq": pi**2,
        "grad_sq": lattice.gradient_squared(theta),
        "potential": lattice.V(theta),
    }
    divergence, magnitudes = lattice.gauss_terms(state.D)
    of_fields = {
        "E_sq": E**2,
        "B_sq": lattice.B(state.X) ** 2,
        "gauss": (lattice.dx * divergence) ** 2,
        "gauss_terms": (lattice.dx * magnitudes) ** 2,
    }
    sums = registry.KERNELS["averages"].sums
    terms = [of_lattice[name] for name in sums.lattice]
    terms += [of_fields[name][f] for f in range(fields) for name in sums.field]
    assert_sums(averages(b, lattice, state, E), terms, n)


@models
def test_kick_and_drift(backend: Any, n: int, fields: int, cosine: bool) -> None:
    _, lattice, state = random_model(n, fields, cosine=cosine)
    size, twin = state.magnitudes(), lattice.magnitudes()
    b = backend(n=n, gauge_fields=fields, potential="cosine" if cosine else "quadratic")
    h, a = 0.01, A_SCALE
    B, inv_dx = lattice.B(state.X), 1 / lattice.dx
    written = launch(b, "plaquettes", X=to_field(b, state.X), B=to_field(b, state.D))
    assert_rounded(written["B"], lattice.dx * B, lattice.dx * twin.B(size.X))
    written = launch(
        b, "kick", h=h, a=a, mass_squared=lattice.mass**2, inv_dx=inv_dx,
        **{name: to_field(b, getattr(state, name)) for name in ("theta", "pi", "D")},
        B=to_field(b, lattice.dx * B), partial=(partial := room_for_sums(b, "kick")),
    )  # fmt: skip
    force = a**2 * lattice.laplacian(state.theta) - a**4 * lattice.dV(state.theta)
    bound = a**2 * twin.laplacian(size.theta) + a**4 * twin.dV(size.theta)
    assert_rounded(written["pi"], state.pi + h * force, size.pi + h * bound)
    curl_B = lattice.curl_back(B)
    bound = twin.curl_back(twin.B(size.X))
    assert_rounded(written["D"], state.D - h * curl_B, size.D + h * bound)
    trace = lattice.gradient_squared(state.theta) + 4 * a**2 * lattice.V(state.theta)
    assert_sums(fold(b, partial), [trace], n)

    partial = room_for_sums(b, "drift")
    fields_of = {name: to_field(b, getattr(state, name)) for name in ("pi", "theta")}
    written = launch(b, "drift", h=h, a=a, **fields_of, partial=partial)
    moved, bound = state.theta + h * state.pi / a**2, size.theta + h * size.pi / a**2
    assert_rounded(written["theta"], moved, bound, roundings=16)
    assert_sums(fold(b, partial), [state.pi**2], n)


@pytest.mark.parametrize("axis", [0, 1, 2])
@models
def test_link_flow(backend: Any, n: int, fields: int, cosine: bool, axis: int) -> None:
    """The flow of sum E_I^2/2: X_I alone moves, by E_I; D and pi by what that E_I contributes."""
    rng, lattice, state = random_model(n, fields, cosine=cosine)
    size, twin = state.magnitudes(), lattice.magnitudes()
    b = backend(n=n, gauge_fields=fields, potential="cosine" if cosine else "quadratic")
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
    assert_sums(fold_parts(b, b.array(parts.ravel()), 3), list(parts), n=32)


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

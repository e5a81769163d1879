"""Kernels called on the fields of the oracle, and how far from it they may be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import oracle
from device_fields import fold, launch, room_for_sums, to_field

A_SCALE = 1.7
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
    unit = oracle.UNIT_ROUNDOFF * magnitudes + np.finfo(float).tiny
    excess = np.max(error / unit, initial=0.0)  # without free fields some arrays are empty
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
        partial=(partial := room_for_sums(b, "momenta")),
    )
    return written | {"sums": fold(b, partial)}


def averages(b: Any, lattice: oracle.Lattice, state: oracle.State, E: np.ndarray) -> np.ndarray:
    partial = room_for_sums(b, "averages")
    fields = {name: to_field(b, getattr(state, name)) for name in ("theta", "pi", "X", "D")}
    scalars = {"mass_squared": lattice.mass**2, "inv_dx": 1 / lattice.dx}
    launch(b, "averages", **scalars, **fields, E=to_field(b, E), partial=partial)
    return fold(b, partial)


def kernel_rates(b: Any, lattice: oracle.Lattice, state: oracle.State) -> oracle.State:
    E = electric(b, lattice, state)
    written = momenta(b, lattice, state, E)
    return oracle.State(written["k_theta"], written["k_pi"], E, written["k_D"])

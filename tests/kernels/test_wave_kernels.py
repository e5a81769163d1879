"""The kernels of gravitational waves against their equations written out in NumPy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import oracle
from darklat.kernels import registry
from darklat.kernels.declarations.waves import COMPONENTS
from darklat.kernels.layout import Variant
from darklat.physics import staggered
from device_fields import launch, to_field

N, A = 10, 1.7
NEEDED = ("modes.cu", "waves.cu", "waves_of_fields.cu", "waves_of_massive.cu")
"""The files that are compiled here."""


@pytest.fixture(autouse=True)
def _few_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    every = registry.names

    def names(variant: Variant, *, target: str = "cuda", fused: bool = True) -> list[str]:
        found = every(variant, target=target, fused=fused)
        return [x for x in found if registry.KERNELS[x].source.file in NEEDED]

    monkeypatch.setattr(registry, "names", names)


def stress(
    lattice: oracle.Lattice, of_means: int, state: oracle.State, massive: dict[str, Any]
) -> np.ndarray:
    """S_ij [3, 3, n, n, n]; D of the state stands for E."""
    means = replace(lattice, order=of_means)
    parts = [A**2 * _square(means.links_to_site(lattice.gradient(state.theta)))]
    for E, B in zip(state.D, lattice.B(state.X), strict=True):
        parts += [-_square(means.links_to_site(E)), -_square(means.plaquettes_to_site(B))]
    if not massive:
        return np.sum(parts, axis=0)
    X, v = (means.links_to_site(field) for field in (state.X[-1], massive["v"]))
    parts.append(massive["mass"] * _square(X) + massive["plasma"] * massive["profile"] * _square(v))
    return np.sum(parts, axis=0)


def _square(V: np.ndarray) -> np.ndarray:
    return np.einsum("ixyz,jxyz->ijxyz", V, V)


def source(
    b: Any, lattice: oracle.Lattice, of_means: int, state: oracle.State, massive: Any
) -> Any:
    real, unit = b.layout.dtype, b.layout.field_unit
    taps = b.array(staggered.source_taps(lattice.order, of_means=of_means).astype(real))
    S = {name: b.field("site") for name in COMPONENTS}
    X, E = (to_field(b, values / unit) for values in (state.X, state.D))
    theta = to_field(b, state.theta)
    gauge = {"inv_dx": 1 / lattice.dx, "taps": taps, "X": X, "E": E, **S}
    found = launch(b, "wave_source", a=A, theta=theta, **gauge)
    if not massive:
        return np.array([found[name] for name in COMPONENTS])
    launch(b, "wave_source_of_field", field=1, **gauge)
    v, profile = b.field("massive"), b.field("scalar")
    v[0][...] = b.xp.asarray(massive["v"] / unit)
    profile[0][...] = b.xp.asarray(massive["profile"])
    inertia = b.array(np.array([massive["mass"], massive["plasma"]], dtype=real))
    found = launch(
        b, "wave_source_of_massive", own=0, inertia=inertia, taps=taps, profile=profile, X=X, v=v,
        **S,
    )  # fmt: skip
    return np.array([found[name] for name in COMPONENTS])


OF_ONE = {"gauge_fields": 1, "order": 4, "single": True, "waves": True}
OF_TWO = {"gauge_fields": 2, "massive": 1, "waves": True}


@pytest.mark.parametrize("variant", [OF_ONE, OF_TWO], ids=["float32, order 4", "massive"])
def test_the_source_on_the_sites(backend: Any, variant: dict[str, Any]) -> None:
    """Rounding: some hundred additions of terms of the size of the largest one."""
    rng, b = np.random.default_rng(5), backend(n=N, **variant)
    fields, order = variant["gauge_fields"], b.layout.variant.order
    lattice = oracle.random_lattice(rng, fields, cosine=False, order=order)
    state = oracle.random_state(rng, N, fields)
    massive = {
        "mass": 3.7, "plasma": 2.1, "v": rng.normal(size=(3, N, N, N)),
        "profile": rng.uniform(0, 2, (N, N, N)),
    }  # fmt: skip
    massive = massive if "massive" in variant else {}
    for of_means in (2, 4):
        exact = stress(lattice, of_means, state, massive)
        traceless = exact - exact[2, 2] * np.eye(3)[:, :, None, None, None]
        wanted = np.array([traceless[i, j] for i, j in COMPONENTS.values()])
        found = source(b, lattice, of_means, state, massive)
        unit = np.finfo(b.layout.dtype).eps
        np.testing.assert_allclose(found, wanted, rtol=0, atol=100 * unit * np.max(np.abs(exact)))
        if massive:
            _check_modes(b, exact, found, lattice.dx)


def _check_modes(b: Any, S: np.ndarray, on_sites: np.ndarray, dx: float) -> None:
    """Both helicities of every mode, by polarisation vectors; their squares, by the projector."""
    n, half = N, N // 2 + 1
    khat = oracle.lattice_momentum(n, dx)
    modes = np.array([[np.fft.fftn(S[i, j]) for j in range(3)] for i in range(3)])
    order = np.arange(1, n * n * half, dtype=np.int32)
    arguments = {
        "order": b.array(order), "first": b.array(np.array([0, 7, len(order)])),
        "khat": b.array(khat[0, :, 0, 0].copy()),
    }  # fmt: skip
    J, out = b.array(np.full((len(order), 2, 2), np.nan)), b.array(np.zeros((2, 2)))
    transforms = {
        f"f{name}": b.rfftn(b.array(values))
        for name, values in zip(COMPONENTS, on_sites, strict=True)
    }
    b.launch(
        "wave_source_modes", segments=2, modes=len(order), **arguments, **transforms, J=J, out=out
    )
    found, total = b.to_host(J), 0.0
    size = np.max(np.abs(modes))
    for c, own in zip(order, found, strict=True):
        m = (c // half // n, c // half % n, c % half)
        S_k, k = modes[(slice(None), slice(None), *m)], khat[(slice(None), *m)]
        P = np.eye(3) - np.outer(k, k) / (k @ k)
        transverse = P @ S_k @ P
        projected = transverse - P * np.trace(transverse) / 2
        power = np.sum(np.abs(projected) ** 2)
        total += power * (1 if m[2] in (0, n // 2) else 2)
        assert np.sum(own**2) == pytest.approx(power, rel=1e-11, abs=1e-13 * size**2)
        if 2 * abs(oracle.mode_numbers(n)[list(m)]).max() == n:
            continue  # helicity is a matter of convention there
        for helicity, e in zip(own, oracle.polarisation(k), strict=True):
            amplitude = e.conj() @ S_k @ e.conj()  # up to a phase, which depends on e
            assert abs(complex(*helicity)) == pytest.approx(abs(amplitude), abs=1e-13 * size)
    assert b.to_host(out).sum() == pytest.approx(total, rel=1e-12)


def test_a_step_of_the_waves(backend: Any) -> None:
    """A kick and a rotation, and u' behind them."""
    rng = np.random.default_rng(3)
    b = backend(n=N, **OF_TWO)
    order = np.array([1, 7, 299], dtype=np.int32)  # the last one is at Nyquist along z
    khat = oracle.momentum(oracle.mode_numbers(N), N, 0.1)
    kick, drag, turn, from_w, from_v = flow = rng.normal(size=5)
    J, v, w = rng.normal(size=(3, 3, 2, 2))
    written = launch(
        b, "wave_step", segments=1, modes=3, order=b.array(order), first=b.array(np.array([0, 3])),
        khat=b.array(khat), flow=b.array(flow), J=b.array(J), v=b.array(v.copy()),
        w=b.array(w.copy()),
        out=b.array(np.zeros((1, 2))),
    )  # fmt: skip
    half = N // 2 + 1
    numbers = (order // half // N, order // half % N, order % half)
    k = np.sqrt(sum(khat[number] ** 2 for number in numbers))[:, None, None]
    p = w + kick * J + drag * v
    after = np.cos(k * turn) * v + np.sin(k * turn) / k * p
    prime = np.cos(k * turn) * p - k * np.sin(k * turn) * v
    np.testing.assert_allclose(written["v"], after, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(written["w"], prime, rtol=1e-12, atol=1e-12)
    squares = np.sum((from_w * prime + from_v * after) ** 2, axis=2)
    weight = np.where((numbers[2] == 0) | (2 * numbers[2] == N), 1, 2)
    np.testing.assert_allclose(written["out"][0], weight @ squares, rtol=1e-12)

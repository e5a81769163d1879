"""Massive fields: their kernels against the oracle, single modes against their equations, what they
keep with a plasma and with the ALP, and that nothing about the mass or the plasma makes a step
unstable."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import oracle
from darklat.kernels import registry
from darklat.kernels.backends import make
from darklat.kernels.declarations.massive import Medium
from darklat.kernels.layout import Variant
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.lattice import Lattice
from darklat.lattice.sectors.massive import MassiveSector
from darklat.physics.background import Radiation, Static
from darklat.physics.thermal.conductivity import Conductivity
from device_fields import fold, launch, room_for_sums, to_field
from kernel_calls import assert_rounded


@dataclass(frozen=True)
class Field:
    """m, omega_p(a) and nu = collisions omega_p(a)."""

    mass: float
    history: Callable[[float], float] | float = 0.0
    collisions: float = 0.0

    def omega_p(self, a: float) -> float:
        return self.history(a) if callable(self.history) else self.history

    def nu(self, a: float) -> float:
        return self.collisions * self.omega_p(a)


def screening(a: float) -> float:
    """F16 of the plasma's screening in Dark QED from Inflation, Fig. 16, in closed form."""
    return math.sqrt(math.exp(-((0.01 / a) ** 8)) * (a**-4 + 400**2 * (a / 0.05) ** (-4 / 3)))


def sector(b: Any, species: list[Field], profiles: list[np.ndarray | None]) -> MassiveSector:
    """The massive fields of a lattice without couplings."""
    fields = b.layout.gauge_fields
    lattice = Lattice(
        b, couplings=np.zeros((fields, fields)), dx=1.0, mass=0.0, background=Static(),
        conductor=Conductivity("constant", value=1.0) if b.layout.variant.conducting else None,
        massive=species, profiles=profiles, alp=False,
    )  # fmt: skip
    assert lattice.massive is not None
    return lattice.massive


def engine(
    n: int,
    dx: float,
    fields: list[Field],
    g: np.ndarray | None = None,
    *,
    background: str = "radiation",
    profiles: list[np.ndarray] | None = None,
) -> Lattice:
    g = np.zeros((len(fields), len(fields))) if g is None else g
    backend = make("cpu", n=n, variant=Variant(len(g), massive=len(fields)))
    return Lattice(
        backend, couplings=g, dx=dx, mass=3.0, background=Static() if background == "static" else Radiation(), massive=fields,
        profiles=profiles or [],
    )  # fmt: skip


def on_links(lattice: oracle.Lattice, profile: np.ndarray, axis: int) -> np.ndarray:
    """The mean on the links along an axis; a charge density is not negative."""
    return np.maximum(lattice.mean(profile, axis, 1), 0.0)


# -- kernels


@pytest.mark.parametrize(
    "variant",
    [
        Variant(1, massive=1),
        Variant(3, massive=2),
        Variant(2, massive=1, conducting=True),
        Variant(2, massive=2, order=6),
        Variant(2, massive=1, conducting=True, order=4),
    ],
)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_component_flow(backend: Any, axis: int, variant: Variant) -> None:
    """The implicit step of one link, written out; and P by its divergence."""
    n, h, a = 10, 0.03, 1.3
    rng = np.random.default_rng([axis, variant.gauge_fields])
    lattice = oracle.random_lattice(rng, variant.gauge_fields, cosine=False, order=variant.order)
    state = oracle.random_state(rng, n, variant.gauge_fields)
    b = backend(
        n=n,
        gauge_fields=variant.gauge_fields,
        massive=variant.massive,
        conducting=variant.conducting,
        order=variant.order,
    )
    species = [Field(2.0, 30.0, 0.4), Field(7.0, 3.0, 0.0)][: variant.massive]
    profiles = [rng.uniform(0, 1, size=(n, n, n)) ** 8 for _ in species]
    own = sector(b, species, profiles)
    fluid = {name: rng.normal(size=(len(species), 3, n, n, n)) for name in "vQR"}
    for name, values in fluid.items():
        getattr(own, name)[...] = b.xp.asarray(values)
    P = rng.normal(size=(len(species), n, n, n))
    own.P[...] = b.xp.asarray(P)
    medium = own.medium()
    own.fill(medium, h=h, a=a)
    X, D, E = (to_field(b, x) for x in (state.X, state.D, rng.normal(size=state.X.shape)))
    partial = room_for_sums(b, "massive_coordinate")
    common = {"axis": axis, "h": h, "inv_dx": 1 / lattice.dx, "medium": medium}
    felt = np.zeros_like(state.X)
    B4 = lattice.mixed(lattice.B4(state.X))
    felt[:, (axis + 1) % 3] = 4 * lattice.dx * B4[:, axis]
    written = launch(
        b, "massive_coordinate", **common, profile=own.profile,
        theta=to_field(b, state.theta), G=to_field(b, felt), X=X, D=D, E=E, v=own.v, Q=own.Q, R=own.R, partial=partial,
    )  # fmt: skip
    after = launch(b, "lorenz", **common, X=X, E=E, P=own.P)["P"]
    total = dict.fromkeys(registry.KERNELS["massive_coordinate"].sums.lattice, 0.0)
    W = lattice.mixed(lattice.W(state.theta, state.X))
    first = variant.massless
    for i, (field, profile) in enumerate(zip(species, profiles, strict=True)):
        M = (a * field.mass) ** 2
        w = (a * field.omega_p(a)) ** 2 * on_links(lattice, profile, axis)
        s = 2 * a * field.nu(a) * h
        c0 = (1 - math.exp(-s)) / s if s else 1.0
        c1 = (1 - c0) * h / s if s else h / 2
        x, d = state.X[first + i, axis], state.D[first + i, axis]
        v, Q, R = (fluid[name][i, axis] for name in "vQR")
        e = d + W[first + i, axis]
        mean = (e - h / 2 * (M * x + w * c0 * v)) / (1 + h**2 * M / 4 + h * w * c1 / 2)
        mean_x, current = x + h / 2 * mean, w * (c0 * v + c1 * mean)
        v_new = math.exp(-s) * v + h * c0 * mean
        terms = np.abs(d) + np.abs(W[first + i, axis]) + h * (M * np.abs(x) + w * np.abs(v)) + 1
        for name, value in (
            ("E", mean),
            ("X", x + h * mean),
            ("D", d - h * (M * mean_x + current)),
        ):
            assert_rounded(written[name][first + i, axis], value, 10 * terms)
        for name, value in (("v", v_new), ("Q", Q + h * current), ("R", R + h * a**2 * mean_x)):
            assert_rounded(written[name][i, axis], value, 10 * (terms + h * w))
        moved = lattice.backward(mean_x, axis)
        size = np.abs(P[i]) + h * a**2 * np.max(np.abs(mean_x) + terms) / lattice.dx
        assert_rounded(after[i], P[i] + h * a**2 * moved, size)
        growth = 2.0 if field.omega_p(a) else 0.0
        kinetic = growth * w / a**2 * ((v + v_new) / 2) ** 2
        heat = h * current * mean - w * (v_new**2 - v**2) / 2
        total["mass"] += np.sum(field.mass**2 * mean_x**2)
        total["plasma"] += np.sum(kinetic)
        total["heat"] += np.sum(heat)
    # the growth of a history is a difference over 1e-6 of logarithms rounded to 1e-16
    np.testing.assert_allclose(fold(b, partial), [*total.values()], rtol=2e-9)
    untouched = np.delete(written["X"], range(first, variant.free), axis=0)
    np.testing.assert_array_equal(untouched, np.delete(state.X, range(first, variant.free), axis=0))


@pytest.mark.parametrize(("fields", "order"), [(3, 2), (2, 6)])
def test_gradient_of_the_potential_and_averages(backend: Any, fields: int, order: int) -> None:
    n, h, a = 8, 0.03, 1.3
    rng = np.random.default_rng(5)
    lattice = oracle.random_lattice(rng, fields, cosine=False, order=order)
    state = oracle.random_state(rng, n, fields)
    b = backend(n=n, gauge_fields=fields, massive=2, order=order)
    first = fields - 2
    species = [Field(2.0, 30.0, 0.4), Field(7.0)]
    own = sector(b, species, [rng.uniform(0, 1, size=(n, n, n)) ** 8, None])
    P = rng.normal(size=(2, n, n, n))
    v, Q, R = (rng.normal(size=(2, 3, n, n, n)) for _ in range(3))
    for name, values in (("P", P), ("v", v), ("Q", Q), ("R", R)):
        getattr(own, name)[...] = b.xp.asarray(values)
    partial = room_for_sums(b, "potential_gradient")
    X = launch(
        b, "potential_gradient", h=h, a=a, inv_dx=1 / lattice.dx, medium=own.medium(), P=own.P,
        X=to_field(b, state.X), partial=partial,
    )["X"]  # fmt: skip
    gradient = np.stack([lattice.gradient(p) for p in P])
    bound = np.abs(state.X[first:]) + h * np.abs(np.max(P)) * 4 / lattice.dx
    assert_rounded(X[first:], state.X[first:] + h / a**2 * gradient, bound)
    np.testing.assert_array_equal(X[:first], state.X[:first])
    squares = sum(f.mass**2 * np.sum(p**2) for f, p in zip(species, P, strict=True))
    assert fold(b, partial)[0] == pytest.approx(squares, rel=1e-13)

    partial = room_for_sums(b, "massive_averages")
    launch(
        b, "massive_averages", dx=lattice.dx, medium=own.medium(), profile=own.profile,
        X=to_field(b, state.X), D=to_field(b, state.D), P=own.P, v=own.v, Q=own.Q, R=own.R,
        partial=partial,
    )  # fmt: skip
    profile, expected = b.to_host(own.profile), []
    for i, field in enumerate(species):
        density = np.stack([on_links(lattice, profile[i], c) for c in range(3)])
        mass = lattice.dx * field.mass**2 * P[i]
        div = {
            x: lattice.dx * lattice.divergence(V)
            for x, V in (("D", state.D[first + i]), ("Q", Q[i]), ("R", R[i]))
        }
        twin = lattice.magnitudes()
        size = {
            x: lattice.dx * twin.divergence(np.abs(V))
            for x, V in (("D", state.D[first + i]), ("Q", Q[i]), ("R", R[i]))
        }
        expected += [
            np.sum(state.X[first + i] ** 2),
            np.sum(P[i] ** 2),
            np.sum(density * v[i] ** 2),
            np.sum((div["D"] + div["Q"] + mass) ** 2),
            np.sum((size["D"] + size["Q"] + np.abs(mass)) ** 2),
            np.sum((div["R"] - lattice.dx * P[i]) ** 2),
            np.sum((size["R"] + np.abs(lattice.dx * P[i])) ** 2),
        ]
    np.testing.assert_allclose(fold(b, partial), expected, rtol=1e-12)


# -- single modes


def mode_equations(field: Field, k: float, start: float, end: float, longitudinal: bool) -> float:
    """A at `end` of a mode from A = 1 at rest without charges, fluid at rest (units m = 1)."""

    def rates(a: float, y: np.ndarray) -> list[float]:
        A, E, q, v = y
        current, fluid = -(field.omega_p(a) ** 2) * v, E - 2 * a * field.nu(a) * v
        if longitudinal:
            return [
                E + (k * k * E - k * q) / a**2,
                a**2 * (current - field.mass**2 * A),
                a**2 * k * current,
                fluid,
            ]
        return [E, -(k * k + (a * field.mass) ** 2) * A + a**2 * current, 0.0, fluid]

    method = "Radau" if field.collisions else "DOP853"
    return float(
        solve_ivp(rates, (start, end), [1.0, 0, 0, 0], method=method, rtol=1e-10, atol=1e-13).y[
            0, -1
        ]
    )


def lattice_mode(
    field: Field, k: float, start: float, end: float, longitudinal: bool, courant: float
) -> tuple[float, float, float]:
    """The same on 16^3 sites with khat = k; and the residuals of Gauss and Lorenz."""
    n = 16
    dx = 2 * np.sin(np.pi / n) / k
    lattice = engine(n, dx, [field])
    sites = np.arange(n) + (0.5 if longitudinal else 0.0)
    wave, axis = np.cos(2 * np.pi * sites / n), 2 if longitudinal else 0
    lattice.X[0, axis][...] = wave
    lattice.update_displacement()
    stepper, steps = INTEGRATORS["strang"].on(lattice), math.ceil((end - start) / (courant * dx))
    dt = (end - start) / steps
    for i in range(steps):
        stepper.step(tau=start + i * dt, dt=dt, close=i + 1 == steps)
    lattice.measure(1.0)
    (found,) = lattice.massive.averages().values()
    return float(2 * np.mean(lattice.X[0, axis] * wave)), found.gauge.gauss, found.lorenz


@pytest.mark.parametrize("longitudinal", [True, False], ids=["longitudinal", "transverse"])
@pytest.mark.parametrize(
    ("field", "k", "span"),
    [
        (Field(1.0), 5.0, (0.1, 3.0)),
        (Field(1.0, 3.0), 5.0, (0.1, 3.0)),
        (Field(1.0, screening, 0.3), 5.0, (0.02, 1.0)),
    ],
    ids=["no plasma", "omega_p = 3", "screening"],
)
def test_modes_converge_at_second_order_to_their_equations(
    field: Field, k: float, span: tuple[float, float], longitudinal: bool
) -> None:
    exact = mode_equations(field, k, *span, longitudinal)
    coarse, fine = (lattice_mode(field, k, *span, longitudinal, c) for c in (0.2, 0.1))
    errors = [abs(found[0] - exact) for found in (coarse, fine)]
    assert math.log2(errors[0] / errors[1]) == pytest.approx(2, abs=0.05)
    assert errors[1] < 1e-3
    for found in (coarse, fine):
        assert max(found[1:]) < 1e-14


# -- what is kept


def smooth(rng: np.random.Generator, n: int, *shape: int) -> np.ndarray:
    m = np.fft.fftfreq(n, 1 / n)
    squared = np.add.outer(np.add.outer(m**2, m**2), m**2)
    modes = np.fft.fftn(rng.normal(size=(*shape, n, n, n)), axes=(-3, -2, -1))
    return np.fft.ifftn(modes * np.exp(-squared / 2), axes=(-3, -2, -1)).real * n**1.5 / 3


def stirred(lattice: Lattice, rng: np.random.Generator, size: float) -> None:
    n, fields = lattice.fields.n, len(lattice.letters)
    lattice.theta[...], lattice.pi[...] = 0.5 + 0.1 * smooth(rng, n), smooth(rng, n)
    lattice.X[...] = size * smooth(rng, n, fields, 3)
    lattice.E[...] = size * smooth(rng, n, fields, 3)
    lattice.update_displacement()
    # an electric field of whole curls for the massless ones, so that div D = 0
    variant = lattice.backend.layout.variant
    space = oracle.Lattice(dx=lattice.fields.dx, g=lattice.fields.couplings, mass=3.0)
    lattice.D[: variant.massless] = space.curl_back(size * smooth(rng, n, variant.massless, 3))
    lattice.update_electric()


def energy(lattice: Lattice) -> float:
    """Of all fields and fluids in a static background, where a = 1."""
    lattice.measure(1.0)
    alp = lattice.averages.means
    total = (alp["pi_sq"] + alp["grad_sq"]) / 2 + alp["potential"]
    total += sum(of["E_sq"] + of["B_sq"] for of in lattice.averages.field_means) / 2
    assert lattice.massive is not None
    for letter, found in lattice.massive.averages().items():
        total += (found.m2_X_sq + found.m2_P_sq) / 2
        total += lattice.massive.media[letter].omega_p(1.0) ** 2 * found.v_sq / 2
    return total


G = np.array([[3.0, 2.0], [2.0, 4.0]])


@pytest.mark.parametrize(
    "field",
    [Field(4.0), Field(4.0, 6.0), Field(4.0, 6.0, 0.2), Field(0.0, 6.0, 0.2)],
    ids=["mass", "plasma", "collisions", "plasma without mass"],
)
def test_energy_with_the_heat_at_second_order_and_constraints_with_the_alp(field: Field) -> None:
    def run(dt: float, steps: int) -> float:
        n, rng = 12, np.random.default_rng(2)
        profile = np.exp(smooth(rng, n))  # lognormal omega_p^2(x)
        backend = make("cpu", n=n, variant=Variant(2, massive=1))
        lattice = Lattice(
            backend, couplings=G, dx=1 / n, mass=3.0, background=Static(),
            massive=[field], profiles=[profile],
        )  # fmt: skip
        stirred(lattice, rng, 0.3)
        stepper, start = INTEGRATORS["strang"].on(lattice), energy(lattice)
        heat = sum(stepper.step(tau=i * dt, dt=dt, close=i + 1 == steps) for i in range(steps))
        change = (energy(lattice) + heat) / start - 1
        (found,) = lattice.massive.averages().values()
        # every step rounds each of its operations once
        assert max(found.gauge.gauss, found.lorenz) < steps * oracle.UNIT_ROUNDOFF
        if field.collisions:
            assert heat > 1e-3 * start
        return float(change)

    coarse, fine = run(0.016, 30), run(0.008, 60)
    assert abs(coarse) < 1e-3
    assert math.log2(coarse / fine) == pytest.approx(2, abs=0.15)


@pytest.mark.parametrize("collisions", [0.0, 0.3])
@pytest.mark.parametrize("omega_dt", [0.1, 10.0, 1e4])
def test_coupling_and_plasma_of_any_strength(omega_dt: float, collisions: float) -> None:
    """g = 30 on 12^3 sites; |energy| gained below 5e-3 at 0.2 dx, which is what g alone gives."""
    n, steps = 12, 300
    dt, rng = 0.2 / n, np.random.default_rng(2)
    backend = make("cpu", n=n, variant=Variant(1, massive=1))
    lattice = Lattice(
        backend, couplings=np.array([[30.0]]), dx=1 / n, mass=3.0,
        background=Static(), massive=[Field(0.02 / dt, omega_dt / dt, collisions)],
    )  # fmt: skip
    lattice.theta[...], lattice.pi[...] = 0.5 + 0.1 * smooth(rng, n), smooth(rng, n)
    lattice.X[...] = 0.3 * smooth(rng, n, 1, 3)
    lattice.update_displacement()
    stepper, start = INTEGRATORS["strang"].on(lattice), energy(lattice)
    heat = sum(stepper.step(tau=i * dt, dt=dt, close=i + 1 == steps) for i in range(steps))
    assert abs((energy(lattice) + heat) / start - 1) < 5e-3
    (found,) = lattice.massive.averages().values()
    assert max(found.gauge.gauss, found.lorenz) < 1e-14


def test_broken_constraints_are_seen() -> None:
    lattice = engine(8, 1 / 8, [Field(4.0, 6.0)], background="static")
    stirred(lattice, np.random.default_rng(1), 0.3)
    stepper = INTEGRATORS["strang"].on(lattice)
    stepper.step(tau=0.0, dt=0.01)
    assert lattice.massive is not None
    for name, of_gauss, of_lorenz in (("P", 1e-6, 1e-5), ("R", 0.0, 1e-6), ("Q", 1e-7, 0.0)):
        array = getattr(lattice.massive, name)
        place = (0, 1, 2, 3) if name == "P" else (0, 0, 1, 2, 3)
        array[place] += 1e-3
        lattice.measure(1.0)
        (found,) = lattice.massive.averages().values()
        array[place] -= 1e-3
        assert found.gauge.gauss > of_gauss or of_gauss == 0.0
        assert found.lorenz > of_lorenz or of_lorenz == 0.0


def test_a_mass_of_exactly_zero_is_a_massless_field() -> None:
    """Through the kernels of massive fields: B, E and what theta feels are those of the massless ones;
    X differs by a gradient."""
    n, rng = 10, np.random.default_rng(4)
    X, D = (
        0.3 * smooth(rng, n, 1, 3),
        oracle.Lattice(dx=1 / n, g=np.eye(1), mass=3.0).curl_back(0.3 * smooth(rng, n, 1, 3)),
    )
    theta, pi = 0.5 + 0.1 * smooth(rng, n), smooth(rng, n)
    found = []
    for massive in (0, 1):
        backend = make("cpu", n=n, variant=Variant(1, massive=massive))
        lattice = Lattice(
            backend, couplings=np.array([[4.0]]), dx=1 / n, mass=3.0,
            background=Radiation(), massive=[Field(0.0)] * massive,
        )  # fmt: skip
        lattice.theta[...], lattice.pi[...], lattice.X[...], lattice.D[...] = theta, pi, X, D
        if lattice.massive:
            lattice.massive.begin()
        stepper = INTEGRATORS["strang"].on(lattice)
        for i in range(40):
            stepper.step(tau=0.5 + 0.01 * i, dt=0.01)
        lattice.update_electric()
        space = oracle.Lattice(dx=1 / n, g=np.eye(1), mass=3.0)
        found.append(
            [np.array(lattice.theta), np.array(lattice.E), space.curl(np.array(lattice.X))]
        )
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=40 * 1e-14 * np.max(np.abs(other)))


def test_longitudinal_energy_follows_the_goldstone_limit() -> None:
    """For k >> a m the longitudinal mode is a massless scalar, pi = A m / k in a^3 rho = (pi'^2 + k^2
    pi^2) a^2/2 a ...: its amplitude m A/k falls as 1/a inside the horizon as that of the mode equation
    of a massless minimally coupled scalar, pi'' + 2 pi'/a + k^2 pi = 0, pi = sin(k a)/(k a)."""
    k, mass = 8.0, 1e-3
    for end in (0.5, 1.0, 1.5):
        A, *_ = lattice_mode(Field(mass), k, 0.01, end, True, 0.05)
        assert pytest.approx(math.sin(k * end) / (k * end), abs=3e-3) == A


def test_no_mass_plasma_or_collision_rate_makes_a_step_unstable() -> None:
    """250 random media at the Courant step, each from noise in all of its 648 modes: the energy stays
    bounded. Growth would be exponential in the 40 steps of each draw."""
    n, dt = 6, 0.99 * 2 / math.sqrt(3)  # dx = 1
    rng = np.random.default_rng(7)
    field = Field(1.0)
    lattice = engine(n, 1.0, [field], background="static")
    stepper = INTEGRATORS["strang"].on(lattice)
    assert lattice.massive is not None
    for _ in range(250):
        mass, omega, nu = 10 ** rng.uniform(-3, 4, size=3) / dt
        mass, omega, nu = (x * rng.integers(0, 2) for x in (mass, omega, nu))
        object.__setattr__(field, "mass", mass)
        object.__setattr__(field, "history", omega)
        object.__setattr__(field, "collisions", nu / omega if omega else 0.0)
        lattice.X[...], lattice.E[...] = rng.normal(size=(2, 1, 3, n, n, n))
        if mass:  # so that no part of the energy dwarfs the others
            lattice.X[...] /= max(mass, 1)
            scale = min(mass, 1.0)
            lattice.E[...] *= scale
        lattice.update_displacement()
        start = energy(lattice)
        for i in range(40):
            stepper.step(tau=dt * i, dt=dt, close=i == 39)
        lattice.update_electric()
        # the energy of the step differs from the fields' by a factor of the Courant number's distance
        # to the limit: 1/(1 - .99^2) = 50, and P's stiffness adds that of 1/m^2
        assert energy(lattice) < 1e4 * start, (mass, omega, nu)


def test_numbers_of_a_medium() -> None:
    backend = make("cpu", n=8, variant=Variant(1, massive=1))
    own = sector(backend, [Field(2.0, lambda a: 5 * a**-1.5, 0.1)], [])
    medium = own.medium()
    own.fill(medium, h=0.01, a=2.0)
    omega = 5 * 2**-1.5
    s = 2 * 2 * 0.1 * omega * 0.01
    c0 = (1 - math.exp(-s)) / s
    expected = Medium(
        stiffness=16.0, plasma=4 * omega**2, c0=c0, c1=(1 - c0) * 0.01 / s, decay=math.exp(-s),
        a2=4.0, mass_squared=4.0, growth=-1.0,
    )  # fmt: skip
    assert Medium(*medium) == pytest.approx(expected, rel=1e-7)
    assert Medium(*medium).c1 == pytest.approx(expected.c1, rel=1e-9)

"""The lattice equations in NumPy, written for clarity: what the kernels are tested against.

theta, pi = a^2 theta' live on sites n, shape [n, n, n]; X, D, E on links (n, n + i/2) and B, H on
plaquettes (component i centred at n + j/2 + k/2), shape [fields, 3, n, n, n]. Program units: X in
f; D, E, B in f/tau_osc. The equations and where they come from: docs/physics/alp-dark-photon.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

Array = np.ndarray
# Of differences, in units of 1/24 and 1/1920, and of means, in units of 1/16 and 1/256: Fornberg,
# Math. Comp. 51, 699 (1988).
DIFFERENCE = {2: (1,), 4: (27 / 24, -1 / 24), 6: (2250 / 1920, -125 / 1920, 9 / 1920)}
MEAN = {2: (1 / 2,), 4: (9 / 16, -1 / 16), 6: (150 / 256, -25 / 256, 3 / 256)}
UNIT_ROUNDOFF = np.finfo(float).eps / 2


class State(NamedTuple):
    """The fields that evolve, or their time derivatives (theta', pi', X', D')."""

    theta: Array
    pi: Array
    X: Array
    D: Array

    def magnitudes(self) -> State:
        return State(*(np.abs(field) for field in self))


class Spectrum(NamedTuple):
    """|V_+|^2, |V_-|^2, |V_long|^2 of every mode, indexed as numpy.fft.fftn does.

    With k = 0 added they sum to the mean square.
    """

    plus: Array
    minus: Array
    longitudinal: Array


def shifted(f: Array, axis: int, by: int) -> Array:
    """f(n + by * axis), for the last three axes x, y, z = 0, 1, 2 of f."""
    return np.roll(f, -by, axis=axis - 3)


def others(i: int) -> tuple[int, int]:
    """j, k such that (i, j, k) is a cyclic permutation of (x, y, z)."""
    return (i + 1) % 3, (i + 2) % 3


def vector(*components: Array) -> Array:
    """A link or plaquette field from its components [fields, n, n, n]."""
    return np.stack(components, axis=-4)


@dataclass(frozen=True)
class Lattice:
    """Spacing dx, symmetric couplings g [fields, fields], the ALP's mass and potential, and the
    order of the stencils."""

    dx: float
    g: Array
    mass: float
    cosine: bool = False
    order: int = 2

    @staticmethod
    def minus(left: Array | float, right: Array | float) -> Array:
        return np.subtract(left, right)

    def magnitudes(self) -> Lattice:
        """The same expressions with every minus a plus: at |state|, the sums of the magnitudes of
        all their terms, which is what their rounding is measured against."""
        return Magnitudes(self.dx, np.abs(self.g), self.mass, self.cosine, self.order)

    # -- differences and averages

    def tap(self, value: float) -> float:
        return value

    def forward(self, f: Array, axis: int) -> Array:
        return self._difference(f, axis, 1)

    def backward(self, f: Array, axis: int) -> Array:
        return self._difference(f, axis, 0)

    def _difference(self, f: Array, axis: int, by: int) -> Array:
        """At half a spacing more than the place of f (by = 1), or less (by = 0)."""
        return sum(
            self.tap(d / self.dx)
            * self.minus(shifted(f, axis, by + m), shifted(f, axis, by - 1 - m))
            for m, d in enumerate(DIFFERENCE[self.order])
        )

    def mean(self, f: Array, axis: int, by: int) -> Array:
        return sum(
            self.tap(a) * (shifted(f, axis, by + m) + shifted(f, axis, by - 1 - m))
            for m, a in enumerate(MEAN[self.order])
        )

    def laplacian(self, f: Array) -> Array:
        return sum(self.backward(self.forward(f, axis), axis) for axis in range(3))

    def gradient(self, f: Array) -> Array:
        """A link field from a site field [n, n, n] or [fields, n, n, n]."""
        return vector(*(self.forward(f, axis) for axis in range(3)))

    def curl(self, X: Array) -> Array:
        """Forward: from links to plaquettes."""
        return self._curl(self.forward, X)

    def curl_back(self, H: Array) -> Array:
        """Backward: from plaquettes to links."""
        return self._curl(self.backward, H)

    def _curl(self, difference, V: Array) -> Array:
        def component(i: int) -> Array:
            j, k = others(i)
            return self.minus(difference(V[..., k, :, :, :], j), difference(V[..., j, :, :, :], k))

        return vector(*(component(i) for i in range(3)))

    def divergence(self, D: Array) -> Array:
        """Backward: from links to sites."""
        return sum(self.backward(D[..., i, :, :, :], i) for i in range(3))

    def plaquettes_to_site(self, B: Array) -> Array:
        """B4: the mean of the four plaquettes around a site, component by component."""
        return vector(*(self._four(B[..., i, :, :, :], i, 0) for i in range(3)))

    def sites_to_plaquette(self, F: Array) -> Array:
        """Fbar: the mean of the four sites around a plaquette."""
        return vector(*(self._four(F[..., i, :, :, :], i, +1) for i in range(3)))

    def _four(self, f: Array, i: int, by: int) -> Array:
        j, k = others(i)
        return self.mean(self.mean(f, j, by), k, by)

    def links_to_site(self, E: Array) -> Array:
        return vector(*(self.mean(E[..., i, :, :, :], i, 0) for i in range(3)))

    def sites_to_link(self, F: Array) -> Array:
        return vector(*(self.mean(F[..., i, :, :, :], i, 1) for i in range(3)))

    # -- the equations

    def mixed(self, V: Array) -> Array:
        """sum_b g_ab V_b"""
        return np.einsum("ab,b...->a...", self.g, V)

    def B(self, X: Array) -> Array:
        return self.curl(X)

    def B4(self, X: Array) -> Array:
        return self.plaquettes_to_site(self.B(X))

    def W(self, theta: Array, X: Array) -> Array:
        """theta B averaged onto the links: linear in theta and in X."""
        return self.sites_to_link(theta * self.B4(X))

    def E(self, theta: Array, X: Array, D: Array) -> Array:
        return D + self.mixed(self.W(theta, X))

    def F(self, theta: Array, E: Array) -> Array:
        return theta * self.links_to_site(E)

    def Fbar(self, theta: Array, E: Array) -> Array:
        return self.sites_to_plaquette(self.F(theta, E))

    def H(self, theta: Array, X: Array, E: Array) -> Array:
        return self.B(X) + self.mixed(self.Fbar(theta, E))

    def EB(self, E: Array, X: Array) -> Array:
        """sum_ab g_ab E_a.B_b on the sites, the source of theta."""
        return np.einsum("ab,aixyz,bixyz->xyz", self.g, self.links_to_site(E), self.B4(X))

    def V(self, theta: Array) -> Array:
        m2 = self.mass**2
        return m2 * (1 - np.cos(theta)) if self.cosine else m2 * theta**2 / 2

    def dV(self, theta: Array) -> Array:
        return self.mass**2 * (np.sin(theta) if self.cosine else theta)

    def rates(self, state: State, a: float) -> State:
        """theta', pi', X', D' at scale factor a, with pi = a^2 theta'."""
        theta, pi, X, D = state
        E = self.E(theta, X, D)
        force = self.minus(a**2 * self.laplacian(theta), a**4 * self.dV(theta))
        return State(
            theta=pi / a**2,
            pi=self.minus(force, self.EB(E, X)),
            X=E,
            D=self.minus(0.0, self.curl_back(self.H(theta, X, E))),
        )

    # -- what is measured

    def gradient_squared(self, theta: Array) -> Array:
        return np.sum(self.gradient(theta) ** 2, axis=0)

    def hamiltonian(self, state: State, a: float) -> float:
        """Sum over the lattice; conserved when a is constant."""
        theta, pi, X, D = state
        alp = pi**2 / (2 * a**2) + a**2 * self.gradient_squared(theta) / 2 + a**4 * self.V(theta)
        gauge = self.E(theta, X, D) ** 2 + self.B(X) ** 2
        return float(np.sum(alp) + np.sum(gauge) / 2)

    def hamiltonian_rate(self, state: State, rate: State, a: float) -> tuple[float, float]:
        """d(hamiltonian)/dtau at constant a for fields that change at `rate`, by the chain rule,
        and the sum of the magnitudes of its terms, site by site and link by link."""
        theta, pi, X, D = state
        E_rate = rate.D + self.mixed(self.W(rate.theta, X) + self.W(theta, rate.X))
        terms = [
            pi * rate.pi / a**2,
            a**2 * self.gradient(theta) * self.gradient(rate.theta),
            a**4 * self.dV(theta) * rate.theta,
            self.E(theta, X, D) * E_rate,
            self.B(X) * self.B(rate.X),
        ]
        return sum(float(np.sum(t)) for t in terms), sum(float(np.sum(np.abs(t))) for t in terms)

    def gauss_terms(self, D: Array) -> tuple[Array, Array]:
        """div D and the sum of the magnitudes of its six terms, [fields, n, n, n]."""
        return self.divergence(D), self.magnitudes().divergence(np.abs(D))

    def gauss_residual(self, D: Array) -> Array:
        """rms of div D over rms of the sum of its terms' magnitudes, for each field."""
        residual, terms = self.gauss_terms(D)
        sites = (-3, -2, -1)
        return np.sqrt(np.mean(residual**2, axis=sites) / np.mean(terms**2, axis=sites))


class Magnitudes(Lattice):
    """`Lattice` with every minus a plus."""

    @staticmethod
    def minus(left: Array | float, right: Array | float) -> Array:
        return np.add(left, right)

    def tap(self, value: float) -> float:
        return abs(value)

    def V(self, theta: Array) -> Array:
        return np.full_like(theta, 2 * self.mass**2) if self.cosine else super().V(theta)

    def dV(self, theta: Array) -> Array:
        return np.full_like(theta, self.mass**2) if self.cosine else super().dV(theta)


# -- spectra by brute force


def mode_numbers(n: int) -> Array:
    """0, 1, ... n/2 - 1, -n/2, ... -1"""
    return np.rint(np.fft.fftfreq(n) * n).astype(int)


def transform(f: Array, half_link_along: int | None = None) -> Array:
    """f_k with f(x) = sum_k f_k exp(i k.x), x of the sites or of the links along one axis.

    Plain sums, no FFT.
    """
    n = f.shape[-1]
    for axis in range(3):
        x = np.arange(n) + (0.5 if axis == half_link_along else 0.0)
        kernel = np.exp(-2j * np.pi * np.outer(mode_numbers(n), x) / n) / n
        f = np.moveaxis(np.tensordot(kernel, f, axes=(1, axis)), 0, axis)
    return f


def momentum(mode: Array, n: int, dx: float, order: int = 2) -> Array:
    """khat of waves along an axis, by their mode numbers: (2/dx) sin(k dx/2) at order 2."""
    half = np.pi * np.asarray(mode) / n
    return 2 / dx * sum(d * np.sin((2 * m + 1) * half) for m, d in enumerate(DIFFERENCE[order]))


def average(mode: Array, n: int, order: int = 2) -> Array:
    """The factor of a mean of waves along an axis: cos(k dx/2) at order 2."""
    half = np.pi * np.asarray(mode) / n
    return 2 * sum(a * np.cos((2 * m + 1) * half) for m, a in enumerate(MEAN[order]))


def lattice_momentum(n: int, dx: float, order: int = 2) -> Array:
    """khat_i on all modes, [3, n, n, n]."""
    one = momentum(mode_numbers(n), n, dx, order)
    return np.stack(np.meshgrid(one, one, one, indexing="ij"))


def polarisation(khat: Array) -> tuple[Array, Array]:
    """e_+, e_- for one vector khat: unit, transverse, i khat x e_pm = +- |khat| e_pm."""
    unit = khat / np.linalg.norm(khat)
    away = np.eye(3)[np.argmin(np.abs(unit))]
    first = np.cross(unit, away)
    first /= np.linalg.norm(first)
    second = np.cross(unit, first)
    return (first + 1j * second) / np.sqrt(2), (first - 1j * second) / np.sqrt(2)


def helicity_spectrum(V: Array, dx: float, order: int = 2) -> Spectrum:
    """Helicities and longitudinal part of a link field [3, n, n, n]; k = 0 is left out."""
    n = V.shape[-1]
    khat = lattice_momentum(n, dx, order)
    modes = np.stack([transform(V[i], half_link_along=i) for i in range(3)])
    power = np.zeros((3, n, n, n))
    for m in np.ndindex(n, n, n):
        if any(m):
            k, v = khat[(slice(None), *m)], modes[(slice(None), *m)]
            basis = (*polarisation(k), k / np.linalg.norm(k))
            power[(slice(None), *m)] = [abs(np.vdot(e, v)) ** 2 for e in basis]
    return Spectrum(*power)


def plane_wave(
    n: int, dx: float, mode: tuple[int, int, int], helicity: int, order: int = 2
) -> Array:
    """A real link field [3, n, n, n] of one helicity, +1 or -1, mean square 1."""
    khat = momentum(np.array(mode), n, dx, order)
    e = polarisation(khat)[0 if helicity > 0 else 1]
    x = np.meshgrid(*3 * [np.arange(n)], indexing="ij")
    phase = 2 * np.pi / n * sum(m * xi for m, xi in zip(mode, x, strict=True))
    half_links = np.pi * np.array(mode) / n
    return np.stack(
        [np.sqrt(2) * (e[i] * np.exp(1j * (phase + half_links[i]))).real for i in range(3)]
    )


def random_state(rng: np.random.Generator, n: int, fields: int) -> State:
    """Fields of order one without any structure."""
    links = (fields, 3, n, n, n)
    return State(
        theta=rng.uniform(-3, 3, (n, n, n)),
        pi=rng.normal(size=(n, n, n)),
        X=rng.normal(size=links),
        D=rng.normal(size=links),
    )


def random_lattice(
    rng: np.random.Generator, fields: int, *, cosine: bool, order: int = 2
) -> Lattice:
    """dx = 0.1, m = 3, symmetric couplings of order ten."""
    g = rng.normal(scale=10, size=(fields, fields))
    return Lattice(dx=0.1, g=(g + g.T) / 2, mass=3.0, cosine=cosine, order=order)


def uncoupled(lattice: Lattice) -> Lattice:
    """The same lattice without couplings and without a mass."""
    return replace(lattice, g=np.zeros_like(lattice.g), mass=0.0)

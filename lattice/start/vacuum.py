"""A gauge field as inflation leaves it: vacuum fluctuations, and of a massive field the frozen
longitudinal part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from darklat.kernels.backends import fourier
from darklat.kernels.ranks import ALONE, Ranks
from darklat.lattice.start.random_modes import complex_normals
from darklat.physics import staggered


@dataclass(frozen=True)
class Inflation:
    """A massive field's longitudinal part after inflation, outside the horizon: <|X_k|^2> =
    amplitude^2/(2 khat) and E = ratio X. Graham, Mardon, Rajendran, Phys. Rev. D 93, 103520
    (2016)."""

    amplitude: float
    ratio: float


def vacuum_fields(
    n: int,
    box: float,
    *,
    seed: int,
    letter: str,
    amplitude: float,
    a_mass: float = 0.0,
    inflation: Inflation | None = None,
    order: int = 2,
    ranks: Ranks = ALONE,
) -> tuple[np.ndarray, np.ndarray]:
    """X and E [3, own planes, n, n] of a U(1) field in its vacuum; a_mass: a m, of a massless field
    0; order: of the lattice's differences; ranks: each draws the modes of its own k_z.

    Transverse and longitudinal in the lattice momentum, with the lattice's own frequency omega^2 =
    khat^2 + a^2 m^2. Helicities and modes are independent. Over amplitude^2, each has <|X_k|^2> =
    1/(2 omega) and <|E_k|^2> = omega/2. A longitudinal mode has omega/(2 a^2 m^2) and a^2 m^2/(2
    omega), or follows `inflation`. khat = 0 stays empty. Every field letter is a random stream of
    its own.
    """
    dx = box / n
    m = np.fft.fftfreq(n, 1 / n).astype(np.int64)
    half = np.arange(n // 2 + 1)[fourier.slab_of_modes(n, ranks).here]
    # At the Nyquist frequency k and -k are one mode: its numbers, and so half a link of phase, must
    # be real.
    nyquist = 2 * np.abs(m) == n
    phase_axis = np.where(nyquist, 1.0, np.exp(1j * np.pi * m / n))
    # The backward divergence of a link field is -sum_i conj(d_i) V_i with d_i the forward
    # difference of a plane wave.
    forward = staggered.forward_phases(m, n, order)
    d_axis = np.where(nyquist, -staggered.largest_khat(order), forward) / dx
    X_k = np.empty((3, n, n, len(half)), dtype=np.complex128)
    E_k = np.empty_like(X_k)
    for i in range(n):  # one plane of modes at a time bounds the memory
        mx, my, mz = np.broadcast_arrays(m[i], m[:, None], half[None, :])
        noise = _white(mx, my, mz, n, seed=seed, stream=ord(letter))
        phase, d = (np.array([v[mx], v[my], v[mz]]) for v in (phase_axis, d_axis))
        squared = np.sum(np.abs(d) ** 2, axis=0)  # khat^2
        squared[squared == 0] = np.inf
        omega = np.sqrt(squared + a_mass**2)
        norm = np.where(np.isinf(omega), 0.0, amplitude * n**3 / box**1.5)
        long = []
        for out, field, scale in (
            (X_k, noise[:3], np.sqrt(1 / (2 * omega))),
            (E_k, noise[3:], np.sqrt(omega / 2)),
        ):
            v = field * phase
            long.append(d * (np.sum(np.conj(d) * v, axis=0) / squared))
            out[:, i] = (v - long[-1]) * norm * np.where(np.isinf(omega), 0.0, scale)
        if inflation:
            X_long = long[0] * norm * np.sqrt(1 / (2 * np.sqrt(squared)))
            X_long *= inflation.amplitude / amplitude
            X_k[:, i] += X_long
            E_k[:, i] += inflation.ratio * X_long
        elif a_mass > 0:
            inverse = np.where(np.isinf(omega), 0.0, 1 / omega)
            X_k[:, i] += long[0] * norm * np.where(inverse > 0, np.sqrt(omega / 2) / a_mass, 0.0)
            E_k[:, i] += long[1] * norm * a_mass * np.sqrt(inverse / 2)
    return fourier.inverse(X_k, ranks), fourier.inverse(E_k, ranks)


def _white(
    mx: np.ndarray, my: np.ndarray, mz: np.ndarray, n: int, *, seed: int, stream: int
) -> np.ndarray:
    """Six complex normals [6, ...] per mode of the half space, with f(-k) = conj f(k) on its two
    faces."""
    face = (mz == 0) | (2 * mz == n)
    minus_x = np.where(2 * np.abs(mx) == n, mx, -mx)
    minus_y = np.where(2 * np.abs(my) == n, my, -my)
    mirrored = face & ((mx < minus_x) | ((mx == minus_x) & (my < minus_y)))
    own = face & (mx == minus_x) & (my == minus_y)
    z = complex_normals(
        np.where(mirrored, minus_x, mx),
        np.where(mirrored, minus_y, my),
        mz,
        seed=seed,
        stream=stream,
        count=6,
    )
    z = np.where(mirrored, np.conj(z), z)
    return np.where(own, np.sqrt(2) * z.real, z)

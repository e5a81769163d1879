"""Gaussian random numbers that belong to modes, from a counter-based generator.

Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC11) turns (seed, mode numbers, stream) into random
bits. A seed therefore means the same field whatever the number of threads. It also means the same
long waves on a finer lattice in the same box.
"""

from __future__ import annotations

import numpy as np

_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL = 0x9E3779B9, 0xBB67AE85
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


def philox(counter: list[np.ndarray], key: tuple[int, int]) -> list[np.ndarray]:
    """Philox4x32-10 of four arrays of 32-bit words (held as uint64), with a key of two words; four
    arrays of words."""
    c = list(counter)
    k = list(key)
    for _ in range(10):
        p0, p1 = _MULTIPLIERS[0] * c[0], _MULTIPLIERS[1] * c[2]
        c = [
            (p1 >> _32) ^ c[1] ^ np.uint64(k[0]), p1 & _LOW,
            (p0 >> _32) ^ c[3] ^ np.uint64(k[1]), p0 & _LOW,
        ]  # fmt: skip
        k = [(k[0] + _WEYL[0]) & 0xFFFFFFFF, (k[1] + _WEYL[1]) & 0xFFFFFFFF]
    return c


def complex_normals(
    mx: np.ndarray, my: np.ndarray, mz: np.ndarray, *, seed: int, stream: int, count: int
) -> np.ndarray:
    """`count` complex normals with <|z|^2> = 1 for every mode, shape [count, *mode shape].

    mx, my, mz: signed mode numbers, below 2^15 in magnitude. Uniforms have 32 bits, which ends the
    tail at 6.6 sigma.
    """
    wide = [np.asarray(m).astype(np.int64) & 0xFFFF for m in (mx, my, mz)]
    low = (wide[0] | (wide[1] << 16)).astype(np.uint64)
    high = wide[2].astype(np.uint64)
    key = (seed & 0xFFFFFFFF, seed >> 32)
    normals: list[np.ndarray] = []
    for block in range(-(-count // 2)):
        tags = [np.full_like(low, stream), np.full_like(low, block)]
        words = philox([low, high, *tags], key)
        uniform = [(w.astype(np.float64) + 0.5) / 2.0**32 for w in words]
        for radial, angular in (uniform[:2], uniform[2:]):
            normals.append(np.sqrt(-np.log(radial)) * np.exp(2j * np.pi * angular))  # Box, Muller
    return np.array(normals[:count])

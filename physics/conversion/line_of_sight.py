"""Direct integration of the mixing equations along lines of sight through random magnetic fields.

The independent check of `total`. With the phase of the ALP taken out, both polarisations and the
ALP obey along the comoving path (Addazi et al. 2024, Eq. 2)

    d/dl (A_x, A_y, a) = i ((D, 0, c_x), (0, D, c_y), (c_x, c_y, 0)) (A_x, A_y, a),
    c = g B_today (1+z)/2.

A step is the exact exponential of the matrix in its middle: unitary to rounding, whatever its size.
The field is a sum of plane waves in random directions, each with two polarisations across its k and
with Gaussian amplitudes: Gaussian, isotropic and free of divergence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from darklat.physics.conversion.resonance import MPC_PER_INVERSE_EV, oscillation_per_mpc
from darklat.physics.conversion.spectra import Spectrum
from darklat.physics.conversion.total import coupling_per_ev, saturated, weak_probability
from darklat.physics.thermal.cosmology import ADDAZI, hubble_per_second
from darklat.physics.thermal.ionisation import Electrons
from darklat.physics.units import GAUSS_IN_EV2, HBAR_EV_S

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]

_BATCH = 200
"""Lines of sight that share directions of waves."""


@dataclass(frozen=True)
class Comparison:
    """Mean over lines of sight, beside the local formula on the same path."""

    probability: float
    """Mean share of photons at the end."""
    error: float
    """Its standard error: the spread over the square root of the number of lines."""
    expected: float
    """The local formula, saturated."""
    norm_error: float
    """Largest deviation from one of the sum of all three shares."""

    @property
    def deviation(self) -> float:
        """(probability - expected)/error."""
        return (self.probability - self.expected) / self.error


def compare(
    *,
    z_start: float,
    z_end: float,
    frequency_hz: float,
    mass_ev: float,
    coupling_per_gev: float,
    spectrum: Spectrum,
    electrons: Electrons = "n_H",
    lines: int,
    waves: int,
    steps: int,
    seed: int,
) -> Comparison:
    """Photons from ALPs between two redshifts, along `lines` lines of sight in `steps` steps.

    A step should be a fifth of 1/k or less; D is exact in it. The path begins and ends at once,
    which adds photons of the order of (c/D)^2 there. `waves` must exceed the path times k over
    2 pi, or else the field repeats itself. Raises ValueError as `total.probability`, unless z_start
    > z_end, and for fewer than two lines.
    """
    if not z_start > z_end:
        raise ValueError(f"a line of sight runs to lower redshift, not from {z_start} to {z_end}")
    if lines < 2:
        raise ValueError(f"a standard error needs two lines of sight or more, not {lines}")
    weak = partial(
        weak_probability,
        frequency_hz,
        mass_ev=mass_ev,
        coupling_per_gev=coupling_per_gev,
        spectrum=spectrum,
        electrons=electrons,
    )
    first_order = float(weak(z_end=z_end)) - float(weak(z_end=z_start))
    position, z = path_mpc(z_start, z_end, steps)
    D = oscillation_per_mpc(z, frequency_hz=frequency_hz, mass_ev=mass_ev, electrons=electrons)
    mixing = coupling_per_ev(coupling_per_gev) * GAUSS_IN_EV2 * (1 + z) / 2 / MPC_PER_INVERSE_EV
    random = np.random.default_rng(seed)
    shares, norms = [], []
    for first in range(0, lines, _BATCH):
        B_x, B_y = random_field(
            random, position, spectrum, lines=min(_BATCH, lines - first), waves=waves
        )
        state = evolve(D, mixing * B_x, mixing * B_y, step=float(position[1] - position[0]))
        squares = np.abs(state) ** 2
        shares.append(squares[0] + squares[1])
        norms.append(np.sum(squares, axis=0))
    photons = np.concatenate(shares)
    return Comparison(
        probability=float(np.mean(photons)),
        error=float(np.std(photons, ddof=1) / math.sqrt(lines)),
        expected=float(saturated(first_order)),
        norm_error=float(np.max(np.abs(np.concatenate(norms) - 1))),
    )


def path_mpc(z_start: float, z_end: float, steps: int) -> tuple[Array, Array]:
    """Comoving positions in Mpc and redshifts of the middles of equal steps from z_start on."""
    z = np.linspace(z_start, z_end, 20_001)
    inverse = MPC_PER_INVERSE_EV / (hubble_per_second(z, cosmology=ADDAZI) * HBAR_EV_S)
    distance = np.concatenate([[0], np.cumsum(-np.diff(z) * (inverse[1:] + inverse[:-1]) / 2)])
    middles = (np.arange(steps) + 0.5) / steps * distance[-1]
    return middles, np.interp(middles, distance, z)


def random_field(
    random: np.random.Generator, position: Array, spectrum: Spectrum, *, lines: int, waves: int
) -> tuple[Array, Array]:
    """Both transverse components of B_today in gauss, [lines, positions]; positions in Mpc.

    All lines of one call have the same directions of waves, evenly spread and jittered, and
    independent amplitudes.
    """
    nodes, weight = spectrum.nodes()
    share = np.cumsum(weight * nodes)
    even = (np.arange(waves) + random.random(waves)) / waves
    k = nodes[np.minimum(np.searchsorted(share, even * share[-1]), len(nodes) - 1)]
    mu = random.permutation(2 * (np.arange(waves) + random.random(waves)) / waves - 1)
    azimuth = 2 * math.pi * random.random(waves)
    phase = np.outer(k * mu, position)
    waves_at = np.concatenate([np.cos(phase), np.sin(phase)])
    # Unit vectors across k: (mu cos, mu sin, ...) and (-sin, cos, 0) of the azimuth.
    in_plane, across = random.standard_normal((2, lines, 2, waves))
    rms = math.sqrt(spectrum.mean_square_gauss2 / (2 * waves))
    x = rms * (in_plane * mu * np.cos(azimuth) - across * np.sin(azimuth))
    y = rms * (in_plane * mu * np.sin(azimuth) + across * np.cos(azimuth))
    return x.reshape(lines, -1) @ waves_at, y.reshape(lines, -1) @ waves_at


def evolve(D: Array, c_x: Array, c_y: Array, *, step: float) -> Complex:
    """(A_x, A_y, a), [3, lines], after steps with D [steps] and c [lines, steps], all per Mpc; it
    begins as an ALP. step is in Mpc."""
    lines = c_x.shape[0]
    A_x, A_y = np.zeros((2, lines), dtype=np.complex128)
    a = np.ones(lines, dtype=np.complex128)
    c = np.hypot(c_x, c_y).T
    along_x, along_y = (component.T / c for component in (c_x, c_y))
    half = D[:, np.newaxis] / 2
    rate = np.hypot(half, c)
    stay, turn = np.cos(rate * step), 1j * np.sin(rate * step) / rate
    phase = np.exp(1j * half * step)
    for i in range(len(D)):
        # The polarisation along B mixes with the ALP, the other one only gains a phase.
        parallel = along_x[i] * A_x + along_y[i] * A_y
        across = (along_x[i] * A_y - along_y[i] * A_x) * phase[i] ** 2
        photon = phase[i] * ((stay[i] + turn[i] * half[i]) * parallel + turn[i] * c[i] * a)
        a = phase[i] * (turn[i] * c[i] * parallel + (stay[i] - turn[i] * half[i]) * a)
        A_x = along_x[i] * photon - along_y[i] * across
        A_y = along_y[i] * photon + along_x[i] * across
    return np.array([A_x, A_y, a])

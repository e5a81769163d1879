"""The gauge fields while the ALP does not feel them. The lattice's own linear equations are solved
mode by mode, from the start of a run to its hand-over to the time integrator.

On a homogeneous ALP a Fourier mode of the lattice obeys the equation of `propagation.py` with k =
|khat|. c is the product of the averages A(k_i dx/2), a factor from those in theta B. Modes with the
same three |k_i|, in any order, share one solution.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from darklat.errors import BadValueError
from darklat.kernels.backends import fourier
from darklat.kernels.host import linear_modes as kernels
from darklat.kernels.ranks import Slab
from darklat.lattice.lattice import Lattice
from darklat.lattice.linear_phase.propagation import ResponseOfConductor, transfer
from darklat.lattice.sectors.base import Moment
from darklat.physics import alp, staggered
from darklat.physics.background import Background
from darklat.physics.numerals import plain
from darklat.schema import Config

KEY = "initial.linear_until"
LARGEST_SHARE = 1e-6
"""Energy of the gauge fields over the ALP's at the hand-over, at most. The neglected terms of the
linear equations are of this order."""
_AUTOMATIC_SHARE = LARGEST_SHARE / 10  # expected; one realisation differs by a factor of two
_LARGEST_NEGLECTED = 1e-6  # of the terms of second order in 1/sigma
_EVERY, _WIDER = 12, 1.15
"""Mode numbers along an axis that the estimate of the hand-over takes one by one, and the ratio of
those beyond, each of which stands for some."""
_COARSE, _FINE = 0.25, 0.01  # steps of conformal time in search of the hand-over
_SAMPLES = 512  # of theta' between two outputs
_LONGEST, _MOST_RADIANS = 1e4, 1e6  # of a linear phase, which then takes half a minute


def refuse_endless(config: Config) -> None:
    """Raises BadValueError for a linear phase whose modes turn so often that it would not end."""
    if config.initial.linear_until is None:
        return
    start, end = _span(config)
    largest = math.sqrt(3) * staggered.largest_khat(config.lattice.order) / config.dx
    if end - start > _LONGEST or largest * (end - start) > _MOST_RADIANS:
        raise BadValueError(
            KEY,
            f"the linear phase may go on for {plain(end - start)} tau_osc, in which the fastest "
            f"mode turns by {plain(largest * (end - start))} radians; at most {plain(_LONGEST)} "
            f"tau_osc and {plain(_MOST_RADIANS)} radians are solved mode by mode: use an earlier "
            "end of it, a larger lattice.box or fewer sites, or leave this out",
        )


def _span(config: Config) -> tuple[float, float]:
    """Conformal times between which the run may be solved mode by mode."""
    until, background = config.initial.linear_until, config.expansion
    assert config.initial.a_start is not None  # the schema's business
    start = float(background.tau_of(config.initial.a_start))
    if until is not None and until != "auto":
        return start, float(background.tau_of(float(until)))
    end = config.time.tau_end
    if end is None:
        assert config.time.a_end is not None
        end = float(background.tau_of(config.time.a_end))
    return start, end


def hand_over(config: Config) -> float | None:
    """Conformal time up to which the run is solved mode by mode, or None."""
    until, background = config.initial.linear_until, config.expansion
    if until is None:
        return None
    start, end = _span(config)
    if until != "auto":
        return end
    alp_model = config.model.alp
    assert alp_model is not None  # the schema's business
    free = [x != config.conducting for x in config.letters]
    couplings = config.coupling_matrix[np.ix_(free, free)]
    found = _latest(
        background, config.lattice.sites, config.dx, config.lattice.order,
        tuple(np.linalg.eigvalsh(couplings).tolist()), config.mass,
        alp_model.theta_initial, alp_model.V, config.program_units.vacuum_amplitude,
        start, end,
    )  # fmt: skip
    return found if found > start else None


def times(start: float, end: float, interval: float) -> list[float]:
    """start, then every interval, then end, which takes the place of a time close before it."""
    count = max(1, math.ceil((end - start) / interval - 0.1))
    return [start + i * interval for i in range(count)] + [end]


def modes_of(lattice: Lattice) -> np.ndarray:
    """X and E, which must be up to date, as Fourier modes [2, F, 3, n, n, own k_z] in f."""
    f = lattice.fields
    n, ranks = f.n, f.backend.ranks
    own = fourier.slab_of_modes(n, ranks)
    out = np.empty((2, len(f.couplings), 3, n, n, own.planes), dtype=np.complex128)
    for of, array in zip(out, (lattice.X, lattice.E), strict=True):
        for at in np.ndindex(of.shape[:2]):
            of[at] = fourier.forward(f.in_f(array[at]), ranks)
    return out


def advance(
    lattice: Lattice, modes: np.ndarray, config: Config, *, start: float, end: float
) -> None:
    """Takes the lattice from conformal time start to end: `modes_of` it, and with them its theta,
    pi, X, D and E. Of a conducting field E and Q change too.

    Raises BadValueError where the conductivity is not large enough for that.
    """
    f = lattice.fields
    n, ranks = f.n, f.backend.ranks
    slope = _theta_prime(config)
    conductor = _conductor(lattice, config.expansion, start, end, slope)
    free = len(f.couplings) - (conductor is not None)
    own = fourier.slab_of_modes(n, ranks)
    numbers, places = _orbits(n, own)
    k, average = _waves(numbers, n, f.dx, f.order)
    matrices = transfer(
        k, average, couplings=f.couplings[:free, :free], theta_prime=slope,
        tau=(start, end), conductor=conductor,
    )  # fmt: skip
    half = np.pi * np.fft.fftfreq(n)  # k_i dx/2
    kernels.transform(
        modes.reshape(-1, *modes.shape[2:]), matrices, places, first_k_z=own.first,
        sine=np.sin(half), cosine=np.cos(half), half_khat=staggered.half_khat(half, f.order),
    )  # fmt: skip
    theta, theta_prime = _homogeneous(config, np.array(end))
    lattice.theta[...] = float(theta)
    lattice.pi[...] = float(config.expansion.scale_factor(end)) ** 2 * float(theta_prime)
    for array, of in zip((lattice.X, lattice.E), modes, strict=True):
        for at in np.ndindex(of.shape[:2]):  # one component at a time bounds the memory
            array[at][...] = f.gauge_values(fourier.inverse(of[at], ranks))
    lattice.update_displacement()


def refuse_back_reaction(now: Moment) -> None:
    """Raises BadValueError where the gauge fields hold more than LARGEST_SHARE of the ALP's
    energy."""
    share = sum(now.densities.vectors.values()) / now.densities.scalars["theta"]
    if not share <= LARGEST_SHARE:  # nor NaN
        raise BadValueError(
            KEY,
            f"at a = {now.a:.4g} the gauge fields have {share:.2g} of the "
            f"ALP's energy, and the linear equations hold up to {LARGEST_SHARE:g}: use an earlier "
            "time, or auto",
        )


def _homogeneous(config: Config, tau: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    assert config.model.alp is not None  # the schema's business
    return alp.homogeneous(
        config.expansion,
        mass=config.mass,
        theta_initial=config.model.alp.theta_initial,
        potential=config.model.alp.V,
        tau=tau,
    )


def _theta_prime(config: Config) -> Callable[[np.ndarray], np.ndarray]:
    return lambda tau: _homogeneous(config, tau)[1]


def _conductor(
    lattice: Lattice,
    background: Background,
    start: float,
    end: float,
    slope: Callable[[np.ndarray], np.ndarray],
) -> ResponseOfConductor | None:
    if lattice.conductor is None:
        return None
    sigma = lattice.conductor.medium

    def at(tau: np.ndarray) -> np.ndarray:
        return sigma.at(background.scale_factor(tau))

    g, felt = lattice.fields.couplings, lattice.backend.layout.variant.back_reacting
    found = ResponseOfConductor(g[-1, :-1], float(g[-1, -1]), at, felt)
    sample = np.linspace(start, end, 64)
    error = found.neglected(
        math.sqrt(3) * staggered.largest_khat(lattice.fields.order) / lattice.fields.dx,
        coupling=float(np.max(np.abs(g))),
        times=sample,
        theta_prime=slope(np.linspace(start, end, _SAMPLES)),
    )
    if error > _LARGEST_NEGLECTED:
        raise BadValueError(
            KEY,
            "the conductivity, "
            f"{float(np.min(at(sample))):.3g}/tau_osc at its smallest, is too small for the "
            f"linear phase, which takes E = S/sigma and would be wrong by {error:.2g} in the "
            f"fastest modes (allowed is {_LARGEST_NEGLECTED:g}): leave this out, or use a larger "
            "conductivity, or none",
        )
    return found


@lru_cache(maxsize=1)
def _orbits(n: int, own: Slab) -> tuple[np.ndarray, np.ndarray]:
    """The numbers p <= q <= r [3, M] of all modes [n, n, own k_z] but 0, 0, 0, without their signs
    and in order; and which of them each mode has, -1 for 0, 0, 0."""
    number = np.abs(np.fft.fftfreq(n, 1 / n).astype(np.int32))
    m = np.meshgrid(number, number, number[own.here], indexing="ij", sparse=True)
    p, q, r = np.sort(np.stack(np.broadcast_arrays(*m)), axis=0)
    among_all = r * (r + 1) * (r + 2) // 6 + q * (q + 1) // 2 + p
    found, first, which = np.unique(among_all, return_index=True, return_inverse=True)
    zero = int(len(found) > 0 and found[0] == 0)
    numbers = np.stack([each.ravel()[first] for each in (p, q, r)])[:, zero:]
    return numbers, (which.reshape(among_all.shape) - zero).astype(np.int32)


def _waves(numbers: np.ndarray, n: int, dx: float, order: int) -> tuple[np.ndarray, np.ndarray]:
    """|khat| and the product of averages of mode numbers [3, M], the largest last."""
    angles = np.pi / n * numbers
    k = 2 / dx * np.sqrt(np.sum(staggered.half_khat(angles, order) ** 2, axis=0))
    average = np.prod(staggered.average(angles, order), axis=0)
    average[2 * numbers[2] == n] = 0  # cos(pi/2) is not quite
    return k, average


@lru_cache(maxsize=32)
def _latest(
    background: Background,
    n: int,
    dx: float,
    order: int,
    strengths: tuple[float, ...],
    mass: float,
    theta_initial: float,
    potential: str,
    amplitude: float,
    start: float,
    end: float,
) -> float:
    """The last time at which the vacuum's expected energy in the free fields is below
    _AUTOMATIC_SHARE of the ALP's, in steps of _FINE. strengths: eigenvalues of their couplings."""
    model = {"mass": mass, "theta_initial": theta_initial}

    def slope(tau: np.ndarray) -> np.ndarray:
        return alp.homogeneous(background, tau=tau, potential=potential, **model)[1]

    def density(tau: float) -> float:
        return float(alp.density(background, tau=tau, potential=potential, **model))

    numbers, count = _sample(n)
    k, average = _waves(numbers, n, dx, order)
    before = {g: np.broadcast_to(np.eye(2), (2, len(k), 2, 2)) for g in strengths}
    weight = np.stack([np.sqrt(k), 1 / np.sqrt(k)], axis=-1)  # rms of X is weight_1, of E weight_0

    def after(matrices: dict, times: tuple[float, float]) -> dict:
        return {
            g: transfer(k, average, couplings=g, theta_prime=slope, tau=times) @ T
            for g, T in matrices.items()
        }

    def too_much(matrices: dict, tau: float) -> bool:
        total = 0.0
        for T in matrices.values():
            scaled = np.stack([k, np.ones_like(k)], axis=-1)[..., None] * T * weight[:, None, ::-1]
            total += float(np.sum(count[:, None, None] * scaled**2)) / 4
        a = float(background.scale_factor(tau))
        rho = amplitude**2 * total / (n * dx) ** 3 / a**4
        return rho > _AUTOMATIC_SHARE * density(tau)

    tau = start
    for step in (_COARSE, _FINE):
        while tau + step < end:
            next_ = after(before, (tau, tau + step))
            if too_much(next_, tau + step):
                break
            before, tau = next_, tau + step
    return tau


def _sample(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Mode numbers p <= q <= r [3, M] but 0, 0, 0, from the longest waves of a lattice to its
    corner, and how many of its modes each stands for. On 2 _EVERY sites or less they are all."""
    numbers, counts = _on_axis(n)
    r, q, p = (m.ravel() for m in np.meshgrid(*3 * [np.arange(len(numbers))], indexing="ij"))
    inside = (p <= q) & (q <= r) & (r > 0)
    triples = np.stack([p, q, r])[:, inside]
    equal = (triples[0] == triples[1]).astype(int) + (triples[1] == triples[2])
    orders = np.array([6, 3, 1])[equal]  # in which three numbers stand, by the pairs of equal ones
    return numbers[triples], orders * np.prod(counts[triples], axis=0)


def _on_axis(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers from 0 to n/2, and how many of the n mode numbers of an axis each stands for."""
    first = [*range(min(_EVERY, n // 2) + 1)]
    while first[-1] < n // 2:
        first.append(min(n // 2, max(first[-1] + 1, round(first[-1] * _WIDER))))
    edges = np.array([*first, n // 2 + 1])
    weight = np.full(n // 2 + 1, 2.0)
    weight[[0, -1]] = 1  # 0 and n/2 are their own negatives
    counts = np.add.reduceat(weight, edges[:-1])
    return (edges[:-1] + edges[1:] - 1) // 2, counts

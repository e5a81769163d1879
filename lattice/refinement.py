"""The state of a run on a finer lattice of the same box, or on one of another order.

theta, theta', X and E of every field are interpolated (lattice/interpolation.py): fields and their
velocities stay, and D = E - g W follows with the W of the new lattice. Transverse and longitudinal
parts are those of each lattice's own khat, so that no longitudinal part becomes a magnetic field.
Gauss's law then asks for another longitudinal part of D:

    massless           div D = 0
    massive            P, v and the charge -div Q are interpolated, and div D = -div Q - m^2 P
    conducting         E is state, and its charge becomes div D, as at a start

R then has the longitudinal part with P = div R. A plasma's profile is interpolated linearly,
because it must not be negative. Gravitational waves go on mode by mode.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from darklat.lattice import precision
from darklat.lattice.evolution import Evolution
from darklat.lattice.fields import Fields
from darklat.lattice.interpolation import linear_on_sites, on_links, on_sites
from darklat.lattice.lattice import Lattice
from darklat.lattice.sectors.pairs import PairSector
from darklat.lattice.sectors.waves import WaveSector
from darklat.lattice.start.longitudinal import (
    amplitude,
    divergence,
    with_amplitude,
    with_divergence,
)


@dataclass(frozen=True)
class Refinement:
    """The rows of the series on both lattices at the same moment, and the conformal energies (a^4
    rho)."""

    before: dict[str, float]
    after: dict[str, float]
    energy_before: float
    energy_after: float

    @property
    def added(self) -> float:
        """The conformal energy that the refinement has added."""
        return self.energy_after - self.energy_before


def refine(coarse: Evolution, fine: Evolution) -> Refinement:
    """Gives `fine` the state of `coarse`, a run of the same model in the same box.

    Series, accounts and the steps that are done go on. The energy that the refinement adds counts
    as given from outside, so that the energy balance does not see it. Spectra begin anew, with
    those of now: their bins are those of the lattice. Raises BadValueError for fields that the
    precision does not hold.
    """
    coarse.record_spectra()  # for the power at the cutoff
    before = coarse.row()  # brings E up to date
    with fine.backend.working():
        _fields(coarse.lattice, fine.lattice)
    fine.take_course(coarse.state())
    energies = [run.energy() for run in (coarse, fine)]
    fine.spent -= energies[1] - energies[0]
    fine.record_spectra()
    return Refinement(before, fine.row(), *energies)


def _fields(coarse: Lattice, fine: Lattice) -> None:
    """Sets everything that evolves."""
    of, to, n = coarse.fields, fine.fields, fine.fields.n
    if fine.alp:
        for field, own in ((to.theta, of.theta), (to.pi, of.pi)):
            field[...] = to.backend.array(on_sites(of.on_host(own), n))
    for place, letter in enumerate(fine.letters):
        X, E = (_links(of.in_f(array[place]), of, to) for array in (of.X, of.E))
        if to.variant.single:
            precision.check_fields(letter, X, E, to.variant.field_unit)
        to.X[place][...] = to.gauge_values(X)
        to.E[place][...] = to.gauge_values(E)
    if fine.find(PairSector):
        _grown_profiles(coarse, fine)
    fine.update_displacement()
    for place in range(to.variant.massless):
        to.D[place][...] = to.gauge_values(with_divergence(to.in_f(to.D[place]), None, to.order))
    if coarse.massive and fine.massive:
        for i in range(len(fine.massive.media)):
            _massive(coarse, fine, i)
    before, now = coarse.find(WaveSector), fine.find(WaveSector)
    if before and now:
        now.go_on(before)


def _links(values: np.ndarray, of: Fields, to: Fields) -> np.ndarray:
    """A link field on another lattice, its transverse and its longitudinal part each by itself."""
    long = on_sites(amplitude(values, of.order), to.n)
    transverse = on_links(with_divergence(values, None, of.order), to.n)
    return with_amplitude(transverse, long, to.order)


def _grown_profiles(coarse: Lattice, fine: Lattice) -> None:
    """Profiles that belong to the state; all others are inputs of the run."""
    assert coarse.massive is not None and fine.massive is not None  # who makes pairs is massive
    for own, before in zip(fine.massive.profile, coarse.massive.profile, strict=True):
        values = coarse.fields.on_host(before)
        own[...] = fine.backend.array(linear_on_sites(values, fine.fields.n))


def _massive(coarse: Lattice, fine: Lattice, i: int) -> None:
    """P, v, Q, R of a massive field, and the longitudinal part of its D."""
    before, now = coarse.massive, fine.massive
    assert before is not None and now is not None  # the caller has looked
    of, to, n = coarse.fields, fine.fields, fine.fields.n
    letter, place = list(now.places.items())[i]
    P = on_sites(of.in_f(before.P[i]), n)
    P -= np.mean(P)  # as of any divergence; rounding
    v = _links(of.in_f(before.v[i]), of, to)
    Q, R = (on_links(of.in_f(array[i]), n) for array in (before.Q, before.R))
    charge = on_sites(divergence(of.in_f(before.Q[i]), of.order), n) * (to.dx / of.dx)
    Q = with_divergence(Q, charge, to.order)
    for array, values in (
        (now.P, P),
        (now.v, v),
        (now.Q, Q),
        (now.R, with_divergence(R, to.dx * P, to.order)),
    ):
        array[i][...] = to.gauge_values(values)
    wanted = -divergence(Q, to.order) - to.dx * now.media[letter].mass ** 2 * P
    to.D[place][...] = to.gauge_values(with_divergence(to.in_f(to.D[place]), wanted, to.order))

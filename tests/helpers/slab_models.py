"""Lattices that ranks share: a few steps of every kind of model from random fields, whose numbers
are those of one process.

As a program under mpirun it compares them on the ranks that have been started:

    mpirun -n 3 python tests/helpers/slab_models.py 24
"""

from __future__ import annotations

import ctypes
import hashlib
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from darklat.kernels.backends.cpu import CpuBackend
from darklat.kernels.backends.gpu import GpuBackend
from darklat.kernels.ranks import ALONE, Ranks
from darklat.lattice import plan
from darklat.lattice.evolution import Evolution
from darklat.lattice.sectors.base import Evolved
from darklat.schema import Config, loads
from darklat.schema.inputs import NO_INPUTS

ALP = "alp: {mass_eV: 1e-17, f_GeV: 1e16}"
PHOTON = "A: {role: photon, conductivity: {kind: thomson, electrons_per_photon: 6e-10}}"
UNFELT = PHOTON.replace("}}", "}, back_reaction: false}")
PLASMA = "X: {mass_eV: 1e-17, plasma: {kind: constant, omega_p: 20, nu: 2}}"
PAIRS = "X: {mass_eV: 1, plasma: {kind: pairs, charge: 0.5, fermion_mass_eV: 2, nu: 0.1}}"
MODELS = {
    "ALP + X": (ALP, "X: {role: dark}", "XX: 100"),
    "ALP + X, float32": (ALP, "X: {role: dark}", "XX: 100", "lattice.precision=float32"),
    "ALP + X, rk46nl": (ALP, "X: {role: dark}", "XX: 100", "time.scheme=rk46nl"),
    "ALP + X, blanes_moan": (ALP, "X: {role: dark}", "XX: 100", "time.scheme=blanes_moan"),
    "ALP + X + A": (ALP, f"{PHOTON}, X: {{role: dark}}", "XX: 100, AX: 1, AA: 1"),
    "A not felt": (ALP, f"{UNFELT}, X: {{role: dark}}", "XX: 100, AX: 1"),
    "massive X": (ALP, f"{PLASMA}, Y: {{}}", "XX: 100, XY: 10"),
    "massive X + A": (ALP, f"{PHOTON}, {PLASMA}, Y: {{}}", "XX: 100, XY: 10, AX: 1, AA: 1"),
    "massive X, gravitational waves": (
        ALP, f"{PLASMA}, Y: {{}}", "XX: 100, XY: 10", "output.gravitational_waves={k_max: 40}",
    ),
    "pairs, no ALP": ("", PAIRS, ""),
    "massive X + A, order 4": (
        ALP, f"{PHOTON}, {PLASMA}", "XX: 100, AX: 1, AA: 1", "lattice.order=4",
    ),
    "order 6": (ALP, "X: {role: dark}", "XX: 100", "lattice.order=6"),
    "friedmann, gravitational waves": (
        ALP.replace("1e16", "1e18"), "X: {role: dark}", "XX: 100", "lattice.order=2",
        "background={kind: friedmann, fluids: [{w: 0, share: 0.1}]}",
        "output.gravitational_waves={}", "time.a_end=1",
    ),
    "matter, formula, float32, order 4": (
        ALP, "X: {role: dark}", "XX: 100", "background={kind: power_law, w: 0}",
        'model.alp.potential={formula: "a*(1 - cos(theta)) + b*(1 - cos(2*theta))", '
        "parameters: {a: 0.8, b: 0.05}}", "lattice.precision=float32", "lattice.order=4",
    ),
    "order 6, rk3": (ALP, "X: {role: dark}", "XX: 100", "lattice.order=6", "time.scheme=rk3"),
}  # fmt: skip
"""An ALP, fields, couplings, and other keys. Their kernels are those of tests/kernels/test_launches.py
and of other tests, so that they are compiled once."""

STEPS = (False, False, True, True)  # whether each is closed


def config(name: str, sites: int) -> Config:
    """Of the model of that name."""
    alp, fields, couplings, *more = MODELS[name]
    text = (
        f"name: slabs\nmodel: {{fields: {{{fields}}}, couplings: {{{couplings}}}"
        + (f", {alp}}}\n" if alp else "}\nunits: {hubble_eV: 1}\n")
        + f"lattice: {{sites: {sites}, box: 0.5, order: 2}}\ninitial: {{kind: vacuum, a_start: 0.5}}\n"
        "time: {a_end: 6}\n"
    )
    return loads(text, source="test", base=Path("."), overrides=more)


class Poisoned:
    """A backend on which planes of neighbours are NaN before every run of kernels."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._fields: list[tuple[str, Any]] = []

    def field(self, kind: str) -> Any:
        found = super().field(kind)
        self._fields.append((kind, found))
        return found

    def run(self, launches: Sequence[Any], *, follows: bool = False) -> None:
        if self.layout.halo:
            for kind, field in self._fields:
                self._poison(kind, field)
        super().run(launches, follows=follows)


class PoisonedGpu(Poisoned, GpuBackend):
    """A GPU."""

    def _poison(self, kind: str, field: Any) -> None:
        with self.working():
            whole, halo = self._in_memory(field, kind), self.layout.halo
            whole[..., :halo, :, :] = np.nan
            whole[..., -halo:, :, :] = np.nan


class PoisonedCpu(Poisoned, CpuBackend):
    """A CPU."""

    def _poison(self, kind: str, field: np.ndarray) -> None:
        """With the ghosts of their rows, the first of which lie before a plane."""
        layout, reach = self.layout, self.layout.variant.reach
        halo, last = layout.halo * layout.plane, layout.planes * layout.plane
        begin = layout.itemsize * (halo + reach)
        size = layout.itemsize * (layout.elements(kind) + reach)
        address = field.ctypes.data - begin
        memory = np.frombuffer((ctypes.c_char * size).from_address(address), layout.dtype)
        for start in range(0, layout.elements(kind), layout.stride):
            memory[start : start + halo] = np.nan
            memory[start + last - halo : start + last] = np.nan


def numbers(
    name: str, sites: int, ranks: Ranks = ALONE, halo: int | None = None, device: str = "cpu"
) -> Iterator[tuple[str, bytes]]:
    """All that a lattice has after a few steps from random fields, by name: fields, densities on
    the sites, the row of the series, the energy account. Arrays [..., n, n, n] are of all ranks."""
    of = config(name, sites)
    kind = {"cpu": PoisonedCpu, "cuda": PoisonedGpu}[device]
    backend = kind(n=sites, variant=plan.variant(of), ranks=ranks, halo=halo)
    with backend.working():
        evolution = Evolution(of, backend, NO_INPUTS)
        evolved = _begin(evolution)
        _step(evolution)
        found = {name: np.array(value) for name, value in evolution.row().items()}
        found["spent"] = np.array(evolution.spent)
        for own, described in (evolution.fields() | evolution.snapshot()).items():
            everywhere = own in evolved and evolved[own].of_the_run
            values = described.values
            found[f"field {own}"] = values if everywhere else _of_all(ranks, values)
        for sector in evolution.lattice.sectors:
            for own, values in sector.density_on_sites(evolution.a).items():
                found[f"density {own}"] = _of_all(ranks, values)
    assert all(
        np.isfinite(values).all() for key, values in found.items() if key != "energy_balance"
    )
    for own, values in found.items():
        yield own, values.tobytes()


def _begin(evolution: Evolution) -> dict[str, Evolved]:
    """From random fields; which arrays evolve."""
    lattice, backend = evolution.lattice, evolution.backend
    sites, here = backend.layout.n, backend.layout.slab.here
    seeds = count()
    evolved = {name: own for s in lattice.sectors for name, own in s.evolved().items()}
    arrays = [own.array for own in evolved.values() if not own.of_the_run]
    for array in [*arrays, lattice.E]:
        random = np.random.default_rng(next(seeds))
        shape = (*array.shape[:-3], sites, sites, sites)
        values = np.abs(random.normal(scale=1e-2, size=shape))[..., here, :, :]
        array[...] = backend.array(values.astype(array.dtype))
    lattice.update_displacement()
    lattice.update_electric()
    evolution.expansion.begin(evolution.tau, evolution.energy_at)
    for sector in lattice.sectors:
        sector.steps_from(evolution.now)
    return evolved


def _step(evolution: Evolution) -> None:
    for close in STEPS:
        evolution.spent += evolution.expansion.step(
            evolution.stepper,
            tau=evolution.tau,
            dt=evolution.clock.dt(evolution.done),
            close=close,
        )
        evolution.done += 1
        if close:
            for sector in evolution.lattice.sectors:
                evolution.spent += sector.at_closed_step(evolution.now)


def _of_all(ranks: Ranks, values: np.ndarray) -> np.ndarray:
    return np.moveaxis(ranks.all_planes(np.moveaxis(values, -3, 0)), 0, -3)


def digests(
    name: str, sites: int, ranks: Ranks = ALONE, halo: int | None = None, device: str = "cpu"
) -> dict[str, str]:
    """Of `numbers`."""
    found = numbers(name, sites, ranks, halo, device)
    return {own: hashlib.sha256(value).hexdigest()[:16] for own, value in found}


def main(sites: int, names: Sequence[str]) -> None:
    """Rank 0 says of each model which numbers differ from those of one process."""
    from darklat.kernels.ranks.mpi import MpiRanks

    ranks = MpiRanks()
    for name in names or MODELS:
        begun = time.perf_counter()
        shared = digests(name, sites, ranks)
        if ranks.rank == 0:
            alone = digests(name, sites)
            wrong = [own for own in alone if alone[own] != shared.get(own)]
            seconds = time.perf_counter() - begun
            print(f"{ranks.size} ranks, {name}: {wrong or 'equal'} ({seconds:.1f} s)", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])

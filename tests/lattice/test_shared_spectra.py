"""Transforms, spectra and starts of a lattice that ranks share: the bytes of one process."""

from __future__ import annotations

import numpy as np
import pytest

from darklat.kernels.backends import fourier
from darklat.kernels.backends.cpu import CpuBackend
from darklat.kernels.host import linear_modes
from darklat.kernels.layout import Variant
from darklat.kernels.ranks import ALONE, Ranks, of_launcher
from darklat.lattice.linear_phase import phase
from darklat.lattice.spectra import SpectrumPlan
from darklat.lattice.start.vacuum import Inflation, vacuum_fields
from many_ranks import mpirun, with_mpirun

SITES = (8, 10, 4)  # over three ranks: uneven planes, uneven k_z, and fewer k_z than a slab each


def check_transforms(n: int, ranks: Ranks) -> None:
    field = np.random.default_rng(n).normal(size=(2, n, n, n))
    modes, own = np.fft.rfftn(field, axes=(1, 2, 3)), fourier.slab_of_modes(n, ranks)
    whole = fourier.forward(field, ALONE)
    # transforms of numbers of order 1, whose sums have n^3 terms, are good to some 1e-15 n^1.5
    np.testing.assert_allclose(whole, modes, atol=1e-14 * n**1.5)
    planes = field[:, ranks.slab(n).here]
    found = fourier.forward(planes, ranks)
    assert np.array_equal(found, whole[..., own.here])
    back = fourier.inverse(whole, ALONE)
    np.testing.assert_allclose(back, field, atol=1e-14)
    assert np.array_equal(fourier.inverse(found, ranks), back[:, ranks.slab(n).here])


def check_starts(n: int, ranks: Ranks) -> None:
    how = {"n": n, "box": 1.0, "seed": 5, "letter": "X", "amplitude": 1.0}
    kinds = ({}, {"a_mass": 3.0}, {"a_mass": 3.0, "inflation": Inflation(2.0, -0.5)})
    for kind in kinds:
        whole, shared = vacuum_fields(**how, **kind), vacuum_fields(**how, **kind, ranks=ranks)
        for all_planes, own in zip(whole, shared, strict=True):
            assert np.array_equal(own, all_planes[:, ranks.slab(n).here])


def check_spectra(n: int, ranks: Ranks) -> None:
    field = np.random.default_rng(n).normal(size=(3, n, n, n))
    alone, shared = (CpuBackend(n=n, variant=Variant(1)) for _ in range(2))
    shared.ranks = ranks
    whole, own = SpectrumPlan(alone, n=n, box=2.0), SpectrumPlan(shared, n=n, box=2.0)
    planes = field[:, ranks.slab(n).here]
    assert all(
        np.array_equal(getattr(whole.bins, name), getattr(own.bins, name))
        for name in ("k", "khat", "modes", "dlnk")
    )
    assert np.array_equal(whole.site(field[0]), own.site(planes[0]))
    assert np.array_equal(np.array(whole.link(field, None)), np.array(own.link(planes, None)))
    assert whole.link_zero(field) == own.link_zero(planes)


def check_linear_modes(n: int, ranks: Ranks) -> None:
    half = np.pi * np.fft.fftfreq(n)
    modes = np.random.default_rng(n).normal(size=(2, 3, n, n, n // 2 + 1)) + 0j
    found = {}
    for of in (ALONE, ranks):
        slab = fourier.slab_of_modes(n, of)
        numbers, places = phase._orbits(n, slab)
        matrices = np.random.default_rng(1).normal(size=(2, n**3, 2, 2))[:, numbers[2]]
        found[of] = modes[..., slab.here].copy()
        linear_modes.transform(
            found[of], np.ascontiguousarray(matrices), places, first_k_z=slab.first,
            sine=np.sin(half), cosine=np.cos(half), half_khat=np.sin(half),
        )  # fmt: skip
    assert np.array_equal(found[ranks], found[ALONE][..., fourier.slab_of_modes(n, ranks).here])


CHECKS = (check_transforms, check_starts, check_spectra, check_linear_modes)


def test_transforms_against_numpy() -> None:
    check_transforms(8, ALONE)


@with_mpirun
@pytest.mark.mpi
def test_of_three_ranks() -> None:
    done = mpirun(3, __file__)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("good") == 3


if __name__ == "__main__":  # under mpirun
    for sites in SITES:
        for each in CHECKS:
            each(sites, of_launcher())
    print("good")

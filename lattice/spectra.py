"""Power spectra of the fields on the lattice, by bin of |k| and by helicity.

Definitions (bins, power per ln k, zero mode): darklat.physics.spectra. The sums over the modes of
one k_z and one bin are taken by modes.cu where the fields are. They are added in the order of k_z,
so that they do not depend on the number of ranks, each of which has some k_z.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from darklat.kernels import registry
from darklat.kernels.backends import Backend, fourier
from darklat.kernels.ranks import Slab
from darklat.lattice.shared import added, mean
from darklat.physics import spectra, staggered

SEGMENT = 4096  # listed modes summed in one go


@dataclass(frozen=True)
class Bins:
    """Of every bin: mean |k| and |khat| over its modes, number of modes of the full space, width in
    ln k."""

    k: np.ndarray
    khat: np.ndarray
    modes: np.ndarray
    dlnk: np.ndarray


@dataclass(frozen=True)
class Spectrum:
    """Power per ln k in every bin, and the square of the mean: sum(power dlnk) + zero is the mean
    square."""

    power: np.ndarray
    zero: float


class LinkPower(NamedTuple):
    """Power of a link field in every bin, normalised to the mean square: by helicity, of the
    longitudinal part, and of its curl by helicity."""

    plus: np.ndarray
    minus: np.ndarray
    long: np.ndarray
    curl_plus: np.ndarray
    curl_minus: np.ndarray


@dataclass(frozen=True)
class ModeList:
    """Some modes of the half space, sorted by bin: how many, their places on the device, and the
    segments in which a kernel sums them. `in_bins` adds up those sums."""

    count: int
    order: Any
    first: Any
    khat: Any
    segment_bin: np.ndarray
    bins: int
    sites: int

    def arguments(self) -> dict[str, Any]:
        """Of a kernel over these modes."""
        tables = {"order": self.order, "first": self.first, "khat": self.khat}
        return {"segments": len(self.segment_bin), "modes": self.count, **tables}

    def in_bins(self, sums: np.ndarray) -> np.ndarray:
        """Sums of squares of modes [segments, quantities] as [quantities, bins], normalised to the
        mean square."""
        return _in_bins(sums, self.segment_bin, self.bins, self.sites)


@dataclass(frozen=True)
class Contribution:
    """Spectra by name (theta, B_X_plus, ...), and the energy density that they stand for: in every
    bin, and at k = 0."""

    spectra: dict[str, Spectrum]
    energy: np.ndarray
    rest: float


class HasSpectra(Protocol):
    """A sector of the lattice."""

    def spectra(
        self, plan: SpectrumPlan, a: float, modes: np.ndarray | None
    ) -> Iterator[Contribution]:
        """The spectra now, at scale factor a; modes as in `SpectrumPlan.measure`."""
        ...


@dataclass(frozen=True)
class Measured:
    """Spectra by name (theta, B_X_plus, ...) and the share of the energy near the cutoff."""

    spectra: dict[str, Spectrum]
    power_at_cutoff: float


class SpectrumPlan:
    """Bins and tables for one lattice, made once.

    n: sites per axis; box: its length. Bins are one fundamental 2 pi/box wide, from |k| = 2 pi/box
    to the corner.
    """

    def __init__(self, backend: Backend, *, n: int, box: float) -> None:
        self._backend, self._n, dx = backend, n, box / n
        fundamental = 2 * np.pi / box
        m = np.fft.fftfreq(n, 1 / n)
        angle = np.pi * m / n  # k dx / 2
        order_of_taps = backend.layout.variant.order
        khat = 2 / dx * staggered.half_khat(angle, order_of_taps)
        own = fourier.slab_of_modes(n, backend.ranks)
        count = int(np.sqrt(3) * n / 2 + 0.5)
        of_planes, order, first = _modes_in_bins(m, khat, own, count)
        modes, k, of_khat = added(of_planes, backend.ranks).T
        self.bins = Bins(
            k=fundamental * k / modes,
            khat=of_khat / modes,
            modes=modes.astype(np.int64),
            dlnk=spectra.dlnk(spectra.bin_edges(count, fundamental)),
        )
        self._sizes = {
            "segments": len(first) - 1, "k_z_first": own.first, "k_z_count": own.planes,
        }  # fmt: skip
        self._tables = {
            "order": backend.array(order),
            "first": backend.array(first),
            "khat": backend.array(khat),
        }
        self._phases = {
            "cosine": backend.array(np.cos(angle)),
            "sine": backend.array(np.sin(angle)),
        }
        self._out = {
            kernel: backend.array(np.zeros((len(first) - 1, len(_sums(kernel)))))
            for kernel in ("scalar_modes", "vector_modes")
        }
        self.above_cutoff = self.bins.khat > spectra.cutoff(dx, order_of_taps)

    def measure(
        self, sectors: Sequence[HasSpectra], a: float, modes: np.ndarray | None = None
    ) -> Measured:
        """The spectra now, at scale factor a; E must be up to date. modes: the modes of X and E
        where they are known, [2, F, 3, n, n, own k_z] in f on the host."""
        found: dict[str, Spectrum] = {}
        energy, rest = np.zeros(len(self.bins.k)), 0.0
        for sector in sectors:
            for part in sector.spectra(self, a, modes):
                found |= part.spectra
                energy = energy + part.energy
                rest += part.rest
        total = float(energy.sum()) + rest
        share = float(energy[self.above_cutoff].sum()) / total if total > 0 else 0.0
        return Measured(found, share)

    def site(self, field: Any) -> np.ndarray:
        """Per bin: sums of |f_k|^2 and of khat^2 |f_k|^2, normalised to the mean square."""
        return self._binned("scalar_modes", f=self._backend.rfftn(field))

    def link(self, field: Any, modes: np.ndarray | None) -> LinkPower:
        """Of a gauge field, in f^2, of which modes [3, n, n, own k_z] may be known."""
        backend, unit = self._backend, 1.0
        if modes is None:
            v, unit = [backend.rfftn(field[c]) for c in range(3)], backend.layout.field_unit
        else:
            v = [backend.array(of) for of in modes]
        power = self._binned("vector_modes", vx=v[0], vy=v[1], vz=v[2], **self._phases)
        return LinkPower(*(unit**2 * power))

    def _binned(self, kernel: str, **arrays: Any) -> np.ndarray:
        """The sums of a kernel, [sums, bins]."""
        out = self._out[kernel]
        if self._sizes["segments"]:  # there may be more ranks than k_z
            self._backend.launch(kernel, **self._sizes, **self._tables, **arrays, out=out)
        sums = self._backend.to_host(out).reshape(-1, len(self.bins.k), len(_sums(kernel)))
        return added(sums, self._backend.ranks).T / float(self._n) ** 6

    def listed(self, *, bins: int | None = None, every: int = 1) -> ModeList:
        """The modes of the first `bins` (None: of all); one in `every` of them."""
        sorted_by_bin, counts = _sorted_by_bin(self._n)
        counts[len(counts) if bins is None else bins :] = 0
        total = int(counts.sum())
        ends = -(-np.cumsum(counts) // every)  # of those that are taken, up to each bin
        first, segment_bin = _segments(np.diff(ends, prepend=0))
        return ModeList(
            count=-(-total // every),
            order=self._backend.array(sorted_by_bin[:total:every]),
            first=self._backend.array(first),
            khat=self._tables["khat"],
            segment_bin=segment_bin,
            bins=len(counts),
            sites=self._n,
        )

    def site_zero(self, field: Any) -> float:
        """Square of the mean of a site field."""
        return mean(field, self._backend.ranks) ** 2

    def link_zero(self, field: Any) -> float:
        """The same of a gauge field's three components, over f^2."""
        return self._backend.layout.field_unit**2 * sum(self.site_zero(field[c]) for c in range(3))


def modes_in_bins(n: int, bins: int | None) -> int:
    """How many modes of the half space of n^3 sites, without k = 0, are in the first `bins` (None:
    in all)."""
    half = n // 2
    if bins is None:
        return n * n * (half + 1) - 1
    squares = np.arange(-half, half) ** 2
    left = (bins + 0.5) ** 2 - np.add.outer(squares, squares)
    along_z = np.floor(np.sqrt(left[left >= 0])).astype(np.int64)
    return int(np.minimum(along_z, half).sum() + along_z.size) - 1


def _in_bins(sums: np.ndarray, segment_bin: np.ndarray, bins: int, sites: int) -> np.ndarray:
    return np.array([np.bincount(segment_bin, s, bins) for s in sums.T]) / float(sites) ** 6


def _sums(kernel: str) -> tuple[str, ...]:
    return registry.KERNELS[kernel].sums.lattice


def _sorted_by_bin(n: int) -> tuple[np.ndarray, np.ndarray]:
    """All modes of the half space but k = 0, sorted by bin, and how many each bin has."""
    m = np.fft.fftfreq(n, 1 / n)
    squared = np.add.outer(np.add.outer(m**2, m**2), m[: n // 2 + 1] ** 2)
    bins = np.floor(np.sqrt(squared).ravel() + 0.5).astype(np.int16)
    return np.argsort(bins, kind="stable").astype(np.int32)[1:], np.bincount(bins)[1:]


def _segments(modes_per_bin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First mode of every segment (and the end), and the bin of each segment; no segment crosses a
    bin."""
    ends = np.cumsum(modes_per_bin)
    first: list[int] = []
    segment_bin: list[int] = []
    for b, (end, length) in enumerate(zip(ends, modes_per_bin, strict=True)):
        starts = range(int(end - length), int(end), SEGMENT)
        first += starts
        segment_bin += [b] * len(starts)
    return np.array([*first, int(ends[-1])], dtype=np.int64), np.array(segment_bin)


def _modes_in_bins(
    m: np.ndarray, khat: np.ndarray, own: Slab, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the modes [n, n, own k_z] and `count` bins: in every bin of every k_z their number in the
    full space and the sums of their |m| and |khat|, [k_z, bins, 3]; the modes but k = 0 by k_z and
    there by bin; and the first one of every k_z and bin, and the end."""
    n = len(m)
    sums = np.empty((own.planes, count, 3))
    order = np.empty((own.planes, n * n), dtype=np.int32)
    number = np.empty((own.planes, count), dtype=np.int64)
    in_plane, khat_in_plane = np.add.outer(m**2, m**2), np.add.outer(khat**2, khat**2)
    for place, k_z in enumerate(range(own.first, own.end)):
        radius = np.sqrt(in_plane + m[k_z] ** 2).ravel()
        bins = np.floor(radius + 0.5).astype(np.int16)  # 0: the zero mode
        of_bin = [
            np.bincount(bins, weights, count + 1)[1:]
            for weights in (None, radius, np.sqrt(khat_in_plane + khat[k_z] ** 2).ravel())
        ]
        weight = 1 if k_z in (0, n // 2) else 2
        sums[place] = weight * np.stack(of_bin, axis=1)
        number[place] = of_bin[0]
        order[place] = np.argsort(bins, kind="stable") * own.planes + place
    zero = int(own.first == 0 and own.planes > 0)  # the first mode of the first k_z
    first = np.concatenate([[0], np.cumsum(number.ravel())])
    return sums, order.ravel()[zero:], first

"""Where the numbers lie in memory.

A site field is [n, n, n], z fastest. A link field is [fields, 3, n, n, n] whose [n, n, n] blocks
lie `stride` elements apart. On a CPU the rows along z have ghosts between them (macros.h). A
stencil reads many rows. Without the padding in `stride`, and with arrays that all start on a page,
these rows share the same few cache sets.

Ranks share a lattice as slabs of planes along x. A field is then [planes, n, n], the planes of this
rank. In memory they have `halo` planes of both neighbours around them, of which the host sees
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from darklat.kernels.ranks.slabs import Slab

SITE, LINK, VECTOR, MASSIVE, SCALAR = "site", "link", "vector", "massive", "scalar"  # fields
VECTOR_BYTES = 32  # on a CPU the ghosts behind a row fill vectors, so that rows stay aligned
THREADS_OF_BLOCK = 128  # on a GPU, where a kernel leaves a sum for every block of a plane
PADDING = 80  # elements between components; a multiple of 16, so that a warp's loads stay aligned

SOURCE_REACH = 2  # of the averages in the source of gravitational waves, whatever the order
UNIT_EXPONENT = 64  # gauge fields of float32 are in units of 2^-64 f, or of less (Variant)


@dataclass(frozen=True)
class Variant:
    """The model that the kernels are compiled for.

    gauge_fields: number of U(1) fields. potential: the ALP's, as `physics.potential.of` takes it.
    massive: how many of the fields that do not conduct, the last of them, have a mass or a plasma.
    conducting: the last field conducts. Of it, back_reacting: theta and the other fields feel it;
    self_coupled: its coupling g_AA to itself is not zero. single: fields are float32,
    and gauge fields in units of 2^-unit_exponent f. order: of the differences and means in the
    lattice spacing (darklat.physics.staggered). waves: whether there are gravitational waves.
    """

    gauge_fields: int
    potential: str = "quadratic"
    conducting: bool = False
    back_reacting: bool = True
    self_coupled: bool = True
    massive: int = 0
    single: bool = False
    unit_exponent: int = UNIT_EXPONENT
    order: int = 2
    waves: bool = False

    @property
    def reach(self) -> int:
        """How many sites away a kernel reads along an axis: a product of a forward and a backward
        operator has a reach of order - 1."""
        return max(self.order - 1, SOURCE_REACH * self.waves)

    @property
    def ghosts(self) -> int:
        """Elements behind every row on a CPU. `reach` of them repeat the row's first sites, and as
        many the next row's last ones; together they fill vectors."""
        in_vector = VECTOR_BYTES // (4 if self.single else 8)
        return in_vector * -(-2 * self.reach // in_vector)

    @property
    def massless(self) -> int:
        """Number of free fields without a mass; they come first."""
        return self.free - self.massive

    @property
    def free(self) -> int:
        """Number of fields that do not conduct; they come first."""
        return self.gauge_fields - self.conducting

    @property
    def felt(self) -> int:
        """Number of fields that theta and the free fields feel; they come first."""
        return self.gauge_fields if self.back_reacting else self.free

    @property
    def sources(self) -> int:
        """Number of fields that the conducting one feels."""
        return self.gauge_fields if self.self_coupled else self.free

    @property
    def field_unit(self) -> float:
        """The unit over f in which gauge fields are stored: float32 does not hold a vacuum of 1e-43
        f."""
        return 2.0**-self.unit_exponent if self.single else 1.0

    def fields(self, which: str) -> range:
        """The U(1) fields of a sort, by their place. Sorts are "all", "free", "conducting", "felt"
        (by the free ones) and "sources" (of the conducting one). The free ones are "massless" or
        "with_mass"."""
        return {
            "all": range(self.gauge_fields),
            "free": range(self.free),
            "conducting": range(self.free, self.gauge_fields),
            "felt": range(self.felt),
            "sources": range(self.sources),
            "massless": range(self.massless),
            "with_mass": range(self.massless, self.free),
        }[which]


@dataclass(frozen=True)
class Layout:
    """Shapes and strides (in elements) of the fields on n^3 sites, with `ghosts` elements behind
    every row where a backend wants them (Variant.ghosts).

    own: the planes of this rank, by default all. halo: the planes of its neighbours that lie below
    and above them; 0 where the own planes are neighbours of each other around the circle.
    """

    n: int
    variant: Variant
    ghosts: int = 0
    own: Slab | None = None
    halo: int = 0

    @property
    def slab(self) -> Slab:
        """The planes of this rank."""
        return self.own or Slab(0, self.n, self.n)

    @property
    def planes(self) -> int:
        """Planes in memory: the own ones and their neighbours."""
        return self.slab.planes + 2 * self.halo

    @property
    def dtype(self) -> np.dtype:
        """Type of the fields' numbers."""
        return np.dtype(np.float32 if self.variant.single else np.float64)

    @property
    def itemsize(self) -> int:
        """Bytes of one."""
        return self.dtype.itemsize

    @property
    def field_unit(self) -> float:
        """The unit over f in which gauge fields are stored (Variant.field_unit)."""
        return self.variant.field_unit

    @property
    def gauge_fields(self) -> int:
        """Number of U(1) fields."""
        return self.variant.gauge_fields

    @property
    def sites(self) -> int:
        """Number of sites of this rank; n^3 of one with the whole lattice."""
        return self.slab.planes * self.n**2

    @property
    def stride(self) -> int:
        """Elements from one component of a link field to the next."""
        return self.planes * self.plane + PADDING

    @property
    def plane(self) -> int:
        """Elements from one plane to the next."""
        return self.n * self.pitch

    @property
    def pitch(self) -> int:
        """Elements from one row to the next."""
        return self.n + self.ghosts

    def shape(self, kind: str) -> tuple[int, ...]:
        """Shape of a field of that kind (declare.FieldArgument)."""
        slab = (self.slab.planes, self.n, self.n)
        if kind == SCALAR:
            return (self.variant.massive, *slab)
        return slab if kind == SITE else (self.vectors(kind), 3, *slab)

    def strides(self, kind: str, itemsize: int) -> tuple[int, ...]:
        """Strides in bytes of a field of that kind."""
        slab = (self.plane, self.pitch, 1)
        elements = {SITE: slab, SCALAR: (self.stride, *slab)}.get(
            kind, (3 * self.stride, self.stride, *slab)
        )
        return tuple(itemsize * e for e in elements)

    def elements(self, kind: str) -> int:
        """Elements that a field occupies, padding and planes of neighbours included."""
        if kind == SCALAR:
            return self.variant.massive * self.stride
        whole = self.planes * self.plane
        return whole if kind == SITE else 3 * self.vectors(kind) * self.stride

    def vectors(self, kind: str) -> int:
        """U(1) fields in a field with three components."""
        return {VECTOR: 1, MASSIVE: self.variant.massive}.get(kind, self.gauge_fields)

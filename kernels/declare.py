"""The words in which kernels are declared (kernels/declarations).

A declaration states the arguments of a kernel in the order of its C signature. It states the fields
that it reads and writes and where, and its sums over the lattice:

    over_sites(
        "kick", Source("kick.cu"), real("h"), read("theta", SITE),
        inout("D", LINK, fields="free", at=HERE), sums=Sums(("trace",)),
    )

The sizes n and stride, and the array `partial` of the sums, belong to every kernel over sites, and
no declaration repeats them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from darklat.kernels.layout import LINK, SCALAR, SITE, Layout, Variant

Access = Literal["in", "out", "inout"]
HERE = ""  # a kernel reads a field at its own site alone
AROUND = "xyz"  # and at all neighbours, those across edges and corners included
REAL = "real"  # the type of the fields' numbers


@dataclass(frozen=True)
class ScalarArgument:
    """A number. type: "int", "long" or "real"."""

    name: str
    type: Literal["int", "long", "real"]


@dataclass(frozen=True)
class FieldArgument:
    """A field in the layout of `Layout`.

    kind: SITE, [n, n, n]; LINK, three components of all U(1) fields; VECTOR, of one; MASSIVE, of
    the fields with a mass; SCALAR, a site field of each field with a mass. components: the letters
    of the components that the kernel touches. I is the one along the kernel's axis; J and K are the
    next two. fields: the fields of a LINK that it touches (Variant.fields). at: the axes, by the
    same letters, along which the kernel reads values at neighbouring sites. + before a letter means
    the neighbours of a forward difference or mean, - those of a backward one. A letter alone means
    those of a product of both; HERE means none. reach: such a letter means neighbours at least so
    far away, whatever the order of the lattice.
    """

    name: str
    kind: str
    access: Access
    components: str = "xyz"
    fields: str = "all"
    at: str = AROUND
    reach: int = 0

    def blocks(self, layout: Layout, axis: int | None) -> list[int]:
        """Where the [n, n, n] blocks that the kernel touches start, in elements from the field's
        first."""
        if self.kind == SITE:
            return [0]
        if self.kind == SCALAR:
            return [i * layout.stride for i in range(layout.variant.massive)]
        places = _axes(self.components, axis)
        every = range(layout.vectors(self.kind))
        own = layout.variant.fields(self.fields) if self.kind == LINK else every
        return [(3 * a + place) * layout.stride for a in own for place in places]

    def neighbours(self, axis: int | None, order: int) -> dict[tuple[int, int], int]:
        """How many sites away the kernel reads neighbours, by axis and side, 1 or -1; corners where
        it has both their sides. order: of the differences and means."""
        taps = order // 2
        around = max(order - 1, self.reach)
        reaches = {"+": (taps, taps - 1), "-": (taps - 1, taps), "": (around, around)}
        found: dict[tuple[int, int], int] = {}
        for sign, letter in re.findall("([+-]?)([xyzIJK])", self.at):
            for place in _axes(letter, axis):
                for side, reach in zip((1, -1), reaches[sign], strict=True):
                    if self.access != "out" and reach:
                        found[place, side] = max(reach, found.get((place, side), 0))
        return found


def _axes(letters: str, axis: int | None) -> list[int]:
    return ["xyz".index(c) if c in "xyz" else ((axis or 0) + "IJK".index(c)) % 3 for c in letters]


@dataclass(frozen=True)
class Call:
    """The numbers that set the length of an array: the layout, the kernel's scalars, and the parts
    in which a kernel leaves the sum over one plane."""

    layout: Layout
    scalars: Mapping[str, Any]
    parts_of_plane: int


@dataclass(frozen=True)
class ArrayArgument:
    """A contiguous array.

    dtype: "float64", "int32", ...; REAL for the type of the fields. length: its number of elements.
    columns: the names of the numbers in each of its rows, where rows have names.
    """

    name: str
    dtype: str
    access: Access
    length: Callable[[Call], int]
    columns: tuple[str, ...] = ()


Argument = ScalarArgument | FieldArgument | ArrayArgument


@dataclass(frozen=True)
class Sums:
    """Names of the sums that a kernel leaves, in their order. First come the sums over the lattice,
    then the sums of every field in turn. fields: the fields of the latter (Variant.fields)."""

    lattice: tuple[str, ...] = ()
    field: tuple[str, ...] = ()
    fields: str = "all"

    def number(self, variant: Variant) -> int:
        """How many there are."""
        return len(self.lattice) + len(self.field) * len(variant.fields(self.fields))

    def of_fields(self, values: Sequence[float]) -> list[dict[str, float]]:
        """Values [number] of every field's sums, by name."""
        first, step = len(self.lattice), len(self.field)
        starts = range(first, len(values), step) if step else ()
        return [dict(zip(self.field, values[i : i + step], strict=True)) for i in starts]


@dataclass(frozen=True)
class Source:
    """A file of kernels/source. needed: whether a variant has use of its kernels; it is compiled
    for no other. before: files that stand before it, once for all that want them."""

    file: str
    needed: Callable[[Variant], bool] = lambda variant: True
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kernel:
    """A kernel by its C name. launch: "sites" has one thread a site. "items" has one block an item;
    the number of items is the first argument. "tiles" has blocks that march through planes
    (blocks.py), on a GPU alone. replaces: the kernels whose work a fused one does, in their order.
    axes: those that a step uses it along, where it has an axis.
    """

    name: str
    source: Source
    launch: Literal["sites", "items", "tiles"]
    arguments: tuple[Argument, ...]
    sums: Sums
    replaces: tuple[str, ...] = ()
    axes: str = "xyz"

    @property
    def scalars(self) -> tuple[ScalarArgument, ...]:
        """The numbers among the arguments."""
        return tuple(a for a in self.arguments if isinstance(a, ScalarArgument))

    @property
    def reals(self) -> tuple[ScalarArgument, ...]:
        """The real numbers among them."""
        return tuple(a for a in self.scalars if a.type == "real")

    @property
    def fields(self) -> tuple[FieldArgument, ...]:
        """The fields among the arguments."""
        return tuple(a for a in self.arguments if isinstance(a, FieldArgument))

    @property
    def arrays(self) -> tuple[ArrayArgument, ...]:
        """The contiguous arrays among the arguments."""
        return tuple(a for a in self.arguments if isinstance(a, ArrayArgument))

    def bytes_per_site(self, layout: Layout) -> int:
        """Bytes per site that one launch has to move: each field read once, written once."""
        passes = {"in": 1, "out": 1, "inout": 2}
        blocks = (passes[f.access] * len(f.blocks(layout, axis=0)) for f in self.fields)
        return layout.itemsize * sum(blocks)


# -- the words


def real(name: str) -> ScalarArgument:
    """A number of the fields' type."""
    return ScalarArgument(name, "real")


def integer(name: str) -> ScalarArgument:
    """A whole number."""
    return ScalarArgument(name, "int")


def read(
    name: str,
    kind: str,
    *,
    components: str = "xyz",
    fields: str = "all",
    at: str = AROUND,
    reach: int = 0,
) -> FieldArgument:
    """A field that the kernel reads (`FieldArgument`)."""
    return FieldArgument(name, kind, "in", components, fields, at, reach)


def write(name: str, kind: str, *, components: str = "xyz", fields: str = "all") -> FieldArgument:
    """A field that the kernel writes and does not read (`FieldArgument`)."""
    return FieldArgument(name, kind, "out", components, fields, HERE)


def inout(
    name: str, kind: str, *, components: str = "xyz", fields: str = "all", at: str = AROUND
) -> FieldArgument:
    """A field that the kernel reads and writes (`FieldArgument`)."""
    return FieldArgument(name, kind, "inout", components, fields, at)


def read_array(name: str, dtype: str, *, length: Callable[[Call], int]) -> ArrayArgument:
    """A contiguous array that the kernel reads (`ArrayArgument`)."""
    return ArrayArgument(name, dtype, "in", length)


def write_array(name: str, dtype: str, *, length: Callable[[Call], int]) -> ArrayArgument:
    """A contiguous array that the kernel writes (`ArrayArgument`)."""
    return ArrayArgument(name, dtype, "out", length)


def read_rows(name: str, columns: Sequence[str], *, fields: str) -> ArrayArgument:
    """A contiguous array of the fields' type with a row for each of `fields` (Variant.fields). C++
    finds its columns by the names NAME_columns::COLUMN."""

    def length(call: Call) -> int:
        return len(columns) * len(call.layout.variant.fields(fields))

    return ArrayArgument(name, REAL, "in", length, tuple(columns))


def over_sites(name: str, source: Source, *arguments: Argument, sums: Sums | None = None) -> Kernel:
    """A kernel that runs once for every site."""
    sums = sums or Sums()

    def length(call: Call) -> int:
        return sums.number(call.layout.variant) * call.layout.planes * call.parts_of_plane

    sizes = (ScalarArgument("n", "int"), ScalarArgument("stride", "long"))
    partial = (write_array("partial", "float64", length=length),)
    summing = bool(sums.lattice or sums.field)
    return Kernel(name, source, "sites", (*sizes, *arguments, *(partial * summing)), sums)


def fused(
    name: str,
    source: Source,
    *arguments: Argument,
    replaces: Sequence[str],
    sums: Sums | None = None,
    axes: str = "xyz",
    marching: bool = True,
) -> Kernel:
    """A kernel that does the work of several others in one pass over memory (`Kernel.replaces`).
    marching: its blocks march through planes, and do not have a thread for every site.

    Its numbers have the names PART_NUMBER, for the number of a kernel that it replaces. A field has
    its name there, or NAME_LETTERS where it stands for some components. Sums are those of the
    kernels that it replaces, one after the other.
    """
    kernel = over_sites(name, source, *arguments, sums=sums)
    launch: Literal["tiles", "sites"] = "tiles" if marching else "sites"
    return replace(kernel, launch=launch, replaces=tuple(replaces), axes=axes)


def over_items(name: str, source: Source, *arguments: Argument, sums: Sums) -> Kernel:
    """A kernel that adds up `sums` for each of the items that its first argument counts, into the
    last one, an array `out` [items, sums]."""
    count = arguments[0].name

    def length(call: Call) -> int:
        return int(call.scalars[count]) * len(sums.lattice)

    out = write_array("out", "float64", length=length)
    return Kernel(name, source, "items", (*arguments, out), sums)

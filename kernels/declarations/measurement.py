"""Kernels that measure: averages, the sums over modes of spectra, and the speed of memory."""

from darklat.kernels.declarations.conductor import GAUSS
from darklat.kernels.declare import (
    ArrayArgument,
    Call,
    Source,
    Sums,
    integer,
    over_items,
    over_sites,
    read,
    read_array,
    real,
    write,
)
from darklat.kernels.layout import LINK, SITE

MODES = Source("modes.cu")


def transform(name: str) -> ArrayArgument:
    """The modes of the half space, [n, n, n/2 + 1]."""
    return read_array(name, "complex128", length=lambda call: _modes(call.layout.n))


def modes_in_order() -> tuple[ArrayArgument, ArrayArgument]:
    """The modes but k = 0, sorted by bin, and where every segment of them begins, and the end."""
    return (
        read_array("order", "int32", length=lambda call: _modes(call.layout.n) - 1),
        read_array("first", "int64", length=lambda call: int(call.scalars["segments"]) + 1),
    )


def of_axis(name: str) -> ArrayArgument:
    """A number for every mode number of one axis."""
    return read_array(name, "float64", length=lambda call: call.layout.n)


def _modes(n: int) -> int:
    return n * n * (n // 2 + 1)


def _parts(call: Call) -> int:
    return int(call.scalars["items"]) * int(call.scalars["length"])


KERNELS = (
    over_sites(
        "averages", Source("averages.cu"),
        real("mass_squared"), real("inv_dx"), read("theta", SITE), read("pi", SITE),
        read("X", LINK), read("D", LINK), read("E", LINK),
        sums=Sums(
            ("theta", "theta_sq", "pi_sq", "grad_sq", "potential"), field=("E_sq", "B_sq", *GAUSS)
        ),
    ),
    over_sites("copy", Source("copy.cu"), read("X", LINK), write("E", LINK)),
    over_items(
        "fold", Source("fold.cu"), integer("items"), integer("length"),
        read_array("partial", "float64", length=_parts), sums=Sums(("total",)),
    ),
    over_items(
        "scalar_modes", MODES,
        integer("segments"), integer("n"), *modes_in_order(), of_axis("khat"), transform("f"),
        sums=Sums(("power", "gradient")),
    ),
    over_items(
        "vector_modes", MODES,
        integer("segments"), integer("n"), *modes_in_order(), of_axis("khat"), of_axis("cosine"),
        of_axis("sine"), transform("vx"), transform("vy"), transform("vz"),
        sums=Sums(("plus", "minus", "longitudinal", "curl_plus", "curl_minus")),
    ),
)  # fmt: skip

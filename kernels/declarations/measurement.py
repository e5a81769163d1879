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


OWN_K_Z = (integer("k_z_first"), integer("k_z_count"))
"""Of a rank: the first k_z that its modes have, and how many."""


def transform(name: str) -> ArrayArgument:
    """All modes [n, n, n/2 + 1] of the half space."""
    return read_array(
        name, "complex128", length=lambda call: call.layout.n**2 * (call.layout.n // 2 + 1)
    )


def own_modes(name: str) -> ArrayArgument:
    """The modes [n, n, own k_z] of the half space."""
    return read_array(name, "complex128", length=_modes)


def modes_in_order() -> tuple[ArrayArgument, ArrayArgument]:
    """The own modes but k = 0, by k_z and there by bin, and where every segment of them begins, and
    the end."""
    return (
        read_array("order", "int32", length=lambda call: max(0, _modes(call) - _with_zero(call))),
        read_array("first", "int64", length=lambda call: int(call.scalars["segments"]) + 1),
    )


def of_axis(name: str) -> ArrayArgument:
    """A number for every mode number of one axis."""
    return read_array(name, "float64", length=lambda call: call.layout.n)


def _modes(call: Call) -> int:
    return call.layout.n**2 * int(call.scalars["k_z_count"])


def _with_zero(call: Call) -> bool:
    return int(call.scalars["k_z_first"]) == 0


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
        integer("segments"), integer("n"), *OWN_K_Z, *modes_in_order(), of_axis("khat"),
        own_modes("f"),
        sums=Sums(("power", "gradient")),
    ),
    over_items(
        "vector_modes", MODES,
        integer("segments"), integer("n"), *OWN_K_Z, *modes_in_order(), of_axis("khat"),
        of_axis("cosine"), of_axis("sine"), own_modes("vx"), own_modes("vy"), own_modes("vz"),
        sums=Sums(("plus", "minus", "longitudinal", "curl_plus", "curl_minus")),
    ),
)  # fmt: skip

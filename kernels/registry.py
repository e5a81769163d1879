"""The typed list of kernels: what each takes, in the order of its C signature, and what it reads
and writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from darklat.kernels.layout import Layout

HERE = Path(__file__).parent
SCALARS = {"int": np.int32, "long": np.int64, "double": np.float64}


@dataclass(frozen=True)
class Argument:
    """One argument of a kernel.

    kind: a C scalar ("int", "long", "double"); a field ("site", "link") in the layout of `Layout`;
    or a contiguous array of a dtype ("float64", "int32", ...). access: "in", "out" or "inout"; None
    for scalars. components and fields: how many of a link field's three components it touches, and
    of which fields ("all", "free", "conducting").
    """

    name: str
    kind: str
    access: str | None = None
    components: int = 3
    fields: str = "all"


@dataclass(frozen=True)
class Kernel:
    """One kernel: its C name, the file it is in, how it is launched and its arguments.

    launch: "sites" (one thread a site) or "items" (one block an item; the number of items is the
    first argument). conducting: exists only where a field conducts.
    """

    name: str
    file: str
    launch: str
    arguments: tuple[Argument, ...]
    conducting: bool = False

    def bytes_per_site(self, layout: Layout, itemsize: int) -> int:
        """Bytes per site that one launch has to move: each field read once, written once."""
        passes = {"in": 1, "out": 1, "inout": 2}
        fields = {
            "all": layout.gauge_fields,
            "free": layout.gauge_fields - layout.conducting,
            "conducting": layout.conducting,
        }
        return itemsize * sum(
            passes[a.access] * (a.components * fields[a.fields] if a.kind == "link" else 1)
            for a in self.arguments
            if a.access and a.kind in ("site", "link")
        )


def _kernel(name: str, file: str, launch: str, *arguments: str, conducting: bool = False) -> Kernel:
    """`arguments` as "kind name" for scalars and "access kind name" for arrays; "link/2/free"
    touches two components of the free fields."""
    parsed = []
    for text in arguments:
        *access, kind, argument = text.split()
        kind, *which = kind.split("/")
        components, fields = (*which, *("3", "all")[len(which) :])
        parsed.append(
            Argument(argument, kind, access[0] if access else None, int(components), fields)
        )
    return Kernel(name, file, launch, tuple(parsed), conducting)


KERNELS: dict[str, Kernel] = {
    k.name: k
    for k in (
        _kernel(
            "electric", "electric.cu", "sites",
            "int n", "long stride", "double inv_dx", "in float64 g", "in site theta", "in link X",
            "in link/3/free D", "out link/3/free E",
        ),
        _kernel(
            "momenta", "momenta.cu", "sites",
            "int n", "long stride", "double A", "double B", "double dt", "double a",
            "double mass_squared", "double inv_dx", "in float64 g", "in site theta", "in link X",
            "in link E", "inout site pi", "inout link D", "inout site k_theta", "inout site k_pi",
            "inout link k_D", "out float64 partial",
        ),
        _kernel(
            "coordinates", "coordinates.cu", "sites",
            "int n", "long stride", "double A", "double B", "double dt", "in link E",
            "in site k_theta", "inout link k_X", "inout site theta", "inout link X",
        ),
        _kernel(
            "averages", "averages.cu", "sites",
            "int n", "long stride", "double mass_squared", "double inv_dx", "in site theta",
            "in site pi", "in link X", "in link D", "in link E", "out float64 partial",
        ),
        _kernel(
            "kick", "kick.cu", "sites",
            "int n", "long stride", "int first", "double h", "double a", "double mass_squared",
            "double inv_dx", "in site theta", "in link X", "inout site pi", "inout link D",
            "out float64 partial",
        ),
        _kernel(
            "drift", "kick.cu", "sites",
            "int n", "long stride", "double h", "double a", "in site pi", "inout site theta",
            "out float64 partial",
        ),
        _kernel(
            "link_coordinate", "link_flow.cu", "sites",
            "int n", "long stride", "int axis", "double h", "double inv_dx", "in float64 g",
            "in site theta", "in link/1/free D", "inout link/2 X", "out link/1/free E",
            "out float64 partial",
        ),
        _kernel(
            "link_momenta", "link_flow.cu", "sites",
            "int n", "long stride", "int axis", "double h", "double inv_dx", "in float64 g",
            "in site theta", "in link/2 X", "in link/1/free E", "inout site pi", "inout link/2 D",
        ),
        _kernel(
            "conducting_coordinate", "link_flow.cu", "sites",
            "int n", "long stride", "int axis", "double h", "in link/1/conducting E",
            "inout link/1/conducting X", "out float64 partial", conducting=True,
        ),
        _kernel(
            "conducting_momenta", "link_flow.cu", "sites",
            "int n", "long stride", "int axis", "double h", "double inv_dx", "in float64 g",
            "in site theta", "in link/2 X", "inout link/3/conducting E", "inout site pi",
            "inout link/2/free D", conducting=True,
        ),
        _kernel(
            "induction", "conduction.cu", "sites",
            "int n", "long stride", "double h", "double a", "double inv_dx", "in float64 g",
            "in site pi", "in link X", "inout link/3/conducting D", conducting=True,
        ),
        _kernel(
            "charge", "conduction.cu", "sites",
            "int n", "long stride", "double of_E", "double of_D", "double inv_dx",
            "in link/3/conducting E", "in link/3/conducting D", "inout site rho",
            "out float64 partial", conducting=True,
        ),
        _kernel(
            "relax", "conduction.cu", "sites",
            "int n", "long stride", "double decay", "double gain", "double heat_EE",
            "double heat_EG", "double heat_GG", "inout link/3/conducting E",
            "inout link/3/conducting D", "out float64 partial", conducting=True,
        ),
        _kernel(
            "displacement", "conduction.cu", "sites",
            "int n", "long stride", "double inv_dx", "in float64 g", "in site theta", "in link X",
            "in link/3/conducting E", "out link/3/conducting D", conducting=True,
        ),
        _kernel(
            "charge_residual", "conduction.cu", "sites",
            "int n", "long stride", "double dx", "in link/3/conducting D", "in site rho",
            "out float64 partial", conducting=True,
        ),
        _kernel("copy", "copy.cu", "sites", "int n", "long stride", "in link X", "out link E"),
        _kernel(
            "fold", "fold.cu", "items",
            "int items", "int length", "in float64 partial", "out float64 out",
        ),
        _kernel(
            "scalar_modes", "modes.cu", "items",
            "int segments", "int n", "in int32 order", "in int64 first", "in float64 khat",
            "in complex128 f", "out float64 out",
        ),
        _kernel(
            "vector_modes", "modes.cu", "items",
            "int segments", "int n", "in int32 order", "in int64 first", "in float64 khat",
            "in float64 cosine", "in float64 sine", "in complex128 vx", "in complex128 vy",
            "in complex128 vz", "out float64 out",
        ),
    )
}  # fmt: skip


def names(conducting: int) -> list[str]:
    """The kernels of a model in which the last `conducting` fields conduct."""
    return [k.name for k in KERNELS.values() if conducting or not k.conducting]


def source(*, gauge_fields: int, cosine: bool, conducting: int = 0, target: str = "cuda") -> str:
    """The whole source for one model: preamble, headers and every kernel, in one string; for
    target "cpu" with sweep.cpp, which calls them. conducting: 1 if the last field conducts.

    Headers are inlined because the cache of a run-time compiler does not see changes in included
    files.
    """
    preamble = (
        f"#define REAL double\n#define N_GAUGE {gauge_fields}\n#define COSINE {int(cosine)}\n"
        f"#define CONDUCTING {conducting}\n"
    )
    files = ["macros.h", "stencil.h", *dict.fromkeys(k.file for k in KERNELS.values())]
    files += ["sweep.cpp"] if target == "cpu" else []
    return preamble + "\n".join((HERE / name).read_text() for name in files)


def check(
    kernel: Kernel, values: dict[str, Any], layout: Layout, array_type: type[Any]
) -> list[Any]:
    """`values` in the order of the C signature.

    Raises TypeError when an argument is missing, unknown, on the wrong device, or of the wrong
    dtype, shape or strides.
    """
    names = [a.name for a in kernel.arguments]
    if set(values) != set(names):
        missing, unknown = set(names) - set(values), set(values) - set(names)
        raise TypeError(
            f"kernel {kernel.name}: missing {sorted(missing)}, unknown {sorted(unknown)}"
        )
    for name, right in (("n", layout.n), ("stride", layout.stride)):
        if values.get(name, right) != right:
            raise TypeError(
                f"kernel {kernel.name}: {name} is {values[name]}, the layout has {right}"
            )
    for a in kernel.arguments:
        if a.kind not in SCALARS:
            _check_array(kernel, a, values[a.name], layout, array_type)
    return [values[name] for name in names]


def _check_array(
    kernel: Kernel, a: Argument, value: Any, layout: Layout, array_type: type[Any]
) -> None:
    if not isinstance(value, array_type):
        raise TypeError(
            f"kernel {kernel.name}, {a.name}: a {array_type.__module__} array is needed, "
            f"not {type(value)}"
        )
    if a.kind in ("site", "link"):
        shape, dtype = layout.shape(a.kind), np.dtype(np.float64)
        strides = layout.strides(a.kind, dtype.itemsize)
        wrong = value.shape != shape or value.dtype != dtype or value.strides != strides
        wanted = f"float64 {shape} with strides {strides}"
    else:
        wrong = value.dtype != np.dtype(a.kind) or not value.flags.c_contiguous
        wanted = f"contiguous {a.kind}"
    if wrong:
        raise TypeError(
            f"kernel {kernel.name}, {a.name}: {wanted} is needed, "
            f"not {value.dtype} {value.shape} with strides {value.strides}"
        )

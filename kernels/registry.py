"""The typed list of kernels: what each takes, in the order of its C signature, and what it reads
and writes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from darklat.kernels.layout import Layout, Variant

SOURCE = Path(__file__).parent / "source"
SWEEP = Path(__file__).parent / "backends" / "sweep.cpp"
FIELDS = ("site", "link", "vector", "massive", "scalar")
SCALARS = ("int", "long", "real")


@dataclass(frozen=True)
class Argument:
    """One argument of a kernel.

    kind: a C scalar ("int", "long", "real"); a field in the layout of `Layout`; or a contiguous
    array of a dtype ("float64", "int32", ..., and "real", that of the fields). Fields are "site",
    [n, n, n]; "link", three components of all U(1) fields; "vector", of one; "massive", of those
    with a mass; "scalar", a site field of each with a mass. access: "in", "out" or "inout"; None
    for scalars. components and fields: which components it touches, by their letters, or I for the
    one along the kernel's axis and J, K for the next two; and of which fields of a "link": "all",
    "free", "conducting", those "felt" by the free ones, the "sources" of the conducting one, and of
    the free ones those "massless" and "with_mass". reach: the axes, by the same letters, along
    which it reads its values at neighbouring sites, with + or - before it where on one side only.
    """

    name: str
    kind: str
    access: str | None = None
    components: str = "xyz"
    fields: str = "all"
    reach: str = "xyz"

    def blocks(self, layout: Layout, axis: int | None) -> list[int]:
        """Where the [n, n, n] blocks of a field that it touches start, in elements from the field's
        first."""
        if self.kind == "site":
            return [0]
        if self.kind == "scalar":
            return [i * layout.stride for i in range(layout.variant.massive)]
        places = _axes(self.components, axis)
        own = (
            layout.fields(self.fields) if self.kind == "link" else range(layout.vectors(self.kind))
        )
        return [(3 * a + place) * layout.stride for a in own for place in places]

    def neighbours(self, axis: int | None) -> frozenset[tuple[int, int]]:
        """Axis and side, 1 or -1, of the neighbours that it reads; corners where it has both their
        sides."""
        signs = {"+": (1,), "-": (-1,), "": (1, -1)}
        return frozenset(
            (place, side)
            for sign, letter in re.findall("([+-]?)([xyzIJK])", self.reach)
            for place in _axes(letter, axis)
            for side in signs[sign]
            if self.access in ("in", "inout")
        )


def _axes(letters: str, axis: int | None) -> list[int]:
    return ["xyz".index(c) if c in "xyz" else ((axis or 0) + "IJK".index(c)) % 3 for c in letters]


@dataclass(frozen=True)
class Kernel:
    """One kernel: its C name, the file it is in, how it is launched and its arguments.

    launch: "sites" (one thread a site) or "items" (one block an item; the number of items is the
    first argument). conducting, massive: exists only where a field conducts, has a mass.
    """

    name: str
    file: str
    launch: str
    arguments: tuple[Argument, ...]
    conducting: bool = False
    massive: bool = False

    def bytes_per_site(self, layout: Layout) -> int:
        """Bytes per site that one launch has to move: each field read once, written once."""
        passes = {"in": 1, "out": 1, "inout": 2}
        return layout.itemsize * sum(
            passes[a.access] * len(a.blocks(layout, axis=0))
            for a in self.arguments
            if a.access and a.kind in FIELDS
        )


def _kernel(
    name: str,
    file: str,
    launch: str,
    *arguments: str,
    conducting: bool = False,
    massive: bool = False,
) -> Kernel:
    """`arguments` as "kind name" for scalars and "access kind name" for arrays; "link/JK/free"
    touches two components of the free fields, "site~" reads none of its neighbours, "site~+I" the
    next one along the axis."""
    parsed = []
    for text in arguments:
        *access, kind, argument = text.split()
        kind, tilde, reach = kind.partition("~")
        kind, *which = kind.split("/")
        components, fields = (*which, *("xyz", "all")[len(which) :])
        parsed.append(
            Argument(
                argument, kind, access[0] if access else None, components, fields,
                reach if tilde else "xyz",
            )
        )  # fmt: skip
    return Kernel(name, file, launch, tuple(parsed), conducting, massive)


KERNELS: dict[str, Kernel] = {
    k.name: k
    for k in (
        _kernel(
            "electric", "electric.cu", "sites",
            "int n", "long stride", "real inv_dx", "in real g", "in site~+x+y+z theta",
            "in link/xyz/felt X", "in link/xyz/free~ D", "out link/xyz/free E",
        ),
        _kernel(
            "momenta", "momenta.cu", "sites",
            "int n", "long stride", "real A", "real B", "real dt", "real a",
            "real mass_squared", "real inv_dx", "in real g", "in site theta", "in link X",
            "in link E", "inout site~ pi", "inout link~ D", "inout site~ k_theta",
            "inout site~ k_pi", "inout link~ k_D", "out float64 partial",
        ),
        _kernel(
            "coordinates", "coordinates.cu", "sites",
            "int n", "long stride", "real A", "real B", "real dt", "in link~ E",
            "in site~ k_theta", "inout link~ k_X", "inout site~ theta", "inout link~ X",
        ),
        _kernel(
            "averages", "averages.cu", "sites",
            "int n", "long stride", "real mass_squared", "real inv_dx", "in site theta",
            "in site pi", "in link X", "in link D", "in link E", "out float64 partial",
        ),
        _kernel(
            "plaquettes", "kick.cu", "sites",
            "int n", "long stride", "in link/xyz/free~+x+y+z X", "out link/xyz/free B",
        ),
        _kernel(
            "kick", "kick.cu", "sites",
            "int n", "long stride", "real h", "real a", "real mass_squared", "real inv_dx",
            "in site theta", "in link/xyz/free~-x-y-z B", "inout site~ pi",
            "inout link/xyz/free~ D", "out float64 partial",
        ),
        _kernel(
            "drift", "kick.cu", "sites",
            "int n", "long stride", "real h", "real a", "in site~ pi", "inout site~ theta",
            "out float64 partial",
        ),
        _kernel(
            "felt_magnetic", "link_flow.cu", "sites",
            "int n", "long stride", "int axis", "in real g", "in link/JK/felt~JK X",
            "out link/J/free G",
        ),
        _kernel(
            "link_coordinate", "link_flow.cu", "sites",
            "int n", "long stride", "int axis", "real h", "real inv_dx", "in site~+I theta",
            "in link/I/massless~ D", "in link/J/massless~+I G", "out link/I/massless E",
            "inout link/I/massless~ X",
        ),
        _kernel(
            "link_torque", "link_flow.cu", "sites",
            "int n", "long stride", "int axis", "real h", "real inv_dx", "in site~ theta",
            "in link/J/free~ G", "in link/I/free~-I E", "out link/K/free F", "inout site~ pi",
        ),
        _kernel(
            "link_torque_drift", "link_flow.cu", "sites",
            "int n", "long stride", "int axis", "real h", "real inv_dx", "real drift", "real a",
            "in link/J/free~ G", "in link/I/free~-I E", "out link/K/free F", "inout site~ pi",
            "inout site~ theta", "out float64 partial",
        ),
        _kernel(
            "link_momenta", "link_flow.cu", "sites",
            "int n", "long stride", "int axis", "real h", "real inv_dx", "in real g",
            "in link/K/free~JK F", "inout link/JK~ D",
        ),
        _kernel(
            "source_magnetic", "conduction.cu", "sites",
            "int n", "long stride", "in real g", "in link/xyz/sources X", "out vector M",
            conducting=True,
        ),
        _kernel(
            "relax", "conduction.cu", "sites",
            "int n", "long stride", "real decay", "real gain", "real current_E",
            "real current_G", "real heat_EE", "real heat_EG", "real heat_GG",
            "real inv_dx", "in site~+x+y+z theta", "in vector~+x+y+z M",
            "inout link/xyz/conducting~ E", "inout link/xyz/conducting~ D", "inout vector~ Q",
            "out float64 partial", conducting=True,
        ),
        _kernel(
            "conducting_plaquettes", "conduction.cu", "sites",
            "int n", "long stride", "in link/xyz/conducting~+x+y+z X", "out vector B",
            conducting=True,
        ),
        _kernel(
            "conducting_kick", "conduction.cu", "sites",
            "int n", "long stride", "real h", "real inv_dx", "in vector~-x-y-z B",
            "inout link/xyz/conducting~ D", conducting=True,
        ),
        _kernel(
            "conducting_coordinate", "conduction.cu", "sites",
            "int n", "long stride", "real hx", "real hy", "real hz",
            "in link/xyz/conducting~ E", "inout link/xyz/conducting~ X", conducting=True,
        ),
        _kernel(
            "conducting_torque", "conduction.cu", "sites",
            "int n", "long stride", "real hx", "real hy", "real hz", "real inv_dx",
            "in site~ theta", "in vector~ M", "in link/xyz/conducting~-x-y-z E", "out vector F",
            "inout site~ pi", conducting=True,
        ),
        _kernel(
            "conducting_momenta", "conduction.cu", "sites",
            "int n", "long stride", "real hx", "real hy", "real hz", "real inv_dx", "in real g",
            "in vector F", "inout link~ D", conducting=True,
        ),
        _kernel(
            "charge_residual", "conduction.cu", "sites",
            "int n", "long stride", "in link/xyz/conducting~-x-y-z E",
            "in link/xyz/conducting~-x-y-z D", "in vector~-x-y-z Q", "out float64 partial",
            conducting=True,
        ),
        _kernel(
            "massive_coordinate", "massive.cu", "sites",
            "int n", "long stride", "int axis", "real h", "real inv_dx", "in real medium",
            "in scalar~+I profile", "in site~+I theta", "in link/J/with_mass~+I G",
            "inout link/I/with_mass~ X", "inout link/I/with_mass~ D", "out link/I/with_mass E",
            "inout massive/I~ v", "inout massive/I~ Q", "inout massive/I~ R", "out float64 partial",
            massive=True,
        ),
        _kernel(
            "lorenz", "massive.cu", "sites",
            "int n", "long stride", "int axis", "real h", "real inv_dx", "in real medium",
            "in link/I/with_mass~-I X", "in link/I/with_mass~-I E", "inout scalar~ P", massive=True,
        ),
        _kernel(
            "potential_gradient", "massive.cu", "sites",
            "int n", "long stride", "real h", "real a", "real inv_dx", "in real medium",
            "in scalar~+x+y+z P", "inout link/xyz/with_mass~ X", "out float64 partial",
            massive=True,
        ),
        _kernel(
            "massive_averages", "massive.cu", "sites",
            "int n", "long stride", "real dx", "in real medium", "in scalar profile",
            "in link/xyz/with_mass X", "in link/xyz/with_mass D", "in scalar P", "in massive v",
            "in massive Q", "in massive R", "out float64 partial", massive=True,
        ),
        _kernel("copy", "copy.cu", "sites", "int n", "long stride", "in link~ X", "out link E"),
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


def names(variant: Variant) -> list[str]:
    """The kernels of a variant."""
    return [
        k.name
        for k in KERNELS.values()
        if (variant.conducting or not k.conducting) and (variant.massive or not k.massive)
    ]


def source(variant: Variant, *, target: str = "cuda") -> str:
    """The whole source for one variant: preamble, headers and every kernel, in one string; for
    target "cpu" with sweep.cpp, which calls them.

    Headers are inlined because the cache of a run-time compiler does not see changes in included
    files.
    """
    preamble = (
        f"#define REAL {'float' if variant.single else 'double'}\n"
        f"#define N_GAUGE {variant.gauge_fields}\n"
        f"#define MASSIVE {variant.massive}\n"
        f"#define COSINE {int(variant.cosine)}\n#define CONDUCTING {int(variant.conducting)}\n"
        f"#define BACK_REACTING {int(variant.back_reacting)}\n"
        f"#define SELF_COUPLED {int(variant.self_coupled)}\n"
    )
    files = ["macros.h", "stencil.h", *dict.fromkeys(k.file for k in KERNELS.values())]
    paths = [SOURCE / name for name in files] + ([SWEEP] if target == "cpu" else [])
    return preamble + "\n".join(path.read_text() for path in paths)


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
        if a.access:
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
    if a.kind in FIELDS:
        shape, dtype = layout.shape(a.kind), layout.dtype
        strides = layout.strides(a.kind, dtype.itemsize)
        wrong = value.shape != shape or value.dtype != dtype or value.strides != strides
        wanted = f"{dtype} {shape} with strides {strides}"
    else:
        dtype = layout.dtype if a.kind == "real" else np.dtype(a.kind)
        wrong = value.dtype != dtype or not value.flags.c_contiguous
        wanted = f"contiguous {dtype}"
    if wrong:
        raise TypeError(
            f"kernel {kernel.name}, {a.name}: {wanted} is needed, "
            f"not {value.dtype} {value.shape} with strides {value.strides}"
        )

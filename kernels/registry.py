"""The kernels by name, and the source text of all that a variant has use of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from darklat.kernels import blocks, declarations, formula
from darklat.kernels.declare import REAL, Argument, FieldArgument, Kernel, ScalarArgument
from darklat.kernels.layout import THREADS_OF_BLOCK, Variant
from darklat.physics import staggered
from darklat.physics.potential import POTENTIALS

SOURCE = Path(__file__).parent / "source"
SWEEP = Path(__file__).parent / "backends" / "sweep.cpp"
KERNELS: dict[str, Kernel] = {kernel.name: kernel for kernel in declarations.KERNELS}


C_TYPES = {
    "float64": "double", "complex128": "double", "int32": "int", "int64": "index_t", REAL: "real",
}  # fmt: skip

OVERLAPPING = ("kick", "electric")
"""Kernels that load and store in turns: on a GPU the compiler may load ahead of a store. The others
store behind all loads, or would load more at once than registers hold. Fused kernels are alike."""
BLOCKS_AT_ONCE = {"massive_coordinate": 6}
"""Of a kernel on a multiprocessor, where the assembler by itself makes room for more and spills."""


def names(variant: Variant, *, target: str = "cuda", fused: bool = True) -> list[str]:
    """The kernels of a variant; fused ones are for target "cuda" alone, and not without `fused`."""
    return [
        kernel.name
        for kernel in KERNELS.values()
        if kernel.source.needed(variant) and (not kernel.replaces or (fused and target == "cuda"))
    ]


def source(variant: Variant, *, target: str = "cuda", fused: bool = True) -> str:
    """The whole source for one variant: preamble, headers and every kernel, in one string. For
    target "cpu" sweep.cpp follows, which calls them, and for target "cuda" their entry points.

    Headers are inlined because the cache of a run-time compiler does not see changes in included
    files.
    """
    kernels = [KERNELS[name] for name in names(variant, target=target, fused=fused)]
    headers = ["stencil.h", *(["second_order.h"] if variant.order == 2 else [])]
    files = dict.fromkeys(file for k in kernels for file in (*k.source.before, k.source.file))
    paths = [SOURCE / name for name in (*headers, *files)] + ([SWEEP] if target == "cpu" else [])
    texts = [(SOURCE / "macros.h").read_text("utf-8"), _potential(variant.potential)]
    texts += [path.read_text("utf-8") for path in paths]
    if target == "cuda":
        texts += [entry_points(kernel, variant) for kernel in kernels]
    return preamble(variant, kernels) + "\n".join(texts)


def _potential(text: str) -> str:
    """The functions potential and potential_slope."""
    named = SOURCE / "potentials" / f"{text}.h"
    return named.read_text("utf-8") if text in POTENTIALS else formula.header(text)


def entry_names(kernel: Kernel) -> list[str]:
    """Of its entry points on a GPU: one for each of its axes where it has an axis."""
    along_axes = any(a.name == "axis" for a in kernel.arguments)
    return [f"{kernel.name}_{axis}" for axis in kernel.axes] if along_axes else [kernel.name]


def entry_points(kernel: Kernel, variant: Variant) -> str:
    """The functions that a GPU launches. They take the arguments in the order of the declaration
    but the axis, which is theirs, and the real numbers. These lie in memory, in an array that comes
    last, so that a captured launch has new ones every time it runs."""
    parameters = [
        _parameter(a, alone=bool(kernel.replaces) or kernel.name in OVERLAPPING)
        for a in kernel.arguments
        if a.name != "axis" and a not in kernel.reals
    ]
    if kernel.reals:
        parameters.append("const real* __restrict__ reals")
    places = {a.name: f"reals[{i}]" for i, a in enumerate(kernel.reals)}
    bounds = [blocks.threads_of(kernel, variant)]
    at_once = BLOCKS_AT_ONCE.get(kernel.name)
    if "kick" in kernel.replaces and variant.order > 2:
        at_once = 1  # the assembler by itself makes room for more, and spills
    elif "kick" in kernel.replaces and variant.potential != "quadratic":
        at_once = 2  # a sine needs more registers than the assembler leaves by itself
    bounds += [at_once] if at_once else []
    found = []
    for axis, name in zip(kernel.axes, entry_names(kernel), strict=False):
        number = str("xyz".index(axis))
        values = [{"axis": number, **places}.get(a.name, a.name) for a in kernel.arguments]
        found.append(
            f'extern "C" __global__ void __launch_bounds__({", ".join(map(str, bounds))}) {name}'
            f"({', '.join(parameters)}) {{ {kernel.name}_body({', '.join(values)}); }}\n"
        )
    return "".join(found)


def _parameter(a: Argument, *, alone: bool) -> str:
    """Its C declaration. alone: tells the compiler that no number is written through one pointer
    and touched through another, which is so for all kernels (check.py)."""
    if isinstance(a, ScalarArgument):
        return f"{'index_t' if a.type == 'long' else a.type} {a.name}"
    of = "real" if isinstance(a, FieldArgument) else C_TYPES[a.dtype]
    return f"{'const ' * (a.access == 'in')}{of}* {'__restrict__ ' * alone}{a.name}"


def preamble(variant: Variant, kernels: Iterable[Kernel]) -> str:
    """All that the source has from Python: the variant, sizes, taps, the places of the kernels'
    sums (KERNEL_sums::NAME) and of numbers in rows (ARRAY_columns::NAME)."""
    taps = (staggered.differences, staggered.sums, staggered.laplacian, staggered.central)
    difference, sum_, laplacian, central = (
        ", ".join(float(x).hex() for x in of(variant.order)) for of in taps
    )
    defines = {
        "REAL": "float" if variant.single else "double",
        "N_GAUGE": variant.gauge_fields,
        "MASSIVE": variant.massive,
        "CONDUCTING": int(variant.conducting),
        "BACK_REACTING": int(variant.back_reacting),
        "SELF_COUPLED": int(variant.self_coupled),
        "FIELD_UNIT": variant.field_unit.hex(),
        "ORDER": variant.order,
        "DIFFERENCE_TAPS": difference,
        "SUM_TAPS": sum_,
        "LAPLACIAN_TAPS": laplacian,
        "CENTRAL_TAPS": central,
        "REACH": variant.reach,
        "GHOSTS": variant.ghosts,
        "THREADS": THREADS_OF_BLOCK,
        "COLUMNS": blocks.COLUMNS,
        "KICK_ROWS": blocks.kick_tile(variant).rows,
        "FLOW_ROWS": blocks.flow_tile(variant).rows,
        "MEANS_ROWS": blocks.means_tile(variant).rows,
        "FORCE_ROWS": blocks.force_tile(variant).rows,
    }
    lines = [f"#define {name} {value}\n" for name, value in defines.items()]
    for kernel in kernels:
        sums = kernel.sums
        places = _places(sums.lattice) | _places(sums.field)
        sizes = {"of_lattice": len(sums.lattice), "of_field": len(sums.field)}
        if number := sums.number(variant):
            lines.append(_namespace(f"{kernel.name}_sums", places | sizes | {"number": number}))
    rows = {a.name: a.columns for kernel in kernels for a in kernel.arrays if a.columns}
    for name, columns in rows.items():
        lines.append(_namespace(f"{name}_columns", _places(columns) | {"number": len(columns)}))
    return "".join(lines)


def _places(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def _namespace(name: str, constants: dict[str, int]) -> str:
    inside = ", ".join(f"{constant} = {value}" for constant, value in constants.items())
    return f"namespace {name} {{ enum {{ {inside} }}; }}\n"

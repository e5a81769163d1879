"""The kernels by name, and the source text of all that a variant has use of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from darklat.kernels import declarations, formula
from darklat.kernels.declare import Kernel
from darklat.kernels.layout import THREADS_OF_BLOCK, Variant
from darklat.physics import staggered
from darklat.physics.potential import POTENTIALS

SOURCE = Path(__file__).parent / "source"
SWEEP = Path(__file__).parent / "backends" / "sweep.cpp"
KERNELS: dict[str, Kernel] = {kernel.name: kernel for kernel in declarations.KERNELS}


def names(variant: Variant) -> list[str]:
    """The kernels of a variant."""
    return [kernel.name for kernel in KERNELS.values() if kernel.source.needed(variant)]


def source(variant: Variant, *, target: str = "cuda") -> str:
    """The whole source for one variant: preamble, headers and every kernel, in one string; for
    target "cpu" with sweep.cpp, which calls them.

    Headers are inlined because the cache of a run-time compiler does not see changes in included
    files.
    """
    kernels = [KERNELS[name] for name in names(variant)]
    headers = ["stencil.h", *(["second_order.h"] if variant.order == 2 else [])]
    files = [*headers, *dict.fromkeys(k.source.file for k in kernels)]
    paths = [SOURCE / name for name in files] + ([SWEEP] if target == "cpu" else [])
    texts = [(SOURCE / "macros.h").read_text("utf-8"), _potential(variant.potential)]
    return preamble(variant, kernels) + "\n".join(texts + [p.read_text("utf-8") for p in paths])


def _potential(text: str) -> str:
    """The functions potential and potential_slope."""
    named = SOURCE / "potentials" / f"{text}.h"
    return named.read_text("utf-8") if text in POTENTIALS else formula.header(text)


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

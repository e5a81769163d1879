"""The functions that a formula becomes in a kernel, compiled alone: V and V' in both precisions."""

from __future__ import annotations

import ctypes
import re

import numpy as np
import pytest

from darklat.kernels import formula, registry
from darklat.kernels.backends import compile, nvrtc
from darklat.kernels.layout import Variant
from darklat.physics.formulas import closed, expression

MONODROMY = "sqrt(1 + theta**2) - 1"
FORMULAS = (
    "theta**2/2", "1 - cos(theta)", MONODROMY, "0.5 - 0.5/(1 + theta**2)",
    "0.8*(1 - cos(theta)) + 0.05*(1 - cos(2*theta))", "(1 + theta**2/0.6)**0.3 - 1",
    "log(cosh(theta)) + 0*exp(theta)", "tanh(theta)**2/2", "atan(theta)*asinh(theta)/2",
    "(1 - exp(-theta**2))/2 + sinh(theta)*pi/1e9", "-(2 + tan(theta/4))**-2.5 + theta**-3",
)  # fmt: skip
TARGET = "#include <math.h>\n#define INLINE static inline\n"
LOOP = """
extern "C" __attribute__((visibility("default")))
void {precision}_{number}(int n, const {precision}* theta, double* V, {precision}* slope) {{
    using namespace {precision}_space_{number};
    for (int i = 0; i < n; ++i) V[i] = potential(theta[i], 9);
    for (int i = 0; i < n; ++i) slope[i] = potential_slope(theta[i], 9);
}}
"""


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    """All formulas in both precisions."""
    parts = [TARGET]
    for number, text in enumerate(FORMULAS):
        for precision in ("float", "double"):
            inside = f"typedef {precision} real;\n{formula.header(text)}"
            parts.append(f"namespace {precision}_space_{number} {{\n{inside}}}\n")
            parts.append(LOOP.format(precision=precision, number=number))
    return compile.load("".join(parts))


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize("number", range(len(FORMULAS)), ids=FORMULAS)
def test_compiled_functions_are_the_expressions(
    library: ctypes.CDLL, number: int, precision: type
) -> None:
    """To some roundings of each step: the compiler may contract products and sums."""
    theta = np.concatenate([np.geomspace(1e-5, 3, 60), -np.geomspace(1e-5, 3, 60)])
    theta = theta.astype(precision)
    V, slope = np.empty(len(theta)), np.empty_like(theta)
    name = "float" if precision is np.float32 else "double"
    pointer = [ctypes.c_void_p(x.ctypes.data) for x in (theta, V, slope)]
    library[f"{name}_{number}"](len(theta), *pointer)
    U = expression(FORMULAS[number])
    wide = theta.astype(np.float64)
    np.testing.assert_allclose(V, 9 * U.at(wide), rtol=1e-14, atol=9e-15)
    assert slope.dtype == precision
    terms = 9 * (np.abs(U.at(wide, 1)) + np.abs(wide * U.at(wide, 2)))
    error = np.abs(slope - 9 * U.at(wide, 1))
    assert np.all(error <= 20 * np.finfo(precision).eps * terms)


def test_the_names_have_the_slopes_of_their_formulas() -> None:
    """The same operation, so that the bits of a run are the same; V differs by a rounding."""
    for text, operation in (("theta**2/2", "real(theta)"), ("1 - cos(theta)", "sin(x1)")):
        slope = formula.header(text).partition("potential_slope")[2]
        assert slope.count(" = ") == slope.count("real(theta)") + slope.count("sin(")
        assert operation in slope and "return real(mass_squared) * x" in slope


def test_the_source_of_a_variant_has_its_formula_and_numbers() -> None:
    """So the cache compiles another formula, or the same with other numbers, again."""
    shares = [closed("c*(1 - cos(theta)) + (1 - c)*theta**2/2", {"c": c}) for c in (0.8, 0.5)]
    for target in ("cpu", "cuda"):
        sources = [registry.source(Variant(1, potential=V), target=target) for V in shares]
        assert sources[0] != sources[1]
        assert all(formula.header(V) in s for V, s in zip(shares, sources, strict=True))
    assert len({compile.identity(source) for source in sources}) == 2
    # literals are converted, never of another type; powers are products
    assert "pow" not in formula.header(shares[0]) and "real(0.8)" in formula.header(shares[0])


def test_a_formula_compiles_for_a_gpu_without_spills() -> None:
    source = registry.source(Variant(1, potential=MONODROMY, single=True))
    cubin, log = nvrtc.compile_verbose(source, architecture="sm_90")
    assert cubin[:4] == b"\x7fELF"
    assert set(re.findall(r"(\d+) bytes spill", log)) == {"0"}

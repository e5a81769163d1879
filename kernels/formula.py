"""The potential of a formula as functions of a kernel, for both targets.

V is in double whatever the fields are: it only enters sums, and 1 - cos theta in float32 is wrong
by 5% at theta = 1e-3. V' is in `real`. `schema` has compared it with its value to 30 digits.
"""

from __future__ import annotations

import math

from darklat.physics.formulas import FUNCTIONS, Expression, expression
from darklat.physics.formulas.graph import Node, needed

_SIGNS = {"sum": "+", "difference": "-", "product": "*", "quotient": "/"}


def header(text: str) -> str:
    """The functions potential and potential_slope of a formula without parameters."""
    U = expression(text)
    return (
        "// V(theta) and dV/dtheta of a formula, in units of f^2/tau_osc^2.\n\n"
        f"INLINE double potential(real theta, real mass_squared) {{\n{_body(U, 0, 'double')}}}\n"
        f"INLINE real potential_slope(real theta, real mass_squared) {{\n{_body(U, 1, 'real')}}}\n"
    )


def _body(U: Expression, derivative: int, kind: str) -> str:
    """One line for every step. Functions have no suffix: the types of their arguments choose."""
    root = U.roots[derivative]
    lines = [
        f"    const {kind} x{place} = {_step(U.nodes[place], kind)};\n"
        for place in needed(U.nodes, [root])
    ]
    return "".join(lines) + f"    return {kind}(mass_squared) * x{root};\n"


def _step(node: Node, kind: str) -> str:
    operands = [f"x{place}" for place in node.operands]
    if node.kind in _SIGNS:
        return f" {_SIGNS[node.kind]} ".join(operands)
    if node.kind in FUNCTIONS:
        return f"{node.kind}({operands[0]})"
    if node.kind == "negative":
        return f"-{operands[0]}"
    if node.kind in ("theta", "pi"):
        return f"{kind}({'theta' if node.kind == 'theta' else repr(math.pi)})"
    number = f"{kind}({float(node.number or 0)!r})"
    return f"pow({operands[0]}, {number})" if node.kind == "power" else number

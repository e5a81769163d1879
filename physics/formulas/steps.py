"""Expressions as elementary steps, as a kernel does them and as NumPy and mpmath do.

Integer powers become products, half-integer ones square roots. `pow` is left for the others.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from darklat.physics.formulas.graph import Graph, Node, needed

Functions = Mapping[str, Callable[..., Any]]

NUMPY: Functions = {
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "exp": np.exp, "log": np.log, "sqrt": np.sqrt,
    "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "atan": np.arctan, "asinh": np.arcsinh,
}  # fmt: skip

_MATH: Functions = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "exp": math.exp, "log": math.log,
    "sqrt": math.sqrt, "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh,
    "atan": math.atan, "asinh": math.asinh, "negative": operator.neg,
}  # fmt: skip
_OF_TWO: Functions = {
    "sum": operator.add, "difference": operator.sub, "product": operator.mul,
    "quotient": operator.truediv, "power": operator.pow,
}  # fmt: skip


def steps(graph: Graph, roots: Sequence[int]) -> tuple[tuple[Node, ...], tuple[int, ...]]:
    """Nodes without integer and half-integer powers, and the places of the roots among them."""
    out, places = Graph(), dict[int, int]()
    for place in needed(graph.nodes, roots):
        node = graph.nodes[place]
        operands = [places[each] for each in node.operands]
        if node.kind == "power":
            assert node.number is not None
            places[place] = _power(out, operands[0], node.number)
        else:
            places[place] = out.node(node.kind, *operands, number=node.number)
    return tuple(out.nodes), tuple(places[root] for root in roots)


def _power(out: Graph, base: int, exponent: Fraction) -> int:
    if exponent.denominator > 2:
        return out.node("power", base, number=exponent)
    if exponent < 0:
        one = out.node("number", number=Fraction(1))
        return out.node("quotient", one, _power(out, base, -exponent))
    whole = _integer_power(out, base, int(exponent)) if exponent >= 1 else None
    if exponent.denominator == 1:
        assert whole is not None  # there is no power 0
        return whole
    root = out.node("sqrt", base)
    return root if whole is None else out.node("product", whole, root)


def _integer_power(out: Graph, base: int, exponent: int) -> int:
    """By repeated squaring."""
    if exponent == 1:
        return base
    half = _integer_power(out, base, exponent // 2)
    square = out.node("product", half, half)
    return out.node("product", square, base) if exponent % 2 else square


def values(
    nodes: Sequence[Node],
    roots: Sequence[int],
    theta: Any,
    *,
    number: Callable[[Fraction], Any],
    pi: Any,
    functions: Functions,
) -> list[Any]:
    """The roots at theta, in the arithmetic of theta, of `number`, `pi` and the functions."""
    found: dict[int, Any] = {}
    for place in needed(nodes, roots):
        node = nodes[place]
        a, b = ([found[each] for each in node.operands] + [None, None])[:2]
        if node.kind in functions:
            found[place] = functions[node.kind](a)
        else:
            found[place] = _elementary(node, a, b, theta=theta, number=number, pi=pi)
    return [found[root] for root in roots]


def _elementary(
    node: Node, a: Any, b: Any, *, theta: Any, number: Callable[[Fraction], Any], pi: Any
) -> Any:
    if node.kind in ("theta", "pi"):
        return theta if node.kind == "theta" else pi
    if node.kind == "negative":
        return -a
    if node.kind == "sum":
        return a + b
    if node.kind == "difference":
        return a - b
    if node.kind == "product":
        return a * b
    if node.kind == "quotient":
        return a / b
    assert node.number is not None
    return a ** number(node.number) if node.kind == "power" else number(node.number)


def program(nodes: Sequence[Node], root: int) -> Callable[[float], float]:
    """The root as a function of one number, NaN where it is not real or not finite."""
    start = [0.0] * (2 * len(nodes))  # the second half for the exponents of powers
    todo: list[tuple[int, Callable[..., float], tuple[int, ...]]] = []
    thetas = []
    for place in needed(nodes, [root]):
        node = nodes[place]
        if node.kind in _MATH:
            todo.append((place, _MATH[node.kind], node.operands))
        elif node.kind == "power":
            start[len(nodes) + place] = float(node.number or 0)
            todo.append((place, _OF_TWO["power"], (*node.operands, len(nodes) + place)))
        elif node.kind in _OF_TWO:
            todo.append((place, _OF_TWO[node.kind], node.operands))
        elif node.kind == "theta":
            thetas.append(place)
        else:
            start[place] = math.pi if node.kind == "pi" else float(node.number or 0)

    def evaluate(theta: float) -> float:
        values = start.copy()
        for place in thetas:
            values[place] = theta
        try:
            for place, operation, operands in todo:
                values[place] = operation(*[values[each] for each in operands])
        except (ArithmeticError, ValueError):
            return math.nan
        found = values[root]
        return found if isinstance(found, float) else math.nan  # a power may be complex

    return evaluate

"""A formula with its first two derivatives, and their values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from darklat.physics.formulas.errors import FormulaError
from darklat.physics.formulas.graph import Node, UnusableError
from darklat.physics.formulas.parse import parse
from darklat.physics.formulas.steps import NUMPY, program, steps, values

DIGITS = 30  # of `precise_slope`


@dataclass(frozen=True)
class Expression:
    """U(theta) as elementary steps. `roots` are the places of U, U' and U'' among the nodes."""

    nodes: tuple[Node, ...]
    roots: tuple[int, int, int]

    def at(self, theta: Any, derivative: int = 0) -> Any:
        """U, U' or U'' at theta, elementwise. In float64, or in float32 where theta is of it."""
        if isinstance(theta, float):
            return self._programs[derivative](float(theta))
        one = np.asarray(theta).dtype.type if np.asarray(theta).dtype == np.float32 else np.float64
        with np.errstate(all="ignore"):  # whoever asks looks at what is not finite
            (found,) = values(
                self.nodes, [self.roots[derivative]], theta,
                number=lambda x: one(float(x)), pi=one(np.pi), functions=NUMPY,
            )  # fmt: skip
            return found + 0 * theta  # a constant in the shape of theta

    @cached_property
    def _programs(self) -> list[Callable[[float], float]]:
        """U, U' and U'' of a single number, twenty times as fast: for solvers of equations."""
        return [program(self.nodes, root) for root in self.roots]

    def precise_slope(self, theta: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
        """U' at theta, which counts as exact, worked out with DIGITS digits and then rounded."""
        from mpmath import MPContext  # slow to import; few runs have a formula

        arithmetic = MPContext()
        arithmetic.dps = DIGITS
        functions = {
            "sin": arithmetic.sin, "cos": arithmetic.cos, "tan": arithmetic.tan,
            "exp": arithmetic.exp, "log": arithmetic.log, "sqrt": arithmetic.sqrt,
            "sinh": arithmetic.sinh, "cosh": arithmetic.cosh, "tanh": arithmetic.tanh,
            "atan": arithmetic.atan, "asinh": arithmetic.asinh,
        }  # fmt: skip

        def number(x: Fraction) -> Any:
            return arithmetic.mpf(x.numerator) / x.denominator

        def one(x: float) -> float:
            (found,) = values(
                self.nodes, [self.roots[1]], arithmetic.mpf(x),
                number=number, pi=+arithmetic.pi, functions=functions,
            )  # fmt: skip
            return float(found)

        return np.array([one(float(x)) for x in theta])


@lru_cache(maxsize=64)
def expression(text: str) -> Expression:
    """The expression of a formula without parameters. Raises FormulaError."""
    graph, value = parse(text, {})
    try:
        slope = graph.slope(value)
        curvature = graph.slope(slope)
    except UnusableError as error:
        raise FormulaError(0, f"of the derivatives: {error}") from None
    nodes, (first, second, third) = steps(graph, (value, slope, curvature))
    return Expression(nodes, (first, second, third))

"""Expressions in theta as a graph: every node is an operation on nodes before it.

Equal nodes are one, so that V, V' and V'' share what they have in common, and a derivative does not
grow beyond a few nodes for each of the expression's. Numbers are exact fractions. Sums are left in
the form in which they were written: products are never distributed over them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

FUNCTIONS = (
    *("sin", "cos", "tan", "exp", "log", "sqrt"),
    *("sinh", "cosh", "tanh", "atan", "asinh"),
)
LARGEST = 10**30  # of a number, and of its inverse
MOST_BITS = 512  # of the numerator and the denominator of one
LARGEST_EXPONENT = 32
_OUTER = {
    "sin": (1, "cos"), "cos": (-1, "sin"), "exp": (1, "exp"),
    "sinh": (1, "cosh"), "cosh": (1, "sinh"),
}  # fmt: skip


class UnusableError(ValueError):
    """An operation without a usable result: a number too large, a division by 0."""


@dataclass(frozen=True)
class Node:
    """An operation: "number", "theta", "pi", "sum", "difference", "product", "quotient",
    "negative", "power" or one of FUNCTIONS. `operands` are places of nodes. `number` is the value
    of a number, or the exponent of a power."""

    kind: str
    operands: tuple[int, ...] = ()
    number: Fraction | None = None


class Graph:
    """Nodes, each behind its operands. Methods return the place of a node, which they add where
    there is none. They raise `UnusableError` for numbers beyond the bounds above."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._places: dict[Node, int] = {}
        self._slopes: dict[int, int] = {}

    def node(self, kind: str, *operands: int, number: Fraction | None = None) -> int:
        """The place of this very node, as it is."""
        node = Node(kind, operands, number)
        if node not in self._places:
            self._places[node] = len(self.nodes)
            self.nodes.append(node)
        return self._places[node]

    def number(self, value: Fraction | int) -> int:
        """A number."""
        value = Fraction(value)
        if value and not Fraction(1, LARGEST) <= abs(value) <= LARGEST:
            raise UnusableError("a number of size 1e-30 to 1e30 is wanted here")
        if value.numerator.bit_length() + value.denominator.bit_length() > MOST_BITS:
            raise UnusableError("this number has too many digits")
        return self.node("number", number=value)

    def value(self, place: int) -> Fraction | None:
        """The number at a place, or None for another node."""
        node = self.nodes[place]
        return node.number if node.kind == "number" else None

    # ---- Operations ----

    def add(self, a: int, b: int) -> int:
        """a + b."""
        return self._sum(a, b, sign=1)

    def subtract(self, a: int, b: int) -> int:
        """a - b."""
        return self._sum(a, b, sign=-1)

    def _sum(self, a: int, b: int, *, sign: int) -> int:
        (p, x), (q, y) = self._coefficient(a), self._coefficient(b)
        if x == y:
            return self.scale(p + sign * q, x)
        if not q or not p:
            return a if not q else self.scale(sign, b)
        if self.nodes[b].kind == "negative":
            return self._sum(a, self.nodes[b].operands[0], sign=-sign)
        if self.nodes[a].kind == "negative" and sign > 0:
            return self._sum(b, self.nodes[a].operands[0], sign=-1)
        return self.node("sum" if sign > 0 else "difference", a, b)

    def multiply(self, a: int, b: int) -> int:
        """a b."""
        (p, x), (q, y) = self._coefficient(a), self._coefficient(b)
        return self.scale(p * q, self._product(x, y))

    def _product(self, x: int, y: int) -> int:
        for one, other in ((x, y), (y, x)):
            if self.value(one) == 1:
                return other
        (base, m), (other_base, n) = self._powers(x), self._powers(y)
        if base == other_base and m + n <= LARGEST_EXPONENT:
            return self.power(base, m + n)
        return self.node("product", x, y)

    def scale(self, factor: Fraction | int, x: int) -> int:
        """A number times x."""
        own, x = self._coefficient(x)
        factor *= own
        if not factor or self.value(x) == 1:
            return self.number(factor)
        if abs(factor) == 1:
            return x if factor == 1 else self.node("negative", x)
        node = self.nodes[x]
        if node.kind == "quotient" and self.value(node.operands[0]) == 1:
            return self.node("quotient", self.number(factor), node.operands[1])
        return self.node("product", self.number(factor), x)

    def divide(self, a: int, b: int) -> int:
        """a/b."""
        (p, x), (q, y) = self._coefficient(a), self._coefficient(b)
        if not q:
            raise UnusableError("a division by 0")
        if self.value(y) == 1:
            return self.scale(p / q, x)
        if self.value(x) == 1:
            return self.node("quotient", self.number(p / q), y) if p else self.number(0)
        return self.scale(p / q, self.node("quotient", x, y))

    def power(self, base: int, exponent: Fraction | int) -> int:
        """base**exponent."""
        exponent, value = Fraction(exponent), self.value(base)
        if abs(exponent) > LARGEST_EXPONENT:
            raise UnusableError(f"an exponent has a size of at most {LARGEST_EXPONENT}")
        if exponent in (0, 1):
            return base if exponent else self.number(1)
        if value is not None and exponent.denominator == 1:
            if not value and exponent < 0:
                raise UnusableError("a division by 0")
            bits = value.numerator.bit_length() + value.denominator.bit_length()
            if bits * abs(exponent) > 2 * MOST_BITS:
                raise UnusableError("the result is a number with too many digits")
            return self.number(value ** int(exponent))
        return self.node("power", base, number=exponent)

    def call(self, function: str, argument: int) -> int:
        """One of FUNCTIONS of the argument."""
        return self.node(function, argument)

    def _coefficient(self, place: int) -> tuple[Fraction, int]:
        """The number and the rest of a product with a number, and 1 and the node of any other."""
        node = self.nodes[place]
        if node.kind == "number":
            assert node.number is not None
            return node.number, self.number(1)
        if node.kind == "negative":
            return Fraction(-1), node.operands[0]
        if node.kind == "product" and (number := self.value(node.operands[0])) is not None:
            return number, node.operands[1]
        if node.kind == "quotient" and (number := self.value(node.operands[0])) is not None:
            return number, self.node("quotient", self.number(1), node.operands[1])
        return Fraction(1), place

    def _powers(self, place: int) -> tuple[int, int]:
        """The base and the exponent of a power whose exponent is a positive integer."""
        node = self.nodes[place]
        if node.kind == "power" and node.number is not None and node.number.denominator == 1:
            return (node.operands[0], int(node.number)) if node.number > 0 else (place, 1)
        return place, 1

    # ---- Derivatives ----

    def slope(self, place: int) -> int:
        """The derivative with respect to theta."""
        for each in needed(self.nodes, [place]):
            if each not in self._slopes:
                self._slopes[each] = self._slope(each)
        return self._slopes[place]

    def _slope(self, place: int) -> int:
        node = self.nodes[place]
        if node.kind in ("number", "pi"):
            return self.number(0)
        if node.kind == "theta":
            return self.number(1)
        slopes = [self._slopes[each] for each in node.operands]
        if len(slopes) == 2:
            return self._slope_of_two(node, *slopes)
        return self._slope_of_one(place, node, slopes[0])

    def _slope_of_two(self, node: Node, da: int, db: int) -> int:
        a, b = node.operands
        if node.kind == "sum":
            return self.add(da, db)
        if node.kind == "difference":
            return self.subtract(da, db)
        if node.kind == "product":
            return self.add(self.multiply(da, b), self.multiply(a, db))
        change = self.divide(self.multiply(a, db), self.power(b, 2))
        return self.subtract(self.divide(da, b), change)

    def _slope_of_one(self, place: int, node: Node, du: int) -> int:
        """Of a node with one operand u, whose derivative is du."""
        (u,), one, kind = node.operands, self.number(1), node.kind
        if kind == "negative":
            return self.scale(-1, du)
        if kind == "power":
            assert node.number is not None
            return self.multiply(self.scale(node.number, self._lower(u, node.number - 1)), du)
        if kind in _OUTER:
            sign, function = _OUTER[kind]
            return self.multiply(self.scale(sign, self.call(function, u)), du)
        if kind == "tan":
            return self.multiply(self.add(one, self.power(place, 2)), du)
        if kind == "log":
            return self.divide(du, u)
        if kind == "sqrt":
            return self.divide(du, self.scale(2, place))
        if kind == "tanh":  # 1 - tanh^2 would cancel
            return self.divide(du, self.power(self.call("cosh", u), 2))
        below = self.add(one, self.power(u, 2))  # of atan and asinh
        return self.divide(du, below if kind == "atan" else self.call("sqrt", below))

    def _lower(self, base: int, exponent: Fraction) -> int:
        """A power of a derivative, whose exponent may be beyond the bound of a formula's."""
        if abs(exponent) <= LARGEST_EXPONENT:
            return self.power(base, exponent)
        return self.node("power", base, number=exponent)


def needed(nodes: Sequence[Node], roots: Iterable[int]) -> list[int]:
    """The places of the roots and of all nodes that they are made of, in order."""
    found, waiting = set(), list(roots)
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            waiting.extend(nodes[place].operands)
    return sorted(found)

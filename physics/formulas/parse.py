"""From the text of a formula to its graph. Python parses it and never evaluates it.

The characters and words are looked at first, one by one. What is left is arithmetic, whose tree
comes from Python's own parser, for its rules of precedence, and is read through a whitelist again.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from darklat.physics.formulas.errors import FormulaError
from darklat.physics.formulas.graph import FUNCTIONS, Graph, UnusableError

LONGEST, DEEPEST = 400, 60
VARIABLE, PI = "theta", "pi"
RESERVED = (VARIABLE, PI, *FUNCTIONS)

_TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<operator>\*\*|[-+*/])|(?P<open>\()|(?P<close>\))|(?P<space>\s+)",
    re.ASCII,
)
_REMARKS = {
    "^": "write ** for a power", "²": "write **2", "³": "write **3", "√": "write sqrt(...)",
    "θ": "write theta", "ϑ": "write theta", "φ": "write theta, which is phi/f", "π": "write pi",
    "·": "write * for a product", "×": "write * for a product", "−": "write - for a minus",
    "÷": "write / for a quotient", "[": "use round brackets", "]": "use round brackets",
    "{": "use round brackets", "}": "use round brackets",
    "=": "a formula is the potential alone, without an equals sign",
    ",": "every function has one argument; decimals come after a point",
}  # fmt: skip
_OTHER_NAMES = {
    "ln": "log", "arctan": "atan", "arcsinh": "asinh", "arsinh": "asinh", "tg": "tan", "sh": "sinh",
    "ch": "cosh", "th": VARIABLE, "x": VARIABLE, "phi": VARIABLE, "a": VARIABLE, "t": VARIABLE,
    "PI": PI, "Pi": PI,
}  # fmt: skip
_ROUGH = ("abs", "fabs", "min", "max", "sign", "floor", "ceil", "round")


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    column: int

    @property
    def ends(self) -> bool:
        """Whether an operand ends with it."""
        return self.kind in ("number", "name", "close")

    @property
    def begins(self) -> bool:
        """Whether an operand begins with it."""
        return self.kind in ("number", "name", "open")


def parse(text: str, parameters: Mapping[str, float]) -> tuple[Graph, int]:
    """The graph of a formula and the place of its result. Parameters count as exact decimals.

    Raises FormulaError with the column of the fault.
    """
    tokens = _tokens(text)
    _check_words(tokens, parameters)
    _check_order(tokens, len(text))
    try:
        # white space as blanks: a formula may go over several lines
        tree = ast.parse(re.sub(r"\s", " ", text).lstrip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(0, f"cannot be read as a formula ({error})") from None
    reader = _Reader(Graph(), parameters, shift=len(text) - len(text.lstrip()))
    return reader.graph, reader.read(tree.body, depth=1)


def closed(text: str, parameters: Mapping[str, float]) -> str:
    """The formula with the numbers in place of its parameters.

    Raises FormulaError as `parse`, and for a formula that is too long.
    """
    if len(text) > LONGEST:
        raise FormulaError(LONGEST, f"a formula has {LONGEST} characters at most")
    parse(text, parameters)
    found = []
    for token in _tokens(text, spaces=True):
        known = token.kind == "name" and token.text in parameters
        found.append(f"({float(parameters[token.text])!r})" if known else token.text)
    return "".join(found)


def names(text: str) -> set[str]:
    """The names in a formula, functions too. Raises FormulaError."""
    return {token.text for token in _tokens(text) if token.kind == "name"}


def _tokens(text: str, *, spaces: bool = False) -> list[_Token]:
    found, column = [], 0
    while column < len(text):
        match = _TOKEN.match(text, column)
        if not match:
            character = text[column]
            remark = _REMARKS.get(character, "numbers, names, + - * / ** and ( ) make a formula")
            raise FormulaError(column, f"{character!r} is not used in a formula: {remark}")
        token = _Token(str(match.lastgroup), match[0], column)
        if spaces or token.kind != "space":
            found.append(token)
        column = match.end()
    return found


# ---- Words and their order. ----


def _check_words(tokens: list[_Token], parameters: Mapping[str, float]) -> None:
    known = (*RESERVED, *parameters)
    for token in tokens:
        if token.kind == "number" and re.match(r"0\d*[1-9]\d*$", token.text):
            message = f"write {token.text.lstrip('0')}: a number has no zeros before it"
            raise FormulaError(token.column, message)
        if token.kind == "name" and token.text not in known:
            raise FormulaError(token.column, _unknown(token.text, known))


def _unknown(name: str, known: tuple[str, ...]) -> str:
    if name in _ROUGH:
        return f"{name} is not smooth, and a step would lose its second order: it is left out"
    meant = _OTHER_NAMES.get(name)
    if meant is None:
        near = difflib.get_close_matches(name.lower(), known, n=1)
        meant = near[0] if near else None
    if meant is not None:
        return f"{name} is not known: did you mean {meant}?"
    others = ", ".join(known[2:])
    return f"{name} is not known: a formula has {VARIABLE}, {PI}, {others}; or give it a parameter"


def _check_order(tokens: list[_Token], length: int) -> None:
    """Whether operands and operators take turns, and brackets fit."""
    if not tokens:
        raise FormulaError(0, "the formula is empty; for example 1 - cos(theta)")
    open_: list[_Token] = []
    before: _Token | None = None
    for token in tokens:
        _check_pair(before, token)
        if token.kind == "open":
            open_.append(token)
        if len(open_) > DEEPEST:
            raise FormulaError(token.column, f"brackets are nested {DEEPEST} deep at most")
        if token.kind == "close" and not open_:
            raise FormulaError(token.column, "this bracket closes none: remove it, or open one")
        if token.kind == "close":
            open_.pop()
        before = token
    assert before is not None
    if before.kind == "name" and before.text in FUNCTIONS:
        raise FormulaError(before.column, _bare(before.text))
    if not before.ends:
        raise FormulaError(length, f"something is missing behind {before.text}")
    if open_:
        raise FormulaError(open_[-1].column, "this bracket is not closed")


def _check_pair(before: _Token | None, token: _Token) -> None:
    """Whether a token may follow another, or begin the formula."""
    calls = before is not None and before.kind == "name" and before.text in FUNCTIONS
    if before is not None and calls and token.kind != "open":
        raise FormulaError(before.column, _bare(before.text))
    if before is not None and before.ends and token.begins and not calls:
        message = f"write {before.text}*{token.text}: a product needs its *"
        raise FormulaError(token.column, message)
    starts = before is None or not before.ends
    if starts and not token.begins and token.text not in ("+", "-"):
        where = "at the beginning" if before is None else f"between {before.text} and {token.text}"
        remark = ": write / for a quotient" if before and before.text == token.text == "/" else ""
        raise FormulaError(token.column, f"something is missing {where}{remark}")


def _bare(function: str) -> str:
    return f"{function} is a function: write {function}(...)"


# ---- The tree. ----


class _Reader:
    """Adds the nodes of a syntax tree to a graph. `shift`: the blanks before the text it is of."""

    def __init__(self, graph: Graph, parameters: Mapping[str, float], *, shift: int) -> None:
        self.graph, self.shift = graph, shift
        self.parameters = {name: Fraction(repr(float(x))) for name, x in parameters.items()}

    def read(self, node: ast.expr, *, depth: int) -> int:
        """The place of a node of the tree in the graph."""
        column = node.col_offset + self.shift
        if depth > DEEPEST:
            raise FormulaError(
                column, f"operations are nested {DEEPEST} deep at most: use brackets"
            )
        try:
            return self._read(node, depth + 1)
        except UnusableError as error:
            raise FormulaError(column, str(error)) from None

    def _read(self, node: ast.expr, depth: int) -> int:
        graph = self.graph
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return graph.number(self._exact(node))
        if isinstance(node, ast.Name) and node.id in self.parameters:
            return graph.number(self.parameters[node.id])
        if isinstance(node, ast.Name) and node.id in (VARIABLE, PI):
            return graph.node(node.id)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
            sign = -1 if isinstance(node.op, ast.USub) else 1
            return graph.scale(sign, self.read(node.operand, depth=depth))
        if isinstance(node, ast.BinOp):
            left, right = (self.read(each, depth=depth) for each in (node.left, node.right))
            return self._operation(node, left, right)
        if isinstance(node, ast.Call) and (function := _called(node)):
            return graph.call(function, self.read(node.args[0], depth=depth))
        raise FormulaError(node.col_offset + self.shift, "this is not used in a formula")

    def _exact(self, node: ast.Constant) -> Fraction:
        """The decimals of a literal. Python has rounded those of a float to a double already, of
        which the shortest decimal is taken."""
        if isinstance(node.value, int):
            return Fraction(node.value)
        if node.value == float("inf"):
            raise UnusableError("a number of size 1e-30 to 1e30 is wanted here")
        return Fraction(repr(node.value))

    def _operation(self, node: ast.BinOp, left: int, right: int) -> int:
        simple = {
            ast.Add: self.graph.add,
            ast.Sub: self.graph.subtract,
            ast.Mult: self.graph.multiply,
            ast.Div: self.graph.divide,
        }
        if type(node.op) in simple:
            return simple[type(node.op)](left, right)
        at = node.right.col_offset + self.shift
        if not isinstance(node.op, ast.Pow):
            raise FormulaError(at, "this is not used in a formula")
        exponent = self.graph.value(right)
        if exponent is None:
            raise FormulaError(
                at, "an exponent is a number: write exp(u*log(v)) for v**u, where v is positive"
            )
        try:
            return self.graph.power(left, exponent)
        except UnusableError as error:
            raise FormulaError(at, str(error)) from None


def _called(node: ast.Call) -> str | None:
    """The function of a call with one plain argument."""
    plain = len(node.args) == 1 and not isinstance(node.args[0], ast.Starred) and not node.keywords
    if plain and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
        return node.func.id
    return None

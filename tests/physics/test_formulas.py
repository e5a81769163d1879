"""Formulas of potentials: values and derivatives against SymPy, faults with their columns, bounds,
and the checks of a minimum. Nothing of a formula is run."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from darklat.physics.formulas import FUNCTIONS, FormulaError, closed, expression
from darklat.physics.formulas.graph import Graph
from darklat.physics.formulas.steps import program, steps
from darklat.physics.potential import cosine, of, quadratic
from darklat.physics.potential_checks import curvatures, fastest, fault, reached

MONODROMY = "sqrt(1 + theta**2) - 1"
FLATTENED = "0.5 - 0.5/(1 + theta**2)"
MIXED = "0.8*(1 - cos(theta)) + 0.05*(1 - cos(2*theta))"
VALUES = {
    (MONODROMY, 0.5): (0.11803398874989485, 0.44721359549995794),
    (MONODROMY, 1e-6): (4.99999999999875e-13, None),
    (MONODROMY, -2.0): (None, -0.89442719099991588),
    (FLATTENED, 0.5): (0.1, 0.32),
    (FLATTENED, 3.0): (0.45, 0.03),
    (MIXED, 0.5): (0.12091883519429484, 0.46768752936415205),
    (MIXED, -2.0): (1.2155996502808945, -0.65175769192975253),
    (MIXED, 1e-3): (4.9999993333333889e-7, None),
}
"""V and V' to 17 digits, with mpmath."""

FORMULAS = (
    "theta**2/2", "1 - cos(theta)", MONODROMY, FLATTENED, MIXED, "2*sin(theta/2)**2",
    "theta**2/(2 + 2*theta**2)", "log(cosh(theta))", "tanh(theta)**2/2", "atan(theta)**2/2",
    "exp(-theta) - 1 + sinh(theta)/3 + pi*theta**3", "asinh(theta)*theta/2 - tan(theta/9)**4",
    "(1 + theta**2/0.6)**0.3 - 1", "(1 + theta**2)**1.5/3 - 1/3", "(2 + cos(theta))**-3",
    "-(-theta)**5 + 3*theta*theta - +theta/-7", "theta**32", "1/(1 + exp(theta))", "5",
)  # fmt: skip


# ---- Values ----


@pytest.mark.parametrize(("formula", "theta"), VALUES)
def test_values_to_seventeen_digits(formula: str, theta: float) -> None:
    V, slope = VALUES[formula, theta]
    if V is not None:  # double cancels 1 - 1 where V is small: 1e-16 of 1
        assert of(formula).V(theta, 1.0) == pytest.approx(V, rel=4e-16, abs=2.5e-16)
    if slope is not None:
        assert of(formula).dV(theta, 3.0) == pytest.approx(9 * slope, rel=1e-15)


@pytest.mark.parametrize("formula", FORMULAS)
def test_derivatives_are_those_of_sympy(formula: str) -> None:
    x = sympy.Symbol("theta")
    exact = sympy.sympify(formula, {"theta": x}, rational=True)
    theta = np.array([-2.0, -0.5, 0.25, 0.5, 3.0])
    for derivative in range(3):
        of_x = sympy.diff(exact, x, derivative)
        expected = [float(of_x.subs(x, sympy.Rational(t)).evalf(30)) for t in theta]
        found = expression(formula).at(theta, derivative)
        assert found == pytest.approx(expected, rel=1e-13, abs=1e-15)
        single = [expression(formula).at(float(t), derivative) for t in theta]
        assert single == pytest.approx(expected, rel=1e-13, abs=1e-15)
        half = expression(formula).at(theta.astype(np.float32), derivative)
        assert half.dtype == np.float32
        assert half == pytest.approx(expected, rel=1e-3, abs=1e-5)
    precise = expression(formula).precise_slope(theta)
    slopes = [float(sympy.diff(exact, x).subs(x, sympy.Rational(t)).evalf(30)) for t in theta]
    assert precise == pytest.approx(slopes, rel=1e-15)


def test_every_function_and_its_derivatives() -> None:
    """At arguments that all of them take."""
    x = sympy.Symbol("theta")
    for name in FUNCTIONS:
        exact = sympy.sympify(f"{name}(3/2 + theta**2)", {"theta": x})
        for derivative in range(3):
            expected = float(sympy.diff(exact, x, derivative).subs(x, sympy.Rational(1, 8)))
            for theta in (0.125, np.array(0.125)):
                found = expression(f"{name}(1.5 + theta**2)").at(theta, derivative)
                assert found == pytest.approx(expected, rel=1e-14), name


def test_named_potentials_are_formulas() -> None:
    """V' to the bit, since it is the same operation; V to a rounding of 1."""
    theta = np.linspace(-3, 3, 101)
    for named, formula in ((quadratic, "theta**2/2"), (cosine, "1 - cos(theta)")):
        np.testing.assert_array_equal(of(formula).dV(theta, 3.0), named.dV(theta, 3.0))
        np.testing.assert_allclose(of(formula).V(theta, 3.0), named.V(theta, 3.0), atol=4e-15)
        np.testing.assert_array_equal(of(formula).d2V(theta, 3.0), named.d2V(theta, 3.0))


def test_decimals_and_fractions_are_exact() -> None:
    assert expression("0.1 + 0.2 - 0.3").at(1.0) == 0
    assert expression("(1/3 + 1/6)*2*theta").at(0.1) == 0.1


def test_a_chain_of_products_has_a_short_derivative() -> None:
    """A tree of V'' would have some 60^3/6 leaves."""
    formula = "*".join(f"(theta+{i})" for i in range(1, 45))
    U = expression(formula)
    assert len(U.nodes) < 1200
    assert U.at(0.0, 1) / U.at(0.0) == pytest.approx(sum(1 / i for i in range(1, 45)), rel=1e-13)


def test_powers_become_products() -> None:
    graph = Graph()
    nodes, (root,) = steps(graph, [graph.power(graph.node("theta"), 13)])
    assert [node.kind for node in nodes].count("product") == 5
    assert program(nodes, root)(2.0) == 2.0**13
    kinds = {node.kind for node in expression("(1 + theta**2)**-2.5").nodes}
    assert "power" not in kinds and "sqrt" in kinds


# ---- Faults ----

ATTACKS = {
    "__import__('os').system('touch stolen')": 11,
    "sqrt.__globals__['__builtins__']['__import__']('os')": 4,
    "sin.eval.__func__.__globals__": 3,
    "open(theta)": 0,
    "exec(theta)": 0,
    "theta.__class__.__mro__": 5,
    "(lambda: theta)()": 7,
    "[theta for theta in (1, 2)]": 0,
    "f'{theta}'": 1,
    "(theta := 1)": 7,
    "theta if theta else pi": 6,
    "getattr(theta, sin)": 13,
    "9**9**9**9": 6,
    "(((9**32)**32)**32)**8": 6,
    "1e999": 0,
    "1" * 390: 0,
    "(" * 200 + "theta": 60,
    "-" * 390 + "theta": 60,
    "theta\x00": 5,
}
TYPOS = {
    "1 - cos(theta)^2": (14, "write **"),
    "2theta": (1, "write 2*theta"),
    "2(theta + 1)": (1, "write 2*("),
    "(theta)(theta)": (7, "a product needs its *"),
    "theta theta": (6, "write theta*theta"),
    "1 - coss(theta)": (4, "did you mean cos?"),
    "1 - Cos(theta)": (4, "did you mean cos?"),
    "ln(1 + theta**2)": (0, "did you mean log?"),
    "arctan(theta)": (0, "did you mean atan?"),
    "x**2/2": (0, "did you mean theta?"),
    "tetha**2/2": (0, "did you mean theta?"),
    "abs(theta)": (0, "not smooth"),
    "1 - cos theta": (4, "write cos(...)"),
    "theta*sin": (6, "write sin(...)"),
    "theta**2/": (9, "something is missing behind /"),
    "theta**2//2": (9, "write / for a quotient"),
    "1 - cos(theta": (7, "not closed"),
    "1 - cos(theta))": (14, "closes none"),
    "sin()": (4, "something is missing between ( and )"),
    "sin(theta, 2)": (9, "one argument"),
    "0,5*theta**2": (1, "decimals come after a point"),
    "V = theta**2/2": (2, "without an equals sign"),
    "theta = 1": (6, "without an equals sign"),
    "2**theta": (3, "an exponent is a number"),
    "theta**33": (7, "at most 32"),
    "theta/0": (0, "division by 0"),
    "theta/(1 - 1)": (0, "division by 0"),
    "007*theta": (0, "write 7"),
    "": (0, "empty"),
    "θ**2/2": (0, "write theta"),
    "theta²/2": (5, "write **2"),
    "2·theta": (1, "write *"),
    "2j*theta": (1, "j is not known"),
    "True*theta": (0, "True is not known"),
    "theta + * theta": (8, "something is missing between + and *"),
    "  u + theta": (2, "u is not known"),
    "theta" + " + theta" * 70: (400, "400 characters"),
    "+".join(["theta"] * 62): (0, "60 deep"),
}


@pytest.mark.parametrize("formula", ATTACKS)
def test_attacks_are_refused(formula: str) -> None:
    with pytest.raises(FormulaError) as caught:
        closed(formula, {})
    assert caught.value.column == ATTACKS[formula], caught.value.message


@pytest.mark.parametrize("formula", TYPOS)
def test_typos_are_refused_where_they_are(formula: str) -> None:
    column, message = TYPOS[formula]
    with pytest.raises(FormulaError) as caught:
        closed(formula, {})
    assert message in caught.value.message
    assert caught.value.column == column


def test_no_formula_touches_a_file_a_process_or_a_module() -> None:
    """By Python's own audit. `compile` is the parser's, which stops at the tree."""
    seen: list[str] = []
    listening = True
    closed("1 - cos(theta)", {})  # imports of the first call

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if listening:
            seen.append(event)

    sys.addaudithook(hook)
    for formula in (*ATTACKS, *TYPOS, *FORMULAS):
        try:
            closed(formula, {})
            expression.__wrapped__(formula).at(0.5, 2)
        except FormulaError:
            pass
    listening = False
    assert set(seen) <= {"compile"}


@given(
    st.lists(
        st.sampled_from(["theta", "c", "sin", "2", ".5", "+", "-", "*", "**", "/", "(", ")", " "]),
        max_size=12,
    )
)
def test_any_order_of_words_is_read_or_refused_as_python_would(words: list[str]) -> None:
    text = "".join(words)
    try:
        closed(text, {"c": 3.0})
    except FormulaError as error:
        assert 0 <= error.column <= len(text)
    else:
        compile(text.strip(), "", "eval")  # raises where it is none


# ---- Parameters ----


def test_parameters_count_as_numbers() -> None:
    text = closed("c*(1 - cos(theta)) + (1 - c)*theta**n/2", {"c": 0.1, "n": 2.0, "m": -3.0})
    assert text == "(0.1)*(1 - cos(theta)) + (1 - (0.1))*theta**(2.0)/2"
    assert expression(text).nodes == expression("0.1*(1 - cos(theta)) + 0.9*theta**2/2").nodes


# ---- The minimum, the way there and the arithmetic ----

FAULTS = {
    ("1 - cos(theta) + 1", 1.0): "V is 1 at its minimum",
    ("cos(theta) - 1", 1.0): "V'' is -1",
    ("2 - 2*cos(theta)", 1.0): "divide the formula by 2.0",
    ("theta + theta**2/2", 1.0): "V' is 1 at theta = 0",
    ("(theta - 1)**2/2", 1.0): "V is 0.5 at its minimum",
    ("theta**2/2 + log(theta**2)", 1.0): "not finite at theta = 0",
    ("sin(theta)**3/theta - theta**2/2", 1.0): "not finite at theta = 0",
    ("sqrt(theta**2)", 1.0): "not finite at theta = 0",
    ("1 - cos(theta)", 3.5): "would not roll to theta = 0: V' has the wrong sign at theta = 3.14",
    ("theta**2/2 - theta**3/3", -0.9): "would roll over 0 to beyond theta = 28.8",
    ("-log(1 - theta**2)/2", 1.5): "not finite at theta = 1",
    ("theta**2/2 + 2.2*theta**3 + 2*theta**4", 1.0): "must not be below",
    ("exp(theta) - 1 - theta", 1.0): "wrong by",
}


@pytest.mark.parametrize(("formula", "theta"), FAULTS)
def test_what_is_no_minimum_is_refused(formula: str, theta: float) -> None:
    found = fault(formula, theta, single=False)
    assert found is not None and FAULTS[formula, theta] in found.message
    assert found.of_theta_initial == ("would not roll" in found.message)


@pytest.mark.parametrize("formula", [MONODROMY, FLATTENED, MIXED, "theta**2/2", "1 - cos(theta)"])
def test_the_potentials_of_the_page_pass_in_both_precisions(formula: str) -> None:
    assert fault(formula, 3.0, single=True) is None
    assert fault(formula, -3.0, single=False) is None


def test_a_slope_that_cancels_is_refused_in_float32_alone() -> None:
    """V' as the rules give it loses 4e-4 at theta = 100, and another form of V nothing."""
    other = "theta**2/(2 + 2*theta**2)"
    np.testing.assert_allclose(of(other).V(1.5, 1.0), of(FLATTENED).V(1.5, 1.0), rtol=1e-15)
    assert fault(other, 50.0, single=False) is None
    found = fault(other, 50.0, single=True)
    assert found is not None and "terms cancel" in found.message
    assert fault(FLATTENED, 50.0, single=True) is None
    overflow = fault("log(cosh(theta))", 50.0, single=True)
    assert overflow is not None and "range of float32" in overflow.message


def test_where_the_alp_moves_and_how_fast_it_turns() -> None:
    assert reached("cosine", 2.0)[[0, -1]] == pytest.approx([-2, 2])
    cubic = "theta**2/2 - theta**3/3"
    low, high = reached(cubic, 0.9)[[0, -1]]
    assert high == 0.9
    assert of(cubic).V(low, 1.0) == pytest.approx(of(cubic).V(high, 1.0), rel=1e-2)
    assert fastest("cosine", 2.0) == fastest(MIXED, 2.0) == fastest("quadratic", 1.0) == 1
    assert fastest("theta**2/2 + theta**4/4", 2.0) == pytest.approx(13**0.5)
    assert min(curvatures(MONODROMY, 3.0)) == pytest.approx(10**-1.5)

"""Potentials that a user writes as formulas: parsing, derivatives and values.

Nothing here evaluates text by Python.
"""

from darklat.physics.formulas.errors import FormulaError
from darklat.physics.formulas.expression import Expression, expression
from darklat.physics.formulas.parse import FUNCTIONS, RESERVED, closed, names

__all__ = [
    "FUNCTIONS", "RESERVED", "Expression", "FormulaError", "closed", "expression", "names",
]  # fmt: skip

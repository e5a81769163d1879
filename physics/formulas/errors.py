"""What a formula can be refused for."""

from __future__ import annotations


class FormulaError(ValueError):
    """A formula that cannot be used. `column` counts its characters from 0: where the fault is."""

    def __init__(self, column: int, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message

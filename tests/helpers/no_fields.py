"""A stepper of no fields, for a universe of fluids alone."""

from __future__ import annotations


class Nothing:
    """Fields without energy."""

    passes: list = []  # noqa: RUF012

    def step(self, *, tau: float, dt: float, close: bool = True) -> float:
        return 0.0

    def heat(self) -> float:
        return 0.0

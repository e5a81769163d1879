"""What can go wrong in a run.

Exit codes: InputError 2, NumericalError 3, MachineError (of the kernels) 4.
"""

from __future__ import annotations


class InputError(ValueError):
    """The user's input is wrong; the message says where, what is allowed and what to do."""


class NumericalError(ArithmeticError):
    """A check failed during a run; the message names the check, the time and the field, and says
    what to try."""

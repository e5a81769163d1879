"""The errors of darklat. Every class carries the exit code of the command `darklat`.

Messages name the place of the fault, the allowed values and the remedy.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable

LACKING = frozenset((errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTTY))
"""The answers of a file system that has no such operation. With any other it refuses the operation,
for example for lack of space."""


class DarklatError(Exception):
    """Every error that darklat raises on purpose."""

    exit_code = 1


class InputError(DarklatError, ValueError):
    """The user's input is wrong, or a folder has the wrong contents."""

    exit_code = 2


class ConfigError(InputError):
    """A configuration that cannot be used.

    `problems` holds everything that was found; each begins with file, line and column.
    """

    def __init__(self, problems: Iterable[object]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class BadValueError(InputError):
    """A value of a configuration, or the file that it names, does not do. `key` is its dotted path,
    with which the message begins; whoever has read the configuration says where the key stands."""

    def __init__(self, key: str, reason: object) -> None:
        super().__init__(f"{key}: {reason}")
        self.key, self.reason = key, str(reason)


class NumericalError(DarklatError, ArithmeticError):
    """A check failed during a run. The message says which one, when and of which field, and gives
    advice."""

    exit_code = 3


def out_of_range(error: ArithmeticError) -> NumericalError:
    """For an error of Python's own arithmetic, the error that says the cause and the remedy."""
    return NumericalError(
        f"the numbers of the configuration leave the range of a double ({error}): look for a "
        "value, or a number in a file that it names, that is far too large or too small"
    )


class MachineError(DarklatError, RuntimeError):
    """The machine cannot do it: compiler, OpenMP, device, memory, disk."""

    exit_code = 4

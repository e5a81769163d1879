"""The scale of every check of a run: from which number on it warns, fails, and stops the run.

The running checks, the table, summary.json and the report all judge by these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["pass", "warn", "fail"]

RESIDUAL_WARNS_FROM = 0.2
"""Share of the limit of a residual. The default step keeps below it."""

STEP_WARNS_FROM = 0.5
"""Share of the longest stable step. The default step is a third of it."""

CUTOFF_WARNS_FROM, CUTOFF_FAILS_FROM = 0.1, 0.5
"""Shares of the energy at the cutoff. Above a tenth the high end of the spectra is the lattice's.
Above a half most of the energy is in waves that the lattice carries at the wrong speed."""


@dataclass(frozen=True)
class Scale:
    """A number above `warn` needs a look. Above `fail` the numbers that it touches are not to be
    trusted. Above `stop` the run ends."""

    warn: float
    fail: float
    stop: float

    def judge(self, value: float) -> Status:
        """The verdict on a number; one that is not finite fails."""
        if not value <= self.fail:
            return "fail"
        return "warn" if value > self.warn else "pass"


def of_residual(limit: float) -> Scale:
    """Of Gauss's law, the Lorenz condition and the energy balance, with the run's limit."""
    return Scale(RESIDUAL_WARNS_FROM * limit, limit, limit)


def of_step(limit: float) -> Scale:
    """Of the time step over the longest stable one."""
    return Scale(STEP_WARNS_FROM * limit, limit, limit)


def of_cutoff(limit: float) -> Scale:
    """Of the share of the energy at the cutoff. A run may stop below the shares that are judged
    without its limit; then it also warns and fails earlier."""
    return Scale(
        min(CUTOFF_WARNS_FROM, RESIDUAL_WARNS_FROM * limit), min(CUTOFF_FAILS_FROM, limit), limit
    )


def worst(found: tuple[Status, ...]) -> Status:
    """The worst of several verdicts; of none, a pass."""
    return "fail" if "fail" in found else "warn" if "warn" in found else "pass"

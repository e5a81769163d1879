"""The expansion of the universe in conformal time, program units (tau_osc = a_osc = 1).

Radiation era: a = tau, from H^2 = rho/(3 M_Pl^2) with rho ~ a^-4. Static: a = 1, for checks and for
physics shorter than a Hubble time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Values = TypeVar("Values", float, npt.NDArray[np.float64])

KINDS = ("radiation", "static")


@dataclass(frozen=True)
class Background:
    """One of `KINDS`. Raises ValueError for anything else."""

    kind: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"background {self.kind!r} is unknown; use one of {', '.join(KINDS)}")

    def scale_factor(self, tau: Values) -> Values:
        """a(tau) in units of a_osc, at conformal time tau (float or array, tau_osc)."""
        return tau if self.kind == "radiation" else tau * 0.0 + 1.0

    def conformal_hubble(self, tau: Values) -> Values:
        """a'/a = a H in 1/tau_osc; infinite at tau = 0 in the radiation era."""
        return 1.0 / tau if self.kind == "radiation" else tau * 0.0

    def tau_of(self, a: Values) -> Values:
        """Conformal time at scale factor a. Raises ValueError where a does not determine it."""
        if self.kind == "static":
            raise ValueError(
                "the scale factor does not tell the time in a static background; "
                "give conformal times instead (time.tau_end, not time.a_end)"
            )
        return a

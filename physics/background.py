"""The expansion of the universe in conformal time, program units (tau_osc = a_osc = 1).

A new a(tau) is a class here, in `BACKGROUNDS`, and its name in `background.kind` of the schema.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

Values = TypeVar("Values", float, npt.NDArray[np.float64])


class Background(ABC):
    """A history of the scale factor, in units of a_osc, over conformal time in tau_osc.

    kind: its name in configurations. clock: "a" where the scale factor tells the time, else "tau".
    singular: whether a = 0 at tau = 0; fields then start at rest there.
    """

    kind: ClassVar[str]
    clock: ClassVar[str]
    singular: ClassVar[bool]

    @property
    def expands(self) -> bool:
        """Whether the scale factor tells the time."""
        return self.clock == "a"

    @abstractmethod
    def scale_factor(self, tau: Values) -> Values:
        """a at conformal time tau (float or array)."""

    @abstractmethod
    def conformal_hubble(self, tau: Values) -> Values:
        """a'/a = a H in 1/tau_osc."""

    @abstractmethod
    def tau_of(self, a: Values) -> Values:
        """Conformal time at scale factor a. Raises ValueError where a does not determine it."""


@dataclass(frozen=True)
class Radiation(Background):
    """Radiation era: a = tau, from H^2 = rho/(3 M_Pl^2) with rho ~ a^-4."""

    kind = "radiation"
    clock = "a"
    singular = True

    def scale_factor(self, tau: Values) -> Values:
        """a = tau."""
        return tau

    def conformal_hubble(self, tau: Values) -> Values:
        """1/tau; infinite at tau = 0."""
        return 1.0 / tau

    def tau_of(self, a: Values) -> Values:
        """tau = a."""
        return a


@dataclass(frozen=True)
class Static(Background):
    """a = 1, for checks and for physics shorter than a Hubble time."""

    kind = "static"
    clock = "tau"
    singular = False

    def scale_factor(self, tau: Values) -> Values:
        """1, in the shape of tau."""
        return tau * 0.0 + 1.0

    def conformal_hubble(self, tau: Values) -> Values:
        """0, in the shape of tau."""
        return tau * 0.0

    def tau_of(self, a: Values) -> Values:
        """Raises ValueError."""
        raise ValueError(
            "the scale factor does not tell the time in a static background; "
            "give conformal times instead (time.tau_end, not time.a_end)"
        )


BACKGROUNDS: dict[str, Background] = {each.kind: each for each in (Radiation(), Static())}


def by_kind(kind: str) -> Background:
    """The background called `kind` in a configuration. Raises ValueError for an unknown one."""
    if kind not in BACKGROUNDS:
        known = ", ".join(BACKGROUNDS)
        raise ValueError(f"background {kind!r} is unknown; use one of {known}")
    return BACKGROUNDS[kind]

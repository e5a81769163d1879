"""The expansion of the universe in conformal time, program units (tau_osc = a_osc = 1).

The unit of time is 1/(a_osc H_osc), so that a' = 1 at a = 1; docs/physics/expansion.md has the
equations. A new a(tau) is a class like these, its name in `KINDS`, and a line in
`darklat.schema.background`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

Values = TypeVar("Values", float, npt.NDArray[np.float64])

STATIC = "static"
KINDS = ("radiation", STATIC, "power_law", "radiation_matter", "thermal", "table", "friedmann")
HOT = ("radiation", "radiation_matter", "thermal", "table", "friedmann")
"""The kinds with radiation whose temperature is known."""

_GROWTH = 1 / 64  # of tau from step to step, in sums over time


class Instant(NamedTuple):
    """A time of an expansion: conformal time, scale factor, and a' = da/dtau."""

    tau: float
    a: float
    a_prime: float

    @property
    def hubble(self) -> float:
        """a'/a."""
        return self.a_prime / self.a


class Background(ABC):
    """A history of the scale factor, in units of a_osc, over conformal time in tau_osc.

    kind: its name in configurations. singular: whether a = 0 at tau = 0; fields then start at rest
    there, and a is a power of tau before all times that count.
    """

    kind: ClassVar[str]
    singular: ClassVar[bool] = True

    @abstractmethod
    def scale_factor(self, tau: Values) -> Values:
        """a at conformal time tau (float or array)."""

    @abstractmethod
    def conformal_hubble(self, tau: Values) -> Values:
        """a'/a = a H in 1/tau_osc."""

    def instant(self, tau: float) -> Instant:
        """At conformal time tau."""
        a = float(self.scale_factor(tau))
        return Instant(tau, a, a * float(self.conformal_hubble(tau)))

    @abstractmethod
    def tau_of(self, a: Values) -> Values:
        """Conformal time at scale factor a. Raises ValueError where a does not determine it."""

    def power(self, tau: float) -> float:
        """d ln a/d ln tau: the p of the power law that a follows at tau."""
        return tau * float(self.conformal_hubble(tau))

    def tau_where(self, product: float) -> float:
        """Conformal time at which a tau has this value."""
        from scipy.optimize import brentq  # slow to import; most runs have a closed form

        def excess(log_tau: float) -> float:
            tau = math.exp(log_tau)
            return math.log(float(self.scale_factor(tau)) * tau / product)

        low, high = -1.0, 1.0
        while excess(low) > 0:
            low *= 2
        while excess(high) < 0:
            high *= 2
        return math.exp(brentq(excess, low, high, xtol=1e-14, rtol=1e-14))

    def later(self, tau: float, duration: float) -> float:
        """Conformal time at which the time of the universe, int a dtau, has grown by `duration`
        since tau > 0; to one percent of it."""
        left = duration
        while True:
            step = tau * _GROWTH
            grown = float(self.scale_factor(tau + step / 2)) * step
            if grown >= left:
                return tau + step * left / grown
            tau, left = tau + step, left - grown

    def integral_of_square(self, tau: float) -> float:
        """int a^2 dtau from 0 to tau, to 1e-9 of it."""
        from scipy.integrate import quad

        def square(x: float) -> float:
            return float(self.scale_factor(x)) ** 2

        found, _ = quad(square, 0.0, tau, epsrel=1e-9, limit=500)
        return float(found)


@dataclass(frozen=True)
class Radiation(Background):
    """Radiation era: a = tau, from H^2 = rho/(3 M_Pl^2) with rho ~ a^-4."""

    kind = "radiation"

    def scale_factor(self, tau: Values) -> Values:
        """a = tau."""
        return tau

    def conformal_hubble(self, tau: Values) -> Values:
        """1/tau; infinite at tau = 0."""
        return 1.0 / tau

    def instant(self, tau: float) -> Instant:
        """With a' = 1 to the bit."""
        return Instant(tau, tau, 1.0)

    def tau_of(self, a: Values) -> Values:
        """tau = a."""
        return a

    def power(self, tau: float) -> float:
        """1."""
        return 1.0

    def tau_where(self, product: float) -> float:
        """Its square root."""
        return math.sqrt(product)

    def later(self, tau: float, duration: float) -> float:
        """From tau^2/2."""
        return math.hypot(tau, math.sqrt(2 * duration))

    def integral_of_square(self, tau: float) -> float:
        """tau^3/3."""
        return tau**3 / 3


@dataclass(frozen=True)
class Static(Background):
    """a = 1, for checks and for physics shorter than a Hubble time."""

    kind = STATIC
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

    def later(self, tau: float, duration: float) -> float:
        """The sum."""
        return tau + duration


@dataclass(frozen=True)
class PowerLaw(Background):
    """A constant equation of state p = w rho, w > -1/3: a = (tau/p)^p with p = 2/(1 + 3 w).

    From a'^2 = a^4 rho ~ a^(1 - 3 w) with a' = 1 at a = 1. Matter has p = 2, a universe that a
    field without potential fills has w = 1 and p = 1/2.
    """

    w: float
    kind = "power_law"

    @property
    def exponent(self) -> float:
        """p."""
        return 2 / (1 + 3 * self.w)

    def scale_factor(self, tau: Values) -> Values:
        """(tau/p)^p."""
        return (tau / self.exponent) ** self.exponent

    def conformal_hubble(self, tau: Values) -> Values:
        """p/tau; infinite at tau = 0."""
        return self.exponent / tau

    def tau_of(self, a: Values) -> Values:
        """p a^(1/p)."""
        return self.exponent * a ** (1 / self.exponent)

    def tau_where(self, product: float) -> float:
        """(p^p a tau)^(1/(1 + p))."""
        p = self.exponent
        return (p**p * product) ** (1 / (1 + p))

    def integral_of_square(self, tau: float) -> float:
        """a^2 tau/(2 p + 1)."""
        return self.scale_factor(tau) ** 2 * tau / (2 * self.exponent + 1)


@dataclass(frozen=True)
class RadiationMatter(Background):
    """Radiation and matter, equally dense at a_eq: a'^2 = s^2 (1 + a/a_eq), s^2 = 1/(1 + 1/a_eq).

    a = s tau + (s tau)^2/(4 a_eq), Weinberg, Cosmology (2008), sec. 1.5 in conformal time.
    """

    a_eq: float
    kind = "radiation_matter"

    @property
    def speed(self) -> float:
        """s: a' of the radiation alone."""
        return radiation_hubble(self.a_eq)

    def scale_factor(self, tau: Values) -> Values:
        """s tau + (s tau)^2/(4 a_eq)."""
        alone = self.speed * tau
        return alone + alone**2 / (4 * self.a_eq)

    def conformal_hubble(self, tau: Values) -> Values:
        """s sqrt(1 + a/a_eq)/a; infinite at tau = 0."""
        # a' is the derivative of `scale_factor`, whose square is s^2 (1 + a/a_eq).
        return self.speed * (1 + self.speed * tau / (2 * self.a_eq)) / self.scale_factor(tau)

    def tau_of(self, a: Values) -> Values:
        """2 a/(s (1 + sqrt(1 + a/a_eq)))."""
        return 2 * a / (self.speed * (1 + (1 + a / self.a_eq) ** 0.5))

    def integral_of_square(self, tau: float) -> float:
        """Of the polynomial."""
        s, b = self.speed, self.speed**2 / (4 * self.a_eq)
        return tau**3 * (s * s / 3 + tau * (s * b / 2 + tau * b * b / 5))


def expands(kind: str) -> bool:
    """Whether the scale factor tells the time in a background of that kind."""
    return kind != STATIC


def radiation_hubble(a_eq: float) -> float:
    """H of the radiation alone over that of radiation and matter, at a = 1."""
    return 1 / math.sqrt(1 + 1 / a_eq)

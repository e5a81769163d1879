"""A universe that expands by its own content: radiation, fluids, and a homogeneous ALP.

    3 M^2 a'^2 = a^4 rho,    M = M_Pl/f,    a^4 rho = 3 M^2 u(a) + theta'^2 a^2/2 + a^4 V,
    u(a) = 1 + sum_i share_i a^(1 - 3 w_i)

The unit of time is that of the radiation alone: a' = 1 if there were nothing else. The share of a
fluid is its density at a = 1 over that of the radiation. Action, constraint and signs are derived
in docs/physics/expansion.md; Figueroa, Florio, Torrenti, Valkenburg, JCAP 04 (2021) 035.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from darklat.errors import BadValueError
from darklat.physics.background import Background, Values
from darklat.physics.potential import of as potential_of

Array = npt.NDArray[np.float64]
State = npt.NDArray[np.float64]  # a, theta, theta'

CONSTRAINT = "friedmann_constraint"
"""The column of the series with 3 M^2 a'^2/(a^4 rho) - 1."""

_EARLIEST = 1e-9  # a, where there is no ALP
_EARLIEST_LOG = -40.0  # of a, where there is one
_LATEST = 1e9  # a, as the sizes of numbers in configurations
_AT_REST = 1e-6  # m a tau where its integration starts


@dataclass(frozen=True)
class Fluid:
    """A fluid of constant w = p/rho, with its density at a = 1 over that of the radiation."""

    w: float
    share: float

    def energy(self, a: float) -> float:
        """a^4 rho over that of the radiation."""
        return self.share * a ** (1 - 3 * self.w)

    def slope(self, a: float) -> float:
        """Its derivative by a."""
        return (1 - 3 * self.w) * self.share * a ** (-3 * self.w)


@dataclass(frozen=True)
class Alp:
    """A homogeneous ALP: m tau_osc, theta at rest as a -> 0, and the text of its potential."""

    mass: float
    theta_initial: float
    potential: str


@dataclass(frozen=True)
class Friedmann(Background):
    """The history without gauge fields. planck: M_Pl/f, or without an ALP M_Pl tau_*. radiation:
    its share, 1 in the unit of time."""

    planck: float
    fluids: tuple[Fluid, ...] = ()
    alp: Alp | None = None
    radiation: float = 1.0
    kind = "friedmann"

    def fluid_energy(self, a: float) -> float:
        """u(a): a^4 rho of radiation and fluids in 3 M^2."""
        return self.radiation + sum(fluid.energy(a) for fluid in self.fluids)

    def fluid_slope(self, a: float) -> float:
        """du/da."""
        return sum(fluid.slope(a) for fluid in self.fluids)

    def speed(self, a: float, energy: float) -> float:
        """a' by the constraint, with a^4 rho = energy beside radiation and fluids."""
        return math.sqrt(self.fluid_energy(a) + energy / (3 * self.planck**2))

    def scale_factor(self, tau: Values) -> Values:
        """a, with a power law before the ALP moves."""
        return self._each(tau, lambda time: self._state(time)[0])

    def conformal_hubble(self, tau: Values) -> Values:
        """a'/a of the constraint."""
        return self._each(tau, self._hubble)

    def tau_of(self, a: Values) -> Values:
        """The time at which a has that value."""
        return self._each(a, self._time)

    def homogeneous(self, tau: Array) -> tuple[Array, Array]:
        """theta and theta' of the ALP."""
        found = np.array([self._state(time)[1:] for time in tau.ravel().tolist()]).reshape(-1, 2)
        theta, slope = found.T
        return theta.reshape(tau.shape), slope.reshape(tau.shape)

    def latest(self, a: float, *, since: float) -> float:
        """The time at which the scale factor has come from `since` to a at the latest, whatever
        fields there are: no energy is negative, so that radiation and fluids alone are slowest."""
        alone = replace(self, alp=None)
        return self._time(since) + float(alone.tau_of(a)) - float(alone.tau_of(since))

    def alp_share(self, tau: float) -> float:
        """Omega of the ALP."""
        state = self._state(tau)
        weight = self._energy(state) / (3 * self.planck**2)
        return weight / (self.fluid_energy(state[0]) + weight)

    # ---- Parts ----

    def _each(self, values: Values, function: Callable[[float], float]) -> Values:
        if isinstance(values, float | int):
            return function(float(values))
        array = np.asarray(values, dtype=np.float64)
        found = np.array([function(each) for each in array.ravel().tolist()])
        return found.reshape(array.shape)[()]

    def _hubble(self, tau: float) -> float:
        state = self._state(tau)
        return self.speed(state[0], self._energy(state)) / state[0]

    def _energy(self, state: list[float]) -> float:
        """a^4 rho of the ALP."""
        if self.alp is None:
            return 0.0
        a, theta, slope = state
        V = float(potential_of(self.alp.potential).V(theta, self.alp.mass))
        return a**2 * slope**2 / 2 + a**4 * V

    def _state(self, tau: float) -> list[float]:
        first, state = _beginning(self)
        if tau > first:
            solution, last = self._until(tau)
            if tau > last:
                raise BadValueError(
                    "background.kind",
                    f"the scale factor of this universe grows without bound at tau = {last:.6g}, "
                    f"before {tau:.6g}: use an earlier end, less of a fluid of w < -1/3, or a "
                    "smaller model.alp.f_GeV",
                )
            return solution(tau).tolist()
        a = state[0] * (tau / first) ** self._power()
        if self.alp is None:
            return [a, 0.0, 0.0]
        return [a, *_at_rest(self.alp, a, tau, self._power())]

    def _until(self, tau: float) -> tuple[Callable[[float], Array], float]:
        """The history up to that time, or to the last one at which a is finite; and which it is."""
        return _solution(self, 2.0 ** math.ceil(math.log2(tau)))

    def _power(self) -> float:
        first, state = _beginning(self)
        return first * self.speed(state[0], 0.0) / state[0]

    def _time(self, a: float) -> float:
        first, state = _beginning(self)
        if a <= state[0]:
            return first * (a / state[0]) ** (1 / self._power())
        from scipy.optimize import brentq  # slow to import

        high = max(2 * first, a)
        while (last := self._until(high)[1]) >= high and self._state(high)[0] < a:
            high *= 2
        high = min(high, last)
        return float(brentq(lambda tau: self._state(tau)[0] - a, first, high, xtol=1e-15 * high))

    def rates(self, tau: float, y: Array) -> list[float]:
        """Of a, theta and theta'."""
        a, theta, slope = state = y.tolist()
        speed = self.speed(a, self._energy(state))
        if self.alp is None:
            return [speed, 0.0, 0.0]
        force = float(potential_of(self.alp.potential).dV(theta, self.alp.mass))
        return [speed, slope, -2 * speed / a * slope - a * a * force]


@lru_cache(maxsize=64)
def _beginning(of: Friedmann) -> tuple[float, list[float]]:
    """The time at which the integration starts, and the state there. Before, a is a power of tau,
    and the ALP has no weight."""

    def age(a: float) -> float:
        from scipy.integrate import quad

        return float(quad(lambda x: 1 / of.speed(x, 0.0), 0.0, a, epsabs=0.0, epsrel=1e-12)[0])

    a = _EARLIEST
    if of.alp is not None:
        from scipy.optimize import brentq

        wanted = math.log(_AT_REST / of.alp.mass)

        def excess(log_a: float) -> float:
            return log_a + math.log(age(math.exp(log_a))) - wanted

        low = _EARLIEST_LOG
        while excess(low + 1) < 0:
            low += 1
        a = math.exp(brentq(excess, low, low + 1))
    tau = age(a)
    if of.alp is None:
        return tau, [a, 0.0, 0.0]
    return tau, [a, *_at_rest(of.alp, a, tau, tau * of.speed(a, 0.0) / a)]


def _at_rest(alp: Alp, a: float, tau: float, p: float) -> tuple[float, float]:
    """theta and theta' at the start, where a is the p-th power of tau."""
    slope = float(potential_of(alp.potential).dV(alp.theta_initial, alp.mass))
    impulse = slope * a**2 * tau / (4 * p + 1)
    return alp.theta_initial - impulse * tau / (2 * p + 2), -impulse


@lru_cache(maxsize=32)
def _solution(of: Friedmann, end: float) -> tuple[Callable[[float], Array], float]:
    """Up to the end or to _LATEST, whose time follows."""
    from scipy.integrate import solve_ivp  # slow to import

    def left(tau: float, y: Array) -> float:
        return math.log(_LATEST / y[0])

    left.terminal = True  # type: ignore[attr-defined]  # as solve_ivp wants it
    first, state = _beginning(of)
    result = solve_ivp(
        of.rates, (first, max(end, 2 * first)), state, method="DOP853", rtol=1e-12,
        atol=[0.0, 1e-14, 1e-14], dense_output=True, events=left,
    )  # fmt: skip
    if not result.success:
        raise RuntimeError(f"the expansion could not be integrated: {result.message}")
    return result.sol, float(result.t[-1])

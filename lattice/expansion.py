"""The scale factor of a run: a known history, or one that the fields make themselves.

The self-consistent one is a coordinate of the Hamiltonian with the momentum -6 M^2 a':

    H = -3 M^2 a'^2 + E(a) + U(a),   3 M^2 = 3 (M_Pl/f)^2

E is a^4 rho of the lattice, U that of radiation and fluids. Its step is a += dt/2 v, a whole step
of the fields at this one a, the kick of v by all sums of that step, and a += dt/2 v. This is a
palindrome of exact flows: symplectic, and of order 2. H = 0 is the constraint, and it stays as good
as the energy of a lattice in a static background (docs/physics/expansion.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from darklat.errors import NumericalError
from darklat.lattice.guards import Reading
from darklat.lattice.integrators.base import Stepper
from darklat.lattice.sectors.base import Group, Moment, Observable, SeriesColumn
from darklat.physics.background import Background, Instant, Values
from darklat.physics.friedmann import CONSTRAINT, Friedmann
from darklat.physics.scales import of_residual
from darklat.schema import Config
from darklat.schema.run import ChecksKeys

_SPEED, _HEAT = "a_prime", "heat_in_radiation"  # in checkpoints, beside a


class Expansion(Observable):
    """A history that is known before the run. `background`: the one that the lattice steps in."""

    known = True

    def __init__(self, background: Background) -> None:
        self.background = background

    def begin(self, tau: float, energy: Callable[[float], float]) -> None:
        """Called once the fields are set at conformal time tau; energy(a) is their a^4 rho."""
        del tau, energy

    def a(self, tau: float) -> float:
        """Scale factor at tau, which is now."""
        return float(self.background.scale_factor(tau))

    def hubble(self, tau: float) -> float:
        """a'/a at tau, which is now."""
        return float(self.background.conformal_hubble(tau))

    def instant(self, tau: float) -> Instant:
        """At tau, which is now."""
        return self.background.instant(tau)

    def free_time(self, tau: float) -> float:
        """The conformal time at which the history without gauge fields has the a of now."""
        return tau

    def step(self, stepper: Stepper, *, tau: float, dt: float, close: bool) -> float:
        """A step of the fields; returns the conformal energy that expansion and heat take."""
        return stepper.step(tau=tau, dt=dt, close=close)

    def readings(self, row: Mapping[str, float], limits: ChecksKeys) -> Iterator[Reading]:
        """Numbers of a row with their limits."""
        del row, limits
        return iter(())

    def state(self) -> dict[str, float]:
        """Numbers for a checkpoint, beside tau and a."""
        return {}

    def restore(self, numbers: Mapping[str, float]) -> None:
        """From the numbers of a checkpoint."""
        del numbers


class Frozen(Background):
    """The a of one step, at all of its times. a'/a is one, so that the work of expansion comes out
    per unit of it."""

    kind = "friedmann"

    def __init__(self) -> None:
        self.a = 1.0

    def scale_factor(self, tau: Values) -> Values:
        """a."""
        return tau * 0.0 + self.a

    def conformal_hubble(self, tau: Values) -> Values:
        """1."""
        return tau * 0.0 + 1.0

    def tau_of(self, a: Values) -> Values:
        """Raises ValueError."""
        raise ValueError("the scale factor of a step does not tell the time")


class SelfConsistent(Expansion):
    """a and v = a' move with the fields. `history` is that without gauge fields: the run starts
    at its a."""

    known = False

    def __init__(self, history: Friedmann) -> None:
        self._frozen, self._history = Frozen(), history
        super().__init__(self._frozen)
        self._unit = 6 * history.planck**2  # of the momentum
        self.v, self._heat = 1.0, 0.0

    def begin(self, tau: float, energy: Callable[[float], float]) -> None:
        """v from the constraint with all energies."""
        a = self._frozen.a = float(self._history.scale_factor(tau))
        self.v = self._history.speed(a, energy(a) + self._heat)

    def hubble(self, tau: float) -> float:
        """v/a."""
        del tau
        return self.v / self._frozen.a

    def instant(self, tau: float) -> Instant:
        """Of now."""
        return Instant(tau, self._frozen.a, self.v)

    def free_time(self, tau: float) -> float:
        """At the same a, and so at the same temperature."""
        del tau
        return float(self._history.tau_of(self._frozen.a))

    def step(self, stepper: Stepper, *, tau: float, dt: float, close: bool) -> float:
        """With one a for all flows, and the kick of v behind them. The fields of every step are
        closed, because the next one has another a. Heat goes to the radiation.

        Raises NumericalError where a no longer grows.
        """
        del close
        frozen, before = self._frozen, self.v
        frozen.a += dt / 2 * self.v
        taken = stepper.step(tau=tau, dt=dt, close=True)
        heat = stepper.heat()
        work = (taken - heat) / frozen.a  # per a'
        self.v += dt / 2 * self._history.fluid_slope(frozen.a) - work / self._unit
        frozen.a += dt / 2 * self.v
        if not 0 < self.v < math.inf:
            raise NumericalError(
                f"the scale factor of background.kind: friedmann stops growing at tau = "
                f"{tau + dt:.6g}: da/dtau is {self.v:.3g}. Use a smaller time.courant."
            )
        self._heat += heat
        return heat + work * (before + self.v) / 2

    def columns(self) -> dict[str, SeriesColumn]:
        """friedmann_constraint."""
        about = "3 M_Pl^2 a'^2/(a^4 rho) - 1 with the density of everything"
        return {CONSTRAINT: SeriesColumn(Group.BALANCE, "1", about)}

    def row(self, now: Moment) -> dict[str, float]:
        """The value of `columns`."""
        speed = self._history.speed(now.a, now.conformal_energy + self._heat)
        return {CONSTRAINT: (self.v / speed) ** 2 - 1}

    def readings(self, row: Mapping[str, float], limits: ChecksKeys) -> Iterator[Reading]:
        """The constraint, with the limit of the energy balance, whose place it takes."""
        yield Reading(
            "energy_balance_max", "the error of the Friedmann constraint", abs(row[CONSTRAINT]),
            of_residual(limits.energy_balance_max), "Use a smaller time.courant.",
        )  # fmt: skip

    def state(self) -> dict[str, float]:
        """a', and the heat that has gone to the radiation."""
        return {_SPEED: self.v, _HEAT: self._heat}

    def restore(self, numbers: Mapping[str, float]) -> None:
        """To the bit."""
        self._frozen.a = numbers["a"]
        self.v, self._heat = numbers[_SPEED], numbers[_HEAT]


def expansion(config: Config) -> Expansion:
    """Of a run."""
    history = config.expansion
    return SelfConsistent(history) if isinstance(history, Friedmann) else Expansion(history)

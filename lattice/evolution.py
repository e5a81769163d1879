"""One run in memory: the lattice, its time integrator, its measurements, and how to save and
restore all of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from itertools import chain, pairwise
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np

from darklat.errors import BadValueError
from darklat.kernels.backends import Backend
from darklat.lattice import plan, records
from darklat.lattice.clock import Clock
from darklat.lattice.expansion import expansion
from darklat.lattice.following import Follower
from darklat.lattice.guards import Guards
from darklat.lattice.linear_phase import phase
from darklat.lattice.maps import maps
from darklat.lattice.records import Series, SpectraRecord
from darklat.lattice.sectors.base import Moment, Start
from darklat.lattice.sectors.ratios import Ratios
from darklat.lattice.shared import SharedPlanes
from darklat.lattice.spectra import SpectrumPlan
from darklat.physics import alp, observables
from darklat.physics.background import Instant
from darklat.physics.quantities import Described, Placed, State
from darklat.physics.units import UnitNames
from darklat.schema import Config
from darklat.schema.inputs import NO_INPUTS, Inputs

FIELDS = "fields/"  # the folder of the fields in a checkpoint
_ROUNDING = 1e-9  # of a scale factor
_LAST = "last/"  # the numbers of the last followed outputs in a checkpoint
Given = ParamSpec("Given")
Found = TypeVar("Found")


def _on_its_device(
    method: Callable[Concatenate[Evolution, Given], Found],
) -> Callable[Concatenate[Evolution, Given], Found]:
    """The method, which works on the device in whichever thread it is called."""

    @wraps(method)
    def wrapped(self: Evolution, *args: Given.args, **kwargs: Given.kwargs) -> Found:
        with self.backend.working():
            return method(self, *args, **kwargs)

    return wrapped


class Evolution:
    """A run of `config` on `backend`; `inputs` holds the contents of the files that it names.

    `start` or `restore` first, then `step` and `record`. `clock` is that of a run which has begun
    (default: that of the config).
    """

    def __init__(
        self,
        config: Config,
        backend: Backend,
        inputs: Inputs = NO_INPUTS,
        *,
        clock: Clock | None = None,
    ) -> None:
        self.config, self.backend, self.letters = config, backend, config.letters
        self.inputs, self.background = inputs, config.expansion
        self.unit = UnitNames(alp=config.model.alp is not None)
        ranks = backend.ranks
        self._sharing = SharedPlanes(ranks) if ranks.size > 1 else None
        if clock is None:  # rank 0 decides: a linear phase is searched by the host's own arithmetic
            clock = ranks.broadcast(plan.clock(config) if ranks.rank == 0 else None)
        assert clock is not None
        self.clock = clock
        self.schedule = plan.schedule(config, self.clock)
        with backend.working():
            self.expansion = expansion(config)
            stepped = self.expansion.background
            self.lattice = plan.lattice(config, backend, inputs, self.clock, stepped)
            self.scheme = plan.scheme(config)
            self.stepper = self.scheme.on(self.lattice)
            self.modes = SpectrumPlan(backend, n=config.lattice.sites, box=config.lattice.box)
            sectors = self.lattice.sectors
            self._observables = [*sectors, Ratios(config), self.expansion]
            self.series = Series(records.series_columns(self._observables, self.unit))
            self.spectra = SpectraRecord(
                self.modes.bins, records.spectra_columns(sectors, self.unit), self.unit
            )
            self.guards = Guards(config)
            output = config.output
            self._followers = {
                "series": Follower(output.series_also, self.letters),
                "spectra": Follower(output.spectra_also, self.letters),
            }
            self._power_at_cutoff = 0.0  # at the last spectra
            self.done, self.spent, self.energy_start = 0, 0.0, math.nan

    @property
    def tau(self) -> float:
        """Conformal time now."""
        return self.clock.tau(self.done)

    @property
    def a(self) -> float:
        """Scale factor now."""
        return self.expansion.a(self.tau)

    @property
    def now(self) -> Instant:
        """Time, scale factor and a' at a closed step."""
        return self.expansion.instant(self.tau)

    # ---- Start and steps ----

    @_on_its_device
    def start(self, report: Callable[[float], None] = lambda tau: None) -> None:
        """The initial state and the first row of every output; with a linear phase, that phase and
        its rows.

        report: called with the conformal time of every row of the linear phase, which an error
        that it raises ends. Raises InputError, NumericalError.
        """
        first = plan.first_time(self.config)
        self._initial_state(first)
        linear = first < self.clock.tau_start
        if linear:
            self._linear_phase(first, report)
        else:
            self.expansion.begin(self.tau, self.energy_at)
        for sector in self.lattice.sectors:
            sector.steps_from(self.now)
        if linear:
            return
        self.energy_start = self.energy()
        if self.energy_start == 0 and self.config.initial.kind == "file":
            raise BadValueError(
                "initial.file",
                "these fields have no energy: all are zero, and nothing will happen to them",
            )
        self.record()

    def _initial_state(self, tau: float) -> None:
        """Sets theta, pi, X and D, and with them E, to the initial state at conformal time tau."""
        if self.inputs.evolved is not None:
            self._set_fields(self.inputs.evolved.arrays, of_the_run=False)
            self.lattice.update_electric()
            return
        a = float(self.background.scale_factor(tau))
        for sector in self.lattice.sectors:
            sector.start(Start(self.config, self.inputs, tau, a))
        self.lattice.update_displacement()
        self.lattice.update_electric()

    def _linear_phase(self, first: float, report: Callable[[float], None]) -> None:
        """To the state at the hand-over, with a row there and at every time of a spectrum before
        it."""
        times = phase.times(first, self.clock.tau_start, self.config.output.spectra_interval)
        modes = phase.modes_of(self.lattice)
        self._linear_row(first, modes)
        report(first)
        for before, now in pairwise(times):
            phase.advance(self.lattice, modes, self.config, start=before, end=now)
            self._linear_row(now, modes)
            report(now)

    def _linear_row(self, tau: float, modes: np.ndarray) -> None:
        """The balance starts from the energy of the homogeneous ALP. It thus begins with the share
        of the gauge fields, which the linear equations leave out."""
        self.energy_start = self._free_density(tau) * self.background.scale_factor(tau) ** 4
        self.expansion.begin(tau, self.energy_at)
        self._measure(tau, series=True, spectra=True, modes=modes)

    @_on_its_device
    def step(self) -> None:
        """One step in time."""
        closes = self.schedule.closes(self.done + 1)
        dt = self.clock.dt(self.done)
        self.spent += self.expansion.step(self.stepper, tau=self.tau, dt=dt, close=closes)
        self.done += 1
        end = self.config.time.a_end
        if not self.expansion.known and end is not None and self.a >= end * (1 - _ROUNDING):
            self._end_here()
        if self.closed:
            for sector in self.lattice.sectors:
                self.spent += sector.at_closed_step(self.now)

    def _end_here(self) -> None:
        """The scale factor, which the fields move, has come to its end: the steps that were left
        for the slowest expansion are not taken."""
        self.clock = self.clock.ended(self.done)
        self.schedule = plan.schedule(self.config, self.clock)

    @property
    def closed(self) -> bool:
        """Whether the last step is closed, so that the fields may be looked at."""
        return self.schedule.closes(self.done)

    # ---- Measurement ----

    @_on_its_device
    def record(self) -> dict[str, float] | None:
        """Measures everything that is due now and checks it; returns the new row of the series, if
        there is one.

        Raises NumericalError, after the row has been added, when a check fails.
        """
        wants_series = self.schedule.series(self.done)
        wants_spectra = self.schedule.spectra(self.done)
        if any(follower.active for follower in self._followers.values()):
            row = self.row()
            wants_series = wants_series or self._followers["series"].due(row)
            wants_spectra = wants_spectra or self._followers["spectra"].due(row)
        if not (wants_series or wants_spectra):
            if self.schedule.check(self.done):
                self.check()
            return None
        return self._measure(self.tau, series=wants_series, spectra=wants_spectra)

    def _measure(
        self, tau: float, *, series: bool, spectra: bool, modes: np.ndarray | None = None
    ) -> dict[str, float] | None:
        """Adds the state at conformal time tau, which is now, to the wanted outputs; see `record`.
        modes: of the linear phase."""
        now = self._moment(tau)  # brings E up to date
        if modes is not None:
            phase.refuse_back_reaction(now)
        if spectra:
            found = self.modes.measure(self.lattice.sectors, now.a, modes)
            self.spectra.append(tau, now.a, found.spectra)
            self._power_at_cutoff = found.power_at_cutoff
        row = self._row(now)
        for name, kept in (("series", series), ("spectra", spectra)):
            if kept:
                self._followers[name].keep(row)
        if not series:
            return None
        self.series.append(row)
        self._check(row)
        return row

    @_on_its_device
    def energy(self) -> float:
        """a^4 rho of everything now."""
        return self.energy_at(self.a)

    def energy_at(self, a: float) -> float:
        """a^4 rho of everything now, at scale factor a."""
        return self.lattice.measure(a).conformal_energy

    @_on_its_device
    def record_spectra(self) -> None:
        """Adds the spectra of now, which are due or not, to those that are kept."""
        self._measure(self.tau, series=False, spectra=True)

    @_on_its_device
    def check(self) -> None:
        """Raises NumericalError when a check fails now; writes nothing."""
        self._check(self.row())

    @_on_its_device
    def row(self) -> dict[str, float]:
        """The row of the series now, which is not added to it. Brings E up to date."""
        return self._row(self._moment(self.tau))

    def _moment(self, tau: float) -> Moment:
        free = None
        if self.config.model.alp:
            free = self._free_density(self.expansion.free_time(tau))
        return self.lattice.measure(self.expansion.a(tau), tau=tau, free=free)

    def _free_density(self, tau: float) -> float:
        """Of the ALP without gauge fields."""
        model = self.config.model.alp
        assert model is not None  # who asks has an ALP
        return float(
            alp.density(
                self.background,
                mass=self.config.mass,
                theta_initial=model.theta_initial,
                potential=model.V,
                tau=tau,
            )
        )

    def _row(self, now: Moment) -> dict[str, float]:
        """The values of all columns, by name."""
        row = {
            "tau": now.tau,
            "a": now.a,
            "hubble": self.expansion.hubble(now.tau),
            "energy_balance": observables.energy_balance(
                now.conformal_energy, self.energy_start, self.spent
            ),
            "power_at_cutoff": self._power_at_cutoff,
            **now.densities.columns(),
        }
        for each in self._observables:
            row |= each.row(now)
        return {name: value for name, value in row.items() if name in self.series.columns}

    def _check(self, row: dict[str, float]) -> None:
        scale = self.unit("a_osc")
        when = f"at step {self.done}, tau = {row['tau']:.6g}, a/{scale} = {row['a']:.6g}"
        courant = self.clock.dt(self.done) / plan.longest_stable_step(self.config, row["a"])
        limits = self.config.checks
        of_sectors = chain.from_iterable(s.readings(row, limits) for s in self.lattice.sectors)
        readings = chain(of_sectors, self.expansion.readings(row, limits))
        self.guards.examine(row, readings, courant=courant, when=when)

    # ---- State ----

    @_on_its_device
    def fields(self) -> dict[str, Described]:
        """The evolved fields on the host, as float64 in program units, in which they are exact; of
        many ranks, the own planes."""
        f = self.lattice.fields
        found = {}
        for sector in self.lattice.sectors:
            for name, own in sector.evolved().items():
                values = f.in_f(own.array) if own.gauge else f.on_host(own.array)
                units = self.unit(own.units)
                sharing = None if own.of_the_run else self._sharing
                found[name] = Described(values, units, own.description, sharing=sharing)
        return found

    @_on_its_device
    def snapshot(self) -> dict[str, Placed]:
        """theta and theta' of an ALP, and the components of E and X of every field, each [own
        planes, n, n]."""
        self.lattice.update_electric()
        return {
            name: replace(own, units=self.unit(own.units), sharing=self._sharing)
            for sector in self.lattice.sectors
            for name, own in sector.snapshot(self.a).items()
        }

    @_on_its_device
    def maps(self) -> dict[str, Described]:
        """Slices, projections and histograms now (lattice/maps.py)."""
        return maps(self.lattice, self.a, self.unit)

    @property
    def has_spectra_now(self) -> bool:
        """Whether spectra have been recorded at this very time."""
        return bool(self.spectra.times) and self.spectra.times[-1][0] == self.tau

    def state(self) -> State:
        """Everything that `restore` needs."""
        arrays = {f"{FIELDS}{name}": described for name, described in self.fields().items()}
        arrays["clock"] = Described(
            self.clock.table(),
            "mixed",
            "stretches of equal steps: steps before it, steps, conformal time, length of a step",
        )
        arrays["series"] = Described(
            self.series.table(), "mixed", "rows of series.h5: " + ", ".join(self.series.columns)
        )
        for name, values in self.spectra.arrays().items():
            arrays[f"spectra/{name}"] = Described(values, "as in spectra.h5", "rows of spectra.h5")
        numbers = {
            "spent": self.spent,
            "energy_start": self.energy_start,
            "power_at_cutoff": self._power_at_cutoff,
            "tau": self.tau,
            "a": self.a,
            **self.expansion.state(),
        }
        for name, follower in self._followers.items():
            numbers |= {f"{_LAST}{name}/{x}": value for x, value in follower.last.items()}
        return State(self.done, numbers, arrays)

    @_on_its_device
    def restore(self, state: State) -> None:
        """Goes on from a checkpoint, to the bit."""
        fields = {k: v.values for k, v in state.arrays.items() if k.startswith(FIELDS)}
        self._set_fields({k.removeprefix(FIELDS): values for k, values in fields.items()})
        self.spectra.restore(
            {
                k.removeprefix("spectra/"): v.values
                for k, v in state.arrays.items()
                if k.startswith("spectra/")
            }
        )
        self.take_course(state)

    @_on_its_device
    def take_course(self, state: State) -> None:
        """Goes on with the rows, the accounts and the steps of a checkpoint, which does not have to
        be of this lattice."""
        self._restore_series(state.arrays["series"])
        self.expansion.restore(state.numbers)
        self.done = state.step
        self.spent, self.energy_start = state.numbers["spent"], state.numbers["energy_start"]
        self._power_at_cutoff = state.numbers["power_at_cutoff"]
        for name, follower in self._followers.items():
            own = f"{_LAST}{name}/"
            if follower.active:
                follower.keep(self.series.last())  # for numbers that are followed from now on
            follower.last |= {
                k.removeprefix(own): v for k, v in state.numbers.items() if k.startswith(own)
            }
        for sector in self.lattice.sectors:
            sector.steps_from(self.now)

    def _restore_series(self, saved: Described) -> None:
        """The rows of a checkpoint. One of format 3 lacks columns that follow from the time, and
        `hubble` was a'/a^2 once."""
        names = saved.description.partition(": ")[2].split(", ")
        self.series.rows.clear()
        for values in saved.values:
            row = dict(zip(names, map(float, values), strict=True))
            if self.expansion.known:
                row["hubble"] = self.expansion.hubble(row["tau"])
            if "rho_free" not in row and self.config.model.alp:
                row["rho_free"] = self._free_density(row["tau"])
            self.series.append(row)

    def _set_fields(self, arrays: Mapping[str, np.ndarray], *, of_the_run: bool = True) -> None:
        """The inverse of `fields`; of_the_run: with the arrays of the course of a run."""
        f = self.lattice.fields
        for sector in self.lattice.sectors:
            for name, own in sector.evolved().items():
                if own.of_the_run and not of_the_run:
                    continue
                values = arrays[name]
                own.array[...] = f.gauge_values(values) if own.gauge else f.backend.array(values)


def last_power(evolution: Evolution, letter: str) -> tuple[np.ndarray, np.ndarray]:
    """Power per ln k of B of a field in the last spectrum, both helicities: sum and difference."""
    power = evolution.spectra.power
    plus, minus = (np.asarray(power[f"B_{letter}_{sign}"][-1]) for sign in ("plus", "minus"))
    return plus + minus, plus - minus

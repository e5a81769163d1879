"""One run in memory: the lattice, its time integrator, what it has measured, and how to save and
restore all of it."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from darklat.kernels.backends import Backend
from darklat.lattice import averages, plan
from darklat.lattice.averages import Averages
from darklat.lattice.columns import (
    ALP_STATE,
    CONDUCTING_STATE,
    MASSIVE_STATE,
    NOT_IN_F,
    PAIR_STATE,
    STATE,
    mixing_coupling,
    series_columns,
    spectra_columns,
)
from darklat.lattice.guards import Guards
from darklat.lattice.lattice import Lattice
from darklat.lattice.linear_phase import phase
from darklat.lattice.records import Series, SpectraRecord
from darklat.lattice.sectors.pairs import PairSource
from darklat.lattice.sectors.plasma import profile
from darklat.lattice.spectra import SpectrumPlan
from darklat.lattice.start import initial
from darklat.physics import alp, observables
from darklat.physics.background import Background
from darklat.physics.quantities import Column, Described, State
from darklat.physics.units import UnitNames
from darklat.schema import Config
from darklat.schema.inputs import NO_INPUTS, Inputs

CLOSE_STEPS = 8  # at most so many steps that leave something to the next: a stop waits for them
CHECK_STEPS = 6 * CLOSE_STEPS  # at most so many between two checks, however rare the outputs


class Evolution:
    """A run of `config` on `backend`; `inputs` holds the contents of the files that it names.

    `start` or `restore` first, then `step` and `record`.
    """

    def __init__(self, config: Config, backend: Backend, inputs: Inputs = NO_INPUTS) -> None:
        self.config, self.backend, self.letters = config, backend, config.letters
        self.inputs = inputs
        self.unit = UnitNames(alp=config.model.alp is not None)
        self.background = Background(config.background.kind)
        self.clock = plan.clock(config)
        self.lattice = Lattice(
            backend,
            couplings=config.coupling_matrix,
            dx=config.dx,
            mass=config.mass,
            background=self.background,
            conductor=plan.conductivity(config) if config.conducting else None,
            massive=plan.massive(config, inputs),
            profiles=[profile(config, letter, inputs) for letter in config.massive],
            alp=config.model.alp is not None,
        )
        self.pairs = PairSource(config, self.lattice) if config.makes_pairs else None
        self.scheme = plan.scheme(config)
        self.stepper = self.scheme.on(self.lattice)
        self.snapshot_steps = {self._step_at(x) for x in config.output.snapshots}
        self.modes = SpectrumPlan(backend, n=config.lattice.sites, box=config.lattice.box)
        self.series = Series(self._named(series_columns(config)))
        self.spectra = SpectraRecord(
            self.modes.bins, self._named(spectra_columns(self.letters, config.massive)), self.unit
        )
        self.guards = Guards(config)
        self._power_at_cutoff = 0.0  # at the last spectra
        self.done, self.spent, self.energy_start = 0, 0.0, math.nan
        self._grown = self.tau  # until when the plasmas of pairs have

    @property
    def tau(self) -> float:
        """Conformal time now."""
        return self.clock.tau(self.done)

    @property
    def a(self) -> float:
        """Scale factor now."""
        return float(self.background.scale_factor(self.tau))

    def _named(self, columns: dict[str, Column]) -> dict[str, Column]:
        """The columns with the names that the run's units have."""
        return {name: Column(self.unit(c.units), c.description) for name, c in columns.items()}

    def start(self) -> None:
        """The initial state and the first row of every output; with a linear phase, that phase and
        its rows.

        Raises InputError, NumericalError.
        """
        first = plan.first_time(self.config)
        initial.prepare(self.lattice, self.config, self.inputs, first)
        if first < self.clock.tau_start:
            self._linear_phase(first)
            return
        self.energy_start = averages.measure(self.lattice, self.letters, self.a).conformal_energy
        self.record()

    def _linear_phase(self, first: float) -> None:
        """To the state at the hand-over, with a row there and at every time of a spectrum before
        it."""
        times = phase.times(first, self.clock.tau_start, self.config.output.spectra_interval)
        modes = phase.modes_of(self.lattice)
        self._linear_row(first, modes)
        for before, now in pairwise(times):
            phase.advance(self.lattice, modes, self.config, start=before, end=now)
            self._linear_row(now, modes)

    def _linear_row(self, tau: float, modes: np.ndarray) -> None:
        """The energy that the balance starts from is the homogeneous ALP's: it begins with the
        share of the gauge fields, which is what the linear equations leave out."""
        self.energy_start = self._free_density(tau) * self.background.scale_factor(tau) ** 4
        self._measure(tau, series=True, spectra=True, modes=modes)

    def step(self) -> None:
        """One step in time."""
        closed = self._closes(self.done + 1)
        self.spent += self.stepper.step(tau=self.tau, dt=self.clock.dt(self.done), close=closed)
        self.done += 1
        if self.pairs and closed:
            self.spent -= self.pairs.grow(a=self.a, duration=self.tau - self._grown)
            self._grown = self.tau

    @property
    def closed(self) -> bool:
        """Whether the last step left nothing to the next, so that the fields may be looked at: at
        the same steps in every run of a config, and every CLOSE_STEPS at least."""
        return self._closes(self.done)

    def _closes(self, step: int) -> bool:
        output, clock = self.config.output, self.clock
        return (
            step % CLOSE_STEPS == 0
            or step in self.snapshot_steps
            or clock.due(step, output.series_interval)
            or clock.due(step, output.spectra_interval)
        )

    def due(self, interval: float) -> bool:
        """Whether an output that comes every `interval` of conformal time comes now; the end always
        does."""
        return self.clock.due(self.done, interval)

    def record(self) -> dict[str, float] | None:
        """Measures what is due now and checks it; returns the new row of the series, if there is
        one.

        Raises NumericalError, after the row has been added, when a check fails.
        """
        output = self.config.output
        wants_series = self.due(output.series_interval)
        wants_spectra = self.due(output.spectra_interval)
        if not (wants_series or wants_spectra):
            if self.done % CHECK_STEPS == 0:
                self.check()
            return None
        return self._measure(self.tau, series=wants_series, spectra=wants_spectra)

    def _measure(
        self, tau: float, *, series: bool, spectra: bool, modes: np.ndarray | None = None
    ) -> dict[str, float] | None:
        """Adds to what is wanted the state now, at conformal time tau; see `record`. modes: of the
        linear phase."""
        a = float(self.background.scale_factor(tau))
        now = averages.measure(self.lattice, self.letters, a)  # brings E up to date
        if modes is not None:
            phase.refuse_back_reaction(now)
        if spectra:
            found = self.modes.measure(self.lattice, self.letters, a, modes)
            self.spectra.append(tau, a, found.spectra)
            self._power_at_cutoff = found.power_at_cutoff
        if not series:
            return None
        row = self._row(tau, now)
        self.series.append(row)
        self._check(row)
        return row

    def check(self) -> None:
        """Raises NumericalError when a check fails now; writes nothing."""
        now = averages.measure(self.lattice, self.letters, self.a)
        self._check(self._row(self.tau, now))

    def _free_density(self, tau: float) -> float:
        """Of the ALP without gauge fields."""
        model = self.config.model.alp
        assert model is not None  # who asks has an ALP
        return float(
            alp.density(
                self.background,
                mass=self.config.mass,
                theta_initial=model.theta_initial,
                potential=model.potential,
                tau=tau,
            )
        )

    def _row(self, tau: float, now: Averages) -> dict[str, float]:
        row = {
            "tau": tau,
            "a": now.a,
            "energy_balance": observables.energy_balance(
                now.conformal_energy, self.energy_start, self.spent
            ),
            "power_at_cutoff": self._power_at_cutoff,
        }
        for letter in self.letters:
            row[f"rho/{letter}"] = now.rho_gauge(letter)
            row[f"gauss/{letter}"] = now.gauge[letter].gauss
        for letter, own in now.massive.items():
            row[f"lorenz/{letter}"] = own.lorenz
            if self.config.model.fields[letter].plasma.kind != "none":
                row[f"rho/{letter}_plasma"] = now.rho_plasma(letter)
        if self.config.model.alp:
            row |= self._alp_columns(tau, now)
        dark, photon = self.config.dark, self.config.photon
        if dark and photon and (mixing := mixing_coupling(self.config)):
            row["b"] = observables.magnetic_mixing_efficiency(
                row[f"rho/{photon}"], row[f"rho/{dark}"], mixing
            )
        return row

    def _alp_columns(self, tau: float, now: Averages) -> dict[str, float]:
        """Of the ALP, and what is measured against an ALP without gauge fields."""
        free = self._free_density(tau)
        columns = {
            "r": observables.relic_fraction(now.rho_alp, free),
            "rho/theta": now.rho_alp,
            "theta_mean": now.theta,
            "theta_rms": math.sqrt(max(now.theta_sq, 0.0)),
        }
        if dark := self.config.dark:
            rho_X = now.rho_gauge(dark)
            columns["epsilon"] = observables.dark_radiation_fraction(rho_X, free, now.a)
        return columns

    def _check(self, row: dict[str, float]) -> None:
        scale = self.unit("a_osc")
        when = f"at step {self.done}, tau = {row['tau']:.6g}, a/{scale} = {row['a']:.6g}"
        courant = self.clock.dt(self.done) / plan.longest_stable_step(self.config, row["a"])
        self.guards.examine(row, courant=courant, when=when)

    def fields(self) -> dict[str, Described]:
        """The evolved fields on the host."""
        return {
            name: Described(self._on_host(name, array), self.unit(units), description)
            for name, (array, units, description) in self._evolved().items()
        }

    def _on_host(self, name: str, array: Any) -> np.ndarray:
        """An evolved array as float64 in program units, in which it is exact."""
        if name in NOT_IN_F:
            return self.backend.to_host(array).astype(np.float64)
        return self.lattice.in_f(array)

    def _evolved(self) -> dict[str, tuple[Any, str, str]]:
        """Arrays, units and descriptions of what evolves."""
        state = ALP_STATE if self.config.model.alp else {}
        state = state | STATE | (CONDUCTING_STATE if self.config.conducting else {})
        found = {name: (getattr(self.lattice, name), *about) for name, about in state.items()}
        if self.lattice.massive:
            of_massive = MASSIVE_STATE | (PAIR_STATE if self.pairs else {})
            for name, about in of_massive.items():
                found[name] = (getattr(self.lattice.massive, name), *about)
        return found

    def _step_at(self, a: float) -> int:
        """The step nearest to that scale factor, or time in a static background."""
        static = self.background.kind == "static"
        return self.clock.nearest_step(a if static else self.background.tau_of(a))

    def snapshot(self) -> dict[str, Described]:
        """theta of an ALP, and the components of E and X of every field, each [n, n, n]; E must be
        up to date."""
        out = {}
        if self.config.model.alp:
            theta = self._on_host("theta", self.lattice.theta)
            out["theta"] = Described(theta, "1", "ALP field phi/f")
        self.lattice.update_electric()
        for i, letter in enumerate(self.letters):
            for name, units in (("E", "f/tau_osc"), ("X", "f")):
                values = self.lattice.in_f(getattr(self.lattice, name)[i])
                for c, axis in enumerate("xyz"):
                    about = f"{name} of field {letter}, component {axis}, on the links along {axis}"
                    described = Described(values[c], self.unit(units), about)
                    out[f"{name}_{letter}_{axis}"] = described
        return out

    def state(self) -> State:
        """Everything that `restore` needs."""
        arrays = {f"fields/{name}": described for name, described in self.fields().items()}
        arrays["series"] = Described(
            self.series.table(), "mixed", "rows of series.h5: " + ", ".join(self.series.columns)
        )
        for name, values in self.spectra.arrays().items():
            arrays[f"spectra/{name}"] = Described(values, "as in spectra.h5", "rows of spectra.h5")
        numbers = {
            "spent": self.spent,
            "energy_start": self.energy_start,
            "power_at_cutoff": self._power_at_cutoff,
        }
        return State(self.done, numbers, arrays)

    def restore(self, state: State) -> None:
        """Goes on from a checkpoint, to the bit."""
        for name, (array, *_) in self._evolved().items():
            values = state.arrays[f"fields/{name}"].values
            of_gauge = name not in NOT_IN_F
            array[...] = (
                self.lattice.gauge_values(values) if of_gauge else self.backend.array(values)
            )
        self.series.rows = [list(map(float, row)) for row in state.arrays["series"].values]
        self.spectra.restore(
            {
                k.removeprefix("spectra/"): v.values
                for k, v in state.arrays.items()
                if k.startswith("spectra/")
            }
        )
        self.done = state.step
        self.spent, self.energy_start = state.numbers["spent"], state.numbers["energy_start"]
        self._power_at_cutoff = state.numbers["power_at_cutoff"]
        self._grown = self.tau


def last_power(simulation: Evolution, letter: str) -> tuple[np.ndarray, np.ndarray]:
    """Power per ln k of B of a field in the last spectrum, both helicities: sum and difference."""
    power = simulation.spectra.power
    plus, minus = (np.asarray(power[f"B_{letter}_{sign}"][-1]) for sign in ("plus", "minus"))
    return plus + minus, plus - minus

"""A run in memory, step by step, without a file."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from darklat.api.origin import origin_of, refuse_no_config
from darklat.api.spectra import RecordedSpectrum, SpectrumNow
from darklat.driver import feasibility
from darklat.driver.stepping import advance, interrupts_held
from darklat.errors import BadValueError, InputError
from darklat.lattice import plan
from darklat.lattice.evolution import Evolution
from darklat.physics.numerals import plain
from darklat.schema import Config
from darklat.storage import inputs
from darklat.storage.read_run import Array

ROUNDING = 1e-9  # of times
log = logging.getLogger("darklat")


class Simulation:
    """A run of `config` in memory: it begins with the initial state, and `run` steps on.

    Everything that it gives is a copy on the host, float64 in program units: times in tau_osc,
    scale factors in a_osc, fields in f. Without an ALP these are tau_*, a_* and 1/tau_*. To change
    a copy changes nothing in the simulation.

    config: from `load` or `loads`. backend: "auto", "cpu" or "cuda". device: the number of the GPU.
    A linear phase (initial.linear_until) is done at once. Warnings go to the logger "darklat".

    Raises ConfigError where the configuration cannot be run on this machine or a file that it names
    does not fit. Raises InputError for another argument that cannot be, MachineError, and
    NumericalError as `run`.
    """

    def __init__(self, config: Config, *, backend: str = "auto", device: int = 0) -> None:
        refuse_no_config(config)
        origin = origin_of(config)
        feasibility.check_plan(origin, config)
        chosen = feasibility.make_backend(config, backend, device)
        feasibility.check_memory(origin, config, chosen)
        try:
            self._evolution = Evolution(config, chosen, inputs.read(config))
            for line in plan.warnings(config, self._evolution.clock):
                log.warning("warning: %s", line)
            self._evolution.start()
        except BadValueError as error:  # of a file that is named, or of initial.linear_until
            raise origin.refusal(tuple(error.key.split(".")), error.reason) from error
        self._running = False

    @property
    def config(self) -> Config:
        """Its configuration."""
        return self._evolution.config

    # ---- Time. ----

    @property
    def step(self) -> int:
        """Steps that are done."""
        return self._evolution.done

    @property
    def steps(self) -> int:
        """Steps of the whole run."""
        return self._evolution.clock.steps

    @property
    def tau(self) -> float:
        """Conformal time now (tau_osc)."""
        return self._evolution.tau

    @property
    def a(self) -> float:
        """Scale factor now (a_osc)."""
        return self._evolution.a

    @property
    def finished(self) -> bool:
        """Whether the end of the configuration is reached."""
        return self.step == self.steps

    def run(
        self,
        *,
        until_a: float | None = None,
        until_tau: float | None = None,
        every: float | None = None,
        call: Callable[[Simulation], object] | None = None,
    ) -> None:
        """Steps on to the first closed step at or after a scale factor, a conformal time, or the
        end of the configuration.

        A step is closed at least every eighth time, and wherever an output is due. Only a closed
        step can be measured. Where a call stops changes nothing: to go on afterwards gives the
        same bits as one call to the end.

        `call` gets the simulation at the start. It gets it again at the first closed step at or
        after every multiple of `every` (tau_osc) since the start. Without `every` it gets it at
        every closed step. It cannot change the result. Its exceptions, and an interrupt, end the
        call of `run` at a closed step; another call goes on from there.

        Raises InputError for a time behind the end of the configuration, and for an interval that
        is not positive or without `call`. Raises it inside of `call`, too, and NumericalError when
        a check fails.
        """
        end = self._end(until_a, until_tau)
        if every is not None and not every > 0:
            raise InputError(f"every: must be greater than 0, found {every}")
        if every is not None and call is None:
            raise InputError("every: says how often to call, and there is no call")
        with self._alone():
            if call and self.step == 0:
                call(self)
            while not self.finished and self._now(until_a) < end * (1 - ROUNDING):
                before = self._calls_due(every)
                with interrupts_held():
                    advance(self._evolution)
                if call and (every is None or self._calls_due(every) > before):
                    call(self)

    def _now(self, until_a: float | None) -> float:
        """The scale factor where it says how far to run, else the conformal time."""
        return self.tau if until_a is None else self.a

    def _end(self, until_a: float | None, until_tau: float | None) -> float:
        """The conformal time or scale factor that `run` is asked for."""
        evolution = self._evolution
        last = evolution.clock.tau(self.steps)
        if until_a is None and until_tau is None:
            return last
        if until_a is not None and until_tau is not None:
            raise InputError("until_a and until_tau say the same: give one of them")
        if until_a is None:
            name, asked, most = "until_tau", until_tau, last
        elif not evolution.config.expands:
            raise InputError("until_a: a = 1 throughout in a static background; give until_tau")
        else:
            most = evolution.config.time.a_end or float(evolution.background.scale_factor(last))
            name, asked = "until_a", until_a
        assert asked is not None
        if not 0 < asked <= most * (1 + ROUNDING):
            raise InputError(
                f"{name}: must lie between 0 and {plain(most, 6)}, the end of the configuration, "
                f"found {asked}; time.a_end and time.tau_end set the end"
            )
        return asked

    def _calls_due(self, every: float | None) -> int:
        """Multiples of `every` since the start."""
        since = self.tau - self._evolution.clock.tau_start
        return math.floor(since / every + ROUNDING) if every else 0

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._running:
            raise InputError("a callback cannot step the simulation that it is called with")
        self._running = True
        try:
            yield
        finally:
            self._running = False

    # ---- The fields now. ----

    @property
    def theta(self) -> Array:
        """The ALP phi/f on the sites [n, n, n]. Raises InputError without an ALP."""
        self._need_alp()
        fields = self._evolution.lattice.fields
        return fields.on_host(fields.theta)

    @property
    def theta_prime(self) -> Array:
        """The derivative of theta by conformal time on the sites [n, n, n] (1/tau_osc). Raises
        InputError without an ALP."""
        self._need_alp()
        fields = self._evolution.lattice.fields
        return fields.on_host(fields.pi) / self.a**2

    def X(self, letter: str) -> Array:
        """The vector potential of a field on the links [3, n, n, n] (f), component i at half a link
        along i. Raises InputError when there is no such field."""
        fields = self._evolution.lattice.fields
        return fields.in_f(fields.X[self._place(letter)])

    def E(self, letter: str) -> Array:
        """The electric field of a field on the links [3, n, n, n] (f/tau_osc), component i at half
        a link along i. Raises InputError when there is no such field."""
        lattice = self._evolution.lattice
        lattice.update_electric()
        return lattice.fields.in_f(lattice.fields.E[self._place(letter)])

    def _need_alp(self) -> None:
        if not self._evolution.lattice.alp:
            raise InputError("this model has no ALP (model.alp), so there is no theta")

    def _place(self, letter: str) -> int:
        letters = self._evolution.letters
        if letter not in letters:
            raise InputError(f"there is no field {letter!r}; there are {', '.join(letters)}")
        return letters.index(letter)

    # ---- Measurements. ----

    @property
    def series(self) -> dict[str, Array]:
        """The columns of series.h5 so far, by name ("r", "rho/X"), one value per row."""
        series = self._evolution.series
        return {name: column.values.copy() for name, column in series.described().items()}

    @property
    def spectra(self) -> dict[str, RecordedSpectrum]:
        """The spectra of spectra.h5 so far, by name ("B_X_plus")."""
        found: dict[str, dict[str, Array]] = {}
        for path, described in self._evolution.spectra.described().items():
            quantity, _, name = path.partition("/")
            found.setdefault(quantity, {})[name] = described.values.astype(np.float64)
        return {name: RecordedSpectrum(name=name, **data) for name, data in found.items()}

    def row_now(self) -> dict[str, float]:
        """The row of the series that is measured now; it is not added to `series`.

        `power_at_cutoff` in it comes from the last recorded spectra.
        """
        return self._evolution.row()

    def spectra_now(self) -> dict[str, SpectrumNow]:
        """The spectra that are measured now, by name; they are not added to `spectra`."""
        evolution, bins = self._evolution, self._evolution.modes.bins
        with evolution.backend.working():
            evolution.lattice.update_electric()
            found = evolution.modes.measure(evolution.lattice.sectors, self.a).spectra
        return {
            name: SpectrumNow(
                name=name,
                tau=self.tau,
                a=self.a,
                k=bins.k.copy(),
                khat=bins.khat.copy(),
                dlnk=bins.dlnk.copy(),
                power=spectrum.power.copy(),
                zero=spectrum.zero,
            )
            for name, spectrum in found.items()
        }

    def __repr__(self) -> str:
        return (
            f"<Simulation {self._evolution.config.name}: step {self.step} of {self.steps}, "
            f"a/{self._evolution.unit('a_osc')} = {plain(self.a, 4)}>"
        )

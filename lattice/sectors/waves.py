"""Gravitational waves from the gradients of the ALP and from the gauge fields.

They do not act back on the fields. Their source is taken at every closed step: on the sites
(waves.cu), transformed, and projected onto helicities. The waves themselves are modes
(`wave_modes.py`). Equations: docs/physics/gravitational-waves.md.

A second set follows one mode in `_ONE_IN` with every second sample alone. Its energy against that
of the same modes with all samples tells the cost of sampling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from darklat.kernels.declarations.waves import COMPONENTS, Inertia
from darklat.kernels.layout import Variant
from darklat.lattice.passes import Pass, Passes
from darklat.lattice.sectors.base import (
    Evolved,
    Group,
    Moment,
    Sector,
    SeriesColumn,
    Start,
)
from darklat.lattice.spectra import Contribution, Spectrum, SpectrumPlan, modes_in_bins
from darklat.lattice.wave_modes import HELICITIES, NUMBERS_PER_MODE, WaveModes
from darklat.physics import staggered
from darklat.physics.background import Instant
from darklat.physics.gravitational_waves import critical, strength
from darklat.physics.quantities import Column
from darklat.schema import Config

if TYPE_CHECKING:
    from darklat.lattice.lattice import Lattice

_ONE_IN = 8  # modes with a second set
_COURSE = 1 + len(Instant._fields)  # samples until now; the last one of the second set
_ARRAYS = 2  # v and w; and J of the second set, which the fields of now do not give again


class WaveSector(Sector):
    """The waves of a lattice up to bin number `bins` of |k| (None: all); strength: (f/M_Pl)^4.

    of_means: the order of the means in the source.
    """

    def __init__(
        self,
        lattice: Lattice,
        *,
        strength: float,
        bins: int | None = None,
        of_means: int = staggered.SOURCE_MEANS,
    ) -> None:
        fields, backend = lattice.fields, lattice.backend
        self._backend = backend
        self._strength, self._massive = strength, lattice.massive
        self._S = {name: backend.field("site") for name in COMPONENTS}
        taps = staggered.source_taps(fields.order, of_means=of_means)
        common = {"taps": backend.array(taps.astype(backend.layout.dtype)), **self._S}
        gauge = {"inv_dx": fields.inv_dx, "X": fields.X, "E": fields.E, **common}
        self._source = Pass("wave_source", a=1.0, theta=fields.theta, **gauge)
        others = range(1, fields.variant.gauge_fields)
        passes = [*fields.electric(), self._source]
        passes += [Pass("wave_source_of_field", field=place, **gauge) for place in others]
        if self._massive is not None:
            rows = np.zeros(len(self._massive.media) * len(Inertia._fields))
            self._inertia = backend.array(rows.astype(backend.layout.dtype))
            passes += [
                Pass(
                    "wave_source_of_massive", own=own, inertia=self._inertia, X=fields.X,
                    profile=self._massive.profile, v=self._massive.v, **common,
                )
                for own in range(fields.variant.massive)
            ]  # fmt: skip
        self._passes = Passes(backend, passes)
        plan = SpectrumPlan(backend, n=fields.n, box=fields.n * fields.dx)
        self._some = plan.listed(bins=bins, every=_ONE_IN)
        self.modes = WaveModes(backend, plan.listed(bins=bins))
        self._half = WaveModes(backend, self._some)
        self._course = backend.array(np.zeros(_COURSE))
        self.now = Instant(0.0, 1.0, 1.0)  # of the last sample, once there is one
        self.source_power = np.zeros((len(HELICITIES), len(plan.bins.k)))

    # ---- Memory and state ----

    @staticmethod
    def kept_per_site(variant: Variant) -> int:
        """The source."""
        del variant
        return len(COMPONENTS)

    @staticmethod
    def kept_bytes(config: Config) -> int:
        """v, w and J of both sets and of two copies of the second, and the lists of modes."""
        modes, some = _modes_of(config)
        numbers = (_ARRAYS + 1) * NUMBERS_PER_MODE
        return 8 * numbers * (modes + 3 * some) + 4 * (modes + some)

    @staticmethod
    def saved_bytes(config: Config) -> int:
        """v and w; of the second set J, too; the course."""
        modes, some = _modes_of(config)
        return 8 * (NUMBERS_PER_MODE * (_ARRAYS * modes + (_ARRAYS + 1) * some) + _COURSE)

    def evolved(self) -> dict[str, Evolved]:
        """The waves of both sets, and J and the course of the second."""
        about = "[mode, helicity, 2], real and imaginary part, modes in the order of their bins"
        whole, half = self.modes, self._half
        arrays = {
            "gw_v": (whole.v, "f^2", f"a u of gravitational waves {about}"),
            "gw_w": (whole.w, "f^2/tau_osc", f"(a u)' {about}"),
            "gw_half_v": (half.v, "f^2", f"a u with every second sample {about}"),
            "gw_half_w": (half.w, "f^2/tau_osc", f"(a u)' with every second sample {about}"),
            "gw_half_J": (half.J, "f^2/tau_osc^2", f"source at the last such sample {about}"),
            "gw_course": (self._course, "mixed", "samples; tau, a and a' at the last such"),
        }
        return {
            name: Evolved(array, units, text, gauge=False, of_the_run=True)
            for name, (array, units, text) in arrays.items()
        }

    def start(self, start: Start) -> None:
        """No waves, so that a' does not count yet."""
        self.now = Instant(start.tau, start.a, 1.0)

    def steps_from(self, now: Instant) -> None:
        """The source of now; the waves and the course of a run that goes on are there already."""
        self.now = now
        self._take_source(now.a)
        if self._last_of_half()[0] == 0:
            self._half.J[...] = self.modes.J[::_ONE_IN]
            self._set_course(0, now)

    def go_on(self, other: WaveSector) -> None:
        """With the waves of a lattice of the same box, which may have other sites. Waves that only
        one of both has, and Nyquist planes, begin anew; so does the second set."""
        n, sites = (len(waves.modes.khat) for waves in (other, self))
        theirs, places = self.modes.shared_with(other.modes)
        for own, array in ((self.modes.v, other.modes.v), (self.modes.w, other.modes.w)):
            values = np.zeros(own.shape)
            values[places] = (sites / n) ** 3 * other._backend.to_host(array)[theirs]
            own[...] = self._backend.array(values)
        self._half.take(self.modes, every=_ONE_IN)

    def at_closed_step(self, now: Instant) -> float:
        """Moves the waves to now; takes no energy from the fields."""
        self.modes.leave(self.now, now)
        self._take_source(now.a)
        self.modes.arrive(self.now, now)
        self.now = now
        samples, before = self._last_of_half()
        if samples % 2:
            self._close(self._half, before)
        self._set_course(samples + 1, now if samples % 2 else before)
        return 0.0

    def _close(self, half: WaveModes, before: Instant) -> np.ndarray:
        """Moves a second set, whose last sample was before, to now. Returns the power of u'."""
        half.leave(before, self.now)
        half.J[...] = self.modes.J[::_ONE_IN]
        return half.arrive(before, self.now)

    def _last_of_half(self) -> tuple[int, Instant]:
        """Samples since the first, and the last one of the second set."""
        samples, *last = self._backend.to_host(self._course).tolist()
        return int(samples), Instant(*last)

    def _set_course(self, samples: int, last: Instant) -> None:
        self._course[...] = self._backend.array(np.array([samples, *last]))

    def _take_source(self, a: float) -> None:
        self._source(a=a)
        if self._massive is not None:
            media = self._massive.media.values()
            rows = [Inertia((a * of.mass) ** 2, (a * of.omega_p(a)) ** 2) for of in media]
            dtype = self._backend.layout.dtype
            self._inertia[...] = self._backend.array(np.array(rows, dtype=dtype).ravel())
        self._passes.run()
        transforms = {name: self._all_modes(own) for name, own in self._S.items()}
        self.source_power = self.modes.take_source(transforms)

    def _all_modes(self, field: Any) -> Any:
        """The transform of a site field [n, n, n/2 + 1]. Every rank has all waves: to move them is
        little work beside that of the fields."""
        transform, ranks = self._backend.rfftn(field), self._backend.ranks
        if ranks.size == 1:
            return transform
        by_k_z = ranks.all_planes(np.moveaxis(self._backend.to_host(transform), -1, 0))
        return self._backend.array(np.moveaxis(by_k_z, 0, -1))

    # ---- Measurement ----

    def columns(self) -> dict[str, SeriesColumn]:
        """omega_gw, omega_gw_sampling."""
        return {
            "omega_gw": SeriesColumn(
                Group.RESULT, "1", "energy density of gravitational waves over the critical one"
            ),
            "omega_gw_sampling": SeriesColumn(
                Group.RESULT,
                "1",
                "relative change of omega_gw when every second sample of the source is left out, "
                f"from one mode in {_ONE_IN}",
            ),
        }

    def row(self, now: Moment) -> dict[str, float]:
        """The values of `columns`."""
        del now
        return {
            "omega_gw": float(self.spectrum().sum()),
            "omega_gw_sampling": self.sampling_error(),
        }

    def spectrum(self) -> np.ndarray:
        """Omega_GW at the last sample [helicity, bins]."""
        return self._strength * (self.modes.power(self.now) / critical(self.now.hubble))

    def sampling_error(self) -> float:
        """See `columns`; 0 without waves."""
        same, half = (WaveModes(self._backend, self._some) for _ in range(2))
        same.take(self.modes, every=_ONE_IN)
        half.take(self._half)
        every = same.power(self.now).sum()
        if not every > 0:
            return 0.0
        return float(self._close(half, self._last_of_half()[1]).sum() / every - 1)

    def spectra_columns(self) -> dict[str, Column]:
        """gw_plus, gw_minus, gw_source_plus, gw_source_minus."""
        found = {}
        for sign in HELICITIES:
            found[f"gw_{sign}"] = Column(
                "1", f"Omega of gravitational waves of helicity {sign}, over the critical density"
            )
        for sign in HELICITIES:
            about = f"transverse traceless stress of helicity {sign}, the source of the waves"
            found[f"gw_source_{sign}"] = Column("f^4/tau_osc^4", about)
        return found

    def spectra(
        self, plan: SpectrumPlan, a: float, modes: np.ndarray | None
    ) -> Iterator[Contribution]:
        """Of the waves and of their source; no energy of the fields."""
        if modes is not None:  # the linear phase takes no steps
            self._take_source(a)
        dlnk = plan.bins.dlnk
        found = {}
        for name, power in (("gw", self.spectrum()), ("gw_source", self.source_power)):
            for sign, own in zip(HELICITIES, power, strict=True):
                found[f"{name}_{sign}"] = Spectrum(own / dlnk, 0.0)
        yield Contribution(found, np.zeros(len(dlnk)), 0.0)


def _modes_of(config: Config) -> tuple[int, int]:
    """Numbers of modes of both sets."""
    modes = modes_in_bins(config.lattice.sites, wave_bins(config))
    return modes, -(-modes // _ONE_IN)


def wave_bins(config: Config) -> int | None:
    """The number of bins up to the cut in k, or None for all."""
    keys = config.output.gravitational_waves
    if keys is None or keys.k_max is None:
        return None
    return int(keys.k_max * config.lattice.box / (2 * np.pi) + 1e-9)


def wave_maker(config: Config) -> Callable[[Lattice], WaveSector] | None:
    """The maker of the sector for a configuration that asks for waves; None for others."""
    if config.output.gravitational_waves is None:
        return None

    def make(lattice: Lattice) -> WaveSector:
        return WaveSector(lattice, strength=strength(config.program_units), bins=wave_bins(config))

    return make

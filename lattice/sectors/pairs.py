"""Plasmas that the fields make themselves. omega_p^2 of a field grows site by site at the rate of
the model of physics/pairs/growth.py, which lists its omissions.

The numbers of charges per comoving volume, a^3 omega_p^2, take the place of the profile of
omega_p^2. The history is omega_p^2 = profile/a^3. Every kernel then knows the charges, and they
dilute by themselves. They grow where steps are closed, on the host, at the E of that moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from darklat.kernels.layout import Variant
from darklat.lattice.fields import Fields
from darklat.lattice.sectors.base import Evolved, Sector
from darklat.lattice.sectors.massive import MassiveSector
from darklat.lattice.sectors.on_sites import link_squares
from darklat.physics import observables
from darklat.physics.background import Instant
from darklat.physics.pairs.growth import grown_plasma
from darklat.physics.units import EV_PER_GEV, ProgramUnits
from darklat.schema import Config

if TYPE_CHECKING:
    from darklat.lattice.lattice import Lattice


@dataclass(frozen=True)
class PairModel:
    """The fermion that a field makes pairs of, by its charge and mass, and the run's units."""

    charge: float
    fermion_mass_eV: float
    units: ProgramUnits


class PairSector(Sector):
    """Grows the profiles of the massive fields in `models`, by letter; `measure` brings E and the
    averages of all sectors up to date."""

    def __init__(
        self,
        fields: Fields,
        massive: MassiveSector,
        models: Mapping[str, PairModel],
        measure: Callable[[], None],
    ) -> None:
        self._fields, self._massive, self._measure = fields, massive, measure
        self._models = dict(models)
        self._grown: float | None = None  # conformal time until which the plasmas have grown

    @staticmethod
    def saved_per_site(variant: Variant) -> int:
        """The profiles of all massive fields."""
        return variant.massive

    def evolved(self) -> dict[str, Evolved]:
        """The profiles of all massive fields."""
        about = (
            "a^3 omega_p^2 of plasmas of pairs on the sites, of others omega_p^2 over its mean "
            "[field, n, n, n]"
        )
        return {"profile": Evolved(self._massive.profile, "1/tau_osc^2", about, gauge=False)}

    def steps_from(self, now: Instant) -> None:
        """A checkpoint is of a closed step, where the plasmas have grown."""
        self._grown = now.tau

    def at_closed_step(self, now: Instant) -> float:
        """Grows the plasmas; returns minus the conformal energy, a^4 rho, that it takes to give new
        charges the velocity of their fluid."""
        assert self._grown is not None  # steps_from has been called
        duration, self._grown = now.tau - self._grown, now.tau
        return -self.grow(a=now.a, duration=duration)

    def grow(self, *, a: float, duration: float) -> float:
        """Over a conformal time `duration` up to scale factor a; returns the kinetic energy of the
        new charges."""
        f, before = self._fields, self._kinetic(a)
        for i, (letter, place) in enumerate(self._massive.places.items()):
            if letter not in self._models:
                continue
            model, profile = self._models[letter], self._massive.profile[i]
            hubble = model.units.hubble_eV
            field = model.units.field_GeV * EV_PER_GEV * hubble / a**2  # of E, eV^2
            per_profile = hubble**2 / a**3
            profile[...] = f.backend.array(
                grown_plasma(
                    f.backend.to_host(profile) * per_profile,
                    field * np.sqrt(link_squares(f, f.in_f(f.E[place]))),
                    duration=a * duration / hubble,
                    hubble=hubble / a**2,
                    photon_energy=hubble / a**2,  # E.1
                    fermion_mass=model.fermion_mass_eV,
                    charge=model.charge,
                )
                / per_profile
            )
        return self._kinetic(a) - before

    def _kinetic(self, a: float) -> float:
        """Conformal energy of the fluids; brings E up to date."""
        self._measure()
        averages = self._massive.averages()
        squares = sum(
            self._massive.media[letter].omega_p(a) ** 2 * averages[letter].v_sq
            for letter in self._massive.media
            if letter in self._models
        )
        return a**4 * observables.rho_plasma(squares, a)


def pair_maker(config: Config) -> Callable[[Lattice], PairSector] | None:
    """The maker of the sector for a configuration whose fields make pairs; None for others."""
    models = {}
    for letter in config.massive:
        plasma = config.model.fields[letter].plasma
        if plasma.kind == "pairs":
            assert plasma.charge and plasma.fermion_mass_eV  # the schema's business
            models[letter] = PairModel(plasma.charge, plasma.fermion_mass_eV, config.program_units)

    def make(lattice: Lattice) -> PairSector:
        assert lattice.massive is not None  # a field that makes pairs is a massive one
        return PairSector(lattice.fields, lattice.massive, models, lattice.update_averages)

    return make if models else None

"""Plasmas that the fields make of themselves: omega_p^2 of a field, grown site by site at the rate
of the model of physics/pairs/growth.py, which says what it leaves out.

The numbers of charges per comoving volume, a^3 omega_p^2, take the place of the profile of
omega_p^2, with omega_p^2 = profile/a^3 as the history, so that every kernel knows them and they
dilute by themselves. They grow where steps are closed, on the host, at the E of that moment.
"""

from __future__ import annotations

import numpy as np

from darklat.lattice.lattice import Lattice
from darklat.physics import observables
from darklat.physics.pairs.growth import grown_plasma
from darklat.physics.units import EV_PER_GEV
from darklat.schema import Config


class PairSource:
    """Grows the plasmas of kind pairs of a lattice."""

    def __init__(self, config: Config, lattice: Lattice) -> None:
        self._lattice, self._units = lattice, config.program_units
        plasmas = [config.model.fields[letter].plasma for letter in config.massive]
        self._plasmas = {i: p for i, p in enumerate(plasmas) if p.kind == "pairs"}

    def grow(self, *, a: float, duration: float) -> float:
        """Over a conformal time `duration` up to scale factor a; returns the conformal energy, a^4
        rho, that it takes to give new charges the velocity of their fluid."""
        lattice, before = self._lattice, self._kinetic(a)
        assert lattice.massive is not None  # who makes this has one
        hubble = self._units.hubble_eV
        field = self._units.field_GeV * EV_PER_GEV * hubble / a**2  # of E, eV^2
        for i, plasma in self._plasmas.items():
            assert plasma.charge is not None  # the schema's business
            assert plasma.fermion_mass_eV is not None
            profile, place = lattice.massive.profile[i], lattice.backend.layout.variant.massless + i
            per_profile = hubble**2 / a**3
            profile[...] = lattice.backend.array(
                grown_plasma(
                    lattice.backend.to_host(profile) * per_profile,
                    field * _at_sites(lattice.in_f(lattice.E[place])),
                    duration=a * duration / hubble,
                    hubble=hubble / a**2,
                    photon_energy=hubble / a**2,  # E.1
                    fermion_mass=plasma.fermion_mass_eV,
                    charge=plasma.charge,
                )
                / per_profile
            )
        return self._kinetic(a) - before

    def _kinetic(self, a: float) -> float:
        """Conformal energy of the fluids; brings E up to date."""
        assert self._lattice.massive is not None
        self._lattice.means()
        fields = self._lattice.massive.fields
        squares = sum(
            fields[i].omega_p(a) ** 2 * self._lattice.massive_averages()[i].v_sq
            for i in self._plasmas
        )
        return a**4 * observables.rho_plasma(squares, a)


def _at_sites(E: np.ndarray) -> np.ndarray:
    """|E| [n, n, n] from a link field [3, n, n, n]: E^2 is the mean over the two links of each
    axis."""
    squares = sum(E[c] ** 2 + np.roll(E[c], 1, c) ** 2 for c in range(3))
    return np.sqrt(squares / 2)

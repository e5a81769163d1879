"""The fields on one backend: the arrays that all share, and a sector for each kind of field.

theta, pi = a^2 theta' on sites; X, D, E on links (component i at n + i/2). a and tau are in units
of the moment of oscillation. Equations: docs/physics/alp-dark-photon.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from string import ascii_uppercase
from typing import Any, TypeVar

import numpy as np

from darklat.kernels.backends import Backend
from darklat.lattice.fields import Fields
from darklat.lattice.passes import Passes
from darklat.lattice.sectors import (
    AlpSector,
    ConductorSector,
    GaugeSector,
    MassiveSector,
    Sector,
)
from darklat.lattice.sectors.base import Densities, Moment
from darklat.lattice.sectors.conductor import Conductor
from darklat.lattice.sectors.massive import Massive
from darklat.physics.background import Background

Room = TypeVar("Room", bound=Sector)


class Lattice:
    """Fields, their sectors, and the passes that they share.

    backend: arrays and kernels. couplings: symmetric g_ab [F, F]. dx: spacing. mass: m tau_osc.
    alp: whether there is one. conductor: the medium of the last field, where the backend's layout
    has a conducting one. massive: the media of the massive fields, which come last but for the
    conductor. letters: the names of all fields in the order of the arrays, by default from A on.
    profiles, with_fluid: see MassiveSector. extra: makers of more sectors, which may use the
    sectors before them (`sectors.extra_sectors`). `averages` are the sums of averages.cu as of the
    last `measure`.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        couplings: np.ndarray,
        dx: float,
        mass: float,
        background: Background,
        conductor: Conductor | None = None,
        massive: Sequence[Massive] = (),
        profiles: Sequence[np.ndarray | None] = (),
        with_fluid: Sequence[str] = (),
        extra: Sequence[Callable[[Lattice], Sector]] = (),
        alp: bool = True,
        letters: Sequence[str] = (),
    ) -> None:
        variant = backend.layout.variant
        if (conductor is not None) != variant.conducting:
            raise TypeError("a conductor belongs to a backend with a conducting field")
        if len(massive) != variant.massive:
            raise TypeError("massive fields belong to a backend with as many of them")
        if not alp and np.any(couplings):
            raise TypeError("couplings belong to a lattice with an ALP")
        self.fields = Fields(backend, couplings=couplings, dx=dx, mass=mass, background=background)
        self.letters = tuple(letters) or tuple(ascii_uppercase[: variant.gauge_fields])
        self.backend, self.background = backend, background
        fields, common = self.fields, self.fields.averages()
        self.averages = common
        massless = self.letters[: variant.massless]
        self.sectors: list[Sector] = [AlpSector(fields, common)] if alp else []
        self.sectors.append(
            GaugeSector(fields, common, massless, every=self.letters, alone=not alp)
        )
        if massive:
            own = self.letters[variant.massless : variant.free]
            media = dict(zip(own, massive, strict=True))
            room = MassiveSector(fields, common, media, profiles=profiles, with_fluid=with_fluid)
            self.sectors.append(room)
        if conductor is not None:
            self.sectors.append(ConductorSector(fields, common, self.letters[-1], conductor))
        for make in extra:
            self.sectors.append(make(self))
        self._electric = Passes(backend, fields.electric())
        behind = chain.from_iterable(sector.displacement() for sector in self.sectors)
        self._displacement = Passes(backend, [*fields.displacement(), *behind])
        measurement = chain.from_iterable(sector.measurement() for sector in self.sectors)
        self._measurement = Passes(backend, [*fields.electric(), common, *measurement])

    # ---- The shared arrays, under the names of the equations ----

    @property
    def theta(self) -> Any:
        """phi/f on sites [n, n, n]."""
        return self.fields.theta

    @property
    def pi(self) -> Any:
        """a^2 theta' on sites [n, n, n]."""
        return self.fields.pi

    @property
    def X(self) -> Any:
        """Vector potentials on links [F, 3, n, n, n]."""
        return self.fields.X

    @property
    def D(self) -> Any:
        """E - g W on links [F, 3, n, n, n]."""
        return self.fields.D

    @property
    def E(self) -> Any:
        """Electric fields on links [F, 3, n, n, n], after `update_electric`."""
        return self.fields.E

    # ---- Sectors ----

    @property
    def alp(self) -> bool:
        """Whether there is an ALP."""
        return self.find(AlpSector) is not None

    @property
    def massive(self) -> MassiveSector | None:
        """The sector of massive fields."""
        return self.find(MassiveSector)

    @property
    def conductor(self) -> ConductorSector | None:
        """The sector of the conducting field."""
        return self.find(ConductorSector)

    def find(self, kind: type[Room]) -> Room | None:
        """The sector of that kind, or None."""
        return next((sector for sector in self.sectors if isinstance(sector, kind)), None)

    # ---- State ----

    def update_electric(self) -> None:
        """E = D + g W(theta, X) of the fields that do not conduct, now."""
        self._electric.run()

    def update_displacement(self) -> None:
        """D = E - g W(theta, X), now: the inverse, for initial states given by E. Charges,
        potentials and fluids follow."""
        self._displacement.run()
        for sector in self.sectors:
            sector.begin()

    def measure(self, a: float, *, tau: float = 0.0, free: float | None = None) -> Moment:
        """The lattice now, at scale factor a; see `Moment`. Brings E up to date."""
        self.update_averages()
        densities = Densities.together([sector.densities(a) for sector in self.sectors])
        return Moment(tau, a, densities, free)

    def update_averages(self) -> None:
        """The sums that the sectors read, now. Brings E up to date."""
        self._measurement.run()

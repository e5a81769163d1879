"""The keys of gravitational waves in a run."""

from __future__ import annotations

from typing import Annotated

from darklat.physics.gravitational_waves import SAMPLING
from darklat.schema.section import Section
from darklat.schema.yaml.values import Number

MOST_SAMPLING = 1.6  # where the energy of gravitational waves is off by a factor of two


class WaveKeys(Section):
    """Gravitational waves. `sampling`: conformal time between two samples of their source over the
    lattice spacing, at most. `k_max` (1/tau_osc): waves of larger k are left out; None for none."""

    sampling: Annotated[float, Number(positive=True, most=MOST_SAMPLING)] = SAMPLING
    k_max: Annotated[float | None, Number(positive=True, optional=True, unit="1/tau_osc")] = None

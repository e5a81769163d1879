"""The keys of the expansion, and the history a(tau) that they stand for."""

from __future__ import annotations

from typing import Annotated, Literal

from darklat.physics import background
from darklat.physics.background import Background
from darklat.physics.thermal.cosmology import equality
from darklat.schema.section import Section
from darklat.schema.sizes import SIZE
from darklat.schema.yaml.values import Choice, Number

BackgroundKind = Annotated[
    Literal["radiation", "static", "power_law", "radiation_matter"], Choice()
]


class BackgroundKeys(Section):
    """The expansion. oscillation_condition is m/H at tau_osc, and m tau_osc, of the ALP; None
    without one. `w` is p/rho of a power law. `a_eq` (a_osc) is where matter and radiation are
    equally dense; None for that of our universe."""

    kind: BackgroundKind = "radiation"
    oscillation_condition: Annotated[
        float | None, Number(positive=True, size=SIZE, optional=True)
    ] = None
    w: Annotated[float | None, Number(most=1, optional=True)] = None
    a_eq: Annotated[float | None, Number(positive=True, size=SIZE, optional=True)] = None


def expansion(keys: BackgroundKeys, *, hubble_eV: float) -> Background:
    """a(tau) of a configuration; hubble_eV is H at a = 1."""
    if keys.kind == "power_law":
        assert keys.w is not None  # the checks have seen to it
        return background.PowerLaw(keys.w)
    if keys.kind == "radiation_matter":
        return background.RadiationMatter(_equality(keys, hubble_eV))
    return background.Static() if keys.kind == background.STATIC else background.Radiation()


def radiation_hubble(keys: BackgroundKeys, *, hubble_eV: float) -> float | None:
    """H of the radiation alone at a = 1 over that of everything; None in a background whose
    radiation is not known."""
    if keys.kind not in background.HOT:
        return None
    if keys.kind == "radiation_matter":
        return background.radiation_hubble(_equality(keys, hubble_eV))
    return 1.0


def _equality(keys: BackgroundKeys, hubble_eV: float) -> float:
    return equality(hubble_eV) if keys.a_eq is None else keys.a_eq

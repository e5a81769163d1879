"""The configurations of psi of dark QED as a relic, for `darklat relic`.

A. Arvanitaki et al., "Dark QED from Inflation", Sec. 4. Masses and Hubble rates are in GeV.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from darklat.physics.dark_qed.approximations import HEAVY
from darklat.physics.dark_qed.bath import HUBBLE_INFLATION_MAX_GEV
from darklat.physics.dark_qed.freeze_out import CHARGE_MAX
from darklat.schema.contradictions import Check, Issue, check, shown
from darklat.schema.section import FileKeys
from darklat.schema.yaml.values import Number

MassGeV = Annotated[float, Number(least=1e-12, most=1e9)]
Charge = Annotated[float, Number(least=1e-20, most=CHARGE_MAX)]

_LIGHT: list[Check] = []
_HEAVY: list[Check] = []


@check(_LIGHT, "mass_photon_GeV", "mass_fermion_GeV")
def _lighter(photon: float, fermion: float) -> Iterator[Issue]:
    if photon >= fermion:
        yield Issue(
            (("mass_photon_GeV",), ("mass_fermion_GeV",)),
            f"must be below mass_fermion_GeV, which is {shown(fermion)}, found {shown(photon)}; "
            "above twice that it is kind: dark_qed_heavy, and between them neither",
        )


@check(_HEAVY, "mass_photon_GeV", "mass_fermion_GeV")
def _open(photon: float, fermion: float) -> Iterator[Issue]:
    if photon <= HEAVY * fermion:
        yield Issue(
            (("mass_photon_GeV",), ("mass_fermion_GeV",)),
            f"the decay A' -> psi psi is closed: must be above {HEAVY:g} mass_fermion_GeV, "
            f"{shown(HEAVY * fermion)}, found {shown(photon)}",
        )


class DarkQedKeys(FileKeys):
    """The keys of both kinds. `eta: modes` counts the modes that enter after reheating."""

    mass_fermion_GeV: MassGeV = Field(examples=["mass_fermion_GeV: 100"])
    mass_photon_GeV: MassGeV
    hubble_inflation_GeV: Annotated[float, Number(least=1e3, most=HUBBLE_INFLATION_MAX_GEV)] = 6e13
    reheating_temperature_GeV: Annotated[
        float | Literal["instantaneous"], Number(least=1e-2, most=1e16, word="instantaneous")
    ] = "instantaneous"
    eta: Annotated[float | Literal["modes"], Number(least=1, most=10, word="modes")] = "modes"
    epsilon: Annotated[float, Number(least=0, most=1)] = 0.0


class DarkQedLightKeys(DarkQedKeys):
    """psi that freezes out beside a light A' (Sec. 4.1)."""

    CHECKS: ClassVar[tuple[Check, ...]] = tuple(_LIGHT)

    kind: Literal["dark_qed_light"] = "dark_qed_light"
    mass_photon_GeV: MassGeV = Field(examples=["mass_photon_GeV: 1e-4"])
    charge: Annotated[
        float | Literal["dark_matter"], Number(least=1e-20, most=CHARGE_MAX, word="dark_matter")
    ] = "dark_matter"


class DarkQedHeavyKeys(DarkQedKeys):
    """psi from a heavy A' that decays (Sec. 4.2)."""

    CHECKS: ClassVar[tuple[Check, ...]] = tuple(_HEAVY)

    kind: Literal["dark_qed_heavy"] = "dark_qed_heavy"
    mass_photon_GeV: MassGeV = Field(examples=["mass_photon_GeV: 0.4"])
    charge: Charge = Field(examples=["charge: 0.1"])

"""The configuration of a relic: a model of its keys for each kind.

`darklat relic` computes the history of one point. The kinds of dark photons beside an axion are
those of K. S. Jeong, J. H. Kang, S. Nakagawa, "Cosmological Roles of Dark Photons in Axion-induced
Electroweak Baryogenesis", Sec. III. `relic_dark_qed` has those of dark QED.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from darklat.schema import by_kind
from darklat.schema.contradictions import Check, Issue, check, shown
from darklat.schema.read import Origin
from darklat.schema.relic_dark_qed import DarkQedHeavyKeys, DarkQedLightKeys
from darklat.schema.section import FileKeys
from darklat.schema.yaml.values import Choice, Number

EXAMPLE = ("freeze_in", "freeze_in")

MassGeV = Annotated[float, Number(least=1e-12, most=1e6)]
AxionMassGeV = Annotated[float, Number(least=1e-7, most=1e6)]
Coupling = Annotated[float, Number(least=1e-25, most=1)]
StatisticsWord = Annotated[Literal["bose", "fermi", "boltzmann"], Choice()]

_OF_DECAYS: list[Check] = []


@check(_OF_DECAYS, "mass_dark_GeV", "mass_phi_GeV")
def _open(dark: float, phi: float) -> Iterator[Issue]:
    if 2 * dark >= phi:
        yield Issue(
            (("mass_dark_GeV",), ("mass_phi_GeV",)),
            "the decay phi -> gamma' gamma' is closed: must be below half of mass_phi_GeV, "
            f"{shown(phi / 2)}, found {shown(dark)}",
        )


class FreezeInKeys(FileKeys):
    """Dark photons that decays of a thermal axion make, as dark matter (Sec. III B)."""

    CHECKS: ClassVar[tuple[Check, ...]] = tuple(_OF_DECAYS)

    kind: Literal["freeze_in"] = "freeze_in"
    mass_phi_GeV: AxionMassGeV = Field(examples=["mass_phi_GeV: 0.01"])
    mass_dark_GeV: MassGeV = Field(examples=["mass_dark_GeV: 1e-4"])
    coupling_per_GeV: Annotated[
        float | Literal["dark_matter"], Number(least=1e-25, most=1, word="dark_matter")
    ] = "dark_matter"
    statistics: StatisticsWord = "bose"


class FreezeOutKeys(FileKeys):
    """Dark photons that leave equilibrium with the axion and decay to dark fermions (Sec. III A).

    Their energy is dark radiation then.
    """

    CHECKS: ClassVar[tuple[Check, ...]] = tuple(_OF_DECAYS)

    kind: Literal["freeze_out"] = "freeze_out"
    mass_phi_GeV: AxionMassGeV = Field(examples=["mass_phi_GeV: 0.03"])
    mass_dark_GeV: MassGeV = Field(examples=["mass_dark_GeV: 0.01"])
    coupling_per_GeV: Coupling = Field(examples=["coupling_per_GeV: 1e-6"])
    coupling_to_fermions: Coupling = Field(examples=["coupling_to_fermions: 3e-11"])


class DarkRadiationKeys(FileKeys):
    """Ultralight dark photons that were thermal before the electroweak transition (Sec. III C)."""

    kind: Literal["dark_radiation"] = "dark_radiation"
    coupling_per_GeV: Coupling = Field(examples=["coupling_per_GeV: 1e-8"])
    states: Annotated[float, Number(least=1, most=100)] = 3.0
    rate_constant: Annotated[float, Number(least=1e-3, most=1e3)] = 1.0


class ThermalAxionKeys(FileKeys):
    """The axion itself: vacuum, couplings, and the rates that keep it thermal (Sec. II)."""

    kind: Literal["thermal_axion"] = "thermal_axion"
    f_phi_GeV: Annotated[float, Number(least=1e3, most=1e12)] = Field(examples=["f_phi_GeV: 1e6"])
    r: Annotated[float, Number(positive=True, most=1e3)] = 1.0
    epsilon: Annotated[float, Number(positive=True, below=1)] = 0.5
    beta: Annotated[float, Number(positive=True, most=3.1)] = 0.5
    anomaly: Annotated[float, Number(least=1e-6, most=1e6)] = 1.0


AxionRelic = FreezeInKeys | FreezeOutKeys | DarkRadiationKeys | ThermalAxionKeys
RelicConfig = AxionRelic | DarkQedLightKeys | DarkQedHeavyKeys

MODELS: dict[str, type[RelicConfig]] = {
    "freeze_in": FreezeInKeys,
    "freeze_out": FreezeOutKeys,
    "dark_radiation": DarkRadiationKeys,
    "thermal_axion": ThermalAxionKeys,
    "dark_qed_light": DarkQedLightKeys,
    "dark_qed_heavy": DarkQedHeavyKeys,
}


def load(path: Path, overrides: Sequence[str] = ()) -> tuple[RelicConfig, Origin]:
    """Read the configuration of a relic as `by_kind.load` does."""
    return by_kind.load(
        path,
        key="kind",
        models=MODELS,
        what="relic's configuration",
        example=EXAMPLE,
        overrides=overrides,
    )


def dump(config: RelicConfig) -> str:
    """Every key that has a value, defaults too, as YAML that `load` reads back; `kind` first."""
    return by_kind.dump(config, "kind")

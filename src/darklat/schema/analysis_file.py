"""The file of `darklat analyze DIR --with FILE`: a further analysis of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pydantic

from darklat.schema import by_kind
from darklat.schema.alp_photon import MassEV, RadioPointsKeys, resonant
from darklat.schema.contradictions import Check, above
from darklat.schema.read import Origin
from darklat.schema.section import FileKeys
from darklat.schema.yaml.values import Container, FileName, Number, Text

EXAMPLE = ("alp_photon_conversion", "alp_photon_conversion")

MOST_OF_A_NAME = 40

_CHECKS: list[Check] = []
above(_CHECKS, "frequency_max_Hz", "frequency_min_Hz")
resonant(_CHECKS, "mass_eV")


class AlpPhotonConversion(RadioPointsKeys):
    """The magnetic field of a run as the one in which ALPs become photons.

    These ALPs are dark radiation of a mass of their own, and not the ALP of the run. mixing: B over
    B_X of the first dark field, in place of the photon's B.
    """

    CHECKS: ClassVar[tuple[Check, ...]] = tuple(_CHECKS)

    analysis: Literal["alp_photon_conversion"] = "alp_photon_conversion"
    mass_eV: MassEV = 3e-14
    mixing: Annotated[float | None, Number(positive=True, most=1.0, optional=True)] = None


class GravitationalWaves(FileKeys):
    """The gravitational waves of a run today beside sensitivity curves: text files of frequency and
    Omega h^2, by the name that each has in the figure."""

    analysis: Literal["gravitational_waves"] = "gravitational_waves"
    curves: Annotated[
        dict[Annotated[str, Text(longest=MOST_OF_A_NAME)], Annotated[Path, FileName()]],
        Container(dict, "a mapping from names to files, such as {LISA: lisa.txt}"),
    ] = pydantic.Field(default_factory=dict)


AnalysisConfig = AlpPhotonConversion | GravitationalWaves

MODELS: dict[str, type[AnalysisConfig]] = {
    "alp_photon_conversion": AlpPhotonConversion,
    "gravitational_waves": GravitationalWaves,
}


def load(path: Path) -> tuple[AnalysisConfig, Origin]:
    """Read the file of an analysis as `by_kind.load` does."""
    return by_kind.load(
        path,
        key="analysis",
        models=MODELS,
        what="file of an analysis",
        example=EXAMPLE,
        files=[("points_file",), ("curves", "*")],
    )


def dump(config: AnalysisConfig) -> str:
    """Every key that has a value, defaults too, as YAML that `load` reads back; `analysis`
    first."""
    return by_kind.dump(config, "analysis")

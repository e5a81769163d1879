"""The configurations of the figures of K. S. Jeong, J. H. Kang, S. Nakagawa, "Cosmological Roles of
Dark Photons in Axion-induced Electroweak Baryogenesis".

Figs. 1 and 2 have bands of the model, the paper's bounds in closed form, and exclusion curves from
files. Fig. 3 has the couplings of frozen-in dark matter. Masses are in GeV, couplings in 1/GeV.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from darklat.schema.contradictions import Check, above
from darklat.schema.section import FileKeys, Section
from darklat.schema.yaml.values import Choice, Container, FileName, Integer, Number, Text

MassGeV = Annotated[float, Number(least=1e-12, most=1e6)]
DecayingMassGeV = Annotated[float, Number(least=1e-7, most=1e6)]
CouplingPerGeV = Annotated[float, Number(least=1e-25, most=1)]
Share = Annotated[float, Number(least=1e-30, most=1)]
Kappa = Annotated[float, Number(least=1e-12, most=1e6)]
Points = Annotated[int, Integer(least=8, most=1000)]


class ExclusionKeys(Section):
    """A curve from a file of two columns, and the side of it that is excluded."""

    file: Annotated[Path, FileName(optional=False)] = Field(examples=["file: na62.txt"])
    fill: Annotated[Literal["above", "below", "inside", "none"], Choice()] = "above"


Exclusions = Annotated[
    dict[Annotated[str, Text(40)], ExclusionKeys],
    Container(dict, "a mapping from names to files, such as {NA62: {file: na62.txt}}", most=24),
]

_OF_MASSES: list[Check] = []
above(_OF_MASSES, "mass_max_GeV", "mass_min_GeV")
_OF_MIXING: list[Check] = []
above(_OF_MIXING, "sin2_max", "sin2_min")
above(_OF_MIXING, "kappa_mix_max", "kappa_mix_min")
_OF_PHOTONS: list[Check] = []
above(_OF_PHOTONS, "coupling_max", "coupling_min")
above(_OF_PHOTONS, "kappa_photon_max", "kappa_photon_min")
_OF_COUPLINGS: list[Check] = []
above(_OF_COUPLINGS, "coupling_max", "coupling_min")


class AxionModelKeys(FileKeys):
    """One model of the potential, a line over its decay constants, and exclusion curves."""

    r: Annotated[float, Number(positive=True, most=1e3)] = 1.0
    epsilon: Annotated[float, Number(positive=True, below=1)] = 0.5
    beta: Annotated[float, Number(least=-3.2, most=3.2)] = 0.5
    exclusions: Exclusions = Field(default_factory=dict)


class AxionEwbg1(AxionModelKeys):
    """Fig. 1: axion-Higgs mixing over the axion's mass."""

    CHECKS: ClassVar[tuple[Check, ...]] = (*_OF_MASSES, *_OF_MIXING)

    figure: Literal["axion_ewbg_1"] = "axion_ewbg_1"
    mass_min_GeV: MassGeV = 1e-4
    mass_max_GeV: MassGeV = 10.0
    sin2_min: Share = 1e-16
    sin2_max: Share = 1e-2
    points: Points = 201
    kappa_mix_min: Kappa = 1e-3
    kappa_mix_max: Kappa = 1.0
    branching_to_muons: Annotated[float, Number(positive=True, most=1)] = 1.0


class AxionEwbg2(AxionModelKeys):
    """Fig. 2: the axion's coupling to photons over its mass."""

    CHECKS: ClassVar[tuple[Check, ...]] = (*_OF_MASSES, *_OF_PHOTONS)

    figure: Literal["axion_ewbg_2"] = "axion_ewbg_2"
    mass_min_GeV: MassGeV = 1e-4
    mass_max_GeV: MassGeV = 10.0
    coupling_min: CouplingPerGeV = 1e-13
    coupling_max: CouplingPerGeV = 1e-4
    points: Points = 201
    kappa_photon_min: Kappa = 1e-4
    kappa_photon_max: Kappa = 1e-2
    anomaly: Annotated[float, Number(least=1e-6, most=1e6)] = 1.0


class AxionEwbg3(FileKeys):
    """Fig. 3: the coupling to dark photons that freezes in all of the dark matter."""

    CHECKS: ClassVar[tuple[Check, ...]] = (*_OF_MASSES, *_OF_COUPLINGS)

    figure: Literal["axion_ewbg_3"] = "axion_ewbg_3"
    masses_phi_GeV: Annotated[
        tuple[DecayingMassGeV, ...],
        Container(list, "a list of masses, such as [0.01, 0.1]", least=1, most=5, distinct=True),
    ] = (1e-3, 1e-2, 1e-1)
    mass_min_GeV: MassGeV = 1e-6
    mass_max_GeV: MassGeV = 1e-1
    coupling_min: CouplingPerGeV = 1e-13
    coupling_max: CouplingPerGeV = 1e-6
    points: Points = 50
    map_points: Points = 50
    statistics: Annotated[Literal["bose", "fermi", "boltzmann"], Choice()] = "bose"

"""The configurations of two figures of A. Arvanitaki et al., "Dark QED from Inflation".

They are the parameter spaces of psi as dark matter: Fig. 6 with a light A', Fig. 7 with a heavy
one. Masses and Hubble rates are in GeV.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from darklat.physics.dark_qed.approximations import HEAVY
from darklat.physics.dark_qed.bath import HUBBLE_INFLATION_MAX_GEV
from darklat.physics.dark_qed.freeze_out import CHARGE_MAX
from darklat.schema.contradictions import Check, above
from darklat.schema.section import FileKeys
from darklat.schema.yaml.values import Container, Integer, Number

MassGeV = Annotated[float, Number(least=1e-6, most=1e9)]
Charge = Annotated[float, Number(least=1e-8, most=CHARGE_MAX)]
Hubble = Annotated[float, Number(least=1e3, most=HUBBLE_INFLATION_MAX_GEV)]
Eta = Annotated[float, Number(least=1, most=10)]
Etas = Annotated[
    tuple[Eta, ...],
    Container(list, "a list of numbers, such as [3, 6]", least=1, most=3, distinct=True),
]
_LEAST_HEAVY = 1.05 * HEAVY  # of m_A'/m_psi, so that the decay is well open

Density = Annotated[float, Number(positive=True, most=1)]

_CHECKS: list[Check] = []
above(_CHECKS, "mass_max_GeV", "mass_min_GeV")
above(_CHECKS, "charge_max", "charge_min")
above(_CHECKS, "hubble_max_GeV", "hubble_min_GeV")


class DarkQedSpaceKeys(FileKeys):
    """The left panel: m_psi and e_D at one H_I. The right one: m_psi and H_I."""

    CHECKS: ClassVar[tuple[Check, ...]] = tuple(_CHECKS)

    mass_min_GeV: MassGeV
    mass_max_GeV: MassGeV
    charge_min: Charge
    charge_max: Charge
    hubble_inflation_GeV: Hubble = 6e13
    etas: Etas = (3.0, 6.0)
    omega: Density = 0.26
    hubble_min_GeV: Hubble
    hubble_max_GeV: Hubble = 6e13


class DarkQed6(DarkQedSpaceKeys):
    """Fig. 6: psi freezes out beside a light A'."""

    figure: Literal["dark_qed_6"] = "dark_qed_6"
    mass_min_GeV: MassGeV = 0.01
    mass_max_GeV: MassGeV = 1e5
    charge_min: Charge = 1e-4
    charge_max: Charge = 1.0
    hubble_min_GeV: Hubble = 1e10
    photon_mass_ratio: Annotated[float, Number(positive=True, most=0.1)] = 1e-6
    points: Annotated[int, Integer(least=6, most=60)] = 24
    plane_points: Annotated[int, Integer(least=4, most=24)] = 8


class DarkQed7(DarkQedSpaceKeys):
    """Fig. 7: a heavy A' decays into psi."""

    figure: Literal["dark_qed_7"] = "dark_qed_7"
    mass_min_GeV: MassGeV = 1e-3
    mass_max_GeV: MassGeV = 10.0
    charge_min: Charge = 1e-3
    charge_max: Charge = 1.0
    hubble_min_GeV: Hubble = 1e12
    photon_mass_ratio: Annotated[float, Number(least=_LEAST_HEAVY, most=1e6)] = 10.0
    points: Annotated[int, Integer(least=6, most=400)] = 60

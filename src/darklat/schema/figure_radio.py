"""The keys of the figures of A. Addazi et al., "Excess Radiation from Axion-Photon Conversion"."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from darklat.physics.radio.fit import MHD_GAUSS_PER_MPC
from darklat.physics.radio.global_signal import EXCESS_AT_LINE_K
from darklat.schema.alp_photon import (
    AlpPhotonKeys,
    Electrons,
    FrequencyHz,
    Gauss,
    MassEV,
    PerMpc,
    Points,
    RadioPointsKeys,
    resonant,
)
from darklat.schema.contradictions import Check, above
from darklat.schema.section import FileKeys, Section
from darklat.schema.yaml.values import Container, FileName, Integer, Number

Masses = Annotated[
    tuple[MassEV, ...],
    Container(list, "a list of masses, such as [3e-14]", least=1, most=4, distinct=True),
]
Share = Annotated[float, Number(positive=True, most=10)]
Shares = Annotated[
    tuple[Share, ...],
    Container(list, "a list of numbers, such as [0.04, 0.08]", least=1, most=4, distinct=True),
]
Length = Annotated[float, Number(least=1e-7, most=1e5)]
GridPoints = Annotated[int, Integer(least=2, most=1000)]

_OF_1: list[Check] = []
above(_OF_1, "z_max", "z_min")
above(_OF_1, "scale_invariant.k_max_per_Mpc", "scale_invariant.k_min_per_Mpc")
resonant(_OF_1, "masses_eV")
_OF_2: list[Check] = []
above(_OF_2, "frequency_max_Hz", "frequency_min_Hz")
above(_OF_2, "B0_max_gauss", "B0_min_gauss")
above(_OF_2, "lambda_max_Mpc", "lambda_min_Mpc")
resonant(_OF_2, "masses_eV")
_OF_3: list[Check] = []
above(_OF_3, "frequency_max_Hz", "frequency_min_Hz")
resonant(_OF_3, "masses_eV")


class MonochromaticKeys(Section):
    """A field of one wave number, with <B^2> = B0^2."""

    B0_gauss: Gauss = 1e-10
    k_per_Mpc: PerMpc = 100.0


class ScaleInvariantKeys(Section):
    """A field with <B^2> = B0^2 per ln k between two wave numbers."""

    B0_gauss: Gauss = 1e-10
    k_min_per_Mpc: PerMpc = 1.0
    k_max_per_Mpc: PerMpc = 100.0


class RadioExcess1(AlpPhotonKeys):
    """Fig. 1: oscillation length, probability and brightness at 21 cm against redshift."""

    CHECKS: ClassVar[tuple[Check, ...]] = tuple(_OF_1)

    figure: Literal["radio_excess_1"] = "radio_excess_1"
    masses_eV: Masses = (3e-14, 3e-13)
    frequency_Hz: FrequencyHz = 1e10
    z_min: Annotated[float, Number(least=0, most=900)] = 1.0
    z_max: Annotated[float, Number(positive=True, most=1000)] = 1000.0
    z_points: Points = 121
    monochromatic: MonochromaticKeys = Field(default_factory=MonochromaticKeys)
    scale_invariant: ScaleInvariantKeys = Field(default_factory=ScaleInvariantKeys)
    spectrum_file: Annotated[Path | None, FileName()] = None

    @property
    def z(self) -> npt.NDArray[np.float64]:
        """Redshifts, in equal ratios of 1 + z, [z_points]."""
        return np.geomspace(1 + self.z_min, 1 + self.z_max, self.z_points) - 1


class RadioExcess2(RadioPointsKeys):
    """Fig. 2: fields that explain the radio excess, and its spectrum."""

    CHECKS: ClassVar[tuple[Check, ...]] = tuple(_OF_2)

    figure: Literal["radio_excess_2"] = "radio_excess_2"
    masses_eV: Masses = (3e-14, 3e-13)
    B0_min_gauss: Gauss = 1e-11
    B0_max_gauss: Gauss = 1e-8
    B0_points: GridPoints = 100
    lambda_min_Mpc: Length = 1e-3
    lambda_max_Mpc: Length = 10.0
    lambda_points: GridPoints = 100
    mhd_gauss_per_Mpc: Annotated[float, Number(positive=True, most=1.0)] = MHD_GAUSS_PER_MPC
    sigmas: Annotated[float, Number(positive=True, most=30)] = 5.0
    shares: Shares = (0.03, 0.08, 0.15)

    @property
    def B0_gauss(self) -> npt.NDArray[np.float64]:
        """Strengths today, in equal ratios, [B0_points]."""
        return np.geomspace(self.B0_min_gauss, self.B0_max_gauss, self.B0_points)

    @property
    def lambda_mpc(self) -> npt.NDArray[np.float64]:
        """Lengths 2 pi/k today, in equal ratios, [lambda_points]."""
        return np.geomspace(self.lambda_min_Mpc, self.lambda_max_Mpc, self.lambda_points)


class RadioExcess3(FileKeys):
    """Fig. 3: the deepest 21 cm line of the whole sky."""

    CHECKS: ClassVar[tuple[Check, ...]] = tuple(_OF_3)

    figure: Literal["radio_excess_3"] = "radio_excess_3"
    masses_eV: Masses = (3e-14, 3e-13)
    electrons: Electrons = "n_H"
    shares: Shares = (0.04, 0.08, 0.12)
    excess_at_line_K: Annotated[float, Number(positive=True, most=100)] = EXCESS_AT_LINE_K
    frequency_min_Hz: FrequencyHz = 1e7
    frequency_max_Hz: FrequencyHz = 1.2e8
    frequency_points: Points = 400

    @property
    def frequency_hz(self) -> npt.NDArray[np.float64]:
        """Frequencies of today, in equal steps, [frequency_points]."""
        return np.linspace(self.frequency_min_Hz, self.frequency_max_Hz, self.frequency_points)

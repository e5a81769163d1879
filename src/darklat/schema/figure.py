"""The configuration of a figure of a paper: a model of its keys for each figure.

The figures here and their defaults come from A. Arvanitaki et al., "Dark QED from Inflation". Units
as in that figure: m = 1 and a_* = 1 for modes, omega_p = 1 for waves. `figure_axion` and
`figure_radio` have others.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from darklat.schema import by_kind, figure_plasma
from darklat.schema.contradictions import Check, above
from darklat.schema.figure_axion import AxionEwbg1, AxionEwbg2, AxionEwbg3
from darklat.schema.figure_dark_qed_space import DarkQed6, DarkQed7
from darklat.schema.figure_plasma import FigurePlasmaKeys
from darklat.schema.figure_radio import RadioExcess1, RadioExcess2, RadioExcess3
from darklat.schema.read import Origin
from darklat.schema.section import FileKeys
from darklat.schema.yaml.values import Container, Integer, Number

EXAMPLE = ("dark_qed_16", "dark_qed_fig16")

Wave = Annotated[float, Number(least=1e-6, most=1e6)]
Mass = Annotated[float, Number(least=1e-3, most=1e3)]
Velocity = Annotated[float, Number(positive=True, below=1)]
Points = Annotated[int, Integer(least=16, most=20_000)]
ScaleFactor = Annotated[float, Number(positive=True, most=1e6)]


def _numbers(most: int) -> Container:
    return Container(list, "a list of numbers, such as [1, 3]", least=1, most=most, distinct=True)


_OF_TIMES: list[Check] = []
above(_OF_TIMES, "a_end", "a_start")
_OF_K: list[Check] = []
above(_OF_K, "k_max", "k_min")
_OF_X: list[Check] = []
above(_OF_X, "x_max", "x_min")


# ---- Figures. ----


class ModesKeys(FileKeys):
    """Modes from a_start, where A = 1, to a_end at a_points scale factors, in equal ratios."""

    a_start: Annotated[float, Number(least=1e-9, most=1)] = 1e-3
    a_end: ScaleFactor
    a_points: Points

    @property
    def a(self) -> npt.NDArray[np.float64]:
        """Scale factors in a_*, shape (a_points,)."""
        return np.geomspace(self.a_start, self.a_end, self.a_points)


class DarkQed2(ModesKeys):
    """Fig. 2: how the energy of modes dilutes."""

    CHECKS: ClassVar[tuple[Check, ...]] = (*_OF_TIMES, *_OF_K, *figure_plasma.CHECKS)

    figure: Literal["dark_qed_2"] = "dark_qed_2"
    k: Annotated[tuple[Wave, ...], _numbers(6)] = (0.1, 0.3, 1.0, 3.0, 10.0)
    k_min: Wave = 0.03
    k_max: Wave = 30.0
    k_points: Annotated[int, Integer(least=4, most=400)] = 49
    a_end: ScaleFactor = 30.0
    a_points: Points = 181
    plasma: FigurePlasmaKeys = Field(default_factory=lambda: FigurePlasmaKeys(kind="constant"))


class DarkQed3(FileKeys):
    """Fig. 3: the primordial electric field; x = k/(aH)."""

    CHECKS: ClassVar[tuple[Check, ...]] = tuple(_OF_X)

    figure: Literal["dark_qed_3"] = "dark_qed_3"
    sites: Annotated[int, Integer(least=4, most=192)] = 80
    box: Mass = 12.0
    seed: Annotated[int, Integer(least=0, most=2**63 - 1)] = 3
    x_min: Wave = 0.03
    x_max: Wave = 30.0
    x_points: Points = 1201


class DarkQed13(FileKeys):
    """Fig. 13: waves in a cold plasma."""

    figure: Literal["dark_qed_13"] = "dark_qed_13"
    masses: Annotated[tuple[Mass, ...], _numbers(4)] = (0.3, 1.5)
    k_max: Annotated[float, Number(least=1e-3, most=1e3)] = 3.0
    k_points: Points = 301


class DarkQed14(FileKeys):
    """Fig. 14: waves in a warm plasma."""

    figure: Literal["dark_qed_14"] = "dark_qed_14"
    mass: Mass = 0.3
    velocities: Annotated[tuple[Velocity, ...], _numbers(4)] = (0.1, 0.7)
    k_min: Annotated[float, Number(least=1e-4, most=1)] = 0.03
    k_max_over_debye: Annotated[float, Number(least=0.1, most=10)] = 2.0
    k_points: Annotated[int, Integer(least=16, most=2000)] = 161


class DarkQed16(ModesKeys):
    """Fig. 16: longitudinal modes while charges screen them."""

    CHECKS: ClassVar[tuple[Check, ...]] = (*_OF_TIMES, *figure_plasma.CHECKS)

    figure: Literal["dark_qed_16"] = "dark_qed_16"
    k: Annotated[tuple[Wave, ...], _numbers(4)] = (5.0,)
    a_end: ScaleFactor = 10.0
    a_points: Points = 3001
    plasma: FigurePlasmaKeys = Field(default_factory=lambda: FigurePlasmaKeys(kind="screening"))


AxionFigure = AxionEwbg1 | AxionEwbg2 | AxionEwbg3
DarkQedFigure = DarkQed2 | DarkQed3 | DarkQed6 | DarkQed7 | DarkQed13 | DarkQed14 | DarkQed16
RadioFigure = RadioExcess1 | RadioExcess2 | RadioExcess3
FigureConfig = DarkQedFigure | AxionFigure | RadioFigure

MODELS: dict[str, type[FigureConfig]] = {
    "dark_qed_2": DarkQed2,
    "dark_qed_3": DarkQed3,
    "dark_qed_6": DarkQed6,
    "dark_qed_7": DarkQed7,
    "dark_qed_13": DarkQed13,
    "dark_qed_14": DarkQed14,
    "dark_qed_16": DarkQed16,
    "axion_ewbg_1": AxionEwbg1,
    "axion_ewbg_2": AxionEwbg2,
    "axion_ewbg_3": AxionEwbg3,
    "radio_excess_1": RadioExcess1,
    "radio_excess_2": RadioExcess2,
    "radio_excess_3": RadioExcess3,
}


_FILES = (("plasma", "file"), ("exclusions", "*", "file"), ("spectrum_file",), ("points_file",))
"""The keys that name files, of all figures."""

# ---- Reading and writing. ----


def load(path: Path) -> tuple[FigureConfig, Origin]:
    """Read the configuration of a figure as `by_kind.load` does.

    The files that it names are looked for from the configuration's folder.
    """
    return by_kind.load(
        path,
        key="figure",
        models=MODELS,
        what="figure's configuration",
        example=EXAMPLE,
        files=_FILES,
    )


def dump(config: FigureConfig) -> str:
    """Every key that has a value, defaults too, as YAML that `load` reads back; `figure` first."""
    return by_kind.dump(config, "figure")

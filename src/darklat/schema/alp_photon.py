"""Keys of ALPs that become photons, and of the radio sky, which several files share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt

from darklat.physics import conversion, thermal
from darklat.physics.conversion.resonance import LOWEST_HZ
from darklat.physics.radio.brightness import ENERGY_OVER_PHOTONS
from darklat.schema.contradictions import Check, Issue, check, shown
from darklat.schema.section import FileKeys
from darklat.schema.yaml.problems import describe
from darklat.schema.yaml.values import Choice, FileName, Integer, Number, Value, YesNo, refusal

MOST_HZ = 1e12


@dataclass(frozen=True)
class Frequency(Value):
    """A frequency of today in Hz. A smaller number is in another unit; above a THz the brightness
    temperature is not the one of Rayleigh and Jeans."""

    def accept(self, value: object) -> float:
        number = Number(unit="Hz", unit_in_key=True).accept(value)
        assert isinstance(number, float)
        if LOWEST_HZ <= number <= MOST_HZ:
            return number
        meant = ""
        if 1 <= number < LOWEST_HZ:
            meant = (
                f"; write {describe(number).removesuffix('.0')}e6 if it is in MHz, and e9 if in GHz"
            )
        raise refusal(
            f"must be a frequency in Hz from {LOWEST_HZ:g} to {MOST_HZ:g}, found {describe(value)}"
            f"{meant}"
        )


FrequencyHz = Annotated[float, Frequency()]
MassEV = Annotated[float, Number(least=1e-18, most=1e-6)]
Gauss = Annotated[float, Number(least=1e-30, most=1e-6)]
PerMpc = Annotated[float, Number(least=1e-6, most=1e12)]
Points = Annotated[int, Integer(least=2, most=20_000)]
Electrons = Annotated[thermal.Electrons, Choice()]
Angular = Annotated[conversion.Angular, Choice()]
PointsName = Annotated[
    Literal["arcade2_2011", "dowell_taylor_2018", "dowell_taylor_2018_ten"], Choice()
]


class AlpPhotonKeys(FileKeys):
    """ALPs that become photons in a magnetic field. Defaults of Addazi et al. (2024)."""

    coupling_per_GeV: Annotated[float, Number(positive=True, most=1.0)] = 5e-13
    energy_over_photons: Annotated[float, Number(positive=True, most=1.0)] = ENERGY_OVER_PHOTONS
    electrons: Electrons = "n_H"
    angular: Angular = "exact"


class RadioPointsKeys(AlpPhotonKeys):
    """The same, beside measured temperatures at frequencies in equal ratios."""

    frequency_min_Hz: FrequencyHz = 1e7
    frequency_max_Hz: FrequencyHz = 3e11
    frequency_points: Points = 200
    points: PointsName = "arcade2_2011"
    points_file: Annotated[Path | None, FileName()] = None
    extragalactic: Annotated[bool, YesNo()] = True

    @property
    def frequency_hz(self) -> npt.NDArray[np.float64]:
        """The frequencies of the curves, [frequency_points]."""
        return np.geomspace(self.frequency_min_Hz, self.frequency_max_Hz, self.frequency_points)


def resonant(checks: list[Check], key: str) -> None:
    """Adds the check that an ALP of a mass, or every one of a list, resonates at some redshift."""

    def resonate(found: float | Sequence[float], electrons: thermal.Electrons) -> Iterator[Issue]:
        masses = found if isinstance(found, Sequence) else [found]
        for i, mass in enumerate(masses):
            if not isinstance(mass, float) or len(conversion.resonances(mass, electrons=electrons)):
                continue
            path = (key, i) if isinstance(found, Sequence) else (key,)
            yield Issue((path,), f"{shown(mass)} eV has no resonance: {_range(electrons)}")

    check(checks, key, "electrons")(resonate)


def _range(electrons: thermal.Electrons) -> str:
    """The masses of photons in the plasma since recombination, in words."""
    least, most = conversion.mass_range_ev(electrons)
    return (
        "since recombination photons in the plasma have had masses from "
        f"{least:.2g} to {most:.2g} eV"
    )

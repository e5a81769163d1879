"""Units of lengths and field strengths in which a number of today is easy to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """A unit and its size in the unit of analysis.json: kpc, gauss or eV."""

    name: str
    size: float


LENGTHS = (Unit("pc", 1e-3), Unit("kpc", 1.0), Unit("Mpc", 1e3), Unit("Gpc", 1e6))
TEMPERATURES = (Unit("eV", 1.0), Unit("keV", 1e3), Unit("MeV", 1e6), Unit("GeV", 1e9))
GAUSS = (Unit("nG", 1e-9), Unit("uG", 1e-6), Unit("mG", 1e-3), Unit("G", 1.0))


def adapted(value: float | None, units: Sequence[Unit]) -> Unit:
    """The largest of the units, in their order, that is not above the value. Far below the smallest
    it is the unit of analysis.json, in which the number has its power of ten."""
    plain = next(unit for unit in units if unit.size == 1.0)
    if value is None or not value > 1e-3 * units[0].size:
        return plain
    return [unit for unit in units if unit.size <= value or unit is units[0]][-1]

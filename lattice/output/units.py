"""What the units of a run are called in its files."""

from __future__ import annotations

from dataclasses import dataclass

_WITHOUT_ALP = {
    "tau_osc": "tau_*",
    "1/tau_osc": "1/tau_*",
    "1/tau_osc^2": "1/tau_*^2",
    "a_osc": "a_*",
    "f": "1/tau_*",
    "f/tau_osc": "1/tau_*^2",
    "f tau_osc": "1",
    "f^2": "1/tau_*^2",
    "f^2/tau_osc^2": "1/tau_*^4",
}


@dataclass(frozen=True)
class UnitNames:
    """Names with an ALP, tau_osc, a_osc and f; or those of a model without one, tau_*, a_* and
    1/tau_* for the potentials."""

    alp: bool = True

    def __call__(self, units: str) -> str:
        """The name of a unit that is written as with an ALP."""
        return units if self.alp else _WITHOUT_ALP.get(units, units)

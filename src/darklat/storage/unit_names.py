"""What the units of a run are called: as text, and as LaTeX in figures."""

from __future__ import annotations

from dataclasses import dataclass

from darklat.physics import units


@dataclass(frozen=True)
class UnitNames:
    """Names of the units of conformal time, of the scale factor, of X^2 and of E^2, B^2 and
    densities; `_tex`: the same as LaTeX."""

    tau: str
    a: str
    X_squared: str
    square: str

    @property
    def tau_tex(self) -> str:
        """Of conformal time."""
        return _tex(self.tau)

    @property
    def a_tex(self) -> str:
        """Of the scale factor."""
        return _tex(self.a)

    @property
    def X_squared_tex(self) -> str:
        """Of X^2."""
        return _tex(self.X_squared)

    @property
    def square_tex(self) -> str:
        """Of E^2, B^2 and densities."""
        return _tex(self.square)


def unit_names(*, alp: bool) -> UnitNames:
    """Of a model with an ALP, or of one without."""
    name = units.UnitNames(alp=alp)
    return UnitNames(
        tau=name("tau_osc"),
        a=name("a_osc"),
        X_squared=name("f^2"),
        square=name("f^2/tau_osc^2"),
    )


def _tex(name: str) -> str:
    return name.replace("tau", r"\tau").replace("_osc", r"_\mathrm{osc}")

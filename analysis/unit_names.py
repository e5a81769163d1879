"""What the units of a run are called: as text, and as LaTeX in figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class UnitNames:
    """Names of the units of conformal time, of the scale factor, of X^2 and of E^2, B^2 and
    densities; `_tex`: the same as LaTeX."""

    tau: str
    a: str
    X_squared: str
    square: str
    tau_tex: str
    a_tex: str
    X_squared_tex: str
    square_tex: str


WITH_ALP = UnitNames(
    tau="tau_osc",
    a="a_osc",
    X_squared="f^2",
    square="f^2/tau_osc^2",
    tau_tex=r"\tau_\mathrm{osc}",
    a_tex=r"a_\mathrm{osc}",
    X_squared_tex="f^2",
    square_tex=r"f^2/\tau_\mathrm{osc}^2",
)

WITHOUT_ALP = UnitNames(
    tau="tau_*",
    a="a_*",
    X_squared="1/tau_*^2",
    square="1/tau_*^4",
    tau_tex=r"\tau_*",
    a_tex="a_*",
    X_squared_tex=r"1/\tau_*^2",
    square_tex=r"1/\tau_*^4",
)


def unit_names(*, alp: bool) -> UnitNames:
    """Of a model with an ALP, or of one without."""
    return WITH_ALP if alp else WITHOUT_ALP

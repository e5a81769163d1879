"""The symbols of configuration keys and of columns of the series, with units, as labels."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from darklat.analysis import drawing
from darklat.physics.units import UnitNames


@dataclass(frozen=True)
class Symbol:
    """LaTeX of a quantity and of its unit, which is empty for a number."""

    tex: str
    unit: str = ""

    @property
    def axis(self) -> str:
        """The label of an axis: the symbol with its unit."""
        return rf"${self.tex}\ \ [{self.unit}]$" if self.unit else f"${self.tex}$"

    def equals(self, value: Any) -> str:
        """The symbol with a value, for a legend."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            shown = "none" if value is None else drawing.plain(str(value))
            return f"${self.tex}$ = {shown}"
        unit = rf"\,{self.unit}" if self.unit else ""
        return rf"${self.tex} = {drawing.latex(value)}{unit}$"


_EV, _GEV = r"\mathrm{eV}", r"\mathrm{GeV}"

_OF_KEYS = {
    "model.alp.mass_eV": Symbol("m", _EV),
    "model.alp.f_GeV": Symbol("f", _GEV),
    "model.alp.theta_initial": Symbol(r"\theta_\mathrm{i}"),
    "model.alp.potential": Symbol(r"V(\theta)"),
    "background.oscillation_condition": Symbol(r"m/H_\mathrm{osc}"),
    "units.hubble_eV": Symbol(r"H_\ast", _EV),
    "initial.hubble_GeV": Symbol("H_I", _GEV),
    "initial.seed": Symbol(r"\mathrm{seed}"),
    "lattice.sites": Symbol("N"),
    "time.courant": Symbol(r"\mathrm{d}\tau/\mathrm{d}x"),
}

_OF_FIELDS = {
    "mass_eV": ("m_{{{}}}", _EV),
    "conductivity.electrons_per_photon": (r"n_e/n_\gamma", ""),
    "plasma.charge": (r"e_{{{}}}", ""),
}

_IN_UNITS = {
    "lattice.box": ("L", "tau_osc"),
    "time.tau_end": (r"\tau_\mathrm{end}", "tau_osc"),
    "initial.a_start": (r"a_\mathrm{start}", "a_osc"),
    "initial.linear_until": (r"a_\mathrm{linear}", "a_osc"),
    "time.a_end": (r"a_\mathrm{end}", "a_osc"),
}

_OF_FIELDS_IN_UNITS = {
    "conductivity.value": (r"a\sigma_{{{}}}", "1/tau_osc"),
    "plasma.omega_p": (r"\omega_{{p,{}}}", "1/tau_osc"),
    "plasma.nu": (r"\nu_{{{}}}", "1/tau_osc"),
}


def of_key(key: str, units: UnitNames) -> Symbol:
    """Of a configuration key by its dotted path; the path itself where it has no symbol."""
    if key in _OF_KEYS:
        return _OF_KEYS[key]
    if key in _IN_UNITS:
        tex, unit = _IN_UNITS[key]
        return Symbol(tex, units.tex(unit))
    if pair := re.fullmatch(r"model\.couplings\.([A-Z]{2})", key):
        return Symbol(f"g_{{{pair[1]}}}")
    if of_field := re.fullmatch(r"model\.fields\.([A-Z])\.(.+)", key):
        letter, rest = of_field.groups()
        if rest in _OF_FIELDS:
            tex, unit = _OF_FIELDS[rest]
            return Symbol(tex.format(letter), unit)
        if rest in _OF_FIELDS_IN_UNITS:
            tex, unit = _OF_FIELDS_IN_UNITS[rest]
            return Symbol(tex.format(letter), units.tex(unit))
    return Symbol(rf"\mathrm{{{key}}}".replace("_", r"\_"))


def of_column(name: str, units: UnitNames, *, dark: str | None) -> Symbol:
    """Of r, epsilon, b or a density of the series; dark is the letter of the first dark field, of
    which epsilon is. epsilon_Y is of a further one. k_peak_X and helicity_X are of the spectra of
    B_X."""
    if name.startswith("rho/"):
        return Symbol(of_density(name), units.square_tex)
    if name.startswith("epsilon"):
        return Symbol(rf"\epsilon_{{{name.removeprefix('epsilon').removeprefix('_') or dark}}}")
    if name.startswith("k_peak_"):
        return Symbol(rf"k_{{B_{name[-1]}}}", units.tex("1/tau_osc"))
    if name.startswith("helicity_"):
        return Symbol(rf"\mathcal{{H}}_{{B_{name[-1]}}}")
    return Symbol(name)


def of_density(name: str) -> str:
    """rho of a column of the series as LaTeX."""
    field, _, plasma = name.removeprefix("rho/").partition("_")
    symbol = field.replace("theta", r"\phi")
    return rf"\rho_{{{symbol}}}" if not plasma else rf"\rho_{{{symbol},\,\mathrm{{{plasma}}}}}"

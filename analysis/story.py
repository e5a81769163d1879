"""A run in a few sentences: the model that was simulated, and the numbers that were found."""

from __future__ import annotations

from darklat.analysis.numbers import Result
from darklat.analysis.tables import number
from darklat.schema import Config
from darklat.schema.run import FieldKeys


def simulated(config: Config) -> str:
    """The particles, the universe and the lattice."""
    alp, lattice, unit = config.model.alp, config.lattice, config.unit_names
    those = [_field(letter, keys) for letter, keys in config.model.fields.items()]
    if alp is not None:
        strength = f"mass {_plain(alp.mass_eV)} eV and decay constant {_plain(alp.f_GeV)} GeV"
        those.insert(0, f"an ALP of {strength}")
    couplings = ", ".join(f"g_{ab} = {g:g}" for ab, g in config.model.couplings.items() if g)
    coupled = f" ({couplings})" if couplings else ""
    kind = config.background.kind.replace("_", " ")
    return (
        f"The run evolves {_listed(those)}{coupled}, in a background of kind {kind}. "
        f"It has {lattice.sites}^3 sites in a box of {lattice.box:g} {unit.tau}."
    )


def found(result: Result) -> str:
    """The main numbers at the end, as one sentence; empty without any."""
    end, parts = result.end, []
    if end.r is not None:
        parts.append(f"the ALP has r = {number(end.r)} of its density without gauge fields")
    if end.epsilon is not None:
        parts.append(f"the dark field {end.dark_field} has epsilon = {number(end.epsilon)}")
    if end.b is not None:
        parts.append(f"the photon has b = {number(end.b)}")
    if end.B_X_today_gauss is not None:
        parts.append(f"the dark magnetic field today is {number(end.B_X_today_gauss)} G")
    if end.B_today_gauss is not None:
        parts.append(f"the magnetic field today is {number(end.B_today_gauss)} G")
    if not result.alp:
        parts += [f"the density of {x} is {number(rho)}" for x, rho in result.rho.items()]
    if not parts:
        return ""
    clock, last = ("a", result.a_end) if result.expands else ("tau", result.tau_end)
    return f"At {clock} = {last:.4g} {_listed(parts)}."


def _field(letter: str, keys: FieldKeys) -> str:
    if keys.role == "photon":
        plasma = " in a conducting plasma" if keys.conductivity.conducts else ""
        return f"the photon {letter}{plasma}"
    mass = f" of mass {_plain(keys.mass_eV)} eV" if keys.mass_eV else ""
    plasma = " with a plasma" if keys.plasma.kind != "none" else ""
    return f"the dark photon {letter}{mass}{plasma}"


def _listed(parts: list[str]) -> str:
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last


def _plain(value: float) -> str:
    return f"{value:g}".replace("e+", "e")

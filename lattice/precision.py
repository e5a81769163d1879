"""What a start asks of the precision of the fields.

In float32 a vacuum must not underflow in the unit of gauge fields, and fields that grow must not
overflow. A float32 is normal from 2^-126 to 2^128. Kernels take squares in float64 and products of
two gauge fields in f, so that only the fields themselves count. In float64 a massive field must not
be so light that its longitudinal part drowns the others.
"""

from __future__ import annotations

import math

import numpy as np

from darklat.errors import BadValueError
from darklat.kernels.layout import UNIT_EXPONENT
from darklat.kernels.ranks import ALONE, Ranks
from darklat.schema import Config

QUIETEST, LOUDEST = 2.0**-106, 2.0**104
"""Field in its unit that keeps a relative precision of 2^-20 (a CPU counts numbers below 2^-126 as
zero); field with room for what the kernels multiply it by, g theta/dx and the like."""

_EPSILON = float(np.finfo(np.float64).eps) / 2
_ROUNDING = 0.1  # largest (g theta/dx^2)/m^2 times _EPSILON: 8e-4 of the energy of a light field
_LIGHTEST = 1e-10  # m tau_osc of a massive field without a coupling

_STEP, _LARGEST = 8, 104  # of exponents: few variants to compile; 2^24 for fields in f


def unit_exponent(config: Config) -> int:
    """n of the unit 2^-n f of float32: the usual one, or more where the vacuum is too small for
    it."""
    if config.lattice.precision != "float32" or config.initial.kind == "file":
        return UNIT_EXPONENT
    missing = math.log2(QUIETEST) - math.log2(_vacuum(config)) - UNIT_EXPONENT
    steps = max(0, math.ceil(missing / _STEP))
    return min(UNIT_EXPONENT + _STEP * steps, _LARGEST)


def check(config: Config) -> None:
    """Raises BadValueError where the start of a run is beyond its precision."""
    if config.initial.kind == "file":
        return
    for letter in config.massive:
        _refuse_light(config, letter)
    if config.lattice.precision != "float32":
        return
    _refuse(_vacuum(config), unit_exponent(config), "the vacuum fluctuations are")
    if config.initial.kind == "inflation":
        assert config.initial.hubble_GeV is not None  # the schema's business
        units = config.program_units
        for letter in config.massive:
            mass = config.model.fields[letter].mass_eV / units.hubble_eV
            if mass > 0:  # a plasma alone has none from inflation
                rms = config.initial.hubble_GeV / units.field_GeV / mass / config.dx
                _refuse(rms, unit_exponent(config), f"{letter} after inflation is")


def check_fields(
    letter: str, X: np.ndarray, E: np.ndarray, unit: float, ranks: Ranks = ALONE
) -> None:
    """Raises BadValueError, on all ranks, for fields of a start that float32 in that unit (over f)
    does not hold. One of the two may vanish beside the other."""
    (largest,) = ranks.largest([max(np.max(np.abs(X)), np.max(np.abs(E)))])
    if largest > 0:
        _refuse(largest, round(-math.log2(unit)), f"{letter} and its E at the start are at most")


def _vacuum(config: Config) -> float:
    """rms of X or E of the vacuum in f and f/tau_osc, whichever is smaller, to a factor of a few.
    A mass makes X smaller."""
    units, dx, a = config.program_units, config.dx, config.initial.a_start or 1.0
    fastest = 2 / dx
    heaviest = max((config.model.fields[x].mass_eV for x in config.massive), default=0.0)
    slower = math.sqrt(fastest / math.hypot(fastest, a * heaviest / units.hubble_eV))
    return units.vacuum_amplitude / (2 * dx) * min(slower, 1 / dx)


def _refuse_light(config: Config, letter: str) -> None:
    """The longitudinal vacuum is 1/m times the others. It has no B but for rounding, which g theta
    takes to D, and div D/m to P."""
    hubble, mass_eV = config.program_units.hubble_eV, config.model.fields[letter].mass_eV
    theta = abs(config.model.alp.theta_initial) if config.model.alp else 0.0
    coupling = max(abs(config.coupling(letter, other)) for other in config.letters)
    least = max(_LIGHTEST, math.sqrt(coupling * theta * _EPSILON / _ROUNDING) / config.dx)
    if 0 < mass_eV < least * hubble:
        raise BadValueError(
            f"model.fields.{letter}.mass_eV",
            f"m/H is {mass_eV / hubble:.2g} at a = 1: below {least:.2g} the longitudinal vacuum, "
            "1/m times as large as the others, leaves only rounding of their energy: use 0, or at "
            f"least {1.05 * least * hubble:.2g}",
        )


def _refuse(size: float, exponent: int, what: str) -> None:
    low, high = (x * 2.0**-exponent for x in (QUIETEST, LOUDEST))
    if not low <= size <= high:
        raise BadValueError(
            "lattice.precision",
            f"{what} {size:.2g} f, and float32 holds gauge fields from {low:.2g} to {high:.2g} f "
            "here: use float64",
        )

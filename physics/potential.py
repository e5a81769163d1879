"""The potential of the ALP and its derivatives, in units of f^2/tau_osc^2, with theta = phi/f.

A potential is given as a text: a name, or a formula in theta in units of m^2 f^2. `quadratic` is
the mass term of Choi, Kim, Sekiguchi, PRL 121, 031102 (2018), Eq. 3. `cosine` is the periodic
potential with the same mass at the minimum. m is in 1/tau_osc (m = c in program units).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from darklat.physics.formulas import FormulaError, expression

Array = npt.NDArray[np.float64]
Function = Callable[[float | Array, float], float | Array]


@dataclass(frozen=True)
class Potential:
    """V(theta, m), dV(theta, m) = dV/dtheta and its derivative d2V(theta, m), elementwise on floats
    or arrays."""

    name: str
    V: Function
    dV: Function
    d2V: Function


quadratic = Potential(
    name="quadratic",
    V=lambda theta, m: 0.5 * m * m * theta * theta,
    dV=lambda theta, m: m * m * theta,
    d2V=lambda theta, m: m * m + 0 * theta,
)

cosine = Potential(
    name="cosine",
    # 2 sin^2(theta/2) is 1 - cos(theta) without the cancellation at small theta.
    V=lambda theta, m: 2.0 * m * m * np.sin(0.5 * theta) ** 2,
    dV=lambda theta, m: m * m * np.sin(theta),
    d2V=lambda theta, m: m * m * np.cos(theta),
)

POTENTIALS = {potential.name: potential for potential in (quadratic, cosine)}


@lru_cache(maxsize=64)
def of(text: str) -> Potential:
    """The potential of that name, or of that formula without parameters (`formulas.closed`).

    Raises ValueError for a text that is neither.
    """
    if text in POTENTIALS:
        return POTENTIALS[text]
    try:
        found = expression(text)
    except FormulaError as error:
        raise ValueError(
            f"potential {text!r} is neither {' nor '.join(POTENTIALS)}, nor a formula: "
            f"{error.message} (column {error.column + 1})"
        ) from None
    return Potential(
        name=text,
        V=lambda theta, m: m * m * found.at(theta),
        dV=lambda theta, m: m * m * found.at(theta, 1),
        d2V=lambda theta, m: m * m * found.at(theta, 2),
    )

"""The potential of the ALP and its slope, in units of f^2/tau_osc^2, with theta = phi/f.

`quadratic` is the mass term of Choi, Kim, Sekiguchi, PRL 121, 031102 (2018), Eq. 3. `cosine` is the
periodic potential with the same mass at the minimum. m is in 1/tau_osc (m = c in program units).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Potential:
    """V(theta, m) and dV(theta, m) = dV/dtheta, elementwise on floats or arrays."""

    name: str
    V: Callable[[float | Array, float], float | Array]
    dV: Callable[[float | Array, float], float | Array]


quadratic = Potential(
    name="quadratic",
    V=lambda theta, m: 0.5 * m * m * theta * theta,
    dV=lambda theta, m: m * m * theta,
)

cosine = Potential(
    name="cosine",
    # 2 sin^2(theta/2) is 1 - cos(theta) without the cancellation at small theta.
    V=lambda theta, m: 2.0 * m * m * np.sin(0.5 * theta) ** 2,
    dV=lambda theta, m: m * m * np.sin(theta),
)

POTENTIALS = {potential.name: potential for potential in (quadratic, cosine)}


def by_name(name: str) -> Potential:
    """The potential called `name` in a config. Raises ValueError for an unknown name."""
    if name not in POTENTIALS:
        raise ValueError(f"potential {name!r} is unknown; use one of {', '.join(POTENTIALS)}")
    return POTENTIALS[name]

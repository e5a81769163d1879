"""What a potential must be like for a run from theta_initial: a minimum at 0 that the ALP rolls to,
with the mass as its curvature, and a slope that the arithmetic of the kernels does not lose.

All numbers here are of V in units of m^2 f^2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from darklat.physics.formulas import expression
from darklat.physics.potential import Potential, of

Array = npt.NDArray[np.float64]

AT_MINIMUM = 1e-12  # of V, V' and V'' - 1 at theta = 0
ALLOWED = {False: 1e-12, True: 1e-5}
"""Relative error of V' in float64, and in float32 (True)."""
_SAMPLES = 2000  # of V between 0 and theta_initial
_FARTHEST = 32  # times theta_initial, how far the ALP is followed on the other side of 0
_PRECISE = 64  # values of |theta| at which V' is worked out to 30 digits
_LEAST, _BEYOND = 1e-6, 2.0  # the smallest |theta| of these, and the largest over theta_initial
_NOTHING = 1e-30  # of an error of V' in float32, whose smallest numbers are 1e-38


@dataclass(frozen=True)
class Fault:
    """Why a formula does not do. `of_theta_initial`: that number is to blame."""

    message: str
    of_theta_initial: bool = False


@lru_cache(maxsize=64)
def reached(text: str, theta_initial: float) -> Array | None:
    """Values of theta, 0 among them, between which an ALP moves that starts at rest at
    theta_initial and loses energy. None where nothing on the other side of 0 stops it."""
    potential, start = of(text), float(potential_at(of(text), theta_initial))
    near = np.linspace(0.0, theta_initial, _SAMPLES + 1)
    beyond = 1
    while beyond <= _FARTHEST:
        beyond *= 2
        far = np.linspace(0.0, -beyond * theta_initial, beyond * _SAMPLES + 1)
        stops = np.flatnonzero(~(potential_at(potential, far) < start))  # NaN stops it, too
        if len(stops):
            found = np.concatenate([far[stops[0] : 0 : -1], near])
            found.setflags(write=False)
            return found
    return None


def potential_at(potential: Potential, theta: float | Array) -> Array:
    """V in units of m^2 f^2."""
    return np.asarray(potential.V(theta, 1.0))


def curvatures(text: str, theta_initial: float) -> Array:
    """V'' at the values of `reached`, which must not be None."""
    theta = reached(text, theta_initial)
    assert theta is not None  # the faults have seen to it
    return np.asarray(of(text).d2V(theta, 1.0))


@lru_cache(maxsize=64)
def fastest(text: str, theta_initial: float) -> float:
    """sqrt|V''| at its largest where the ALP moves: the rate at which it can turn, over m."""
    return math.sqrt(float(np.max(np.abs(curvatures(text, theta_initial)))))


@lru_cache(maxsize=64)
def fault(text: str, theta_initial: float, *, single: bool) -> Fault | None:
    """What is wrong with a formula, if something is. single: kernels have V' in float32."""
    return (
        _at_the_minimum(text)
        or _on_the_way(text, theta_initial)
        or _in_the_arithmetic(text, theta_initial, single=single)
    )


def _at_the_minimum(text: str) -> Fault | None:
    V, slope, curvature = (float(expression(text).at(0.0, d)) for d in range(3))
    if not all(map(math.isfinite, (V, slope, curvature))):
        return Fault("V and its derivatives are not finite at theta = 0, where its minimum is")
    if abs(V) > AT_MINIMUM:
        return Fault(f"V is {V:.6g} at its minimum, theta = 0, and must be 0 there: subtract it")
    if abs(slope) > AT_MINIMUM:
        return Fault(
            f"V' is {slope:.6g} at theta = 0, where the minimum of V must be: measure theta from it"
        )
    if abs(curvature - 1) > AT_MINIMUM:
        remedy = f": divide the formula by {curvature!r}" if curvature > 0 else ""
        return Fault(
            f"V'' is {curvature:.6g} at theta = 0 and must be 1, so that mass_eV is the mass "
            f"there{remedy}"
        )
    return None


def _on_the_way(text: str, theta_initial: float) -> Fault | None:
    near = np.linspace(0.0, theta_initial, _SAMPLES + 1)
    found = _not_finite(text, near)
    if found:
        return found
    slopes = np.asarray(of(text).dV(near, 1.0)) * math.copysign(1.0, theta_initial)
    uphill = np.flatnonzero(~(slopes[1:] > 0))
    if len(uphill):
        at = near[1:][uphill[0]]
        return Fault(
            f"an ALP at rest here would not roll to theta = 0: V' has the wrong sign at theta = "
            f"{at:.4g}, or is 0 there",
            of_theta_initial=True,
        )
    theta = reached(text, theta_initial)
    if theta is None:
        return Fault(
            "V must rise on both sides of theta = 0; from theta_initial the ALP would roll over 0 "
            f"to beyond theta = {-_FARTHEST * theta_initial:.4g}"
        )
    found = _not_finite(text, theta)
    V = potential_at(of(text), theta)
    if found or np.all(V >= -AT_MINIMUM):
        return found
    return Fault(
        f"V is {float(np.min(V)):.4g} at theta = {theta[np.argmin(V)]:.4g}, which the ALP reaches, "
        "and must not be below its value at theta = 0"
    )


def _not_finite(text: str, theta: Array) -> Fault | None:
    values = np.stack([expression(text).at(theta, d) for d in range(3)])
    wrong = np.flatnonzero(~np.all(np.isfinite(values), axis=0))
    if not len(wrong):
        return None
    return Fault(
        f"V or a derivative of it is not finite at theta = {theta[wrong[0]]:.4g}, which the ALP "
        "reaches"
    )


def _in_the_arithmetic(text: str, theta_initial: float, *, single: bool) -> Fault | None:
    """Compares V' as the kernels have it with its value from 30 digits. An error counts relative
    to |V'| + |theta V''|, which a rounding of theta causes as well, near a maximum of V too."""
    U, kind = expression(text), np.float32 if single else np.float64
    size = np.geomspace(_LEAST, _BEYOND * abs(theta_initial), _PRECISE)
    theta = np.concatenate([-size, size]).astype(kind)
    wide = theta.astype(np.float64)
    scale = np.abs(U.at(wide, 1)) + np.abs(wide * U.at(wide, 2))
    inside = np.isfinite(scale)
    theta, wide, scale = theta[inside], wide[inside], scale[inside]
    error = np.abs(U.at(theta, 1).astype(np.float64) - U.precise_slope(wide))
    relative = error / np.where(error > _NOTHING, scale, 1.0)
    relative[np.isnan(relative)] = np.inf
    worst = int(np.argmax(relative))
    if relative[worst] <= ALLOWED[single]:
        return None
    precision = "float32" if single else "float64"
    if math.isinf(relative[worst]):
        return Fault(
            f"V' or a step to it leaves the range of {precision} at theta = {wide[worst]:.3g}; "
            f"kernels need it up to {_BEYOND:g} theta_initial"
        )
    also = ", or use lattice.precision: float64" if single else ""
    return Fault(
        f"V' is wrong by {relative[worst]:.2g} of its value at theta = {wide[worst]:.3g} in "
        f"{precision}, and {ALLOWED[single]:g} is allowed: terms cancel there. Write the formula "
        f"in another form, such as 0.5 - 0.5/(1 + theta**2) for theta**2/(2 + 2*theta**2){also}"
    )

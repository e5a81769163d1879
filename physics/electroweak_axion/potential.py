"""The axion and the Higgs boson: potential, vacuum, masses and mixing.

K. S. Jeong, J. H. Kang, S. Nakagawa, "Cosmological Roles of Dark Photons in Axion-induced
Electroweak Baryogenesis", Eqs. II.1-II.4, II.9, II.14 and footnote 1. With theta = phi/f_phi

    V = mu_eff^2 h^2/2 + lambda h^4/4 - Lambda^4 cos(theta)
    mu_eff^2 = mu^2 - M^2 cos(theta + beta)

    epsilon = sqrt(2 lambda) Lambda^2/M^2,   r = sqrt(2) Lambda^2/(sqrt(lambda) v^2)

The paper prints sqrt(2) lambda in epsilon. Its own kappa_1 and kappa_2 follow from the minimum of V
with sqrt(2 lambda) alone. `kappas` has these closed forms, for f_phi >> v; `vacuum` minimises V for
any f_phi.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from darklat.physics.electroweak_axion.particles import (
    HIGGS_MASS_GEV,
    HIGGS_VEV_GEV,
    T_CRITICAL_SM_GEV,
)

Array = npt.NDArray[np.float64]

QUARTIC = HIGGS_MASS_GEV**2 / (2 * HIGGS_VEV_GEV**2)
"""lambda, from m_h^2 = 2 lambda v^2."""


@dataclass(frozen=True)
class Kappas:
    """The numbers of order one of a model."""

    kappa1: float
    """m_phi = kappa1 m_h^2/f_phi (II.3)."""
    kappa2: float
    """sin(theta_mix) = kappa2 m_h/f_phi (II.4)."""
    kappa_mix: float
    """sin^2(theta_mix) = kappa_mix (m_phi/m_h)^2, (kappa2/kappa1)^2 (II.14)."""
    nucleation_temperature_gev: float | None
    """T_n (II.9); None where the symmetric phase survives to T = 0."""

    def require_transition(self) -> float:
        """T_n in GeV. Raises ValueError where there is none."""
        if self.nucleation_temperature_gev is None:
            raise ValueError(
                "the symmetric phase survives to T = 0, and there is no T_n (II.9); a smaller r or "
                "beta has one"
            )
        return self.nucleation_temperature_gev


@dataclass(frozen=True)
class Vacuum:
    """The minimum of the potential for a decay constant, with the particles around it."""

    higgs_gev: float
    """h."""
    theta: float
    """phi/f_phi."""
    mass_phi_gev: float
    mass_higgs_gev: float
    sin_mixing: float
    """Share of h in the axion, as an amplitude."""


def kappas(*, r: float, epsilon: float, beta: float) -> Kappas:
    """The closed forms of footnote 1, II.14 and II.9, for f_phi much above the electroweak scale.

    Raises ValueError for r and epsilon that are not positive and for an epsilon of 1 or more, whose
    transition is not of first order. Raises it too where the axion would be a tachyon.
    """
    _check(r, epsilon)
    A = _size(r, epsilon, beta)
    stiffness = r * A**1.5 - r**4 * epsilon * math.sin(beta) ** 2
    if not stiffness > 0:
        raise ValueError(
            f"r = {r:g}, epsilon = {epsilon:g}, beta = {beta:g} have no vacuum: the square of the "
            "axion's mass is negative; a smaller r or beta has one"
        )
    kappa1 = math.sqrt(stiffness / (8 * QUARTIC * epsilon * A))
    kappa2 = r**2 * math.sin(beta) / math.sqrt(8 * QUARTIC * A)
    return Kappas(kappa1, kappa2, (kappa2 / kappa1) ** 2, _nucleation(r, epsilon, beta))


def vacuum(*, r: float, epsilon: float, beta: float, f_gev: float) -> Vacuum:
    """The electroweak minimum of V, found by minimising, and the eigenstates around it.

    v = 246 GeV is the value of h there, and m_h^2 = 2 lambda v^2. Raises ValueError for r,
    epsilon or f_phi out of range, and where h = 0 is deeper or there is no such minimum.
    """
    _check(r, epsilon)
    if not f_gev > 0:
        raise ValueError(f"f_phi must be positive, not {f_gev} GeV")
    potential = _Potential(r, epsilon, beta)
    start = math.atan2(-math.sin(beta), math.cos(beta)) / 2  # between both terms of V
    found = minimize(
        lambda at: potential.value(*at), (0.9, start), jac=lambda at: potential.slope(*at), tol=1e-9
    )
    at = np.asarray(found.x)
    for _ in range(4):  # Newton's method brings it to rounding
        at = at - np.linalg.solve(potential.curvature(*at), potential.slope(*at))
    if not potential.value(*at) < potential.value(0.0, 0.0):
        raise ValueError(
            f"r = {r:g}, epsilon = {epsilon:g}, beta = {beta:g} have no electroweak vacuum: the "
            "phase h = 0 is deeper"
        )
    unit = np.array([HIGGS_VEV_GEV, f_gev])
    matrix = potential.curvature(*at) / np.outer(unit, unit)
    squares, states = np.linalg.eigh(matrix)
    axion = int(np.argmin(np.abs(states[0])))  # it has the smaller share of h
    other = squares[1 - axion]
    scale = math.sqrt(QUARTIC) * HIGGS_VEV_GEV**2
    return Vacuum(
        higgs_gev=abs(float(at[0])) * HIGGS_VEV_GEV,
        theta=float(at[1]),
        # From the determinant: the eigenvalue itself is lost in rounding for a large f_phi.
        mass_phi_gev=scale * math.sqrt(float(np.linalg.det(matrix) / other)),
        mass_higgs_gev=scale * math.sqrt(float(other)),
        sin_mixing=abs(float(states[0, axion])),
    )


@dataclass(frozen=True)
class _Potential:
    """V in units of lambda v^4, of y = h/v and theta.

    M^2 = (r/epsilon) lambda v^2, Lambda^4 = (r^2/2) lambda v^4, and mu^2 is such that h = v at the
    minimum.
    """

    r: float
    epsilon: float
    beta: float

    def _coupling(self) -> float:
        return self.r / self.epsilon

    def _square(self, theta: float) -> float:
        """-mu_eff^2 over lambda v^2: 1 at the minimum."""
        top = (1 + self.r * self.epsilon * math.cos(self.beta)) / math.sqrt(
            _size(self.r, self.epsilon, self.beta)
        )
        return 1 + self._coupling() * (math.cos(theta + self.beta) - top)

    def value(self, y: float, theta: float) -> float:
        """The potential over lambda v^4, h = y v and theta = phi/f."""
        return -self._square(theta) * y**2 / 2 + y**4 / 4 - self.r**2 / 2 * math.cos(theta)

    def slope(self, y: float, theta: float) -> Array:
        """Its derivatives by y and theta: [2]."""
        turn = self._coupling() * math.sin(theta + self.beta)
        return np.array(
            [
                -self._square(theta) * y + y**3,
                turn * y**2 / 2 + self.r**2 / 2 * math.sin(theta),
            ]
        )

    def curvature(self, y: float, theta: float) -> Array:
        """Its second derivatives by y and theta: [2, 2]."""
        turn = self._coupling() * math.sin(theta + self.beta)
        bend = self._coupling() * math.cos(theta + self.beta)
        return np.array(
            [
                [-self._square(theta) + 3 * y**2, turn * y],
                [turn * y, bend * y**2 / 2 + self.r**2 / 2 * math.cos(theta)],
            ]
        )


def _check(r: float, epsilon: float) -> None:
    if not (r > 0 and 0 < epsilon < 1):
        raise ValueError(
            f"r must be positive and epsilon between 0 and 1 for a transition of first order, not "
            f"{r:g} and {epsilon:g}"
        )


def _size(r: float, epsilon: float, beta: float) -> float:
    """1 + 2 r epsilon cos(beta) + (r epsilon)^2."""
    return 1 + 2 * r * epsilon * math.cos(beta) + (r * epsilon) ** 2


def _nucleation(r: float, epsilon: float, beta: float) -> float | None:
    """T_n in GeV; M^2/m_h^2 is r/(2 epsilon)."""
    turned = (1 + r * epsilon * math.cos(beta)) / math.sqrt(_size(r, epsilon, beta))
    square = 1 - r / epsilon * (turned - math.cos(beta))
    return math.sqrt(square) * T_CRITICAL_SM_GEV if square > 0 else None

"""The axion-like particle: theta and pi = a^2 theta', and its coupling to the gauge fields.

Equations: docs/physics/alp-dark-photon.md; kernels: kick.cu, link_flow.cu.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from darklat.kernels.layout import Variant
from darklat.lattice.fields import Fields
from darklat.lattice.passes import Pass
from darklat.lattice.sectors.base import (
    Densities,
    Evolved,
    Group,
    Moment,
    Sector,
    SeriesColumn,
    Start,
)
from darklat.lattice.sectors.gauge import free_kick
from darklat.lattice.sectors.on_sites import gradient_squared
from darklat.lattice.sectors.sharing import ComponentFlow, Share, StepTimes, each_flow
from darklat.lattice.spectra import Contribution, Spectrum, SpectrumPlan
from darklat.physics import alp, observables
from darklat.physics.background import Background
from darklat.physics.potential import POTENTIALS
from darklat.physics.potential import of as potential_of
from darklat.physics.quantities import Column, Placed

_LAST_FLOWS = (2, 5)  # of each leapfrog; theta drifts with their torques


class AlpSector(Sector):
    """theta and pi of `fields`; `common` are the averages that all sectors read."""

    def __init__(self, fields: Fields, common: Pass) -> None:
        self._fields, self._common = fields, common

    @staticmethod
    def saved_per_site(variant: Variant) -> int:
        """theta, pi."""
        del variant
        return 2

    def evolved(self) -> dict[str, Evolved]:
        """theta, pi."""
        f = self._fields
        return {
            "theta": Evolved(f.theta, "1", "ALP field phi/f on the sites [n, n, n]", gauge=False),
            "pi": Evolved(f.pi, "1/tau_osc", "a^2 theta' on the sites [n, n, n]", gauge=False),
        }

    def start(self, start: Start) -> None:
        """From the file, or homogeneous: its own vacuum fluctuations, some 1e-43 beside 1, are
        below rounding."""
        f, model, initial = self._fields, start.config.model.alp, start.inputs.initial
        if initial is not None:
            assert initial.theta is not None and initial.theta_prime is not None
            f.theta[...] = f.backend.array(initial.theta)
            f.pi[...] = f.backend.array(start.a**2 * initial.theta_prime)
            return
        assert model is not None  # there is no sector without one
        theta, theta_prime = alp.homogeneous(
            start.config.expansion,
            mass=f.mass,
            theta_initial=model.theta_initial,
            potential=model.V,
            tau=start.tau,
        )
        f.theta[...] = float(theta)
        f.pi[...] = start.a**2 * float(theta_prime)

    def share(self) -> Share:
        """See `AlpShare`."""
        return AlpShare(self._fields)

    def densities(self, a: float) -> Densities:
        """Of theta."""
        mean = self._common.means
        prime_sq = float(mean["pi_sq"]) / a**4
        grad_sq, potential = float(mean["grad_sq"]), float(mean["potential"])
        rho = float(observables.rho_alp(prime_sq, grad_sq, potential, a))
        return Densities(scalars={"theta": rho})

    def columns(self) -> dict[str, SeriesColumn]:
        """r, rho/theta, rho_free, theta_mean, theta_rms."""
        density = "f^2/tau_osc^2"
        return {
            "r": SeriesColumn(
                Group.RESULT, "1", "mean energy density of the ALP over that without gauge fields"
            ),
            "rho/theta": SeriesColumn(Group.DENSITY, density, "mean energy density of the ALP"),
            "rho_free": SeriesColumn(
                Group.DENSITY, density, "energy density of the homogeneous ALP without gauge fields"
            ),
            "theta_mean": SeriesColumn(Group.MEAN, "1", "mean of theta"),
            "theta_rms": SeriesColumn(Group.MEAN, "1", "square root of the mean of theta^2"),
        }

    def row(self, now: Moment) -> dict[str, float]:
        """The values of `columns`."""
        assert now.free is not None  # there is no sector without an ALP
        mean = self._common.means
        return {
            "r": observables.relic_fraction(now.densities.scalars["theta"], now.free),
            "rho_free": now.free,
            "theta_mean": float(mean["theta"]),
            "theta_rms": math.sqrt(max(float(mean["theta_sq"]), 0.0)),
        }

    def spectra_columns(self) -> dict[str, Column]:
        """theta."""
        return {"theta": Column("1", "theta")}

    def spectra(
        self, plan: SpectrumPlan, a: float, modes: np.ndarray | None
    ) -> Iterator[Contribution]:
        """Energy per bin: theta'^2/2a^2 + khat^2 theta^2/2a^2 + m^2 theta^2/2. The potential counts
        to second order in theta, except that of a formula at the mean of theta."""
        f = self._fields
        theta, theta_k2 = plan.site(f.theta)
        momentum, _ = plan.site(f.pi)
        zero = plan.site_zero(f.theta)
        energy = (momentum / a**4 + theta_k2) / (2 * a**2) + f.mass**2 * theta / 2
        rest = plan.site_zero(f.pi) / (2 * a**6) + self._at_the_mean(zero)
        spectrum = Spectrum(theta / plan.bins.dlnk, zero)
        yield Contribution({"theta": spectrum}, energy, rest)

    def _at_the_mean(self, square: float) -> float:
        """V at the mean of theta, whose square is given. On a plateau it is far below theta^2/2,
        which would hide a power at the cutoff. `cosine` has always counted as theta^2/2."""
        f = self._fields
        if f.variant.potential in POTENTIALS:
            return f.mass**2 * square / 2
        sign = math.copysign(1.0, float(f.theta.mean(dtype=np.float64)))
        return float(potential_of(f.variant.potential).V(sign * math.sqrt(square), f.mass))

    def snapshot(self, a: float) -> dict[str, Placed]:
        """theta, theta'."""
        f = self._fields
        theta_prime = f.on_host(f.pi) / a**2
        return {
            "theta": Placed(f.on_host(f.theta), "1", "ALP field phi/f on the sites"),
            "theta_prime": Placed(theta_prime, "1/tau_osc", "d theta/d tau on the sites"),
        }

    def density_on_sites(self, a: float) -> dict[str, np.ndarray]:
        """Of theta."""
        f = self._fields
        theta, prime_sq = f.on_host(f.theta), f.on_host(f.pi) ** 2 / a**4
        potential = np.asarray(potential_of(f.variant.potential).V(theta, f.mass))
        grad_sq = gradient_squared(f, theta)
        return {"theta": observables.rho_alp(prime_sq, grad_sq, potential, np.asarray(a))}


class AlpShare(Share):
    """The flows of pi^2/(2 a^2) and of a^2 |grad theta|^2/2 + a^4 V. Besides, the changes of pi and
    D in the component flows of E, through the coupling.

    The same kernel does the kick of the gauge fields. In each half, theta drifts for a quarter of
    dt before the component flows. It drifts for another quarter with the torque of the last flow.
    """

    def __init__(self, fields: Fields) -> None:
        f = fields
        kicks = [free_kick(f) for _ in range(3)]
        self._kicks = [kick for _, kick in kicks]
        drifts = [drift(f) for _ in _LAST_FLOWS]
        self._torques = each_flow(
            lambda i, axis: (
                _torque_and_drift(f, axis) if i in _LAST_FLOWS else torque(f, axis, f.pi)
            )
        )
        self._momenta = each_flow(lambda _, axis: momenta(f, axis, f.D))
        self._drifting = [  # both drifts of each half, with the name of their duration
            each
            for before, flow in zip(drifts, _LAST_FLOWS, strict=True)
            for each in ((before, "h"), (self._torques[flow], "drift"))
        ]
        self._halves = (0.0, 0.0)  # that the flows last
        super().__init__(
            kicks=[[*kick] for kick in kicks],
            drifts=[[each] for each in drifts],
            flows=each_flow(
                lambda i, axis: ComponentFlow(
                    before=f.felt_magnetic(axis, f.g, f.E),
                    behind=[self._torques[i], *self._momenta[i]],
                )
            ),
        )

    def set(self, step: StepTimes) -> None:
        """pi and D at the times of the kicks, theta in between."""
        for kick, (h, _, a) in zip(self._kicks, step.kicks, strict=False):
            kick(h=h, a=a)
        if step.halves != self._halves:
            self._halves = step.halves
            for i, (torque, momenta) in enumerate(zip(self._torques, self._momenta, strict=True)):
                torque(h=step.halves[i // 3])
                momenta[-1](h=step.halves[i // 3])
        for (drift, duration), (h, _, a) in zip(self._drifting, step.drifts, strict=True):
            drift(**{duration: h, "a": a})

    def spent(self, step: StepTimes) -> float:
        """Its terms are constant along their flows. So this and the Hamiltonian are together
        conserved as well as a Hamiltonian that does not depend on time."""
        background, spent = step.background, 0.0
        for kick, (h, tau, _) in zip(self._kicks, step.kicks, strict=False):
            trace = kick.means["trace"]  # |grad theta|^2 + 4 a^2 V
            spent += h * expansion_power(background, tau, grad_sq=trace)
        for (drift, _), (h, tau, _) in zip(self._drifting, step.drifts, strict=True):
            spent += h * expansion_power(background, tau, pi_sq=drift.means["pi_sq"])
        return spent


def expansion_power(
    background: Background,
    tau: float,
    *,
    pi_sq: float = 0.0,
    grad_sq: float = 0.0,
    potential: float = 0.0,
) -> float:
    """(3 p - rho) a^3 a' of the ALP at tau: the rate at which expansion takes its conformal energy.

    From means over the lattice of pi^2, |grad theta|^2 and V; it is linear in them. It is minus the
    time derivative of the Hamiltonian at given fields and momenta.
    """
    a, hub = float(background.scale_factor(tau)), float(background.conformal_hubble(tau))
    trace = observables.trace_alp(pi_sq / a**4, grad_sq, potential, a)
    return float(observables.expansion_power(trace, a, hub))


def drift(f: Fields) -> Pass:
    """The flow of pi^2/(2 a^2) over a time h: moves theta; scalars h, a."""
    return Pass("drift", h=0.0, a=1.0, pi=f.pi, theta=f.theta)


def torque(f: Fields, axis: int, pi: Any) -> Pass:
    """The change of pi by the flow of E_axis^2/2 over a time h, and theta E at the sites."""
    return Pass(
        "link_torque", axis=axis, h=0.0, inv_dx=f.inv_dx, theta=f.theta, G=f.E, E=f.E, F=f.E, pi=pi
    )


def _torque_and_drift(f: Fields, axis: int) -> Pass:
    """The same of pi itself, and then the work of `drift`, over a time and at an a of its own, the
    scalars drift and a."""
    return Pass(
        "link_torque_drift", axis=axis, h=0.0, inv_dx=f.inv_dx, drift=0.0, a=1.0,
        G=f.E, E=f.E, F=f.E, pi=f.pi, theta=f.theta,
    )  # fmt: skip


def momenta(f: Fields, axis: int, D: Any) -> list[Pass]:
    """The change of D across the axis by that flow; scalar h of the last."""
    common = {"axis": axis, "h": 0.0, "inv_dx": f.inv_dx, "g": f.g}
    if f.order == 2:
        return [Pass("link_momenta", **common, F=f.E, D=D)]
    return [
        Pass("force_means", axis=axis, F=f.E, V=f.E),
        Pass("momenta_of_means", **common, V=f.E, D=D),
    ]

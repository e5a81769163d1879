"""Prints how far closed forms of the axion's dark photons are from numerical results.

    python benchmarks/dark_relics.py

Each closed form of Jeong, Kang and Nakagawa on a grid in its own range of validity. Takes a quarter
of a minute on one core. docs/physics/dark-relics.md has the result.
"""

from __future__ import annotations

import itertools
import warnings

import numpy as np

from darklat.physics import boltzmann, relics
from darklat.physics.electroweak_axion import (
    dark_photons,
    invisible,
    kappas,
    rates,
    vacuum,
)
from darklat.physics.electroweak_axion.particles import HIGGS_MASS_GEV, T_CRITICAL_SM_GEV

SM = boltzmann.standard_model()

Rows = dict[str, list[tuple[float, str]]]

MASSES_GEV = np.geomspace(1e-3, 1.0, 10)
"""m_phi of successful baryogenesis."""


def main() -> None:
    """A line per closed form: the extremes of it over the numerical value in its range."""
    rows: Rows = {}
    for part in (potential, decoupling, freeze_in, freeze_out, radiation):
        part(rows)
    for name, ratios in rows.items():
        low, high = min(ratios), max(ratios)
        print(f"{name}: {len(ratios)} points, closed form over numerical value")
        print(f"    from {shown(low[0])} at {low[1]}")
        print(f"    to   {shown(high[0])} at {high[1]}")


def shown(ratio: float) -> str:
    """A ratio, with its distance from 1 where that is small."""
    return f"1 {ratio - 1:+.2g}" if abs(ratio - 1) < 1e-3 else f"{ratio:.4g}"


def add(rows: Rows, name: str, ratio: float, where: str) -> None:
    rows.setdefault(name, []).append((ratio, where))


def potential(rows: Rows) -> None:
    """Footnote 1 and II.14 beside the minimum of the potential, f_phi from 1e5 to 1e7 GeV."""
    grid = itertools.product((0.1, 0.3, 1.0), (0.1, 0.5, 0.9), (0.1, 0.3, 0.5, 1.0))
    for r, epsilon, beta in grid:
        closed = kappas(r=r, epsilon=epsilon, beta=beta)
        if closed.nucleation_temperature_gev is None:
            continue
        for f in (1e5, 1e6, 1e7):
            found = vacuum(r=r, epsilon=epsilon, beta=beta, f_gev=f)
            where = f"r = {r}, epsilon = {epsilon}, beta = {beta}, f_phi = {f:g} GeV"
            mass = closed.kappa1 * HIGGS_MASS_GEV**2 / f
            add(rows, "II.3, m_phi", mass / found.mass_phi_gev, where)
            mixing = closed.kappa2 * HIGGS_MASS_GEV / f
            add(rows, "II.4, sin(theta_mix)", mixing / found.sin_mixing, where)


def decoupling(rows: Rows) -> None:
    """Temperatures and rates."""
    for f in np.geomspace(1e5, 1e7, 9):
        T = rates.primakoff_temperature(f_gev=float(f), bath=SM)
        if T is not None:
            closed = rates.paper_primakoff_temperature(f_gev=float(f))
            add(rows, "II.21, T_P", closed / T, f"f_phi = {f:.3g} GeV")
    for g in np.geomspace(1e-10, 5e-7, 9):
        T = dark_photons.decoupling_temperature(coupling=float(g), bath=SM)
        if T is not None and T > T_CRITICAL_SM_GEV:
            where = f"g = {g:.3g}/GeV"
            closed = dark_photons.paper_decoupling_temperature(float(g))
            add(rows, "III.3, T_dec", closed / T, where)
            closed = dark_photons.paper_reheating_bound(float(g))
            add(rows, "III.16, T_reh", closed / T, where)
    for mass in MASSES_GEV:
        where = f"m_phi = {mass:.3g} GeV"
        exact = dark_photons.decay_over_hubble(mass_phi=float(mass), coupling=1e-8, bath=SM)
        closed = dark_photons.paper_decay_over_hubble(mass_phi=float(mass), coupling=1e-8)
        add(rows, "III.4, Gamma/H", closed / exact, where)
        exact = dark_photons.thermalisation_coupling(mass_phi=float(mass), mass_dark=0.0)
        closed = dark_photons.paper_thermalisation_coupling(float(mass))
        add(rows, "III.17, largest g", closed / exact, where)


def freeze_in(rows: Rows) -> None:
    """III.18, and what the numerical yield would be with less."""
    for mass, share in itertools.product(MASSES_GEV, (0.001, 0.01, 0.1)):
        point = {"mass_phi_gev": float(mass), "mass_dark_gev": float(share * mass)}
        where = f"m_phi = {mass:.3g} GeV, m' = {share} m_phi"
        exact = relics.coupling_for_dark_matter(**point)
        g_star = float(SM.g_energy(mass))
        omega = dark_photons.paper_omega_h2(
            mass_phi=float(mass), mass_dark=share * float(mass), coupling=exact, g_star=g_star
        )
        add(rows, "III.18, Omega", omega / boltzmann.OMEGA_DARK_MATTER_H2, where)
        classical = relics.yield_per_width(float(mass), "boltzmann")
        ratio = classical / relics.yield_per_width(float(mass))
        add(rows, "Maxwell-Boltzmann statistics, Omega", ratio, where)
    for strength in (1.0, 100.0, 1e4):
        limit = dark_photons.thermalisation_coupling(mass_phi=0.01, mass_dark=1e-4)
        point = {"mass_phi_gev": 0.01, "mass_dark_gev": 1e-4}
        coupling = limit * strength**0.5
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", relics.Thermalised)  # Gamma/H = 1 to rounding
            whole = relics.freeze_in(**point, coupling_per_gev=coupling)
        linear = relics.yield_per_width(0.01) * relics.decay_width(
            **point, coupling_per_gev=coupling
        )
        name = f"no inverse decays, Gamma/H = {strength} at m_phi/10, Y"
        add(rows, name, linear / whole.yield_, "m_phi = 10 MeV, m' = 100 keV")


def freeze_out(rows: Rows) -> None:
    """III.12 and III.13 where they should hold: m' > 3 MeV, T_decay < T_fo < m'/3."""
    grid = itertools.product((0.01, 0.03, 0.1, 0.2), (0.2, 0.3, 0.4), (1e-7, 1e-6, 1e-5))
    for mass, share, g in grid:
        dark = share * mass
        if dark < 3e-3:
            continue
        try:
            found = invisible.freeze_out(mass_phi=mass, mass_dark=dark, coupling=g)
            closed = invisible.closed_freeze_out(mass_phi=mass, mass_dark=dark, coupling=g)
        except ValueError:
            continue  # no equilibrium
        if found.temperature_gev > dark / 3:
            continue
        where = f"m_phi = {mass} GeV, m' = {share} m_phi, g = {g:g}/GeV"
        printed = invisible.closed_freeze_out(mass_phi=mass, mass_dark=dark, coupling=g, paper=True)
        add(rows, "III.13 with 10.03, T_fo", closed / found.temperature_gev, where)
        add(rows, "III.13 as printed, T_fo", printed / found.temperature_gev, where)
        epsilon = 0.3 * invisible.largest_coupling_to_fermions(mass_dark=dark)
        after = invisible.radiation(
            yield_=found.yield_, mass_dark=dark, coupling_to_fermions=epsilon
        )
        if after.decay_temperature_gev > closed:
            continue
        end = {"mass_dark": dark, "decay_gev": after.decay_temperature_gev}
        neff = invisible.closed_delta_neff(freeze_out_gev=closed, **end)
        add(rows, "III.12 with 0.331, Delta N_eff", neff / after.delta_neff, where)
        neff = invisible.closed_delta_neff(freeze_out_gev=printed, coefficient=1.0, **end)
        add(rows, "III.12 as printed, Delta N_eff", neff / after.delta_neff, where)


def radiation(rows: Rows) -> None:
    """III.21 for decoupling before the transition."""
    for T in np.geomspace(T_CRITICAL_SM_GEV, 1e9, 9):
        exact = dark_photons.delta_neff(g_entropy_then=float(SM.g_entropy(T)))
        ratio = dark_photons.PAPER_DELTA_NEFF / exact
        add(rows, "III.21, Delta N_eff", ratio, f"T_dec = {T:.3g} GeV")


if __name__ == "__main__":
    main()

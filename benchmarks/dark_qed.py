"""Prints how far the closed forms of dark QED's relics are from the numerical density.

    python benchmarks/dark_qed.py

On a grid of m_psi, e_D, H_I and eta, each closed form in its own range of validity
(`darklat.physics.dark_qed.approximations`). Takes about a minute on one core.
docs/physics/dark-qed-relics.md has the result.
"""

from __future__ import annotations

import itertools

import numpy as np

from darklat.physics.dark_qed import approximations, closed_forms, freeze_out, heavy_photon

MASSES = np.geomspace(0.01, 3e4, 14)
CHARGES = np.geomspace(1e-5, 1.0, 13)
INFLATION = ((6e13, 6.0), (6e13, 3.0), (1e12, 5.0))

PHOTON_RATIOS = (3.0, 10.0, 1e3)
"""m_A'/m_psi of a heavy A'."""

LIGHTEST_GEV = 1.0
"""Lighter psi freeze out while g_* of the Standard Model falls; the closed forms leave that out."""

Rows = dict[str, list[tuple[float, str]]]


def main() -> None:
    """Two lines per closed form: the extremes of it over the numerical density in its range."""
    rows: Rows = {}
    for (hubble, eta), mass, charge in itertools.product(INFLATION, MASSES, CHARGES):
        add(rows, float(mass), float(charge), hubble, eta)
    for (hubble, eta), mass, charge in itertools.product(INFLATION, MASSES, CHARGES):
        for ratio in PHOTON_RATIOS:
            add_heavy(rows, float(mass), ratio * float(mass), float(charge), hubble, eta)
    for name, ratios in sorted(rows.items()):
        low, high = min(ratios), max(ratios)
        print(f"{name}: {len(ratios)} points, closed form over numerical density")
        print(f"    from {low[0]:.3f} at {low[1]}")
        print(f"    to   {high[0]:.3f} at {high[1]}")


def add(rows: Rows, mass: float, charge: float, hubble: float, eta: float) -> None:
    """The ratios at one point, for all closed forms that hold there."""
    inflation = {"hubble_inflation_gev": hubble, "eta": eta}
    point = {"mass_fermion_gev": mass, "charge": charge, **inflation}
    valid = {each.equation: each.omega for each in approximations.light(**point) if each.valid}
    if not valid:
        return
    where = f"m_psi = {mass:.3g} GeV, e_D = {charge:.2g}, H_I = {hubble:g} GeV, eta = {eta:g}"
    found = freeze_out.relic(**point, rtol=1e-6)
    ratios = {name: omega / found.omega for name, omega in valid.items() if omega is not None}
    if "4.6*" in valid:
        rest = freeze_out.relic(**point, rtol=1e-6, at_rest=True)
        ratios["4.6*, <sigma v> at rest"] = closed_forms.omega_cold_recomputed(**point) / rest.omega
    # A' of today, by mass: Eq. 4.9 is that of a bath that psi does not heat.
    photon = freeze_out.omega(found.yield_photon, mass_gev=1.0)
    closed = closed_forms.omega_photon(mass_photon_gev=1.0, **inflation)
    ratios["4.9, psi cold" if "4.6" in valid else "4.9, psi hot"] = closed / photon
    for name, ratio in ratios.items():
        collect(rows, name, mass, ratio, where)


def add_heavy(
    rows: Rows, mass: float, photon: float, charge: float, hubble: float, eta: float
) -> None:
    """The same with a heavy A'."""
    point = {
        "mass_fermion_gev": mass,
        "mass_photon_gev": photon,
        "charge": charge,
        "hubble_inflation_gev": hubble,
        "eta": eta,
    }
    valid = [each for each in approximations.heavy(**point) if each.valid]
    if not valid:
        return
    found = heavy_photon.relic(**point)
    where = f"m_psi = {mass:.3g} GeV, m_A' = {photon:.3g} GeV, e_D = {charge:.2g}, H_I = {hubble:g}"
    for each in valid:
        assert each.omega is not None
        collect(rows, each.equation, mass, each.omega / found.omega, where)


def collect(rows: Rows, name: str, mass: float, ratio: float, where: str) -> None:
    """Adds a ratio to those of its closed form."""
    group = f"{name} (m_psi {'>=' if mass >= LIGHTEST_GEV else '<'} {LIGHTEST_GEV:g} GeV)"
    rows.setdefault(group, []).append((ratio, where))


if __name__ == "__main__":
    main()

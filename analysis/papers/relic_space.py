"""The numbers behind the parameter spaces of dark QED, without drawing.

Figs. 6 and 7 of A. Arvanitaki et al., "Dark QED from Inflation". Masses and H_I are in GeV. Lines
of m_psi over e_D, or of e_D over m_psi, have the density of dark matter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from darklat.analysis.papers.picture import blaming
from darklat.physics.dark_qed import (
    approximations,
    closed_forms,
    freeze_out,
    heavy_photon,
    thermalisation,
)
from darklat.physics.dark_qed.bath import FromInflation
from darklat.schema.figure_dark_qed_space import DarkQed6, DarkQed7

Array = npt.NDArray[np.float64]

_LINE = 200
"""Points of boundaries in closed form."""

_CLOSE = 3e-3
"""Of the lightest mass of dark matter: the first point is so much above it."""

REGIMES: tuple[approximations.Regime, ...] = ("decoupled", "kinetic", "thermal")


@dataclass(frozen=True)
class Boundary:
    """The least e_D for something, over m_psi."""

    name: str
    """Such as "3->2 faster than H at T = m_psi"."""
    equation: str
    mass: Array
    charge: Array


@dataclass(frozen=True)
class RelicLine:
    """e_D of dark matter over m_psi for one eta and H_I, numerically; nan where there is none."""

    eta: float
    lightest: float
    """Below this mass even a hot relic has less."""
    mass: Array
    charge: Array
    printed: Array
    """e_D of Eq. 4.6; nan where psi would be no cold relic."""
    regime: npt.NDArray[np.int64]
    """Index of `REGIMES`."""


@dataclass(frozen=True)
class LightSpace:
    """Fig. 6."""

    boundaries: list[Boundary]
    lines: list[RelicLine]
    plane_mass: Array
    """[hubble, mass]"""
    plane_hubble: Array
    plane_charge: Array
    """e_D of dark matter, [hubble, mass]."""
    plane_thermal: Array
    """Least e_D that is thermal there, Eq. 3.8, [hubble, mass]."""
    plane_lightest: Array
    """Lightest psi that can be dark matter, over H_I."""


@dataclass(frozen=True)
class HeavySpace:
    """Fig. 7."""

    boundaries: list[Boundary]
    etas: tuple[float, ...]
    mass: Array
    """m_psi of dark matter, numerically, by eta."""
    printed: Array
    """The same by Eq. 4.10."""
    plane_hubble: Array
    plane_dark_matter: Array
    """m_psi of dark matter, [eta, hubble]."""
    plane_mass: Array
    plane_charge: Array
    """Least e_D by Eq. E.20a, [hubble, mass]."""


def light_space(config: DarkQed6) -> LightSpace:
    """Boundaries for the last eta, a line of dark matter for each.

    Raises BadValueError for rates of the plane, and ValueError for masses.
    """
    eta = config.etas[-1]
    hubbles, plane_mass, lightest = _warped_plane(config, eta)
    mass = np.geomspace(config.mass_min_GeV, config.mass_max_GeV, _LINE)
    boundaries = _light_boundaries(config, mass, eta)
    lines = [_relic_line(config, each) for each in config.etas]
    charge, thermal = np.full_like(plane_mass, np.nan), np.full_like(plane_mass, np.nan)
    for index in np.ndindex(*plane_mass.shape):
        m, hubble = float(plane_mass[index]), float(hubbles[index[0]])
        found = freeze_out.charge_for_dark_matter(
            mass_fermion_gev=m, hubble_inflation_gev=hubble, eta=eta, omega_psi=config.omega
        )
        assert found is not None  # m is above the lightest
        charge[index] = found
        thermal[index] = thermalisation.charge_light_photon(
            mass_fermion_gev=m, hubble_inflation_gev=hubble, eta=eta, process="3->2"
        )
    return LightSpace(boundaries, lines, plane_mass, hubbles, charge, thermal, lightest)


def _warped_plane(config: DarkQed6, eta: float) -> tuple[Array, Array, Array]:
    """H_I; m_psi [hubble, mass], which crowds towards the lightest dark matter; that mass.

    Rates at which dark matter is heavier than mass_max_GeV are left out. Raises ValueError where
    fewer than two are left, and BadValueError for a rate.
    """
    hubbles = np.geomspace(config.hubble_min_GeV, config.hubble_max_GeV, config.plane_points)
    with blaming("hubble_min_GeV"):
        lightest = np.array(
            [
                freeze_out.lightest_dark_matter_gev(
                    hubble_inflation_gev=float(hubble), eta=eta, omega_psi=config.omega
                )
                for hubble in hubbles
            ]
        )
    kept = lightest * (1 + _CLOSE) < config.mass_max_GeV
    if np.count_nonzero(kept) < 2:
        raise ValueError(
            f"psi is dark matter from {lightest[-1]:.3g} GeV on even at hubble_max_GeV, above "
            "mass_max_GeV; raise one of them"
        )
    hubbles, lightest = hubbles[kept], lightest[kept]
    rows = [
        first * (1 + np.geomspace(_CLOSE, config.mass_max_GeV / first - 1, config.plane_points))
        for first in lightest
    ]
    return hubbles, np.array(rows), lightest


def _regime(mass: float, charge: float, hubble: float, eta: float) -> int:
    found = approximations.regime_light(
        mass_fermion_gev=mass, charge=charge, hubble_inflation_gev=hubble, eta=eta
    )
    return REGIMES.index(found)


def _light_boundaries(config: DarkQed6, mass: Array, eta: float) -> list[Boundary]:
    def least(process: thermalisation.Process) -> Array:
        return np.array(
            [
                thermalisation.charge_light_photon(
                    mass_fermion_gev=float(m),
                    hubble_inflation_gev=config.hubble_inflation_GeV,
                    eta=eta,
                    process=process,
                )
                for m in mass
            ]
        )

    three = least("3->2")
    printed = [
        thermalisation.charge_light_photon_printed(
            mass_fermion_gev=float(m), hubble_inflation_gev=config.hubble_inflation_GeV, eta=eta
        )
        for m in mass
    ]
    critical = [
        thermalisation.charge_critical(
            mass_fermion_gev=float(m),
            mass_photon_gev=config.photon_mass_ratio * float(m),
            hubble_inflation_gev=config.hubble_inflation_GeV,
        )
        for m in mass
    ]
    return [
        Boundary("3->2 = H at T = m", "3.8", mass, three),
        Boundary("the same, as printed", "3.11", mass, np.array(printed)),
        Boundary("2->2 = H at T = m", "E.20's rate", mass, least("2->2")),
        Boundary("field = critical field", "B.1, 3.6", mass, np.array(critical)),
    ]


def _relic_line(config: DarkQed6, eta: float) -> RelicLine:
    """Masses crowd towards the lightest, where e_D falls to zero."""
    inflation = FromInflation(hubble_inflation_gev=config.hubble_inflation_GeV, eta=eta)
    lightest = freeze_out.lightest_dark_matter_gev(**inflation, omega_psi=config.omega)
    first = max(lightest * (1 + _CLOSE), config.mass_min_GeV)
    if first >= config.mass_max_GeV:
        raise ValueError(
            f"for eta = {eta:g} psi is dark matter from {lightest:.3g} GeV on, above mass_max_GeV"
        )
    mass = first + np.geomspace(1e-3 * first, config.mass_max_GeV - first, config.points)
    charge, printed = np.full(mass.size, np.nan), np.full(mass.size, np.nan)
    regime = np.zeros(mass.size, dtype=np.int64)
    for index, m in enumerate(mass):
        found = freeze_out.charge_for_dark_matter(
            mass_fermion_gev=float(m), **inflation, omega_psi=config.omega
        )
        if found is not None and found <= freeze_out.CHARGE_MAX:
            charge[index] = found
            regime[index] = _regime(float(m), found, config.hubble_inflation_GeV, eta)
        try:
            printed[index] = closed_forms.charge_cold(
                omega=config.omega, mass_fermion_gev=float(m), **inflation
            )
        except ValueError:
            continue  # no cold relic by Eq. 4.5: a gap
    return RelicLine(eta, lightest, mass, charge, printed, regime)


def heavy_space(config: DarkQed7) -> HeavySpace:
    """Boundaries for the last eta.

    Raises BadValueError for rates of the plane, and ValueError for masses.
    """
    eta, ratio = config.etas[-1], config.photon_mass_ratio
    mass = np.geomspace(config.mass_min_GeV, config.mass_max_GeV, _LINE)

    def least(process: thermalisation.Process, hubble: float, m: float, *, dilated: bool) -> float:
        return thermalisation.charge_heavy_photon(
            mass_photon_gev=ratio * m,
            hubble_inflation_gev=hubble,
            eta=eta,
            process=process,
            dilated=dilated,
        )

    def boundary(equation: str, process: thermalisation.Process, *, dilated: bool) -> Boundary:
        at = "decay, dilated" if dilated else "decay"
        hubble = config.hubble_inflation_GeV
        charges = [least(process, hubble, float(m), dilated=dilated) for m in mass]
        return Boundary(f"{process} = H at {at}", equation, mass, np.array(charges))

    hubbles = np.geomspace(config.hubble_min_GeV, config.hubble_max_GeV, config.points)
    plane_mass = np.geomspace(config.mass_min_GeV, config.mass_max_GeV, config.points)
    with blaming("hubble_min_GeV"):
        dark_matter = [
            [_heavy_mass(config, float(h), each) for h in hubbles] for each in config.etas
        ]
    return HeavySpace(
        boundaries=[
            boundary("E.20a", "3->2", dilated=True),
            boundary("E.20b", "2->2", dilated=True),
            boundary("E.20c", "3->2", dilated=False),
            boundary("E.20d", "2->2", dilated=False),
        ],
        etas=config.etas,
        mass=np.array(
            [_heavy_mass(config, config.hubble_inflation_GeV, each) for each in config.etas]
        ),
        printed=np.array(
            [
                closed_forms.mass_early_decay_gev(
                    omega=config.omega,
                    hubble_inflation_gev=config.hubble_inflation_GeV,
                    eta=each,
                )
                for each in config.etas
            ]
        ),
        plane_hubble=hubbles,
        plane_dark_matter=np.array(dark_matter),
        plane_mass=plane_mass,
        plane_charge=np.array(
            [[least("3->2", float(h), float(m), dilated=True) for m in plane_mass] for h in hubbles]
        ),
    )


def _heavy_mass(config: DarkQed7, hubble: float, eta: float) -> float:
    """At the least charge that thermalises, on which the mass does not depend but for g_*."""
    ratio = config.photon_mass_ratio
    closed = closed_forms.mass_early_decay_gev(
        omega=config.omega, hubble_inflation_gev=hubble, eta=eta
    )
    charge = thermalisation.charge_heavy_photon(
        mass_photon_gev=ratio * closed, hubble_inflation_gev=hubble, eta=eta, process="3->2"
    )
    return heavy_photon.mass_for_dark_matter_gev(
        photon_over_fermion=ratio,
        charge=charge,
        hubble_inflation_gev=hubble,
        eta=eta,
        omega_psi=config.omega,
    )


# ---- As tables ----


def boundary_table(boundaries: list[Boundary]) -> dict[str, Array]:
    """e_D of every boundary over m_psi."""
    columns = {"m_psi [GeV]": boundaries[0].mass}
    for each in boundaries:
        columns[f"e_D {each.name} ({each.equation}) [1]"] = each.charge
    return columns


def line_table(lines: list[RelicLine]) -> dict[str, Array]:
    """One row per eta and m_psi; regime 2 thermal, 1 kinetic equilibrium, 0 neither."""
    return {
        "eta [1]": np.concatenate([np.full(each.mass.size, each.eta) for each in lines]),
        "m_psi [GeV]": np.concatenate([each.mass for each in lines]),
        "e_D numerical [1]": np.concatenate([each.charge for each in lines]),
        "e_D 4.6 [1]": np.concatenate([each.printed for each in lines]),
        "regime [1]": np.concatenate([each.regime.astype(np.float64) for each in lines]),
    }


def light_plane_table(data: LightSpace) -> dict[str, Array]:
    """One row per H_I and m_psi."""
    return {
        "H_I [GeV]": np.repeat(data.plane_hubble, data.plane_mass.shape[1]),
        "m_psi [GeV]": data.plane_mass.ravel(),
        "e_D numerical [1]": data.plane_charge.ravel(),
        "e_D 3->2 = H at T = m (3.8) [1]": data.plane_thermal.ravel(),
    }


def mass_table(data: HeavySpace) -> dict[str, Array]:
    """m_psi of dark matter by eta at the H_I of the left panel."""
    return {
        "eta [1]": np.array(data.etas),
        "m_psi numerical [GeV]": data.mass,
        "m_psi 4.10 [GeV]": data.printed,
    }


def band_table(data: HeavySpace) -> dict[str, Array]:
    """m_psi of dark matter by eta and H_I."""
    count = data.plane_hubble.size
    return {
        "eta [1]": np.repeat(np.array(data.etas), count),
        "H_I [GeV]": np.tile(data.plane_hubble, len(data.etas)),
        "m_psi numerical [GeV]": data.plane_dark_matter.ravel(),
    }


def heavy_plane_table(data: HeavySpace) -> dict[str, Array]:
    """One row per H_I and m_psi: the least e_D that is thermal."""
    hubble, mass = np.meshgrid(data.plane_hubble, data.plane_mass, indexing="ij")
    return {
        "H_I [GeV]": hubble.ravel(),
        "m_psi [GeV]": mass.ravel(),
        "e_D 3->2 = H at decay, dilated (E.20a) [1]": data.plane_charge.ravel(),
    }

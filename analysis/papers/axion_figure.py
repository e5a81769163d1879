"""The figures of the axion of electroweak baryogenesis, with their numbers.

K. S. Jeong, J. H. Kang, S. Nakagawa, "Cosmological Roles of Dark Photons in Axion-induced
Electroweak Baryogenesis". Each function takes its configuration (`darklat.schema.figure_axion`).
"""

from __future__ import annotations

import logging

import numpy as np

from darklat.analysis import drawing
from darklat.analysis.papers import axion_data, axion_drawings
from darklat.analysis.papers.axion_data import Contour, Exclusion, ModelLine, OmegaMap, Plane
from darklat.analysis.papers.picture import Picture, blaming
from darklat.physics import boltzmann
from darklat.physics.electroweak_axion import constraints, kappas
from darklat.schema.figure_axion import AxionEwbg1, AxionEwbg2, AxionEwbg3
from darklat.storage.exclusion_files import COUPLINGS, NUMBERS

log = logging.getLogger("darklat")

_STYLED = drawing.styled()


@_STYLED
def figure_1(config: AxionEwbg1) -> Picture:
    """Axion-Higgs mixing: band, one model, bounds, exclusion curves.

    Tables figure_1, figure_1_model and, with curves, figure_1_exclusions. Raises BadValueError, and
    ConfigError for a file of a curve.
    """
    mass = np.geomspace(config.mass_min_GeV, config.mass_max_GeV, config.points)
    curves = axion_data.exclusions(config.exclusions, units=NUMBERS)
    with blaming("r"):
        line = axion_data.mixing_line(r=config.r, epsilon=config.epsilon, beta=config.beta)
    low = axion_data.mixing_band(mass, config.kappa_mix_min)
    high = axion_data.mixing_band(mass, config.kappa_mix_max)
    muons = constraints.muon_bound(config.branching_to_muons)
    plane = Plane(mass, low, high, line, curves)
    least, largest = constraints.MESON_WINDOW
    table = {
        "m_phi [GeV]": mass,
        "sin2 kappa_mix min [1]": low,
        "sin2 kappa_mix max [1]": high,
        "sin2 least II.12 [1]": _inside(mass, constraints.MESON_MASSES_GEV, least),
        "sin2 largest II.12 [1]": _inside(mass, constraints.MESON_MASSES_GEV, largest),
        "sin2 largest II.13 [1]": _inside(mass, constraints.MUON_MASSES_GEV, muons**2),
    }
    figure = axion_drawings.draw_mixing(
        plane, values=(config.sin2_min, config.sin2_max), muons=muons
    )
    tables = {"figure_1": table, "figure_1_model": _model_table(line, "sin2 [1]")}
    tables |= _exclusion_table("figure_1", curves, "sin2 [1]")
    return Picture("figure_1", figure, tables, _numbers(config))


@_STYLED
def figure_2(config: AxionEwbg2) -> Picture:
    """The coupling to photons: band, one model, bounds, exclusion curves.

    Tables figure_2, figure_2_model and, with curves, figure_2_exclusions. Raises BadValueError, and
    ConfigError for a file of a curve.
    """
    mass = np.geomspace(config.mass_min_GeV, config.mass_max_GeV, config.points)
    curves = axion_data.exclusions(config.exclusions, units=COUPLINGS)
    with blaming("r"):
        line = axion_data.photon_line(
            r=config.r, epsilon=config.epsilon, beta=config.beta, anomaly=config.anomaly
        )
    low = axion_data.photon_band(mass, config.kappa_photon_min)
    high = axion_data.photon_band(mass, config.kappa_photon_max)
    plane = Plane(mass, low, high, line, curves)
    table = {
        "m_phi [GeV]": mass,
        "g kappa min [1/GeV]": low,
        "g kappa max [1/GeV]": high,
        "g largest II.16 [1/GeV]": _inside(
            mass, (0.0, constraints.SUPERNOVA_MASS_GEV), constraints.SUPERNOVA_COUPLING
        ),
        "g least nucleosynthesis [1/GeV]": _inside(
            mass,
            (constraints.NUCLEOSYNTHESIS_MASS_GEV, np.inf),
            constraints.NUCLEOSYNTHESIS_COUPLING,
        ),
    }
    figure = axion_drawings.draw_photons(plane, values=(config.coupling_min, config.coupling_max))
    tables = {"figure_2": table, "figure_2_model": _model_table(line, "g [1/GeV]")}
    tables |= _exclusion_table("figure_2", curves, "g [1/GeV]")
    return Picture("figure_2", figure, tables, _numbers(config))


@_STYLED
def figure_3(config: AxionEwbg3) -> Picture:
    """Couplings that freeze in all of the dark matter, and a map of Omega h^2 for every mass.

    Tables figure_3 and figure_3_map. Raises BadValueError.
    """
    dark = np.geomspace(config.mass_min_GeV, config.mass_max_GeV, config.map_points)
    coupling = np.geomspace(config.coupling_min, config.coupling_max, config.map_points)
    with blaming("masses_phi_GeV"):
        contours = [
            axion_data.contour(
                mass,
                lightest=config.mass_min_GeV,
                heaviest=config.mass_max_GeV,
                points=config.points,
                statistics=config.statistics,
            )
            for mass in config.masses_phi_GeV
        ]
        maps = [
            axion_data.omega_map(
                mass, mass_dark=dark, coupling=coupling, statistics=config.statistics
            )
            for mass in config.masses_phi_GeV
        ]
    for each in contours:
        hot = each.coupling >= each.thermal
        if np.any(hot):
            log.warning(
                "warning: masses_phi_GeV: for %g GeV the contour may thermalise dark photons at "
                "m' = %.3g GeV and less, where g exceeds %.3g/GeV (III.17)",
                each.mass_phi, each.mass_dark[hot][-1], each.thermal[hot][-1],
            )  # fmt: skip
    figure = axion_drawings.draw_freeze_in(
        contours,
        masses=(config.mass_min_GeV, config.mass_max_GeV),
        couplings=(config.coupling_min, config.coupling_max),
    )
    tables = {"figure_3": _contour_table(contours), "figure_3_map": _map_table(maps)}
    numbers: dict[str, float | str] = {"omega_dark_matter_h2": boltzmann.OMEGA_DARK_MATTER_H2}
    return Picture("figure_3", figure, tables, numbers)


# ---- Tables ----


def _numbers(config: AxionEwbg1 | AxionEwbg2) -> dict[str, float | str]:
    """The kappas of the model, as attributes of the HDF5."""
    found = kappas(r=config.r, epsilon=config.epsilon, beta=config.beta)
    return {
        "kappa1": found.kappa1,
        "kappa2": found.kappa2,
        "kappa_mix": found.kappa_mix,
        "T_n_GeV": found.require_transition(),
    }


def _inside(mass: drawing.Array, window: tuple[float, float], value: float) -> drawing.Array:
    """The value where a bound holds, and nan elsewhere."""
    return np.where((mass >= window[0]) & (mass <= window[1]), value, np.nan)


def _model_table(line: ModelLine, name: str) -> dict[str, drawing.Array]:
    return {"f_phi [GeV]": line.f, "m_phi [GeV]": line.mass, name: line.value}


def _exclusion_table(
    figure: str, curves: list[Exclusion], name: str
) -> dict[str, dict[str, drawing.Array]]:
    """Rows of all curves, numbered in their order; nothing without a curve."""
    if not curves:
        return {}
    numbers = [np.full(each.mass.shape, float(i)) for i, each in enumerate(curves, start=1)]
    columns = {
        "curve [1]": np.concatenate(numbers),
        "m_phi [GeV]": np.concatenate([each.mass for each in curves]),
        name: np.concatenate([each.value for each in curves]),
    }
    return {f"{figure}_exclusions": columns}


def _contour_table(contours: list[Contour]) -> dict[str, drawing.Array]:
    def joined(parts: list[drawing.Array]) -> drawing.Array:
        return np.concatenate(parts)

    return {
        "m_phi [GeV]": joined([np.full(c.mass_dark.shape, c.mass_phi) for c in contours]),
        "m_dark [GeV]": joined([c.mass_dark for c in contours]),
        "g [1/GeV]": joined([c.coupling for c in contours]),
        "g III.18 [1/GeV]": joined([c.paper for c in contours]),
        "g thermal [1/GeV]": joined([c.thermal for c in contours]),
        "g thermal III.17 [1/GeV]": joined(
            [np.full(c.mass_dark.shape, c.paper_thermal) for c in contours]
        ),
        "T_reh largest [GeV]": joined([c.reheating for c in contours]),
    }


def _map_table(maps: list[OmegaMap]) -> dict[str, drawing.Array]:
    shape = maps[0].omega_h2.shape

    def spread(values: drawing.Array) -> drawing.Array:
        return np.ravel(np.broadcast_to(values, shape))

    return {
        "m_phi [GeV]": np.repeat([m.mass_phi for m in maps], maps[0].omega_h2.size),
        "m_dark [GeV]": np.concatenate([spread(m.mass_dark[:, None]) for m in maps]),
        "g [1/GeV]": np.concatenate([spread(m.coupling) for m in maps]),
        "Omega h^2 [1]": np.concatenate([m.omega_h2.ravel() for m in maps]),
        "Gamma/H at m_phi/10 [1]": np.concatenate([m.thermalisation.ravel() for m in maps]),
    }

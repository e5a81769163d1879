"""The figures of A. Arvanitaki et al., "Dark QED from Inflation", with their numbers.

Each function takes its configuration (`darklat.schema.figure`).
"""

from __future__ import annotations

import numpy as np

from darklat.analysis import drawing
from darklat.analysis.papers import drawings, mode_data, plasma_history, wave_data
from darklat.analysis.papers.picture import Picture, blaming
from darklat.physics import proca
from darklat.schema.figure import DarkQed2, DarkQed3, DarkQed13, DarkQed14, DarkQed16

_STYLED = drawing.styled()


@_STYLED
def figure_2(config: DarkQed2) -> Picture:
    """How the energy of modes dilutes: the index over (a, k), and the density of some modes.

    Tables figure_2 and figure_2_map. Raises BadValueError.
    """
    a = config.a
    history = _history(config, a)
    waves = np.geomspace(config.k_min, config.k_max, config.k_points)
    with blaming("k_max"):
        plane = mode_data.energy_tracks(waves, history=history, a=a)
    with blaming("k"):
        tracks = mode_data.energy_tracks(sorted(config.k), history=history, a=a)
    figure = drawings.draw_dilution(plane, tracks)
    tables = {
        "figure_2": mode_data.tracks_table(tracks),
        "figure_2_map": mode_data.map_table(plane),
    }
    return Picture("figure_2", figure, tables)


@_STYLED
def figure_3(config: DarkQed3) -> Picture:
    """The primordial electric field: its spectrum beside Eq. A.9, and a slice drawn from it.

    Tables figure_3_spectrum and figure_3_field. Raises BadValueError.
    """
    with blaming("box"):
        data = wave_data.primordial(
            sites=config.sites,
            box=config.box,
            seed=config.seed,
            x_min=config.x_min,
            x_max=config.x_max,
            points=config.x_points,
        )
    tables = {
        "figure_3_spectrum": wave_data.spectrum_table(data),
        "figure_3_field": wave_data.field_table(data),
    }
    return Picture("figure_3", drawings.draw_primordial(data), tables)


@_STYLED
def figure_13(config: DarkQed13) -> Picture:
    """Branches in a cold plasma, a panel per mass. Table figure_13. Raises BadValueError."""
    with blaming("masses"):
        panels = [
            wave_data.cold_branches(mass, k_max=config.k_max, points=config.k_points)
            for mass in config.masses
        ]
    tables = {"figure_13": wave_data.cold_table(panels)}
    return Picture("figure_13", drawings.draw_cold(panels), tables)


@_STYLED
def figure_14(config: DarkQed14) -> Picture:
    """Branches and Landau damping in a warm plasma, a column per v_*. Table figure_14.

    Raises BadValueError.
    """
    with blaming("velocities"):
        panels = [
            wave_data.warm_branches(
                velocity,
                mass=config.mass,
                k_min=config.k_min,
                k_max_over_debye=config.k_max_over_debye,
                points=config.k_points,
            )
            for velocity in config.velocities
        ]
    tables = {"figure_14": wave_data.warm_table(panels)}
    return Picture("figure_14", drawings.draw_warm(panels), tables)


@_STYLED
def figure_16(config: DarkQed16) -> Picture:
    """Fields, currents and energies of modes in a plasma, a column per k. Table figure_16.

    Raises BadValueError.
    """
    a = config.a
    history = _history(config, a)
    with blaming("k"):
        data = mode_data.screened_modes(config.k, history=history, a=a)
    tables = {"figure_16": mode_data.screened_table(data)}
    return Picture("figure_16", drawings.draw_screened(data), tables)


def _history(config: DarkQed2 | DarkQed16, a: drawing.Array) -> proca.History:
    with blaming("plasma.file" if config.plasma.kind == "table" else "plasma"):
        history = plasma_history.history(config.plasma, a)
        mode_data.check_history(history, a=a)
    return history

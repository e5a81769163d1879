"""Figs. 6 and 7 of A. Arvanitaki et al., "Dark QED from Inflation", with their numbers.

Each function takes its configuration (`darklat.schema.figure_dark_qed_space`).
"""

from __future__ import annotations

from darklat.analysis import drawing
from darklat.analysis.papers import relic_space, relic_space_drawings
from darklat.analysis.papers.picture import Picture, blaming
from darklat.schema.figure_dark_qed_space import DarkQed6, DarkQed7

_STYLED = drawing.styled()


@_STYLED
def figure_6(config: DarkQed6) -> Picture:
    """Where psi is dark matter with a light A', over e_D and over H_I.

    Tables figure_6 (boundaries), figure_6_relic (lines) and figure_6_inflation (the right panel).
    Raises BadValueError.
    """
    with blaming("mass_max_GeV"):
        data = relic_space.light_space(config)
    tables = {
        "figure_6": relic_space.boundary_table(data.boundaries),
        "figure_6_relic": relic_space.line_table(data.lines),
        "figure_6_inflation": relic_space.light_plane_table(data),
    }
    return Picture("figure_6", relic_space_drawings.draw_light(config, data), tables)


@_STYLED
def figure_7(config: DarkQed7) -> Picture:
    """Where psi is dark matter with a heavy A', over e_D and over H_I.

    Tables figure_7 (boundaries), figure_7_relic (masses by eta at the H_I of the left panel),
    figure_7_inflation (the same over H_I) and figure_7_charge (the contours of the right panel).
    Raises BadValueError.
    """
    with blaming("mass_max_GeV"):
        data = relic_space.heavy_space(config)
    tables = {
        "figure_7": relic_space.boundary_table(data.boundaries),
        "figure_7_relic": relic_space.mass_table(data),
        "figure_7_inflation": relic_space.band_table(data),
        "figure_7_charge": relic_space.heavy_plane_table(data),
    }
    return Picture("figure_7", relic_space_drawings.draw_heavy(config, data), tables)

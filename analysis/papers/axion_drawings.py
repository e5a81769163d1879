"""Draws the figures of the axion of electroweak baryogenesis from the results of `axion_data`."""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darklat.analysis import drawing
from darklat.analysis.papers.axion_data import (
    MARKED_GEV,
    Contour,
    Exclusion,
    Plane,
    reheating,
)
from darklat.physics.electroweak_axion import constraints, dark_photons

BAND, BOUND, RELAXED = "#e6d3b3", drawing.COLOURS[4], "0.8"
"""Colours of the model's band, of bounds, and of bounds that dark photons relax."""

_SHADE = 0.3  # of excluded regions

_SHORT = 21  # characters of labels that fit in two columns

DASHES = ("-", (0, (5, 1)), (0, (1, 1)), (0, (5, 1, 1, 1)), (0, (3, 1, 1, 1, 1, 1)))
"""Of contours, which tell them apart in grey."""


@dataclass(frozen=True)
class Bound:
    """A shaded rectangle: masses, and values between which the model is excluded."""

    label: str
    masses: tuple[float, float]
    values: tuple[float, float]
    colour: str = BOUND


def draw_mixing(plane: Plane, *, values: tuple[float, float], muons: float) -> Figure:
    """Fig. 1. muons is the largest sin(theta_mix) of II.13; values are the ends of the axis."""
    low, high = constraints.MESON_WINDOW
    bounds = (
        Bound("II.12, mesons", constraints.MESON_MASSES_GEV, (high, values[1])),
        Bound("", constraints.MESON_MASSES_GEV, (values[0], low)),
        Bound("II.13, B mesons", constraints.MUON_MASSES_GEV, (muons**2, values[1]),
              drawing.COLOURS[3]),
    )  # fmt: skip
    figure, panel = _draw_plane(plane, values, bounds)
    panel.set_ylabel(r"$\sin^2\theta_\mathrm{mix}$")
    return figure


def draw_photons(plane: Plane, *, values: tuple[float, float]) -> Figure:
    """Fig. 2; values are the ends of the axis."""
    lightest, heaviest = float(plane.mass[0]), float(plane.mass[-1])
    supernova = (lightest, constraints.SUPERNOVA_MASS_GEV)
    bounds = (
        Bound("II.16, SN 1987A", supernova, (constraints.SUPERNOVA_COUPLING, values[1]),
              drawing.COLOURS[5]),
        Bound("BBN, no dark photons",
              (constraints.NUCLEOSYNTHESIS_MASS_GEV, heaviest),
              (values[0], constraints.NUCLEOSYNTHESIS_COUPLING), RELAXED),
    )  # fmt: skip
    figure, panel = _draw_plane(plane, values, bounds)
    panel.axhline(
        constraints.BEAM_DUMP_COUPLING, color=drawing.COLOURS[1], lw=0.9, ls="--",
        label="beam dumps, above",
    )  # fmt: skip
    panel.set_ylabel(r"$g_{\phi\gamma}\ \ [\mathrm{GeV}^{-1}]$")
    _legend(figure, panel)
    return figure


def draw_freeze_in(
    contours: Sequence[Contour],
    *,
    masses: tuple[float, float],
    couplings: tuple[float, float],
) -> Figure:
    """Fig. 3: contours, III.18 beside them, bounds, and reheating temperatures on the right."""
    figure = drawing.new_figure(height=4.4)
    panel = figure.subplots()
    structure = dark_photons.STRUCTURE_MASS_GEV
    if masses[0] < structure:
        panel.axvspan(
            masses[0], min(structure, masses[1]), color=drawing.COLOURS[3], alpha=0.25, lw=0,
            label="less than 10 keV",
        )  # fmt: skip
    closed = max(each.mass_phi for each in contours) / 2
    if closed < masses[1]:
        panel.axvspan(
            max(closed, masses[0]), masses[1], color=BOUND, alpha=0.3, lw=0,
            label="decay closed",
        )  # fmt: skip
    for i, each in enumerate(contours):
        colour, dashes = drawing.COLOURS[(0, 1, 2, 5, 3)[i % 5]], DASHES[i % 5]
        label = rf"$m_\phi = {drawing.latex(1e3 * each.mass_phi)}$ MeV"
        panel.plot(each.mass_dark, each.coupling, color=colour, lw=1.6, ls=dashes, label=label)
        panel.plot(each.mass_dark, each.paper, color=colour, lw=0.8, ls=dashes, alpha=0.8)
        panel.plot(each.mass_dark, each.thermal, color=colour, lw=0.9, ls=":")
    panel.plot([], [], color="0.2", lw=0.8, label="III.18")
    panel.plot([], [], color="0.2", lw=0.9, ls=":", label=r"$\Gamma = H$ at $m_\phi/10$")
    panel.set(xscale="log", yscale="log", xlim=masses, ylim=couplings)
    panel.set_xlabel(r"$m_{\gamma'}\ \ [\mathrm{GeV}]$")
    panel.set_ylabel(r"$g_{\phi\gamma'}\ \ [\mathrm{GeV}^{-1}]$")
    _add_reheating(panel, couplings)
    _legend(figure, panel)
    return figure


def _add_reheating(panel: Axes, couplings: tuple[float, float]) -> None:
    """The right axis: the reheating temperature below which a coupling is allowed."""
    panel.tick_params(axis="y", which="both", right=False)
    right = panel.twinx()
    right.set_yscale("log")
    right.set_ylim(couplings)
    ends = np.log10(reheating(np.array(couplings)))
    powers = np.arange(np.ceil(ends.min()), np.floor(ends.max()) + 1)
    every = powers[:: max(1, len(powers) // 7)]
    grid = np.geomspace(*couplings, 400)
    places = np.interp(-every, -np.log10(reheating(grid)), np.log(grid))
    right.set_yticks(np.exp(places), labels=[rf"$10^{{{int(power)}}}$" for power in every])
    right.set_yticks([], minor=True)
    right.set_ylabel(r"$T_\mathrm{reh}\ \ [\mathrm{GeV}]$ below (III.16)")


def _draw_plane(
    plane: Plane, values: tuple[float, float], bounds: Sequence[Bound]
) -> tuple[Figure, Axes]:
    figure = drawing.new_figure(height=4.2)
    panel = figure.subplots()
    panel.fill_between(plane.mass, plane.low, plane.high, color=BAND, lw=0, label="models")
    for each in bounds:
        panel.fill_between(
            each.masses, *each.values, color=each.colour, alpha=0.45, lw=0,
            label=each.label or None,
        )  # fmt: skip
    for i, curve in enumerate(plane.exclusions):
        _draw_exclusion(panel, curve, values, drawing.COLOURS[i % len(drawing.COLOURS)])
    line = plane.line
    panel.plot(line.mass, drawing.positive(line.value), color="black", lw=1.2, label="one model")
    _mark_decay_constants(panel, plane, values)
    panel.set(xscale="log", yscale="log", xlim=(plane.mass[0], plane.mass[-1]), ylim=values)
    panel.set_xlabel(r"$m_\phi\ \ [\mathrm{GeV}]$")
    _legend(figure, panel)
    return figure, panel


def _mark_decay_constants(panel: Axes, plane: Plane, values: tuple[float, float]) -> None:
    """Points on the model's line, where they are inside of the axes."""
    line = plane.line
    for f in MARKED_GEV:
        mass = _between(f, line.f, line.mass)
        value = _between(f, line.f, np.maximum(line.value, 1e-300))
        if plane.mass[0] < mass < plane.mass[-1] and values[0] < value < values[1]:
            panel.plot(mass, value, "o", color="black", ms=3.5)
            label = rf"$f_\phi = {drawing.latex(f)}$ GeV"
            panel.annotate(label, (mass, value), xytext=(4, -8), textcoords="offset points")


def _between(x: float, xs: drawing.Array, ys: drawing.Array) -> float:
    """A power law between two points."""
    return float(np.exp(np.interp(np.log(x), np.log(xs), np.log(ys))))


def _draw_exclusion(
    panel: Axes, curve: Exclusion, values: tuple[float, float], colour: str
) -> None:
    name = drawing.plain(curve.name)
    if curve.fill == "inside":
        panel.fill(curve.mass, curve.value, color=colour, alpha=_SHADE, lw=0)
    elif curve.fill != "none":
        end = values[1] if curve.fill == "above" else values[0]
        panel.fill_between(curve.mass, curve.value, end, color=colour, alpha=_SHADE, lw=0)
    mass, value = curve.mass, curve.value
    if curve.fill == "inside":
        mass, value = np.append(mass, mass[0]), np.append(value, value[0])
    panel.plot(mass, value, color=colour, lw=1.0, ls=(0, (4, 1)), label=name)


def _legend(figure: Figure, panel: Axes) -> None:
    """One legend below all, with what the panel has by now."""
    for old in figure.legends:
        old.remove()
    figure.legends.clear()
    handles, labels = panel.get_legend_handles_labels()
    columns = 2 if max(drawing.printed(label) for label in labels) <= _SHORT else 1
    figure.legend(
        handles, labels, loc="outside lower center", ncols=columns, frameon=False,
        handlelength=2.4, columnspacing=1.2,
    )  # fmt: skip

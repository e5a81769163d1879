"""Draws the parameter spaces of dark QED: Figs. 6 and 7 of "Dark QED from Inflation".

Takes the results of `relic_space`; returns figures that are not saved yet. Every boundary has the
number of its equation in the legend.
"""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

import numpy as np
from matplotlib.axes import Axes
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure
from scipy.interpolate import make_interp_spline

from darklat.analysis import drawing
from darklat.analysis.papers.relic_space import REGIMES, HeavySpace, LightSpace, RelicLine
from darklat.physics.dark_qed.freeze_out import CHARGE_MAX
from darklat.schema.figure_dark_qed_space import DarkQed6, DarkQed7

GREEN, RED, PURPLE, BLUE = (
    drawing.COLOURS[2],
    drawing.COLOURS[1],
    drawing.COLOURS[3],
    drawing.COLOURS[0],
)

_THERMAL, _KINETIC = REGIMES.index("thermal"), REGIMES.index("kinetic")
_FINER = 8  # times as many points between the rows and columns of a plane

_LEVELS = tuple(float(f"{digit}e{power}") for power in range(-8, 2) for digit in (1, 3))


def draw_light(config: DarkQed6, data: LightSpace) -> Figure:
    """Fig. 6 on the left; on the right the charge of dark matter over m_psi and H_I."""
    figure = drawing.new_figure(width=drawing.WIDE, height=4.3)
    left, right = figure.subplots(1, 2)
    three, printed, two, field = data.boundaries
    top, bottom = config.charge_max, config.charge_min
    left.fill_between(three.mass, three.charge, top, color=GREEN, alpha=0.16, lw=0)
    left.fill_between(three.mass, two.charge, three.charge, color=GREEN, alpha=0.06, lw=0)
    label = r"$3\to2$ faster than $H$ at $T = m_\psi$ (3.8)"
    left.plot(three.mass, three.charge, color=RED, lw=1.4, label=label)
    label = r"the same as printed (3.11)"
    left.plot(printed.mass, printed.charge, color=RED, lw=0.8, ls=(0, (5, 2)), label=label)
    label = r"$2\to2$ faster than $H$ at $T = m_\psi$ (rate of E.20)"
    left.plot(two.mass, two.charge, color=RED, lw=1.2, ls=":", label=label)
    label = r"$E' > E'_\mathrm{crit}$ above (3.6, B.1)"
    left.plot(field.mass, field.charge, color=PURPLE, lw=1.2, ls="-.", label=label)
    for index, line in enumerate(data.lines):
        _draw_line(left, line, width=1.0 + 0.8 * index)
    _frame(left, config, title=_title(config))
    left.set_ylim(bottom, top)
    left.set_ylabel(r"$e_D$")
    left.text(0.04, 0.95, "thermal", transform=left.transAxes, va="top")
    at = int(0.8 * two.mass.size)
    middle = float(np.sqrt(two.charge[at] * printed.charge[at]))
    left.text(float(two.mass[at]), middle, "kinetic", ha="center", va="center", color=drawing.GREY)
    lines = _draw_light_plane(right, config, data)
    handles, labels = left.get_legend_handles_labels()
    more, names = right.get_legend_handles_labels()
    figure.legend(
        handles + more, labels + names, loc="outside lower center", ncols=2, frameon=False
    )
    _name(right, lines)
    return figure


def _draw_line(panel: Axes, line: RelicLine, *, width: float) -> None:
    """Solid where thermal, dashed in kinetic equilibrium, not drawn below: as in the paper."""
    charge = line.charge
    solid = np.where(line.regime == _THERMAL, charge, np.nan)
    # One point more joins both.
    above = np.append(line.regime[1:], line.regime[-1])
    dashed = np.where((line.regime == _KINETIC) | (above == _KINETIC), charge, np.nan)
    dashed[line.regime < _KINETIC] = np.nan
    joined = np.flatnonzero(np.diff(line.regime) == _THERMAL - _KINETIC)
    dashed[joined + 1] = charge[joined + 1]
    label = rf"dark matter, $\eta = {line.eta:g}$: Boltzmann equation"
    panel.plot(line.mass, solid, color=GREEN, lw=width, label=label)
    panel.plot(line.mass, dashed, color=GREEN, lw=width, ls=(0, (4, 1.5)))
    label = rf"the same by (4.6), $\eta = {line.eta:g}$"
    panel.plot(line.mass, line.printed, color="black", lw=0.5 * width, ls=":", label=label)


def _draw_light_plane(panel: Axes, config: DarkQed6, data: LightSpace) -> QuadContourSet:
    """Returns the contours of e_D, not named yet."""
    mass = _finer(data.plane_mass)
    hubble = _finer(np.repeat(data.plane_hubble[:, None], data.plane_mass.shape[1], axis=1))
    charge = _finer(data.plane_charge)
    excess = np.log(charge / _finer(data.plane_thermal))
    known = np.log(np.where(charge <= CHARGE_MAX, charge, np.nan))
    panel.contourf(mass, hubble, excess, levels=[0, 99], colors=GREEN, alpha=0.16)
    panel.contourf(mass, hubble, excess, levels=[-99, 0], colors=GREEN, alpha=0.06)
    panel.contour(mass, hubble, excess, levels=[0], colors=RED, linewidths=1.4)
    lines = panel.contour(
        mass, hubble, known,
        levels=np.log(_LEVELS), colors=GREEN, linewidths=1.0, linestyles="solid",
    )  # fmt: skip
    label = r"hot relic (4.7): lightest dark matter"
    panel.plot(data.plane_lightest, data.plane_hubble, color=BLUE, lw=1.2, ls="--", label=label)
    panel.fill_betweenx(
        data.plane_hubble, config.mass_min_GeV, data.plane_lightest, color="0.9", lw=0
    )
    _frame(panel, config, title=rf"$e_D$ of dark matter, $\eta = {config.etas[-1]:g}$")
    panel.set_ylim(config.hubble_min_GeV, config.hubble_max_GeV)
    panel.set_ylabel(r"$H_I$ [GeV]")
    panel.text(0.04, 0.04, "too little", transform=panel.transAxes, color=drawing.GREY)
    return lines


def draw_heavy(config: DarkQed7, data: HeavySpace) -> Figure:
    """Fig. 7 on the left; on the right the band of dark matter and the least charge over H_I."""
    figure = drawing.new_figure(width=drawing.WIDE, height=4.1)
    left, right = figure.subplots(1, 2)
    styles = {"E.20a": (RED, "-", 1.4), "E.20b": (RED, ":", 1.4),
              "E.20c": (PURPLE, "-", 0.7), "E.20d": (PURPLE, ":", 0.7)}  # fmt: skip
    for each in data.boundaries:
        colour, dashes, width = styles[each.equation]
        process = each.name.partition(" ")[0].replace("->", r"\to ")
        when = r"$H = \Gamma/\gamma$" if each.equation in {"E.20a", "E.20b"} else r"$H = \Gamma$"
        label = rf"${process}$ faster than $H$ at {when} ({each.equation})"
        left.plot(each.mass, each.charge, color=colour, ls=dashes, lw=width, label=label)
    thermal, kinetic = data.boundaries[:2]
    _draw_band(left, data, thermal.mass, kinetic.charge, thermal.charge, config.charge_max)
    for mass in data.printed:
        left.axvline(mass, color="black", lw=0.6, ls=":")
    left.plot([], [], color="black", lw=0.6, ls=":", label="dark matter by (4.10)")
    _frame(left, config, title=_title(config))
    left.set_ylim(config.charge_min, config.charge_max)
    left.set_ylabel(r"$e_D$")
    lines = _draw_heavy_plane(right, config, data)
    handles, labels = left.get_legend_handles_labels()
    more, names = right.get_legend_handles_labels()
    figure.legend(
        handles + more, labels + names, loc="outside lower center", ncols=2, frameon=False
    )
    _name(right, lines)
    return figure


def _draw_band(
    panel: Axes,
    data: HeavySpace,
    mass: drawing.Array,
    kinetic: drawing.Array,
    thermal: drawing.Array,
    top: float,
) -> None:
    """Dark matter between the first and the last eta: dark where thermal, pale where kinetic."""
    low, high = float(np.min(data.mass)), float(np.max(data.mass))
    inside = np.append(np.geomspace(low, high, 30), high)
    log = np.log(inside)
    three = np.exp(np.interp(log, np.log(mass), np.log(thermal)))
    two = np.exp(np.interp(log, np.log(mass), np.log(kinetic)))
    etas = f"{data.etas[0]:g} to {data.etas[-1]:g}" if len(data.etas) > 1 else f"{data.etas[0]:g}"
    label = rf"dark matter, $\eta$ = {etas}"
    panel.fill_between(inside, three, top, color=GREEN, alpha=0.45, lw=0, label=label)
    panel.fill_between(inside, two, three, color=GREEN, alpha=0.18, lw=0)
    for m in data.mass:
        panel.axvline(float(m), color=GREEN, lw=1.2)


def _draw_heavy_plane(panel: Axes, config: DarkQed7, data: HeavySpace) -> QuadContourSet:
    """Returns the contours of the least e_D, not named yet."""
    mass, hubble = np.meshgrid(data.plane_mass, data.plane_hubble)
    levels = _steps(data.plane_charge)
    lines = panel.contour(
        mass, hubble, np.log(data.plane_charge),
        levels=np.log(levels), colors=RED, linewidths=0.9, linestyles="solid",
    )  # fmt: skip
    panel.plot([], [], color=RED, lw=0.9, label=r"least $e_D$ that is thermal (E.20a), right")
    panel.fill_betweenx(
        data.plane_hubble,
        np.min(data.plane_dark_matter, axis=0),
        np.max(data.plane_dark_matter, axis=0),
        color=GREEN, alpha=0.45, lw=0,
    )  # fmt: skip
    for line in data.plane_dark_matter:
        panel.plot(line, data.plane_hubble, color=GREEN, lw=1.2)
    _frame(panel, config, title=rf"$m_{{A'}} = {config.photon_mass_ratio:g}\,m_\psi$")
    panel.set_ylim(config.hubble_min_GeV, config.hubble_max_GeV)
    panel.set_ylabel(r"$H_I$ [GeV]")
    return lines


def _finer(values: drawing.Array) -> drawing.Array:
    """Cubic splines of the logarithm between rows and columns; all points stay."""
    logs = np.log(values)
    for axis in (0, 1):
        count = logs.shape[axis]
        spline = make_interp_spline(np.arange(count), logs, k=min(3, count - 1), axis=axis)
        logs = spline(np.linspace(0, count - 1, _FINER * (count - 1) + 1))
    return np.asarray(np.exp(logs))


def _name(panel: Axes, lines: QuadContourSet) -> None:
    """e_D on contours of its logarithm, along them in the final layout."""
    figure = panel.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    names = {level: f"{float(np.exp(level)):.2g}" for level in lines.levels}
    panel.clabel(lines, fmt=names, inline_spacing=1)


def _steps(values: drawing.Array) -> tuple[float, ...]:
    """Up to six levels with two digits inside of the values."""
    inside = np.geomspace(np.min(values), np.max(values), 8)[1:-1]
    return tuple(sorted({float(f"{value:.2g}") for value in inside}))


def _title(config: DarkQed6 | DarkQed7) -> str:
    hubble = drawing.latex(config.hubble_inflation_GeV)
    return rf"$H_I = {hubble}$ GeV; boundaries for $\eta = {config.etas[-1]:g}$"


def _frame(panel: Axes, config: DarkQed6 | DarkQed7, *, title: str) -> None:
    panel.set(xscale="log", yscale="log", xlim=(config.mass_min_GeV, config.mass_max_GeV))
    panel.set_xlabel(r"$m_\psi$ [GeV]")
    panel.set_title(title)

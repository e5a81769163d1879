"""Draws the figures of A. Addazi et al., "Excess Radiation from Axion-Photon Conversion".

Every function takes the results of `radio_data` and returns a figure, not saved yet.
"""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from darklat.analysis import drawing
from darklat.analysis.papers.radio_data import Fits, Histories, Signals
from darklat.physics.radio import brightness, global_signal
from darklat.physics.radio.fit import RadioPoints
from darklat.schema.figure_radio import RadioExcess1, RadioExcess2, RadioExcess3

DASHES = ("-", "--", ":", "-.")
"""Of the masses, in their order."""

EXCLUDED, VIABLE = "0.82", "#b5e0cf"

FAMILY_NAMES = {"peaked": "peaked field", "scale_invariant": "scale-invariant field"}


def electrons_in_words(electrons: str) -> str:
    """The convention for the density of electrons, for a plot."""
    density = {"n_H": r"n_\mathrm{H}", "n_b": r"n_\mathrm{b}"}[electrons]
    return rf"$n_e = {density}\,x_e$"


def mass_in_words(mass: float) -> str:
    """m_a = 3e-14 eV as LaTeX."""
    return rf"$m_a = {drawing.latex(mass)}$ eV"


def draw_histories(data: Histories, config: RadioExcess1) -> Figure:
    """Over 1 + z: the oscillation length, P, and the brightness at the 21 cm line."""
    figure = drawing.new_figure(width=drawing.WIDE, height=2.9)
    left, middle, right = figure.subplots(1, 3)
    stretch = 1 + data.z
    names = list(dict.fromkeys(name for name, _ in data.probability))
    masses = list(data.length_mpc)
    for length, dashes in zip(data.length_mpc.values(), DASHES, strict=False):
        left.plot(stretch, length, color="black", ls=dashes)
    for panel, curves in ((middle, data.probability), (right, data.brightness_kelvin)):
        for (name, mass), values in curves.items():
            style = {
                "color": drawing.COLOURS[names.index(name)],
                "ls": DASHES[masses.index(mass)],
            }
            panel.plot(stretch, drawing.positive(values), **style)
    for panel in (left, middle, right):
        panel.set(xscale="log", yscale="log", xlim=(stretch[0], stretch[-1]), xlabel="$1 + z$")
    drawing.hold(left, *data.length_mpc.values())
    drawing.hold(middle, *data.probability.values())
    drawing.hold(right, *data.brightness_kelvin.values())
    frequency = rf"${drawing.latex(config.frequency_Hz / 1e9)}$ GHz"
    left.set_ylabel(rf"$l_\mathrm{{osc}}$ at {frequency}  [Mpc]")
    middle.set_ylabel(rf"$P$ from recombination, at {frequency}")
    right.set_ylabel("$T_b$ at 21 cm  [K]")
    handles = [
        *(
            Line2D([], [], color="black", ls=dashes, label=mass_in_words(mass))
            for mass, dashes in zip(masses, DASHES, strict=False)
        ),
        *(Line2D([], [], color=drawing.COLOURS[i], label=name) for i, name in enumerate(names)),
    ]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=len(handles), frameon=False,
        title=electrons_in_words(config.electrons),
    )  # fmt: skip
    return figure


def draw_fits(data: Fits, config: RadioExcess2) -> Figure:
    """Left B0 over lambda_B, a panel per family; right the radio spectrum."""
    families = list(dict.fromkeys(family for family, _ in data.grids))
    figure = drawing.new_figure(width=drawing.WIDE, height=2.4 * len(families) + 0.6)
    layout = figure.add_gridspec(len(families), 2, width_ratios=(1.0, 1.15))
    regions = [
        Patch(color=VIABLE, label=rf"${config.sigmas:g}\sigma$ better than no ALPs"),
        *(
            Line2D([], [], color=drawing.COLOURS[0], ls=dashes, label=f"$r$, {mass_in_words(mass)}")
            for mass, dashes in zip(config.masses_eV, DASHES, strict=False)
        ),
    ]
    figure.legend(handles=regions, loc="outside lower center", ncols=len(regions), frameon=False)
    for row, family in enumerate(families):
        panel = figure.add_subplot(layout[row, 0])
        _draw_grid(panel, data, config, family)
        if row == len(families) - 1:
            panel.set_xlabel(r"$\lambda_B = 2\pi/k_B$  [Mpc]")
        else:
            panel.tick_params(labelbottom=False)
    _draw_radio_spectrum(figure.add_subplot(layout[:, 1]), data, config)
    return figure


def _draw_grid(panel: Axes, data: Fits, config: RadioExcess2, family: str) -> None:
    first = config.masses_eV[0]
    grid = data.grids[family, first]
    x, y = grid.lambda_mpc, grid.B0_gauss * 1e9
    for where, colour in ((grid.improved(config.sigmas), VIABLE), (~grid.allowed, EXCLUDED)):
        panel.pcolormesh(
            x, y, np.where(where, 1.0, np.nan), cmap=ListedColormap([colour]), vmin=0, vmax=1,
            rasterized=True,
        )  # fmt: skip
    for (other, mass), shares in data.shares.items():
        if other != family:
            continue
        dashes = DASHES[config.masses_eV.index(mass)]
        levels = sorted(config.shares)
        known = shares[np.isfinite(shares)]
        if known.size and known.min() < levels[-1] and known.max() > levels[0]:
            panel.contour(
                x, y, shares, levels, colors=drawing.COLOURS[0], linewidths=0.9, linestyles=dashes
            )
            if mass == first:
                _label_contours(panel, x, y, shares, levels)
    for i, benchmark in enumerate(data.benchmarks):
        if benchmark.family == family:
            panel.plot(
                benchmark.lambda_mpc, benchmark.B0_gauss * 1e9, "^", ms=5, mec="black", mew=0.5,
                color=drawing.COLOURS[(i + 1) % len(drawing.COLOURS)],
            )  # fmt: skip
    panel.set(xscale="log", yscale="log", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    panel.set_ylabel(r"$B_0$  [nG]")
    panel.text(
        0.03, 0.95, "excluded by MHD", transform=panel.transAxes, va="top", color=drawing.GREY
    )
    panel.set_title(FAMILY_NAMES[family])


def _label_contours(
    panel: Axes, x: drawing.Array, y: drawing.Array, shares: drawing.Array, levels: list[float]
) -> None:
    """The numbers of the contours, each at a column of the grid of its own."""
    for i, level in enumerate(levels):
        at = (6 + i) * x.size // (7 + len(levels))
        known = np.isfinite(shares[:, at])
        column, strengths = shares[known, at], y[known]
        if column.size and column.min() < level < column.max():
            panel.text(
                x[at], strengths[np.argmin(abs(column - level))], f"{level:g}", ha="center",
                va="center", color=drawing.COLOURS[0],
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.85},
            )  # fmt: skip


def _draw_radio_spectrum(panel: Axes, data: Fits, config: RadioExcess2) -> None:
    """The temperatures without that of the CMB: points below it have no place on a log axis."""
    f = data.frequency_hz
    draw_points(panel, data.points)
    foreground = brightness.extragalactic_kelvin(f) if config.extragalactic else np.zeros_like(f)
    if config.extragalactic:
        panel.plot(f / 1e9, foreground, color=drawing.GREY, ls="-.", label="galaxies alone")
    for i, (benchmark, dashes) in enumerate(
        zip(data.benchmarks, (*DASHES, (0, (5, 1))), strict=False)
    ):
        best = "best: " if i == 0 else ""
        label = rf"{best}$r = {benchmark.share:.2g}$, $\chi^2 = {benchmark.chi_squared:.0f}$"
        colour = drawing.COLOURS[(i + 1) % len(drawing.COLOURS)]
        panel.plot(
            f / 1e9, foreground + benchmark.excess_kelvin, color=colour, ls=dashes, label=label
        )
    panel.set(xscale="log", yscale="log", xlim=(f[0] / 1e9, f[-1] / 1e9))
    drawing.hold(panel, data.points.temperature_kelvin - brightness.CMB_K)
    panel.set_xlabel(r"$f$  [GHz]")
    panel.set_ylabel(r"$T - T_0$  [K]")
    grid = next(iter(data.grids.values()))
    title = (
        rf"{mass_in_words(config.masses_eV[0])}, {electrons_in_words(config.electrons)}"
        "\n"
        rf"without ALPs $\chi^2 = {grid.null:.0f}$ of {len(data.points.frequency_hz)} points"
    )
    panel.legend(loc="upper right", frameon=False, title=title)


def draw_points(panel: Axes, points: RadioPoints) -> None:
    """Measured temperatures less T_0 over the frequency in GHz; of those below T_0 the 2 sigma
    end."""
    f, excess = points.frequency_hz / 1e9, points.temperature_kelvin - brightness.CMB_K
    shown = excess > 0
    low = np.minimum(points.sigma_kelvin, excess * (1 - 1e-3))
    panel.errorbar(
        f[shown], excess[shown], yerr=(low[shown], points.sigma_kelvin[shown]),
        fmt="o", ms=3, lw=0.9, color="black", label="measured", zorder=5,
    )  # fmt: skip
    end = excess + 2 * points.sigma_kelvin
    below = ~shown & (end > 0)
    if below.any():
        panel.plot(
            f[below], end[below], "v", ms=4, mfc="none", color="black",
            label=r"below $T_0$: $+2\sigma$", zorder=5,
        )  # fmt: skip


def draw_signals(data: Signals, config: RadioExcess3) -> Figure:
    """A panel per mass: the depth of the line over the frequency today."""
    count = len(config.masses_eV)
    figure = drawing.new_figure(height=2.0 * count + 0.7)
    panels = figure.subplots(count, 1, sharex=True, squeeze=False)[:, 0]
    f = data.frequency_hz / 1e6
    edges = [float(global_signal.observed_hz(z)) / 1e6 for z in global_signal.EDGES_Z]
    for panel, mass in zip(panels, config.masses_eV, strict=True):
        low, high = global_signal.EDGES_DEPTH_K
        panel.fill_between(sorted(edges), -high, -low, color="#cfe3f2", lw=0, label="EDGES, 99%")
        standard = drawing.positive(-data.standard_kelvin)
        panel.plot(f, standard, color="black", lw=1.2, label="no ALPs")
        for i, share in enumerate(config.shares):
            panel.plot(
                f, drawing.positive(-data.depth_kelvin[mass, share]), color=drawing.COLOURS[i],
                ls=DASHES[i], label=f"$r = {share:g}$",
            )  # fmt: skip
        panel.set(xlim=(f[0], f[-1]), yscale="log")
        panel.set_ylabel(r"$-\delta T_b$, saturated  [K]")
        panel.set_title(
            rf"{mass_in_words(mass)}, $z_\mathrm{{res}} = {data.resonance[mass]:.3g}$, "
            f"{electrons_in_words(config.electrons)}"
        )
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    panels[-1].set_xlabel(r"$f$ today  [MHz]")
    return figure

"""Draws the figures of A. Arvanitaki et al., "Dark QED from Inflation".

Every function takes the results of `mode_data` and `wave_data` and returns a figure, not saved yet.
"""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darklat.analysis import drawing
from darklat.analysis.papers.mode_data import EnergyTracks, ScreenedModes
from darklat.analysis.papers.wave_data import ColdBranches, PrimordialField, WarmBranches

SLOW, FAST, RED, LINE = drawing.COLOURS[0], drawing.COLOURS[2], drawing.COLOURS[1], drawing.GREY

LONG, DOTS, DASH_DOT = (0, (5, 1)), (0, (1, 1)), (0, (5, 1, 1, 1))
"""Dashes of curves of one panel, which tell them apart in grey."""


def draw_dilution(plane: EnergyTracks, tracks: EnergyTracks) -> Figure:
    """Above the index n of rho ~ a^-n over a and k, below the density of some modes."""
    figure = drawing.new_figure(height=6.0)
    left, right = figure.subplots(2, 1)
    a, k = plane.a, plane.k
    image = left.pcolormesh(
        a, k, plane.index, cmap="viridis", vmin=1.5, vmax=5, shading="gouraud", rasterized=True
    )
    left.plot(a, 1 / a, color="white", lw=1.6, label=r"$k = aH$")
    left.plot(a, a, color="white", lw=1.6, ls="--", label=r"$k = am$")
    left.axvline(1.0, color="white", lw=1.2, ls=":", label=r"$H = m$")
    left.set(xscale="log", yscale="log", xlim=(a[0], a[-1]), ylim=(k[0], k[-1]))
    left.set_xlabel(r"$a/a_\ast$")
    left.set_ylabel(r"$k/k_\ast$")
    left.legend(loc="lower left", facecolor="0.25", labelcolor="white", framealpha=0.85)
    bar = figure.colorbar(image, ax=left, pad=0.02, extend="both")
    bar.set_label(r"$n$ of $\rho\propto a^{-n}$")
    shades = matplotlib.colormaps["plasma"](np.linspace(0.0, 0.85, tracks.k.size))
    dashes = ("-", LONG, DOTS, DASH_DOT)
    for i, (wave, density, shade) in enumerate(zip(tracks.k, tracks.density, shades, strict=True)):
        colour = FAST if wave == 1 else shade
        label = rf"$k = {drawing.latex(wave)}\,k_\ast$"
        width, line = (2.2, "-") if wave == 1 else (1.2, dashes[i % len(dashes)])
        right.plot(tracks.a, density, color=colour, ls=line, lw=width, label=label)
        if tracks.a[0] < 1 / wave < tracks.a[-1]:
            entry = np.interp(np.log(1 / wave), np.log(tracks.a), np.log(density))
            right.plot(1 / wave, np.exp(entry), "o", color=colour, ms=4.5)
    right.plot([], [], "o", color=LINE, ms=4.5, label=r"$k = aH$")
    right.axvline(1.0, color=LINE, lw=0.9, ls=":", label=r"$H = m$")
    right.set(xscale="log", yscale="log", xlim=(a[0], a[-1]))
    right.set_xlabel(r"$a/a_\ast$")
    right.set_ylabel(r"$d\rho/d\ln k\ \ [(mH_I/2\pi)^2]$")
    right.legend(loc="lower left", framealpha=0.9, edgecolor="none")
    return figure


def draw_screened(data: ScreenedModes) -> Figure:
    """A column per mode: fields, currents and rates above, energies below."""
    columns = data.modes.k.size
    figure = drawing.new_figure(width=_columns(columns), height=6.6)
    axes = figure.subplots(2, columns, sharex=True, sharey="row", squeeze=False)
    for index, (upper, lower) in enumerate(axes.T):
        _draw_fields(upper, data, index)
        _draw_energies(lower, data, index)
        entry, decay = 1 / data.modes.k[index], data.decay[index]
        for panel in (upper, lower):
            panel.set(xscale="log", yscale="log", xlim=(data.modes.a[0], data.modes.a[-1]))
            panel.axvline(entry, color=LINE, lw=0.9, ls=":", label=r"$k = aH$")
            if decay is not None:
                panel.axvline(decay, color=RED, lw=1.1, label=r"$\nu m^2/W^2 = H$")
        upper.set_title(rf"$k = {drawing.latex(data.modes.k[index])}\,k_\ast$")
        lower.set_xlabel(r"$a/a_\ast$")
    axes[0, 0].set_ylabel("fields, currents, rates")
    axes[1, 0].set_ylabel(r"$\rho\ \ [E_\mathrm{vac}^2/2]$")
    handles, labels = _all_handles(axes[0, 0], axes[1, 0])
    figure.legend(
        handles, labels, loc="outside lower center", ncols=2 * min(columns, 2), frameon=False
    )
    return figure


def _draw_fields(panel: Axes, data: ScreenedModes, index: int) -> None:
    modes = data.modes
    rates = {
        r"$\omega_p\ \ [m]$": (modes.omega_p, "black", "-"),
        r"$\nu\ \ [m]$": (modes.nu, "black", ":"),
        r"$H\ \ [m]$": (data.hubble, LINE, "--"),
    }
    # In a strong plasma J_3 follows A_3: a broad line below a narrow one.
    fields = {
        r"$|J_3|\ \ [m^2A_\mathrm{init}]$": (modes.J3[index], drawing.COLOURS[2], 3.0, "-"),
        r"$|A_3|\ \ [A_\mathrm{init}]$": (modes.A[index], drawing.COLOURS[0], 1.1, "-"),
        r"$|E_3|/a\ \ [E_\mathrm{vac}]$": (data.E[index], drawing.COLOURS[3], 1.3, LONG),
        r"$|J_0|\ \ [m^2A_\mathrm{init}/a_\ast]$": (modes.J0[index], drawing.COLOURS[5], 1.3, DOTS),
    }
    for label, (values, colour, style) in rates.items():
        panel.plot(modes.a, drawing.positive(values), color=colour, lw=1.0, ls=style, label=label)
    for label, (values, colour, width, line) in fields.items():
        shown = drawing.positive(abs(values))
        panel.plot(modes.a, shown, color=colour, lw=width, ls=line, label=label)
    top = max(modes.omega_p.max(), modes.nu.max(), 1.0)
    panel.set_ylim(1e-5, 15 * top)


def _draw_energies(panel: Axes, data: ScreenedModes, index: int) -> None:
    terms = {
        "rho_A": (r"$\rho_A$: $m^2A_3^2$", drawing.COLOURS[2], "-"),
        "rho_A0": (r"$\rho_{A_0}$: $m^2A_0^2$", drawing.COLOURS[5], DOTS),
        "rho_E": (r"$\rho_E$: $E^2$", drawing.COLOURS[4], LONG),
        "rho_u": (r"$\rho_u$: charges", drawing.COLOURS[0], DASH_DOT),
    }
    for name, (label, colour, line) in terms.items():
        values = drawing.positive(data.energies[name][index])
        panel.plot(data.modes.a, values, color=colour, lw=1.3, ls=line, label=label)
    bound = np.where(np.isfinite(data.bound), data.bound, np.nan)
    panel.plot(
        data.modes.a, bound, color=drawing.COLOURS[3], lw=1.8, ls="--", label=r"$(H/\omega_p)^2$"
    )
    total = sum(values[index] for values in data.energies.values())
    top = drawing.largest(np.asarray(total)) or 1.0
    panel.set_ylim(1e-13 * top, 10 * top)


def _columns(count: int) -> float:
    """The width of a figure with so many columns of panels, in inches."""
    return drawing.WIDTH if count == 1 else max(drawing.WIDE, drawing.WIDTH * count)


def _all_handles(*panels: Axes) -> tuple[list[Artist], list[str]]:
    """For a legend: the lines of all panels, each label once."""
    found: dict[str, Artist] = {}
    for panel in panels:
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    return list(found.values()), list(found)


def draw_primordial(data: PrimordialField) -> Figure:
    """Spectrum above, slice below: in-plane arrows on the magnitude."""
    figure = drawing.new_figure(height=5.6)
    left, right = figure.subplots(2, 1, height_ratios=(1, 1.25))
    left.loglog(data.x, data.exact, color=SLOW, lw=1.4, label=r"exact, $j_1^2(k/aH)$")
    left.loglog(data.x, data.paper, color=RED, lw=1.2, ls="--", label="Eq. A.9")
    left.set_ylim(float(data.paper.min()) / 100, 4)
    left.set_xlim(data.x[0], data.x[-1])
    left.set_xlabel(r"$k/(aH)$")
    left.set_ylabel(r"$P_E\ \ [(mH_I/2\pi)^2]$ per $\ln k$")
    left.legend(loc="lower center", frameon=False)
    size = np.sqrt(np.sum(data.field**2, axis=0))
    # imshow and quiver have y upwards and rows along y.
    step = data.position[1]
    side = step * len(data.position)
    image = right.imshow(
        size.T, origin="lower", extent=(0, side, 0, side), cmap="viridis", vmin=0, rasterized=True
    )
    every = max(1, len(data.position) // 16)
    shown = (slice(every // 2, None, every),) * 2
    points = data.position[shown[0]] + step / 2
    right.quiver(
        points, points, data.field[0][shown].T, data.field[1][shown].T,
        color="white", scale=14, width=0.0035, pivot="mid",
    )  # fmt: skip
    right.set_xlabel(r"$x\ \ [1/H]$")
    right.set_ylabel(r"$y\ \ [1/H]$")
    bar = figure.colorbar(image, ax=right, pad=0.02)
    bar.set_label(r"$|E|\ \ [mH_I/2\pi]$; arrows: $E_x, E_y$")
    return figure


def draw_cold(panels: list[ColdBranches]) -> Figure:
    """A panel per mass, on common axes."""
    figure = drawing.new_figure(height=0.8 + 2.2 * len(panels))
    axes = figure.subplots(len(panels), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for panel, data in zip(axes, panels, strict=True):
        panel.plot(data.k, data.fast, color=FAST, lw=1.6, label="fast")
        panel.plot(data.k, data.slow, color=SLOW, lw=1.6, ls=LONG, label="slow")
        panel.plot(data.k, data.k, color=LINE, lw=0.9, ls=DOTS, label=r"$\omega = k$")
        panel.axhline(1.0, color=RED, lw=0.9, ls=DASH_DOT, label=r"$\omega = \omega_p$")
        panel.set_title(rf"$m = {data.mass:g}\,\omega_p$, no collisions")
        panel.set_ylabel(r"$\omega/\omega_p$")
        panel.set_xlim(data.k[0], data.k[-1])
    axes[0].set_ylim(0, 1.01 * max(data.fast.max() for data in panels))
    axes[-1].set_xlabel(r"$k/\omega_p$")
    handles, labels = _all_handles(axes[0])
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure


def draw_warm(panels: list[WarmBranches]) -> Figure:
    """Frequencies above, damping rates below, a column per velocity."""
    figure = drawing.new_figure(width=_columns(len(panels)), height=5.6)
    axes = figure.subplots(
        2, len(panels), sharex="col", sharey="row", height_ratios=(1.25, 1), squeeze=False
    )
    for (upper, lower), data in zip(axes.T, panels, strict=True):
        _draw_frequencies(upper, data)
        _draw_rates(lower, data)
        for panel in (upper, lower):
            panel.set_xscale("log")
            panel.set_xlim(data.k[0], data.k[-1])
            panel.axvline(data.debye, color=LINE, lw=0.8, ls=":", label=r"$k = k_D$")
        upper.set_title(rf"$v_* = {data.velocity:g}$, $m = {data.mass:g}\,\omega_p$")
        lower.set_xlabel(r"$k/\omega_p$")
    lowest = min(data.slow.min() for data in panels)
    axes[0, 0].set_ylim(0.7 * lowest, 1.3 * max(data.fast.max() for data in panels))
    axes[1, 0].set_ylim(1e-12, 10 * max(-data.slow_exact.imag.min() for data in panels) + 1e-10)
    axes[0, 0].set_ylabel(r"$\mathrm{Re}\,\omega/\omega_p$")
    axes[1, 0].set_ylabel(r"$-\mathrm{Im}\,\omega/\omega_p$, slow branch")
    handles, labels = _all_handles(axes[0, 0], axes[1, 0])
    columns = 1 if len(panels) == 1 else 3
    figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False)
    return figure


def _draw_frequencies(panel: Axes, data: WarmBranches) -> None:
    weak = data.k < data.debye
    panel.plot(data.k, data.fast, color=FAST, lw=1.6, label=r"fast, one velocity $v_*$ (D.12a)")
    panel.plot(
        data.k[weak], data.slow[weak], color=SLOW, lw=1.6, ls=LONG,
        label=r"slow, one velocity $v_*$ (D.12a)",
    )  # fmt: skip
    # Beyond k_D, where it is damped within a period, as in the paper.
    panel.plot(data.k[~weak], data.slow[~weak], color=SLOW, lw=1.6, ls=":")
    panel.plot(
        data.k, data.slow_exact.real, color="black", lw=0.9, ls="-.", label="thermal plasma, exact"
    )
    panel.plot(data.k, data.fast_exact, color="black", lw=0.9, ls="-.")
    panel.plot(data.k, data.k, color=LINE, lw=0.9, ls=DOTS, label=r"$\omega = k$")
    panel.plot(
        data.k, data.velocity * data.k, color=drawing.COLOURS[5], lw=0.9, ls="--",
        label=r"$\omega = v_* k$",
    )  # fmt: skip
    panel.set_yscale("log")


def _draw_rates(panel: Axes, data: WarmBranches) -> None:
    panel.plot(
        data.k, drawing.positive(data.rate), color=RED, lw=1.4, label="Landau damping, D.12b"
    )
    # Roots have rates down to 1e-13 of the frequency; below is rounding.
    exact = np.where(-data.slow_exact.imag > 1e-12 * data.slow_exact.real, -data.slow_exact.imag, 0)
    panel.plot(
        data.k,
        drawing.positive(exact),
        color="black",
        lw=0.9,
        ls="-.",
        label="thermal plasma, exact",
    )
    panel.set_yscale("log")

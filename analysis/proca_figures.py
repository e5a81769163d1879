"""Figures of A. Arvanitaki et al., "Dark QED from Inflation", from the equations, without a run.

`FIGURES` has a function for each number in the paper: it draws into a folder, as PNG, PDF and CSV,
and returns the paths. What is drawn is computed in `proca_data`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darklat.analysis import drawing, proca_data
from darklat.analysis.proca_data import ColdBranches, PrimordialField, WarmBranches

SLOW, FAST, RED, LINE = drawing.COLOURS[0], drawing.COLOURS[2], drawing.COLOURS[1], "0.35"


def figure_3(out: Path) -> list[Path]:
    """The primordial electric field: its spectrum beside Eq. A.9, and a slice drawn from it.

    Writes figure_3.png, .pdf, figure_3_spectrum.csv and figure_3_field.csv into `out` and returns
    their paths. Raises OSError where the folder cannot be written to.
    """
    data = proca_data.primordial()
    tables = {
        "figure_3_spectrum": proca_data.spectrum_table(data),
        "figure_3_field": proca_data.field_table(data),
    }
    return _write(out, "figure_3", lambda: draw_primordial(data), tables)


def figure_13(out: Path) -> list[Path]:
    """Branches in a cold plasma, for m = 0.3 and 1.5 omega_p.

    Writes figure_13.png, .pdf and .csv into `out` and returns their paths. Raises OSError.
    """
    panels = [proca_data.cold_branches(mass) for mass in proca_data.MASSES]
    tables = {"figure_13": proca_data.cold_table(panels)}
    return _write(out, "figure_13", lambda: draw_cold(panels), tables)


def figure_14(out: Path) -> list[Path]:
    """Branches and Landau damping in a warm plasma, m = 0.3 omega_p, v_* = 0.1 and 0.7.

    Writes figure_14.png, .pdf and .csv into `out` and returns their paths. Raises OSError.
    """
    panels = [proca_data.warm_branches(velocity) for velocity in proca_data.VELOCITIES]
    tables = {"figure_14": proca_data.warm_table(panels)}
    return _write(out, "figure_14", lambda: draw_warm(panels), tables)


FIGURES: dict[str, Callable[[Path], list[Path]]] = {
    "3": figure_3,
    "13": figure_13,
    "14": figure_14,
}
"""Number in the paper -> function that draws it into a folder."""


# ---- Drawing ----


def draw_primordial(data: PrimordialField) -> Figure:
    """Spectrum left, slice right: in-plane arrows on the magnitude."""
    figure = drawing.new_figure(width=9.6, height=4.3)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.15))
    left.loglog(data.x, data.exact, color=SLOW, lw=1.4, label=r"exact, $j_1^2(k/aH)$")
    left.loglog(data.x, data.paper, color=RED, lw=1.2, ls="--", label="Eq. A.9")
    left.set_ylim(1e-5, 4)
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
    figure = drawing.new_figure(width=8.6, height=4.3)
    axes = figure.subplots(1, len(panels), sharex=True, sharey=True)
    for panel, data in zip(axes, panels, strict=True):
        panel.plot(data.k, data.fast, color=FAST, lw=1.6, label="fast")
        panel.plot(data.k, data.slow, color=SLOW, lw=1.6, label="slow")
        panel.plot(data.k, data.k, color=LINE, lw=0.9, ls="--", label=r"$\omega = k$")
        panel.axhline(1.0, color=RED, lw=0.9, ls="--", label=r"$\omega = \omega_p$")
        panel.set_title(rf"$m = {data.mass:g}\,\omega_p$, no collisions")
        panel.set_xlabel(r"$k/\omega_p$")
        panel.set_xlim(data.k[0], data.k[-1])
    axes[0].set_ylim(0, 3.4)
    axes[0].set_ylabel(r"$\omega/\omega_p$")
    _legend_below(figure, axes[0], columns=4)
    return figure


def draw_warm(panels: list[WarmBranches]) -> Figure:
    """Frequencies above, damping rates below, a column per velocity."""
    figure = drawing.new_figure(width=8.6, height=6.6)
    axes = figure.subplots(2, len(panels), sharex="col", sharey="row", height_ratios=(1.25, 1))
    for (upper, lower), data in zip(axes.T, panels, strict=True):
        _draw_frequencies(upper, data)
        _draw_rates(lower, data)
        for panel in (upper, lower):
            panel.set_xscale("log")
            panel.set_xlim(data.k[0], data.k[-1])
            panel.axvline(data.debye, color=LINE, lw=0.8, ls=":", label=r"$k = k_D$")
        upper.set_title(rf"$v_* = {data.velocity:g}$, $m = {proca_data.WARM_MASS:g}\,\omega_p$")
        lower.set_xlabel(r"$k/\omega_p$")
    axes[0, 0].set_ylabel(r"$\mathrm{Re}\,\omega/\omega_p$")
    axes[1, 0].set_ylabel(r"$-\mathrm{Im}\,\omega/\omega_p$, slow branch")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    for handle, label in zip(*axes[1, 0].get_legend_handles_labels(), strict=True):
        if label not in labels:
            handles.append(handle)
            labels.append(label)
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    return figure


def _draw_frequencies(panel: Axes, data: WarmBranches) -> None:
    weak = data.k < data.debye
    panel.plot(data.k, data.fast, color=FAST, lw=1.6, label=r"fast, one velocity $v_*$ (D.12a)")
    panel.plot(
        data.k[weak], data.slow[weak], color=SLOW, lw=1.6, label=r"slow, one velocity $v_*$ (D.12a)"
    )
    # Beyond k_D, where it is damped within a period, as in the paper.
    panel.plot(data.k[~weak], data.slow[~weak], color=SLOW, lw=1.6, ls=":")
    panel.plot(
        data.k, data.slow_exact.real, color="black", lw=0.9, ls="-.", label="thermal plasma, exact"
    )
    panel.plot(data.k, data.fast_exact, color="black", lw=0.9, ls="-.")
    panel.plot(data.k, data.k, color=LINE, lw=0.9, ls="--", label=r"$\omega = k$")
    panel.plot(
        data.k, data.velocity * data.k, color=drawing.COLOURS[5], lw=0.9, ls="--",
        label=r"$\omega = v_* k$",
    )  # fmt: skip
    panel.set_yscale("log")
    panel.set_ylim(0.02, 60)


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
    panel.set_ylim(1e-12, 30)


def _legend_below(figure: Figure, panel: Axes, *, columns: int) -> None:
    handles, labels = panel.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False)


def _write(
    out: Path, name: str, draw: Callable[[], Figure], tables: dict[str, dict[str, drawing.Array]]
) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    written = [out / f"{name}.{suffix}" for suffix in ("png", "pdf")]
    with matplotlib.rc_context(drawing.STYLE):
        figure = draw()
        for path in written:
            figure.savefig(path, dpi=drawing.PNG_DPI)
    for table, columns in tables.items():
        written.append(out / f"{table}.csv")
        proca_data.write_csv(written[-1], columns)
    return written

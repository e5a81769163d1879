"""The figure of the maps at one time: slices, projections and histograms of theta and densities."""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

import io
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from darklat.analysis.drawing import COLOURS, PNG_DPI, new_figure, styled
from darklat.storage import hdf5
from darklat.storage.maps import MapFile
from darklat.storage.read_run import Array

_DECADES = 6  # of a density, shown below its largest value
_CELL = 2.7  # inches, of a panel with its bar and labels
_SMALL = 7.5  # points


def draw(path: Path) -> Path:
    """Draws the maps in a file as PNG beside it, and returns its path. Raises InputError where it
    has none, MachineError where the disk refuses."""
    content = io.BytesIO()
    with styled():
        map_figure(MapFile(path)).savefig(content, format="png", dpi=PNG_DPI)
    picture = path.with_suffix(".png")
    hdf5.replace(picture, lambda temporary: temporary.write_bytes(content.getvalue()))
    return picture


def map_figure(maps: MapFile) -> Figure:
    """A column of panels each for theta and every density: slice, projection, histogram. Densities
    are shown by their logarithm."""
    names = [name.removeprefix("projection/") for name in maps if name.startswith("projection/")]
    names.sort(key=lambda name: (name != "theta", name != "rho_theta", name))
    width, height = 0.4 + _CELL * len(names), 0.5 + _CELL * 3
    figure = new_figure(width=width, height=height)
    figure.set_layout_engine("none")  # to find one takes longer than all the rest
    grid = figure.add_gridspec(
        3, len(names), left=0.7 / width, right=1 - 0.55 / width, bottom=0.55 / height,
        top=1 - 0.75 / height, wspace=0.55, hspace=0.28,
    )  # fmt: skip
    panels = grid.subplots(squeeze=False)
    for column, name in zip(panels.T, names, strict=True):
        _plane(column[0], maps, f"slice/{name}")
        _plane(column[1], maps, f"projection/{name}")
        _histogram(column[2], maps, name)
        column[0].set_title(_label(name))
        for panel in column:
            panel.tick_params(labelsize=_SMALL)
            panel.xaxis.set_major_locator(MaxNLocator(4))
    for panel, kind in zip(
        panels[:, 0], ("slice, $y$", "mean along $z$, $y$", "sites"), strict=True
    ):
        panel.set_ylabel(kind, fontsize=9)
    figure.suptitle(rf"$a = {maps.a:.4g}$, lengths in {maps.length_unit}", fontsize=10)
    return figure


def _plane(panel: Axes, maps: MapFile, name: str) -> None:
    is_theta, values = name.endswith("/theta"), maps[name]
    shown = values if is_theta else _decades(values)
    end = maps.x[-1] + maps.x[1]
    image = panel.imshow(
        shown.T, origin="lower", extent=(0, end, 0, end), interpolation="nearest",
        cmap="viridis" if is_theta else "magma",
    )  # fmt: skip
    bar = panel.figure.colorbar(image, ax=panel, fraction=0.046, pad=0.04)
    bar.ax.tick_params(labelsize=_SMALL)
    bar.ax.yaxis.set_major_locator(MaxNLocator(5))
    panel.set_xlabel("$x$", fontsize=9, labelpad=1)


def _decades(values: Array) -> Array:
    """The logarithm to base ten, down to _DECADES below the largest value."""
    high = float(values.max())
    if high <= 0:
        return np.full_like(values, np.nan)
    return np.log10(np.maximum(values, high * 10.0**-_DECADES))


def _histogram(panel: Axes, maps: MapFile, name: str) -> None:
    if f"histogram/{name}/counts" not in maps.units:
        panel.set_axis_off()
        panel.text(0.5, 0.5, "zero everywhere", ha="center", transform=panel.transAxes)
        return
    counts, edges = maps[f"histogram/{name}/counts"], maps[f"histogram/{name}/edges"]
    edges = edges if name == "theta" else np.log10(edges)
    panel.stairs(np.maximum(counts, 0.5), edges, color=COLOURS[0], fill=True, baseline=0.5)
    panel.set_yscale("log")
    panel.set_xlabel(
        _label(name) if name == "theta" else rf"{_label(name)} over its mean", fontsize=9
    )


def _label(name: str) -> str:
    if name == "theta":
        return r"$\theta$"
    of = name.removeprefix("rho_")
    return rf"$\log_{{10}}\,\rho_{{{_TEX.get(of, of)}}}$"


_TEX = {"theta": r"\theta"}

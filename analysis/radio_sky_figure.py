"""The figure of a run's radio background: its magnetic field today, and the sky."""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from darklat.analysis import drawing
from darklat.analysis.adapted_units import Unit, adapted
from darklat.analysis.papers.radio_drawings import draw_points, electrons_in_words, mass_in_words
from darklat.physics.radio import brightness
from darklat.storage import text_files
from darklat.storage.radio_sky_file import RadioSky

NAME = "radio_sky"

_SHOWN = 1e-12
"""Of the largest power: a spectrum is drawn down to there."""


_WAVE_NUMBERS = (Unit("1/Mpc", 1.0), Unit("1/kpc", 1e3), Unit("1/pc", 1e6))


def draw(sky: RadioSky, *, compact: bool = False) -> Figure:
    """Above B^2 per ln k over k, below the temperatures over the frequency. compact: no title."""
    figure = drawing.new_figure(height=4.8)
    upper, lower = figure.subplots(2, 1)
    unit = adapted(float(sky.k[0]), _WAVE_NUMBERS)
    k = sky.k / unit.size
    upper.plot(k, drawing.positive(sky.power), color=drawing.COLOURS[0])
    upper.set(xscale="log", yscale="log", xlim=(k[0], k[-1]))
    drawing.hold(upper, drawing.from_floor(sky.power, _SHOWN * float(np.max(sky.power))))
    drawing.plain_ticks(upper.xaxis, float(k[0]), float(k[-1]))
    upper.set_xlabel(f"$k$ comoving  [{unit.name}]")
    upper.set_ylabel(r"$B^2$ today per $\ln k$  [G$^2$]")
    f = sky.frequency / 1e9
    if sky.extragalactic:
        galaxies = brightness.extragalactic_kelvin(sky.frequency)
        lower.plot(f, galaxies, color=drawing.GREY, ls="-.", label="galaxies")
    draw_points(lower, sky.points)
    lower.plot(
        f, drawing.positive(sky.brightness), color=drawing.COLOURS[1],
        label="ALPs",
    )  # fmt: skip
    lower.set(xscale="log", yscale="log", xlim=(f[0], f[-1]))
    drawing.hold(lower, sky.brightness, sky.points.temperature_kelvin - brightness.CMB_K)
    lower.set_xlabel(r"$f$  [GHz]")
    lower.set_ylabel(r"$T - T_0$  [K]")
    handles, labels = lower.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    if not compact:
        figure.suptitle(
            rf"ALPs in {drawing.plain(sky.field)}: $r = {drawing.latex(sky.share)}$" + "\n"
            f"{mass_in_words(sky.mass_eV)}, {electrons_in_words(sky.electrons)}"
        )
    return figure


def write(sky: RadioSky, folder: Path) -> None:
    """Write PNG, PDF and CSV into `folder`; a figure that fails is a warning. Raises OSError."""
    drawing.picture(lambda: draw(sky), folder, NAME)
    columns = {
        "f [Hz]": sky.frequency,
        "P [1]": sky.probability,
        "T_b [K]": sky.brightness,
    }
    text_files.write_csv(folder / f"{NAME}.csv", columns)
    spectrum = {"k [1/Mpc]": sky.k, "B^2 today per ln k [G^2]": sky.power}
    text_files.write_csv(folder / f"{NAME}_field.csv", spectrum)

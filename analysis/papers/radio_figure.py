"""The figures of A. Addazi et al., "Excess Radiation from Axion-Photon Conversion", with their
numbers.

Each function takes its configuration (`darklat.schema.figure_radio`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from darklat.analysis import drawing
from darklat.analysis.papers import radio_data, radio_drawings
from darklat.analysis.papers.picture import Picture, blaming
from darklat.physics import conversion
from darklat.physics.radio import brightness
from darklat.physics.radio.fit import FieldGrid
from darklat.schema.figure_radio import RadioExcess1, RadioExcess2, RadioExcess3
from darklat.storage import radio_files

_STYLED = drawing.styled()


@_STYLED
def figure_1(config: RadioExcess1) -> Picture:
    """Oscillation length, P and the brightness at 21 cm over z. Table figure_1.

    Raises BadValueError, and ConfigError for a spectrum that cannot be read.
    """
    table = None
    if config.spectrum_file is not None:
        k, power = radio_files.read_magnetic_spectrum(config.spectrum_file)
        with blaming("spectrum_file"):
            table = conversion.Tabulated(k, power)
    with blaming("masses_eV"):
        data = radio_data.histories(config, table)
    columns = {"z [1]": data.z}
    for mass, length in data.length_mpc.items():
        columns[f"l_osc m={mass:g} [Mpc]"] = length
    for (name, mass), values in data.probability.items():
        columns[f"P {name} m={mass:g} [1]"] = values
        columns[f"T_b {name} m={mass:g} [K]"] = data.brightness_kelvin[name, mass]
    return Picture(
        "figure_1",
        radio_drawings.draw_histories(data, config),
        {"figure_1": columns},
        {"frequency_Hz": config.frequency_Hz, "electrons": config.electrons},
    )


@_STYLED
def figure_2(config: RadioExcess2) -> Picture:
    """Fields that explain the radio excess, and the spectrum of some. Tables figure_2_grid,
    figure_2_spectrum, figure_2_points and figure_2_best.

    Raises BadValueError, and ConfigError for points that cannot be read.
    """
    points = radio_files.read_points(
        config.points_file or radio_files.packaged_points(config.points)
    )
    with blaming("lambda_max_Mpc"):
        data = radio_data.fits(config, points)
    best = data.benchmarks[0]
    tables = {
        "figure_2_grid": _grid_table(data),
        "figure_2_spectrum": _spectrum_table(data, extragalactic=config.extragalactic),
        "figure_2_points": {
            "f [Hz]": points.frequency_hz,
            "T [K]": points.temperature_kelvin,
            "sigma [K]": points.sigma_kelvin,
            "T_0 and galaxies [K]": points.foreground_kelvin(extragalactic=config.extragalactic),
        },
        "figure_2_best": _best_table(data),
    }
    numbers: dict[str, float | str] = {
        "chi_squared_without_alps": next(iter(data.grids.values())).null,
        "chi_squared_best": best.chi_squared,
        "best_B0_gauss": best.B0_gauss,
        "best_lambda_Mpc": best.lambda_mpc,
        "best_r": best.share,
        "electrons": config.electrons,
    }
    return Picture("figure_2", radio_drawings.draw_fits(data, config), tables, numbers)


def _grid_table(data: radio_data.Fits) -> dict[str, drawing.Array]:
    """A row per field: B0 and lambda_B, and by family and mass r, chi^2 and whether it is
    allowed."""
    grid = next(iter(data.grids.values()))
    B0, length = np.meshgrid(grid.B0_gauss, grid.lambda_mpc, indexing="ij")
    columns = {"B0 [G]": B0.ravel(), "lambda_B [Mpc]": length.ravel()}
    for (family, mass), found in data.grids.items():
        case = f"{family} m={mass:g}"
        columns[f"r {case} [1]"] = data.shares[family, mass].ravel()
        columns[f"chi^2 {case} [1]"] = found.chi_squared.ravel()
        columns[f"allowed {case} [1]"] = found.allowed.ravel().astype(np.float64)
    return columns


def _spectrum_table(data: radio_data.Fits, *, extragalactic: bool) -> dict[str, drawing.Array]:
    """A row per frequency: the emission of galaxies, and T_b of every benchmark."""
    galaxies = brightness.extragalactic_kelvin(data.frequency_hz)
    columns = {"f [Hz]": data.frequency_hz}
    columns["T galaxies [K]"] = galaxies if extragalactic else np.zeros_like(galaxies)
    for i, each in enumerate(data.benchmarks):
        name = "best" if i == 0 else f"r={each.share:.3g}"
        columns[f"T_b {name} [K]"] = each.excess_kelvin
    return columns


def _best_table(data: radio_data.Fits) -> dict[str, drawing.Array]:
    """A row per family and mass, in the order of the grids: its best allowed field."""
    rows = [
        _best_row(mass, grid, data.shares[family, mass])
        for (family, mass), grid in data.grids.items()
        if grid.allowed.any()
    ]
    heads = ("m_a [eV]", "B0 [G]", "lambda_B [Mpc]", "r [1]", "chi^2 [1]", "chi^2 no ALPs [1]")
    return dict(zip(heads, np.array(rows).T, strict=True))


def _best_row(mass: float, grid: FieldGrid, shares: drawing.Array) -> list[float]:
    i, j = grid.best
    field = [float(grid.B0_gauss[i]), float(grid.lambda_mpc[j])]
    return [mass, *field, float(shares[i, j]), float(grid.chi_squared[i, j]), grid.null]


@_STYLED
def figure_3(config: RadioExcess3) -> Picture:
    """The deepest 21 cm line behind the brighter background. Table figure_3. Raises
    BadValueError."""
    with blaming("frequency_min_Hz"):
        data = radio_data.signals(config)
    columns = {
        "f [Hz]": data.frequency_hz,
        "z [1]": data.z,
        "dT_b no ALPs [K]": data.standard_kelvin,
    }
    for (mass, share), depth in data.depth_kelvin.items():
        columns[f"dT_b m={mass:g} r={share:g} [K]"] = depth
        columns[f"T_R m={mass:g} r={share:g} [K]"] = data.background_kelvin[mass, share]
    numbers: Mapping[str, float | str] = {
        f"z_resonance m={mass:g}": z for mass, z in data.resonance.items()
    }
    return Picture(
        "figure_3",
        radio_drawings.draw_signals(data, config),
        {"figure_3": columns},
        {**numbers, "electrons": config.electrons},
    )

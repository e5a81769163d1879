"""Computes the figures of A. Addazi et al., "Excess Radiation from Axion-Photon Conversion"."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from darklat.analysis.progress_bar import steps
from darklat.physics import conversion, thermal
from darklat.physics.radio import brightness, fit, global_signal, response
from darklat.physics.radio.fit import FieldGrid, RadioPoints
from darklat.physics.thermal.cosmology import ADDAZI
from darklat.schema.figure_radio import RadioExcess1, RadioExcess2, RadioExcess3

Array = npt.NDArray[np.float64]

WAVES_PER_DECADE = 60
"""Of the table of responses. With twice as many, P of allowed fields changes by 1e-5 and less, and
at 250 GHz by 3e-5."""

FAMILIES = {name: response.FAMILIES[name] for name in ("peaked", "scale_invariant")}
"""Of Fig. 2: from a phase transition, and from inflation."""

_WEAK_GAUSS = 1e-20
"""A field that converts weakly whatever the other numbers are."""


@dataclass(frozen=True)
class Histories:
    """Fig. 1: over z [n], by mass, and by spectrum and mass."""

    z: Array
    length_mpc: dict[float, Array]
    probability: dict[tuple[str, float], Array]
    """From recombination to z, at `frequency_Hz` of the configuration."""
    brightness_kelvin: dict[tuple[str, float], Array]
    """At the 21 cm line at z."""


@dataclass(frozen=True)
class Benchmark:
    """A field of Fig. 2 and the excess that it makes at the frequencies of the curves, in
    kelvin."""

    family: str
    mass_eV: float
    B0_gauss: float
    lambda_mpc: float
    share: float
    """r, of ARCADE 2's excess at 78 MHz."""
    excess_kelvin: Array
    chi_squared: float


@dataclass(frozen=True)
class Fits:
    """Fig. 2: fields over B0 and lambda_B, by family and mass."""

    points: RadioPoints
    frequency_hz: Array
    grids: dict[tuple[str, float], FieldGrid]
    shares: dict[tuple[str, float], Array]
    """r over B0 and lambda_B."""
    benchmarks: tuple[Benchmark, ...]
    """The best fit of the first family and mass, and fields with the r of the configuration."""


@dataclass(frozen=True)
class Signals:
    """Fig. 3: over the frequency today [n] and its z."""

    frequency_hz: Array
    z: Array
    resonance: dict[float, float]
    """z of the earliest resonance, by mass."""
    standard_kelvin: Array
    depth_kelvin: dict[tuple[float, float], Array]
    """By mass and r."""
    background_kelvin: dict[tuple[float, float], Array]
    """T_R, by mass and r."""


def spectra_of(
    config: RadioExcess1, table: conversion.Tabulated | None
) -> dict[str, conversion.Spectrum]:
    """The magnetic fields of Fig. 1 by their names."""
    one, many = config.monochromatic, config.scale_invariant
    found: dict[str, conversion.Spectrum] = {
        "monochromatic": conversion.Monochromatic(one.B0_gauss, one.k_per_Mpc),
        "scale invariant": conversion.ScaleInvariant(
            many.B0_gauss, many.k_min_per_Mpc, many.k_max_per_Mpc
        ),
    }
    return found if table is None else {**found, "table": table}


def histories(config: RadioExcess1, table: conversion.Tabulated | None) -> Histories:
    """Oscillation length, P and the brightness at 21 cm over redshift. Raises ValueError."""
    z, spectra = config.z, spectra_of(config, table)
    line = global_signal.observed_hz(z)
    cases = [(name, mass) for name in spectra for mass in config.masses_eV]
    probability, brightness_kelvin = {}, {}
    for name, mass in steps(cases, "conversion"):
        both = conversion.probability(
            np.stack([np.full_like(z, config.frequency_Hz), line]),
            mass_ev=mass,
            coupling_per_gev=config.coupling_per_GeV,
            spectrum=spectra[name],
            electrons=config.electrons,
            angular=config.angular,
            z_end=z,
        )
        probability[name, mass] = both[0]
        brightness_kelvin[name, mass] = global_signal.converted_kelvin(
            z, both[1], energy_over_photons=config.energy_over_photons
        )
    length = {
        mass: conversion.oscillation_length_mpc(
            z, frequency_hz=config.frequency_Hz, mass_ev=mass, electrons=config.electrons
        )
        for mass in config.masses_eV
    }
    return Histories(z, length, probability, brightness_kelvin)


def response_of(
    frequency_hz: Array,
    *,
    mass_eV: float,
    waves: tuple[float, float],
    coupling_per_GeV: float,
    electrons: thermal.Electrons,
    angular: conversion.Angular,
) -> response.Response:
    """P at the frequencies of fields of one gauss and one wave number, between `waves` (1/Mpc)."""
    first, last = waves
    count = max(8, round(WAVES_PER_DECADE * np.log10(last / first)) + 1)
    k = np.geomspace(first, last, count)
    rows = [
        conversion.probability(
            frequency_hz,
            mass_ev=mass_eV,
            coupling_per_gev=coupling_per_GeV,
            spectrum=conversion.Monochromatic(_WEAK_GAUSS, wave),
            electrons=electrons,
            angular=angular,
        )
        for wave in steps(k, f"conversion, {mass_eV:g} eV")
    ]
    return response.Response(k, np.array(rows) / _WEAK_GAUSS**2)


def fits(config: RadioExcess2, points: RadioPoints) -> Fits:
    """chi^2 and r over B0 and lambda_B. Raises ValueError where no field can be there."""
    B0, length = config.B0_gauss, config.lambda_mpc
    frequencies = np.append(points.frequency_hz, brightness.EDGES_HZ)
    grids, shares = {}, {}
    for mass in config.masses_eV:
        table = response_of(
            frequencies,
            mass_eV=mass,
            waves=response.span(B0, length),
            coupling_per_GeV=config.coupling_per_GeV,
            electrons=config.electrons,
            angular=config.angular,
        )
        for family, weak in FAMILIES.items():
            probability = weak(table, B0_gauss=B0, lambda_mpc=length)
            grids[family, mass] = fit.field_grid(
                points,
                probability[..., :-1],
                B0_gauss=B0,
                lambda_mpc=length,
                extragalactic=config.extragalactic,
                energy_over_photons=config.energy_over_photons,
                gauss_per_mpc=config.mhd_gauss_per_Mpc,
            )
            excess = brightness.brightness_kelvin(
                brightness.EDGES_HZ,
                conversion.saturated(probability[..., -1]),
                energy_over_photons=config.energy_over_photons,
            )
            shares[family, mass] = brightness.share_of_excess(excess)
    benchmarks = _benchmarks(config, points, grids, shares)
    return Fits(points, config.frequency_hz, grids, shares, benchmarks)


def _benchmarks(
    config: RadioExcess2,
    points: RadioPoints,
    grids: dict[tuple[str, float], FieldGrid],
    shares: dict[tuple[str, float], Array],
) -> tuple[Benchmark, ...]:
    """The best field of the first family and mass, and fields of its lambda_B with other r."""
    family, mass = next(iter(FAMILIES)), config.masses_eV[0]
    grid = grids[family, mass]
    i, j = grid.best
    along, length = shares[family, mass][:, j], float(grid.lambda_mpc[j])
    weakest = (_first_with(share, along, grid.B0_gauss) for share in config.shares)
    fields = [float(grid.B0_gauss[i]), *(B0 for B0 in weakest if B0 is not None)]
    return tuple(
        _benchmark(config, points, family, mass, B0, length)
        for B0 in steps(fields, "radio spectra")
    )


def _first_with(share: float, shares: Array, B0: Array) -> float | None:
    """The weakest field with that r, on a line between two of the grid; None where there is
    none."""
    reached = np.flatnonzero(shares >= share)
    if not reached.size or reached[0] == 0 or not shares[reached[0] - 1] > 0:
        return None
    pair = slice(reached[0] - 1, reached[0] + 1)
    return float(np.exp(np.interp(np.log(share), np.log(shares[pair]), np.log(B0[pair]))))


def _benchmark(
    config: RadioExcess2, points: RadioPoints, family: str, mass: float, B0: float, length: float
) -> Benchmark:
    """A field without the table of responses: from its spectrum, at all frequencies."""
    frequencies = np.concatenate([config.frequency_hz, [brightness.EDGES_HZ], points.frequency_hz])
    probability = conversion.probability(
        frequencies,
        mass_ev=mass,
        coupling_per_gev=config.coupling_per_GeV,
        spectrum=spectrum_of(family, B0, length),
        electrons=config.electrons,
        angular=config.angular,
    )
    excess = brightness.brightness_kelvin(
        frequencies, probability, energy_over_photons=config.energy_over_photons
    )
    curve, edges, at_points = np.split(
        excess, [config.frequency_points, config.frequency_points + 1]
    )
    chi_squared = points.chi_squared(at_points, extragalactic=config.extragalactic)
    share = float(brightness.share_of_excess(edges[0]))
    return Benchmark(family, mass, B0, length, share, curve, float(chi_squared))


def spectrum_of(family: str, B0_gauss: float, lambda_mpc: float) -> conversion.Spectrum:
    """The field of a family of `response.FAMILIES`."""
    peak, damping = 2 * np.pi / lambda_mpc, float(response.damping_per_mpc(B0_gauss))
    if family == "scale_invariant":
        return conversion.ScaleInvariant(B0_gauss, peak, damping)
    return conversion.TwoSlope(
        B0_gauss,
        k_per_mpc=peak,
        k_min_per_mpc=response.FIRST * peak,
        k_max_per_mpc=damping,
        large_scale_index=response.LARGE_SCALES,
        small_scale_index=response.SMALL_SCALES,
    )


def signals(config: RadioExcess3) -> Signals:
    """The 21 cm line with the temperature of the gas, by mass and r."""
    frequencies = config.frequency_hz
    z = global_signal.redshift_of(frequencies)

    def depth(background: Array) -> Array:
        return global_signal.saturated_depth_kelvin(
            z,
            background,
            gas_kelvin=partial(thermal.matter_temperature_kelvin, cosmology=ADDAZI),
            neutral=_neutral,
            omega_b_h2=ADDAZI.omega_b_h2,
            omega_m_h2=ADDAZI.omega_b_h2 + ADDAZI.omega_c_h2,
        )

    resonance = {
        mass: float(np.max(conversion.resonances(mass, electrons=config.electrons)))
        for mass in config.masses_eV
    }
    backgrounds = {
        (mass, share): global_signal.background_kelvin(
            z, share=share, z_resonance=at, scale_kelvin=config.excess_at_line_K
        )
        for mass, at in resonance.items()
        for share in config.shares
    }
    standard = depth(brightness.CMB_K * (1 + z))
    depths = {case: depth(background) for case, background in backgrounds.items()}
    return Signals(frequencies, z, resonance, standard, depths, backgrounds)


def _neutral(z: Array) -> Array:
    """The share of neutral hydrogen before reionisation."""
    return 1 - thermal.ionisation_fraction(z, reionisation=False, cosmology=ADDAZI)

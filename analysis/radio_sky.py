"""`darklat analyze DIR --with FILE`: ALPs become photons in the magnetic field of a run.

The field of the last spectrum is stretched to today with its flux conserved: B falls as a^-2 and k
is comoving. Turbulence after the run is left out. `darklat.physics.conversion` then gives the
probability, and this the brightness of the radio sky.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from darklat.analysis import radio_sky_figure
from darklat.analysis.numbers import analyse
from darklat.analysis.papers.picture import blaming
from darklat.analysis.radio_sky_text import in_words, table
from darklat.analysis.spectra import both_helicities
from darklat.errors import BadValueError
from darklat.physics import conversion
from darklat.physics.radio import brightness
from darklat.physics.radio.fit import RadioPoints
from darklat.physics.verdicts import FIELDS
from darklat.schema import analysis_file
from darklat.schema.analysis_file import AlpPhotonConversion
from darklat.schema.read import Origin
from darklat.storage import radio_files, radio_sky_file, text_files
from darklat.storage.radio_sky_file import RadioSky
from darklat.storage.read_run import Array, RunFiles, SpectrumData, load_run

RECORD = "radio_sky.yaml"
"""The file of the analysis with every key, beside its results."""


def analyze(
    folder: Path,
    config: AlpPhotonConversion,
    origin: Origin,
    *,
    out: Path | None = None,
    show: Callable[[str], object] | None = None,
) -> str:
    """Put the magnetic field of the run in `folder` through an analysis.

    Writes radio_sky.h5, radio_sky.yaml and figures/radio_sky.* into the folder `out` (default: that
    of the run), and returns the table, which `show` gets before the figure is drawn. `darklat
    report` shows those in the folder of the run. Raises ConfigError where the run lacks the field,
    InputError where the folder is not a run, MachineError where nothing can be written.
    """
    sky = _of_config(lambda: load_run(folder), config, origin)
    text, results = table(sky), folder if out is None else out
    with text_files.writing("the analysis", results, again="analyse again"):
        figures = results / "figures"
        figures.mkdir(parents=True, exist_ok=True)
        radio_sky_file.write(results / radio_sky_file.NAME, sky)
        text_files.replace(results / RECORD, sky.config)
        if show is not None:
            show(text)
        radio_sky_figure.write(sky, figures)
    return text


def of_file(run: Callable[[], RunFiles], path: Path) -> RadioSky:
    """The radio background of a run by the file of an analysis, which is read before the run is.

    Raises ConfigError, also where the run lacks the field, and InputError.
    """
    config, origin = analysis_file.load(path)
    if not isinstance(config, AlpPhotonConversion):
        raise origin.refusal(("analysis",), "must be alp_photon_conversion for the radio sky")
    return _of_config(run, config, origin)


def _of_config(
    run: Callable[[], RunFiles], config: AlpPhotonConversion, origin: Origin
) -> RadioSky:
    named = config.points_file or radio_files.packaged_points(config.points)
    points = radio_files.read_points(named)
    try:
        return radio_sky(run(), config, points)
    except BadValueError as error:
        raise origin.refusal((error.key,), error.reason) from error


def radio_sky(run: RunFiles, config: AlpPhotonConversion, points: RadioPoints) -> RadioSky:
    """The radio background that ALPs make in the magnetic field of a run.

    Raises BadValueError where the run has no such field, InputError where its spectra lack units.
    """
    letter, factor, name = _field(run, config)
    found = both_helicities(run, f"B_{letter}")
    if found is None or not np.any(found.power[-1] > 0):
        raise BadValueError(
            "mixing", f"{run.folder} has no spectrum of B_{letter} with any power yet"
        )
    for sign in ("plus", "minus"):
        radio_sky_file.units_of_spectrum(run, f"B_{letter}_{sign}")
    units, share = run.config.program_units, run.config.radiation_hubble
    assert share is not None  # `_field` has looked
    with blaming("analysis"):
        spectrum = conversion.of_run(
            found.k,
            _with_mean_square_of_bins(found),
            mass_eV=units.hubble_eV,  # with the next: H at a = 1
            f_GeV=units.field_GeV,
            oscillation_condition=1.0,
            mixing=factor,
            radiation_hubble=share,
        )
        return _sky(
            config, points, spectrum, name=name, a=float(found.a[-1]), doubt=_doubt(run, letter)
        )


def _with_mean_square_of_bins(found: SpectrumData) -> Array:
    """The last power per ln k, scaled so that power laws between the k of the bins have the mean
    square of the bins, [k]."""
    power = found.power[-1]
    laws = conversion.Tabulated(found.k, power).mean_square_gauss2  # in units of the run
    return power * (float(np.sum(power * found.dlnk)) / laws)


def _field(run: RunFiles, config: AlpPhotonConversion) -> tuple[str, float, str]:
    """The letter of the field, the factor of its B, and both in words. Raises BadValueError."""
    model, mixing = run.config, config.mixing
    if model.radiation_hubble is None:
        raise BadValueError(
            "analysis",
            f"{run.folder} has a background of kind {model.background.kind}, from which nothing "
            "follows for today",
        )
    if mixing is None:
        if model.photon is None:
            dark = model.dark
            remedy = f"; give mixing, as in B = mixing B_{dark}" if dark else ""
            raise BadValueError(
                "mixing", f"missing: {run.folder} has no photon, whose B the ALPs need{remedy}"
            )
        return model.photon, 1.0, f"B_{model.photon}"
    if model.dark is None:
        raise BadValueError(
            "mixing", f"{run.folder} has no dark field: leave mixing out, and B is the photon's"
        )
    if model.ends_as_matter(model.dark):
        raise BadValueError(
            "mixing",
            f"{model.dark} of {run.folder} has a mass, and B of a massive field does not fall as "
            "a^-2 until today",
        )
    return model.dark, mixing, f"{mixing:g} B_{model.dark}"


def _doubt(run: RunFiles, letter: str) -> str:
    """The check because of which B of today is not to be trusted; empty if none."""
    return analyse(run).untrusted.get(f"{FIELDS}.{letter}.B_today_gauss", "")


def _sky(
    config: AlpPhotonConversion,
    points: RadioPoints,
    spectrum: conversion.Tabulated,
    *,
    name: str,
    a: float,
    doubt: str,
) -> RadioSky:
    """The background from the spectrum of today."""
    curve = config.frequency_hz
    frequencies = np.concatenate([curve, [brightness.EDGES_HZ], points.frequency_hz])
    probability = conversion.probability(
        frequencies,
        mass_ev=config.mass_eV,
        coupling_per_gev=config.coupling_per_GeV,
        spectrum=spectrum,
        electrons=config.electrons,
        angular=config.angular,
    )
    excess = brightness.brightness_kelvin(
        frequencies, probability, energy_over_photons=config.energy_over_photons
    )
    cut = [len(curve), len(curve) + 1]
    shown, edges, at_points = np.split(excess, cut)
    B = math.sqrt(spectrum.mean_square_gauss2)
    numbers: dict[str, Any] = {
        "B_gauss": B,
        "B_needed_gauss": _needed(B, float(probability[cut[0]]), config.energy_over_photons),
        "probability_edges": float(probability[cut[0]]),
        "brightness_edges_kelvin": float(edges[0]),
        "share": float(brightness.share_of_excess(edges[0])),
    }
    return RadioSky(
        field=name,
        a=a,
        k=spectrum.k_per_mpc,
        power=spectrum.power_per_lnk_gauss2,
        frequency=curve,
        probability=probability[: cut[0]],
        brightness=shown,
        points=points,
        mass_eV=config.mass_eV,
        electrons=config.electrons,
        extragalactic=config.extragalactic,
        chi_squared=float(points.chi_squared(at_points, extragalactic=config.extragalactic)),
        chi_squared_without=float(points.chi_squared(0.0, extragalactic=config.extragalactic)),
        words=in_words(
            name,
            B_gauss=B,
            B_needed_gauss=numbers["B_needed_gauss"],
            brightness_edges_kelvin=float(edges[0]),
            share=numbers["share"],
        ),
        doubt=doubt,
        config=analysis_file.dump(config),
        **numbers,
    )


def _needed(B: float, probability: float, energy_over_photons: float) -> float:
    """rms B in gauss with which the excess at 78 MHz is ARCADE 2's; inf where saturation forbids
    it.

    Weak P is (2/3) -log(1 - 3P/2) of the saturated one, and grows as B^2.
    """
    full = float(
        brightness.arcade_excess_kelvin(brightness.EDGES_HZ)
        / brightness.kelvin_per_probability(
            brightness.EDGES_HZ, energy_over_photons=energy_over_photons
        )
    )
    if not (probability > 0 and full < 2 / 3):
        return math.inf
    return B * math.sqrt(math.log1p(-1.5 * full) / math.log1p(-1.5 * probability))

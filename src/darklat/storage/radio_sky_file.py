"""radio_sky.h5: a run's magnetic field of today, and the radio background that ALPs make in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt

from darklat.errors import InputError
from darklat.physics.quantities import Described
from darklat.physics.radio.fit import RadioPoints
from darklat.storage import formats, hdf5
from darklat.storage.read_run import RunFiles

Array = npt.NDArray[np.float64]

NAME = "radio_sky.h5"

_UNITS = {
    "k": ("1/Mpc", "comoving wave number"),
    "power": ("G^2", "<B^2> today per ln k"),
    "frequency": ("Hz", "frequency today"),
    "probability": ("1", "probability that an ALP has become a photon by today"),
    "brightness": ("K", "brightness temperature today of photons from ALPs"),
    "points/frequency": ("Hz", "frequency of a measurement"),
    "points/temperature": ("K", "measured temperature of the sky without the Galaxy"),
    "points/sigma": ("K", "its uncertainty, one standard deviation"),
}


@dataclass(frozen=True)
class RadioSky:
    """The radio background of a run. k in 1/Mpc and power <B^2> today per ln k in gauss^2, [k];
    frequencies in Hz, probability and brightness in kelvin, [f]."""

    field: str
    """In words: "B_A", or "1e-6 B_X"."""
    a: float
    """Scale factor of the spectrum, a_osc."""
    k: Array
    power: Array
    frequency: Array
    probability: Array
    brightness: Array
    points: RadioPoints
    mass_eV: float
    electrons: str
    extragalactic: bool
    B_gauss: float
    """rms today."""
    B_needed_gauss: float
    """rms of a field of the same shape that would make all of ARCADE 2's excess at 78 MHz; inf
    where strong mixing keeps it from that."""
    probability_edges: float
    """At 78 MHz."""
    brightness_edges_kelvin: float
    """There."""
    share: float
    """r: that over ARCADE 2's excess there."""
    chi_squared: float
    chi_squared_without: float
    """Without ALPs."""
    words: str
    """How much it is, in a sentence."""
    doubt: str
    """The check of the run because of which its field is not to be trusted; empty if none."""
    config: str
    """The YAML of the analysis."""


_NUMBERS = (
    "a", "mass_eV", "B_gauss", "B_needed_gauss", "probability_edges", "brightness_edges_kelvin",
    "share", "chi_squared", "chi_squared_without",
)  # fmt: skip
_WORDS = ("field", "electrons", "words", "doubt", "config")
_SWITCHES = ("extragalactic",)
"""The attributes of the file, by kind."""


def write(path: Path, sky: RadioSky) -> None:
    """Write the file. Raises OSError."""
    values = {
        "k": sky.k,
        "power": sky.power,
        "frequency": sky.frequency,
        "probability": sky.probability,
        "brightness": sky.brightness,
        "points/frequency": sky.points.frequency_hz,
        "points/temperature": sky.points.temperature_kelvin,
        "points/sigma": sky.points.sigma_kelvin,
    }
    datasets = {name: Described(values[name], *_UNITS[name]) for name in values}
    given = vars(sky)
    attributes = {name: given[name] for name in (*_NUMBERS, *_WORDS, *_SWITCHES)}
    hdf5.create(path, datasets, {**formats.stamp(), **attributes})


def read(path: Path) -> RadioSky | None:
    """The file's contents; None where there is no file. Raises InputError where it is damaged or
    written by a newer darklat."""
    if not path.is_file():
        return None
    try:
        with hdf5.opened(path) as file:
            formats.refuse_newer(path, file.attrs)
            return _read(file)
    except (OSError, KeyError) as error:
        raise InputError(
            f"{path} cannot be read ({error}): delete it, and make it again with "
            "`darklat analyze DIR --with FILE`"
        ) from error


def _read(file: h5py.File) -> RadioSky:
    arrays = {name: np.asarray(file[name][...], dtype=np.float64) for name in _UNITS}
    points = RadioPoints(*(arrays[f"points/{x}"] for x in ("frequency", "temperature", "sigma")))
    words = {name: str(file.attrs[name]) for name in _WORDS}
    numbers = {name: float(file.attrs[name]) for name in _NUMBERS}
    return RadioSky(
        field=words["field"],
        a=numbers["a"],
        k=arrays["k"],
        power=arrays["power"],
        frequency=arrays["frequency"],
        probability=arrays["probability"],
        brightness=arrays["brightness"],
        points=points,
        mass_eV=numbers["mass_eV"],
        electrons=words["electrons"],
        extragalactic=bool(file.attrs["extragalactic"]),
        B_gauss=numbers["B_gauss"],
        B_needed_gauss=numbers["B_needed_gauss"],
        probability_edges=numbers["probability_edges"],
        brightness_edges_kelvin=numbers["brightness_edges_kelvin"],
        share=numbers["share"],
        chi_squared=numbers["chi_squared"],
        chi_squared_without=numbers["chi_squared_without"],
        words=words["words"],
        doubt=words["doubt"],
        config=words["config"],
    )


def units_of_spectrum(run: RunFiles, name: str) -> None:
    """Raise InputError unless k and power of a group of spectra.h5 have the units of the run."""
    path = run.folder / "spectra.h5"
    names = run.config.unit_names
    expected = {"k": names("1/tau_osc"), "power": names.square}
    try:
        with hdf5.opened(path) as file:
            found = {each: file[name][each].attrs.get("units") for each in expected}
    except (OSError, KeyError) as error:
        raise InputError(f"{path} cannot be read ({error})") from error
    for each, unit in expected.items():
        if found[each] is None:
            raise InputError(
                f"{path}: {name}/{each} has no attribute units, so its size today is not known; a "
                f"run of this darklat writes {unit}"
            )
        if str(found[each]) != unit:
            raise InputError(
                f"{path}: {name}/{each} is in {found[each]}, and a run of this darklat has {unit}"
            )

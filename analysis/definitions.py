"""Definitions of the numbers in the tables, and the meaning of each check, for people who read a
report alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBERS = (
    (r"r, last", "mean density of the ALP over that of an ALP without gauge fields"),
    (r"epsilon of \w+, last", "a/a_osc times the mean density of the field over the same"),
    (r"a/a_osc where epsilon", "where epsilon is first within 10% of its last value"),
    (r"b, last", "square root of the photon's mean density over the dark field's, over g_AX"),
    (r"k of the peak of", "where the power per ln k, of both helicities, is largest"),
    (r"integral scale of \w+ \[tau", "mean wavelength, weighted with the power"),
    (r"helicity of", "1 for waves of helicity + alone, 0 for as many of both"),
    (r"coherence length of", "wavelength of the peak, stretched until today"),
    (r"Omega_phi h\^2", "density of the ALP today over the critical one, times h^2"),
    (r"B_\w today, rms", "root mean square of the field, diluted until today"),
    (r"Delta N_eff", "energy of the massless dark fields as a number of neutrino species"),
    (r"Omega_GW, last", "energy density of gravitational waves over the critical one"),
    (r"Omega_GW without", "cost of a source that is sampled half as often"),
    (r"frequency of the peak today", "of the waves with the largest energy per ln k"),
    (r"Omega_GW h\^2", "energy of the waves today over the critical density, times h^2"),
    (r"Omega_\w+ h\^2", "density of the massive field today over the critical one, times h^2"),
)


@dataclass(frozen=True)
class Meaning:
    """A kind of check: the beginning of its name, its anchor in the page, and its meaning."""

    check: str
    anchor: str
    text: str


CHECKS = (
    Meaning(
        "Gauss's law", "gauss",
        "The divergence of D over the magnitudes of its terms, root mean square over the lattice. "
        "The schemes keep it to rounding: a large number means wrong initial fields, or a defect.",
    ),
    Meaning(
        "Lorenz condition", "lorenz",
        "The same for the time component of a massive field, which its other components determine.",
    ),
    Meaning(
        "energy balance", "energy",
        "The energy that the time step has made or lost since the start, over the energy now. It "
        "falls by four when the step is halved.",
    ),
    Meaning(
        "energy at the cutoff", "cutoff",
        "The share of the energy in waves with more than 3/4 of the lattice's largest wave number. "
        "Their speed and coupling are wrong. Above a half the numbers are not to be trusted; a "
        "smaller lattice spacing or `darklat refine` helps.",
    ),
    Meaning(
        "spectrum of", "spectrum",
        "The peak of a spectrum lies inside of the wave numbers of the lattice, and little power "
        "lies at its cutoff. Otherwise lengths of this field are those of the lattice.",
    ),
)  # fmt: skip


def of_number(label: str) -> str:
    """The definition of the number with this label in a table; empty for one that another row
    defines, such as r at a = 8."""
    return next((text for start, text in _NUMBERS if re.match(start, label)), "")


def of_check(name: str) -> Meaning | None:
    """The meaning of the check with this name."""
    return next((each for each in CHECKS if name.startswith(each.check)), None)

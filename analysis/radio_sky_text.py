"""The radio background of a run in words and numbers."""

from __future__ import annotations

import math
import textwrap

from darklat.analysis.adapted_units import GAUSS, adapted
from darklat.analysis.tables import number
from darklat.physics.radio import brightness
from darklat.storage.radio_sky_file import RadioSky

_WIDTH = 92

_LEAST_SHARE = 0.1
"""From which on a share is written as a number, and not as a power of ten."""


def in_words(
    field: str,
    *,
    B_gauss: float,
    B_needed_gauss: float,
    brightness_edges_kelvin: float,
    share: float,
) -> str:
    """How much the background is, beside ARCADE 2's excess at 78 MHz."""
    excess = float(brightness.arcade_excess_kelvin(brightness.EDGES_HZ))
    begin = (
        f"Photons from ALPs in {field} have {brightness_edges_kelvin:.3g} K at 78 MHz, where the "
        f"fit of ARCADE 2 has {excess:.3g} K"
    )
    if not share > 0:
        return f"{begin}: none at all."
    size = f"a factor {_power(share)} below the excess"
    if share >= _LEAST_SHARE:
        size = f"a factor {share:.2g} of the excess"
    if math.isinf(B_needed_gauss):
        return f"{begin}: {size}; no B0 would do, because strong mixing ends at P = 2/3."
    verb = "would have to be" if share < 1 else "need only be"
    return (
        f"{begin}: {size}; B0 {verb} {B_needed_gauss:.2g} G in place of {B_gauss:.2g} G, with the "
        "same shape."
    )


def _power(share: float) -> str:
    """1e-33 for a share of that order."""
    return f"1e{round(math.log10(share))}"


def rows(sky: RadioSky) -> list[tuple[str, str]]:
    """Every number with its label."""
    unit = adapted(sky.B_gauss, GAUSS)
    needed = adapted(sky.B_needed_gauss if math.isfinite(sky.B_needed_gauss) else None, GAUSS)
    return [
        ("m of the ALPs [eV]", number(sky.mass_eV)),
        (f"{sky.field} today, rms [{unit.name}]", number(sky.B_gauss, unit.size)),
        ("k of its peak per ln k [1/Mpc]", number(float(sky.k[sky.power.argmax()]))),
        ("P at 78 MHz", number(sky.probability_edges)),
        ("T_b today at 78 MHz [K]", number(sky.brightness_edges_kelvin)),
        ("r, T_b over the excess of ARCADE 2 at 78 MHz", number(sky.share)),
        (f"B for r = 1, rms [{needed.name}]", _or_none(sky.B_needed_gauss, needed.size)),
        (f"chi^2 of {len(sky.points.frequency_hz)} points", f"{sky.chi_squared:.4g}"),
        ("the same without ALPs", f"{sky.chi_squared_without:.4g}"),
    ]


def _or_none(value: float, size: float) -> str:
    return number(value, size) if math.isfinite(value) else "none"


def notes(sky: RadioSky) -> list[str]:
    """The assumptions behind the numbers."""
    galaxies = "T_0 = 2.725 K and galaxies" if sky.extragalactic else "T_0 = 2.725 K"
    doubt = f"The field is not to be trusted, because a check of the run fails: {sky.doubt}."
    return [
        *([doubt] if sky.doubt else []),
        f"The spectrum of a = {sky.a:.4g} is that of today with its flux conserved: B falls as "
        "a^-2, k is comoving. Turbulence since then is left out.",
        f"n_e = {sky.electrons} x_e. chi^2 is of {galaxies}, with T_b on top.",
    ]


def table(sky: RadioSky) -> str:
    """Words, numbers and assumptions as text."""
    lines = textwrap.wrap(sky.words, _WIDTH)
    lines += ["", *(f"{label.ljust(54)}{value.rjust(13)}" for label, value in rows(sky)), ""]
    for note in notes(sky):
        lines += textwrap.wrap(note, _WIDTH)
    return "\n".join(lines) + "\n"

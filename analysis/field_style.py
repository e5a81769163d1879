"""The colour and the dashes of every field, in all figures.

Colours are those of Okabe and Ito, which the colour-blind can tell apart. No two fields have the
same dashes and the same colour, so that a figure can be read in grey. A field looks the same in all
models: its letter decides, and not its place among the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from darklat.analysis.drawing import COLOURS
from darklat.schema import Config

Dashes = str | tuple[float, tuple[float, ...]]

_BLUE, _VERMILION, *_OTHERS = COLOURS
_DARK = (_BLUE, *_OTHERS)

_PATTERNS: tuple[Dashes, ...] = (
    (0, (5, 1)),
    (0, (1, 1)),
    (0, (5, 1, 1, 1, 1, 1)),
    (0, (2, 1)),
    (0, (8, 1, 2, 1)),
    (0, (3, 2, 1, 2)),
)
"""One more than there are colours, so that 30 letters would differ in one of the two."""

_OF_PLASMA: Dashes = (0, (1, 2.5))


@dataclass(frozen=True)
class LineStyle:
    """How a line is drawn."""

    colour: str
    dashes: Dashes = "-"
    width: float = 1.2

    def keywords(self) -> dict[str, Any]:
        """As arguments of `Axes.plot`."""
        return {"color": self.colour, "ls": self.dashes, "lw": self.width}


ALP = LineStyle("#000000", width=1.0)
PHOTON = LineStyle(_VERMILION, (0, (7, 1.5, 1.5, 1.5)))


def style_of(config: Config, name: str) -> LineStyle:
    """Of a field by its name in a column of the series: theta, a letter, or a letter's plasma."""
    field, _, plasma = name.partition("_")
    if plasma:
        return replace(style_of(config, field), dashes=_OF_PLASMA)
    if field == "theta":
        return ALP
    if field == config.photon:
        return PHOTON
    place = (ord(field) - ord("X")) % 26
    return LineStyle(_DARK[place % len(_DARK)], _PATTERNS[place % len(_PATTERNS)])

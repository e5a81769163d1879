"""The history of the plasma that a figure's configuration describes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from darklat.physics import proca
from darklat.schema.figure_plasma import FigurePlasmaKeys
from darklat.storage.plasma_files import read_rows

Array = npt.NDArray[np.float64]

_FORMULAS: dict[str, Callable[..., proca.History]] = {
    "constant": proca.constant,
    "screening": proca.screening,
    "freeze_out": proca.freeze_out,
}


def history(plasma: FigurePlasmaKeys, a: Array) -> proca.History:
    """omega_p and nu in m over a (in a_*, increasing).

    Raises ValueError as `proca.histories` does. Raises it with the name of the file where that is
    no table, is not positive or not increasing in a, or does not cover a.
    """
    if plasma.file is None:
        return _FORMULAS[plasma.kind](**plasma.numbers)
    rows = read_rows(plasma.file)
    try:
        return proca.from_rows(rows, a_start=float(a[0]), a_end=float(a[-1]))
    except ValueError as error:
        raise ValueError(f"{plasma.file}: {error}") from error

"""The history of a plasma as a configuration describes it: one model of its keys per kind.

Units of `physics.proca_histories`, which says what the kinds are: omega_p and nu in m, a in a_*.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
import pydantic
from pydantic import Field

from darklat.physics import proca

Array = npt.NDArray[np.float64]


class Section(pydantic.BaseModel):
    """A mapping with known keys, of the right types and finite."""

    model_config = pydantic.ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, validate_default=True
    )


Rate = Annotated[float, Field(ge=0, le=1e9)]
Positive = Annotated[float, Field(gt=0, le=1e9)]


class ConstantPlasma(Section):
    """The same omega_p and nu at all times; omega_p = 0 is the vacuum."""

    kind: Literal["constant"] = "constant"
    omega_p: Rate = 0.0
    nu: Rate = 0.0

    def history(self, _a: Array) -> proca.History:
        """Of any a. Raises ValueError as `physics.proca_histories` does."""
        return proca.constant(omega_p=self.omega_p, nu=self.nu)


class ScreeningPlasma(Section):
    """`proca.screening`."""

    kind: Literal["screening"] = "screening"
    nu_over_omega_p: Rate = 0.3
    a_cascade: Positive = 0.01
    a_plasma: Positive = 0.05
    omega_plasma: Positive = 400.0

    def history(self, _a: Array) -> proca.History:
        """Of any a. Raises ValueError as `physics.proca_histories` does."""
        return proca.screening(**self.model_dump(exclude={"kind"}))


class FreezeOutPlasma(Section):
    """`proca.freeze_out`."""

    kind: Literal["freeze_out"] = "freeze_out"
    a_fo: Positive
    omega_fo: Positive
    remaining: Annotated[float, Field(gt=0, le=1)] = 1e-3
    nu_over_omega_p: Rate = 0.3

    def history(self, _a: Array) -> proca.History:
        """Of any a. Raises ValueError as `physics.proca_histories` does."""
        return proca.freeze_out(**self.model_dump(exclude={"kind"}))


class TabulatedPlasma(Section):
    """Rows of a, omega_p and, if there are collisions, nu; see `proca.from_table`."""

    kind: Literal["table"] = "table"
    file: Annotated[str, Field(min_length=1, max_length=4096)]

    def history(self, a: Array) -> proca.History:
        """Of a (in a_*, increasing). Raises ValueError, with the file, where that is no such table,
        is not positive or not increasing in a, or does not cover a."""
        rows = _rows(Path(self.file))
        try:
            return proca.from_rows(rows, a_start=float(a[0]), a_end=float(a[-1]))
        except ValueError as error:
            raise ValueError(f"{self.file}: {error}") from error


AnyPlasma = Annotated[
    ConstantPlasma | ScreeningPlasma | FreezeOutPlasma | TabulatedPlasma,
    Field(discriminator="kind"),
]

PLASMAS: dict[str, type[Section]] = {
    "constant": ConstantPlasma,
    "screening": ScreeningPlasma,
    "freeze_out": FreezeOutPlasma,
    "table": TabulatedPlasma,
}
"""`kind` -> its keys."""


def _rows(path: Path) -> Array:
    """The rows of a text file of numbers; lines that begin with # are left out."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an empty file, refused below
            return np.loadtxt(path, comments="#", ndmin=2, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is no table of numbers: {error}") from error

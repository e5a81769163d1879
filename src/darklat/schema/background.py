"""The keys of the expansion, and the history a(tau) that they stand for."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import pydantic

from darklat.errors import BadValueError
from darklat.physics import background
from darklat.physics.background import Background
from darklat.physics.friedmann import Alp, Fluid, Friedmann
from darklat.physics.sampled import LEAST_ROWS, Table
from darklat.physics.thermal.cosmology import equality
from darklat.physics.thermal.expansion import thermal
from darklat.physics.units import EV_PER_GEV, REDUCED_PLANCK_MASS_EV, ProgramUnits
from darklat.schema.column_files import FileColumn, read_columns
from darklat.schema.section import Section
from darklat.schema.sizes import SIZE
from darklat.schema.yaml.values import Choice, Container, FileName, Number

BackgroundKind = Annotated[
    Literal[
        "radiation", "static", "power_law", "radiation_matter", "thermal", "table", "friedmann"
    ],
    Choice(),
]  # fmt: skip
MOST_FLUIDS = 10
_TINY = sys.float_info.min
_COLUMNS = tuple(
    FileColumn(name, {f"{name}_osc": 1.0, f"{name}_*": 1.0}, _TINY, "must be positive", True)
    for name in ("tau", "a")
)


class FluidKeys(Section):
    """A fluid beside radiation and fields: w = p/rho, and its density over that of the radiation at
    a = 1."""

    w: Annotated[float, Number(least=-1, most=1)] = pydantic.Field(examples=["w: 0"])
    share: Annotated[float, Number(positive=True, size=SIZE)] = pydantic.Field(
        examples=["share: 0.1"]
    )


class BackgroundKeys(Section):
    """The expansion. oscillation_condition is m/H at tau_osc, and m tau_osc, of the ALP; None
    without one. `w` is p/rho of a power law. `a_eq` (a_osc) is where matter and radiation are
    equally dense; None for that of our universe. `file` has the rows tau, a of a table. `fluids`
    are those of a universe that expands by its own content."""

    kind: BackgroundKind = "radiation"
    oscillation_condition: Annotated[
        float | None, Number(positive=True, size=SIZE, optional=True)
    ] = None
    w: Annotated[float | None, Number(most=1, optional=True)] = None
    a_eq: Annotated[float | None, Number(positive=True, size=SIZE, optional=True)] = None
    file: Annotated[Path | None, FileName()] = None
    fluids: Annotated[
        tuple[FluidKeys, ...],
        Container(list, "a list of fluids, such as [{w: 0, share: 0.1}]", most=MOST_FLUIDS),
    ] = ()


def expansion(keys: BackgroundKeys, units: ProgramUnits, alp: Alp | None) -> Background:
    """a(tau) of a configuration, in these units; of kind friedmann that without gauge fields.

    Raises InputError where the file of a table cannot be used, and ValueError as `thermal`.
    """
    if keys.kind == "friedmann":
        fluids = tuple(Fluid(fluid.w, fluid.share) for fluid in keys.fluids)
        return Friedmann(REDUCED_PLANCK_MASS_EV / EV_PER_GEV / units.field_GeV, fluids, alp)
    if keys.kind == "thermal":
        return thermal(units.hubble_eV)
    if keys.kind == "table":
        assert keys.file is not None  # the checks have seen to it
        try:
            now = keys.file.stat()
        except OSError as error:
            raise BadValueError("background.file", error) from error
        return _table(keys.file, now.st_mtime_ns, now.st_size)
    if keys.kind == "power_law":
        assert keys.w is not None  # the checks have seen to it
        return background.PowerLaw(keys.w)
    if keys.kind == "radiation_matter":
        return background.RadiationMatter(_equality(keys, units.hubble_eV))
    return background.Static() if keys.kind == background.STATIC else background.Radiation()


def radiation_hubble(keys: BackgroundKeys, *, hubble_eV: float) -> float | None:
    """H of the radiation alone at a = 1 over that of everything; None in a background whose
    radiation is not known."""
    if keys.kind not in background.HOT:
        return None
    if keys.kind == "radiation_matter":
        return background.radiation_hubble(_equality(keys, hubble_eV))
    return 1.0


def _equality(keys: BackgroundKeys, hubble_eV: float) -> float:
    return equality(hubble_eV) if keys.a_eq is None else keys.a_eq


@lru_cache(maxsize=16)
def _table(path: Path, changed_ns: int, size: int) -> Table:
    del changed_ns, size  # of the file, which is read again when it changes
    tau, a = read_columns(
        path, _COLUMNS, what="table of tau and a", least_rows=LEAST_ROWS, needs_units=False
    )
    try:
        return Table(tau, a)
    except ValueError as error:
        raise BadValueError("background.file", f"{path}: {error}") from error

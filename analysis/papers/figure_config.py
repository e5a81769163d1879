"""The configuration of a figure of a paper: one model of its keys per figure.

All figures are those of A. Arvanitaki et al., "Dark QED from Inflation", and so are the defaults.
Units as in that figure: m = 1 and a_* = 1 for modes, omega_p = 1 for waves.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
import pydantic
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from darklat.analysis.papers import yaml_file
from darklat.analysis.papers.plasma_config import (
    PLASMAS,
    AnyPlasma,
    ConstantPlasma,
    ScreeningPlasma,
    Section,
)
from darklat.analysis.papers.yaml_file import Document
from darklat.errors import InputError
from darklat.schema.yaml.text import KeyPath, double_quoted


def _all_different(values: tuple[float, ...]) -> tuple[float, ...]:
    if len(set(values)) < len(values):
        raise ValueError("must not repeat a value")
    return values


def _greater(value: float, other: str, info: ValidationInfo) -> float:
    if other in info.data and value <= info.data[other]:
        raise ValueError(f"must be greater than {other} = {info.data[other]}")
    return value


Wave = Annotated[float, Field(ge=1e-6, le=1e6)]
Mass = Annotated[float, Field(ge=1e-3, le=1e3)]
Velocity = Annotated[float, Field(gt=0, lt=1)]
Points = Annotated[int, Field(ge=16, le=20_000)]
# A list of YAML as a tuple, which not strict validation makes of it; its items stay strict.
Few = (Field(min_length=1, max_length=4, strict=False), AfterValidator(_all_different))
Several = (Field(min_length=1, max_length=6, strict=False), AfterValidator(_all_different))


# ---- Figures ----


class Modes(Section):
    """Modes from a_start, where A = 1, to a_end at a_points scale factors, in equal ratios."""

    a_start: Annotated[float, Field(ge=1e-9, le=1)] = 1e-3
    a_end: Annotated[float, Field(gt=0, le=1e6)]
    a_points: Points

    @field_validator("a_end")
    @classmethod
    def _after_start(cls, value: float, info: ValidationInfo) -> float:
        return _greater(value, "a_start", info)

    @property
    def a(self) -> npt.NDArray[np.float64]:
        """Scale factors in a_*, shape (a_points,)."""
        return np.geomspace(self.a_start, self.a_end, self.a_points)


class DarkQed2(Modes):
    """Fig. 2: how the energy of modes dilutes."""

    figure: Literal["dark_qed_2"] = "dark_qed_2"
    k: Annotated[tuple[Wave, ...], *Several] = (0.1, 0.3, 1.0, 3.0, 10.0)
    k_min: Wave = 0.03
    k_max: Wave = 30.0
    k_points: Annotated[int, Field(ge=4, le=400)] = 49
    a_end: Annotated[float, Field(gt=0, le=1e6)] = 30.0
    a_points: Points = 181
    plasma: AnyPlasma = ConstantPlasma()

    @field_validator("k_max")
    @classmethod
    def _above(cls, value: float, info: ValidationInfo) -> float:
        return _greater(value, "k_min", info)


class DarkQed3(Section):
    """Fig. 3: the primordial electric field; x = k/(aH)."""

    figure: Literal["dark_qed_3"] = "dark_qed_3"
    sites: Annotated[int, Field(ge=4, le=192)] = 80
    box: Annotated[float, Field(ge=1e-3, le=1e3)] = 12.0
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 3
    x_min: Wave = 0.03
    x_max: Wave = 30.0
    x_points: Points = 1201

    @field_validator("x_max")
    @classmethod
    def _above(cls, value: float, info: ValidationInfo) -> float:
        return _greater(value, "x_min", info)


class DarkQed13(Section):
    """Fig. 13: waves in a cold plasma."""

    figure: Literal["dark_qed_13"] = "dark_qed_13"
    masses: Annotated[tuple[Mass, ...], *Few] = (0.3, 1.5)
    k_max: Annotated[float, Field(ge=1e-3, le=1e3)] = 3.0
    k_points: Points = 301


class DarkQed14(Section):
    """Fig. 14: waves in a warm plasma."""

    figure: Literal["dark_qed_14"] = "dark_qed_14"
    mass: Mass = 0.3
    velocities: Annotated[tuple[Velocity, ...], *Few] = (0.1, 0.7)
    k_min: Annotated[float, Field(ge=1e-4, le=1)] = 0.03
    k_max_over_debye: Annotated[float, Field(ge=0.1, le=10)] = 2.0
    k_points: Annotated[int, Field(ge=16, le=2000)] = 161


class DarkQed16(Modes):
    """Fig. 16: longitudinal modes while charges screen them."""

    figure: Literal["dark_qed_16"] = "dark_qed_16"
    k: Annotated[tuple[Wave, ...], *Few] = (5.0,)
    a_end: Annotated[float, Field(gt=0, le=1e6)] = 10.0
    a_points: Points = 3001
    plasma: AnyPlasma = ScreeningPlasma()


FigureConfig = DarkQed2 | DarkQed3 | DarkQed13 | DarkQed14 | DarkQed16

MODELS: dict[str, type[FigureConfig]] = {
    "dark_qed_2": DarkQed2,
    "dark_qed_3": DarkQed3,
    "dark_qed_13": DarkQed13,
    "dark_qed_14": DarkQed14,
    "dark_qed_16": DarkQed16,
}


# ---- Reading ----


def load(path: Path) -> tuple[FigureConfig, Document]:
    """Read the configuration of a figure, and the text's lines for later messages.

    The table of a plasma is looked for from the configuration's folder; its path comes out
    absolute. Raises InputError with every problem: file, line, key and what is allowed.
    """
    document = yaml_file.read(path)
    name = document.values.get("figure")
    if not isinstance(name, str) or name not in MODELS:
        line = document.at(("figure",))
        found = "is missing" if "figure" not in document.values else f"is unknown: {name!r:.60}"
        raise InputError(f"{line}: {found}; {_allowed(name, list(MODELS))}")
    plasma = document.values.get("plasma")
    if isinstance(plasma, dict) and isinstance(plasma.get("file"), str) and plasma["file"]:
        plasma["file"] = str(path.parent.absolute() / plasma["file"])
    try:
        return MODELS[name].model_validate(document.values), document
    except pydantic.ValidationError as error:
        details = error.errors(include_url=False)
        raise InputError("\n".join(_problem(document, name, one) for one in details)) from error


def dump(config: FigureConfig) -> str:
    """Every key and its value, defaults too, as YAML that `load` reads back."""
    values = config.model_dump()
    ordered = {"figure": values.pop("figure"), **values}
    return "".join(f"{key}: {_written(value)}\n" for key, value in ordered.items())


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, str) and not value.isidentifier():
        return double_quoted(value)
    return repr(value) if isinstance(value, float) else str(value)


def _problem(document: Document, name: str, one: Any) -> str:
    """What pydantic found, in our words."""
    # The tag of a plasma stands in the path of what is below it.
    loc: KeyPath = one["loc"]
    below_plasma = loc[:1] == ("plasma",) and len(loc) > 1
    keys = ("plasma", *loc[2:]) if below_plasma else loc
    if one["type"] == "extra_forbidden":
        model: type[Section] = PLASMAS[str(loc[1])] if below_plasma else MODELS[name]
        return f"{document.at(keys)}: unknown key; {_allowed(keys[-1], list(model.model_fields))}"
    if one["type"].startswith("union_tag"):
        keys = (*keys, "kind")
        kind = one["input"].get("kind") if isinstance(one["input"], dict) else None
        found = "is missing" if kind is None else f"is unknown: {kind!r:.60}"
        return f"{document.at(keys)}: {found}; {_allowed(kind, list(PLASMAS))}"
    if one["type"] == "missing":
        return f"{document.at(keys)}: is missing"
    if "dictionary" in one["msg"]:
        return f"{document.at(keys)}: must be a mapping, not {one['input']!r:.60}"
    allowed = one["msg"].removeprefix("Value error, ").partition(" after validation")[0]
    for theirs, ours in (
        ("Input should be", "must be"),
        ("Tuple should", "must"),
        ("tuple", "list"),
    ):
        allowed = allowed.replace(theirs, ours)
    return f"{document.at(keys)}: {allowed}, not {one['input']!r:.60}"


def _allowed(word: object, words: list[str]) -> str:
    near = difflib.get_close_matches(str(word), words, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"{meant}allowed are {', '.join(words)}"

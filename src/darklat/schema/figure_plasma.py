"""The plasma of a figure: the keys of every kind, and which of them a kind takes.

Units as in `darklat.physics.proca.histories`, which defines the kinds: omega_p and nu in m, a in
a_*. Keys that are left out have the defaults of the functions there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic

from darklat.physics.proca import constant, freeze_out, screening
from darklat.schema.contradictions import Check, Issue, KeysOfAKind, check, keys_of_kinds
from darklat.schema.section import Section
from darklat.schema.yaml.values import Choice, FileName, Number

OptionalRate = Annotated[float | None, Number(least=0, most=1e9, optional=True)]
OptionalPositive = Annotated[float | None, Number(positive=True, most=1e9, optional=True)]

CHECKS: list[Check] = []


def _of(function: Callable[..., object]) -> dict[str, float]:
    """The arguments of a function that have a default."""
    arguments = inspect.signature(function).parameters.values()
    return {each.name: each.default for each in arguments if each.default is not each.empty}


_DEFAULTS: dict[str, dict[str, float]] = {
    "constant": {"omega_p": 0.0, **_of(constant)},  # the vacuum
    "screening": _of(screening),
    "freeze_out": _of(freeze_out),
    "table": {},
}
_KINDS = {
    "constant": KeysOfAKind({}, tuple(_DEFAULTS["constant"])),
    "screening": KeysOfAKind({}, tuple(_DEFAULTS["screening"])),
    "freeze_out": KeysOfAKind({"a_fo": "0.5", "omega_fo": "100"}, tuple(_DEFAULTS["freeze_out"])),
    "table": KeysOfAKind({"file": "plasma.txt"}),
}


class FigurePlasmaKeys(Section):
    """A plasma of dark charges. A kind has the keys that its function takes, and `table` a file
    with rows of a, omega_p and, if there are collisions, nu."""

    kind: Annotated[Literal["constant", "screening", "freeze_out", "table"], Choice()] = (
        pydantic.Field(examples=["kind: constant"])
    )
    omega_p: OptionalRate = None
    nu: OptionalRate = None
    nu_over_omega_p: OptionalRate = None
    a_cascade: OptionalPositive = None
    a_plasma: OptionalPositive = None
    omega_plasma: OptionalPositive = None
    a_fo: OptionalPositive = None
    omega_fo: OptionalPositive = None
    remaining: Annotated[float | None, Number(positive=True, most=1, optional=True)] = None
    file: Annotated[Path | None, FileName()] = None

    @property
    def numbers(self) -> dict[str, float]:
        """The numbers of its kind by key: the arguments of the function of that name."""
        return self.model_dump(exclude={"kind", "file"}, exclude_none=True)

    @pydantic.model_validator(mode="before")
    @classmethod
    def _defaults(cls, value: Any) -> Any:
        """The defaults of its kind."""
        if not isinstance(value, dict) or not isinstance(kind := value.get("kind"), str):
            return value
        given = {key: found for key, found in value.items() if found is not None}
        return {**_DEFAULTS.get(kind, {}), **given}


@check(CHECKS, "plasma")
def _keys_of_a_plasma(plasma: Any) -> Iterator[Issue]:
    yield from keys_of_kinds(_KINDS, plasma, ("plasma",))

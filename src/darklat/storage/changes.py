"""The changes of a run's configuration at its resumes, as an attribute of its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pydantic

from darklat.schema.write import shown

ATTRIBUTE = "changes"


@dataclass(frozen=True)
class Change:
    """From this step on the configuration was another one.

    tau, a: the time of the step. keys: of every dotted key that was changed the value before and
    the value after, None where it had none. same_steps: whether a run with the new configuration
    from the start has the same steps until then, closed at the same ones, so that its fields have
    the same bits.
    """

    step: int
    tau: float
    a: float
    keys: Mapping[str, tuple[Any, Any]]
    same_steps: bool

    def __str__(self) -> str:
        return "; ".join(
            f"{key} from {_shown(before)} to {_shown(after)}"
            for key, (before, after) in self.keys.items()
        )


_ALL: pydantic.TypeAdapter[tuple[Change, ...]] = pydantic.TypeAdapter(tuple[Change, ...])


def attributes(changes: tuple[Change, ...]) -> dict[str, str]:
    """The attribute of a file; none where nothing has changed."""
    return {ATTRIBUTE: _ALL.dump_json(changes).decode()} if changes else {}


def of(attributes: Mapping[str, str]) -> tuple[Change, ...]:
    """The inverse of `attributes`. Raises ValueError when it is damaged."""
    return _ALL.validate_json(attributes.get(ATTRIBUTE, "[]"))


def _shown(value: Any) -> str:
    return "no value" if value is None else shown(value)

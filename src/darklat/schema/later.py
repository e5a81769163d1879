"""Which keys of a run may change when it is resumed, and why the others stay.

The marks stand beside the keys in `run.py`. A mark of a section holds for all keys below it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from darklat.schema.contradictions import section_of
from darklat.schema.section import Section
from darklat.schema.yaml.problems import one_of


@dataclass(frozen=True)
class Later:
    """Marks a key that does not touch the steps that are done, so that a resume may change it."""


@dataclass(frozen=True)
class Settled:
    """Marks a key that is settled when a run begins, with the reason."""

    reason: str


def refusal(model: type[Section], key: str) -> str | None:
    """Why a resume cannot change a dotted key of a configuration, or None where it can."""
    section, found = model, None
    for part in key.split("."):
        info = section.model_fields[part]
        found = next((m for m in info.metadata if isinstance(m, Later | Settled)), found)
        below = section_of(info.annotation)
        if not (isinstance(below, type) and issubclass(below, Section)):
            break
        section = below
    assert found is not None, f"{key} has no mark"
    if isinstance(found, Later):
        return None
    return (
        f"cannot be changed in a run that has begun: {found.reason}. Leave it out, or start a new "
        f"run; a resume can change {one_of(list(keys(model)), 'and')}"
    )


def keys(model: type[Section], above: str = "") -> Iterator[str]:
    """The dotted keys that a resume may change; a section stands for all keys below it."""
    for name, info in model.model_fields.items():
        if any(isinstance(mark, Later) for mark in info.metadata):
            yield above + name
            continue
        below = section_of(info.annotation)
        if isinstance(below, type) and issubclass(below, Section):
            yield from keys(below, f"{above}{name}.")

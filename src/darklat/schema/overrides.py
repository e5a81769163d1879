"""Overrides from Python: dotted keys and values, as the texts KEY=VALUE that the reader takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath

import numpy as np

from darklat.errors import InputError
from darklat.schema.yaml.text import double_quoted


def as_text(overrides: Mapping[str, object] | Sequence[str] | None) -> list[str]:
    """One text per override, in their order; texts stay as they are. None has no overrides.

    Raises InputError for a value that no key can have.
    """
    if overrides is None:
        return []
    if isinstance(overrides, Mapping):
        return [f"{key}={_yaml(key, value)}" for key, value in overrides.items()]
    if isinstance(overrides, str):
        raise InputError(
            f"overrides are a mapping such as {{'lattice.sites': 32}}, or a list of texts such as "
            f"['lattice.sites=32'], not the text {overrides!r}"
        )
    return [str(text) for text in overrides]


def _yaml(key: str, value: object) -> str:
    """The value as YAML in one line."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str | PurePath):
        return double_quoted(str(value))
    if isinstance(value, Mapping):
        inside = (f"{double_quoted(str(k))}: {_yaml(key, item)}" for k, item in value.items())
        return f"{{{', '.join(inside)}}}"
    if isinstance(value, list | tuple | np.ndarray):
        return f"[{', '.join(_yaml(key, item) for item in value)}]"
    raise InputError(
        f"{key}: a value of type {type(value).__name__} cannot be set; "
        "give a number, text, True, False, None, a list or a mapping"
    )

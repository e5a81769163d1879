"""From a Config to YAML text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from darklat.schema.run import Config
from darklat.schema.section import Section
from darklat.schema.yaml.text import KeyPath, dotted, double_quoted


def dump(config: Config) -> str:
    """The resolved configuration: every key, defaults too, in the order of the schema.

    `loads(dump(config), source=..., base=None) == config`, bit for bit. The numbers are written so
    that a YAML 1.1 reader takes them for numbers as well. Keys without a value are left out.
    """
    data = config.model_dump()
    data["model"]["couplings"] = dict(sorted(data["model"]["couplings"].items()))
    return "".join(lines(data))


def lines(data: dict[str, Any], *, indent: str = "") -> list[str]:
    """The lines of a mapping as YAML. Keys without a value are left out, and so are mappings of
    such keys alone."""
    found: list[str] = []
    for key, value in data.items():
        if value is None:
            continue
        if isinstance(value, dict) and value:
            if below := lines(value, indent=indent + "  "):
                found += [f"{indent}{_written(key)}:\n", *below]
        else:
            found.append(f"{indent}{_written(key)}: {_written(value)}\n")
    return found


def leaves(config: Section) -> dict[str, Any]:
    """The values by dotted key. A list is a value, and so is a mapping without keys; keys without a
    value are left out."""
    return dict(_leaves(config.model_dump(), ()))


def _leaves(data: dict[str, Any], path: KeyPath) -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, key))
        elif value is not None:
            yield dotted((*path, key)), value


def shown(value: object) -> str:
    """A value as messages write it: true, [1, 2], 8 and not 8.0."""
    if isinstance(value, float):
        return repr(float(value)).removesuffix(".0")
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(shown, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _written(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{_written(key)}: {_written(each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, tuple):
        return f"[{', '.join(_written(item) for item in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        mantissa, e, exponent = repr(value).partition("e")
        return f"{mantissa if '.' in mantissa else mantissa + '.0'}{e}{exponent}"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if re.fullmatch("[A-Za-z][A-Za-z0-9_]*", text) and text.lower() not in _NOT_PLAIN:
        return text
    return double_quoted(text)


# Words that a YAML 1.1 or 1.2 reader takes for something else than text.
_NOT_PLAIN = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))

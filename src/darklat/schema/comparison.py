"""Configurations compared key by key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from darklat.schema.run import Config
from darklat.schema.write import leaves, shown


def differing(configs: Sequence[Config]) -> dict[str, list[Any]]:
    """The dotted keys whose values differ, with the value in every configuration; None where it has
    none."""
    flat = [leaves(config) for config in configs]
    keys = dict.fromkeys(key for each in flat for key in each)
    found = {key: [each.get(key) for each in flat] for key in keys}
    return {key: values for key, values in found.items() if any(v != values[0] for v in values)}


def in_words(one: Config, other: Config, *, of_one: str, of_other: str) -> list[str]:
    """A sentence without its full stop on every key in which two configurations differ.

    of_one, of_other: the words for their places, such as "in config.yaml".
    """
    return [
        f"{key} is {_value(first)} {of_one} and {_value(second)} {of_other}"
        for key, (first, second) in differing((one, other)).items()
    ]


def _value(value: Any) -> str:
    return "not set" if value is None else shown(value)

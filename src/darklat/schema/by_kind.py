"""Reads a configuration whose keys depend on one of them: the figures, the relics
and the analyses of a run.

That key, `figure`, `kind` or `analysis`, names the model of all keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic_core import PydanticCustomError

from darklat.schema.read import (
    Origin,
    entries,
    folder_of,
    in_order,
    resolve_file,
    validate,
)
from darklat.schema.section import FileKeys
from darklat.schema.texts import read_text
from darklat.schema.write import lines
from darklat.schema.yaml.document import Entry, find, problem_at
from darklat.schema.yaml.problems import Problem
from darklat.schema.yaml.text import KeyPath
from darklat.schema.yaml.values import Choice

_Keys = TypeVar("_Keys", bound=FileKeys)


def load(
    path: Path,
    *,
    key: str,
    models: Mapping[str, type[_Keys]],
    what: str,
    example: tuple[str, str],
    files: Iterable[tuple[str, ...]] = (),
    overrides: Sequence[str] = (),
) -> tuple[_Keys, Origin]:
    """Read a configuration; the origin says later where a key stands.

    `key` is the one that names the model. Messages call the text `what`, and refer to `example`: a
    value of `key`, and the packaged configuration that has it. `files` are the keys that name
    files; * in one stands for every key of a mapping. Files are looked for from the configuration's
    folder, and their paths come out absolute. Raises ConfigError with every problem found, also
    when the file cannot be read.
    """
    problems: list[Problem] = []
    root = entries(
        read_text(path, what),
        source=str(path),
        problems=problems,
        overrides=overrides,
        what=what,
        reference=example[1],
    )
    model = _model(root, key, models, example[0], problems)
    for pattern in files:
        for each in _expanded(root, pattern):
            resolve_file(root, each, folder_of(path), problems)
    config = None if model is None else validate(root, model, problems)
    if config is None or problems:
        raise in_order(problems, str(path), overrides)
    return config, Origin(path, root)


def _model(
    root: Entry,
    key: str,
    models: Mapping[str, type[_Keys]],
    example: str,
    problems: list[Problem],
) -> type[_Keys] | None:
    """The model that the key asks for; None with a problem where it asks for none."""
    entry, there = find(root, (key,))
    if not there:
        message = f"missing; write for example {key}: {example}"
        problems.append(problem_at(entry.key, (key,), message))
        return None
    try:
        return models[Choice(tuple(models)).accept(entry.content)]
    except PydanticCustomError as error:
        problems.append(problem_at(entry.value, (key,), error.message()))
        return None


def _expanded(root: Entry, pattern: tuple[str, ...]) -> list[KeyPath]:
    """The paths that a pattern with * stands for."""
    if "*" not in pattern:
        return [pattern]
    star = pattern.index("*")
    entry, there = find(root, pattern[:star])
    keys = list(entry.content) if there and isinstance(entry.content, dict) else []
    return [(*pattern[:star], each, *pattern[star + 1 :]) for each in keys]


def dump(config: FileKeys, key: str) -> str:
    """Every key that has a value, defaults too, as YAML that `load` reads back; `key` first."""
    values = config.model_dump()
    return "".join(lines({key: values.pop(key), **values}))

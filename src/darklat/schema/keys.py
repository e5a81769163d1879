"""The tree of keys of the schema, for messages and for tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

from darklat.schema.contradictions import section_of
from darklat.schema.document import Document
from darklat.schema.run import Config
from darklat.schema.section import Section
from darklat.schema.yaml.text import KeyPath


def subkeys(annotation: object) -> dict[str, object]:
    """The keys below an annotation and their annotations; `*` stands for any letter or pair."""
    section = section_of(annotation)
    if isinstance(section, type) and issubclass(section, Section):
        return {key: info.annotation for key, info in section.model_fields.items()}
    if get_origin(annotation) is dict:
        return {"*": get_args(annotation)[1]}
    return {}


def key_paths(annotation: object = Document) -> Iterator[tuple[str, ...]]:
    """Every key of the schema, sections included, as a path."""
    for key, below in subkeys(annotation).items():
        yield (key,)
        yield from ((key, *rest) for rest in key_paths(below))


def below(annotation: object, part: str | int) -> object:
    """The annotation of a key below, or of an item of a list; None for one that is not there."""
    if isinstance(part, int):
        items = get_args(section_of(annotation))
        return items[0] if items else None
    keys = subkeys(annotation)
    return keys.get(part, keys.get("*"))


def example(path: KeyPath, model: type[Section] = Config) -> str:
    """The example to show for a required key."""
    section: Any = model
    for part in path[:-1]:
        section = below(section, part)
    (text,) = section_of(section).model_fields[path[-1]].examples
    return str(text)

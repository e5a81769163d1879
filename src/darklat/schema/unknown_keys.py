"""The keys that a misspelt or misplaced one may stand for."""

from __future__ import annotations

from darklat.schema.document import Document
from darklat.schema.keys import below, key_paths, subkeys
from darklat.schema.section import Section
from darklat.schema.yaml.document import Place, problem_at
from darklat.schema.yaml.problems import Problem, closest, one_of
from darklat.schema.yaml.text import KeyPath, dotted


def _allowed_below(path: KeyPath, model: type[Section]) -> dict[str, object]:
    """The keys of the schema below a path; empty if the path is not one of the schema."""
    annotation: object = model
    for part in path:
        annotation = below(annotation, part)
    return subkeys(annotation)


def unknown_key(place: Place, path: KeyPath, model: type[Section] = Document) -> list[Problem]:
    """The problem of a key that may not be in the schema, if there is one."""
    for i in range(len(path)):
        allowed = _allowed_below(path[:i], model)
        if isinstance(path[i], int) or path[i] in allowed or "*" in allowed:
            continue
        meant = suggestion(path[: i + 1], model)[0]
        return [problem_at(place, path[: i + 1], f"unknown key; {meant}")]
    return []


def suggestion(path: KeyPath, model: type[Section]) -> tuple[str, KeyPath | None]:
    """The probable meaning of an unknown key: the words for it, and its path if it is clear."""
    name = str(path[-1])
    allowed = _allowed_below(path[:-1], model)
    elsewhere = [keys for keys in key_paths(model) if keys[-1] != "*"]
    if tuple(name.split(".")) in elsewhere and "." in name:
        section, _, key = name.rpartition(".")
        return f"write the key {key} inside the section {section}", None
    here = closest(name, allowed)
    same = name.strip().lower()
    leaves = [keys for keys in elsewhere if keys[-1].lower() == same]
    if here and (here.lower() == same or not leaves):
        return f"did you mean {here}?", (*path[:-1], here)
    if not leaves:
        near = closest(name, {keys[-1] for keys in elsewhere})
        leaves = [keys for keys in elsewhere if keys[-1] == near]
    if not leaves:
        near = closest(name, {".".join(keys) for keys in elsewhere})
        leaves = [keys for keys in elsewhere if ".".join(keys) == near]
    if leaves:
        names = [".".join(keys).replace("*", "<LETTER>") for keys in leaves]
        return f"did you mean {one_of(names)}?", None
    if not allowed:
        return f"{dotted(path[:-1])} has no keys below it", None
    return f"the keys allowed here are {one_of(list(allowed), 'and')}", None

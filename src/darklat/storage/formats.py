"""The version of the format of a file, and files of a newer darklat, which are refused.

A change that an older darklat would read wrongly has a new number. A file without one is as old as
the format.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from darklat.errors import InputError

KEY, WRITER = "format_version", "darklat_version"
VERSION = 1  # of every file of a run but checkpoints, which have their own


@cache  # milliseconds
def stamp() -> Mapping[str, int | str]:
    """The version of the format and of darklat, for the attributes of a file or its JSON object."""
    return {KEY: VERSION, WRITER: version("darklat")}


def refuse_newer(path: Path, written: Mapping[str, Any], *, known: int = VERSION) -> None:
    """`written` are the attributes of a file or the keys of its JSON object. Raises InputError for
    a format after the newest that is known."""
    try:
        found = int(written.get(KEY, known))
    except (TypeError, ValueError):
        raise InputError(
            f"{path}: {KEY} is {written[KEY]!r}, which is no number: the file is damaged"
        ) from None
    if found > known:
        writer = written.get(WRITER, written.get("version"))  # version: of summary.json
        by = f"darklat {writer}" if writer else "a newer darklat"
        raise InputError(
            f"{path} has format {found}, written by {by}; this darklat reads formats up to "
            f"{known}. Install that version or a newer one"
        )

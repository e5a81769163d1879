"""run.log, which is for people: programs read events.jsonl (events.py)."""

from __future__ import annotations

import os
from pathlib import Path

NAME = "run.log"
_LAST_LINES, _LAST_BYTES = 12, 2**14


def last_lines(folder: Path) -> tuple[str, ...]:
    """The last dozen lines as they are; none where the log cannot be read."""
    try:
        with open(folder / NAME, "rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LAST_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ()
    return tuple(text.splitlines()[-_LAST_LINES:])

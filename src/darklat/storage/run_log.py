"""What run.log says about the course of a run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ")
_LAST_LINES = 12


@dataclass(frozen=True)
class RunLog:
    """Lines of run.log, without their date except in `last`."""

    resumed: tuple[str, ...]
    """One per `darklat resume`."""
    rejected: tuple[str, ...]
    """Checkpoints that did not verify."""
    warnings: tuple[str, ...]
    """What the configuration was warned about, each once."""
    last: tuple[str, ...]
    """The last dozen lines as they are."""


def read_log(folder: Path) -> RunLog | None:
    """The log of the run in `folder`, or None if it has none or none that can be read."""
    try:
        text = (folder / "run.log").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    lines = text.splitlines()
    said = [_STAMP.sub("", line, count=1) for line in lines]
    warnings = (line.removeprefix("warning: ") for line in said if line.startswith("warning: "))
    return RunLog(
        resumed=tuple(line for line in said if line.startswith("resuming from ")),
        rejected=tuple(
            line.removeprefix("REJECTED checkpoint ")
            for line in said
            if line.startswith("REJECTED checkpoint ")
        ),
        warnings=tuple(dict.fromkeys(warnings)),
        last=tuple(lines[-_LAST_LINES:]),
    )

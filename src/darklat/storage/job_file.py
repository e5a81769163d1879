"""job/job.json: the job of a run."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from darklat.storage import formats, run_folder
from darklat.storage.hdf5 import replace

NAME = "job.json"
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\[\]-]*")


@dataclass(frozen=True)
class Submitted:
    """The job of a run: its number as the scheduler writes it, and when it was handed in
    (ISO 8601)."""

    job: str
    since: str


def record(folder: Path, submitted: Submitted) -> None:
    """Notes the job of a run in its folder. Raises MachineError when the disk refuses."""
    text = json.dumps(asdict(submitted) | dict(formats.stamp())) + "\n"
    replace(folder / run_folder.JOB / NAME, lambda temporary: temporary.write_text(text, "utf-8"))


def recorded(folder: Path) -> Submitted | None:
    """The job of a run, or None where none is noted. Raises InputError for a newer format."""
    path = folder / run_folder.JOB / NAME
    try:
        data = json.loads(path.read_text("utf-8"))
        job, since = data["job"], data["since"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    formats.refuse_newer(path, data)
    found = Submitted(str(job), str(since))
    return found if _NUMBER.fullmatch(str(found.job)) else None


def forget(folder: Path) -> None:
    """Removes the note. Raises OSError."""
    (folder / run_folder.JOB / NAME).unlink(missing_ok=True)

"""The batch script of a run or of a sweep, as text."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from darklat.driver.jobs.profile import Profile
from darklat.errors import InputError

LOG = "slurm-%j.log"
ARRAY_LOG = "slurm-%A_%a.log"


def script(profile: Profile, *, name: str, folders: Sequence[Path], array: bool) -> str:
    """The text of a script that runs, or resumes, the prepared run folders: as the tasks of an
    array, or the only one.

    Raises InputError for a folder whose name no script can hold.
    """
    absolute = [_path(folder) for folder in folders]
    parts = [
        "#!/bin/bash",
        *(f"#SBATCH {option}" for option in _options(profile, name, len(folders), array)),
        "",
        *_surroundings(profile),
        f"python={shlex.quote(f'{profile.venv}/bin/python' if profile.venv else sys.executable)}",
        f"backend={shlex.quote(profile.backend)}",
        "folders=(",
        *(f"    {shlex.quote(folder)}" for folder in absolute),
        ")",
        "",
    ]
    return "\n".join(parts) + "\n" + files(__package__).joinpath("job.sh").read_text("utf-8")


def _options(profile: Profile, name: str, count: int, array: bool) -> Iterator[str]:
    given = {
        "account": profile.account,
        "partition": profile.partition,
        "qos": profile.qos,
        "time": profile.time,
        "cpus-per-task": profile.cpus,
        "mem": profile.memory,
        "gres": profile.gres,
    }
    yield f"--job-name={job_name(name)}"
    yield from (f"--{key}={value}" for key, value in given.items() if value is not None)
    yield "--nodes=1"
    yield "--ntasks=1"
    if array:
        at_once = f"%{profile.tasks_at_once}" if profile.tasks_at_once else ""
        yield f"--array=0-{count - 1}{at_once}"
    # Relative to the folder that sbatch is called in: a path has no safe form in such a line.
    yield f"--output={ARRAY_LOG if array else LOG}"
    yield "--open-mode=append"
    yield "--requeue"
    yield f"--signal=B:USR2@{profile.signal_seconds}"
    yield from profile.options


def _surroundings(profile: Profile) -> Iterator[str]:
    if profile.modules:
        yield "# A batch shell is no login shell, and may not know `module`."
        yield "type module >/dev/null 2>&1 || source /etc/profile"
    for module in profile.modules:
        yield f"module load {shlex.quote(module)} || exit 4"
    if profile.venv:
        yield f"source {shlex.quote(f'{profile.venv}/bin/activate')} || exit 4"
    yield f"export OMP_NUM_THREADS={profile.cpus}"
    for variable, value in profile.environment.items():
        yield f"export {variable}={shlex.quote(value)}"


def job_name(name: str) -> str:
    """A run's name without what a queue's listing or an #SBATCH line cannot show."""
    return re.sub(r"[^A-Za-z0-9_.+=,-]+", "_", name).lstrip("-.=,")[:64] or "run"


def _path(folder: Path) -> str:
    """The absolute path. Slurm expands % and reads \\ in the path of its log file, and the log is
    in the folder."""
    path = str(folder.absolute())
    for character, shown in (("%", "%"), ("\\", "a backslash")):
        if character in path:
            raise InputError(
                f"{folder}: the path of the run folder has {shown} in it, with which Slurm cannot "
                "name its log file: choose another --out"
            )
    try:
        path.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"{str(folder)!a}: the path of the run folder is not UTF-8, so that no script can "
            "name it: choose another --out"
        ) from error
    return path

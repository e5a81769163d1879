"""The batch script of a run or of a sweep, as text."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from darklat.driver.jobs import chosen
from darklat.errors import InputError
from darklat.schema.profile import Profile


def script(profile: Profile, *, name: str, folders: Sequence[Path], array: bool) -> str:
    """The text of a script that runs, or resumes, the prepared run folders: as the tasks of an
    array, or the only one.

    Raises InputError for a folder whose name no script can hold.
    """
    absolute, scheduler = [_path(folder) for folder in folders], chosen()
    parts = [
        "#!/bin/bash",
        *scheduler.header(profile, name=name, folders=folders, array=array),
        "",
        *_surroundings(profile),
        f"python={shlex.quote(f'{profile.venv}/bin/python' if profile.venv else sys.executable)}",
        f"backend={shlex.quote(profile.backend)}",
        f"launcher=({' '.join(map(shlex.quote, scheduler.launcher(profile)))})",
        "folders=(",
        *(f"    {shlex.quote(folder)}" for folder in absolute),
        ")",
        "",
        scheduler.shell,
    ]
    return "\n".join(parts) + files(__package__).joinpath("job.sh").read_text("utf-8")


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


def _path(folder: Path) -> str:
    path = str(folder.absolute())
    try:
        path.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"{str(folder)!a}: the path of the run folder is not UTF-8, so that no script can "
            "name it: choose another --out"
        ) from error
    return path

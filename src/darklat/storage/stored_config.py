"""The configuration that a run has, which its files hold, and config.yaml, which anybody can edit.

The stored one counts. Differences are said.
"""

from __future__ import annotations

from pathlib import Path

from darklat.errors import ConfigError, InputError
from darklat.schema import Config, loads
from darklat.schema.comparison import in_words
from darklat.schema.texts import read_text
from darklat.storage import formats, hdf5, run_folder

SERIES = "series.h5"
ATTRIBUTE = "config"


def of_run(folder: Path) -> Config:
    """The configuration of the run in a folder: of its series, and before there is one that of
    config.yaml.

    Raises InputError where neither can be read.
    """
    text = _of_series(folder)
    return read(folder / run_folder.CONFIG) if text is None else parsed(text, folder / SERIES)


def read(path: Path) -> Config:
    """The configuration in a config.yaml. Raises InputError where there is none."""
    try:
        return loads(read_text(path), source=str(path), base=None, stored=True)
    except ConfigError as error:
        raise InputError(str(error)) from error


def parsed(text: str, path: Path) -> Config:
    """The configuration that stands in a file of a run. Raises InputError for one that this version
    of darklat does not know."""
    try:
        return loads(text, source=f"{path}, attribute {ATTRIBUTE}", base=None, stored=True)
    except ConfigError as error:
        raise InputError(
            f"the configuration in {path} is not one of this version of darklat\n{error}"
        ) from error


def edits(folder: Path, counts: Config, *, source: str) -> tuple[str, ...]:
    """Sentences on the differences between config.yaml and the configuration that counts.

    source: the name of the file that has the latter.
    """
    path = folder / run_folder.CONFIG
    if not path.is_file():
        return (f"{path.name} is missing; the configuration in {source} counts.",)
    try:
        stated = loads(read_text(path), source=str(path), base=None, stored=True)
    except ConfigError as error:
        reason = str(error).splitlines()[0]
        return (f"{path.name} was edited ({reason}); the configuration in {source} counts.",)
    found = in_words(
        stated, counts, of_one=f"in {path.name}", of_other=f"in {source}, which counts"
    )
    return tuple(f"{path.name} was edited: {difference}." for difference in found)


def _of_series(folder: Path) -> str | None:
    try:
        with hdf5.opened(folder / SERIES) as file:
            formats.refuse_newer(folder / SERIES, file.attrs)
            text = file.attrs.get(ATTRIBUTE)
    except (OSError, RuntimeError):
        return None
    return None if text is None else str(text)

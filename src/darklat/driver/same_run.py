"""Whether a folder holds a run of the very configuration that is asked for."""

from __future__ import annotations

import shlex
from pathlib import Path

from darklat.errors import InputError
from darklat.schema import Config
from darklat.schema.comparison import differing, in_words
from darklat.schema.later import refusal
from darklat.schema.overrides import as_text
from darklat.storage import inputs, run_folder, stored_config

_SHOWN = 5  # keys of a message


def refuse_another(folder: Path, config: Config) -> None:
    """Raises InputError when the folder holds a run of another configuration, or something else."""
    if settings := settings_for(folder, config):
        words = " ".join(f"--set {shlex.quote(text)}" for text in settings)
        raise InputError(
            f"{_another(folder, stored_config.of_run(folder), config)}. "
            f"`darklat resume {shlex.quote(str(folder))} {words}` changes that run; or choose "
            "another folder (--out)."
        )


def settings_for(folder: Path, config: Config) -> list[str]:
    """The settings, as after `--set`, with which a resume gives the run in the folder this
    configuration. None are needed where it has it, or where there is no run yet.

    Compares keys with those that the run has. Compares the contents of the files that a plasma
    reads with their copies in the folder. The file of initial fields has no copy, so that only its
    path is compared. Raises InputError when no resume can change the keys that differ, and when the
    folder holds something else.
    """
    if not run_folder.has_begun(folder):
        run_folder.refuse_occupied(folder)
        return []
    try:
        before = stored_config.of_run(folder)
    except InputError as error:
        raise InputError(f"{error}; choose another folder (--out)") from error
    found = differing((before, config))
    if any(refusal(Config, key) for key in found):
        raise InputError(
            f"{_another(folder, before, config)}. Choose another folder (--out), or remove that "
            "one."
        )
    inputs.refuse_edited(config, folder)
    return as_text({key: values[1] for key, values in found.items()})


def _another(folder: Path, before: Config, config: Config) -> str:
    differences = in_words(before, config, of_one="there", of_other="here")
    more = f"; and {len(differences) - _SHOWN} more" if len(differences) > _SHOWN else ""
    return f"{folder} holds a run of another configuration: {'; '.join(differences[:_SHOWN])}{more}"

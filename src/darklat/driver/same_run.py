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
    """Compares keys with those that the run has. Compares the contents of the files that a plasma
    reads with their copies in the folder. The file of initial fields has no copy, so that only its
    path is compared.

    Raises InputError when the folder holds a run of another configuration, or something else.
    """
    if not run_folder.has_begun(folder):
        run_folder.refuse_occupied(folder)
        return
    try:
        before = stored_config.of_run(folder)
    except InputError as error:
        raise InputError(f"{error}; choose another folder (--out)") from error
    if differences := in_words(before, config, of_one="there", of_other="here"):
        shown = "; ".join(differences[:_SHOWN])
        more = f"; and {len(differences) - _SHOWN} more" if len(differences) > _SHOWN else ""
        raise InputError(
            f"{folder} holds a run of another configuration: {shown}{more}. "
            f"{_way_out(folder, before, config)}"
        )
    inputs.refuse_edited(config, folder)


def _way_out(folder: Path, before: Config, config: Config) -> str:
    keys = differing((before, config))
    if any(refusal(Config, key) for key in keys):
        return "Choose another folder (--out), or remove that one."
    settings = " ".join(
        f"--set {shlex.quote(text)}"
        for text in as_text({key: values[1] for key, values in keys.items()})
    )
    return (
        f"`darklat resume {shlex.quote(str(folder))} {settings}` changes that run; or choose "
        "another folder (--out)."
    )

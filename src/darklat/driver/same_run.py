"""Whether a folder holds a run of the very configuration that is asked for."""

from __future__ import annotations

from pathlib import Path

from darklat.errors import ConfigError, InputError
from darklat.schema import Config, loads
from darklat.schema.write import leaves
from darklat.storage import inputs, run_folder

_SHOWN = 5  # keys of a message


def refuse_another(folder: Path, config: Config) -> None:
    """Compares keys, and the contents of the files that a plasma reads with their copies in the
    folder. The file of initial fields has no copy, so that only its path is compared.

    Raises InputError when the folder holds a run of another configuration, or something else.
    """
    written = folder / run_folder.CONFIG
    if not written.is_file():
        run_folder.refuse_occupied(folder)
        return
    try:
        before = loads(written.read_text("utf-8"), source=str(written), base=None)
    except (OSError, ValueError, ConfigError) as error:
        raise InputError(
            f"{written} cannot be read ({error}); choose another folder (--out)"
        ) from error
    if differing := _differing(before, config):
        shown = "; ".join(differing[:_SHOWN])
        more = f"; and {len(differing) - _SHOWN} more" if len(differing) > _SHOWN else ""
        raise InputError(
            f"{folder} holds a run of another configuration: {shown}{more}. "
            "Choose another folder (--out), or remove that one."
        )
    inputs.refuse_edited(config, folder)


def _differing(before: Config, config: Config) -> list[str]:
    """Each key whose values differ, with both of them."""
    old, new = leaves(before), leaves(config)
    return [
        f"{key} is {old.get(key, 'not set')} there and {new.get(key, 'not set')} here"
        for key in dict.fromkeys((*old, *new))
        if old.get(key) != new.get(key)
    ]

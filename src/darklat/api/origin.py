"""Where a configuration in memory comes from: its own resolved text."""

from __future__ import annotations

from pathlib import Path

from darklat.errors import InputError
from darklat.schema import Config, Origin, dump
from darklat.schema.yaml.document import Reader

SOURCE = "<resolved configuration>"


def refuse_no_config(found: object) -> None:
    """Raises InputError for anything but a Config, such as the name of a file."""
    if isinstance(found, str | Path):
        raise InputError(f"give a Config: dl.load({str(found)!r})")
    if not isinstance(found, Config):
        raise InputError(f"give a Config from dl.load or dl.loads, not {type(found).__name__}")


def origin_of(config: Config) -> Origin:
    """Problems of the configuration are reported at their place in its resolved text."""
    root = Reader(SOURCE, []).read(dump(config))
    assert root is not None  # the text has keys
    return Origin(Path(SOURCE), root)

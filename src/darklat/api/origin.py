"""Where a configuration in memory comes from: its own resolved text."""

from __future__ import annotations

from pathlib import Path

from darklat.schema import Config, Origin, dump
from darklat.schema.yaml.document import Reader

SOURCE = "<resolved configuration>"


def origin_of(config: Config) -> Origin:
    """Problems of the configuration are reported at their place in its resolved text."""
    root = Reader(SOURCE, []).read(dump(config))
    assert root is not None  # the text has keys
    return Origin(Path(SOURCE), root)

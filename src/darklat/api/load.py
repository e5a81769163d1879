"""A configuration from a file, from a packaged example or from text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from darklat import schema
from darklat.schema import Config, packaged
from darklat.schema.overrides import as_text

Overrides = Mapping[str, object] | Sequence[str] | None


def load(source: str | Path, overrides: Overrides = ()) -> Config:
    """Reads the configuration of one run.

    `source` is the path of a YAML file, or the name of a packaged example such as "first_light".
    `overrides` map dotted keys to Python values, as in {"lattice.sites": 32}; None takes a key
    out. They may also be texts as after `--set`, as in ["lattice.sites=32"]. Names of files are
    relative to the folder of the configuration, and to the current one for a packaged example.

    Raises ConfigError with every problem that was found: file, line, column and key. Raises
    InputError, with the names, where a word is neither a file nor a packaged example.
    """
    path = packaged.resolve(Path(source), packaged.RUNS)
    return schema.load(path, as_text(overrides))


def loads(text: str, overrides: Overrides = (), *, base: str | Path = ".") -> Config:
    """Reads the configuration of one run from YAML text.

    `overrides` as for `load`. Names of files in the text are relative to the folder `base`.

    Raises ConfigError as `load`.
    """
    return schema.loads(text, source="<text>", base=Path(base), overrides=as_text(overrides))

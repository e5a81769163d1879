"""`darklat relic`: computes a relic, prints its table, and writes its history."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from darklat.analysis.papers.folder import Folder
from darklat.analysis.relics import axion, dark_qed, outcome, thermal_axion
from darklat.analysis.relics.outcome import RelicResult
from darklat.errors import BadValueError
from darklat.schema.relic import dump, load

log = logging.getLogger("darklat")

RECORD = "relic.yaml"
"""The resolved configuration beside the history, from which it was computed."""

KINDS: dict[str, Callable[..., RelicResult]] = {
    "freeze_in": axion.freeze_in,
    "freeze_out": axion.freeze_out,
    "dark_radiation": axion.dark_radiation,
    "thermal_axion": thermal_axion.thermal_axion,
    "dark_qed_light": dark_qed.light,
    "dark_qed_heavy": dark_qed.heavy,
}
"""`kind` of a configuration -> function of that configuration."""


@dataclass(frozen=True)
class WrittenRelic:
    """A relic that was computed and written."""

    outcome: RelicResult
    files: list[Path]

    def __str__(self) -> str:
        return "\n".join([outcome.text(self.outcome), *map(str, self.files)])


def relic(path: Path, *, out: Path | None = None, overrides: Sequence[str] = ()) -> WrittenRelic:
    """Compute the relic that the configuration at `path` describes, and write its history.

    The files are a figure (PNG, PDF), its numbers (CSV, HDF5) and the resolved configuration, in
    runs/<name of the configuration> unless `out` is given. A doubtful value is a warning where it
    stands. Raises InputError, before anything is written, where the configuration is wrong or its
    physics impossible, and for a folder that holds anything but an earlier relic of the same kind.
    Raises MachineError where the folder cannot be written to.
    """
    config, origin = load(path, overrides)
    files = rf"{outcome.HISTORY}\.(png|pdf|csv|h5)"
    folder = Folder.of(path, out, record=RECORD, first=f"kind: {config.kind}", files=files)
    folder.check()
    try:
        with np.errstate(all="ignore"):
            found = KINDS[config.kind](config)
    except BadValueError as error:
        raise origin.refusal(tuple(error.key.split(".")), error.reason) from error
    for key, doubt in found.warnings:
        log.warning("warning: %s", origin.refusal(tuple(key.split(".")), doubt))
    return WrittenRelic(found, folder.fill(found.picture, dump(config)))

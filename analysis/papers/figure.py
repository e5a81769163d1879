"""`darklat figure`: figures of a paper from one configuration each, without a run.

`FIGURES` computes each from its configuration (`darklat.schema.figure`); `figure` reads one, checks
the folder and writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from darklat.analysis.papers import dark_figure
from darklat.analysis.papers.picture import Picture, write
from darklat.errors import BadValueError, InputError
from darklat.schema.figure import dump, load
from darklat.schema.read import is_stream
from darklat.storage import text_files

RUNS = Path("runs")
RECORD = "figure.yaml"
"""The resolved configuration beside the figure, from which it was drawn."""

FIGURES: dict[str, Callable[..., Picture]] = {
    "dark_qed_2": dark_figure.figure_2,
    "dark_qed_3": dark_figure.figure_3,
    "dark_qed_13": dark_figure.figure_13,
    "dark_qed_14": dark_figure.figure_14,
    "dark_qed_16": dark_figure.figure_16,
}
"""`figure` of a configuration -> function of that configuration."""


# ---- Writing ----


def figure(path: Path, *, out: Path | None = None) -> list[Path]:
    """Draw the figure that the configuration at `path` describes into `out`; return its files.

    They are PNG, PDF, CSV, HDF5 and the resolved configuration, in runs/<name of the configuration>
    unless `out` is given. Raises InputError, before anything is written, where the configuration or
    a table it names is wrong. Raises it too for a folder that holds anything but an earlier drawing
    of the same figure. Raises MachineError where the folder cannot be written to.
    """
    config, origin = load(path)
    name = config.figure if is_stream(path) else path.stem
    folder = RUNS / name if out is None else out
    _check_folder(folder, config.figure)
    try:
        picture = FIGURES[config.figure](config)
    except BadValueError as error:
        raise origin.refusal(tuple(error.key.split(".")), error.reason) from error
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--out {folder}: the folder cannot be made ({error})") from error
    with text_files.writing("the figure", folder, again="draw again"):
        record, text = folder / RECORD, dump(config)
        text_files.replace(record, text)
        return [*write(picture, folder, config=text), record]


def _check_folder(folder: Path, name: str) -> None:
    """Raise InputError unless all that `folder` holds, if anything, is from this figure."""
    try:
        if not folder.exists():
            return
        if not folder.is_dir():
            raise InputError(f"--out {folder}: this is a file; name a folder")
        found = sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))
        drawn = _drawn_by(folder / RECORD)
    except OSError as error:
        raise InputError(f"--out {folder}: cannot be read ({error})") from error
    ours = re.compile(rf"figure_{name.rpartition('_')[2]}(_[a-z]+)?\.(png|pdf|csv|h5)")
    others = [n for n in found if n != RECORD and not ours.fullmatch(n)]
    if found and (others or drawn != name):
        what = others[0] if others else found[0]
        raise InputError(
            f"--out {folder}: the folder holds {what}, which is not from drawing {name}; choose "
            "another folder with --out"
        )


def _drawn_by(record: Path) -> Any:
    """`figure` of the configuration at `record`; None where there is none."""
    if not record.is_file():
        return None
    first = record.read_bytes()[:100].partition(b"\n")[0]
    return first.removeprefix(b"figure: ").decode("ascii", "replace")

"""`darklat figure`: figures of a paper from one configuration each, without a run.

`FIGURES` computes each from its configuration (`darklat.schema.figure`); `figure` reads one, checks
the folder and writes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from darklat.analysis.papers import axion_figure, dark_figure, radio_figure, space_figure
from darklat.analysis.papers.folder import Folder
from darklat.analysis.papers.picture import Picture
from darklat.errors import BadValueError
from darklat.schema.figure import dump, load

RECORD = "figure.yaml"
"""The resolved configuration beside the figure, from which it was drawn."""

FIGURES: dict[str, Callable[..., Picture]] = {
    "dark_qed_2": dark_figure.figure_2,
    "dark_qed_3": dark_figure.figure_3,
    "dark_qed_6": space_figure.figure_6,
    "dark_qed_7": space_figure.figure_7,
    "dark_qed_13": dark_figure.figure_13,
    "dark_qed_14": dark_figure.figure_14,
    "dark_qed_16": dark_figure.figure_16,
    "axion_ewbg_1": axion_figure.figure_1,
    "axion_ewbg_2": axion_figure.figure_2,
    "axion_ewbg_3": axion_figure.figure_3,
    "radio_excess_1": radio_figure.figure_1,
    "radio_excess_2": radio_figure.figure_2,
    "radio_excess_3": radio_figure.figure_3,
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
    number = config.figure.rpartition("_")[2]
    files = rf"figure_{number}(_[a-z]+)?\.(png|pdf|csv|h5)"
    folder = Folder.of(path, out, record=RECORD, first=f"figure: {config.figure}", files=files)
    folder.check()
    try:
        picture = FIGURES[config.figure](config)
    except BadValueError as error:
        raise origin.refusal(tuple(error.key.split(".")), error.reason) from error
    return folder.fill(picture, dump(config))

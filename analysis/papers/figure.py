"""`darklat figure`: figures of a paper from one configuration each, without a run.

The paper is A. Arvanitaki et al., "Dark QED from Inflation". `FIGURES` computes each from its
configuration (`darklat.schema.figure`); `figure` reads one, checks the folder and writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from darklat.analysis import drawing
from darklat.analysis.papers import drawings, mode_data, plasma_history, wave_data
from darklat.errors import BadValueError, InputError
from darklat.physics import proca
from darklat.schema.figure import (
    DarkQed2,
    DarkQed3,
    DarkQed13,
    DarkQed14,
    DarkQed16,
    dump,
    load,
)
from darklat.schema.read import is_stream
from darklat.storage import text_files

RUNS = Path("runs")
RECORD = "figure.yaml"
"""The resolved configuration beside the figure, from which it was drawn."""

_STYLED = drawing.styled()


@dataclass(frozen=True)
class Picture:
    """A figure with its numbers, not written yet."""

    name: str
    """figure_16: of the PNG and the PDF."""
    figure: Figure
    tables: dict[str, dict[str, drawing.Array]]
    """Name of the CSV -> columns by their names with units."""


@contextmanager
def _blaming(key: str) -> Iterator[None]:
    try:
        # The checks of the physics see an overflow.
        with np.errstate(all="ignore"):
            yield
    except (ValueError, RuntimeError, ArithmeticError) as error:
        raise BadValueError(key, error) from error


@_STYLED
def figure_2(config: DarkQed2) -> Picture:
    """How the energy of modes dilutes: the index over (a, k), and the density of some modes.

    Tables figure_2 and figure_2_map. Raises BadValueError.
    """
    a = config.a
    history = _history(config, a)
    waves = np.geomspace(config.k_min, config.k_max, config.k_points)
    with _blaming("k_max"):
        plane = mode_data.energy_tracks(waves, history=history, a=a)
    with _blaming("k"):
        tracks = mode_data.energy_tracks(sorted(config.k), history=history, a=a)
    figure = drawings.draw_dilution(plane, tracks)
    tables = {
        "figure_2": mode_data.tracks_table(tracks),
        "figure_2_map": mode_data.map_table(plane),
    }
    return Picture("figure_2", figure, tables)


@_STYLED
def figure_3(config: DarkQed3) -> Picture:
    """The primordial electric field: its spectrum beside Eq. A.9, and a slice drawn from it.

    Tables figure_3_spectrum and figure_3_field. Raises BadValueError.
    """
    with _blaming("box"):
        data = wave_data.primordial(
            sites=config.sites,
            box=config.box,
            seed=config.seed,
            x_min=config.x_min,
            x_max=config.x_max,
            points=config.x_points,
        )
    tables = {
        "figure_3_spectrum": wave_data.spectrum_table(data),
        "figure_3_field": wave_data.field_table(data),
    }
    return Picture("figure_3", drawings.draw_primordial(data), tables)


@_STYLED
def figure_13(config: DarkQed13) -> Picture:
    """Branches in a cold plasma, a panel per mass. Table figure_13. Raises BadValueError."""
    with _blaming("masses"):
        panels = [
            wave_data.cold_branches(mass, k_max=config.k_max, points=config.k_points)
            for mass in config.masses
        ]
    tables = {"figure_13": wave_data.cold_table(panels)}
    return Picture("figure_13", drawings.draw_cold(panels), tables)


@_STYLED
def figure_14(config: DarkQed14) -> Picture:
    """Branches and Landau damping in a warm plasma, a column per v_*. Table figure_14.

    Raises BadValueError.
    """
    with _blaming("velocities"):
        panels = [
            wave_data.warm_branches(
                velocity,
                mass=config.mass,
                k_min=config.k_min,
                k_max_over_debye=config.k_max_over_debye,
                points=config.k_points,
            )
            for velocity in config.velocities
        ]
    tables = {"figure_14": wave_data.warm_table(panels)}
    return Picture("figure_14", drawings.draw_warm(panels), tables)


@_STYLED
def figure_16(config: DarkQed16) -> Picture:
    """Fields, currents and energies of modes in a plasma, a column per k. Table figure_16.

    Raises BadValueError.
    """
    a = config.a
    history = _history(config, a)
    with _blaming("k"):
        data = mode_data.screened_modes(config.k, history=history, a=a)
    tables = {"figure_16": mode_data.screened_table(data)}
    return Picture("figure_16", drawings.draw_screened(data), tables)


def _history(config: DarkQed2 | DarkQed16, a: drawing.Array) -> proca.History:
    with _blaming("plasma.file" if config.plasma.kind == "table" else "plasma"):
        history = plasma_history.history(config.plasma, a)
        mode_data.check_history(history, a=a)
    return history


FIGURES: dict[str, Callable[..., Picture]] = {
    "dark_qed_2": figure_2,
    "dark_qed_3": figure_3,
    "dark_qed_13": figure_13,
    "dark_qed_14": figure_14,
    "dark_qed_16": figure_16,
}
"""`figure` of a configuration -> function of that configuration."""


# ---- Writing ----


def figure(path: Path, *, out: Path | None = None) -> list[Path]:
    """Draw the figure that the configuration at `path` describes into `out`; return its files.

    They are PNG, PDF, CSV and the resolved configuration, in runs/<name of the configuration>
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
        record = folder / RECORD
        text_files.replace(record, dump(config))
        return [*write(picture, folder), record]


def write(picture: Picture, folder: Path) -> list[Path]:
    """Write PNG, PDF and CSV into `folder`, which exists; return their paths. Raises OSError."""
    with drawing.styled():
        pictures = drawing.rendered(picture.figure)
    written = drawing.write(pictures, folder, picture.name)
    for table, columns in picture.tables.items():
        written.append(folder / f"{table}.csv")
        text_files.write_csv(written[-1], columns)
    return written


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
    ours = re.compile(rf"figure_{name.rpartition('_')[2]}(_[a-z]+)?\.(png|pdf|csv)")
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

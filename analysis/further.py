"""`darklat analyze DIR --with FILE`: further analyses of a run, by the kind that the file names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from darklat.analysis import radio_sky, wave_detection
from darklat.schema import analysis_file
from darklat.schema.analysis_file import GravitationalWaves


def analyze_with(
    folder: Path,
    path: Path,
    *,
    out: Path | None = None,
    show: Callable[[str], object] | None = None,
) -> str:
    """Put the run in `folder` through the analysis of the file at `path`.

    Writes into the folder `out` (default: that of the run), and returns the table, which `show`
    gets before a figure is drawn. Raises ConfigError where the file is wrong or the run lacks
    something, InputError where the folder is not a run, MachineError where nothing can be written.
    """
    config, origin = analysis_file.load(path)
    if isinstance(config, GravitationalWaves):
        return wave_detection.analyze(folder, config, origin, out=out, show=show)
    return radio_sky.analyze(folder, config, origin, out=out, show=show)

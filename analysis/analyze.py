"""`darklat analyze`: read a run folder, write figures and numbers, return the table."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from darklat.analysis.numbers import analyse
from darklat.analysis.table_text import format_table
from darklat.storage import text_files
from darklat.storage.read_run import RunFiles, load_run

log = logging.getLogger("darklat")


def analyze(
    folder: Path, *, out: Path | None = None, show: Callable[[str], object] | None = None
) -> str:
    """Analyse the run in `folder`, finished or not, and return the table as text.

    Writes figures/*.png, *.pdf and *.csv and analysis.json (all numbers; null where there is none)
    into the folder `out` (default: that of the run), replacing the files of an earlier analysis.
    `show` gets the table before the figures are drawn; a figure that cannot be drawn is a warning.
    Raises InputError where the folder is not a run or has nothing to analyse yet, MachineError
    where the results cannot be written.
    """
    run = load_run(folder)
    result = analyse(run)
    table = format_table(result)
    results = folder if out is None else out
    with text_files.writing(
        "the analysis", results, again="analyse again, or choose another folder (--out)"
    ):
        text = json.dumps(_json(asdict(result)), indent=2, allow_nan=False)
        results.mkdir(parents=True, exist_ok=True)
        text_files.replace(results / "analysis.json", text + "\n")
        if show is not None:
            show(table)
        _draw(run, results / "figures")
    return table


def _draw(run: RunFiles, folder: Path) -> None:
    """The figures, with matplotlib imported only now: the import may fail too."""
    try:
        from darklat.analysis.figures import write_figures
    except Exception as error:  # settings of matplotlib are read at its import
        log.warning("warning: no figures: matplotlib cannot be imported: %s", error)
        return
    write_figures(run, folder)


def _json(value: Any) -> Any:
    """JSON has no infinities: values that are not finite become null."""
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

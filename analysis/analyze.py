"""`darklat analyze`: read a run folder, write figures and numbers, return the table."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from darklat.analysis.figures import write_figures
from darklat.analysis.numbers import analyse
from darklat.analysis.table_text import format_table
from darklat.storage import text_files
from darklat.storage.read_run import load_run


def analyze(folder: Path) -> str:
    """Analyse the run in `folder`, finished or not, and return the table as text.

    Writes figures/*.png, *.pdf and *.csv and analysis.json (all numbers; null where there is none)
    into the folder, replacing the files of an earlier analysis. Raises InputError where the folder
    is not a run or has nothing to analyse yet, MachineError where it cannot be written to.
    """
    run = load_run(folder)
    result = analyse(run)
    with text_files.writing("the analysis", folder, again="analyse again"):
        write_figures(run, folder / "figures")
        text = json.dumps(_json(asdict(result)), indent=2, allow_nan=False)
        text_files.replace(folder / "analysis.json", text + "\n")
    return format_table(result)


def _json(value: Any) -> Any:
    """JSON has no infinities: values that are not finite become null."""
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

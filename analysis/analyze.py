"""What `darklat analyze` does: read a run folder, write figures and numbers, return the table."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from darklat.analysis.errors import AnalysisError
from darklat.analysis.figures import write_figures
from darklat.analysis.load import load_run
from darklat.analysis.tables import analyse, format_table


def analyze(folder: Path) -> str:
    """Analyse the run in `folder`, finished or not, and return the table as text.

    Writes figures/*.png, *.pdf and *.csv and analysis.json (all numbers; null where there is none)
    into the folder, replacing those of an earlier analysis. Raises AnalysisError where the folder
    is not a run, has nothing to analyse yet, or cannot be written to.
    """
    run = load_run(folder)
    result = analyse(run)
    try:
        write_figures(run, folder / "figures")
        text = json.dumps(_json(asdict(result)), indent=2, allow_nan=False)
        (folder / "analysis.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise AnalysisError(
            f"the analysis could not be written into {folder} ({error}); "
            "make the folder writable, or free space, and analyse again"
        ) from error
    return format_table(result)


def _json(value: Any) -> Any:
    """JSON has no infinities: what is not finite becomes null."""
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

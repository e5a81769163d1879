"""The numbers of a ladder beside those of a run: the file that a ladder leaves for its runs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from darklat.errors import InputError
from darklat.schema import Config
from darklat.schema.comparison import differing
from darklat.storage import formats, stored_config, sweep_folder

FOLDER, FILE = "convergence", "convergence.json"
SUFFIX = "-convergence"

_NO_MATTER = ("name", "output.", "checks.", "initial.seed", "time.a_end", "time.tau_end")
"""Keys in which a run beside a ladder may differ from it."""

_SAME_TIME = 1e-6


@dataclass(frozen=True)
class ErrorBar:
    """A number of a ladder at one time (a, or tau in a static background), with its error of one
    sigma and in words."""

    name: str
    at: float
    value: float
    error: float
    dominates: str
    text: str

    @property
    def words(self) -> str:
        """1.3e-17 +- 0.2e-17 (dx)."""
        return f"{self.text} ({self.dominates})" if self.dominates else self.text


def as_json(bars: Sequence[ErrorBar], runs: Sequence[str]) -> str:
    """The text of the file: the numbers, null for an unknown error, and the runs of the ladder."""
    numbers = [
        {
            key: None if isinstance(x, float) and math.isnan(x) else x
            for key, x in asdict(bar).items()
        }
        for bar in bars
    ]
    data = {**formats.stamp(), "runs": list(runs), "numbers": numbers}
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def of_run(folder: Path, config: Config) -> tuple[ErrorBar, ...]:
    """The numbers of the ladder that a run is in, or that lies beside it and has its configuration.

    Empty without one, and where its file cannot be read: a run is looked at without it, too.
    """
    try:
        own = folder.resolve()
        for ladder in (own.parent, own.with_name(own.name + SUFFIX)):
            path = ladder / FOLDER / FILE
            if path.is_file() and sweep_folder.is_sweep(ladder):
                data = json.loads(path.read_text("utf-8"))
                formats.refuse_newer(path, data)
                if (own.name in data["runs"] and ladder == own.parent) or _same(ladder, config):
                    return tuple(_bar(each) for each in data["numbers"])
    except (InputError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()
    return ()


def at(bars: Sequence[ErrorBar], name: str, time: float) -> ErrorBar | None:
    """The number of that name at a time."""
    return next(
        (
            bar
            for bar in bars
            if bar.name == name and math.isclose(bar.at, time, rel_tol=_SAME_TIME)
        ),
        None,
    )


def _bar(data: dict[str, object]) -> ErrorBar:
    numbers = {
        key: math.nan if data[key] is None else float(str(data[key]))
        for key in ("at", "value", "error")
    }
    words = {key: str(data[key]) for key in ("name", "dominates", "text")}
    return ErrorBar(**numbers, **words)  # type: ignore[arg-type]


def _same(ladder: Path, config: Config) -> bool:
    """Whether the ladder is of this configuration, up to the seed, the end and the outputs."""
    found = sweep_folder.read_ladder(ladder)
    if found is None:
        return False
    for path, values in found.runs:
        if values == found.ladder.configuration:
            keys = differing((stored_config.of_run(path), config))
            return all(key.startswith(_NO_MATTER) for key in keys)
    return False

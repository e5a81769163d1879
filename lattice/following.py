"""Outputs that follow the fields: due when a density or r has changed enough since the last one.

They are looked for at closed steps. The numbers at the last output belong to the state of a run, so
that a resumed run has the same outputs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from darklat.schema.run import FollowKeys


@dataclass
class Follower:
    """Of one output. `last`: at the last moment, ln(a^4 rho) by the letter of every gauge field,
    and r."""

    keys: FollowKeys
    letters: tuple[str, ...]
    last: dict[str, float] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        """Whether the output follows anything."""
        return self.keys.efolds_of_growth is not None or self.keys.change_of_r is not None

    def due(self, row: Mapping[str, float]) -> bool:
        """Whether a moment with this row of the series is one to keep."""
        return any(
            limit is not None and abs(value - self.last.get(name, value)) >= limit
            for name, (value, limit) in self._followed(row).items()
        )

    def keep(self, row: Mapping[str, float]) -> None:
        """Notes a moment that is kept."""
        if self.active:
            self.last = {name: value for name, (value, _) in self._followed(row).items()}

    def _followed(self, row: Mapping[str, float]) -> dict[str, tuple[float, float | None]]:
        """The numbers that are followed, each with the change that is waited for."""
        efolds = self.keys.efolds_of_growth
        found = {x: (_log(row["a"] ** 4 * row[f"rho/{x}"]), efolds) for x in self.letters}
        if self.keys.change_of_r is not None:
            found["r"] = (row["r"], self.keys.change_of_r)
        return found


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf

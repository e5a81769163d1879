"""A table of numbers, as a mapping from columns to arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np


class Columns(Mapping[str, np.ndarray]):
    """A mapping from the names of `_columns` to copies of its arrays, all of one length."""

    _columns: dict[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._columns:
            raise KeyError(f"{name}; the columns are {', '.join(self._columns)}")
        return self._columns[name].copy()

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

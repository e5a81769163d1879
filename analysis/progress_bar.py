"""A progress bar for a computation of the analysis that may take longer than some seconds."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sized
from typing import Any, Protocol, TypeVar

DELAY = 3.0
"""Seconds after which the bar appears."""

_Item = TypeVar("_Item")
_Covariant = TypeVar("_Covariant", covariant=True)


class _Items(Sized, Iterable[_Covariant], Protocol[_Covariant]): ...


def steps(items: _Items[_Item], what: str) -> Iterator[_Item]:
    """The items one after another, with a bar on stderr while they take longer than `DELAY`. It
    goes away at the end, and appears on a terminal alone."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield from items
        return
    from tqdm import tqdm

    size: dict[str, Any] = {"dynamic_ncols": True}
    if 0 in os.get_terminal_size(sys.stderr.fileno()):  # unknown: tqdm would show nothing
        size = {"ncols": 80, "nrows": 24}
    yield from tqdm(items, desc=what, delay=DELAY, leave=False, **size)

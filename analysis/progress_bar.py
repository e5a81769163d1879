"""A progress bar for a computation of the analysis that may take longer than some seconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from typing import Protocol, TypeVar

DELAY = 3.0
"""Seconds after which the bar appears."""

_Item = TypeVar("_Item")
_Covariant = TypeVar("_Covariant", covariant=True)


class _Items(Sized, Iterable[_Covariant], Protocol[_Covariant]): ...


def steps(items: _Items[_Item], what: str) -> Iterator[_Item]:
    """The items one after another, with a bar on stderr while they take longer than `DELAY`. It
    goes away at the end, and appears on a terminal or in a notebook alone."""
    from tqdm.auto import tqdm

    yield from tqdm(items, desc=what, delay=DELAY, leave=False, disable=None, dynamic_ncols=True)

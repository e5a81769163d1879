"""Figures that are made and not rendered: rendering takes a second each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock


@contextmanager
def unrendered() -> Iterator[None]:
    """Inside, files with one byte stand for pictures. All texts of a figure but those of ticks are
    parsed, so that one that cannot be printed fails here as well."""
    from matplotlib.cbook import is_math_text
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    def save(figure: Figure, path: Any, **_: Any) -> None:
        for text in figure.findobj(Text):
            for line in text.get_text().split("\n"):
                if is_math_text(line):
                    _parsed(line)
        if hasattr(path, "write"):
            path.write(b"-")
        else:
            Path(path).write_bytes(b"-")

    with mock.patch.object(Figure, "savefig", save):
        yield


@cache
def _parsed(line: str) -> None:
    """Raises ValueError where a line is no mathtext."""
    from matplotlib.mathtext import MathTextParser

    MathTextParser("path").parse(line)

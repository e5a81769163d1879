"""A user's setting that must not keep matplotlib from being imported. It is not imported here."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

BACKEND = "MPLBACKEND"


@contextlib.contextmanager
def backend_set_aside() -> Iterator[None]:
    """Inside, matplotlib can be imported whatever backend the environment names.

    The import fails where it names one that is not installed, as Jupyter's variable may. darklat
    draws on canvases of its own. In the end the variable is back, and counts for a caller's own
    figures if matplotlib knows the name.
    """
    chosen = os.environ.pop(BACKEND, None)
    before = "matplotlib" in sys.modules
    try:
        yield
    finally:
        if chosen is not None:
            os.environ[BACKEND] = chosen
            found = sys.modules.get("matplotlib")
            if found is not None and not before:
                with contextlib.suppress(ValueError):
                    found.rcParams["backend"] = chosen

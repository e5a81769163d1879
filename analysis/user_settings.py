"""Settings of a user that must not keep matplotlib from being imported. It is not imported here."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

BACKEND = "MPLBACKEND"
_RC_FILE = "MATPLOTLIBRC"


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


@contextlib.contextmanager
def settings_set_aside() -> Iterator[None]:
    """Inside, matplotlib can be imported whatever files of settings a user has.

    It looks for a matplotlibrc in the current folder before all others. Inside, the current folder
    is therefore another one: this is for an import that has failed without it.
    """
    chosen, folder = os.environ.get(_RC_FILE), os.getcwd()
    try:
        with backend_set_aside(), tempfile.TemporaryDirectory() as empty:
            os.environ[_RC_FILE] = os.devnull
            os.chdir(empty)
            try:
                yield
            finally:
                os.chdir(folder)
    finally:
        os.environ.pop(_RC_FILE, None)
        if chosen is not None:
            os.environ[_RC_FILE] = chosen

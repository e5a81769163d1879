"""Imports matplotlib, whatever the settings of a user are. A module that draws imports this first.

A matplotlibrc that is no text or may not be read, and a backend that is not installed, stop the
import of matplotlib itself. Figures of darklat need none of them.
"""

from __future__ import annotations

import logging
import sys

from darklat.analysis.user_settings import settings_set_aside

try:
    import matplotlib
except ImportError:
    raise
except Exception as error:
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        del sys.modules[name]  # those that were imported until then do not know the new package
    with settings_set_aside():
        import matplotlib  # noqa: F401
    logging.getLogger("darklat").warning(
        "warning: the settings of matplotlib are left out, because they cannot be read: %s", error
    )

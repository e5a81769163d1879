"""pytest.approx without an absolute tolerance; conftest.py puts it in the place of pytest's own.

pytest's own allows 1e-12 beside every relative tolerance. Many numbers here are smaller: b is about
1e-17, and would equal every other such number. A test that compares with zero gives `abs`.
"""

from __future__ import annotations

from typing import Any

import pytest

_OF_PYTEST = pytest.approx


def approx(
    expected: Any, rel: float | None = None, abs: float | None = None, nan_ok: bool = False
) -> Any:
    """pytest.approx, with abs = 0 where none is given. rel is then 1e-6 by default, as there."""
    if abs is None:
        rel, abs = 1e-6 if rel is None else rel, 0.0
    return _OF_PYTEST(expected, rel=rel, abs=abs, nan_ok=nan_ok)

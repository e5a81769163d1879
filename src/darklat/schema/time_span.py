"""Spans of time as people write and read them."""

from __future__ import annotations

import re

_FORMS = (
    (r"(?P<m>\d+(\.\d+)?)", "minutes"),
    (r"(?P<m>\d+):(?P<s>\d+)", "minutes:seconds"),
    (r"(?P<h>\d+):(?P<m>\d+):(?P<s>\d+)", "hours:minutes:seconds"),
    (r"(?P<d>\d+)-(?P<h>\d+)(:(?P<m>\d+)(:(?P<s>\d+))?)?", "days-hours[:minutes[:seconds]]"),
)
_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}


def seconds(text: str) -> float:
    """The seconds of a span of time such as 90, 2:30, 01:02:03 or 1-12.

    Raises ValueError when it is none, or not positive.
    """
    for form, _ in _FORMS:
        if found := re.fullmatch(form, text.strip(), re.ASCII):
            span = sum(_SECONDS[k] * float(v) for k, v in found.groupdict().items() if v)
            if 0 < span < 1e9:
                return span
    forms = ", ".join(name for _, name in _FORMS)
    raise ValueError(f"'{text}' is no span of time: write {forms}; for example 12:00:00")


def duration(seconds: float) -> str:
    """A span of time for a person: 0.3 s, 42 s, 12 min, 3 h 20 min, 2 d 4 h."""
    if 0 < seconds < 1:
        return f"{max(seconds, 0.1):.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"
